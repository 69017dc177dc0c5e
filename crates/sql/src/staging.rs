//! Stages a table: its columns become canonical columns as text, according to the layout, and its values become canonical values.

use std::collections::BTreeMap;

use crate::cte::{CaseArm, CteBuilder, case, select};
use crate::date_formats::DateRewrite;
use crate::dialect::SqlDialect;
use crate::error::SqlError;
use crate::lists::in_list;
use crate::{SqlTable, absence, days};
use mucalc_core::domain::absence::AbsenceMarkers;
use mucalc_core::domain::channel::ChannelCertifications;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::words::{UNKNOWN, fold};
use mucalc_read::layout::datetime_format::DateTimeFormat;
use mucalc_read::layout::table::{ColumnCondition, ColumnMapping, ColumnMappings, TableLayout};
use mucalc_read::layout::{EntityLayout, Layout, ValueDictionary};

/// Reads one table with a layout.
pub(super) struct Staging<'d> {
    pub dialect: SqlDialect,
    pub layout: &'d Layout,
    pub role: InputRole,
    pub source: &'d SqlTable,
    /// Texts that mean "no value".
    pub markers: &'d AbsenceMarkers,
}

/// A staged table.
pub(super) struct StagedTable {
    /// Step that has the canonical columns.
    pub step: String,
    /// Canonical columns that the table can fill.
    pub columns: Vec<&'static str>,
}

