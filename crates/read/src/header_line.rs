//! Finds the header line of a text, and what separates its columns.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use crate::header_shape;
use crate::wanted::SniffHints;
use mucalc_core::domain::text::normalize_key;

/// The location of the header in text with separators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderLine {
    /// Lines before the header: titles, blank lines, and the line in which a spreadsheet names the separator.
    pub before: u64,
    /// Byte between two columns.
    pub separator: u8,
    /// Whether each name is in quotation marks.
    pub is_quoted: bool,
}

/// Number of lines searched for the header, since titles and dates of an export may come before it.
const TITLES: usize = 50;

/// Possible separators of columns. The last of equally good ones is used.
const SEPARATORS: &[u8] = b"\x01^~|;\t,";

impl HeaderLine {
    /// Finds the header of a text that begins like this: the first line with all required columns. Otherwise, it is the first line, unless
    /// that has no wanted column. Then it is the line with the most wanted columns, if it has several, or the first line of names that has as
    /// many columns as most lines.
    pub fn find(begin: &[u8], wanted: &SniffHints) -> Self {
        let lines = begin.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let lines: Vec<(u64, &[u8])> =
            (0..).zip(lines).filter(|(_, line)| !line.trim_ascii().is_empty()).take(TITLES).collect();
        let named = lines.first().and_then(|(_, line)| named_separator(line));
        let (named_only, usual) = (wanted.separator.or(named).map(|separator| [separator]), SEPARATORS);
        let separators: &[u8] = named_only.as_ref().map_or(usual, |named| named);
        let lines = &lines[usize::from(named.is_some() && lines.len() > 1)..];
        // Only lines with a known name are checked for all required columns, because lines and names are many.
        let known: HashSet<String> = wanted.names.iter().map(|name| normalize_key(name)).collect();
        let of_line = |at: usize| {
            let ((before, line), above) = (&lines[at], at.checked_sub(1).map(|above| lines[above].1));
            let rate = |separator: u8| rating(&names(line, above, separator), wanted, &known);
            let rated = separators.iter().map(|separator| (rate(*separator), *separator));
            let (rating, separator) = rated.max_by_key(|(rating, _)| *rating).unwrap_or_default();
            (rating, Self { before: *before, separator, is_quoted: is_quoted(line, separator) })
        };
        if let Some(line) = wanted.header {
            let header = lines.iter().position(|(before, _)| before + 1 >= line).map(|at| of_line(at).1);
            let header = header.unwrap_or(Self { before: 0, separator: b',', is_quoted: false });
            return Self { before: line.saturating_sub(1), ..header };
        }
        let rated_at = |at: usize| (at < lines.len()).then(|| of_line(at));
        let first = rated_at(0);
        let suits = |(rating, _): &(Rating, Self)| rating.suits;
        // A query that names the columns may be above the header, which has all of them.
        let is_above = |one: &(Rating, Self), below: Option<&(Rating, Self)>| {
            below.is_some_and(|below| suits(below) && below.0.found > one.0.found)
        };
        let second = rated_at(1);
        let is_header = |first: &(Rating, Self)| suits(first) && !is_above(first, second.as_ref());
        if let Some((_, first)) = first.filter(|first| is_header(first) || lines.len() == 1) {
            return first;
        }
        let rated: Vec<(Rating, Self)> = (0..lines.len()).map(of_line).collect();
        // The first of equally full lines. A row may have cells that are names elsewhere, such as `Patient`, and also has a day or a number.
        let is_of_names = |(_, header): &&(Rating, Self)| {
            let line = lines.iter().find(|(before, _)| *before == header.before);
            line.is_some_and(|(_, line)| {
                let text = String::from_utf8_lossy(line);
                header_shape::has_names(&cells(&text, char::from(header.separator)))
            })
        };
        let fullest = rated.iter().rev().filter(is_of_names).max_by_key(|(rating, _)| rating.found);
        let whole =
            (0..rated.len()).find(|at| suits(&rated[*at]) && !is_above(&rated[*at], rated.get(at + 1)));
        let best = whole.map(|at| &rated[at]).or_else(|| {
            let is_title = first.is_some_and(|(rating, _)| rating.found == 0);
            fullest.filter(|(rating, _)| is_title && rating.found > 1)
        });
        let by_shape = || {
            let is_title = first.is_none_or(|(rating, _)| rating.found == 0);
            let (at, separator) = is_title.then(|| by_shape(lines, separators)).flatten()?;
            let (before, line) = lines[at];
            Some((Rating::default(), Self { before, separator, is_quoted: is_quoted(line, separator) }))
        };
        let found = best.copied().or_else(by_shape).or(first);
        let Some((rating, found)) = found else {
            return Self { before: 0, separator: b',', is_quoted: false };
        };
        let below = lines.iter().find(|(before, _)| *before > found.before);
        if let Some((before, line)) =
            below.filter(|(_, below)| !rating.suits && found.names_groups(lines, below))
        {
            return Self { before: *before, is_quoted: is_quoted(line, found.separator), ..found };
        }
        found
    }

