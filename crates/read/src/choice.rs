//! Chooses the sheet of a workbook, and the row in it that is the header.

use crate::error::InputErrorKind;
use crate::format::sheet_row::{COLUMNS, SheetEntry};
use crate::format::workbook::Workbook;
use crate::furniture::is_like_date;
use crate::header_shape::{self, names_by_position, names_groups};
use crate::wanted::SniffHints;
use mucalc_core::domain::text::{escape_control, normalize_key};

/// A sheet, and what its first rows reveal about it.
#[derive(Clone, Debug)]
pub struct Head {
    /// Position among the sheets of the workbook.
    pub sheet: usize,
    /// Names of its columns; empty if the sheet is empty.
    pub header: Vec<String>,
    /// Row of the header.
    pub line: u64,
    /// Number of wanted columns that it has.
    found: usize,
    /// Whether it has every required column.
    suits: bool,
    /// Whether rows follow the header.
    has_rows: bool,
    /// Number of filled cells in the first row with a date; `None` if a header comes before it.
    record: Option<usize>,
}

impl Head {
    /// Returns whether the rows of this sheet may continue those of `other`. It either has no header and the same width, or a header with
    /// most
    /// of the wanted columns of `other`.
    fn may_continue(&self, other: &Head) -> bool {
        let is_as_wide = |cells: usize| cells.abs_diff(other.header.len()) <= 1;
        let has_most_names = self.found > 2 && self.found * 3 >= other.found * 2 && self.has_rows;
        self.record.is_some_and(is_as_wide) || has_most_names
    }

    /// Returns whether the sheet is a table of rows and not a page layout.
    pub fn is_table(&self) -> bool {
        self.found > 0 || (self.header.len() > 2 && self.has_rows)
    }
}

/// Number of rows searched for the header, since titles and dates of an export may come before it.
const TITLES: usize = 50;

/// Returns the chosen sheet: the one that `wanted` names, or the only visible one with every required column.
///
/// # Errors
/// If no sheet qualifies, or several do.
pub fn choose(book: &mut Workbook, wanted: &SniffHints) -> Result<Head, InputErrorKind> {
    let sheets = book.sheets().to_vec();
    if let Some(name) = &wanted.sheet {
        let named = sheet_named(&sheets, name)
            .ok_or_else(|| InputErrorKind::NoSuchSheet { there: names(&sheets, |sheet| sheet.has_cells) })?;
        return head(book, named, wanted);
    }
    let mut heads = Vec::new();
    for (at, _) in sheets.iter().enumerate().filter(|(_, sheet)| sheet.is_visible && sheet.has_cells) {
        let head = head(book, at, wanted)?;
        if !head.header.is_empty() {
            heads.push(head);
        }
    }
    let meant: Vec<&Head> = heads.iter().filter(|head| head.suits && head.has_rows).collect();
    let best = |heads: &[&Head]| -> Option<Head> {
        let most = heads.iter().map(|head| (head.found, head.has_rows)).max()?;
        heads.iter().find(|head| (head.found, head.has_rows) == most).map(|head| (*head).clone())
    };
    match &meant[..] {
        [only] => {
            let others = heads.iter().filter(|head| head.sheet != only.sheet && head.may_continue(only));
            let others: Vec<String> = others.map(|head| escape_control(&sheets[head.sheet].name)).collect();
            if wanted.is_export && !wanted.any_sheet && !others.is_empty() {
                let sheets =
                    std::iter::once(escape_control(&sheets[only.sheet].name)).chain(others).collect();
                return Err(InputErrorKind::SeveralSheets { sheets });
            }
            return Ok((*only).clone());
        }
        [] => {}
        several => {
            let most = several.iter().map(|head| head.found).max();
            let fullest = several.iter().filter(|head| Some(head.found) == most).count();
            if !wanted.any_sheet && (wanted.is_export || fullest > 1) {
                let sheets = several.iter().map(|head| escape_control(&sheets[head.sheet].name)).collect();
                return Err(InputErrorKind::SeveralSheets { sheets });
            }
            return best(several).ok_or(InputErrorKind::Empty);
        }
    }
    // Choose a template, which has a header and no rows, only if no other sheet qualifies.
    let templates: Vec<&Head> = heads.iter().filter(|head| head.suits).collect();
    if let Some(template) = best(&templates) {
        return Ok(template);
    }
    if !wanted.any_sheet {
        let mut hidden = Vec::new();
        for (at, sheet) in sheets.iter().enumerate().filter(|(_, sheet)| !sheet.is_visible && sheet.has_cells)
        {
            // A hidden sheet that cannot be read is not an error, because the user did not name it.
            if head(book, at, wanted).is_ok_and(|head| head.suits && head.has_rows) {
                hidden.push(escape_control(&sheet.name));
            }
        }
        if !hidden.is_empty() {
            return Err(InputErrorKind::HiddenSheet { sheets: hidden });
        }
    }
    best(&heads.iter().collect::<Vec<_>>()).ok_or(InputErrorKind::Empty)
}

