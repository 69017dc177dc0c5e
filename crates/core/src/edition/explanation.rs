//! What a rule means and where it is from.

/// A sentence with its source.
#[derive(Clone, Debug)]
pub struct CitedText {
    /// The sentence.
    pub why: String,
    /// Who says so.
    pub source: RuleSource,
}

/// Where a statement comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSource {
    /// The document.
    pub cite: String,
    /// The numbered statements of docs/rules.md.
    pub rules: Vec<String>,
    /// How well the document is known.
    pub confidence: SourceConfidence,
}

/// How well a source is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceConfidence {
    /// Seen in the primary source.
    Read,
    /// Quoted or paraphrased by somebody else.
    SecondHand,
    /// From general knowledge; to be checked before it is quoted.
    Recalled,
    /// This project's own analysis.
    Ours,
}

impl SourceConfidence {
    /// The words in the order of their definition.
    pub const WORDS: [&'static str; 4] = ["read", "second-hand", "recalled", "ours"];

    /// The word in the edition files.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The confidence that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        [
            SourceConfidence::Read,
            SourceConfidence::SecondHand,
            SourceConfidence::Recalled,
            SourceConfidence::Ours,
        ]
        .into_iter()
        .find(|confidence| confidence.word() == word)
    }
}
