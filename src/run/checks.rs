//! Plausibility checks: problems that no single row shows, and contradictions between inputs.

use std::collections::{BTreeMap, BTreeSet};

use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::roster::Roster;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{escape_control, pluralize};
use mucalc_core::domain::versions::VersionsChoice;
use mucalc_engine::IdScopes;
use mucalc_read::ReadSummary;
use mucalc_read::consistency::{InputProfile, RowWithId, Uniformity};
use mucalc_read::layout::EntityLayout;

/// A profiled input.
#[derive(Clone, Copy)]
pub struct ProfiledInput<'a> {
    /// Name that the user gave the input.
    pub name: &'a str,
    /// Layout of the input.
    pub input: &'a EntityLayout,
    /// Summary of reading the input.
    pub summary: &'a ReadSummary,
    /// Profile of the rows.
    pub sense: &'a InputProfile,
}

/// What the checks compare the inputs with.
pub struct CheckContext<'a> {
    /// Reporting period, if it was given.
    pub period: Option<Period>,
    /// Which of several versions of a record applies if the export does not show it.
    pub versions: VersionsChoice,
    /// Which files have their record ids in common.
    pub scopes: &'a IdScopes,
    /// Day on which the checks run.
    pub today: Day,
    /// Roster, and the name that the user gave it.
    pub roster: Option<(&'a Roster, &'a str)>,
    /// Values of exports that the configuration mentions, and the name that the user gave the configuration.
    pub configured: Option<(&'a BTreeSet<String>, &'a str)>,
}

/// Findings by code: the number of occurrences, their locations, and the first detail.
#[derive(Default)]
pub struct CheckFindings(pub BTreeMap<FindingCode, (u64, Vec<SourceLocation>, Option<String>)>);

/// Maximum number of reported locations per code. All occurrences are counted.
pub const MAX_TOLD: usize = 1000;

/// Distance from the reporting period, in days, beyond which a day is suspicious.
const FAR: i32 = 5 * 366;

/// Maximum difference, in days, between the first or last days of exports that cover the same time.
const APART: i32 = 14;

/// Maximum distance, in days, between two days with rows, in a practice that has rows on most days.
const WEEK: i32 = 7;

impl CheckFindings {
    /// Adds occurrences of a finding.
    pub fn add(&mut self, code: FindingCode, count: u64, place: SourceLocation, detail: Option<String>) {
        let (known, places, told) = self.0.entry(code).or_default();
        *known += count;
        if places.len() < MAX_TOLD {
            places.push(place);
        }
        *told = told.take().or(detail);
    }
}

