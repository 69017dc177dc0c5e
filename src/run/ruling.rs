//! The rules of a run: an edition, with the choices made where it leaves some.

use std::collections::BTreeMap;

use crate::domain::credit::Credit;
use crate::domain::period::{Day, Period};
use crate::domain::report::{EditionRef, Subject};
use crate::domain::score::Threshold;
use crate::domain::words::{Party, SENDER, WordList};
use crate::edition::model::{Choices, Counted};
use crate::edition::{DecisionTable, Edition};
use crate::run::settings::Settings;
use crate::tally::Law;

/// An edition, with the choices made where it leaves some.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// The edition.
    pub edition: Edition,
    /// The choice for each of its policies.
    pub choices: Choices,
    /// How rows of the numerator are credited.
    pub credit: Credit,
    /// What the numerator has to reach in the year of the period.
    pub threshold: Threshold,
}

impl Ruling {
    /// Its law in a run; exclusions that ask about counties are computed only where these are known.
    pub fn law(&self, settings: &Settings, knows_counties: bool) -> Law {
        self.law_in(settings.period, settings, knows_counties)
    }

    /// The same as if another period were the reporting period.
    pub fn law_in(&self, period: Period, settings: &Settings, knows_counties: bool) -> Law {
        Law::new(
            &self.edition,
            &self.choices,
            period,
            settings.attested,
            settings.channels.clone(),
            knows_counties,
        )
    }

    /// Whether its numerator asks messages, and not accesses to the portal.
    pub fn counts_messages(&self) -> bool {
        self.edition.counts == Counted::Messages
    }

    /// Every policy of the edition with the word of its choice.
    pub fn policies(&self) -> BTreeMap<String, String> {
        self.choices.iter().map(|(name, choice)| (name.clone(), choice.word().to_owned())).collect()
    }

    /// What a report says of the edition.
    pub fn reference(&self, period: Period, attested: Option<Day>) -> EditionRef {
        let Edition { id, sha256, title, .. } = &self.edition;
        EditionRef {
            id: id.clone(),
            sha256: sha256.clone(),
            title: title.clone(),
            more_than_percent: match self.threshold {
                Threshold::MoreThanPercent(percent) => Some(percent),
                Threshold::AtLeast(_) | Threshold::Attested => None,
            },
            at_least: match self.threshold {
                Threshold::AtLeast(patients) => Some(patients),
                Threshold::MoreThanPercent(_) | Threshold::Attested => None,
            },
            numerator_of: self.subject(),
            peer: self.edition.peer,
            notes: self.notes(period, attested),
        }
    }

    /// What the numerator is about: the sides from which a message may count.
    fn subject(&self) -> Subject {
        if !self.counts_messages() {
            return Subject::Accesses;
        }
        let table = DecisionTable::compile(&self.edition.numerator, &self.choices);
        let columns = self.edition.numerator.columns;
        let may_count_from = |sender: Party| {
            let code = |column: &&WordList| {
                if column.name == SENDER.name { sender.code() } else { column.unknown() }
            };
            let row: Vec<u8> = columns.iter().map(code).collect();
            table.cell_of(&row).answer.may_be_in()
        };
        match (may_count_from(Party::Patient), may_count_from(Party::Provider)) {
            (true, false) => Subject::MessagesFromPatients,
            (false, _) => Subject::MessagesToPatients,
            (true, true) => Subject::MessagesEitherWay,
        }
    }

    /// What a reader must know of the edition in this run.
    fn notes(&self, period: Period, attested: Option<Day>) -> Vec<String> {
        use crate::edition::model::Window;
        let edition = &self.edition;
        let mut notes = Vec::new();
        if edition.peer {
            notes.push(
                "This is how another program counts, to be compared with; it is not the regulation."
                    .to_owned(),
            );
        }
        if !edition.years.contains(period.program_year()) {
            let year = period.program_year();
            let others = crate::edition::all().into_iter();
            let others = others.filter(|other| !other.peer && other.years.contains(year));
            let others: Vec<String> = others.map(|other| other.id).collect();
            let others = match others.as_slice() {
                [] => String::new(),
                ids => format!(" For {year} there are {}.", ids.join(", ")),
            };
            notes.push(format!(
                "The period begins in {year}, and the edition is for {}: what holds in its nearest year is applied.{others}",
                edition.years
            ));
        }
        if self.threshold == Threshold::Attested {
            notes.push(
                "The measure is attested with yes or no, not calculated; the figures are evidence that the function was in use."
                    .to_owned(),
            );
        }
        if edition.numerator.window == Some(Window::YearToAttestation) && attested.is_none() {
            notes.push(
                "Accesses after the period count up to the day of attestation, which is not known; add --attested DATE.".to_owned(),
            );
        }
        notes
    }
}
