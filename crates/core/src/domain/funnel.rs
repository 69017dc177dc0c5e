//! From the patients seen to the patients in the numerator: how many patients are not in it, by how far their records came.

/// The unique patients of a provider or of the practice, each in one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatientFunnel {
    /// Patients seen, or possibly seen, without a record that could qualify.
    pub silent: u64,
    /// Patients who only used a channel that does not qualify, or that the export does not name.
    pub other_channel: u64,
    /// Patients who used the certified channel, for something that does not qualify.
    pub not_qualifying: u64,
    /// Patients for whom a visit or a record is unresolved.
    pub unresolved: u64,
    /// Patients certainly in the denominator and the numerator.
    pub numerator: u64,
}

impl PatientFunnel {
    /// Returns the number of patients seen, including possible ones.
    pub fn seen(self) -> u64 {
        self.silent + self.other_channel + self.not_qualifying + self.unresolved + self.numerator
    }
}
