//! Small wording helpers that messages and reports share.

/// Returns a number with its noun: `1 row`, `2 rows`.
pub fn pluralize(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", with_commas(count), if count == 1 { one } else { many })
}

/// Returns a number with commas between thousands.
pub fn with_commas(count: u64) -> String {
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

/// Returns a phrase with a capital letter at its beginning and a period at its end.
pub fn sentence(phrase: &str) -> String {
    capitalize(phrase) + "."
}

/// Returns a text with a capital letter at its beginning, if that is an ASCII letter.
pub fn capitalize(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// Returns the first sentence of a text, without its period.
pub fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

/// Returns external text on one line, and escapes the characters that a terminal would interpret.
pub fn escape_control(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_control(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Returns external text like [`escape_control`], but keeps its lines.
pub fn printable_lines(text: &str) -> String {
    text.split('\n').map(escape_control).collect::<Vec<_>>().join("\n")
}

/// Returns whether a terminal or an editor would interpret a character instead of showing it.
///
/// These are control characters, marks that reorder the text after them, and ends of lines.
pub fn is_control(c: char) -> bool {
    let reorders = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || reorders(c)
}

/// Returns bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the choice that a misspelled word probably meant.
///
/// The choice is the same except for case and signs, is similar, or contains the word as a part.
pub fn closest_match<'a>(word: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let choices: Vec<&str> = choices.into_iter().collect();
    let bare = normalize_key(word);
    if bare.is_empty() {
        return None;
    }
    let same = choices.iter().copied().find(|choice| self::normalize_key(choice) == bare);
    let part = || choices.iter().copied().find(|choice| has_part(choice, &bare));
    same.or_else(|| like(&word.to_lowercase(), &choices)).or_else(part)
}

/// Returns the choice that is most similar to a lowercase word, if any is similar enough.
fn like<'a>(word: &str, choices: &[&'a str]) -> Option<&'a str> {
    let is_near = |likeness: f64, choice: &str| {
        likeness > 0.75 && strsim::levenshtein(word, choice) <= word.len().max(4) / 2
    };
    choices
        .iter()
        .map(|choice| (choice.to_lowercase(), *choice))
        .map(|(small, choice)| (strsim::jaro_winkler(word, &small), small, choice))
        .filter(|(likeness, small, _)| is_near(*likeness, small))
        .max_by(|(one, ..), (other, ..)| one.total_cmp(other))
        .map(|(.., choice)| choice)
}

/// Returns whether a choice begins with a word or has it between two separators, such as `epic` in `epic-ehi` and `error` in
/// `finding:error`.
fn has_part(choice: &str, bare: &str) -> bool {
    let mut parts = choice.split([':', '/', '-']);
    bare.len() > 2
        && (self::normalize_key(choice).starts_with(bare)
            || parts.any(|part| self::normalize_key(part) == bare))
}

/// Returns a word without the differences between people's spellings: signs, spaces, and capital letters.
pub fn normalize_key(word: &str) -> String {
    word.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Returns `; did you mean ...?`, or an empty text if no choice is similar.
pub fn did_you_mean<'a>(word: &str, choices: impl IntoIterator<Item = &'a str>) -> String {
    closest_match(word, choices).map(|choice| format!("; did you mean `{choice}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_are_readable() {
        assert_eq!(pluralize(1, "row", "rows"), "1 row");
        assert_eq!(pluralize(1_234_567, "row", "rows"), "1,234,567 rows");
        assert_eq!(with_commas(999), "999");
        assert_eq!(
            escape_control("a\u{1b}[31m\u{202e}b\n\u{61c}\u{2028}"),
            "a\\u{1b}[31m\\u{202e}b\\u{a}\\u{61c}\\u{2028}"
        );
        assert_eq!(escape_control("Ärzte–Büro 医院"), "Ärzte–Büro 医院");
        assert_eq!(printable_lines("a\tb\n\n\u{1b}c\r\n"), "a\\u{9}b\n\n\\u{1b}c\\u{d}\n");
        assert_eq!(closest_match("stage2-core71", ["stage2-core17", "canonical"]), Some("stage2-core17"));
        assert_eq!(closest_match("zzz", ["stage2-core17"]), None);
    }

    #[test]
    fn a_word_is_known_again_in_other_letters_and_as_a_part() {
        for (word, meant) in [
            ("JSON", Some("json")),
            ("Stage2 Core17", Some("stage2-core17")),
            ("stage2", Some("stage2-core17")),
            ("error", Some("finding:error")),
            ("New York", Some("America/New_York")),
            ("jsno", Some("json")),
            // Too short to identify a choice, without letters, and not a complete part.
            ("st", None),
            ("--", None),
            ("core", None),
        ] {
            let choices = ["json", "stage2-core17", "finding:error", "America/New_York"];
            assert_eq!(closest_match(word, choices), meant, "{word}");
        }
    }
}
