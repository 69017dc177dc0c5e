//! The reporting periods that a program allows, by year and participant (B45).

use crate::domain::allowance::Allowance;
use crate::domain::calendar::day_of_year_text;
use crate::domain::participant::Participant;
use crate::domain::period::{Day, Period};
use crate::edition::explanation::CitedText;
use crate::edition::years::ProgramYears;

/// The reporting periods that a program allows one kind of participant.
#[derive(Clone, Debug)]
pub struct PeriodRule {
    /// The participants who may choose them.
    pub participant: Participant,
    /// The program years.
    pub years: ProgramYears,
    /// The form of the periods, all of which are within one calendar year.
    pub form: PeriodForm,
    /// The month and day before which the periods must end; `None` if the year sets the only limit.
    pub ends_before: Option<(u32, u32)>,
    /// The reason and its source.
    pub why: CitedText,
}

/// The form of allowed reporting periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodForm {
    /// A calendar quarter.
    Quarter,
    /// Exactly this many continuous days. The regulation does not mention longer periods.
    Days(i32),
    /// At least this many continuous days.
    DaysOrMore(i32),
}

impl PeriodRule {
    /// Returns whether the rule allows a period.
    pub fn allowance(&self, period: Period) -> Allowance {
        let year = period.program_year();
        if self.latest_end(year).is_none_or(|latest| latest < period.last) {
            return Allowance::NotAllowed;
        }
        let days = period.days();
        match self.form {
            PeriodForm::Quarter if quarters(year).any(|quarter| quarter == period) => Allowance::Allowed,
            PeriodForm::Quarter => Allowance::NotAllowed,
            PeriodForm::Days(exact) if days > exact => Allowance::Longer,
            PeriodForm::Days(least) | PeriodForm::DaysOrMore(least) if days >= least => Allowance::Allowed,
            PeriodForm::Days(_) | PeriodForm::DaysOrMore(_) => Allowance::NotAllowed,
        }
    }

    /// Returns the allowed periods that are nearest to `period`: with the same first day, with the same last day, or as near as the year
    /// permits.
    pub(super) fn near(&self, period: Period, year: i32) -> Vec<Period> {
        let Some((begin, end)) = Day::from_ymd(year, 1, 1).zip(self.latest_end(year)) else {
            return Vec::new();
        };
        let (first, last) = (period.first.max(begin), period.last.min(end));
        let of_days = |days: i32| {
            let latest = end.add_days(1 - days);
            let begins = [period.first, period.last.add_days(1 - days)];
            let one = |day: Day| {
                let first = day.clamp(begin, latest.max(begin));
                Period { first, last: first.add_days(days - 1) }
            };
            begins.map(one).into_iter().filter(|one| one.last <= end).collect()
        };
        match self.form {
            PeriodForm::Quarter => {
                let overlaps = |quarter: &Period| quarter.first <= last && first <= quarter.last;
                quarters(year).filter(|quarter| quarter.last <= end).filter(overlaps).collect()
            }
            PeriodForm::DaysOrMore(least) if last.days_since(first) + 1 >= least => {
                vec![Period { first, last }]
            }
            PeriodForm::Days(days) | PeriodForm::DaysOrMore(days) => of_days(days),
        }
    }

    /// Returns the last day on which a period of a year may end; `None` if the calendar has no such year.
    fn latest_end(&self, year: i32) -> Option<Day> {
        let (month, day) = self.ends_before.unwrap_or((12, 31));
        let limit = Day::from_ymd(year, month, day)?;
        Some(if self.ends_before.is_some() { limit.add_days(-1) } else { limit })
    }

    /// Returns what the rule allows, as a noun phrase.
    pub fn text(&self) -> String {
        let form = match self.form {
            PeriodForm::Quarter => "a calendar quarter".to_owned(),
            PeriodForm::Days(days) => format!("any continuous {days}-day period in the calendar year"),
            PeriodForm::DaysOrMore(days) => {
                format!("a continuous period of at least {days} days in the calendar year")
            }
        };
        let limit = self
            .ends_before
            .map_or(String::new(), |limit| format!(" that ends before {}", day_of_year_text(limit)));
        format!("{form}{limit}")
    }
}

/// Returns whether the rules allow a period. Without rules every period is allowed.
pub fn allowance(rules: &[&PeriodRule], period: Period) -> Allowance {
    rules.iter().map(|rule| rule.allowance(period)).max().unwrap_or(Allowance::Allowed)
}

/// Returns the calendar quarters of a year.
fn quarters(year: i32) -> impl Iterator<Item = Period> {
    (1..=4).filter_map(move |quarter| Period::parse(&format!("{year:04}Q{quarter}")).ok())
}
