//! The columns of all exports of a role, together.

use mucalc_core::domain::input::InputRole;
use mucalc_read::layout::vocabulary::list_of;
use mucalc_read::profile::ColumnProfile;
use mucalc_read::profile::date_forms::DayOrder;
use mucalc_read::proposals::columns::candidates;

use super::contents::{has_known_values, has_statuses, has_values_of, suits};
use super::{is_read, is_vendors};
use crate::run::inspection::LookedAt;

/// The exports of a role.
pub(super) struct RoleTable<'l> {
    /// The role.
    pub role: InputRole,
    /// The exports.
    pub exports: Vec<&'l LookedAt>,
    /// The names of their columns, each once.
    pub header: Vec<String>,
    /// One profile per name, of all exports that have it.
    pub columns: Vec<ColumnProfile>,
    /// The order of day and month that the exports settle.
    pub order: Option<DayOrder>,
    /// Whether the layout of a vendor reads them.
    pub is_vendors: bool,
    /// Whether they have the canonical columns.
    pub is_canonical: bool,
}

impl<'l> RoleTable<'l> {
    /// Puts the exports of a role together. `None` if there is none.
    pub fn new(
        role: InputRole,
        looked: &'l [LookedAt],
        roles: &[Option<InputRole>],
        order: Option<DayOrder>,
    ) -> Option<Self> {
        let exports: Vec<&LookedAt> =
            looked.iter().zip(roles).filter(|(_, known)| **known == Some(role)).map(|(it, _)| it).collect();
        let (mut header, mut columns): (Vec<String>, Vec<ColumnProfile>) = (Vec::new(), Vec::new());
        for export in &exports {
            for (name, column) in export.header.iter().zip(&export.columns) {
                match header.iter().position(|known| known == name) {
                    Some(at) => columns[at].merge(column.clone()),
                    None => {
                        header.push(name.clone());
                        columns.push(column.clone());
                    }
                }
            }
        }
        let is_vendors = exports.iter().any(|it| is_vendors(it));
        let is_canonical = !is_vendors && exports.iter().all(|it| is_read(it));
        (!exports.is_empty()).then_some(Self {
            role,
            exports,
            header,
            columns,
            order,
            is_vendors,
            is_canonical,
        })
    }

    /// Returns the positions of the columns that may be a canonical one, most telling name first, as far as their contents suit. Of columns with
    /// values, those with a known one go first.
    pub fn suitable(&self, column: &'static str) -> Vec<usize> {
        let mut found = self.named(column);
        found.retain(|at| suits(self.role, column, &self.header[*at], &self.columns[*at]));
        if column == "channel" || list_of(self.role, column).is_some() {
            found.sort_by_key(|at| {
                let profile = &self.columns[*at];
                (!has_known_values(self.role, column, profile), !has_values_of(self.role, column, profile))
            });
        }
        if (self.role, column) == (InputRole::Encounters, "status") {
            // A column that shows which visits did not take place is better than one in which all visits are closed.
            found.sort_by_key(|at| !has_statuses(&self.columns[*at]));
        }
        found
    }

    /// Returns the position of the column with this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|known| known == name)
    }

    /// Returns the number of rows of all exports.
    pub fn rows(&self) -> u64 {
        self.exports.iter().map(|it| it.inspection.rows).sum()
    }

    /// Returns the positions of the columns whose names say that they are a canonical one.
    pub fn named(&self, column: &'static str) -> Vec<usize> {
        let all = candidates(self.role, &self.header);
        all.into_iter().find(|found| found.column == column).map_or_else(Vec::new, |found| found.from)
    }
}
