//! The ledger along the calendar: when each patient was first seen and came to count, and what that makes week by week.

use std::collections::HashMap;

use mucalc_core::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::progress::{WeekSummary, WeeklySeries, weeks};
use mucalc_core::domain::rate;
use mucalc_core::domain::score::Threshold;
use mucalc_core::ledger::sweep::DenominatorEvent;
use mucalc_core::ledger::{Evidence, GroupedRows, Ledger};

/// When a patient came into a denominator and a numerator. A day that is not known sorts before all others: the patient
/// is taken to have been there from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatientTimeline {
    /// The day on which the patient was first seen.
    pub seen: Option<Day>,
    /// Whether, and since which day, the patient counts.
    pub counts: Option<Option<Day>>,
}

/// The patients of a provider, or of all together, along the calendar.
#[derive(Clone, Debug, Default)]
pub struct ProviderTimelines {
    /// What happened week by week.
    pub course: WeeklySeries,
    /// The patients if nothing that is unclear counts.
    pub cautious: Vec<PatientTimeline>,
    /// The patients if everything that is unclear counts.
    pub hopeful: Vec<PatientTimeline>,
}

impl ProviderTimelines {
    /// Those of somebody who saw nobody.
    pub fn none(span: DateSpan) -> Self {
        Gathered::new(weeks(span.period, span.until).len()).courses
    }
}

/// The span of days that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct DateSpan {
    /// The reporting period.
    pub period: Period,
    /// The day up to which is looked.
    pub until: Day,
}

/// The courses of each provider who saw patients, by number, and of all together. The ledger keeps evidence; `days` are
/// those of its encounters.
pub fn courses(
    ledger: &Ledger,
    days: &[DenominatorEvent],
    span: DateSpan,
    threshold: Threshold,
) -> (HashMap<u32, ProviderTimelines>, ProviderTimelines) {
    let weeks = weeks(span.period, span.until);
    let days = GroupedRows::new(days.iter().copied(), ledger.len(), |seen| seen.row);
    let empty = || Gathered::new(weeks.len());
    let mut providers: HashMap<u32, Gathered> = HashMap::new();
    let mut all = empty();
    // The rows of a patient stand together.
    let mut patient: Option<(u32, TimelineRange, Vec<usize>)> = None;
    for (at, pair, standing, evidence) in ledger.rows_with_positions() {
        let is_dated = days.of(at).iter().all(|seen| seen.day.is_some());
        let lives = TimelineRange::of(standing, evidence, is_dated);
        let mut seen_in: Vec<usize> =
            days.of(at).iter().filter_map(|seen| Some(week(span.period, seen.day?))).collect();
        seen_in.sort_unstable();
        seen_in.dedup();
        providers.entry(pair.provider).or_insert_with(empty).add(span.period, lives, &seen_in);
        match &mut patient {
            Some((same, known, known_in)) if *same == pair.patient => {
                *known = known.or(lives);
                known_in.extend(seen_in);
            }
            _ => {
                let before = patient.replace((pair.patient, lives, seen_in));
                all.add_patient(span.period, before);
            }
        }
    }
    all.add_patient(span.period, patient);
    let providers = providers.into_iter().map(|(provider, of)| (provider, of.finish(threshold)));
    (providers.collect(), all.finish(threshold))
}

/// The week of the period in which a day lies.
fn week(period: Period, day: Day) -> usize {
    (day.after(period.first) / 7).max(0) as usize
}

/// A patient's life under both readings; none where the patient is not in the denominator under it.
#[derive(Clone, Copy)]
struct TimelineRange {
    cautious: PatientTimeline,
    hopeful: Option<PatientTimeline>,
}

