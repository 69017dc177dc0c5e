//! Sheets and rows of workbooks, whatever wrote them.

/// A kind of file that has sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookKind {
    /// A zip archive of Excel: `.xlsx`, `.xlsm`, or `.xlsb`.
    Excel,
    /// An old Excel workbook: `.xls`.
    Old,
    /// An OpenDocument spreadsheet: `.ods`.
    OpenDocument,
    /// A web page with tables, which many programs call `.xls`.
    WebPage,
}

impl BookKind {
    /// Returns its name in messages.
    pub const fn words(self) -> &'static str {
        match self {
            BookKind::Excel => "Excel workbook",
            BookKind::Old => "old Excel workbook",
            BookKind::OpenDocument => "OpenDocument spreadsheet",
            BookKind::WebPage => "web page",
        }
    }
}

/// A sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetEntry {
    /// Its name, as a reader sees it.
    pub name: String,
    /// Whether it is shown.
    pub is_visible: bool,
    /// Whether it has cells: sheets of charts, dialogs and macros have none.
    pub has_cells: bool,
}

/// A row of a sheet that is not blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// Its number, counted from 1.
    pub line: u64,
    /// Its cells as text, up to the last that is not blank.
    pub cells: Vec<String>,
    /// Whether a filter or a person hides it.
    pub is_hidden: bool,
    /// The columns of formulas without a stored value, which read as empty.
    pub unvalued: Vec<usize>,
    /// How many bytes its cells have.
    pub bytes: usize,
    /// Whether it has more bytes than a row may have; what goes beyond is not kept.
    pub is_too_long: bool,
}

/// Excel has no more columns.
pub const COLUMNS: usize = 16_384;

/// A row may have so many bytes: texts that cells share cost a workbook made to hurt nothing, and a reader much.
pub const MOST_BYTES: usize = 64 << 20;

impl SheetRow {
    /// Returns whether a row can stand behind this one: of two rows with one number, or in another order, programs read one or the other.
    pub fn can_precede(&self, line: u64) -> bool {
        line > self.line
    }

    /// Begins a row anew.
    pub fn begin(&mut self, line: u64, is_hidden: bool) {
        self.line = line;
        self.is_hidden = is_hidden;
        self.cells.clear();
        self.unvalued.clear();
        (self.bytes, self.is_too_long) = (0, false);
    }

    /// Puts a text in a column. A row that goes on beyond the `width` has one cell more, whatever there is and how far to the right:
    /// what stands there, maybe of a workbook made to hurt, is not worth the memory of all cells before it.
    pub fn put(&mut self, column: usize, width: usize, text: String) {
        if column < COLUMNS && !text.trim().is_empty() {
            self.bytes += text.len();
            self.is_too_long |= self.bytes > MOST_BYTES;
            if self.is_too_long {
                return;
            }
            let column = column.min(width);
            if self.cells.len() <= column {
                self.cells.resize(column + 1, String::new());
            }
            self.cells[column] = text;
        }
    }

    /// Whether nothing is in it, not even a formula.
    pub fn is_blank(&self) -> bool {
        self.cells.is_empty() && self.unvalued.is_empty()
    }
}

/// What is done with the rows of a sheet: returns how wide the next row may be, or none where no more are wanted.
pub type EachRow<'e> = &'e mut dyn FnMut(&SheetRow) -> Option<usize>;
