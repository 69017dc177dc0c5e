//! The ledger along the calendar: when each patient was first seen and added to the numerator, and the rates week by week.

use std::collections::HashMap;

use mucalc_core::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::progress::{WeekSummary, WeeklySeries, weeks};
use mucalc_core::domain::rate;
use mucalc_core::domain::score::Threshold;
use mucalc_core::ledger::sweep::DenominatorEvent;
use mucalc_core::ledger::{Evidence, Ledger};

/// When a patient was added to a denominator and a numerator. An unknown day sorts before all others, as if the patient had been included
/// from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatientTimeline {
    /// The day on which the patient was first seen.
    pub seen: Option<Day>,
    /// The day on which the patient was added to the numerator; `None` if the patient is not in it. The inner `None` is an unknown day.
    pub counts: Option<Option<Day>>,
}

impl PatientTimeline {
    /// Returns the timeline as of the end of a day; `None` if the patient had not been seen.
    pub fn until(self, until: Day) -> Option<Self> {
        let counts = self.counts.filter(|since| since.is_none_or(|since| since <= until));
        self.seen.is_none_or(|seen| seen <= until).then_some(Self { counts, ..self })
    }

    fn or(self, other: Self) -> Self {
        let counts = [self.counts, other.counts].into_iter().flatten().min();
        Self { seen: self.seen.min(other.seen), counts }
    }
}

/// The patients of a provider, or of all providers, along the calendar.
#[derive(Clone, Debug, Default)]
pub struct ProviderTimelines {
    /// The weeks.
    pub course: WeeklySeries,
    /// The patients, if no unresolved record qualifies.
    pub cautious: Vec<PatientTimeline>,
    /// The patients, if every unresolved record qualifies.
    pub hopeful: Vec<PatientTimeline>,
}

impl ProviderTimelines {
    /// Returns the timelines of a provider without patients.
    pub fn empty(span: DateSpan) -> Self {
        let weeks = vec![WeekSummary::default(); span.weeks()];
        Self { course: WeeklySeries { weeks, ..WeeklySeries::default() }, ..Self::default() }
    }

    /// Adds a patient.
    fn add(&mut self, range: TimelineRange, span: DateSpan) {
        let TimelineRange { cautious, hopeful } = range;
        match span.week_of(&mut self.course, cautious.seen) {
            Some(week) => week.new += 1,
            None => self.course.new_on_unknown_day += 1,
        }
        if let Some(since) = cautious.counts {
            match span.week_of(&mut self.course, since) {
                Some(week) => week.came += 1,
                None => self.course.came_on_unknown_day += 1,
            }
        }
        self.cautious.push(cautious);
        self.hopeful.extend(hopeful);
    }

    /// Calculates the lowest and the highest rate at the end of each week.
    fn add_rates(&mut self, span: DateSpan, threshold: Threshold) {
        let possible = self.possible_by_week(span);
        let course = &mut self.course;
        let (mut seen, mut count) = (course.new_on_unknown_day, course.came_on_unknown_day);
        let (mut seen_most, mut count_most) = (0, 0);
        for (week, (new, came)) in course.weeks.iter_mut().zip(possible) {
            seen += week.new;
            count += week.came;
            seen_most += new;
            count_most += came;
            week.rate_percent = rate::format_rate(count, seen, threshold);
            week.rate_percent_most = rate::format_rate(count_most, seen_most, threshold);
        }
    }

    /// Returns the patients first seen and those added to the numerator in each week if every unresolved record qualifies. Patients of
    /// unknown days are in the first week.
    fn possible_by_week(&self, span: DateSpan) -> Vec<(u64, u64)> {
        let mut weeks = vec![(0, 0); self.course.weeks.len()];
        let last = weeks.len().saturating_sub(1);
        let week_of = |day: Option<Day>| day.map_or(0, |day| span.week(day) as usize).min(last);
        for patient in self.hopeful.iter().filter(|_| !self.course.weeks.is_empty()) {
            weeks[week_of(patient.seen)].0 += 1;
            if let Some(since) = patient.counts {
                weeks[week_of(since)].1 += 1;
            }
        }
        weeks
    }
}

/// The reporting period and the last day of it that is evaluated.
#[derive(Clone, Copy, Debug)]
pub struct DateSpan {
    /// The reporting period.
    pub period: Period,
    /// The last day of which rows are used.
    pub until: Day,
}

impl DateSpan {
    fn weeks(self) -> usize {
        weeks(self.period, self.until).len()
    }

    /// Returns the week of the period that a day is in, counted from 0; days before the period are in the first.
    fn week(self, day: Day) -> u32 {
        (day.days_since(self.period.first) / 7).max(0) as u32
    }

