//! The two characters that separate values within a cell, and how a text that contains them is escaped.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// Separates the values of a cell that has several.
pub const BETWEEN: char = '\u{1E}';

/// Separates the values of different array elements, if each element makes a row.
pub const ELEMENT: char = '\u{1D}';

/// Replacements for these characters in a text of an export: two code points that Unicode reserves for internal use in programs.
const GUARDS: [(char, char); 2] = [(BETWEEN, '\u{FDD0}'), (ELEMENT, '\u{FDD1}')];

/// First byte of both replacements in UTF-8.
const FIRST: u8 = 0xEF;

/// Returns a text of an export with these characters replaced, so that none is taken for a separator.
#[inline]
pub fn guarded(text: &str) -> Cow<'_, str> {
    match memchr2(BETWEEN as u8, ELEMENT as u8, text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(replaced(text, |(sign, guard)| (sign, guard))),
    }
}

/// Returns a value as it is in the export, without replacements.
#[inline]
pub fn restored(value: &str) -> Cow<'_, str> {
    let has_guard =
        memchr(FIRST, value.as_bytes()).is_some() && value.contains(GUARDS.map(|(_, guard)| guard));
    if has_guard { Cow::Owned(replaced(value, |(sign, guard)| (guard, sign))) } else { Cow::Borrowed(value) }
}

#[cold]
fn replaced(text: &str, by: impl Fn((char, char)) -> (char, char)) -> String {
    GUARDS
        .into_iter()
        .map(by)
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to.encode_utf8(&mut [0; 4])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_separator_in_it_stays_one_text() {
        for text in ["", "P1", "P1\u{1E}P2", "\u{1D}", "a\u{1E}\u{1D}b\u{1E}", "ÖﷰP"] {
            let kept = guarded(text);
            assert!(!kept.contains([BETWEEN, ELEMENT]));
            assert_eq!(restored(&kept), text);
        }
    }
}
