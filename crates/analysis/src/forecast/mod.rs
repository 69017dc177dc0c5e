//! Forecasts the end of the period, from a growth curve for new patients and the recent pace of additions to the numerator.
//!
//! `docs/forecast.md` describes the model, its constants, and how often it was right.

mod negative_binomial;
mod new_patients;

use crate::timelines::{DateSpan, PatientTimeline};
use mucalc_core::domain::forecast::{
    Backtest, Forecast, ForecastEstimate, ForecastOutcome, MIN_DAYS, NoForecastReason,
};
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::rate;
use mucalc_core::domain::score::Threshold;
use negative_binomial::CountDistribution;
use new_patients::fit_new_patients;

/// The minimum number of patients seen by a provider for a forecast.
pub const MIN_PATIENTS: usize = 20;

/// The minimum number of patients in the numerator, over all providers, for a forecast.
pub const MIN_COUNTED: usize = 5;

/// The length of the recent pace, in days.
const RECENT: i32 = 28;

/// The maximum weight of all other providers together, in numerator patients of the provider.
const OTHERS: f64 = 4.0;

/// The exponent by which the pace grows with the number of patients seen.
const GROWTH: f64 = 0.25;

/// The relative variance that drift adds to the pace: a fixed part, and a part for each length of the history that is still ahead.
const DRIFT: [f64; 2] = [0.02, 0.03];

/// The number of equally likely numbers of new patients that are evaluated.
const CASES: usize = 15;

/// The number of equally likely numerator increases that are evaluated in each case for the 80% range.
const FINE: usize = 201;

/// The quantiles at the ends of the 80% range.
const ENDS: [f64; 2] = [0.1, 0.9];

/// Totals over all providers as of a day.
#[derive(Clone, Copy, Debug, Default)]
pub struct PracticeTrend {
    patients: usize,
    counted: usize,
    recently: usize,
}

impl PracticeTrend {
    /// Returns the totals of some patients as of a day.
    pub fn as_of(patients: &[PatientTimeline], until: Day) -> Self {
        let pluralize = || patients.iter().filter_map(|life| life.counts);
        let recent = pluralize().filter(|since| since.is_some_and(|since| until.days_since(since) < RECENT));
        Self { patients: patients.len(), counted: pluralize().count(), recently: recent.count() }
    }

    /// Returns totals that are known from elsewhere: patients, those in the numerator, and those recently added to it.
    pub fn from_totals([patients, counted, recently]: [usize; 3]) -> Self {
        Self { patients, counted, recently }
    }

    /// Returns the sum of the totals of each provider's patients as of a day.
    pub fn all<'l>(providers: impl Iterator<Item = &'l [PatientTimeline]>, until: Day) -> Self {
        providers.map(|patients| Self::as_of(patients, until)).fold(Self::default(), |sum, more| Self {
            patients: sum.patients + more.patients,
            counted: sum.counted + more.counted,
            recently: sum.recently + more.recently,
        })
    }
}

/// The patients of a forecast, and the practice whose patients they are.
#[derive(Clone, Copy)]
pub struct ForecastInput<'l> {
    /// The patients.
    pub patients: &'l [PatientTimeline],
    /// The totals over all providers.
    pub practice: PracticeTrend,
}

/// Returns the forecast, or the reason why no forecast can be made. `lowest_rate` has the patients if no unresolved record qualifies, `highest_rate` if every one does.
pub fn forecast(
    cautious: ForecastInput<'_>,
    hopeful: ForecastInput<'_>,
    span: DateSpan,
    threshold: Threshold,
) -> ForecastOutcome {
    if let Some(why) = refusal_reason(&cautious, span, threshold) {
        return ForecastOutcome::None(why);
    }
    let expected = |course: ForecastInput<'_>| figures(course, span, threshold).to_estimate();
    let told = expected(cautious);
    let hopeful = refusal_reason(&hopeful, span, threshold).is_none().then(|| expected(hopeful));
    // More qualifying records cannot lower the probability, whatever they do to the pace.
    let at_least = |hopeful: ForecastEstimate| ForecastEstimate {
        chance_percent: hopeful.chance_percent.max(told.chance_percent),
        ..hopeful
    };
    ForecastOutcome::Forecast(Box::new(Forecast {
        hopeful: hopeful.map(at_least),
        cautious: told,
        looking_back: looking_back(cautious.patients, span, threshold),
    }))
}

