//! What an edition says: ordered rules, policies, threshold and exclusions, each with its source.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::domain::answer::Answer;
use crate::domain::score::Threshold;
use crate::domain::text::hex;
use crate::domain::words::WordList;
use crate::edition::condition::Condition;

/// One edition of the measure.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The name in `--edition`.
    pub id: String,
    /// The name in words.
    pub title: String,
    /// The program that it belongs to.
    pub program: String,
    /// The program years it applies to.
    pub years: String,
    /// Where the measure is laid down.
    pub source: Source,
    /// What the numerator has to reach.
    pub threshold: Threshold,
    /// Why that is the threshold.
    pub threshold_why: Explanation,
    /// The choices that the regulation leaves, by name.
    pub policies: BTreeMap<String, Policy>,
    /// The exclusions that a professional may attest, apart from the verdict (B32).
    pub exclusions: Vec<Exclusion>,
    /// What makes a patient seen, asked of each encounter.
    pub denominator: Section,
    /// What makes a message count, asked of each message.
    pub numerator: Section,
    /// SHA-256 of the edition file, in hexadecimal.
    pub sha256: String,
}

/// Ordered rules over the columns of one kind of row; the first that fits decides.
#[derive(Clone, Debug)]
pub struct Section {
    /// The columns that the rules can ask.
    pub columns: &'static [&'static WordList],
    /// The rules, in the order in which they are asked.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The name in waterfalls, ledgers and `mucalc codes`.
    pub id: String,
    /// What it asks of a row; none fits every row.
    pub when: Option<Condition>,
    /// What it decides.
    pub decision: Decision,
    /// Why, and according to whom.
    pub why: Explanation,
    /// Byte offset in the edition file, for problems.
    pub offset: usize,
}

/// What a rule decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Always this.
    Fixed(Answer),
    /// What this policy's choice says.
    ByPolicy(String),
}

/// A choice that the regulation leaves to the professional.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The question it answers.
    pub asks: String,
    /// The choices there are.
    pub choices: Vec<Choice>,
    /// The choice that is applied where none is named.
    pub default: Choice,
    /// Why there is a choice, and according to whom.
    pub why: Explanation,
}

/// What a policy makes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The rule is taken away; the row goes on to the later rules.
    Count,
    /// The row is uncertain.
    Uncertain,
    /// The row is out.
    Exclude,
}

/// An exclusion that a professional may attest.
#[derive(Clone, Debug)]
pub struct Exclusion {
    /// Its name.
    pub id: String,
    /// The text, as its source has it.
    pub text: String,
    /// Who says so.
    pub source: Source,
}

/// A sentence with its source.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The sentence.
    pub why: String,
    /// Who says so.
    pub source: Source,
}

/// Where a statement comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The document.
    pub cite: String,
    /// The numbered statements of docs/rules.md.
    pub rules: Vec<String>,
    /// How well the document is known.
    pub confidence: Confidence,
}

/// How well a source is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// Seen in the primary source.
    Read,
    /// Quoted or paraphrased by somebody else.
    SecondHand,
    /// From general knowledge; to be checked before it is quoted.
    Recalled,
    /// This project's own analysis.
    Ours,
}

/// The choice made for every policy of an edition.
pub type Choices = BTreeMap<String, Choice>;

impl Edition {
    /// The default choice of every policy.
    pub fn default_choices(&self) -> Choices {
        self.policies.iter().map(|(name, policy)| (name.clone(), policy.default)).collect()
    }

    /// SHA-256 of an edition file, in hexadecimal.
    pub(super) fn digest(text: &str) -> String {
        hex(&Sha256::digest(text))
    }
}

impl Choice {
    /// The words in the order of their definition.
    pub const WORDS: [&'static str; 3] = ["count", "uncertain", "exclude"];

    /// The word that users write.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The choice that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        [Choice::Count, Choice::Uncertain, Choice::Exclude].into_iter().find(|choice| choice.word() == word)
    }

    /// What becomes of a row; none where the rule is taken away.
    pub fn answer(self) -> Option<Answer> {
        match self {
            Choice::Count => None,
            Choice::Uncertain => Some(Answer::Uncertain),
            Choice::Exclude => Some(Answer::Out),
        }
    }
}

impl Confidence {
    /// The words in the order of their definition.
    pub const WORDS: [&'static str; 4] = ["read", "second-hand", "recalled", "ours"];

    /// The word in the edition files.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The confidence that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        [Confidence::Read, Confidence::SecondHand, Confidence::Recalled, Confidence::Ours]
            .into_iter()
            .find(|confidence| confidence.word() == word)
    }
}
