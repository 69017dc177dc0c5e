//! Compares two runs.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{
    DataFrame, DataFrameJoinOps, JoinArgs, JoinCoalesce, JoinType, PolarsResult, SortMultipleOptions, df,
};

use mucalc_core::domain::diff::{
    Diff, InputChange, MatchStatus, MembershipChange, MembershipSnapshot, PatientChange, ProviderChange,
    ProviderCounts, SettingChange,
};
use mucalc_core::domain::record::NO_MESSAGE;
use mucalc_core::domain::report::SCHEMA_VERSION;
use mucalc_core::domain::saved_run::{
    PastBounds, PastChoice, PastInput, PastProvider, PastReport, PastRow, SavedRun,
};
use mucalc_core::domain::tool::ToolVersion;
use mucalc_core::edition;
use mucalc_core::edition::model::{RuleEffect, RuleList};

/// Returns what changed from one run to another.
///
/// # Errors
/// If a data frame cannot be built, which is a bug.
pub fn diff(a: &SavedRun, b: &SavedRun, tool: ToolVersion) -> PolarsResult<Diff> {
    let settings = settings(&a.report, &b.report);
    let inputs = inputs(&a.report, &b.report);
    let suspects = CandidateCauses::new(&settings, &inputs, &a.report, &b.report);
    let ledgers = a.ledger.as_deref().zip(b.ledger.as_deref());
    let patients = ledgers.map(|(a, b)| patients(a, b, &suspects)).transpose()?;
    Ok(Diff {
        schema_version: SCHEMA_VERSION,
        tool,
        a: a.name.clone(),
        b: b.name.clone(),
        providers: providers(&a.report, &b.report),
        patients_compared: ledgers.is_some(),
        tried: false,
        patients: patients.unwrap_or_default(),
        settings,
        inputs,
    })
}

/// A function that returns the value of a setting in a report.
type Setting<'s> = &'s dyn Fn(&PastReport) -> Option<String>;

fn settings(a: &PastReport, b: &PastReport) -> Vec<SettingChange> {
    let period = |of: &PastReport| Some(format!("{}..{}", of.period.first, of.period.last));
    let channels = |of: &PastReport| {
        let channel = |channel: &mucalc_core::domain::saved_run::PastChannel| {
            let certified = if channel.certified { "certified" } else { "not certified" };
            let from = channel.from.as_ref().map_or(String::new(), |day| format!(" from {day}"));
            let until = channel.until.as_ref().map_or(String::new(), |day| format!(" until {day}"));
            format!("{}: {certified}{from}{until}", channel.name)
        };
        Some(of.channels.iter().map(channel).collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty())
    };
    let locations = |of: &PastReport| {
        let location = |(name, certified): (&String, &bool)| format!("{name}: {certified}");
        Some(of.locations.iter().map(location).collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty())
    };
    // The same rule set id may have another text in a later version of `mucalc`, so the checksum is compared too.
    let edition = |of: &PastReport| match a.edition.id == b.edition.id {
        true => Some(format!("{} ({})", of.edition.id, of.edition.sha256)),
        false => Some(of.edition.id.clone()),
    };
    let vocabulary = |of: &PastReport| {
        let are_known = !a.vocabulary_sha256.is_empty() && !b.vocabulary_sha256.is_empty();
        are_known.then(|| of.vocabulary_sha256.clone())
    };
    let all: [(&str, Setting<'_>); 10] = [
        ("vocabulary", &vocabulary),
        ("edition", &edition),
        ("period", &period),
        ("timezone", &|of| of.timezone.clone()),
        ("attested", &|of| of.attested.clone()),
        ("credit", &|of| Some(of.credit.clone())),
        ("layout", &|of| Some(of.layout.clone())),
        ("channels", &channels),
        ("locations", &locations),
        ("version", &|of| Some(of.tool.version.clone())),
    ];
    let mut changes: Vec<SettingChange> =
        all.iter().map(|(what, of)| SettingChange { what: (*what).to_owned(), a: of(a), b: of(b) }).collect();
    let names: BTreeSet<&String> = a.policies.keys().chain(b.policies.keys()).collect();
    changes.extend(names.into_iter().map(|name| SettingChange {
        what: format!("policy:{name}"),
        a: a.policies.get(name).cloned(),
        b: b.policies.get(name).cloned(),
    }));
    if let (Some(of_a), Some(of_b)) = (choices(a), choices(b)) {
        let names: BTreeSet<&String> = of_a.keys().chain(of_b.keys()).collect();
        changes.extend(names.into_iter().map(|name| SettingChange {
            what: format!("{CHOICE}{name}"),
            a: of_a.get(name).cloned(),
            b: of_b.get(name).cloned(),
        }));
    }
    // A policy of only one of two rule sets adds nothing to the fact that the rule sets differ.
    let is_other = a.edition.id != b.edition.id;
    let is_of_one = |change: &SettingChange| {
        is_other && change.what.starts_with("policy:") && (change.a.is_none() || change.b.is_none())
    };
    changes.retain(|change| change.a != change.b && !is_of_one(change));
    changes
}

/// The prefix of the name of a choice.
const CHOICE: &str = "choice:";

/// Choices that cannot change a row of a ledger.
const WITHOUT_ROWS: [&str; 3] = ["choice:any-year", "choice:participant", "choice:unusable"];

/// Returns the choices of a report by their names, such as `versions` or `topics.refill`; `None` if it does not list them.
fn choices(report: &PastReport) -> Option<BTreeMap<String, String>> {
    let choice = |choice: &PastChoice| {
        let of = choice.of.as_ref().map_or(String::new(), |of| format!(".{of}"));
        (format!("{}{of}", choice.key), choice.value.clone())
    };
    Some(report.choices.as_ref()?.iter().map(choice).collect())
}

fn inputs(a: &PastReport, b: &PastReport) -> Vec<InputChange> {
    let of = |report: &'_ PastReport, role: &str| -> Vec<PastInput> {
        report.inputs.iter().filter(|input| input.role == role).cloned().collect()
    };
    let roles: BTreeSet<&str> = a.inputs.iter().chain(&b.inputs).map(|input| input.role.as_str()).collect();
    let change = |role: &str| {
        let (a, b) = (of(a, role), of(b, role));
        let rows = |inputs: &[PastInput]| inputs.iter().map(|input| input.rows).sum();
        InputChange { role: role.to_owned(), rows_a: rows(&a), rows_b: rows(&b), same: same(&a, &b) }
    };
    roles.into_iter().map(change).collect()
}

