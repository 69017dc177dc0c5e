//! Reads text whose columns are padded with blanks, as SQL consoles and printed reports write it.

use std::ops::Range;

use encoding_rs::Encoding;

use crate::error::InputErrorKind;
use crate::format::encoding::{beginning, decoded};
use crate::format::sheet_row::{COLUMNS, EachRow, SheetEntry, SheetRow};
use crate::header_shape::has_names;
use crate::wanted::SniffHints;

/// A text in memory, and where its columns begin.
pub struct PaddedText {
    text: String,
    columns: PaddedColumns,
    sheets: [SheetEntry; 1],
}

/// The header of a text, and where its columns begin.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PaddedColumns {
    /// Line of the header, counted from 0.
    header: usize,
    /// The rule of dashes below the header, if there is one.
    rule: Option<String>,
    /// First character of each column. The character before it is blank in every row.
    starts: Vec<usize>,
}

/// Number of lines searched for the header, since titles may come before it.
const TITLES: usize = 50;

/// Number of rows that decide where columns without a rule begin.
const SAMPLE: usize = 200;

/// Minimum number of columns without a rule. Two words with blanks between them may be a sentence.
const COLUMNS_WITHOUT_RULE: usize = 3;

const WRAPPED: InputErrorKind = InputErrorKind::Foreign(
    "text whose rows continue on further lines",
    "export it with longer lines, for example `SET LINESIZE 32767` in SQL*Plus or `-w 65535` in sqlcmd, or as CSV",
);
const NO_COLUMNS: InputErrorKind = InputErrorKind::Damaged("text in columns");

/// Returns whether a text that begins like this has columns padded with blanks, and nothing else that separates them.
pub fn is_padded(begin: &[u8], wanted: &SniffHints) -> bool {
    if wanted.separator.is_some() || wanted.header == Some(0) {
        return false;
    }
    PaddedColumns::find(&beginning(begin), wanted.header).is_some()
}

impl PaddedText {
    /// Decodes a text, and finds its columns.
    ///
    /// # Errors
    /// If the text is not valid in its encoding, or its rows continue on further lines.
    pub fn open(
        bytes: Vec<u8>,
        declared: Option<&'static Encoding>,
        header: Option<u64>,
    ) -> Result<Self, InputErrorKind> {
        let text = decoded(bytes, declared)?;
        let columns = PaddedColumns::find(&text, header).ok_or(NO_COLUMNS)?;
        if columns.has_other_header(&text) {
            return Err(WRAPPED);
        }
        let sheets = [SheetEntry { name: "text".to_owned(), is_visible: true, has_cells: true }];
        Ok(Self { text, columns, sheets })
    }

    /// Returns its only table.
    pub fn sheets(&self) -> &[SheetEntry] {
        &self.sheets
    }

    /// Calls `each` with every line that is not blank, until it returns `None`. The rule below the header is skipped.
    ///
    /// A line that does not fit the columns is one cell behind the last column, so that no part of it is read as another column.
    ///
    /// # Errors
    /// None; the text was checked when it was opened.
    pub fn rows(&self, each: EachRow<'_>) -> Result<(), InputErrorKind> {
        let (mut row, mut width) = (SheetRow::default(), COLUMNS);
        let is_rule = |at: usize| self.columns.rule.is_some() && at == self.columns.header + 1;
        for (at, line) in self.text.lines().enumerate() {
            let line = line.trim_start_matches('\u{C}').trim_end();
            if line.is_empty() || is_rule(at) {
                continue;
            }
            row.begin(at as u64 + 1, false);
            // A footer has single blanks between its words.
            let is_row = (self.columns.rule.is_some() || line.contains("  ")) && !is_row_count(line);
            match self.columns.cells(line).filter(|_| is_row) {
                _ if at < self.columns.header => row.put(0, width, line.trim().to_owned()),
                Some(cells) => {
                    for (column, cell) in cells.into_iter().enumerate() {
                        row.put(column, width, cell.to_owned());
                    }
                }
                None => row.put(self.columns.starts.len(), width, line.trim().to_owned()),
            }
            let Some(wide) = each(&row) else { break };
            width = wide;
        }
        Ok(())
    }
}

impl PaddedColumns {
    /// Finds the columns: by a rule of dashes below the header, or by the blanks that the header and all rows share.
    fn find(text: &str, header: Option<u64>) -> Option<Self> {
        let lines: Vec<&str> = text.lines().map(str::trim_end).take(TITLES + SAMPLE).collect();
        let is_meant = |at: &usize| header.is_none_or(|line| line == *at as u64 + 1);
        let headers = || (0..lines.len().min(TITLES)).filter(is_meant).filter(|at| !lines[*at].is_empty());
        headers()
            .find_map(|at| Self::by_rule(&lines, at))
            .or_else(|| headers().find_map(|at| Self::by_blanks(&lines, at)))
    }

