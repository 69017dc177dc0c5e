//! Reads workbooks that are one XML document ("XML Spreadsheet 2003"), as reporting programs save them, usually as `.xls` or `.xml`.

use std::collections::HashMap;

use encoding_rs::Encoding;
use quick_xml::events::{BytesStart, Event};

use crate::error::InputErrorKind;
use crate::format::encoding::decoded;
use crate::format::number_format::{NumberFormat, number};
use crate::format::sheet_row::{BookKind, COLUMNS, EachRow, SheetEntry, SheetRow};
use crate::format::xlsx::{error_text, moment};
use crate::format::xml::{Malformed, Xml, attribute, document, pass_over, push_text, text_within};

/// A workbook in memory.
pub struct XmlWorkbook {
    text: String,
    sheets: Vec<SheetEntry>,
    /// The number format of each style that has one.
    formats: HashMap<String, NumberFormat>,
}

const DAMAGED: InputErrorKind = InputErrorKind::Damaged(BookKind::Xml.words());

/// Maximum number of rows of a sheet.
const ROWS: u64 = 1 << 20;

impl XmlWorkbook {
    /// Decodes a workbook, and lists its sheets.
    ///
    /// # Errors
    /// If it is damaged, or not valid in its encoding.
    pub fn open(bytes: Vec<u8>, declared: Option<&'static Encoding>) -> Result<Self, InputErrorKind> {
        let text = decoded(bytes, declared)?;
        let (sheets, formats) = sheets(&text).map_err(|_| DAMAGED)?;
        Ok(Self { text, sheets, formats })
    }

    /// Returns the sheets, in order.
    pub fn sheets(&self) -> &[SheetEntry] {
        &self.sheets
    }

    /// Calls `each` with every row of a sheet that is not blank, until it returns `None`.
    ///
    /// # Errors
    /// If the sheet is damaged.
    pub fn rows(&self, sheet: usize, each: EachRow<'_>) -> Result<(), InputErrorKind> {
        rows(&self.text, sheet, &self.formats, each).map_err(|_| DAMAGED)
    }
}

type Listed = (Vec<SheetEntry>, HashMap<String, NumberFormat>);

/// Lists the sheets, and the number formats of the styles, which come before the sheets.
fn sheets(text: &str) -> Result<Listed, Malformed> {
    let mut xml = document(text)?;
    let (mut buffer, mut skipped, mut visible) = (Vec::new(), Vec::new(), String::new());
    let (mut sheets, mut formats, mut style): (Vec<SheetEntry>, _, _) =
        (Vec::new(), HashMap::new(), String::new());
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) => match element.local_name().as_ref() {
                "Style" => style = attribute(&element, "ID")?.unwrap_or_default(),
                "NumberFormat" => {
                    if let Some(code) = attribute(&element, "Format")? {
                        formats.insert(style.clone(), NumberFormat::new(OWN_FORMAT, Some(&code)));
                    }
                }
                "Worksheet" => {
                    let name = attribute(&element, "Name")?.ok_or(Malformed)?;
                    sheets.push(SheetEntry { name, is_visible: true, has_cells: false });
                }
                "Table" => sheets.last_mut().ok_or(Malformed)?.has_cells = true,
                "Row" => pass_over(&mut xml, &mut skipped)?,
                "Visible" => {
                    visible.clear();
                    text_within(&mut xml, &mut skipped, &mut visible)?;
                    if let Some(sheet) = sheets.last_mut() {
                        sheet.is_visible = !visible.trim().starts_with("SheetHidden")
                            && !visible.trim().starts_with("SheetVeryHidden");
                    }
                }
                _ => {}
            },
            Event::End(element) if element.local_name().as_ref() == "Workbook" => {
                return Ok((sheets, formats));
            }
            Event::Eof => return Err(Malformed),
            _ => {}
        }
    }
}

/// Number of a format that is not built in.
const OWN_FORMAT: u32 = 164;

