//! Renders tables for a terminal. A table that is too wide omits its spare columns; if it is still too wide, each row becomes a block of
//! lines, so that no word and no number is ever broken.

use std::fmt::Write;

use comfy_table::{Cell, CellAlignment, ColumnConstraint, Width};
use textwrap::core::display_width;

use super::{Column, Table, Value};
use crate::TerminalStyle;
use mucalc_core::domain::text::escape_control;
use mucalc_core::domain::verdict::Verdict;

/// The maximum width of a word that is never broken. No number and no word of `mucalc` is longer, but ids from exports can be.
const LONGEST: usize = 24;

/// The width between two columns: a line with a space on each side.
const BETWEEN: usize = 3;

impl Table<'_> {
    /// Renders the table for a terminal.
    pub fn terminal(self, screen: TerminalStyle) -> String {
        let mut rows: Vec<Vec<Value>> = self.rows.collect();
        if screen.ascii {
            rows.iter_mut().flatten().for_each(to_ascii);
        }
        let least: Vec<usize> =
            (0..self.columns.len()).map(|at| least_width(&self.columns, &rows, at)).collect();
        let mut kept: Vec<usize> = (0..self.columns.len()).collect();
        let width = screen.width.map_or(usize::MAX, usize::from);
        let needed = |kept: &[usize]| kept.iter().map(|at| least[*at] + BETWEEN).sum::<usize>() + 1;
        while needed(&kept) > width {
            match kept.iter().rposition(|at| self.columns[*at].is_spare) {
                Some(spare) => _ = kept.remove(spare),
                None => return stacked(&self.columns, &rows, screen),
            }
        }
        let mut table = screen.table();
        table.set_header(kept.iter().map(|at| &*self.columns[*at].heading));
        for row in &rows {
            table.add_row(kept.iter().map(|at| cell(&row[*at], self.columns[*at].is_number)));
        }
        for (at, column) in kept.iter().enumerate().filter(|_| screen.width.is_some()) {
            let least = ColumnConstraint::LowerBoundary(Width::Fixed((least[*column] + BETWEEN - 1) as u16));
            table.column_mut(at).into_iter().for_each(|column| _ = column.set_constraint(least));
        }
        table.to_string()
    }
}

/// The block characters of charts, each with the ASCII character that stands for it.
const ASCII_BLOCKS: [(char, char); 10] = [
    ('▁', '_'),
    ('▂', '.'),
    ('▃', '-'),
    ('▄', '='),
    ('▅', '+'),
    ('▆', '*'),
    ('▇', '%'),
    ('█', '#'),
    ('▒', '?'),
    ('│', '|'),
];

/// Replaces the block characters of a chart for terminals without them.
fn to_ascii(value: &mut Value) {
    if let Value::Picture(signs) = value {
        *signs = ascii_blocks(signs);
    }
}

/// Returns a text without block characters.
pub fn ascii_blocks(text: &str) -> String {
    let ascii =
        |sign: char| ASCII_BLOCKS.iter().find(|(block, _)| *block == sign).map_or(sign, |(_, ascii)| *ascii);
    text.chars().map(ascii).collect()
}

