//! Reads Excel workbooks (`.xlsx`) part by part: what is visible, what is hidden, and cells as the user sees them.

use calamine::{ExcelDateTime, ExcelDateTimeType};
use quick_xml::events::{BytesStart, Event};

use crate::decompress;
use crate::error::InputErrorKind;
use crate::format::number_format::{NumberFormat, number};
use crate::format::sheet_row::{COLUMNS, EachRow, SheetEntry, SheetRow};
use crate::format::text_batch::StringColumn;
use crate::format::xml::{
    Malformed, Prefix, Xml, XmlPackage, attribute, declares, flag, own_attribute, pass_over, text_within,
};

/// An open workbook.
pub struct Xlsx {
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

const DAMAGED: InputErrorKind = InputErrorKind::Damaged("Excel workbook");

impl From<Malformed> for InputErrorKind {
    fn from(_: Malformed) -> Self {
        DAMAGED
    }
}

impl Xlsx {
    /// Opens a workbook.
    ///
    /// # Errors
    /// If it is damaged, or unpacks to many times its size.
    pub fn open(bytes: Vec<u8>) -> Result<Self, InputErrorKind> {
        decompress::check_size(&bytes).map_err(|()| InputErrorKind::Bomb)?;
        let mut archive = XmlPackage::open(bytes)?;
        let of_package = relations(&mut archive, "")?;
        if of_package.iter().filter(|relation| relation.kind == "officeDocument").count() > 1 {
            return Err(DAMAGED);
        }
        let book = of_package
            .into_iter()
            .find(|relation| relation.kind == "officeDocument")
            .map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.target);
        let relations = relations(&mut archive, &book)?;
        let (listed, from_1904) = listed(&mut archive, &book)?;
        let (mut sheets, mut parts) = (Vec::new(), Vec::new());
        for (name, is_visible, id) in listed {
            let relation = relations.iter().find(|relation| relation.id == id);
            let has_cells = relation.is_some_and(|relation| relation.kind == "worksheet");
            sheets.push(SheetEntry { name, is_visible, has_cells });
            parts.push(relation.map_or(String::new(), |relation| relation.target.clone()));
        }
        let part = |kind: &str, usual: &str| part_named(&relations, &book, kind, usual);
        let shared = part("sharedStrings", "sharedStrings.xml");
        check_types(&mut archive, &book, &shared)?;
        let strings = strings(&mut archive, &shared)?;
        let formats = formats(&mut archive, &part("styles", "styles.xml"))?;
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
        let Self { archive, parts, strings, formats, from_1904, .. } = self;
        let mut xml = archive.part(&parts[sheet])?.ok_or(DAMAGED)?;
        let cells = Cells { strings, formats, from_1904: *from_1904 };
        Ok(cells.rows(&mut xml, each)?)
    }
}

/// Buffers that are reused from cell to cell.
#[derive(Default)]
struct Scratch {
    outer: Vec<u8>,
    inner: Vec<u8>,
    value: String,
}

/// What the cells of all sheets refer to.
struct Cells<'b> {
    strings: &'b StringColumn,
    formats: &'b [NumberFormat],
    from_1904: bool,
}

