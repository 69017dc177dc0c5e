//! What is attested beside the measure, as far as encounters tell: exclusions, and the 50 percent of encounters at locations with CEHRT.

use crate::run::settings::RunConfig;
use mucalc_core::domain::exclusion::{ExclusionCounts, ExclusionStatus};
use mucalc_core::domain::provider::{CehrtLocations, ExclusionSummary};
use mucalc_core::edition::model::{Exclusion, ExclusionTest};
use mucalc_engine::{MeasureConfig, MeasureRun};

/// What the inputs of a run tell beside the rows that are judged.
#[derive(Clone, Copy, Debug)]
pub struct InputsTell {
    /// Whether there is a table of counties.
    pub counties: bool,
    /// Whether the encounter exports reach from the first to the last day of the period.
    pub whole_period: bool,
}

/// Asks the encounters of a professional, who may have several provider ids, about what is attested beside the measure.
pub struct BesideVerdict<'r> {
    /// The choices of the run.
    pub settings: &'r RunConfig,
    /// The rules.
    pub ruling: &'r MeasureConfig,
    /// What was found.
    pub judged: &'r MeasureRun,
    /// What the inputs tell.
    pub tell: InputsTell,
}

impl BesideVerdict<'_> {
    /// Returns whether each exclusion applies to a professional with these provider ids, given by number.
    pub fn exclusions(&self, ids: &[u32]) -> Vec<ExclusionSummary> {
        let exclusions = self.ruling.edition.exclusions.iter().enumerate();
        let one = |(at, exclusion): (usize, &Exclusion)| ExclusionSummary {
            id: exclusion.id.clone(),
            applies: match self.exclusion(at, exclusion, ids) {
                // Encounters that the exports do not have may be what the exclusion asks about.
                ExclusionStatus::Yes if !self.tell.whole_period => ExclusionStatus::Unclear,
                applies => applies,
            },
        };
        exclusions.map(one).collect()
    }

    fn exclusion(&self, at: usize, exclusion: &Exclusion, ids: &[u32]) -> ExclusionStatus {
        let MeasureRun { held, unusable, ledger, .. } = self.judged;
        // An encounter that cannot be used may be what an exclusion asks about.
        let are_all_used = !unusable.leaves_out_encounters && unusable.of_person(ids).encounters == 0;
        let Some(held) = held.get(at).filter(|_| are_all_used) else { return ExclusionStatus::NotComputed };
        let held = held_by(held, ids);
        match exclusion.test {
            // Encounters under a similar id may be those of the provider.
            Some(ExclusionTest::None(_)) if ids.iter().any(|id| ledger.pairs.may_be_another(*id)) => {
                ExclusionStatus::Unclear
            }
            Some(ExclusionTest::None(_)) => held.none(),
            Some(ExclusionTest::HalfInShortCounties(..)) if self.tell.counties => held.half_with_mark(),
            Some(ExclusionTest::HalfInShortCounties(..)) | None => ExclusionStatus::NotComputed,
        }
    }

    /// Returns how many of a professional's outpatient encounters were at locations with certified EHR technology, over all of these provider
    /// ids (B41).
    ///
    /// `None` if the edition or the configuration does not speak of locations, if there are no such encounters, or if unusable rows are
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
