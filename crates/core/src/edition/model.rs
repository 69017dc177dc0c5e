//! What an edition says: ordered rules, policies, threshold and exclusions, each with its source.

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
    pub years: ProgramYears,
    /// Whether it is how another program counts, and not the regulation.
    pub peer: bool,
    /// Where the measure is laid down.
    pub source: RuleSource,
    /// What the numerator has to reach, in which years.
    pub goals: Vec<ThresholdByYear>,
    /// The reporting periods that are allowed; empty if the edition does not say.
    pub periods: Vec<PeriodRule>,
    /// What a reader must know next to a result, each with its source.
    pub notes: Vec<CitedText>,
    /// The share of encounters at locations with certified EHR technology that the program demands (B41); `None` if it demands none.
    pub gate: Option<LocationRequirement>,
    /// How the rate is scored beside the verdict, if it is.
    pub points: Option<PointScale>,
    /// The choices that the regulation leaves, by name.
    pub policies: BTreeMap<String, Policy>,
    /// The exclusions that a professional may attest, apart from the verdict (B32).
    pub exclusions: Vec<Exclusion>,
    /// What makes a patient seen, asked of each encounter.
    pub denominator: RuleList,
    /// Rows of which export the numerator asks.
    pub counts: NumeratorSource,
    /// Whom such a row counts for.
    pub counts_for: AttributionScope,
    /// What makes such a row count.
    pub numerator: RuleList,
    /// The edition that it extends, if it does.
    pub extends: Option<String>,
    /// SHA-256 of the edition file, followed by that of the edition it extends, if any; in hexadecimal.
    pub sha256: String,
}

/// What the numerator has to reach, in which years.
#[derive(Clone, Debug)]
pub struct ThresholdByYear {
    /// The program years; none for all of them.
    pub years: Option<ProgramYears>,
    /// What it has to reach.
    pub threshold: Threshold,
    /// Why, and according to whom.
    pub why: CitedText,
}

/// Half or more of the outpatient encounters at locations with certified EHR technology: never decisive for the measure.
#[derive(Clone, Debug)]
pub struct LocationRequirement {
    /// Which encounters are weighed.
    pub section: RuleList,
    /// Why, and according to whom.
    pub why: CitedText,
}

/// A score beside the verdict: the rate in so many parts of a hundred, each begun part counts.
#[derive(Clone, Debug)]
pub struct PointScale {
    /// The most that can be had.
    pub of: u32,
    /// Why, and according to whom.
    pub why: CitedText,
}

/// Rows of which export a numerator asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum NumeratorSource {
    /// Messages.
    Messages,
    /// Accesses to the portal.
    Accesses,
}

/// Whom a row of the numerator counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum AttributionScope {
    /// The clinician it names, as the credit of the run says. One that names none may count for each who saw the patient.
    Named,
    /// The clinician it names, under all ids of the same National Provider Identifier (B47).
    NamedOrSameNpi,
    /// The clinician it names; one that names none counts for every clinician who saw the patient (B49).
    NamedOrAll,
    /// Everybody who saw the patient: so some other programs count.
    Anybody,
}

/// A window of time wider than the reporting period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum NumeratorWindow {
    /// The calendar years in which the period begins and ends (B10).
    CalendarYear,
    /// From the beginning of the year in which the period begins to the day of attestation.
    YearToAttestation,
}

/// Ordered rules over the columns of one kind of row; the first that fits decides.
#[derive(Clone, Debug)]
pub struct RuleList {
    /// The columns that the rules can ask.
    pub columns: &'static [&'static ValueSet],
    /// The rules, in the order in which they are asked.
    pub rules: Vec<Rule>,
    /// The window beside the reporting period that the rules ask about, if any does.
    pub window: Option<NumeratorWindow>,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The name in waterfalls, ledgers and `mucalc codes`.
    pub id: String,
    /// What it asks of a row; none fits every row.
    pub when: Option<Condition>,
    /// What it decides.
    pub decision: RuleEffect,
    /// Why, and according to whom.
    pub why: CitedText,
    /// Byte offset in the edition file, for problems.
    pub offset: usize,
}

impl RuleList {
    /// Whether some rule asks about a column, given by its position.
    pub fn asks(&self, column: usize) -> bool {
        self.rules.iter().filter_map(|rule| rule.when.as_ref()).any(|when| when.asks(column))
    }
}

