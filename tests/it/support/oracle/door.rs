//! Classifies each record of an export: used, non-data row, or unusable.

use super::editions::{choices, counts_accesses};
use super::ids::{IdRef, id, said};
use super::lists::*;
use super::pairs::fold;
use super::rows::{evaluate_access, evaluate_encounter, evaluate_message};
use super::versions::{Resolved, Version, resolve};
use super::world::{Encounter, Message, Open, Policies, PortalAccess, World};

/// An input as exported: column names, and records that may have another number of cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Export {
    pub header: Vec<String>,
    pub records: Vec<Vec<String>>,
}

/// How the records of an input were used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InputLog {
    pub used: u64,
    pub rejected: u64,
    pub furniture: u64,
    /// Non-data rows that are blank lines. The contract does not define whether these are records at all.
    pub blank_lines: u64,
}

impl InputLog {
    /// Returns whether the input has unusable rows and no usable one.
    pub fn is_nothing_usable(&self) -> bool {
        self.used == 0 && self.rejected > 0
    }
}

/// Returns the columns that a run reads.
fn read_columns(world: &World, input: &str) -> Vec<&'static str> {
    let mut columns = match input {
        "encounters" => {
            vec!["encounter_id", "patient_id", "provider_id", "started_at", "kind", "status", "seen_by"]
        }
        "messages" => vec![
            "message_id",
            "sent_at",
            "patient_id",
            "provider_id",
            "sender",
            "recipient",
            "channel",
            "topic",
            "status",
            "patient_included",
        ],
        _ => vec!["access_id", "accessed_at", "patient_id", "provider_id", "action", "actor"],
    };
    if input == "encounters" && !world.locations.is_empty() {
        columns.push("location_id");
    }
    columns
}

/// Returns whether a text starts with a date.
fn is_date(text: &str) -> bool {
    day(text).is_some()
}

/// Returns the date of a text, in the forms that the tests use.
fn day(text: &str) -> Option<String> {
    let text = text.trim();
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let is_time = |time: &str| {
        ["%H:%M", "%H:%M:%S"].iter().any(|form| chrono::NaiveTime::parse_from_str(time, form).is_ok())
    };
    let good = day.len() == 10 && chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok();
    (good && time.is_none_or(is_time)).then(|| day.to_owned())
}

/// A row whose cells can be matched to columns.
struct Named<'e> {
    header: &'e [String],
    cells: &'e [String],
}

impl Named<'_> {
    fn at(&self, column: &str) -> Option<&str> {
        let at = self.header.iter().position(|name| name == column)?;
        Some(self.cells.get(at).map_or("", String::as_str))
    }

    fn id(&self, column: &str) -> IdRef {
        self.at(column).map_or(IdRef::Absent, id)
    }

    /// Returns a value of a closed list, or `absent` if the export does not have the column.
    fn word(&self, column: &str, absent: &str, list: &[&str]) -> String {
        let Some(cell) = self.at(column) else {
            return absent.to_owned();
        };
        let word = said(cell).unwrap_or_default().to_lowercase();
        if list.contains(&&*word) { word } else { "unknown".to_owned() }
    }

    fn day(&self, column: &str) -> Option<String> {
        self.at(column).and_then(said).and_then(day)
    }

    /// Returns whether the cells are in wrong columns although their number is right: the date column contains another text, and an id or a
    /// value is a date.
    fn is_moved(&self, input: &str) -> bool {
        let (when, others): (_, &[&str]) = match input {
            "encounters" => ("started_at", &["encounter_id", "status", "kind", "seen_by"]),
            "messages" => (
                "sent_at",
                &["message_id", "status", "sender", "recipient", "channel", "topic", "patient_included"],
            ),
            _ => ("accessed_at", &["access_id", "action", "actor"]),
        };
        let mut others = others.iter().chain(&["patient_id", "provider_id"]);
        let has_other_text = self.at(when).and_then(said).is_some_and(|text| !is_date(text));
        has_other_text && others.any(|column| self.at(column).is_some_and(is_date))
    }

    /// Returns whether a column with a closed list has a value that is not in the list.
    fn has_odd_word(&self, input: &str) -> bool {
        let lists: &[(&str, &[&str])] = match input {
            "encounters" => &[("status", &ENCOUNTER_STATUSES), ("kind", &KINDS), ("seen_by", &SEEN_BY)],
            "messages" => &[
                ("status", &MESSAGE_STATUSES),
                ("sender", &PARTIES),
                ("recipient", &PARTIES),
                ("channel", &CHANNELS),
                ("topic", &TOPICS),
                ("patient_included", &YES_NO),
            ],
            _ => &[("action", &ACTIONS), ("actor", &PARTIES)],
        };
        lists.iter().any(|(column, list)| {
            let word = self.at(column).and_then(said).map(str::to_lowercase);
            word.is_some_and(|word| word != "unknown" && !list.contains(&&*word))
        })
    }
}

enum RecordKind<'e> {
    NoRow,
    /// A record with a different number of cells than the header row.
    Ragged,
    Named(Named<'e>),
}

