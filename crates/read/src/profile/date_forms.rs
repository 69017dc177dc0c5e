//! Recognizes the formats in which an export writes days and times, and whether the day or the month comes first.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use chrono::Datelike;

use super::shape::samples;
use crate::layout::datetime_format::DateTimeFormat;
use mucalc_core::domain::period::Day;

/// A format that exports use.
struct KnownForm {
    text: String,
    format: DateTimeFormat,
    order: Option<DayOrder>,
}

/// Which comes first in a date of three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayOrder {
    /// The month, as in the United States.
    MonthFirst,
    /// The day.
    DayFirst,
}

/// The dates in which only the month comes first. Each is also tried with the day first.
const MONTH_FIRST: [&str; 19] = [
    "M/D/YYYY",
    "M/D/YYYY h:mm A",
    "M/D/YYYY h:mm:ss A",
    "M/D/YYYY h:mmA",
    "M/D/YYYY  h:mmA",
    "M/D/YYYY H:mm",
    "M/D/YYYY H:mm:ss",
    "M/D/YYYY H:mm:ss.SSS",
    "M/D/YYYY HHmm",
    "M/D/YY",
    "M/D/YY h:mm A",
    "M/D/YY H:mm",
    "M/D/YY H:mm:ss",
    "M-D-YYYY",
    "M-D-YYYY h:mm A",
    "M-D-YYYY H:mm",
    "M-D-YYYY H:mm:ss",
    "M.D.YYYY",
    "M.D.YYYY H:mm",
];

/// Further dates, whose order is certain.
const OTHERS: [&str; 48] = [
    "YYYY/M/D",
    "YYYY/M/D H:mm",
    "YYYY/M/D H:mm:ss",
    "YYYY-M-D",
    "YYYY-M-D H:mm",
    "YYYY-M-D H:mm:ss",
    "YYYY-M-D h:mm A",
    "YYYY-M-D h:mm:ss A",
    "YYYYMMDD",
    "YYYYMMDDHHmm",
    "YYYYMMDDHHmmss",
    "YYYYMMDD HHmm",
    "YYYYMMDD HH:mm",
    "YYYYMMDD HH:mm:ss",
    "D-MMM-YYYY",
    "D-MMM-YYYY H:mm",
    "D-MMM-YYYY H:mm:ss",
    "D-MMM-YYYY h:mm A",
    "D-MMM-YY",
    "D-MMM-YY H:mm",
    "D-MMM-YY h:mm A",
    "D-MMM-YY hh.mm.ss A",
    "D-MMM-YY hh.mm.ss.SSS A",
    "D MMM YYYY",
    "D MMM YYYY H:mm",
    "D MMM YYYY H:mm:ss",
    "MMM D, YYYY",
    "MMM D, YYYY h:mm A",
    "MMM D, YYYY h:mm:ss A",
    "MMM D YYYY h:mmA",
    // With the blank that pads a number of one digit.
    "MMM D YYYY  h:mmA",
    "MMM  D YYYY h:mmA",
    "MMM  D YYYY  h:mmA",
    "YYYYMMDDHHmmssZZ",
    "MMMM D, YYYY",
    "MMMM D, YYYY h:mm A",
    "D MMMM YYYY",
    "ddd M/D/YYYY",
    "ddd M/D/YYYY h:mm A",
    "ddd, MMM D, YYYY",
    "ddd MMM D YYYY",
    "fileman",
    "YYYY-M-D H:mm:ss ZZ",
    "YYYY/M/D H:mm:ss ZZ",
    "MMM D YYYY",
    "epoch-ms",
    "epoch",
    "serial",
];

static FORMS: LazyLock<Vec<KnownForm>> = LazyLock::new(|| {
    let form = |text: String, order| {
        // A test parses all of them.
        let format = DateTimeFormat::parse(&text).ok()?;
        Some(KnownForm { text, format, order })
    };
    let day_first = |text: &str| text.replacen('M', "\0", 1).replacen('D', "M", 1).replacen('\0', "D", 1);
    let american = MONTH_FIRST.iter().map(|text| form((*text).to_owned(), Some(DayOrder::MonthFirst)));
    let others = MONTH_FIRST.iter().map(|text| form(day_first(text), Some(DayOrder::DayFirst)));
    let certain = OTHERS.iter().map(|text| form((*text).to_owned(), None));
    american.chain(others).chain(certain).flatten().collect()
});

/// The days of a column that are written in one format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormDays {
    /// Number of rows.
    pub rows: u64,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
}