impl Rule {
    /// What it decides under the choices; none where a policy takes it away.
    pub fn decided(&self, choices: &PolicyChoices) -> Option<Inclusion> {
        match &self.decision {
            RuleEffect::Fixed(answer) => Some(*answer),
            RuleEffect::ByPolicy(name) => choices.get(name).and_then(|choice| choice.answer()),
        }
    }
}

/// What a rule decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleEffect {
    /// Always this.
    Fixed(Inclusion),
    /// What this policy's choice says.
    ByPolicy(String),
}

/// A choice that the regulation leaves to the professional.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The question it answers.
    pub asks: String,
    /// The choices there are.
    pub choices: Vec<PolicyChoice>,
    /// The choice that is applied where none is named.
    pub default: PolicyChoice,
    /// Years in which it is another one.
    pub by_year: Vec<(ProgramYears, PolicyChoice)>,
    /// Why there is a choice, and according to whom.
    pub why: CitedText,
}

/// What a policy makes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum PolicyChoice {
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
    /// The program years in which it can be attested; `None` if all of the edition's.
    pub years: Option<ProgramYears>,
    /// The text, as its source has it.
    pub text: String,
    /// What of it can be computed from encounters; none where nothing can.
    pub test: Option<ExclusionTest>,
    /// Who says so.
    pub source: RuleSource,
}

/// What an exclusion asks of the encounters of a professional. What is certainly, possibly or certainly not meant is told
/// by rules, as in the denominator.
#[derive(Clone, Debug)]
pub enum ExclusionTest {
    /// There is none of these.
    None(RuleList),
    /// Half or more of these took place in counties that are short of broadband: fewer than half of the housing units
    /// have so many Mbps (B33, B34).
    HalfInShortCounties(RuleList, u32),
}

/// The choice made for every policy of an edition.
pub type PolicyChoices = BTreeMap<String, PolicyChoice>;

impl Edition {
    /// The default choice of every policy in a program year. What holds in the first or last year of the edition holds
    /// before and after it.
    pub fn default_choices(&self, year: i32) -> PolicyChoices {
        let year = self.years.nearest(year);
        self.policies.iter().map(|(name, policy)| (name.clone(), policy.default_in(year))).collect()
    }

    /// What the numerator has to reach in a program year. What holds in the first or last year of the edition holds before
    /// and after it.
    pub fn threshold(&self, year: i32) -> &ThresholdByYear {
        let year = self.years.nearest(year);
        let holds = |goal: &&ThresholdByYear| goal.years.is_none_or(|years| years.contains(year));
        // The reader of editions demands one for each of its years.
        self.goals.iter().find(holds).unwrap_or(&self.goals[0])
    }

    /// Removes the exclusions that cannot be attested in a program year.
    pub fn in_year(mut self, year: i32) -> Self {
        let year = self.years.nearest(year);
        self.exclusions.retain(|exclusion| exclusion.years.is_none_or(|years| years.contains(year)));
        self
    }

    /// Returns the rules about reporting periods of a program year, of one participant or of all. A year outside the edition has those of
    /// its nearest year.
    pub fn period_rules(&self, year: i32, participant: Option<Participant>) -> Vec<&PeriodRule> {
        let year = self.years.nearest(year);
        let holds = |rule: &&PeriodRule| {
            rule.years.contains(year) && participant.is_none_or(|participant| rule.participant == participant)
        };
        self.periods.iter().filter(holds).collect()
    }

    /// SHA-256 of an edition file, followed by that of the edition it extends; in hexadecimal.
    pub(super) fn digest(text: &str, base: Option<&Edition>) -> String {
        let base = base.map_or("", |base| base.sha256.as_str());
        hex(&Sha256::new().chain_update(text).chain_update(base).finalize())
    }
}

impl Policy {
    /// The default choice in a program year.
    pub fn default_in(&self, year: i32) -> PolicyChoice {
        let of_year = self.by_year.iter().find(|(years, _)| years.contains(year));
        of_year.map_or(self.default, |(_, choice)| *choice)
    }
}

impl PolicyChoice {
    /// The word that users write.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// What becomes of a row; none where the rule is taken away.
    pub fn answer(self) -> Option<Inclusion> {
        match self {
            PolicyChoice::Count => None,
            PolicyChoice::Uncertain => Some(Inclusion::Uncertain),
            PolicyChoice::Exclude => Some(Inclusion::Out),
        }
    }
}
