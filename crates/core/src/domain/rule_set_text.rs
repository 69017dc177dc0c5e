//! An edition in words, as a report prints it: every rule, policy and exclusion with its source.

/// An edition in words.
#[derive(Clone, Debug, Default)]
pub struct RuleSetText {
    /// The program that it belongs to.
    pub program: String,
    /// The program years it applies to.
    pub years: String,
    /// Where the measure is laid down.
    pub source: Citation,
    /// Which reporting periods are allowed in the program year, and to whom.
    pub periods: Vec<PeriodText>,
    /// What is asked of each encounter.
    pub denominator: Vec<RuleText>,
    /// What is asked of each message, or access.
    pub numerator: Vec<RuleText>,
    /// The choices that the regulation leaves.
    pub policies: Vec<PolicyText>,
    /// The exclusions that a professional may attest.
    pub exclusions: Vec<ExclusionText>,
}

/// Where a statement comes from.
#[derive(Clone, Debug, Default)]
pub struct Citation {
    /// The document.
    pub cite: String,
    /// How well it is known: `read`, `second-hand`, `recalled` or `ours`.
    pub confidence: &'static str,
}

/// Allowed reporting periods in words.
#[derive(Clone, Debug)]
pub struct PeriodText {
    /// Who may choose them, in the program's term.
    pub participants: &'static str,
    /// Which they are, as a noun phrase.
    pub allowed: String,
    /// Why.
    pub why: String,
    /// According to whom.
    pub source: Citation,
}

/// A rule in words.
#[derive(Clone, Debug)]
pub struct RuleText {
    /// Its id.
    pub id: String,
    /// What it asks of a row.
    pub asks: String,
    /// What it decides in this run.
    pub decides: String,
    /// Why.
    pub why: String,
    /// According to whom.
    pub source: Citation,
}

/// A policy in words.
#[derive(Clone, Debug)]
pub struct PolicyText {
    /// Its name.
    pub name: String,
    /// The question it answers.
    pub asks: String,
    /// The choice of this run.
    pub choice: String,
    /// The choices there are, with the one that is applied where none is named marked.
    pub choices: String,
    /// Why there is a choice.
    pub why: String,
    /// According to whom.
    pub source: Citation,
}

/// An exclusion in words.
#[derive(Clone, Debug)]
pub struct ExclusionText {
    /// Its id.
    pub id: String,
    /// The text, as its source has it.
    pub text: String,
    /// Who says so.
    pub source: Citation,
}
