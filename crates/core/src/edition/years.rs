//! Program years: the calendar years in which a reporting period begins.

use std::fmt;

/// A year, or a range of years; both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramYears {
    /// The first year.
    pub first: i32,
    /// The last year.
    pub last: i32,
}

impl ProgramYears {
    /// Parses `2014` or `2017-2018`.
    pub fn parse(text: &str) -> Option<Self> {
        let year = |text: &str| {
            let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| is_year)
        };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let years = Self { first: year(first)?, last: year(last)? };
        (years.first <= years.last).then_some(years)
    }

    /// Returns the year itself if it is in the range, or else the nearest year that is.
    pub fn nearest(self, year: i32) -> i32 {
        year.clamp(self.first, self.last)
    }

    /// Returns whether the year is in the range.
    pub fn contains(self, year: i32) -> bool {
        (self.first..=self.last).contains(&year)
    }
}

impl fmt::Display for ProgramYears {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first == self.last {
            true => write!(f, "{}", self.first),
            false => write!(f, "{} to {}", self.first, self.last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_one_or_a_span() {
        let shown = |text| ProgramYears::parse(text).map(|years| years.to_string());
        assert_eq!(shown("2014").as_deref(), Some("2014"));
        assert_eq!(shown("2017-2018").as_deref(), Some("2017 to 2018"));
        for wrong in ["", "14", "2018-2017", "2017-", "2014 ", "+201", "20145"] {
            assert_eq!(shown(wrong), None, "{wrong}");
        }
    }
}
