//! The properties of the terminal, and tables and paragraphs that fit it.

use comfy_table::{ContentArrangement, Table, presets};
use textwrap::core::display_width;

use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::escape_control;

/// The style of output to a terminal or a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminalStyle {
    /// Whether to use colors.
    pub color: bool,
    /// The width in characters; `None` if it is not limited.
    pub width: Option<u16>,
    /// Whether to show the attrition tables.
    pub waterfall: bool,
    /// Whether to show all settings and inputs.
    pub verbose: bool,
    /// Whether to use only ASCII characters in tables and charts.
    pub ascii: bool,
    /// Whether locations are links to their files.
    pub links: bool,
}

impl TerminalStyle {
    /// Returns an empty table in this style.
    pub fn table(self) -> Table {
        let mut table = Table::new();
        let preset = if self.ascii { presets::ASCII_FULL_CONDENSED } else { presets::UTF8_FULL_CONDENSED };
        table.load_style(preset);
        if let Some(width) = self.width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        // The caller knows the terminal; the table does not look for it.
        #[cfg(not(target_family = "wasm"))]
        {
            table.force_no_tty();
            if self.color {
                table.enforce_styling();
            }
        }
        table
    }

    /// Returns a location such as `encounters.csv:12`, as a link to its file if the terminal shows links.
    pub fn place(self, of: &SourceLocation) -> String {
        let text = escape_control(&of.to_string());
        // The name of a sheet follows the name of the file.
        let file = of.file.split('#').next().unwrap_or_default();
        match std::path::absolute(file) {
            Ok(path) if self.links && file != "-" => {
                let address = address(&path.to_string_lossy());
                format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
            }
            _ => text,
        }
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

/// Returns the address of a file by its absolute path: `/data/a`, `C:\data\a`, or `\\server\share\a`. Characters that have
/// a meaning in addresses are encoded.
fn address(path: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' | b':' => {
            char::from(byte).to_string()
        }
        b'\\' => "/".to_owned(),
        _ => format!("%{byte:02X}"),
    };
    let path: String = path.bytes().map(encoded).collect();
    match path.as_bytes() {
        [b'/', b'/', ..] => format!("file:{path}"),
        [b'/', ..] => format!("file://{path}"),
        _ => format!("file:///{path}"),
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

    /// A link does not change what a terminal shows, nor where lines are wrapped. Its address contains no character that ends it.
    #[test]
    fn a_location_is_a_link_to_its_file() {
        let screen = TerminalStyle { links: true, width: Some(30), ..TerminalStyle::default() };
        let link = screen.place(&SourceLocation::line("/data/a b\u{7}.xlsx#Visits", 12));
        assert!(link.starts_with("\u{1b}]8;;file:///data/a%20b%07.xlsx\u{1b}\\"), "{link:?}");
        assert!(link.contains(":12\u{1b}]8;;\u{1b}\\"), "{link:?}");
        assert_eq!(display_width(&screen.place(&SourceLocation::line("/e.csv", 12))), "/e.csv:12".len());
        let text = format!("first at {} and more words", screen.place(&SourceLocation::line("/e.csv", 12)));
        assert_eq!(screen.paragraphs(text).lines().count(), 2);
        assert_eq!(screen.place(&SourceLocation::line("-", 12)), "-:12");
        assert_eq!(TerminalStyle::default().place(&SourceLocation::line("e.csv", 12)), "e.csv:12");
    }

    #[test]
    fn an_address_is_made_of_paths_of_every_system() {
        assert_eq!(address("/data/a b.csv"), "file:///data/a%20b.csv");
        assert_eq!(address(r"C:\data\a.csv"), "file:///C:/data/a.csv");
        assert_eq!(address(r"\\server\share\a.csv"), "file://server/share/a.csv");
    }
}