    /// Returns the columns below a header with a rule such as `----- ---------- ---`.
    fn by_rule(lines: &[&str], header: usize) -> Option<Self> {
        let rule = *lines.get(header + 1)?;
        let starts = runs(rule);
        if starts.len() < 2 || lines[header].contains('\t') {
            return None;
        }
        let columns = Self { header, rule: Some(rule.to_owned()), starts };
        // The rule may also be one below a title.
        let first = lines[header + 2..].iter().find(|line| !line.is_empty());
        let is_table = first.is_none_or(|row| columns.cells(row).is_some() || is_row_count(row));
        (is_table && has_names(&columns.cells(lines[header])?)).then_some(columns)
    }

    /// Returns the columns below a header whose names have at least two blanks between them, if all rows up to the next blank line have a
    /// blank there.
    fn by_blanks(lines: &[&str], header: usize) -> Option<Self> {
        let names = lines[header];
        if names.contains(['\t', ',', ';', '|', '^', '~', '\u{1}', '"']) {
            return None;
        }
        let gaps = gaps(names);
        let rows: Vec<Vec<char>> = lines[header + 1..]
            .iter()
            .skip_while(|line| line.is_empty())
            .take_while(|line| !line.is_empty())
            // A footer below the rows has no columns.
            .filter(|line| line.contains("  "))
            .map(|line| line.chars().collect())
            .collect();
        if gaps.len() + 1 < COLUMNS_WITHOUT_RULE || rows.len() < 2 {
            return None;
        }
        let is_blank = |at: usize| rows.iter().all(|row| row.get(at).is_none_or(|char| *char == ' '));
        // The last blank, because texts usually begin below the first letter of their name.
        let start = |gap: &Range<usize>| gap.clone().rev().find(|at| is_blank(*at)).map(|at| at + 1);
        let starts: Option<Vec<usize>> = std::iter::once(Some(0)).chain(gaps.iter().map(start)).collect();
        let columns = Self { header, rule: None, starts: starts? };
        let is_row = |row: &Vec<char>| {
            let text: String = row.iter().collect();
            let filled =
                columns.cells(&text).map_or(0, |cells| cells.iter().filter(|cell| !cell.is_empty()).count());
            filled > 1
        };
        (has_names(&columns.cells(names)?) && rows.iter().all(is_row)).then_some(columns)
    }

    /// Returns whether a text has another header with a rule below it, so that rows continue on further lines.
    fn has_other_header(&self, text: &str) -> bool {
        let Some(rule) = &self.rule else { return false };
        let lines = || text.lines().map(|line| line.trim_start_matches('\u{C}').trim_end());
        let header = lines().nth(self.header);
        let is_header = |line: &str| Some(line) != header && has_names(&line.split("  ").collect::<Vec<_>>());
        lines()
            .zip(lines().skip(1))
            .any(|(line, below)| runs(below).len() > 1 && below != rule && is_header(line))
    }

    /// Returns the cells of a line, without the blanks around them. `None` if the character before a column is not blank.
    fn cells<'l>(&self, line: &'l str) -> Option<Vec<&'l str>> {
        let mut characters = line.char_indices().enumerate();
        let mut begins = Vec::with_capacity(self.starts.len());
        for start in &self.starts {
            if *start == 0 {
                begins.push(0);
                continue;
            }
            let before = characters.by_ref().find(|(at, _)| at + 1 == *start);
            match before {
                Some((_, (place, ' '))) => begins.push(place + 1),
                Some(_) => return None,
                None => begins.push(line.len()),
            }
        }
        let ends = begins.iter().skip(1).copied().chain([line.len()]);
        Some(begins.iter().zip(ends).map(|(begin, end)| line[*begin..end].trim()).collect())
    }
}

/// Returns where the runs of a rule begin: `-` or `=`, with blanks between them. Empty if the line is not a rule.
fn runs(line: &str) -> Vec<usize> {
    if !line.chars().all(|char| matches!(char, '-' | '=' | ' ')) {
        return Vec::new();
    }
    let bytes = line.as_bytes();
    (0..bytes.len()).filter(|at| bytes[*at] != b' ' && (*at == 0 || bytes[at - 1] == b' ')).collect()
}

