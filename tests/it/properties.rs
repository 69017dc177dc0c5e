//! Properties of every export, tested on small random ones.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use crate::support::cases::csv;
use crate::support::oracle::{self, Message, PortalAccess, ProviderPatient, Threshold, World};
use crate::support::program::{Folder, report_words};
use crate::support::worlds::*;

fn results(report: &Value) -> (Value, Value) {
    // Encounter locations are counted by encounter, not by patient, and a duplicate row without a record id counts as two.
    let mut providers = report["providers"].clone();
    for provider in providers.as_array_mut().into_iter().flatten() {
        provider.as_object_mut().unwrap().remove("cehrt_locations");
        // Moving a row changes its source row, but not the days of the first and the last message.
        let spans =
            provider["activity"].as_object_mut().into_iter().flat_map(|activity| activity.values_mut());
        for message in spans.filter_map(Value::as_object_mut).flat_map(|span| span.values_mut()) {
            message.as_object_mut().unwrap().remove("place");
        }
    }
    (providers, report["group"].clone())
}

/// Returns every (numerator, denominator) that some resolution of a provider's unknown values gives.
fn all_outcomes(pairs: &[&ProviderPatient]) -> Vec<(u64, u64)> {
    pairs.iter().fold(vec![(0, 0)], |so_far, pair| {
        let mut next: Vec<(u64, u64)> = so_far
            .iter()
            .flat_map(|(n, d)| {
                pair.memberships()
                    .into_iter()
                    .map(move |(seen, wrote)| (n + u64::from(wrote), d + u64::from(seen)))
            })
            .collect();
        next.sort_unstable();
        next.dedup();
        next
    })
}