/// Returns why no forecast is possible; `None` if it is.
pub fn refusal_reason(
    of: &ForecastInput<'_>,
    DateSpan { period, until }: DateSpan,
    threshold: Threshold,
) -> Option<NoForecastReason> {
    let (days, all) = (until.days_since(period.first) + 1, period.last.days_since(period.first) + 1);
    match () {
        () if threshold == Threshold::Attested => Some(NoForecastReason::NoThreshold),
        () if until >= period.last => Some(NoForecastReason::PeriodIsOver),
        () if days < MIN_DAYS || 4 * days < all => Some(NoForecastReason::TooFewDays),
        () if of.patients.len() < MIN_PATIENTS => Some(NoForecastReason::TooFewPatients),
        () if of.practice.counted < MIN_COUNTED => Some(NoForecastReason::TooFewCounted),
        () => None,
    }
}

/// Returns what the same model would have expected for today, from these patients' own pace only. It starts three weeks ago or, if that is
/// too early, on the first day with enough history.
fn looking_back(
    patients: &[PatientTimeline],
    DateSpan { period, until }: DateSpan,
    threshold: Threshold,
) -> Option<Backtest> {
    let from = until.add_days(-21).max(period.first.add_days(MIN_DAYS - 1));
    let past = DateSpan { period: Period { first: period.first, last: until }, until: from };
    // A test over less than a week would show nothing.
    if until.days_since(from) < 7 {
        return None;
    }
    let then: Vec<PatientTimeline> = patients.iter().filter_map(|life| life.until(from)).collect();
    let course = ForecastInput { patients: &then, practice: PracticeTrend::as_of(&then, from) };
    if refusal_reason(&course, past, threshold).is_some() {
        return None;
    }
    let told = figures(course, past, threshold);
    let counted = patients.iter().filter(|life| life.counts.is_some()).count();
    let truth = counted as f64 / patients.len() as f64;
    let [low, high] = told.rate_ends;
    Some(Backtest {
        from,
        within: low <= truth && truth <= high,
        expected: told.to_estimate(),
        came_to_percent: rate::format_rate(counted as u64, patients.len() as u64, threshold)?,
    })
}

/// A forecast in numbers.
pub struct ForecastFigures {
    /// The expected unique patients seen by the end of the period.
    pub denominator: f64,
    /// The expected patients in the numerator.
    pub numerator: f64,
    /// The lowest and highest rate of the 80% range, from 0 to 1.
    pub rate_ends: [f64; 2],
    /// The probability of meeting the measure, from 0 to 1.
    pub chance: f64,
}

