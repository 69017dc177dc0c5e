//! The rules: finds the rule that decides a row with only known values, and its answer.

use super::editions::RuleList;
use super::world::Policies;

/// A row with only known values, by column name.
pub type Words<'r, 'w> = &'r dyn Fn(&str) -> &'w str;

/// A rule's set of possible answers: whether the row can fail to qualify, and whether it can qualify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Answers {
    pub out: bool,
    pub yes: bool,
}

pub const OUT: Answers = Answers { out: true, yes: false };
pub const IN: Answers = Answers { out: false, yes: true };
pub const UNCERTAIN: Answers = Answers { out: true, yes: true };

/// The rules of a list that match a row, in the order of the rule set.
#[derive(Default)]
struct Chain(Vec<(&'static str, Answers)>);

impl Chain {
    /// Adds a rule whose answer does not depend on a policy.
    fn rule(&mut self, id: &'static str, says: Answers, fits: bool) {
        self.0.extend(fits.then_some((id, says)));
    }

    /// Adds a rule whose answer is a policy setting, which may also turn the rule off.
    fn policy(&mut self, id: &'static str, policies: &Policies, name: &str, fits: bool) {
        match fits.then(|| policies[name].as_str()) {
            Some("exclude") => self.rule(id, OUT, true),
            Some("uncertain") => self.rule(id, UNCERTAIN, true),
            _ => {}
        }
    }

    /// Returns the deciding rule: the first match that rules the row out; otherwise, the first match that leaves it unresolved; otherwise,
    /// the last rule.
    fn last(self, id: &'static str, says: Answers) -> (&'static str, Answers) {
        let first = |says: Answers| self.0.iter().find(|(_, known)| *known == says).copied();
        first(OUT).or_else(|| first(UNCERTAIN)).unwrap_or((id, says))
    }
}

/// Returns the rule that decides a row with only known values, and its answer. `policies` has the setting of every policy of the rule set.
///
/// # Panics
/// If the rule set does not exist.
pub fn decide(
    edition: &str,
    section: RuleList,
    policies: &Policies,
    row: Words<'_, '_>,
) -> (&'static str, Answers) {
    match (section, edition) {
        (RuleList::Denominator, "like-openemr") => seen_like_openemr(row),
        (RuleList::Denominator, "like-open-dental" | "like-open-dental-2017") => seen_like_open_dental(row),
        (RuleList::Denominator, "like-rpms" | "like-rpms-2017") => seen_like_rpms(row),
        (RuleList::Denominator, _) => seen(policies, row),
        (RuleList::Numerator, "stage2-core17") => patient_writes(policies, row),
        (RuleList::Numerator, "modstage2-2015") => either_writes(row),
        (
            RuleList::Numerator,
            "modstage2-2016" | "modstage2-2017" | "stage3-o6m2" | "mips-trans-sm1" | "mips-cctpe2",
        ) => provider_writes(edition, policies, row),
        (RuleList::Numerator, "stage2-core7m2" | "modstage2-o8m2" | "stage3-o6m1") => {
            patient_looks(edition, policies, row)
        }
        (RuleList::Numerator, "like-openemr") => writes_like_openemr(row),
        (RuleList::Numerator, "like-open-dental") => writes_like_open_dental(row),
        (RuleList::Numerator, "like-open-dental-2017") => writes_like_open_dental_2017(row),
        (RuleList::Numerator, "like-rpms") => writes_like_rpms(row),
        (RuleList::Numerator, "like-rpms-2017") => writes_like_rpms_2017(row),
        (RuleList::Numerator, other) => panic!("there is no edition {other}"),
    }
}

/// The denominator rules of every CMS rule set.
fn seen(policies: &Policies, row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    let (status, kind) = (row("status"), row("kind"));
    chain.rule("not-held", OUT, matches!(status, "scheduled" | "cancelled" | "no-show" | "entered-in-error"));
    chain.rule("seen-outside-period", OUT, row("day") != "inside");
    chain.policy("non-cehrt", policies, "non-cehrt", row("cehrt") == "no");
    chain.policy("hospital", policies, "hospital", matches!(kind, "inpatient" | "emergency"));
    chain.policy("minimal-service", policies, "minimal-service", matches!(kind, "telephone" | "ancillary"));
    chain.policy("staff-only", policies, "staff-only", row("seen_by") == "clinical-staff");
    chain.policy("supervised", policies, "supervised", row("seen_by") == "supervised");
    chain.rule("in-progress", UNCERTAIN, status == "in-progress");
    chain.rule("kind-other", UNCERTAIN, kind == "other");
    chain.last("in", IN)
}

/// Stage 2 of 2014: the patient writes to the provider.
fn patient_writes(policies: &Policies, row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    let (recipient, topic) = (row("recipient"), row("topic"));
    chain.rule("not-sent", OUT, matches!(row("status"), "draft" | "deleted" | "failed"));
    chain.rule(
        "not-from-patient",
        OUT,
        matches!(row("sender"), "provider" | "care-team" | "staff" | "system"),
    );
    chain.rule("sent-outside-period", OUT, row("day") != "inside");
    chain.rule("channel-not-certified", OUT, row("certified") == "no");
    chain.rule(
        "not-to-provider",
        OUT,
        matches!(recipient, "staff" | "patient" | "representative" | "system"),
    );
    chain.policy("not-clinical", policies, "administrative", matches!(topic, "billing" | "administrative"));
    chain.rule("record-request", UNCERTAIN, topic == "record-request");
    chain.policy(
        "appointment-request",
        policies,
        "appointments",
        topic == "appointment-request" && recipient == "provider",
    );
    chain.rule("appointment-to-pool", OUT, topic == "appointment-request" && recipient == "care-team");
    chain.policy("pool", policies, "pool", recipient == "care-team");
    chain.rule("topic-other", UNCERTAIN, topic == "other");
    chain.last("counts", IN)
}

/// Modified Stage 2 of 2015: any message with the patient shows that the function was in use.
fn either_writes(row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    chain.rule("not-sent", OUT, matches!(row("status"), "draft" | "deleted" | "failed"));
    chain.rule("sent-outside-period", OUT, row("day") != "inside");
    chain.rule("channel-not-certified", OUT, row("certified") == "no");
    let is_patients_side = |party| matches!(party, "patient" | "representative");
    chain.rule(
        "not-with-patient",
        OUT,
        !is_patients_side(row("sender")) && !is_patients_side(row("recipient")),
    );
    chain.last("counts", IN)
}

/// 2016 and later: the provider writes to the patient. Stage 3, and its counterpart in MIPS, also cover messages to another provider that
/// include the patient. The other rule sets leave these to a policy.
fn provider_writes(edition: &str, policies: &Policies, row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    let (sender, recipient, day) = (row("sender"), row("recipient"), row("day"));
    chain.rule("not-sent", OUT, matches!(row("status"), "draft" | "deleted" | "failed"));
    chain.rule("from-patient", OUT, matches!(sender, "patient" | "representative"));
    chain.rule("sent-outside-year", OUT, day == "outside");
    chain.rule("channel-not-certified", OUT, row("certified") == "no");
    chain.rule("not-to-patient", OUT, matches!(recipient, "staff" | "system"));
    chain.rule(
        "patient-not-included",
        OUT,
        matches!(recipient, "provider" | "care-team") && row("patient_included") == "no",
    );
    chain.policy(
        "not-clinical",
        policies,
        "administrative",
        matches!(row("topic"), "billing" | "administrative"),
    );
    chain.policy(
        "sent-outside-period",
        policies,
        "window",
        matches!(edition, "modstage2-2016" | "mips-trans-sm1" | "mips-cctpe2") && day == "around",
    );
    // Modified Stage 2 names only the patient's side, so the policy applies before the rule about care teams.
    chain.policy(
        "provider-to-provider",
        policies,
        "patient-included",
        matches!(edition, "modstage2-2016" | "modstage2-2017" | "mips-trans-sm1")
            && matches!(recipient, "provider" | "care-team"),
    );
    chain.rule("between-care-team", UNCERTAIN, recipient == "care-team");
    chain.policy(
        "provider-to-provider",
        policies,
        "patient-included",
        edition == "mips-cctpe2" && recipient == "provider",
    );
    chain.policy("automated", policies, "automated", sender == "system");
    chain.policy("team-sent", policies, "team-sent", matches!(sender, "care-team" | "staff"));
    chain.last("counts", IN)
}

/// View, download, or transmit: the patient opens the record in the portal.
fn patient_looks(edition: &str, policies: &Policies, row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    let (action, day) = (row("action"), row("day"));
    chain.rule("not-by-patient", OUT, matches!(row("actor"), "provider" | "care-team" | "staff" | "system"));
    let stage2 = edition == "stage2-core7m2";
    chain.rule(
        if stage2 { "accessed-outside-window" } else { "accessed-outside-year" },
        OUT,
        day == "outside",
    );
    chain.rule("signed-in-only", OUT, action == "sign-in");
    chain.policy(
        "accessed-outside-period",
        policies,
        "window",
        edition == "modstage2-o8m2" && day == "around",
    );
    chain.rule("api", OUT, action == "api" && edition == "stage2-core7m2");
    chain.policy("api", policies, "api", action == "api" && edition == "modstage2-o8m2");
    chain.rule("action-other", UNCERTAIN, action == "other");
    chain.last("counts", IN)
}

/// OpenEMR: any encounter on a day of the period, whatever its status.
fn seen_like_openemr(row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    chain.rule("seen-outside-period", OUT, row("day") != "inside");
    chain.last("in", IN)
}

/// OpenEMR: any note that the patient wrote on a day of the period.
fn writes_like_openemr(row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    chain.rule(
        "not-from-patient",
        OUT,
        matches!(row("sender"), "representative" | "provider" | "care-team" | "staff" | "system"),
    );
    chain.rule("sent-outside-period", OUT, row("day") != "inside");
    chain.last("counts", IN)
}

/// Open Dental: any completed procedure on a day of the period.
fn seen_like_open_dental(row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    chain.rule(
        "not-complete",
        OUT,
        matches!(row("status"), "in-progress" | "scheduled" | "cancelled" | "no-show" | "entered-in-error"),
    );
    chain.rule("seen-outside-period", OUT, row("day") != "inside");
    chain.last("in", IN)
}

/// Open Dental in Stage 2: any web mail from the patient's side, on any day.
fn writes_like_open_dental(row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    chain.rule(
        "not-from-patient",
        OUT,
        matches!(row("sender"), "provider" | "care-team" | "staff" | "system"),
    );
    chain.rule("not-web-mail", OUT, row("certified") == "no");
    chain.last("counts", IN)
}

/// Open Dental since Modified Stage 2: any web mail to the patient's side in the calendar year.
fn writes_like_open_dental_2017(row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    chain.rule("not-sent", OUT, matches!(row("status"), "draft" | "deleted" | "failed"));
    chain.rule("from-patient", OUT, matches!(row("sender"), "patient" | "representative"));
    chain.rule("sent-outside-year", OUT, row("day") == "outside");
    chain.rule("not-web-mail", OUT, row("certified") == "no");
    chain.rule(
        "not-to-patient",
        OUT,
        matches!(row("recipient"), "provider" | "care-team" | "staff" | "system"),
    );
    chain.last("counts", IN)
}

/// RPMS: a visit of an ambulatory category.
fn seen_like_rpms(row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    let kind = row("kind");
    chain.rule(
        "not-held",
        OUT,
        matches!(row("status"), "scheduled" | "cancelled" | "no-show" | "entered-in-error"),
    );
    chain.rule("seen-outside-period", OUT, row("day") != "inside");
    chain.rule("not-ambulatory", OUT, matches!(kind, "inpatient" | "emergency" | "telephone" | "ancillary"));
    chain.rule("staff-only", OUT, row("seen_by") == "clinical-staff");
    chain.rule("category-unclear", UNCERTAIN, matches!(kind, "nursing-facility" | "other"));
    chain.last("in", IN)
}

/// RPMS in Stage 2: the patient's side used secure messaging in the period.
fn writes_like_rpms(row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    chain.rule(
        "not-from-patient",
        OUT,
        matches!(row("sender"), "provider" | "care-team" | "staff" | "system"),
    );
    chain.rule("sent-outside-period", OUT, row("day") != "inside");
    chain.rule("channel-not-certified", OUT, row("certified") == "no");
    chain.last("counts", IN)
}

/// RPMS since Modified Stage 2: the provider and the patient used secure messaging in the calendar year, in either direction.
fn writes_like_rpms_2017(row: Words<'_, '_>) -> (&'static str, Answers) {
    let mut chain = Chain::default();
    chain.rule("not-sent", OUT, matches!(row("status"), "draft" | "deleted" | "failed"));
    let is_patients_side = |party| matches!(party, "patient" | "representative");
    chain.rule(
        "not-with-patient",
        OUT,
        !is_patients_side(row("sender")) && !is_patients_side(row("recipient")),
    );
    chain.rule("sent-outside-year", OUT, row("day") == "outside");
    chain.rule("channel-not-certified", OUT, row("certified") == "no");
    chain.last("counts", IN)
}
