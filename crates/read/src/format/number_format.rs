//! Numbers of a spreadsheet as text: ids keep their digits, and what lost digits shows it.

/// How a cell shows its number, by its number format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberFormat {
    /// As a number.
    Plain,
    /// As a day or a time.
    Moment,
    /// With zeros in front, such as `00000` or `000-00-0000`.
    Padded(Vec<Piece>),
}

/// A part of a number format that pads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A digit, or a zero where the number has none.
    Zero,
    /// A digit, or nothing where the number has none.
    Digit,
    /// A character that is always shown.
    Literal(char),
}

/// A workbook keeps so many digits of a number; it has fewer than 2^53.
const MOST_WHOLE: f64 = 1e15;

/// Writes a number. A whole number of at most 15 digits is its digits, so that an id is itself. Any other number is no id that was
/// kept: it is written in scientific notation, by which it is known as damaged wherever an id is meant.
pub fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < MOST_WHOLE {
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
    /// Returns the format of a number, from its id and, unless it is built in, its code.
    pub fn new(id: u32, code: Option<&str>) -> Self {
        match code {
            Some(code) => Self::from_code(code),
            // Of the built-in ones these are days and times, some of them in East Asian languages only.
            None if matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58) => Self::Moment,
            None => Self::Plain,
        }
    }

    /// Parses the code of a format. The section for positive numbers, which comes first, is what counts.
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
                    // What holds only for some numbers; a color or a language does no harm.
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

    /// Writes a number that is no day or time as the cell shows it, where it pads; else as [`number`] does.
    pub fn write(&self, value: f64) -> String {
        match self {
            Self::Padded(pieces) if value.fract() == 0.0 && (0.0..MOST_WHOLE).contains(&value) => {
                padded(pieces, &format!("{value:.0}"))
            }
            _ => number(value),
        }
    }
}

/// Lays digits on the places of a format, from the right; those that have no place stand before the first.
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
