//! Translates rows of a vendor's export to rows with canonical columns, as a layout defines.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;
use smallvec::smallvec;

use crate::layout::columns::EntityColumns;
use crate::layout::datetime_format::{DateTimeFormat, Precision, to_iso, to_utc};
use crate::layout::fhir_reference::resource_id;
use crate::layout::separators::{BETWEEN, ELEMENT};
use crate::layout::several::{MultiValueRule, Values};
use crate::layout::table::{ColumnCondition, ColumnMapping, ColumnMappings, TableLayout};
use mucalc_core::domain::words::fold;

/// Maximum number of rows made from one row. A message to more patients is not a message in the sense of the measure.
pub const MAX_ROWS: usize = 1000;

/// A translator for rows of an export with a given header.
pub struct RowTranslator {
    columns: Vec<TargetColumn>,
    /// For each further side, the columns that it reads differently, by their positions in `columns`.
    sides: Vec<Vec<(usize, TargetColumn)>>,
    /// The JSON array whose elements each make a row.
    each: Option<String>,
    /// Positions of the export's columns that are inside that array.
    elements: Vec<usize>,
    only: Vec<ValueTest>,
    skip: Vec<Vec<ValueTest>>,
}

/// A canonical column.
struct TargetColumn {
    name: String,
    sort: MultiValueRule,
    ways: Vec<SourceRule>,
}

#[derive(Default, PartialEq)]
struct SourceRule {
    /// Position of the column in the export, or `None` for a constant.
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

/// A test of whether a column has one of some values.
#[derive(PartialEq)]
struct ValueTest {
    column: Option<usize>,
    words: Vec<String>,
}

/// The cells of a row. Some of them have a different value for each element of an array.
#[derive(Clone, Copy)]
struct Cells<'c> {
    cells: &'c [Cow<'c, str>],
    elements: &'c [usize],
    element: usize,
}

impl<'c> Cells<'c> {
    /// Returns the text of a cell, or an empty text if the column is absent.
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

/// The outcome of translating a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranslationOutcome {
    /// The row made this many rows.
    Rows(usize),
    /// The row is not of this kind of input: it does not match `only`.
    Aside,
    /// The layout skips the row, for example because it was deleted.
    Skipped,
    /// The row would make this many rows, which is too many.
    TooMany(usize),
}

/// The rows with canonical columns that one row makes.
#[derive(Default)]
pub struct TranslatedRows<'c> {
    /// For each element and side, the values of each canonical column. An id may have several values; any other column has one or none.
    parts: Vec<Vec<Values<'c>>>,
}

