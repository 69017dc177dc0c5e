//! Optimized paths give the same results as the plain ones.

use std::collections::BTreeMap;

use mucalc_core::domain::channel::{Certification, ChannelCertifications, ChannelCode, ConfiguredChannel};
use mucalc_core::domain::event::{Message, MessageCodes, NumeratorEvent};
use mucalc_core::domain::line_index::LazyLine;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::words::{MessageParty, MessageStatus, MessageTopic, PatientIncluded};
use mucalc_core::edition::{self, Edition};
use mucalc_core::ledger::{CompiledMeasure, KnownInputs};
use serde_json::Value;

use crate::support::program::Folder;
use crate::support::worlds;
use crate::support::year::Dice;

fn day(text: &str) -> Day {
    Day::parse(text.as_bytes()).unwrap()
}

/// Returns every combination of values that a message can have.
fn all_words(channels: &ChannelCertifications) -> impl Iterator<Item = MessageCodes> {
    let codes = |unknown: u8| 0..=unknown;
    let channels: Vec<ChannelCode> = channels.codes().collect();
    codes(MessageStatus::Unknown.code()).flat_map(move |status| {
        let channels = channels.clone();
        codes(MessageParty::Unknown.code()).flat_map(move |sender| {
            let channels = channels.clone();
            codes(MessageParty::Unknown.code()).flat_map(move |recipient| {
                let channels = channels.clone();
                channels.into_iter().flat_map(move |channel| {
                    codes(MessageTopic::Unknown.code()).flat_map(move |topic| {
                        codes(PatientIncluded::Unknown.code()).map(move |included| MessageCodes {
                            status: MessageStatus::from_code(status),
                            sender: MessageParty::from_code(sender),
                            recipient: MessageParty::from_code(recipient),
                            channel,
                            topic: MessageTopic::from_code(topic),
                            patient_included: PatientIncluded::from_code(included),
                        })
                    })
                })
            })
        })
    })
}

/// The result for a combination of message values is cached for each relation of the day to the period. The cached result and rule match
/// those of a full evaluation in every rule set, with and without a known attestation date, for every combination of values. The channels
/// are certified always, never, or on some days.
///
/// | day | relation to the period 2014Q3 |
/// | --- | --- |
/// | 2013-12-31 | in the year before |
/// | 2014-01-01, 2014-06-30 | before the period, in its year |
/// | 2014-07-01, 2014-08-15, 2014-09-30 | in the period |
/// | 2014-10-01, 2014-12-31 | after the period, in its year |
/// | 2015-01-01, 2015-01-15, 2015-03-01 | before and after the attestation |
/// | none | unknown |
#[test]
fn what_words_say_is_what_the_message_says() {
    let days = worlds::DAYS.into_iter().chain(["2015-01-15", "2015-03-01"]).filter(|text| !text.is_empty());
    let days: Vec<Option<Day>> = days.map(|text| Some(day(text))).chain([None]).collect();
    let dated = Certification::Between(Some(day("2014-08-01")), Some(day("2014-11-30")));
    let mut some_days = ChannelCertifications::default();
    some_days.insert(ConfiguredChannel { name: "other-portal".to_owned(), certification: dated });
    let period = Period::parse("2014Q3").unwrap();
    let of_messages =
        |edition: &Edition| edition.numerator.columns.iter().any(|column| column.name == "recipient");
    let editions: Vec<Edition> = edition::all().into_iter().filter(of_messages).collect();
    assert!(editions.len() > 5, "{} editions count messages", editions.len());
    for edition in editions {
        for (channels, attested) in [
            (ChannelCertifications::default(), None),
            (some_days.clone(), None),
            (some_days.clone(), Some(day("2015-02-01"))),
        ] {
            let choices = edition.default_choices(2014);
            let law = CompiledMeasure::new(
                &edition,
                &choices,
                period,
                attested,
                channels.clone(),
                KnownInputs::default(),
            );
            let mut told = 0;
            for words in all_words(&channels) {
                let by_words = law.cells_for(&words);
                for day in &days {
                    let act = NumeratorEvent {
                        line: LazyLine::Known(2),
                        id: None,
                        version: None,
                        patient: b"P",
                        provider: None,
                        day: *day,
                    };
                    let message = Message { act, words };
                    // The message needs a full evaluation if its values do not decide.
                    let Some(quick) = law.message_by(&by_words, *day) else { continue };
                    told += 1;
                    let plain = law.message(&message);
                    assert_eq!(
                        (quick.rule, quick.answer),
                        (plain.rule, plain.answer),
                        "{}: {words:?} on {day:?}, attested {attested:?}",
                        edition.id
                    );
                }
            }
            assert!(told > 0, "{}: the words never tell it", edition.id);
        }
    }
}

