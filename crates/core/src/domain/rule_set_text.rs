//! A rule set as text for reports: every rule, policy, and exclusion with its source.

/// A rule set as text.
#[derive(Clone, Debug, Default)]
pub struct RuleSetText {
    /// The program that the rule set belongs to.
    pub program: String,
    /// The program years it applies to.
    pub years: String,
    /// The measure in the words of its source; empty if they are not quoted.
    pub statement: StatementText,
    /// The source of the measure.
    pub source: Citation,
    /// The reporting periods that are allowed in the program year, and for whom.
    pub periods: Vec<PeriodText>,
    /// The rules that apply to each encounter.
    pub denominator: Vec<RuleText>,
    /// The rules that apply to each message or portal access.
    pub numerator: Vec<RuleText>,
    /// The policies that the regulation leaves open.
    pub policies: Vec<PolicyText>,
    /// The exclusions that an EP may attest.
    pub exclusions: Vec<ExclusionText>,
}

/// The measure in the words of its source.
#[derive(Clone, Debug, Default)]
pub struct StatementText {
    /// The quotation.
    pub text: String,
    /// The document.
    pub cite: String,
}

/// The source of a statement.
#[derive(Clone, Debug, Default)]
pub struct Citation {
    /// The document.
    pub cite: String,
    /// How well the source is known: `read`, `second-hand`, `recalled` or `ours`.
    pub confidence: &'static str,
}

/// Allowed reporting periods as text.
#[derive(Clone, Debug)]
pub struct PeriodText {
    /// Who may choose them, in the program's term.
    pub participants: &'static str,
    /// The periods, as a noun phrase.
    pub allowed: String,
    /// The reason.
    pub why: String,
    /// The source.
    pub source: Citation,
}

/// A rule as text.
#[derive(Clone, Debug)]
pub struct RuleText {
    /// The id of the rule.
    pub id: String,
    /// The condition on a row.
    pub asks: String,
    /// What the rule decides in this run.
    pub decides: String,
    /// The reason for the rule.
    pub why: String,
    /// The source.
    pub source: Citation,
}

/// A policy as text.
#[derive(Clone, Debug)]
pub struct PolicyText {
    /// The name of the policy.
    pub name: String,
    /// The question that the policy answers.
    pub asks: String,
    /// The setting in this run.
    pub choice: String,
    /// The possible settings, with the default marked.
    pub choices: String,
    /// Why the policy is open.
    pub why: String,
    /// The source.
    pub source: Citation,
}

/// An exclusion as text.
#[derive(Clone, Debug)]
pub struct ExclusionText {
    /// The id of the exclusion.
    pub id: String,
    /// The text, as in its source.
    pub text: String,
    /// The source.
    pub source: Citation,
}
