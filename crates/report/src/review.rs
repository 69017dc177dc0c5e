//! The text of a provider's result in a review.

use crate::words;
use mucalc_core::domain::score::{MembershipCounts, Threshold};

/// Returns a provider's counts and result as a text, such as `1–2 of 20 unique patients: indeterminate`.
pub fn result_text(score: &MembershipCounts, threshold: Threshold) -> String {
    let (numerator, denominator) =
        (words::range_text(score.numerator()), words::range_text(score.denominator()));
    format!("{numerator} of {denominator} unique patients: {}", words::result_text(score.verdict(threshold)))
}
