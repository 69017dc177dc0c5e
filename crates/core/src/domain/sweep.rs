//! The candidate reporting periods that a year allows, and the results of a provider in each.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::allowance::Allowance;
use crate::domain::attribution_mode::AttributionMode;
use crate::domain::basis::Basis;
use crate::domain::coverage::Coverage;
use crate::domain::edition_ref::EditionRef;
use crate::domain::finding::Finding;
use crate::domain::head::DocumentHeader;
use crate::domain::input::InputSummary;
use crate::domain::period::Period;
use crate::domain::period_days::PeriodDates;
use crate::domain::score::CountRange;
use crate::domain::verdict::Verdict;

/// A family of candidate reporting periods.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    JsonSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Family")]
pub enum PeriodFamily {
    /// Spans of a given number of consecutive days.
    Days,
    /// Calendar quarters.
    Quarters,
    /// The whole span that is swept, usually a calendar year.
    Whole,
}

impl PeriodFamily {
    /// Every family, in the order of the periods.
    pub const ALL: [PeriodFamily; 3] = [PeriodFamily::Days, PeriodFamily::Quarters, PeriodFamily::Whole];

    /// Returns the value of `--windows`.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Returns the periods of this family within a span of a calendar year, by their first day.
    ///
    /// `days` is the length of periods of consecutive days.
    pub fn windows(self, within: Period, days: i32) -> Vec<Period> {
        match self {
            PeriodFamily::Days => {
                let begins =
                    (0..=within.last.days_since(within.first) + 1 - days).map(|at| within.first.add_days(at));
                begins.map(|first| Period { first, last: first.add_days(days - 1) }).collect()
            }
            PeriodFamily::Quarters => {
                let year = within.program_year();
                let quarter = |quarter: u32| Period::parse(&format!("{year:04}Q{quarter}")).ok();
                let is_within = |one: &Period| within.contains(one.first) && within.contains(one.last);
                (1..=4).filter_map(quarter).filter(is_within).collect()
            }
            PeriodFamily::Whole => vec![within],
        }
    }
}

/// The results in every candidate reporting period.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Sweep")]
pub struct SweepReport {
    /// The header. Its period is the span that was swept.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// The length of periods of consecutive days, in days.
    pub days: i32,
    /// Whether the document also lists periods that the program does not allow.
    pub all_windows: bool,
    /// The first and the last day with encounters in the exports; null if no day has any.
    pub recorded: Option<PeriodDates>,
    /// The rule set that was applied.
    pub edition: EditionRef,
    /// How messages are attributed to providers.
    pub credit: AttributionMode,
    /// Every policy of the rule set, with the setting that was applied.
    pub policies: std::collections::BTreeMap<String, String>,
    /// The candidate reporting periods: first consecutive days, then quarters, then the whole span.
    pub windows: Vec<CandidatePeriod>,
    /// One entry per provider, sorted by `provider_id`.
    pub providers: Vec<ProviderSweep>,
    /// The inputs that were read.
    pub inputs: Vec<InputSummary>,
    /// Data quality findings, by code.
    pub findings: Vec<Finding>,
    /// What the results depend on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// A candidate reporting period.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Window")]
pub struct CandidatePeriod {
    /// The family of the period.
    pub family: PeriodFamily,
    /// The days of the period, both ends included.
    #[serde(flatten)]
    pub period: PeriodDates,
    /// Whether the program allows it as the reporting period; null if the rule set does not specify it.
    pub allowance: Option<Allowance>,
    /// How the encounter exports cover the period.
    pub coverage: Coverage,
}

/// The results of a provider in every candidate reporting period.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Swept")]
pub struct ProviderSweep {
    /// The id in the exports.
    pub provider_id: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// Periods in which the measure is met.
    pub met: usize,
    /// Periods in which the measure is not met.
    pub not_met: usize,
    /// Periods whose result depends on unknown data.
    pub indeterminate: usize,
    /// Periods in which no patient was seen, or all periods if the measure is attested with yes or no.
    pub not_calculable: usize,
    /// Periods that the exports do not cover.
    pub not_covered: usize,
    /// The position of the covered period with the best result and, of those, the highest `margin`; the first of equals. Null if no patient
    /// was seen in a covered period.
    pub best: Option<usize>,
    /// The position of the covered period with the worst result and the lowest `margin`; null if no patient was seen in a covered period.
    pub worst: Option<usize>,
    /// The position of the first covered period in which the measure is met; null if there is none.
    pub first_met: Option<usize>,
    /// The results in every period.
    pub figures: Vec<PeriodResult>,
}

/// The result of a provider in one candidate reporting period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Figures")]
pub struct PeriodResult {
    /// Unique patients seen.
    pub denominator: CountRange,
    /// Of these, patients in the numerator.
    pub numerator: CountRange,
    /// The lowest numerator over the highest denominator, in percent; null if no patient was seen.
    pub rate_percent: Option<String>,
    /// The rate if every unresolved record qualifies, in percent; null if no patient was seen.
    pub rate_percent_most: Option<String>,
    /// The number of patients by which the threshold is met or missed if no unresolved record qualifies. If met, it is how many patients
    /// could leave the numerator with the measure still met. If missed, it is negative: how many are still needed. Null if nothing is
    /// calculated or no patient was seen.
    pub margin: Option<i64>,
    /// Whether the measure is met.
    pub verdict: WindowVerdict,
}

/// Whether the measure is met in a candidate reporting period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WindowVerdict {
    /// Met, for every possible value of unknown data.
    Met,
    /// Not met, for every possible value of unknown data.
    NotMet,
    /// The result depends on unknown data.
    Indeterminate,
    /// No patient was seen, so there is no percentage (B30), or the measure is attested with yes or no.
    NotCalculable,
    /// The exports do not cover the period, so it has no result.
    NotCovered,
}

