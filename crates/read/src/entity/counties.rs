//! Reads the table of counties: which of them lack broadband, for the exclusion of providers there.

use std::collections::HashMap;

use crate::error::InputError;
use crate::layout::Layout;
use crate::locations::bare;
use crate::parallel::ReadSummary;
use crate::small_table::SmallTableRow;
use crate::source::InputSource;
use crate::{ReadContext, small_table};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::Day;

/// Reads whether each county lacks broadband, by its FIPS code without leading zeros.
///
/// A county lacks broadband if fewer than half of its housing units have it; exactly half is enough (B34). Counties with contradictory rows
/// are omitted, and so are those without a readable share. If all shares seem to be fractions, the result is empty.
///
/// A figure of a later day than `first`, the first day of the reporting period, is a finding (B60). So is a day that cannot be read.
///
/// # Errors
/// If the input cannot be used. The error is the first one in the order of the input.
pub fn read(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    first: Option<Day>,
) -> Result<(HashMap<String, bool>, ReadSummary), InputError> {
    let columns = ["county_fips", "percent", "as_of"];
    let (lines, mut summary) = small_table::read(source, reading, layout, InputRole::Counties, columns)?;
    let [at_county, at_percent, at_day] = columns.map(|name| summary.header.position(name));
    if let Some(line) = first_fraction(&lines) {
        summary.notes.record(FindingCode::FractionsNotPercent, line, at_percent);
        return Ok((HashMap::new(), summary));
    }
    let mut counties: HashMap<String, Option<bool>> = HashMap::new();
    for (line, [county, percent, as_of]) in lines {
        let told = as_of.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let as_of = told.and_then(|text| Day::parse(text.as_bytes()));
        if told.is_some() && as_of.is_none() {
            summary.notes.record(FindingCode::UnreadableDate, line, at_day);
        }
        if as_of.zip(first).is_some_and(|(as_of, first)| first < as_of) {
            summary.notes.record(FindingCode::BroadbandAsOf, line, at_day);
        }
        let Some(county) = county else {
            summary.notes.reject(FindingCode::MissingCounty, line, at_county);
            continue;
        };
        let Some(short) = percent.as_deref().and_then(lacks_broadband) else {
            summary.notes.reject(FindingCode::UnreadableNumber, line, at_percent);
            continue;
        };
        let known = counties.entry(bare(&county).to_owned()).or_insert(Some(short));
        if *known != Some(short) {
            summary.notes.record(FindingCode::DuplicateCounty, line, at_county);
            *known = None;
        }
    }
    summary.notes.sort_places();
    Ok((counties.into_iter().filter_map(|(county, short)| Some((county, short?))).collect(), summary))
}

/// Returns the line of the first share above 0, if all shares seem to be fractions: none exceeds 1 or has a percent sign.
fn first_fraction(lines: &[SmallTableRow<3>]) -> Option<u64> {
    let share = |text: &str| text.trim().parse::<f64>().ok();
    let shares = lines.iter().filter_map(|(line, [_, percent, _])| Some((*line, percent.as_deref()?)));
    let is_fraction = |(_, text): &(u64, &str)| share(text).is_some_and(|share| (0.0..=1.0).contains(&share));
    let is_not_zero = |(_, text): &(u64, &str)| share(text).is_some_and(|share| share > 0.0);
    let first = shares.clone().find(is_not_zero)?;
    let numbers: Vec<_> =
        shares.filter(|(_, text)| share(text.trim_end_matches('%').trim_end()).is_some()).collect();
    numbers.iter().all(is_fraction).then_some(first.0)
}

/// Returns whether a share in percent is less than 50, or `None` if it is not a number from 0 to 100.
fn lacks_broadband(percent: &str) -> Option<bool> {
    let percent = percent.trim_end_matches('%').trim_end();
    // Columns of floating-point numbers are written in this notation.
    if percent.contains("e+") || percent.contains("e-") {
        return percent
            .parse()
            .ok()
            .filter(|share| (0.0..=100.0).contains(share))
            .map(|share: f64| share < 50.0);
    }
    let (whole, behind) = percent.split_once('.').unwrap_or((percent, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(behind) {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let is_more = behind.bytes().any(|digit| digit != b'0');
    (whole < 100 || (whole == 100 && !is_more)).then_some(whole < 50)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_1_at_the_most_are_fractions() {
        let first = |shares: &[&str]| {
            let line = |share: &&str| [None, Some((*share).to_owned()), None];
            let lines: Vec<_> = (2..).zip(shares.iter().map(line)).collect();
            first_fraction(&lines)
        };
        assert_eq!(first(&["0", "0.45", "1"]), Some(3));
        assert_eq!(first(&["0.45", "N/A", "9.1e-01"]), Some(2));
        for percentages in [&["0", "0"][..], &["0.45", "45"], &["0.45%", "0.9%"], &["0.45", "50 %"], &[]] {
            assert_eq!(first(percentages), None, "{percentages:?}");
        }
    }

    #[test]
    fn exactly_half_is_not_short() {
        for (text, short) in [
            ("49.999", Some(true)),
            ("50", Some(false)),
            ("50.0 %", Some(false)),
            ("0", Some(true)),
            ("100.0", Some(false)),
            ("100.1", None),
            ("0.5e2", None),
            ("4.9999e+01", Some(true)),
            ("5.05e+01", Some(false)),
            ("1.005e+02", None),
            ("-5.0e-01", None),
            ("-3", None),
            ("", None),
        ] {
            assert_eq!(lacks_broadband(text), short, "{text}");
        }
    }
}
