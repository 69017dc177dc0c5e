//! Reads web pages with tables, which many programs save as `.xls`. The parser tolerates errors, and reads only rows and cells.

use encoding_rs::Encoding;
use memchr::{memchr, memmem};

use crate::error::InputErrorKind;
use crate::format::encoding::{beginning, decoded};
use crate::format::sheet_row::{COLUMNS, EachRow, SheetEntry, SheetRow};

/// A page in memory.
pub struct WebPage {
    text: String,
    tables: Vec<SheetEntry>,
}

/// Maximum number of tables listed per page.
const MAX_TABLES: usize = 64;

/// Maximum depth of tables within tables.
const DEEPEST: usize = 16;

const CUT_OFF: InputErrorKind = InputErrorKind::Damaged("web page");
const SPANS: InputErrorKind = InputErrorKind::Foreign(
    "a web page with a table in which cells span several rows",
    "open it in a spreadsheet and save it as CSV or .xlsx",
);

/// Returns whether a file that begins like this is a page with a table.
pub fn is_page(begin: &[u8]) -> bool {
    let text = beginning(begin);
    let text = text.as_bytes().trim_ascii_start();
    if text.first() != Some(&b'<') {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let holds = |tag: &str| memmem::find(&lower, tag.as_bytes()).is_some();
    // A document of another kind may contain a table in its text.
    holds("<table")
        && (!lower.starts_with(b"<?xml") || holds("<html"))
        && !holds("urn:schemas-microsoft-com:office:spreadsheet")
        && !holds("<clinicaldocument")
}

impl WebPage {
    /// Decodes the text of a page and lists its tables.
    ///
    /// # Errors
    /// If the text is not valid in any encoding that the page or the caller names.
    pub fn open(bytes: Vec<u8>, declared: Option<&'static Encoding>) -> Result<Self, InputErrorKind> {
        let text = decoded(bytes, declared)?;
        let mut count = 0;
        // Only the number of tables is needed here.
        let _ = walk(&text, None, &mut count, &mut |_| Some(COLUMNS));
        let table = |at| SheetEntry { name: format!("table {at}"), is_visible: true, has_cells: true };
        Ok(Self { text, tables: (1..=count.min(MAX_TABLES)).map(table).collect() })
    }

    /// Returns the tables, in order.
    pub fn sheets(&self) -> &[SheetEntry] {
        &self.tables
    }

    /// Calls `each` with every row of a table that is not blank, until it returns `None`.
    ///
    /// # Errors
    /// If the table does not end, or has cells that span rows.
    pub fn rows(&mut self, table: usize, each: EachRow<'_>) -> Result<(), InputErrorKind> {
        walk(&self.text, Some(table), &mut 0, each)
    }
}

/// A table that has begun but not ended.
struct Open {
    table: usize,
    row: SheetRow,
    is_in_row: bool,
    column: usize,
    /// Number of columns that the cell spans, and its text.
    cell: Option<(usize, String)>,
}

impl Open {
    fn end_cell(&mut self, width: usize) {
        if let Some((columns, text)) = self.cell.take() {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            self.row.put(self.column, width, text);
            self.column = self.column.saturating_add(columns);
        }
    }

    fn begin_row(&mut self, is_hidden: bool) {
        self.row.begin(self.row.line + 1, is_hidden);
        (self.is_in_row, self.column) = (true, 0);
    }
}

/// Scans the tables of a page, counts them, and calls `each` with the rows of the wanted one.
fn walk(
    text: &str,
    wanted: Option<usize>,
    count: &mut usize,
    each: EachRow<'_>,
) -> Result<(), InputErrorKind> {
    let bytes = text.as_bytes();
    let (mut open, mut width): (Vec<Open>, usize) = (Vec::new(), COLUMNS);
    // Tables within the innermost one that are too deep to be read.
    let mut deeper = 0_usize;
    // Ends the row of the innermost table. Returns `false` if no more rows are wanted.
    let mut end_row = |open: &mut Vec<Open>| {
        let Some(table) = open.last_mut() else { return true };
        table.end_cell(width);
        let was_in_row = std::mem::take(&mut table.is_in_row);
        if !was_in_row || Some(table.table) != wanted || table.row.is_blank() {
            return true;
        }
        match each(&table.row) {
            Some(wide) => {
                width = wide;
                true
            }
            None => false,
        }
    };
    let mut at = 0;
    while at < bytes.len() {
        let next = memchr(b'<', &bytes[at..]).map_or(bytes.len(), |found| at + found);
        if let Some((_, cell)) = open.last_mut().and_then(|table| table.cell.as_mut()) {
            push_decoded(&text[at..next], cell);
        }
        at = next;
        let Some(tag) = Tag::parse_at(text, at) else {
            // A `<` that starts no tag is text.
            if at < bytes.len() {
                if let Some((_, cell)) = open.last_mut().and_then(|table| table.cell.as_mut()) {
                    cell.push('<');
                }
                at += 1;
            }
            continue;
        };
        at = tag.end;
        let is_wanted = open.last().is_some_and(|table| Some(table.table) == wanted);
        match (tag.is_end, tag.name.as_str()) {
            (false, "script" | "style" | "textarea" | "title") => {
                let end = format!("</{}", tag.name);
                let rest = &bytes[at..];
                at += (0..rest.len())
                    .find(|from| {
                        rest[*from] == b'<'
                            && rest
                                .get(*from..*from + end.len())
                                .is_some_and(|found| found.eq_ignore_ascii_case(end.as_bytes()))
                    })
                    .unwrap_or(rest.len());
            }
            (false, "table") if open.len() < DEEPEST => {
                let row = SheetRow::default();
                open.push(Open { table: *count, row, is_in_row: false, column: 0, cell: None });
                *count += 1;
            }
            (false, "table") => deeper += 1,
            (true, "table") if deeper > 0 => deeper -= 1,
            _ if deeper > 0 => {}
            (true, "table") => {
                if !end_row(&mut open) {
                    return Ok(());
                }
                if is_wanted {
                    return Ok(());
                }
                open.pop();
            }
            (false, "tr") => {
                if !end_row(&mut open) {
                    return Ok(());
                }
                if let Some(table) = open.last_mut() {
                    table.begin_row(tag.is_hidden());
                }
            }
            (true, "tr") => {
                let goes_on = end_row(&mut open);
                if !goes_on {
                    return Ok(());
                }
            }
            (false, "td" | "th") => {
                if is_wanted && tag.span("rowspan") > 1 {
                    return Err(SPANS);
                }
                if let Some(table) = open.last_mut() {
                    if table.is_in_row {
                        table.end_cell(COLUMNS);
                    } else {
                        table.begin_row(false);
                    }
                    table.cell = Some((tag.span("colspan"), String::new()));
                }
            }
            (true, "td" | "th") => {
                if let Some(table) = open.last_mut() {
                    table.end_cell(COLUMNS);
                }
            }
            (_, "br" | "p" | "div" | "li") => {
                if let Some((_, cell)) = open.last_mut().and_then(|table| table.cell.as_mut()) {
                    cell.push(' ');
                }
            }
            _ => {}
        }
    }
    // If the page ends within the wanted table, the table is incomplete.
    match wanted {
        Some(_) => Err(CUT_OFF),
        None => Ok(()),
    }
}

/// A tag: its name in lower case, the text after the name, and its end.
struct Tag<'t> {
    name: String,
    is_end: bool,
    attributes: &'t str,
    end: usize,
}

