//! Conditions on values as predicates without nulls: what is true whatever the unknown values are, and what is true for some of them.

use crate::dialect::SqlDialect;
use mucalc_core::domain::words::UNKNOWN;
use mucalc_core::edition::condition::Condition;

/// A column with canonical values.
pub(super) struct SqlColumn {
    /// Its name in the query.
    pub name: &'static str,
    /// Its values.
    pub words: Vec<ColumnValueCase>,
}

/// A value of a column, and what it may mean.
pub(super) struct ColumnValueCase {
    /// Value in the query.
    pub word: String,
    /// Codes that it may mean: one, except for values such as `unknown`.
    pub means: Vec<u8>,
}

impl ColumnValueCase {
    /// Returns whether nothing is known about the value.
    pub fn is_unknown(&self) -> bool {
        self.word == UNKNOWN
    }
}

/// How certain a condition must be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Modality {
    /// True whatever the unknown values are.
    Must,
    /// True for some of what the unknown values may be.
    May,
}

/// A condition on the values of a row.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Predicate {
    /// True for every row.
    Always,
    /// True for no row.
    Never,
    /// A column has one of these values, given by their positions.
    In(usize, Vec<usize>),
    /// All of these are true.
    All(Vec<Predicate>),
    /// At least one of these is true.
    Any(Vec<Predicate>),
}

impl Predicate {
    /// Converts the condition of a rule. Without a condition, the rule matches every row.
    pub fn from_condition(when: Option<&Condition>, sure: Modality, columns: &[SqlColumn]) -> Self {
        when.map_or(Self::Always, |when| Self::condition(when, sure, columns))
    }

    fn condition(when: &Condition, sure: Modality, columns: &[SqlColumn]) -> Self {
        let parts = |parts: &[Condition]| {
            parts.iter().map(|part| Self::condition(part, sure, columns)).collect::<Vec<_>>()
        };
        match when {
            Condition::OneOf { column, codes } => {
                let is_meant = |word: &ColumnValueCase| match sure {
                    Modality::Must => word.means.iter().all(|code| codes.contains(code)),
                    Modality::May => word.means.iter().any(|code| codes.contains(code)),
                };
                let words = &columns[*column].words;
                Self::in_words(
                    *column,
                    (0..words.len()).filter(|at| is_meant(&words[*at])).collect(),
                    columns,
                )
            }
            Condition::All(of) => Self::all(parts(of)),
            Condition::Any(of) => Self::any(parts(of)),
            // What is not certainly true may be false, and the other way around.
            Condition::Not(part) => {
                let other = match sure {
                    Modality::Must => Modality::May,
                    Modality::May => Modality::Must,
                };
                Self::condition(part, other, columns).not(columns)
            }
        }
    }

    /// Returns a predicate for whether a column has one of these values.
    pub fn in_words(column: usize, words: Vec<usize>, columns: &[SqlColumn]) -> Self {
        match words.len() {
            0 => Self::Never,
            all if all == columns[column].words.len() => Self::Always,
            _ => Self::In(column, words),
        }
    }

    /// Returns a predicate for whether all of these are true.
    pub fn all(mut parts: Vec<Self>) -> Self {
        parts.retain(|part| *part != Self::Always);
        match parts.len() {
            _ if parts.contains(&Self::Never) => Self::Never,
            0 => Self::Always,
            1 => parts.remove(0),
            _ => Self::All(parts),
        }
    }

    fn any(mut parts: Vec<Self>) -> Self {
        parts.retain(|part| *part != Self::Never);
        match parts.len() {
            _ if parts.contains(&Self::Always) => Self::Always,
            0 => Self::Never,
            1 => parts.remove(0),
            _ => Self::Any(parts),
        }
    }

    fn not(self, columns: &[SqlColumn]) -> Self {
        let each = |parts: Vec<Self>| parts.into_iter().map(|part| part.not(columns)).collect();
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::In(column, words) => {
                let others = (0..columns[column].words.len()).filter(|at| !words.contains(at)).collect();
                Self::in_words(column, others, columns)
            }
            Self::All(parts) => Self::any(each(parts)),
            Self::Any(parts) => Self::all(each(parts)),
        }
    }

    /// Returns whether it is true for a row, given as the position of the value in each column.
    pub fn matches(&self, row: &[usize]) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::In(column, words) => words.contains(&row[*column]),
            Self::All(parts) => parts.iter().all(|part| part.matches(row)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(row)),
        }
    }

    /// Returns the SQL of the predicate.
    pub fn text(&self, columns: &[SqlColumn], dialect: SqlDialect) -> String {
        let joined = |parts: &[Self], by: &str| {
            let texts: Vec<String> = parts.iter().map(|part| part.part(columns, dialect)).collect();
            texts.join(by)
        };
        match self {
            Self::Always => "1 = 1".to_owned(),
            Self::Never => "1 = 0".to_owned(),
            Self::In(column, words) => in_list(&columns[*column], words, dialect),
            Self::All(parts) => joined(parts, " AND "),
            Self::Any(parts) => joined(parts, " OR "),
        }
    }

    /// Returns the SQL of the predicate as a part of a larger one.
    fn part(&self, columns: &[SqlColumn], dialect: SqlDialect) -> String {
        let text = self.text(columns, dialect);
        if matches!(self, Self::All(_) | Self::Any(_)) { format!("({text})") } else { text }
    }
}

/// Returns a condition for whether a column has one of some values, in its shorter form.
fn in_list(column: &SqlColumn, words: &[usize], dialect: SqlDialect) -> String {
    let others: Vec<usize> = (0..column.words.len()).filter(|at| !words.contains(at)).collect();
    let list = |of: &[usize]| {
        let literals: Vec<String> = of.iter().map(|at| dialect.literal(&column.words[*at].word)).collect();
        literals.join(", ")
    };
    let name = column.name;
    match (words, &others[..]) {
        ([_], _) => format!("{name} = {}", list(words)),
        (_, [_]) => format!("{name} <> {}", list(&others)),
        _ if others.len() < words.len() => format!("{name} NOT IN ({})", list(&others)),
        _ => format!("{name} IN ({})", list(words)),
    }
}
