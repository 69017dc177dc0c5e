//! Writes the floating-point numbers of JSON and Parquet as text. Those of workbooks are in `number_format`.

/// Writes a 64-bit number.
///
/// A whole number is written in digits, as long as the type distinguishes it from its neighbors. Any other number is written with a signed
/// exponent, such as `7.5e+00`. The exponent shows that the number is damaged if it is used as an id.
pub fn double_text(value: f64) -> String {
    text(value, f64::MANTISSA_DIGITS, || format!("{value:e}"))
}

/// Writes a 32-bit number as [`double_text`] writes a 64-bit one.
pub fn single_text(value: f32) -> String {
    text(value.into(), f32::MANTISSA_DIGITS, || format!("{value:e}"))
}

fn text(value: f64, digits: u32, exponential: impl Fn() -> String) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    // A double distinguishes all whole numbers below 2^53, and a float those below 2^24.
    if value.fract() == 0.0 && value.abs() < 2f64.powi(digits as i32) {
        return (value as i64).to_string();
    }
    let text = exponential();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let point = if mantissa.contains('.') { "" } else { ".0" };
    format!("{mantissa}{point}e{exponent:+03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_its_digits_and_any_other_has_an_exponent() {
        for (value, written) in [
            (7.0, "7"),
            (-0.0, "0"),
            (-12.0, "-12"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (9_007_199_254_740_992.0, "9.007199254740992e+15"),
            (9_007_199_254_740_994.0, "9.007199254740994e+15"),
            (1e16, "1.0e+16"),
            (7.5, "7.5e+00"),
            (-0.25, "-2.5e-01"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(double_text(value), written);
        }
        assert_eq!(single_text(16_777_215.0), "16777215");
        assert_eq!(single_text(16_777_216.0), "1.6777216e+07");
        assert_eq!(single_text(0.1), "1.0e-01");
    }
}
