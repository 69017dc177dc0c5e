//! Binary Excel workbooks, old ones (`.xls`) and packed ones (`.xlsb`), as the library reads them.

use std::io::Cursor;

use calamine::{Data, DataRef, Reader, Sheet, SheetType, SheetVisible, Xls, XlsError, Xlsb};
use memchr::memmem;

use crate::read::biff::{Beside, beside};
use crate::read::error::Reason;
use crate::read::number_format::number;
use crate::read::unpack;
use crate::read::workbook::{BookKind, COLUMNS, EachRow, SheetOf, SheetRow};
use crate::read::xlsx::{error_text, moment};

/// An open workbook.
pub struct Binary {
    book: Book,
    sheets: Vec<SheetOf>,
    /// What else is known of each sheet.
    beside: Vec<Beside>,
}

enum Book {
    Xls(Box<Xls<Cursor<Vec<u8>>>>),
    Xlsb(Box<Xlsb<Cursor<Vec<u8>>>>),
}

/// What is said of a workbook that only a password opens.
pub const WITH_PASSWORD: Reason = Reason::Foreign(
    "a workbook that is protected by a password",
    "open it, remove the password, and save it again",
);

const fn damaged() -> Reason {
    Reason::Damaged(BookKind::Old.words())
}

impl Binary {
    /// Whether an archive of Excel has its parts in binary form.
    pub fn is_xlsb(archive: &[u8]) -> bool {
        memmem::find(archive, b"xl/workbook.bin").is_some()
    }

    /// Opens an `.xlsb`.
    ///
    /// # Errors
    /// When it is damaged, or unpacks to many times its size.
    pub fn open_xlsb(bytes: Vec<u8>) -> Result<Self, Reason> {
        unpack::check_size(&bytes).map_err(|()| Reason::Bomb)?;
        let book = Xlsb::new(Cursor::new(bytes)).map_err(|_| Reason::Damaged(BookKind::Excel.words()))?;
        let sheets = sheets(book.sheets_metadata());
        Ok(Self { sheets, book: Book::Xlsb(Box::new(book)), beside: Vec::new() })
    }

    /// Opens an `.xls`, or says what else the file is: other programs of an office pack in the same way.
    ///
    /// # Errors
    /// When it is something else, protected, or damaged.
    pub fn open_xls(bytes: Vec<u8>) -> Result<Self, Reason> {
        let holds = |name: &str| {
            let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            memmem::find(&bytes, &name).is_some()
        };
        const AS_CSV: &str = "export the rows as CSV";
        if holds("EncryptedPackage") {
            return Err(WITH_PASSWORD);
        } else if !holds("Workbook") && !holds("Book") {
            let (what, remedy) = match () {
                () if holds("WordDocument") => ("a Word document", "save the rows as CSV"),
                () if holds("PowerPoint Document") => ("a presentation", AS_CSV),
                () if holds("__properties_version1.0") => ("an email of Outlook", AS_CSV),
                () => ("a file of an old office program", AS_CSV),
            };
            return Err(Reason::Foreign(what, remedy));
        }
        let beside = beside(&bytes);
        let book = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
            XlsError::Password => WITH_PASSWORD,
            _ => damaged(),
        })?;
        Ok(Self { sheets: sheets(book.sheets_metadata()), book: Book::Xls(Box::new(book)), beside })
    }

    /// Returns its sheets, in their order.
    pub fn sheets(&self) -> &[SheetOf] {
        &self.sheets
    }

    /// Calls `each` with every row of a sheet that is not blank, until it wants no more.
    ///
    /// # Errors
    /// When the sheet is damaged.
    pub fn rows(&mut self, sheet: usize, each: EachRow<'_>) -> Result<(), Reason> {
        let name = &self.sheets[sheet].name;
        let mut rows = Rows { row: SheetRow::default(), width: COLUMNS, each };
        match &mut self.book {
            Book::Xls(book) => {
                let range = book.worksheet_range(name).map_err(|_| damaged())?;
                let none = Beside::default();
                let beside = self.beside.get(sheet).unwrap_or(&none);
                let (first_row, first_column) = range.start().unwrap_or_default();
                for (row, column, value) in range.used_cells() {
                    let (row, column) = (first_row + row as u32, first_column + column as u32);
                    let text = match (value, beside.padded.get(&(row, column))) {
                        (Data::Float(value), Some(format)) => format.write(*value),
                        (Data::Int(value), Some(format)) => format.write(*value as f64),
                        (value, _) => of_data(value),
                    };
                    let is_hidden = beside.hidden.contains(&row);
                    if !rows.put(u64::from(row) + 1, is_hidden, column as usize, text) {
                        return Ok(());
                    }
                }
            }
            Book::Xlsb(book) => {
                let damaged = || Reason::Damaged(BookKind::Excel.words());
                let mut cells = book.worksheet_cells_reader(name).map_err(|_| damaged())?;
                while let Some(cell) = cells.next_cell().map_err(|_| damaged())? {
                    let (row, column) = cell.get_position();
                    let text = of_data_ref(cell.get_value());
                    if !rows.put(u64::from(row) + 1, false, column as usize, text) {
                        return Ok(());
                    }
                }
            }
        }
        rows.end();
        Ok(())
    }
}

/// Rows made of cells one by one.
struct Rows<'e> {
    row: SheetRow,
    width: usize,
    each: EachRow<'e>,
}

impl Rows<'_> {
    /// Puts a cell; returns whether more are wanted.
    fn put(&mut self, line: u64, is_hidden: bool, column: usize, text: String) -> bool {
        if line != self.row.line {
            if !self.end() {
                return false;
            }
            self.row.begin(line, is_hidden);
        }
        self.row.put(column, self.width, text);
        true
    }

    /// Hands on the row that is being made.
    fn end(&mut self) -> bool {
        if self.row.is_blank() {
            return true;
        }
        let Some(width) = (self.each)(&self.row) else { return false };
        self.width = width;
        self.row.begin(self.row.line, false);
        true
    }
}

fn sheets(listed: &[Sheet]) -> Vec<SheetOf> {
    let sheet = |sheet: &Sheet| SheetOf {
        name: sheet.name.clone(),
        is_visible: sheet.visible == SheetVisible::Visible,
        has_cells: sheet.typ == SheetType::WorkSheet,
    };
    listed.iter().map(sheet).collect()
}

/// Writes a cell as an export in text would have it.
fn of_data_ref(value: &DataRef<'_>) -> String {
    match value {
        DataRef::SharedString(text) => (*text).to_owned(),
        other => of_data(&Data::from(other.clone())),
    }
}

fn of_data(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::Int(value) => number(*value as f64),
        Data::Float(value) => number(*value),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(value) => match value.as_datetime() {
            Some(of) => of.format("%Y-%m-%dT%H:%M:%S").to_string(),
            None => moment(value.as_f64(), false),
        },
        Data::Error(error) => error_text(&error.to_string()),
        #[allow(unreachable_patterns, reason = "the library may learn of more")]
        _ => String::new(),
    }
}
