//! The progress of the measure in sentences.

use crate::words;
use mucalc_core::domain::calendar::day_text;
use mucalc_core::domain::forecast::{
    Backtest, Forecast, ForecastEstimate, ForecastOutcome, MIN_DAYS, NoForecastReason,
};
use mucalc_core::domain::period::Day;
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::progress::{ProgressReport, ProviderProgress, UnresolvedGroup};
use mucalc_core::domain::text::{pluralize, sentence, with_commas};
use mucalc_core::domain::verdict::Verdict;

/// Returns the period, and the lines of its status.
pub fn headline(of: &ProgressReport) -> String {
    format!("{}, {}", words::period_line(&of.head, &of.edition), status(of).join("\n"))
}

/// Returns how much of the period is over, and which rows are not used, each as a line without a period.
pub fn status(of: &ProgressReport) -> Vec<String> {
    let days = of.head.period.last.days_since(of.head.period.first) + 1;
    let left = match (of.as_of, of.days_left) {
        (None, _) => String::new(),
        (Some(as_of), 0) => match of.counts_until {
            Some(last) if last <= as_of => "; the period is over".to_owned(),
            Some(last) => format!("; the period is over, but messages can qualify until {}", day_text(last)),
            None => "; the period is over, but messages can qualify until the attestation date".to_owned(),
        },
        (_, left) => format!("; {} of {days} left", pluralize(u64::from(left), "day", "days")),
    };
    let later = match of.later_rows {
        0 => None,
        1 => Some("1 row of a later day is not used".to_owned()),
        rows => Some(format!("{} rows of later days are not used", with_commas(rows))),
    };
    let short = match (of.as_of, of.recorded_until) {
        (Some(as_of), Some(last)) if last < as_of => Some(format!(
            "The last row is of {}. Check whether the export is older than the as-of date",
            day_text(last)
        )),
        _ => None,
    };
    let as_of = format!("{}{left}", words::as_of_text(of.as_of, of.as_of_given));
    [Some(as_of), later, short].into_iter().flatten().collect()
}

/// Returns the rule set and settings that were applied.
pub fn rules(of: &ProgressReport) -> String {
    words::rules_text(&of.head, &of.edition, of.credit, &of.policies)
}

/// Returns the provider's name and id.
pub fn provider_label(of: &ProviderProgress) -> String {
    let id = &of.to_date.provider_id;
    of.to_date.name.as_ref().map_or(id.clone(), |name| format!("{name} ({id})"))
}

/// Returns the probability of meeting the measure, as a short text.
pub fn chance(of: &Forecast) -> String {
    match chances(of) {
        (least, Some(most)) if most != least => format!("{least} to {most}"),
        (least, _) => least,
    }
}

/// Returns the probability if no unresolved record qualifies, and if every one does.
pub fn chances(of: &Forecast) -> (String, Option<String>) {
    (cases(of.cautious.chance_percent), of.hopeful.as_ref().map(|hopeful| cases(hopeful.chance_percent)))
}

/// Returns a probability as a text. Very low and very high ones are not known precisely, so they are shown as limits.
fn cases(percent: u8) -> String {
    match percent {
        0..=4 => "under 5%".to_owned(),
        96.. => "over 95%".to_owned(),
        percent => format!("{percent}%"),
    }
}

/// Returns the sentences about a provider below the table.
pub fn sentences(of: &ProgressReport, provider: &ProviderProgress) -> Vec<String> {
    let to_date = &provider.to_date;
    let mut sentences = vec![format!(
        "{} {}",
        so_far(to_date.verdict, may_change(of)),
        words::meaning_text(to_date, &of.edition)
    )];
    if let Some(open) = unresolved_text(&provider.undecided) {
        sentences.push(open);
    }
    match &provider.outlook {
        // The section about the forecasts says this once for all providers.
        ForecastOutcome::None(
            NoForecastReason::PeriodIsOver
            | NoForecastReason::NoThreshold
            | NoForecastReason::NoRows
            | NoForecastReason::TooFewDays,
        ) => {}
        ForecastOutcome::None(why) => sentences.push(no_forecast(*why, of)),
        ForecastOutcome::Forecast(forecast) => {
            sentences.push(expectation(forecast, of, to_date.numerator.least))
        }
    }
    if let ForecastOutcome::Forecast(forecast) = &provider.outlook
        && let Some(back) = &forecast.looking_back
    {
        sentences.push(looking_back(back));
    }
    sentences
}

/// Returns whether rows of later days can still change the result.
fn may_change(of: &ProgressReport) -> bool {
    let is_over = |last: Day| of.as_of.is_none_or(|as_of| last <= as_of);
    of.days_left > 0 || !of.counts_until.is_some_and(is_over)
}

