//! Renders tables as Markdown.

use std::fmt::Write;

use super::{Table, Value};
use crate::safe::markdown;

impl Table<'_> {
    /// Renders the table as Markdown, without its title.
    pub fn markdown(self) -> String {
        let headings: Vec<&str> = self.columns.iter().map(|column| &*column.heading).collect();
        let rules = self.columns.iter().map(|column| if column.is_number { " ---: |" } else { " --- |" });
        let mut text = format!("| {} |\n|{}\n", headings.join(" | "), rules.collect::<String>());
        for row in self.rows {
            let cells: Vec<String> = row.iter().map(cell).collect();
            // Writing to a string does not fail.
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text
    }
}

fn cell(value: &Value) -> String {
    let shown = value.shown();
    let lines: Vec<String> = shown.split('\n').map(markdown).collect();
    match value {
        Value::Picture(signs) if !signs.is_empty() => format!("`{signs}`"),
        Value::Result(..) => format!("**{}**", lines.join("<br>")),
        _ => lines.join("<br>"),
    }
}