    /// Returns whether this line only names groups of the columns in the line below.
    fn names_groups(&self, lines: &[(u64, &[u8])], below: &[u8]) -> bool {
        let Some((_, line)) = lines.iter().find(|(before, _)| *before == self.before) else { return false };
        let (line, below) = (String::from_utf8_lossy(line), String::from_utf8_lossy(below));
        let separator = char::from(self.separator);
        header_shape::names_groups(&cells(&line, separator), &cells(&below, separator))
    }
}

/// Returns the position of the header by the shape of the lines, with the separator that most lines have equally often.
fn by_shape(lines: &[(u64, &[u8])], separators: &[u8]) -> Option<(usize, u8)> {
    let texts: Vec<Cow<'_, str>> = lines.iter().map(|(_, line)| String::from_utf8_lossy(line)).collect();
    let rows_of = |separator: u8| -> Vec<Vec<&str>> {
        texts.iter().map(|text| cells(text, char::from(separator))).collect()
    };
    let usual = |separator: &u8| {
        let mut frequencies: BTreeMap<usize, usize> = BTreeMap::new();
        let widths = rows_of(*separator).into_iter().map(|row| row.len()).filter(|width| *width > 1);
        widths.for_each(|width| *frequencies.entry(width).or_default() += 1);
        let (width, lines) = frequencies.into_iter().max_by_key(|(width, lines)| (*lines, *width))?;
        Some((lines, width, *separator))
    };
    let (.., separator) = separators.iter().filter_map(usual).max()?;
    Some((header_shape::by_shape(&rows_of(separator))?, separator))
}

/// Returns the cells of a line. A separator between quotation marks separates nothing.
fn cells(line: &str, separator: char) -> Vec<&str> {
    let mut is_quoted = false;
    let between = |c: char| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    };
    line.split(between).collect()
}

/// How well a line qualifies as the header with a separator. The fields are compared in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rating {
    suits: bool,
    found: usize,
    separators: usize,
}

/// Returns the names of columns in a line. The line above may name groups of columns.
fn names(line: &[u8], above: Option<&[u8]>, separator: u8) -> Vec<String> {
    let text = |name: &[u8]| {
        let name = name.trim_ascii();
        let name = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name);
        String::from_utf8_lossy(name).into_owned()
    };
    let texts = |line: &[u8]| -> Vec<String> { line.split(|byte| *byte == separator).map(text).collect() };
    let mut names = texts(line);
    let above = above.map(texts).unwrap_or_default();
    header_shape::name_by_group(&mut names, &above.iter().map(String::as_str).collect::<Vec<_>>());
    names
}

fn rating(names: &[String], wanted: &SniffHints, known: &HashSet<String>) -> Rating {
    let is_known = |name: &String| known.contains(&normalize_key(name));
    Rating {
        suits: names.iter().any(is_known) && wanted.suits(&wanted.folded(names)),
        found: names.iter().filter(|name| wanted.has(name.as_bytes())).count(),
        separators: names.len() - 1,
    }
}