impl Cells<'_> {
    fn rows(&self, xml: &mut Xml<'_>, each: EachRow<'_>) -> Result<(), Malformed> {
        let (mut buffer, mut row, mut scratch) = (Vec::new(), SheetRow::default(), Scratch::default());
        let mut width = COLUMNS;
        let (mut is_begun, mut is_wanted) = (false, true);
        let (mut column, mut depth, mut prefix) = (0, 0_usize, Prefix::default());
        loop {
            buffer.clear();
            let event = xml.read_event_into(&mut buffer)?;
            if let Event::Start(element) = &event {
                depth += 1;
                // A row must be in the list of rows, which exists only once, and a cell must be in a row.
                let within = match element.local_name().as_ref() {
                    _ if depth == 1 => Some(1),
                    "sheetData" => Some(2),
                    "row" => Some(3),
                    "c" => Some(4),
                    _ => None,
                };
                if let Some(within) = within {
                    let is_second = within == 2 && is_begun;
                    prefix.check(element)?;
                    if within != depth || is_second {
                        return Err(Malformed);
                    }
                }
            }
            match event {
                Event::Start(element) => match element.local_name().as_ref() {
                    "sheetData" => is_begun = true,
                    "row" => {
                        let line = own_attribute(&element, "r")?.and_then(|line| line.parse().ok());
                        let line = line.unwrap_or(row.line.saturating_add(1));
                        if !row.can_precede(line) {
                            return Err(Malformed);
                        }
                        // A row with height 0 is hidden, too.
                        let is_flat = own_attribute(&element, "ht")?.and_then(|height| height.parse().ok())
                            == Some(0.0);
                        row.begin(line, is_flat || flag(&element, "hidden")?);
                        column = 0;
                    }
                    "c" => {
                        let mut at = column;
                        let (mut style, mut kind) = (0, None);
                        for attribute in element.attributes() {
                            let attribute = attribute.map_err(|_| Malformed)?;
                            match attribute.key.as_ref() {
                                "r" => {
                                    at = column_of(&attribute.value).unwrap_or(column);
                                    if row_of(&attribute.value).is_some_and(|line| line != row.line) {
                                        return Err(Malformed);
                                    }
                                }
                                "s" => style = attribute.value.parse().unwrap_or(0),
                                "t" => kind = Some(attribute.value),
                                _ => {}
                            }
                        }
                        // As for rows, programs differ in which of two cells they read.
                        if at < column {
                            return Err(Malformed);
                        }
                        column = at.saturating_add(1);
                        // The end of the cell is read together with it.
                        depth -= 1;
                        match self.cell(xml, kind.as_deref(), style, &mut prefix, &mut scratch)? {
                            Some(text) => row.put(at, width, text),
                            None => row.unvalued.push(at),
                        }
                    }
                    _ => {}
                },
                Event::End(element) => {
                    depth = depth.checked_sub(1).ok_or(Malformed)?;
                    if element.local_name().as_ref() == "row" && is_wanted && !row.is_blank() {
                        match each(&row) {
                            Some(next) => width = next,
                            None => is_wanted = false,
                        }
                        row.begin(row.line, false);
                    }
                    // What follows the rows is read too, because it could be rows again. If no more rows are wanted, reading stops.
                    if depth == 0 || !is_wanted {
                        return Ok(());
                    }
                }
                Event::Eof => return Err(Malformed),
                _ => {}
            }
        }
    }

    /// Reads a cell after its start tag. Returns `None` for a formula without a stored value.
    fn cell(
        &self,
        xml: &mut Xml<'_>,
        kind: Option<&str>,
        style: usize,
        prefix: &mut Prefix,
        scratch: &mut Scratch,
    ) -> Result<Option<String>, Malformed> {
        let Scratch { outer, inner, value } = scratch;
        value.clear();
        let (mut within, mut is_formula, mut has_value) = (None, false, false);
        loop {
            outer.clear();
            match xml.read_event_into(outer)? {
                Event::Start(element) => match element.local_name().as_ref() {
                    // If a cell has two values, another program may read the other one.
                    "v" if has_value => return Err(Malformed),
                    "is" if within.is_some() => return Err(Malformed),
                    "v" => {
                        prefix.check(&element)?;
                        has_value = true;
                        text_within(xml, inner, value)?;
                    }
                    "is" => {
                        prefix.check(&element)?;
                        within = Some(string(xml)?);
                    }
                    "f" => {
                        is_formula = true;
                        pass_over(xml, inner)?;
                    }
                    _ => pass_over(xml, inner)?,
                },
                Event::End(_) => break,
                Event::Eof => return Err(Malformed),
                _ => {}
            }
        }
        // Programs agree on a text inside the cell only if the cell type declares it.
        if within.is_some() && !matches!(kind, Some("inlineStr" | "is")) {
            return Err(Malformed);
        }
        // An empty text is a value if it is stored as one.
        let is_text = has_value && kind == Some("str");
        if is_formula && value.is_empty() && within.is_none() && !is_text {
            return Ok(None);
        }
        let format = self.formats.get(style).unwrap_or(&NumberFormat::Plain);
        Ok(Some(match kind {
            Some("inlineStr" | "is") => within.unwrap_or_default(),
            _ if value.is_empty() => String::new(),
            Some("s") => {
                let at: usize = value.trim().parse().map_err(|_| Malformed)?;
                if at >= self.strings.len() {
                    return Err(Malformed);
                }
                self.strings.get(at).to_owned()
            }
            Some("str") => unescaped(value),
            Some("b") => matches!(value.trim(), "1" | "true").to_string(),
            Some("e") => error_text(value),
            Some("d") => value.clone(),
            _ => match value.trim().parse::<f64>() {
                Ok(number) => self.number(number, format),
                Err(_) => value.clone(),
            },
        }))
    }

    fn number(&self, value: f64, format: &NumberFormat) -> String {
        match format {
            NumberFormat::Moment => moment(value, self.from_1904),
            _ => format.write(value),
        }
    }
}

