//! Reads binary Excel workbooks (`.xlsb`): the parts of an `.xlsx`, but as binary records.

use std::collections::HashMap;
use std::io::Read;

use crate::decompress;
use crate::error::InputErrorKind;
use crate::format::number_format::NumberFormat;
use crate::format::sheet_row::{BookKind, COLUMNS, EachRow, MAX_BYTES, SheetEntry, SheetRow};
use crate::format::text_batch::StringColumn;
use crate::format::xlsx::{error_text, moment, part_named, relations};
use crate::format::xml::{Malformed, XmlPackage};

/// An open workbook.
pub struct Xlsb {
    archive: XmlPackage,
    sheets: Vec<SheetEntry>,
    /// The part of each sheet.
    parts: Vec<String>,
    /// The texts that cells share.
    strings: StringColumn,
    /// The number format of each style.
    formats: Vec<NumberFormat>,
    /// Whether days are counted from 1904.
    from_1904: bool,
}

const DAMAGED: InputErrorKind = InputErrorKind::Damaged(BookKind::Excel.words());
const BOOK: &str = "xl/workbook.bin";

/// The record types that are read.
mod kind {
    pub const ROW: u16 = 0;
    pub const RK: u16 = 2;
    pub const ERROR: u16 = 3;
    pub const BOOL: u16 = 4;
    pub const REAL: u16 = 5;
    pub const TEXT: u16 = 6;
    pub const SHARED: u16 = 7;
    pub const FORMULA_TEXT: u16 = 8;
    pub const FORMULA_REAL: u16 = 9;
    pub const FORMULA_BOOL: u16 = 10;
    pub const FORMULA_ERROR: u16 = 11;
    pub const RICH_TEXT: u16 = 62;
    pub const SHARED_ITEM: u16 = 0x13;
    pub const FORMAT: u16 = 0x2C;
    pub const STYLE: u16 = 0x2F;
    pub const END_ROWS: u16 = 0x92;
    pub const PROPERTIES: u16 = 0x99;
    pub const SHEET: u16 = 0x9C;
    pub const END_SHARED: u16 = 0xA0;
    pub const STYLES_OF_CELLS: u16 = 0x269;
    pub const END_STYLES_OF_CELLS: u16 = 0x26A;
}

impl Xlsb {
    /// Opens a workbook.
    ///
    /// # Errors
    /// If it is damaged, or unpacks to many times its size.
    pub fn open(bytes: Vec<u8>) -> Result<Self, InputErrorKind> {
        decompress::check_size(&bytes).map_err(|()| InputErrorKind::Bomb)?;
        let mut archive = XmlPackage::open(bytes)?;
        let relations = relations(&mut archive, BOOK)?;
        let (mut sheets, mut parts, mut from_1904) = (Vec::new(), Vec::new(), false);
        each(&mut archive, BOOK, None, |kind, data| {
            match kind {
                kind::PROPERTIES => from_1904 = data.first().is_some_and(|flags| flags & 1 != 0),
                kind::SHEET => {
                    let mut rest = data.get(8..)?;
                    let (id, name) = (wide(&mut rest)?, wide(&mut rest)?);
                    let relation = relations.iter().find(|relation| relation.id == id);
                    let has_cells = relation.is_some_and(|relation| relation.kind == "worksheet");
                    sheets.push(SheetEntry { name, is_visible: word(data, 0)? == 0, has_cells });
                    parts.push(relation.map_or(String::new(), |relation| relation.target.clone()));
                }
                _ => {}
            }
            Some(())
        })?;
        let strings = part_named(&relations, BOOK, "sharedStrings", "sharedStrings.bin");
        let styles = part_named(&relations, BOOK, "styles", "styles.bin");
        let (strings, formats) = (shared(&mut archive, &strings)?, formats(&mut archive, &styles)?);
        Ok(Self { archive, sheets, parts, strings, formats, from_1904 })
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
        let mut records = Records::new(self.archive.bytes(&self.parts[sheet])?.ok_or(DAMAGED)?);
        let (mut row, mut width) = (SheetRow::default(), COLUMNS);
        loop {
            let (kind, data) = records.next()?.ok_or(DAMAGED)?;
            if matches!(kind, kind::ROW | kind::END_ROWS) {
                if !row.is_blank() {
                    let Some(next) = each(&row) else { return Ok(()) };
                    width = next;
                }
                if kind == kind::END_ROWS {
                    return Ok(());
                }
                let is_hidden = data.get(11).is_some_and(|flags| flags & 0x10 != 0);
                let line = u64::from(word(data, 0).ok_or(DAMAGED)?) + 1;
                if !row.can_precede(line) {
                    return Err(DAMAGED);
                }
                row.begin(line, is_hidden);
            } else if let Some(text) = cell(kind, data, &self.strings, &self.formats, self.from_1904)? {
                row.put(word(data, 0).ok_or(DAMAGED)? as usize, width, text);
            }
        }
    }
}

