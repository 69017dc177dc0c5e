//! The properties of the terminal, and tables and paragraphs that fit it.

use comfy_table::{ContentArrangement, Table, presets};
use textwrap::core::display_width;

/// The style of output to a terminal or a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminalStyle {
    /// Whether to use colors.
    pub colour: bool,
    /// The width in characters; `None` if it is not limited.
    pub width: Option<u16>,
    /// Whether to show the attrition tables.
    pub waterfall: bool,
    /// Whether to show all settings and inputs.
    pub verbose: bool,
    /// Whether to use only ASCII characters in tables and charts.
    pub ascii: bool,
}

impl TerminalStyle {
    /// Returns an empty table in this style.
    pub fn table(self) -> Table {
        let mut table = Table::new();
        let preset = if self.ascii { presets::ASCII_FULL_CONDENSED } else { presets::UTF8_FULL_CONDENSED };
        table.load_style(preset).force_no_tty();
        if let Some(width) = self.width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        if self.colour {
            table.enforce_styling();
        }
        table
    }

    /// Wraps the lines of a text at the width, except those of tables, which already fit.
    pub fn paragraphs(self, text: String) -> String {
        let Some(width) = self.width.map(usize::from).filter(|width| *width > 20) else { return text };
        let is_long = |line: &str| {
            let is_of_table = line.starts_with(['│', '┌', '╞', '├', '└', '|', '+']);
            !is_of_table && display_width(line) > width
        };
        let mut lines = Vec::new();
        for line in text.split('\n') {
            if !is_long(line) {
                lines.push(line.to_owned());
                continue;
            }
            // Continuation lines are indented a little further than the first line.
            let begin = &line[..line.len() - line.trim_start().len()];
            let further = format!("{begin}  ");
            let options = textwrap::Options::new(width)
                .initial_indent(begin)
                .subsequent_indent(&further)
                .word_splitter(textwrap::WordSplitter::NoHyphenation)
                .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
                .break_words(false);
            lines.extend(textwrap::wrap(line.trim_start(), options).into_iter().map(String::from));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_wrapped_at_blanks_and_tables_are_not() {
        let screen = TerminalStyle { width: Some(30), ..TerminalStyle::default() };
        let text = "  a sentence that is longer than the screen is wide\n│ a table that is wider than that │\nshort\n";
        let wanted = "  a sentence that is longer\n    than the screen is wide\n│ a table that is wider than that │\nshort\n";
        assert_eq!(screen.paragraphs(text.to_owned()), wanted);
        assert_eq!(TerminalStyle::default().paragraphs(text.to_owned()), text);
    }
}
