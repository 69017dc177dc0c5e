//! From a row of a vendor's export to rows with our columns, as a layout says.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;
use smallvec::smallvec;

use crate::layout::columns::EntityColumns;
use crate::layout::moment::{DateTimeFormat, Precision, in_utc, written};
use crate::layout::reference::id_in;
use crate::layout::separators::{BETWEEN, ELEMENT};
use crate::layout::several::{MultiValueRule, Values};
use crate::layout::table::{ColumnCondition, ColumnMapping, ColumnMappings, TableLayout};
use mucalc_core::domain::words::fold;

/// So many rows may come of one: a message to very many patients is no message of this measure.
const MOST_ROWS: usize = 1000;

/// How a row of an export with a given header is read.
pub struct RowTranslator {
    columns: Vec<TargetColumn>,
    /// For each further side, the columns that it reads otherwise, by their places among the columns.
    sides: Vec<Vec<(usize, TargetColumn)>>,
    /// The array of JSON of which each element makes a row.
    each: Option<String>,
    /// The columns of the export that lie in it.
    elements: Vec<usize>,
    only: Vec<ValueTest>,
    skip: Vec<Vec<ValueTest>>,
}

/// One of our columns.
struct TargetColumn {
    name: String,
    sort: MultiValueRule,
    ways: Vec<SourceRule>,
}

#[derive(Default, PartialEq)]
struct SourceRule {
    /// Where the column stands in the export; none for a constant.
    from: Option<usize>,
    constant: Option<String>,
    words: HashMap<String, String>,
    beginnings: Vec<(String, String)>,
    filled: Option<String>,
    otherwise: Option<String>,
    reference: Option<String>,
    list: Option<String>,
    numbers: bool,
    forms: Vec<DateTimeFormat>,
    zone: Option<Tz>,
    when: Vec<ValueTest>,
    unless: Vec<ValueTest>,
}

/// Whether a column holds one of some words.
#[derive(PartialEq)]
struct ValueTest {
    column: Option<usize>,
    words: Vec<String>,
}

/// The cells of a row, of which some say something else for each element of an array.
#[derive(Clone, Copy)]
struct Cells<'c> {
    cells: &'c [Cow<'c, str>],
    elements: &'c [usize],
    element: usize,
}

impl<'c> Cells<'c> {
    /// The text of a cell; nothing where there is no such column.
    fn text(self, column: Option<usize>) -> &'c str {
        let Some((column, cell)) = column.and_then(|column| Some((column, self.cells.get(column)?))) else {
            return "";
        };
        let cell: &'c str = cell;
        match self.elements.contains(&column) {
            true => cell.split(ELEMENT).nth(self.element).unwrap_or_default().trim(),
            false => cell.trim(),
        }
    }
}

/// What came of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranslationOutcome {
    /// So many rows.
    Rows(usize),
    /// The row is not meant for us.
    Aside,
    /// The layout says that the row does not count, such as one that was deleted.
    Skipped,
    /// More rows than can be meant: so many.
    TooMany(usize),
}

/// Rows with our columns, one after the other.
#[derive(Default)]
pub struct TranslatedRows<'c> {
    /// For each side and element, and there for each of our columns, its values; an id may have several, anything else has one or
    /// none.
    parts: Vec<Vec<Values<'c>>>,
}

