//! Random small worlds of any rule set, and their files.

use proptest::prelude::*;
use serde_json::Value;

use super::cases::{Row, csv, words_of_report};
use super::oracle::{self, Encounter, Message, Policies, PortalAccess, World};
use super::program::Folder;

/// Days of 2014. Worlds are generated for that year, and then moved to another.
pub const DAYS: [&str; 12] = [
    "2013-12-31",
    "2014-01-01",
    "2014-06-30",
    "2014-07-01",
    "2014-08-15",
    "2014-09-30",
    "2014-10-01",
    "2014-12-31",
    "2015-01-01",
    "2014-07-01",
    "2014-08-15",
    "",
];

/// Generates a world of any rule set and year, with few ids, so that rows match. Values are usually the default, and sometimes any other.
pub fn world() -> impl Strategy<Value = World> {
    let all_editions = prop::sample::select(&oracle::EDITIONS[..]);
    // The first rule set has the most rules, and most practices use it.
    prop_oneof![1 => Just(oracle::EDITIONS[0]), 4 => all_editions].prop_flat_map(world_of)
}

pub fn world_of(edition: &'static str) -> impl Strategy<Value = World> {
    let encounters = prop::collection::vec(encounter(), 0..14);
    let rows = if oracle::counts_accesses(edition) { (0..1, 0..14) } else { (0..14, 0..1) };
    let messages = prop::collection::vec(message(writer(edition)), rows.0);
    let accesses = prop::collection::vec(access(), rows.1);
    let group = || prop::option::of(prop::sample::select(vec!["north".to_owned(), "south".to_owned()]));
    let roster = prop::option::of((group(), group(), npi(), npi()).prop_map(|(a, b, of_a, of_b)| {
        let npis = [("A", of_a), ("B", of_b)].map(|(id, npi)| Some((id.to_owned(), npi?.to_owned())));
        let npis: std::collections::BTreeMap<String, String> = npis.into_iter().flatten().collect();
        (vec![("A".to_owned(), a), ("B".to_owned(), b)], npis)
    }));
    let channels = prop::collection::vec(channel(), 0..2);
    // If locations are configured, at least one is not certified. An unknown location may be that one.
    let known = |name: &str, certified| (name.to_owned(), certified);
    let locations = prop::sample::select(vec![
        vec![],
        vec![known("off", false)],
        vec![known("off", false), known("on", true)],
    ]);
    let attested =
        prop::sample::select(vec![None, Some("2014-10-01"), Some("2014-12-31"), Some("2015-02-28")]);
    let config = (policies(edition), channels, locations, attested, any::<bool>());
    (encounters, messages, accesses, roster, config, 2014..=2019i32).prop_map(
        move |(encounters, messages, accesses, roster, config, year)| {
            let (policies, channels, locations, attested, group_credit) = config;
            let (roster, npis) =
                roster.map_or((None, Default::default()), |(roster, npis)| (Some(roster), npis));
            let world = World {
                edition: edition.to_owned(),
                first: "2014-07-01".to_owned(),
                last: "2014-09-30".to_owned(),
                attested: attested.map(str::to_owned),
                group_credit,
                policies,
                channels,
                locations,
                encounters,
                messages,
                accesses,
                roster,
                npis,
                ..World::default()
            };
            moved(world, year)
        },
    )
}

/// Generates an NPI, which another provider may share, or `None`. The second NPI has a wrong check digit.
fn npi() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![None, Some("1234567893"), Some("1234567893"), Some("1234567890")])
}

/// Returns the sender and the recipient of a qualifying message.
pub fn writer(edition: &str) -> (&'static str, &'static str) {
    match edition {
        "stage2-core17" | "modstage2-2015" => ("patient", "provider"),
        "like-openemr" | "like-open-dental" | "like-rpms" => ("patient", "provider"),
        _ => ("provider", "patient"),
    }
}

/// Generates settings for some of a rule set's policies.
pub fn policies(edition: &str) -> impl Strategy<Value = Policies> + use<> {
    let policies = oracle::policies(edition, 2014);
    prop::collection::vec(any::<prop::sample::Index>(), policies.len()).prop_map(move |indices| {
        let choice = |(policy, index): (&oracle::Policy, prop::sample::Index)| {
            // An index beyond the last setting means that the policy is not configured.
            let choice = policy.choices.get(index.index(policy.choices.len() + 1))?;
            Some((policy.name.to_owned(), (*choice).to_owned()))
        };
        policies.iter().zip(indices).filter_map(choice).collect()
    })
}

/// Moves every day of a world from 2014 to another year.
pub fn moved(mut world: World, year: i32) -> World {
    let moved = |day: &mut String| {
        let old: i32 = day[..4].parse().unwrap();
        day.replace_range(..4, &(old - 2014 + year).to_string());
    };
    moved(&mut world.first);
    moved(&mut world.last);
    world.attested.iter_mut().for_each(moved);
    world.encounters.iter_mut().filter_map(|row| row.day.as_mut()).for_each(moved);
    world.messages.iter_mut().filter_map(|row| row.day.as_mut()).for_each(moved);
    world.accesses.iter_mut().filter_map(|row| row.day.as_mut()).for_each(moved);
    for (_, _, from, until) in &mut world.channels {
        from.iter_mut().chain(until).for_each(moved);
    }
    world
}

