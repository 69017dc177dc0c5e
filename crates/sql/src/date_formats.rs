//! SQL that rewrites days and times in the formats of a layout as `YYYY-MM-DD`.

use crate::cte::{CaseArm, case};
use crate::dialect::SqlDialect;
use mucalc_read::layout::datetime_format::{DateTimeFormat, DigitCount, FormatPart, MONTHS};

/// How a text in a format becomes a day.
pub(super) struct DateRewrite {
    /// Pattern of the texts in the format.
    pub looks: String,
    /// Each puts a zero before a number with one digit, in a text that the ones before have padded.
    paddings: Vec<Padding>,
    /// Positions of the parts in a text with all its zeros, from 1; year and month with their lengths.
    year: (usize, usize),
    month: (usize, usize),
    day: usize,
}

/// A number of one or two digits at a position, from 1.
struct Padding {
    at: usize,
}

impl DateRewrite {
    /// Returns how texts in a format are rewritten. `None` if text functions are not enough, as for numbers of seconds.
    pub fn new(form: &DateTimeFormat) -> Option<Self> {
        let (mut looks, mut paddings) = (String::from("^"), Vec::new());
        let (mut year, mut month, mut day) = (None, None, None);
        let (mut at, mut fixed) = (1, true);
        let parts = form.parts();
        for part in parts {
            let here = fixed.then_some(at);
            let mut number = |digits: &DigitCount, one: &str, two: &str| match digits {
                DigitCount::Two => two.to_owned(),
                DigitCount::OneOrTwo => {
                    paddings.push(Padding { at });
                    one.to_owned()
                }
            };
            let (look, length) = match part {
                FormatPart::Year4 => {
                    year = here.map(|at| (at, 4));
                    ("[0-9]{4}".to_owned(), 4)
                }
                FormatPart::Year2 => {
                    year = here.map(|at| (at, 2));
                    ("[0-9]{2}".to_owned(), 2)
                }
                FormatPart::Month(digits) => {
                    month = here.map(|at| (at, 2));
                    (number(digits, "(0?[1-9]|1[0-2])", "(0[1-9]|1[0-2])"), 2)
                }
                FormatPart::MonthName => {
                    month = here.map(|at| (at, 3));
                    let either = |c: char| format!("[{}{c}]", c.to_ascii_uppercase());
                    let names = MONTHS.map(|name| name.chars().map(either).collect::<String>());
                    (format!("({})", names.join("|")), 3)
                }
                FormatPart::Day(digits) => {
                    day = here;
                    (number(digits, "(0?[1-9]|[12][0-9]|3[01])", "(0[1-9]|[12][0-9]|3[01])"), 2)
                }
                FormatPart::Hour(digits) => (number(digits, "([01]?[0-9]|2[0-3])", "([01][0-9]|2[0-3])"), 2),
                FormatPart::HourOf12(digits) => (number(digits, "(0?[1-9]|1[0-2])", "(0[1-9]|1[0-2])"), 2),
                FormatPart::Minute | FormatPart::Second => ("[0-5][0-9]".to_owned(), 2),
                FormatPart::HalfDay => ("[AaPp][Mm]".to_owned(), 2),
                FormatPart::Fraction => {
                    fixed = false;
                    ("[0-9]{1,9}".to_owned(), 0)
                }
                FormatPart::Text(c) if c.is_ascii_graphic() && !r"^[]\'".contains(*c) => {
                    (format!("[{c}]"), 1)
                }
                FormatPart::Text(' ') => (" ".to_owned(), 1),
                FormatPart::Text(_)
                | FormatPart::LongMonthName
                | FormatPart::Weekday
                | FormatPart::Offset
                | FormatPart::Serial
                | FormatPart::Epoch
                | FormatPart::EpochMilliseconds
                | FormatPart::Fileman => {
                    return None;
                }
            };
            looks.push_str(&look);
            at += length;
        }
        looks.push('$');
        // Numbers after the date need no zeros.
        let (year, month, day) = (year?, month?, day?);
        let end = (year.0).max(month.0).max(day);
        paddings.retain(|padding| padding.at <= end);
        // The end of a number with one or two digits is known only if text follows it, or nothing.
        let apart = |(at, part): (usize, &FormatPart)| {
            let is_free = matches!(
                part,
                FormatPart::Month(DigitCount::OneOrTwo) | FormatPart::Day(DigitCount::OneOrTwo)
            );
            !is_free || matches!(parts.get(at + 1), None | Some(FormatPart::Text(_)))
        };
        parts.iter().enumerate().all(apart).then_some(Self { looks, paddings, year, month, day })
    }

    /// Returns the number of steps that add zeros.
    pub fn steps(&self) -> usize {
        self.paddings.len()
    }

    /// Returns an expression for the text with another zero, if it is missing.
    pub fn padded(&self, text: &str, step: usize) -> String {
        let Padding { at } = self.paddings[step];
        // A single digit is not followed by another digit.
        let alone = format!(
            "SUBSTR({text} || ' ', {}, 1) NOT IN ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')",
            at + 1
        );
        let before = match at {
            1 => String::new(),
            at => format!("SUBSTR({text}, 1, {}) || ", at - 1),
        };
        case(&[CaseArm::new(alone, format!("{before}'0' || SUBSTR({text}, {at})"))], text)
    }

    /// Returns an expression for the day in a text with all its zeros.
    pub fn day(&self, dialect: SqlDialect, text: &str) -> String {
        let part = |(at, length): (usize, usize)| format!("SUBSTR({text}, {at}, {length})");
        let year = match self.year {
            (_, 4) => part(self.year),
            // As spreadsheets do: 69 is 1969 and 68 is 2068.
            _ => format!("CASE WHEN {0} < '69' THEN '20' ELSE '19' END || {0}", part(self.year)),
        };
        let month = match self.month {
            (_, 2) => part(self.month),
            _ => {
                let arm = |(at, name): (usize, &&str)| {
                    CaseArm::new(
                        format!("LOWER({}) = {}", part(self.month), dialect.literal(name)),
                        format!("'{:02}'", at + 1),
                    )
                };
                case(&MONTHS.iter().enumerate().map(arm).collect::<Vec<_>>(), "''")
            }
        };
        format!("{year} || '-' || {month} || '-' || {}", part((self.day, 2)))
    }
}
