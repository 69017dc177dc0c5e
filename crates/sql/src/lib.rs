//! Writes the measure as one SQL query.
#![doc = include_str!("../README.md")]

mod absence;
mod attribution;
mod attribution_join;
mod certified;
mod cte;
mod date_formats;
mod days;
mod dialect;
mod engine;
mod error;
mod lists;
mod outputs;
mod populations;
mod predicate;
mod proof;
mod results;
mod rule_cases;
#[cfg(feature = "spark")]
mod spark;
mod staging;
mod typed_ids;
mod versions;

use std::collections::BTreeMap;

use chrono_tz::Tz;

use mucalc_core::domain::absence::AbsenceMarkers;
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::channel::ChannelCertifications;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::score::Threshold;
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::edition::Edition;
use mucalc_core::edition::model::{PolicyChoice, PolicyChoices};
use mucalc_read::layout::Layout;

pub use dialect::SqlDialect;
pub use engine::{EngineError, QueryEngine, ResultRows};
pub use error::SqlError;
pub use outputs::QueryKind;
pub use results::{ProviderFigures, QueryResults, ResultRow};
#[cfg(feature = "spark")]
pub use spark::SparkEngine;

/// What query to write.
pub struct SqlQuery<'o> {
    /// Dialect of the engine.
    pub dialect: SqlDialect,
    /// What the query returns.
    pub yields: QueryKind,
    /// Rule set.
    pub edition: &'o Edition,
    /// Setting of each of its policies.
    pub choices: &'o PolicyChoices,
    /// How numerator rows are attributed.
    pub credit: AttributionMode,
    /// Threshold.
    pub threshold: Threshold,
    /// Reporting period.
    pub period: Period,
    /// Attestation date, if known.
    pub attested: Option<Day>,
    /// Which channels are certified, and when.
    pub channels: &'o ChannelCertifications,
    /// Whether certified EHR technology keeps the records of a location.
    pub locations: &'o BTreeMap<String, bool>,
    /// Layout of the tables.
    pub layout: &'o Layout,
    /// Practice time zone, if known.
    pub zone: Option<Tz>,
    /// Texts that mean "no value".
    pub markers: &'o AbsenceMarkers,
    /// Whether rows that cannot be attributed widen the range of results.
    pub unusable: UnusableChoice,
    /// Table of encounters.
    pub encounters: &'o SqlTable,
    /// Table that the numerator is about: messages, or accesses.
    pub numerator: &'o SqlTable,
    /// Table of providers, if given.
    pub roster: Option<&'o SqlTable>,
    /// Comment lines at the beginning of the query.
    pub remarks: Vec<String>,
}

/// A table.
#[derive(Clone, Debug)]
pub struct SqlTable {
    /// Its name, with catalog and schema if needed.
    pub table: String,
    /// Its columns; `None` if it is assumed to have all that the layout reads.
    pub columns: Option<Vec<String>>,
}

/// Returns the text of a query.
///
/// # Errors
/// If the run cannot be written as SQL, or not exactly.
pub fn text(order: &SqlQuery<'_>) -> Result<String, SqlError> {
    order.check_characters()?;
    if order.may_name_supervisors() && order.choices.get("supervised") == Some(&PolicyChoice::Count) {
        return Err(SqlError::Supervised);
    }
    let mut steps = cte::CteBuilder::default();
    attribution_join::add_roster(order, &mut steps)?;
    let sides = populations::Populations::add(order, &mut steps)?;
    attribution_join::add(order, &sides, &mut steps);
    let last = outputs::final_select(order, &sides, &mut steps);
    let tried = format!(
        "Each of {} combinations of words has here the rule and the answer that the program's decision table has.",
        sides.tried
    );
    let remarks: String = order
        .remarks
        .iter()
        .chain([&tried])
        .map(|line| format!("-- {}\n", line.replace(char::is_control, " ")))
        .collect();
    Ok(format!("{remarks}{}", steps.text(&last, order.dialect)))
}