/// Generates a value: usually the default, sometimes any other of the list, sometimes unknown.
pub fn word(plain: &'static str, list: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        5 => Just(plain.to_owned()),
        2 => prop::sample::select(list).prop_map(str::to_owned),
        1 => Just("unknown".to_owned()),
    ]
}

/// Generates a configured channel: never certified, always certified, or certified on some days.
pub fn channel() -> impl Strategy<Value = (String, bool, Option<String>, Option<String>)> {
    let end = |day: &'static str| prop::option::of(Just(day.to_owned()));
    (
        prop::sample::select(vec!["ehr-portal", "pm-portal"]),
        any::<bool>(),
        end("2014-07-15"),
        end("2014-08-31"),
    )
        .prop_map(|(name, certified, from, until)| (name.to_owned(), certified, from, until))
}

pub fn day() -> impl Strategy<Value = Option<String>> {
    prop::sample::select(&DAYS[..]).prop_map(|day| Some(day.to_owned()).filter(|day| !day.is_empty()))
}

pub fn id(ids: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(ids).prop_map(str::to_owned)
}

pub fn encounter() -> impl Strategy<Value = Encounter> {
    (
        id(&["p1", "p2", "p3", "p4"]),
        id(&["A", "B", "C"]),
        day(),
        word("completed", &oracle::ENCOUNTER_STATUSES),
        word("office-visit", &oracle::KINDS),
        word("eligible-professional", &oracle::SEEN_BY),
        prop::option::weighted(0.9, id(&["on", "off", "elsewhere"])),
    )
        .prop_map(|(patient, provider, day, status, kind, seen_by, location)| Encounter {
            patient,
            provider,
            day,
            status,
            kind,
            seen_by,
            location,
        })
}

pub fn message((sender, recipient): (&'static str, &'static str)) -> impl Strategy<Value = Message> {
    (
        (id(&["p1", "p2", "p3", "p4", "p5"]), prop::option::weighted(0.8, id(&["A", "B", "C", "Z"]))),
        day(),
        word("sent", &oracle::MESSAGE_STATUSES),
        word(sender, &oracle::PARTIES),
        word(recipient, &oracle::PARTIES),
        word("ehr-portal", &oracle::CHANNELS),
        word("clinical-question", &oracle::TOPICS),
        word("yes", &oracle::YES_NO),
    )
        .prop_map(
            |((patient, provider), day, status, sender, recipient, channel, topic, patient_included)| {
                Message {
                    patient,
                    provider,
                    day,
                    status,
                    sender,
                    recipient,
                    channel,
                    topic,
                    patient_included,
                }
            },
        )
}

pub fn access() -> impl Strategy<Value = PortalAccess> {
    (
        (id(&["p1", "p2", "p3", "p4", "p5"]), prop::option::weighted(0.8, id(&["A", "B", "C", "Z"]))),
        day(),
        word("view", &oracle::ACTIONS),
        word("patient", &oracle::PARTIES),
    )
        .prop_map(|((patient, provider), day, action, actor)| PortalAccess {
            patient,
            provider,
            day,
            action,
            actor,
        })
}

pub fn row(cells: &[(&str, &str)]) -> Row {
    cells.iter().map(|(column, cell)| ((*column).to_owned(), (*cell).to_owned())).collect()
}

pub fn encounter_rows(encounters: &[Encounter]) -> Vec<Row> {
    let rows = encounters.iter().map(|encounter| {
        row(&[
            ("patient_id", &encounter.patient),
            ("provider_id", &encounter.provider),
            ("started_at", encounter.day.as_deref().unwrap_or("")),
            ("status", &encounter.status),
            ("kind", &encounter.kind),
            ("seen_by", &encounter.seen_by),
            ("location_id", encounter.location.as_deref().unwrap_or("")),
        ])
    });
    rows.collect()
}

pub fn message_rows(messages: &[Message]) -> Vec<Row> {
    let rows = messages.iter().enumerate().map(|(at, message)| {
        row(&[
            ("message_id", &format!("M{at}")),
            ("patient_id", &message.patient),
            ("provider_id", message.provider.as_deref().unwrap_or("")),
            ("sent_at", message.day.as_deref().unwrap_or("")),
            ("status", &message.status),
            ("sender", &message.sender),
            ("recipient", &message.recipient),
            ("channel", &message.channel),
            ("topic", &message.topic),
            ("patient_included", &message.patient_included),
        ])
    });
    rows.collect()
}

pub fn access_rows(accesses: &[PortalAccess]) -> Vec<Row> {
    let rows = accesses.iter().enumerate().map(|(at, access)| {
        row(&[
            ("access_id", &format!("M{at}")),
            ("patient_id", &access.patient),
            ("provider_id", access.provider.as_deref().unwrap_or("")),
            ("accessed_at", access.day.as_deref().unwrap_or("")),
            ("action", &access.action),
            ("actor", &access.actor),
        ])
    });
    rows.collect()
}