fn rows(
    text: &str,
    wanted: usize,
    formats: &HashMap<String, NumberFormat>,
    each: EachRow<'_>,
) -> Result<(), Malformed> {
    let mut xml = document(text)?;
    let (mut buffer, mut skipped) = (Vec::new(), Vec::new());
    let (mut begun, mut row, mut width) = (0_usize, SheetRow::default(), COLUMNS);
    // The numbers of the next row and of the next column.
    let (mut next, mut column) = (1_u64, 0_usize);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) => {
                let is_ours = begun == wanted + 1;
                match element.local_name().as_ref() {
                    "Worksheet" => begun += 1,
                    "Row" if !is_ours => pass_over(&mut xml, &mut skipped)?,
                    "Row" => {
                        let line = number_in(&element, "Index")?.unwrap_or(next);
                        if line < next || line > ROWS {
                            return Err(Malformed);
                        }
                        let is_hidden = attribute(&element, "Hidden")?.is_some_and(|value| value == "1");
                        row.begin(line, is_hidden);
                        // A row can stand for blank rows after it too.
                        next = line + 1 + number_in(&element, "Span")?.unwrap_or(0).min(ROWS);
                        column = 0;
                    }
                    "Cell" if is_ours => {
                        let at =
                            number_in(&element, "Index")?.map_or(column, |at| at.saturating_sub(1) as usize);
                        if at < column {
                            return Err(Malformed);
                        }
                        let is_formula = attribute(&element, "Formula")?.is_some();
                        let across = number_in(&element, "MergeAcross")?.unwrap_or(0) as usize;
                        let style = attribute(&element, "StyleID")?;
                        let format = style.and_then(|style| formats.get(&style));
                        match cell(&mut xml, format)? {
                            Some(text) => row.put(at, width, text),
                            None if is_formula && row.unvalued.len() < COLUMNS => row.unvalued.push(at),
                            None => {}
                        }
                        column = at.saturating_add(across).saturating_add(1);
                    }
                    _ => {}
                }
            }
            Event::End(element) => match element.local_name().as_ref() {
                "Row" if begun == wanted + 1 && !row.is_blank() => {
                    let Some(wide) = each(&row) else { return Ok(()) };
                    width = wide;
                }
                "Worksheet" if begun == wanted + 1 => return Ok(()),
                _ => {}
            },
            Event::Eof => return Err(Malformed),
            _ => {}
        }
    }
}

/// Reads a cell after its start tag. Returns `None` if it has no value.
fn cell(xml: &mut Xml<'_>, format: Option<&NumberFormat>) -> Result<Option<String>, Malformed> {
    let (mut buffer, mut skipped, mut value) = (Vec::new(), Vec::new(), None);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) if element.local_name().as_ref() == "Data" => {
                let kind = attribute(&element, "Type")?.unwrap_or_default();
                let text = formatted_text(xml)?;
                value = Some(match kind.as_str() {
                    "Number" => match text.trim().parse::<f64>() {
                        Ok(value) if format == Some(&NumberFormat::Moment) => moment(value, false),
                        Ok(value) => format.map_or_else(|| number(value), |format| format.write(value)),
                        Err(_) => return Err(Malformed),
                    },
                    "DateTime" => text.trim().trim_end_matches(".000").to_owned(),
                    "Boolean" => if text.trim() == "1" { "true" } else { "false" }.to_owned(),
                    "Error" => error_text(&text),
                    _ => text,
                });
            }
            // Comments have data of their own.
            Event::Start(_) => pass_over(xml, &mut skipped)?,
            Event::End(_) => return Ok(value),
            Event::Eof => return Err(Malformed),
            _ => {}
        }
    }
}

/// Reads a text after the start tag of its element, without the tags that format it.
fn formatted_text(xml: &mut Xml<'_>) -> Result<String, Malformed> {
    let (mut buffer, mut text, mut depth) = (Vec::new(), String::new(), 0_usize);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(_) => depth += 1,
            Event::End(_) if depth == 0 => return Ok(text),
            Event::End(_) => depth -= 1,
            Event::Eof => return Err(Malformed),
            event => push_text(&event, &mut text)?,
        }
    }
}

/// Returns a number in an attribute.
fn number_in(element: &BytesStart<'_>, name: &str) -> Result<Option<u64>, Malformed> {
    attribute(element, name)?.map(|text| text.trim().parse().map_err(|_| Malformed)).transpose()
}
