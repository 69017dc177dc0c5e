//! The key cells of a row: its day, its patient, its provider. Their contents distinguish a row from a header, and an intact row from one
//! whose cells moved.

use std::borrow::Cow;

use crate::furniture::{are_one_name, is_like_date};
use crate::header::ColumnHeader;
use crate::id::trimmed;
use crate::layout::RowTranslator;
use crate::layout::datetime_format::DateTimeFormat;
use mucalc_core::domain::absence::AbsenceMarkers;

/// The positions of the day and the ids in the rows of an export.
#[derive(Clone, Debug, Default)]
pub struct KeyCells {
    /// Column of the day; `None` if the export has no such column, or not exactly one.
    pub day: Option<usize>,
    /// Date formats that the layout declares for it.
    pub forms: Vec<DateTimeFormat>,
    /// Columns of the ids of patients and providers.
    pub ids: Vec<usize>,
}

impl KeyCells {
    /// Finds the key cells by the columns of the rows, or by the source columns of these if the export is translated.
    pub fn find(header: &ColumnHeader, translation: Option<&RowTranslator>) -> Self {
        let exported = |name: &str| {
            let column = header.position(name)?;
            translation.map_or(Some(column), |translation| translation.source(column))
        };
        let day = ["started_at", "sent_at", "accessed_at"].into_iter().find_map(exported);
        Self {
            day,
            forms: day.zip(translation).map(|(day, translation)| translation.forms(day)).unwrap_or_default(),
            ids: ["patient_id", "provider_id"].into_iter().filter_map(exported).collect(),
        }
    }

    /// Returns whether a text is a day: in a format that the layout declares, or in a common notation.
    pub fn is_day(&self, text: &str) -> bool {
        let text = trimmed(text);
        // A date with more text after it is a sentence.
        text.len() <= 30 && is_like_date(text) || self.forms.iter().any(|form| form.read(text).is_some())
    }

    /// Returns whether the cells of a row seem to be in wrong columns, as cells after an unquoted comma in a text are: the cell of the day
    /// is
    /// not a day, or the cell of an id is one.
    pub fn are_shifted(&self, cells: &[Cow<'_, str>], markers: &AbsenceMarkers) -> bool {
        let cell = |column: usize| cells.get(column).map(|text| trimmed(text));
        let is_empty = |text: &str| text.is_empty() || markers.contains(text);
        // A number of days or seconds is a day too.
        let is_number = |text: &str| {
            let digits = text.strip_prefix('-').unwrap_or(text);
            digits.len() >= 5 && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        };
        match self.day.and_then(cell) {
            None => false,
            Some(day) if !is_empty(day) && !is_number(day) && !self.is_day(day) => true,
            Some(_) => self.ids.iter().filter_map(|id| cell(*id)).any(is_calendar_day),
        }
    }

    /// Returns whether a row is the header of other rows, so that the rows after it would be read from wrong columns.
    ///
    /// A name must be in another column than in the header. In addition, the cells of the day and an id are column names, or the cells of
    /// all ids
    /// are names of key columns. Without a day column, all cells must be names.
    pub fn is_other_header<'c>(
        &self,
        cells: impl Iterator<Item = &'c str> + Clone,
        names: &[String],
    ) -> bool {
        let is_name = |cell: &str| names.iter().any(|name| are_one_name(name, cell));
        let cell = |column: usize| cells.clone().nth(column).map(trimmed).filter(|cell| !cell.is_empty());
        let named = |column: usize| cell(column).is_some_and(is_name);
        let filled = || cells.clone().map(trimmed).enumerate().filter(|(_, cell)| !cell.is_empty());
        let is_moved = |(column, cell): (usize, &str)| {
            is_name(cell) && !names.get(column).is_some_and(|name| are_one_name(name, cell))
        };
        match self.day {
            Some(day) if named(day) => self.ids.iter().any(|id| named(*id)) && filled().any(is_moved),
            Some(_) => self.names_ids_elsewhere(&cell, names),
            None => {
                filled().count() >= 2 && filled().all(|(_, cell)| is_name(cell)) && filled().any(is_moved)
            }
        }
    }

