//! Decodes the chunks of an input into rows, and passes these to a [`RowReader`].

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use memchr::memchr;

use crate::ReadContext;
use crate::blocks::Block;
use crate::date::updated_at;
use crate::decompress::most_bytes;
use crate::diagnostics::Diagnostics;
use crate::error::{InputError, InputErrorKind};
use crate::fast_rows::{ColumnRows, special_bytes};
use crate::format::ndjson::JsonPaths;
use crate::format::text_batch::RowBatch;
use crate::furniture;
use crate::header::ColumnHeader;
use crate::id::{IdText, may_break_line, trimmed};
use crate::joined::JoinedCells;
use crate::key_cells::KeyCells;
use crate::layout::separators::{BETWEEN, ELEMENT, guarded, restored};
use crate::layout::{RowTranslator, TranslatedRows, TranslationOutcome};
use crate::records::{self, CsvRecord, Iter, RecordIndex};
use crate::row::{BoxedInputError, RowContext, SourceRow};
use crate::row_form::RowForm;
use crate::row_reader::RowReader;
use crate::sniff::FileFormat;
use crate::source::InputSource;
use crate::swallowed::{may_have_swallowed, swallowed_line_ends};
use crate::written_row::WrittenRow;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::line_index::{LazyLine, LineIndex};
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::unusable_row::{LostVersion, UnusableRow};
use mucalc_core::domain::versions::RowVersion;

mod objects;

use objects::JsonScratch;

/// Decodes the rows of an input for a reader.
pub struct RowDecoder<'a, R: RowReader> {
    source: &'a InputSource,
    reader: &'a R,
    columns: &'a R::Columns,
    /// Columns of the rows.
    header: &'a ColumnHeader,
    /// Columns of the export.
    exported: &'a ColumnHeader,
    /// Joined tables that complete the rows.
    joined: Option<&'a JoinedCells>,
    translation: Option<&'a RowTranslator>,
    /// For each column of the export, whether it is read.
    pub wanted: Vec<bool>,
    /// For each column of the export, whether every row must have a cell for it.
    read: &'a [bool],
    /// Positions of the day and the ids in the export.
    keys: KeyCells,
    /// Columns of the record id and of the last change, if the export is translated and is not JSON.
    record: Option<usize>,
    updated: Option<usize>,
    paths: JsonPaths,
    /// For each path, its column in the export; `None` if no line at the beginning has it.
    path_columns: Vec<Option<usize>>,
    path_names: Vec<String>,
    /// For each path, whether a line has a value there.
    path_met: Vec<AtomicBool>,
    /// Byte between cells, if quotation marks quote.
    quoted_separator: Option<u8>,
    quotes: bool,
    is_json: bool,
    decoded: bool,
    /// For each column of the rows, its column in the export, if cells are taken from there unchanged.
    plain: Option<Vec<usize>>,
    /// How many more bytes of text may be used, if the input is a workbook.
    room: Option<AtomicU64>,
    reading: &'a ReadContext<'a>,
}

/// What a thread keeps from row to row.
pub struct DecoderScratch<R: RowReader> {
    records: RecordIndex,
    memory: R::Memory,
    /// A translated row.
    written: WrittenRow,
    /// A row whose number of cells was adjusted to the header.
    mended: WrittenRow,
    /// Piece of the input that contains the rows.
    piece: u64,
    json: JsonScratch,
}

impl<R: RowReader> DecoderScratch<R> {
    /// Returns a scratch of a thread that has read nothing.
    pub fn new(reader: &R) -> Self {
        Self {
            records: RecordIndex::default(),
            memory: reader.memory(),
            written: WrittenRow::default(),
            mended: WrittenRow::default(),
            piece: 0,
            json: JsonScratch::default(),
        }
    }
}

/// Maximum number of rows that may be on one line by accident.
const FEW_ROWS: usize = 100;

/// The batch and the findings of some rows.
type DecodedBatch<R> = Result<(<R as RowReader>::Batch, Diagnostics), BoxedInputError>;

