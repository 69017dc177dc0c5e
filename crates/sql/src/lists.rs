//! SQL for lists of values.

use crate::dialect::SqlDialect;

/// Returns a condition for whether a text is one of some values.
pub fn in_list(dialect: SqlDialect, text: &str, words: &[String]) -> String {
    let literals: Vec<String> = words.iter().map(|word| dialect.literal(word)).collect();
    match &literals[..] {
        [one] => format!("{text} = {one}"),
        several => format!("{text} IN ({})", several.join(", ")),
    }
}