/// Returns every world in which each unknown value and day has some known value.
fn completions(world: &World) -> Vec<World> {
    fn complete(worlds: Vec<World>, list: &[&str], word: &dyn Fn(&mut World) -> &mut String) -> Vec<World> {
        let one = |mut world: World| {
            if word(&mut world) != "unknown" {
                return vec![world];
            }
            let with = |known: &&str| {
                let mut world = world.clone();
                *word(&mut world) = (*known).to_owned();
                world
            };
            list.iter().map(with).collect()
        };
        worlds.into_iter().flat_map(one).take(5001).collect()
    }
    /// Representative days: in the period, later in the year, and before the year. A channel with a first or last certified day is
    /// certified on one of them.
    fn complete_day(worlds: Vec<World>, day: &dyn Fn(&mut World) -> &mut Option<String>) -> Vec<World> {
        let one = |mut world: World| {
            if day(&mut world).is_some() {
                return vec![world];
            }
            let with = |year: i32, known: &str| {
                let mut world = world.clone();
                *day(&mut world) = Some(format!("{year}-{known}"));
                world
            };
            let year = world.year();
            vec![with(year, "08-01"), with(year, "12-01"), with(year - 1, "06-01")]
        };
        worlds.into_iter().flat_map(one).take(5001).collect()
    }
    /// An unknown location may be certified or not, if the configuration has locations.
    fn complete_location(worlds: Vec<World>, at: usize) -> Vec<World> {
        let one = |world: World| {
            if world.locations.is_empty() || world.encounters[at].location.is_some() {
                return vec![world];
            }
            let with = |known: &str| {
                let mut world = world.clone();
                world.encounters[at].location = Some(known.to_owned());
                world
            };
            vec![with("off"), with("elsewhere")]
        };
        worlds.into_iter().flat_map(one).take(5001).collect()
    }
    let mut worlds = vec![world.clone()];
    if world.edition() == "stage2-core7m2" && world.attested.is_none() {
        // The attestation was no later than the period, or it was later than every row.
        let with = |day: String| World { attested: Some(day), ..world.clone() };
        worlds = vec![with(world.last.clone()), with("9998-12-31".to_owned())];
    }
    for at in 0..world.encounters.len() {
        worlds = complete_day(worlds, &|world| &mut world.encounters[at].day);
        worlds = complete(worlds, &oracle::ENCOUNTER_STATUSES, &|world| &mut world.encounters[at].status);
        worlds = complete(worlds, &oracle::KINDS, &|world| &mut world.encounters[at].kind);
        worlds = complete(worlds, &oracle::SEEN_BY, &|world| &mut world.encounters[at].seen_by);
        worlds = complete_location(worlds, at);
    }
    for at in 0..world.messages.len() {
        worlds = complete_day(worlds, &|world| &mut world.messages[at].day);
        worlds = complete(worlds, &oracle::MESSAGE_STATUSES, &|world| &mut world.messages[at].status);
        worlds = complete(worlds, &oracle::PARTIES, &|world| &mut world.messages[at].sender);
        worlds = complete(worlds, &oracle::PARTIES, &|world| &mut world.messages[at].recipient);
        worlds = complete(worlds, &oracle::CHANNELS, &|world| &mut world.messages[at].channel);
        worlds = complete(worlds, &oracle::TOPICS, &|world| &mut world.messages[at].topic);
        worlds = complete(worlds, &oracle::YES_NO, &|world| &mut world.messages[at].patient_included);
    }
    for at in 0..world.accesses.len() {
        worlds = complete_day(worlds, &|world| &mut world.accesses[at].day);
        worlds = complete(worlds, &oracle::ACTIONS, &|world| &mut world.accesses[at].action);
        worlds = complete(worlds, &oracle::PARTIES, &|world| &mut world.accesses[at].actor);
    }
    worlds
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn the_program_agrees_with_the_oracle(world in world()) {
        let report = report(&world);
        prop_assert_eq!(figures(&report), oracle::providers(&world));
        let group = &report["group"];
        let pair = |value: &Value| (value["least"].as_u64().unwrap(), value["most"].as_u64().unwrap());
        prop_assert_eq!((pair(&group["denominator"]), pair(&group["numerator"])), oracle::group_bounds(&world));
    }

    #[test]
    fn the_bounds_contain_every_resolution_of_the_unknowns(world in world()) {
        let pairs = oracle::pairs(&world);
        let threshold = oracle::threshold(world.edition(), world.year());
        for provider in figures(&report(&world)) {
            let own: Vec<&ProviderPatient> = pairs.iter().filter(|pair| pair.provider == provider.id).collect();
            let outcomes = all_outcomes(&own);
            let (least, most) = provider.denominator;
            prop_assert!(outcomes.iter().all(|(_, d)| (least..=most).contains(d)), "{:?} {:?}", provider, outcomes);
            let (least, most) = provider.numerator;
            prop_assert!(outcomes.iter().all(|(n, _)| (least..=most).contains(n)), "{:?} {:?}", provider, outcomes);
            // Some outcome reaches each end, so the ranges are no wider than necessary.
            prop_assert_eq!(outcomes.iter().map(|(_, d)| *d).min(), Some(provider.denominator.0));
            prop_assert_eq!(outcomes.iter().map(|(n, _)| *n).max(), Some(provider.numerator.1));
            let met = |(n, d): &(u64, u64)| match threshold {
                Threshold::MoreThanPercent(percent) => 100 * n > percent * d,
                Threshold::AtLeast(patients) => *n >= patients,
                Threshold::Attested => false,
            };
            match provider.verdict {
                "met" => prop_assert!(outcomes.iter().all(met)),
                "not-met" => prop_assert!(!outcomes.iter().any(met)),
                "indeterminate" => prop_assert!(
                    outcomes.iter().any(met) && !outcomes.iter().all(met) || outcomes.iter().any(|(_, d)| *d == 0)
                ),
                _ => prop_assert!(own.is_empty() || threshold == Threshold::Attested),
            }
        }
    }

    #[test]
    fn the_bounds_are_those_of_all_completions_of_the_unknown_words(world in world()) {
        let few = World {
            encounters: world.encounters.iter().take(4).cloned().collect(),
            messages: world.messages.iter().take(4).cloned().collect(),
            accesses: world.accesses.iter().take(4).cloned().collect(),
            ..world
        };
        let completed = completions(&few);
        prop_assume!(completed.len() <= 5000);
        let figures = figures(&report(&few));
        let all: Vec<Vec<oracle::ProviderResult>> = completed.iter().map(oracle::providers).collect();
        for provider in &figures {
            // A provider who is not on the roster and has no visits in a completion is not listed there.
            let nobody = World { encounters: Vec::new(), ..few.clone() };
            let nobody = World { roster: Some(vec![(provider.id.clone(), None)]), ..nobody };
            let unseen = &oracle::providers(&nobody)[0];
            let each = || all.iter().map(|all| all.iter().find(|p| p.id == provider.id).unwrap_or(unseen));
            let ends = |of: fn(&oracle::ProviderResult) -> (u64, u64)| {
                (each().map(|p| of(p).0).min().unwrap(), each().map(|p| of(p).1).max().unwrap())
            };
            prop_assert_eq!(provider.denominator, ends(|p| p.denominator));
            prop_assert_eq!(provider.numerator, ends(|p| p.numerator));
            let verdicts: Vec<&str> = each().map(|p| p.verdict).collect();
            match provider.verdict {
                "indeterminate" => {}
                // A definite result is the same in every completion.
                decided => prop_assert_eq!(verdicts, vec![decided; completed.len()]),
            }
        }
    }

    #[test]
    fn the_waterfall_conserves_rows_and_the_ledger_agrees(world in world()) {
        let folder = folder(&world);
        let report = report_in(&folder, &world, &["--ledger", "ledger.csv", "--waterfall", "providers"]);
        let (sort, _) = numerator_file(&world);
        let rows = world.messages.len() + world.accesses.len();
        for (role, rows) in [("encounters", world.encounters.len()), (sort, rows)] {
            let buckets = report["waterfall"][role].as_array().unwrap();
            let judged: u64 = buckets.iter().map(|bucket| bucket["rows"].as_u64().unwrap()).sum();
            prop_assert_eq!(judged, rows as u64);
            // The rows of all providers and the rows without a provider add up to the total.
            let of_providers = report["waterfall"]["providers"].as_array().unwrap();
            for (at, bucket) in buckets.iter().enumerate() {
                for key in ["rows", "counted", "uncertain"] {
                    let of = |provider: &Value| provider[role].get(at).map_or(0, |of| of[key].as_u64().unwrap());
                    prop_assert_eq!(bucket[key].as_u64().unwrap(), of_providers.iter().map(of).sum::<u64>());
                }
            }
        }
        let ledger: Vec<BTreeMap<String, String>> =
            csv::Reader::from_reader(folder.read("ledger.csv").as_bytes()).deserialize().map(Result::unwrap).collect();
        let pairs = oracle::pairs(&world);
        prop_assert_eq!(ledger.len(), pairs.len());
        for (row, pair) in ledger.iter().zip(&pairs) {
            prop_assert_eq!((&row["provider_id"], &row["patient_id"]), (&pair.provider, &pair.patient));
            prop_assert_eq!(row["denominator"] == "certain", pair.certainly_seen());
            let numerator = match (pair.certainly_wrote(), pair.perhaps_wrote()) {
                (true, _) => "certain",
                (false, true) => "possible",
                (false, false) => "none",
            };
            prop_assert_eq!(&row["numerator"], numerator);
            prop_assert_eq!(row["encounters"].parse::<usize>().unwrap(), pair.encounters.len());
            let certain = pair.messages.iter().filter(|answer| !answer.out).count();
            let uncertain = pair.messages.iter().filter(|answer| answer.out && answer.yes).count();
            prop_assert_eq!(row["counted_messages"].parse::<usize>().unwrap(), certain);
            prop_assert_eq!(row["uncertain_messages"].parse::<usize>().unwrap(), uncertain);
            // The reasons and source rows match the membership.
            prop_assert_eq!(row["reason"] == "counts", numerator == "certain");
            prop_assert_eq!(row["message_ref"].is_empty(), numerator == "none");
            check_days_and_references(&world, row, pair);
        }
    }

    #[test]
    fn order_duplicates_and_files_change_no_result(
        (world, shuffled) in world().prop_flat_map(|world| {
            let encounters = Just(world.encounters.clone()).prop_shuffle();
            let messages = Just(world.messages.clone()).prop_shuffle();
            let shuffled = (encounters, messages, Just(world.accesses.clone()).prop_shuffle());
            (Just(world), shuffled)
        }),
        at in 0usize..14,
    ) {
        let plain = results(&report(&world));
        let (encounters, messages, accesses) = shuffled;
        let again = World { encounters, messages, accesses, ..world.clone() };
        prop_assert_eq!(&plain, &results(&report(&again)));

        let twice = World {
            encounters: [world.encounters.clone(), again.encounters.clone()].concat(),
            messages: [again.messages.clone(), world.messages.clone()].concat(),
            accesses: [again.accesses.clone(), world.accesses.clone()].concat(),
            ..world.clone()
        };
        prop_assert_eq!(&plain, &results(&report(&twice)));

        // The same rows, divided into two files each.
        let folder = folder(&world);
        let mut first = again.clone();
        let second = World {
            encounters: first.encounters.split_off(at.min(first.encounters.len())),
            messages: first.messages.split_off(at.min(first.messages.len())),
            accesses: first.accesses.split_off(at.min(first.accesses.len())),
            ..again
        };
        for (number, part) in [("1", &first), ("2", &second)] {
            folder.write(&format!("e{number}.csv"), csv(&encounter_rows(&part.encounters), &ENCOUNTER_COLUMNS));
            // The records of the second file differ from those of the first.
            let rows = String::from_utf8(numerator_file(part).1).unwrap();
            folder.write(&format!("n{number}.csv"), rows.replace("\nM", &format!("\nM{number}")));
        }
        let (sort, _) = numerator_file(&world);
        let flag = format!("--{sort}");
        let output =
            folder.run(&["report", "--format", "json", "--encounters", "e*.csv", &flag, "n2.csv", "n1.csv"]);
        // The pattern also matches encounters.csv, which repeats the rows.
        prop_assert_eq!(&plain, &results(&serde_json::from_slice(&output.stdout).unwrap()));
    }

    #[test]
    fn a_further_message_that_counts_never_lowers_a_result(world in world(), patient in id(&["p1", "p2", "p3"])) {
        let rank = |verdict: &str| ["not-met", "not-calculable", "indeterminate", "met"].iter().position(|v| *v == verdict);
        let before = figures(&report(&world));
        let mut more = world.clone();
        let day = Some(format!("{}-08-01", world.year()));
        if oracle::counts_accesses(world.edition()) {
            let (action, actor) = ("view".to_owned(), "patient".to_owned());
            more.accesses.push(PortalAccess { patient, provider: Some("A".to_owned()), day, action, actor });
        } else {
            let (sender, recipient) = writer(world.edition());
            more.messages.push(Message {
                patient,
                provider: Some("A".to_owned()),
                day,
                status: "sent".to_owned(),
                sender: sender.to_owned(),
                recipient: recipient.to_owned(),
                channel: "ehr-portal".to_owned(),
                topic: "medication-refill".to_owned(),
                patient_included: "unknown".to_owned(),
            });
        }
        for (before, after) in before.iter().zip(figures(&report(&more))) {
            prop_assert_eq!(before.denominator, after.denominator);
            prop_assert!(before.numerator.0 <= after.numerator.0 && before.numerator.1 <= after.numerator.1);
            prop_assert!(before.needed >= after.needed);
            prop_assert!(rank(before.verdict) <= rank(after.verdict));
        }
    }
}