/// A kind of ids, with a function that makes an id from a number.
type IdKind = (&'static str, fn(usize) -> String);

/// Kinds of ids that programs give. Some are looked up by the number in them, some by a hash, and some kinds mix both.
const ID_KINDS: [IdKind; 9] = [
    ("letters", |id| format!("{}{}", char::from(b'a' + (id / 26) as u8), char::from(b'a' + (id % 26) as u8))),
    ("numbers of one length", |id| format!("P{:06}", 17 * id)),
    ("numbers of several lengths", |id| (3 * id + 1).to_string()),
    ("numbers far apart", |id| format!("{:08}", 1_000_003 * id)),
    ("numbers behind a long beginning", |id| format!("clinic-of-the-north-{id:05}")),
    ("long ids", |id| format!("{:08x}-0000-4000-8000-{:012x}", id * 0x0101_0101, id * 77)),
    ("numbers, and some letters", |id| if id % 3 == 0 { format!("odd{id}x") } else { format!("{id:04}") }),
    ("letters, and some numbers", |id| if id % 3 == 0 { format!("{id:04}") } else { format!("odd{id}x") }),
    ("numbers, and long ids", |id| match id % 4 {
        0 => format!("somebody with a long name and the number {id}"),
        _ => format!("{id:03}"),
    }),
];

const PATIENTS: usize = 90;
const PROVIDERS: usize = 30;
const FILES: usize = 3;

/// Writes a practice in which most patients have one provider and some have several. Patients write to any provider, and some of them were
/// never seen.
fn practice(seed: u64, patient: fn(usize) -> String, provider: fn(usize) -> String) -> Folder {
    let mut dice = Dice::new(seed);
    let mut encounters: Vec<String> = vec!["patient_id,provider_id,started_at,kind\n".to_owned(); FILES];
    let mut messages =
        String::from("message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic\n");
    let mut seen_by = vec![Vec::new(); PATIENTS + 10];
    for (of, seen_by) in seen_by.iter_mut().enumerate().take(PATIENTS) {
        let several = if dice.below(4) == 0 { 1 + dice.below(5) } else { 1 };
        for _ in 0..several {
            // Each file names providers who are not in the files before it.
            let file = dice.below(FILES);
            let by = dice.below((PROVIDERS - 5) * (file + 1) / FILES);
            seen_by.push(by);
            let (day, kind) = (dice.day(2014), dice.word(&["office-visit", "other", "telephone"]));
            encounters[file].push_str(&format!("{},{},{day},{kind}\n", patient(of), provider(by)));
        }
    }
    for row in 0..400 {
        // Some patients were never seen, and some providers have no encounter.
        let of = dice.below(PATIENTS + 10);
        let to = match seen_by[of].len() {
            several @ 1.. if dice.below(3) > 0 => seen_by[of][dice.below(several)],
            _ => dice.below(PROVIDERS),
        };
        let to = if dice.below(6) == 0 { String::new() } else { provider(to) };
        let day = dice.day(2014);
        let sender = dice.word(&["patient", "representative", "provider", ""]);
        let recipient = dice.word(&["provider", "care-team", "staff", ""]);
        let topic = dice.word(&["clinical-question", "medication-refill", "appointment", "billing", ""]);
        messages.push_str(&format!(
            "M{row},{},{to},{day},{sender},{recipient},ehr-portal,{topic}\n",
            patient(of)
        ));
    }
    let folder = Folder::new();
    for (file, encounters) in encounters.into_iter().enumerate() {
        folder.write(&format!("encounters{file}.csv"), encounters);
    }
    folder.write("messages.csv", messages);
    folder
}

/// Returns the results of a report without names: those of the practice, and those of each provider by number.
fn figures(report: &Value, provider: fn(usize) -> String) -> (Value, Vec<Option<Value>>) {
    let mut by_id: BTreeMap<String, Value> = BTreeMap::new();
    for of in report["providers"].as_array().unwrap() {
        let mut of = of.clone();
        let id = of.as_object_mut().unwrap().remove("provider_id").unwrap();
        by_id.insert(id.as_str().unwrap().to_owned(), of);
    }
    let of_each = (0..PROVIDERS).map(|number| by_id.remove(&provider(number))).collect();
    assert!(by_id.is_empty(), "somebody else is reported: {by_id:?}");
    // Whether ids look alike depends on their spelling.
    let findings = report["findings"].as_array().unwrap().iter();
    let findings: Vec<&Value> = findings.filter(|finding| finding["code"] != "look-alike-id").collect();
    let all = serde_json::json!([report["group"], report["waterfall"], findings]);
    (all, of_each)
}

/// Renaming the ids of patients or providers changes no result, whatever kind of ids an export has.
#[test]
fn ids_of_another_sort_change_no_figure() {
    let plain = ID_KINDS[0].1;
    for seed in 1..=3 {
        for credit in ["strict", "group"] {
            let report = |patient, provider| {
                let words =
                    ["report", "--no-config", "--period", "2014", "--credit", credit, "--format", "json"];
                let inputs = ["--encounters", "encounters*.csv", "--messages", "messages.csv"];
                let output = practice(seed, patient, provider).run(&[&words[..], &inputs].concat());
                assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
                figures(&serde_json::from_slice(&output.stdout).unwrap(), provider)
            };
            let expected = report(plain, plain);
            let counts = |of: &&Value| of["numerator"]["least"].as_u64() > Some(0);
            let counting = expected.1.iter().flatten().filter(counts).count();
            assert!(counting > PROVIDERS / 4, "patients count for {counting} providers only");
            for (sort, ids) in ID_KINDS {
                assert_eq!(report(ids, plain), expected, "patients have {sort}; {credit}, practice {seed}");
                assert_eq!(report(plain, ids), expected, "providers have {sort}; {credit}, practice {seed}");
            }
        }
    }
}

/// Patients of very many providers are looked up in another way. Each pair is still counted once, for the right provider.
#[test]
fn patients_of_many_providers_are_seen_by_each_of_them_once() {
    let folder = Folder::new();
    let mut encounters = "patient_id,provider_id,started_at,kind\n".to_owned();
    // Many patients at once are looked up in that way.
    for visit in 1..=3 {
        for patient in 0..200 {
            for provider in if patient % 2 == 0 { 0..40 } else { 10..50 } {
                encounters.push_str(&format!("P{patient},D{provider:02},2014-07-{visit:02},office-visit\n"));
            }
        }
        encounters.push_str(&format!("Z,D45,2014-07-{visit:02},office-visit\n"));
    }
    folder.write("encounters.csv", encounters);
    folder.write("messages.csv", "patient_id,provider_id,sent_at,sender,recipient,channel,topic\n");
    let report = folder.report(&["--no-config", "--period", "2014Q3"]);
    let seen: Vec<u64> = report["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["denominator"]["least"].as_u64().unwrap())
        .collect();
    let expected = |provider: usize| match provider {
        10..40 => 200,
        45 => 101,
        _ => 100,
    };
    assert_eq!(seen, (0..50).map(expected).collect::<Vec<u64>>());
    assert_eq!(report["group"]["denominator"]["most"], 201);
}