/// Returns the ranges of at least two blanks between the names of a header, in characters.
fn gaps(names: &str) -> Vec<Range<usize>> {
    let (mut gaps, mut is_in_name, mut begin) = (Vec::new(), false, 0);
    for (at, char) in names.chars().enumerate() {
        if char == ' ' {
            begin = if is_in_name { at } else { begin };
        } else if !is_in_name && begin > 0 && at - begin > 1 {
            gaps.push(begin..at);
        }
        is_in_name = char != ' ';
    }
    gaps
}

/// Returns whether a line counts the rows above, such as `(28 rows affected)` or `28 rows selected.`
fn is_row_count(line: &str) -> bool {
    let text = line.trim().trim_start_matches('(');
    let rest = text.trim_start_matches(|char: char| char.is_ascii_digit() || char == ',');
    rest.len() < text.len() && (rest.starts_with(" row") || rest.starts_with(" record"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Vec<String>)> {
        let read = PaddedText::open(text.as_bytes().to_vec(), None, None).expect("a table");
        let mut rows = Vec::new();
        read.rows(&mut |row| {
            rows.push((row.line, row.cells.clone()));
            Some(COLUMNS)
        })
        .expect("rows");
        rows
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn columns_begin_where_the_rule_or_the_blanks_of_all_rows_say() {
        let ruled = "\nID     Date       Doctor\n------ ---------- --------\n1      2014-07-01 Lee, Ann\n\n(1 row affected)\n";
        assert_eq!(
            rows(ruled),
            [
                row(2, &["ID", "Date", "Doctor"]),
                row(4, &["1", "2014-07-01", "Lee, Ann"]),
                row(6, &["", "", "", "(1 row affected)"]),
            ]
        );
        // A number may stand to the right below its name, and a text may be as wide as its column.
        let blanks = "VISITS\n\nMRN    Date of Service  Doctor\n    7  7/1/2014         Lee, Ann MD\n12345  7/10/2014        Cruz\nEnd of report\n";
        assert_eq!(
            rows(blanks),
            [
                row(1, &["VISITS"]),
                row(3, &["MRN", "Date of Service", "Doctor"]),
                row(4, &["7", "7/1/2014", "Lee, Ann MD"]),
                row(5, &["12345", "7/10/2014", "Cruz"]),
                row(6, &["", "", "", "End of report"]),
            ]
        );
    }

    #[test]
    fn pages_and_lines_of_another_form() {
        let page = "ID   Name\n---- ----\n1    José\n";
        let text = format!("{page}\n\u{C}{page}  12345 moved\n\n2 rows selected.\n");
        let lines = rows(&text);
        assert_eq!(
            lines[2..4],
            [row(5, &["ID", "Name"]), row(6, &["----", "----"])],
            "the header of another page"
        );
        assert_eq!(lines[5], row(8, &["", "", "12345 moved"]), "no part of a torn line is a column");
        assert_eq!(lines[6], row(10, &["", "", "2 rows selected."]));
    }

    #[test]
    fn other_texts_have_no_padded_columns() {
        let wanted = SniffHints::new([], true);
        for text in [
            "MRN,Date of Service,  Doctor\n1,7/1/2014,  Lee\n2,7/2/2014,  Lee\n",
            "MRN\tDate   of\tDoctor   x\n1\t2   3\t4\n1\t2   3\t4\n",
            // A title above a rule, and text with separators.
            "Visit report\n------ -----\npatient_id,provider_id\n1,2\n",
            "one  two  three\n",
            "one  two  three\nword\nword\n",
            "",
        ] {
            assert!(!is_padded(text.as_bytes(), &wanted), "{text}");
        }
        let header = "ID   Name  Day\n1    A     2014-07-01\n2    B     2014-07-01\n";
        assert!(is_padded(header.as_bytes(), &wanted));
        assert!(!is_padded(header.as_bytes(), &SniffHints { separator: Some(b','), ..wanted.clone() }));
        assert!(!is_padded(header.as_bytes(), &SniffHints { header: Some(2), ..wanted }));
    }

    #[test]
    fn rows_over_several_lines_are_refused() {
        let text = "ID   Name\n---- ----\nDay\n----------\n1    A\n2014-07-01\n";
        let wrapped = "ID   Name\n---- ----\n1    A\nDay        Time\n---------- -----\n";
        assert!(PaddedText::open(text.as_bytes().to_vec(), None, None).is_ok());
        assert!(PaddedText::open(wrapped.as_bytes().to_vec(), None, None).is_err());
    }
}
