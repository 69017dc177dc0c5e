//! The properties of the terminal, and tables and paragraphs that fit it.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
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
}

/// The maximum width of a word that is never broken. No number and no word of `mucalc` is longer, but ids from exports can be.
const LONGEST: usize = 24;

/// The width between two columns: a line with a space on each side.
const BETWEEN: u16 = 3;

impl TerminalStyle {
    /// Returns an empty table in this style.
    pub fn table(self) -> Table {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED).force_no_tty();
        if let Some(width) = self.width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        if self.colour {
            table.enforce_styling();
        }
        table
    }

    /// Fits a complete table to the width without breaking words or numbers. If it is too wide, the column `spared` is hidden.
    pub fn fitted(self, mut table: Table, spared: Option<usize>) -> Table {
        let Some(width) = self.width else { return table };
        let longest = longest_words(&table);
        let needed = |without: Option<usize>| -> u16 {
            let kept = longest.iter().enumerate().filter(|(column, _)| Some(*column) != without);
            kept.map(|(_, word)| word + BETWEEN).sum::<u16>() + 1
        };
        let hidden = spared.filter(|_| needed(None) > width);
        for (column, word) in longest.iter().enumerate() {
            let constraint = match hidden == Some(column) {
                true => ColumnConstraint::Hidden,
                false => ColumnConstraint::LowerBoundary(Width::Fixed(word + BETWEEN - 1)),
            };
            if let Some(column) = table.column_mut(column) {
                column.set_constraint(constraint);
            }
        }
        table
    }

    /// Wraps the lines of a text at the width, except those of tables, which already fit.
    pub fn paragraphs(self, text: String) -> String {
        let Some(width) = self.width.map(usize::from).filter(|width| *width > 20) else { return text };
        let is_long = |line: &str| {
            let is_of_table = line.starts_with(['│', '┌', '╞', '├', '└']);
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

/// Returns the width of the longest word of each column, up to `LONGEST`.
fn longest_words(table: &Table) -> Vec<u16> {
    let mut longest: Vec<u16> = Vec::new();
    for row in table.header().into_iter().chain(table.row_iter()) {
        for (column, cell) in row.cell_iter().enumerate() {
            if longest.len() <= column {
                longest.push(0);
            }
            let content = cell.content();
            let words = content.split_whitespace().map(display_width);
            longest[column] = longest[column].max(words.max().unwrap_or_default().min(LONGEST) as u16);
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(screen: TerminalStyle) -> Table {
        let mut table = screen.table();
        table.set_header(["Provider", "Name", "Numerator", "Rate", "Verdict"]);
        table.add_row(["DR-3", "Dr. Maximiliana Hippolyta", "1,000–4,000", "0.00–40.00%", "indeterminate"]);
        table
    }

    /// At any width, no number and no word is broken. If possible, the table is no wider than the screen.
    #[test]
    fn figures_and_words_stay_whole() {
        for width in 20..120 {
            let screen = TerminalStyle { width: Some(width), ..TerminalStyle::default() };
            let shown = screen.fitted(table(screen), Some(1)).to_string();
            for word in ["1,000–4,000", "0.00–40.00%", "indeterminate", "Numerator", "DR-3"] {
                assert!(shown.contains(word), "{word} at {width}:\n{shown}");
            }
            let widest = shown.lines().map(display_width).max().unwrap_or_default();
            assert!(widest <= usize::from(width.max(56)), "{widest} at {width}:\n{shown}");
            assert_eq!(shown.contains("Hippolyta"), width >= 70, "{width}:\n{shown}");
        }
    }

    #[test]
    fn an_id_of_any_length_does_not_widen_the_table() {
        let screen = TerminalStyle { width: Some(80), ..TerminalStyle::default() };
        let mut table = screen.table();
        table.set_header(["Provider", "Rate"]);
        table.add_row(["x".repeat(100_000), "0.00–40.00%".to_owned()]);
        let shown = screen.fitted(table, None).to_string();
        assert!(shown.lines().all(|line| display_width(line) <= 80) && shown.contains("0.00–40.00%"));
    }

    #[test]
    fn paragraphs_are_wrapped_at_blanks_and_tables_are_not() {
        let screen = TerminalStyle { width: Some(30), ..TerminalStyle::default() };
        let text = "  a sentence that is longer than the screen is wide\n│ a table that is wider than that │\nshort\n";
        let wanted = "  a sentence that is longer\n    than the screen is wide\n│ a table that is wider than that │\nshort\n";
        assert_eq!(screen.paragraphs(text.to_owned()), wanted);
        assert_eq!(TerminalStyle::default().paragraphs(text.to_owned()), text);
    }
}