/// Returns whether each name of a header is in quotation marks.
fn is_quoted(line: &[u8], separator: u8) -> bool {
    let mut names = line.split(|byte| *byte == separator).map(<[u8]>::trim_ascii);
    names.all(|name| name.len() > 1 && name.starts_with(b"\"") && name.ends_with(b"\""))
}

/// Returns the separator that a line such as `sep=;` names. Spreadsheets read and write this line.
fn named_separator(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_start();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', separator] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(*separator),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;
    use mucalc_core::domain::input::InputRole;

    #[test]
    fn the_header_is_found_behind_titles_and_whatever_separates_its_columns() {
        let wanted =
            SniffHints::for_layout(Layout::canonical().input(InputRole::Encounters), InputRole::Encounters);
        for (text, before, separator) in [
            ("patient_id,provider_id,started_at\n1,2,3\n", 0, b','),
            ("\n\npatient_id;provider_id;started_at\r\n1;2;3\r\n", 2, b';'),
            (
                "Encounters, all sites\nMade on 2014-10-01\n\npatient_id,provider_id,started_at\nP1,A,x\n",
                3,
                b',',
            ),
            ("sep=;\r\npatient_id;provider_id;started_at\r\n", 1, b';'),
            ("\"sep=\t\"\npatient_id\tprovider_id\tstarted_at\n", 1, b'\t'),
            ("SEP=#\npatient_id#provider_id#started_at\n", 1, b'#'),
            ("patient_id~provider_id~started_at\n", 0, b'~'),
            ("patient_id\x01provider_id\x01started_at\n", 0, 1),
            ("patient_id^provider_id^started_at^note, free\n", 0, b'^'),
            // Required columns are missing: the header is the line with most of the wanted columns.
            ("Encounters\npatient_id|started_at|x\n", 1, b'|'),
            ("patient_id,x,y\nP1,A,B\n", 0, b','),
            ("a;b;c\n1;2;3\n", 0, b';'),
            // No column is known: titles have fewer columns than the rows.
            (
                "Visits, all\nPrinted 10/01/2014\n\nMRN,Date of Service,Seen By\n1,07/14/2014,Smith\n2,07/15/2014,Smith\n",
                3,
                b',',
            ),
            (
                "Visits\nMRN,Seen By,Date\n1,\"Smith, J, MD\",07/14/2014\n2,\"Smith, J, MD\",07/15/2014\n",
                1,
                b',',
            ),
            ("Visits\nMRN|Date|Doctor, MD\n1|07/14/2014|Smith, J\n2|07/15/2014|Smith, J\n", 1, b'|'),
            // A row has cells that are names elsewhere, but also a day.
            ("Sent,MRN,From\n07/14/2014,provider_id,patient_id\n", 0, b','),
            // Rows without a header: the first line stands for it, as before.
            ("1001,07/14/2014,Smith\n1002,07/15/2014,Smith\n", 0, b','),
            ("", 0, b','),
            ("sep=;", 0, b';'),
            (
                "SELECT encounter_id, patient_id, provider_id, started_at\nencounter_id,patient_id,provider_id,started_at\n",
                1,
                b',',
            ),
            // The first line names groups of columns, of which some are names elsewhere.
            ("Patient,Message,,Sender\nMRN,Date,Type,Type\n1,07/14/2014,Refill,Patient\n", 1, b','),
            ("patient_id,Message,,sender\nMRN,Date,Type,Type\n1,07/14/2014,Refill,Patient\n", 1, b','),
            ("\"patient_id\", \"provider_id\", \"started_at\"\n", 0, b','),
        ] {
            let found = HeaderLine::find(text.as_bytes(), &wanted);
            assert_eq!((found.before, found.separator), (before, separator), "{text:?}");
            assert_eq!(found.is_quoted, text.contains("\"patient"), "{text:?}");
        }
    }
}
