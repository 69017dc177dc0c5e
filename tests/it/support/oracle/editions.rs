//! What the editions ask, apart from their rules: threshold, window, the choices they leave.

use super::world::Policies;

/// The two parts of an edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleList {
    /// What makes a patient seen.
    Denominator,
    /// What makes a message or an access count.
    Numerator,
}

/// A choice that an edition leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub name: &'static str,
    /// The part whose rules ask it.
    pub section: RuleList,
    pub choices: &'static [&'static str],
    pub default: &'static str,
}

/// What the numerator has to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    MoreThanPercent(u64),
    AtLeast(u64),
    /// Nothing: it is attested, not calculated.
    Attested,
}

/// The wider window that an edition's numerator names beside the reporting period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtendedWindow {
    None,
    CalendarYear,
    YearToAttestation,
}

/// Every edition: those of the regulation, then how other programs count.
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

/// Whether the numerator is made of accesses, not of messages.
pub fn counts_accesses(edition: &str) -> bool {
    matches!(edition, "stage2-core7m2" | "modstage2-o8m2" | "stage3-o6m1")
}

/// Whether the edition says how another program counts.
pub fn is_peer(edition: &str) -> bool {
    edition.starts_with("like-")
}

/// Whether a message counts for everybody who saw the patient, whoever it was addressed to.
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

/// What the numerator has to reach in a program year. A year before the edition's first is taken like its first, one
/// after its last like its last.
pub fn threshold(edition: &str, year: i32) -> Threshold {
    match edition {
        "modstage2-2015" => Threshold::Attested,
        "modstage2-2016" | "mips-trans-sm1" | "mips-cctpe2" => Threshold::AtLeast(1),
        "modstage2-o8m2" if year <= 2016 => Threshold::AtLeast(1),
        _ => Threshold::MoreThanPercent(5),
    }
}

/// The choices that an edition leaves, with what holds in a program year where none is named.
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

/// The choice for every policy of an edition: the one that is named or, where none is, the default.
pub fn choices(edition: &str, year: i32, named: &Policies) -> Policies {
    let choice = |policy: &Policy| named.get(policy.name).map_or(policy.default, String::as_str).to_owned();
    policies(edition, year).iter().map(|policy| (policy.name.to_owned(), choice(policy))).collect()
}
