//! Sums the memberships of pairs over candidate periods, run by run.

use std::collections::HashMap;

use crate::domain::membership::Membership;
use crate::domain::score::MembershipCounts;

/// For each provider and membership, the changes from one candidate period to the next. A pair costs two changes per run of equal
/// memberships.
pub(super) type WindowSums = HashMap<u32, Vec<i64>>;

pub(super) const STANDINGS: usize = Membership::ALL.len();

/// Returns the score of every candidate period.
pub(super) fn scores_of(sums: &[i64]) -> Vec<MembershipCounts> {
    let windows = sums.len() / STANDINGS - 1;
    let mut scores = vec![MembershipCounts::default(); windows];
    for (code, changes) in sums.chunks(windows + 1).enumerate() {
        let mut patients = 0;
        for (score, change) in scores.iter_mut().zip(changes) {
            patients += change;
            score.add(Membership::ALL[code], patients as u64);
        }
    }
    scores
}

/// Adds the memberships of a pair, run by run. Overwrites `seen`.
pub(super) fn add(seen: &mut [u8], wrote: &[u8], sums: &mut [i64]) {
    let windows = seen.len();
    // One number per candidate period: 0 if the patient was not seen, otherwise the code of the membership plus 1.
    for (seen, wrote) in seen.iter_mut().zip(wrote) {
        *seen = if *seen == 0 { 0 } else { (*seen - 1) * 3 + wrote + 1 };
    }
    let mut begin = 0;
    while begin < windows {
        let end = begin + run(&seen[begin..]);
        if let Some(code) = seen[begin].checked_sub(1) {
            let at = usize::from(code) * (windows + 1);
            sums[at + begin] += 1;
            sums[at + end] -= 1;
        }
        begin = end;
    }
}

/// Returns the number of bytes at the start that are equal.
fn run(bytes: &[u8]) -> usize {
    let Some(first) = bytes.first() else { return 0 };
    let same = u64::from_le_bytes([*first; 8]);
    let (words, _) = bytes.as_chunks::<8>();
    // Compare eight bytes at a time, and the rest one by one.
    let whole = words.iter().take_while(|word| u64::from_le_bytes(**word) == same).count() * 8;
    whole + bytes[whole..].iter().take_while(|byte| *byte == first).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::membership::{DenominatorStatus, NumeratorStatus};

    #[test]
    fn a_standing_is_its_code_and_runs_end_where_it_changes() {
        for (code, standing) in Membership::ALL.iter().enumerate() {
            let seen = if standing.denominator == DenominatorStatus::Certain { 2 } else { 1 };
            let wrote = [NumeratorStatus::None, NumeratorStatus::Possible, NumeratorStatus::Certain]
                .iter()
                .position(|wrote| *wrote == standing.numerator)
                .unwrap_or_default() as u8;
            for length in [1, 7, 8, 9, 40] {
                let (mut seen, wrote) = ([vec![seen; length], vec![0, 0]].concat(), vec![wrote; length + 2]);
                let mut sums = vec![0; STANDINGS * (length + 3)];
                add(&mut seen, &wrote, &mut sums);
                let scores = scores_of(&sums);
                let mut one = MembershipCounts::default();
                one.add(Membership::ALL[code], 1);
                assert!(scores[..length].iter().all(|score| *score == one), "{standing:?} {length}");
                assert!(
                    scores[length..].iter().all(|score| *score == MembershipCounts::default()),
                    "{standing:?} {length}"
                );
            }
        }
    }
}
