//! Masks a line of an input, so that a finding can show the line without its values.

use std::io::{BufRead, BufReader, Read};
use std::ops::Range;

use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::validation::MaskedLine;
use mucalc_read::{FileFormat, InputSource, ReadContext, ReadSummary, decode_text};

/// Maximum length of a masked line, in characters. Longer lines are cut.
const LONGEST: usize = 160;

/// Returns the masked line of a location. `None` if the input is not separated text, or if the location has no line or one after the first
/// million.
pub fn masked_line(
    source: &InputSource,
    summary: &ReadSummary,
    place: &SourceLocation,
    reading: &ReadContext<'_>,
) -> Option<MaskedLine> {
    let line = place.line?;
    let nature = summary.nature;
    let FileFormat::Separated(dialect) = nature.format else { return None };
    // Reading the input again up to a distant line takes too long.
    if line > 1_000_000 {
        return None;
    }
    let mut text = BufReader::new(decode_text(source, reading, nature, dialect)?);
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
    // Each character is masked by one byte, so positions are counted in characters.
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

/// Returns a line and its number. `before` is the number of lines already read from the text.
fn nth_line(text: &mut impl BufRead, line: u64, before: u64) -> Option<(String, u64)> {
    for _ in before + 1..line {
        text.skip_until(b'\n').ok().filter(|skipped| *skipped > 0)?;
    }
    let mut raw = Vec::new();
    text.take(LINE).read_until(b'\n', &mut raw).ok()?;
    Some((String::from_utf8_lossy(&raw).trim_end_matches(['\r', '\n']).to_owned(), line))
}

/// Maximum number of bytes read of a line.
const LINE: u64 = 1 << 16;

/// Returns the byte range of each cell of a record, as far as the record is on this line.
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
