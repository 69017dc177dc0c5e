//! Detects rows that a quotation mark swallowed: a mark opens a cell in one row, and a mark in a later row closes it.

use memchr::memchr_iter;

use crate::key_cells::KeyCells;

/// Returns whether a cell with several lines has the minimum number of separators that suggests rows, which few texts have. `width` is the
/// number of columns.
pub fn may_have_swallowed(raw: &[u8], separator: u8, width: usize) -> bool {
    let least = width.saturating_sub(1).min(2);
    least > 0 && memchr_iter(separator, raw).take(least).count() == least
}

/// Returns how many line ends in a quoted cell look like the ends of rows, or `None` if they do not.
///
/// `column` is the position of the cell, and `width` is the number of columns. With several lines, those between the first and the last are
/// checked: all nonblank ones must have as many separators as the header, or one must have several separators and a day in its place. With
/// a single line end, the text before it must complete the row, and the text after it must begin one. In both cases, a day in its place in
/// the first or last line is enough.
pub fn swallowed_line_ends(
    raw: &[u8],
    separator: u8,
    column: usize,
    width: usize,
    keys: &KeyCells,
) -> Option<u64> {
    let cell = raw.strip_prefix(b"\"")?;
    if !may_have_swallowed(cell, separator, width) || !cell.contains(&b'\n') {
        return None;
    }
    let lines: Vec<&[u8]> = cell.split(|byte| *byte == b'\n').collect();
    let (first, rest) = lines.split_first()?;
    let (last, inner) = rest.split_last()?;
    let separators = |line: &[u8]| line.iter().filter(|byte| **byte == separator).count();
    // Surplus separators, from cells with unquoted commas, may have moved the day.
    let has_day = |line: &[u8], place: Option<usize>, most: usize| {
        let count = separators(line);
        let Some(place) = place.filter(|_| count >= 2) else { return false };
        let parts = line.split(|byte| *byte == separator).skip(place);
        parts.take(1 + count.saturating_sub(most)).any(|part| is_day(part, keys))
    };
    let day = keys.day;
    // How many cells the row still lacks after this one. A surplus cell, beyond the header's columns, completes no row.
    let following = (width - 1).checked_sub(column);
    // The first line ends with a part of a row, and the last line begins with one.
    let first_has_day =
        || has_day(first, day.filter(|day| *day > column).map(|day| day - column), following.unwrap_or(0));
    let last_has_day = || has_day(last, day.filter(|day| *day < column), column);
    let filled = || inner.iter().filter(|line| !line.trim_ascii().is_empty());
    let are_whole =
        || filled().next().is_some() && width > 2 && filled().all(|line| separators(line) + 1 == width);
    let has_row = |line: &&&[u8]| {
        has_day(line, day, width - 1)
            || width == 2 && separators(line) == 1 && {
                let mut parts = line.split(|byte| *byte == separator);
                day.and_then(|day| parts.nth(day)).is_some_and(|part| is_day(part, keys))
            }
    };
    let completes = || {
        inner.is_empty() && width > 2 && following == Some(separators(first)) && separators(last) == column
    };
    let is_swallowed = completes()
        || are_whole()
        || filled().any(|line| has_row(&line))
        || width > 2 && (first_has_day() || last_has_day());
    let blank = inner.len() - filled().count();
    is_swallowed.then_some((rest.len() - blank) as u64)
}

/// Returns whether a part of a line is a day, or a day and a time.
fn is_day(part: &[u8], keys: &KeyCells) -> bool {
    let text = part.trim_ascii();
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    let text = text.strip_suffix(b"\"").unwrap_or(text);
    std::str::from_utf8(text).is_ok_and(|text| keys.is_day(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_holds_rows_has_swallowed_them() {
        let keys = KeyCells { day: Some(3), ids: vec![2, 4], ..KeyCells::default() };
        for (cell, ends) in [
            (&b"\"left knee,P5,D1,x\r\nE6,ok,P6,D1,x\r\nE7,scar 3\""[..], Some(2)),
            (b"\"left knee,P5,D1,x\nE6,scar 3\"", Some(1)),
            // Blank lines are not rows.
            (b"\"a,P5,D1,x\n\nE7,b,P7,D1,x\nE8,scar\"", Some(2)),
            // A surplus comma, or missing cells: the day decides.
            (b"\"a,P5,D1,x\nE6,b,P6,2014-07-01,x\nE7,b, or c,P7,D1,x\nE8,scar\"", Some(3)),
            (b"\"a, b,P5,2014-07-01,x\nE8,scar\"", Some(1)),
            (b"\"a,P5,D1,x\nE6,b, or c,P6,2014-07-01 10:00,D1,x\nE8,scar\"", Some(2)),
            (b"\"a,P5,D1,x\nE6,b,P6,2014-07-01\nE8,scar\"", Some(2)),
            // Texts of several lines, with commas and dates.
            (b"\"seen 2014-07-01, again\nand again, since, then\"", None),
            (b"\"a, b\nlabs, 2014-06-01, normal\nfine\"", None),
            (
                b"\"on 7/1/2014, aspirin, 81 mg\nfollow up 8/1/2014, call\nDr. A, MD, 7/2/2014 10:00 AM\"",
                None,
            ),
            (b"\"2014-07-01, called\nno answer\"", None),
            (b"\"two\nlines\"", None),
            (b"\"one, two,\nthree\"", None),
            (b"\"a\nb, c\nd\"", None),
            (b"\"no line end, at all\"", None),
            (b"not quoted", None),
        ] {
            let text = String::from_utf8_lossy(cell);
            assert_eq!(swallowed_line_ends(cell, b',', 1, 5, &keys), ends, "{text}");
        }
    }

    #[test]
    fn a_surplus_cell_holds_rows_but_completes_none() {
        let keys = KeyCells { day: Some(3), ids: vec![2, 4], ..KeyCells::default() };
        let between = b"\"left knee,P5,D1,x,y\nE6,ok,P6,2014-07-01,D1\nE7,scar 3\"";
        for column in 5..8 {
            assert_eq!(swallowed_line_ends(between, b',', column, 5, &keys), Some(2));
            let no_row = b"\"left knee,P5,D1,x\nE6,ok,P6,D1\"";
            assert_eq!(swallowed_line_ends(no_row, b',', column, 5, &keys), None);
        }
    }
}
