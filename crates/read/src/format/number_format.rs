//! Writes the numbers of spreadsheets as text. Ids keep their digits, and numbers that lost digits can be recognized.

/// How a cell displays its number, according to its number format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberFormat {
    /// As a number.
    Plain,
    /// As a day or time.
    Moment,
    /// With leading zeros, such as `00000` or `000-00-0000`.
    Padded(Vec<Piece>),
}

/// An element of a number format that pads with zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A digit, or a zero if the number has no digit here.
    Zero,
    /// A digit, or nothing if the number has no digit here.
    Digit,
    /// A character that is always displayed.
    Literal(char),
}

/// Whole numbers below this limit keep all digits in a workbook. The limit is less than 2^53.
const MAX_WHOLE: f64 = 1e15;

/// Writes a number. A whole number of at most 15 digits is written in digits, so that an id is unchanged.
///
/// Any other number cannot be an intact id. It is written in scientific notation, which marks it as damaged wherever an id is expected.
pub fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < MAX_WHOLE {
        return format!("{value:.0}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            format!("{digits}e{sign}{exponent:0>2}")
        }
        // Not a number, or infinite.
        None => text,
    }
}

impl NumberFormat {
    /// Returns the format of a number, from its id and its code. Built-in formats have no code.
    pub fn new(id: u32, code: Option<&str>) -> Self {
        match code {
            Some(code) => Self::from_code(code),
            // These built-in formats are days and times, some of them only in East Asian languages.
            None if matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58) => Self::Moment,
            None => Self::Plain,
        }
    }

    /// Parses the code of a format. Uses the section for positive numbers, which comes first.
    fn from_code(code: &str) -> Self {
        let mut pieces = Vec::new();
        let mut is_padded = true;
        let mut rest = code.chars();
        while let Some(c) = rest.next() {
            match c {
                ';' => break,
                '"' => pieces.extend(rest.by_ref().take_while(|c| *c != '"').map(Piece::Literal)),
                '\\' => pieces.extend(rest.next().map(Piece::Literal)),
                // A blank as wide as the next character, or a character that fills the cell.
                '_' | '*' => drop(rest.next()),
                '[' => {
                    let within: String = rest.by_ref().take_while(|c| *c != ']').collect();
                    let is_elapsed = !within.is_empty()
                        && within.chars().all(|c| matches!(c, 'h' | 'm' | 's' | 'H' | 'M' | 'S'));
                    if is_elapsed {
                        return Self::Moment;
                    }
                    // A condition makes the format apply only to some numbers. A color or a language does not matter.
                    is_padded &= !within.starts_with(['<', '>', '=']);
                }
                '0' => pieces.push(Piece::Zero),
                '#' => pieces.push(Piece::Digit),
                '-' | ' ' | '(' | ')' | '/' | ':' => pieces.push(Piece::Literal(c)),
                'y' | 'm' | 'd' | 'h' | 's' | 'Y' | 'M' | 'D' | 'H' | 'S' => return Self::Moment,
                _ => is_padded = false,
            }
        }
        let zeros = pieces.iter().filter(|piece| **piece == Piece::Zero).count();
        if is_padded && zeros > 1 { Self::Padded(pieces) } else { Self::Plain }
    }

    /// Writes a number that is not a day or time. Writes it as displayed if the format pads with zeros, otherwise like [`number`].
    pub fn write(&self, value: f64) -> String {
        match self {
            Self::Padded(pieces) if value.fract() == 0.0 && (0.0..MAX_WHOLE).contains(&value) => {
                padded(pieces, &format!("{value:.0}"))
            }
            _ => number(value),
        }
    }
}

/// Puts digits into a format from the right. Digits without a place precede the first place.
fn padded(pieces: &[Piece], digits: &str) -> String {
    let mut shown: Vec<char> = Vec::new();
    let mut left: Vec<char> = digits.chars().collect();
    let mut places = pieces.iter().filter(|piece| !matches!(piece, Piece::Literal(_))).count();
    for piece in pieces.iter().rev() {
        match piece {
            Piece::Literal(c) => shown.push(*c),
            Piece::Zero | Piece::Digit => {
                let digit = left.pop();
                shown.extend(digit.or((*piece == Piece::Zero).then_some('0')));
                places -= 1;
                if places == 0 {
                    shown.extend(left.drain(..).rev());
                }
            }
        }
    }
    shown.iter().rev().collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_fifteen_digits_are_kept_and_others_say_what_they_lost() {
        for (value, text) in [
            (7.0, "7"),
            (-12.0, "-12"),
            (999_999_999_999_999.0, "999999999999999"),
            (1e15, "1e+15"),
            (123_456_789_012_345_678.0, "1.2345678901234568e+17"),
            (7.5, "7.5e+00"),
            (0.000_001, "1e-06"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn a_format_that_pads_shows_its_zeros() {
        for (code, value, text) in [
            ("00000", 991.0, "00991"),
            ("00000", 1_234_567.0, "1234567"),
            ("00000;-00000", 991.0, "00991"),
            ("00000_)", 991.0, "00991"),
            ("[Red]00000", 991.0, "00991"),
            ("000\\-00\\-0000", 12_345.0, "000-01-2345"),
            ("\"P\"0000", 42.0, "P0042"),
            ("00000", 7.5, "7.5e+00"),
            ("00000", 1e17, "1e+17"),
            ("00000", -5.0, "-5"),
            ("0", 7.0, "7"),
            ("0.00", 7.0, "7"),
            ("#,##0", 1234.0, "1234"),
            ("General", 7.0, "7"),
            ("[<=9999999]000-0000;000 000-0000", 12.0, "12"),
        ] {
            assert_eq!(NumberFormat::new(164, Some(code)).write(value), text, "{code}");
        }
    }

    #[test]
    fn days_are_known_by_their_format() {
        for code in ["yyyy\\-mm\\-dd", "[$-409]d/m/yy h:mm AM/PM;@", "[h]:mm", "hh:mm:ss.000"] {
            assert_eq!(NumberFormat::new(164, Some(code)), NumberFormat::Moment, "{code}");
        }
        for code in ["\"day \"0", "General", "0.00E+00", "\\d0", "@", "[Red]0.0"] {
            assert_eq!(NumberFormat::new(164, Some(code)), NumberFormat::Plain, "{code}");
        }
        assert_eq!(NumberFormat::new(14, None), NumberFormat::Moment);
        assert_eq!(NumberFormat::new(2, None), NumberFormat::Plain);
    }
}
