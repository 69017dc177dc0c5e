//! Sheets and rows of workbooks of any format.

/// A kind of file that is read as sheets of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookKind {
    /// A ZIP archive of Excel: `.xlsx`, `.xlsm`, or `.xlsb`.
    Excel,
    /// An old Excel workbook: `.xls`.
    Old,
    /// An OpenDocument spreadsheet: `.ods`.
    OpenDocument,
    /// A workbook that is one XML document ("XML Spreadsheet 2003"): `.xml`, or saved as `.xls`.
    Xml,
    /// A web page with tables, which many programs save as `.xls`.
    WebPage,
    /// Text in columns that are padded with blanks, which is read like the only sheet of a workbook.
    PaddedText,
}

impl BookKind {
    /// Returns the name of the kind, for messages.
    pub const fn words(self) -> &'static str {
        match self {
            BookKind::Excel => "Excel workbook",
            BookKind::Old => "old Excel workbook",
            BookKind::OpenDocument => "OpenDocument spreadsheet",
            BookKind::Xml => "Excel 2003 XML workbook",
            BookKind::WebPage => "web page",
            BookKind::PaddedText => "text in columns padded with blanks",
        }
    }
}

/// A sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetEntry {
    /// Name of the sheet, as the user sees it.
    pub name: String,
    /// Whether the sheet is visible.
    pub is_visible: bool,
    /// Whether the sheet has cells. Sheets of charts, dialogs, and macros have none.
    pub has_cells: bool,
}

/// A row of a sheet that is not blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// Number of the row, counted from 1.
    pub line: u64,
    /// Cells as text, up to the last that is not blank.
    pub cells: Vec<String>,
    /// Whether the row is hidden, by a filter or by the user.
    pub is_hidden: bool,
    /// Columns of formulas without a stored value, which are read as empty.
    pub unvalued: Vec<usize>,
    /// Size of the cells, in bytes.
    pub bytes: usize,
    /// Whether the row has more than [`MAX_BYTES`] bytes. The cells beyond that are not kept.
    pub is_too_long: bool,
}

/// Maximum number of columns in Excel.
pub const COLUMNS: usize = 16_384;

/// Maximum size of a row, in bytes. Texts that cells share make a huge row cheap for a malicious workbook and expensive to read.
pub const MAX_BYTES: usize = 64 << 20;

impl SheetRow {
    /// Returns whether a row with this number may follow. If rows share a number or are out of order, programs differ in which ones they
    /// read.
    pub fn can_precede(&self, line: u64) -> bool {
        line > self.line
    }

    /// Starts a new row.
    pub fn begin(&mut self, line: u64, is_hidden: bool) {
        self.line = line;
        self.is_hidden = is_hidden;
        self.cells.clear();
        self.unvalued.clear();
        (self.bytes, self.is_too_long) = (0, false);
    }

    /// Puts a text in a column.
    ///
    /// A row that continues beyond `width` gets exactly one more cell, however far to the right its cells are. A malicious workbook could
    /// otherwise make the reader allocate all cells before them.
    pub fn put(&mut self, column: usize, width: usize, text: String) {
        if column < COLUMNS && !text.trim().is_empty() {
            self.bytes += text.len();
            self.is_too_long |= self.bytes > MAX_BYTES;
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

    /// Returns whether the row has no cells, not even a formula.
    pub fn is_blank(&self) -> bool {
        self.cells.is_empty() && self.unvalued.is_empty()
    }
}

/// A callback for the rows of a sheet. It returns the maximum width of the next row, or `None` to stop.
pub type EachRow<'e> = &'e mut dyn FnMut(&SheetRow) -> Option<usize>;
