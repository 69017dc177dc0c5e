//! Finds ids of messages and accesses that no encounter has, often because the exports write ids differently. Such messages are in no numerator.

use mucalc_core::domain::folding::Fold;
use mucalc_core::domain::input::InputRole;
use mucalc_read::profile::ColumnProfile;

use super::draft::TableDraft;
use crate::run::inspection::LookedAt;

/// How many ids of a column the encounters do not have.
pub(super) struct UnmatchedIds {
    /// The role of the other side.
    pub role: InputRole,
    /// What the ids are of: `patients` or `providers`.
    pub people: &'static str,
    /// The columns in which they are.
    pub columns: [String; 2],
    /// Different ids.
    pub ids: u64,
    /// Of these, ids that the encounters do not have; an estimate if there are more than a few thousand.
    pub unknown: u64,
}

/// Returns the columns of messages and accesses with ids that the encounters do not have, most first.
pub(super) fn unmatched_ids(
    looked: &[LookedAt],
    roles: &[Option<InputRole>],
    tables: &[TableDraft],
    folds: &[Fold],
) -> Vec<UnmatchedIds> {
    let mut found = Vec::new();
    for role in [InputRole::Messages, InputRole::Accesses] {
        for (column, people) in [("patient_id", "patients"), ("provider_id", "providers")] {
            let side = |role| column_of(looked, roles, tables, role, column);
            let Some(((name, ids), (other_name, others))) = side(role).zip(side(InputRole::Encounters))
            else {
                continue;
            };
            let overlap = ids.ids.overlap(&others.ids, folds);
            let count = ids.ids.distinct();
            let unknown = (count as f64 * (1.0 - overlap.share())).round() as u64;
            if unknown > 0 && overlap.ids > 0 {
                found.push(UnmatchedIds { role, people, columns: [name, other_name], ids: count, unknown });
            }
        }
    }
    found.sort_by_key(|ids| std::cmp::Reverse(ids.unknown));
    found
}

/// Returns the name and the profile of a canonical column in all exports of a role.
fn column_of(
    looked: &[LookedAt],
    roles: &[Option<InputRole>],
    tables: &[TableDraft],
    role: InputRole,
    column: &str,
) -> Option<(String, ColumnProfile)> {
    let table = tables.iter().find(|table| table.role == role);
    let drafted = table.and_then(|table| table.columns.iter().find(|draft| draft.column == column));
    let mut found: Option<(String, ColumnProfile)> = None;
    for (it, _) in looked.iter().zip(roles).filter(|(_, known)| **known == Some(role)) {
        let is_meant = |name: &String| match drafted {
            Some(draft) => draft.from.contains(name),
            None => it
                .inspection
                .columns
                .iter()
                .any(|seen| seen.column == *name && seen.ours.iter().any(|ours| ours == column)),
        };
        let Some(at) = it.header.iter().position(is_meant) else { continue };
        match &mut found {
            Some((_, profile)) => profile.merge(it.columns[at].clone()),
            None => found = Some((it.header[at].clone(), it.columns[at].clone())),
        }
    }
    found
}
