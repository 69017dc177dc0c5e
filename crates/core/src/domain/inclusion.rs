//! The outcome of the rules for one row: in, out, or unresolved.

use std::ops::BitOr;

/// The set of outcomes that a row's data allow; never empty.
///
/// For an encounter, "in" means in the denominator. For a message, it means that the message qualifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Inclusion {
    /// Out for every possible value of unknown data.
    Out = 0b01,
    /// In for every possible value of unknown data.
    In = 0b10,
    /// In or out: the data do not determine it.
    Uncertain = 0b11,
}

impl Inclusion {
    /// Returns whether the row can be in, as the highest count assumes.
    pub fn is_possible(self) -> bool {
        self != Inclusion::Out
    }

    /// Returns whether the row is certainly in, as the lowest count requires.
    pub fn is_certain(self) -> bool {
        self == Inclusion::In
    }

    /// Returns the set of outcomes with these bits, of which at least one is set.
    pub(crate) fn from_bits(bits: u8) -> Self {
        match bits {
            0b01 => Inclusion::Out,
            0b10 => Inclusion::In,
            _ => Inclusion::Uncertain,
        }
    }

    /// Returns the same outcome, but no longer certainly in: for a message whose addressee is unknown.
    pub fn downgrade(self) -> Self {
        if self == Inclusion::In { Inclusion::Uncertain } else { self }
    }
}

/// Returns the union of the outcomes that two readings allow.
impl BitOr for Inclusion {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        if self == other { self } else { Inclusion::Uncertain }
    }
}
