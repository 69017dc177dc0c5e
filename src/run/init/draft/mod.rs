//! Drafts a layout for exports that no layout reads as they are: which columns are meant, how days are written, and how ids are compared.

mod addressees;
mod columns;
mod contents;
mod exceptions;
mod ids;
mod roles;
mod table;
mod text;

use mucalc_core::domain::folding::Fold;
use mucalc_core::domain::input::InputRole;
use mucalc_read::layout::CANONICAL;
use mucalc_read::profile::date_forms::DayOrder;

use crate::run::inspection::LookedAt;
pub(super) use columns::ColumnDraft;
use columns::draft_columns;
pub(super) use exceptions::ExceptionDraft;
use ids::{Pairing, paired};
use table::RoleTable;
pub(super) use text::layout_text;

/// A draft for a set of exports.
pub(super) struct Draft {
    /// The role of each export, in their order; `None` for those that are not read.
    pub roles: Vec<Option<InputRole>>,
    /// Tables of the layout.
    pub tables: Vec<TableDraft>,
    /// Differences in spelling that are none, because the ids of the exports fit together only without them.
    pub folds: Vec<Fold>,
}

/// The table of a role in a layout.
pub(super) struct TableDraft {
    /// The role.
    pub role: InputRole,
    /// The columns, in canonical order.
    pub columns: Vec<ColumnDraft>,
    /// Required columns for which no column is proposed, each with columns of the export that have a fitting name and other contents.
    pub needed: Vec<(&'static str, Vec<String>)>,
    /// Columns of the exports that are not proposed for anything.
    pub unused: Vec<UnusedColumn>,
    /// Columns with providers of whom the encounters have none. They are not read, so that the addressed provider is unknown.
    pub unmatched_providers: Vec<String>,
    /// The sheet, if the export has several. More than one sheet cannot be read.
    pub sheets: Vec<String>,
    /// Whether the exports have a header.
    pub has_header: bool,
    /// Whether the exports have the canonical columns, so that only the way in which they are written differs.
    pub is_canonical: bool,
}

/// A column of an export that the layout does not read.
pub(super) struct UnusedColumn {
    /// Its name in the export.
    pub name: String,
    /// Rows with a text.
    pub filled: u64,
}

impl Draft {
    /// Drafts what the exports need.
    ///
    /// `certified` are the channels that the user says are certified.
    pub fn new(looked: &[LookedAt], certified: &[String]) -> Self {
        let roles = roles::roles(looked);
        let order = settled_order(looked);
        let of_role = |role| RoleTable::new(role, looked, &roles, order);
        let tables: Vec<RoleTable<'_>> = InputRole::ALL.into_iter().filter_map(of_role).collect();
        let pairing = Pairing::new(&tables);
        let folds = paired(&tables, &pairing);
        let tables = tables
            .iter()
            .filter(|table| !table.is_vendors && table.role != InputRole::Counties)
            .map(|table| draft_columns(table, &pairing, certified))
            .filter(|draft| {
                !draft.is_canonical
                    || draft.sheets.len() > 1
                    || draft.columns.iter().any(|column| {
                        !column.forms.is_empty() || column.is_utc || !column.exceptions.is_empty()
                    })
            })
            .collect();
        Self { roles, tables, folds }
    }
}

/// Returns the order of day and month that the exports settle, if none of them settles another one.
fn settled_order(looked: &[LookedAt]) -> Option<DayOrder> {
    let mut orders =
        looked.iter().flat_map(|it| &it.columns).filter_map(|column| column.forms.settled_order());
    let first = orders.next()?;
    orders.all(|order| order == first).then_some(first)
}

/// Returns whether a layout of a vendor reads an export.
fn is_vendors(it: &LookedAt) -> bool {
    it.inspection.layout.as_ref().is_some_and(|fit| fit.missing.is_empty() && fit.name != CANONICAL)
}

/// Returns whether some layout reads an export.
fn is_read(it: &LookedAt) -> bool {
    it.inspection.layout.as_ref().is_some_and(|fit| fit.missing.is_empty())
}
