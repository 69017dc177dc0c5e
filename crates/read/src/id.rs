//! Decides whether the text of a cell is an id. Every format uses this module.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use mucalc_core::domain::absence::{AbsenceMarkers, NO_IDS};
use mucalc_core::domain::folding::Folding;

/// How a run reads texts as ids.
#[derive(Clone)]
pub struct IdRules {
    /// Texts that mean "no value" in every column.
    pub markers: AbsenceMarkers,
    /// Differences between ids that the practice declares to be irrelevant.
    pub folding: Folding,
    patterns: IdPatterns,
    /// Spelling in which each id is shown, by its folded form.
    spellings: OnceLock<HashMap<String, String>>,
}

impl IdRules {
    /// Creates the rules of a run.
    pub fn new(markers: AbsenceMarkers, folding: Folding) -> Self {
        let mut patterns = IdPatterns::new(&markers);
        if !folding.is_empty() {
            // Every id has to be folded.
            patterns.first.iter_mut().for_each(|entry| *entry |= ODD_FIRST);
        }
        Self { markers, folding, patterns, spellings: OnceLock::new() }
    }

    /// Returns whether a text is surely an id as written. The first and last byte decide that for almost every cell.
    #[inline(always)]
    pub fn is_plain(&self, text: &[u8]) -> bool {
        self.patterns.is_plain(text)
    }

    /// Reads the text of a cell as the id of a record or a location, which is never folded.
    pub fn read_exactly<'t>(&self, text: &'t str) -> IdText<'t> {
        id_text(text, &self.markers)
    }

    /// Reads the text of a cell as the id of a patient or a provider, folded as the practice declares.
    pub fn read<'t>(&self, text: &'t str) -> IdText<'t> {
        match id_text(text, &self.markers) {
            IdText::Id(id) if !self.folding.is_empty() => IdText::Id(Cow::Owned(self.spelled(&id))),
            other => other,
        }
    }
}

impl IdRules {
    /// Sets the spelling in which each id is shown, by its folded form, unless it was set before.
    pub fn learn(&self, spellings: impl FnOnce() -> HashMap<String, String>) {
        self.spellings.get_or_init(spellings);
    }

    /// Returns an id in the spelling in which it is shown.
    pub fn spelled(&self, id: &str) -> String {
        if self.folding.is_empty() {
            return id.to_owned();
        }
        let folded = self.folding.fold(id);
        let shown = self.spellings.get().and_then(|spellings| spellings.get(&folded)).cloned();
        shown.unwrap_or(folded)
    }
}

impl Default for IdRules {
    fn default() -> Self {
        Self::new(AbsenceMarkers::default(), Folding::default())
    }
}

/// The text of a cell, read as an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdText<'t> {
    /// The cell is empty.
    Empty,
    /// A text that means "no value".
    Absent,
    /// What a spreadsheet or a number column left of an id. Several ids may have become this text.
    Damaged,
    /// An id.
    Id(Cow<'t, str>),
}

/// For each first and last byte of a text, what it may begin or end. Decides which texts need a closer look.
///
/// A text needs it if its first byte's entry in [`Self::first`] and its last byte's entry in [`Self::last`] have a bit in common.
#[derive(Clone)]
struct IdPatterns {
    first: [u8; 256],
    last: [u8; 256],
    /// The length of the longest absence marker or word for infinity, in bytes.
    longest: usize,
}

/// May begin or end an absence marker or a word for infinity.
const MARKER: u8 = 1;
/// May begin or end a number in scientific notation.
const NUMBER: u8 = 2;
/// Needs a closer look, whatever the last byte is.
const ODD_FIRST: u8 = 4;
/// Needs a closer look, whatever the first byte is.
const ODD_LAST: u8 = 8;

