//! SQL for ids in columns that are not text: reads numbers and bytes like a report on a file does, whatever the engine makes of them.

use crate::SqlDialect;

/// Replaces a number that does not distinguish an id from its neighbors: a text in scientific notation, which is a damaged id.
const DAMAGED: &str = "'1.0E+00'";

/// From these on, whole numbers of a type cannot be distinguished from their neighbors: 2^53 and 2^24.
const OF_DOUBLE: &str = "9007199254740992";
const OF_SINGLE: &str = "16777216";

/// Returns an id as text. A whole floating-point number becomes its digits, and any other one is damaged. A decimal number loses the zeros
/// after its point, and bytes become the text that they encode. If an engine cannot tell the type of a column, its own text is used.
pub(super) fn text(dialect: SqlDialect, column: &str) -> String {
    let text = dialect.text(column);
    match dialect {
        SqlDialect::Duckdb => {
            let of = |name: &str| format!("TYPEOF({column}) = '{name}'");
            let number = format!("TRY_CAST({text} AS DOUBLE)");
            let whole = format!("TRY_CAST({number} AS BIGINT)");
            let digits = |most| digits(&number, &whole, &format!("CAST({whole} AS VARCHAR)"), most);
            format!(
                "CASE WHEN {} THEN {} WHEN {} THEN {} WHEN TYPEOF({column}) LIKE 'DECIMAL%' THEN {} WHEN {} THEN \
                 DECODE(TRY_CAST({text} AS BLOB)) ELSE {text} END",
                of("DOUBLE"),
                digits(OF_DOUBLE),
                of("FLOAT"),
                digits(OF_SINGLE),
                without_zeros(dialect, &text),
                of("BLOB"),
            )
        }
        SqlDialect::Spark => {
            let of = |name: &str| format!("TYPEOF({column}) = '{name}'");
            let number = format!("TRY_CAST({text} AS DOUBLE)");
            let whole = format!("TRY_CAST({number} AS BIGINT)");
            let digits = |most| digits(&number, &whole, &format!("CAST({whole} AS STRING)"), most);
            format!(
                "CASE WHEN {} THEN {} WHEN {} THEN {} WHEN TYPEOF({column}) LIKE 'decimal%' THEN {} ELSE {text} END",
                of("double"),
                digits(OF_DOUBLE),
                of("float"),
                digits(OF_SINGLE),
                without_zeros(dialect, &text),
            )
        }
        SqlDialect::Postgres => {
            let of = |name: &str| format!("PG_TYPEOF({column}) = '{name}'::REGTYPE");
            let number = format!("CAST({text} AS DOUBLE PRECISION)");
            let whole = format!("CAST({number} AS BIGINT)");
            let digits = |most| digits(&number, &whole, &format!("CAST({whole} AS TEXT)"), most);
            format!(
                "CASE WHEN {} THEN {} WHEN {} THEN {} WHEN {} THEN {} WHEN {} THEN \
                 CONVERT_FROM(DECODE(SUBSTR({text}, 3), 'hex'), 'UTF8') ELSE {text} END",
                of("double precision"),
                digits(OF_DOUBLE),
                of("real"),
                digits(OF_SINGLE),
                of("numeric"),
                without_zeros(dialect, &text),
                of("bytea"),
            )
        }
        SqlDialect::Sqlite => {
            let whole = format!("CAST({column} AS INTEGER)");
            let digits = digits(column, &whole, &format!("CAST({whole} AS TEXT)"), OF_DOUBLE);
            format!("CASE WHEN TYPEOF({column}) = 'real' THEN {digits} ELSE {text} END")
        }
        SqlDialect::Snowflake | SqlDialect::Bigquery => text,
    }
}

/// Returns an expression for the digits of a whole number below `most`; null if there is no number.
fn digits(number: &str, whole: &str, text: &str, most: &str) -> String {
    format!(
        "CASE WHEN {number} IS NULL THEN NULL WHEN ABS({number}) >= {most} THEN {DAMAGED} WHEN {number} = {whole} THEN {text} ELSE \
         {DAMAGED} END"
    )
}

/// Returns a decimal number without zeros after its point.
fn without_zeros(dialect: SqlDialect, text: &str) -> String {
    let rid = |text: &str, of: char| match dialect {
        // Spark's function takes the two texts in reverse order.
        SqlDialect::Spark => format!("TRIM(TRAILING '{of}' FROM {text})"),
        _ => format!("RTRIM({text}, '{of}')"),
    };
    format!("CASE WHEN {text} LIKE '%.%' THEN {} ELSE {text} END", rid(&rid(text, '0'), '.'))
}
