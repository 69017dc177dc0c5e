//! Reads the rows of a batch column by column. Most cells of most rows are as usual: ids as written, values that were met before, days in a
//! common form. What such cells mean is then looked up once for each text of a column's dictionary, and not for each row.
//!
//! A row with any other cell is left to [`RowReader::row`](crate::row_reader::RowReader::row), which gives the same result for every row.

use std::sync::Arc;

use crate::date::parse_local_day;
use crate::days::DayRange;
use crate::diagnostics::Diagnostics;
use crate::format::text_batch::{ColumnCells, RowBatch, StringColumn};
use crate::header::ColumnHeader;
use crate::id::IdRules;
use crate::month_cache::MonthCache;
use crate::record_ids::RecordIds;
use crate::row::{RowContext, SourceRow};
use crate::written_row::WrittenRow;
use mucalc_core::domain::line_index::LazyLine;
use mucalc_core::domain::period::Day;

/// The rows of a batch, with the columns of the rows taken from columns of the export unchanged.
pub struct ColumnRows<'b> {
    /// The batch.
    pub batch: &'b RowBatch,
    /// For each column of the rows, its column in the export.
    pub sources: &'b [usize],
    /// Columns of the rows.
    pub header: &'b ColumnHeader,
    /// Name of the input.
    pub file: &'b str,
    /// Maximum size of a row, in bytes.
    pub most_bytes: usize,
}

/// The columns that decide about a row.
pub struct FastColumns<'a> {
    /// Ids of the records, if these are recorded.
    pub record: Option<usize>,
    /// Ids of the patients.
    pub patient: Option<usize>,
    /// Ids of the providers.
    pub provider: Option<usize>,
    /// Whether a row without a provider is usual.
    pub may_lack_provider: bool,
    /// Days.
    pub day: usize,
    /// Columns with values from closed lists; `None` if the export lacks one.
    pub words: &'a [Option<usize>],
}

/// The usual rows of a batch.
pub struct FastRows<'c, 'b, W> {
    cache: &'c ColumnCache<W>,
    record: Option<&'b ColumnCells>,
    patient: &'b ColumnCells,
    provider: Option<&'b ColumnCells>,
}

/// What a thread remembers of the columns that it has read, and the answers for the current batch.
pub struct ColumnCache<W> {
    /// The dictionaries of the values, and for each combination of their texts the place of its meaning, or one of two marks.
    lists: Vec<Arc<StringColumn>>,
    places: Vec<u16>,
    meanings: Vec<W>,
    patients: TextCache<bool>,
    providers: TextCache<bool>,
    records: TextCache<bool>,
    listed_days: TextCache<Option<Day>>,
    /// For each column of the export, a dictionary without special bytes.
    plain: Vec<Option<Arc<StringColumn>>>,
    /// For each row of the batch: the combination of its values, its day, and whether its other cells are usual.
    keys: Vec<u32>,
    days: Vec<Option<Day>>,
    are_usual: Vec<bool>,
}

/// The place of a combination that has not been read.
const UNREAD: u16 = u16::MAX;

/// The place of a combination that needs a closer look each time.
const ODD: u16 = u16::MAX - 1;

/// Maximum number of combinations of values. Dictionaries with more texts than a closed list has are read row by row.
const MAX_COMBINATIONS: usize = 1 << 20;

impl<W> Default for ColumnCache<W> {
    fn default() -> Self {
        Self {
            lists: Vec::new(),
            places: Vec::new(),
            meanings: Vec::new(),
            patients: TextCache::default(),
            providers: TextCache::default(),
            records: TextCache::default(),
            listed_days: TextCache::default(),
            plain: Vec::new(),
            keys: Vec::new(),
            days: Vec::new(),
            are_usual: Vec::new(),
        }
    }
}