/// Compares the bytes of inputs, regardless of their order and names.
fn same(a: &[PastInput], b: &[PastInput]) -> MatchStatus {
    let sizes = |inputs: &[PastInput]| {
        let mut sizes: Vec<_> = inputs.iter().map(|input| (input.bytes, input.rows)).collect();
        sizes.sort_unstable();
        sizes
    };
    let digests = |inputs: &[PastInput]| -> Option<Vec<String>> {
        let mut digests: Vec<String> =
            inputs.iter().map(|input| input.sha256.clone()).collect::<Option<_>>()?;
        digests.sort_unstable();
        Some(digests)
    };
    match (digests(a), digests(b)) {
        _ if a.iter().chain(b).any(|input| input.rows.is_none()) => MatchStatus::NotKnown,
        _ if sizes(a) != sizes(b) => MatchStatus::Changed,
        (Some(a), Some(b)) if a == b => MatchStatus::Same,
        (Some(_), Some(_)) => MatchStatus::Changed,
        _ => MatchStatus::NotKnown,
    }
}

fn providers(a: &PastReport, b: &PastReport) -> Vec<ProviderChange> {
    let by_id = |report: &PastReport| -> BTreeMap<String, ProviderCounts> {
        report.providers.iter().map(|provider| (provider.provider_id.clone(), figures(provider))).collect()
    };
    let (a, b) = (by_id(a), by_id(b));
    let ids: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let change = |id: &String| {
        let (a, b) = (a.get(id).cloned(), b.get(id).cloned());
        let verdict = |of: &Option<ProviderCounts>| of.as_ref().map(|of| of.verdict.clone());
        let verdict_changed = verdict(&a) != verdict(&b);
        // Counts that one of the runs withholds cannot be compared.
        let is_withheld =
            |of: &Option<ProviderCounts>| of.as_ref().is_some_and(|of| of.numerator == WITHHELD);
        let differs = if is_withheld(&a) || is_withheld(&b) { verdict_changed } else { a != b };
        differs.then(|| ProviderChange { provider_id: id.clone(), a, b, verdict_changed })
    };
    ids.into_iter().filter_map(change).collect()
}

