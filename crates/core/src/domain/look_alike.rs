//! Ids that a reader takes for the same: they differ in letter case, in invisible characters, or in letters that look alike.

use std::collections::BTreeMap;

/// Counts the ids that look like another id.
pub fn look_alikes<'i>(ids: impl Iterator<Item = &'i str>) -> u64 {
    let mut by_look: BTreeMap<String, u64> = BTreeMap::new();
    ids.for_each(|id| *by_look.entry(visual_key(id)).or_default() += 1);
    by_look.into_values().filter(|count| *count > 1).sum()
}

/// Returns what a reader sees of an id. Ids that look alike return the same text.
fn visual_key(id: &str) -> String {
    id.chars().filter(|char| !is_unseen(*char)).flat_map(char::to_lowercase).map(plain).collect()
}

fn is_unseen(char: char) -> bool {
    char.is_whitespace()
        || matches!(char, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{00AD}' | '\u{180E}')
}

/// Returns the Latin letter, digit, or sign that a character resembles.
///
/// The list contains the Cyrillic and Greek letters, and the signs, that Unicode's table of confusable characters has for letters of ids.
fn plain(char: char) -> char {
    match char {
        '0' | 'о' | 'ο' => 'o',
        '1' | 'i' | '|' | 'і' | 'ι' | 'ı' => 'l',
        'а' | 'α' => 'a',
        'с' | 'ϲ' => 'c',
        'е' => 'e',
        'һ' => 'h',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'ν' => 'v',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'у' | 'υ' => 'y',
        'х' | 'χ' => 'x',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_alike_but_for_case_invisible_and_confusable_characters() {
        for (one, other, alike) in [
            ("DR-1", "dr-1", true),
            ("DR-1", "DR-l", true),
            ("DR-1", "DR\u{2011}1", true),
            ("D0", "DO", true),
            ("DR-1", "DR-1\u{200B}", true),
            ("АB", "AB", true),
            ("DR-1", "DR-2", false),
            ("DR-1", "DR1", false),
        ] {
            let counted = look_alikes([one, other, "Z9"].into_iter());
            assert_eq!(counted, if alike { 2 } else { 0 }, "{one} {other}");
        }
    }
}