/// Runs all checks.
pub fn checks(
    encounters: &[ProfiledInput<'_>],
    messages: &[ProfiledInput<'_>],
    accesses: &[ProfiledInput<'_>],
    against: &CheckContext<'_>,
) -> CheckFindings {
    let mut found = CheckFindings::default();
    for (kind, role) in [
        (InputRole::Encounters, encounters),
        (InputRole::Messages, messages),
        (InputRole::Accesses, accesses),
    ] {
        duplicates(kind, role, against, &mut found);
        role.iter().for_each(|looked| columns(looked, &mut found));
        role.iter().for_each(|looked| days(looked, against, &mut found));
        gap(role, &mut found);
    }
    for acts in [messages, accesses] {
        ends(encounters, acts, &mut found);
        check_unknown_patients(encounters, acts, &mut found);
        stranger_providers(encounters, acts, &mut found);
    }
    let acts = [messages, accesses].concat();
    if let Some(roster) = against.roster {
        on_roster(encounters, &acts, roster, &mut found);
    }
    if let Some((words, name)) = against.configured {
        let met: BTreeSet<&String> =
            encounters.iter().chain(&acts).flat_map(|looked| &looked.sense.words).collect();
        let unused: Vec<&str> = words.iter().filter(|word| !met.contains(word)).map(String::as_str).collect();
        if !unused.is_empty() {
            let detail = unused.join(", ");
            found.add(FindingCode::UnusedWord, unused.len() as u64, SourceLocation::file(name), Some(detail));
        }
    }
    found
}

/// Finds ids that occur more than once: in all files of a role together, or in each file if the layout declares ids unique per file.
fn duplicates(
    kind: InputRole,
    role: &[ProfiledInput<'_>],
    against: &CheckContext<'_>,
    found: &mut CheckFindings,
) {
    // Few ids are repeated, so only the rows of these are compared.
    let mut ids: Vec<u64> =
        role.iter().flat_map(|looked| looked.sense.ids.iter().map(|row| row.id)).collect();
    ids.sort_unstable();
    let mut repeated: Vec<u64> =
        ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    repeated.dedup();
    drop(ids);
    let is_repeated = |row: &&RowWithId| repeated.binary_search(&row.id).is_ok();
    let rows = |(file, looked): (usize, &ProfiledInput<'_>)| {
        looked.sense.ids.iter().filter(is_repeated).map(|row| (file, *row)).collect::<Vec<_>>()
    };
    let mut rows: Vec<(usize, RowWithId)> = role.iter().enumerate().flat_map(rows).collect();
    let scopes: Vec<u32> = (0..role.len()).map(|file| against.scopes.scope(kind, file)).collect();
    let scope = |(file, row): &(usize, RowWithId)| (scopes[*file], row.id);
    rows.sort_unstable_by_key(|one| (scope(one), one.0, one.1.line));
    let mut again: Vec<(usize, u64, FindingCode)> = Vec::new();
    for same in rows.chunk_by(|one, other| scope(one) == scope(other)) {
        let is_resolved = against.versions == VersionsChoice::Last || has_latest(same);
        let (first_file, first) = same[0];
        // A row that names several patients or providers is not a duplicate of itself.
        let others = same.iter().filter(|(file, row)| (*file, row.line) != (first_file, first.line));
        again.extend(others.filter_map(|(file, row)| match row.content == first.content {
            true => Some((*file, row.line, FindingCode::DuplicateRow)),
            false => (!is_resolved).then_some((*file, row.line, FindingCode::DuplicateId)),
        }));
    }
    again.sort_unstable_by_key(|(file, line, _)| (*file, *line));
    again.dedup();
    for (file, line, code) in again {
        found.add(code, 1, SourceLocation::line(role[file].name, line), None);
    }
}

/// Returns whether one of these rows was changed after all rows with different content.
fn has_latest(rows: &[(usize, RowWithId)]) -> bool {
    let is_latest = |one: &RowWithId| {
        let mut others = rows.iter().map(|(_, row)| row).filter(|other| other.content != one.content);
        others.all(|other| one.updated.zip(other.updated).is_some_and(|(one, other)| one > other))
    };
    rows.iter().any(|(_, row)| is_latest(row))
}

/// Finds columns that are empty, that have the same value in every row, or that are not read.
fn columns(looked: &ProfiledInput<'_>, found: &mut CheckFindings) {
    let header = &looked.summary.header;
    let line = header.line();
    let shown = |column: usize| SourceLocation::cell(looked.name, line, escape_control(header.name(column)));
    for (column, filling) in looked.sense.columns.iter().enumerate() {
        let name = header.names()[column].as_str();
        let is_ours = looked.input.columns.all().any(|ours| ours == name);
        let asked = looked.input.columns.telling.contains(&name) || name == "status";
        let is_constant = matches!(filling.only, Uniformity::Same(_)) && looked.sense.rows > 1;
        match is_ours {
            false => found.add(FindingCode::UnknownColumn, 1, shown(column), None),
            // NDJSON has no header: a column without values is absent and is not a finding.
            true if looked.summary.never.iter().any(|never| never == name) => {}
            true if filling.filled == 0 && looked.sense.rows > 0 => {
                found.add(FindingCode::EmptyColumn, 1, shown(column), None)
            }
            true if is_constant && asked && looked.input.table.is_none() => {
                found.add(FindingCode::ConstantColumn, 1, shown(column), None);
            }
            true => {}
        }
    }
}

/// Finds days in the future and days far from the period.
fn days(looked: &ProfiledInput<'_>, against: &CheckContext<'_>, found: &mut CheckFindings) {
    let column = ["started_at", "sent_at", "accessed_at"]
        .into_iter()
        .find_map(|name| looked.summary.header.position(name));
    let name = column.map_or(String::new(), |column| escape_control(looked.summary.header.name(column)));
    let mut add = |code, is: &dyn Fn(Day) -> bool| {
        let met: Vec<(&Day, &(u64, u64))> = looked.sense.days.iter().filter(|(day, _)| is(**day)).collect();
        let rows: u64 = met.iter().map(|(_, (rows, _))| rows).sum();
        if let Some((_, (_, line))) = met.iter().min_by_key(|(_, (_, line))| *line) {
            let (first, last) = (met[0].0, met[met.len() - 1].0);
            let detail = format!("{} between {first} and {last}", pluralize(rows, "row", "rows"));
            found.add(code, rows, SourceLocation::cell(looked.name, *line, name.clone()), Some(detail));
        }
    };
    add(FindingCode::DateInFuture, &|day| day > against.today);
    if let Some(period) = against.period {
        let is_far = |day: Day| period.first.days_since(day) > FAR || day.days_since(period.last) > FAR;
        add(FindingCode::DateFarFromPeriod, &|day| is_far(day) && day <= against.today);
    }
}

/// Finds gaps of a week or more without any row, if most days have rows.
fn gap(role: &[ProfiledInput<'_>], found: &mut CheckFindings) {
    let days: BTreeSet<Day> = role.iter().flat_map(|looked| looked.sense.days.keys().copied()).collect();
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return };
    // A practice has rows on most days, except for weekends and holidays. Sparser data has gaps anyway.
    if days.len() * 2 < (last.days_since(*first) + 1) as usize {
        return;
    }
    let pairs = days.iter().zip(days.iter().skip(1));
    let gaps = pairs.filter(|(before, after)| after.days_since(**before) > WEEK);
    for (before, after) in gaps {
        let (from, to) = (before.add_days(1), after.add_days(-1));
        // The location of the finding is the first row after the gap.
        let at = role.iter().find_map(|looked| Some((looked.name, looked.sense.days.get(after)?.1)));
        let Some((name, line)) = at else { continue };
        found.add(
            FindingCode::DaysWithoutRows,
            1,
            SourceLocation::line(name, line),
            Some(format!("none from {from} to {to}")),
        );
    }
}

/// Finds exports that do not cover the same days.
fn ends(encounters: &[ProfiledInput<'_>], messages: &[ProfiledInput<'_>], found: &mut CheckFindings) {
    let span = |role: &[ProfiledInput<'_>]| {
        let days = || role.iter().flat_map(|looked| looked.sense.days.keys());
        Some((*days().min()?, *days().max()?))
    };
    let (Some(seen), Some(written)) = (span(encounters), span(messages)) else { return };
    let roles = [("encounters", encounters, seen), ("messages", messages, written)];
    for ((what, role, (first, last)), (other, _, (other_first, other_last))) in
        [(roles[0], roles[1]), (roles[1], roles[0])]
    {
        let Some(looked) = role.first() else { continue };
        if other_last.days_since(last) > APART {
            let detail = format!("{what} end on {last}, {other} on {other_last}");
            found.add(FindingCode::ExportCutShort, 1, SourceLocation::file(looked.name), Some(detail));
        }
        if first.days_since(other_first) > APART {
            let detail = format!("{what} begin on {first}, {other} on {other_first}");
            found.add(FindingCode::ExportCutShort, 1, SourceLocation::file(looked.name), Some(detail));
        }
    }
}

/// Finds messages about patients who have no encounter.
fn check_unknown_patients(
    encounters: &[ProfiledInput<'_>],
    messages: &[ProfiledInput<'_>],
    found: &mut CheckFindings,
) {
    if encounters.iter().all(|looked| looked.sense.patients.is_empty()) {
        return;
    }
    let all: Vec<_> = messages.iter().flat_map(|looked| &looked.sense.patients).collect();
    let is_known = |patient: &u64| encounters.iter().any(|known| known.sense.patients.contains_key(patient));
    if let Some(looked) = messages.first()
        && !all.is_empty()
        && !all.iter().any(|(patient, _)| is_known(patient))
    {
        let rows = all.iter().map(|(_, (rows, _))| rows).sum();
        found.add(FindingCode::NoPatientInBoth, rows, SourceLocation::file(looked.name), None);
    }
    for looked in messages {
        let is_seen =
            |patient: &u64| encounters.iter().any(|known| known.sense.patients.contains_key(patient));
        let unseen =
            || looked.sense.patients.iter().filter(|(patient, _)| !is_seen(patient)).map(|(_, met)| met);
        let Some(line) = unseen().map(|(_, line)| *line).min() else { continue };
        let rows = unseen().map(|(rows, _)| rows).sum();
        let detail = format!(
            "{} of {}",
            pluralize(rows, "message", "messages"),
            pluralize(unseen().count() as u64, "patient", "patients")
        );
        found.add(FindingCode::PatientNeverSeen, rows, SourceLocation::line(looked.name, line), Some(detail));
    }
}

/// Finds messages whose providers are all others than those of the encounters.
fn stranger_providers(
    encounters: &[ProfiledInput<'_>],
    messages: &[ProfiledInput<'_>],
    found: &mut CheckFindings,
) {
    let is_known = |id: &String| encounters.iter().any(|known| known.sense.providers.contains_key(id));
    let all: Vec<&String> = messages.iter().flat_map(|looked| looked.sense.providers.keys()).collect();
    let have_providers = encounters.iter().any(|looked| !looked.sense.providers.is_empty());
    if let Some(looked) = messages.first()
        && have_providers
        && !all.is_empty()
        && !all.iter().any(|id| is_known(id))
    {
        let named: BTreeSet<&String> = all.into_iter().collect();
        let place =
            SourceLocation { column: Some("provider_id".to_owned()), ..SourceLocation::file(looked.name) };
        found.add(FindingCode::NoProviderInBoth, named.len() as u64, place, None);
    }
}

/// Finds providers and supervisors who are not on the roster, and roster lines whose provider appears in no row.
fn on_roster(
    encounters: &[ProfiledInput<'_>],
    messages: &[ProfiledInput<'_>],
    (roster, name): (&Roster, &str),
    found: &mut CheckFindings,
) {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for looked in encounters.iter().chain(messages) {
        named.extend(looked.sense.providers.keys().map(String::as_str));
        let column = looked.summary.header.position("provider_id");
        let column =
            column.map_or(String::new(), |column| escape_control(looked.summary.header.name(column)));
        let mut strangers: Vec<&(u64, u64)> = looked
            .sense
            .providers
            .iter()
            .filter(|(provider, _)| !roster.contains_key(*provider))
            .map(|(_, met)| met)
            .collect();
        strangers.sort_unstable_by_key(|(_, line)| *line);
        for (rows, line) in strangers {
            found.add(
                FindingCode::ProviderNotOnRoster,
                *rows,
                SourceLocation::cell(looked.name, *line, column.clone()),
                None,
            );
        }
    }
    let mut lines: Vec<_> = roster.iter().collect();
    lines.sort_unstable_by_key(|(_, line)| line.line);
    for (provider, line) in lines {
        if !named.contains(provider.as_str()) {
            found.add(
                FindingCode::UnusedRosterLine,
                1,
                SourceLocation::cell(name, line.line, "provider_id"),
                None,
            );
        }
        if line.supervisor.as_deref().is_some_and(|supervisor| !roster.contains_key(supervisor)) {
            found.add(
                FindingCode::ProviderNotOnRoster,
                1,
                SourceLocation::cell(name, line.line, "supervisor_id"),
                None,
            );
        }
    }
}
