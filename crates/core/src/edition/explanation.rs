//! The meaning and the source of a rule.

/// A sentence with its source.
#[derive(Clone, Debug)]
pub struct CitedText {
    /// The sentence.
    pub why: String,
    /// The source.
    pub source: RuleSource,
}

/// The source of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSource {
    /// The document.
    pub cite: String,
    /// The numbered statements in docs/rules.md.
    pub rules: Vec<String>,
    /// How well the document is known.
    pub confidence: SourceConfidence,
}

/// How well a source is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum SourceConfidence {
    /// Read in the primary source.
    Read,
    /// Quoted or paraphrased by a secondary source.
    SecondHand,
    /// From general knowledge; to be verified before it is quoted.
    Recalled,
    /// Analysis by this project.
    Ours,
}

impl SourceConfidence {
    /// Returns the identifier in rule-set files.
    pub fn word(self) -> &'static str {
        self.into()
    }
}
