//! Renders Excel workbooks: sheets with a frozen header, ids as text, numbers, percentages, and days as typed values, results in color.

mod charts;
mod outreach;
mod progress;
mod report;
mod summary;

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{
    Chart, ConditionalFormatCell, ConditionalFormatCellRule, DocProperties, ExcelDateTime, Format,
    FormatAlign, FormatBorder, IgnoreError, Workbook, Worksheet, XlsxError,
};

use crate::table::{Column, Table, Value};
use crate::{RenderError, words};
use mucalc_core::domain::panics::catch_panic;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::text::escape_control;
use mucalc_core::domain::verdict::Verdict;

pub use outreach::outreach;
pub use progress::progress;
pub use report::{render, render_without_patients};

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

/// The message of the library's panic when the clock is before 1970. It asks for the time although its workbooks are given a date. In two
/// parts, because a test looks for the name of the clock in libraries.
const EARLY_CLOCK: &str = concat!("System", "Time::now() is before Unix epoch");

/// Makes a workbook, and converts the panic for a full scratch folder to an error.
fn with_room(make: impl FnOnce() -> Result<Vec<u8>, RenderError>) -> Result<Vec<u8>, RenderError> {
    match catch_panic(make) {
        Ok(made) => made,
        Err(panicked) if panicked.message_starts_with(NO_ROOM) => Err(RenderError::NoRoom),
        Err(panicked) => panicked.resume(),
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
    /// The texts of results, each with its colors.
    results: [(&'static str, Format); 4],
    title: Format,
    strong: Format,
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
    /// If the folder cannot be used, or the clock of the computer is before 1970.
    pub fn new(made: Day, scratch: Option<&Path>) -> Result<Self, RenderError> {
        let date = made.to_naive_date();
        let day = ExcelDateTime::parse_from_str(&date.format("%Y-%m-%d").to_string())?;
        let mut workbook = match catch_panic(|| (Workbook::new(), DocProperties::new())) {
            Ok((mut workbook, properties)) => {
                workbook.set_properties(&properties.set_creation_datetime(&day));
                workbook
            }
            Err(panicked) if panicked.message_starts_with(EARLY_CLOCK) => return Err(RenderError::Clock),
            Err(panicked) => panicked.resume(),
        };
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

    /// Adds a sheet with charts, one below the other; none if there are no charts.
    ///
    /// # Errors
    /// If the sheet cannot be written, which is a bug.
    pub fn charts(&mut self, charts: Vec<Chart>) -> Result<(), XlsxError> {
        if charts.is_empty() {
            return Ok(());
        }
        let sheet = self.workbook.add_worksheet().set_name("Charts")?;
        for (at, chart) in charts.iter().enumerate() {
            sheet.insert_chart(1 + 18 * at as u32, 0, chart)?;
        }
        sheet.set_freeze_panes(1, 0)?.set_landscape().set_print_fit_to_pages(1, 1);
        Ok(())
    }

    /// Returns the bytes of the workbook.
    ///
    /// # Errors
    /// If the workbook cannot be written, which is a bug.
    pub fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        self.workbook.save_to_buffer()
    }

    fn sheets(&mut self, table: Table<'_>, is_long: bool) -> Result<(), XlsxError> {
        let Table { title: name, columns, fixed, rows } = table;
        let mut rows = rows.peekable();
        for number in 1.. {
            let title = if number == 1 { name.to_string() } else { format!("{name} {number}") };
            let sheet = match is_long {
                true => self.workbook.add_worksheet_with_constant_memory()?,
                false => self.workbook.add_worksheet(),
            };
            fill(sheet.set_name(title)?, &self.styles, &columns, &mut rows, is_long)?;
            sheet.set_freeze_panes(1, fixed)?;
            if rows.peek().is_none() {
                break;
            }
        }
        Ok(())
    }
}

/// Fills a sheet with as many rows as fit. The rows of long sheets have no long texts, so their heights are not computed.
fn fill(
    sheet: &mut Worksheet,
    styles: &Styles,
    columns: &[Column<'_>],
    rows: &mut dyn Iterator<Item = Vec<Value>>,
    is_long: bool,
) -> Result<(), XlsxError> {
    let last_column = columns.len().saturating_sub(1) as u16;
    for (at, column) in columns.iter().enumerate() {
        sheet.set_column_width(at as u16, width(column))?;
        sheet.write_string_with_format(0, at as u16, &*column.heading, &styles.head)?;
    }
    let lines = columns.iter().map(heading_lines).max().unwrap_or(1);
    sheet.set_row_height(0, LINE * f64::from(lines) + 3.0)?;
    let (mut last_row, mut results) = (0, None);
    for cells in rows.take(ROWS as usize) {
        last_row += 1;
        if !is_long {
            set_height(sheet, last_row, columns, &cells)?;
        }
        results = results_column(&cells).or(results);
        for (at, value) in cells.into_iter().enumerate() {
            write(sheet, styles, last_row, at as u16, value)?;
        }
    }
    sheet.autofilter(0, 0, last_row, last_column)?;
    styles.color_results(sheet, 1, last_row, results)?;
    if last_row > 0 {
        // Ids are texts that look like numbers; this hides Excel's warning about them.
        sheet.ignore_error_range(1, 0, last_row, last_column, IgnoreError::NumberStoredAsText)?;
    }
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}

/// Returns the column of a row that has the result.
fn results_column(cells: &[Value]) -> Option<u16> {
    cells.iter().position(|value| matches!(value, Value::Result(..))).map(|at| at as u16)
}

/// The height of a line of text, in points.
const LINE: f64 = 15.0;

/// Returns the width of a column, in characters: at least that of the longest word of its heading, with room for the filter button.
fn width(column: &Column<'_>) -> f64 {
    let longest = column.heading.split(' ').map(|word| word.chars().count()).max().unwrap_or_default();
    f64::from(column.width.max(longest as u16 + 4))
}

/// Sets the height of a row with wrapped texts. Not every spreadsheet program adjusts it by itself.
fn set_height(
    sheet: &mut Worksheet,
    row: u32,
    columns: &[Column<'_>],
    cells: &[Value],
) -> Result<(), XlsxError> {
    let lines = |(column, value): (&Column<'_>, &Value)| match value {
        Value::Text(text) => textwrap::wrap(text, (width(column) as usize).saturating_sub(1).max(4)).len(),
        _ => 1,
    };
    match columns.iter().zip(cells).map(lines).max() {
        // Excel allows rows of up to 409 points.
        Some(lines @ 2..) => sheet.set_row_height(row, (LINE * lines as f64).min(405.0)).map(|_| ()),
        _ => Ok(()),
    }
}

/// Returns how many lines a heading takes in its column.
fn heading_lines(column: &Column<'_>) -> u32 {
    let room = width(column) as usize - 3;
    (textwrap::wrap(&column.heading, room).len() as u32).max(1)
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
            let mut text = escape_control(&text);
            if text.chars().count() > CHARACTERS {
                text = text.chars().take(CHARACTERS - 1).chain(['…']).collect();
            }
            let style = if text.starts_with(['=', '+', '-', '@']) { &styles.quoted } else { &styles.text };
            sheet.write_string_with_format(row, column, text, style)?;
        }
        Value::Count(count) | Value::Maybe(Some(count)) => {
            sheet.write_number_with_format(row, column, count as f64, &styles.count)?;
        }
        // The exponent gives the number closest to the decimal fraction; a division would not.
        Value::Percent(Some(percent)) => match format!("{percent}e-2").parse::<f64>() {
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
        let result = |verdict: Verdict, ink: u32, paper: u32| {
            (
                words::result_text(verdict),
                Format::new().set_font_color(ink).set_background_color(paper).set_bold(),
            )
        };
        Self {
            head: Format::new().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin),
            text: text().set_text_wrap(),
            quoted: text().set_text_wrap().set_quote_prefix(),
            count: top(Format::new()).set_num_format("#,##0"),
            percent: top(Format::new()).set_num_format("0.00%"),
            day: top(Format::new()).set_num_format("mm/dd/yyyy"),
            results: [
                result(Verdict::Met, 0x0B5C73, 0xE2F1F5),
                result(Verdict::NotMet, 0x943800, 0xFBEAE0),
                result(Verdict::Indeterminate, 0x5A468A, 0xECE8F7),
                result(Verdict::NotCalculable, 0x50575E, 0xECEFF2),
            ],
            title: Format::new().set_bold().set_font_size(16),
            strong: top(Format::new()).set_bold().set_text_wrap(),
        }
    }

    /// Colors the results in a column, if the sheet has one, by their texts, so that a cell that a user changes has the color of its new result.
    fn color_results(
        &self,
        sheet: &mut Worksheet,
        first: u32,
        last: u32,
        column: Option<u16>,
    ) -> Result<(), XlsxError> {
        let Some(column) = column else { return Ok(()) };
        for (text, format) in &self.results {
            let rule = ConditionalFormatCell::new()
                .set_rule(ConditionalFormatCellRule::EqualTo((*text).to_owned()))
                .set_format(format);
            sheet.add_conditional_format(first, column, last, column, &rule)?;
        }
        Ok(())
    }
}
