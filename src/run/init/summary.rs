//! What was drafted and what is still open, as a document for a program or a page that asks.

use mucalc_core::domain::draft::{
    DraftNeed, DraftSummary, DraftedExport, EditionChoice, MissingColumn, OpenChannel, UnreadExport,
};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::Inspection;
use mucalc_core::domain::report::SCHEMA_VERSION;
use mucalc_core::edition;

use super::configuration::ConfigurationParts;
use super::draft::Draft;
use super::edition::{needs_edition, period_year};
use super::roles::{holds, role_of};
use super::words::{answer, unknown_channels};
use super::{InitArgs, needed_columns};

/// Returns what was drafted, and what is still open. `layout_needs` is whether the drafted layout has something to fill in.
pub(super) fn summary(
    asked: &InitArgs,
    parts: &ConfigurationParts<'_>,
    layout_needs: bool,
    open: Vec<String>,
) -> DraftSummary {
    let channels = unknown_channels(parts.inspections).into_iter();
    let failed = parts.unread.failed.iter().map(|path| UnreadExport {
        path: path.clone(),
        why: "it cannot be read; `mucalc inspect` says why".to_owned(),
    });
    let unknown = parts
        .unread
        .unknown
        .iter()
        .map(|export| UnreadExport { path: export.path.clone(), why: export.why(&export.path) });
    DraftSummary {
        schema_version: SCHEMA_VERSION,
        configuration: asked.output.clone(),
        layout: parts.own.map(|own| own.path.clone()),
        exports: parts.inspections.iter().map(export).collect(),
        unread: failed.chain(unknown).collect(),
        needs: needs(asked, parts, layout_needs),
        columns: parts.draft.into_iter().flat_map(missing_columns).collect(),
        editions: if needs_edition(asked) { editions(asked) } else { Vec::new() },
        channels: channels
            .filter(|(value, _)| answer(parts.certified, value).is_none())
            .map(|(value, messages)| OpenChannel { value, messages })
            .collect(),
        open,
    }
}

fn missing_columns(draft: &Draft) -> impl Iterator<Item = MissingColumn> {
    needed_columns(draft).into_iter().map(|(role, column)| MissingColumn { role, column })
}

fn export(it: &Inspection) -> DraftedExport {
    DraftedExport {
        path: it.path.clone(),
        role: role_of(it),
        rows: it.rows,
        first: it.columns.iter().filter_map(|seen| seen.first.clone()).min(),
        last: it.columns.iter().filter_map(|seen| seen.last.clone()).max(),
    }
}

/// Returns what a report cannot do without, in the order in which it should be asked.
fn needs(asked: &InitArgs, parts: &ConfigurationParts<'_>, layout_needs: bool) -> Vec<DraftNeed> {
    let has = |role| parts.inspections.iter().any(|it| holds(it, role));
    let rosters = parts.inspections.iter().filter(|it| role_of(it) == InputRole::Roster).count();
    let columns = parts.draft.is_some_and(|draft| !needed_columns(draft).is_empty());
    [
        (DraftNeed::Encounters, !has(InputRole::Encounters)),
        (DraftNeed::Messages, !has(InputRole::Messages) && !has(InputRole::Accesses)),
        (DraftNeed::Roster, rosters > 1),
        (DraftNeed::Columns, columns || layout_needs),
        (DraftNeed::Period, asked.period.is_none()),
        (DraftNeed::Edition, needs_edition(asked)),
        (DraftNeed::Timezone, parts.needs_zone && asked.timezone.is_none()),
    ]
    .into_iter()
    .filter_map(|(need, is_open)| is_open.then_some(need))
    .collect()
}

/// Returns the rule sets for the year of the period.
fn editions(asked: &InitArgs) -> Vec<EditionChoice> {
    let ids = period_year(asked).map(edition::ids_for).unwrap_or_default();
    let of_id =
        |id: String| edition::find(&id).map(|edition| EditionChoice { id, title: edition.title.clone() });
    ids.into_iter().filter_map(of_id).collect()
}
