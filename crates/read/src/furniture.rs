//! Recognizes non-data rows: blank rows, repeated headers, rules of dashes, totals, footers.

use crate::id::trimmed;
use crate::layout::datetime_format::LONG_MONTHS;

/// Returns whether a row is blank, a repeated header, a rule of dashes, or a total. `names` are the column names, in the same order.
pub fn is_furniture<'c>(cells: impl Iterator<Item = &'c str> + Clone, names: &[String]) -> bool {
    if is_total(cells.clone(), names.len()) {
        return true;
    }
    let (mut is_header, mut is_rule) = (true, true);
    for (column, cell) in cells.map(trimmed).enumerate().filter(|(_, cell)| !cell.is_empty()) {
        is_header &= names.get(column).is_some_and(|name| are_one_name(name, cell));
        is_rule &=
            cell.chars().all(|char| matches!(char, '-' | '=' | '_' | '+' | '|') || char.is_whitespace());
        if !is_header && !is_rule {
            return false;
        }
    }
    true
}

/// Returns whether a row is a total of the rows above, or the number of a page: a cell says so, and the others are numbers. `width` is the
/// number of columns.
pub fn is_total<'c>(cells: impl Iterator<Item = &'c str>, width: usize) -> bool {
    let mut is_named = false;
    for cell in cells.map(trimmed).filter(|cell| !cell.is_empty()) {
        match cell.as_bytes()[0] {
            b'0'..=b'9' | b'.' | b'$' => {
                if !is_figure(cell) {
                    return false;
                }
            }
            // Every row comes here, so most are dismissed by the first letter of a cell.
            b't' | b'T' | b'g' | b'G' | b's' | b'S' | b'c' | b'C' | b'p' | b'P' | b'n' | b'N' => {
                if !names_a_total(cell) || is_like_row(cell, width) {
                    return false;
                }
                is_named = true;
            }
            _ => return false,
        }
    }
    is_named
}

/// Returns whether a cell is a count, an amount, or a percentage. Longer numbers may be days or ids.
fn is_figure(cell: &str) -> bool {
    cell.len() < 8 && cell.chars().all(|c| c.is_ascii_digit() || ".,%$".contains(c))
}

/// Returns whether a cell names a total, such as `Total`, `Total visits: 20`, `Grand Total for Lee`, or `Page 2 of 3`. A visit may be for a
/// total knee replacement.
fn names_a_total(cell: &str) -> bool {
    const NAMES: [&str; 8] =
        ["total", "totals", "subtotal", "sub-total", "grand total", "report total", "sum", "count"];
    const RECORDS: [&str; 13] = [
        "for",
        "of",
        "by",
        "number",
        "count",
        "visits",
        "encounters",
        "appointments",
        "patients",
        "messages",
        "records",
        "rows",
        "pages",
    ];
    let text = cell.to_lowercase();
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b',');
    let is_total = |name: &&str| {
        let Some(rest) = text.strip_prefix(*name) else { return false };
        let word = rest.split([' ', ':', '=']).find(|word| !word.is_empty()).unwrap_or_default();
        rest.is_empty() || rest.starts_with([' ', ':', '=']) && (is_number(word) || RECORDS.contains(&word))
    };
    let rest = |name: &str| text.strip_prefix(name);
    NAMES.iter().any(is_total)
        || rest("number of ").is_some_and(|rest| RECORDS.iter().any(|name| rest.starts_with(name)))
        || rest("page ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Returns whether two column names differ only in blanks, underscores, and case.
pub fn are_one_name(one: &str, other: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
        name.chars().filter(|char| !char.is_whitespace() && *char != '_').flat_map(char::to_lowercase)
    }
    letters(trimmed(one)).eq(letters(other))
}

/// Returns whether a row whose number of cells differs from the header's is a footer, such as a total or a count of rows. A footer has at
/// most two filled cells, and neither contains a date or the cells of a row. `width` is the number of columns.
pub fn is_footer<'c>(cells: impl Iterator<Item = &'c str>, width: usize) -> bool {
    let filled: Vec<&str> = cells.map(trimmed).filter(|cell| !cell.is_empty()).take(3).collect();
    filled.len() < 3 && !filled.iter().any(|cell| is_like_row(cell, width))
}

/// Characters that separate cells in exports.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '^', '~'];

/// Returns whether a cell contains a date, several lines, or as many separators as a row.
fn is_like_row(cell: &str, width: usize) -> bool {
    let count = |separator: &char| cell.matches(*separator).count();
    cell.contains('\n')
        || is_like_date(cell)
        || width > 2 && SEPARATORS.iter().any(|separator| count(separator) + 1 >= width)
        || cell.split(SEPARATORS).any(|part| is_like_date(part.trim_matches('"').trim()))
        || is_like_spaced_row(cell)
}