    /// Returns the week of a day; what qualifies after the period is added in its last week. `None` if the day is unknown.
    fn week_of(self, course: &mut WeeklySeries, day: Option<Day>) -> Option<&mut WeekSummary> {
        let last = course.weeks.len().saturating_sub(1);
        course.weeks.get_mut((self.week(day?) as usize).min(last))
    }
}

/// Returns the timelines of each provider by number, and those of the practice, which counts each patient once.
///
/// The ledger must have evidence; `days` are the days of its encounters.
pub fn timelines(
    ledger: &Ledger,
    days: &[DenominatorEvent],
    span: DateSpan,
    threshold: Threshold,
) -> (HashMap<u32, ProviderTimelines>, ProviderTimelines) {
    let mut is_dated = vec![true; ledger.len()];
    days.iter().filter(|visit| visit.day.is_none()).for_each(|visit| is_dated[visit.row as usize] = false);
    let mut providers: HashMap<u32, ProviderTimelines> = HashMap::new();
    let mut practice = ProviderTimelines::empty(span);
    // The rows of a patient are adjacent.
    let mut patient: Option<(u32, TimelineRange)> = None;
    for (at, pair, membership, evidence) in ledger.rows_with_positions() {
        let range = TimelineRange::new(membership, evidence, is_dated[at]);
        providers.entry(pair.provider).or_insert_with(|| ProviderTimelines::empty(span)).add(range, span);
        match &mut patient {
            Some((same, known)) if *same == pair.patient => *known = known.or(range),
            _ => {
                let before = patient.replace((pair.patient, range));
                before.into_iter().for_each(|(_, range)| practice.add(range, span));
            }
        }
    }
    patient.into_iter().for_each(|(_, range)| practice.add(range, span));
    add_seen(&mut providers, &mut practice, ledger, days, span);
    providers.values_mut().chain([&mut practice]).for_each(|of| of.add_rates(span, threshold));
    (providers, practice)
}

/// Counts the unique patients with an encounter in each week, for each provider and for the practice.
fn add_seen(
    providers: &mut HashMap<u32, ProviderTimelines>,
    practice: &mut ProviderTimelines,
    ledger: &Ledger,
    days: &[DenominatorEvent],
    span: DateSpan,
) {
    let mut pairs = vec![None; ledger.len()];
    ledger.rows_with_positions().for_each(|(at, pair, ..)| pairs[at] = Some(pair));
    let dated = days.iter().filter_map(|visit| Some((pairs[visit.row as usize]?, span.week(visit.day?))));
    let mut seen: Vec<(u32, u32, u32)> =
        dated.map(|(pair, week)| (week, pair.patient, pair.provider)).collect();
    seen.sort_unstable();
    seen.dedup();
    let count = |of: &mut ProviderTimelines, week: u32| {
        of.course.weeks.get_mut(week as usize).into_iter().for_each(|week| week.seen += 1);
    };
    for (week, _, provider) in &seen {
        providers.get_mut(provider).into_iter().for_each(|of| count(of, *week));
    }
    seen.dedup_by_key(|(week, patient, _)| (*week, *patient));
    seen.iter().for_each(|(week, ..)| count(practice, *week));
}

/// A patient's timeline without and with unresolved records.
#[derive(Clone, Copy)]
struct TimelineRange {
    cautious: PatientTimeline,
    /// `None` if the patient is in no denominator even then.
    hopeful: Option<PatientTimeline>,
}

impl TimelineRange {
    /// Builds the range of a patient and a provider; `is_dated` is whether the days of all encounters are known.
    fn new(membership: Membership, evidence: &Evidence, is_dated: bool) -> Self {
        let day = |row: Option<mucalc_core::ledger::DecidingRow>| row.and_then(|deciding| deciding.row.day());
        let (encounter, message) = (day(evidence.encounter), day(evidence.message));
        let since = |seen: Option<Day>| Some(seen?.max(message?));
        let is_certain = membership.denominator == DenominatorStatus::Certain;
        let certain = is_certain && membership.numerator == NumeratorStatus::Certain;
        let first_seen = evidence.first_seen.filter(|_| is_dated);
        let cautious = PatientTimeline { seen: first_seen, counts: certain.then(|| since(encounter)) };
        let may_count = membership.numerator != NumeratorStatus::None;
        let seen = if is_certain { encounter } else { first_seen };
        let hopeful = PatientTimeline { seen, counts: may_count.then(|| since(seen)) };
        Self { cautious, hopeful: (is_certain || may_count).then_some(hopeful) }
    }

    /// Returns the range of a patient of two providers for the practice, with the earlier days.
    fn or(self, other: Self) -> Self {
        let hopeful = match (self.hopeful, other.hopeful) {
            (Some(one), Some(other)) => Some(one.or(other)),
            (one, other) => one.or(other),
        };
        Self { cautious: self.cautious.or(other.cautious), hopeful }
    }
}
