//! What a rule asks of a row: a closed list of operators, no regular expressions, no arithmetic.

/// A question about the columns of a row whose words are all known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The column has one of these words (`is`, `one_of`, and `within` on the day).
    OneOf {
        /// Position among the columns of the section.
        column: usize,
        /// Codes of the words.
        codes: Vec<u8>,
    },
    /// All of these hold.
    All(Vec<Condition>),
    /// At least one of these holds.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
}

impl Condition {
    /// Whether it holds of a row, given as one code a column.
    pub fn holds(&self, row: &[u8]) -> bool {
        match self {
            Condition::OneOf { column, codes } => codes.contains(&row[*column]),
            Condition::All(parts) => parts.iter().all(|part| part.holds(row)),
            Condition::Any(parts) => parts.iter().any(|part| part.holds(row)),
            Condition::Not(part) => !part.holds(row),
        }
    }

    /// Whether it asks about a column.
    pub fn asks(&self, about: usize) -> bool {
        match self {
            Condition::OneOf { column, .. } => *column == about,
            Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| part.asks(about)),
            Condition::Not(part) => part.asks(about),
        }
    }
}
