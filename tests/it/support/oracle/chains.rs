//! The rules: which one decides a row whose words are all known, and what it says.

use super::editions::Section;
use super::world::Policies;

/// A row whose words are all known, by the names of its columns.
pub type Words<'r, 'w> = &'r dyn Fn(&str) -> &'w str;

/// What a rule says of a row: the set of answers, as (may be out, may be in).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Answers {
    pub out: bool,
    pub yes: bool,
}

pub const OUT: Answers = Answers { out: true, yes: false };
pub const IN: Answers = Answers { out: false, yes: true };
pub const UNCERTAIN: Answers = Answers { out: true, yes: true };

/// What a policy makes of a row; none where it takes the rule away.
fn chosen(policies: &Policies, name: &str) -> Option<Answers> {
    match policies[name].as_str() {
        "exclude" => Some(OUT),
        "uncertain" => Some(UNCERTAIN),
        _ => None,
    }
}

/// The rule that decides a row, and what it says, for a row whose words are all known. `policies` has the choice for
/// every policy of the edition.
///
/// # Panics
/// When there is no such edition.
pub fn decide(
    edition: &str,
    section: Section,
    policies: &Policies,
    row: Words<'_, '_>,
) -> (&'static str, Answers) {
    match (section, edition) {
        (Section::Denominator, "like-openemr") => seen_like_openemr(row),
        (Section::Denominator, "like-open-dental" | "like-open-dental-2017") => seen_like_open_dental(row),
        (Section::Denominator, "like-rpms" | "like-rpms-2017") => seen_like_rpms(row),
        (Section::Denominator, _) => seen(policies, row),
        (Section::Numerator, "stage2-core17") => patient_writes(policies, row),
        (Section::Numerator, "modstage2-2015") => either_writes(row),
        (
            Section::Numerator,
            "modstage2-2016" | "modstage2-2017" | "stage3-o6m2" | "mips-trans-sm1" | "mips-cctpe2",
        ) => provider_writes(edition, policies, row),
        (Section::Numerator, "stage2-core7m2" | "modstage2-o8m2" | "stage3-o6m1") => {
            patient_looks(edition, policies, row)
        }
        (Section::Numerator, "like-openemr") => writes_like_openemr(row),
        (Section::Numerator, "like-open-dental") => writes_like_open_dental(row),
        (Section::Numerator, "like-open-dental-2017") => writes_like_open_dental_2017(row),
        (Section::Numerator, "like-rpms") => writes_like_rpms(row),
        (Section::Numerator, "like-rpms-2017") => writes_like_rpms_2017(row),
        (Section::Numerator, other) => panic!("there is no edition {other}"),
    }
}

/// The denominator of every edition of the regulation.
fn seen(policies: &Policies, row: Words<'_, '_>) -> (&'static str, Answers) {
    let (status, kind) = (row("status"), row("kind"));
    if matches!(status, "scheduled" | "cancelled" | "no-show" | "entered-in-error") {
        return ("not-held", OUT);
    }
    if row("day") != "inside" {
        return ("seen-outside-period", OUT);
    }
    if row("cehrt") == "no"
        && let Some(answers) = chosen(policies, "non-cehrt")
    {
        return ("non-cehrt", answers);
    }
    if matches!(kind, "inpatient" | "emergency")
        && let Some(answers) = chosen(policies, "hospital")
    {
        return ("hospital", answers);
    }
    if matches!(kind, "telephone" | "ancillary")
        && let Some(answers) = chosen(policies, "minimal-service")
    {
        return ("minimal-service", answers);
    }
    if row("seen_by") == "clinical-staff"
        && let Some(answers) = chosen(policies, "staff-only")
    {
        return ("staff-only", answers);
    }
    if row("seen_by") == "supervised"
        && let Some(answers) = chosen(policies, "supervised")
    {
        return ("supervised", answers);
    }
    if status == "in-progress" {
        return ("in-progress", UNCERTAIN);
    }
    if kind == "other" {
        return ("kind-other", UNCERTAIN);
    }
    ("in", IN)
}

