//! Explains, from the rows about some patients, why each patient is in the numerator or not.

use std::collections::{BTreeSet, HashMap};

use crate::ledger_rows::{RowLabels, record};
use mucalc_core::domain::explanation::{
    AttributedProvider, AttributionBasis, Blocker, ColumnValue, ExplainedRow, ProviderMembership, RuleStep,
    VersionStatus,
};
use mucalc_core::domain::inclusion::Inclusion;
use mucalc_core::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::words::{Certified, DayRelation, ValueSet};
use mucalc_core::edition::model::{NumeratorSource, PolicyChoices, RuleList};
use mucalc_core::edition::trace::{blocking_conditions, trace};
use mucalc_core::edition::{DecisionTable, Edition, rule_text, wording};
use mucalc_core::ledger::retained_rows::{AmongVersions, RetainedEncounter, RetainedRows, RowOrigin};
use mucalc_core::ledger::{CompiledMeasure, Interpretations, Ledger, ReplayResult};

/// Returns the provider and the patient of every ledger row that is unresolved.
pub fn unresolved(ledger: &Ledger) -> impl Iterator<Item = (&str, &str)> {
    let is_open = |standing: &Membership| {
        standing.denominator == DenominatorStatus::Possible || standing.numerator == NumeratorStatus::Possible
    };
    let rows = ledger.rows().filter(move |(_, standing)| is_open(standing));
    rows.map(|(pair, _)| (ledger.pairs.providers.get(pair.provider), ledger.pairs.patient_id(pair.patient)))
}

/// The inputs of an explanation.
pub struct ExplainContext<'a> {
    /// The rule set.
    pub edition: &'a Edition,
    /// The setting of each of its policies.
    pub choices: &'a PolicyChoices,
    /// The rule set with these settings, compiled.
    pub law: &'a CompiledMeasure,
    /// All rows about the patients.
    pub kept: &'a RetainedRows,
    /// The result of applying the rules to these rows.
    pub replayed: &'a ReplayResult<'a>,
    /// The names of rules and files.
    pub names: &'a RowLabels,
}