impl<'t> Tag<'t> {
    /// Parses the tag at a `<`, or returns `None` if it does not start a tag.
    fn parse_at(text: &'t str, at: usize) -> Option<Self> {
        let rest = text.get(at..)?.strip_prefix('<')?;
        if let Some(comment) = rest.strip_prefix("!--") {
            let end = comment.find("-->").map_or(text.len(), |found| at + 4 + found + 3);
            return Some(Self { name: String::new(), is_end: false, attributes: "", end });
        }
        let (is_end, named) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
        if !named.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?')) {
            return None;
        }
        let length = named.bytes().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let behind = &named[length..];
        let (mut quote, mut end) = (None, None);
        for (place, byte) in behind.bytes().enumerate() {
            match (quote, byte) {
                (Some(open), byte) if byte == open => quote = None,
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'>') => {
                    end = Some(place);
                    break;
                }
                _ => {}
            }
        }
        let end = end.unwrap_or(behind.len());
        let begin = text.len() - behind.len();
        Some(Self {
            name: named[..length].to_ascii_lowercase(),
            is_end,
            attributes: &behind[..end],
            end: (begin + end + 1).min(text.len()),
        })
    }

    /// Returns whether the tag hides its element.
    fn is_hidden(&self) -> bool {
        let style = self.attribute("style").unwrap_or_default().to_ascii_lowercase();
        let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
        style.contains("display:none") || self.attribute("hidden").is_some()
    }

    /// Returns the number of rows or columns that a cell spans.
    fn span(&self, name: &str) -> usize {
        let value = self.attribute(name).unwrap_or_default().trim();
        let digits = value.bytes().take_while(u8::is_ascii_digit).count();
        value[..digits].parse().unwrap_or(1).clamp(1, COLUMNS)
    }

    /// Returns the value of an attribute, empty if it has none; `None` if the tag does not have the attribute.
    fn attribute(&self, wanted: &str) -> Option<&'t str> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            let length =
                rest.find(|c: char| c.is_ascii_whitespace() || "=/>".contains(c)).unwrap_or(rest.len());
            if length == 0 {
                // A sign that begins no attribute.
                rest = rest.get(1..).filter(|rest| !rest.is_empty())?;
                continue;
            }
            let (name, behind) = rest.split_at(length);
            let (value, behind) = match behind.trim_start().strip_prefix('=').map(str::trim_start) {
                None => ("", behind),
                Some(quoted) if quoted.starts_with(['"', '\'']) => {
                    let text = &quoted[1..];
                    text.split_once(&quoted[..1]).unwrap_or((text, ""))
                }
                Some(bare) => {
                    bare.split_at(bare.find(|c: char| c.is_ascii_whitespace()).unwrap_or(bare.len()))
                }
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(value);
            }
            rest = behind;
        }
    }
}