impl<W: Copy> ColumnCache<W> {
    /// Finds the usual rows of a batch. `None` if the batch has none, or is not stored in a way that allows it to be read by columns.
    ///
    /// `read` reads the values of a row. It returns `None` if they need a closer look each time.
    pub fn find<'c, 'b>(
        &'c mut self,
        rows: &ColumnRows<'b>,
        columns: &FastColumns<'_>,
        rules: &IdRules,
        months: &mut MonthCache,
        read: impl FnMut(&SourceRow<'_>) -> Option<W>,
    ) -> Option<FastRows<'c, 'b, W>> {
        if !self.are_plain(rows) {
            return None;
        }
        let cells = |column: usize| rows.cells(column);
        let patient = cells(columns.patient?)?;
        let provider = columns.provider.map(|column| cells(column).ok_or(())).transpose().ok()?;
        let record = columns.record.map(|column| cells(column).ok_or(())).transpose().ok()?;
        self.find_words(rows, columns.words, read)?;
        self.are_usual.clear();
        self.are_usual.resize(rows.len(), true);
        let is_plain = |text: &str| rules.is_plain(text.as_bytes());
        self.patients.unmark_unusual(patient, &mut self.are_usual, is_plain);
        if let Some(provider) = provider {
            let may_lack = columns.may_lack_provider;
            self.providers.unmark_unusual(provider, &mut self.are_usual, |text| {
                is_plain(text) || may_lack && text.is_empty()
            });
        } else if !columns.may_lack_provider {
            return None;
        }
        if let Some(record) = record {
            self.records.unmark_unusual(record, &mut self.are_usual, is_plain);
        }
        let day = |text: &str| match <&[u8; 10]>::try_from(text.as_bytes()) {
            Ok(date) => months.day(date),
            Err(_) => parse_local_day(text.as_bytes(), months),
        };
        self.listed_days.list_days(cells(columns.day)?, &mut self.days, day);
        Some(FastRows { cache: self, record, patient, provider })
    }

    /// Returns whether no text of a batch has bytes that [`RowReader::row`](crate::row_reader::RowReader::row) gets in another form, and every
    /// row is short enough.
    fn are_plain(&mut self, rows: &ColumnRows<'_>) -> bool {
        self.plain.resize(rows.batch.columns.len(), None);
        let mut room = rows.most_bytes;
        rows.sources.iter().all(|source| {
            let Some(cells) = &rows.batch.columns[*source] else { return true };
            let is_plain = |texts: &StringColumn| special_bytes(texts.text().as_bytes()) == 0;
            let (bytes, is_plain) = match cells {
                ColumnCells::Own(texts) => (texts.text().len(), is_plain(texts)),
                ColumnCells::Listed(list, _) => {
                    let known = &mut self.plain[*source];
                    let is_plain =
                        known.as_ref().is_some_and(|known| Arc::ptr_eq(known, list)) || is_plain(list);
                    *known = is_plain.then(|| Arc::clone(list));
                    (list.text().len(), is_plain)
                }
                ColumnCells::Times(_) => (32, true),
            };
            let fits = bytes < room;
            room = room.saturating_sub(bytes + 1);
            is_plain && fits
        })
    }

    /// Finds the meaning of the values of every row. `None` if a column is not stored with a dictionary.
    fn find_words(
        &mut self,
        rows: &ColumnRows<'_>,
        columns: &[Option<usize>],
        mut read: impl FnMut(&SourceRow<'_>) -> Option<W>,
    ) -> Option<()> {
        let (mut lists, mut places) = (Vec::new(), Vec::new());
        for column in columns.iter().flatten() {
            match rows.cells(*column)? {
                ColumnCells::Listed(list, of_rows) => {
                    lists.push(list);
                    places.push(of_rows);
                }
                // No row has a value.
                ColumnCells::Own(texts) if texts.text().is_empty() => {}
                _ => return None,
            }
        }
        let combinations = lists.iter().try_fold(1usize, |all, list| all.checked_mul(list.len()))?;
        if combinations > MAX_COMBINATIONS {
            return None;
        }
        if self.places.is_empty()
            || lists.len() != self.lists.len()
            || lists.iter().zip(&self.lists).any(|(list, known)| !Arc::ptr_eq(list, known))
        {
            self.lists = lists.iter().map(|list| Arc::clone(list)).collect();
            self.meanings.clear();
            self.places.clear();
            self.places.resize(combinations, UNREAD);
        }
        self.keys.clear();
        self.keys.resize(rows.len(), 0);
        for (list, places) in lists.iter().zip(places) {
            let texts = list.len() as u32;
            self.keys.iter_mut().zip(places).for_each(|(key, place)| *key = *key * texts + place);
        }
        for (row, key) in self.keys.iter().enumerate() {
            let place = &mut self.places[*key as usize];
            if *place == UNREAD {
                *place = match rows.with_words(row, columns, &mut read) {
                    Some(meaning) if self.meanings.len() < usize::from(ODD) => {
                        self.meanings.push(meaning);
                        self.meanings.len() as u16 - 1
                    }
                    _ => ODD,
                };
            }
        }
        Some(())
    }
}

impl<'b, W: Copy> FastRows<'_, 'b, W> {
    /// Passes each of these rows to `take`, with the meaning of its values and its day, unless the day is out of range. Returns the other rows
    /// of the batch.
    #[inline(always)]
    pub fn each(
        &self,
        range: &DayRange,
        notes: &mut Diagnostics,
        mut take: impl FnMut(usize, W, Day),
    ) -> Vec<usize> {
        let mut others = Vec::new();
        for row in 0..self.cache.keys.len() {
            let Some((meaning, day)) = self.get(row) else {
                others.push(row);
                continue;
            };
            if range.excludes(Some(day)) {
                notes.aside += 1;
                continue;
            }
            notes.rows += 1;
            self.note_record(row, &mut notes.record_ids);
            take(row, meaning, day);
        }
        others
    }

    #[inline(always)]
    fn get(&self, row: usize) -> Option<(W, Day)> {
        let place = self.cache.places[self.cache.keys[row] as usize];
        let (meaning, day) = (self.cache.meanings.get(usize::from(place))?, self.cache.days[row]?);
        self.cache.are_usual[row].then_some((*meaning, day))
    }

    /// Returns the id of the patient of a row.
    #[inline(always)]
    pub fn patient(&self, row: usize) -> &'b [u8] {
        self.patient.get(row).as_bytes()
    }

