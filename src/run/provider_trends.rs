//! Calculates the progress of each provider along the calendar: weeks, forecast, and unresolved groups. `progress` and the HTML report use it.

use std::collections::HashMap;

use crate::run::settings::RunConfig;
use crate::run::to_date::as_of_note;
use mucalc_analysis::forecast::{ForecastInput, PracticeTrend, forecast};
use mucalc_analysis::ledger_rows::RowLabels;
use mucalc_analysis::timelines::{DateSpan, PatientTimeline, ProviderTimelines, timelines};
use mucalc_analysis::unresolved::unresolved_groups;
use mucalc_core::domain::forecast::{ForecastOutcome, NoForecastReason};
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::progress::{ProviderProgress, UnresolvedGroup};
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::score::Threshold;
use mucalc_engine::MeasureRun;

/// The trends of all providers, and that of the practice.
pub struct ProviderTrends<'a> {
    judged: &'a MeasureRun,
    span: DateSpan,
    threshold: Threshold,
    /// Whether the period has rows.
    has_rows: bool,
    timelines: HashMap<u32, ProviderTimelines>,
    unresolved: HashMap<u32, Vec<UnresolvedGroup>>,
    /// All patients of the practice, without and with unresolved records.
    cautious: PracticeTrend,
    hopeful: PracticeTrend,
    /// The timelines of the practice, in which each patient counts once.
    pub practice: ProviderTimelines,
}

impl<'a> ProviderTrends<'a> {
    /// Calculates the trends through the day `as_of`; `None` if the period has no rows. The ledger must have evidence and days.
    pub fn new(settings: &RunConfig, judged: &'a MeasureRun, names: &RowLabels, as_of: Option<Day>) -> Self {
        let span = span(settings.task.period, as_of);
        let threshold = settings.task.primary_measure().threshold;
        let (timelines, practice) = timelines(&judged.ledger, &judged.days, span, threshold);
        let all = |lives: fn(&ProviderTimelines) -> &Vec<PatientTimeline>| {
            PracticeTrend::all(timelines.values().map(|courses| lives(courses).as_slice()), span.until)
        };
        let (cautious, hopeful) = (all(|of| &of.cautious), all(|of| &of.hopeful));
        let unresolved =
            unresolved_groups(&judged.ledger, names, threshold, |rule| as_of_note(settings, rule, true));
        let has_rows = as_of.is_some();
        Self { judged, span, threshold, has_rows, timelines, unresolved, cautious, hopeful, practice }
    }

    /// Returns the progress of a provider, and forgets it.
    pub fn take(&mut self, provider: &ProviderResult) -> ProviderProgress {
        let code = self.judged.provider_number(&provider.provider_id);
        let of = code
            .and_then(|code| self.timelines.remove(&code))
            .unwrap_or_else(|| ProviderTimelines::empty(self.span));
        ProviderProgress {
            to_date: provider.clone(),
            outlook: self.forecast(&of, self.cautious, self.hopeful),
            course: of.course,
            undecided: code.and_then(|code| self.unresolved.remove(&code)).unwrap_or_default(),
        }
    }

    /// Returns the forecast of the practice.
    pub fn practice_outlook(&self) -> ForecastOutcome {
        let alone = |lives: &[PatientTimeline]| PracticeTrend::all(std::iter::once(lives), self.span.until);
        let practice = &self.practice;
        self.forecast(practice, alone(&practice.cautious), alone(&practice.hopeful))
    }

    fn forecast(
        &self,
        of: &ProviderTimelines,
        cautious: PracticeTrend,
        hopeful: PracticeTrend,
    ) -> ForecastOutcome {
        if !self.has_rows {
            return ForecastOutcome::None(NoForecastReason::NoRows);
        }
        let cautious = ForecastInput { patients: &of.cautious, practice: cautious };
        let hopeful = ForecastInput { patients: &of.hopeful, practice: hopeful };
        forecast(cautious, hopeful, self.span, self.threshold)
    }
}

/// Returns the period, and the last day of it that is evaluated.
fn span(period: Period, as_of: Option<Day>) -> DateSpan {
    DateSpan { period, until: as_of.map_or(period.first, |as_of| as_of.min(period.last)) }
}
