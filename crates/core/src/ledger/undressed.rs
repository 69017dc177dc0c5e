//! Removes what programs add to ids when they display them: thousands separators, brackets, addresses, and typographic characters.

use std::borrow::Cow;

/// Returns an id without what programs add when they display it.
pub(super) fn undressed(id: &str) -> Cow<'_, str> {
    // Most ids are letters and digits, and need no change.
    if id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Cow::Borrowed(id);
    }
    let text: String = id.chars().filter_map(plain).collect();
    let mut bare = text.trim();
    // The address of a FHIR resource, with its version.
    bare = bare.split("/_history/").next().unwrap_or_default();
    if let Some((_, path)) = bare.split_once("://") {
        bare = path.rsplit('/').next().unwrap_or_default();
    }
    // An identifier of HL7 version 2: the id, and the authority that assigned it.
    bare = bare.split('^').next().unwrap_or_default();
    // A name followed by the id in brackets.
    if let Some((_, inner)) = bare.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        bare = inner;
    }
    bare = bare.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(bare);
    bare = bare.strip_prefix('=').unwrap_or(bare).trim_matches(['\'', '"']);
    let whole =
        bare.strip_suffix(",00").or_else(|| bare.strip_suffix(",0")).or_else(|| bare.strip_suffix('.'));
    let whole = whole.filter(|whole| whole.bytes().all(|byte| byte.is_ascii_digit()));
    let number = ungrouped(whole.unwrap_or(bare));
    match number.trim() {
        "" => Cow::Borrowed(id),
        bare => Cow::Owned(bare.to_owned()),
    }
}

/// Returns the plain form of a typographic character; `None` for a character without width.
fn plain(char: char) -> Option<char> {
    match char {
        '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}' => None,
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        '\u{2018}' | '\u{2019}' | '`' | '\u{B4}' => Some('\''),
        '\u{201C}' | '\u{201D}' => Some('"'),
        '\u{A0}' | '\u{2007}' | '\u{2009}' | '\u{202F}' => Some(' '),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(char) - 0xFEE0),
        char => Some(char),
    }
}

/// Returns a number without its thousands separators.
fn ungrouped(text: &str) -> Cow<'_, str> {
    for sign in [',', '.', ' ', '\''] {
        let mut groups = text.split(sign);
        let is_digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
        let is_first = groups.next().is_some_and(|first| first.len() <= 3 && is_digits(first));
        let mut rest = groups.peekable();
        if is_first && rest.peek().is_some() && rest.all(|group| group.len() == 3 && is_digits(group)) {
            return Cow::Owned(text.replace(sign, ""));
        }
    }
    Cow::Borrowed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_an_id_is_taken_away_and_the_rest_is_left() {
        for (id, bare) in [
            ("12347", "12347"),
            ("P-007", "P-007"),
            ("12,347", "12347"),
            ("1.234.567", "1234567"),
            ("12\u{a0}347", "12347"),
            ("12'347", "12347"),
            ("12,34", "12,34"),
            ("12347.", "12347"),
            ("12347,00", "12347"),
            ("{3F2504E0-4F89}", "3F2504E0-4F89"),
            ("https://x.example/fhir/Patient/P002", "P002"),
            ("Patient/P002/_history/2", "Patient/P002"),
            ("12347^^^MRN", "12347"),
            ("DOE, JANE [12347]", "12347"),
            ("=12347", "12347"),
            ("\u{2018}12347", "12347"),
            ("P\u{2013}7", "P-7"),
            ("Ｐ７", "P7"),
            ("\u{200b}7", "7"),
            ("[]", "[]"),
        ] {
            assert_eq!(undressed(id), bare, "{id:?}");
        }
    }
}