/// Checks that the days are those of the rows of the pair, and that the source rows are the earliest deciding ones.
fn check_days_and_references(world: &World, row: &BTreeMap<String, String>, pair: &ProviderPatient) {
    let shown = |day: Option<&String>| day.cloned().unwrap_or_default();
    let days: Vec<&String> =
        pair.encounter_rows.iter().filter_map(|row| world.encounters[*row].day.as_ref()).collect();
    assert_eq!(row["first_seen"], shown(days.iter().min().copied()));
    assert_eq!(row["last_seen"], shown(days.iter().max().copied()));

    // The deciding rows are the certain ones if any exist, otherwise the possible ones. The earliest day is first, unknown days are last,
    // and line order breaks ties.
    let earliest = |answers: &[oracle::Answers], rows: &[usize], day: &dyn Fn(usize) -> Option<String>| {
        let certain = answers.iter().any(|answer| !answer.out);
        let deciding = answers.iter().zip(rows).filter(|(answer, _)| answer.yes && (!certain || !answer.out));
        deciding.map(|(_, row)| (day(*row).unwrap_or("9999".to_owned()), *row)).min()
    };
    let line = |name: &str, found: &Option<(String, usize)>| {
        found.as_ref().map(|(_, row)| format!("{name}.csv:{}", row + 2)).unwrap_or_default()
    };
    let encounter =
        earliest(&pair.encounters, &pair.encounter_rows, &|row| world.encounters[row].day.clone());
    let (sort, _) = numerator_file(world);
    let message = earliest(&pair.messages, &pair.message_rows, &|row| {
        if sort == "accesses" { world.accesses[row].day.clone() } else { world.messages[row].day.clone() }
    });
    assert_eq!(row["encounter_ref"], line("encounters", &encounter));
    assert_eq!(row["message_ref"], line(sort, &message));
    let counted = message.filter(|_| pair.certainly_wrote()).map(|(day, _)| day);
    // Some other tools count messages whose day is unknown.
    let counted = counted.filter(|day| day != "9999");
    assert_eq!(row["first_counted_at"], counted.unwrap_or_default());
}

