//! Participants: the programs under which a professional attests, as far as they allow different reporting periods.

use schemars::JsonSchema;
use serde::Serialize;

/// The program under which a professional attests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
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
    /// The words of `--participant`, in the order of the variants.
    pub const WORDS: [&'static str; 3] = ["medicare", "medicaid", "mips"];

    /// Returns the participant that a word of `--participant` names; `None` if the word is unknown.
    pub fn parse(word: &str) -> Option<Self> {
        let position = Self::WORDS.iter().position(|known| *known == word)?;
        Some([Participant::Medicare, Participant::Medicaid, Participant::Mips][position])
    }

    /// Returns the word of `--participant`.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// Returns the program's term for the participants, in the plural.
    pub fn plural(self) -> &'static str {
        ["Medicare EPs", "Medicaid EPs", "MIPS eligible clinicians"][self as usize]
    }
}
