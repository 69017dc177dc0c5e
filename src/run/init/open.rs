//! What a draft leaves open, most consequential first.

use std::collections::BTreeMap;

use mucalc_core::domain::assumption::Assumed;
use mucalc_core::domain::folding::Fold;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::Inspection;
use mucalc_core::domain::text::{escape_control, normalize_key, pluralize};
use mucalc_read::layout::Layout;
use mucalc_read::proposals::columns::is_withdrawal_name;
use mucalc_read::proposals::values::meaning;

use super::draft::{Draft, TableDraft, UnusedColumn};
use super::roles::role_of;
use super::unmatched_ids::UnmatchedIds;
use super::words::{CertifiedAnswers, answer};

/// Something that only the practice can say.
struct OpenPoint {
    /// Rows that it concerns.
    rows: u64,
    text: String,
}

/// Returns the open points as sentences, those that concern most rows first.
pub(super) fn open(
    inspections: &[Inspection],
    unmatched: &[UnmatchedIds],
    draft: Option<&Draft>,
    certified: &CertifiedAnswers,
) -> Vec<String> {
    // Some patients who send messages had no visit in the period. If most had none, the exports likely write ids differently.
    let (most, some): (Vec<&UnmatchedIds>, Vec<&UnmatchedIds>) =
        unmatched.iter().partition(|ids| ids.unknown * 2 >= ids.ids);
    let first = draft
        .into_iter()
        .flat_map(unmatched_providers)
        .chain(most.into_iter().map(unmatched_text))
        .chain(unmatched_channels(inspections, certified))
        .chain(draft.into_iter().flat_map(deliberate_folds));
    let mut points = absent_columns(inspections);
    points.extend(unknown_values(inspections, certified));
    points.extend(unreadable_days(inspections));
    points.extend(draft.into_iter().flat_map(unsettled_days));
    points.extend(draft.into_iter().flat_map(unread_withdrawals));
    points.sort_by(|one, other| (other.rows, &one.text).cmp(&(one.rows, &other.text)));
    let last = some.into_iter().map(unmatched_text);
    first.chain(points.into_iter().map(|point| point.text)).chain(last).collect()
}

/// Columns of addressees that contain none of the encounters' providers.
fn unmatched_providers(draft: &Draft) -> Vec<String> {
    let point = |table: &TableDraft, column: &String| {
        format!(
            "`{}` of the {} contains none of the providers in the encounters. `mucalc` does not read it, so the addressed provider is unknown. \
             Export the same provider ids or names in both, then run `mucalc init` again.",
            escape_control(column),
            table.role.word()
        )
    };
    let of_table = |table: &TableDraft| {
        table.unmatched_providers.iter().map(|column| point(table, column)).collect::<Vec<_>>()
    };
    draft.tables.iter().flat_map(of_table).collect()
}

/// Ids that the encounters do not have.
fn unmatched_text(unmatched: &UnmatchedIds) -> String {
    let UnmatchedIds { role, people, columns: [column, other], ids, unknown } = unmatched;
    format!(
        "{unknown} of {ids} {people} in `{}` of the {role} are not in `{}` of the encounters. Their {role} are in no numerator. If the exports \
         write ids differently, export them alike.",
        escape_control(column),
        escape_control(other),
        role = role.word()
    )
}

/// Differences between ids that are ignored although they may be meant.
fn deliberate_folds(draft: &Draft) -> Vec<String> {
    let point = |fold: &Fold| {
        let what = match fold {
            Fold::Label => "the letters before a number, such as `MRN-`",
            Fold::Name => "titles and the order of the words in names",
            Fold::Zeros | Fold::Case | Fold::Decimal | Fold::Prefix => return None,
        };
        Some(format!(
            "The ids of the exports match only if {what} do not count (`fold` in mucalc.toml). Check that no two people become one."
        ))
    };
    draft.folds.iter().filter_map(point).collect()
}

/// Channels that the user called certified and that no message has.
fn unmatched_channels(inspections: &[Inspection], certified: &CertifiedAnswers) -> Vec<String> {
    let has = |wanted: &String| {
        let columns =
            inspections.iter().filter(|it| role_of(it) == InputRole::Messages).flat_map(|it| &it.columns);
        let mut words = columns
            .filter(|seen| seen.ours.iter().any(|name| name == "channel"))
            .flat_map(|seen| &seen.words);
        words.any(|word| normalize_key(&word.word) == normalize_key(wanted))
    };
    let is_read = inspections.iter().any(|it| role_of(it) == InputRole::Messages);
    let unmatched = certified.keys().filter(|word| is_read && !has(word));
    unmatched
        .map(|word| {
            format!(
                "No message has the channel `{}` that you named; `mucalc inspect` shows the channels.",
                escape_control(word)
            )
        })
        .collect()
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
            let all = match rows {
                1 => "the only row is".to_owned(),
                rows => format!("all {} are", pluralize(rows, "row", "rows")),
            };
            let text = format!(
                "The {} have no `{column}`, so {all} uncertain where a rule asks for it. If it is the same everywhere, write \
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
                    let is_answered = column == "channel" && answer(certified, &word.word).is_some();
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
        let (values, rows_text) = (pluralize(values, "value", "values"), pluralize(rows, "row", "rows"));
        let text = match column.as_str() {
            "channel" => format!(
                "{values} of `{}` in {rows_text}: say in [channels] which is the messaging function of the certified EHR.",
                escape_control(&name)
            ),
            _ => format!(
                "{values} of `{}` ({}, {column}) without a known meaning in {rows_text}, read as unknown: say in mucalc.toml what each means.",
                escape_control(&name),
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
                    pluralize(unreadable, "text", "texts"),
                    escape_control(&seen.column),
                    escape_control(&it.path)
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
            column.from.iter().map(|name| escape_control(name)).collect::<Vec<_>>().join("`, `")
        ),
    };
    columns.map(point).collect()
}

/// Columns that the draft does not read, although their names show a withdrawal, such as `Void Reason`.
fn unread_withdrawals(draft: &Draft) -> Vec<OpenPoint> {
    let of_table = |table: &TableDraft| {
        let role = table.role.word();
        let withdrawn =
            table.unused.iter().filter(|column| column.filled > 0 && is_withdrawal_name(&column.name));
        let point = |column: &UnusedColumn| OpenPoint {
            rows: column.filled,
            text: format!(
                "`mucalc` does not read `{}` of the {role}, so withdrawn {role} may still qualify. Map it to `status` in the layout; docs/layouts.md describes `when`.",
                escape_control(&column.name)
            ),
        };
        withdrawn.map(point).collect::<Vec<_>>()
    };
    draft.tables.iter().filter(|table| table.role != InputRole::Roster).flat_map(of_table).collect()
}