impl<'a> ExplainContext<'a> {
    /// Returns the rows of some patients, in the order of `ids`.
    pub fn patients(&self, ids: &[String]) -> Vec<ExplainedPatient> {
        let mut rows: HashMap<&[u8], ExplainedPatient> = HashMap::new();
        let Self { kept, replayed, .. } = *self;
        for (at, row) in (0..).zip(&kept.encounters) {
            rows.entry(row.at.patient()).or_default().encounters.push(at);
        }
        // A row may also belong to the patient whose id nearly matches.
        let patients_of = |at: &'a RowOrigin| {
            let near = replayed.ledger.pairs.nearly_matching(at.patient());
            std::iter::once(at.patient()).chain(near.map(str::as_bytes))
        };
        match self.edition.counts {
            NumeratorSource::Messages => {
                for (at, row) in (0..).zip(&kept.messages) {
                    patients_of(&row.at).for_each(|id| rows.entry(id).or_default().messages.push(at));
                }
            }
            NumeratorSource::Accesses => {
                for (at, row) in (0..).zip(&kept.accesses) {
                    patients_of(&row.at).for_each(|id| rows.entry(id).or_default().accesses.push(at));
                }
            }
        }
        let mut standings: HashMap<&str, Vec<ProviderMembership>> = HashMap::new();
        for (patient, standing) in self.standings() {
            standings.entry(patient).or_default().push(standing);
        }
        let of = |id: &String| {
            let found = rows.remove(id.as_bytes()).unwrap_or_default();
            let named = self.ats(&found).filter_map(RowOrigin::provider);
            let named: BTreeSet<&[u8]> = named.collect();
            let named = named.into_iter().map(|id| String::from_utf8_lossy(id).into_owned()).collect();
            let standings = with_strangers(standings.remove(id.as_str()).unwrap_or_default(), named);
            ExplainedPatient { id: id.clone(), standings, ..found }
        };
        ids.iter().map(of).collect()
    }

    /// Iterates over the origins of a patient's rows.
    pub fn ats<'r>(&self, of: &'r ExplainedPatient) -> impl Iterator<Item = &'a RowOrigin> + use<'a, 'r> {
        let kept = self.kept;
        let encounters = of.encounters.iter().map(|at| &kept.encounters[*at as usize].at);
        let messages = of.messages.iter().map(|at| &kept.messages[*at as usize].at);
        encounters.chain(messages).chain(of.accesses.iter().map(|at| &kept.accesses[*at as usize].at))
    }

    /// Returns the encounter with a number, and the trace of the rules that were applied to it.
    pub fn encounter(&self, of: &ExplainedPatient, number: u32) -> ExplainedRow {
        let row = &self.kept.encounters[number as usize];
        let event = row.event();
        let readings = self.law.readings_of_encounter(&event);
        let judged = self.evaluate(&self.edition.denominator, &self.law.denominator, &readings, "in");
        let told = self.row(&row.at, event.day, &self.names.encounter_files, judged);
        match told.version {
            Some(VersionStatus::Contradicting) if self.all_versions_agree(row, of) => {
                ExplainedRow { version: Some(VersionStatus::Agreeing), ..told }
            }
            _ => told,
        }
    }

    /// Returns the message with a number, the trace of the rules that were applied to it, and its attribution.
    pub fn message(&self, number: u32) -> ExplainedRow {
        let row = &self.kept.messages[number as usize];
        let event = row.event();
        let judged = self.of_numerator(&self.law.readings_of_message(&event));
        let mut of = self.row(&row.at, event.act.day, &self.names.message_files, judged);
        let channel = self.law.channels.name(event.words.channel).to_owned();
        of.says.push(ColumnValue { column: "channel".to_owned(), said: channel });
        let reached = self.replayed.reached(number as usize, row, self.law.message(&event));
        self.reaching(of, &reached)
    }

    /// Returns the portal access with a number, the trace of the rules that were applied to it, and its attribution.
    pub fn access(&self, number: u32) -> ExplainedRow {
        let row = &self.kept.accesses[number as usize];
        let event = row.event();
        let judged = self.of_numerator(&self.law.readings_of_access(&event));
        let of = self.row(&row.at, event.act.day, &self.names.message_files, judged);
        let reached = self.replayed.reached(number as usize, row, self.law.access(&event));
        self.reaching(of, &reached)
    }

    fn of_numerator(&self, readings: &Interpretations) -> RowTrace {
        self.evaluate(&self.edition.numerator, &self.law.numerator, readings, COUNTS)
    }

    /// Returns whether every version of an encounter puts its patient into the denominator of the same provider.
    fn all_versions_agree(&self, row: &RetainedEncounter, of: &ExplainedPatient) -> bool {
        let AmongVersions::Unresolved { record, versions, .. } = row.at.among else { return true };
        let all = || of.encounters.iter().map(|at| &self.kept.encounters[*at as usize]);
        let says_so = |other: &RetainedEncounter, version: u32| {
            other.at.among == AmongVersions::Unresolved { record, version, versions }
                && other.at.provider() == row.at.provider()
                && self.law.encounter(&other.event()).answer.is_certain()
        };
        (0..versions).all(|version| all().any(|other| says_so(other, version)))
    }

    /// Returns the membership of each patient with each provider who may have seen the patient.
    fn standings(&self) -> Vec<(&'a str, ProviderMembership)> {
        let ledger = &self.replayed.ledger;
        let place = |reference: String| {
            let (file, line) = reference.rsplit_once(':')?;
            Some(SourceLocation::line(file, line.parse().ok()?))
        };
        let standing = |(pair, standing, evidence): (
            mucalc_core::ledger::ProviderPatient,
            mucalc_core::domain::membership::Membership,
            &mucalc_core::ledger::Evidence,
        )| {
            let record = record(ledger, self.names, pair, standing, evidence);
            let of = ProviderMembership {
                provider_id: record.provider_id.to_owned(),
                name: None,
                denominator: standing.denominator.word(),
                numerator: standing.numerator.word(),
                reason: Some(record.reason.to_owned()),
                encounter: place(record.encounter_ref),
                message: place(record.message_ref),
            };
            (ledger.pairs.patient_id(pair.patient), of)
        };
        ledger.rows_with_evidence().map(standing).collect()
    }

    fn evaluate(
        &self,
        section: &RuleList,
        table: &DecisionTable,
        readings: &Interpretations,
        yes: &'static str,
    ) -> RowTrace {
        let trace = trace(section, self.choices, &readings.rows);
        let step = |step: &mucalc_core::edition::trace::TraceStep| {
            let rule = &section.rules[step.rule as usize];
            RuleStep {
                rule: rule.id.clone(),
                asks: wording::condition_text(rule, section),
                fits: step.fits,
                decides: rule_text::configured_effect_text(rule, self.choices, yes),
                why: rule.why.why.clone(),
                cite: wording::source(&rule.why.source),
            }
        };
        let columns = section.columns;
        let day = columns.iter().position(|list| list.name == DayRelation::LIST.name).unwrap_or_default();
        let says: Vec<ColumnValue> = columns
            .iter()
            .enumerate()
            .map(|(column, list)| ColumnValue {
                column: list.name.to_owned(),
                said: values_text(list, readings.rows.iter().map(|row| row[column])),
            })
            .collect();
        let obstacles = blocking_conditions(table, &readings.rows, day, &readings.inside);
        RowTrace {
            steps: trace.steps.iter().map(step).collect(),
            rule: section.rules[trace.rule as usize].id.clone(),
            answer: word(trace.answer, yes),
            obstacles: obstacles
                .into_iter()
                .map(|set| set.into_iter().map(|at| says[at].clone()).collect())
                .collect(),
            says,
        }
    }

    fn row(&self, at: &RowOrigin, day: Option<Day>, files: &[String], judged: RowTrace) -> ExplainedRow {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let period = self.law.windows.period;
        let file = files.get(at.file as usize).cloned().unwrap_or_default();
        let obstacle = |said: ColumnValue| Blocker {
            code: format!("{}-{}", said.column, said.said.replace(' ', "-")),
            days_off: day.filter(|_| said.column == DayRelation::LIST.name).map(|day| days_off(day, period)),
            column: said.column,
            said: said.said,
        };
        let obstacles = judged.obstacles.into_iter();
        ExplainedRow {
            place: SourceLocation::line(file, at.line),
            id: at.id.as_deref().map(text),
            provider_id: at.provider().map(text),
            day,
            says: judged.says,
            record: Vec::new(),
            steps: judged.steps,
            rule: judged.rule,
            answer: judged.answer,
            would_count_if: obstacles.map(|set| set.into_iter().map(obstacle).collect()).collect(),
            reaches: Vec::new(),
            version: version(at.among),
        }
    }

    /// Adds the providers to whom a row is attributed.
    fn reaching(&self, row: ExplainedRow, reached: &[mucalc_core::ledger::ReachedProvider]) -> ExplainedRow {
        let providers = &self.replayed.ledger.pairs.providers;
        let reaches = reached.iter().map(|reached| AttributedProvider {
            provider_id: providers.get(reached.provider).to_owned(),
            answer: word(reached.answer, COUNTS),
            because: match reached {
                reached if reached.decided => AttributionBasis::Adjudicated,
                // If the rules already leave the row unresolved, its addressee is not the reason.
                reached if reached.is_near && row.answer == COUNTS => AttributionBasis::IdNearlyMatches,
                reached if reached.weakened && row.answer == COUNTS => AttributionBasis::Unattributed,
                reached if reached.is_contradicted => AttributionBasis::ContradictingVersions,
                _ => AttributionBasis::Rules,
            },
            unattributed: reached.weakened && !reached.is_near,
        });
        let mut reaches: Vec<AttributedProvider> = reaches.collect();
        reaches.sort_by(|one, other| one.provider_id.cmp(&other.provider_id));
        ExplainedRow { reaches, ..row }
    }
}

