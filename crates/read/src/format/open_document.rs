//! Reads OpenDocument spreadsheets (`.ods`): the tables of their one large part, row by row.

use std::collections::HashSet;

use quick_xml::events::{BytesStart, Event};

use crate::decompress;
use crate::error::InputErrorKind;
use crate::format::number_format::number;
use crate::format::old_workbook::WITH_PASSWORD;
use crate::format::sheet_row::{BookKind, COLUMNS, EachRow, SheetEntry, SheetRow};
use crate::format::xlsx::error_text;
use crate::format::xml::{Malformed, Xml, XmlPackage, attribute, pass_over, push_text};

/// An open spreadsheet.
pub struct OpenDocument {
    archive: XmlPackage,
    sheets: Vec<SheetEntry>,
}

const DAMAGED: InputErrorKind = InputErrorKind::Damaged(BookKind::OpenDocument.words());
const CONTENT: &str = "content.xml";

/// Maximum number of rows of a spreadsheet.
const ROWS: u64 = 1 << 20;

impl OpenDocument {
    /// Opens a spreadsheet.
    ///
    /// # Errors
    /// If it is damaged, protected, or unpacks to many times its size.
    pub fn open(bytes: Vec<u8>) -> Result<Self, InputErrorKind> {
        decompress::check_size(&bytes).map_err(|()| InputErrorKind::Bomb)?;
        let mut archive = XmlPackage::open(bytes).map_err(|_| DAMAGED)?;
        if is_encrypted(&mut archive).map_err(|_| DAMAGED)? {
            return Err(WITH_PASSWORD);
        }
        let sheets = tables(&mut archive).map_err(|_| DAMAGED)?;
        Ok(Self { archive, sheets })
    }

    /// Returns the tables, in order.
    pub fn sheets(&self) -> &[SheetEntry] {
        &self.sheets
    }

    /// Calls `each` with every row of a table that is not blank, until it returns `None`.
    ///
    /// # Errors
    /// If the table is damaged.
    pub fn rows(&mut self, sheet: usize, each: EachRow<'_>) -> Result<(), InputErrorKind> {
        rows(&mut self.archive, sheet, each).map_err(|_| DAMAGED)
    }
}

/// Returns whether the parts can be opened only with a password.
fn is_encrypted(archive: &mut XmlPackage) -> Result<bool, Malformed> {
    let Some(mut xml) = archive.part("META-INF/manifest.xml")? else { return Ok(false) };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) if element.local_name().as_ref() == "encryption-data" => return Ok(true),
            Event::Eof => return Ok(false),
            _ => {}
        }
    }
}

/// Returns whether an element has tables and texts that are not content of the sheets.
fn is_beside(name: &str) -> bool {
    matches!(name, "tracked-changes" | "shapes" | "annotation" | "dde-links" | "forms")
}

/// Lists the tables. The style of a table defines whether it is visible.
fn tables(archive: &mut XmlPackage) -> Result<Vec<SheetEntry>, Malformed> {
    let mut xml = archive.part(CONTENT)?.ok_or(Malformed)?;
    let (mut buffer, mut skipped, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    let (mut style, mut hidden, mut sheets) = (String::new(), HashSet::new(), Vec::new());
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) => match element.local_name().as_ref() {
                "style" => style = attribute(&element, "name")?.unwrap_or_default(),
                "table-properties" if attribute(&element, "display")?.as_deref() == Some("false") => {
                    hidden.insert(style.clone());
                }
                "table" => {
                    if depth == 0 {
                        let name = attribute(&element, "name")?.unwrap_or_default();
                        let style = attribute(&element, "style-name")?.unwrap_or_default();
                        sheets.push(SheetEntry {
                            name,
                            is_visible: !hidden.contains(&style),
                            has_cells: true,
                        });
                    }
                    depth += 1;
                }
                name if is_beside(name) => pass_over(&mut xml, &mut skipped)?,
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "table" => {
                depth = depth.saturating_sub(1);
            }
            Event::End(element) if element.local_name().as_ref() == "spreadsheet" => return Ok(sheets),
            Event::Eof => return Err(Malformed),
            _ => {}
        }
    }
}

