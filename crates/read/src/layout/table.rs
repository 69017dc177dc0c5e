//! How the columns of one kind of input come about: the model of a layout file.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::layout::columns::EntityColumns;

/// How one kind of input is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TableLayout {
    /// What the export calls it: the file or table to ask for.
    pub source: Option<String>,
    /// The sheet of a workbook that is read; the one with the columns unless it is named.
    pub sheet: Option<String>,
    /// Whether quotation marks quote, in text with separators; they do unless it says no.
    pub quotes: Option<bool>,
    /// Rows are meant for us only where all of these columns hold one of their words; others are left aside.
    pub only: ColumnCondition,
    /// Rows are left aside where any of these conditions holds.
    pub skip: Vec<ColumnCondition>,
    /// How far the ids of records are unique: in all files together (`export`, unless it says otherwise), or within each `file`.
    pub record_ids: Option<String>,
    /// In JSON, the path of an array of which each element makes a row of its own, so that what it says of itself stays
    /// together: `participant`.
    pub each: Option<String>,
    /// For each of our columns, how it is read.
    pub columns: BTreeMap<String, ColumnMappings>,
    /// Columns that a row is read by once more, in place of those above: where an export does not tell which side of a message
    /// is the patient, each side makes a row.
    pub also: Vec<BTreeMap<String, ColumnMappings>>,
}

/// Columns of the export and the words that they may hold: the condition holds where every column has one of its words.
/// An empty word stands for an empty cell and `*` for any other; case does not matter.
pub type ColumnCondition = BTreeMap<String, Vec<String>>;

/// Ways to read a column, in order: the first that gives something is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct ColumnMappings(pub Vec<ColumnMapping>);

/// A way to read one of our columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ColumnMapping {
    /// The column of the export, or several names that it may have. In NDJSON a path: `subject.reference`; an array gives
    /// all of its values.
    pub from: OneOrMore,
    /// What the column always says.
    pub constant: Option<String>,
    /// The export's words and what they mean in ours.
    pub words: BTreeMap<String, String>,
    /// Beginnings of the export's words and what they mean.
    pub beginnings: BTreeMap<String, String>,
    /// What any word means that is not empty.
    pub filled: Option<String>,
    /// What a word means that is none of those above.
    pub otherwise: Option<String>,
    /// The cell is a FHIR reference; only one to a resource of this type is taken, by its id.
    pub reference: Option<String>,
    /// The cell holds several values: `json` for a JSON array, else the separator.
    pub list: Option<String>,
    /// Only values that are whole numbers are taken.
    pub numbers: bool,
    /// Forms of days and times, such as `M/D/YYYY h:mm:ss A`, beside those that are always read.
    pub dates: Vec<String>,
    /// The zone of times that name none: `UTC` or an IANA name; none is the practice's own.
    pub zone: Option<String>,
    /// The reading is used only for rows where this holds.
    pub when: ColumnCondition,
    /// The reading is not used for rows where these columns hold nothing but these words.
    pub unless: ColumnCondition,
}

/// One name, or several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "NameOrNames")]
pub struct OneOrMore(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "`from` is a name or a list of names")]
enum NameOrNames {
    Name(String),
    Names(Vec<String>),
}

/// A column in a layout file: a name, a reading, or several of both.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a column is a name, a reading such as { from = \"NAME\" }, or a list of these; a reading has the keys from, constant, words, beginnings, filled, otherwise, reference, list, numbers, dates (a list), zone, when, unless"
)]
enum Written {
    // First, since a list would pass for a reading whose values have no names.
    Several(Vec<Item>),
    One(Item),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Name(String),
    Reading(Box<ColumnMapping>),
}

impl From<NameOrNames> for OneOrMore {
    fn from(written: NameOrNames) -> Self {
        match written {
            NameOrNames::Name(name) => Self(vec![name]),
            NameOrNames::Names(names) => Self(names),
        }
    }
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
    /// The table of an export that has our own columns.
    pub fn own(columns: &EntityColumns) -> Self {
        let reading = |name: &'static str| ColumnMapping {
            from: OneOrMore(vec![name.to_owned()]),
            ..ColumnMapping::default()
        };
        let column = |name: &'static str| (name.to_owned(), ColumnMappings(vec![reading(name)]));
        Self { columns: columns.all().map(column).collect(), ..Self::default() }
    }

    /// Every column of the export that is looked at, each once, in the order of the layout.
    pub fn sources(&self) -> Vec<&str> {
        let columns = || [&self.columns].into_iter().chain(&self.also);
        let readings = || columns().flat_map(BTreeMap::values).flat_map(|readings| &readings.0);
        let asked = readings().flat_map(|reading| [&reading.when, &reading.unless]);
        let conditions = self.skip.iter().chain([&self.only]).chain(asked);
        let mut names: Vec<&str> = Vec::new();
        let all = readings().flat_map(|reading| &reading.from.0).chain(conditions.flat_map(BTreeMap::keys));
        for name in all {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Lays this table over another: what is said here wins, column by column.
    pub fn over(self, below: TableLayout) -> TableLayout {
        // Who says which column the patient is does not ask for the other side.
        let mut also = if self.columns.contains_key("patient_id") { Vec::new() } else { below.also };
        also.iter_mut().for_each(|side| side.retain(|name, _| !self.columns.contains_key(name)));
        let mut columns = below.columns;
        columns.extend(self.columns);
        TableLayout {
            source: self.source.or(below.source),
            sheet: self.sheet.or(below.sheet),
            quotes: self.quotes.or(below.quotes),
            only: if self.only.is_empty() { below.only } else { self.only },
            skip: if self.skip.is_empty() { below.skip } else { self.skip },
            record_ids: self.record_ids.or(below.record_ids),
            each: self.each.or(below.each),
            columns,
            also: if self.also.is_empty() { also } else { self.also },
        }
    }
}
