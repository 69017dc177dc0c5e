//! Rows that are no records: blank rows, repeated headers, rules of dashes, footers.

use crate::read::id::trimmed;

/// Returns whether a row is blank, the header again, or a rule of dashes. `names` are those of the columns, in the same order.
pub fn is_furniture<'c>(cells: impl Iterator<Item = &'c str>, names: &[String]) -> bool {
    let (mut is_header, mut is_rule) = (true, true);
    for (column, cell) in cells.map(trimmed).enumerate().filter(|(_, cell)| !cell.is_empty()) {
        is_header &= names.get(column).is_some_and(|name| trimmed(name) == cell);
        is_rule &=
            cell.chars().all(|char| matches!(char, '-' | '=' | '_' | '+' | '|') || char.is_whitespace());
        if !is_header && !is_rule {
            return false;
        }
    }
    true
}

/// Returns whether a row with another number of cells than the header is a footer, such as a total or a count of rows: it has at
/// most two cells with something in them, and none of these reads as a date.
pub fn is_footer<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let filled: Vec<&str> = cells.map(trimmed).filter(|cell| !cell.is_empty()).take(3).collect();
    filled.len() < 3 && !filled.iter().any(|cell| is_like_date(cell))
}

/// Returns whether a row of a sheet is a footer. Sheets leave out the cells behind the last filled one, so a row with few cells can
/// be a record that lacks its last values: its first text also has to say that it is a total or a count.
pub fn is_sheet_footer(cells: &[String], columns: usize) -> bool {
    let mut filled = cells.iter().map(|cell| trimmed(cell)).filter(|cell| !cell.is_empty());
    let Some(first) = filled.next() else { return false };
    1 + filled.count() < columns && is_total(first) && is_footer(cells.iter().map(String::as_str))
}

/// Returns whether a text is the label of a total, or a count such as `20 rows` and `(2 rows affected)`.
fn is_total(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut words = text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    match (words.next(), words.next()) {
        (Some("total" | "totals" | "subtotal" | "subtotals"), _) => true,
        (Some("grand" | "sub" | "report"), Some("total" | "totals")) => true,
        (Some("row" | "record" | "patient" | "encounter" | "message"), Some("count")) => true,
        (Some(count), Some("row" | "rows" | "record" | "records")) => {
            count.bytes().all(|byte| byte.is_ascii_digit())
        }
        (Some("count"), None) => true,
        _ => false,
    }
}

/// Returns whether a text begins with three numbers between signs, as a date does in whatever form.
fn is_like_date(text: &str) -> bool {
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let is_number =
        |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_compact =
        date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) && date.starts_with(['1', '2']);
    parts.len() == 3 && parts.iter().all(is_number) || is_compact
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_rows_headers_again_and_rules_are_furniture() {
        let names = ["patient_id", "provider_id", "started_at"].map(str::to_owned);
        let is = |cells: &[&str]| is_furniture(cells.iter().copied(), &names);
        assert!(is(&["", " ", "\u{A0}"]));
        assert!(is(&["patient_id", "provider_id", "started_at"]));
        assert!(is(&["", "provider_id", ""]));
        assert!(is(&["---", "=====", "-- --"]));
        assert!(is(&["-----+-----+-----"]));
        assert!(!is(&["P1", "", ""]));
        assert!(!is(&["provider_id", "patient_id", ""]));
        assert!(!is(&["---", "D1", ""]));
        assert!(!is(&["patient_id", "provider_id", "---"]));
    }

    #[test]
    fn a_footer_of_a_sheet_says_that_it_is_a_total() {
        let is =
            |cells: &[&str]| is_sheet_footer(&cells.iter().map(|cell| (*cell).into()).collect::<Vec<_>>(), 3);
        assert!(is(&["Total", "20"]));
        assert!(is(&["", "Grand Total:", ""]));
        assert!(is(&["(2 rows affected)"]));
        assert!(is(&["Record count", "", "7"]));
        assert!(!is(&["P1", "D1"]));
        assert!(!is(&["Total", "D1", "office-visit"]));
        assert!(!is(&["Total", "2014-07-01"]));
        assert!(!is(&[]));
    }

    #[test]
    fn a_footer_has_two_texts_at_most_and_no_date() {
        let is = |cells: &[&str]| is_footer(cells.iter().copied());
        assert!(is(&["(2 rows affected)"]));
        assert!(is(&["Total", "20"]));
        assert!(is(&["", "", "Total", "", "20", "", ""]));
        assert!(!is(&["P1", "2014-07-01"]));
        assert!(!is(&["P1", "7/1/2014 10:00 AM"]));
        assert!(!is(&["P1", "20140701"]));
        assert!(!is(&["P1", "D1", "office-visit"]));
    }
}
