//! Classifies days: in the reporting period, in the extended window around it, or outside both.

use crate::domain::period::{Day, Period};
use crate::domain::words::DayRelation;
use crate::edition::compile::TableCell;
use crate::edition::model::NumeratorWindow;

/// The reporting period of a run, and the extended window that its rule set uses.
#[derive(Clone, Copy, Debug)]
pub struct CountingWindow {
    /// The reporting period.
    pub period: Period,
    wider: Option<ExtendedWindow>,
    kind: Option<NumeratorWindow>,
    attested: Option<Day>,
}

#[derive(Clone, Copy, Debug)]
struct ExtendedWindow {
    span: Period,
    /// Whether the end is unknown; `span` then ends on the earliest possible day.
    open: bool,
}

impl CountingWindow {
    /// Returns the windows of a run. `attested` is the attestation date; `None` if it is unknown.
    pub fn new(period: Period, window: Option<NumeratorWindow>, attested: Option<Day>) -> Self {
        let begin = period.first.first_of_year();
        let end = period.last.last_of_year();
        let wider = window.map(|window| match window {
            NumeratorWindow::CalendarYear => {
                ExtendedWindow { span: Period { first: begin, last: end }, open: false }
            }
            NumeratorWindow::YearToAttestation => {
                // The attestation follows the end of the period.
                let last = attested.unwrap_or(period.last).max(period.last);
                ExtendedWindow { span: Period { first: begin, last }, open: attested.is_none() }
            }
        });
        Self { period, wider, kind: window, attested }
    }

    /// Returns whether the end of the extended window is unknown.
    pub fn is_open(&self) -> bool {
        self.wider.is_some_and(|wider| wider.open)
    }

    /// Returns the days on which a row may qualify, up to the last one that is certainly in the window.
    pub fn span(&self) -> Period {
        self.wider.map_or(self.period, |wider| wider.span)
    }

    /// Returns the decision for a day. `cell` returns the decision for each relation to the period.
    #[inline(always)]
    pub fn evaluate(&self, day: Day, cell: impl Fn(DayRelation) -> TableCell) -> TableCell {
        match self.relation(day) {
            Some(day) => cell(day),
            None => cell(DayRelation::Around).or(cell(DayRelation::Outside)),
        }
    }

    /// Returns how `day` relates to the period, or `None` if the attestation date is unknown and `day` could be around the period or
    /// outside.
    #[inline(always)]
    pub fn relation(&self, day: Day) -> Option<DayRelation> {
        match self.wider {
            // The usual case, without a branch on the day.
            None => Some(if self.period.contains(day) { DayRelation::Inside } else { DayRelation::Outside }),
            Some(wider) => self.place_in(wider, day),
        }
    }

    fn place_in(&self, ExtendedWindow { span, open }: ExtendedWindow, day: Day) -> Option<DayRelation> {
        if self.period.contains(day) {
            return Some(DayRelation::Inside);
        }
        match open {
            _ if span.contains(day) => Some(DayRelation::Around),
            true if span.last < day => None,
            _ => Some(DayRelation::Outside),
        }
    }

    /// Returns every possible relation of `day` to the period.
    pub fn possible_relations(&self, day: Day) -> impl Iterator<Item = DayRelation> + use<> {
        let places = match self.relation(day) {
            Some(place) => [Some(place), None],
            None => [Some(DayRelation::Around), Some(DayRelation::Outside)],
        };
        places.into_iter().flatten()
    }

    /// Returns the same windows for another period.
    pub fn with_period(&self, period: Period) -> Self {
        Self::new(period, self.kind, self.attested)
    }

    /// Returns how `day` relates to periods of a calendar year that begin after it, contain it, and end before it. Two relations are
    /// possible if the attestation date is unknown.
    pub fn relations_around(&self, year: Period, day: Day) -> [[Option<DayRelation>; 2]; 3] {
        let one = |place| [Some(place), None];
        let before = match self.kind {
            Some(_) if year.first <= day => one(DayRelation::Around),
            _ => one(DayRelation::Outside),
        };
        let after = match (self.kind, self.attested) {
            (Some(NumeratorWindow::CalendarYear), _) if day <= year.last => one(DayRelation::Around),
            (Some(NumeratorWindow::YearToAttestation), Some(attested)) if day <= attested => {
                one(DayRelation::Around)
            }
            (Some(NumeratorWindow::YearToAttestation), None) => {
                [Some(DayRelation::Around), Some(DayRelation::Outside)]
            }
            _ => one(DayRelation::Outside),
        };
        [before, one(DayRelation::Inside), after]
    }

    /// Returns the possible relations of an unknown day, each with the spans of days that have it.
    pub fn regions(&self) -> impl Iterator<Item = (DayRelation, Vec<Period>)> {
        let Period { first, last } = self.period;
        let hull = self.span();
        let span = |first: Day, last: Day| (first <= last).then_some(Period { first, last });
        let beyond = span(hull.last.add_days(1), Day::NEVER);
        let open = self.is_open();
        let around = [
            span(hull.first, first.add_days(-1)),
            span(last.add_days(1), hull.last),
            beyond.filter(|_| open),
        ];
        let outside = [span(Day::FIRST, hull.first.add_days(-1)), beyond];
        let inside = (DayRelation::Inside, vec![self.period]);
        let around = (DayRelation::Around, around.into_iter().flatten().collect());
        let outside = (DayRelation::Outside, outside.into_iter().flatten().collect());
        [inside, around, outside]
            .into_iter()
            .filter(|(_, spans): &(DayRelation, Vec<Period>)| !spans.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(period: &str, window: Option<NumeratorWindow>, attested: Option<&str>) -> String {
        let attested = attested.and_then(|day| Day::parse(day.as_bytes()));
        let windows = CountingWindow::new(
            Period::parse(period).unwrap_or_else(|error| panic!("{error}")),
            window,
            attested,
        );
        let span = |span: &Period| match (span.first == Day::FIRST, span.last == Day::NEVER) {
            (true, _) => format!("..{}", span.last),
            (_, true) => format!("{}..", span.first),
            _ => format!("{}..{}", span.first, span.last),
        };
        let region = |(day, spans): (DayRelation, Vec<Period>)| {
            let spans: Vec<String> = spans.iter().map(span).collect();
            format!("{} {}", DayRelation::LIST.word(day.code()), spans.join(" "))
        };
        windows.regions().map(region).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn every_day_lies_in_one_region() {
        let (year, attestation) =
            (Some(NumeratorWindow::CalendarYear), Some(NumeratorWindow::YearToAttestation));
        for (period, window, attested, regions) in [
            ("2014Q3", None, None, "inside 2014-07-01..2014-09-30, outside ..2014-06-30 2014-10-01.."),
            (
                "2017Q1",
                year,
                None,
                "inside 2017-01-01..2017-03-31, around 2017-04-01..2017-12-31, outside ..2016-12-31 2018-01-01..",
            ),
            ("2017", year, None, "inside 2017-01-01..2017-12-31, outside ..2016-12-31 2018-01-01.."),
            (
                "2014Q2",
                attestation,
                Some("2015-02-20"),
                "inside 2014-04-01..2014-06-30, around 2014-01-01..2014-03-31 2014-07-01..2015-02-20, outside ..2013-12-31 2015-02-21..",
            ),
            // Without the attestation date, later days may be in the window or not.
            (
                "2014",
                attestation,
                None,
                "inside 2014-01-01..2014-12-31, around 2015-01-01.., outside ..2013-12-31 2015-01-01..",
            ),
        ] {
            assert_eq!(shown(period, window, attested), regions, "{period}");
        }
    }
}
