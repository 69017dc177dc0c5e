//! The rules of a run: a rule set and its policy settings.

use std::collections::{BTreeMap, BTreeSet};

use mucalc_core::domain::allowance::{Allowance, PeriodAllowance};
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::calendar::period_text;
use mucalc_core::domain::edition_ref::EditionRef;
use mucalc_core::domain::participant::Participant;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::score::Threshold;
use mucalc_core::domain::subject::NumeratorSubject;
use mucalc_core::domain::text::pluralize;
use mucalc_core::domain::words::{Certified, MessageParty, SENDER};
use mucalc_core::edition::model::{NumeratorSource, PolicyChoices, RuleList};
use mucalc_core::edition::periods::{PeriodRule, allowance};
use mucalc_core::edition::{DecisionTable, Edition, nearest};

/// A rule set and its policy settings.
#[derive(Clone, Debug)]
pub struct MeasureConfig {
    /// Rule set.
    pub edition: Edition,
    /// Setting of each of its policies.
    pub choices: PolicyChoices,
    /// How numerator rows are attributed.
    pub credit: AttributionMode,
    /// Who attests; `None` if not specified.
    pub participant: Option<Participant>,
    /// Threshold in the program year of the period.
    pub threshold: Threshold,
}

impl MeasureConfig {
    /// Returns whether the numerator counts messages, not portal accesses.
    pub fn counts_messages(&self) -> bool {
        self.edition.counts == NumeratorSource::Messages
    }

    /// Returns every policy of the rule set with its setting.
    pub fn policies(&self) -> BTreeMap<String, String> {
        self.choices.iter().map(|(name, choice)| (name.clone(), choice.word().to_owned())).collect()
    }

    /// Returns the rules about reporting periods for the year in which a period begins, and for the participant who attests.
    pub fn period_rules(&self, period: Period) -> Vec<&PeriodRule> {
        self.edition.period_rules(period.program_year(), self.participant)
    }

    /// Returns whether the program allows a reporting period, with the nearest allowed ones. `None` if the rule set does not specify it.
    pub fn period_allowance(&self, period: Period) -> Option<PeriodAllowance> {
        let rules = self.period_rules(period);
        if rules.is_empty() {
            return None;
        }
        let allowance = allowance(&rules, period);
        let participants: BTreeSet<Participant> = rules.iter().map(|rule| rule.participant).collect();
        let nearest = match allowance {
            Allowance::NotAllowed => {
                nearest(&self.edition, self.participant, period).into_iter().map(PeriodDates::from).collect()
            }
            Allowance::Longer | Allowance::Allowed => Vec::new(),
        };
        Some(PeriodAllowance { allowance, participants: participants.into_iter().collect(), nearest })
    }

    /// Returns whether the program allows a period. `None` if the rule set does not specify it.
    pub fn period_standing(&self, period: Period) -> Option<Allowance> {
        let rules = self.period_rules(period);
        (!rules.is_empty()).then(|| allowance(&rules, period))
    }

    /// Returns whether any participant may use a period, or no rule forbids it.
    pub fn allows(&self, period: Period) -> bool {
        allowance(&self.period_rules(period), period) != Allowance::NotAllowed
    }

    /// Returns a note about a reporting period that is not plainly allowed, for the reader of a report.
    pub fn period_note(&self, period: Period) -> Option<String> {
        let PeriodAllowance { allowance, nearest, .. } = self.period_allowance(period)?;
        let length = pluralize(period.days().max(0) as u64, "day", "days");
        let allowed = self.allowed_periods_text(period);
        match allowance {
            Allowance::Allowed => None,
            Allowance::Longer => Some(format!(
                "The period has {length}. Allowed: {allowed}. The regulation does not say whether a longer period is."
            )),
            Allowance::NotAllowed => {
                let shown = |days: &PeriodDates| {
                    let PeriodDates { first, last } = *days;
                    format!("{} ({first}..{last})", period_text((*days).into()))
                };
                let nearest: Vec<String> = nearest.iter().map(shown).collect();
                Some(format!(
                    "{} ({length}) is not an allowed reporting period, so it cannot be attested (`period-not-allowed`). Allowed: {allowed}. \
                     Nearest: {}.",
                    period_text(period),
                    nearest.join(", ")
                ))
            }
        }
    }

