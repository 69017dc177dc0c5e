//! Conditions of rules: a closed list of operators, without regular expressions or arithmetic.

/// A condition on the columns of a row whose values are all known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The column has one of these values (`is`, `one_of`, and `within` for the day).
    OneOf {
        /// The position among the columns of the rule list.
        column: usize,
        /// The codes of the values.
        codes: Vec<u8>,
    },
    /// All of these conditions are true.
    All(Vec<Condition>),
    /// At least one of these conditions is true.
    Any(Vec<Condition>),
    /// This condition is false.
    Not(Box<Condition>),
}

impl Condition {
    /// Returns whether the condition is true for a row, given as one code per column.
    pub fn matches(&self, row: &[u8]) -> bool {
        match self {
            Condition::OneOf { column, codes } => codes.contains(&row[*column]),
            Condition::All(parts) => parts.iter().all(|part| part.matches(row)),
            Condition::Any(parts) => parts.iter().any(|part| part.matches(row)),
            Condition::Not(part) => !part.matches(row),
        }
    }

    /// Returns whether the condition references the column at position `about`.
    pub fn references(&self, about: usize) -> bool {
        match self {
            Condition::OneOf { column, .. } => *column == about,
            Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| part.references(about)),
            Condition::Not(part) => part.references(about),
        }
    }
}
