//! The first sheet of a report's workbook: the facts, results, and next actions in the words of the page, and a chart of the rates.

use rust_xlsxwriter::{Chart, Worksheet, XlsxError};

use crate::table::{Column, Value};
use crate::workbook::{LINE, Styles, WorkbookWriter, results_column, write};

/// The first sheet.
pub struct SummarySheet<'s> {
    pub title: String,
    /// Labels and texts below the title.
    pub facts: Vec<(String, String)>,
    /// The table of results, whose last column is the widest.
    pub columns: Vec<Column<'s>>,
    pub rows: Vec<Vec<Value>>,
    /// The result of the practice in one sentence, above the table.
    pub headline: String,
}

/// The width of the first column, and of the last one, in characters.
const FIRST: f64 = 34.0;
const LAST: f64 = 52.0;

impl WorkbookWriter {
    /// Adds the first sheet, with a chart below the table.
    ///
    /// # Errors
    /// If the sheet cannot be written, which is a bug.
    pub fn summary(&mut self, of: SummarySheet<'_>, chart: Option<Chart>) -> Result<(), XlsxError> {
        let last = of.columns.len().saturating_sub(1) as u16;
        let sheet = self.workbook.add_worksheet().set_name("Summary")?;
        let styles = &self.styles;
        for at in 0..=last {
            let width = if at == 0 {
                FIRST
            } else if at == last {
                LAST
            } else {
                16.0
            };
            sheet.set_column_width(at, width)?;
        }
        sheet.write_string_with_format(0, 0, of.title, &styles.title)?;
        sheet.set_row_height(0, 24)?;
        let mut row = 1;
        for (label, text) in of.facts {
            sheet.write_string_with_format(row, 0, label, &styles.text)?;
            wide(sheet, styles, row, last, text)?;
            row += 1;
        }
        row += 1;
        sheet.write_string_with_format(row, 0, of.headline, &styles.title)?;
        sheet.set_row_height(row, 24)?;
        row += 1;
        if !of.rows.is_empty() {
            for (at, column) in of.columns.iter().enumerate() {
                sheet.write_string_with_format(row, at as u16, &*column.heading, &styles.head)?;
            }
            let first = row + 1;
            let mut results = None;
            for cells in of.rows {
                row += 1;
                results = results_column(&cells).or(results);
                for (at, value) in cells.into_iter().enumerate() {
                    write(sheet, styles, row, at as u16, value)?;
                }
            }
            styles.color_results(sheet, first, row, results)?;
        }
        if let Some(chart) = chart {
            sheet.insert_chart(row + 2, 0, &chart)?;
        }
        // The title stays visible, as the heads of the other sheets do.
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_landscape().set_print_fit_to_pages(1, 0);
        Ok(())
    }
}

/// Writes a text across the columns after the first, as high as its lines.
fn wide(sheet: &mut Worksheet, styles: &Styles, row: u32, last: u16, text: String) -> Result<(), XlsxError> {
    let room = 16.0 * f64::from(last.saturating_sub(1)) + LAST;
    let lines = textwrap::wrap(&text, room as usize).len().max(1);
    sheet.set_row_height(row, LINE * lines as f64)?;
    write(sheet, styles, row, 1, Value::text(&text))?;
    sheet.merge_range(
        row,
        1,
        row,
        last,
        &mucalc_core::domain::text::escape_control(&text),
        &styles.strong,
    )?;
    Ok(())
}