impl<'a, R: RowReader> RowDecoder<'a, R> {
    /// Prepares to decode rows of a form.
    pub fn new(
        source: &'a InputSource,
        reading: &'a ReadContext<'a>,
        reader: &'a R,
        columns: &'a R::Columns,
        form: &'a RowForm,
    ) -> Self {
        let RowForm { nature, exported, header, sources, required, .. } = form;
        let translation = form.translation.as_ref();
        let paths: &[String] = if nature.format.is_json() { sources } else { &[] };
        // In JSON, resources of other types have ids of their own.
        let taken_from = |name: &str| {
            let column = header.position(name).filter(|_| !nature.format.is_json())?;
            translation?.source(column)
        };
        let record = ["encounter_id", "message_id", "access_id"].into_iter().find_map(taken_from);
        let quoted_separator = match nature.format {
            FileFormat::Separated(dialect) if dialect.quotes => Some(dialect.separator),
            _ => None,
        };
        let is_key = |column| form.joined.as_ref().is_some_and(|joined| joined.has_key(column));
        let is_wanted =
            |column| translation.is_none_or(|translation| translation.reads(column)) || is_key(column);
        Self {
            source,
            reader,
            columns,
            header,
            exported,
            joined: form.joined.as_ref(),
            translation,
            wanted: (0..exported.width()).map(is_wanted).collect(),
            read: required,
            keys: KeyCells::find(header, translation),
            record,
            updated: taken_from("updated_at"),
            paths: JsonPaths::new(
                paths.iter().map(|name| exported.spelling_of(name)),
                translation.and_then(RowTranslator::each),
            ),
            path_columns: paths.iter().map(|name| exported.position(name)).collect(),
            path_names: paths.to_vec(),
            path_met: paths.iter().map(|_| AtomicBool::default()).collect(),
            quoted_separator,
            quotes: quoted_separator.is_some(),
            is_json: nature.format.is_json(),
            decoded: nature.encoding != "UTF-8",
            plain: translation.and_then(RowTranslator::as_plain_columns),
            room: match nature.format {
                FileFormat::Workbook(_) => source.length().map(|length| AtomicU64::new(most_bytes(length))),
                _ => None,
            },
            reading,
        }
    }

    /// Decodes the records of a block, from an offset on.
    pub fn block(&self, block: &Block, from: usize, scratch: &mut DecoderScratch<R>) -> DecodedBatch<R> {
        let (bytes, seen) = (block.records(), block.separators().seen);
        let lines = LineIndex::new(bytes, block.line);
        let nul = if seen.nul { memchr(0, &bytes[from..]).map(|at| from + at) } else { None };
        let mut records = std::mem::take(&mut scratch.records);
        // Nothing after a NUL byte is read, because it ends the reading.
        records.index(block, from, nul.unwrap_or(bytes.len()));
        let width = if self.is_json { records.first_width(block) } else { self.exported.width() };
        let all = records.iter(block, width);
        let delivered = match (self.is_json, self.translation) {
            (true, Some(_)) => self.lines_of_objects(all, block, &lines, scratch),
            (false, Some(translation)) => self.foreign_rows(translation, all, block, &lines, scratch),
            (_, None) => {
                let mut notes = Diagnostics::new(self.reading.places);
                let ids_noted = self.note_ids(&all, &mut notes);
                self.own_rows(all, ids_noted, notes, block, &lines, scratch)
            }
        };
        let delivered = delivered.map(|(part, mut notes)| {
            if !self.is_json && !block.separators().quoted.is_empty() {
                self.note_swallowed_rows(&records, block, from, &lines, &mut notes);
            }
            (part, notes)
        });
        scratch.records = records;
        match nul {
            Some(nul) => {
                delivered.and(Err(Box::new(self.error(lines.line(nul).number(), InputErrorKind::NulByte))))
            }
            None => delivered,
        }
    }

