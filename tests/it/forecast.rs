//! Tests of the forecast: its numbers agree with an independent program, and they are right often enough for weeks that it has not seen.

use crate::support::futures::{Dice, FIRST, LAST, back_test};
use mucalc_analysis::forecast::{
    ForecastFigures, ForecastInput, PracticeTrend, figures, forecast, refusal_reason,
};
use mucalc_analysis::timelines::{DateSpan, PatientTimeline};
use mucalc_core::domain::forecast::{Backtest, ForecastOutcome, NoForecastReason};
use mucalc_core::domain::period::Period;
use mucalc_core::domain::score::Threshold;

const FIVE: Threshold = Threshold::MoreThanPercent(5);

/// Returns patients of whom two are new every day, and every twelfth is added to the numerator five days later.
fn two_a_day(as_of: i32) -> Vec<PatientTimeline> {
    let life = |patient: i32| {
        let (seen, counts) = (patient / 2, patient / 2 + 5);
        let counts = (patient % 12 == 0 && counts <= as_of).then(|| Some(FIRST.add_days(counts)));
        PatientTimeline { seen: Some(FIRST.add_days(seen)), counts }
    };
    (0..90).map(life).filter(|life| life.seen <= Some(FIRST.add_days(as_of))).collect()
}

fn outcome(
    patients: &[PatientTimeline],
    practice: Option<[usize; 3]>,
    as_of: i32,
    last: i32,
    threshold: Threshold,
) -> ForecastFigures {
    let until = FIRST.add_days(as_of);
    let practice = practice.map_or_else(|| PracticeTrend::as_of(patients, until), PracticeTrend::from_totals);
    let period = Period { first: FIRST, last: FIRST.add_days(last) };
    figures(ForecastInput { patients, practice }, DateSpan { period, until }, threshold)
}

/// The forecast agrees with the numbers of a second program, which another author wrote only from the description.
#[test]
fn another_program_comes_to_the_same() {
    let busy = Some([1200, 60, 25]);
    let patients = two_a_day(44);
    let none_in_numerator: Vec<PatientTimeline> =
        patients.iter().map(|life| PatientTimeline { counts: None, ..*life }).collect();
    let undated = |count: i32, who_count: i32| {
        (0..count)
            .map(move |at| PatientTimeline { seen: None, counts: (at < who_count).then_some(None) })
            .collect::<Vec<_>>()
    };
    let mixed = [patients.clone(), undated(10, 2)].concat();
    let first_day: Vec<PatientTimeline> = (0..50)
        .map(|at| PatientTimeline { seen: Some(FIRST), counts: (at < 10).then_some(Some(FIRST)) })
        .collect();
    let all_count: Vec<PatientTimeline> =
        patients.iter().map(|life| PatientTimeline { counts: Some(life.seen), ..*life }).collect();
    let of_year: Vec<PatientTimeline> = (0..4000)
        .map(|at| Some(FIRST.add_days(at % 180)))
        .zip(0..)
        .map(|(seen, at)| PatientTimeline { seen, counts: (at % 9 == 0).then_some(seen) })
        .collect();
    let ten = Threshold::AtLeast(10);
    #[rustfmt::skip]
    let cases = [
        ("alone", outcome(&patients, None, 44, 89, FIVE), 160.707228, 16.874685, 0.979123, [0.064103, 0.156863]),
        ("in a practice", outcome(&patients, busy, 44, 89, FIVE), 160.707228, 11.693947, 0.90907, [0.050314, 0.100775]),
        ("no patient in the numerator", outcome(&none_in_numerator, busy, 44, 89, FIVE), 160.707228, 1.771907, 0.005691, [0.0, 0.025157]),
        ("three days ahead", outcome(&patients, None, 86, 89, FIVE), 90.931451, 7.050253, 1.0, [0.075269, 0.077778]),
        ("one day ahead", outcome(&patients, None, 88, 89, FIVE), 90.295752, 7.016736, 1.0, [0.076923, 0.077778]),
        ("no days known", outcome(&undated(30, 3), busy, 44, 89, FIVE), 30.236434, 4.290068, 1.0, [0.1, 0.2]),
        ("some days unknown", outcome(&mixed, None, 44, 89, FIVE), 170.707228, 18.827839, 0.996819, [0.071066, 0.159091]),
        ("all on the first day", outcome(&first_day, None, 44, 89, FIVE), 65.12442, 10.793813, 1.0, [0.108696, 0.224138]),
        ("ten patients wanted", outcome(&patients, None, 44, 89, ten), 160.707228, 16.874685, 0.943815, [0.064103, 0.156863]),
        ("everybody counts", outcome(&all_count, None, 44, 89, FIVE), 160.707228, 160.707228, 1.0, [0.802469, 1.0]),
        ("a part of a week", outcome(&two_a_day(40), None, 40, 89, FIVE), 157.319357, 14.914074, 0.933251, [0.054054, 0.146341]),
        ("a year", outcome(&of_year, None, 180, 364, FIVE), 6673.018442, 922.912078, 1.0, [0.114632, 0.164818]),
    ];
    for (name, told, denominator, numerator, chance, ends) in cases {
        assert!((told.denominator - denominator).abs() < 1e-5, "{name}: {}", told.denominator);
        assert!((told.numerator - numerator).abs() < 1e-5, "{name}: {}", told.numerator);
        assert!((told.chance - chance).abs() < 1e-4, "{name}: {}", told.chance);
        // The other program evaluates every number of patients, and the forecast only 201 numbers, so the ends of the range can differ
        // slightly.
        for (mine, theirs) in told.rate_ends.iter().zip(ends) {
            assert!((mine - theirs).abs() < 0.006, "{name}: {:?}", told.rate_ends);
        }
    }
}