    /// Returns which reporting periods each kind of participant may choose, as text.
    pub fn allowed_periods_text(&self, period: Period) -> String {
        let mut texts: BTreeMap<Participant, Vec<String>> = BTreeMap::new();
        for rule in self.period_rules(period) {
            texts.entry(rule.participant).or_default().push(rule.text());
        }
        let mut all: Vec<(Vec<&str>, String)> = Vec::new();
        for (participant, texts) in texts {
            let text = texts.join(" or ");
            match all.iter_mut().find(|(_, known)| *known == text) {
                Some((who, _)) => who.push(participant.plural()),
                None => all.push((vec![participant.plural()], text)),
            }
        }
        let one = |(who, text): &(Vec<&str>, String)| format!("for {}, {text}", who.join(" and "));
        all.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    /// Returns what a report states about the rule set.
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
            is_mips: !self.edition.periods.is_empty()
                && self.edition.periods.iter().all(|rule| rule.participant == Participant::Mips),
            notes: self.notes(period, attested),
            reporting_period: None,
        }
    }

    /// Returns the position of the numerator's first rule about certified channels; `None` for a rule set without such a rule.
    pub fn channel_rule(&self) -> Option<u8> {
        let RuleList { columns, rules, .. } = &self.edition.numerator;
        let channel = columns.iter().position(|column| column.name == Certified::LIST.name)?;
        let asks_channel =
            rules.iter().position(|rule| rule.when.as_ref().is_some_and(|when| when.references(channel)));
        asks_channel.map(|rule| rule as u8)
    }

    /// Returns the subject of the numerator: who may have sent a qualifying message.
    pub fn subject(&self) -> NumeratorSubject {
        if !self.counts_messages() {
            return NumeratorSubject::Accesses;
        }
        let section = &self.edition.numerator;
        let column = section.columns.iter().position(|column| column.name == SENDER.name);
        let may_count_from = |sender: MessageParty| {
            column.is_some_and(|column| {
                DecisionTable::may_include(section, &self.choices, column, sender.code())
            })
        };
        match (may_count_from(MessageParty::Patient), may_count_from(MessageParty::Provider)) {
            (true, false) => NumeratorSubject::MessagesFromPatients,
            (false, _) => NumeratorSubject::MessagesToPatients,
            (true, true) => NumeratorSubject::MessagesEitherWay,
        }
    }

    /// Returns notes about the rule set in this run, for the reader of a report.
    fn notes(&self, period: Period, attested: Option<Day>) -> Vec<String> {
        use mucalc_core::edition::model::NumeratorWindow;
        let edition = &self.edition;
        let mut notes: Vec<String> = edition.notes.iter().map(|note| note.why.clone()).collect();
        if edition.peer {
            notes.push(
                "This is how another program counts, to be compared with; it is not the regulation."
                    .to_owned(),
            );
        }
        if !edition.years.contains(period.program_year()) {
            let year = period.program_year();
            let others = mucalc_core::edition::all().into_iter();
            let others = others.filter(|other| !other.peer && other.years.contains(year));
            let others: Vec<String> = others.map(|other| other.id).collect();
            let others = match others.as_slice() {
                [] => String::new(),
                ids => format!(" For {year} there are {}.", ids.join(", ")),
            };
            notes.push(format!(
                "The period begins in {year}, and the rule set is for {}. The rules of its nearest year are applied.{others}",
                edition.years
            ));
        }
        if self.threshold == Threshold::Attested {
            notes.push(
                "The measure is attested with yes or no, not calculated; the figures are evidence that the function was in use."
                    .to_owned(),
            );
        }
        if edition.numerator.window == Some(NumeratorWindow::YearToAttestation) && attested.is_none() {
            notes.push(
                "Accesses after the period count up to the day of attestation, which is not known; add --attested DATE.".to_owned(),
            );
        }
        notes
    }
}
