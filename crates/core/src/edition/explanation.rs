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
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
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
    /// The word in the edition files.
    pub fn word(self) -> &'static str {
        self.into()
    }
}