/// The range and the probability of a forecast agree with the known future of 200 providers in 40 practices.
#[test]
fn the_interval_and_the_chance_hold_on_weeks_that_were_not_seen() {
    for as_of in [34, 44, 62, 80] {
        let found = back_test(&mut Dice::new(5), 40, 5, as_of);
        assert!(found.forecasts > 150, "day {as_of}: {found:?}");
        assert!(
            (0.74..0.96).contains(&found.within),
            "day {as_of}: four of five are to lie within: {found:?}"
        );
        assert!((found.mean_chance - found.met).abs() < 0.13, "day {as_of}: {found:?}");
        assert!((-0.005..0.03).contains(&found.rate_bias), "day {as_of}: {found:?}");
        match as_of {
            80 => assert!(found.brier < 0.08, "day {as_of}: {found:?}"),
            _ => assert!(
                found.brier < 0.85 * found.brier_of_today,
                "day {as_of}: better than today's verdict: {found:?}"
            ),
        }
    }
}

#[test]
fn the_generator_is_the_one_of_the_other_program() {
    let mut dice = Dice::new(1);
    assert_eq!(
        [dice.next(), dice.next(), dice.next()],
        [9788261334167716012, 15201191104202127773, 11950268396088754]
    );
    let patients = &crate::support::futures::practice(&mut Dice::new(1), 1)[0];
    let seen: Vec<i32> = patients.iter().take(6).map(|life| life.seen.unwrap().days_since(FIRST)).collect();
    assert_eq!((patients.len(), patients.iter().filter(|life| life.counts.is_some()).count()), (33, 4));
    assert_eq!(seen, [7, 17, 49, 2, 35, 7]);
    assert!(patients.iter().all(|life| life.seen <= Some(LAST)));
}

/// The projected rate is within its own range, on every day from the first that has a forecast to the last but one.
#[test]
fn the_expected_rate_lies_in_its_range() {
    for seed in 40..60 {
        let mut dice = Dice::new(seed);
        for future in crate::support::futures::practice(&mut dice, 3) {
            for as_of in 27..89 {
                let known: Vec<PatientTimeline> =
                    future.iter().filter_map(|life| life.until(FIRST.add_days(as_of))).collect();
                let told = outcome(&known, None, as_of, 89, FIVE);
                let rate = (told.numerator / told.denominator.max(1.0)).min(1.0);
                let [low, high] = told.rate_ends;
                assert!(
                    low <= rate && rate <= high,
                    "seed {seed}, day {as_of}: {rate} not in {low} to {high}"
                );
                assert!((0.0..=1.0).contains(&told.chance), "{}", told.chance);
            }
        }
    }
}

/// There is no forecast with too little data. The cases cover each limit, and a value just beyond it.
#[test]
fn too_little_to_go_by_is_refused() {
    use NoForecastReason::{NoThreshold, PeriodIsOver, TooFewCounted, TooFewDays, TooFewPatients};
    // Days of the period, days with data, patients of the provider, and patients of the practice in the numerator.
    #[rustfmt::skip]
    let cases = [
        (90, 28, 20, 5, FIVE, None),
        (90, 27, 20, 5, FIVE, Some(TooFewDays)),
        (90, 28, 19, 5, FIVE, Some(TooFewPatients)),
        (90, 28, 20, 4, FIVE, Some(TooFewCounted)),
        (90, 89, 20, 5, FIVE, None),
        (90, 90, 20, 5, FIVE, Some(PeriodIsOver)),
        (90, 99, 20, 5, FIVE, Some(PeriodIsOver)),
        // In a long period, a quarter of its days.
        (364, 91, 20, 5, FIVE, None),
        (365, 91, 20, 5, FIVE, Some(TooFewDays)),
        (365, 92, 20, 5, FIVE, None),
        (90, 28, 20, 5, Threshold::AtLeast(1), None),
        (90, 28, 20, 5, Threshold::Attested, Some(NoThreshold)),
    ];
    for (all, known, patients, counted, threshold, expected) in cases {
        let patients = vec![PatientTimeline { seen: Some(FIRST), counts: None }; patients];
        let course =
            ForecastInput { patients: &patients, practice: PracticeTrend::from_totals([100, counted, 0]) };
        let period = Period { first: FIRST, last: FIRST.add_days(all - 1) };
        let told = refusal_reason(&course, DateSpan { period, until: FIRST.add_days(known - 1) }, threshold);
        assert_eq!(told, expected, "{known} of {all} days, {} patients, {counted} count", patients.len());
    }
}

