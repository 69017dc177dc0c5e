//! Exports with the damage seen in real ones: missing or destroyed ids, cells with absence markers, and non-data rows.
//!
//! Each damaged export comes with its usable remains and with its possible originals. Tests can therefore count what the damage means
//! without using any of the program's arithmetic.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::cases::Row;
use super::oracle::{self, World};
use super::tables::{Tables, of_world};
use super::worlds;

/// A damaged export.
#[derive(Clone, Debug)]
pub struct Damaged {
    /// The export after the damage.
    pub exported: Tables,
    /// The usable rows, without the characters around ids and cells.
    pub used: Tables,
    /// Unusable encounters, each with a patient of its own and the provider if it is readable.
    pub lost_encounters: Vec<Row>,
    /// Unusable numerator rows, each with a patient of its own.
    pub lost_rows: Vec<Row>,
    /// Number of rows with each finding, for encounters and for numerator rows.
    pub faults: [Vec<(&'static str, u64)>; 2],
    /// A day in the period.
    pub inside: String,
}

/// Texts that are not ids: empty cells and absence markers.
const ABSENT: [&str; 11] =
    ["", "NULL", "#N/A", " null ", "-", "\\N", "<null>", "\u{feff}", "'", "=\"NULL\"", "#calc!"];
/// Ids that a spreadsheet or database converted to numbers.
const DESTROYED: [&str; 7] = ["1E+11", "1.23E11", "1,23E+11", "inf", "-Infinity", "=\"4.5e-3\"", "1.E5"];
/// Absence markers.
const NOTHING: [&str; 5] = ["NULL", "-", "n/a", "None", "."];

/// The damage to a row: to the patient id, to the provider id, and to one of its values.
#[derive(Clone, Copy, Debug)]
pub struct Harm {
    patient: u8,
    provider: u8,
    word: u8,
    /// Whether all ids and the time are removed, so that only values remain.
    whole: bool,
    which: usize,
}

pub fn harm() -> impl Strategy<Value = Harm> {
    let part = || prop_oneof![1 => Just(0u8), 1 => 1..=4u8];
    (part(), part(), part(), prop::bool::weighted(0.05), 0..60usize)
        .prop_map(|(patient, provider, word, whole, which)| Harm { patient, provider, word, whole, which })
}

/// Generates a world and the damage to its rows.
pub fn damaged_world() -> impl Strategy<Value = (World, Vec<Harm>)> {
    (worlds::world(), prop::collection::vec(harm(), 28))
}

/// Generates a world of two groups and little damage. One provider mostly sees each patient, and many messages name no provider.
pub fn damaged_groups() -> impl Strategy<Value = (World, Vec<Harm>)> {
    let editions: Vec<&str> =
        oracle::EDITIONS.iter().copied().filter(|id| !id.starts_with("like-")).collect();
    let world = (prop::sample::select(editions).prop_flat_map(worlds::world_of), prop::bool::weighted(0.8));
    let harmless = Harm { patient: 0, provider: 0, word: 0, whole: false, which: 0 };
    let harms = prop::collection::vec(prop_oneof![3 => Just(harmless), 1 => harm()], 28);
    (world.prop_map(|(world, by_group)| in_groups(world, by_group)), harms)
}

/// Changes a world to have two groups.
fn in_groups(mut world: World, by_group: bool) -> World {
    world.group_credit = by_group;
    let group = |name: &str| Some(name.to_owned());
    world.roster = Some(vec![("A".to_owned(), group("north")), ("B".to_owned(), group("south"))]);
    // Most values are the default ones, so that the groups decide who is in the numerator.
    let day = Some(format!("{}-08-15", &world.first[..4]));
    let (sender, recipient) = worlds::writer(&world.edition);
    world.channels.clear();
    // Keep few messages, so that no other message of the patient decides.
    world.messages.truncate(5);
    world.accesses.truncate(5);
    for (at, encounter) in world.encounters.iter_mut().enumerate().filter(|(at, _)| at % 4 != 3) {
        encounter.provider = if matches!(&*encounter.patient, "p1" | "p3") { "A" } else { "B" }.to_owned();
        if at % 4 < 2 {
            let words = [
                (&mut encounter.status, "completed"),
                (&mut encounter.kind, "office-visit"),
                (&mut encounter.seen_by, "eligible-professional"),
            ];
            words.into_iter().for_each(|(cell, word)| *cell = word.to_owned());
            (encounter.location, encounter.day) = (Some("on".to_owned()), day.clone());
        }
    }
    for (at, message) in world.messages.iter_mut().enumerate().filter(|(at, _)| at % 4 != 3) {
        let words = [
            (&mut message.status, "sent"),
            (&mut message.sender, sender),
            (&mut message.recipient, recipient),
            (&mut message.channel, "ehr-portal"),
            (&mut message.topic, "clinical-question"),
            (&mut message.patient_included, "yes"),
        ];
        words.into_iter().for_each(|(cell, word)| *cell = word.to_owned());
        message.day = day.clone();
        message.provider = message.provider.take().filter(|_| at % 2 == 0);
    }
    for (at, access) in world.accesses.iter_mut().enumerate().filter(|(at, _)| at % 4 != 3) {
        (access.action, access.actor) = ("view".to_owned(), "patient".to_owned());
        access.day = day.clone();
        access.provider = access.provider.take().filter(|_| at % 2 == 0);
    }
    world
}

/// Applies the damage to the export of a world.
pub fn damaged((world, harms): &(World, Vec<Harm>)) -> Damaged {
    let whole = of_world(world);
    let mut damaged = Damaged {
        exported: Tables { encounters: Vec::new(), rows: Vec::new(), ..whole.clone() },
        used: Tables { encounters: Vec::new(), rows: Vec::new(), ..whole.clone() },
        lost_encounters: Vec::new(),
        lost_rows: Vec::new(),
        faults: [Vec::new(), Vec::new()],
        inside: world.first.clone(),
    };
    for (at, row) in whole.encounters.iter().enumerate() {
        let harmed = harmed(row, harms[at % harms.len()], "started_at", "encounter_id");
        damaged.exported.encounters.push(harmed.exported.clone());
        let Some(ids) = harmed.ids else { continue };
        let mut row = harmed.cleaned;
        match ids {
            (IdRef::Usable, IdRef::Usable) => damaged.used.encounters.push(row),
            (patient, provider) => {
                match (patient, provider) {
                    (IdRef::Absent, _) => count(&mut damaged.faults[0], "missing-patient-id"),
                    (IdRef::Usable, IdRef::Absent) => count(&mut damaged.faults[0], "missing-provider-id"),
                    _ => {}
                }
                count_destroyed(&mut damaged.faults[0], [patient, provider]);
                count(&mut damaged.faults[0], "rejected");
                row.insert("patient_id".to_owned(), format!("e{at}"));
                damaged.lost_encounters.push(row);
            }
        }
    }
    let (moment, id) = match whole.numerator {
        "messages" => ("sent_at", "message_id"),
        _ => ("accessed_at", "access_id"),
    };
    for (at, row) in whole.rows.iter().enumerate() {
        let harmed = harmed(row, harms[(at + 14) % harms.len()], moment, id);
        damaged.exported.rows.push(harmed.exported.clone());
        let Some((patient, provider)) = harmed.ids else { continue };
        let mut row = harmed.cleaned;
        count_destroyed(&mut damaged.faults[1], [patient, provider]);
        if patient == IdRef::Absent {
            count(&mut damaged.faults[1], "missing-patient-id");
        }
        if patient != IdRef::Usable {
            count(&mut damaged.faults[1], "rejected");
            row.insert("patient_id".to_owned(), format!("m{at}"));
            damaged.lost_rows.push(row);
            continue;
        }
        damaged.used.rows.push(row);
    }
    damaged
}

/// Encounters and numerator rows.
pub type Rows = (Vec<Row>, Vec<Row>);

/// Returns the possible originals of a damaged export, with every row complete: all of them if there are at most `most`, otherwise a random
/// sample of `most`.
///
/// A row without a patient may be about any patient in the export or about a new one. An encounter without a provider may be with any
/// provider in the encounters or the roster, or with another one.
pub fn completions(damaged: &Damaged, most: usize) -> Vec<Rows> {
    let Damaged { used, lost_encounters, lost_rows, .. } = damaged;
    let ids = |rows: &[Row], column: &str| -> Vec<String> {
        rows.iter().filter_map(|row| row.get(column)).filter(|id| !id.is_empty()).cloned().collect()
    };
    let roster = used.roster.as_deref().unwrap_or_default();
    let patients = [ids(&used.encounters, "patient_id"), ids(&used.rows, "patient_id")].concat();
    let new = ["new1", "new2"].map(str::to_owned);
    let patients: BTreeSet<String> = patients.into_iter().chain(new).collect();
    let named = [&used.encounters, lost_encounters, roster].map(|rows| ids(rows, "provider_id")).concat();
    let providers: BTreeSet<String> = named.into_iter().chain(["somebody".to_owned()]).collect();
    let (patients, providers): (Vec<String>, Vec<String>) =
        (patients.into_iter().collect(), providers.into_iter().collect());

    let is_lost = |row: &Row, column: &str| row.get(column).is_none_or(String::is_empty);
    let mut slots = Vec::new();
    for (at, row) in lost_encounters.iter().enumerate() {
        slots.push((true, at, "patient_id", &patients));
        if is_lost(row, "provider_id") {
            slots.push((true, at, "provider_id", &providers));
        }
    }
    slots.extend((0..lost_rows.len()).map(|at| (false, at, "patient_id", &patients)));
    let all = slots.iter().fold(1usize, |all, (.., ids)| all.saturating_mul(ids.len()));
    let mut random = 0x9E37_79B9_7F4A_7C15u64;
    let completion = |number: usize| {
        let mut rest = number;
        let (mut encounters, mut rows) = (lost_encounters.clone(), lost_rows.clone());
        for (is_encounter, at, column, ids) in &slots {
            let digit = if all <= most {
                let digit = rest % ids.len();
                rest /= ids.len();
                digit
            } else {
                random = random.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
                (random >> 33) as usize % ids.len()
            };
            let row = if *is_encounter { &mut encounters[*at] } else { &mut rows[*at] };
            row.insert((*column).to_owned(), ids[digit].clone());
        }
        (
            used.encounters.iter().cloned().chain(encounters).collect(),
            used.rows.iter().cloned().chain(rows).collect(),
        )
    };
    (0..all.min(most)).map(completion).collect()
}

/// Combines several exports into one, with the settings of `of`. Ids of export number `n` start with `xn:`.
pub fn together(of: &Tables, exports: &[Rows]) -> Tables {
    let mut all = Tables { encounters: Vec::new(), rows: Vec::new(), roster: None, ..of.clone() };
    for (number, (encounters, rows)) in exports.iter().enumerate() {
        let own = |row: &Row| -> Row {
            let cell = |(column, cell): (&String, &String)| {
                let is_id = ["patient_id", "provider_id", "group_id"].contains(&column.as_str());
                let cell = if is_id && !cell.is_empty() { format!("x{number}:{cell}") } else { cell.clone() };
                (column.clone(), cell)
            };
            row.iter().map(cell).collect()
        };
        all.encounters.extend(encounters.iter().map(own));
        all.rows.extend(rows.iter().map(own));
        if let Some(roster) = &of.roster {
            all.roster.get_or_insert_default().extend(roster.iter().map(own));
        }
    }
    all.with_lines()
}

fn count(faults: &mut Vec<(&'static str, u64)>, code: &'static str) {
    match faults.iter_mut().find(|(known, _)| *known == code) {
        Some((_, count)) => *count += 1,
        None => faults.push((code, 1)),
    }
}

fn count_destroyed(faults: &mut Vec<(&'static str, u64)>, ids: [IdRef; 2]) {
    ids.iter().filter(|id| **id == IdRef::Destroyed).for_each(|_| count(faults, "damaged-id"));
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IdRef {
    Usable,
    Absent,
    Destroyed,
}

/// A row after the damage.
struct Harmed {
    exported: Row,
    /// The exported row without the characters around ids and cells; ids that are absent or destroyed are empty.
    cleaned: Row,
    /// The state of the patient id and of the provider id; `None` if the row is not a record.
    ids: Option<(IdRef, IdRef)>,
}

fn harmed(row: &Row, harm: Harm, moment: &str, id: &str) -> Harmed {
    let (mut exported, mut cleaned) = (row.clone(), row.clone());
    if harm.whole {
        for column in ["patient_id", "provider_id", moment, id] {
            exported.insert(column.to_owned(), ["", "NULL"][harm.which % 2].to_owned());
        }
        return Harmed { exported, cleaned, ids: None };
    }
    let mut id = |column: &str, how: u8, which: usize| {
        let before = row.get(column).cloned().unwrap_or_default();
        let (cell, state) = match how {
            _ if before.is_empty() => (ABSENT[which % ABSENT.len()].to_owned(), IdRef::Absent),
            1 => (ABSENT[which % ABSENT.len()].to_owned(), IdRef::Absent),
            2 => (DESTROYED[which % DESTROYED.len()].to_owned(), IdRef::Destroyed),
            3 => (
                [
                    format!("=\"{before}\""),
                    format!("'{before}"),
                    format!("=\" {before}\""),
                    format!("'{before}'"),
                ][which % 4]
                    .clone(),
                IdRef::Usable,
            ),
            4 => (format!("\u{200b}\u{a0}{before}\u{2060} "), IdRef::Usable),
            _ => (before.clone(), IdRef::Usable),
        };
        exported.insert(column.to_owned(), cell);
        cleaned.insert(column.to_owned(), if state == IdRef::Usable { before } else { String::new() });
        state
    };
    let ids = (id("patient_id", harm.patient, harm.which), id("provider_id", harm.provider, harm.which / 7));
    if harm.word == 1 {
        let words = ["status", "kind", "sender", "topic", "actor", moment];
        if let Some(word) = words.iter().filter(|word| row.contains_key(**word)).cycle().nth(harm.which % 5) {
            exported.insert((*word).to_owned(), NOTHING[harm.which % NOTHING.len()].to_owned());
            cleaned.insert((*word).to_owned(), String::new());
        }
    }
    Harmed { exported, cleaned, ids: Some(ids) }
}