impl FormDays {
    fn merge(&mut self, more: Self) {
        self.rows += more.rows;
        self.first = self.first.min(more.first);
        self.last = self.last.max(more.last);
    }
}

/// The formats of a column that are not always read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateForms {
    forms: BTreeMap<usize, FormDays>,
    /// Rows with a date that exists only with the month first, such as 7/14/2014.
    only_month_first: u64,
    /// Rows with a date that exists only with the day first.
    only_day_first: u64,
}

/// What a column proves about its formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateProposal {
    /// Formats to declare, most frequent first.
    pub forms: Vec<&'static str>,
    /// Rows that they read.
    pub rows: u64,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
    /// Order of day and month, if the formats have one.
    pub order: Option<DayOrder>,
    /// Whether the data settle the order: a date has 13 to 31 in one place, and none in the other. True if the formats have no order.
    pub is_settled: bool,
}

/// The formats that a shape of texts may have. Kept by each thread, because most cells of a column have few shapes.
#[derive(Default)]
pub struct ShapeForms(HashMap<String, Vec<usize>>);

/// Number of shapes that are kept.
const MAX_SHAPES: usize = 1000;

impl ShapeForms {
    fn forms_of_shape(&mut self, shape: &str) -> &[usize] {
        if self.0.len() > MAX_SHAPES {
            self.0.clear();
        }
        if !self.0.contains_key(shape) {
            let samples = samples(shape);
            let may_be = |at: &usize| samples.iter().any(|sample| FORMS[*at].format.read(sample).is_some());
            let forms = (0..FORMS.len()).filter(may_be).collect();
            self.0.insert(shape.to_owned(), forms);
        }
        self.0.get(shape).map_or(&[], Vec::as_slice)
    }
}

impl DateForms {
    /// Adds a text of a column.
    pub fn see(&mut self, text: &str, shape: &str, known: &mut ShapeForms) {
        let (mut month_first, mut day_first) = (false, false);
        for at in known.forms_of_shape(shape) {
            let form = &FORMS[*at];
            let Some((moment, _)) = form.format.read(text) else { continue };
            // A number is a day only if it is one of the time of electronic records.
            if !(1990..2050).contains(&moment.date().year()) {
                continue;
            }
            let day = Day::from(moment.date());
            let seen = FormDays { rows: 1, first: day, last: day };
            self.forms.entry(*at).and_modify(|known| known.merge(seen)).or_insert(seen);
            month_first |= form.order == Some(DayOrder::MonthFirst);
            day_first |= form.order == Some(DayOrder::DayFirst);
        }
        self.only_month_first += u64::from(month_first && !day_first);
        self.only_day_first += u64::from(day_first && !month_first);
    }

    /// Adds the texts of another batch.
    pub fn merge(&mut self, more: Self) {
        for (at, seen) in more.forms {
            self.forms.entry(at).and_modify(|known| known.merge(seen)).or_insert(seen);
        }
        self.only_month_first += more.only_month_first;
        self.only_day_first += more.only_day_first;
    }

    /// Returns the formats to declare, or `None` if no text has a known one. Where the data do not settle the order of day and month, the
    /// month is first.
    pub fn proposal(&self) -> Option<DateProposal> {
        self.proposal_in(None)
    }

    /// Returns the order of day and month that the data settle. `None` if they do not.
    pub fn settled_order(&self) -> Option<DayOrder> {
        match (self.only_month_first, self.only_day_first) {
            (1.., 0) => Some(DayOrder::MonthFirst),
            (0, 1..) => Some(DayOrder::DayFirst),
            _ => None,
        }
    }

