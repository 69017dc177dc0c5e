//! What the data allow of one patient towards one provider.

/// The memberships that the data allow of a (provider, patient) pair that has a ledger row at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether the patient was seen.
    pub denominator: Seen,
    /// Whether a message counts.
    pub numerator: Wrote,
}

/// Whether the patient is in the denominator; a patient who certainly is not has no ledger row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// Some encounter may be in.
    Possible,
    /// Some encounter certainly is in.
    Certain,
}

/// Whether the patient has a message that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrote {
    /// No message may count.
    None,
    /// Some message may count.
    Possible,
    /// Some message certainly counts.
    Certain,
}

impl Standing {
    /// All six, in code order.
    pub const ALL: [Standing; 6] = [
        Standing { denominator: Seen::Possible, numerator: Wrote::None },
        Standing { denominator: Seen::Possible, numerator: Wrote::Possible },
        Standing { denominator: Seen::Possible, numerator: Wrote::Certain },
        Standing { denominator: Seen::Certain, numerator: Wrote::None },
        Standing { denominator: Seen::Certain, numerator: Wrote::Possible },
        Standing { denominator: Seen::Certain, numerator: Wrote::Certain },
    ];

    /// The position in [`Self::ALL`].
    pub fn code(self) -> usize {
        self.denominator as usize * 3 + self.numerator as usize
    }
}

impl Seen {
    /// The word in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Seen::Possible => "possible",
            Seen::Certain => "certain",
        }
    }
}

impl Wrote {
    /// The word in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Wrote::None => "none",
            Wrote::Possible => "possible",
            Wrote::Certain => "certain",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_position() {
        for (code, standing) in Standing::ALL.into_iter().enumerate() {
            assert_eq!(standing.code(), code);
        }
    }
}
