//! The small inputs beside the exports: roster, counties and decisions of people. They are read whole, before the exports.

use std::collections::HashMap;

use crate::domain::adjudication::Adjudication;
use crate::domain::report::Role;
use crate::layout::Layout;
use crate::read::places::Places;
use crate::read::{FileSummary, Reading, Roster, adjudications, counties, roster};
use crate::run::account::Account;
use crate::run::failed::Failed;
use crate::run::inputs::Sources;
use crate::run::settings::Settings;

/// What was read beside the exports.
pub struct Beside {
    roster: Option<(Roster, FileSummary)>,
    counties: Option<(HashMap<String, bool>, FileSummary)>,
    decisions: Option<(Vec<Adjudication>, FileSummary)>,
}

impl Beside {
    /// Reads what there is.
    ///
    /// # Errors
    /// When one cannot be used.
    pub fn read(sources: &Sources, reading: &Reading<'_>, settings: &Settings) -> Result<Self, Failed> {
        let layout = &settings.layout;
        let first = settings.period_given.then_some(settings.period.first);
        let Sources { roster, counties, adjudications, .. } = sources;
        Ok(Self {
            roster: roster.as_ref().map(|source| roster::read(source, reading, layout)).transpose()?,
            counties: counties
                .as_ref()
                .map(|source| counties::read(source, reading, layout, first))
                .transpose()?,
            decisions: adjudications
                .as_ref()
                .map(|source| adjudications::read(source, reading, layout, settings.options.is_of_pack))
                .transpose()?,
        })
    }

    /// The providers of the practice, if they were named.
    pub fn roster(&self) -> Option<&Roster> {
        self.roster.as_ref().map(|(roster, _)| roster)
    }

    /// Takes the providers of the practice out.
    pub fn into_roster(self) -> Option<Roster> {
        self.roster.map(|(roster, _)| roster)
    }

    /// The decisions of people.
    pub fn decisions(&self) -> &[Adjudication] {
        self.decisions.as_ref().map_or(&[], |(decisions, _)| decisions)
    }

    /// What is known of the places of encounters.
    pub fn places(&self, settings: &Settings) -> Places {
        Places {
            locations: settings.locations.clone(),
            counties: self.counties.as_ref().map(|(counties, _)| counties.clone()),
        }
    }

    /// Each of them as an input, with what was read of it.
    pub fn summaries<'b>(
        &'b self,
        sources: &'b Sources,
    ) -> impl Iterator<Item = (Role, &'b crate::read::Source, &'b FileSummary)> {
        let roster = self.roster.as_ref().map(|(_, summary)| summary);
        let counties = self.counties.as_ref().map(|(_, summary)| summary);
        let decisions = self.decisions.as_ref().map(|(_, summary)| summary);
        let all = [
            (Role::Roster, &sources.roster, roster),
            (Role::Counties, &sources.counties, counties),
            (Role::Adjudications, &sources.adjudications, decisions),
        ];
        all.into_iter().filter_map(|(role, source, summary)| Some((role, source.as_ref()?, summary?)))
    }

    /// Adds them to the account of what was read.
    pub fn account(&self, sources: &Sources, layout: &Layout, account: &mut Account) {
        for (role, source, summary) in self.summaries(sources) {
            account.add(role, source, summary, layout);
        }
    }
}
