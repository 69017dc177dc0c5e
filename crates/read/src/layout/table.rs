//! The model of a layout file: how the canonical columns of one kind of input are read.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::layout::columns::EntityColumns;
use crate::layout::join::JoinLayout;
use crate::layout::one_or_more::OneOrMore;

/// The layout of one kind of input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TableLayout {
    /// The export's name for this input: the file or table to request.
    pub source: Option<String>,
    /// Columns without which an export is not taken for one of this layout, if its other columns have names that many exports use.
    pub recognized_by: Vec<String>,
    /// Sheet of a workbook to read. If absent, the sheet with the columns is read.
    pub sheet: Option<String>,
    /// Line of the header in text, or its row in a sheet, counted from 1. 0 if there is no header: the columns are then `column 1`,
    /// `column 2`, and so on. If absent, the header is searched for.
    pub header: Option<u64>,
    /// Character that separates the columns of text. If absent, the one that fits the header is used.
    pub separator: Option<String>,
    /// Whether quotation marks quote in delimited text. If absent, they do.
    pub quotes: Option<bool>,
    /// Condition that a row must match to be read. Other rows are skipped.
    pub only: ColumnCondition,
    /// Conditions that skip a row. One match is enough.
    pub skip: Vec<ColumnCondition>,
    /// Scope of unique record ids: across all files (`export`, the default) or within each `file`.
    pub record_ids: Option<String>,
    /// Codes of findings that such exports usually have, although nothing is wrong with them. They are notes and not errors.
    pub usual: Vec<String>,
    /// In JSON, the path of an array such as `participant`. Each element makes a row of its own, so that its values stay together.
    pub each: Option<String>,
    /// Further tables that complete the rows, each used if a file with its columns is given.
    pub join: Vec<JoinLayout>,
    /// Mappings of the canonical columns, by name.
    pub columns: BTreeMap<String, ColumnMappings>,
    /// Columns with which a row is read once more, in place of those above. If an export does not show which side of a message is the
    /// patient, each side makes a row.
    pub also: Vec<BTreeMap<String, ColumnMappings>>,
}

/// Columns of the export and the values that they may have. The condition matches if every column has one of its values. An empty value
/// matches an empty cell, and `*` matches any other cell. Case does not matter.
pub type ColumnCondition = BTreeMap<String, Vec<String>>;

/// Ways to read a column, in order. The first that supplies a value is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct ColumnMappings(pub Vec<ColumnMapping>);

/// One way to read a canonical column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ColumnMapping {
    /// Column of the export, or several names that it may have. In NDJSON a path, such as `subject.reference`. An array on the path
    /// supplies all of its values.
    pub from: OneOrMore,
    /// Fixed value of the column.
    pub constant: Option<String>,
    /// Values of the export, mapped to canonical values.
    pub words: BTreeMap<String, String>,
    /// Beginnings of the export's values, mapped to canonical values.
    pub beginnings: BTreeMap<String, String>,
    /// Canonical value for any value that is not empty.
    pub filled: Option<String>,
    /// Canonical value for any value that none of the above matches.
    pub otherwise: Option<String>,
    /// Resource type, if the cell is a FHIR reference. Only references to this type are read, by id.
    pub reference: Option<String>,
    /// How several values in the cell are separated: `json` for a JSON array, otherwise the separator.
    pub list: Option<String>,
    /// Whether only whole numbers are read.
    pub numbers: bool,
    /// Formats of days and times, such as `M/D/YYYY h:mm:ss A`, in addition to those that are always read.
    pub dates: Vec<String>,
    /// Time zone of times that name none: `UTC` or an IANA name. If absent, the practice time zone.
    pub zone: Option<String>,
    /// Condition that a row must match for this mapping to be used.
    pub when: ColumnCondition,
    /// Condition under which the mapping is not used: these columns have only these values.
    pub unless: ColumnCondition,
}

/// A column in a layout file: a name, a mapping, or several of these.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a column is a name, a reading such as { from = \"NAME\" }, or a list of these; a reading has the keys from, constant, words, beginnings, filled, otherwise, reference, list, numbers, dates (a list), zone, when, unless"
)]
enum Written {
    // First, because a list would also parse as a mapping whose keys are omitted.
    Several(Vec<Item>),
    One(Item),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Name(String),
    Reading(Box<ColumnMapping>),
}

impl From<Written> for ColumnMappings {
    fn from(written: Written) -> Self {
        let items = match written {
            Written::One(item) => vec![item],
            Written::Several(items) => items,
        };
        let reading = |item| match item {
            Item::Name(name) => ColumnMapping { from: OneOrMore(vec![name]), ..ColumnMapping::default() },
            Item::Reading(reading) => *reading,
        };
        Self(items.into_iter().map(reading).collect())
    }
}

impl TableLayout {
    /// Returns the table that reads each canonical column from the export's column of the same name.
    pub fn identity(columns: &EntityColumns) -> Self {
        let reading = |name: &'static str| ColumnMapping {
            from: OneOrMore(vec![name.to_owned()]),
            ..ColumnMapping::default()
        };
        let column = |name: &'static str| (name.to_owned(), ColumnMappings(vec![reading(name)]));
        Self { columns: columns.all().map(column).collect(), ..Self::default() }
    }

    /// Returns whether the table says only where the rows are, and not what their columns mean.
    pub fn is_place(&self) -> bool {
        let Self { sheet, header, separator, .. } = self.clone();
        *self == Self { sheet, header, separator, ..Self::default() }
    }

    /// Returns every column of the export that is read or tested, each once, in the order of the layout.
    pub fn sources(&self) -> Vec<&str> {
        let columns = || [&self.columns].into_iter().chain(&self.also);
        let readings = || columns().flat_map(BTreeMap::values).flat_map(|readings| &readings.0);
        let asked = readings().flat_map(|reading| [&reading.when, &reading.unless]);
        let conditions = self.skip.iter().chain([&self.only]).chain(asked);
        let mut names: Vec<&str> = Vec::new();
        let all = readings().flat_map(|reading| &reading.from.0).chain(conditions.flat_map(BTreeMap::keys));
        let keys = self.join.iter().flat_map(|join| join.key.0.first());
        for name in all.chain(keys) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Merges this table over another one. For each column, this table wins.
    pub fn merged_over(self, below: TableLayout) -> TableLayout {
        // If this table defines the patient column, the row does not need to be read once more for the other side.
        let mut also = if self.columns.contains_key("patient_id") { Vec::new() } else { below.also };
        also.iter_mut().for_each(|side| side.retain(|name, _| !self.columns.contains_key(name)));
        let mut columns = below.columns;
        columns.extend(self.columns);
        TableLayout {
            source: self.source.or(below.source),
            recognized_by: if self.recognized_by.is_empty() {
                below.recognized_by
            } else {
                self.recognized_by
            },
            sheet: self.sheet.or(below.sheet),
            header: self.header.or(below.header),
            separator: self.separator.or(below.separator),
            quotes: self.quotes.or(below.quotes),
            only: if self.only.is_empty() { below.only } else { self.only },
            skip: if self.skip.is_empty() { below.skip } else { self.skip },
            record_ids: self.record_ids.or(below.record_ids),
            usual: if self.usual.is_empty() { below.usual } else { self.usual },
            each: self.each.or(below.each),
            join: if self.join.is_empty() { below.join } else { self.join },
            columns,
            also: if self.also.is_empty() { also } else { self.also },
        }
    }
}
