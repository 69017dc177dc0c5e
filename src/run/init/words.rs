//! Values of exports that are not mapped yet, as configuration tables to fill in.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::{ColumnSummary, Inspection, ValueCount};
use mucalc_core::domain::text::{escape_control, normalize_key, pluralize};
use mucalc_core::domain::words::fold;
use mucalc_read::layout::vocabulary::list_of;
use mucalc_read::proposals::terms::is_ehr_term;
use mucalc_read::proposals::values::meaning;

use super::quoted;
use super::roles::role_of;

/// What the user answered: for each channel, whether it is the messaging function of the certified EHR.
pub(super) type CertifiedAnswers = BTreeMap<String, bool>;

/// Returns what the user answered about a channel. Letter case and punctuation do not matter.
pub(super) fn answer(certified: &CertifiedAnswers, word: &str) -> Option<bool> {
    certified
        .iter()
        .find(|(known, _)| normalize_key(known) == normalize_key(word))
        .map(|(_, is_certified)| *is_certified)
}

/// Returns the channels that only the practice knows, with the number of messages, most frequent first.
pub(super) fn unknown_channels(inspections: &[Inspection]) -> Vec<(String, u64)> {
    let mut channels: BTreeMap<String, u64> = BTreeMap::new();
    for it in inspections.iter().filter(|it| role_of(it) == InputRole::Messages) {
        for seen in it.columns.iter().filter(|seen| seen.ours.iter().any(|name| name == "channel")) {
            let is_open = |word: &&ValueCount| {
                word.means.is_none()
                    && is_value(seen, word)
                    && meaning(InputRole::Messages, "channel", &word.word).is_none()
            };
            for word in seen.words.iter().filter(is_open) {
                *channels.entry(word.word.clone()).or_default() += word.rows;
            }
        }
    }
    let mut channels: Vec<(String, u64)> = channels.into_iter().collect();
    channels.sort_by(|one, other| (other.1, &one.0).cmp(&(one.1, &other.0)));
    channels
}

/// Adds a table for each value set. Returns whether the tables contain values of the exports. A configuration may be shared, so a cell that
/// may be about a patient is counted but not written.
pub(super) fn words(text: &mut String, inspections: &[Inspection], certified: &CertifiedAnswers) -> bool {
    let mut tables: BTreeMap<&str, Table> = BTreeMap::new();
    let mut channels = Vec::new();
    let mut left_out = Vec::new();
    let mut values: BTreeMap<(&str, String), (String, Found<'_>)> = BTreeMap::new();
    for it in inspections {
        let role = role_of(it);
        for seen in &it.columns {
            let Some(column) = seen.ours.iter().find(|name| table(role, name).is_some()) else { continue };
            let Some(table) = table(role, column) else { continue };
            let unknown: Vec<&ValueCount> = seen.words.iter().filter(|word| word.means.is_none()).collect();
            let (shown, others): (Vec<&ValueCount>, Vec<&ValueCount>) =
                unknown.into_iter().partition(|word| {
                    is_value(seen, word)
                        || meaning(role, column, &word.word).is_some()
                        || column == "channel" && answer(certified, &word.word).is_some()
                });
            if !others.is_empty() {
                let texts = pluralize(others.len() as u64, "more text", "more texts");
                left_out.push(format!("# {texts} in {}, column {}\n", escape_control(&it.path), seen.column));
            }
            for word in shown {
                let found = Found { role, column, like: word.like.clone(), rows: 0 };
                // Letter case does not matter, and a value may have one meaning only.
                let key = (table, fold(&word.word));
                let (_, found) = values.entry(key).or_insert_with(|| (word.word.clone(), found));
                found.rows += word.rows;
            }
        }
    }
    let mut sorted: Vec<((&str, String), Found<'_>)> =
        values.into_iter().map(|((table, _), (word, found))| ((table, word), found)).collect();
    sorted.sort_by(|(one_key, one), (other_key, other)| (other.rows, one_key).cmp(&(one.rows, other_key)));
    for ((table, word), Found { role, column, like, rows }) in sorted {
        let rows = pluralize(rows, "row", "rows");
        let Some(list) = list_of(role, column) else {
            channels.push(channel(role, column, &word, &rows, certified));
            continue;
        };
        let table = tables.entry(table).or_default();
        table.known = list.words.to_vec();
        table.lines.push(match meaning(role, column, &word) {
            Some(ours) => format!("{} = \"{ours}\"    # {rows}, proposed\n", quoted(&word)),
            None => {
                let ours = like.as_deref().unwrap_or("...");
                format!("# {} = \"{ours}\"    # {rows}; unknown until you say what it means\n", quoted(&word))
            }
        });
    }
    let has_words = !tables.is_empty() || !channels.is_empty();
    for (name, Table { known, lines }) in tables {
        let _ = write!(
            text,
            "\n# Values of the exports, and what they mean: check each proposal. Known values are\n# {}.\n[{name}]\n",
            known.join(", ")
        );
        lines.iter().for_each(|line| text.push_str(line));
    }
    if !channels.is_empty() {
        text.push_str("\n# Channels of the export. One that is the messaging function of certified EHR technology is named here with its days.\n");
        channels.iter().for_each(|channel| text.push_str(channel));
    }
    if !left_out.is_empty() {
        text.push_str("\n# Texts that are read as unknown, and not written here since they may be about a patient. `mucalc inspect` shows them, with --layout mucalc-layout.toml if that was written.\n");
        left_out.iter().for_each(|line| text.push_str(line));
    }
    has_words
}

/// Returns the entry of a channel: a comment, unless it is certainly not the messaging function of an EHR.
fn channel(role: InputRole, column: &str, word: &str, rows: &str, certified: &CertifiedAnswers) -> String {
    let name = quoted(word);
    match meaning(role, column, word) {
        _ if answer(certified, word).is_some() => {
            let is_certified = answer(certified, word).unwrap_or_default();
            format!("[channels.{name}]    # {rows}\ncertified = {is_certified}\n")
        }
        Some(ours) => format!("[channels.{name}]    # {rows}, {ours}\ncertified = false\n"),
        None => format!(
            "# [channels.{name}]    # {rows}; unknown until you say what it is\n# certified = true\n# product = \"...\"\n# chpl-id = \"...\"\n# from = \"2014-01-01\"\n"
        ),
    }
}

/// A value of the exports.
struct Found<'i> {
    role: InputRole,
    column: &'i str,
    like: Option<String>,
    /// Rows with it, in all exports.
    rows: u64,
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
fn is_value(seen: &ColumnSummary, word: &ValueCount) -> bool {
    let count = seen.words.len();
    let repeats = if count > 10 { 5 } else { 2 };
    let is_list = !seen.is_free && count <= MAX_WORDS && seen.filled >= repeats * count as u64;
    let is_plain = word.word.trim().chars().count() <= 40;
    is_plain && is_ehr_term(&word.word) && (word.like.is_some() || (is_list && word.rows >= 2))
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
