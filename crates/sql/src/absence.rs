//! SQL for cells without a value, for the guards of spreadsheets around ids, and for damaged ids.

use crate::cte::{CaseArm, case};
use crate::dialect::SqlDialect;
use crate::lists::in_list;
use mucalc_core::domain::absence::{AbsenceMarkers, NO_IDS};

/// A pattern for the remainder of an id that was taken for a number: scientific notation, or a number that is too large.
const DAMAGED: &str =
    "^[+-]?([0-9]+[eE][+-][0-9]+|[0-9]*[.,][0-9]*[eE][+-]?[0-9]+|[iI][nN][fF]([iI][nN][iI][tT][yY])?)$";

/// Returns the text of a column, empty if it means "no value". The `meant` values, folded, have a meaning in this column.
pub(super) fn without_markers(
    dialect: SqlDialect,
    column: &str,
    markers: &AbsenceMarkers,
    meant: &[String],
) -> String {
    let markers = markers.texts().map(str::to_owned).filter(|marker| !meant.contains(marker));
    let markers: Vec<String> = markers.collect();
    if markers.is_empty() {
        return column.to_owned();
    }
    case(&[CaseArm::new(in_list(dialect, &format!("LOWER({column})"), &markers), "''")], column)
}

/// Returns the `text` of a column, empty if the column has a text that is never an id.
pub(super) fn without_no_ids(dialect: SqlDialect, column: &str, text: &str) -> String {
    let none: Vec<String> = NO_IDS.map(str::to_owned).into();
    case(&[CaseArm::new(in_list(dialect, &format!("LOWER({column})"), &none), "''")], text)
}

/// Returns the id in a column without what exports put around it: `="007"`, `'007` and `"007"` are `007`.
pub(super) fn unguarded(dialect: SqlDialect, column: &str) -> String {
    let last = format!("SUBSTR({column}, LENGTH({column}), 1)");
    let quote = dialect.literal("'");
    let is_quoted = format!("SUBSTR({column}, 1, 1) = {quote}");
    let arms = [
        // A single quotation mark is both the first and the last one.
        CaseArm::new(
            format!("LENGTH({column}) > 2 AND SUBSTR({column}, 1, 2) = '=\"' AND {last} = '\"'"),
            format!("SUBSTR({column}, 3, LENGTH({column}) - 3)"),
        ),
        CaseArm::new(
            format!("LENGTH({column}) > 1 AND {is_quoted} AND {last} = {quote}"),
            format!("SUBSTR({column}, 2, LENGTH({column}) - 2)"),
        ),
        CaseArm::new(is_quoted, format!("SUBSTR({column}, 2)")),
        CaseArm::new(
            format!("LENGTH({column}) > 1 AND SUBSTR({column}, 1, 1) = '\"' AND {last} = '\"'"),
            format!("SUBSTR({column}, 2, LENGTH({column}) - 2)"),
        ),
    ];
    dialect.trimmed_id(&case(&arms, column))
}

/// Returns a condition for a damaged id in a column: a number that lost digits, or a part of a row.
pub(super) fn is_damaged(dialect: SqlDialect, column: &str) -> String {
    let tests = [
        dialect.matches(column, DAMAGED),
        format!("SUBSTR({column}, 1, 1) = '\"'"),
        format!("SUBSTR({column}, LENGTH({column}), 1) = '\"'"),
        dialect.has_any(column, &LINE_BREAKS),
    ];
    tests.join(" OR ")
}

/// Line break characters.
const LINE_BREAKS: [u32; 7] = [0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029];
