//! Rows that a quotation mark swallowed: a mark that opens a cell in one row is closed by one in a later row.

use memchr::memchr_iter;

use crate::read::furniture::is_like_date;

/// Returns whether a cell of several lines has as many separators as the least that tells of rows, which few texts have. `width` is how
/// many columns there are.
pub fn may_have_swallowed(raw: &[u8], separator: u8, width: usize) -> bool {
    let least = width.saturating_sub(1).min(2);
    least > 0 && memchr_iter(separator, raw).take(least).count() == least
}

/// Returns how many line ends a quoted cell holds that look like the ends of rows; `None` if they do not.
///
/// `column` is where the cell stands, `width` how many columns there are. One line between two line ends that looks like a row is enough: it
/// has as many separators as the header, or separators and a date between them. Of a single line end, what precedes it must complete the
/// row and what follows must begin one, or one of them must have a date. Blank lines are no rows.
pub fn swallowed_line_ends(raw: &[u8], separator: u8, column: usize, width: usize) -> Option<u64> {
    let cell = raw.strip_prefix(b"\"")?;
    if !may_have_swallowed(cell, separator, width) || !cell.contains(&b'\n') {
        return None;
    }
    let lines: Vec<&[u8]> = cell.split(|byte| *byte == b'\n').collect();
    let (first, rest) = lines.split_first()?;
    let (last, inner) = rest.split_last()?;
    let separators = |line: &[u8]| line.iter().filter(|byte| **byte == separator).count();
    // In a text of two or three parts a date is no sign of a row.
    let has_date = |line: &[u8], least: usize| {
        separators(line) >= least && line.split(|byte| *byte == separator).any(is_date)
    };
    let is_row = |line: &[u8]| match separators(line) + 1 == width {
        true => width > 2 || has_date(line, 1),
        false => has_date(line, 2),
    };
    let is_swallowed = match inner {
        [] => {
            let completes = separators(first) == width - 1 - column && separators(last) == column;
            width > 2 && (completes || has_date(first, 2) || has_date(last, 2))
        }
        inner => inner.iter().any(|line| is_row(line)),
    };
    let blank = inner.iter().filter(|line| line.trim_ascii().is_empty()).count();
    is_swallowed.then_some((rest.len() - blank) as u64)
}

/// Returns whether a part of a line is a date, or a date and a time.
fn is_date(part: &[u8]) -> bool {
    let text = part.trim_ascii();
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    // What goes on behind a date is a sentence.
    text.len() <= 30 && std::str::from_utf8(text).is_ok_and(is_like_date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_holds_rows_has_swallowed_them() {
        for (cell, column, ends) in [
            (&b"\"left knee,P5,D1,x\r\nE6,ok,P6,D1,x\r\nE7,scar 3\""[..], 1, Some(2)),
            (b"\"left knee,P5,D1,x\nE6,scar 3\"", 1, Some(1)),
            // One line has a comma too many, or is blank.
            (b"\"a,P5,D1,x\nE6,b,P6,D1,x\nE7,b, or c,P7,D1,x\nE8,scar\"", 1, Some(3)),
            (b"\"a,P5,D1,x\n\nE7,b,P7,D1,x\nE8,scar\"", 1, Some(2)),
            (b"\"a, b,P5,2014-07-01,x\nE8,scar\"", 1, Some(1)),
            (b"\"a,P5,D1,x\nE6,b,2014-07-01 10:00,P6,D1,x\nE8,scar\"", 1, Some(2)),
            (b"\"seen 2014-07-01, again\nand again, since, then\"", 1, None),
            (b"\"2014-07-01, called\nno answer\"", 1, None),
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