    /// Returns whether the cells of all ids are names of key columns, with or without `id`, and one names another column than its own.
    fn names_ids_elsewhere<'c>(&self, cell: &impl Fn(usize) -> Option<&'c str>, names: &[String]) -> bool {
        let base =
            |name: &str| name.to_lowercase().trim_end_matches("id").trim_end_matches(['_', ' ']).to_owned();
        let is_of = |column: usize, key: usize| {
            names
                .get(key)
                .zip(cell(column))
                .is_some_and(|(name, cell)| are_one_name(&base(name), &base(cell)))
        };
        let keys = || self.day.iter().chain(&self.ids);
        self.ids.len() > 1
            && self.ids.iter().all(|id| keys().any(|key| is_of(*id, *key)))
            && self.ids.iter().any(|id| !is_of(*id, *id))
    }
}

/// Returns whether a text is a calendar day, or begins with one and a time: `2014-07-01`, `7/1/2014`, `01.07.2014`. Ids of three numbers,
/// such as social security numbers, do not qualify.
pub fn is_calendar_day(text: &str) -> bool {
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
        let is_one = digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| is_one)
    };
    let (year, rest) = match parts[..] {
        [year, one, two] if year.len() == 4 => (year, [one, two]),
        [one, two, year] => (year, [one, two]),
        _ => return false,
    };
    let [one, two] = rest.map(|part| number(part, 1..=2).unwrap_or_default());
    number(year, 4..=4).is_some_and(|year| (1800..=2200).contains(&year))
        && (1..=31).contains(&one.max(two))
        && (1..=12).contains(&one.min(two))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["patient_id", "provider_id", "started_at", "note 2"];

    fn keys() -> KeyCells {
        KeyCells {
            day: Some(2),
            forms: vec![DateTimeFormat::parse("DDMMMYYYY").expect("a form")],
            ids: vec![0, 1],
        }
    }

    #[test]
    fn a_header_with_its_columns_elsewhere_is_another_one() {
        let names = NAMES.map(str::to_owned);
        let is = |cells: &[&str]| keys().is_other_header(cells.iter().copied(), &names);
        assert!(is(&["provider_id", "patient_id", "started_at", "note 2"]));
        assert!(is(&["Provider ID", "", "patient id", ""]));
        assert!(is(&["started_at", "reason 7", "patient_id", "provider_id"]));
        assert!(!is(&["patient_id", "provider_id", "started_at", "note 2"]));
        assert!(!is(&["provider_id", "", "", ""]));
        assert!(is(&["provider_id", "patient_id", "seen_on", ""]));
        assert!(is(&["provider", "patient", "seen_on", ""]));
        assert!(!is(&["patient", "provider", "seen_on", ""]));
        // A legend.
        assert!(!is(&["note 2", "started_at", "", ""]));
        assert!(!is(&["provider_id", "P1", "2014-07-01", "patient_id"]));
    }

    #[test]
    fn cells_that_moved_are_told_by_the_day() {
        let markers = AbsenceMarkers::default();
        for (cells, shifted) in [
            (["P1", "D1", "2014-07-01", "x"], false),
            (["P1", "D1", "10JUL2014", "x"], false),
            (["P1", "D1", "1404216000", "x"], false),
            (["P1", "D1", "", "x"], false),
            (["20140711", "123-45-6789", "2014-07-01", "x"], false),
            (["20140711", "D1", "", "x"], false),
            (["x", "P1", "D1", "2014-07-01"], true),
            (["P1", "2014-07-01", "", "x"], true),
            (["P1", "7/1/2014 10:00", "2014-07-01", "x"], true),
            (["7.13.2", "2014-45-2014", "2014-07-01", "x"], false),
            (["P1", "D1", "D2", "x"], true),
        ] {
            let row = cells.map(Cow::Borrowed);
            assert_eq!(keys().are_shifted(&row, &markers), shifted, "{cells:?}");
        }
    }
}
