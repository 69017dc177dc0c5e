//! What a review shows of a provider's result.

use crate::words;
use mucalc_core::domain::score::{MembershipCounts, Threshold};

/// Returns a provider's figures and result as a text: `1–2 of 20 unique patients: indeterminate`.
pub fn result_text(score: &MembershipCounts, threshold: Threshold) -> String {
    let (numerator, denominator) = (words::bounds(score.numerator()), words::bounds(score.denominator()));
    format!("{numerator} of {denominator} unique patients: {}", words::verdict(score.verdict(threshold)))
}
