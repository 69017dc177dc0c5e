//! Escapes texts from the exports for the programs that will show them.

use std::borrow::Cow;
use std::io::{self, Write};

use mucalc_core::domain::text::{escape_control, is_control};

/// Escapes a text for CSV, which a spreadsheet or a terminal may show.
///
/// A text that a spreadsheet would run as a formula gets a leading apostrophe. Characters that a terminal would interpret are escaped. A
/// cell stays on one line, because a program that reads lines, such as a workflow runner, may interpret the beginning of a line.
pub fn cell(text: &str) -> Cow<'_, str> {
    match (is_formula(text), text.contains(is_control)) {
        (false, false) => Cow::Borrowed(text),
        (is_formula, _) => {
            Cow::Owned(format!("{}{}", if is_formula { "'" } else { "" }, escape_control(text)))
        }
    }
}

/// Returns whether a spreadsheet would run a text, apart from leading apostrophes. These texts need an apostrophe too, so that it can be
/// removed again.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULAS)
}

/// Returns the text of a cell without the apostrophe that [`cell`] added.
pub fn without_apostrophe(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(cell)
}

/// The first characters of formulas; the last four are full-width, for East Asian spreadsheets.
const FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Replaces characters that a terminal would interpret with `\u` escapes, so that the texts of a JSON document stay the same.
///
/// JSON itself escapes control characters below the space in texts; outside of texts they are its own line feeds.
pub fn json(document: Vec<u8>) -> Vec<u8> {
    let obeyed = |c: char| c > ' ' && is_control(c);
    match std::str::from_utf8(&document) {
        Ok(text) if text.contains(obeyed) => {
            let mut safe = String::with_capacity(text.len() + 64);
            for c in text.chars() {
                match c {
                    c if obeyed(c) => safe.push_str(&format!("\\u{:04x}", u32::from(c))),
                    c => safe.push(c),
                }
            }
            safe.into_bytes()
        }
        _ => document,
    }
}

/// A writer that escapes JSON like [`json`], piece by piece.
pub struct JsonWriter<'w> {
    to: &'w mut dyn Write,
    /// The bytes of an incomplete character.
    rest: Vec<u8>,
}

impl<'w> JsonWriter<'w> {
    /// Starts a document.
    pub fn new(to: &'w mut dyn Write) -> Self {
        Self { to, rest: Vec::new() }
    }

    /// Ends the document.
    ///
    /// # Errors
    /// If the rest cannot be written.
    pub fn end(self) -> io::Result<()> {
        self.to.write_all(&self.rest)
    }
}

impl Write for JsonWriter<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        // Almost every piece is plain ASCII, which needs no escaping.
        if self.rest.is_empty() && piece.iter().all(|byte| (b' '..0x7F).contains(byte) || *byte == b'\n') {
            self.to.write_all(piece)?;
            return Ok(piece.len());
        }
        self.rest.extend_from_slice(piece);
        let whole = match std::str::from_utf8(&self.rest) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        let rest = self.rest.split_off(whole);
        self.to.write_all(&json(std::mem::replace(&mut self.rest, rest)))?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Escapes a text for Markdown, which may be converted to HTML.
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in escape_control(text).chars() {
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
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "'=1", "''-1"] {
            assert_eq!(cell(formula), format!("'{formula}"));
            assert_eq!(without_apostrophe(&cell(formula)), formula);
        }
        for plain in ["P-17", "'tis", "", "O'Brien = 1"] {
            assert_eq!(cell(plain), plain);
            assert_eq!(without_apostrophe(plain), plain);
        }
        // A spreadsheet skips a leading tab, but an escaped tab begins with another character.
        assert_eq!(cell("\t=1"), "\\u{9}=1");
        assert_eq!(cell("a\u{1b}[31m\u{9b}b\nc"), "a\\u{1b}[31m\\u{9b}b\\u{a}c");
        assert_eq!(markdown("<b>|\u{1b}[0m`"), "&lt;b&gt;\\|\\\\u{1b}\\[0m\\`");
    }

    #[test]
    fn json_means_the_same_and_shows_nothing_that_is_obeyed() {
        let texts = ["\u{1b}]0;x\u{7}\u{7f}\u{9b}31m\u{202e}\u{2028}\n\t\"\\", "Ärzte 医院", ""];
        let written = serde_json::to_vec_pretty(&texts).unwrap_or_default();
        let safe = json(written);
        assert_eq!(serde_json::from_slice::<Vec<String>>(&safe).ok(), Some(texts.map(str::to_owned).into()));
        let shown = String::from_utf8_lossy(&safe).into_owned();
        assert!(shown.contains("Ärzte 医院"), "{shown}");
        assert!(shown.lines().all(|line| !line.chars().any(is_control)), "{shown:?}");
    }
}
