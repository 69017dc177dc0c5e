//! Small wording helpers shared by messages and reports.

/// `1 row`, `2 rows`: a number with its noun.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(count), if count == 1 { one } else { many })
}

/// A number with its thousands set apart by commas.
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A phrase with a capital letter at its beginning and a full stop at its end.
pub fn sentence(phrase: &str) -> String {
    capital(phrase) + "."
}

/// A text with a capital letter at its beginning.
pub fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// A text from outside with its control characters shown escaped, so that a terminal will not obey them.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_bidi_control(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The choice that a misspelt word probably meant.
pub fn nearest<'a>(word: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    choices
        .into_iter()
        .map(|choice| (strsim::jaro_winkler(word, choice), choice))
        .filter(|(likeness, choice)| {
            *likeness > 0.75 && strsim::levenshtein(word, choice) <= word.len().max(4) / 2
        })
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, choice)| choice)
}

/// `; did you mean ...?`, or nothing.
pub fn did_you_mean<'a>(word: &str, choices: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, choices).map(|choice| format!("; did you mean `{choice}`?")).unwrap_or_default()
}

/// Marks that reorder the text after them on a screen.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_are_readable() {
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(1_234_567, "row", "rows"), "1,234,567 rows");
        assert_eq!(thousands(999), "999");
        assert_eq!(printable("a\u{1b}[31m\u{202e}b"), "a\\u{1b}[31m\\u{202e}b");
        assert_eq!(nearest("stage2-core71", ["stage2-core17", "canonical"]), Some("stage2-core17"));
        assert_eq!(nearest("zzz", ["stage2-core17"]), None);
    }
}