/// Returns whether a text contains a date and two ids, whatever separates them, such as blanks in place of tabs.
fn is_like_spaced_row(cell: &str) -> bool {
    let is_between = |char: char| {
        !char.is_alphanumeric() && !matches!(char, '-' | '/' | '.' | ':' | '_') || char > '\u{2FF}'
    };
    let words =
        || cell.split(is_between).map(|word| word.trim_matches([':', '.'])).filter(|word| !word.is_empty());
    let is_date = |word: &&str| is_like_date(word);
    // Sentences also contain numbers of few digits, and times of day.
    let is_id = |word: &&str| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        digits > 0 && !is_date(word) && !word.contains(':') && (digits < word.len() || digits > 4)
    };
    words().any(|word| is_date(&word)) && words().filter(is_id).count() >= 2
}

/// Returns whether a text begins like a date in any form: with three numbers between signs, one of which may be the name of a month, or
/// with eight digits.
pub fn is_like_date(text: &str) -> bool {
    let is_sign = |char: char| matches!(char, '-' | '/' | '.' | ' ' | ',' | 'T');
    let is_number =
        |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let first = text.split([' ', 'T']).next().unwrap_or_default();
    let is_compact =
        first.len() == 8 && first.bytes().all(|byte| byte.is_ascii_digit()) && first.starts_with(['1', '2']);
    let parts: Vec<&str> = text.split(is_sign).filter(|part| !part.is_empty()).take(3).collect();
    let numbers = parts.iter().filter(|part| is_number(part)).count();
    let signs = first.matches(['-', '/', '.']).count();
    is_compact
        || parts.len() == 3 && numbers == 3 && signs == 2
        || parts.len() == 3 && numbers == 2 && parts.iter().any(|part| is_month(part))
}

/// Returns whether a text is the name of a month, or at least its first three letters.
fn is_month(text: &str) -> bool {
    let text = text.to_lowercase();
    text.len() >= 3 && LONG_MONTHS.iter().any(|month| month.starts_with(&text))
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
        assert!(is(&["PATIENT_ID", "Provider ID", "startedat"]));
        assert!(is(&["---", "=====", "-- --"]));
        assert!(is(&["-----+-----+-----"]));
        assert!(is(&["Total", "", "1,204"]) && is(&["Grand Total:", "20", "33.5%"]) && is(&["count"]));
        assert!(
            is(&["", "Total", "20"]) && is(&["2", "20", "Total visits"]) && is(&["Total for Lee", "", "20"])
        );
        assert!(
            is(&["Total visits: 2", "", ""]) && is(&["", "Page 2 of 3", ""]) && is(&["Count: 20", "", ""])
        );
        assert!(!is(&["Total", "D1", "2014-07-14"]) && !is(&["T1", "", "20"]) && !is(&["Totally", "", ""]));
        assert!(!is(&["Total", "D1", ""]) && !is(&["Total", "20", "20140714"]) && !is(&["1", "2", "3"]));
        assert!(
            !is(&["Total;D1;2014-07-14", "", ""]) && !is(&["Page", "", ""]) && !is(&["Count2", "", "20"])
        );
        assert!(!is(&["17", "1204", "Total knee replacement"]) && !is(&["17", "Total", "12345678"]));
        assert!(!is(&["P1", "", ""]));
        assert!(!is(&["provider_id", "patient_id", ""]));
        assert!(!is(&["---", "D1", ""]));
        assert!(!is(&["patient_id", "provider_id", "---"]));
    }

    #[test]
    fn a_footer_has_two_texts_at_most_and_nothing_of_a_row() {
        let is = |cells: &[&str]| is_footer(cells.iter().copied(), 5);
        assert!(is(&["Rows: 20, pages: 2"]));
        assert!(!is(&["E1,P1,D1,2014-07-01,completed"]));
        assert!(!is(&["E1;P1;D1;x;completed"]));
        assert!(!is(&["P1", "05-AUG-2014"]));
        assert!(!is(&["P1", "Aug 5, 2014"]));
        assert!(!is(&["E1,\"2014-07-01\""]));
        assert!(!is(&["left knee\nE2"]));
        assert!(is(&["(2 rows affected)"]));
        assert!(!is(&["E021    P021    D1    2014-07-21    office-visit    completed"]));
        assert!(!is(&["E021\u{a6}P021\u{a6}D1\u{a6}2014-07-21"]));
        assert!(is(&["Printed by jdoe2 on 2014-10-01 at 10:00, page 12 of 20"]));
        assert!(is(&["Total", "20"]));
        assert!(is(&["", "", "Total", "", "20", "", ""]));
        assert!(!is(&["P1", "2014-07-01"]));
        assert!(!is(&["P1", "7/1/2014 10:00 AM"]));
        assert!(!is(&["P1", "20140701"]));
        assert!(!is(&["P1", "D1", "office-visit"]));
    }
}
