//! What stands in a cell that says nothing, what spreadsheets put around an id, and ids that they have destroyed.

use crate::cte::{CaseArm, case};
use crate::dialect::SqlDialect;
use crate::lists::in_list;
use mucalc_core::domain::absence::{AbsenceMarkers, NO_IDS};

/// What is left of an id that was taken for a number: a number in scientific notation, or one that is too large.
const DAMAGED: &str =
    "^[+-]?([0-9]+[eE][+-][0-9]+|[0-9]*[.,][0-9]*[eE][+-]?[0-9]+|[iI][nN][fF]([iI][nN][iI][tT][yY])?)$";

/// The text of a column, empty where it means that there is no value; the `meant` words, folded, do not in this column.
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

/// The `text` of a column, empty where the column holds what is nobody's id.
pub(super) fn without_no_ids(dialect: SqlDialect, column: &str, text: &str) -> String {
    let none: Vec<String> = NO_IDS.map(str::to_owned).into();
    case(&[CaseArm::new(in_list(dialect, &format!("LOWER({column})"), &none), "''")], text)
}

/// The id in a column without what exports put around it: `="007"`, `'007` and `"007"` are `007`.
pub(super) fn unguarded(dialect: SqlDialect, column: &str) -> String {
    let last = format!("SUBSTR({column}, LENGTH({column}), 1)");
    let quote = dialect.literal("'");
    let is_quoted = format!("SUBSTR({column}, 1, 1) = {quote}");
    let arms = [
        // A quotation mark by itself is the first and the last one.
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

/// Whether the id in a column is destroyed: a number that lost digits, or a part of a row.
pub(super) fn is_damaged(dialect: SqlDialect, column: &str) -> String {
    let tests = [
        dialect.matches(column, DAMAGED),
        format!("SUBSTR({column}, 1, 1) = '\"'"),
        format!("SUBSTR({column}, LENGTH({column}), 1) = '\"'"),
        dialect.has_any(column, &LINE_BREAKS),
    ];
    tests.join(" OR ")
}

/// Characters that break a line.
const LINE_BREAKS: [u32; 7] = [0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029];
