//! Values of exports that are not mapped yet, as configuration tables to fill in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::{ColumnSummary, Inspection, ValueCount};
use mucalc_core::domain::text::{counted, printable};
use mucalc_read::layout::vocabulary::list_of;

use super::quoted;
use super::roles::role_of;
use super::trade::is_of_trade;

/// Adds a table for each value set. Returns whether the tables contain values of the exports. A configuration may be shared, so a cell that
/// may be about a patient is counted but not written.
pub(super) fn words(text: &mut String, inspections: &[Inspection]) -> bool {
    let mut tables: BTreeMap<&str, Table> = BTreeMap::new();
    let mut channels = Vec::new();
    let mut left_out = Vec::new();
    for it in inspections {
        let role = role_of(it);
        for seen in &it.columns {
            let Some(column) = seen.ours.iter().find(|name| table(role, name).is_some()) else { continue };
            let Some(table) = table(role, column) else { continue };
            let unknown: Vec<&ValueCount> = seen.words.iter().filter(|word| word.means.is_none()).collect();
            let (shown, others): (Vec<&ValueCount>, Vec<&ValueCount>) =
                unknown.into_iter().partition(|word| is_word(seen, word));
            if !others.is_empty() {
                let texts = counted(others.len() as u64, "more text", "more texts");
                left_out.push(format!("# {texts} in {}, column {}\n", printable(&it.path), seen.column));
            }
            for word in shown {
                let rows = counted(word.rows, "row", "rows");
                match list_of(role, column) {
                    None => channels.push(format!("# [channels.{}]    # {rows}\n# certified = true\n# product = \"...\"\n# chpl-id = \"...\"\n# from = \"2014-01-01\"\n", quoted(&word.word))),
                    Some(list) => {
                        let table = tables.entry(table).or_default();
                        table.known = list.words.to_vec();
                        let ours = word.like.as_deref().unwrap_or("...");
                        table.lines.push(format!("# {} = \"{ours}\"    # {rows}\n", quoted(&word.word)));
                    }
                }
            }
        }
    }
    let has_words = !tables.is_empty() || !channels.is_empty();
    for (name, Table { known, lines }) in tables {
        let _ = write!(
            text,
            "\n# Words of the export that are none of ours, so they are read as unknown. Ours are:\n# {}.\n[{name}]\n",
            known.join(", ")
        );
        lines.iter().for_each(|line| text.push_str(line));
    }
    if !channels.is_empty() {
        text.push_str("\n# Channels of the export. One that is the messaging function of certified EHR technology is named here with its days.\n");
        channels.iter().for_each(|channel| text.push_str(channel));
    }
    if !left_out.is_empty() {
        text.push_str("\n# Texts that are read as unknown, and not written here since they may be about a patient. `mucalc inspect` shows them.\n");
        left_out.iter().for_each(|line| text.push_str(line));
    }
    has_words
}

/// A table of values to map, with the canonical values.
#[derive(Default)]
struct Table {
    known: Vec<&'static str>,
    lines: Vec<String>,
}

/// Maximum number of different texts in a column that is a short list.
const MAX_WORDS: usize = 40;

/// Returns whether a text is a value of a short list: similar to a canonical value, or repeated in several rows. It must consist only of
/// common EHR terms, so that it is not a patient's name or complaint.
fn is_word(seen: &ColumnSummary, word: &ValueCount) -> bool {
    let count = seen.words.len();
    let repeats = if count > 10 { 5 } else { 2 };
    let is_list = !seen.is_free && count <= MAX_WORDS && seen.filled >= repeats * count as u64;
    let is_plain = word.word.trim().chars().count() <= 40;
    is_plain && is_of_trade(&word.word) && (word.like.is_some() || (is_list && word.rows >= 2))
}

/// Returns the configuration table for values of a canonical column.
fn table(role: InputRole, column: &str) -> Option<&'static str> {
    Some(match (role, column) {
        (InputRole::Encounters, "status") => "encounter-statuses",
        (InputRole::Encounters, "kind") => "kinds",
        (InputRole::Encounters, "seen_by") => "seen-by",
        (InputRole::Messages, "status") => "message-statuses",
        (InputRole::Messages, "sender") => "senders",
        (InputRole::Messages, "recipient") => "recipients",
        (InputRole::Messages, "topic") => "topics",
        (InputRole::Messages, "patient_included") => "patient-included",
        (InputRole::Messages, "channel") => "channels",
        (InputRole::Accesses, "action") => "actions",
        (InputRole::Accesses, "actor") => "actors",
        _ => return None,
    })
}
