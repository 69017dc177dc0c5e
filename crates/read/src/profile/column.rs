//! The profile of one column.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::date_forms::{DateForms, ShapeForms};
use super::id_sample::IdSample;
use super::shape::shape;
use crate::date::{DateError, local_day};
use crate::layout::datetime_format::DateTimeFormat;
use mucalc_core::domain::period::Day;

/// The contents of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnProfile {
    /// Rows in which the cell is not empty.
    pub filled: u64,
    /// Values, with the number of rows of each; empty if there are too many to be values of a list.
    pub words: BTreeMap<String, u64>,
    /// Whether the texts are too many or too long to be values of a list.
    pub is_free: bool,
    /// Shapes of the texts, with the number of rows of each: digits as 9, letters as A, T and Z unchanged. Each batch counts only the first
    /// few shapes.
    pub shapes: BTreeMap<String, u64>,
    /// Texts that are a day, as they are or in a date format of the layout.
    pub days: u64,
    /// Of these, times with a zone.
    pub zoned: u64,
    /// First day; of a time with a zone, the day in UTC.
    pub first: Option<Day>,
    /// Last day.
    pub last: Option<Day>,
    /// Formats of further days, which only a layout can declare.
    pub forms: DateForms,
    /// A sample of the texts, to compare with other columns.
    pub ids: IdSample,
    /// Texts that are not UTF-8.
    pub not_utf8: u64,
}

/// A column with more different texts than this does not contain values of a list.
const MAX_WORDS: usize = 60;

/// A text with more bytes than this is not a value of a list.
const LONGEST_WORD: usize = 60;

/// Number of shapes that are counted separately.
const MAX_SHAPES: usize = 12;

impl ColumnProfile {
    /// Adds a cell. `forms` are the date formats that a layout declares for the column.
    pub fn see(&mut self, text: Cow<'_, str>, forms: &[DateTimeFormat], known: &mut ShapeForms) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.filled += 1;
        self.ids.see(text);
        if !self.is_free {
            self.add_word(text, 1);
        }
        // A longer text is not a day, so its shape is irrelevant.
        if text.len() <= 40 {
            let shape = shape(text);
            if local_day(text.as_bytes(), None) == Err(DateError::Unreadable) {
                self.forms.see(text, &shape, known);
            }
            if self.shapes.len() < MAX_SHAPES || self.shapes.contains_key(&shape) {
                *self.shapes.entry(shape).or_default() += 1;
            }
        }
        let local = match local_day(text.as_bytes(), None) {
            Err(DateError::ZoneNeeded) => {
                self.zoned += 1;
                local_day(text.as_bytes(), Some(chrono_tz::UTC))
            }
            local => local,
        };
        let by_form = || forms.iter().find_map(|form| Some(Day::from(form.read(text)?.0.date())));
        if let Some(day) = local.ok().or_else(by_form) {
            self.days += 1;
            self.meet(Some(day), Some(day));
        }
    }

    fn meet(&mut self, first: Option<Day>, last: Option<Day>) {
        self.first = [self.first, first].into_iter().flatten().min();
        self.last = self.last.max(last);
    }

    fn add_word(&mut self, word: &str, count: u64) {
        if let Some(known) = self.words.get_mut(word) {
            *known += count;
        } else if word.len() > LONGEST_WORD || self.words.len() >= MAX_WORDS {
            self.is_free = true;
            self.words.clear();
        } else {
            self.words.insert(word.to_owned(), count);
        }
    }

    /// Adds the cells of another batch.
    pub fn merge(&mut self, more: ColumnProfile) {
        self.filled += more.filled;
        self.is_free |= more.is_free;
        for (word, count) in more.words {
            if !self.is_free {
                self.add_word(&word, count);
            }
        }
        if self.is_free {
            self.words.clear();
        }
        for (shape, count) in more.shapes {
            *self.shapes.entry(shape).or_default() += count;
        }
        self.days += more.days;
        self.zoned += more.zoned;
        self.meet(more.first, more.last);
        self.forms.merge(more.forms);
        self.ids.merge(more.ids);
        self.not_utf8 += more.not_utf8;
    }
}
