//! A row of the ledger: a provider and a patient.

use crate::domain::membership::DenominatorStatus;

/// A patient whom a provider saw, or may have seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderPatient {
    /// The number of the patient.
    pub patient: u32,
    /// The number of the provider.
    pub provider: u32,
    /// Whether the patient was certainly seen.
    pub seen: DenominatorStatus,
}
