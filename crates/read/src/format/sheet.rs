//! The rows of the sheet that is meant, read on a thread of their own.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::choice::{Head, choose, head};
use crate::error::InputErrorKind;
use crate::format::sheet_row::{BookKind, MOST_BYTES, SheetRow};
use crate::format::text_batch::RowBatch;
use crate::format::workbook::Workbook;
use crate::wanted::SniffHints;
use mucalc_core::domain::finding::FindingCode;

/// A sheet that is being read.
pub struct SheetReader {
    /// The names of the columns.
    pub header: Vec<String>,
    /// The row in which they are.
    pub line: u64,
    /// The name of the sheet; none where there is but one, without a name.
    pub name: Option<String>,
    rows: Receiver<Result<RowBatch, InputErrorKind>>,
}

/// A sheet, for a reader who looks around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetSeen {
    /// Its name.
    pub name: String,
    /// Whether it is shown.
    pub is_visible: bool,
    /// Whether it has cells; a sheet of a chart has none.
    pub has_cells: bool,
    /// The names of its columns.
    pub header: Vec<String>,
    /// The row in which they are.
    pub line: u64,
    /// How many rows follow that are not blank.
    pub rows: u64,
}

/// A workbook in memory.
pub struct Book {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What wrote it.
    pub kind: BookKind,
    /// The encoding of its text, where it does not say.
    pub encoding: Option<&'static encoding_rs::Encoding>,
}

/// What a thread finds out first: the header, its row, and the name of the sheet.
type Begun = Result<(Vec<String>, u64, Option<String>), InputErrorKind>;

/// So many rows are handed on at a time, if they are not wide.
const ROWS: usize = 2048;

/// So many cells are handed on at a time.
const CELLS: usize = 1 << 18;

/// So many bytes are handed on at a time.
const BYTES: usize = 8 << 20;

impl SheetReader {
    /// Starts to read a workbook.
    ///
    /// # Errors
    /// When it is none, or is empty, or no sheet of it is meant.
    pub fn open(book: Book, wanted: &SniffHints) -> Result<Self, InputErrorKind> {
        let (send, rows) = sync_channel(4);
        let (tell, told) = sync_channel(1);
        let wanted = wanted.clone();
        let kind = book.kind;
        std::thread::spawn(move || {
            if let Err(reason) = read(book, &wanted, &tell, &send) {
                // Whoever still listens hears it.
                let _ = tell.try_send(Err(reason.clone()));
                let _ = send.send(Err(reason));
            }
        });
        let (header, line, name) = told.recv().unwrap_or(Err(InputErrorKind::Damaged(kind.words())))?;
        Ok(Self { header, line, name, rows })
    }

    /// The next rows; none at the end.
    ///
    /// # Errors
    /// When the workbook is damaged.
    pub fn next(&mut self) -> Result<Option<RowBatch>, InputErrorKind> {
        self.rows.recv().ok().transpose()
    }
}

fn read(
    Book { bytes, kind, encoding }: Book,
    wanted: &SniffHints,
    tell: &SyncSender<Begun>,
    send: &SyncSender<Result<RowBatch, InputErrorKind>>,
) -> Result<(), InputErrorKind> {
    let mut book = Workbook::open(bytes, kind, encoding)?;
    let meant = choose(&mut book, wanted)?;
    if kind == BookKind::WebPage && !wanted.any_sheet && !meant.is_table() {
        return Err(PAGE);
    }
    let Head { sheet, header, line: header_line, .. } = meant;
    if header.is_empty() {
        return Err(InputErrorKind::Empty);
    }
    let name = book.names_sheets().then(|| book.sheets()[sheet].name.clone());
    let width = header.len();
    if tell.send(Ok((header, header_line, name))).is_err() {
        return Ok(());
    }
    let (mut batch, mut bytes) = (RowBatch::new(width), 0);
    let mut too_long = None;
    book.rows(sheet, &mut |row: &SheetRow| {
        if row.line <= header_line {
            return Some(width);
        }
        if row.is_too_long {
            too_long = Some(InputErrorKind::RecordTooLong { bytes: MOST_BYTES, quote_line: None });
            return None;
        }
        if row.cells.is_empty() && row.unvalued.iter().any(|column| *column < width) {
            batch.valueless.push(row.line);
            return Some(width);
        }
        batch.add_row(row.line, &row.cells);
        if row.is_hidden {
            batch.noticed.push((FindingCode::HiddenRows, row.line, None));
        }
        let unvalued = row.unvalued.iter().filter(|column| **column < width);
        batch
            .noticed
            .extend(unvalued.map(|column| (FindingCode::FormulaWithoutValue, row.line, Some(*column))));
        bytes += row.bytes;
        if batch.len() >= ROWS.min(CELLS / width.max(1)) || bytes > BYTES || batch.ragged.len() >= ROWS {
            bytes = 0;
            send.send(Ok(std::mem::replace(&mut batch, RowBatch::new(width)))).ok()?;
        }
        Some(width)
    })?;
    if let Some(reason) = too_long {
        return Err(reason);
    }
    if !batch.is_empty() {
        let _ = send.send(Ok(batch));
    }
    Ok(())
}

/// What is said of a page whose tables are there for its looks.
const PAGE: InputErrorKind = InputErrorKind::Foreign(
    "a web page",
    "the download may have failed, or a session ended; if it shows the rows, open it and save it as CSV or .xlsx",
);

/// Lists the sheets of a workbook, with how many rows each has.
///
/// # Errors
/// When it is none, or is damaged.
pub fn sheets(
    Book { bytes, kind, encoding }: Book,
    wanted: &SniffHints,
) -> Result<Vec<SheetSeen>, InputErrorKind> {
    let mut book = Workbook::open(bytes, kind, encoding)?;
    let mut seen = Vec::new();
    for (at, sheet) in book.sheets().to_vec().into_iter().enumerate() {
        let Head { header, line, .. } = head(&mut book, at, wanted)?;
        let mut rows = 0;
        if sheet.has_cells {
            let width = header.len();
            book.rows(at, &mut |row| {
                rows += u64::from(row.line > line);
                Some(width)
            })?;
        }
        let (is_visible, has_cells) = (sheet.is_visible, sheet.has_cells);
        seen.push(SheetSeen { name: sheet.name, is_visible, has_cells, header, line, rows });
    }
    Ok(seen)
}
