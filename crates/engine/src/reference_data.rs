//! The small inputs: roster, counties, review decisions, and portal accounts. They are read completely, before the exports.

use std::collections::HashMap;

use crate::input_log::InputLog;
use crate::measure_config::MeasureConfig;
use crate::sources::InputSet;
use crate::task::Task;
use mucalc_core::domain::adjudication::Adjudication;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::roster::Roster;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::edition::model::PolicyChoice;
use mucalc_read::entity::{adjudications, counties, enrollment, roster};
use mucalc_read::locations::LocationTable;
use mucalc_read::{InputError, ReadContext, ReadSummary};

/// The policy about patients who were seen by a supervised provider.
const SUPERVISED: &str = "supervised";

/// The small inputs that were read.
pub struct ReferenceData {
    roster: Option<(Roster, ReadSummary)>,
    counties: Option<(HashMap<String, bool>, ReadSummary)>,
    decisions: Option<(Vec<Adjudication>, ReadSummary)>,
    enrollment: Option<(HashMap<String, bool>, ReadSummary)>,
}

impl ReferenceData {
    /// Reads the small inputs that were given.
    ///
    /// # Errors
    /// If one of them cannot be used.
    pub fn read(sources: &InputSet, reading: &ReadContext<'_>, task: &Task) -> Result<Self, InputError> {
        let layout = &task.layout;
        let described = sources.all().map(|source| source.layout_or(layout));
        sources.joins.check(&described.collect::<Vec<_>>(), reading)?;
        let first = task.period_given.then_some(task.period.first);
        let InputSet { roster, counties, adjudications, enrollment, .. } = sources;
        Ok(Self {
            roster: roster.as_ref().map(|source| roster::read(source, reading, layout)).transpose()?,
            counties: counties
                .as_ref()
                .map(|source| counties::read(source, reading, layout, first))
                .transpose()?,
            decisions: adjudications
                .as_ref()
                .map(|source| adjudications::read(source, reading, layout, task.is_of_pack))
                .transpose()?,
            enrollment: enrollment
                .as_ref()
                .map(|source| enrollment::read(source, reading, layout))
                .transpose()?,
        })
    }

    /// Returns the providers of the practice, if a roster was given.
    pub fn roster(&self) -> Option<&Roster> {
        self.roster.as_ref().map(|(roster, _)| roster)
    }

    /// Converts to the providers of the practice, if a roster was given.
    pub fn into_roster(self) -> Option<Roster> {
        self.roster.map(|(roster, _)| roster)
    }

    /// Returns the review decisions.
    pub fn decisions(&self) -> &[Adjudication] {
        self.decisions.as_ref().map_or(&[], |(decisions, _)| decisions)
    }

    /// Returns whether patients have a portal account, as far as known.
    pub fn enrollment(&self) -> HashMap<String, bool> {
        self.enrollment.as_ref().map_or_else(HashMap::new, |(enrolled, _)| enrolled.clone())
    }

    /// Returns the supervisor of each provider who has one.
    fn supervisors(&self) -> HashMap<Box<[u8]>, Box<[u8]>> {
        let lines = self.roster().into_iter().flatten();
        let bytes = |id: &str| -> Box<[u8]> { id.as_bytes().into() };
        let pairs = lines.filter_map(|(id, line)| Some((bytes(id), bytes(line.supervisor.as_ref()?))));
        pairs.filter(|(provider, supervisor)| provider != supervisor).collect()
    }

    /// Returns the facts about the locations of encounters. Includes supervisors if encounters also count for them under a rule set.
    pub fn places(&self, task: &Task, rulings: &[MeasureConfig]) -> LocationTable {
        let is_asked =
            rulings.iter().any(|ruling| ruling.choices.get(SUPERVISED) == Some(&PolicyChoice::Count));
        LocationTable {
            locations: task.locations.clone(),
            counties: self.counties.as_ref().map(|(counties, _)| counties.clone()),
            supervisors: if is_asked { self.supervisors() } else { HashMap::new() },
        }
    }

    /// Returns each small input with the result of reading it.
    pub fn summaries<'b>(
        &'b self,
        sources: &'b InputSet,
    ) -> impl Iterator<Item = (InputRole, &'b mucalc_read::InputSource, &'b ReadSummary)> {
        let roster = self.roster.as_ref().map(|(_, summary)| summary);
        let counties = self.counties.as_ref().map(|(_, summary)| summary);
        let decisions = self.decisions.as_ref().map(|(_, summary)| summary);
        let enrollment = self.enrollment.as_ref().map(|(_, summary)| summary);
        let all = [
            (InputRole::Roster, &sources.roster, roster),
            (InputRole::Counties, &sources.counties, counties),
            (InputRole::Adjudications, &sources.adjudications, decisions),
            (InputRole::Enrollment, &sources.enrollment, enrollment),
        ];
        all.into_iter().filter_map(|(role, source, summary)| Some((role, source.as_ref()?, summary?)))
    }

    /// Adds the small inputs to the input log.
    pub fn account(&self, sources: &InputSet, task: &Task, account: &mut InputLog) {
        let Task { layout, digest, .. } = task;
        for (role, source, summary) in self.summaries(sources) {
            account.add(role, source, summary, layout);
        }
        for table in sources.joins.tables(*digest) {
            account.add(InputRole::Joined, &table.source, &table.summary, layout);
            if let Some((rows, line)) = table.unused {
                account.find(
                    FindingCode::JoinedRowUnused,
                    rows,
                    SourceLocation::line(&*table.source.name, line),
                );
            }
        }
    }
}