/// Runs the model, whether or not there is enough history.
pub fn figures(course: ForecastInput<'_>, span: DateSpan, threshold: Threshold) -> ForecastFigures {
    let DateSpan { period, until } = span;
    let ForecastInput { patients, practice } = course;
    let seen = patients.len() as f64;
    let own = PracticeTrend::as_of(patients, until);
    let weeks_ahead = f64::from(period.last.days_since(until)) / 7.0;
    let weeks_past = f64::from(until.days_since(period.first) + 1) / 7.0;

    let new = fit_new_patients(patients, span);
    let pace = pace(own, practice, span);
    // From the middle of the recent days to the middle of the days ahead.
    let halfway = until.add_days(-RECENT / 2);
    let then = patients.iter().filter(|life| life.seen.is_none_or(|day| day <= halfway)).count().max(1);
    let growth = ((seen + new.mean / 2.0) / then as f64).powf(GROWTH).min(2.0);
    let mean = (pace.weekly * weeks_ahead * growth).min(seen - own.counted as f64 + new.mean);
    let drift = DRIFT[0] + DRIFT[1] * weeks_ahead / weeks_past;
    let more = CountDistribution::with_relative_variance(mean, pace.variance + drift);

    // Each case is a number of new patients; the distribution of numerator additions is the same in every case.
    let cases: Vec<f64> = new.counts().quantiles(CASES).into_iter().map(|new| seen + new as f64).collect();
    let chance = cases.iter().map(|all| {
        let goal = goal(threshold, *all as u64);
        match goal.checked_sub(own.counted as u64) {
            _ if goal as f64 > *all => 0.0,
            None | Some(0) => 1.0,
            Some(missing) => more.at_least(missing),
        }
    });
    let chance = chance.sum::<f64>() / cases.len() as f64;
    let more = more.quantiles(FINE);
    let rate = |all: f64, more: u64| ((own.counted as f64 + more as f64) / all).min(1.0);
    let mut rates: Vec<f64> =
        cases.iter().flat_map(|all| more.iter().map(|more| rate(*all, *more))).collect();
    rates.sort_by(f64::total_cmp);
    let [low, high] = ENDS.map(|end| rates[((rates.len() - 1) as f64 * end).round() as usize]);
    let (denominator, numerator) = (seen + new.mean, own.counted as f64 + mean);
    // The mean need not be a whole number of patients, so near the end of the period it can be outside all likely numbers.
    let rate = rate_of(numerator, denominator);
    ForecastFigures { denominator, numerator, rate_ends: [low.min(rate), high.max(rate)], chance }
}

fn rate_of(numerator: f64, denominator: f64) -> f64 {
    (numerator / denominator.max(1.0)).min(1.0)
}

/// The current number of patients added to the numerator per week.
struct WeeklyPace {
    weekly: f64,
    /// The variance of the estimate, relative to its square.
    variance: f64,
}

/// Returns the recent pace of the practice, multiplied by the ratio of the provider to the practice over the whole history. The fewer
/// numerator patients the provider has, the more weight the practice has.
fn pace(own: PracticeTrend, all: PracticeTrend, DateSpan { period, until }: DateSpan) -> WeeklyPace {
    let number = |count: usize| count as f64;
    let others = number(all.counted.saturating_sub(own.counted));
    let weight = OTHERS * others / (OTHERS + others);
    let share = (number(all.counted) + 0.5) / (number(all.patients) + 1.0);
    let shape = weight + number(own.counted) + 0.5;
    let against_practice = shape / (weight + number(own.patients) * share + 0.5);
    let recent_days = RECENT.min(until.days_since(period.first) + 1);
    let recent = (number(all.recently) + 0.5) / (number(all.patients) + 1.0);
    let weekly = number(own.patients) * recent / (f64::from(recent_days) / 7.0) * against_practice;
    let of_recent = 1.0 / (number(all.recently) + 0.5) - 1.0 / (number(all.counted) + 0.5);
    WeeklyPace { weekly, variance: 1.0 / shape + of_recent.max(0.0) }
}

/// Returns the lowest numerator that meets the threshold for a denominator.
fn goal(threshold: Threshold, denominator: u64) -> u64 {
    match threshold {
        Threshold::MoreThanPercent(percent) => denominator * u64::from(percent) / 100 + 1,
        Threshold::AtLeast(patients) => patients,
        Threshold::Attested => u64::MAX,
    }
}

impl ForecastFigures {
    fn to_estimate(&self) -> ForecastEstimate {
        let percent = |rate: f64| format!("{:.1}", rate * 100.0);
        ForecastEstimate {
            denominator: self.denominator.round() as u64,
            numerator: self.numerator.round() as u64,
            rate_percent: percent(rate_of(self.numerator, self.denominator)),
            rate_percent_low: percent(self.rate_ends[0]),
            rate_percent_high: percent(self.rate_ends[1]),
            chance_percent: (self.chance * 100.0).round() as u8,
        }
    }
}