fn rows(archive: &mut XmlPackage, wanted: usize, each: EachRow<'_>) -> Result<(), Malformed> {
    let mut xml = archive.part(CONTENT)?.ok_or(Malformed)?;
    let (mut buffer, mut skipped) = (Vec::new(), Vec::new());
    let (mut table, mut depth) = (0_usize, 0_usize);
    let (mut row, mut width) = (SheetRow::default(), COLUMNS);
    // The number of the next row, and how often the current row is repeated.
    let (mut next, mut times, mut column) = (1_u64, 1_u64, 0_usize);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) => {
                let is_ours = depth == 1 && table == wanted;
                match element.local_name().as_ref() {
                    "table" => depth += 1,
                    name if is_beside(name) => pass_over(&mut xml, &mut skipped)?,
                    "table-row" | "table-cell" | "covered-table-cell"
                        if is_ours && !is_of_tables(&element) =>
                    {
                        return Err(Malformed);
                    }
                    "table-row" if is_ours => {
                        let visibility = attribute(&element, "visibility")?;
                        let is_hidden = matches!(visibility.as_deref(), Some("collapse" | "filter"));
                        times = repeated(&element, "number-rows-repeated")?;
                        row.begin(next, is_hidden);
                        column = 0;
                    }
                    "table-cell" | "covered-table-cell" if is_ours => {
                        let repeated = repeated(&element, "number-columns-repeated")?;
                        let text = cell(&mut xml, &element.to_owned())?;
                        if text.as_deref() != Some("") {
                            // Cells beyond the width become one cell, so their number does not matter.
                            let last =
                                (column as u64).saturating_add(repeated).min(width as u64 + 1) as usize;
                            for at in column..last.max(column + 1) {
                                match &text {
                                    Some(_) if row.is_too_long => break,
                                    Some(text) => row.put(at, width, text.clone()),
                                    None if row.unvalued.len() < COLUMNS => row.unvalued.push(at),
                                    None => {}
                                }
                            }
                        }
                        column = column.saturating_add(usize::try_from(repeated).unwrap_or(usize::MAX));
                    }
                    _ => {}
                }
            }
            Event::End(element) => match element.local_name().as_ref() {
                "table" => {
                    if depth == 1 {
                        if table == wanted {
                            return Ok(());
                        }
                        table += 1;
                    }
                    depth = depth.saturating_sub(1);
                }
                "table-row" if depth == 1 && table == wanted => {
                    let end = next.saturating_add(times);
                    if !row.is_blank() {
                        if end > ROWS + 1 {
                            return Err(Malformed);
                        }
                        for line in next..end {
                            row.line = line;
                            let Some(wide) = each(&row) else { return Ok(()) };
                            width = wide;
                        }
                    }
                    next = end;
                }
                _ => {}
            },
            Event::Eof => return Err(Malformed),
            _ => {}
        }
    }
}

/// Returns whether an element belongs to tables, according to the prefix that every program uses.
fn is_of_tables(element: &BytesStart<'_>) -> bool {
    let name = element.name();
    let name: &str = name.as_ref();
    name.starts_with("table:")
}

fn repeated(element: &BytesStart<'_>, name: &str) -> Result<u64, Malformed> {
    Ok(attribute(element, name)?.and_then(|times| times.parse().ok()).unwrap_or(1).max(1))
}

