//! Formats rates for display, with two decimals that never contradict the result. No result depends on them.

use crate::domain::score::{MembershipCounts, Threshold};

/// Returns the lowest rate in percent: the lowest numerator over the highest denominator.
///
/// `None` if no patient was seen.
pub fn lowest_rate(score: &MembershipCounts, threshold: Threshold) -> Option<String> {
    format_rate(score.numerator().least, score.denominator().most, threshold)
}

/// Returns the highest rate in percent, which assumes that every unresolved record qualifies.
///
/// `None` if no patient would be seen then.
pub fn highest_rate(score: &MembershipCounts, threshold: Threshold) -> Option<String> {
    format_rate(score.numerator().most, score.highest_rate_denominator(), threshold)
}

/// Returns `100 * numerator / denominator` to the nearest hundredth, halves rounded up; `None` if the denominator is 0.
///
/// A rate on one side of the threshold never prints as the threshold or beyond it. With a threshold of 5%, 4.996 prints as 4.99 and 5.004
/// as 5.01.
pub fn format_rate(numerator: u64, denominator: u64, threshold: Threshold) -> Option<String> {
    if denominator == 0 {
        return None;
    }
    // Without a percentage to reach, only zero and more than zero must stay distinct.
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
            assert_eq!(format_rate(numerator, denominator, five).as_deref(), Some(printed));
        }
        assert_eq!(format_rate(0, 0, five), None);
        let one = Threshold::AtLeast(1);
        assert_eq!(format_rate(1, 100_000, one).as_deref(), Some("0.01"));
        assert_eq!(format_rate(0, 100_000, one).as_deref(), Some("0.00"));
        assert_eq!(format_rate(1, 20, one).as_deref(), Some("5.00"));
    }
}
