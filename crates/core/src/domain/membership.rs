//! The denominator and numerator status of a patient with a provider, as far as the data determine it.

/// The membership that the data allow for a pair of provider and patient that has a ledger row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Whether the patient was seen.
    pub denominator: DenominatorStatus,
    /// Whether a message qualifies.
    pub numerator: NumeratorStatus,
}

/// Whether the patient is in the denominator. A patient who is certainly not in it has no ledger row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DenominatorStatus {
    /// Some encounter may qualify.
    Possible,
    /// Some encounter certainly qualifies.
    Certain,
}

/// Whether the patient is in the numerator. Depending on the rule set, it counts messages sent or received, or uses of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumeratorStatus {
    /// No message can qualify.
    None,
    /// Some message may qualify.
    Possible,
    /// Some message certainly qualifies.
    Certain,
}

impl Membership {
    /// All six memberships, in code order.
    pub const ALL: [Membership; 6] = [
        Membership { denominator: DenominatorStatus::Possible, numerator: NumeratorStatus::None },
        Membership { denominator: DenominatorStatus::Possible, numerator: NumeratorStatus::Possible },
        Membership { denominator: DenominatorStatus::Possible, numerator: NumeratorStatus::Certain },
        Membership { denominator: DenominatorStatus::Certain, numerator: NumeratorStatus::None },
        Membership { denominator: DenominatorStatus::Certain, numerator: NumeratorStatus::Possible },
        Membership { denominator: DenominatorStatus::Certain, numerator: NumeratorStatus::Certain },
    ];

    /// Returns the position in [`Self::ALL`].
    pub fn code(self) -> usize {
        self.denominator as usize * 3 + self.numerator as usize
    }

    /// Returns the membership with a clinician who has two ids, given the membership with each id.
    ///
    /// The patient is in the denominator or the numerator of the clinician if the patient is in that of either id.
    pub fn union(self, other: Self) -> Self {
        let (mine, theirs) = (self.memberships(), other.memberships());
        let both = |membership: usize| mine[membership] && theirs[..=membership].contains(&true);
        let other = |membership: usize| theirs[membership] && mine[..=membership].contains(&true);
        let allowed = [0, 1, 2].map(|membership| both(membership) || other(membership));
        let same = |standing: &&Membership| standing.memberships() == allowed;
        // Every resulting set is that of some membership, as a test shows.
        Self::ALL.iter().find(same).copied().unwrap_or(Self::ALL[1])
    }

    /// Returns whether the patient may be outside, in the denominator only, and in the numerator.
    fn memberships(self) -> [bool; 3] {
        let outside = self.denominator == DenominatorStatus::Possible;
        let numerator = self.numerator != NumeratorStatus::None;
        [outside, self.numerator != NumeratorStatus::Certain, numerator]
    }
}

impl DenominatorStatus {
    /// Returns the identifier in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            DenominatorStatus::Possible => "possible",
            DenominatorStatus::Certain => "certain",
        }
    }
}

impl NumeratorStatus {
    /// Returns the identifier in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            NumeratorStatus::None => "none",
            NumeratorStatus::Possible => "possible",
            NumeratorStatus::Certain => "certain",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By definition: a patient who was possibly seen may be outside. A patient whose message certainly qualifies is in the numerator if in
    /// the denominator.
    #[test]
    fn a_standing_allows_what_its_words_say() {
        let allowed = [
            [true, true, false],
            [true, true, true],
            [true, false, true],
            [false, true, false],
            [false, true, true],
            [false, false, true],
        ];
        assert_eq!(Membership::ALL.map(Membership::memberships), allowed);
    }

    #[test]
    fn together_is_the_higher_of_both_memberships() {
        for one in Membership::ALL {
            for other in Membership::ALL {
                let mut allowed = [false; 3];
                for (mine, _) in one.memberships().iter().enumerate().filter(|(_, may)| **may) {
                    for (theirs, _) in other.memberships().iter().enumerate().filter(|(_, may)| **may) {
                        allowed[mine.max(theirs)] = true;
                    }
                }
                assert_eq!(one.union(other).memberships(), allowed, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_code_is_a_position() {
        for (code, standing) in Membership::ALL.into_iter().enumerate() {
            assert_eq!(standing.code(), code);
        }
    }
}
