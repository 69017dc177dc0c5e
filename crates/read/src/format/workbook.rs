//! Opens workbooks of any format, and reads the rows of one sheet.

#[cfg(feature = "workbooks")]
use memchr::memmem;

use crate::error::InputErrorKind;
#[cfg(feature = "workbooks")]
use crate::format::old_workbook::OldWorkbook;
#[cfg(feature = "workbooks")]
use crate::format::open_document::OpenDocument;
use crate::format::padded_text::PaddedText;
use crate::format::sheet_row::{BookKind, EachRow, SheetEntry};
use crate::format::web_page::WebPage;
#[cfg(feature = "workbooks")]
use crate::format::xlsb::Xlsb;
#[cfg(feature = "workbooks")]
use crate::format::xlsx::Xlsx;
#[cfg(feature = "workbooks")]
use crate::format::xml_workbook::XmlWorkbook;
use mucalc_core::domain::panics::catch_panic;

/// An open workbook.
pub struct Workbook {
    kind: BookKind,
    parts: Parts,
}

enum Parts {
    #[cfg(feature = "workbooks")]
    Xlsx(Xlsx),
    #[cfg(feature = "workbooks")]
    Xlsb(Xlsb),
    #[cfg(feature = "workbooks")]
    Old(OldWorkbook),
    #[cfg(feature = "workbooks")]
    OpenDocument(OpenDocument),
    #[cfg(feature = "workbooks")]
    Xml(XmlWorkbook),
    WebPage(WebPage),
    PaddedText(PaddedText),
}

impl Workbook {
    /// Opens a workbook. `header` is the line of the header, if the layout names it.
    ///
    /// # Errors
    /// If it is damaged, or protected by a password.
    pub fn open(
        bytes: Vec<u8>,
        kind: BookKind,
        encoding: Option<&'static encoding_rs::Encoding>,
        header: Option<u64>,
    ) -> Result<Self, InputErrorKind> {
        let parts = guarded(kind, || match kind {
            #[cfg(feature = "workbooks")]
            BookKind::Excel if is_binary(&bytes)? => Xlsb::open(bytes).map(Parts::Xlsb),
            #[cfg(feature = "workbooks")]
            BookKind::Excel => Xlsx::open(bytes).map(Parts::Xlsx),
            #[cfg(feature = "workbooks")]
            BookKind::Old => OldWorkbook::open(bytes).map(Parts::Old),
            #[cfg(feature = "workbooks")]
            BookKind::OpenDocument => OpenDocument::open(bytes).map(Parts::OpenDocument),
            #[cfg(feature = "workbooks")]
            BookKind::Xml => XmlWorkbook::open(bytes, encoding).map(Parts::Xml),
            BookKind::WebPage => WebPage::open(bytes, encoding).map(Parts::WebPage),
            BookKind::PaddedText => PaddedText::open(bytes, encoding, header).map(Parts::PaddedText),
            #[cfg(not(feature = "workbooks"))]
            BookKind::Excel | BookKind::Old | BookKind::OpenDocument | BookKind::Xml => {
                Err(InputErrorKind::Foreign(
                    "a workbook, which this build does not read",
                    "save the sheet as CSV",
                ))
            }
        })?;
        Ok(Self { kind, parts })
    }

    /// Returns the sheets, in order.
    pub fn sheets(&self) -> &[SheetEntry] {
        match &self.parts {
            #[cfg(feature = "workbooks")]
            Parts::Xlsx(book) => book.sheets(),
            #[cfg(feature = "workbooks")]
            Parts::Xlsb(book) => book.sheets(),
            #[cfg(feature = "workbooks")]
            Parts::Old(book) => book.sheets(),
            #[cfg(feature = "workbooks")]
            Parts::OpenDocument(book) => book.sheets(),
            #[cfg(feature = "workbooks")]
            Parts::Xml(book) => book.sheets(),
            Parts::WebPage(page) => page.sheets(),
            Parts::PaddedText(text) => text.sheets(),
        }
    }

    /// Returns whether the sheets have names. Text, and a web page with a single table, have none.
    pub fn names_sheets(&self) -> bool {
        match &self.parts {
            Parts::PaddedText(_) => false,
            Parts::WebPage(page) => page.sheets().len() > 1,
            #[cfg(feature = "workbooks")]
            Parts::Xlsx(_) | Parts::Xlsb(_) | Parts::Old(_) | Parts::OpenDocument(_) | Parts::Xml(_) => true,
        }
    }

    /// Calls `each` with every row of a sheet that is not blank, until it returns `None`.
    ///
    /// # Errors
    /// If the sheet is damaged.
    pub fn rows(&mut self, sheet: usize, each: EachRow<'_>) -> Result<(), InputErrorKind> {
        let parts = &mut self.parts;
        guarded(self.kind, || match parts {
            #[cfg(feature = "workbooks")]
            Parts::Xlsx(book) => book.rows(sheet, each),
            #[cfg(feature = "workbooks")]
            Parts::Xlsb(book) => book.rows(sheet, each),
            #[cfg(feature = "workbooks")]
            Parts::Old(book) => book.rows(sheet, each),
            #[cfg(feature = "workbooks")]
            Parts::OpenDocument(book) => book.rows(sheet, each),
            #[cfg(feature = "workbooks")]
            Parts::Xml(book) => book.rows(sheet, each),
            Parts::WebPage(page) => page.rows(sheet, each),
            Parts::PaddedText(text) => text.rows(each),
        })
    }
}

