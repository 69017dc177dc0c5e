//! The effect of an answer on a result: evaluates the rows of the patients under review again with the answer.

use std::collections::BTreeMap;

use crate::run::measure::scores;
use crate::run::review::items::{Item, ReviewTarget};
use crate::run::settings::RunConfig;
use mucalc_core::domain::adjudication::{Adjudication, AdjudicationDecision, AdjudicationTarget};
use mucalc_core::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use mucalc_core::domain::period::Day;
use mucalc_core::domain::roster::Roster;
use mucalc_core::domain::score::MembershipCounts;
use mucalc_core::ledger::retained_rows::RetainedRows;
use mucalc_core::ledger::{Adjudications, CompiledMeasure, ReplayOptions, replay};
use mucalc_engine::MeasureRun;
use mucalc_report::review::result_text;

/// Memberships of the patients under review, by provider and patient. Pairs that are not in the ledger are absent.
type Standings = BTreeMap<(String, String), Membership>;

/// The state of the measure with the decisions so far.
pub struct ReviewState<'a> {
    settings: &'a RunConfig,
    law: &'a CompiledMeasure,
    kept: &'a RetainedRows,
    roster: Option<&'a Roster>,
    decisions: Vec<Adjudication>,
    scores: BTreeMap<String, MembershipCounts>,
    standings: Standings,
}

impl<'a> ReviewState<'a> {
    /// Starts with the result of a run, and the decisions that the run read.
    ///
    /// # Errors
    /// If the ledger cannot be summed up, which would be a defect of the program.
    pub fn new(
        settings: &'a RunConfig,
        judged: &'a MeasureRun,
        kept: &'a RetainedRows,
        roster: Option<&'a Roster>,
        decisions: Vec<Adjudication>,
    ) -> anyhow::Result<Self> {
        let id = |(code, score)| (judged.ledger.pairs.providers.get(code).to_owned(), score);
        let scores = scores(settings, judged)?.into_iter().map(id).collect();
        let mut standing =
            Self { settings, law: &judged.law, kept, roster, decisions, scores, standings: BTreeMap::new() };
        standing.standings = standing.replayed(&standing.decisions);
        Ok(standing)
    }

    /// Returns whether an item is still unresolved.
    pub fn is_open(&self, item: &Item) -> bool {
        let key = (item.provider.clone(), item.patient.clone());
        self.standings.get(&key).is_some_and(|standing| match item.is_visit {
            true => standing.denominator == DenominatorStatus::Possible,
            false => standing.numerator == NumeratorStatus::Possible,
        })
    }

    /// Returns the result of an item's provider as text.
    pub fn now(&self, item: &Item) -> String {
        self.result_for_provider(&item.provider)
    }

    /// Returns the result of a provider as text.
    pub fn result_for_provider(&self, provider: &str) -> String {
        self.text(&self.scores.get(provider).copied().unwrap_or_default())
    }

    /// Returns the result of an item's provider after a decision, as text.
    pub fn after(&self, item: &Item, decision: AdjudicationDecision) -> String {
        let decisions = self.with(item, decision, None);
        let score = self.scored(&item.provider, &self.replayed(&decisions));
        self.text(&score)
    }

    /// Adds a decision and updates the results.
    pub fn decide(
        &mut self,
        item: &Item,
        decision: AdjudicationDecision,
        by: &str,
        on: Day,
        reason: &str,
        line: u64,
    ) {
        self.decisions = self.with(item, decision, Some((by, on, reason, line)));
        let standings = self.replayed(&self.decisions);
        let ids: Vec<String> = self.scores.keys().cloned().collect();
        for id in ids {
            let score = self.scored(&id, &standings);
            self.scores.insert(id, score);
        }
        self.standings = standings;
    }

    /// Returns the decisions so far and one more.
    fn with(
        &self,
        item: &Item,
        decision: AdjudicationDecision,
        signed: Option<(&str, Day, &str, u64)>,
    ) -> Vec<Adjudication> {
        let (about, patient) = match &item.about {
            ReviewTarget::Message { id, patient } => {
                (AdjudicationTarget::Message(id.clone()), patient.clone())
            }
            ReviewTarget::Patient(patient) => (AdjudicationTarget::Patient(patient.clone()), None),
        };
        let more = Adjudication {
            line: signed.map_or(0, |(.., line)| line),
            about,
            patient,
            provider: Some(item.provider.clone()),
            decision,
            by: signed.map(|(by, ..)| by.to_owned()),
            on: signed.map(|(_, on, ..)| on.to_string()),
            reason: signed.map(|(_, _, reason, _)| reason.to_owned()),
        };
        [self.decisions.clone(), vec![more]].concat()
    }

    /// Evaluates the rows of the patients under review with these decisions.
    fn replayed(&self, decisions: &[Adjudication]) -> Standings {
        let ruling = self.settings.task.primary_measure();
        let decided = Adjudications::new(decisions);
        let counting = ReplayOptions {
            counts: ruling.edition.counts,
            counts_for: ruling.edition.counts_for,
            credit: ruling.credit,
            roster: self.roster,
            decided: &decided,
            declared: self.settings.task.id_rules.folding,
        };
        let ledger = replay(self.law, self.kept, counting).ledger;
        let pairs = &ledger.pairs;
        let one = |(pair, standing): (mucalc_core::ledger::ProviderPatient, Membership)| {
            let key =
                (pairs.providers.get(pair.provider).to_owned(), pairs.patient_id(pair.patient).to_owned());
            (key, standing)
        };
        ledger.rows().map(one).collect()
    }

    /// Returns a provider's counts with other memberships of the patients under review.
    fn scored(&self, provider: &str, standings: &Standings) -> MembershipCounts {
        let mut score = self.scores.get(provider).copied().unwrap_or_default();
        let of = |standings: &Standings| -> Vec<Membership> {
            standings.iter().filter(|((id, _), _)| id == provider).map(|(_, standing)| *standing).collect()
        };
        of(&self.standings).into_iter().for_each(|standing| score.remove(standing));
        of(standings).into_iter().for_each(|standing| score.add(standing, 1));
        score
    }

    fn text(&self, score: &MembershipCounts) -> String {
        result_text(score, self.settings.task.primary_measure().threshold)
    }
}