/// Writes exports that are large enough to be shared among threads in several blocks.
fn large() -> Folder {
    let folder = Folder::new();
    let mut encounters = "patient_id,provider_id,started_at,kind,note\n".to_owned();
    let mut messages =
        "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,subject\n".to_owned();
    for n in 0..30_000u32 {
        let (patient, provider, day) = (n * 7919 % 5000, n % 23, n % 120);
        let kind = ["office-visit", "telehealth", "other", "", "nonsense"][(n * 31 % 5) as usize];
        let day =
            chrono::NaiveDate::from_ymd_opt(2014, 6, 1).unwrap() + chrono::TimeDelta::days(i64::from(day));
        encounters
            .push_str(&format!("p{patient},dr{provider},{day},{kind},\"a \"\"quoted\"\"\nnote, {n}\"\n"));
        let topic = ["medication-refill", "billing", "other", "???"][(n * 17 % 4) as usize];
        let sender = ["patient", "staff", "provider"][(n * 13 % 3) as usize];
        messages.push_str(&format!(
            "m{n},{day},p{},dr{provider},{sender},provider,ehr-portal,{topic},\"Re: {}\"\n",
            n * 104_729 % 5200,
            if n % 50 == 0 { "5'10\"\" and\n\nmore" } else { "hello" },
        ));
        if n % 997 == 0 {
            messages.push_str("too,few,fields\n");
        }
    }
    folder.write("encounters.csv", encounters).write("messages.csv", messages);
    folder
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = large();
    let run = |threads: &str| {
        let words = ["--period", "2014Q3", "--no-config", "--ledger", "ledger.csv", "--threads", threads];
        let output = folder.run(&report_words(&words));
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        (output.stdout, folder.read("ledger.csv"))
    };
    let one = run("1");
    assert!(one.1.lines().count() > 1000, "the export reaches few patients");
    for threads in ["2", "4", "7"] {
        assert!(run(threads) == one, "{threads} threads give another result");
    }
}

#[test]
fn the_first_error_of_an_input_is_told_whatever_the_threads() {
    let folder = large();
    let messages = folder.read("messages.csv");
    let mut bytes = messages.into_bytes();
    let half = bytes.len() / 2;
    let (early, late) = (bytes[..half].iter().filter(|byte| **byte == b'\n').count() + 1, bytes.len() - 3);
    bytes[half] = 0;
    bytes[late] = 0;
    folder.write("messages.csv", bytes);
    for threads in ["1", "2", "4"] {
        let output = folder.run(&report_words(&["--period", "2014Q3", "--threads", threads]));
        assert_eq!(output.status.code(), Some(3));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["error"]["code"], "nul-byte");
        assert_eq!(report["error"]["place"]["line"], early as u64);
        assert_eq!(report["providers"], serde_json::json!([]));
    }
}