impl Staging<'_> {
    /// Adds the steps that make canonical columns of those of the table, as text without white space at its ends. The text is empty if the
    /// table has no value.
    ///
    /// # Errors
    /// If the layout reads something that a table cannot have, or a required column is missing.
    pub fn read(&self, steps: &mut CteBuilder, wanted: &[&'static str]) -> Result<StagedTable, SqlError> {
        let prefix = self.role.word();
        let input = self.layout.input(self.role);
        let own;
        let table = match &input.table {
            Some(table) => table,
            None => {
                own = TableLayout::identity(&input.columns);
                &own
            }
        };
        let header: Vec<&str> = match &self.source.columns {
            Some(columns) => columns.iter().map(String::as_str).collect(),
            None => table.sources(),
        };
        self.check(input, table, &header)?;
        let has = |name: &str| header.contains(&name);
        let ways = |ours: &str| -> Vec<&ColumnMapping> {
            let readings = table.columns.get(ours).map(|readings| &readings.0[..]).unwrap_or_default();
            let is_there =
                |way: &&ColumnMapping| way.constant.is_some() || way.from.0.iter().any(|name| has(name));
            readings.iter().filter(is_there).collect()
        };
        let columns: Vec<&'static str> =
            wanted.iter().copied().filter(|ours| !ways(ours).is_empty()).collect();
        let first = |way: &ColumnMapping| way.from.0.iter().find(|name| has(name)).cloned();
        let is_plain = |way: &ColumnMapping| {
            let from = way.from.clone();
            *way == ColumnMapping { from, ..ColumnMapping::default() }
        };
        let as_they_are: Option<Vec<String>> = columns
            .iter()
            .map(|ours| match &ways(ours)[..] {
                [way] if is_plain(way) => first(way).filter(|name| name == ours),
                _ => None,
            })
            .collect();
        let read = format!("{prefix}_read");
        if let Some(sources) = as_they_are.filter(|_| table.only.is_empty() && table.skip.is_empty()) {
            self.cells(steps, table, &sources.iter().map(String::as_str).collect::<Vec<_>>(), &read);
            return Ok(StagedTable { step: read, columns });
        }

        // First the columns of the table, then the canonical ones.
        let mut sources: Vec<&str> = Vec::new();
        let conditions = table.skip.iter().chain([&table.only]).flat_map(BTreeMap::keys);
        let of_ways = columns.iter().flat_map(|ours| ways(ours)).flat_map(|way| {
            let from = way.from.0.iter().find(|name| has(name));
            from.into_iter().chain(way.when.keys())
        });
        for name in of_ways.chain(conditions).map(String::as_str).filter(|name| has(name)) {
            if !sources.contains(&name) {
                sources.push(name);
            }
        }
        let said = format!("{prefix}_said");
        self.cells(steps, table, &sources, &said);
        let mut step = said;
        let mut items = Vec::new();
        for ours in &columns {
            let mut values = Vec::new();
            for way in ways(ours) {
                let text = first(way).map(|name| self.dialect.name(&name)).unwrap_or_default();
                let dated = self.dated(steps, &mut step, ours, way, &text, (values.len(), &sources))?;
                values.push((
                    self.tests(&way.when, &header),
                    self.value(way, dated.as_deref().unwrap_or(&text)),
                ));
            }
            items.push((first_that_says_something(&values), *ours));
        }
        let mut rest = format!("FROM {step}");
        let only = self.tests(&table.only, &header).filter(|_| !table.only.is_empty());
        // A group without conditions matches every row.
        let group = |group| self.tests(group, &header).unwrap_or_else(|| "1 = 1".to_owned());
        let skip = table.skip.iter().map(group).map(|test| format!("NOT ({test})"));
        let conditions: Vec<String> = only.into_iter().chain(skip).collect();
        if !conditions.is_empty() {
            rest.push_str(&format!("\nWHERE {}", conditions.join("\n  AND ")));
        }
        steps.add(
            &read,
            &format!("our columns, as layout {} reads them", self.layout.name.replace(char::is_control, " ")),
            select(&items, &rest),
        );
        Ok(StagedTable { step: read, columns })
    }

    /// Adds the steps that make text of columns of the table, empty if they have no value. The last step is called `last`.
    fn cells(&self, steps: &mut CteBuilder, table: &TableLayout, sources: &[&str], last: &str) {
        let (dialect, prefix) = (self.dialect, self.role.word());
        let is_id = |name: &str| reads(table, name).any(|ours| ours.ends_with("_id"));
        let items = |of: &dyn Fn(&str, String) -> String| -> Vec<(String, String)> {
            let item = |name: &&str| (of(name, dialect.name(name)), dialect.name(name));
            sources.iter().map(item).collect()
        };
        let (cells, bare) = (format!("{prefix}_cells"), format!("{prefix}_bare"));
        let text = |name: &str, column: String| match is_id(name) {
            true => dialect.id_cell(&column),
            false => dialect.value_as_text(&column),
        };
        let from = format!("FROM {}", dialect.table(&self.source.table));
        steps.add(&cells, "the columns that are used, as text", select(&items(&text), &from));
        let unguarded = |name: &str, column: String| match is_id(name) {
            true => absence::unguarded(dialect, &column),
            false => column,
        };
        let why = "ids without what keeps their zeros in a spreadsheet: =\"007\" and '007 are 007";
        steps.add(&bare, why, select(&items(&unguarded), &format!("FROM {cells}")));
        let said = |name: &str, column: String| {
            let text = absence::without_markers(dialect, &column, self.markers, &self.meant(table, name));
            if is_id(name) { absence::without_no_ids(dialect, &column, &text) } else { text }
        };
        let header = |name: &&str| format!("{} IN ('', {})", dialect.name(name), dialect.literal(name));
        let header = sources.iter().map(header).collect::<Vec<_>>().join(" AND ");
        let all = sources.iter().map(|name| dialect.name(name)).collect::<Vec<_>>().join(" || ");
        let rest = format!(
            "FROM {bare}\nWHERE NOT ({header})\n  AND NOT ({})",
            dialect.matches(&format!("({all})"), "^[-=_+| ]*$")
        );
        let why =
            "empty where they say nothing, as NULL does; a header again and a rule of dashes are no rows";
        steps.add(last, why, select(&items(&said), &rest));
    }

    /// Returns the folded values that the layout and the configuration map in a column of the table.
    fn meant(&self, table: &TableLayout, name: &str) -> Vec<String> {
        let ways = table.columns.values().flat_map(|readings| &readings.0);
        let conditions = table.skip.iter().chain([&table.only]).chain(ways.clone().map(|way| &way.when));
        let asked = conditions.filter_map(|condition| condition.get(name)).flatten();
        let told = ways.filter(|way| way.from.0.iter().any(|from| from == name));
        let told = told.flat_map(|way| way.words.keys());
        let listed = reads(table, name).filter_map(|ours| self.layout.vocabulary.dictionary(self.role, ours));
        let listed = listed.flat_map(ValueDictionary::words).map(|(word, _)| word.to_owned());
        asked.chain(told).map(|word| fold(word)).chain(listed).collect()
    }

    /// Rejects layouts that read something that a table cannot have, and tables without a required column.
    fn check(&self, input: &EntityLayout, table: &TableLayout, header: &[&str]) -> Result<(), SqlError> {
        let layout = || self.layout.name.clone();
        for (ours, readings) in &table.columns {
            let is_nested = |way: &&ColumnMapping| {
                way.reference.is_some()
                    || !way.unless.is_empty()
                    || way.list.is_some()
                    || way.from.0.iter().chain(way.when.keys()).any(|name| name.contains('.'))
            };
            if readings.0.iter().any(|way| is_nested(&way)) {
                return Err(SqlError::Nested { layout: layout(), column: ours.clone() });
            }
        }
        if !table.also.is_empty() || table.each.is_some() {
            return Err(SqlError::Nested { layout: layout(), column: "patient_id".to_owned() });
        }
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        match input.missing(&header).into_iter().next() {
            None => Ok(()),
            Some((ours, from)) => Err(SqlError::Missing {
                table: self.source.table.clone(),
                column: ours.to_owned(),
                from: from.join(" or "),
            }),
        }
    }

    /// Adds the steps that rewrite a day in the formats of a mapping. Returns the resulting expression, or `None` if the mapping has no
    /// formats.
    fn dated(
        &self,
        steps: &mut CteBuilder,
        step: &mut String,
        ours: &str,
        way: &ColumnMapping,
        text: &str,
        (number, taken): (usize, &[&str]),
    ) -> Result<Option<String>, SqlError> {
        let dialect = self.dialect;
        let unfit = |form: &str| SqlError::Form {
            layout: self.layout.name.clone(),
            column: ours.to_owned(),
            form: form.to_owned(),
        };
        if way.dates.is_empty() && way.zone.is_none() {
            return Ok(None);
        }
        if let Some(zone) = &way.zone {
            // A local time in UTC gets the suffix of UTC.
            return match (zone.as_str(), &way.dates[..]) {
                ("UTC", []) => {
                    let is_time = CaseArm::new(days::is_local_time(dialect, text), format!("{text} || 'Z'"));
                    Ok(Some(case(&[is_time], text)))
                }
                _ => Err(unfit(&format!("times in {zone}"))),
            };
        }
        let mut arms = Vec::new();
        for (at, form) in way.dates.iter().enumerate() {
            let rewriting = DateTimeFormat::parse(form).ok().and_then(|form| DateRewrite::new(&form));
            let rewriting = rewriting.ok_or_else(|| unfit(form))?;
            let mut padded = text.to_owned();
            for one in 0..rewriting.steps() {
                let mut name = format!("{ours}_{}{}{}", number + 1, (b'a' + at as u8) as char, one + 1);
                while taken.iter().any(|taken| taken.eq_ignore_ascii_case(&name)) {
                    name.push('_');
                }
                let next = format!("{}_{name}", self.role.word());
                let items =
                    [("*".to_owned(), "*".to_owned()), (rewriting.padded(&padded, one), name.clone())];
                steps.add(
                    &next,
                    &format!("{form}: a zero before one digit"),
                    select(&items, &format!("FROM {step}")),
                );
                (*step, padded) = (next, name);
            }
            arms.push(CaseArm::new(dialect.matches(text, &rewriting.looks), rewriting.day(dialect, &padded)));
        }
        Ok(Some(case(&arms, text)))
    }

    /// Returns an expression for the value of a mapping.
    fn value(&self, way: &ColumnMapping, text: &str) -> String {
        let dialect = self.dialect;
        if let Some(constant) = &way.constant {
            return dialect.literal(constant);
        }
        if way.numbers {
            let any = ColumnMapping { numbers: false, ..way.clone() };
            let is_number = dialect.matches(text, "^[0-9]+$");
            return case(&[CaseArm::new(is_number, self.value(&any, text))], "''");
        }
        let folded = format!("LOWER({text})");
        let mut arms: Vec<CaseArm> =
            by_meaning(way.words.iter().map(|(raw, ours)| (fold(raw), ours.clone())))
                .into_iter()
                .map(|(ours, raw)| CaseArm::new(in_list(dialect, &folded, &raw), dialect.literal(&ours)))
                .collect();
        for (raw, ours) in &way.beginnings {
            let raw = raw.to_lowercase();
            let begins = format!("SUBSTR({folded}, 1, {}) = {}", raw.chars().count(), dialect.literal(&raw));
            arms.push(CaseArm::new(begins, dialect.literal(ours)));
        }
        let otherwise = way.filled.as_ref().or(way.otherwise.as_ref());
        if arms.is_empty() && otherwise.is_none() {
            return text.to_owned();
        }
        // An empty text has no value, whatever the mapping has for other texts.
        arms.insert(0, CaseArm::new(format!("{text} = ''"), "''"));
        case(&arms, &otherwise.map_or_else(|| text.to_owned(), |ours| dialect.literal(ours)))
    }

    /// Returns an expression for whether columns have the values that a condition requires. `None` if it requires nothing.
    fn tests(&self, condition: &ColumnCondition, header: &[&str]) -> Option<String> {
        let test = |(name, words): (&String, &Vec<String>)| {
            if !header.contains(&name.as_str()) {
                return if words.iter().any(|word| word.trim().is_empty()) { "1 = 1" } else { "1 = 0" }
                    .to_owned();
            }
            let text = self.dialect.name(name);
            let mut tests = Vec::new();
            let mut plain = Vec::new();
            for word in words.iter().map(|word| fold(word)) {
                match word.as_str() {
                    "" => tests.push(format!("{text} = ''")),
                    "*" => tests.push(format!("{text} <> ''")),
                    _ => plain.push(word),
                }
            }
            if !plain.is_empty() {
                tests.push(in_list(self.dialect, &format!("LOWER({text})"), &plain));
            }
            match &tests[..] {
                [] => "1 = 0".to_owned(),
                [one] => one.clone(),
                several => format!("({})", several.join(" OR ")),
            }
        };
        let tests: Vec<String> = condition.iter().map(test).collect();
        (!tests.is_empty()).then(|| tests.join(" AND "))
    }

    /// Returns an expression for the canonical value of a column; `unknown` if it is empty or not mapped.
    pub fn word(&self, ours: &str, channels: &ChannelCertifications) -> String {
        let dialect = self.dialect;
        let folded = format!("LOWER({ours})");
        let Some(dictionary) = self.layout.vocabulary.dictionary(self.role, ours) else {
            return UNKNOWN.to_owned();
        };
        let word = |code: u16| self.word_of(ours, channels, code);
        let known = |(raw, code): (&str, u16)| (raw.to_owned(), word(code));
        let (same, other): (Vec<_>, Vec<_>) =
            dictionary.words().map(known).partition(|(raw, ours)| raw == ours);
        let other = other.into_iter().filter(|(_, ours)| ours != UNKNOWN);
        let same: Vec<String> = same.into_iter().map(|(raw, _)| raw).filter(|raw| raw != UNKNOWN).collect();
        let mut arms = vec![CaseArm::new(in_list(dialect, &folded, &same), folded.clone())];
        for (ours, raw) in by_meaning(other) {
            arms.push(CaseArm::new(in_list(dialect, &folded, &raw), dialect.literal(&ours)));
        }
        case(&arms, "'unknown'")
    }

    /// Returns an expression for whether a column has a value that is not mapped.
    pub fn is_unmapped(&self, ours: &str) -> String {
        let words = self.layout.vocabulary.dictionary(self.role, ours).map(ValueDictionary::words);
        let words: Vec<String> = words.into_iter().flatten().map(|(raw, _)| raw.to_owned()).collect();
        format!("{ours} <> '' AND NOT ({})", in_list(self.dialect, &format!("LOWER({ours})"), &words))
    }

    fn word_of(&self, ours: &str, channels: &ChannelCertifications, code: u16) -> String {
        match mucalc_read::layout::vocabulary::list_of(self.role, ours) {
            Some(list) => list.word(code as u8).to_owned(),
            None => channels.name(mucalc_core::domain::channel::ChannelCode(code)).to_owned(),
        }
    }
}