impl TimelineRange {
    /// `is_dated` says whether the days of all encounters are known.
    fn of(standing: Membership, evidence: &Evidence, is_dated: bool) -> Self {
        let day = |row: Option<mucalc_core::ledger::DecidingRow>| row.and_then(|deciding| deciding.row.day());
        let (encounter, message) = (day(evidence.encounter), day(evidence.message));
        let since = |seen: Option<Day>| Some(seen?.max(message?));
        let is_certain = standing.denominator == DenominatorStatus::Certain;
        let certain = is_certain && standing.numerator == NumeratorStatus::Certain;
        let first_seen = evidence.first_seen.filter(|_| is_dated);
        let cautious = PatientTimeline { seen: first_seen, counts: certain.then(|| since(encounter)) };
        let may_count = standing.numerator != NumeratorStatus::None;
        let seen = if is_certain { encounter } else { first_seen };
        let hopeful = PatientTimeline { seen, counts: may_count.then(|| since(seen)) };
        Self { cautious, hopeful: (is_certain || may_count).then_some(hopeful) }
    }

    /// The life of a patient of two providers.
    fn or(self, other: Self) -> Self {
        let hopeful = match (self.hopeful, other.hopeful) {
            (Some(one), Some(other)) => Some(one.or(other)),
            (one, other) => one.or(other),
        };
        Self { cautious: self.cautious.or(other.cautious), hopeful }
    }
}

impl PatientTimeline {
    /// The life as it was known at the end of a day; none of a patient who had not been seen.
    pub fn up_to(self, until: Day) -> Option<Self> {
        let counts = self.counts.filter(|since| since.is_none_or(|since| since <= until));
        self.seen.is_none_or(|seen| seen <= until).then_some(Self { counts, ..self })
    }

    fn or(self, other: Self) -> Self {
        let counts = [self.counts, other.counts].into_iter().flatten().min();
        Self { seen: self.seen.min(other.seen), counts }
    }
}

/// What is gathered of a provider, or of all together.
struct Gathered {
    courses: ProviderTimelines,
}

impl Gathered {
    fn new(weeks: usize) -> Self {
        let course = WeeklySeries { weeks: vec![WeekSummary::default(); weeks], ..WeeklySeries::default() };
        Self { courses: ProviderTimelines { course, ..ProviderTimelines::default() } }
    }

    /// Adds a patient who was seen in these weeks, each named once.
    fn add(&mut self, period: Period, lives: TimelineRange, seen_in: &[usize]) {
        let ProviderTimelines { course, cautious, hopeful } = &mut self.courses;
        for week in seen_in {
            if let Some(week) = course.weeks.get_mut(*week) {
                week.seen += 1;
            }
        }
        // What counts although it comes after the period stands in its last week.
        let last = course.weeks.len().saturating_sub(1);
        let mut put = |day: Option<Day>,
                       unknown: fn(&mut WeeklySeries) -> &mut u64,
                       known: fn(&mut WeekSummary) -> &mut u64| {
            match day.and_then(|day| course.weeks.get_mut(week(period, day).min(last))) {
                Some(week) => *known(week) += 1,
                None => *unknown(course) += 1,
            }
        };
        put(lives.cautious.seen, |course| &mut course.new_on_unknown_day, |week| &mut week.new);
        if let Some(since) = lives.cautious.counts {
            put(since, |course| &mut course.came_on_unknown_day, |week| &mut week.came);
        }
        cautious.push(lives.cautious);
        hopeful.extend(lives.hopeful);
    }

    /// Adds a patient of all together, if there is one.
    fn add_patient(&mut self, period: Period, patient: Option<(u32, TimelineRange, Vec<usize>)>) {
        if let Some((_, lives, mut seen_in)) = patient {
            seen_in.sort_unstable();
            seen_in.dedup();
            self.add(period, lives, &seen_in);
        }
    }

    /// Works out the rate at the end of each week.
    fn finish(mut self, threshold: Threshold) -> ProviderTimelines {
        let course = &mut self.courses.course;
        let (mut seen, mut count) = (course.new_on_unknown_day, course.came_on_unknown_day);
        for week in &mut course.weeks {
            seen += week.new;
            count += week.came;
            week.rate_percent = rate::percent(count, seen, threshold);
        }
        self.courses
    }
}