impl IdPatterns {
    /// Builds the tables for these markers.
    fn new(markers: &AbsenceMarkers) -> Self {
        let (mut first, mut last) = ([ODD_LAST; 256], [ODD_FIRST; 256]);
        for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_graphic()) {
            first[usize::from(byte)] |= ODD_FIRST;
            last[usize::from(byte)] |= ODD_LAST;
        }
        for guard in [b'=', b'\'', b'"'] {
            first[usize::from(guard)] |= ODD_FIRST;
        }
        last[usize::from(b'"')] |= ODD_LAST;
        let mut longest = 0;
        for marker in markers.texts().chain(INFINITIES).chain(NO_IDS) {
            longest = longest.max(marker.len());
            for (table, byte) in [(&mut first, marker.bytes().next()), (&mut last, marker.bytes().last())] {
                if let Some(byte) = byte {
                    table[usize::from(byte.to_ascii_lowercase())] |= MARKER;
                    table[usize::from(byte.to_ascii_uppercase())] |= MARKER;
                }
            }
        }
        for byte in *b"0123456789+-." {
            first[usize::from(byte)] |= NUMBER;
        }
        for digit in b'0'..=b'9' {
            last[usize::from(digit)] |= NUMBER;
        }
        Self { first, last, longest }
    }

    /// Returns whether a text is surely an id as written. The first and last byte decide that for almost every cell.
    #[inline(always)]
    fn is_plain(&self, text: &[u8]) -> bool {
        let (Some(first), Some(last)) = (text.first(), text.last()) else { return false };
        let both = self.first[usize::from(*first)] & self.last[usize::from(*last)];
        both == 0 || both == NUMBER && !may_have_exponent(text) || self.is_no_other(both, text)
    }

    /// Returns whether a text is an id although its first and last byte could be those of something else: it is longer, or has other bytes
    /// between them. Ids of random letters and digits come here.
    #[inline(never)]
    fn is_no_other(&self, both: u8, text: &[u8]) -> bool {
        // A marker in other letter cases is as long, in ASCII.
        let is_no_marker = both & MARKER == 0 || text.len() > self.longest;
        let is_of_number = |byte: &u8| byte.is_ascii_digit() || b"+-.,eE".contains(byte);
        let is_no_number = both & NUMBER == 0 || !text.iter().all(is_of_number);
        both & (ODD_FIRST | ODD_LAST) == 0 && is_no_marker && is_no_number && is_graphic(text)
    }
}

/// Returns whether all bytes are visible ASCII characters.
fn is_graphic(text: &[u8]) -> bool {
    // Sixteen bytes at a time without an early exit, which the compiler turns into vector instructions.
    let are = |part: &[u8; 16]| part.iter().fold(true, |all, byte| all & byte.is_ascii_graphic());
    let (parts, rest) = text.as_chunks();
    parts.iter().all(are) && text.last_chunk().map_or_else(|| rest.iter().all(u8::is_ascii_graphic), are)
}

/// Words for infinity, in lower case.
const INFINITIES: [&str; 6] = ["inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"];

/// Returns whether one of the last bytes may begin an exponent, which has at most a sign and three digits.
#[inline(always)]
fn may_have_exponent(text: &[u8]) -> bool {
    let end = text.len().saturating_sub(1);
    let from = end.saturating_sub(4);
    text[from..end].iter().any(|byte| byte | 0x20 == b'e')
}

/// Reads the text of a cell as an id, without surrounding blanks, invisible characters, and the guards of spreadsheets.
fn id_text<'t>(text: &'t str, markers: &AbsenceMarkers) -> IdText<'t> {
    let text = trimmed(text);
    let text = unguarded(text);
    if text.is_empty() {
        IdText::Empty
    } else if markers.contains(&text) || NO_IDS.iter().any(|none| none.eq_ignore_ascii_case(&text)) {
        IdText::Absent
    } else if is_damaged(&text) || is_torn(&text) {
        IdText::Damaged
    } else {
        IdText::Id(text)
    }
}

/// Returns the text without surrounding blanks, no-break spaces, and zero-width characters.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|char: char| char.is_whitespace() || is_invisible(char))
}

/// Returns whether a character has no width.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{00AD}' | '\u{180E}')
}

/// Returns the text without what exports put around it: `="007"` and `'007`, which make a spreadsheet keep the zeros, and quotation marks
/// that are doubled or follow a blank.
fn unguarded(text: &str) -> Cow<'_, str> {
    let formula = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let apostrophe = || text.strip_prefix('\'').map(|rest| rest.strip_suffix('\'').unwrap_or(rest));
    let marks = || text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match formula.or_else(apostrophe).or_else(marks) {
        Some(inner) => Cow::Owned(trimmed(inner).to_owned()),
        None => Cow::Borrowed(text),
    }
}

/// Returns whether a text seems to be a part of a row, or of two. An id does not begin or end with a quotation mark, or have several lines.
fn is_torn(text: &str) -> bool {
    text.starts_with('"') || text.ends_with('"') || text.contains(is_line_break)
}

