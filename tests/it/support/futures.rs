//! Simulated practices whose future is known, and the accuracy of the forecast for them.
//!
//! The simulation deliberately differs from the forecast's model. Patients come back at rates of their own, on working days. Some write at
//! any time, some after a visit, and most never.

use mucalc_analysis::forecast::{ForecastInput, PracticeTrend, figures, refusal_reason};
use mucalc_analysis::timelines::{DateSpan, PatientTimeline};
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::score::Threshold;

/// The first day of the period, 2014-07-01.
pub const FIRST: Day = Day::from_epoch(16_252);
/// The last day of the period, its ninetieth.
pub const LAST: Day = Day::from_epoch(16_252 + 89);

/// A random number generator that is the same in every run (xorshift64*).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).max(1));
        for _ in 0..8 {
            dice.next();
        }
        dice
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Returns a random number between 0 and 1, both exclusive.
    fn share(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Returns a random waiting time with this mean.
    fn wait(&mut self, mean: f64) -> f64 {
        -mean * self.share().ln()
    }
}

/// Simulates providers with their patients up to the last day. Between 2.5 and 16.5 percent of a provider's patients write at all.
pub fn practice(dice: &mut Dice, providers: usize) -> Vec<Vec<PatientTimeline>> {
    let base = 0.05 + 0.06 * dice.share();
    let provider = |_| {
        let writers = base * (0.5 + dice.share());
        provider(dice, writers)
    };
    (0..providers).map(provider).collect()
}

fn provider(dice: &mut Dice, writers: f64) -> Vec<PatientTimeline> {
    let panel = (80.0 * (dice.share() * 10f64.ln()).exp()) as usize;
    let between_visits = 60.0 + 90.0 * dice.share();
    let mut patients = Vec::new();
    for _ in 0..panel {
        // Each patient comes at an individual rate.
        let own = between_visits / dice.wait(1.0).max(1e-9);
        let seen = workday(dice.wait(own).min(1e6) as i32);
        let (writes, whenever) = (dice.share() < writers, dice.share() < 0.5);
        let (some_day, after_visit) = (dice.wait(60.0) as i32, dice.wait(10.0) as i32);
        let counts = if whenever { seen.max(some_day) } else { seen.saturating_add(after_visit) };
        let day = |day: i32| Some(FIRST.add_days(day)).filter(|day| *day <= LAST);
        if day(seen).is_some() {
            patients
                .push(PatientTimeline { seen: day(seen), counts: day(counts).filter(|_| writes).map(Some) });
        }
    }
    patients
}

/// Returns the day itself or the next day on which the practice is open. In the simulation, the period starts on a Monday.
fn workday(day: i32) -> i32 {
    match day % 7 {
        5 => day + 2,
        6 => day + 1,
        _ => day,
    }
}

/// The accuracy of the forecast.
#[derive(Debug, Default)]
pub struct Found {
    /// Number of forecasts.
    pub forecasts: usize,
    /// Share of forecasts in which the measure was met.
    pub met: f64,
    /// Mean of the forecast probabilities.
    pub mean_chance: f64,
    /// Share of forecasts in which the actual rate was within the range.
    pub within: f64,
    /// Mean squared error of the probability (Brier score).
    pub brier: f64,
    /// Brier score of a forecast that the current result does not change.
    pub brier_of_today: f64,
    /// Mean error of the projected rate.
    pub rate_bias: f64,
}

/// Makes forecasts from a day on for simulated practices, and compares them with the known future.
pub fn back_test(dice: &mut Dice, practices: usize, providers: usize, as_of: i32) -> Found {
    let threshold = Threshold::MoreThanPercent(5);
    let span = DateSpan { period: Period { first: FIRST, last: LAST }, until: FIRST.add_days(as_of) };
    let pluralize =
        |patients: &[PatientTimeline]| patients.iter().filter(|life| life.counts.is_some()).count();
    let is_met = |patients: &[PatientTimeline]| 100 * pluralize(patients) > 5 * patients.len();
    let mut found = Found::default();
    for _ in 0..practices {
        let futures = practice(dice, providers);
        let known =
            |future: &Vec<PatientTimeline>| future.iter().filter_map(|life| life.until(span.until)).collect();
        let all_known: Vec<Vec<PatientTimeline>> = futures.iter().map(known).collect();
        let practice = PracticeTrend::all(all_known.iter().map(Vec::as_slice), span.until);
        for (future, patients) in futures.iter().zip(&all_known) {
            let course = ForecastInput { patients, practice };
            if refusal_reason(&course, span, threshold).is_some() {
                continue;
            }
            let told = figures(course, span, threshold);
            let (met, today) = (f64::from(is_met(future)), f64::from(is_met(patients)));
            let rate = pluralize(future) as f64 / future.len() as f64;
            let [low, high] = told.rate_ends;
            found.forecasts += 1;
            found.met += met;
            found.mean_chance += told.chance;
            found.within += f64::from(low <= rate && rate <= high);
            found.brier += (told.chance - met).powi(2);
            found.brier_of_today += (today - met).powi(2);
            found.rate_bias += told.numerator / told.denominator - rate;
        }
    }
    let all = found.forecasts as f64;
    let Found { met, mean_chance, within, brier, brier_of_today, rate_bias, .. } = &mut found;
    for sum in [met, mean_chance, within, brier, brier_of_today, rate_bias] {
        *sum /= all;
    }
    found
}

/// Returns the accuracy of the forecast as a table: practices of one, five, and thirty providers, on four of ninety days.
pub fn table() -> String {
    let mut text = String::from(
        "| providers in a practice | day of 90 | forecasts | met | mean forecast probability | rate within the range | mean squared error of the probability | the same if the result so far stays | mean error of the rate, in percentage points |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for (practices, providers) in [(400, 1), (80, 5), (16, 30)] {
        for as_of in [34, 44, 62, 80] {
            let found = back_test(&mut Dice::new(9), practices, providers, as_of);
            let percent = |share: f64| format!("{:.0}%", share * 100.0);
            text.push_str(&format!(
                "| {providers} | {} | {} | {} | {} | {} | {:.2} | {:.2} | {:+.1} |\n",
                as_of + 1,
                found.forecasts,
                percent(found.met),
                percent(found.mean_chance),
                percent(found.within),
                found.brier,
                found.brier_of_today,
                found.rate_bias * 100.0
            ));
        }
    }
    text
}