/// The rows about a patient, by their numbers among the retained rows, and the patient's memberships.
#[derive(Default)]
pub struct ExplainedPatient {
    /// The patient's id.
    pub id: String,
    /// The patient's membership with each provider that a row names, sorted by provider id.
    pub standings: Vec<ProviderMembership>,
    /// The numbers of the encounters.
    pub encounters: Vec<u32>,
    /// The numbers of the messages, if the rule set counts messages.
    pub messages: Vec<u32>,
    /// The numbers of the portal accesses, if the rule set counts accesses.
    pub accesses: Vec<u32>,
}

/// Adds a membership for each provider that a row names but who has not seen the patient; sorted by provider id.
fn with_strangers(
    mut standings: Vec<ProviderMembership>,
    named: BTreeSet<String>,
) -> Vec<ProviderMembership> {
    let known: BTreeSet<String> = standings.iter().map(|standing| standing.provider_id.clone()).collect();
    standings.extend(named.into_iter().filter(|id| !known.contains(id)).map(|id| ProviderMembership {
        provider_id: id,
        name: None,
        denominator: "out",
        numerator: "none",
        reason: None,
        encounter: None,
        message: None,
    }));
    standings.sort_by(|one, other| one.provider_id.cmp(&other.provider_id));
    standings
}

