//! The answers of a row that may have unknown values: the union over all ways to complete it.

use std::collections::BTreeSet;

use super::chains::{Answers, decide};
use super::editions::{ExtendedWindow, RuleList, wider};
use super::lists::*;
use super::world::{Encounter, Message, Policies, PortalAccess, World};

/// Returns the value itself or, if it is unknown, every value of its list.
fn completions<'w>(word: &'w str, list: &[&'w str]) -> Vec<&'w str> {
    if word == "unknown" { list.to_vec() } else { vec![word] }
}

fn union(answers: impl IntoIterator<Item = Answers>) -> Answers {
    answers.into_iter().fold(Answers { out: false, yes: false }, |all, one| Answers {
        out: all.out || one.out,
        yes: all.yes || one.yes,
    })
}

/// Returns the answers of a row, over all ways to complete its values. `columns` has the possible values of each column.
fn evaluate(world: &World, policies: &Policies, section: RuleList, columns: &[(&str, Vec<&str>)]) -> Answers {
    let mut rows: Vec<Vec<&str>> = vec![Vec::new()];
    for (_, words) in columns {
        rows = rows
            .iter()
            .flat_map(|row| words.iter().map(move |word| [row.as_slice(), &[*word]].concat()))
            .collect();
    }
    union(rows.iter().map(|row| {
        let word = |name: &str| row[columns.iter().position(|(column, _)| *column == name).unwrap()];
        decide(world.edition(), section, policies, &word).1
    }))
}

/// Returns the answers of an encounter.
pub fn evaluate_encounter(world: &World, policies: &Policies, encounter: &Encounter) -> Answers {
    let day = match &encounter.day {
        Some(day) if *world.first <= **day && **day <= *world.last => vec!["inside"],
        Some(_) => vec!["outside"],
        None => vec!["inside", "outside"],
    };
    evaluate(
        world,
        policies,
        RuleList::Denominator,
        &[
            ("status", completions(&encounter.status, &ENCOUNTER_STATUSES)),
            ("day", day),
            ("kind", completions(&encounter.kind, &KINDS)),
            ("seen_by", completions(&encounter.seen_by, &SEEN_BY)),
            ("cehrt", is_at_certified_location(world, encounter.location.as_deref())),
        ],
    )
}

/// Returns whether an encounter was at a location with certified EHR technology. It was, unless the configuration lists locations. Then the
/// listed value applies, and an encounter without a location is unknown.
fn is_at_certified_location(world: &World, location: Option<&str>) -> Vec<&'static str> {
    if world.locations.is_empty() {
        return vec!["yes"];
    }
    let Some(location) = location else {
        return YES_NO.to_vec();
    };
    match world.locations.iter().find(|(name, _)| name == location) {
        Some((_, false)) => vec!["no"],
        _ => vec!["yes"],
    }
}

/// Returns the answers of a message.
pub fn evaluate_message(world: &World, policies: &Policies, message: &Message) -> Answers {
    let mut names: Vec<&str> = CHANNELS.to_vec();
    names.extend(world.channels.iter().map(|(name, ..)| name.as_str()));
    // A channel may be certified only on some days, so complete the day and the channel together.
    let mut together = BTreeSet::new();
    for day in days(world, message.day.as_deref()) {
        for channel in completions(&message.channel, &names) {
            let certified = if is_certified(world, channel, &day) { "yes" } else { "no" };
            together.extend(in_windows(world, &day).into_iter().map(|day| (day, certified)));
        }
    }
    union(together.into_iter().map(|(day, certified)| {
        evaluate(
            world,
            policies,
            RuleList::Numerator,
            &[
                ("status", completions(&message.status, &MESSAGE_STATUSES)),
                ("sender", completions(&message.sender, &PARTIES)),
                ("day", vec![day]),
                ("certified", vec![certified]),
                ("recipient", completions(&message.recipient, &PARTIES)),
                ("topic", completions(&message.topic, &TOPICS)),
                ("patient_included", completions(&message.patient_included, &YES_NO)),
            ],
        )
    }))
}

/// Returns the answers of a portal access.
pub fn evaluate_access(world: &World, policies: &Policies, access: &PortalAccess) -> Answers {
    let days = days(world, access.day.as_deref());
    let days: BTreeSet<&str> = days.iter().flat_map(|day| in_windows(world, day)).collect();
    evaluate(
        world,
        policies,
        RuleList::Numerator,
        &[
            ("action", completions(&access.action, &ACTIONS)),
            ("actor", completions(&access.actor, &PARTIES)),
            ("day", days.into_iter().collect()),
        ],
    )
}

/// Returns where a day is relative to the reporting period and the rule set's longer window. The result is usually one value. It is two if
/// the window ends with an attestation whose date is unknown.
fn in_windows(world: &World, day: &str) -> Vec<&'static str> {
    if *world.first <= *day && *day <= *world.last {
        return vec!["inside"];
    }
    let january = format!("{}-01-01", &world.first[..4]);
    let december = format!("{}-12-31", &world.last[..4]);
    match wider(world.edition()) {
        ExtendedWindow::None => vec!["outside"],
        ExtendedWindow::CalendarYear if *january <= *day && *day <= *december => vec!["around"],
        ExtendedWindow::CalendarYear => vec!["outside"],
        ExtendedWindow::YearToAttestation if *day < *january => vec!["outside"],
        ExtendedWindow::YearToAttestation if *day < *world.first => vec!["around"],
        ExtendedWindow::YearToAttestation => match world.attested.as_deref() {
            Some(attested) if *day <= *attested => vec!["around"],
            Some(_) => vec!["outside"],
            None => vec!["around", "outside"],
        },
    }
}

/// Returns the day itself or, if it is unknown, days that represent every day: the ends of all spans and the days next to them.
fn days(world: &World, day: Option<&str>) -> BTreeSet<String> {
    if let Some(day) = day {
        return BTreeSet::from([day.to_owned()]);
    }
    let mut days = BTreeSet::from(["0001-01-01".to_owned(), "9999-12-31".to_owned()]);
    let ends = world.channels.iter().flat_map(|(_, _, from, until)| [from.clone(), until.clone()]).flatten();
    let year = [format!("{}-01-01", &world.first[..4]), format!("{}-12-31", &world.last[..4])];
    for end in ends.chain([world.first.clone(), world.last.clone()]).chain(year).chain(world.attested.clone())
    {
        let date: chrono::NaiveDate = end.parse().unwrap();
        days.insert(date.pred_opt().unwrap().to_string());
        days.insert(date.to_string());
        days.insert(date.succ_opt().unwrap().to_string());
    }
    days
}

/// Returns whether a channel is certified on a day. By default, only `ehr-portal` is; the configuration can set any channel.
fn is_certified(world: &World, channel: &str, day: &str) -> bool {
    match world.channels.iter().rev().find(|(name, ..)| name == channel) {
        Some((_, certified, from, until)) => {
            *certified
                && from.as_deref().is_none_or(|from| from <= day)
                && until.as_deref().is_none_or(|until| day <= until)
        }
        None => channel == "ehr-portal",
    }
}
