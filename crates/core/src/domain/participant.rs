//! Participants: the programs under which a provider attests, as far as they allow different reporting periods.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The program under which a provider attests.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Deserialize,
    Serialize,
    JsonSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "lowercase")]
pub enum Participant {
    /// An eligible professional (EP) of the Medicare EHR Incentive Program.
    Medicare,
    /// An EP of the Medicaid EHR Incentive Program, later Medicaid Promoting Interoperability.
    Medicaid,
    /// A MIPS eligible clinician.
    Mips,
}

impl Participant {
    /// Returns the value of `--participant`.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Returns the program's term for the participants, in the plural.
    pub fn plural(self) -> &'static str {
        ["Medicare EPs", "Medicaid EPs", "MIPS eligible clinicians"][self as usize]
    }
}