/// Stage 2 of 2014: the patient writes to the provider.
fn patient_writes(policies: &Policies, row: Words<'_, '_>) -> (&'static str, Answers) {
    let (recipient, topic) = (row("recipient"), row("topic"));
    if matches!(row("status"), "draft" | "deleted" | "failed") {
        return ("not-sent", OUT);
    }
    if matches!(row("sender"), "provider" | "care-team" | "staff" | "system") {
        return ("not-from-patient", OUT);
    }
    if row("day") != "inside" {
        return ("sent-outside-period", OUT);
    }
    if row("certified") == "no" {
        return ("channel-not-certified", OUT);
    }
    if matches!(recipient, "staff" | "patient" | "representative" | "system") {
        return ("not-to-provider", OUT);
    }
    if matches!(topic, "billing" | "administrative")
        && let Some(answers) = chosen(policies, "administrative")
    {
        return ("not-clinical", answers);
    }
    if topic == "record-request" {
        return ("record-request", UNCERTAIN);
    }
    if topic == "appointment-request"
        && recipient == "provider"
        && let Some(answers) = chosen(policies, "appointments")
    {
        return ("appointment-request", answers);
    }
    if topic == "appointment-request" && recipient == "care-team" {
        return ("appointment-to-pool", OUT);
    }
    if recipient == "care-team"
        && let Some(answers) = chosen(policies, "pool")
    {
        return ("pool", answers);
    }
    if topic == "other" {
        return ("topic-other", UNCERTAIN);
    }
    ("counts", IN)
}

/// Modified Stage 2 of 2015: any message with the patient shows that the function was in use.
fn either_writes(row: Words<'_, '_>) -> (&'static str, Answers) {
    if matches!(row("status"), "draft" | "deleted" | "failed") {
        return ("not-sent", OUT);
    }
    if row("day") != "inside" {
        return ("sent-outside-period", OUT);
    }
    if row("certified") == "no" {
        return ("channel-not-certified", OUT);
    }
    let is_patients_side = |party| matches!(party, "patient" | "representative");
    if !is_patients_side(row("sender")) && !is_patients_side(row("recipient")) {
        return ("not-with-patient", OUT);
    }
    ("counts", IN)
}

/// 2016 and later: the provider writes to the patient. Stage 3, and its counterpart in MIPS, also know messages to
/// another provider that include the patient; the others leave these to a policy.
fn provider_writes(edition: &str, policies: &Policies, row: Words<'_, '_>) -> (&'static str, Answers) {
    let (sender, recipient, day) = (row("sender"), row("recipient"), row("day"));
    if matches!(row("status"), "draft" | "deleted" | "failed") {
        return ("not-sent", OUT);
    }
    if matches!(sender, "patient" | "representative") {
        return ("from-patient", OUT);
    }
    if day == "outside" {
        return ("sent-outside-year", OUT);
    }
    if matches!(edition, "modstage2-2016" | "mips-trans-sm1" | "mips-cctpe2")
        && day == "around"
        && let Some(answers) = chosen(policies, "window")
    {
        return ("sent-outside-period", answers);
    }
    if row("certified") == "no" {
        return ("channel-not-certified", OUT);
    }
    if matches!(recipient, "staff" | "system") {
        return ("not-to-patient", OUT);
    }
    if matches!(recipient, "provider" | "care-team") && row("patient_included") == "no" {
        return ("patient-not-included", OUT);
    }
    // Modified Stage 2 names only the patient's side, so the policy decides before anything is said of a care team.
    if matches!(edition, "modstage2-2016" | "modstage2-2017" | "mips-trans-sm1")
        && matches!(recipient, "provider" | "care-team")
        && let Some(answers) = chosen(policies, "patient-included")
    {
        return ("provider-to-provider", answers);
    }
    if recipient == "care-team" {
        return ("between-care-team", UNCERTAIN);
    }
    if edition == "mips-cctpe2"
        && recipient == "provider"
        && let Some(answers) = chosen(policies, "patient-included")
    {
        return ("provider-to-provider", answers);
    }
    if matches!(row("topic"), "billing" | "administrative")
        && let Some(answers) = chosen(policies, "administrative")
    {
        return ("not-clinical", answers);
    }
    if sender == "system"
        && let Some(answers) = chosen(policies, "automated")
    {
        return ("automated", answers);
    }
    if matches!(sender, "care-team" | "staff")
        && let Some(answers) = chosen(policies, "team-sent")
    {
        return ("team-sent", answers);
    }
    ("counts", IN)
}

/// View, download, transmit: the patient looks at the record in the portal.
fn patient_looks(edition: &str, policies: &Policies, row: Words<'_, '_>) -> (&'static str, Answers) {
    let (action, day) = (row("action"), row("day"));
    if matches!(row("actor"), "provider" | "care-team" | "staff" | "system") {
        return ("not-by-patient", OUT);
    }
    if day == "outside" {
        let stage2 = edition == "stage2-core7m2";
        return (if stage2 { "accessed-outside-window" } else { "accessed-outside-year" }, OUT);
    }
    if edition == "modstage2-o8m2"
        && day == "around"
        && let Some(answers) = chosen(policies, "window")
    {
        return ("accessed-outside-period", answers);
    }
    if action == "sign-in" {
        return ("signed-in-only", OUT);
    }
    if action == "api" && edition == "stage2-core7m2" {
        return ("api", OUT);
    }
    if action == "api"
        && edition == "modstage2-o8m2"
        && let Some(answers) = chosen(policies, "api")
    {
        return ("api", answers);
    }
    if action == "other" {
        return ("action-other", UNCERTAIN);
    }
    ("counts", IN)
}