impl RowTranslator {
    /// How rows under a header are read; columns of ours for which the export has nothing are absent.
    pub fn new(table: &TableLayout, columns: &EntityColumns, header: &[String]) -> Self {
        let position = |name: &str| header.iter().position(|known| known == name);
        let tests = |condition: &ColumnCondition| {
            let test = |(name, words): (&String, &Vec<String>)| ValueTest {
                column: position(name),
                words: words.iter().map(|word| fold(word)).collect(),
            };
            condition.iter().map(test).collect::<Vec<_>>()
        };
        let way = |reading: &ColumnMapping| {
            let from = reading.from.0.iter().find_map(|name| position(name));
            (from.is_some() || reading.constant.is_some()).then(|| SourceRule {
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
                numbers: reading.numbers,
                forms: reading.dates.iter().filter_map(|form| DateTimeFormat::parse(form).ok()).collect(),
                zone: reading.zone.as_deref().and_then(|zone| zone.parse().ok()),
                when: tests(&reading.when),
                unless: tests(&reading.unless),
            })
        };
        let target = |from: &BTreeMap<String, ColumnMappings>, name: &'static str| {
            let ways: Vec<SourceRule> = from.get(name)?.0.iter().filter_map(way).collect();
            (!ways.is_empty()).then(|| TargetColumn {
                name: name.to_owned(),
                sort: MultiValueRule::of(name),
                ways,
            })
        };
        let targets: Vec<TargetColumn> =
            columns.all().filter_map(|name| target(&table.columns, name)).collect();
        // A side of which the export has no column is none.
        let side = |side: &BTreeMap<String, ColumnMappings>| {
            let place = |name: &str| targets.iter().position(|target| target.name == name);
            let read: Vec<(usize, TargetColumn)> =
                columns.all().filter_map(|name| Some((place(name)?, target(side, name)?))).collect();
            read.iter().any(|(_, target)| target.name == "patient_id").then_some(read)
        };
        let within = |(column, name): (usize, &String)| {
            let rest = name.strip_prefix(table.each.as_deref()?)?;
            rest.starts_with('.').then_some(column)
        };
        Self {
            sides: table.also.iter().filter_map(side).collect(),
            each: table.each.clone(),
            elements: header.iter().enumerate().filter_map(within).collect(),
            columns: targets,
            only: tests(&table.only),
            skip: table.skip.iter().map(tests).collect(),
        }
    }

    /// Where each of our columns stands in the export, if all are taken from there as they are; none where something is
    /// translated, or rows are left aside.
    pub fn plain(&self) -> Option<Vec<usize>> {
        let from = |column: &TargetColumn| match column.ways.as_slice() {
            [way] if *way == SourceRule { from: way.from, ..SourceRule::default() } => way.from,
            _ => None,
        };
        let is_plain =
            self.only.is_empty() && self.skip.is_empty() && self.sides.is_empty() && self.elements.is_empty();
        self.columns.iter().map(from).collect::<Option<Vec<usize>>>().filter(|_| is_plain)
    }

    /// Leaves out columns of ours that nobody asks for.
    pub fn retain(&mut self, is_asked: impl Fn(&str) -> bool) {
        let kept: Vec<bool> = self.columns.iter().map(|column| is_asked(&column.name)).collect();
        let place = |column: usize| kept[..column].iter().filter(|kept| **kept).count();
        for side in &mut self.sides {
            side.retain(|(column, _)| kept[*column]);
            side.iter_mut().for_each(|(column, _)| *column = place(*column));
        }
        self.columns.retain(|column| is_asked(&column.name));
    }

    /// Every column of an export as it is.
    pub fn none(header: &[String]) -> Self {
        let target = |(column, name): (usize, &String)| TargetColumn {
            name: name.clone(),
            sort: MultiValueRule::First,
            ways: vec![SourceRule { from: Some(column), ..SourceRule::default() }],
        };
        let columns = header.iter().enumerate().map(target).collect();
        Self {
            columns,
            sides: Vec::new(),
            each: None,
            elements: Vec::new(),
            only: Vec::new(),
            skip: Vec::new(),
        }
    }

    /// The array of JSON of which each element makes a row.
    pub fn each(&self) -> Option<&str> {
        self.each.as_deref()
    }

    /// Our columns that the export has something for, in the order of [`Self::row`].
    pub fn names(&self) -> impl Iterator<Item = &str> + '_ {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Where the column of the export stands that one of ours is read from first.
    pub fn source(&self, column: usize) -> Option<usize> {
        self.columns.get(column)?.ways.iter().find_map(|way| way.from)
    }

    /// Returns whether the layout gives a text of a column of the export a meaning of its own.
    pub fn names_word(&self, source: usize, text: &str) -> bool {
        let text = fold(text);
        let ways = || self.targets().flat_map(|column| &column.ways);
        let tests = self.only.iter().chain(self.skip.iter().flatten());
        let tests = tests.chain(ways().flat_map(|way| way.when.iter().chain(&way.unless)));
        ways().any(|way| way.from == Some(source) && way.words.contains_key(&text))
            || tests.into_iter().any(|test| test.column == Some(source) && test.words.contains(&text))
    }

    /// What one of our columns makes of a text in a column of the export, in rows where that is where it is read from.
    pub fn explain<'c>(&'c self, name: &str, source: usize, text: &'c str) -> Option<Cow<'c, str>> {
        let column = self.columns.iter().find(|column| column.name == name)?;
        column.ways.iter().filter(|way| way.from == Some(source)).find_map(|way| way.value(text))
    }

    /// Whether a text in a column of the export may be shown as a word: it is one that the layout names, or the layout
    /// takes nothing but words there, so that an unknown one has to be told. Any other text may be an id, or free.
    pub fn is_word(&self, source: usize, text: &str) -> bool {
        let ways = self.targets().flat_map(|column| &column.ways).filter(|way| way.from == Some(source));
        let mut ways = ways.peekable();
        let catches_all = |way: &SourceRule| {
            way.filled.is_some()
                || way.otherwise.is_some()
                || way.reference.is_some()
                || way.numbers
                || !way.beginnings.is_empty()
        };
        let folded = fold(text);
        ways.peek().is_some() && ways.all(|way| way.words.contains_key(&folded) || !catches_all(way))
    }

    /// Whether rows with this word in a column of the export are left aside for it alone.
    pub fn sets_aside(&self, source: usize, text: &str) -> bool {
        let folded = fold(text);
        let names = |test: &ValueTest| test.column == Some(source) && test.words.contains(&folded);
        let is_only =
            self.only.iter().any(|test| test.column == Some(source) && !test.words.contains(&folded));
        is_only || self.skip.iter().any(|tests| matches!(tests.as_slice(), [test] if names(test)))
    }

    /// The forms of days and times that are declared for a column of the export.
    pub fn forms(&self, source: usize) -> Vec<DateTimeFormat> {
        let ways = self.targets().flat_map(|column| &column.ways);
        ways.filter(|way| way.from == Some(source)).flat_map(|way| way.forms.iter().cloned()).collect()
    }

    /// Whether the layout names the zone of times in a column of the export that name none.
    pub fn has_zone(&self, source: usize) -> bool {
        let mut ways = self.columns.iter().flat_map(|column| &column.ways);
        ways.any(|way| way.from == Some(source) && way.zone.is_some())
    }

    /// Our columns that are read from a column of the export.
    pub fn read_from(&self, source: usize) -> impl Iterator<Item = &str> + '_ {
        let is_read = move |column: &&TargetColumn| column.ways.iter().any(|way| way.from == Some(source));
        // A side reads columns that are read anyway.
        let names = self.targets().filter(is_read).map(|column| column.name.as_str());
        let mut known = Vec::new();
        names.filter(move |name| {
            let is_new = !known.contains(name);
            known.push(*name);
            is_new
        })
    }

    /// Whether a column of the export is looked at.
    pub fn uses(&self, source: usize) -> bool {
        self.uses_for(source, |_| true)
    }

    /// Whether a row without a cell in a column of the export cannot be read: some of our columns are read from there.
    pub fn needs(&self, source: usize, is_needed: impl Fn(&str) -> bool) -> bool {
        self.uses_for(source, |column| is_needed(&column.name))
    }

    fn uses_for(&self, source: usize, is_meant: impl Fn(&TargetColumn) -> bool) -> bool {
        let ways = || self.targets().filter(|column| is_meant(column)).flat_map(|column| &column.ways);
        let tests = self
            .only
            .iter()
            .chain(self.skip.iter().flatten())
            .chain(ways().flat_map(|way| way.when.iter().chain(&way.unless)));
        ways().any(|way| way.from == Some(source))
            || tests.into_iter().any(|test| test.column == Some(source))
    }

    /// The columns as every side reads them.
    fn targets(&self) -> impl Iterator<Item = &TargetColumn> {
        self.columns.iter().chain(self.sides.iter().flatten().map(|(_, target)| target))
    }

    /// Reads a row, given as the text of each of its cells.
    pub fn row<'c>(&'c self, cells: &'c [Cow<'c, str>], into: &mut TranslatedRows<'c>) -> TranslationOutcome {
        into.parts.clear();
        let row = Cells { cells, elements: &self.elements, element: 0 };
        let holds = |test: &ValueTest| test.holds(row);
        if !self.only.iter().all(holds) {
            return TranslationOutcome::Aside;
        }
        if self.skip.iter().any(|tests| tests.iter().all(holds)) {
            return TranslationOutcome::Skipped;
        }
        let elements = self.elements.iter().filter_map(|column| cells.get(*column));
        let elements = elements.map(|cell| cell.matches(ELEMENT).count() + 1).max().unwrap_or(1);
        if elements > MOST_ROWS {
            return TranslationOutcome::TooMany(elements);
        }
        for element in 0..elements {
            let row = Cells { element, ..row };
            into.parts.push(self.columns.iter().map(|column| column.read(row)).collect());
            for side in &self.sides {
                let mut part: Vec<Values<'c>> = self.columns.iter().map(|column| column.read(row)).collect();
                side.iter().for_each(|(column, target)| part[*column] = target.read(row));
                into.parts.push(part);
            }
        }
        if into.parts.len() > 1 {
            self.drop_parts_of_nobody(into);
        }
        let rows = into.parts.iter().map(|part| rows_of(part)).fold(0usize, usize::saturating_add);
        if rows > MOST_ROWS { TranslationOutcome::TooMany(rows) } else { TranslationOutcome::Rows(rows) }
    }

    /// Leaves out the parts that name no patient, or of encounters no provider, where others do, and those that say the same as
    /// another.
    fn drop_parts_of_nobody(&self, translated: &mut TranslatedRows<'_>) {
        let place = |name: &str| self.columns.iter().position(|column| column.name == name);
        let mut needed = vec![place("patient_id")];
        if !self.elements.is_empty() {
            needed.push(place("provider_id"));
        }
        let parts = &mut translated.parts;
        for column in needed.into_iter().flatten() {
            if parts.iter().any(|part| !part[column].is_empty()) {
                parts.retain(|part| !part[column].is_empty());
            } else {
                parts.truncate(1);
            }
        }
        let mut at = 0;
        while at < parts.len() {
            if parts[..at].contains(&parts[at]) {
                parts.remove(at);
            } else {
                at += 1;
            }
        }
    }
}