/// Returns whether an Excel archive has its parts in binary form.
///
/// # Errors
/// If it has the parts of both forms, because another program may read the other one.
#[cfg(feature = "workbooks")]
fn is_binary(archive: &[u8]) -> Result<bool, InputErrorKind> {
    let has = |name: &[u8]| memmem::find(archive, name).is_some();
    match (has(b"xl/workbook.bin"), has(b"xl/workbook.xml")) {
        (true, true) => Err(InputErrorKind::Damaged(BookKind::Excel.words())),
        (is_binary, _) => Ok(is_binary),
    }
}

/// Runs library code that may panic on a damaged file.
fn guarded<T>(kind: BookKind, work: impl FnOnce() -> Result<T, InputErrorKind>) -> Result<T, InputErrorKind> {
    catch_panic(work).unwrap_or(Err(InputErrorKind::Damaged(kind.words())))
}

#[cfg(test)]
#[path = "../../../../tests/it/support/sheets.rs"]
#[allow(dead_code, clippy::unwrap_used, missing_docs, reason = "what the tests share")]
mod sheets;

#[cfg(test)]
mod tests {
    use super::sheets::{self, Cell, SheetSpec, web_page, xls, xlsx};
    use super::*;
    use crate::format::sheet_row::{COLUMNS, SheetRow};

    /// A function that writes a workbook of one kind.
    type Writer = fn(&[SheetSpec]) -> Vec<u8>;

    const FORMATS: [(BookKind, Writer); 6] = [
        (BookKind::Excel, xlsx),
        (BookKind::Excel, sheets::xlsb),
        (BookKind::OpenDocument, sheets::ods),
        (BookKind::Old, xls),
        (BookKind::Xml, sheets::xml_2003),
        (BookKind::WebPage, web_page),
    ];

    fn rows(kind: BookKind, bytes: Vec<u8>) -> Result<Vec<SheetRow>, InputErrorKind> {
        let mut book = Workbook::open(bytes, kind, None, None)?;
        let mut rows = Vec::new();
        book.rows(0, &mut |row| {
            rows.push(row.clone());
            Some(COLUMNS)
        })?;
        Ok(rows)
    }

    fn one(cells: Vec<Cell>) -> SheetSpec {
        SheetSpec { name: "Rows".to_owned(), rows: vec![cells], ..SheetSpec::default() }
    }

    fn read(kind: BookKind, make: fn(&[SheetSpec]) -> Vec<u8>, cells: Vec<Cell>) -> Vec<String> {
        rows(kind, make(&[one(cells)]))
            .map_or_else(|why| panic!("{kind:?}: {why:?}"), |rows| rows[0].cells.clone())
    }

    #[test]
    fn errors_are_their_texts_in_every_format() {
        let errors = ["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"];
        for (kind, make) in FORMATS {
            let cells = errors.iter().map(|error| Cell::Error(error)).collect();
            assert_eq!(read(kind, make, cells), errors, "{kind:?}");
        }
    }

    #[test]
    fn numbers_are_their_digits_or_say_what_they_lost() {
        let numbers = [7.0, -3.0, 999_999_999_999_999.0, 1e15, 123_456_789_012_345_680.0, 7.5];
        let texts = ["7", "-3", "999999999999999", "1e+15", "1.2345678901234568e+17", "7.5e+00"];
        for (kind, make) in &FORMATS[..5] {
            assert_eq!(read(*kind, *make, numbers.map(Cell::Number).to_vec()), texts, "{kind:?}");
        }
    }

    #[test]
    fn days_texts_and_truths_are_as_an_export_has_them() {
        let cells =
            vec![Cell::Day(41_821.0), Cell::Text("0042 é <&>".to_owned()), Cell::Empty, Cell::Truth(true)];
        for (kind, make) in &FORMATS[..5] {
            let texts = ["2014-07-01T00:00:00", "0042 é <&>", "", "true"];
            assert_eq!(read(*kind, *make, cells.clone()), texts, "{kind:?}");
        }
    }

    #[test]
    fn zeros_of_a_number_format_are_kept_in_every_format() {
        for (kind, make) in FORMATS {
            assert_eq!(read(kind, make, vec![Cell::Zeros(991.0)]), ["00991"], "{kind:?}");
        }
    }

    #[test]
    fn formulas_without_a_value_are_told() {
        for (kind, make) in [FORMATS[0], FORMATS[2], FORMATS[4]] {
            let cells = vec![Cell::Text("a".to_owned()), Cell::Unvalued];
            let rows = rows(kind, make(&[one(cells)])).unwrap_or_default();
            assert_eq!(rows[0].unvalued, [1], "{kind:?}");
        }
    }

    #[test]
    fn hidden_rows_are_told() {
        for (kind, make) in FORMATS {
            let text = |text: &str| vec![Cell::Text(text.to_owned())];
            let spec = SheetSpec {
                name: "Rows".to_owned(),
                rows: vec![text("a"), text("b"), vec![Cell::Unvalued, Cell::Text("c".to_owned())]],
                hidden_rows: vec![1],
                ..SheetSpec::default()
            };
            let rows = rows(kind, make(&[spec])).unwrap_or_default();
            let hidden: Vec<bool> = rows.iter().map(|row| row.is_hidden).collect();
            assert_eq!(hidden, [false, true, false], "{kind:?}");
            assert_eq!(rows[2].cells, ["", "c"], "{kind:?}");
        }
    }

    #[test]
    fn what_is_cut_off_is_never_half_read() {
        let spec = one(vec![Cell::Text("a".repeat(9000))]);
        for (kind, make) in FORMATS {
            let whole = make(std::slice::from_ref(&spec));
            let cut = rows(kind, whole[..whole.len() * 2 / 3].to_vec());
            assert!(cut.is_err(), "{kind:?}: {cut:?}");
        }
    }
}