/// Returns the canonical columns that are read from a column of the table.
fn reads<'t>(table: &'t TableLayout, name: &'t str) -> impl Iterator<Item = &'t str> {
    let is_read = move |readings: &ColumnMappings| {
        readings.0.iter().any(|way| way.from.0.iter().any(|from| from == name))
    };
    table.columns.iter().filter(move |(_, readings)| is_read(readings)).map(|(ours, _)| ours.as_str())
}

/// Returns an expression for the first of several values that is not empty, each under its condition.
fn first_that_says_something(values: &[(Option<String>, String)]) -> String {
    if let [(None, value)] = values {
        return value.clone();
    }
    let mut arms = Vec::new();
    for (condition, value) in values {
        let is_literal = value.starts_with('\'');
        let says = (!is_literal).then(|| format!("{} <> ''", in_parentheses(value)));
        let tests: Vec<String> = condition.iter().cloned().chain(says).collect();
        if tests.is_empty() {
            return case(&arms, value);
        }
        arms.push(CaseArm::new(tests.join(" AND "), value.clone()));
    }
    case(&arms, "''")
}

fn in_parentheses(value: &str) -> String {
    if value.starts_with("CASE") { format!("({value})") } else { value.to_owned() }
}

/// Returns the raw values of each canonical value, in the order of the canonical values.
fn by_meaning(words: impl Iterator<Item = (String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    words.for_each(|(raw, ours)| all.entry(ours).or_default().push(raw));
    all
}
