//! The content of a rule set: ordered rules, policy settings, thresholds, and exclusions, each with its source.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::domain::inclusion::Inclusion;
use crate::domain::participant::Participant;
use crate::domain::score::Threshold;
use crate::domain::text::hex;
use crate::domain::words::ValueSet;
use crate::edition::condition::Condition;
use crate::edition::explanation::{CitedText, RuleSource};
use crate::edition::periods::PeriodRule;
use crate::edition::years::ProgramYears;

/// A rule set: one version of one measure.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The id, as given to `--edition`.
    pub id: String,
    /// The name for people to read.
    pub title: String,
    /// The program that the measure belongs to.
    pub program: String,
    /// The program years to which the rule set applies.
    pub years: ProgramYears,
    /// Whether the rule set describes how another program counts, not the regulation.
    pub peer: bool,
    /// The document that defines the measure.
    pub source: RuleSource,
    /// The measure in the words of its source; `None` if they are not quoted.
    pub statement: Option<MeasureStatement>,
    /// The thresholds, by program year.
    pub goals: Vec<ThresholdByYear>,
    /// The reporting periods that the program allows; empty if the rule set does not restrict them.
    pub periods: Vec<PeriodRule>,
    /// Notes to show next to a result, each with its source.
    pub notes: Vec<CitedText>,
    /// The share of encounters at locations with certified EHR technology that the program requires (B41); `None` if it requires none.
    pub gate: Option<LocationRequirement>,
    /// How the rate is scored in addition to the result; `None` if it is not scored.
    pub points: Option<PointScale>,
    /// The policy settings, by name: the points that the regulation leaves open.
    pub policies: BTreeMap<String, Policy>,
    /// The exclusions that an eligible professional may claim, independent of the result (B32).
    pub exclusions: Vec<Exclusion>,
    /// The rules for each encounter that decide whether its patient is in the denominator.
    pub denominator: RuleList,
    /// The export whose rows the numerator counts.
    pub counts: NumeratorSource,
    /// The providers to whom such a row can be attributed.
    pub counts_for: AttributionScope,
    /// The rules that decide whether such a row qualifies.
    pub numerator: RuleList,
    /// The id of the rule set that this one extends; `None` if it extends none.
    pub extends: Option<String>,
    /// The SHA-256 of the file text, followed by the `sha256` of the rule set that it extends, if any; in hexadecimal.
    pub sha256: String,
}

/// The measure in the words of its source.
#[derive(Clone, Debug)]
pub struct MeasureStatement {
    /// The quotation.
    pub text: String,
    /// The document.
    pub cite: String,
}

/// A threshold, and the program years in which it applies.
#[derive(Clone, Debug)]
pub struct ThresholdByYear {
    /// The program years; `None` for all of them.
    pub years: Option<ProgramYears>,
    /// The value that the numerator or the rate must reach.
    pub threshold: Threshold,
    /// The reason and its source.
    pub why: CitedText,
}

/// The requirement of half or more of the outpatient encounters at locations with certified EHR technology. It never decides the measure.
#[derive(Clone, Debug)]
pub struct LocationRequirement {
    /// The rules that select the encounters to count.
    pub section: RuleList,
    /// The reason and its source.
    pub why: CitedText,
}

/// A score in addition to the result: the rate in points, rounded up to a whole number.
#[derive(Clone, Debug)]
pub struct PointScale {
    /// The maximum number of points.
    pub of: u32,
    /// The reason and its source.
    pub why: CitedText,
}

/// The export whose rows a numerator counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum NumeratorSource {
    /// Messages.
    Messages,
    /// The portal access log.
    Accesses,
}

/// The providers to whom a row of the numerator can be attributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum AttributionScope {
    /// The provider that the row names, according to `--credit`. A row that names none may be attributed to each provider who saw the
    /// patient.
    Named,
    /// The provider that the row names, under all ids with the same National Provider Identifier (B47).
    NamedOrSameNpi,
    /// The provider that the row names. A row that names none is attributed to every provider who saw the patient (B49).
    NamedOrAll,
    /// Every provider who saw the patient, as some other programs count.
    Anybody,
}

/// A window of days that is wider than the reporting period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum NumeratorWindow {
    /// The calendar years in which the period begins and ends (B10).
    CalendarYear,
    /// From January 1 of the year in which the period begins to the attestation date.
    YearToAttestation,
}

/// Ordered rules for one kind of row; the first matching rule decides.
#[derive(Clone, Debug)]
pub struct RuleList {
    /// The columns that the rules can reference.
    pub columns: &'static [&'static ValueSet],
    /// The rules, in the order in which they apply.
    pub rules: Vec<Rule>,
    /// The window, in addition to the reporting period, that the rules use; `None` if they use none.
    pub window: Option<NumeratorWindow>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The id in the attrition, the ledger, and `mucalc codes`.
    pub id: String,
    /// The condition; `None` if the rule matches every row.
    pub when: Option<Condition>,
    /// The decision of the rule.
    pub decision: RuleEffect,
    /// The reason and its source.
    pub why: CitedText,
    /// The byte offset in the rule-set file, for problems.
    pub offset: usize,
}

