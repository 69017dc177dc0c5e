//! From a row of a vendor's export to rows with our columns, as a layout says.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono_tz::Tz;
use smallvec::{SmallVec, smallvec};

use crate::domain::words::fold;
use crate::layout::columns::Columns;
use crate::layout::moment::{Form, Told, in_utc, written};
use crate::layout::reference::id_in;
use crate::layout::table::{Condition, ReadingOf, Table};

/// Stands between the values of a cell that has several.
pub const BETWEEN: char = '\u{1E}';

/// So many rows may come of one: a message to very many patients is no message of this measure.
const MOST_ROWS: usize = 1000;

/// How a row of an export with a given header is read.
pub struct Translation {
    columns: Vec<Target>,
    only: Vec<Test>,
    skip: Vec<Vec<Test>>,
}

/// One of our columns.
struct Target {
    name: String,
    sort: Sort,
    ways: Vec<Way>,
}

/// What becomes of several values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Each makes a row of its own.
    Id,
    /// The one that says most about who took part.
    Party,
    /// The first.
    First,
}

#[derive(Default, PartialEq)]
struct Way {
    /// Where the column stands in the export; none for a constant.
    from: Option<usize>,
    constant: Option<String>,
    words: HashMap<String, String>,
    beginnings: Vec<(String, String)>,
    filled: Option<String>,
    otherwise: Option<String>,
    reference: Option<String>,
    list: Option<String>,
    forms: Vec<Form>,
    zone: Option<Tz>,
    when: Vec<Test>,
}

/// Whether a column holds one of some words.
#[derive(PartialEq)]
struct Test {
    column: Option<usize>,
    words: Vec<String>,
}

/// What came of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// So many rows.
    Rows(usize),
    /// The row is not meant for us.
    Aside,
    /// More rows than can be meant.
    TooMany,
}

/// The values of a cell: one, as a rule.
type Values<'c> = SmallVec<[Cow<'c, str>; 1]>;

/// Rows with our columns, one after the other.
#[derive(Default)]
pub struct Translated<'c> {
    /// For each of our columns its values; an id may have several, anything else has one or none.
    values: Vec<Values<'c>>,
}

