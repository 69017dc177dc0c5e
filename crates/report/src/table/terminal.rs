//! Renders tables for a terminal.

use comfy_table::{Attribute, Cell, CellAlignment, Color};

use super::{Table, Value};
use crate::TerminalStyle;
use mucalc_core::domain::text::printable;
use mucalc_core::domain::verdict::Verdict;

impl Table<'_> {
    /// Renders the table for a terminal.
    pub fn terminal(self, screen: TerminalStyle) -> String {
        let mut table = screen.table();
        table.set_header(self.columns.iter().map(|column| &*column.heading));
        for row in self.rows {
            let cells = row.iter().zip(&self.columns).map(|(value, column)| cell(value, column.is_number));
            table.add_row(cells);
        }
        screen.fitted(table, self.columns.iter().position(|column| column.is_spare)).to_string()
    }
}

fn cell(value: &Value, is_number: bool) -> Cell {
    let lines: Vec<String> = value.shown().split('\n').map(printable).collect();
    let cell = Cell::new(lines.join("\n"));
    let cell = if is_number { cell.set_alignment(CellAlignment::Right) } else { cell };
    let Value::Result(verdict, _) = value else { return cell };
    let color = match verdict {
        Verdict::Met => Color::Green,
        Verdict::NotMet => Color::Red,
        Verdict::Indeterminate => Color::Yellow,
        Verdict::NotCalculable => Color::Grey,
    };
    cell.fg(color).add_attribute(Attribute::Bold)
}