/// Returns the backtest of a forecast for a period of 180 days, with data for its first `known` days.
fn looked_back(patients: &[PatientTimeline], known: i32) -> Option<Backtest> {
    let span = DateSpan {
        period: Period { first: FIRST, last: FIRST.add_days(179) },
        until: FIRST.add_days(known - 1),
    };
    let course = ForecastInput { patients, practice: PracticeTrend::as_of(patients, span.until) };
    match forecast(course, course, span, FIVE) {
        ForecastOutcome::Forecast(forecast) => forecast.looking_back,
        ForecastOutcome::None(why) => panic!("{why:?}"),
    }
}

/// A backtest starts three weeks back, or on the first day with enough history if that is at least a week back.
#[test]
fn looking_back_needs_a_week_and_a_history() {
    let life = |patient: i32| PatientTimeline {
        seen: Some(FIRST.add_days(patient / 2)),
        counts: (patient % 6 == 0).then(|| Some(FIRST.add_days(patient / 2 + 5))),
    };
    let patients: Vec<PatientTimeline> = (0..190).map(life).collect();
    // In a period this long, forecasts begin on day 45. A backtest covers only the days that are over, so it can begin on day 28.
    let cases = [(100, Some(78)), (60, Some(38)), (49, Some(27)), (48, Some(27)), (45, Some(27))];
    for (known, from) in cases {
        let told = looked_back(&patients, known);
        assert_eq!(told.map(|of| of.from.days_since(FIRST)), from, "day {known}");
    }
    let short = |known: i32| {
        let span = DateSpan {
            period: Period { first: FIRST, last: FIRST.add_days(89) },
            until: FIRST.add_days(known - 1),
        };
        let course =
            ForecastInput { patients: &patients, practice: PracticeTrend::as_of(&patients, span.until) };
        match forecast(course, course, span, FIVE) {
            ForecastOutcome::Forecast(forecast) => forecast.looking_back.map(|of| of.from.days_since(FIRST)),
            ForecastOutcome::None(why) => panic!("{why:?}"),
        }
    };
    assert_eq!([34, 35, 36].map(short), [None, Some(27), Some(27)]);
    let few =
        vec![PatientTimeline { seen: Some(FIRST.add_days(80)), counts: Some(Some(FIRST.add_days(81))) }; 30];
    assert_eq!(looked_back(&few, 100), None, "nobody had been seen three weeks before");
}

/// A backtest shows whether the actual rate is within the projected range. The cases cover a rate inside it, above it, and below it.
#[test]
fn looking_back_tells_what_came_otherwise() {
    let life = |seen: i32, counts: Option<i32>| PatientTimeline {
        seen: Some(FIRST.add_days(seen)),
        counts: counts.map(|day| Some(FIRST.add_days(day))),
    };
    // Of the first 70 patients, every tenth is added to the numerator, evenly over time. Each case sets what happens after the day on which
    // the backtest starts.
    let steady: Vec<PatientTimeline> = (0..70).map(|at| life(at, (at % 10 == 0).then_some(at))).collect();
    let later = |counting: usize| -> Vec<PatientTimeline> {
        (0..30).map(|at| life(79, (at < counting).then_some(90))).collect()
    };
    for (counting, rest, within, came_to) in
        [(3, 0, true, "10.00"), (30, 0, false, "37.00"), (0, 600, false, "1.00")]
    {
        let many = vec![life(95, None); rest];
        let told = looked_back(&[steady.clone(), later(counting), many].concat(), 100).unwrap();
        let [low, high] = [&told.expected.rate_percent_low, &told.expected.rate_percent_high];
        assert_eq!((told.within, &*told.came_to_percent), (within, came_to), "{low} to {high}");
    }
}

/// The probability is zero if the threshold is more than all the patients who will have been seen.
#[test]
fn a_goal_beyond_all_patients_has_no_chance() {
    let patients = vec![PatientTimeline { seen: Some(FIRST), counts: Some(Some(FIRST)) }; 50];
    let chance = |goal| outcome(&patients, None, 363, 364, Threshold::AtLeast(goal)).chance;
    assert_eq!([chance(50), chance(51)], [1.0, 0.0]);
}
