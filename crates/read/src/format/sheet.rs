//! Reads the rows of the chosen sheet, on a separate thread where there are threads.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

use crate::choice::{Head, choose, head};
use crate::error::InputErrorKind;
use crate::format::sheet_row::{BookKind, MAX_BYTES, SheetRow};
use crate::format::text_batch::RowBatch;
use crate::format::workbook::Workbook;
use crate::furniture::{is_footer, is_total};
use crate::wanted::SniffHints;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::ledger::parallel::HAS_THREADS;

/// A sheet that is being read.
pub struct SheetReader {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Row of the header, counted from 1.
    pub line: u64,
    /// Name of the sheet, or `None` if it is the only one and has no name.
    pub name: Option<String>,
    rows: Receiver<Result<RowBatch, InputErrorKind>>,
}

/// A summary of a sheet, for a list of the sheets in a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetSeen {
    /// Name of the sheet.
    pub name: String,
    /// Whether the sheet is visible.
    pub is_visible: bool,
    /// Whether the sheet has cells; a chart sheet has none.
    pub has_cells: bool,
    /// Names of the columns.
    pub header: Vec<String>,
    /// Row of the header, counted from 1.
    pub line: u64,
    /// Number of rows after the header, without blank ones.
    pub rows: u64,
}

/// A workbook in memory.
pub struct Book {
    /// The bytes of the file.
    pub bytes: Vec<u8>,
    /// Kind of file.
    pub kind: BookKind,
    /// Encoding of the text, if the file does not specify it.
    pub encoding: Option<&'static encoding_rs::Encoding>,
}

/// What the thread finds first: the header, its row, and the name of the sheet.
type Begun = Result<(Vec<String>, u64, Option<String>), InputErrorKind>;

/// Passes rows on, and returns whether anyone still wants them.
type SendRows<'a> = &'a dyn Fn(Result<RowBatch, InputErrorKind>) -> bool;

/// Maximum number of rows in a batch.
const ROWS: usize = 2048;

/// Maximum number of cells in a batch of several rows.
const CELLS: usize = 1 << 18;

/// Size in bytes above which a batch is complete.
const BYTES: usize = 8 << 20;

impl SheetReader {
    /// Starts to read a workbook.
    ///
    /// # Errors
    /// If the file is not a workbook or is empty, or if no sheet can be chosen.
    pub fn open(book: Book, wanted: &SniffHints) -> Result<Self, InputErrorKind> {
        let (tell, told) = sync_channel(1);
        let kind = book.kind;
        let rows = if HAS_THREADS {
            let (send, rows) = sync_channel(4);
            let wanted = wanted.clone();
            std::thread::spawn(move || read_all(book, &wanted, &tell, &|part| send.send(part).is_ok()));
            rows
        } else {
            // All rows are read before the first is used.
            let (send, rows) = channel();
            read_all(book, wanted, &tell, &|part| send.send(part).is_ok());
            rows
        };
        let (header, line, name) = told.recv().unwrap_or(Err(InputErrorKind::Damaged(kind.words())))?;
        Ok(Self { header, line, name, rows })
    }

    /// Returns the next rows, or `None` at the end.
    ///
    /// # Errors
    /// If the workbook is damaged.
    pub fn next(&mut self) -> Result<Option<RowBatch>, InputErrorKind> {
        self.rows.recv().ok().transpose()
    }
}

/// Reads a workbook, and passes its rows or the error on.
fn read_all(book: Book, wanted: &SniffHints, tell: &SyncSender<Begun>, send: SendRows<'_>) {
    if let Err(reason) = read(book, wanted, tell, send) {
        // Whichever channel still has a receiver delivers the error.
        let _ = tell.try_send(Err(reason.clone()));
        send(Err(reason));
    }
}

fn read(
    Book { bytes, kind, encoding }: Book,
    wanted: &SniffHints,
    tell: &SyncSender<Begun>,
    send: SendRows<'_>,
) -> Result<(), InputErrorKind> {
    let mut book = Workbook::open(bytes, kind, encoding, wanted.header)?;
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
            too_long = Some(InputErrorKind::RecordTooLong { bytes: MAX_BYTES, quote_line: None });
            return None;
        }
        if row.cells.is_empty() && row.unvalued.iter().any(|column| *column < width) {
            batch.valueless.push(row.line);
            return Some(width);
        }
        let cells = || row.cells.iter().map(String::as_str);
        // A printed line that fits no column.
        let is_printed = kind == BookKind::PaddedText && row.cells.len() > width;
        if is_total(cells(), width) || is_printed && is_footer(cells(), width) {
            batch.totals.push(row.line);
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
            send(Ok(std::mem::replace(&mut batch, RowBatch::new(width)))).then_some(())?;
        }
        Some(width)
    })?;
    if let Some(reason) = too_long {
        return Err(reason);
    }
    if !batch.is_empty() {
        send(Ok(batch));
    }
    Ok(())
}

/// The error for a page that uses tables only for its appearance.
const PAGE: InputErrorKind = InputErrorKind::Foreign(
    "a web page",
    "the download may have failed, or a session ended; if it shows the rows, open it and save it as CSV or .xlsx",
);

/// Lists the sheets of a workbook, with the number of rows of each.
///
/// # Errors
/// If the file is not a workbook, or is damaged.
pub fn sheets(
    Book { bytes, kind, encoding }: Book,
    wanted: &SniffHints,
) -> Result<Vec<SheetSeen>, InputErrorKind> {
    let mut book = Workbook::open(bytes, kind, encoding, wanted.header)?;
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
