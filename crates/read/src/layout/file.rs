//! Layout files: built-in ones, and custom ones that may extend a built-in one.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::layout::columns::{ACCESSES, ENCOUNTERS, EntityColumns, MESSAGES, ROSTER};
use crate::layout::datetime_format::DateTimeFormat;
use crate::layout::table::{ColumnMapping, TableLayout};
use crate::layout::vocabulary::list_of;
use crate::layout::{CANONICAL, UNIQUE};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::text::did_you_mean;

/// A layout file as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LayoutFile {
    /// Name of the layout, for `--layout`.
    pub name: String,
    /// Short description of the layout, in one line.
    pub title: String,
    /// Name of the built-in layout that this one extends; `canonical` for the canonical columns.
    pub extends: Option<String>,
    /// Encoding of text without a byte order mark, if it is not UTF-8, for example `windows-1252`, `utf-16le`, or `utf-16be`.
    pub encoding: Option<String>,
    /// Texts that mean "no value" in every column. They replace the usual ones.
    pub nulls: Vec<String>,
    /// Limitations: what cannot be calculated from such exports, or only with care. One sentence each.
    pub notes: Vec<String>,
    /// Layout of encounters.
    pub encounters: Option<TableLayout>,
    /// Layout of messages.
    pub messages: Option<TableLayout>,
    /// Layout of portal accesses.
    pub accesses: Option<TableLayout>,
    /// Layout of the roster.
    pub roster: Option<TableLayout>,
}

/// The text of every built-in layout except the canonical one, in the order in which they are listed.
const BUILT_IN: [&str; 12] = [
    include_str!("../../layouts/fhir-r4.toml"),
    include_str!("../../layouts/epic-ehi.toml"),
    include_str!("../../layouts/openemr.toml"),
    include_str!("../../layouts/open-dental.toml"),
    include_str!("../../layouts/synthea.toml"),
    include_str!("../../layouts/mveportal.toml"),
    include_str!("../../layouts/practice-fusion.toml"),
    include_str!("../../layouts/drchrono.toml"),
    include_str!("../../layouts/eclinicalworks.toml"),
    include_str!("../../layouts/intergy.toml"),
    include_str!("../../layouts/officeemr.toml"),
    include_str!("../../layouts/omop.toml"),
];

/// Returns the text of the built-in layout with this name.
pub fn built_in_text(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().copied().find(|text| parse(text).is_ok_and(|file| file.name == name))
}

/// Returns every built-in layout file.
///
/// # Panics
/// If one of them is invalid, which a test would have found.
pub fn built_in() -> Vec<LayoutFile> {
    BUILT_IN
        .iter()
        .map(|text| parse(text).unwrap_or_else(|why| panic!("a built-in layout is wrong: {why}")))
        .collect()
}

/// Parses a layout file, and merges it over the layout that it extends.
///
/// # Errors
/// If the file is not a valid layout. The text describes the problem and where it is.
pub fn parse(text: &str) -> Result<LayoutFile, String> {
    let mut file: LayoutFile = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
        let place = line.map_or(String::new(), |line| format!("line {line}: "));
        format!("{place}{}", error.message())
    })?;
    let tables = [
        (InputRole::Encounters, &file.encounters, ENCOUNTERS),
        (InputRole::Messages, &file.messages, MESSAGES),
        (InputRole::Accesses, &file.accesses, ACCESSES),
        (InputRole::Roster, &file.roster, ROSTER),
    ];
    for (role, table, columns) in tables {
        if let Some(table) = table {
            check(role, table, &columns)?;
        }
    }
    file.keep_own_words();
    let Some(base) = &file.extends else { return Ok(file) };
    if base == CANONICAL {
        return Ok(file.over_canonical());
    }
    let known = built_in();
    let below = known.iter().find(|known| known.name == *base).cloned().ok_or_else(|| {
        let names: Vec<&str> =
            std::iter::once(CANONICAL).chain(known.iter().map(|known| known.name.as_str())).collect();
        format!(
            "`extends` names no built-in layout: `{base}`; there are {}{}",
            names.join(", "),
            did_you_mean(base, names.iter().copied())
        )
    })?;
    Ok(file.merged_over(below))
}

impl LayoutFile {
    /// Maps each canonical value in a canonical column to itself, so that `beginnings`, `filled`, and `otherwise` do not apply to it.
    fn keep_own_words(&mut self) {
        let tables = [
            (InputRole::Encounters, &mut self.encounters),
            (InputRole::Messages, &mut self.messages),
            (InputRole::Accesses, &mut self.accesses),
        ];
        for (role, table) in tables {
            let Some(table) = table else { continue };
            for (column, readings) in table.columns.iter_mut().chain(table.also.iter_mut().flatten()) {
                let Some(list) = list_of(role, column) else { continue };
                for reading in readings.0.iter_mut().filter(|reading| reading.from.0 == [column.as_str()]) {
                    let covers = !reading.beginnings.is_empty()
                        || reading.filled.is_some()
                        || reading.otherwise.is_some();
                    let own = list.words.iter().filter(|_| covers).map(|word| (*word).to_owned());
                    reading.words.extend(own.map(|word| (word.clone(), word)));
                }
            }
        }
    }

