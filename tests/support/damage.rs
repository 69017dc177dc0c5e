//! Exports as the field has them: ids that are missing or destroyed, cells that say that they say nothing, rows that are no records. Each
//! damaged export comes with what is left of it, and with what it may have been, so that what it means can be counted without any of
//! the program's arithmetic.

use proptest::prelude::*;

use super::cases::Row;
use super::oracle::World;
use super::tables::{Tables, of_world};
use super::worlds;

/// A damaged export.
#[derive(Clone, Debug)]
pub struct Damaged {
    /// What was exported.
    pub exported: Tables,
    /// The rows that can be used, without what is around ids and cells.
    pub used: Tables,
    /// Encounters that cannot be used, each with a patient of its own and the provider that can be read.
    pub lost_encounters: Vec<Row>,
    /// Rows of the numerator that cannot be used, each with a patient of its own.
    pub lost_rows: Vec<Row>,
    /// How many rows of encounters and of the numerator have each fault.
    pub faults: [Vec<(&'static str, u64)>; 2],
    /// A day in the period.
    pub inside: String,
}

/// Ids that are none: absent, or said to be.
const ABSENT: [&str; 11] =
    ["", "NULL", "#N/A", " null ", "-", "\\N", "<null>", "\u{feff}", "'", "=\"NULL\"", "#calc!"];
/// Ids that a program took for numbers.
const DESTROYED: [&str; 7] = ["1E+11", "1.23E11", "1,23E+11", "inf", "-Infinity", "=\"4.5e-3\"", "1.E5"];
/// Cells that say nothing.
const NOTHING: [&str; 5] = ["NULL", "-", "n/a", "None", "."];

/// What happens to a row: to the id of its patient and of its provider, and to one of its words.
#[derive(Clone, Copy, Debug)]
pub struct Harm {
    patient: u8,
    provider: u8,
    word: u8,
    /// Whether nothing of it is left but its words.
    whole: bool,
    which: usize,
}

pub fn harm() -> impl Strategy<Value = Harm> {
    let part = || prop_oneof![1 => Just(0u8), 1 => 1..=4u8];
    (part(), part(), part(), prop::bool::weighted(0.05), 0..60usize)
        .prop_map(|(patient, provider, word, whole, which)| Harm { patient, provider, word, whole, which })
}

/// A world, and what happens to its rows.
pub fn damaged_world() -> impl Strategy<Value = (World, Vec<Harm>)> {
    (worlds::world(), prop::collection::vec(harm(), 28))
}

/// The export of a world after the harm.
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
            (Id::Usable, Id::Usable) => damaged.used.encounters.push(row),
            (patient, provider) => {
                match (patient, provider) {
                    (Id::Absent, _) => count(&mut damaged.faults[0], "missing-patient-id"),
                    (Id::Usable, Id::Absent) => count(&mut damaged.faults[0], "missing-provider-id"),
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
        if patient == Id::Absent {
            count(&mut damaged.faults[1], "missing-patient-id");
        }
        if patient != Id::Usable {
            count(&mut damaged.faults[1], "rejected");
            row.insert("patient_id".to_owned(), format!("m{at}"));
            damaged.lost_rows.push(row);
            continue;
        }
        damaged.used.rows.push(row);
    }
    damaged
}

fn count(faults: &mut Vec<(&'static str, u64)>, code: &'static str) {
    match faults.iter_mut().find(|(known, _)| *known == code) {
        Some((_, count)) => *count += 1,
        None => faults.push((code, 1)),
    }
}

fn count_destroyed(faults: &mut Vec<(&'static str, u64)>, ids: [Id; 2]) {
    ids.iter().filter(|id| **id == Id::Destroyed).for_each(|_| count(faults, "damaged-id"));
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Id {
    Usable,
    Absent,
    Destroyed,
}

/// What became of a row.
struct Harmed {
    exported: Row,
    /// The same without what is around ids and cells; an id that is none is empty.
    cleaned: Row,
    /// What is left of the ids of patient and provider; none where it is no record.
    ids: Option<(Id, Id)>,
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
            _ if before.is_empty() => (ABSENT[which % ABSENT.len()].to_owned(), Id::Absent),
            1 => (ABSENT[which % ABSENT.len()].to_owned(), Id::Absent),
            2 => (DESTROYED[which % DESTROYED.len()].to_owned(), Id::Destroyed),
            3 => (
                [
                    format!("=\"{before}\""),
                    format!("'{before}"),
                    format!("=\" {before}\""),
                    format!("'{before}'"),
                ][which % 4]
                    .clone(),
                Id::Usable,
            ),
            4 => (format!("\u{200b}\u{a0}{before}\u{2060} "), Id::Usable),
            _ => (before.clone(), Id::Usable),
        };
        exported.insert(column.to_owned(), cell);
        cleaned.insert(column.to_owned(), if state == Id::Usable { before } else { String::new() });
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