/// Reads a cell after its start tag. Returns `None` for a formula without a stored value.
fn cell(xml: &mut Xml<'_>, element: &BytesStart<'_>) -> Result<Option<String>, Malformed> {
    let (mut kind, mut is_error, mut is_formula, mut value) = (None, false, false, None);
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| Malformed)?;
        let text = || quick_xml::escape::unescape(&attribute.value).map(std::borrow::Cow::into_owned);
        match attribute.key.as_ref() {
            "calcext:value-type" => is_error = &*attribute.value == "error",
            "office:value-type" => kind = Some(text().map_err(|_| Malformed)?),
            "table:formula" => is_formula = true,
            "office:value" | "office:date-value" | "office:boolean-value" | "office:string-value" => {
                value = Some(text().map_err(|_| Malformed)?);
            }
            _ => {}
        }
    }
    let shown = shown(xml)?;
    if is_error {
        return Ok(Some(error_text(&shown)));
    }
    if is_formula && kind.is_none() && shown.is_empty() {
        return Ok(None);
    }
    let value = value.filter(|value| !value.is_empty());
    Ok(Some(match kind.as_deref() {
        Some("float" | "percentage" | "currency") => match value.as_deref().map(str::parse::<f64>) {
            Some(Ok(value)) => kept_zeros(&shown, value).unwrap_or_else(|| number(value)),
            _ => shown,
        },
        Some("date" | "boolean") => value.unwrap_or(shown),
        Some("string") => match value {
            Some(value) if shown.is_empty() => value,
            // Some programs read the stored value, and others the displayed text, so the two must agree.
            Some(value) if !value.split_whitespace().eq(shown.split_whitespace()) => return Err(Malformed),
            _ => shown,
        },
        _ => shown,
    }))
}

/// Returns the displayed text if it is the number with leading zeros, as with the formats `00000` and `000-00-0000`.
fn kept_zeros(shown: &str, value: f64) -> Option<String> {
    let is_padded = shown.starts_with('0')
        && shown.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b' '))
        && value.fract() == 0.0
        && value.abs() < 1e15;
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    (is_padded && digits.len() > 1 && digits.parse() == Ok(value)).then(|| shown.to_owned())
}

/// Reads the paragraphs of a cell after its start tag, up to its end.
fn shown(xml: &mut Xml<'_>) -> Result<String, Malformed> {
    let (mut buffer, mut skipped, mut text) = (Vec::new(), Vec::new(), String::new());
    // The depth within a paragraph. Anything outside the cell's own paragraphs is a picture or a note.
    let (mut depth, mut paragraphs) = (0_usize, 0_usize);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) => match element.local_name().as_ref() {
                "p" if depth == 0 => {
                    if paragraphs > 0 {
                        text.push('\n');
                    }
                    paragraphs += 1;
                    depth = 1;
                }
                _ if depth == 0 => pass_over(xml, &mut skipped)?,
                "s" => {
                    let blanks = attribute(&element, "c")?.and_then(|count| count.parse().ok()).unwrap_or(1);
                    // Limited, because no line of text has more blanks.
                    text.extend(std::iter::repeat_n(' ', std::cmp::min(blanks, 1024)));
                    depth += 1;
                }
                "tab" => {
                    text.push('\t');
                    depth += 1;
                }
                "line-break" => {
                    text.push('\n');
                    depth += 1;
                }
                name if is_beside(name) => pass_over(xml, &mut skipped)?,
                _ => depth += 1,
            },
            Event::End(_) if depth == 0 => return Ok(text),
            Event::End(_) => depth -= 1,
            Event::Eof => return Err(Malformed),
            event if depth > 0 => push_text(&event, &mut text)?,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_that_a_cell_shows_are_kept_and_nothing_else() {
        for (shown, value, kept) in [
            ("00991", 991.0, Some("00991")),
            ("000-01-2345", 12_345.0, Some("000-01-2345")),
            ("0", 0.0, None),
            ("991", 991.0, None),
            ("0.5", 0.5, None),
            ("00992", 991.0, None),
        ] {
            assert_eq!(kept_zeros(shown, value).as_deref(), kept, "{shown}");
        }
    }
}