    /// Returns the id of the provider of a row, if it has one.
    #[inline(always)]
    pub fn provider(&self, row: usize) -> Option<&'b [u8]> {
        self.provider.map(|cells| cells.get(row).as_bytes()).filter(|id| !id.is_empty())
    }

    /// Records the record id of a row.
    #[inline(always)]
    fn note_record(&self, row: usize, ids: &mut RecordIds) {
        if let Some(cells) = self.record {
            let id = cells.get(row).as_bytes();
            if !ids.counts_on(id) {
                ids.note(id);
            }
        }
    }
}

impl ColumnRows<'_> {
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// Returns the line of a row.
    pub fn line(&self, row: usize) -> LazyLine<'static> {
        LazyLine::Known(self.batch.lines[row])
    }

    /// Calls `each` with a row that has its cells in some columns only.
    fn with_words<T>(
        &self,
        row: usize,
        columns: &[Option<usize>],
        each: impl FnOnce(&SourceRow<'_>) -> T,
    ) -> T {
        let mut written = WrittenRow::default();
        let cell = |(column, source): (usize, &usize)| match columns.contains(&Some(column)) {
            true => self.batch.cell(*source, row).as_bytes(),
            false => b"",
        };
        written.write(self.sources.iter().enumerate().map(cell));
        let of = RowContext {
            bytes: written.padded(),
            file: self.file,
            header: self.header,
            is_utf8: true,
            quotes: false,
            decoded: false,
            piece: 0,
            part: 0,
            ids_noted: false,
        };
        each(&SourceRow { line: self.line(row), record: written.record(), of: &of })
    }
}

impl<'b> ColumnRows<'b> {
    /// Returns the cells of a column of the rows. `None` if the export lacks it.
    fn cells(&self, column: usize) -> Option<&'b ColumnCells> {
        self.batch.columns[self.sources[column]].as_ref()
    }
}

/// What the texts of a dictionary mean. A text is read when a row first refers to it.
struct TextCache<T> {
    list: Option<Arc<StringColumn>>,
    known: Vec<Option<T>>,
}

impl<T> Default for TextCache<T> {
    fn default() -> Self {
        Self { list: None, known: Vec::new() }
    }
}

impl<T: Copy> TextCache<T> {
    /// Calls `put` with the meaning of each cell, in order.
    fn read_cells(
        &mut self,
        cells: &ColumnCells,
        mut read: impl FnMut(&str) -> T,
        mut put: impl FnMut(usize, T),
    ) {
        match cells {
            ColumnCells::Listed(list, places) => {
                if !self.list.as_ref().is_some_and(|known| Arc::ptr_eq(known, list)) {
                    self.list = Some(Arc::clone(list));
                    self.known.clear();
                    self.known.resize(list.len(), None);
                }
                for (row, place) in places.iter().enumerate() {
                    let known = &mut self.known[*place as usize];
                    let meaning = match known {
                        Some(meaning) => *meaning,
                        None => *known.insert(read(list.get(*place as usize))),
                    };
                    put(row, meaning);
                }
            }
            ColumnCells::Own(texts) => (0..texts.len()).for_each(|row| put(row, read(texts.get(row)))),
            ColumnCells::Times(times) => (0..times.len()).for_each(|row| put(row, read(times.get(row)))),
        }
    }
}

impl TextCache<bool> {
    /// Clears the mark of each row whose cell is not as `is_usual` says.
    fn unmark_unusual(
        &mut self,
        cells: &ColumnCells,
        marks: &mut [bool],
        is_usual: impl FnMut(&str) -> bool,
    ) {
        self.read_cells(cells, is_usual, |row, usual| marks[row] &= usual);
    }
}

impl TextCache<Option<Day>> {
    /// Lists the day of each cell.
    fn list_days(
        &mut self,
        cells: &ColumnCells,
        days: &mut Vec<Option<Day>>,
        read: impl FnMut(&str) -> Option<Day>,
    ) {
        days.clear();
        match cells {
            ColumnCells::Times(times) => days.extend(times.days()),
            _ => self.read_cells(cells, read, |_, day| days.push(day)),
        }
    }
}

/// Counts the bytes that may belong to a character for which the text of a cell is changed, or an id looked at again.
pub fn special_bytes(bytes: &[u8]) -> usize {
    // Without branches, and in sums of a byte, so that many bytes are compared at once.
    let is_special = |byte: &u8| {
        let byte = *byte;
        u8::from(
            (byte == 0) | (byte.wrapping_sub(b'\n') < 4) | (byte == 0xC2) | (byte == 0xE2) | (byte == 0xEF),
        )
    };
    bytes.chunks(128).map(|bytes| usize::from(bytes.iter().map(is_special).sum::<u8>())).sum()
}