/// Returns the result, with "so far" if it may still change.
fn so_far(verdict: Verdict, may_change: bool) -> String {
    let till_now = if may_change { " so far" } else { "" };
    sentence(&format!("{}{till_now}", words::result_text(verdict)))
}

fn expectation(of: &Forecast, progress: &ProgressReport, counted_now: u64) -> String {
    let ForecastEstimate { denominator, rate_percent, rate_percent_low, rate_percent_high, .. } =
        &of.cautious;
    let last = day_text(progress.head.period.last);
    let goal = progress.edition.more_than_percent.map(|percent| denominator * u64::from(percent) / 100 + 1);
    let missing = match goal.map(|goal| (goal, goal.saturating_sub(counted_now))) {
        Some((goal, missing)) if missing > 0 => {
            let (goal, missing) = (with_commas(goal), with_commas(missing));
            format!(" Then {goal} patients must be in the numerator, {missing} more than so far.")
        }
        _ => String::new(),
    };
    let (least, most) = chances(of);
    let chance = match most {
        Some(most) if most != least => format!("{least} if no unresolved record qualifies, {most} if all do"),
        _ => least,
    };
    format!(
        "Projected rate on {last}: {rate_percent}% of {} patients (80% range {rate_percent_low}–{rate_percent_high}%).{missing} \
         Probability of meeting the measure: {chance}.",
        with_commas(*denominator)
    )
}

/// Returns why there is no forecast.
fn no_forecast(why: NoForecastReason, of: &ProgressReport) -> String {
    match why {
        NoForecastReason::PeriodIsOver => "No forecast: the period is over.".to_owned(),
        NoForecastReason::TooFewDays => {
            let PeriodDates { first, last } = of.head.period;
            let days = (last.days_since(first) + 1).div_euclid(4) + i32::from((last.days_since(first) + 1) % 4 > 0);
            let earliest = first.add_days(days.max(MIN_DAYS) - 1);
            format!("No forecast yet: the first is possible as of {}.", day_text(earliest))
        }
        NoForecastReason::TooFewPatients => "No forecast: fewer than 20 patients were seen.".to_owned(),
        NoForecastReason::TooFewCounted => {
            "No forecast: fewer than 5 patients of all providers are in the numerator, which is too few for a trend."
                .to_owned()
        }
        NoForecastReason::NoThreshold => "No forecast: the measure is attested with yes or no.".to_owned(),
        NoForecastReason::NoRows => "No forecast: no row is in the period.".to_owned(),
    }
}

fn looking_back(of: &Backtest) -> String {
    let Backtest { came_to_percent: came, within, .. } = of;
    let from = day_text(of.from);
    let ForecastEstimate { rate_percent_low: low, rate_percent_high: high, .. } = &of.expected;
    if *within {
        format!("On {from}, the same model projected {low}–{high}% for the as-of date; the rate is {came}%.")
    } else {
        format!(
            "Do not rely on this forecast: on {from}, the same model projected {low}–{high}% for the as-of date, and the rate is {came}%."
        )
    }
}

/// Returns the unresolved groups as a sentence; `None` if there are none.
fn unresolved_text(kinds: &[UnresolvedGroup]) -> Option<String> {
    if kinds.is_empty() {
        return None;
    }
    let kind = |of: &UnresolvedGroup| {
        let enough = match of.enough {
            Some(enough) if enough < of.patients => {
                format!("confirming {} of them meets the measure", with_commas(enough))
            }
            Some(1) => "confirming it meets the measure".to_owned(),
            Some(_) => "confirming all of them meets the measure".to_owned(),
            None if of.patients == 1 => "confirming it is not enough".to_owned(),
            None => "confirming all of them is not enough".to_owned(),
        };
        format!(
            "{}, rule {} ({}; {enough})",
            pluralize(of.patients, "patient", "patients"),
            of.rule,
            of.why.trim_end_matches('.')
        )
    };
    let kinds: Vec<String> = kinds.iter().map(kind).collect();
    Some(format!("Unresolved: {}.", kinds.join("; ")))
}

/// Returns what a reader must know about the forecasts, or why there are none.
pub fn about_forecast(of: &ProgressReport) -> Vec<String> {
    let has = |outlook: &ForecastOutcome| matches!(outlook, ForecastOutcome::Forecast(_));
    if !has(&of.group.outlook) && !of.providers.iter().any(|provider| has(&provider.outlook)) {
        return match &of.group.outlook {
            ForecastOutcome::None(why) => vec![no_forecast(*why, of)],
            ForecastOutcome::Forecast(_) => Vec::new(),
        };
    }
    vec![
        "Forecast: assumes that the coming weeks are like the last four, without holidays or campaigns (docs/forecast.md)."
            .to_owned(),
    ]
}
