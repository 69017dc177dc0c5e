//! The rule sets apart from their rules: thresholds, windows, and policies.

use super::world::Policies;

/// The two rule lists of a rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleList {
    /// The rules about which encounters qualify.
    Denominator,
    /// The rules about which messages or portal accesses qualify.
    Numerator,
}

/// A policy setting that a rule set leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub name: &'static str,
    /// The list whose rules refer to it.
    pub section: RuleList,
    pub choices: &'static [&'static str],
    pub default: &'static str,
}

/// The threshold of the numerator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    MoreThanPercent(u64),
    AtLeast(u64),
    /// None: the measure is attested with yes or no, not calculated.
    Attested,
}

/// The longer window that a rule set's numerator refers to, in addition to the reporting period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtendedWindow {
    None,
    CalendarYear,
    YearToAttestation,
}

/// Every rule set: first those of CMS, then those that reproduce how other programs count.
pub const EDITIONS: [&str; 15] = [
    "stage2-core17",
    "modstage2-2015",
    "modstage2-2016",
    "modstage2-2017",
    "stage3-o6m2",
    "mips-trans-sm1",
    "mips-cctpe2",
    "stage2-core7m2",
    "modstage2-o8m2",
    "stage3-o6m1",
    "like-openemr",
    "like-open-dental",
    "like-open-dental-2017",
    "like-rpms",
    "like-rpms-2017",
];

/// Returns whether the numerator counts portal accesses, not messages.
pub fn counts_accesses(edition: &str) -> bool {
    matches!(edition, "stage2-core7m2" | "modstage2-o8m2" | "stage3-o6m1")
}

/// Returns whether the rule set reproduces how another program counts.
pub fn is_peer(edition: &str) -> bool {
    edition.starts_with("like-")
}

/// Returns whether a message is attributed to every provider who saw the patient, whoever the addressee is.
pub fn is_for_anybody(edition: &str) -> bool {
    matches!(edition, "like-openemr" | "like-open-dental" | "like-rpms")
}

pub fn wider(edition: &str) -> ExtendedWindow {
    match edition {
        "modstage2-2016" | "modstage2-2017" | "stage3-o6m2" | "mips-trans-sm1" | "mips-cctpe2" => {
            ExtendedWindow::CalendarYear
        }
        "modstage2-o8m2" | "stage3-o6m1" => ExtendedWindow::CalendarYear,
        "like-open-dental-2017" | "like-rpms-2017" => ExtendedWindow::CalendarYear,
        "stage2-core7m2" => ExtendedWindow::YearToAttestation,
        _ => ExtendedWindow::None,
    }
}

/// Returns the threshold in a program year. Years before the rule set's first year use its first, and later years its last.
pub fn threshold(edition: &str, year: i32) -> Threshold {
    match edition {
        "modstage2-2015" => Threshold::Attested,
        "modstage2-2016" | "mips-trans-sm1" | "mips-cctpe2" => Threshold::AtLeast(1),
        "modstage2-o8m2" if year <= 2016 => Threshold::AtLeast(1),
        _ => Threshold::MoreThanPercent(5),
    }
}

/// Returns the policies of a rule set, with their defaults in a program year.
pub fn policies(edition: &str, year: i32) -> Vec<Policy> {
    let mut policies = Vec::new();
    if !is_peer(edition) {
        let mut leaves = |name, choices, default| {
            policies.push(Policy { name, section: RuleList::Denominator, choices, default });
        };
        leaves("non-cehrt", &["exclude", "count"], "exclude");
        leaves("hospital", &["exclude", "count"], "exclude");
        leaves("minimal-service", &["exclude", "count"], "exclude");
        leaves("staff-only", &["exclude", "count"], "exclude");
        leaves("supervised", &["exclude", "count"], "exclude");
    }
    let mut leaves = |name, default| {
        let choices = &["exclude", "uncertain", "count"];
        policies.push(Policy { name, section: RuleList::Numerator, choices, default });
    };
    match edition {
        "stage2-core17" => {
            leaves("administrative", "exclude");
            leaves("appointments", "count");
            leaves("pool", "uncertain");
        }
        "modstage2-2016" => {
            leaves("window", "exclude");
            leaves("patient-included", "uncertain");
        }
        "modstage2-2017" => leaves("patient-included", "uncertain"),
        "mips-trans-sm1" => {
            leaves("window", "uncertain");
            leaves("patient-included", "uncertain");
        }
        "mips-cctpe2" => {
            leaves("window", "uncertain");
            leaves("patient-included", if year >= 2018 { "count" } else { "uncertain" });
        }
        "modstage2-o8m2" => {
            leaves("window", if year >= 2017 { "count" } else { "exclude" });
            leaves("api", if year >= 2017 { "count" } else { "exclude" });
        }
        _ => {}
    }
    if matches!(
        edition,
        "modstage2-2016" | "modstage2-2017" | "stage3-o6m2" | "mips-trans-sm1" | "mips-cctpe2"
    ) {
        leaves("administrative", "exclude");
        leaves("automated", "count");
        leaves("team-sent", "uncertain");
    }
    policies
}

/// Returns the setting of every policy of a rule set: the named one or, without one, the default.
pub fn choices(edition: &str, year: i32, named: &Policies) -> Policies {
    let choice = |policy: &Policy| named.get(policy.name).map_or(policy.default, String::as_str).to_owned();
    policies(edition, year).iter().map(|policy| (policy.name.to_owned(), choice(policy))).collect()
}