impl Translation {
    /// How rows under a header are read; columns of ours for which the export has nothing are absent.
    pub fn new(table: &Table, columns: &Columns, header: &[String]) -> Self {
        let position = |name: &str| header.iter().position(|known| known == name);
        let tests = |condition: &Condition| {
            let test = |(name, words): (&String, &Vec<String>)| Test {
                column: position(name),
                words: words.iter().map(|word| fold(word)).collect(),
            };
            condition.iter().map(test).collect::<Vec<_>>()
        };
        let way = |reading: &ReadingOf| {
            let from = reading.from.0.iter().find_map(|name| position(name));
            (from.is_some() || reading.constant.is_some()).then(|| Way {
                from,
                constant: reading.constant.clone(),
                words: reading.words.iter().map(|(raw, ours)| (fold(raw), ours.clone())).collect(),
                // Not trimmed: `P ` is the beginning of a pool, and `P` that of every such id.
                beginnings: reading
                    .beginnings
                    .iter()
                    .map(|(raw, ours)| (raw.to_lowercase(), ours.clone()))
                    .collect(),
                filled: reading.filled.clone(),
                otherwise: reading.otherwise.clone(),
                reference: reading.reference.clone(),
                list: reading.list.clone(),
                forms: reading.dates.iter().filter_map(|form| Form::parse(form).ok()).collect(),
                zone: reading.zone.as_deref().and_then(|zone| zone.parse().ok()),
                when: tests(&reading.when),
            })
        };
        let target = |name: &'static str| {
            let ways: Vec<Way> = table.columns.get(name)?.0.iter().filter_map(way).collect();
            (!ways.is_empty()).then(|| Target { name: name.to_owned(), sort: Sort::of(name), ways })
        };
        Self {
            columns: columns.all().filter_map(target).collect(),
            only: tests(&table.only),
            skip: table.skip.iter().map(tests).collect(),
        }
    }

    /// Where each of our columns stands in the export, if all are taken from there as they are; none where something is
    /// translated, or rows are left aside.
    pub fn plain(&self) -> Option<Vec<usize>> {
        let from = |column: &Target| match column.ways.as_slice() {
            [way] if *way == Way { from: way.from, ..Way::default() } => way.from,
            _ => None,
        };
        let is_plain = self.only.is_empty() && self.skip.is_empty();
        self.columns.iter().map(from).collect::<Option<Vec<usize>>>().filter(|_| is_plain)
    }

    /// Leaves out columns of ours that nobody asks for.
    pub fn retain(&mut self, is_asked: impl Fn(&str) -> bool) {
        self.columns.retain(|column| is_asked(&column.name));
    }

    /// Every column of an export as it is.
    pub fn none(header: &[String]) -> Self {
        let target = |(column, name): (usize, &String)| Target {
            name: name.clone(),
            sort: Sort::First,
            ways: vec![Way { from: Some(column), ..Way::default() }],
        };
        let columns = header.iter().enumerate().map(target).collect();
        Self { columns, only: Vec::new(), skip: Vec::new() }
    }

    /// Our columns that the export has something for, in the order of [`Self::row`].
    pub fn names(&self) -> impl Iterator<Item = &str> + '_ {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Where the column of the export stands that one of ours is read from first.
    pub fn source(&self, column: usize) -> Option<usize> {
        self.columns.get(column)?.ways.iter().find_map(|way| way.from)
    }

    /// What one of our columns makes of a text in a column of the export, in rows where that is where it is read from.
    pub fn explain<'c>(&'c self, name: &str, source: usize, text: &'c str) -> Option<Cow<'c, str>> {
        let column = self.columns.iter().find(|column| column.name == name)?;
        column.ways.iter().filter(|way| way.from == Some(source)).find_map(|way| way.value(text))
    }

    /// Whether a text in a column of the export may be shown as a word: it is one that the layout names, or the layout
    /// takes nothing but words there, so that an unknown one has to be told. Any other text may be an id, or free.
    pub fn is_word(&self, source: usize, text: &str) -> bool {
        let ways = self.columns.iter().flat_map(|column| &column.ways).filter(|way| way.from == Some(source));
        let mut ways = ways.peekable();
        let catches_all = |way: &Way| {
            way.filled.is_some()
                || way.otherwise.is_some()
                || way.reference.is_some()
                || !way.beginnings.is_empty()
        };
        let folded = fold(text);
        ways.peek().is_some() && ways.all(|way| way.words.contains_key(&folded) || !catches_all(way))
    }

    /// Whether rows with this word in a column of the export are left aside for it alone.
    pub fn sets_aside(&self, source: usize, text: &str) -> bool {
        let folded = fold(text);
        let names = |test: &Test| test.column == Some(source) && test.words.contains(&folded);
        let is_only =
            self.only.iter().any(|test| test.column == Some(source) && !test.words.contains(&folded));
        is_only || self.skip.iter().any(|tests| matches!(tests.as_slice(), [test] if names(test)))
    }

    /// The forms of days and times that are declared for a column of the export.
    pub fn forms(&self, source: usize) -> Vec<Form> {
        let ways = self.columns.iter().flat_map(|column| &column.ways);
        ways.filter(|way| way.from == Some(source)).flat_map(|way| way.forms.iter().cloned()).collect()
    }

    /// Whether the layout names the zone of times in a column of the export that name none.
    pub fn has_zone(&self, source: usize) -> bool {
        let mut ways = self.columns.iter().flat_map(|column| &column.ways);
        ways.any(|way| way.from == Some(source) && way.zone.is_some())
    }

    /// Our columns that are read from a column of the export.
    pub fn read_from(&self, source: usize) -> impl Iterator<Item = &str> + '_ {
        let is_read = move |column: &&Target| column.ways.iter().any(|way| way.from == Some(source));
        self.columns.iter().filter(is_read).map(|column| column.name.as_str())
    }

    /// Whether a column of the export is looked at.
    pub fn uses(&self, source: usize) -> bool {
        let ways = || self.columns.iter().flat_map(|column| &column.ways);
        let tests =
            self.only.iter().chain(self.skip.iter().flatten()).chain(ways().flat_map(|way| &way.when));
        ways().any(|way| way.from == Some(source))
            || tests.into_iter().any(|test| test.column == Some(source))
    }

    /// Reads a row, given as the text of each of its cells.
    pub fn row<'c>(&'c self, cells: &'c [Cow<'c, str>], into: &mut Translated<'c>) -> Outcome {
        into.values.clear();
        let holds = |test: &Test| test.holds(cells);
        if !self.only.iter().all(holds) || self.skip.iter().any(|tests| tests.iter().all(holds)) {
            return Outcome::Aside;
        }
        for column in &self.columns {
            let usable = column.ways.iter().filter(|way| way.when.iter().all(holds));
            let found = usable.map(|way| way.values(cells)).find(|values| !values.is_empty());
            into.values.push(column.sort.settle(found.unwrap_or_default()));
        }
        let rows = into.values.iter().fold(1usize, |rows, values| rows.saturating_mul(values.len().max(1)));
        if rows > MOST_ROWS { Outcome::TooMany } else { Outcome::Rows(rows) }
    }
}

impl Translated<'_> {
    /// The cells of one of the rows that came of a row, in the order of our columns.
    pub fn cells(&self, row: usize) -> impl Iterator<Item = &str> {
        let mut row = row;
        self.values.iter().map(move |values| {
            let Some(count) = Some(values.len()).filter(|count| *count > 0) else { return "" };
            let chosen = row % count;
            row /= count;
            &*values[chosen]
        })
    }
}

