//! Estimates how many patients are still to be seen for the first time: fewer each week, since patients return.

use crate::forecast::negative_binomial::CountDistribution;
use crate::timelines::{DateSpan, PatientTimeline};

/// The candidate growth curves: after `x` weeks, the number of known patients is proportional to `x / (1 + v x)`. A larger `v` means that
/// more visitors return.
const RETURNS: [f64; 7] = [0.01, 0.03, 0.06, 0.1, 0.17, 0.27, 0.4];

/// The prior for how much more than by chance weeks differ: the ratio of variance to mean, and its weight in weeks.
const BEFORE: [f64; 2] = [1.5, 4.0];

/// The variance of the level relative to its square: a minimum, and a part that is divided by the number of weeks ahead.
const LEVEL: [f64; 2] = [0.01, 0.10];

/// The number of patients who are still to be seen for the first time.
pub struct NewPatientModel {
    /// The expected number.
    pub mean: f64,
    variance: f64,
}

impl NewPatientModel {
    /// Returns the distribution of the number.
    pub fn counts(&self) -> CountDistribution {
        let beside_chance = (self.variance - self.mean).max(0.0) / (self.mean * self.mean).max(1e-9);
        CountDistribution::with_relative_variance(self.mean, beside_chance)
    }
}

/// A range of weeks since the beginning of the period, and the number of patients first seen in it.
struct Week {
    from: f64,
    to: f64,
    patients: f64,
}

/// Estimates the new patients from all curves, each weighted by its fit to the weeks so far.
pub fn fit_new_patients(patients: &[PatientTimeline], span: DateSpan) -> NewPatientModel {
    let past = f64::from(span.until.days_since(span.period.first) + 1) / 7.0;
    let ahead = f64::from(span.period.last.days_since(span.until)) / 7.0;
    let weeks = weeks(patients, span);
    let known = weeks.iter().map(|week| week.patients).sum::<f64>() + 0.5;
    let curve = |v: f64, x: f64| x / (1.0 + v * x);
    let share = |v: f64, week: &Week| (curve(v, week.to) - curve(v, week.from)) / curve(v, past);
    let likelihood = |v: &f64| {
        let seen = weeks.iter().filter(|week| week.patients > 0.0);
        seen.map(|week| week.patients * share(*v, week).ln()).sum::<f64>()
    };
    let likelihoods: Vec<f64> = RETURNS.iter().map(likelihood).collect();
    let (best, highest) =
        RETURNS.iter().zip(&likelihoods).fold((RETURNS[0], f64::NEG_INFINITY), |best, (v, one)| {
            if *one > best.1 { (*v, *one) } else { best }
        });
    let misfit = weeks.iter().map(|week| {
        let expected = known * share(best, week);
        (week.patients - expected).powi(2) / expected.max(0.5)
    });
    let [spread, weight] = BEFORE;
    let free = weeks.len().saturating_sub(2) as f64;
    let spread = ((weight * spread + misfit.sum::<f64>()) / (weight + free)).max(1.05);

    let weights: Vec<f64> = likelihoods.iter().map(|one| ((one - highest) / spread).exp()).collect();
    let all = weights.iter().sum::<f64>();
    let growth = |v: &f64| curve(*v, past + ahead) / curve(*v, past) - 1.0;
    let mean = |of: &dyn Fn(f64) -> f64| {
        RETURNS.iter().zip(&weights).map(|(v, weight)| weight * of(growth(v))).sum::<f64>() / all
    };
    let growing = mean(&|growth| growth);
    let between_curves = mean(&|growth| (growth - growing).powi(2));
    let expected = known * growing;
    let level = spread / known + LEVEL[0] + LEVEL[1] / ahead.max(1.0);
    NewPatientModel {
        mean: expected,
        variance: expected * spread + expected * expected * level + known * known * between_curves,
    }
}

/// Returns the number of patients by the week in which they were first seen. Weeks are counted back from the last day, so the first one may
/// be shorter.
fn weeks(patients: &[PatientTimeline], span: DateSpan) -> Vec<Week> {
    let days = span.until.days_since(span.period.first) + 1;
    let (full, rest) = ((days / 7) as usize, f64::from(days % 7) / 7.0);
    let mut counts = vec![0.0; full + 1];
    for day in patients.iter().filter_map(|life| life.seen) {
        let back = (span.until.days_since(day.max(span.period.first)) / 7) as usize;
        counts[full.saturating_sub(back)] += 1.0;
    }
    let begin = |week: usize| if week == 0 { 0.0 } else { rest + (week - 1) as f64 };
    let week =
        |(at, patients): (usize, &f64)| Week { from: begin(at), to: begin(at + 1), patients: *patients };
    counts.iter().enumerate().map(week).filter(|week| week.to - week.from > 1e-9).collect()
}