fn record_kind<'e>(world: &World, input: &str, export: &'e Export, cells: &'e [String]) -> RecordKind<'e> {
    let header = &export.header[..];
    let filled: Vec<(usize, &str)> =
        cells.iter().enumerate().filter_map(|(at, cell)| Some((at, said(cell)?))).collect();
    let is_header = |(at, text): &(usize, &str)| header.get(*at).is_some_and(|name| name.trim() == *text);
    // Check the raw texts, since a single dash is also an absence marker.
    let is_rule = cells.iter().all(|cell| {
        cell.chars().all(|letter| letter.is_whitespace() || matches!(letter, '-' | '=' | '_' | '+' | '|'))
    });
    // A total names itself in one text, and has nothing but figures beside it.
    let names_a_total = |text: &str| {
        let text = text.to_lowercase();
        let name = text
            .split([':', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
            .next()
            .unwrap_or_default()
            .trim();
        [
            "total",
            "totals",
            "grand total",
            "subtotal",
            "sum",
            "count",
            "total visits",
            "total for lee",
            "page",
        ]
        .contains(&name)
            && text != "page"
    };
    let is_figure = |text: &str| {
        text.len() < 8 && !text.contains(|letter: char| !letter.is_ascii_digit() && !".,%$".contains(letter))
    };
    let (names, others): (Vec<&str>, Vec<&str>) =
        filled.iter().map(|(_, text)| *text).partition(|text| names_a_total(text));
    let is_total = !names.is_empty() && others.into_iter().all(is_figure);
    if filled.is_empty() || is_rule || is_total || filled.iter().all(is_header) {
        return RecordKind::NoRow;
    }
    let read = read_columns(world, input);
    let (record, when) = match input {
        "encounters" => ("encounter_id", "started_at"),
        "messages" => ("message_id", "sent_at"),
        _ => ("access_id", "accessed_at"),
    };
    // A comma in a text, or a missing comma, shifts the cells. Then the date column contains another text, or a patient or provider column
    // contains a date.
    let at = |name: &str| header.iter().position(|known| known == name).and_then(|at| said(cells.get(at)?));
    let is_day =
        |text: &str| is_date(text) || text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_shifted = at(when).is_some_and(|text| !is_day(text))
        || ["patient_id", "provider_id"].into_iter().filter_map(at).any(is_date);
    let forgiven = if cells.len() >= header.len() {
        // An absence marker is recognized only in a column. Beyond the last column, only a blank cell is empty.
        let is_blank = cells[header.len()..].iter().all(|cell| cell.trim().is_empty());
        is_blank && (cells.len() == header.len() || !is_shifted)
    } else {
        !is_shifted && !header[cells.len()..].iter().any(|name| read.contains(&name.as_str()))
    };
    if !forgiven {
        // The columns of these cells are unknown, so an absence marker is an ordinary text here.
        let filled: Vec<&str> =
            cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
        let is_line = filled.len() <= 2 && !filled.iter().any(|text| is_date(text));
        return if is_line { RecordKind::NoRow } else { RecordKind::Ragged };
    }
    let named = Named { header, cells };
    let no_id = [record, "patient_id", "provider_id"].iter().all(|column| named.id(column) == IdRef::Absent);
    if no_id && named.at(when).and_then(said).is_none() {
        RecordKind::NoRow
    } else {
        RecordKind::Named(named)
    }
}

/// Returns how many rows a cell with several lines may have swallowed. This is its number of line breaks, less blank inner lines, if all
/// other inner lines have as many separators as the header row. One inner line with a date in the position of the date column is enough,
/// too.
fn swallowed(cell: &str, columns: usize, day: Option<usize>) -> usize {
    let lines: Vec<&str> = cell.split('\n').collect();
    let within = lines.get(1..lines.len() - 1).unwrap_or_default();
    let mut filled = within.iter().filter(|line| !line.trim().is_empty()).peekable();
    let has_day = |line: &&&str| {
        let cells: Vec<&str> = line.split(',').collect();
        cells.len() > 2 && day.and_then(|day| cells.get(day)).is_some_and(|cell| is_date(cell.trim()))
    };
    let are_rows =
        filled.peek().is_some() && filled.clone().all(|line| line.matches(',').count() + 1 == columns);
    if are_rows || filled.clone().any(|line| has_day(&line)) {
        lines.len() - 1 - (within.len() - filled.count())
    } else {
        0
    }
}

/// Reads an input into a world that has its settings: usable rows, and what the unusable rows may affect.
pub fn read(world: &mut World, input: &str, export: &Export) -> InputLog {
    let policies = choices(world.edition(), world.year(), &world.policies);
    let mut account = InputLog::default();
    let mut rows: Vec<Version<Row>> = Vec::new();
    for cells in &export.records {
        let days = ["started_at", "sent_at", "accessed_at"];
        let day = export.header.iter().position(|name| days.contains(&name.as_str()));
        let lines = cells.iter().map(|cell| swallowed(cell, export.header.len(), day)).sum();
        let lost = if input == "encounters" { &mut world.lost_encounters } else { &mut world.lost_messages };
        lost.extend(std::iter::repeat_n(None, lines));
        let named = match record_kind(world, input, export, cells) {
            RecordKind::NoRow => {
                account.furniture += 1;
                account.blank_lines += u64::from(cells.len() < 2 && cells.concat().trim().is_empty());
                continue;
            }
            RecordKind::Ragged => {
                account.rejected += 1;
                let lost =
                    if input == "encounters" { &mut world.lost_encounters } else { &mut world.lost_messages };
                lost.push(None);
                continue;
            }
            RecordKind::Named(named) => named,
        };
        let patient = named.id("patient_id").usable().map(|id| fold(world, &id));
        let provider = named.id("provider_id").usable().map(|id| fold(world, &id));
        let is_usable = patient.is_some() && (input != "encounters" || provider.is_some());
        // In a short row, a value that is not in its list is a sign of a missing comma.
        let is_short = cells.len() < export.header.len() && named.has_odd_word(input);
        let is_moved = named.is_moved(input);
        if is_usable && (is_short || is_moved) || input == "accesses" && is_moved {
            account.rejected += 1;
            let lost =
                if input == "encounters" { &mut world.lost_encounters } else { &mut world.lost_messages };
            lost.push(None);
            continue;
        }
        account.used += u64::from(is_usable);
        account.rejected += u64::from(!is_usable);
        let (id, said_of) = match input {
            "encounters" => {
                let row = Encounter {
                    patient: patient.clone().unwrap_or_default(),
                    provider: provider.clone().unwrap_or_default(),
                    day: named.day("started_at"),
                    status: named.word("status", "completed", &ENCOUNTER_STATUSES),
                    kind: named.word("kind", "unknown", &KINDS),
                    seen_by: named.word("seen_by", "eligible-professional", &SEEN_BY),
                    location: named.at("location_id").and_then(said).map(str::to_owned),
                };
                ("encounter_id", Says::Encounter(row))
            }
            "messages" => {
                let row = Message {
                    patient: patient.unwrap_or_default(),
                    provider: provider.clone(),
                    day: named.day("sent_at"),
                    status: named.word("status", "sent", &MESSAGE_STATUSES),
                    sender: named.word("sender", "unknown", &PARTIES),
                    recipient: named.word("recipient", "unknown", &PARTIES),
                    channel: named.word("channel", "unknown", &CHANNELS),
                    topic: named.word("topic", "unknown", &TOPICS),
                    patient_included: named.word("patient_included", "unknown", &YES_NO),
                };
                ("message_id", Says::Message(row))
            }
            _ => {
                assert!(counts_accesses(world.edition()));
                let row = PortalAccess {
                    patient: patient.unwrap_or_default(),
                    provider: provider.clone(),
                    day: named.day("accessed_at"),
                    action: named.word("action", "unknown", &ACTIONS),
                    actor: named.word("actor", "unknown", &PARTIES),
                };
                ("access_id", Says::Access(row))
            }
        };
        rows.push(Version {
            id: named.id(id).usable(),
            updated: named.at("updated_at").and_then(said).map(str::to_owned),
            row: Row { says: said_of, provider, is_usable },
        });
    }
    let Resolved { records, open } = resolve(rows, world.last_version);
    for row in records {
        put(world, &policies, row);
    }
    for versions in open {
        let mut record = Open { versions: versions.len(), rows: Vec::new() };
        for (version, row) in versions.into_iter().enumerate() {
            record.rows.extend(put(world, &policies, row).map(|row| (version, row)));
        }
        let of = if input == "encounters" { &mut world.open_encounters } else { &mut world.open_messages };
        of.push(record);
    }
    account
}

/// A row as read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    says: Says,
    provider: Option<String>,
    is_usable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Says {
    Encounter(Encounter),
    Message(Message),
    Access(PortalAccess),
}

/// Adds a row to the world: to the usable rows, and then returns its position, or to the unusable ones.
fn put(world: &mut World, policies: &Policies, Row { says, provider, is_usable }: Row) -> Option<usize> {
    match says {
        Says::Encounter(row) if is_usable => {
            world.encounters.push(row);
            return Some(world.encounters.len() - 1);
        }
        Says::Encounter(row) if evaluate_encounter(world, policies, &row).yes => {
            world.lost_encounters.push(provider)
        }
        Says::Encounter(_) => world.named.extend(provider),
        Says::Message(row) if is_usable => {
            world.messages.push(row);
            return Some(world.messages.len() - 1);
        }
        Says::Message(row) if evaluate_message(world, policies, &row).yes => {
            world.lost_messages.push(provider)
        }
        Says::Access(row) if is_usable => {
            world.accesses.push(row);
            return Some(world.accesses.len() - 1);
        }
        Says::Access(row) if evaluate_access(world, policies, &row).yes => world.lost_messages.push(provider),
        Says::Message(_) | Says::Access(_) => {}
    }
    None
}