/// The text that replaces counts withheld from a redacted pack.
const WITHHELD: &str = "withheld";

fn figures(provider: &PastProvider) -> ProviderCounts {
    let bounds = |bounds: Option<PastBounds>| match bounds {
        Some(PastBounds { least: Some(least), most: Some(most) }) if least == most => least.to_string(),
        Some(PastBounds { least: Some(least), most: Some(most) }) => format!("{least}-{most}"),
        _ => WITHHELD.to_owned(),
    };
    ProviderCounts {
        numerator: bounds(provider.numerator),
        denominator: bounds(provider.denominator),
        verdict: provider.verdict.clone(),
    }
}

/// Returns the pairs of provider and patient whose membership changed, including pairs that only one ledger has.
fn patients(a: &[PastRow], b: &[PastRow], suspects: &CandidateCauses) -> PolarsResult<Vec<PatientChange>> {
    let args = JoinArgs { coalesce: JoinCoalesce::CoalesceColumns, ..JoinArgs::new(JoinType::Full) };
    let pairs = frame(a, "a")?.join(&frame(b, "b")?, PAIR, PAIR, args, None)?;
    let pairs = pairs.sort(PAIR, SortMultipleOptions::default())?;
    let rows = pairs.column("a")?.u32()?.iter().zip(pairs.column("b")?.u32()?.iter());
    let changes = rows.filter_map(|(at_a, at_b)| {
        patient(at_a.map(|at| &a[at as usize]), at_b.map(|at| &b[at as usize]), suspects)
    });
    Ok(changes.collect())
}

/// The columns of the key of a ledger row.
const PAIR: [&str; 2] = ["provider_id", "patient_id"];

/// Returns the keys of a ledger's rows, and the positions of the rows in a column with this name.
fn frame(rows: &[PastRow], name: &str) -> PolarsResult<DataFrame> {
    df!(
        "provider_id" => rows.iter().map(|row| &*row.provider_id).collect::<Vec<&str>>(),
        "patient_id" => rows.iter().map(|row| &*row.patient_id).collect::<Vec<&str>>(),
        name => (0..rows.len() as u32).collect::<Vec<u32>>(),
    )
}

fn patient(a: Option<&PastRow>, b: Option<&PastRow>, suspects: &CandidateCauses) -> Option<PatientChange> {
    let change = match (a, b) {
        (None, None) => return None,
        (None, Some(_)) => MembershipChange::EnteredDenominator,
        (Some(_), None) => MembershipChange::LeftDenominator,
        (Some(a), Some(b)) if a.denominator == b.denominator && a.numerator == b.numerator => return None,
        (Some(a), Some(b)) => {
            let counts = |row: &PastRow| &*row.numerator == "certain" && &*row.denominator == "certain";
            match (counts(a), counts(b)) {
                (false, true) => MembershipChange::EnteredNumerator,
                (true, false) => MembershipChange::LeftNumerator,
                _ => MembershipChange::OtherwiseCertain,
            }
        }
    };
    let id = |of: fn(&PastRow) -> &str| a.or(b).map(of).unwrap_or_default().to_owned();
    let stood = |row: &PastRow| MembershipSnapshot {
        denominator: row.denominator.to_string(),
        numerator: row.numerator.to_string(),
        reason: row.reason.to_string(),
        encounter: row.encounter_ref.to_string(),
        message: row.message_ref.to_string(),
    };
    Some(PatientChange {
        provider_id: id(|row| &row.provider_id),
        patient_id: id(|row| &row.patient_id),
        change,
        a: a.map(stood),
        b: b.map(stood),
        causes: suspects.causes(a, b),
        rows: Vec::new(),
    })
}

/// The possible causes of a changed membership.
struct CandidateCauses {
    /// Changed settings that the denominator depends on.
    of_denominator: Vec<String>,
    /// Changed settings that the numerator depends on.
    of_numerator: Vec<String>,
    /// Whether either run attributes messages to groups.
    groups: bool,
    /// Whether the encounters may differ.
    encounters: bool,
    /// Whether the messages or portal accesses may differ.
    numerator: bool,
    /// Whether the review decisions may differ.
    decisions: bool,
    /// Whether the roster may differ and either run attributes messages to groups.
    roster: bool,
}