/// Returns the text of a cell, or `None` if the record is not a cell.
fn cell(
    kind: u16,
    data: &[u8],
    strings: &StringColumn,
    formats: &[NumberFormat],
    from_1904: bool,
) -> Result<Option<String>, Malformed> {
    let text = |skipped: usize| data.get(8 + skipped..).and_then(|mut rest| wide(&mut rest)).ok_or(Malformed);
    let number = |value: f64| {
        let style = word(data, 4).unwrap_or_default() & 0x00FF_FFFF;
        match formats.get(style as usize) {
            Some(NumberFormat::Moment) => moment(value, from_1904),
            Some(format) => format.write(value),
            None => NumberFormat::Plain.write(value),
        }
    };
    let byte = || data.get(8).copied().ok_or(Malformed);
    Ok(Some(match kind {
        kind::RK => number(rk(word(data, 8).ok_or(Malformed)?)),
        kind::REAL | kind::FORMULA_REAL => {
            let bytes = data.get(8..).and_then(<[u8]>::first_chunk).ok_or(Malformed)?;
            number(f64::from_le_bytes(*bytes))
        }
        kind::BOOL | kind::FORMULA_BOOL => (byte()? != 0).to_string(),
        kind::ERROR | kind::FORMULA_ERROR => error_text(match byte()? {
            0x00 => "#NULL!",
            0x07 => "#DIV/0!",
            0x0F => "#VALUE!",
            0x17 => "#REF!",
            0x1D => "#NAME?",
            0x24 => "#NUM!",
            _ => "#N/A",
        }),
        kind::TEXT | kind::FORMULA_TEXT => text(0)?,
        kind::RICH_TEXT => text(1)?,
        kind::SHARED => {
            let at = word(data, 8).ok_or(Malformed)? as usize;
            if at >= strings.len() {
                return Err(Malformed);
            }
            strings.get(at).to_owned()
        }
        _ => return Ok(None),
    }))
}

/// Returns the number that 30 bits represent. The other two bits are flags for whole numbers and for hundredths.
fn rk(bits: u32) -> f64 {
    let value = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from(bits.cast_signed() >> 2),
    };
    if bits & 1 == 0 { value } else { value / 100.0 }
}

fn shared(archive: &mut XmlPackage, part: &str) -> Result<StringColumn, Malformed> {
    let mut strings = StringColumn::default();
    each(archive, part, Some(kind::END_SHARED), |kind, data| {
        if kind == kind::SHARED_ITEM {
            strings.write(&wide(&mut data.get(1..)?)?);
            strings.end();
        }
        Some(())
    })?;
    Ok(strings)
}

fn formats(archive: &mut XmlPackage, part: &str) -> Result<Vec<NumberFormat>, Malformed> {
    let (mut codes, mut formats, mut is_of_cells) = (HashMap::new(), Vec::new(), false);
    each(archive, part, None, |kind, data| {
        match kind {
            kind::FORMAT => {
                codes.insert(half(data, 0)?, wide(&mut data.get(2..)?)?);
            }
            kind::STYLES_OF_CELLS => is_of_cells = true,
            kind::END_STYLES_OF_CELLS => is_of_cells = false,
            kind::STYLE if is_of_cells => {
                let id = half(data, 2)?;
                formats.push(NumberFormat::new(u32::from(id), codes.get(&id).map(String::as_str)));
            }
            _ => {}
        }
        Some(())
    })?;
    Ok(formats)
}

/// Calls `take` with every record of a part, up to one of the type that ends it. Parts other than the workbook may be absent.
fn each(
    archive: &mut XmlPackage,
    part: &str,
    end: Option<u16>,
    mut take: impl FnMut(u16, &[u8]) -> Option<()>,
) -> Result<(), Malformed> {
    let Some(bytes) = archive.bytes(part)? else {
        return if part == BOOK { Err(Malformed) } else { Ok(()) };
    };
    let mut records = Records::new(bytes);
    while let Some((kind, data)) = records.next()? {
        if Some(kind) == end {
            return Ok(());
        }
        take(kind, data).ok_or(Malformed)?;
    }
    if end.is_some() { Err(Malformed) } else { Ok(()) }
}

/// The records of a part.
struct Records<R> {
    bytes: R,
    data: Vec<u8>,
}

impl<R: Read> Records<R> {
    fn new(bytes: R) -> Self {
        Self { bytes, data: Vec::new() }
    }

    /// Returns the type and the data of the next record, or `None` at the end.
    fn next(&mut self) -> Result<Option<(u16, &[u8])>, Malformed> {
        let Some(first) = self.byte()? else { return Ok(None) };
        let mut kind = u16::from(first);
        if first & 0x80 != 0 {
            kind = u16::from(first & 0x7F) | u16::from(self.byte()?.ok_or(Malformed)? & 0x7F) << 7;
        }
        let mut length = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?.ok_or(Malformed)?;
            length |= usize::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if length > MAX_BYTES {
            return Err(Malformed);
        }
        self.data.clear();
        let read = self.bytes.by_ref().take(length as u64).read_to_end(&mut self.data);
        if read.map_err(|_| Malformed)? < length { Err(Malformed) } else { Ok(Some((kind, &self.data))) }
    }

    fn byte(&mut self) -> Result<Option<u8>, Malformed> {
        let mut byte = [0];
        Ok((self.bytes.read(&mut byte).map_err(|_| Malformed)? == 1).then_some(byte[0]))
    }
}

/// Takes a text that starts with its length, in two bytes per character.
fn wide(rest: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(word(rest, 0)?).ok()?.checked_mul(2)?;
    let letters = rest.get(4..)?.get(..length)?;
    *rest = &rest[4 + length..];
    let (pairs, _) = letters.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    Some(String::from_utf16_lossy(&units))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_thirty_bits_are_whole_or_hundredths_or_neither() {
        let of = |value: i32, flags: u32| rk((value << 2).cast_unsigned() | flags);
        assert_eq!([of(7, 2), of(-3, 2), of(750, 3)], [7.0, -3.0, 7.5]);
        assert_eq!(rk((1.5_f64.to_bits() >> 32) as u32), 1.5);
    }
}