impl RuleList {
    /// Returns whether a rule references the column at this position.
    pub fn references(&self, column: usize) -> bool {
        self.rules.iter().filter_map(|rule| rule.when.as_ref()).any(|when| when.references(column))
    }
}

impl Rule {
    /// Returns the decision under these policy settings; `None` if a setting removes the rule.
    pub fn decided(&self, choices: &PolicyChoices) -> Option<Inclusion> {
        match &self.decision {
            RuleEffect::Fixed(answer) => Some(*answer),
            RuleEffect::ByPolicy(name) => choices.get(name).and_then(|choice| choice.answer()),
        }
    }
}

/// The decision of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleEffect {
    /// Always this outcome.
    Fixed(Inclusion),
    /// The outcome of the policy setting with this name.
    ByPolicy(String),
}

/// A policy setting: a point that the regulation leaves to the eligible professional.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The question that the setting answers.
    pub asks: String,
    /// The possible settings.
    pub choices: Vec<PolicyChoice>,
    /// The setting that applies if none is chosen.
    pub default: PolicyChoice,
    /// Defaults that differ in some years.
    pub by_year: Vec<(ProgramYears, PolicyChoice)>,
    /// The reason why the point is open, and its source.
    pub why: CitedText,
}

/// The effect of a policy setting on the rows that its rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum PolicyChoice {
    /// The rule is removed, and later rules decide the row.
    Count,
    /// The row is unresolved.
    Uncertain,
    /// The row is excluded.
    Exclude,
}

/// An exclusion that an eligible professional may claim.
#[derive(Clone, Debug)]
pub struct Exclusion {
    /// The id.
    pub id: String,
    /// The program years in which the exclusion can be claimed; `None` for all years of the rule set.
    pub years: Option<ProgramYears>,
    /// The text, quoted from its source.
    pub text: String,
    /// The part that can be computed from encounters; `None` if there is no such part.
    pub test: Option<ExclusionTest>,
    /// The source of the text.
    pub source: RuleSource,
}

/// The condition of an exclusion on the encounters of a provider. Rules select the encounters, as in the denominator, so an encounter may
/// be unresolved.
#[derive(Clone, Debug)]
pub enum ExclusionTest {
    /// The provider has no such encounters.
    None(RuleList),
    /// Half or more of these encounters took place in counties that lack broadband: fewer than half of the housing units have this many
    /// Mbps (B33, B34).
    HalfInShortCounties(RuleList, u32),
}

/// The setting of every policy of a rule set.
pub type PolicyChoices = BTreeMap<String, PolicyChoice>;

impl Edition {
    /// Returns the default of every policy setting in a program year. Years outside the rule set have the defaults of its nearest year.
    pub fn default_choices(&self, year: i32) -> PolicyChoices {
        let year = self.years.nearest(year);
        self.policies.iter().map(|(name, policy)| (name.clone(), policy.default_in(year))).collect()
    }

    /// Returns the threshold in a program year. Years outside the rule set have the threshold of its nearest year.
    pub fn threshold(&self, year: i32) -> &ThresholdByYear {
        let year = self.years.nearest(year);
        let holds = |goal: &&ThresholdByYear| goal.years.is_none_or(|years| years.contains(year));
        // The parser requires one threshold for each year of the rule set.
        self.goals.iter().find(holds).unwrap_or(&self.goals[0])
    }

    /// Removes the exclusions that cannot be claimed in a program year.
    pub fn in_year(mut self, year: i32) -> Self {
        let year = self.years.nearest(year);
        self.exclusions.retain(|exclusion| exclusion.years.is_none_or(|years| years.contains(year)));
        self
    }

    /// Returns the rules about reporting periods in a program year, for one participant or for all. Years outside the rule set have the
    /// rules of its nearest year.
    pub fn period_rules(&self, year: i32, participant: Option<Participant>) -> Vec<&PeriodRule> {
        let year = self.years.nearest(year);
        let holds = |rule: &&PeriodRule| {
            rule.years.contains(year) && participant.is_none_or(|participant| rule.participant == participant)
        };
        self.periods.iter().filter(holds).collect()
    }

    /// Returns the SHA-256 of a rule-set file, followed by that of the rule set that it extends, in hexadecimal.
    pub(super) fn digest(text: &str, base: Option<&Edition>) -> String {
        let base = base.map_or("", |base| base.sha256.as_str());
        hex(&Sha256::new().chain_update(text).chain_update(base).finalize())
    }
}

impl Policy {
    /// Returns the default in a program year.
    pub fn default_in(&self, year: i32) -> PolicyChoice {
        let of_year = self.by_year.iter().find(|(years, _)| years.contains(year));
        of_year.map_or(self.default, |(_, choice)| *choice)
    }
}

impl PolicyChoice {
    /// Returns the identifier that users write.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Returns the outcome of a row; `None` if the setting removes the rule.
    pub fn answer(self) -> Option<Inclusion> {
        match self {
            PolicyChoice::Count => None,
            PolicyChoice::Uncertain => Some(Inclusion::Uncertain),
            PolicyChoice::Exclude => Some(Inclusion::Out),
        }
    }
}