/// Returns whether a character is a line break.
pub fn is_line_break(char: char) -> bool {
    matches!(char, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns whether UTF-8 bytes may contain a line break.
pub fn may_break_line(bytes: &[u8]) -> bool {
    // Checking all bytes without an early exit lets the compiler check many at a time.
    bytes.iter().fold(false, |may, byte| may | matches!(byte, b'\n'..=b'\r' | 0xC2 | 0xE2))
}

/// Returns whether a text is a number that lost digits: scientific notation or infinity.
///
/// A text such as `12E4`, without a sign in the exponent and without a decimal point, is more likely an id of hexadecimal digits.
fn is_damaged(text: &str) -> bool {
    if INFINITIES.iter().any(|infinity| text.eq_ignore_ascii_case(infinity)) {
        return true;
    }
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let mantissa = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    let (whole, fraction) = match mantissa.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = exponent.strip_prefix(['+', '-']);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_mantissa = match fraction {
        Some("") | None => is_number(whole),
        Some(fraction) => is_number(fraction) && (whole.is_empty() || is_number(whole)),
    };
    // Exports do not contain numbers with a longer exponent.
    let is_exponent = digits.unwrap_or(exponent).len() <= 3 && is_number(digits.unwrap_or(exponent));
    is_mantissa && is_exponent && (digits.is_some() || fraction.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> IdText<'_> {
        id_text(text, &AbsenceMarkers::default())
    }

    #[test]
    fn blanks_invisible_characters_and_guards_are_no_part_of_an_id() {
        for text in [
            "007",
            " 007 ",
            "\u{A0}007",
            "\u{FEFF}007\u{200B}",
            "\u{202A}007\u{202C}",
            "\u{2068}007\u{2069}",
            "=\"007\"",
            "'007",
            "'007'",
            "=\" 007\"",
            " \"007\"",
        ] {
            assert_eq!(id(text), IdText::Id("007".into()), "{text:?}");
        }
        for text in ["O'1", "A=\"B\"C", "=A1", "5\"4"] {
            assert_eq!(id(text), IdText::Id(text.into()), "{text:?}");
        }
    }

    #[test]
    fn a_text_with_a_stray_quotation_mark_or_a_line_break_is_a_part_of_rows() {
        for text in ["\"P1", "P1\"", "\"", "P1\nP2", "P1\u{b}2", "P1\u{85}2", "P1\u{2028}2", "P1\r\nx"] {
            assert_eq!(id(text), IdText::Damaged, "{text:?}");
        }
        for text in ["P1", "é1", "“P1”"] {
            assert_eq!(id(text), IdText::Id(text.into()), "{text:?}");
        }
    }

    #[test]
    fn a_marker_is_no_id_and_neither_is_nothing() {
        for text in ["", "  ", "\u{200B}", "=\"\"", "'"] {
            assert_eq!(id(text), IdText::Empty, "{text:?}");
        }
        for text in ["NULL", " null ", "#N/A", "-", "=\"NULL\"", "Unknown", "?"] {
            assert_eq!(id(text), IdText::Absent, "{text:?}");
        }
    }

    #[test]
    fn a_number_that_lost_digits_is_damaged() {
        for text in
            ["1.23E+11", "1E+11", "1.23e11", "1,23E+11", "-1.5e-07", "7.5e+00", "inf", "-Infinity", "1.E5"]
        {
            assert_eq!(id(text), IdText::Damaged, "{text:?}");
        }
        for text in ["1E5", "12E4", "E11", "1.23", "A1.23E+11", "1.23E+", "e", "123456789012345678"] {
            assert_eq!(id(text), IdText::Id(text.into()), "{text:?}");
        }
    }

    /// The fast check must never accept a text as an id if the thorough check would not accept it as written.
    #[test]
    fn what_is_plain_is_an_id_as_it_is() {
        let markers = AbsenceMarkers::default();
        let patterns = IdPatterns::new(&markers);
        let parts = [
            "",
            " ",
            "N",
            "null",
            "#n/a",
            "-",
            ".",
            "1",
            "1.2",
            "e",
            "E+1",
            "e-123",
            "inf",
            "'",
            "=\"",
            "\"",
            "\u{A0}",
            "P",
            "[object",
            "object]",
            "5f6a-4e12",
        ];
        let mut plain = 0;
        for first in parts {
            for second in parts {
                for third in parts {
                    let text = format!("{first}{second}{third}");
                    if patterns.is_plain(text.as_bytes()) {
                        plain += 1;
                        assert_eq!(id_text(&text, &markers), IdText::Id(text.as_str().into()));
                    }
                }
            }
        }
        assert!(plain > 1000, "{plain}");
        for text in ["P0001234", "0001234", "1e2f", "a-b", "X.12"] {
            assert!(patterns.is_plain(text.as_bytes()), "{text}");
        }
    }
}
