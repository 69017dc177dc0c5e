//! What stands in a cell that says nothing, what spreadsheets put around an id, and ids that they have destroyed.

use crate::warehouse::dialect::Dialect;
use crate::warehouse::door::in_list;
use crate::warehouse::steps::{Arm, case};

/// Words that mean an empty cell, folded; the last ones are what spreadsheets write for an error.
const MARKERS: [&str; 19] = [
    "null", "(null)", "<null>", r"\n", "nil", "none", "nan", "n/a", "#n/a", "na", "-", "--", ".", "#ref!",
    "#value!", "#name?", "#div/0!", "#null!", "#num!",
];

/// What is left of an id that was taken for a number: a number in scientific notation, or one that is too large.
const DAMAGED: &str = "^[+-]?([0-9]+[eE][+-][0-9]+|([0-9]+[.,][0-9]*|[.,][0-9]+)[eE][+-]?[0-9]+|[iI][nN][fF]([iI][nN][iI][tT][yY])?)$";

/// The text of a column, empty where it is a marker of absence; the `meant` words, folded, are none in this column.
pub(super) fn without_markers(dialect: Dialect, column: &str, meant: &[String]) -> String {
    let markers = MARKERS.iter().map(|marker| (*marker).to_owned());
    let markers: Vec<String> = markers.filter(|marker| !meant.contains(marker)).collect();
    case(&[Arm::new(in_list(dialect, &format!("LOWER({column})"), &markers), "''")], column)
}

/// The id in a column without what spreadsheets put before it, so that it stays a text: `="007"` and `'007` are `007`.
pub(super) fn unguarded(dialect: Dialect, column: &str) -> String {
    let formula = format!("SUBSTR({column}, 1, 2) = '=\"' AND SUBSTR({column}, LENGTH({column}), 1) = '\"'");
    // A quotation mark by itself is both the first and the last.
    let formula = format!("LENGTH({column}) > 2 AND {formula}");
    let inner = dialect.trimmed_id(&format!("SUBSTR({column}, 3, LENGTH({column}) - 3)"));
    let rest = dialect.trimmed_id(&format!("SUBSTR({column}, 2)"));
    let apostrophe = format!("SUBSTR({column}, 1, 1) = {}", dialect.literal("'"));
    case(&[Arm::new(formula, inner), Arm::new(apostrophe, rest)], column)
}

/// Whether the id in a column is destroyed.
pub(super) fn is_damaged(dialect: Dialect, column: &str) -> String {
    dialect.matches(column, DAMAGED)
}