impl CandidateCauses {
    fn new(settings: &[SettingChange], inputs: &[InputChange], a: &PastReport, b: &PastReport) -> Self {
        let concerns = |section: fn(&edition::Edition) -> &RuleList, others: &[&str]| -> Vec<String> {
            let asked = |name: &str| {
                let editions = [&a.edition.id, &b.edition.id].map(|id| edition::find(id));
                // A rule set that this version does not know may depend on any policy.
                editions
                    .iter()
                    .any(|edition| edition.as_ref().is_none_or(|edition| references(section(edition), name)))
            };
            let is_suspect = |what: &str| match what.strip_prefix("policy:") {
                Some(name) => asked(name),
                None if what.starts_with(CHOICE) => !WITHOUT_ROWS.contains(&what),
                None => {
                    ["edition", "period", "timezone", "layout", "vocabulary", "version"].contains(&what)
                        || others.contains(&what)
                }
            };
            settings.iter().map(|change| change.what.clone()).filter(|what| is_suspect(what)).collect()
        };
        let may_differ =
            |role: &str| inputs.iter().any(|input| input.role == role && input.same != MatchStatus::Same);
        let groups = a.credit == "group" || b.credit == "group";
        let of_denominator = concerns(|edition| &edition.denominator, &["locations"]);
        let mut of_numerator = concerns(|edition| &edition.numerator, &["channels", "credit", "attested"]);
        if groups {
            // The attribution of a message to the practice depends on who saw the patient.
            of_numerator.extend(of_denominator.iter().cloned());
        }
        Self {
            of_denominator,
            of_numerator,
            groups,
            encounters: may_differ("encounters"),
            numerator: may_differ("messages") || may_differ("accesses"),
            decisions: may_differ("adjudications"),
            roster: groups && may_differ("roster"),
        }
    }

    /// Returns the possible causes of a changed membership, as far as the reports show them.
    fn causes(&self, a: Option<&PastRow>, b: Option<&PastRow>) -> Vec<String> {
        let mut causes: BTreeSet<String> = BTreeSet::new();
        let seen = |row: Option<&PastRow>| row.map(|row| row.denominator.clone());
        let wrote = |row: Option<&PastRow>| row.map(|row| row.numerator.clone());
        if seen(a) != seen(b) {
            causes.extend(self.of_denominator.iter().cloned());
            if self.encounters {
                // The ledger omits encounters that do not qualify, so a pair without a row may have had some.
                let encounters = |row: Option<&PastRow>| Some(row.map_or(0, |row| row.encounters));
                causes.extend(row_causes(encounters(a), encounters(b)));
            }
        }
        if a.is_some() && b.is_some() && wrote(a) != wrote(b) {
            causes.extend(self.of_numerator.iter().cloned());
            if self.numerator {
                // `None` if the patient had no message at all, so any message in the other run is new to the pair.
                let messages = |row: &PastRow| {
                    (&*row.reason != NO_MESSAGE).then_some(row.counted_messages + row.uncertain_messages)
                };
                causes.extend(row_causes(a.and_then(messages), b.and_then(messages)));
            }
            if self.roster {
                causes.insert("roster".to_owned());
            }
            if self.groups && self.encounters {
                causes.extend(["changed-word", "new-row", "removed-row"].map(str::to_owned));
            }
        }
        if self.decisions {
            causes.insert("decisions".to_owned());
        }
        causes.into_iter().collect()
    }
}

/// Returns what may have happened to the rows of a pair. `a` and `b` are the numbers of rows that qualify or may qualify in each run;
/// `None` if the pair had no row at all.
fn row_causes(a: Option<u64>, b: Option<u64>) -> Vec<String> {
    let causes: &[&str] = match (a, b) {
        // A row that is new to a pair may have named another patient or provider before.
        (None, Some(_)) => &["new-row", "changed-word"],
        (Some(a), Some(b)) if a == b => &["changed-word"],
        // The ledger omits rows that did not qualify, so the value of such a row may have changed.
        (Some(a), Some(b)) if a < b => &["new-row", "changed-word"],
        _ => &["removed-row", "changed-word"],
    };
    causes.iter().map(|cause| (*cause).to_owned()).collect()
}

/// Returns whether a rule of a section depends on a policy.
fn references(section: &RuleList, policy: &str) -> bool {
    section.rules.iter().any(|rule| matches!(&rule.decision, RuleEffect::ByPolicy(name) if name == policy))
}
