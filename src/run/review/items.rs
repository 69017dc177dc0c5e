//! The records to review: a message that may qualify for a provider, or a visit that may have taken place.

use crate::run::settings::RunConfig;
use crate::run::to_date::{as_of_note, why_seen};
use mucalc_core::domain::adjudication::AdjudicationDecision;
use mucalc_core::domain::explanation::{
    AttributedProvider, AttributionBasis, ColumnValue, ExplainedRow, Explanation, PatientExplanation,
    ProviderMembership,
};
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::record::{CONTRADICTING_VERSIONS, NEARLY_MATCHES, REASONS, UNATTRIBUTED};
use mucalc_core::domain::text::escape_control;
use mucalc_core::domain::verdict::Verdict;

/// A record to review, for one provider.
pub struct Item {
    /// Subject of the decision.
    pub about: ReviewTarget,
    /// Id of the patient in the ledger.
    pub patient: String,
    /// Id of the provider.
    pub provider: String,
    /// Whether it is unresolved that the patient was seen. Otherwise it is unresolved that a message qualifies.
    pub is_visit: bool,
    name: Option<String>,
    noun: &'static str,
    rows: Vec<ExplainedRow>,
    why: String,
    rule: String,
}

/// The subject of a decision.
pub enum ReviewTarget {
    /// A message or portal access.
    Message {
        /// Id of the message or access.
        id: String,
        /// Id of its patient. `None` if it differs from the patient id in the ledger.
        patient: Option<String>,
    },
    /// A patient.
    Patient(String),
}

/// Returns every record to review. Those of providers with an indeterminate result come first.
pub fn items(
    settings: &RunConfig,
    explanation: &Explanation,
    providers: &[ProviderResult],
    is_asked: &dyn Fn(&str) -> bool,
) -> Vec<Item> {
    let is_decisive =
        |id: &str| providers.iter().any(|of| of.provider_id == id && of.verdict == Verdict::Indeterminate);
    let mut all: Vec<Item> = explanation
        .patients
        .iter()
        .flat_map(|patient| {
            let open = patient.standings.iter().filter(|standing| is_asked(&standing.provider_id));
            open.flat_map(|standing| of_standing(settings, patient, standing))
        })
        .collect();
    all.sort_by_cached_key(|item| (!is_decisive(&item.provider), item.provider.clone()));
    all
}

fn of_standing(
    settings: &RunConfig,
    patient: &PatientExplanation,
    standing: &ProviderMembership,
) -> Vec<Item> {
    let mut items = Vec::new();
    let item = |about, is_visit, noun, rows, rule: &str, why| Item {
        about,
        patient: patient.patient_id.clone(),
        provider: standing.provider_id.clone(),
        is_visit,
        name: standing.name.clone(),
        noun,
        rows,
        rule: rule.to_owned(),
        why,
    };
    if standing.denominator == "possible" {
        let is_open = |row: &&ExplainedRow| {
            row.provider_id.as_ref() == Some(&standing.provider_id) && row.answer == "uncertain"
        };
        let rows: Vec<ExplainedRow> = patient.encounters.iter().filter(is_open).cloned().collect();
        let rule = rows.first().map_or(CONTRADICTING_VERSIONS, |row| row.rule.as_str()).to_owned();
        let why = why_seen(settings, &rule);
        items.push(item(ReviewTarget::Patient(patient.patient_id.clone()), true, "visit", rows, &rule, why));
    }
    if standing.numerator != "possible" {
        return items;
    }
    let mut without_id: Vec<ExplainedRow> = Vec::new();
    for (noun, row) in patient
        .messages
        .iter()
        .map(|row| ("message", row))
        .chain(patient.accesses.iter().map(|row| ("portal access", row)))
    {
        let is_meant = |reach: &&AttributedProvider| {
            reach.provider_id == standing.provider_id && reach.answer == "uncertain"
        };
        let Some(reach) = row.reaches.iter().find(is_meant) else { continue };
        let reason = match reach.because {
            AttributionBasis::Unattributed => UNATTRIBUTED,
            AttributionBasis::IdNearlyMatches => NEARLY_MATCHES,
            AttributionBasis::ContradictingVersions => CONTRADICTING_VERSIONS,
            AttributionBasis::Rules | AttributionBasis::Adjudicated => row.rule.as_str(),
        };
        let Some(id) = row.id.clone() else {
            without_id.push(row.clone());
            continue;
        };
        // A message whose patient id only nearly matches names another patient than the ledger.
        let is_near = reach.because == AttributionBasis::IdNearlyMatches;
        let about = ReviewTarget::Message { id, patient: (!is_near).then(|| patient.patient_id.clone()) };
        let known = REASONS.iter().find(|(known, _)| *known == reason).map(|(_, text)| (*text).to_owned());
        let why = known.unwrap_or_else(|| as_of_note(settings, reason, true));
        items.push(item(about, false, noun, vec![row.clone()], reason, why));
    }
    if let Some(first) = without_id.first() {
        let (rule, why) = (first.rule.clone(), as_of_note(settings, &first.rule, true));
        let about = ReviewTarget::Patient(patient.patient_id.clone());
        items.push(item(about, false, "messages without an id", without_id, &rule, why));
    }
    items
}

impl Item {
    /// Returns the decision that a yes or a no means.
    pub fn decision(&self, is_yes: bool) -> AdjudicationDecision {
        match (self.is_visit, is_yes) {
            (true, true) => AdjudicationDecision::Seen,
            (true, false) => AdjudicationDecision::NotSeen,
            (false, true) => AdjudicationDecision::Counts,
            (false, false) => AdjudicationDecision::Out,
        }
    }

    /// Returns the question for the reviewer.
    pub fn question(&self) -> String {
        let who = self.provider_label();
        match self.is_visit {
            true => format!("Did {who} see this patient in the period?"),
            false => format!("Does this {} qualify for {who}?", self.noun),
        }
    }

    /// Returns the rows of the record as exported and as read, why it is unresolved, and how each answer changes the provider's result.
    pub fn text(&self, number: usize, all: usize, now: &str, [yes, no]: &[String; 2]) -> String {
        let mut text = format!(
            "\nRecord {number} of {all}: {} of patient {}\nProvider {}: {now}\n",
            self.noun,
            escape_control(&self.patient),
            self.provider_label()
        );
        for row in &self.rows {
            text += &format!("\n{}\n", escape_control(&row.place.to_string()));
            text += &values_text("as exported", &row.record);
            text += &values_text("read as", &row.says);
        }
        let (rule, why) = (escape_control(&self.rule), &self.why);
        text + &format!("\nUnresolved (`{rule}`): {why}\n  yes: {yes}\n  no:  {no}\n")
    }

    fn provider_label(&self) -> String {
        let id = escape_control(&self.provider);
        self.name.as_ref().map_or(id.clone(), |name| format!("{} ({id})", escape_control(name)))
    }
}

fn values_text(title: &str, all: &[ColumnValue]) -> String {
    let wide = all.iter().map(|one| one.column.chars().count()).max().unwrap_or_default();
    let line = |one: &ColumnValue| {
        format!("    {:wide$}  {}\n", escape_control(&one.column), escape_control(&one.said))
    };
    let lines: String = all.iter().filter(|one| !one.said.is_empty()).map(line).collect();
    if lines.is_empty() { lines } else { format!("  {title}:\n{lines}") }
}