/// Reads the first rows of a sheet.
///
/// # Errors
/// If the sheet is damaged.
pub fn head(book: &mut Workbook, sheet: usize, wanted: &SniffHints) -> Result<Head, InputErrorKind> {
    let mut best =
        Head { sheet, header: Vec::new(), line: 0, found: 0, suits: false, has_rows: false, record: None };
    let (mut seen, mut is_headed) = (0, false);
    if !book.sheets()[sheet].has_cells {
        return Ok(best);
    }
    if let Some(line) = wanted.header {
        return named_head(book, best, line, wanted);
    }
    let mut first_rows: Vec<(u64, Vec<String>)> = Vec::new();
    book.rows(sheet, &mut |row| {
        seen += 1;
        if best.suits {
            best.has_rows = true;
            return None;
        }
        let header = grouped(&row.cells, first_rows.last().map(|(_, cells)| &**cells));
        first_rows.push((row.line, row.cells.clone()));
        let names = wanted.folded(&header);
        let found = names.iter().filter(|name| wanted.has(name.as_bytes())).count();
        let suits = wanted.suits(&names);
        let cells = row.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        // Rows after a header of their own are another table, not a continuation.
        is_headed |= found > 0 || cells > 2 && !row.cells.iter().any(|cell| is_like_date(cell));
        if !is_headed && best.record.is_none() && cells > 2 {
            best.record = Some(cells);
        }
        best.has_rows |= !best.header.is_empty() && found <= best.found;
        if best.header.is_empty() || suits || found > best.found {
            best = Head { header, line: row.line, found, suits, has_rows: false, ..best.clone() };
        }
        (seen < TITLES || suits).then_some(COLUMNS)
    })?;
    if !best.suits {
        let rows: Vec<Vec<&str>> =
            first_rows.iter().map(|(_, cells)| cells.iter().map(String::as_str).collect()).collect();
        let at = match first_rows.iter().position(|(line, _)| *line == best.line) {
            // No column is known.
            _ if best.found == 0 => header_shape::by_shape(&rows),
            Some(at) if rows.get(at + 1).is_some_and(|below| names_groups(&rows[at], below)) => Some(at + 1),
            _ => None,
        };
        if let Some(at) = at {
            let above = at.checked_sub(1).map(|at| &*first_rows[at].1);
            let (line, header) = (first_rows[at].0, grouped(&first_rows[at].1, above));
            best = Head { header, line, has_rows: at + 1 < first_rows.len(), ..best };
        }
    }
    Ok(best)
}

/// Returns the head of a sheet whose header row is known; row 0 means that there is no header.
fn named_head(
    book: &mut Workbook,
    empty: Head,
    line: u64,
    wanted: &SniffHints,
) -> Result<Head, InputErrorKind> {
    let (mut best, mut seen, mut width, mut above) = (empty, 0, 0, None::<Vec<String>>);
    book.rows(best.sheet, &mut |row| {
        if line == 0 {
            (seen, width) = (seen + 1, width.max(row.cells.len()));
            best.has_rows = true;
            return (seen < TITLES).then_some(COLUMNS);
        }
        if row.line == line {
            best.header = grouped(&row.cells, above.as_deref());
        }
        above = Some(row.cells.clone());
        best.has_rows |= row.line > line;
        (row.line <= line).then_some(COLUMNS)
    })?;
    if line == 0 {
        best.header = names_by_position(width);
    }
    let names = wanted.folded(&best.header);
    let found = names.iter().filter(|name| wanted.has(name.as_bytes())).count();
    Ok(Head { line, found, suits: wanted.suits(&names), ..best })
}

/// Returns the names of a header, with those of the groups in the row above where they are needed.
fn grouped(cells: &[String], above: Option<&[String]>) -> Vec<String> {
    let mut names = cells.to_vec();
    let above: Vec<&str> = above.unwrap_or_default().iter().map(String::as_str).collect();
    header_shape::name_by_group(&mut names, &above);
    names
}

/// Returns the position of the sheet with a name, or `None` if it is missing or empty. Ignores case and surrounding blanks if no name
/// matches exactly.
pub fn sheet_named(sheets: &[SheetEntry], name: &str) -> Option<usize> {
    let is_exact = sheets.iter().position(|sheet| sheet.name == name);
    let folded = |name: &str| name.trim().to_lowercase();
    is_exact
        .or_else(|| sheets.iter().position(|sheet| folded(&sheet.name) == folded(name)))
        .filter(|at| sheets[*at].has_cells)
}

fn names(sheets: &[SheetEntry], is_meant: impl Fn(&SheetEntry) -> bool) -> Vec<String> {
    sheets.iter().filter(|sheet| is_meant(sheet)).map(|sheet| escape_control(&sheet.name)).collect()
}

impl SniffHints {
    /// Returns the names of a header, each as the wanted column that differs from it only in case, blanks, or punctuation.
    pub(super) fn folded(&self, header: &[String]) -> Vec<String> {
        let fold = |name: &String| {
            let folded = normalize_key(name);
            let same = self.names.iter().find(|wanted| !folded.is_empty() && normalize_key(wanted) == folded);
            if self.has(name.as_bytes()) { name.clone() } else { same.unwrap_or(name).clone() }
        };
        header.iter().map(fold).collect()
    }

    /// Returns whether a header has every required column of one of the inputs.
    pub(super) fn suits(&self, header: &[String]) -> bool {
        self.inputs.iter().any(|input| input.missing(header).is_empty())
    }
}