/// The errors that a cell can display. They are read as missing values.
const ERRORS: [&str; 7] = ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"];

/// Returns the text of a cell of type error. Newer errors (`#SPILL!`, `#GETTING_DATA`) become `#N/A`, which is a missing value too.
pub fn error_text(value: &str) -> String {
    let known = ERRORS.iter().find(|known| known.eq_ignore_ascii_case(value.trim()));
    (*known.unwrap_or(&ERRORS[0])).to_owned()
}

/// Writes the day or time that a number represents, as a text export would.
pub fn moment(value: f64, from_1904: bool) -> String {
    match ExcelDateTime::new(value, ExcelDateTimeType::DateTime, from_1904).as_datetime() {
        Some(moment) => moment.format("%Y-%m-%dT%H:%M:%S").to_string(),
        None => number(value),
    }
}

/// Returns the column of a reference such as `AB12`, counted from 0.
fn column_of(reference: &str) -> Option<usize> {
    let letters = reference.bytes().map(|byte| byte.to_ascii_uppercase()).take_while(u8::is_ascii_uppercase);
    let column = letters.fold(0_usize, |column, letter| {
        column.saturating_mul(26).saturating_add(usize::from(letter - b'A') + 1)
    });
    column.checked_sub(1)
}

/// Returns the row of a reference such as `AB12`, counted from 1.
fn row_of(reference: &str) -> Option<u64> {
    reference.trim_start_matches(|char: char| char.is_ascii_alphabetic()).parse().ok()
}

/// Checks that the list of content types names the same workbook and shared texts as the relations. Some programs use the list instead.
fn check_types(archive: &mut XmlPackage, book: &str, shared: &str) -> Result<(), Malformed> {
    let Some(mut xml) = archive.part("[Content_Types].xml")? else { return Ok(()) };
    let is_same = |one: &str, other: &str| one.trim_start_matches('/').eq_ignore_ascii_case(other);
    each_element(&mut xml, |element| {
        if element.local_name().as_ref() == "Override" {
            let of = |name| own_attribute(element, name).map(Option::unwrap_or_default);
            let (part, kind) = (of("PartName")?, of("ContentType")?);
            let is_other_book = kind.ends_with("sheet.main+xml") && !is_same(&part, book);
            let is_other_list = kind.ends_with("sharedStrings+xml") && !is_same(&part, shared);
            if is_other_book || is_other_list {
                return Err(Malformed);
            }
        }
        Ok(())
    })
}