pub const ENCOUNTER_COLUMNS: [&str; 7] =
    ["patient_id", "provider_id", "started_at", "status", "kind", "seen_by", "location_id"];
pub const MESSAGE_COLUMNS: [&str; 10] = [
    "message_id",
    "patient_id",
    "provider_id",
    "sent_at",
    "status",
    "sender",
    "recipient",
    "channel",
    "topic",
    "patient_included",
];
pub const ACCESS_COLUMNS: [&str; 6] =
    ["access_id", "patient_id", "provider_id", "accessed_at", "action", "actor"];

/// Returns the name and the contents of the world's numerator file.
pub fn numerator_file(world: &World) -> (&'static str, Vec<u8>) {
    if oracle::counts_accesses(world.edition()) {
        ("accesses", csv(&access_rows(&world.accesses), &ACCESS_COLUMNS))
    } else {
        ("messages", csv(&message_rows(&world.messages), &MESSAGE_COLUMNS))
    }
}

/// Creates a folder with the world's files.
pub fn folder(world: &World) -> Folder {
    let folder = Folder::new();
    let (sort, rows) = numerator_file(world);
    folder
        .write("encounters.csv", csv(&encounter_rows(&world.encounters), &ENCOUNTER_COLUMNS))
        .write(&format!("{sort}.csv"), rows);
    let mut config = config(world);
    if let Some(roster) = roster_rows(world) {
        folder.write("roster.csv", csv(&roster, &["provider_id", "group_id", "npi"]));
        config = format!("roster = \"roster.csv\"\n{config}");
    }
    folder.write("mucalc.toml", config);
    folder
}

/// Returns the rows of a world's roster, if it has one.
pub fn roster_rows(world: &World) -> Option<Vec<Row>> {
    let line = |(id, group): &(String, Option<String>)| {
        let npi = world.npis.get(id).map_or("", String::as_str);
        row(&[("provider_id", id), ("group_id", group.as_deref().unwrap_or("")), ("npi", npi)])
    };
    world.roster.as_ref().map(|roster| roster.iter().map(line).collect())
}

/// Returns a world's settings as a configuration that names no input.
pub fn config(world: &World) -> String {
    let mut config =
        format!("edition = \"{}\"\nperiod = \"{}..{}\"\n", world.edition(), world.first, world.last);
    // Most worlds also test a rule set in years to which it does not apply.
    let is_for = |edition: mucalc_core::edition::Edition| edition.years.contains(world.year());
    if !mucalc_core::edition::find(world.edition()).is_some_and(is_for) {
        config.push_str("any-year = true\n");
    }
    if let Some(attested) = &world.attested {
        config.push_str(&format!("attested = \"{attested}\"\n"));
    }
    if world.group_credit {
        config.push_str("credit = \"group\"\n");
    }
    config.push_str("[policy]\n");
    for (name, choice) in &world.policies {
        config.push_str(&format!("{name} = \"{choice}\"\n"));
    }
    let mut named: Vec<&String> = Vec::new();
    for (name, certified, from, until) in world.channels.iter().rev() {
        // The last entry of a channel takes precedence in the oracle.
        if named.contains(&name) {
            continue;
        }
        named.push(name);
        config.push_str(&format!("[channels.{name}]\ncertified = {certified}\n"));
        for (key, day) in [("from", from), ("until", until)] {
            if let Some(day) = day {
                config.push_str(&format!("{key} = \"{day}\"\n"));
            }
        }
    }
    for (name, certified) in &world.locations {
        config.push_str(&format!("[locations.{name}]\ncertified = {certified}\n"));
    }
    config
}

/// Returns the program's report on a world.
pub fn report(world: &World) -> Value {
    report_in(&folder(world), world, &[])
}

/// Returns the program's report on a world whose files are in a folder.
pub fn report_in(folder: &Folder, world: &World, words: &[&str]) -> Value {
    let output = folder.run(&words_of_report(world.edition(), words));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Converts the counts of a report to the oracle's type.
pub fn figures(report: &Value) -> Vec<oracle::ProviderResult> {
    let providers = report["providers"].as_array().unwrap().iter();
    let pair = |value: &Value| (value["least"].as_u64().unwrap(), value["most"].as_u64().unwrap());
    providers
        .map(|provider| oracle::ProviderResult {
            id: provider["provider_id"].as_str().unwrap().to_owned(),
            denominator: pair(&provider["denominator"]),
            numerator: pair(&provider["numerator"]),
            verdict: ["met", "not-met", "indeterminate", "not-calculable"]
                .into_iter()
                .find(|verdict| provider["verdict"] == *verdict)
                .unwrap(),
            needed: provider["needed"].as_u64().unwrap(),
            adjudicate: provider["adjudicate"].as_u64(),
            rate: provider["rate_percent"].as_str().map(str::to_owned),
            rate_most: provider["rate_percent_most"].as_str().map(str::to_owned),
            unusable: (
                provider["unusable"]["encounters"].as_u64().unwrap_or_default(),
                provider["unusable"]["messages"].as_u64().unwrap_or_default(),
            ),
        })
        .collect()
}
