//! Chooses the columns of an export that are the canonical ones, by their names and by what stands in them.

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::text::bare;
use mucalc_read::layout::Layout;
use mucalc_read::profile::ColumnProfile;
use mucalc_read::profile::id_sample::IdSample;
use mucalc_read::proposals::columns::{is_address_name, is_utc_name, sort_of};
use mucalc_read::proposals::names::ColumnSort;

use super::contents::{day_columns, is_of_statuses};
use super::exceptions::exceptions;
use super::ids::Pairing;
use super::table::RoleTable;
use super::{ExceptionDraft, TableDraft, UnusedColumn};
use crate::run::look::dates;

/// A column of the layout.
pub(in crate::run::init) struct ColumnDraft {
    /// The canonical column.
    pub column: &'static str,
    /// The columns of the exports, where several exports have different ones.
    pub from: Vec<String>,
    /// Other columns that may be meant.
    pub others: Vec<String>,
    /// Formats of its days.
    pub forms: Vec<String>,
    /// Values that the layout translates, each with the canonical value, empty if it is none.
    pub words: Vec<(String, &'static str)>,
    /// What separates several values in a cell.
    pub list: Option<&'static str>,
    /// Columns that are read before it.
    pub exceptions: Vec<ExceptionDraft>,
    /// The canonical value of every text in the column.
    pub filled: Option<&'static str>,
    /// Whether its name says that its times are in UTC.
    pub is_utc: bool,
    /// Whether the data settle the order of day and month.
    pub is_settled: bool,
    /// Rows with a text.
    pub rows: u64,
}

/// Chooses the columns of the exports of a role. Each column of an export is chosen once.
pub(super) fn draft_columns(table: &RoleTable<'_>, pairing: &Pairing, certified: &[String]) -> TableDraft {
    let canonical = Layout::canonical().input(table.role).columns;
    let mut taken: Vec<usize> = Vec::new();
    let (mut columns, mut needed, mut foreign) = (Vec::new(), Vec::new(), Vec::new());
    for column in canonical.all() {
        let mut found = table.suitable(column);
        found.retain(|at| !taken.contains(at));
        if let Some(at) = pairing.chosen(table.role, column).filter(|at| found.contains(at)) {
            found.retain(|known| *known != at);
            found.insert(0, at);
        }
        if column == "channel"
            && let Some(at) = certified_column(table, certified, &taken)
        {
            found.retain(|known| *known != at);
            found.insert(0, at);
        }
        if found.is_empty() && (table.role, column) == (InputRole::Encounters, "status") {
            // Whatever it is called, it says which visits did not take place.
            let is_of_statuses = |at: &usize| !taken.contains(at) && is_of_statuses(&table.columns[*at]);
            found = (0..table.header.len()).filter(is_of_statuses).collect();
        }
        if found.is_empty()
            && sort_of(table.role, column) == ColumnSort::Day
            && canonical.required.contains(&column)
        {
            found = only_days(table, &taken);
        }
        if found.is_empty() {
            if canonical.required.contains(&column) {
                let named = table.named(column).into_iter().map(|at| table.header[at].clone()).collect();
                needed.push((column, named));
            }
            continue;
        }
        let is_side = matches!(table.role, InputRole::Messages | InputRole::Accesses);
        if column == "patient_id" && is_side && pairing.are_others(&table.columns[found[0]].ids) {
            // Nobody would have written, with certainty.
            needed.push((column, vec![table.header[found[0]].clone()]));
            continue;
        }
        if column == "provider_id" && is_side {
            let named = &table.columns[found[0]];
            if pairing.has_providers() && named.filled > 0 && !pairing.knows_any(&people(named)) {
                foreign.push(table.header[found[0]].clone());
                continue;
            }
        }
        let draft = draft_column(table, column, &found);
        taken
            .extend(draft.from.iter().filter_map(|name| table.header.iter().position(|known| known == name)));
        columns.push(draft);
    }
    let address = recipients(&mut columns, table, pairing);
    columns.extend(address);
    for column in ["status", "kind"] {
        let chosen: Vec<String> = columns
            .iter()
            .find(|draft| draft.column == column)
            .map_or_else(Vec::new, |draft| draft.from.clone());
        let found = exceptions(table, column, &chosen, |at| !taken.contains(&at));
        if found.is_empty() || chosen.is_empty() && column == "kind" {
            continue;
        }
        taken.extend(found.iter().filter_map(|one| table.header.iter().position(|name| *name == one.from)));
        match columns.iter_mut().find(|draft| draft.column == column) {
            Some(draft) => draft.exceptions = found,
            None => columns.push(ColumnDraft::of_exceptions(found)),
        }
    }
    let unused = (0..table.header.len())
        .filter(|at| !taken.contains(at))
        .map(|at| UnusedColumn { name: table.header[at].clone(), filled: table.columns[at].filled });
    TableDraft {
        role: table.role,
        needed,
        unused: unused.collect(),
        foreign,
        sheets: sheets(table),
        has_header: table.exports.iter().all(|it| it.has_header),
        is_canonical: table.is_canonical,
        columns,
    }
}

/// Returns the column that holds a channel that the user says is certified.
fn certified_column(table: &RoleTable<'_>, certified: &[String], taken: &[usize]) -> Option<usize> {
    let is_certified = |word: &String| certified.iter().any(|known| bare(known) == bare(word));
    (0..table.header.len())
        .find(|at| !taken.contains(at) && table.columns[*at].words.keys().any(is_certified))
}

/// Returns the sheets of the exports, each once.
fn sheets(table: &RoleTable<'_>) -> Vec<String> {
    let mut sheets: Vec<String> = Vec::new();
    for sheet in table.exports.iter().filter_map(|it| it.sheet.as_ref()) {
        if !sheets.contains(sheet) {
            sheets.push(sheet.clone());
        }
    }
    sheets
}

/// Returns the recipients of messages that name their provider in a column such as `To Provider`, if nothing else says who they are: whoever is
/// named there is a provider, provided that the encounters know the same people.
fn recipients(columns: &mut [ColumnDraft], table: &RoleTable<'_>, pairing: &Pairing) -> Option<ColumnDraft> {
    let is_known = columns.iter().any(|draft| draft.column == "recipient");
    let provider = columns.iter_mut().find(|draft| draft.column == "provider_id")?;
    let is_addressed = provider.from.iter().all(|name| is_address_name(name));
    if table.role != InputRole::Messages || !is_addressed || is_known {
        return None;
    }
    let values = provider.from.iter().filter_map(|name| {
        let at = table.header.iter().position(|known| known == name)?;
        (!table.columns[at].is_free).then(|| table.columns[at].words.keys())
    });
    let values: Vec<&String> = values.flatten().collect();
    // A pool or the front desk is nobody who saw the patient.
    let list = values.iter().any(|value| value.contains(';')).then_some(";");
    let parts: Vec<&str> =
        values.iter().flat_map(|value| value.split(list.unwrap_or("\0"))).map(str::trim).collect();
    let mut people = IdSample::default();
    parts.iter().filter(|part| group(part).is_none()).for_each(|part| people.see(part));
    if !pairing.knows_providers() && !pairing.knows(&people) {
        return None;
    }
    let mut groups: Vec<(String, &'static str)> =
        parts.iter().filter_map(|part| Some(((*part).to_owned(), group(part)?))).collect();
    groups.sort();
    groups.dedup();
    provider.words = groups.iter().map(|(part, _)| (part.clone(), "")).collect();
    provider.list = list;
    Some(ColumnDraft {
        column: "recipient",
        from: provider.from.clone(),
        words: groups,
        list,
        filled: Some("provider"),
        rows: provider.rows,
        ..ColumnDraft::default()
    })
}

/// Returns the people whom a column names, each by itself where a cell names several.
fn people(column: &ColumnProfile) -> IdSample {
    if column.is_free || !column.words.keys().any(|word| word.contains(';')) {
        return column.ids.clone();
    }
    let mut people = IdSample::default();
    column.words.keys().flat_map(|word| word.split(';')).for_each(|part| people.see(part.trim()));
    people
}

/// Returns the canonical recipient that is not a person, such as a pool. `None` for the name of a person.
fn group(value: &str) -> Option<&'static str> {
    const TEAMS: [&str; 5] = ["pool", "nurse", "nursing", "team", "triage"];
    const STAFF: [&str; 7] =
        ["staff", "desk", "billing", "scheduling", "office", "reception", "registration"];
    let lower = value.to_lowercase();
    let has = |words: &[&str]| lower.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word));
    match () {
        () if has(&STAFF) => Some("staff"),
        () if has(&TEAMS) => Some("care-team"),
        () => None,
    }
}

