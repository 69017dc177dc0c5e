//! Which channels are the messaging function of certified EHR technology, and on which days (B19, B20).

use crate::domain::period::{Day, Period};
use crate::domain::words::{Certified, Channel, UNKNOWN};

/// The channels of a run: the closed list first, then the channels of the configuration, then `unknown`.
#[derive(Clone, Debug)]
pub struct ChannelCertifications {
    named: Vec<ConfiguredChannel>,
}

/// A channel with its certification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredChannel {
    /// The value in the export, in lowercase.
    pub name: String,
    /// Whether, and when, the channel is the messaging function of certified EHR technology.
    pub certification: Certification,
}

/// The days on which a channel is certified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certification {
    /// Certified on no day.
    Never,
    /// Certified from the first day to the last, both included. `None` is an open end.
    Between(Option<Day>, Option<Day>),
}

/// A position in [`ChannelCertifications`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChannelCode(pub u16);

impl Default for ChannelCertifications {
    /// Returns the closed list, in which only `ehr-portal` is certified.
    fn default() -> Self {
        let certification = |code: usize| {
            if code as u8 == Channel::EhrPortal.code() {
                Certification::Between(None, None)
            } else {
                Certification::Never
            }
        };
        let named = Channel::LIST.words.iter().enumerate();
        Self {
            named: named
                .map(|(code, word)| ConfiguredChannel {
                    name: (*word).to_owned(),
                    certification: certification(code),
                })
                .collect(),
        }
    }
}

impl ChannelCertifications {
    /// Adds a channel, or replaces the channel with the same name.
    pub fn insert(&mut self, channel: ConfiguredChannel) {
        match self.named.iter_mut().find(|known| known.name == channel.name) {
            Some(known) => *known = channel,
            None => self.named.push(channel),
        }
    }

    /// Returns the names in code order. The code after the last one is [`Self::unknown_code`].
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.iter().map(|channel| channel.name.as_str())
    }

    /// Returns the name of a channel; `unknown` for a code after the last one.
    pub fn name(&self, code: ChannelCode) -> &str {
        self.named.get(code.0 as usize).map_or(UNKNOWN, |channel| &channel.name)
    }

    /// Returns the code of a channel that the export does not name, or names with a value that is not mapped.
    pub fn unknown_code(&self) -> ChannelCode {
        ChannelCode(self.named.len() as u16)
    }

    /// Returns every code, including [`Self::unknown_code`].
    pub fn codes(&self) -> impl Iterator<Item = ChannelCode> {
        (0..=self.named.len() as u16).map(ChannelCode)
    }

    /// Returns the days on which some certification differs from the day before.
    pub fn boundary_dates(&self) -> impl Iterator<Item = Day> {
        let bounds = |channel: &ConfiguredChannel| match channel.certification {
            Certification::Never => [None, None],
            Certification::Between(from, until) => [from, until.map(|day| day.add_days(1))],
        };
        self.named.iter().flat_map(bounds).flatten()
    }

    /// Returns whether the channel is certified on this day.
    pub fn certified_on(&self, code: ChannelCode, day: Day) -> Certified {
        self.over_period(code, Period { first: day, last: day })
    }

    /// Returns whether the channel is certified, if that is the same on every day; `None` if it depends on the day.
    pub fn constant_status(&self, code: ChannelCode) -> Option<Certified> {
        let always = |channel: &ConfiguredChannel| match channel.certification {
            Certification::Never => Some(Certified::No),
            Certification::Between(None, None) => Some(Certified::Yes),
            Certification::Between(..) => None,
        };
        match self.named.get(code.0 as usize) {
            Some(channel) => always(channel),
            None => {
                self.named.iter().map(always).collect::<Option<Vec<_>>>().map(|all| union(all.into_iter()))
            }
        }
    }

    /// Returns whether the channel is certified on the days of a period; `Unknown` if the days differ.
    pub fn over_period(&self, code: ChannelCode, period: Period) -> Certified {
        match self.named.get(code.0 as usize) {
            Some(channel) => channel.certification.over_period(period),
            None => union(self.named.iter().map(|channel| channel.certification.over_period(period))),
        }
    }

    /// Returns whether the channel is certified on the days of several periods; `Unknown` if the days differ.
    pub fn over_periods(&self, code: ChannelCode, periods: &[Period]) -> Certified {
        union(periods.iter().map(|period| self.over_period(code, *period)))
    }
}

impl Certification {
    fn over_period(&self, period: Period) -> Certified {
        match self {
            Certification::Never => Certified::No,
            Certification::Between(from, until) => {
                let begins = from.is_none_or(|from| from <= period.first);
                let ends = until.is_none_or(|until| period.last <= until);
                let apart = from.is_some_and(|from| period.last < from)
                    || until.is_some_and(|until| until < period.first);
                match (begins && ends, apart) {
                    (true, _) => Certified::Yes,
                    (false, true) => Certified::No,
                    (false, false) if self.is_empty() => Certified::No,
                    (false, false) => Certified::Unknown,
                }
            }
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Certification::Between(Some(from), Some(until)) if until < from)
    }
}

/// Returns the answer that all agree on, or else `Unknown`.
fn union(answers: impl Iterator<Item = Certified>) -> Certified {
    answers
        .reduce(|one, other| if one == other { one } else { Certified::Unknown })
        .unwrap_or(Certified::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> Day {
        Day::parse(format!("2014-07-{day:02}").as_bytes()).expect("a day")
    }

    /// A channel is certified over a period as on each of its days, or unknown if the days differ.
    #[test]
    fn a_period_is_the_union_of_its_days() {
        let ends = || std::iter::once(None).chain((3..=6).map(|end| Some(day(end))));
        let between = ends().flat_map(|from| ends().map(move |until| Certification::Between(from, until)));
        for certification in between.chain([Certification::Never]) {
            for first in 1..=8 {
                for last in first..=8 {
                    let days = (first..=last).map(|one| Period { first: day(one), last: day(one) });
                    let each = union(days.map(|period| certification.over_period(period)));
                    let period = Period { first: day(first), last: day(last) };
                    assert_eq!(certification.over_period(period), each, "{certification:?} {first}..{last}");
                }
            }
        }
    }

    /// Expected values by hand, for single days.
    #[test]
    fn both_ends_are_certified_days() {
        let certification = Certification::Between(Some(day(3)), Some(day(5)));
        let on = |one| certification.over_period(Period { first: day(one), last: day(one) });
        assert_eq!([2, 3, 4, 5, 6].map(on), {
            use Certified::{No, Yes};
            [No, Yes, Yes, Yes, No]
        });
    }
}
