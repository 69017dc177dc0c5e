//! Floor 1: a vendor's columns and words, in ours.

pub mod columns;
pub mod dictionary;
pub mod vocabulary;

pub use columns::Columns;
pub use dictionary::{Dictionary, Word};
pub use vocabulary::{Lists, Vocabulary};

/// How the exports of one source are to be read.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The columns of an encounter export.
    pub encounters: Columns,
    /// The columns of a message export.
    pub messages: Columns,
    /// The columns of a roster.
    pub roster: Columns,
    /// The words of the columns with a closed list.
    pub vocabulary: Vocabulary,
}

/// The layouts that the program knows, by name.
pub const NAMES: &[&str] = &["canonical"];

impl Layout {
    /// The layout with this name.
    pub fn find(name: &str) -> Option<Self> {
        (name == "canonical").then(Self::canonical)
    }

    /// Our own columns and words.
    pub fn canonical() -> Self {
        Self {
            encounters: columns::ENCOUNTERS,
            messages: columns::MESSAGES,
            roster: columns::ROSTER,
            vocabulary: Vocabulary::default(),
        }
    }
}