/// OpenEMR: any encounter on a day of the period, whatever became of it.
fn seen_like_openemr(row: Words<'_, '_>) -> (&'static str, Answers) {
    if row("day") != "inside" {
        return ("seen-outside-period", OUT);
    }
    ("in", IN)
}

/// OpenEMR: any note that the patient wrote on a day of the period.
fn writes_like_openemr(row: Words<'_, '_>) -> (&'static str, Answers) {
    if matches!(row("sender"), "representative" | "provider" | "care-team" | "staff" | "system") {
        return ("not-from-patient", OUT);
    }
    if row("day") != "inside" {
        return ("sent-outside-period", OUT);
    }
    ("counts", IN)
}

/// Open Dental: any completed procedure on a day of the period.
fn seen_like_open_dental(row: Words<'_, '_>) -> (&'static str, Answers) {
    if matches!(row("status"), "in-progress" | "scheduled" | "cancelled" | "no-show" | "entered-in-error") {
        return ("not-complete", OUT);
    }
    if row("day") != "inside" {
        return ("seen-outside-period", OUT);
    }
    ("in", IN)
}

/// Open Dental in Stage 2: any web mail from the patient's side, of any day.
fn writes_like_open_dental(row: Words<'_, '_>) -> (&'static str, Answers) {
    if matches!(row("sender"), "provider" | "care-team" | "staff" | "system") {
        return ("not-from-patient", OUT);
    }
    if row("certified") == "no" {
        return ("not-web-mail", OUT);
    }
    ("counts", IN)
}

/// Open Dental from Modified Stage 2 on: any web mail to the patient's side in the calendar year.
fn writes_like_open_dental_2017(row: Words<'_, '_>) -> (&'static str, Answers) {
    if matches!(row("status"), "draft" | "deleted" | "failed") {
        return ("not-sent", OUT);
    }
    if matches!(row("sender"), "patient" | "representative") {
        return ("from-patient", OUT);
    }
    if row("day") == "outside" {
        return ("sent-outside-year", OUT);
    }
    if row("certified") == "no" {
        return ("not-web-mail", OUT);
    }
    if matches!(row("recipient"), "provider" | "care-team" | "staff" | "system") {
        return ("not-to-patient", OUT);
    }
    ("counts", IN)
}

/// RPMS: a visit of an ambulatory category.
fn seen_like_rpms(row: Words<'_, '_>) -> (&'static str, Answers) {
    let kind = row("kind");
    if matches!(row("status"), "scheduled" | "cancelled" | "no-show" | "entered-in-error") {
        return ("not-held", OUT);
    }
    if row("day") != "inside" {
        return ("seen-outside-period", OUT);
    }
    if matches!(kind, "inpatient" | "emergency" | "telephone" | "ancillary") {
        return ("not-ambulatory", OUT);
    }
    if row("seen_by") == "clinical-staff" {
        return ("staff-only", OUT);
    }
    if matches!(kind, "nursing-facility" | "other") {
        return ("category-unclear", UNCERTAIN);
    }
    ("in", IN)
}

/// RPMS in Stage 2: the patient's side used secure messaging in the period.
fn writes_like_rpms(row: Words<'_, '_>) -> (&'static str, Answers) {
    if matches!(row("sender"), "provider" | "care-team" | "staff" | "system") {
        return ("not-from-patient", OUT);
    }
    if row("day") != "inside" {
        return ("sent-outside-period", OUT);
    }
    if row("certified") == "no" {
        return ("channel-not-certified", OUT);
    }
    ("counts", IN)
}

/// RPMS from Modified Stage 2 on: secure messaging was used between the two in the calendar year, either way.
fn writes_like_rpms_2017(row: Words<'_, '_>) -> (&'static str, Answers) {
    if matches!(row("status"), "draft" | "deleted" | "failed") {
        return ("not-sent", OUT);
    }
    let is_patients_side = |party| matches!(party, "patient" | "representative");
    if !is_patients_side(row("sender")) && !is_patients_side(row("recipient")) {
        return ("not-with-patient", OUT);
    }
    if row("day") == "outside" {
        return ("sent-outside-year", OUT);
    }
    if row("certified") == "no" {
        return ("channel-not-certified", OUT);
    }
    ("counts", IN)
}