/// Returns the width that a column needs so that no word is broken, and no chart.
fn least_width(columns: &[Column<'_>], rows: &[Vec<Value>], at: usize) -> usize {
    let longest =
        |text: &str| text.split_whitespace().map(display_width).max().unwrap_or_default().min(LONGEST);
    let of_value = |value: &Value| match value {
        Value::Picture(signs) => display_width(signs),
        value => longest(&value.shown()),
    };
    rows.iter().map(|row| of_value(&row[at])).max().unwrap_or_default().max(longest(&columns[at].heading))
}

/// Renders each row as its first value, and below it one line or more for each other value that is not empty.
fn stacked(columns: &[Column<'_>], rows: &[Vec<Value>], screen: TerminalStyle) -> String {
    let label = columns.iter().skip(1).map(|column| display_width(&column.heading)).max().unwrap_or_default();
    let room = screen.width.map_or(usize::MAX, usize::from).saturating_sub(label + 4).max(LONGEST);
    let mut text = String::new();
    for row in rows {
        let mut values = columns.iter().zip(row);
        if let Some((_, first)) = values.next() {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}", escape_control(&first.shown()));
        }
        for (column, value) in values.filter(|(_, value)| !value.shown().is_empty()) {
            let shown = value.shown();
            let lines = shown.split('\n').map(escape_control);
            let lines = lines.flat_map(|line| wrapped(&line, value, room));
            for (at, line) in lines.enumerate() {
                let heading = if at == 0 { &*column.heading } else { "" };
                let space = " ".repeat(label.saturating_sub(display_width(heading)));
                let _ = writeln!(text, "  {heading}{space}  {}", colored(&line, value, screen.color));
            }
        }
    }
    text.truncate(text.trim_end().len());
    text
}

fn wrapped(line: &str, value: &Value, room: usize) -> Vec<String> {
    match value {
        Value::Picture(_) => vec![line.to_owned()],
        _ => textwrap::wrap(line, room).into_iter().map(String::from).collect(),
    }
}

fn colored(line: &str, value: &Value, has_colors: bool) -> String {
    match value {
        Value::Result(verdict, _) if has_colors => {
            let code = match verdict {
                Verdict::Met => 32,
                Verdict::NotMet => 31,
                Verdict::Indeterminate => 33,
                Verdict::NotCalculable => 37,
            };
            format!("\u{1b}[1;{code}m{line}\u{1b}[0m")
        }
        _ => line.to_owned(),
    }
}

fn cell(value: &Value, is_number: bool) -> Cell {
    let lines: Vec<String> = value.shown().split('\n').map(escape_control).collect();
    let cell = Cell::new(lines.join("\n"));
    let cell = if is_number { cell.set_alignment(CellAlignment::Right) } else { cell };
    match value {
        Value::Result(verdict, _) => of_result(cell, *verdict),
        _ => cell,
    }
}

/// Returns a cell in the color of its result.
#[cfg(not(target_family = "wasm"))]
fn of_result(cell: Cell, verdict: Verdict) -> Cell {
    use comfy_table::{Attribute, Color};
    let color = match verdict {
        Verdict::Met => Color::Green,
        Verdict::NotMet => Color::Red,
        Verdict::Indeterminate => Color::Yellow,
        Verdict::NotCalculable => Color::Grey,
    };
    cell.fg(color).add_attribute(Attribute::Bold)
}

/// A page shows no terminal text in colors.
#[cfg(target_family = "wasm")]
fn of_result(cell: Cell, _: Verdict) -> Cell {
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table<'static> {
        let columns = vec![
            Column::text("Provider"),
            Column::text("Name").spare(),
            Column::number("Numerator"),
            Column::number("Rate"),
            Column::text("Verdict"),
        ];
        let row = ["DR-3", "Dr. Maximiliana Hippolyta", "1,000–4,000", "0.00–40.00%", "indeterminate"];
        Table::new("", columns, std::iter::once(row.map(Value::text).to_vec()))
    }

    /// At any width, no number and no word is broken, and no line is wider than the screen unless a single word is.
    #[test]
    fn figures_and_words_stay_whole() {
        for width in 20..120u16 {
            let screen = TerminalStyle { width: Some(width), ..TerminalStyle::default() };
            let shown = table().terminal(screen);
            for word in ["1,000–4,000", "0.00–40.00%", "indeterminate", "Numerator", "DR-3"] {
                assert!(shown.contains(word), "{word} at {width}:\n{shown}");
            }
            let widest = shown.lines().map(display_width).max().unwrap_or_default();
            assert!(widest <= usize::from(width.max(36)), "{widest} at {width}:\n{shown}");
            let is_table = shown.contains('│');
            assert_eq!(is_table, width >= 56, "{width}:\n{shown}");
            assert_eq!(is_table && shown.contains("Hippolyta"), width >= 70, "{width}:\n{shown}");
        }
    }

    /// A row of a table that is too wide is a block: the first value, then each other one with its heading. Results keep their colors.
    #[test]
    fn a_table_that_is_too_wide_is_stacked() {
        let columns = vec![Column::text("Provider"), Column::text("Best period"), Column::text("Result")];
        let rows = [
            vec![
                Value::text("DR-1"),
                Value::text("07/01/2014\n2 of 19 (10.53%)"),
                Value::Result(Verdict::Met, "met".to_owned()),
            ],
            vec![Value::text("DR-2"), Value::text(""), Value::text("-")],
        ];
        let screen = TerminalStyle { width: Some(20), color: true, ..TerminalStyle::default() };
        let shown = Table::new("", columns, rows.into_iter()).terminal(screen);
        let expected = "DR-1\n  Best period  07/01/2014\n               2 of 19 (10.53%)\n  Result       \u{1b}[1;32mmet\u{1b}[0m\nDR-2\n  Result       -";
        assert_eq!(shown, expected);
    }

    #[test]
    fn an_id_of_any_length_does_not_widen_the_table() {
        let screen = TerminalStyle { width: Some(80), ..TerminalStyle::default() };
        let columns = vec![Column::text("Provider"), Column::text("Rate")];
        let row = vec![Value::Text("x".repeat(100_000)), Value::text("0.00–40.00%")];
        let shown = Table::new("", columns, std::iter::once(row)).terminal(screen);
        assert!(shown.lines().all(|line| display_width(line) <= 80) && shown.contains("0.00–40.00%"));
    }
}