    /// Decodes rows that need no translation. This path must be fast.
    fn own_rows<'b>(
        &self,
        records: impl Iterator<Item = CsvRecord<'b>>,
        ids_noted: bool,
        mut notes: Diagnostics,
        block: &'b Block,
        lines: &'b LineIndex<'b>,
        scratch: &mut DecoderScratch<R>,
    ) -> DecodedBatch<R> {
        let mut part = self.reader.batch();
        let (of, stray_quote) = (self.common(block), block.separators().seen.stray_quote);
        let of = RowContext { ids_noted, ..of };
        for record in records {
            notes.rows += 1;
            let line = lines.line(record.begin());
            let row = SourceRow { line, record, of: &of };
            if record.width() != self.exported.width() {
                self.slow_row(row, scratch, &mut part, &mut notes)?;
                continue;
            }
            self.reader.row(self.columns, &row, &mut scratch.memory, &mut part, &mut notes)?;
            if stray_quote {
                self.note_stray_quotes(row, &mut notes);
            }
        }
        Ok((part, notes))
    }

    /// Decodes rows that are translated.
    fn foreign_rows<'b>(
        &self,
        translation: &RowTranslator,
        records: impl Iterator<Item = CsvRecord<'b>>,
        block: &'b Block,
        lines: &'b LineIndex<'b>,
        scratch: &mut DecoderScratch<R>,
    ) -> DecodedBatch<R> {
        let (mut part, mut notes) = (self.reader.batch(), Diagnostics::new(self.reading.places));
        let (of, stray_quote) = (self.common(block), block.separators().seen.stray_quote);
        for record in records {
            let line = lines.line(record.begin());
            let row = SourceRow { line, record, of: &of };
            let mut cells = if record.width() == self.exported.width() {
                self.cells(&row)?
            } else {
                notes.rows += 1;
                if !self.is_mended(&row, &mut notes, scratch) {
                    continue;
                }
                notes.rows -= 1;
                let of = RowContext { bytes: scratch.mended.padded(), ..of };
                let cells = self.cells(&SourceRow { line, record: scratch.mended.record(), of: &of })?;
                cells.into_iter().map(|cell| Cow::Owned(cell.into_owned())).collect()
            };
            self.translate(translation, &mut cells, line, scratch, &mut part, &mut notes)?;
            if stray_quote && record.width() == self.exported.width() {
                self.note_stray_quotes(row, &mut notes);
            }
        }
        Ok((part, notes))
    }

    /// Returns whether all records of a block are UTF-8, and no byte in them was replaced.
    fn is_utf8(&self, block: &Block) -> bool {
        let is_whole = |text: &str| !self.decoded || !text.contains('\u{FFFD}');
        !block.separators().seen.beyond_ascii
            || simdutf8::basic::from_utf8(block.records()).is_ok_and(is_whole)
    }

    /// Returns the common part of the rows of a block.
    fn common<'b>(&'b self, block: &'b Block) -> RowContext<'b> {
        RowContext {
            bytes: block.padded(),
            file: &self.source.name,
            header: self.exported,
            is_utf8: self.is_utf8(block),
            quotes: self.quotes,
            decoded: self.decoded,
            piece: 0,
            part: 0,
            ids_noted: false,
        }
    }

    /// Records the ids of a block all at once if each follows the one before it or all are long, and returns whether it did.
    fn note_ids(&self, records: &Iter<'_>, notes: &mut Diagnostics) -> bool {
        let ids = self.reader.noted_ids(self.columns).and_then(|column| records.column(column));
        let Some(ids) = ids else { return false };
        // A quotation mark would be recorded as part of the id.
        let is_plain = |id: &[u8]| id.is_ascii() && self.reading.id_rules.is_plain(id) && id[0] != b'"';
        ids.first().is_some_and(|(id, _)| is_plain(id))
            && (notes.record_ids.note_all(&ids) || notes.record_ids.note_all_long(&ids, is_plain))
    }

    /// Decodes a row whose number of cells differs from the header's, if it can be used.
    #[cold]
    #[inline(never)]
    fn slow_row(
        &self,
        row: SourceRow<'_>,
        scratch: &mut DecoderScratch<R>,
        part: &mut R::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        if !self.is_mended(&row, notes, scratch) {
            return Ok(());
        }
        let DecoderScratch { memory, mended, .. } = scratch;
        let of = RowContext { bytes: mended.padded(), ..*row.of };
        let is_short = row.width() < self.exported.width();
        let mended = SourceRow { line: row.line, record: mended.record(), of: &of };
        // An unmapped value in a short row suggests that a separator is missing, and that all cells after it are in wrong columns.
        if is_short {
            let mut trial = Diagnostics::new(false);
            trial.rows = 1;
            self.reader.row(self.columns, &mended, memory, &mut self.reader.batch(), &mut trial)?;
            if trial.count(FindingCode::UnknownWord) > 0 {
                notes.reject_unusable(
                    FindingCode::RaggedRow,
                    row.line.number(),
                    None,
                    UnusableRow::Unreadable,
                );
                return Ok(());
            }
        }
        self.reader.row(self.columns, &mended, memory, part, notes)
    }

    /// Reports the rows that cells of a block swallowed. The records begin at `from`.
    fn note_swallowed_rows(
        &self,
        records: &RecordIndex,
        block: &Block,
        from: usize,
        lines: &LineIndex<'_>,
        notes: &mut Diagnostics,
    ) {
        let Some(separator) = self.quoted_separator else { return };
        let (width, mut seen) = (self.exported.width(), from);
        for position in block.separators().quoted_line_feeds() {
            // The first line feed of a cell is enough.
            if position < seen {
                continue;
            }
            let field = block.separators().field_around(position);
            seen = field.end;
            let Some(raw) = block.records().get(field) else { return };
            if may_have_swallowed(raw, separator, width)
                && let Some((column, begin)) = records.column_of(block, position as u32)
                && let Some(rows) = swallowed_line_ends(raw, separator, column, width, &self.keys)
            {
                let shown = Some(self.shown(column)).filter(|at| *at != usize::MAX);
                notes.swallow(rows, lines.line(begin).number(), shown);
            }
        }
    }

    #[cold]
    fn note_stray_quotes(&self, row: SourceRow<'_>, notes: &mut Diagnostics) {
        for column in (0..self.exported.width()).filter(|column| records::has_stray_quote(row.raw(*column))) {
            notes.record(FindingCode::StrayQuote, row.line.number(), Some(self.shown(column)));
        }
    }

    /// Decodes rows of a format that is not text.
    pub fn batch(&self, batch: &RowBatch, scratch: &mut DecoderScratch<R>) -> DecodedBatch<R> {
        let (mut part, mut notes) = (self.reader.batch(), Diagnostics::new(self.reading.places));
        let mut cells = Vec::with_capacity(self.exported.width());
        for line in &batch.valueless {
            notes.rows += 1;
            notes.reject_unusable(FindingCode::FormulaWithoutValue, *line, None, UnusableRow::Unreadable);
        }
        for line in &batch.ragged {
            notes.rows += 1;
            notes.reject_unusable(FindingCode::RaggedRow, *line, None, UnusableRow::Unreadable);
        }
        for line in &batch.totals {
            notes.rows += 1;
            notes.skip_furniture(*line);
        }
        for (code, line, column) in &batch.noticed {
            match column {
                None => notes.record(*code, *line, None),
                Some(column) if self.wanted[*column] => {
                    notes.record(*code, *line, Some(self.shown(*column)));
                }
                // The column is not read.
                Some(_) => {}
            }
        }
        let plain = self.plain.as_ref().filter(|plain| !batch.may_be_multivalued(plain));
        let rows = match plain.filter(|_| self.room.is_none()) {
            Some(sources) => {
                let most_bytes = self.reading.limits.record_bytes;
                let rows =
                    ColumnRows { batch, sources, header: self.header, file: &self.source.name, most_bytes };
                self.reader.fast_rows(self.columns, &rows, &mut scratch.memory, &mut part, &mut notes)
            }
            None => (0..batch.len()).collect(),
        };
        for row in rows {
            let line = LazyLine::Known(batch.lines[row]);
            if let Some(plain) = plain {
                notes.rows += 1;
                scratch.written.write(plain.iter().map(|column| batch.cell(*column, row).as_bytes()));
                self.give(true, line, 0, scratch, &mut part, &mut notes)?;
            } else if let Some(translation) = self.translation {
                batch.row(row, &mut cells);
                self.translate(translation, &mut cells, line, scratch, &mut part, &mut notes)?;
            }
        }
        Ok((part, notes))
    }

    /// Returns the text of the cells that are read.
    fn cells<'r>(&self, row: &SourceRow<'r>) -> Result<Vec<Cow<'r, str>>, BoxedInputError> {
        let cell = |(column, wanted): (usize, &bool)| {
            if !wanted {
                return Ok(Cow::Borrowed(""));
            }
            let text = match row.text(column)? {
                Cow::Borrowed(text) => String::from_utf8_lossy(text),
                Cow::Owned(text) => Cow::Owned(String::from_utf8_lossy(&text).into_owned()),
            };
            Ok(match text {
                Cow::Borrowed(text) => guarded(text),
                Cow::Owned(text) => Cow::Owned(guarded(&text).into_owned()),
            })
        };
        self.wanted.iter().enumerate().map(cell).collect()
    }

    /// Translates a row, and passes the result to the reader.
    fn translate(
        &self,
        translation: &RowTranslator,
        cells: &mut Vec<Cow<'_, str>>,
        line: LazyLine<'_>,
        scratch: &mut DecoderScratch<R>,
        part: &mut R::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let texts = || cells.iter().map(|cell| &**cell);
        if self.keys.is_other_header(texts(), self.exported.names()) {
            return Err(Box::new(self.error(line.number(), InputErrorKind::OtherHeader)));
        }
        if furniture::is_furniture(texts(), self.exported.names()) {
            notes.rows += 1;
            notes.skip_furniture(line.number());
            return Ok(());
        }
        // Columns with one value each that are taken unchanged.
        if let Some(plain) = &self.plain
            && !plain.iter().any(|column| cells[*column].contains(BETWEEN))
        {
            notes.rows += 1;
            scratch.written.write(plain.iter().map(|column| cells[*column].as_bytes()));
            return self.give(true, line, 0, scratch, part, notes);
        }
        if let Some(joined) = self.joined
            && joined.add(cells, self.reading.id_rules)
        {
            notes.record(FindingCode::RowNotJoined, line.number(), None);
        }
        self.empty_markers(cells, line, notes);
        let mut translated = TranslatedRows::default();
        let rows = match translation.row(cells, &mut translated) {
            TranslationOutcome::Rows(rows) => rows,
            TranslationOutcome::Aside => {
                notes.aside += 1;
                return Ok(());
            }
            TranslationOutcome::Skipped => {
                notes.aside += 1;
                self.note_skipped(cells, line, scratch.piece, notes);
                return Ok(());
            }
            TranslationOutcome::TooMany(values) => {
                notes.rows += 1;
                notes.reject_unusable(
                    FindingCode::TooManyValues,
                    line.number(),
                    None,
                    UnusableRow::Unreadable,
                );
                // It may be as many rows as it has values.
                notes.lose_more(values as u64 - 1);
                return Ok(());
            }
        };
        for row in 0..rows {
            notes.rows += 1;
            scratch.written.write(translated.cells(row).map(str::as_bytes));
            self.give(true, line, row as u32, scratch, part, notes)?;
        }
        Ok(())
    }

    /// Records the id of a row that the layout skips: the row is a version of its record, such as one that was deleted.
    fn note_skipped(&self, cells: &[Cow<'_, str>], line: LazyLine<'_>, piece: u64, notes: &mut Diagnostics) {
        let Some(cell) = self.record.and_then(|column| cells.get(column)) else { return };
        let IdText::Id(id) = self.reading.id_rules.read_exactly(cell) else { return };
        if id.contains(BETWEEN) {
            return;
        }
        notes.record_ids.note(id.as_bytes());
        if self.reading.may_repeat(Some(id.as_bytes())) {
            let updated = self.updated.and_then(|column| updated_at(trimmed(cells.get(column)?).as_bytes()));
            notes.lost_versions.push(LostVersion {
                id: id.as_bytes().into(),
                version: RowVersion { updated, piece, part: 0 },
                line: line.number(),
                row: UnusableRow::Skipped,
            });
        }
    }

    /// Empties cells, and single values of cells with several, that contain an absence marker, before the conditions of a layout apply. A
    /// text
    /// that the layout maps is not a marker.
    fn empty_markers(&self, cells: &mut [Cow<'_, str>], line: LazyLine<'_>, notes: &mut Diagnostics) {
        let markers = &self.reading.id_rules.markers;
        let names = |column: usize, text: &str| {
            self.translation.is_some_and(|translation| translation.names_word(column, text))
        };
        for (column, cell) in cells.iter_mut().enumerate() {
            let is_marker = |text: &str| markers.contains(text.trim()) && !names(column, text);
            let mut emptied = 0;
            if is_marker(cell) {
                *cell = Cow::Borrowed("");
                emptied = 1;
            } else if cell.contains([BETWEEN, ELEMENT]) && cell.split([BETWEEN, ELEMENT]).any(is_marker) {
                let mut values = String::with_capacity(cell.len());
                for value in cell.split_inclusive([BETWEEN, ELEMENT]) {
                    let text = value.trim_end_matches([BETWEEN, ELEMENT]);
                    let is_emptied = is_marker(text);
                    emptied += usize::from(is_emptied);
                    values.push_str(if is_emptied { &value[text.len()..] } else { value });
                }
                *cell = Cow::Owned(values);
            }
            for _ in 0..emptied {
                notes.record(FindingCode::AbsenceMarker, line.number(), Some(self.shown(column)));
            }
        }
    }

    /// Returns how many rows a row may contain whose number of cells differs from the header's: as many as would fill its cells, or as it
    /// has
    /// lines. Lines that cells swallowed are not included, because they are counted separately.
    fn rows_within(&self, row: &SourceRow<'_>) -> u64 {
        // Rows may follow one another without a line end, or even without a separator. More than a few are not an accident.
        let between = self.exported.width().saturating_sub(1).max(1);
        let by_cells = Some(row.width().saturating_sub(1) / between).filter(|rows| *rows <= FEW_ROWS);
        let lines = |column: usize| {
            let raw = row.raw(column);
            let separator = self.quoted_separator.filter(|_| raw.contains(&b'\n'));
            let is_counted = separator.is_none_or(|separator| {
                swallowed_line_ends(raw, separator, column, self.exported.width(), &self.keys).is_some()
            });
            let ends = raw
                .split(|byte| matches!(byte, b'\n' | b'\r'))
                .skip(1)
                .filter(|line| !line.trim_ascii().is_empty());
            if is_counted { 0 } else { ends.count() }
        };
        let by_lines = 1 + (0..row.width()).map(lines).sum::<usize>();
        by_cells.unwrap_or(1).max(by_lines) as u64
    }

    /// Returns whether a row whose number of cells differs from the header's can be used: its surplus cells are empty, or its missing cells
    /// are
    /// not read. Puts such a row in the scratch, and reports any other row as a non-data row or as unusable.
    #[cold]
    fn is_mended(
        &self,
        row: &SourceRow<'_>,
        notes: &mut Diagnostics,
        scratch: &mut DecoderScratch<R>,
    ) -> bool {
        let (width, line) = (self.exported.width(), row.line.number());
        let cells: Vec<Cow<'_, [u8]>> = (0..row.width()).map(|column| row.lossy(column)).collect();
        let texts: Vec<Cow<'_, str>> = cells.iter().map(|cell| String::from_utf8_lossy(cell)).collect();
        let surplus = texts.iter().skip(width);
        let is_unread = |column: usize| !self.read[column];
        let is_forgiven = surplus.clone().all(|text| trimmed(text).is_empty());
        let markers = &self.reading.id_rules.markers;
        let are_shifted = || self.keys.are_shifted(&texts, markers);
        if is_forgiven && !are_shifted() && (row.width()..width).all(is_unread) {
            let cell = |column| if column < row.width() { row.raw(column) } else { b"" };
            scratch.mended.write((0..width).map(cell));
            return true;
        }
        let texts = || texts.iter().map(|text| &**text);
        if furniture::is_furniture(texts(), self.exported.names()) || furniture::is_footer(texts(), width) {
            notes.skip_furniture(line);
        } else {
            notes.reject_unusable(FindingCode::RaggedRow, line, None, UnusableRow::Unreadable);
            notes.lose_more(self.rows_within(row) - 1);
        }
        false
    }

    /// Passes the row that was written to the reader. `may_be_special` is whether it may have bytes that need care, and `of_record` its
    /// position among the rows of its record.
    #[inline]
    fn give(
        &self,
        may_be_special: bool,
        line: LazyLine<'_>,
        of_record: u32,
        scratch: &mut DecoderScratch<R>,
        part: &mut R::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        // One pass over the whole row, without an early exit, is faster than several over each cell.
        let written = &mut scratch.written;
        let has_special = may_be_special && special_bytes(written.text()) > written.cells().len();
        let has_lines = has_special && self.restore(line, written)?;
        let bytes = written.text().len();
        if bytes > self.reading.limits.record_bytes {
            let reason =
                InputErrorKind::RecordTooLong { bytes: self.reading.limits.record_bytes, quote_line: None };
            return Err(Box::new(self.error(line.number(), reason)));
        }
        if let Some(room) = &self.room
            && room.fetch_sub(bytes as u64, Ordering::Relaxed) < bytes as u64
        {
            return Err(Box::new(self.error(line.number(), InputErrorKind::Bomb)));
        }
        let of = RowContext {
            bytes: written.padded(),
            file: &self.source.name,
            header: self.header,
            is_utf8: !has_lines,
            quotes: false,
            decoded: false,
            piece: scratch.piece,
            part: of_record,
            ids_noted: false,
        };
        let row = SourceRow { line, record: written.record(), of: &of };
        self.reader.row(self.columns, &row, &mut scratch.memory, part, notes)
    }

    /// Restores the cells of a row in which separators between values were replaced. Returns whether one may have a line break, since an id
    /// with one needs a closer look.
    #[cold]
    #[inline(never)]
    fn restore(&self, line: LazyLine<'_>, written: &mut WrittenRow) -> Result<bool, BoxedInputError> {
        if memchr(0, written.text()).is_some() {
            return Err(Box::new(self.error(line.number(), InputErrorKind::NulByte)));
        }
        let has_lines = written.cells().any(may_break_line);
        let cells = written.cells().map(|cell| restored(&String::from_utf8_lossy(cell)).into_owned());
        let cells: Vec<String> = cells.collect();
        written.write(cells.iter().map(String::as_bytes));
        Ok(has_lines)
    }

    /// Returns the column of the rows for a column of the export, to name it in a finding. `usize::MAX` if the rows do not have it.
    fn shown(&self, exported: usize) -> usize {
        match self.translation {
            None => exported,
            Some(_) => {
                let name = self.exported.name(exported);
                (0..self.header.width())
                    .find(|column| self.header.name(*column) == name)
                    .unwrap_or(usize::MAX)
            }
        }
    }

    fn error(&self, line: u64, reason: InputErrorKind) -> InputError {
        InputError { place: SourceLocation::line(&*self.source.name, line), reason }
    }
}
