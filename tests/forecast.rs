//! The forecast: the same numbers as an independent program, and how often it is right on weeks that it has not seen.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that panics has failed"
)]

#[path = "support/futures.rs"]
mod futures;

use futures::{Dice, FIRST, LAST, back_test};
use mucalc::analyse::course::{Life, Span};
use mucalc::analyse::forecast::{Course, Figures, Practice, figures};
use mucalc::domain::period::Period;
use mucalc::domain::score::Threshold;

const FIVE: Threshold = Threshold::MoreThanPercent(5);

/// Two patients a day are new, and every twelfth comes to count five days later.
fn two_a_day(as_of: i32) -> Vec<Life> {
    let life = |patient: i32| {
        let (seen, counts) = (patient / 2, patient / 2 + 5);
        let counts = (patient % 12 == 0 && counts <= as_of).then(|| Some(FIRST.plus(counts)));
        Life { seen: Some(FIRST.plus(seen)), counts }
    };
    (0..90).map(life).filter(|life| life.seen <= Some(FIRST.plus(as_of))).collect()
}

fn told(
    patients: &[Life],
    practice: Option<[usize; 3]>,
    as_of: i32,
    last: i32,
    threshold: Threshold,
) -> Figures {
    let until = FIRST.plus(as_of);
    let practice = practice.map_or_else(|| Practice::of(patients, until), Practice::known);
    let period = Period { first: FIRST, last: FIRST.plus(last) };
    figures(Course { patients, practice }, Span { period, until }, threshold)
}

/// Numbers that a second program, written by somebody else from the description alone, came to.
#[test]
fn another_program_comes_to_the_same() {
    let busy = Some([1200, 60, 25]);
    let patients = two_a_day(44);
    let nobody_counts: Vec<Life> = patients.iter().map(|life| Life { counts: None, ..*life }).collect();
    let undated = |count: i32, who_count: i32| {
        (0..count)
            .map(move |at| Life { seen: None, counts: (at < who_count).then_some(None) })
            .collect::<Vec<_>>()
    };
    let mixed = [patients.clone(), undated(10, 2)].concat();
    let first_day: Vec<Life> =
        (0..50).map(|at| Life { seen: Some(FIRST), counts: (at < 10).then_some(Some(FIRST)) }).collect();
    let all_count: Vec<Life> =
        patients.iter().map(|life| Life { counts: Some(life.seen), ..*life }).collect();
    let of_year: Vec<Life> = (0..4000)
        .map(|at| Some(FIRST.plus(at % 180)))
        .zip(0..)
        .map(|(seen, at)| Life { seen, counts: (at % 9 == 0).then_some(seen) })
        .collect();
    let ten = Threshold::AtLeast(10);
    #[rustfmt::skip]
    let cases = [
        ("alone", told(&patients, None, 44, 89, FIVE), 160.707228, 16.874685, 0.979123, [0.064103, 0.156863]),
        ("in a practice", told(&patients, busy, 44, 89, FIVE), 160.707228, 11.693947, 0.90907, [0.050314, 0.100775]),
        ("nobody counts", told(&nobody_counts, busy, 44, 89, FIVE), 160.707228, 1.771907, 0.005691, [0.0, 0.025157]),
        ("three days ahead", told(&patients, None, 86, 89, FIVE), 90.931451, 7.050253, 1.0, [0.075269, 0.077778]),
        ("one day ahead", told(&patients, None, 88, 89, FIVE), 90.295752, 7.016736, 1.0, [0.076923, 0.077778]),
        ("no days known", told(&undated(30, 3), busy, 44, 89, FIVE), 30.236434, 4.290068, 1.0, [0.1, 0.2]),
        ("some days unknown", told(&mixed, None, 44, 89, FIVE), 170.707228, 18.827839, 0.996819, [0.071066, 0.159091]),
        ("all on the first day", told(&first_day, None, 44, 89, FIVE), 65.12442, 10.793813, 1.0, [0.108696, 0.224138]),
        ("ten patients wanted", told(&patients, None, 44, 89, ten), 160.707228, 16.874685, 0.943815, [0.064103, 0.156863]),
        ("everybody counts", told(&all_count, None, 44, 89, FIVE), 160.707228, 160.707228, 1.0, [0.802469, 1.0]),
        ("a part of a week", told(&two_a_day(40), None, 40, 89, FIVE), 157.319357, 14.914074, 0.933251, [0.054054, 0.146341]),
        ("a year", told(&of_year, None, 180, 364, FIVE), 6673.018442, 922.912078, 1.0, [0.114632, 0.164818]),
    ];
    for (name, told, denominator, numerator, chance, ends) in cases {
        assert!((told.denominator - denominator).abs() < 1e-5, "{name}: {}", told.denominator);
        assert!((told.numerator - numerator).abs() < 1e-5, "{name}: {}", told.numerator);
        assert!((told.chance - chance).abs() < 1e-4, "{name}: {}", told.chance);
        // The other program has all numbers of patients, this one 201 of them in each case.
        for (mine, theirs) in told.rate_ends.iter().zip(ends) {
            assert!((mine - theirs).abs() < 0.006, "{name}: {:?}", told.rate_ends);
        }
    }
}

/// 200 providers in 40 practices whose future is known: the forecast is held against it.
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
    let patients = &futures::practice(&mut Dice::new(1), 1)[0];
    let seen: Vec<i32> = patients.iter().take(6).map(|life| life.seen.unwrap().after(FIRST)).collect();
    assert_eq!((patients.len(), patients.iter().filter(|life| life.counts.is_some()).count()), (33, 4));
    assert_eq!(seen, [7, 17, 49, 2, 35, 7]);
    assert!(patients.iter().all(|life| life.seen <= Some(LAST)));
}

/// What is expected lies in its own range, on every day from the first one that has a forecast to the last but one.
#[test]
fn the_expected_rate_lies_in_its_range() {
    for seed in 40..60 {
        let mut dice = Dice::new(seed);
        for future in futures::practice(&mut dice, 3) {
            for as_of in 27..89 {
                let known: Vec<Life> =
                    future.iter().filter_map(|life| life.up_to(FIRST.plus(as_of))).collect();
                let told = told(&known, None, as_of, 89, FIVE);
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