    /// Returns the formats to declare. Where these data do not settle the order of day and month, `known` does, which other data settle.
    pub fn proposal_in(&self, known: Option<DayOrder>) -> Option<DateProposal> {
        let is_undecided = self.only_month_first == 0 && self.only_day_first == 0;
        let known = known.filter(|_| is_undecided);
        let order = match known {
            Some(order) => order,
            None if self.only_day_first > self.only_month_first => DayOrder::DayFirst,
            None => DayOrder::MonthFirst,
        };
        let is_meant = |(at, _): &(&usize, &FormDays)| FORMS[**at].order.is_none_or(|known| known == order);
        let mut meant: Vec<(usize, FormDays)> =
            self.forms.iter().filter(is_meant).map(|(at, days)| (*at, *days)).collect();
        // Stable, so that of equally frequent formats the first in the list goes first.
        meant.sort_by_key(|(_, days)| std::cmp::Reverse(days.rows));
        // Texts of numbers have several formats, and only the most frequent one is meant.
        let is_number = |at: usize| !FORMS[at].text.contains(|c: char| !c.is_ascii_alphabetic() && c != '-');
        let first = meant.first()?.0;
        meant.retain(|(at, _)| *at == first || !is_number(*at) && !is_number(first));
        let has_order = meant.iter().any(|(at, _)| FORMS[*at].order.is_some());
        let mut all = meant.first()?.1;
        meant.iter().skip(1).for_each(|(_, days)| all.merge(*days));
        Some(DateProposal {
            forms: meant.iter().map(|(at, _)| FORMS[*at].text.as_str()).collect(),
            rows: all.rows,
            first: all.first,
            last: all.last,
            order: has_order.then_some(order),
            is_settled: !has_order
                || known.is_some()
                || (self.only_month_first == 0) != (self.only_day_first == 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::shape;
    use super::*;

    fn proposal(texts: &[&str]) -> Option<DateProposal> {
        let (mut forms, mut known) = (DateForms::default(), ShapeForms::default());
        texts.iter().for_each(|text| forms.see(text, &shape(text), &mut known));
        forms.proposal()
    }

    #[test]
    fn every_known_form_is_one() {
        assert_eq!(FORMS.len(), 2 * MONTH_FIRST.len() + OTHERS.len());
    }

    #[test]
    fn the_form_is_found_and_a_day_after_the_12th_settles_its_order() {
        for (texts, forms, order, is_settled) in [
            (&["7/14/2014", "07/02/2014"][..], &["M/D/YYYY"][..], Some(DayOrder::MonthFirst), true),
            (&["14/7/2014", "2/7/2014"], &["D/M/YYYY"], Some(DayOrder::DayFirst), true),
            (&["7/1/2014", "7/2/2014"], &["M/D/YYYY"], Some(DayOrder::MonthFirst), false),
            // Both orders occur, so neither is settled.
            (&["7/14/2014", "14/7/2014", "7/15/2014"], &["M/D/YYYY"], Some(DayOrder::MonthFirst), false),
            (
                &["7/14/2014 9:05 AM", "7/14/2014", "7/15/2014 12:00 PM"],
                &["M/D/YYYY h:mm A", "M/D/YYYY"],
                Some(DayOrder::MonthFirst),
                true,
            ),
            (&["14-JUL-14", "02-OCT-14"], &["D-MMM-YY"], None, true),
            (&["14-JUL-14 09.30.00.000000 AM"], &["D-MMM-YY hh.mm.ss.SSS A"], None, true),
            (&["Jul 14, 2014 9:30 AM"], &["MMM D, YYYY h:mm A"], None, true),
            (&["20140714", "20140715"], &["YYYYMMDD"], None, true),
            (&["41834", "41835.5"], &["serial"], None, true),
            (&["1405328400", "1405332000"], &["epoch"], None, true),
            (&["1405328400000"], &["epoch-ms"], None, true),
            (&["2014/07/14 13:00"], &["YYYY/M/D H:mm"], None, true),
            (&["July 14, 2014", "September 2, 2014"], &["MMMM D, YYYY"], None, true),
            (&["Mon 7/14/2014"], &["ddd M/D/YYYY"], None, true),
            (&["3140714.0930", "3140715"], &["fileman"], None, true),
            (
                &["Jul  5 2014  9:05AM", "Jul 15 2014 10:05AM"],
                &["MMM D YYYY h:mmA", "MMM  D YYYY  h:mmA"],
                None,
                true,
            ),
        ] {
            let found = proposal(texts).unwrap_or_else(|| panic!("{texts:?}"));
            assert_eq!(
                (found.forms.as_slice(), found.order, found.is_settled),
                (forms, order, is_settled),
                "{texts:?}"
            );
        }
        for texts in [&["Smith", "P-0017", ""][..], &["7/32/2014"], &["12345678901234567890"]] {
            assert_eq!(proposal(texts), None, "{texts:?}");
        }
    }

    #[test]
    fn first_and_last_days_are_those_of_the_chosen_order() {
        let found = proposal(&["7/1/2014", "12/2/2014", "7/14/2014"]).expect("a form");
        assert_eq!(
            (found.first.to_string(), found.last.to_string()),
            ("2014-07-01".into(), "2014-12-02".into())
        );
        assert_eq!(found.rows, 3);
    }
}
