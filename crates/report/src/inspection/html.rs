//! Renders inspections as one HTML page, for people without a terminal.

use askama::Template;

use super::{InspectionParts, parts};
use crate::RenderError;
use crate::table::Table;
use mucalc_core::domain::inspection::Inspection;
use mucalc_core::domain::text::capitalize;
use mucalc_core::domain::tool::ToolVersion;

#[derive(Template)]
#[template(path = "inspection.html")]
struct Page {
    exports: Vec<ExportSection>,
    tool: String,
}

struct ExportSection {
    title: String,
    facts: Vec<String>,
    tables: Vec<ColumnTable>,
    after: Vec<String>,
    notes: Vec<String>,
}

struct ColumnTable {
    headings: Vec<Heading>,
    rows: Vec<Vec<Cell>>,
}

struct Heading {
    text: String,
    is_number: bool,
}

struct Cell {
    heading: String,
    lines: Vec<String>,
    is_number: bool,
}

/// Renders inspections as an HTML page.
///
/// # Errors
/// If the page cannot be rendered, which is a bug.
pub fn html(inspections: &[Inspection], tool: &ToolVersion) -> Result<Vec<u8>, RenderError> {
    let section = |it: &Inspection| {
        let InspectionParts { title, facts, tables, after } = parts(it);
        let facts = facts.iter().map(|fact| capitalize(fact.trim())).collect();
        let tables = tables.into_iter().map(column_table).collect();
        ExportSection { title, facts, tables, after, notes: it.notes.clone() }
    };
    let exports = inspections.iter().map(section).collect();
    let page = Page { exports, tool: format!("{} {}", tool.name, tool.version) };
    Ok(page.render()?.into_bytes())
}

fn column_table(table: Table<'_>) -> ColumnTable {
    let headings: Vec<Heading> = table
        .columns
        .iter()
        .map(|column| Heading { text: column.heading.to_string(), is_number: column.is_number })
        .collect();
    let cell = |(value, heading): (crate::table::Value, &Heading)| Cell {
        heading: heading.text.clone(),
        lines: value.shown().split('\n').map(str::to_owned).collect(),
        is_number: heading.is_number,
    };
    let rows = table.rows.map(|row| row.into_iter().zip(&headings).map(cell).collect()).collect();
    ColumnTable { headings, rows }
}