impl WindowVerdict {
    /// Returns the result of a period, given whether the exports cover it.
    pub fn new(verdict: Verdict, covered: bool) -> Self {
        match verdict {
            _ if !covered => Self::NotCovered,
            Verdict::Met => Self::Met,
            Verdict::NotMet => Self::NotMet,
            Verdict::Indeterminate => Self::Indeterminate,
            Verdict::NotCalculable => Self::NotCalculable,
        }
    }

    /// Returns the identifier that users and scripts see.
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not-met",
            Self::Indeterminate => "indeterminate",
            Self::NotCalculable => "not-calculable",
            Self::NotCovered => "not-covered",
        }
    }
}

impl ProviderSweep {
    /// Counts a provider's results by kind, and finds the best and the worst period.
    pub fn new(provider_id: String, name: Option<String>, figures: Vec<PeriodResult>) -> Self {
        let count = |verdict| figures.iter().filter(|one| one.verdict == verdict).count();
        let seen = || {
            let is_usable =
                |one: &PeriodResult| one.denominator.most > 0 && one.verdict != WindowVerdict::NotCovered;
            figures.iter().enumerate().filter(move |(_, one)| is_usable(one))
        };
        let first_met = figures.iter().position(|one| one.verdict == WindowVerdict::Met);
        // Of equal periods, the first one is meant: `min_by` keeps the first, and `max_by` the last.
        let best = seen().min_by_key(|(_, one)| Reverse(one.rank()));
        let worst = seen().min_by_key(|(_, one)| one.rank());
        Self {
            met: count(WindowVerdict::Met),
            not_met: count(WindowVerdict::NotMet),
            indeterminate: count(WindowVerdict::Indeterminate),
            not_calculable: count(WindowVerdict::NotCalculable),
            not_covered: count(WindowVerdict::NotCovered),
            best: best.map(|(at, _)| at),
            worst: worst.map(|(at, _)| at),
            first_met,
            provider_id,
            name,
            figures,
        }
    }
}

impl PeriodResult {
    /// Returns how good the result is: by kind of result, then by the patients to spare.
    fn rank(&self) -> (u8, i64) {
        let verdict = match self.verdict {
            WindowVerdict::Met => 2,
            WindowVerdict::Indeterminate => 1,
            WindowVerdict::NotMet | WindowVerdict::NotCalculable | WindowVerdict::NotCovered => 0,
        };
        (verdict, self.margin.unwrap_or(i64::MIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(text: &str) -> Period {
        Period::parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_year_has_276_times_90_days_and_four_quarters() {
        let count = |family: PeriodFamily, year: &str| family.windows(period(year), 90).len();
        assert_eq!((count(PeriodFamily::Days, "2014"), count(PeriodFamily::Days, "2016")), (276, 277));
        assert_eq!((count(PeriodFamily::Quarters, "2014"), count(PeriodFamily::Whole, "2014")), (4, 1));
        let days = PeriodFamily::Days.windows(period("2014"), 90);
        assert_eq!(
            (days[0].to_string(), days[275].to_string()),
            ("2014-01-01 to 2014-03-31".to_owned(), "2014-10-03 to 2014-12-31".to_owned())
        );
        // A span of less than 90 days has no 90-day period, and only quarters completely within the span are listed.
        assert!(PeriodFamily::Days.windows(period("2014-02"), 90).is_empty());
        assert_eq!(PeriodFamily::Quarters.windows(period("2014-03-01..2014-09-30"), 90).len(), 2);
    }
}