/// Reads a string after its start tag: one text, or runs of one text each. Omits phonetic readings of East Asian words. Several texts are
/// an error, because another program may read only one of them.
fn string(xml: &mut Xml<'_>) -> Result<String, Malformed> {
    let (mut buffer, mut text, mut depth) = (Vec::new(), String::new(), 0_usize);
    let (mut texts, mut texts_of_run, mut has_runs) = (0, 0, false);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) => match element.local_name().as_ref() {
                "t" => {
                    *(if depth == 0 { &mut texts } else { &mut texts_of_run }) += 1;
                    if texts > 1 || texts_of_run > 1 || texts > 0 && has_runs {
                        return Err(Malformed);
                    }
                    text_within(xml, &mut Vec::new(), &mut text)?;
                }
                "rPh" => pass_over(xml, &mut Vec::new())?,
                name => {
                    if name == "r" && depth == 0 {
                        (texts_of_run, has_runs) = (0, true);
                        if texts > 0 {
                            return Err(Malformed);
                        }
                    }
                    depth += 1;
                }
            },
            Event::End(_) if depth == 0 => return Ok(unescaped(&text)),
            Event::End(_) => depth -= 1,
            Event::Eof => return Err(Malformed),
            _ => {}
        }
    }
}

/// Decodes characters that Excel writes as `_x000D_`, because XML cannot contain them.
fn unescaped(text: &str) -> String {
    let mut rest = text;
    let mut plain = String::new();
    while let Some(at) = rest.find("_x") {
        let code = rest.get(at + 2..at + 6).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = code.filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        plain.push_str(&rest[..at]);
        match code.and_then(|code| u32::from_str_radix(code, 16).ok()) {
            Some(code) => {
                plain.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = &rest[at + 7..];
            }
            None => {
                plain.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// A relation from one part to another.
pub struct Relation {
    /// Id of the relation in the part.
    pub id: String,
    /// Last segment of the type.
    pub kind: String,
    /// Name of the other part.
    pub target: String,
}

/// Returns the name of the part of a kind that a workbook refers to, or the usual name if it refers to none.
pub fn part_named(relations: &[Relation], book: &str, kind: &str, usual: &str) -> String {
    let relation = relations.iter().find(|relation| relation.kind == kind);
    relation.map_or_else(|| resolved(book, usual), |relation| relation.target.clone())
}

/// Reads the relations of a part. The empty name is the archive itself.
///
/// # Errors
/// If the list is malformed.
pub fn relations(archive: &mut XmlPackage, part: &str) -> Result<Vec<Relation>, Malformed> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let place = format!("{folder}/_rels/{file}.rels");
    let mut relations = Vec::new();
    let Some(mut xml) = archive.part(&place)? else { return Ok(relations) };
    each_element(&mut xml, |element| {
        if element.local_name().as_ref() == "Relationship" {
            let of = |name| own_attribute(element, name).map(Option::unwrap_or_default);
            let kind = of("Type")?.rsplit('/').next().unwrap_or_default().to_owned();
            let id = of("Id")?;
            // Parts that are read must be in the workbook.
            let is_elsewhere = of("TargetMode")?.eq_ignore_ascii_case("external")
                && ["officeDocument", "worksheet", "sharedStrings", "styles"].contains(&kind.as_str());
            if is_elsewhere || relations.iter().any(|known: &Relation| known.id == id) {
                return Err(Malformed);
            }
            relations.push(Relation { id, kind, target: resolved(part, &of("Target")?) });
        }
        Ok(())
    })?;
    Ok(relations)
}

/// Returns the name of a part to which another part refers.
fn resolved(from: &str, target: &str) -> String {
    if target.starts_with('/') {
        return target.trim_start_matches('/').to_owned();
    }
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for step in target.split('/') {
        match step {
            ".." => drop(folders.pop()),
            "." => {}
            step => folders.push(step),
        }
    }
    folders.join("/")
}

/// A sheet of the list: its name, whether it is visible, and the id of its relation.
type ListedSheet = (String, bool, String);

/// Reads the list of sheets, and whether days are counted from 1904.
fn listed(archive: &mut XmlPackage, book: &str) -> Result<(Vec<ListedSheet>, bool), Malformed> {
    let mut xml = archive.part(book)?.ok_or(Malformed)?;
    let (mut sheets, mut from_1904, mut has_properties) = (Vec::new(), false, false);
    each_element(&mut xml, |element| {
        match element.local_name().as_ref() {
            "workbookPr" => {
                // Another program may read a second one, or one of another namespace, differently.
                if std::mem::replace(&mut has_properties, true) || declares(element, "") {
                    return Err(Malformed);
                }
                from_1904 = flag(element, "date1904")?;
            }
            "sheet" => {
                let of = |name| own_attribute(element, name).map(Option::unwrap_or_default);
                let ids = element.attributes().flatten().filter(|of| of.key.local_name().as_ref() == "id");
                if ids.count() > 1 {
                    return Err(Malformed);
                }
                let is_visible = !matches!(of("state")?.as_str(), "hidden" | "veryHidden");
                let id = attribute(element, "id")?.unwrap_or_default();
                sheets.push((of("name")?, is_visible, id));
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok((sheets, from_1904))
}

/// Reads the texts that cells share.
fn strings(archive: &mut XmlPackage, part: &str) -> Result<StringColumn, Malformed> {
    let mut strings = StringColumn::default();
    let Some(mut xml) = archive.part(part)? else { return Ok(strings) };
    let (mut buffer, mut prefix) = (Vec::new(), Prefix::default());
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) if element.local_name().as_ref() == "sst" => prefix.check(&element)?,
            Event::Start(element) if element.local_name().as_ref() == "si" => {
                prefix.check(&element)?;
                strings.write(&string(&mut xml)?);
                strings.end();
            }
            Event::End(element) if element.local_name().as_ref() == "sst" => return Ok(strings),
            Event::Eof => return Err(Malformed),
            _ => {}
        }
    }
}

/// Reads the number format of each cell style.
fn formats(archive: &mut XmlPackage, part: &str) -> Result<Vec<NumberFormat>, Malformed> {
    let (mut codes, mut formats) = (std::collections::HashMap::new(), Vec::new());
    let Some(mut xml) = archive.part(part)? else { return Ok(formats) };
    let mut is_of_cells = false;
    each_element(&mut xml, |element| {
        let id = || {
            let id = own_attribute(element, "numFmtId")?;
            Ok::<_, Malformed>(id.and_then(|id| id.parse::<u32>().ok()).unwrap_or(0))
        };
        match element.local_name().as_ref() {
            "numFmt" => {
                codes.insert(id()?, own_attribute(element, "formatCode")?.unwrap_or_default());
            }
            "cellXfs" => is_of_cells = true,
            "cellStyleXfs" | "cellStyles" | "dxfs" => is_of_cells = false,
            "xf" if is_of_cells => {
                let id = id()?;
                formats.push(NumberFormat::new(id, codes.get(&id).map(String::as_str)));
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(formats)
}

/// Calls `each` with the start tag of every element of a part.
fn each_element(
    xml: &mut Xml<'_>,
    mut each: impl FnMut(&BytesStart<'_>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) => each(&element)?,
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_their_column() {
        for (reference, column) in
            [("A1", Some(0)), ("Z9", Some(25)), ("AA1", Some(26)), ("XFD1", Some(16_383)), ("12", None)]
        {
            assert_eq!(column_of(reference), column, "{reference}");
        }
    }

    #[test]
    fn what_xml_cannot_hold_is_put_back() {
        assert_eq!(unescaped("a_x000A_b _x005F_x000A_ _xyz _x00"), "a\nb _x000A_ _xyz _x00");
    }

    #[test]
    fn errors_of_any_kind_are_one_of_the_known() {
        assert_eq!(["#REF!", "#n/a", "#SPILL!"].map(error_text), ["#REF!", "#N/A", "#N/A"]);
    }
}
