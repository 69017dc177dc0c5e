//! Profiles the columns of an export, whatever it is: values, forms of dates and times, and how many cells are filled.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::ReadContext;
use crate::chunks::{ChunkReader, PathSelection};
use crate::date::{DateError, local_day};
use crate::diagnostics::Diagnostics;
use crate::error::InputError;
use crate::format::sheet::SheetSeen;
use crate::header::ColumnHeader;
use crate::layout::fit::{MatchScore, fits};
use crate::layout::moment::DateTimeFormat;
use crate::layout::{EntityLayout, Layout};
use crate::parallel::{self, BoxedInputError, ReadPlan, ReadSummary, SourceRow};
use crate::row_reader::RowReader;
use crate::sniff::{InputFormat, OpenInput, open, sheets_of};
use crate::source::InputSource;
use crate::wanted::SniffHints;
use mucalc_core::domain::input::InputRole;
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
    /// Texts that are not UTF-8.
    pub not_utf8: u64,
}

/// The profile of an export.
pub struct ExportProfile {
    /// Result of reading the export.
    pub summary: ReadSummary,
    /// One entry per column of the export.
    pub columns: Vec<ColumnProfile>,
}

/// What the beginning of an export reveals.
pub struct SniffResult {
    /// Format of the export.
    pub nature: InputFormat,
    /// Names of its columns.
    pub header: Vec<String>,
    /// Line of the header.
    pub line: u64,
    /// Layouts that match it, best first.
    pub fits: Vec<MatchScore>,
}

/// A column with more different texts than this does not contain values of a list.
const MAX_WORDS: usize = 60;

/// A text with more bytes than this is not a value of a list.
const LONGEST_WORD: usize = 60;

/// Number of shapes that are counted separately.
const MAX_SHAPES: usize = 12;

/// Recognizes an export by its beginning.
///
/// # Errors
/// If the export cannot be opened, or its format is not supported.
pub fn glance(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layouts: &[Layout],
) -> Result<SniffResult, InputError> {
    let wanted = wanted_by(layouts);
    let paths: Vec<&str> = wanted.names.iter().map(String::as_str).collect();
    let OpenInput { body, nature, .. } = open(source, reading, &wanted, reading.encoding)?;
    let (header, _) = ChunkReader::start(source, reading, &paths, PathSelection::Any, body, nature)?;
    let fits = fits(header.names(), layouts, nature.format.is_json());
    Ok(SniffResult { nature, header: header.names().to_vec(), line: header.line(), fits })
}

/// Lists the sheets of a workbook, each with its header and its number of rows. `None` if the export is not a workbook.
///
/// # Errors
/// If the export cannot be opened or read.
pub fn sheets(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layouts: &[Layout],
) -> Result<Option<Vec<SheetSeen>>, InputError> {
    sheets_of(source, reading, &wanted_by(layouts))
}

fn wanted_by(layouts: &[Layout]) -> SniffHints {
    SniffHints::by_any(
        layouts.iter().flat_map(|layout| InputRole::ALL.map(|role| layout.input(role).clone())).collect(),
    )
}

/// Reads every row of an export and profiles it.
///
/// # Errors
/// If the export cannot be read: the first reason, in the order of the input.
pub fn survey(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
) -> Result<ExportProfile, InputError> {
    let how = ReadPlan { layout, role, raw: true };
    let look = Look { input: layout.input(role), whole: Mutex::default() };
    let summary = parallel::read(source, reading, &how, &look)?;
    let mut columns = look.whole.into_inner().unwrap_or_else(PoisonError::into_inner);
    columns.resize(summary.header.width(), ColumnProfile::default());
    Ok(ExportProfile { summary, columns })
}

struct Look<'a> {
    input: &'a EntityLayout,
    whole: Mutex<Vec<ColumnProfile>>,
}

impl RowReader for Look<'_> {
    /// For each column, the date formats that the layout declares.
    type Columns = Vec<Vec<DateTimeFormat>>;
    type Batch = Vec<ColumnProfile>;
    type Memory = ();

    fn columns(&self, header: &ColumnHeader) -> Vec<Vec<DateTimeFormat>> {
        let translation = self.input.translation(header.names());
        (0..header.width()).map(|column| translation.forms(column)).collect()
    }

    fn batch(&self) -> Vec<ColumnProfile> {
        Vec::new()
    }

    fn memory(&self) {}

    fn row(
        &self,
        forms: &Vec<Vec<DateTimeFormat>>,
        row: &SourceRow<'_>,
        _memory: &mut (),
        batch: &mut Vec<ColumnProfile>,
        _notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        batch.resize(forms.len(), ColumnProfile::default());
        for (at, (column, forms)) in batch.iter_mut().zip(forms).enumerate() {
            match row.text(at) {
                Ok(bytes) => column.see(String::from_utf8_lossy(&bytes), forms),
                Err(_) => {
                    column.filled += 1;
                    column.not_utf8 += 1;
                }
            }
        }
        Ok(())
    }

    fn merge(&self, batch: Vec<ColumnProfile>) {
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let width = batch.len().max(whole.len());
        whole.resize(width, ColumnProfile::default());
        whole.iter_mut().zip(batch).for_each(|(column, more)| column.merge(more));
    }
}

impl ColumnProfile {
    fn see(&mut self, text: Cow<'_, str>, forms: &[DateTimeFormat]) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.filled += 1;
        if !self.is_free {
            self.add_word(text, 1);
        }
        // A longer text is not a day, so its shape is irrelevant.
        if text.len() <= 40 {
            let shape = shape(text);
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

    fn merge(&mut self, more: ColumnProfile) {
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
        self.not_utf8 += more.not_utf8;
    }
}

/// Returns the shape of a text, which reveals nothing of its contents: digits as 9, letters as A, except for the T and Z of times.
fn shape(text: &str) -> String {
    let letter = |c: char| match c {
        '0'..='9' => '9',
        'T' | 'Z' => c,
        c if c.is_alphabetic() => 'A',
        c => c,
    };
    text.chars().map(letter).collect()
}
