//! The two signs that stand between the values of a cell, and how a text is kept that has them in it.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// Stands between the values of a cell that has several.
pub const BETWEEN: char = '\u{1E}';

/// Stands between what the elements of an array say of which each makes a row.
pub const ELEMENT: char = '\u{1D}';

/// What stands for them in a text of an export: two signs that Unicode keeps for such use inside of a program.
const GUARDS: [(char, char); 2] = [(BETWEEN, '\u{FDD0}'), (ELEMENT, '\u{FDD1}')];

/// The first byte of both guards.
const FIRST: u8 = 0xEF;

/// Returns a text of an export in which no sign can be taken for one that stands between values.
#[inline]
pub fn guarded(text: &str) -> Cow<'_, str> {
    match memchr2(BETWEEN as u8, ELEMENT as u8, text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(replaced(text, |(sign, guard)| (sign, guard))),
    }
}

/// Returns a value as the export has it.
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
