//! Items attested in addition to the measure, as far as encounters show them: exclusions, and the 50 percent of encounters at locations
//! with CEHRT.

use crate::run::settings::RunConfig;
use mucalc_core::domain::exclusion::{ExclusionCounts, ExclusionStatus};
use mucalc_core::domain::provider::{CehrtLocations, ExclusionSummary};
use mucalc_core::edition::model::{Exclusion, ExclusionTest};
use mucalc_engine::{MeasureConfig, MeasureRun};

/// Properties of the inputs of a run that no single row shows.
#[derive(Clone, Copy, Debug)]
pub struct InputsTell {
    /// Whether the run has a table of counties.
    pub counties: bool,
    /// Whether the encounter exports cover the period, except for about a week at either end.
    pub whole_period: bool,
}

/// Evaluates items that are attested in addition to the measure, from the encounters of a professional, who may have several provider ids.
pub struct BesideVerdict<'r> {
    /// Settings of the run.
    pub settings: &'r RunConfig,
    /// Rule set and policy settings.
    pub ruling: &'r MeasureConfig,
    /// Evaluation of the inputs under these rules.
    pub judged: &'r MeasureRun,
    /// Properties of the inputs.
    pub tell: InputsTell,
}

impl BesideVerdict<'_> {
    /// Returns whether each exclusion applies to a professional with these provider ids, given as numbers in the ledger.
    pub fn exclusions(&self, ids: &[u32]) -> Vec<ExclusionSummary> {
        let exclusions = self.ruling.edition.exclusions.iter().enumerate();
        let one = |(at, exclusion): (usize, &Exclusion)| ExclusionSummary {
            id: exclusion.id.clone(),
            applies: match self.exclusion(at, exclusion, ids) {
                // The exclusion may apply only because the exports lack encounters.
                ExclusionStatus::Yes if !self.tell.whole_period => ExclusionStatus::Unclear,
                applies => applies,
            },
        };
        exclusions.map(one).collect()
    }

    fn exclusion(&self, at: usize, exclusion: &Exclusion, ids: &[u32]) -> ExclusionStatus {
        let MeasureRun { held, unusable, ledger, .. } = self.judged;
        // An unusable encounter may be one that the exclusion asks about.
        let are_all_used = !unusable.leaves_out_encounters && unusable.rows_for_person(ids).encounters == 0;
        let Some(held) = held.get(at).filter(|_| are_all_used) else { return ExclusionStatus::NotComputed };
        let held = held_by(held, ids);
        match exclusion.test {
            // Encounters under a similar id may belong to the provider.
            Some(ExclusionTest::None(_)) if ids.iter().any(|id| ledger.pairs.may_be_another(*id)) => {
                ExclusionStatus::Unclear
            }
            Some(ExclusionTest::None(_)) => held.no_encounters(),
            Some(ExclusionTest::HalfInShortCounties(..)) if self.tell.counties => held.half_with_mark(),
            Some(ExclusionTest::HalfInShortCounties(..)) | None => ExclusionStatus::NotComputed,
        }
    }

    /// Returns how many of a professional's outpatient encounters were at locations with certified EHR technology, over all of these
    /// provider ids (B41).
    ///
    /// `None` if the rule set or the configuration does not mention locations, if there are no such encounters, or if unusable rows are
    /// ignored.
    pub fn cehrt_locations(&self, ids: &[u32]) -> Option<CehrtLocations> {
        let MeasureRun { held, unusable, .. } = self.judged;
        let is_asked = self.ruling.edition.gate.is_some() && !self.settings.task.locations.is_empty();
        let held = held.last().filter(|_| is_asked && !unusable.leaves_out_encounters)?;
        let mut held = held_by(held, ids);
        held.merge(&unusable.gate_of(ids));
        let encounters = held.all();
        (encounters.most > 0).then(|| CehrtLocations {
            encounters,
            at_cehrt: held.with_mark(),
            at_least_half: held.half_with_mark(),
        })
    }
}

fn held_by(held: &[ExclusionCounts], ids: &[u32]) -> ExclusionCounts {
    let mut all = ExclusionCounts::default();
    ids.iter().filter_map(|id| held.get(*id as usize)).for_each(|held| all.merge(held));
    all
}
