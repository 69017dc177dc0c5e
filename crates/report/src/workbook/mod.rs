//! Renders Excel workbooks: sheets with a frozen header, ids as text, numbers and days as typed values.

mod outreach;
mod progress;
mod report;

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError, Workbook, Worksheet,
    XlsxError,
};

use crate::RenderError;
use crate::table::{Column, Table, Value};
use mucalc_core::domain::caught::caught;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::text::printable;

pub use outreach::outreach;
pub use progress::progress;
pub use report::{render, without_patients};

impl From<XlsxError> for RenderError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::IoError(_) => RenderError::NoRoom,
            error => RenderError::Workbook(error),
        }
    }
}

/// The message of the library's panic when the scratch folder has no room for a row.
const NO_ROOM: &str = "Couldn't write to xml file";

/// Makes a workbook, and converts the panic for a full scratch folder to an error.
fn with_room(make: impl FnOnce() -> Result<Vec<u8>, RenderError>) -> Result<Vec<u8>, RenderError> {
    match caught(make) {
        Ok(made) => made,
        Err(panicked) if panicked.says(NO_ROOM) => Err(RenderError::NoRoom),
        Err(panicked) => panicked.go_on(),
    }
}

/// A workbook that is being written.
pub struct WorkbookWriter {
    workbook: Workbook,
    styles: Styles,
    /// The folder for the rows of long sheets while the workbook is being written.
    scratch: Option<PathBuf>,
}

/// The columns of a sheet with labels and texts.
const SUMMARY: [(&str, u16); 2] = [("Item", 32), ("Value", 100)];

/// Returns a row of such a sheet.
fn pair((what, said): (&str, String)) -> Vec<Value> {
    vec![Value::text(what), Value::Text(said)]
}

struct Styles {
    head: Format,
    text: Format,
    /// A text that a spreadsheet would treat as a formula if a user edited the cell.
    quoted: Format,
    count: Format,
    percent: Format,
    day: Format,
}

/// The maximum number of rows of a sheet below its header, in Excel.
const ROWS: u32 = 1_048_575;

/// The maximum number of characters in a cell, in Excel.
const CHARACTERS: usize = 32_767;

impl WorkbookWriter {
    /// Creates an empty workbook.
    ///
    /// Its creation date is `made`, so that the same data give the same bytes. `scratch` is a folder for the rows of long sheets while the
    /// workbook is being written.
    ///
    /// # Errors
    /// If the folder cannot be used.
    pub fn new(made: Day, scratch: Option<&Path>) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        let date = made.date();
        let day = ExcelDateTime::parse_from_str(&date.format("%Y-%m-%d").to_string())?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&day));
        if let Some(scratch) = scratch {
            workbook.set_tempdir(scratch)?;
        }
        Ok(Self { workbook, styles: Styles::new(), scratch: scratch.map(Path::to_owned) })
    }

    /// Adds a table as a sheet named by its title; rows that do not fit continue on further sheets.
    ///
    /// # Errors
    /// If the sheet cannot be written, which is a bug.
    pub fn sheet(&mut self, table: Table<'_>) -> Result<(), XlsxError> {
        self.sheets(table, false)
    }

    /// Adds a table with many rows, which are kept in the scratch folder instead of in memory.
    ///
    /// # Errors
    /// If the rows cannot be written.
    pub fn long_sheet(&mut self, table: Table<'_>) -> Result<(), XlsxError> {
        let is_long = self.scratch.is_some();
        self.sheets(table, is_long)
    }

    /// Returns the bytes of the workbook.
    ///
    /// # Errors
    /// If the workbook cannot be written, which is a bug.
    pub fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        self.workbook.save_to_buffer()
    }

    fn sheets(&mut self, table: Table<'_>, is_long: bool) -> Result<(), XlsxError> {
        let Table { title: name, columns, rows } = table;
        let mut rows = rows.peekable();
        for number in 1.. {
            let title = if number == 1 { name.to_string() } else { format!("{name} {number}") };
            let sheet = match is_long {
                true => self.workbook.add_worksheet_with_constant_memory()?,
                false => self.workbook.add_worksheet(),
            };
            fill(sheet.set_name(title)?, &self.styles, &columns, &mut rows)?;
            if rows.peek().is_none() {
                break;
            }
        }
        Ok(())
    }
}

/// Fills a sheet with as many rows as fit.
fn fill(
    sheet: &mut Worksheet,
    styles: &Styles,
    columns: &[Column<'_>],
    rows: &mut dyn Iterator<Item = Vec<Value>>,
) -> Result<(), XlsxError> {
    let last_column = columns.len().saturating_sub(1) as u16;
    for (at, column) in columns.iter().enumerate() {
        sheet.set_column_width(at as u16, f64::from(column.width))?;
        sheet.write_string_with_format(0, at as u16, &*column.heading, &styles.head)?;
    }
    let mut last_row = 0;
    for cells in rows.take(ROWS as usize) {
        last_row += 1;
        for (at, value) in cells.into_iter().enumerate() {
            write(sheet, styles, last_row, at as u16, value)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, last_row, last_column)?;
    if last_row > 0 {
        // Ids are texts that look like numbers; this hides Excel's warning about them.
        sheet.ignore_error_range(1, 0, last_row, last_column, IgnoreError::NumberStoredAsText)?;
    }
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}

fn write(
    sheet: &mut Worksheet,
    styles: &Styles,
    row: u32,
    column: u16,
    value: Value,
) -> Result<(), XlsxError> {
    match value {
        Value::Text(text) | Value::Number(text) | Value::Picture(text) | Value::Result(_, text) => {
            let mut text = printable(&text);
            if text.chars().count() > CHARACTERS {
                text = text.chars().take(CHARACTERS - 1).chain(['…']).collect();
            }
            let style = if text.starts_with(['=', '+', '-', '@']) { &styles.quoted } else { &styles.text };
            sheet.write_string_with_format(row, column, text, style)?;
        }
        Value::Count(count) | Value::Maybe(Some(count)) => {
            sheet.write_number_with_format(row, column, count as f64, &styles.count)?;
        }
        Value::Percent(Some(percent)) => match percent.parse::<f64>() {
            Ok(percent) => {
                sheet.write_number_with_format(row, column, percent, &styles.percent)?;
            }
            Err(_) => {
                sheet.write_string_with_format(row, column, percent, &styles.text)?;
            }
        },
        Value::Day(Some(day)) => {
            let day = ExcelDateTime::parse_from_str(&day.to_string());
            match day {
                Ok(day) => sheet.write_datetime_with_format(row, column, &day, &styles.day)?,
                // Excel has no days before 1900, so the cell stays empty.
                Err(_) => sheet,
            };
        }
        Value::Percent(None) | Value::Day(None) | Value::Maybe(None) => {}
    }
    Ok(())
}

impl Styles {
    fn new() -> Self {
        let top = |format: Format| format.set_align(FormatAlign::Top);
        let text = || top(Format::new()).set_num_format("@");
        Self {
            head: Format::new().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin),
            text: text().set_text_wrap(),
            quoted: text().set_text_wrap().set_quote_prefix(),
            count: top(Format::new()).set_num_format("#,##0"),
            percent: top(Format::new()).set_num_format("0.00"),
            day: top(Format::new()).set_num_format("yyyy-mm-dd"),
        }
    }
}
