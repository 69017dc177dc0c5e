//! Maps the columns of an export to the canonical ones, by their names and contents.

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::text::normalize_key;
use mucalc_read::layout::Layout;
use mucalc_read::proposals::columns::{is_utc_name, sort_of};
use mucalc_read::proposals::names::ColumnSort;

use super::addressees::{Addressees, draft_recipients};
use super::contents::{day_columns, has_statuses};
use super::exceptions::exceptions;
use super::ids::Pairing;
use super::table::RoleTable;
use super::{ExceptionDraft, TableDraft, UnusedColumn};
use crate::run::inspection::dates;

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
    /// Values that the layout translates, each with the canonical value; empty if the value has no meaning.
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
    let (mut columns, mut needed, mut unmatched_providers) = (Vec::new(), Vec::new(), Vec::new());
    for column in canonical.all() {
        let found = possible_columns(table, column, pairing, certified, &taken);
        match found.first().map(|at| mismatch(table, column, *at, pairing)) {
            None if canonical.required.contains(&column) => {
                let named = table.named(column).into_iter().map(|at| table.header[at].clone()).collect();
                needed.push((column, named));
            }
            None => {}
            Some(Some(IdMismatch::Patients)) => needed.push((column, vec![table.header[found[0]].clone()])),
            Some(Some(IdMismatch::Providers)) => unmatched_providers.push(table.header[found[0]].clone()),
            Some(None) => {
                let draft = draft_column(table, column, &found);
                taken.extend(draft.from.iter().filter_map(|name| table.position(name)));
                columns.push(draft);
            }
        }
    }
    let recipients = draft_recipients(&mut columns, table, pairing);
    columns.extend(recipients);
    add_exceptions(&mut columns, table, &mut taken);
    let unused = (0..table.header.len())
        .filter(|at| !taken.contains(at))
        .map(|at| UnusedColumn { name: table.header[at].clone(), filled: table.columns[at].filled });
    TableDraft {
        role: table.role,
        needed,
        unused: unused.collect(),
        unmatched_providers,
        sheets: sheets(table),
        has_header: table.exports.iter().all(|it| it.has_header),
        is_canonical: table.is_canonical,
        columns,
    }
}

/// Returns the columns that may be a canonical one, the best first.
fn possible_columns(
    table: &RoleTable<'_>,
    column: &'static str,
    pairing: &Pairing,
    certified: &[String],
    taken: &[usize],
) -> Vec<usize> {
    let mut found = table.suitable(column);
    found.retain(|at| !taken.contains(at));
    let paired = pairing.chosen(table.role, column).filter(|at| found.contains(at));
    let of_channel = if column == "channel" { certified_column(table, certified, taken) } else { None };
    for at in [paired, of_channel].into_iter().flatten() {
        found.retain(|known| *known != at);
        found.insert(0, at);
    }
    if !found.is_empty() {
        return found;
    }
    if (table.role, column) == (InputRole::Encounters, "status") {
        // A column with any name may show which visits did not take place.
        let has_statuses = |at: &usize| !taken.contains(at) && has_statuses(&table.columns[*at]);
        return (0..table.header.len()).filter(has_statuses).collect();
    }
    let canonical = Layout::canonical().input(table.role).columns;
    let is_day = sort_of(table.role, column) == ColumnSort::Day && canonical.required.contains(&column);
    if is_day { only_days(table, taken) } else { Vec::new() }
}

/// Ids that the encounters do not have. With them, a report would show a numerator of 0 as certain.
enum IdMismatch {
    Patients,
    Providers,
}

/// Returns whether a column of messages or accesses has no id in common with the encounters.
fn mismatch(table: &RoleTable<'_>, column: &str, at: usize, pairing: &Pairing) -> Option<IdMismatch> {
    let profile = &table.columns[at];
    match (table.role, column) {
        (InputRole::Messages | InputRole::Accesses, "patient_id") => {
            pairing.lacks_patients(&profile.ids).then_some(IdMismatch::Patients)
        }
        (InputRole::Messages | InputRole::Accesses, "provider_id") => {
            let people = Addressees::from_column(profile).people;
            pairing.lacks_providers(&people).then_some(IdMismatch::Providers)
        }
        _ => None,
    }
}

/// Adds the columns that are read before `status` and `kind`.
fn add_exceptions(columns: &mut Vec<ColumnDraft>, table: &RoleTable<'_>, taken: &mut Vec<usize>) {
    for column in ["status", "kind"] {
        let draft = columns.iter_mut().find(|draft| draft.column == column);
        let found = exceptions(table, column, taken);
        if found.is_empty() || draft.is_none() && column == "kind" {
            continue;
        }
        taken.extend(found.iter().filter_map(|exception| table.position(&exception.from)));
        match draft {
            Some(draft) => draft.exceptions = found,
            // Every record took place, apart from the exceptions.
            None => columns.push(ColumnDraft { column, exceptions: found, ..ColumnDraft::default() }),
        }
    }
}

/// Returns the column that holds a channel that the user says is certified.
fn certified_column(table: &RoleTable<'_>, certified: &[String], taken: &[usize]) -> Option<usize> {
    let is_certified =
        |word: &String| certified.iter().any(|known| normalize_key(known) == normalize_key(word));
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
