//! Reads old Excel workbooks (`.xls`): their values with the `calamine` library, and what it omits with `biff`.

use std::io::Cursor;

use calamine::{Data, Reader, Sheet, SheetType, SheetVisible, Xls, XlsError};
use memchr::memmem;

use crate::error::InputErrorKind;
use crate::format::biff::{SheetExtras, beside};
use crate::format::number_format::number;
use crate::format::sheet_row::{BookKind, COLUMNS, EachRow, SheetEntry, SheetRow};
use crate::format::xlsx::{error_text, moment};

/// An open workbook.
pub struct OldWorkbook {
    book: Box<Xls<Cursor<Vec<u8>>>>,
    sheets: Vec<SheetEntry>,
    /// What is known about each sheet in addition to its values.
    beside: Vec<SheetExtras>,
}

/// The error for a workbook that needs a password.
pub const WITH_PASSWORD: InputErrorKind = InputErrorKind::Foreign(
    "a workbook that is protected by a password",
    "open it, remove the password, and save it again",
);

const DAMAGED: InputErrorKind = InputErrorKind::Damaged(BookKind::Old.words());

impl OldWorkbook {
    /// Opens a workbook, or recognizes the file as another Office document, which has the same container.
    ///
    /// # Errors
    /// If the file is something else, protected, or damaged.
    pub fn open(bytes: Vec<u8>) -> Result<Self, InputErrorKind> {
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
            return Err(InputErrorKind::Foreign(what, remedy));
        }
        let beside = beside(&bytes);
        let book = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
            XlsError::Password => WITH_PASSWORD,
            _ => DAMAGED,
        })?;
        let sheet = |sheet: &Sheet| SheetEntry {
            name: sheet.name.clone(),
            is_visible: sheet.visible == SheetVisible::Visible,
            has_cells: sheet.typ == SheetType::WorkSheet,
        };
        let sheets = book.sheets_metadata().iter().map(sheet).collect();
        Ok(Self { book: Box::new(book), sheets, beside })
    }

    /// Returns the sheets, in order.
    pub fn sheets(&self) -> &[SheetEntry] {
        &self.sheets
    }

    /// Calls `each` with every row of a sheet that is not blank, until it returns `None`.
    ///
    /// # Errors
    /// If the sheet is damaged.
    pub fn rows(&mut self, sheet: usize, each: EachRow<'_>) -> Result<(), InputErrorKind> {
        let range = self.book.worksheet_range(&self.sheets[sheet].name).map_err(|_| DAMAGED)?;
        let none = SheetExtras::default();
        let beside = self.beside.get(sheet).unwrap_or(&none);
        let (first_row, first_column) = range.start().unwrap_or_default();
        let (mut row, mut width) = (SheetRow::default(), COLUMNS);
        for (at, cells) in range.rows().enumerate() {
            let place = first_row + at as u32;
            row.begin(u64::from(place) + 1, beside.hidden.contains(&place));
            for (at, value) in cells.iter().enumerate() {
                let column = first_column + at as u32;
                let text = match (value, beside.padded.get(&(place, column))) {
                    (Data::Empty, _) => continue,
                    (Data::Float(value), Some(format)) => format.write(*value),
                    (Data::Int(value), Some(format)) => format.write(*value as f64),
                    (value, _) => text(value),
                };
                row.put(column as usize, width, text);
            }
            if !row.is_blank() {
                let Some(next) = each(&row) else { return Ok(()) };
                width = next;
            }
        }
        Ok(())
    }
}

/// Writes a cell as a text export would.
fn text(value: &Data) -> String {
    match value {
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