/// The answer for a row that qualifies for the numerator.
const COUNTS: &str = "counts";

/// The rules that were applied to a row, and their answer.
struct RowTrace {
    steps: Vec<RuleStep>,
    rule: String,
    answer: &'static str,
    says: Vec<ColumnValue>,
    obstacles: Vec<Vec<ColumnValue>>,
}

/// Returns how a row relates to the other versions of its record; `None` if it is the record.
fn version(among: AmongVersions) -> Option<VersionStatus> {
    match among {
        AmongVersions::Record => None,
        AmongVersions::Duplicate => Some(VersionStatus::Duplicate),
        AmongVersions::Superseded => Some(VersionStatus::Superseded),
        AmongVersions::Unresolved { .. } => Some(VersionStatus::Contradicting),
    }
}

fn word(answer: Inclusion, yes: &'static str) -> &'static str {
    match answer {
        Inclusion::In => yes,
        Inclusion::Uncertain => "uncertain",
        Inclusion::Out => "out",
    }
}

/// Returns the text of a column from the codes that it may have.
fn values_text(list: &ValueSet, codes: impl Iterator<Item = u8>) -> String {
    let codes: BTreeSet<u8> = codes.collect();
    // A day, or a certification that depends on the day, can have several codes at once if it is unknown.
    let any_day =
        list.name == DayRelation::LIST.name && codes.len() > 1 && codes.contains(&DayRelation::Inside.code());
    if any_day || (list.name == Certified::LIST.name && codes.len() > 1) {
        return mucalc_core::domain::words::UNKNOWN.to_owned();
    }
    codes.into_iter().map(|code| list.word(code)).collect::<Vec<_>>().join(" or ")
}

/// Returns how many days a day is after a period, or before it as a negative number; 0 if it is in the period.
fn days_off(day: Day, period: Period) -> i64 {
    match day {
        day if day < period.first => i64::from(day.days_since(period.first)),
        day if period.last < day => i64::from(day.days_since(period.last)),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mucalc_core::domain::words::MessageTopic;

    #[test]
    fn what_may_be_several_things_is_unknown_or_each_of_them() {
        let [inside, around, outside] =
            [DayRelation::Inside, DayRelation::Around, DayRelation::Outside].map(DayRelation::code);
        let [yes, no] = [Certified::Yes, Certified::No].map(Certified::code);
        let [billing, other] = [MessageTopic::Billing, MessageTopic::Other].map(MessageTopic::code);
        let cases: [(&ValueSet, &[u8], &str); 9] = [
            (&DayRelation::LIST, &[inside], "inside"),
            (&DayRelation::LIST, &[outside, outside], "outside"),
            (&DayRelation::LIST, &[outside, inside], "unknown"),
            (&DayRelation::LIST, &[outside, around], "around or outside"),
            (&Certified::LIST, &[no], "no"),
            (&Certified::LIST, &[yes, no], "unknown"),
            (&MessageTopic::LIST, &[billing], "billing"),
            (&MessageTopic::LIST, &[other, billing], "billing or other"),
            (&MessageTopic::LIST, &[MessageTopic::LIST.unknown()], "unknown"),
        ];
        for (list, codes, expected) in cases {
            assert_eq!(values_text(list, codes.iter().copied()), expected, "{} {codes:?}", list.name);
        }
    }

    #[test]
    fn days_off_are_counted_from_the_nearer_end_of_the_period() {
        let period = Period::parse("2014Q3").unwrap_or_else(|why| panic!("{why}"));
        let cases =
            [("first", period.first, 0), ("last", period.last, 0), ("within", period.first.add_days(40), 0)];
        let outside = [("before", period.first.add_days(-1), -1), ("after", period.last.add_days(365), 365)];
        for (name, day, expected) in cases.into_iter().chain(outside) {
            assert_eq!(days_off(day, period), expected, "{name}");
        }
    }
}
