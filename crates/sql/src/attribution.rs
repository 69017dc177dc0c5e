//! Whom a row of the numerator reaches.

use crate::SqlQuery;
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::edition::model::AttributionScope;

/// Whom a row reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum AttributionJoin {
    /// Everybody who saw the patient.
    Everybody,
    /// The provider it names; one that names nobody may reach anybody who saw the patient.
    Provider,
    /// Those of the named provider's group; one that names nobody reaches everybody who saw the patient if they are of one group.
    Group,
}

/// The column that says whether a patient counts for certain only while all who saw the patient are of one group.
pub const HANGS_ON_GROUP: &str = "hangs_on_group";

impl AttributionJoin {
    pub fn of(order: &SqlQuery<'_>) -> Self {
        match (order.edition.counts_for, order.credit, order.roster) {
            (AttributionScope::Anybody, ..) => Self::Everybody,
            // Without a roster all providers are one group.
            (_, AttributionMode::Group, None) => Self::Everybody,
            (_, AttributionMode::Group, Some(_)) => Self::Group,
            // A person with several ids is a group of its own.
            (AttributionScope::NamedOrSameNpi, AttributionMode::Strict, Some(_)) => Self::Group,
            (_, AttributionMode::Strict, _) => Self::Provider,
        }
    }
}
