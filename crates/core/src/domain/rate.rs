//! A rate as people read it: two decimals that never contradict the verdict. No decision is taken on it.

use crate::domain::score::{MembershipCounts, Threshold};

/// The cautious rate: the least numerator over the greatest denominator, in percent.
///
/// None where nobody was seen.
pub fn cautious(score: &MembershipCounts, threshold: Threshold) -> Option<String> {
    percent(score.numerator().least, score.denominator().most, threshold)
}

/// The hopeful rate: everything uncertain turns out in favour, in percent.
///
/// None where then nobody was seen.
pub fn hopeful(score: &MembershipCounts, threshold: Threshold) -> Option<String> {
    percent(score.numerator().most, score.hopeful_denominator(), threshold)
}

/// `100 * numerator / denominator` to the nearest hundredth, halves up; but a rate on one side of the threshold
/// is never printed as the threshold or beyond it: 4.996 prints 4.99 and 5.004 prints 5.01.
pub fn percent(numerator: u64, denominator: u64, threshold: Threshold) -> Option<String> {
    if denominator == 0 {
        return None;
    }
    // Without a percentage to reach, what is kept apart is something and nothing.
    let limit = match threshold {
        Threshold::MoreThanPercent(limit) => limit,
        Threshold::AtLeast(_) | Threshold::Attested => 0,
    };
    let (numerator, denominator) = (u128::from(numerator), u128::from(denominator));
    let nearest = (20_000 * numerator + denominator) / (2 * denominator);
    let limit_hundredths = u128::from(limit) * 100;
    let hundredths = match (10_000 * numerator).cmp(&(limit_hundredths * denominator)) {
        std::cmp::Ordering::Less => nearest.min(limit_hundredths.saturating_sub(1)),
        std::cmp::Ordering::Equal => limit_hundredths,
        std::cmp::Ordering::Greater => nearest.max(limit_hundredths + 1),
    };
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_rate_never_crosses_the_threshold() {
        let five = Threshold::MoreThanPercent(5);
        for (numerator, denominator, printed) in [
            (1, 19, "5.26"),
            (1, 20, "5.00"),
            (1249, 25_000, "4.99"), // 4.996
            (1251, 25_000, "5.01"), // 5.004
            (501, 10_000, "5.01"),
            (1, 32, "3.13"), // 3.125, halves up
            (1, 3, "33.33"),
            (2, 3, "66.67"),
            (0, 7, "0.00"),
            (7, 7, "100.00"),
        ] {
            assert_eq!(percent(numerator, denominator, five).as_deref(), Some(printed));
        }
        assert_eq!(percent(0, 0, five), None);
        let one = Threshold::AtLeast(1);
        assert_eq!(percent(1, 100_000, one).as_deref(), Some("0.01"));
        assert_eq!(percent(0, 100_000, one).as_deref(), Some("0.00"));
        assert_eq!(percent(1, 20, one).as_deref(), Some("5.00"));
    }
}