/// Appends a text of the page with entities decoded. Unknown entities stay unchanged.
fn push_decoded(raw: &str, text: &mut String) {
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((c, end)) => {
                text.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
        let code = hexadecimal.unwrap_or_else(|| number.parse()).ok()?;
        // Programs fill empty cells with a no-break space.
        return char::from_u32(code).map(|c| if c == '\u{A0}' { ' ' } else { c });
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "eacute" => 'é',
        "uuml" => 'ü',
        "ouml" => 'ö',
        "auml" => 'ä',
        "ntilde" => 'ñ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(page: &str, table: usize) -> Result<Vec<Vec<String>>, InputErrorKind> {
        let mut page = WebPage::open(page.as_bytes().to_vec(), None)?;
        let mut rows = Vec::new();
        page.rows(table, &mut |row| {
            rows.push(row.cells.clone());
            Some(COLUMNS)
        })?;
        Ok(rows)
    }

    #[test]
    fn cells_are_read_as_a_browser_shows_them() {
        let page = "<HTML><style>td > b {}</style><TABLE><tr><TH>a<th nowrap>b &amp; c\n\
                    <!-- <td>no</td> --><tr><td style='x>y'> 1 &lt; 2 &#233;<br>z </td><td colspan=\"2\">&nbsp;</td><td>d</TABLE>";
        assert_eq!(
            rows(page, 0),
            Ok(vec![
                vec!["a".to_owned(), "b & c".to_owned()],
                vec!["1 < 2 é z".to_owned(), String::new(), String::new(), "d".to_owned()],
            ])
        );
    }

    #[test]
    fn a_table_within_a_table_is_one_of_its_own() {
        let page = "<table><tr><td>out<table><tr><td>in</td></tr></table></td></tr></table>";
        assert_eq!(rows(page, 1), Ok(vec![vec!["in".to_owned()]]));
        assert_eq!(rows(page, 0), Ok(vec![vec!["out".to_owned()]]));
    }

    /// Tables that are too deep to be read end by themselves, and not the tables around them.
    #[test]
    fn tables_that_are_too_deep_do_not_end_those_around_them() {
        for depth in [DEEPEST - 1, DEEPEST, DEEPEST + 3] {
            let inner = format!("{}x{}", "<table><tr><td>".repeat(depth), "</td></tr></table>".repeat(depth));
            let page = format!("<table><tr><td>a{inner}</td></tr><tr><td>b</td></tr></table>");
            assert_eq!(rows(&page, 0), Ok(vec![vec!["a".to_owned()], vec!["b".to_owned()]]), "{depth}");
        }
    }

    #[test]
    fn attributes_are_told_from_what_looks_like_them() {
        for (row, is_shown) in [
            ("<tr hidden>", false),
            ("<tr hidden=\"\">", false),
            ("<tr HIDDEN='hidden' class=x>", false),
            ("<tr style=\"color: red; display : none\">", false),
            ("<tr title=\"not hidden at all\">", true),
            ("<tr data-hidden=1 title='display:none'>", true),
        ] {
            let page = format!("<table>{row}<td data-rowspan=3 data-colspan=4>a</td><td>b</td></tr></table>");
            let mut shown = Vec::new();
            let read = WebPage::open(page.into_bytes(), None).and_then(|mut page| {
                page.rows(0, &mut |row| {
                    shown.push((row.is_hidden, row.cells.clone()));
                    Some(COLUMNS)
                })
            });
            assert_eq!(read, Ok(()), "{row}");
            assert_eq!(shown, [(!is_shown, vec!["a".to_owned(), "b".to_owned()])], "{row}");
        }
    }

    #[test]
    fn what_is_cut_off_or_spans_rows_is_refused() {
        assert_eq!(rows("<table><tr><td>a</td></tr>", 0), Err(CUT_OFF));
        assert_eq!(rows("<table><tr><td rowspan=2>a</td></tr></table>", 0), Err(SPANS));
    }

    #[test]
    fn a_page_is_known_by_its_tag_and_table() {
        for (begin, expected) in [
            ("<html><table>", true),
            ("\u{FEFF} <!DOCTYPE html><body><TABLE border=1>", true),
            ("<table><tr>", true),
            ("<?xml version=\"1.0\"?><html><table>", true),
            ("<html><form>", false),
            ("<?xml version=\"1.0\"?><x><table>", false),
            ("patient_id,note\n1,<table>", false),
        ] {
            assert_eq!(is_page(begin.as_bytes()), expected, "{begin}");
        }
    }
}