fn draft_column(table: &RoleTable<'_>, column: &'static str, found: &[usize]) -> ColumnDraft {
    // The first column, and for an export that does not have it, the next one that it has.
    let mut from: Vec<usize> = Vec::new();
    for export in &table.exports {
        let has = |at: &&usize| export.header.contains(&table.header[**at]);
        if let Some(at) = found.iter().find(has)
            && !from.contains(at)
        {
            from.push(*at);
        }
    }
    let is_day = sort_of(table.role, column) == ColumnSort::Day;
    let mut forms: Vec<String> = Vec::new();
    let (mut is_settled, mut rows) = (true, 0);
    for at in &from {
        rows += table.columns[*at].filled;
        let Some(dates) = dates(&table.header[*at], &table.columns[*at], table.order).filter(|_| is_day)
        else {
            continue;
        };
        is_settled &= dates.settled;
        dates.forms.into_iter().for_each(|form| {
            if !forms.contains(&form) {
                forms.push(form);
            }
        });
    }
    let is_utc = is_day && from.iter().any(|at| is_utc_name(&table.header[*at]));
    let names = |all: Vec<usize>| all.into_iter().map(|at| table.header[at].clone()).collect();
    let others = found.iter().copied().filter(|at| !from.contains(at)).collect();
    ColumnDraft {
        column,
        from: names(from),
        others: names(others),
        forms,
        is_utc,
        is_settled,
        rows,
        ..ColumnDraft::default()
    }
}

impl ColumnDraft {
    /// Returns the status of exports that only say which records were taken back: all others took place.
    fn of_exceptions(exceptions: Vec<ExceptionDraft>) -> Self {
        Self { column: "status", exceptions, ..Self::default() }
    }
}

impl Default for ColumnDraft {
    fn default() -> Self {
        Self {
            column: "",
            from: Vec::new(),
            others: Vec::new(),
            forms: Vec::new(),
            words: Vec::new(),
            list: None,
            exceptions: Vec::new(),
            filled: None,
            is_utc: false,
            is_settled: true,
            rows: 0,
        }
    }
}

/// Returns the only column with days, if there is just one.
fn only_days(table: &RoleTable<'_>, taken: &[usize]) -> Vec<usize> {
    let mut days = day_columns(&table.header, &table.columns);
    days.retain(|at| !taken.contains(at));
    if days.len() == 1 { days } else { Vec::new() }
}