/// How many rows the values of our columns make: one for each combination.
fn rows_of(part: &[Values<'_>]) -> usize {
    part.iter().fold(1usize, |rows, values| rows.saturating_mul(values.len().max(1)))
}

impl TargetColumn {
    fn read<'c>(&'c self, row: Cells<'c>) -> Values<'c> {
        let found = self
            .ways
            .iter()
            .filter(|way| way.is_usable(row))
            .map(|way| way.values(row))
            .find(|values| !values.is_empty());
        self.sort.settle(found.unwrap_or_default())
    }
}

impl TranslatedRows<'_> {
    /// The cells of one of the rows that came of a row, in the order of our columns.
    pub fn cells(&self, row: usize) -> impl Iterator<Item = &str> {
        let (mut row, mut part) = (row, 0);
        while let Some(rows) = self.parts.get(part).map(|part| rows_of(part)).filter(|rows| row >= *rows) {
            (row, part) = (row - rows, part + 1);
        }
        self.parts.get(part).into_iter().flatten().map(move |values| {
            let Some(count) = Some(values.len()).filter(|count| *count > 0) else { return "" };
            let chosen = row % count;
            row /= count;
            &*values[chosen]
        })
    }
}

impl SourceRule {
    /// Whether it is used for a row.
    fn is_usable(&self, row: Cells<'_>) -> bool {
        let is_excepted = || self.unless.iter().all(|test| test.holds_of_all(row));
        self.when.iter().all(|test| test.holds(row)) && (self.unless.is_empty() || !is_excepted())
    }

    /// What a row says; nothing where it says nothing.
    fn values<'c>(&'c self, row: Cells<'c>) -> Values<'c> {
        if let Some(constant) = &self.constant {
            return smallvec![Cow::Borrowed(constant.as_str())];
        }
        let cell = row.text(self.from);
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
        if text.is_empty() || self.numbers && !text.bytes().all(|byte| byte.is_ascii_digit()) {
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
            (Precision::Time, Some(zone)) => Some(written(in_utc(moment, zone)?, Precision::Utc)),
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
            in_zone((moment, Precision::Time))
        })
    }
}

impl ValueTest {
    /// Whether one of the values of the cell is one of the words.
    fn holds(&self, row: Cells<'_>) -> bool {
        row.text(self.column).split(BETWEEN).any(|value| self.has(value))
    }

    /// Whether every value of the cell is one of the words.
    fn holds_of_all(&self, row: Cells<'_>) -> bool {
        row.text(self.column).split(BETWEEN).all(|value| self.has(value))
    }

    fn has(&self, value: &str) -> bool {
        self.words.iter().any(|word| match word.as_str() {
            "" => value.is_empty(),
            "*" => !value.is_empty(),
            word => fold(value) == word,
        })
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
