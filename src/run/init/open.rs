//! What a draft leaves open, most consequential first.

use std::collections::BTreeMap;

use mucalc_core::domain::assumption::Assumed;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::Inspection;
use mucalc_core::domain::text::{counted, printable};
use mucalc_read::layout::Layout;
use mucalc_read::proposals::values::meaning;

use super::draft::Draft;
use super::roles::role_of;
use super::words::CertifiedAnswers;

/// Something that only the practice can say.
struct OpenPoint {
    /// Rows that it concerns.
    rows: u64,
    text: String,
}

/// Returns the open points as sentences, those that concern most rows first.
pub(super) fn open(
    inspections: &[Inspection],
    draft: Option<&Draft>,
    certified: &CertifiedAnswers,
) -> Vec<String> {
    let mut points = absent_columns(inspections);
    points.extend(unknown_values(inspections, certified));
    points.extend(unreadable_days(inspections));
    points.extend(draft.into_iter().flat_map(unsettled_days));
    points.sort_by(|one, other| (other.rows, &one.text).cmp(&(one.rows, &other.text)));
    points.into_iter().map(|point| point.text).collect()
}

/// Columns that no export of a role has. Without some every row is uncertain, and for others something is assumed.
fn absent_columns(inspections: &[Inspection]) -> Vec<OpenPoint> {
    let mut points = Vec::new();
    for role in [InputRole::Encounters, InputRole::Messages, InputRole::Accesses] {
        let exports: Vec<&Inspection> = inspections.iter().filter(|it| role_of(it) == role).collect();
        let rows = exports.iter().map(|it| it.rows).sum();
        let lack = |column: &str| {
            !exports.is_empty() && exports.iter().all(|it| it.absent.iter().any(|absent| absent == column))
        };
        for column in Layout::canonical().input(role).columns.telling.iter().filter(|column| lack(column)) {
            let all = counted(rows, "row", "rows");
            let text = format!(
                "The {} have no `{column}`, so all {all} are uncertain where a rule asks for it. If it is the same everywhere, write \
                 {column} = {{ constant = \"...\" }} in the layout.",
                role.word()
            );
            points.push(OpenPoint { rows, text });
        }
        for assumed in Assumed::ALL.iter().filter(|assumed| assumed.role() == role && lack(assumed.column()))
        {
            let text = format!(
                "The {} have no `{}`: `{}` is assumed for every row. If that is a fact, acknowledge it in [assume].",
                role.word(),
                assumed.column(),
                assumed.reading()
            );
            points.push(OpenPoint { rows, text });
        }
    }
    points
}

/// Values that no list has and that no usual meaning is known for.
fn unknown_values(inspections: &[Inspection], certified: &CertifiedAnswers) -> Vec<OpenPoint> {
    let mut unknown: BTreeMap<(InputRole, String, String), (u64, u64)> = BTreeMap::new();
    for it in inspections {
        let role = role_of(it);
        for seen in &it.columns {
            for column in &seen.ours {
                let open = seen.words.iter().filter(|word| {
                    let is_answered = column == "channel" && certified.contains_key(&word.word);
                    word.means.is_none() && meaning(role, column, &word.word).is_none() && !is_answered
                });
                let (values, rows) = open.fold((0, 0), |(values, rows), word| (values + 1, rows + word.rows));
                if values > 0 {
                    let key = (role, column.clone(), seen.column.clone());
                    let known = unknown.entry(key).or_default();
                    *known = (known.0.max(values), known.1 + rows);
                }
            }
        }
    }
    let point = |((role, column, name), (values, rows)): ((InputRole, String, String), (u64, u64))| {
        let (values, rows_text) = (counted(values, "value", "values"), counted(rows, "row", "rows"));
        let text = match column.as_str() {
            "channel" => format!(
                "{values} of `{}` in {rows_text}: say in [channels] which is the messaging function of the certified EHR.",
                printable(&name)
            ),
            _ => format!(
                "{values} of `{}` ({}, {column}) without a known meaning in {rows_text}, read as unknown: say in mucalc.toml what each means.",
                printable(&name),
                role.word()
            ),
        };
        OpenPoint { rows, text }
    };
    unknown.into_iter().map(point).collect()
}

fn unreadable_days(inspections: &[Inspection]) -> Vec<OpenPoint> {
    let mut points = Vec::new();
    for it in inspections {
        for seen in &it.columns {
            let unreadable = seen.readable.map_or(0, |readable| seen.filled.saturating_sub(readable));
            if unreadable > 0 {
                let text = format!(
                    "{} of `{}` in {} cannot be read as days: name their form in a layout, as dates = [\"...\"].",
                    counted(unreadable, "text", "texts"),
                    printable(&seen.column),
                    printable(&it.path)
                );
                points.push(OpenPoint { rows: unreadable, text });
            }
        }
    }
    points
}

fn unsettled_days(draft: &Draft) -> Vec<OpenPoint> {
    let columns = draft.tables.iter().flat_map(|table| &table.columns).filter(|column| !column.is_settled);
    let point = |column: &super::draft::ColumnDraft| OpenPoint {
        rows: column.rows,
        text: format!(
            "The days of `{}` do not settle whether the month or the day is first; the month is taken.",
            column.from.iter().map(|name| printable(name)).collect::<Vec<_>>().join("`, `")
        ),
    };
    columns.map(point).collect()
}
