//! Calculates the trend in the HTML pages of a report: the weeks of the reporting period, and the results of other allowed periods of its year.

use std::path::Path;

use anyhow::Context as _;

use crate::error::While;
use crate::run::compute::RunOutcome;
use crate::run::ledger;
use crate::run::provider_trends::ProviderTrends;
use crate::run::settings::RunConfig;
use crate::run::sweep::{self, allowed_windows, scored};
use mucalc_analysis::funnel::funnels;
use mucalc_core::domain::over_time::{ProviderStrip, RollingPeriods, Trend};
use mucalc_core::domain::period::Period;
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::progress::{MAX_DAYS, weeks};
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::score::Threshold;
use mucalc_core::domain::sweep::PeriodFamily;
use mucalc_core::ledger::sweep::WindowSet;
use mucalc_engine::InputSet;

/// The length in days of the other periods: the shortest reporting period that these programs ever allowed.
const DAYS: i32 = 90;

/// The maximum number of providers for which other periods are compared. With more, the HTML report lists only the first providers.
const MAX_PROVIDERS: usize = 2000;

/// Returns the trend under the first rule set. `None` if the period is too long to show in weeks. `outcome` must include evidence and
/// days.
///
/// # Errors
/// If an input cannot be read again.
pub fn over_time(
    settings: &RunConfig,
    sources: &InputSet,
    outcome: &RunOutcome,
) -> anyhow::Result<Option<Trend>> {
    let period = settings.task.period;
    let Some(judged) = outcome.judged.first().filter(|_| period.last.days_since(period.first) < MAX_DAYS)
    else {
        return Ok(None);
    };
    // A week without data yet would look like a week without activity.
    let last_seen = judged.days.iter().filter_map(|seen| seen.day).max().max(outcome.passed.last);
    let until = last_seen.map_or(period.last, |last| last.clamp(period.first, period.last));
    let names = ledger::names(sources, &judged.law);
    let mut trends = ProviderTrends::new(settings, judged, &names, Some(until));
    let providers = &outcome.report.measure.providers;
    let (mut of_providers, funnel) = funnels(&judged.ledger, settings.task.primary_measure().channel_rule());
    let mut funnel_of = |provider: &ProviderResult| {
        let code = judged.provider_number(&provider.provider_id);
        code.and_then(|code| of_providers.remove(&code)).unwrap_or_default()
    };
    Ok(Some(Trend {
        until,
        days_left: period.last.days_since(until).max(0).unsigned_abs(),
        weeks: weeks(period, until).into_iter().map(PeriodDates::from).collect(),
        providers: providers.iter().map(|provider| trends.take(provider)).collect(),
        course: trends.practice.course,
        funnel,
        funnels: providers.iter().map(&mut funnel_of).collect(),
        windows: windows(settings, sources, providers.len())
            .context(While("computing the other reporting periods"))?,
    }))
}

/// Returns the results in the allowed 90-day periods of the calendar year, or in its quarters if only these are allowed.
///
/// `None` in any of these cases:
/// - No such period is allowed, or the reporting period extends into a second year.
/// - There are several rule sets, or the rule set has no threshold.
/// - An input cannot be read twice, or there are more than [`MAX_PROVIDERS`] providers.
///
/// # Errors
/// If an input cannot be used.
fn windows(
    settings: &RunConfig,
    sources: &InputSet,
    providers: usize,
) -> anyhow::Result<Option<RollingPeriods>> {
    let year = Period {
        first: settings.task.period.first.first_of_year(),
        last: settings.task.period.first.last_of_year(),
    };
    let is_of_year = settings.task.period.last <= year.last;
    // A pipe can be read only once.
    let can_be_read_again = !sources.reads_stdin() && sources.files().all(Path::is_file);
    let has_verdicts = settings.task.primary_measure().threshold != Threshold::Attested;
    // Hundreds of periods for each of thousands of providers would exhaust the memory, and the page would not show them.
    if providers > MAX_PROVIDERS
        || !can_be_read_again
        || settings.task.rulings.len() > 1
        || !is_of_year
        || !has_verdicts
    {
        return Ok(None);
    }
    let ruling = settings.task.primary_measure();
    let allowed =
        |family: PeriodFamily| (family, allowed_windows(ruling, family, family.windows(year, DAYS)));
    let (family, windows) = match allowed(PeriodFamily::Days) {
        (_, none) if none.is_empty() => allowed(PeriodFamily::Quarters),
        days => days,
    };
    if windows.is_empty() {
        return Ok(None);
    }
    let frames = WindowSet::new(vec![windows.clone()]);
    let scored = scored(settings, sources, year, &frames)?;
    let strip = |swept: mucalc_core::domain::sweep::ProviderSweep| ProviderStrip {
        provider_id: swept.provider_id,
        name: swept.name,
        verdicts: swept.figures.into_iter().map(|figures| figures.verdict).collect(),
    };
    Ok(Some(RollingPeriods {
        family,
        days: DAYS,
        recorded: scored.recorded.span().map(PeriodDates::from),
        allowed: ruling.period_standing(year).map(|_| ruling.allowed_periods_text(year)),
        providers: sweep::providers(&scored, settings.task.primary_measure().threshold, &windows)
            .into_iter()
            .map(strip)
            .collect(),
        windows: windows.into_iter().map(PeriodDates::from).collect(),
    }))
}