impl SqlQuery<'_> {
    /// Returns whether a roster is given that has, or may have, a column for supervisors.
    fn may_name_supervisors(&self) -> bool {
        self.roster.is_some_and(|roster| {
            roster.columns.as_ref().is_none_or(|columns| {
                let translation = self.layout.input(InputRole::Roster).translation(columns);
                translation.names().any(|name| name == "supervisor_id")
            })
        })
    }

    /// Rejects control characters in values, because engines write them differently in literals. In names of columns, also rejects quoting
    /// characters.
    fn check_characters(&self) -> Result<(), SqlError> {
        let inputs =
            [&self.layout.encounters, &self.layout.messages, &self.layout.accesses, &self.layout.roster];
        let tables = || inputs.iter().filter_map(|input| input.table.as_ref());
        let ways = || tables().flat_map(|table| table.columns.values()).flat_map(|readings| &readings.0);
        let conditions = || {
            let of_tables = tables().flat_map(|table| table.skip.iter().chain([&table.only]));
            of_tables.chain(ways().map(|way| &way.when))
        };
        let mut words: Vec<&str> =
            conditions().flat_map(|one| one.values().flatten()).map(String::as_str).collect();
        for way in ways() {
            words
                .extend(way.words.iter().chain(&way.beginnings).flat_map(|(raw, ours)| [raw.as_str(), ours]));
            words.extend(way.constant.iter().chain(&way.filled).chain(&way.otherwise).map(String::as_str));
        }
        words.extend(self.channels.names());
        words.extend(self.locations.keys().map(String::as_str));
        words.extend(self.layout.vocabulary.words());
        words.extend(self.markers.texts());
        if words.iter().any(|word| word.chars().any(char::is_control)) {
            return Err(SqlError::Character);
        }
        let named = conditions().flat_map(BTreeMap::keys).chain(ways().flat_map(|way| &way.from.0));
        match named.into_iter().find(|name| !is_identifier(name)) {
            Some(_) => Err(SqlError::Name),
            None => Ok(()),
        }
    }
}

/// Returns whether any engine can quote a part of a name, or a name with dots between its parts.
pub fn is_identifier(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_control() || "\"'`\\;".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mucalc_core::edition;
    use mucalc_core::edition::model::{RuleEffect, RuleList};

    /// Every combination of settings of the policies that one list of rules uses. All others have their defaults.
    fn all_choices(edition: &Edition) -> Vec<PolicyChoices> {
        let sections = [&edition.denominator, &edition.numerator];
        let of = |section: &RuleList| {
            let asked = section.rules.iter().filter_map(|rule| match &rule.decision {
                RuleEffect::ByPolicy(name) => Some(name),
                RuleEffect::Fixed(_) => None,
            });
            asked.fold(vec![edition.default_choices(2017)], |all: Vec<PolicyChoices>, name| {
                let choices = &edition.policies[name].choices;
                let with = |so_far: PolicyChoices| {
                    choices.iter().map(move |choice| {
                        let mut choices = so_far.clone();
                        choices.insert(name.clone(), *choice);
                        choices
                    })
                };
                all.into_iter().flat_map(with).collect()
            })
        };
        sections.into_iter().flat_map(of).collect()
    }

    #[test]
    fn every_edition_can_be_written_exactly_under_every_choice() {
        let period = Period::parse("2017Q2").unwrap_or_else(|error| panic!("{error}"));
        let source = |table: &str| SqlTable { table: table.to_owned(), columns: None };
        let mut wrong = std::collections::BTreeSet::new();
        let mut written = 0;
        for edition in edition::all() {
            for choices in all_choices(&edition) {
                // Without an attestation date, a window may have an open end.
                let attestations = [None, Day::parse(b"2018-01-31")];
                let is_asked = edition.numerator.window.is_some();
                for attested in attestations.into_iter().take(if is_asked { 2 } else { 1 }) {
                    let order = SqlQuery {
                        dialect: SqlDialect::Spark,
                        yields: QueryKind::Figures,
                        edition: &edition,
                        choices: &choices,
                        credit: AttributionMode::Strict,
                        threshold: edition.threshold(2017).threshold,
                        period,
                        attested,
                        channels: &ChannelCertifications::default(),
                        locations: &BTreeMap::new(),
                        layout: &Layout::canonical(),
                        zone: None,
                        markers: &AbsenceMarkers::default(),
                        unusable: UnusableChoice::Bound,
                        encounters: &source("encounters"),
                        numerator: &source("rows"),
                        roster: None,
                        remarks: Vec::new(),
                    };
                    match text(&order) {
                        Ok(_) => written += 1,
                        Err(unfit) => {
                            wrong.insert(format!("{}: {unfit}", edition.id));
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(written > 100, "{written}");
    }
}