impl RowTranslator {
    /// Builds the translator for rows under a header. Omits canonical columns for which the export has no column.
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
                // Not trimmed: `P ` begins the id of a pool, and `P` begins every such id.
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
                sort: MultiValueRule::for_column(name),
                ways,
            })
        };
        let targets: Vec<TargetColumn> =
            columns.all().filter_map(|name| target(&table.columns, name)).collect();
        // A side is dropped if the export has no patient column for it.
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

    /// Returns this translator for rows whose cells from a position on are those of joined tables: each of their elements makes a row.
    pub fn joined(mut self, columns: std::ops::Range<usize>) -> Self {
        self.elements.extend(columns);
        self
    }

    /// Returns the position of each canonical column in the export if all are copied unchanged. Returns `None` if any value is translated,
    /// or rows may be skipped.
    pub fn as_plain_columns(&self) -> Option<Vec<usize>> {
        let from = |column: &TargetColumn| match column.ways.as_slice() {
            [way] if *way == SourceRule { from: way.from, ..SourceRule::default() } => way.from,
            _ => None,
        };
        let is_plain =
            self.only.is_empty() && self.skip.is_empty() && self.sides.is_empty() && self.elements.is_empty();
        self.columns.iter().map(from).collect::<Option<Vec<usize>>>().filter(|_| is_plain)
    }

    /// Removes canonical columns that are not needed.
    pub fn retain(&mut self, is_asked: impl Fn(&str) -> bool) {
        let kept: Vec<bool> = self.columns.iter().map(|column| is_asked(&column.name)).collect();
        let place = |column: usize| kept[..column].iter().filter(|kept| **kept).count();
        for side in &mut self.sides {
            side.retain(|(column, _)| kept[*column]);
            side.iter_mut().for_each(|(column, _)| *column = place(*column));
        }
        self.columns.retain(|column| is_asked(&column.name));
    }

    /// Returns a translator that copies every column of an export.
    pub fn copy_all(header: &[String]) -> Self {
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

    /// Returns the JSON array whose elements each make a row.
    pub fn each(&self) -> Option<&str> {
        self.each.as_deref()
    }

    /// Returns the canonical columns for which the export has a column, in the order of [`Self::row`].
    pub fn names(&self) -> impl Iterator<Item = &str> + '_ {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// Returns the position of the first export column from which a canonical column is read.
    pub fn source(&self, column: usize) -> Option<usize> {
        self.columns.get(column)?.ways.iter().find_map(|way| way.from)
    }

    /// Returns whether the layout lists a text in a column of the export, as a value to map or to test for.
    pub fn names_word(&self, source: usize, text: &str) -> bool {
        let text = fold(text);
        let ways = || self.targets().flat_map(|column| &column.ways);
        let tests = self.only.iter().chain(self.skip.iter().flatten());
        let tests = tests.chain(ways().flat_map(|way| way.when.iter().chain(&way.unless)));
        ways().any(|way| way.from == Some(source) && way.words.contains_key(&text))
            || tests.into_iter().any(|test| test.column == Some(source) && test.words.contains(&text))
    }

    /// Returns the value of a canonical column for a text in a column of the export, in rows that read it from that column.
    pub fn explain<'c>(&'c self, name: &str, source: usize, text: &'c str) -> Option<Cow<'c, str>> {
        let column = self.columns.iter().find(|column| column.name == name)?;
        column.ways.iter().filter(|way| way.from == Some(source)).find_map(|way| way.value(text))
    }

    /// Returns whether a text in a column of the export may be shown.
    ///
    /// It may if the layout lists it. It also may if the layout accepts only listed values there, because an unlisted one must be reported.
    /// Any other text may be an id or free text.
    pub fn is_mapped(&self, source: usize, text: &str) -> bool {
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

    /// Returns whether this value in a column of the export is enough to skip a row.
    pub fn skips(&self, source: usize, text: &str) -> bool {
        let folded = fold(text);
        let names = |test: &ValueTest| test.column == Some(source) && test.words.contains(&folded);
        let is_only =
            self.only.iter().any(|test| test.column == Some(source) && !test.words.contains(&folded));
        is_only || self.skip.iter().any(|tests| matches!(tests.as_slice(), [test] if names(test)))
    }

    /// Returns the formats of days and times that the layout declares for a column of the export.
    pub fn forms(&self, source: usize) -> Vec<DateTimeFormat> {
        let ways = self.targets().flat_map(|column| &column.ways);
        ways.filter(|way| way.from == Some(source)).flat_map(|way| way.forms.iter().cloned()).collect()
    }

    /// Returns whether the layout names the time zone of times without one in a column of the export.
    pub fn has_zone(&self, source: usize) -> bool {
        let mut ways = self.columns.iter().flat_map(|column| &column.ways);
        ways.any(|way| way.from == Some(source) && way.zone.is_some())
    }

    /// Returns the canonical columns that are read from a column of the export.
    pub fn sources_for(&self, source: usize) -> impl Iterator<Item = &str> + '_ {
        let is_read = move |column: &&TargetColumn| column.ways.iter().any(|way| way.from == Some(source));
        // A side repeats columns that are in the main list.
        let names = self.targets().filter(is_read).map(|column| column.name.as_str());
        let mut known = Vec::new();
        names.filter(move |name| {
            let is_new = !known.contains(name);
            known.push(*name);
            is_new
        })
    }

    /// Returns whether a column of the export is read or tested.
    pub fn reads(&self, source: usize) -> bool {
        self.uses_for(source, |_| true)
    }

    /// Returns whether a row without a cell in a column of the export cannot be read, because needed columns depend on it.
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

    /// Returns the columns, and those that the sides read differently.
    fn targets(&self) -> impl Iterator<Item = &TargetColumn> {
        self.columns.iter().chain(self.sides.iter().flatten().map(|(_, target)| target))
    }

    /// Translates a row, given as the text of each cell.
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
        if elements > MAX_ROWS {
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
        if rows > MAX_ROWS { TranslationOutcome::TooMany(rows) } else { TranslationOutcome::Rows(rows) }
    }

    /// Removes parts without a patient, and of elements those without a provider, if other parts have one. Also removes duplicate parts.
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

/// Returns the number of rows that the values of the canonical columns make: one for each combination.
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
    /// Returns the cells of one of the translated rows, in the order of the canonical columns.
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
    /// Returns whether the mapping is used for a row.
    fn is_usable(&self, row: Cells<'_>) -> bool {
        let is_excepted = || self.unless.iter().all(|test| test.holds_of_all(row));
        self.when.iter().all(|test| test.holds(row)) && (self.unless.is_empty() || !is_excepted())
    }

    /// Returns the values that a row supplies, if any.
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

    /// Returns the canonical value for one value of the export, or `None` if it supplies none.
    fn value<'c>(&'c self, text: &'c str) -> Option<Cow<'c, str>> {
        let text = match &self.reference {
            Some(resource) => resource_id(text, resource)?,
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
        // A value mapped to an empty text supplies none.
        Some(Cow::Borrowed(ours.map_or(text, String::as_str))).filter(|word| !word.is_empty())
    }

    /// Returns a day or time in the form that `normalize` parses, or `None` if the text stays unchanged.
    fn moment(&self, text: &str) -> Option<String> {
        let in_zone = |(moment, told)| match (told, self.zone) {
            (Precision::Time, Some(zone)) => Some(to_iso(to_utc(moment, zone)?, Precision::Utc)),
            _ => Some(to_iso(moment, told)),
        };
        if let Some(found) = self.forms.iter().find_map(|form| form.read(text)) {
            return in_zone(found);
        }
        // A time in the usual format, without a time zone.
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
    /// Returns whether any value of the cell is one of the listed values.
    fn holds(&self, row: Cells<'_>) -> bool {
        row.text(self.column).split(BETWEEN).any(|value| self.has(value))
    }

    /// Returns whether every value of the cell is one of the listed values.
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

/// Returns the texts and numbers in a JSON array, or the cell itself if it is not an array.
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
