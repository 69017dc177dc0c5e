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
