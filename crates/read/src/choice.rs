//! Which sheet of a workbook is meant, and in which of its rows the header is.

use crate::error::InputErrorKind;
use crate::format::sheet_row::{COLUMNS, SheetEntry};
use crate::format::workbook::Workbook;
use crate::furniture::is_like_date;
use crate::wanted::SniffHints;
use mucalc_core::domain::text::{bare, printable};

/// A sheet, and what is known of it from its first rows.
#[derive(Clone, Debug)]
pub struct Head {
    /// Its place among the sheets.
    pub sheet: usize,
    /// The names of its columns; empty where nothing is in it.
    pub header: Vec<String>,
    /// The row in which they are.
    pub line: u64,
    /// How many columns are there that are looked for.
    found: usize,
    /// Whether everything is there that is required.
    suits: bool,
    /// Whether rows follow.
    has_rows: bool,
    /// How many cells the first row has that holds a day, if no names came before it.
    record: Option<usize>,
}

impl Head {
    /// Whether its rows may go on where those of another sheet end: they have no header and are as wide, or one with most of its names.
    fn may_continue(&self, other: &Head) -> bool {
        let is_as_wide = |cells: usize| cells.abs_diff(other.header.len()) <= 1;
        let has_most_names = self.found > 2 && self.found * 3 >= other.found * 2 && self.has_rows;
        self.record.is_some_and(is_as_wide) || has_most_names
    }

    /// Whether it is a table of rows, and not one that lays out a page.
    pub fn is_table(&self) -> bool {
        self.found > 0 || (self.header.len() > 2 && self.has_rows)
    }
}

/// Titles and dates of an export are in the rows before its header; so many rows are looked at.
const TITLES: usize = 20;

/// Returns the sheet that is meant: the one that is named, or the only one that a reader sees and that has what is required.
///
/// # Errors
/// When none is meant, or several are.
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
            let others: Vec<String> = others.map(|head| printable(&sheets[head.sheet].name)).collect();
            if wanted.is_export && !wanted.any_sheet && !others.is_empty() {
                let sheets = std::iter::once(printable(&sheets[only.sheet].name)).chain(others).collect();
                return Err(InputErrorKind::SeveralSheets { sheets });
            }
            return Ok((*only).clone());
        }
        [] => {}
        several => {
            let most = several.iter().map(|head| head.found).max();
            let fullest = several.iter().filter(|head| Some(head.found) == most).count();
            if !wanted.any_sheet && (wanted.is_export || fullest > 1) {
                let sheets = several.iter().map(|head| printable(&sheets[head.sheet].name)).collect();
                return Err(InputErrorKind::SeveralSheets { sheets });
            }
            return best(several).ok_or(InputErrorKind::Empty);
        }
    }
    // A template is meant where nothing else is.
    let templates: Vec<&Head> = heads.iter().filter(|head| head.suits).collect();
    if let Some(template) = best(&templates) {
        return Ok(template);
    }
    if !wanted.any_sheet {
        let mut hidden = Vec::new();
        for (at, sheet) in sheets.iter().enumerate().filter(|(_, sheet)| !sheet.is_visible && sheet.has_cells)
        {
            // What cannot be read of a sheet that nobody asks for is no fault.
            if head(book, at, wanted).is_ok_and(|head| head.suits && head.has_rows) {
                hidden.push(printable(&sheet.name));
            }
        }
        if !hidden.is_empty() {
            return Err(InputErrorKind::HiddenSheet { sheets: hidden });
        }
    }
    best(&heads.iter().collect::<Vec<_>>()).ok_or(InputErrorKind::Empty)
}

/// Looks at the first rows of a sheet.
///
/// # Errors
/// When it is damaged.
pub fn head(book: &mut Workbook, sheet: usize, wanted: &SniffHints) -> Result<Head, InputErrorKind> {
    let mut best =
        Head { sheet, header: Vec::new(), line: 0, found: 0, suits: false, has_rows: false, record: None };
    let (mut seen, mut is_headed) = (0, false);
    if !book.sheets()[sheet].has_cells {
        return Ok(best);
    }
    book.rows(sheet, &mut |row| {
        seen += 1;
        if best.suits {
            best.has_rows = true;
            return None;
        }
        let names = wanted.folded(&row.cells);
        let found = names.iter().filter(|name| wanted.has(name.as_bytes())).count();
        let suits = wanted.suits(&names);
        let cells = row.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        // Behind names of its own a table is another one.
        is_headed |= found > 0 || cells > 2 && !row.cells.iter().any(|cell| is_like_date(cell));
        if !is_headed && best.record.is_none() && cells > 2 {
            best.record = Some(cells);
        }
        best.has_rows |= !best.header.is_empty() && found <= best.found;
        if best.header.is_empty() || suits || found > best.found {
            let header = row.cells.clone();
            best = Head { header, line: row.line, found, suits, has_rows: false, ..best.clone() };
        }
        (seen < TITLES || suits).then_some(COLUMNS)
    })?;
    Ok(best)
}

/// Returns the place of a sheet with a name.
pub fn sheet_named(sheets: &[SheetEntry], name: &str) -> Option<usize> {
    let is_exact = sheets.iter().position(|sheet| sheet.name == name);
    let folded = |name: &str| name.trim().to_lowercase();
    is_exact
        .or_else(|| sheets.iter().position(|sheet| folded(&sheet.name) == folded(name)))
        .filter(|at| sheets[*at].has_cells)
}

fn names(sheets: &[SheetEntry], is_meant: impl Fn(&SheetEntry) -> bool) -> Vec<String> {
    sheets.iter().filter(|sheet| is_meant(sheet)).map(|sheet| printable(&sheet.name)).collect()
}

impl SniffHints {
    /// Returns the names of a header, each as the column that is looked for where they are the same but for case and blanks.
    pub(super) fn folded(&self, header: &[String]) -> Vec<String> {
        let fold = |name: &String| {
            let folded = bare(name);
            let same = self.names.iter().find(|wanted| !folded.is_empty() && bare(wanted) == folded);
            if self.has(name.as_bytes()) { name.clone() } else { same.unwrap_or(name).clone() }
        };
        header.iter().map(fold).collect()
    }

    /// Whether a header has what one of the inputs requires.
    pub(super) fn suits(&self, header: &[String]) -> bool {
        self.inputs.iter().any(|input| input.missing(header).is_empty())
    }
}
