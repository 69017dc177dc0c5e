//! Every reporting period that a year allows: the windows, and what came of each for a provider.

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

/// A sort of reporting periods.
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
    /// Any so many continuous days.
    Days,
    /// Calendar quarters.
    Quarters,
    /// The whole of what is swept: a calendar year, as a rule.
    Whole,
}

impl PeriodFamily {
    /// All of them, in the order of the windows.
    pub const ALL: [PeriodFamily; 3] = [PeriodFamily::Days, PeriodFamily::Quarters, PeriodFamily::Whole];

    /// The word of `--windows`.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The periods of this sort that lie in a span of a calendar year, by their first day. `days` is the length of those of
    /// so many days.
    pub fn windows(self, within: Period, days: i32) -> Vec<Period> {
        match self {
            PeriodFamily::Days => {
                let begins = (0..=within.last.after(within.first) + 1 - days).map(|at| within.first.plus(at));
                begins.map(|first| Period { first, last: first.plus(days - 1) }).collect()
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

/// What came of every window.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Sweep")]
pub struct SweepReport {
    /// How it begins; the period is the span that was swept.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// How many days the periods of continuous days have.
    pub days: i32,
    /// Whether periods that the program does not allow are listed too.
    pub all_windows: bool,
    /// The first and the last day with encounters in the exports; null if no day has any.
    pub recorded: Option<PeriodDates>,
    /// The rules that were applied.
    pub edition: EditionRef,
    /// How messages are credited to providers.
    pub credit: AttributionMode,
    /// Every policy of the edition with the choice that was applied.
    pub policies: std::collections::BTreeMap<String, String>,
    /// The windows: first those of continuous days, then quarters, then the whole.
    pub windows: Vec<CandidatePeriod>,
    /// One entry a provider, sorted by `provider_id`.
    pub providers: Vec<ProviderSweep>,
    /// What was read.
    pub inputs: Vec<InputSummary>,
    /// What is wrong with the data, by code.
    pub findings: Vec<Finding>,
    /// What the figures rest on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// A window that could be the reporting period.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Window")]
pub struct CandidatePeriod {
    /// Of which sort it is.
    pub family: PeriodFamily,
    /// Its days, both ends included.
    #[serde(flatten)]
    pub period: PeriodDates,
    /// Whether the program allows it as the reporting period; null if the edition does not say.
    pub allowance: Option<Allowance>,
    /// What the encounter exports hold of it.
    pub coverage: Coverage,
}

/// A provider over all windows.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Swept")]
pub struct ProviderSweep {
    /// The id in the exports.
    pub provider_id: String,
    /// The name on the roster.
    pub name: Option<String>,
    /// Windows in which the measure is met.
    pub met: usize,
    /// Windows in which the measure is not met.
    pub not_met: usize,
    /// Windows that the unknowns decide.
    pub indeterminate: usize,
    /// Windows in which no patient was seen, or all where the measure is attested.
    pub not_calculable: usize,
    /// Windows that the exports do not cover.
    pub not_covered: usize,
    /// The position of the covered window with the best verdict and, of those, the greatest `margin`; the first of equals.
    /// Null if no patient was seen in a covered window.
    pub best: Option<usize>,
    /// The position of the covered window with the worst verdict and the least `margin`.
    pub worst: Option<usize>,
    /// The position of the first covered window in which the measure is met.
    pub first_met: Option<usize>,
    /// The figures of every window.
    pub figures: Vec<PeriodResult>,
}

/// A provider in one window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Figures")]
pub struct PeriodResult {
    /// Unique patients seen.
    pub denominator: CountRange,
    /// Of these, patients who count.
    pub numerator: CountRange,
    /// The least numerator over the greatest denominator, in percent; null where nobody was seen.
    pub rate_percent: Option<String>,
    /// The rate if everything unclear turns out in favour, in percent; null where nobody was seen.
    pub rate_percent_most: Option<String>,
    /// By how many patients the threshold is met or missed, if nothing uncertain qualifies: how many patients could leave the numerator and
    /// the measure would still be met, or, negative, how many are still needed. Null where nothing is calculated or no patient was seen.
    pub margin: Option<i64>,
    /// Whether the measure is met.
    pub verdict: WindowVerdict,
}

/// Whether the measure is met in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WindowVerdict {
    /// Met, for every value of the unknowns.
    Met,
    /// Not met, for every value of the unknowns.
    NotMet,
    /// The unknowns decide.
    Indeterminate,
    /// No patient was seen, so there is no percentage (B30).
    NotCalculable,
    /// The exports do not cover the window, so nothing can be said of it.
    NotCovered,
}

impl WindowVerdict {
    /// Returns what a window's figures show, given whether the exports cover it.
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
    /// A provider with these figures.
    pub fn new(provider_id: String, name: Option<String>, figures: Vec<PeriodResult>) -> Self {
        let count = |verdict| figures.iter().filter(|one| one.verdict == verdict).count();
        let seen = || {
            let is_usable =
                |one: &PeriodResult| one.denominator.most > 0 && one.verdict != WindowVerdict::NotCovered;
            figures.iter().enumerate().filter(move |(_, one)| is_usable(one))
        };
        let first_met = figures.iter().position(|one| one.verdict == WindowVerdict::Met);
        // Of equals the first: `min_by` keeps the first, and `max_by` the last.
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
    /// Returns how good the figures are: by verdict, then by the patients to spare.
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

    fn of(text: &str) -> Period {
        Period::parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_year_has_276_times_90_days_and_four_quarters() {
        let count = |family: PeriodFamily, year: &str| family.windows(of(year), 90).len();
        assert_eq!((count(PeriodFamily::Days, "2014"), count(PeriodFamily::Days, "2016")), (276, 277));
        assert_eq!((count(PeriodFamily::Quarters, "2014"), count(PeriodFamily::Whole, "2014")), (4, 1));
        let days = PeriodFamily::Days.windows(of("2014"), 90);
        assert_eq!(
            (days[0].to_string(), days[275].to_string()),
            ("2014-01-01 to 2014-03-31".to_owned(), "2014-10-03 to 2014-12-31".to_owned())
        );
        // Less than ninety days have none, and quarters lie within or not at all.
        assert!(PeriodFamily::Days.windows(of("2014-02"), 90).is_empty());
        assert_eq!(PeriodFamily::Quarters.windows(of("2014-03-01..2014-09-30"), 90).len(), 2);
    }
}