impl Way {
    /// What a row says; nothing where it says nothing.
    fn values<'c>(&'c self, cells: &'c [Cow<'c, str>]) -> Values<'c> {
        if let Some(constant) = &self.constant {
            return smallvec![Cow::Borrowed(constant.as_str())];
        }
        let cell = self.from.and_then(|column| cells.get(column)).map_or("", |cell| cell.trim());
        match self.list.as_deref() {
            Some("json") => json_list(cell)
                .into_iter()
                .filter_map(|text| Some(self.value(&text)?.into_owned().into()))
                .collect(),
            Some(separator) => cell.split(separator).filter_map(|text| self.value(text.trim())).collect(),
            None => cell.split(BETWEEN).filter_map(|text| self.value(text.trim())).collect(),
        }
    }

    /// What one value says.
    fn value<'c>(&'c self, text: &'c str) -> Option<Cow<'c, str>> {
        let text = match &self.reference {
            Some(resource) => id_in(text, resource)?,
            None => text,
        };
        if text.is_empty() {
            return None;
        }
        if let Some(moment) = self.moment(text) {
            return Some(Cow::Owned(moment));
        }
        if self.words.is_empty()
            && self.beginnings.is_empty()
            && self.filled.is_none()
            && self.otherwise.is_none()
        {
            return Some(Cow::Borrowed(text));
        }
        let folded = fold(text);
        let beginning =
            || self.beginnings.iter().find(|(raw, _)| folded.starts_with(raw.as_str())).map(|(_, ours)| ours);
        let ours =
            self.words.get(&folded).or_else(beginning).or(self.filled.as_ref()).or(self.otherwise.as_ref());
        // A word that means nothing says nothing.
        Some(Cow::Borrowed(ours.map_or(text, String::as_str))).filter(|word| !word.is_empty())
    }

    /// A day or time, as the door reads it; none where it is to stay as it is.
    fn moment(&self, text: &str) -> Option<String> {
        let in_zone = |(moment, told)| match (told, self.zone) {
            (Told::Time, Some(zone)) => Some(written(in_utc(moment, zone)?, Told::Utc)),
            _ => Some(written(moment, told)),
        };
        if let Some(found) = self.forms.iter().find_map(|form| form.read(text)) {
            return in_zone(found);
        }
        // A time of the usual form that names no zone.
        self.zone.and_then(|_| {
            let text = text.replacen(' ', "T", 1);
            let moment = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
                .into_iter()
                .find_map(|form| chrono::NaiveDateTime::parse_from_str(&text, form).ok())?;
            in_zone((moment, Told::Time))
        })
    }
}

impl Sort {
    fn of(name: &str) -> Self {
        match name {
            "patient_id" | "provider_id" => Self::Id,
            "sender" | "recipient" => Self::Party,
            _ => Self::First,
        }
    }

    /// Makes of several values what can stand in our column.
    fn settle(self, mut values: Values<'_>) -> Values<'_> {
        match self {
            Self::Id => {
                let mut at = 0;
                while at < values.len() {
                    if values[..at].contains(&values[at]) {
                        values.remove(at);
                    } else {
                        at += 1;
                    }
                }
            }
            Self::Party => {
                // Stable, so of equals the first.
                values.sort_by_key(|word| party_rank(word));
                values.truncate(1);
            }
            Self::First => values.truncate(1),
        }
        values
    }
}

/// A message to a provider and others is a message to a provider; a word that nobody knows may be one too.
fn party_rank(word: &str) -> u8 {
    match word {
        "provider" => 0,
        "care-team" => 1,
        "staff" => 3,
        "representative" => 4,
        "patient" => 5,
        "system" => 6,
        _ => 2,
    }
}

impl Test {
    fn holds(&self, cells: &[Cow<'_, str>]) -> bool {
        let cell = self.column.and_then(|column| cells.get(column)).map_or("", |cell| cell.trim());
        let holds = |value: &str| {
            self.words.iter().any(|word| match word.as_str() {
                "" => value.is_empty(),
                "*" => !value.is_empty(),
                word => fold(value) == word,
            })
        };
        cell.split(BETWEEN).any(holds)
    }
}

/// The texts and numbers in a JSON array, or the cell itself where it is none.
fn json_list(cell: &str) -> Vec<String> {
    match serde_json::from_str::<serde_json::Value>(cell) {
        Ok(serde_json::Value::Array(items)) => items
            .into_iter()
            .filter_map(|item| match item {
                serde_json::Value::String(text) => Some(text),
                serde_json::Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .collect(),
        _ => vec![cell.to_owned()],
    }
}
