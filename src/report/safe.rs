//! Texts from the exports, made harmless for the program that will show them.

use std::borrow::Cow;

/// For CSV, which a spreadsheet or a terminal may show: a text that a spreadsheet would run as a formula gets an
/// apostrophe before it, and characters that a terminal would obey are written out.
pub fn cell(text: &str) -> Cow<'_, str> {
    let obeyed = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !is_formula && !text.contains(obeyed) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 1);
    if is_formula {
        safe.push('\'');
    }
    for c in text.chars() {
        if obeyed(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// For Markdown, which may end up as HTML.
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in crate::domain::text::printable(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '~' => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_would_obey_is_shown_instead() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(cell(formula), format!("'{formula}"));
        }
        assert_eq!(cell("P-17"), "P-17");
        assert_eq!(cell("a\u{1b}[31m\u{9b}b\nc"), "a\\u{1b}[31m\\u{9b}b\nc");
        assert_eq!(markdown("<b>|\u{1b}[0m`"), "&lt;b&gt;\\|\\\\u{1b}\\[0m\\`");
    }
}
