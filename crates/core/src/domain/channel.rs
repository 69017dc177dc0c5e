//! Which ways of writing are the messaging function of certified EHR technology, and on which days (B19, B20).

use crate::domain::period::{Day, Period};
use crate::domain::words::{Certified, Channel, UNKNOWN};

/// The channels of a run: the closed list first, then those that the configuration names, then `unknown`.
#[derive(Clone, Debug)]
pub struct ChannelCertifications {
    named: Vec<ConfiguredChannel>,
}

/// A channel and what is known of its certification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredChannel {
    /// The word in the export, lower case.
    pub name: String,
    /// Whether, and when, it counts as the messaging function of certified EHR technology.
    pub certification: Certification,
}

/// Whether a channel is certified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certification {
    /// On no day.
    Never,
    /// From the first day to the last, both included; open where none is given.
    Between(Option<Day>, Option<Day>),
}

/// A position in [`ChannelCertifications`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChannelCode(pub u16);

impl Default for ChannelCertifications {
    /// The closed list, of which `ehr-portal` alone is certified.
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
    /// Adds a channel, or replaces what was known of the channel with this name.
    pub fn set(&mut self, channel: ConfiguredChannel) {
        match self.named.iter_mut().find(|known| known.name == channel.name) {
            Some(known) => *known = channel,
            None => self.named.push(channel),
        }
    }

    /// The names in code order; the code after the last is [`Self::unknown`].
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.iter().map(|channel| channel.name.as_str())
    }

    /// The name of a channel.
    pub fn name(&self, code: ChannelCode) -> &str {
        self.named.get(code.0 as usize).map_or(UNKNOWN, |channel| &channel.name)
    }

    /// The code of a channel that the export does not name, or names in a word nobody knows.
    pub fn unknown(&self) -> ChannelCode {
        ChannelCode(self.named.len() as u16)
    }

    /// Every code, [`Self::unknown`] included.
    pub fn codes(&self) -> impl Iterator<Item = ChannelCode> {
        (0..=self.named.len() as u16).map(ChannelCode)
    }

    /// The days from which certifications differ from those before.
    pub fn bounds(&self) -> impl Iterator<Item = Day> {
        let bounds = |channel: &ConfiguredChannel| match channel.certification {
            Certification::Never => [None, None],
            Certification::Between(from, until) => [from, until.map(|day| day.plus(1))],
        };
        self.named.iter().flat_map(bounds).flatten()
    }

    /// Whether the channel is certified on this day.
    pub fn on(&self, code: ChannelCode, day: Day) -> Certified {
        self.over(code, Period { first: day, last: day })
    }

    /// Whether the channel is certified, where that is the same on every day; none where it hangs on the day.
    pub fn always(&self, code: ChannelCode) -> Option<Certified> {
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

    /// Whether the channel is certified on the days of a period; `unknown` where the days differ.
    pub fn over(&self, code: ChannelCode, period: Period) -> Certified {
        match self.named.get(code.0 as usize) {
            Some(channel) => channel.certification.over(period),
            None => union(self.named.iter().map(|channel| channel.certification.over(period))),
        }
    }

    /// Whether the channel is certified on the days of several periods; `unknown` where the days differ.
    pub fn over_all(&self, code: ChannelCode, periods: &[Period]) -> Certified {
        union(periods.iter().map(|period| self.over(code, *period)))
    }
}

impl Certification {
    fn over(&self, period: Period) -> Certified {
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

/// One answer where all agree, else `unknown`.
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

    /// Over a period a channel is certified as on each of its days, or unknown where they differ.
    #[test]
    fn a_period_is_the_union_of_its_days() {
        let ends = || std::iter::once(None).chain((3..=6).map(|end| Some(day(end))));
        let between = ends().flat_map(|from| ends().map(move |until| Certification::Between(from, until)));
        for certification in between.chain([Certification::Never]) {
            for first in 1..=8 {
                for last in first..=8 {
                    let days = (first..=last).map(|one| Period { first: day(one), last: day(one) });
                    let each = union(days.map(|period| certification.over(period)));
                    let period = Period { first: day(first), last: day(last) };
                    assert_eq!(certification.over(period), each, "{certification:?} {first}..{last}");
                }
            }
        }
    }

    /// On one day, by hand.
    #[test]
    fn both_ends_are_certified_days() {
        let certification = Certification::Between(Some(day(3)), Some(day(5)));
        let on = |one| certification.over(Period { first: day(one), last: day(one) });
        assert_eq!([2, 3, 4, 5, 6].map(on), {
            use Certified::{No, Yes};
            [No, Yes, Yes, Yes, No]
        });
    }
}
