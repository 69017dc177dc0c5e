//! Excel workbooks: the rows of the sheet that fits best, read on a thread of their own.

use std::io::Cursor;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{DataRef, Reader, Xlsx, open_workbook_from_rs};

use crate::read::batch::Batch;
use crate::read::error::Reason;
use crate::read::open::Wanted;
use crate::read::unpack;

/// A workbook that is being read.
pub struct Sheet {
    /// The names of the columns.
    pub header: Vec<String>,
    /// The row in which they stand.
    pub line: u64,
    rows: Receiver<Result<Batch, Reason>>,
}

/// What a thread finds out first: the header and its row.
type Header = Result<(Vec<String>, u64), Reason>;

/// So many rows are handed on at a time, if they are not wide.
const ROWS: usize = 2048;

/// So many cells are handed on at a time.
const CELLS: usize = 1 << 18;

impl Sheet {
    /// Starts to read a workbook.
    ///
    /// # Errors
    /// When it is none, or is empty.
    pub fn open(bytes: Vec<u8>, wanted: &Wanted) -> Result<Self, Reason> {
        let (send, rows) = sync_channel(4);
        let (tell, told) = sync_channel(1);
        let wanted = wanted.clone();
        std::thread::spawn(move || {
            if let Err(reason) = read(bytes, &wanted, &tell, &send) {
                // Whoever still listens hears it.
                let _ = tell.try_send(Err(reason.clone()));
                let _ = send.send(Err(reason));
            }
        });
        let (header, line) = told.recv().unwrap_or(Err(Reason::Damaged("Excel workbook")))?;
        Ok(Self { header, line, rows })
    }

    /// The next rows; none at the end.
    ///
    /// # Errors
    /// When the workbook is damaged.
    pub fn next(&mut self) -> Result<Option<Batch>, Reason> {
        self.rows.recv().ok().transpose()
    }
}

fn read(
    bytes: Vec<u8>,
    wanted: &Wanted,
    tell: &SyncSender<Header>,
    send: &SyncSender<Result<Batch, Reason>>,
) -> Result<(), Reason> {
    let damaged = Reason::Damaged("Excel workbook");
    unpack::check_size(&bytes).map_err(|()| Reason::Bomb)?;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(|_| damaged.clone())?;
    let names = book.sheet_names();
    // The sheet that has most of what is looked for; of equals the first.
    let mut best: Option<(usize, String)> = None;
    let mut rivals = false;
    for name in names {
        let mut header: Option<Vec<String>> = None;
        rows(&mut book, &name, |_, cells| {
            header = Some(cells.to_vec());
            None
        })
        .map_err(|()| damaged.clone())?;
        let Some(header) = header else { continue };
        let found = header.iter().filter(|name| wanted.has(name.as_bytes())).count();
        rivals = match &best {
            Some((known, _)) if found == *known => found > 0,
            Some((known, _)) => rivals && found < *known,
            None => false,
        };
        if best.as_ref().is_none_or(|(known, _)| found > *known) {
            best = Some((found, name));
        }
    }
    if rivals {
        return Err(Reason::SeveralSheets);
    }
    let (_, name) = best.ok_or(Reason::Empty)?;
    let mut batch: Option<Batch> = None;
    let mut width = 0;
    rows(&mut book, &name, |line, cells| {
        let Some(batch) = &mut batch else {
            width = cells.len();
            batch = Some(Batch::new(width));
            return tell.send(Ok((cells.to_vec(), line))).ok().map(|()| width);
        };
        batch.add_row(line, cells);
        if batch.len() >= ROWS.min(CELLS / width.max(1)) {
            send.send(Ok(std::mem::replace(batch, Batch::new(width)))).ok()?;
        }
        Some(width)
    })
    .map_err(|()| damaged)?;
    if let Some(batch) = batch.filter(|batch| !batch.is_empty()) {
        let _ = send.send(Ok(batch));
    }
    Ok(())
}

/// Calls `each` with every row of a sheet that is not blank, and its number, until it says no; else it says how wide the next row may
/// be. A row that goes on beyond that has one cell more, whatever there is and how far to the right.
fn rows(
    book: &mut Xlsx<Cursor<Vec<u8>>>,
    name: &str,
    mut each: impl FnMut(u64, &[String]) -> Option<usize>,
) -> Result<(), ()> {
    let mut reader = book.worksheet_cells_reader(name).map_err(|_| ())?;
    let (mut row, mut cells, mut width): (u32, Vec<String>, usize) = (0, Vec::new(), COLUMNS);
    let mut end = |row: u32, cells: &mut Vec<String>, width: usize| {
        let next = if cells.is_empty() { Some(width) } else { each(u64::from(row) + 1, cells) };
        cells.clear();
        next
    };
    while let Some(cell) = reader.next_cell().map_err(|_| ())? {
        let (at, column) = cell.get_position();
        if at != row {
            let Some(next) = end(row, &mut cells, width) else { return Ok(()) };
            (row, width) = (at, next);
        }
        let (column, text) = (column as usize, text(cell.get_value()));
        // What stands far to the right, maybe of a workbook made to hurt, is not worth the memory of all cells before it.
        if column < COLUMNS && !text.trim().is_empty() {
            let column = column.min(width);
            cells.resize(cells.len().max(column + 1), String::new());
            cells[column] = text;
        }
    }
    end(row, &mut cells, width);
    Ok(())
}

/// Excel has no more columns.
const COLUMNS: usize = 16_384;

/// A cell as an export in text would have it.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        // Whole numbers, ids above all, are kept without a fraction.
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(moment) => match moment.as_datetime() {
            Some(moment) => moment.format("%Y-%m-%dT%H:%M:%S").to_string(),
            None => moment.as_f64().to_string(),
        },
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
    }
}
