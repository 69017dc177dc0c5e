//! Which providers a numerator row is attributed to.

use crate::SqlQuery;
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::edition::model::AttributionScope;

/// The providers that a row is attributed to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum AttributionJoin {
    /// Every provider who saw the patient.
    Everybody,
    /// The provider that the row names. A row that names none may be attributed to any provider who saw the patient.
    Provider,
    /// The group of the provider that the row names. A row that names none is attributed to every provider who saw the patient, if these
    /// are
    /// one group.
    Group,
}

/// The column for whether a patient is certain only while all providers who saw the patient are one group.
pub const HANGS_ON_GROUP: &str = "hangs_on_group";

impl AttributionJoin {
    pub fn from_query(order: &SqlQuery<'_>) -> Self {
        match (order.edition.counts_for, order.credit, order.roster) {
            (AttributionScope::Anybody, ..) => Self::Everybody,
            // Without a roster, all providers are one group.
            (_, AttributionMode::Group, None) => Self::Everybody,
            (_, AttributionMode::Group, Some(_)) => Self::Group,
            // A clinician with several ids is a group.
            (AttributionScope::NamedOrSameNpi, AttributionMode::Strict, Some(_)) => Self::Group,
            (_, AttributionMode::Strict, _) => Self::Provider,
        }
    }
}
