//! Rows that a quotation mark swallowed: a mark that opens a cell in one row is closed by one in a later row.

/// Returns whether a cell has as many separators as a row at least, which few texts have.
pub fn may_have_swallowed(raw: &[u8], separator: u8, width: usize) -> bool {
    width >= 3 && raw.iter().filter(|byte| **byte == separator).count() >= width - 1
}

/// Returns how many line ends a quoted cell holds that look like the ends of rows; `None` if they do not.
///
/// `column` is where the cell stands, `width` how many columns there are. Between two line ends there must be as many separators as
/// in the header. Of a single line end, what precedes it must complete the row, and what follows must begin one.
pub fn swallowed_line_ends(raw: &[u8], separator: u8, column: usize, width: usize) -> Option<u64> {
    let cell = raw.strip_prefix(b"\"")?;
    if !may_have_swallowed(cell, separator, width) || !cell.contains(&b'\n') {
        return None;
    }
    let separators = |line: &[u8]| line.iter().filter(|byte| **byte == separator).count();
    let lines: Vec<usize> = cell.split(|byte| *byte == b'\n').map(separators).collect();
    let (first, rest) = lines.split_first()?;
    let (last, inner) = rest.split_last()?;
    let is_swallowed = match inner {
        [] => *first == width - 1 - column && *last == column,
        inner => inner.iter().all(|separators| *separators == width - 1),
    };
    is_swallowed.then_some(rest.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_holds_rows_has_swallowed_them() {
        for (cell, column, ends) in [
            (&b"\"left knee,P5,D1,x\r\nE6,ok,P6,D1,x\r\nE7,scar 3\""[..], 1, Some(2)),
            (b"\"left knee,P5,D1,x\nE6,scar 3\"", 1, Some(1)),
            (b"\"two\nlines\"", 1, None),
            (b"\"one, two,\nthree\"", 1, None),
            (b"\"a\nb, c\nd\"", 1, None),
            (b"\"no line end, at all\"", 1, None),
            (b"not quoted", 1, None),
        ] {
            let text = String::from_utf8_lossy(cell);
            assert_eq!(swallowed_line_ends(cell, b',', column, 5), ends, "{text}");
        }
    }
}
