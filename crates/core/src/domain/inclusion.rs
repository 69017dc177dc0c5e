//! What the law says of one row: in, out, or not decidable from the data.

use std::ops::BitOr;

/// The set of answers that a row's data allow; never empty.
///
/// For an encounter "in" means in the denominator, for a message it means that the message counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Inclusion {
    /// Out, whatever the unknowns are.
    Out = 0b01,
    /// In, whatever the unknowns are.
    In = 0b10,
    /// In or out: the data do not say.
    Uncertain = 0b11,
}

impl Inclusion {
    /// Whether the row may be in (the greatest reading).
    pub fn may_be_in(self) -> bool {
        self != Inclusion::Out
    }

    /// Whether the row is in for certain (the least reading).
    pub fn must_be_in(self) -> bool {
        self == Inclusion::In
    }

    /// The same answer, but no longer certainly in: for a message whose addressee is not known.
    pub fn weakened(self) -> Self {
        if self == Inclusion::In { Inclusion::Uncertain } else { self }
    }
}

/// The union of what two readings allow.
impl BitOr for Inclusion {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        if self == other { self } else { Inclusion::Uncertain }
    }
}