    /// Adds the canonical columns to each kind of input that the file describes.
    fn over_canonical(mut self) -> LayoutFile {
        let tables = [
            (&mut self.encounters, ENCOUNTERS),
            (&mut self.messages, MESSAGES),
            (&mut self.accesses, ACCESSES),
            (&mut self.roster, ROSTER),
        ];
        for (table, columns) in tables {
            *table = table.take().map(|table| match table.is_place() {
                true => table,
                false => table.merged_over(TableLayout::identity(&columns)),
            });
        }
        self
    }

    fn merged_over(self, below: LayoutFile) -> LayoutFile {
        let lay = |mine: Option<TableLayout>, theirs: Option<TableLayout>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => Some(mine.merged_over(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        LayoutFile {
            // A custom layout keeps its own name, because it is not the layout that it extends.
            name: self.name,
            title: if self.title.is_empty() { below.title } else { self.title },
            extends: self.extends,
            encoding: self.encoding.or(below.encoding),
            nulls: if self.nulls.is_empty() { below.nulls } else { self.nulls },
            notes: if self.notes.is_empty() { below.notes } else { self.notes },
            encounters: lay(self.encounters, below.encounters),
            messages: lay(self.messages, below.messages),
            accesses: lay(self.accesses, below.accesses),
            roster: lay(self.roster, below.roster),
        }
    }
}

/// Checks what types cannot: names of columns, values, date formats, and time zones.
fn check(role: InputRole, table: &TableLayout, columns: &EntityColumns) -> Result<(), String> {
    if let Some(separator) = &table.separator
        && !matches!(separator.as_bytes(), [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n".contains(byte))
    {
        return Err(format!(
            "[{}] separator: name one character, such as \";\" or \"\\t\"; quotation marks, letters, and digits separate nothing",
            role.word()
        ));
    }
    for code in &table.usual {
        let known = || FindingCode::ALL.iter().map(|code| code.slug());
        if FindingCode::parse(code).is_none() {
            return Err(format!(
                "[{}] usual: `{code}` is no code of a finding{}; `mucalc codes` lists them",
                role.word(),
                did_you_mean(code, known())
            ));
        }
    }
    if let Some(unique) = &table.record_ids
        && !UNIQUE.contains(&unique.as_str())
    {
        let hint = did_you_mean(unique, UNIQUE);
        return Err(format!(
            "[{}] record-ids: `{unique}` is neither {}{hint}",
            role.word(),
            UNIQUE.join(" nor ")
        ));
    }
    for join in &table.join {
        join.check().map_err(|why| format!("[[{}.join]]: {why}", role.word()))?;
    }
    if table.each.is_some() && !table.join.is_empty() {
        return Err(format!(
            "[{}]: `each` and `join` both make several rows of one; use one of them",
            role.word()
        ));
    }
    for (column, readings) in table.columns.iter().chain(table.also.iter().flatten()) {
        if !columns.all().any(|known| known == column) {
            let hint = did_you_mean(column, columns.all());
            let known: Vec<&str> = columns.all().collect();
            return Err(format!(
                "[{}.columns]: `{column}` is no column of ours; there are {}{hint}",
                role.word(),
                known.join(", ")
            ));
        }
        if readings.0.is_empty() {
            return Err(format!("[{}.columns] {column}: the list is empty", role.word()));
        }
        for reading in &readings.0 {
            check_reading(role, column, reading)
                .map_err(|why| format!("[{}.columns] {column}: {why}", role.word()))?;
        }
    }
    Ok(())
}

fn check_reading(role: InputRole, column: &str, reading: &ColumnMapping) -> Result<(), String> {
    if reading.from.0.is_empty() == reading.constant.is_none() {
        return Err("say either `from`, a column of the export, or `constant`".into());
    }
    if reading.list.as_deref() == Some("") {
        return Err("`list` is `json` or what separates the values".into());
    }
    for form in &reading.dates {
        DateTimeFormat::parse(form)?;
    }
    if let Some(zone) = &reading.zone {
        zone.parse::<chrono_tz::Tz>()
            .map_err(|_| format!("`{zone}` is no zone; say `UTC` or an IANA name"))?;
    }
    if let Some(list) = list_of(role, column) {
        let ours: BTreeMap<&str, ()> =
            list.words.iter().map(|word| (*word, ())).chain([("unknown", ())]).collect();
        let words = reading.words.values().chain(reading.beginnings.values());
        let fixed = [&reading.constant, &reading.filled, &reading.otherwise].into_iter().flatten();
        // In a canonical column, a canonical value means itself.
        let is_own = reading.from.0.len() == 1 && reading.from.0[0] == column;
        let given = reading.words.iter().find(|(raw, ours)| {
            let raw = raw.trim().to_lowercase();
            is_own && list.words.iter().any(|word| *word == raw && word != ours)
        });
        if let Some((raw, _)) = given {
            return Err(format!(
                "`{raw}` is a word of ours and means itself, so it cannot be given another meaning"
            ));
        }
        // An export's value may be mapped to an empty text, which means no value.
        for word in words.filter(|word| !word.is_empty()).chain(fixed) {
            if !ours.contains_key(word.as_str()) {
                let hint = did_you_mean(word, ours.keys().copied());
                return Err(format!("`{word}` is no word of this column{hint}"));
            }
        }
    }
    Ok(())
}
