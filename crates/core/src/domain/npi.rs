//! Checks National Provider Identifiers.

/// Returns whether a number has ten digits, the last of which is a correct check digit.
///
/// The check is Luhn's formula over the digits after the prefix 80840 (45 CFR 162.406, ISO 7812).
pub fn is_valid(number: &str) -> bool {
    let digits: Vec<u32> = "80840".chars().chain(number.chars()).filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != 15 || number.chars().count() != 10 {
        return false;
    }
    let weighted = digits.iter().rev().enumerate().map(|(place, digit)| match place % 2 {
        0 => *digit,
        _ => digit * 2 / 10 + digit * 2 % 10,
    });
    weighted.sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digit_checks_the_others() {
        assert!(is_valid("1234567893"));
        for wrong in
            ["1234567890", "1324567893", "123456789", "12345678930", "12345x7893", "", "１２３４５６７８９３"]
        {
            assert!(!is_valid(wrong), "{wrong}");
        }
        // The digits by themselves would do, but other characters between them make the number invalid.
        for wrong in ["12345-67893", "12345x7899"] {
            assert!(!is_valid(wrong), "{wrong}");
        }
    }
}
