//! A line of an input with nothing of what it says, to be shown with a finding.

use std::io::{BufRead, BufReader, Read};
use std::ops::Range;

use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::validation::MaskedLine;
use mucalc_read::{FileFormat, InputSource, ReadContext, ReadSummary, text_of};

/// Longer lines are cut off.
const LONGEST: usize = 160;

/// The line of a place; none where the input is no text, or the place is no line of it.
pub fn excerpt(
    source: &InputSource,
    summary: &ReadSummary,
    place: &SourceLocation,
    reading: &ReadContext<'_>,
) -> Option<MaskedLine> {
    let line = place.line?;
    let nature = summary.nature;
    let FileFormat::Separated(dialect) = nature.format else { return None };
    // A place far behind is not worth reading the input once more.
    if line > 1_000_000 {
        return None;
    }
    let mut text = BufReader::new(text_of(source, reading, nature, dialect)?);
    let (header, before) = nth_line(&mut text, summary.header.line(), 0)?;
    let raw = if line == before { header.clone() } else { nth_line(&mut text, line, before)?.0 };
    let cells = |text: &str| cells(text, dialect.separator, dialect.quotes);
    let name = |range: Range<usize>| header[range].trim_matches('"').to_owned();
    let at = place
        .column
        .as_ref()
        .and_then(|wanted| cells(&header).into_iter().position(|cell| name(cell) == *wanted));
    let span = at.and_then(|at| cells(&raw).get(at).cloned()).unwrap_or(0..raw.len());
    let masked: String = raw.chars().map(mask).collect();
    // Masks are of one byte, whatever they stand for.
    let before = |end: usize| raw[..end].chars().count();
    let span = before(span.start)..before(span.end);
    if masked.len() <= LONGEST {
        return Some(MaskedLine { span: span.start..span.end.max(span.start), text: masked });
    }
    let begin = span.start.saturating_sub(LONGEST / 2).min(masked.len() - LONGEST);
    let text = masked[begin..begin + LONGEST].to_owned();
    let inside = |at: usize| at.saturating_sub(begin).min(LONGEST);
    Some(MaskedLine { span: inside(span.start)..inside(span.end), text })
}

/// The line with this number, of a text of which so many were read, and its number.
fn nth_line(text: &mut impl BufRead, line: u64, before: u64) -> Option<(String, u64)> {
    for _ in before + 1..line {
        text.skip_until(b'\n').ok().filter(|skipped| *skipped > 0)?;
    }
    let mut raw = Vec::new();
    text.take(LINE).read_until(b'\n', &mut raw).ok()?;
    Some((String::from_utf8_lossy(&raw).trim_end_matches(['\r', '\n']).to_owned(), line))
}

/// Of a longer line only the beginning is read.
const LINE: u64 = 1 << 16;

/// Where the cells of a record stand, as far as it stands on one line.
fn cells(raw: &str, separator: u8, quotes: bool) -> Vec<Range<usize>> {
    let (mut begin, mut quoted, mut cells) = (0, false, Vec::new());
    for (position, byte) in raw.bytes().enumerate() {
        if byte == b'"' && quotes {
            quoted = !quoted;
        } else if byte == separator && !quoted {
            cells.push(begin..position);
            begin = position + 1;
        }
    }
    cells.push(begin..raw.len());
    cells
}

fn mask(c: char) -> char {
    match c {
        c if c.is_numeric() => '9',
        c if c.is_uppercase() => 'A',
        c if c.is_alphabetic() => 'a',
        '\t' => ' ',
        c if c.is_ascii_graphic() || c == ' ' => c,
        _ => '?',
    }
}
