//! Renders the properties of inspected exports for a terminal, as JSON, and as a page.

mod html;

pub use html::html;

use crate::TerminalStyle;
use crate::table::{Column, Table, Value};
use mucalc_core::domain::inspection::{ColumnContent, ColumnSummary, ContentKind, IdOverlap, Inspection};
use mucalc_core::domain::text::{escape_control, pluralize, with_commas};

/// Renders inspections as a JSON list.
///
/// # Errors
/// If the document cannot be written, which is a bug.
pub fn json(inspections: &[Inspection]) -> Result<Vec<u8>, serde_json::Error> {
    crate::json::pretty(&inspections)
}

/// Renders inspections for a terminal.
pub fn text(inspections: &[Inspection], screen: TerminalStyle) -> String {
    let one = |it: &Inspection| {
        let InspectionParts { title, facts, tables, after } = parts(it);
        let mut text = format!("{title}\n");
        facts.iter().for_each(|fact| push_line(&mut text, fact));
        for table in tables {
            push_line(&mut text, &format!("\n{}", table.terminal(screen)));
        }
        after.iter().for_each(|line| push_line(&mut text, line));
        if !it.notes.is_empty() {
            push_line(&mut text, "Notes:");
            it.notes.iter().for_each(|note| push_line(&mut text, &format!("  - {note}")));
        }
        text
    };
    screen.paragraphs(inspections.iter().map(one).collect::<Vec<_>>().join("\n"))
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// What is shown of an export, in every format but JSON.
struct InspectionParts<'t> {
    /// Name, format, and number of rows.
    title: String,
    /// Where its rows are, and which layouts match it.
    facts: Vec<String>,
    /// The columns that are read, and those that are not.
    tables: Vec<Table<'t>>,
    /// Names that are missing on either side, and ids that other exports have too.
    after: Vec<String>,
}

fn parts(it: &Inspection) -> InspectionParts<'_> {
    let is_read = it.layout.as_ref().is_some_and(|fit| fit.missing.is_empty());
    let mut tables = Vec::new();
    if !it.columns.is_empty() {
        tables.push(columns_read(it));
    }
    if !is_read && !it.profiles.is_empty() {
        tables.push(columns_not_read(it));
    }
    let not_read = if is_read { listed("Not read", &it.unread) } else { None };
    let absent = listed("Canonical columns that are missing", &it.absent);
    let after = not_read.into_iter().chain(it.overlaps.iter().map(overlap)).chain(absent).collect();
    InspectionParts { title: title(it), facts: facts(it), tables, after }
}

fn title(it: &Inspection) -> String {
    let packed = if it.packing == "none" { String::new() } else { format!(" in {}", it.packing) };
    let rejected = if it.rejected == 0 {
        String::new()
    } else {
        format!(", {} of them rejected", with_commas(it.rejected))
    };
    let rows = pluralize(it.rows, "row", "rows");
    format!("{}: {}{packed}, {}, {rows}{rejected}", escape_control(&it.path), it.format, it.encoding)
}

fn facts(it: &Inspection) -> Vec<String> {
    let mut facts = Vec::new();
    // A header in the first line, and commas, are what everyone expects.
    let separator = it.separator.as_deref().filter(|separator| *separator != ",");
    let found = [
        (it.header > 1).then(|| format!("the header is in line {}", it.header)),
        separator.map(|separator| format!("columns are separated by {}", shown_separator(separator))),
    ];
    let found: Vec<String> = found.into_iter().flatten().collect();
    if !found.is_empty() && !it.format.contains("JSON") {
        facts.push(format!("  {}", found.join("; ")));
    }
    for sheet in &it.sheets {
        let rows = pluralize(sheet.rows, "row", "rows");
        let what = match (sheet.cells, sheet.hidden, sheet.read) {
            (false, ..) => "no cells".to_owned(),
            (true, true, read) => format!("{rows}, hidden{}", if read { ", shown below" } else { "" }),
            (true, false, true) => format!("{rows}, shown below"),
            (true, false, false) => rows,
        };
        facts.push(format!("  sheet {}: {what}", escape_control(&sheet.name)));
    }
    if let Some(fit) = &it.layout {
        let how = if fit.missing.is_empty() { "Fits" } else { "Comes nearest to" };
        facts.push(format!(
            "{how} the layout {} as {}: {} of the {} columns that it looks for are there.",
            fit.name, fit.kind, fit.found, fit.wanted
        ));
    }
    for other in &it.others {
        facts.push(format!(
            "It also fits {} as {} ({} of {} columns).",
            other.name, other.kind, other.found, other.wanted
        ));
    }
    facts
}

fn columns_read(it: &Inspection) -> Table<'_> {
    let columns = vec![
        Column::text("Column"),
        Column::text("Read as"),
        Column::number("Filled"),
        Column::text("Values"),
    ];
    let rows = it.columns.iter().map(|seen| {
        let ours = if seen.ours.is_empty() { "(a condition)".to_owned() } else { seen.ours.join(", ") };
        let filled = Value::Number(share(seen.filled, it.rows));
        vec![Value::text(&seen.column), Value::Text(ours), filled, Value::Text(what(seen, it.rows))]
    });
    Table::new("", columns, rows)
}

fn columns_not_read(it: &Inspection) -> Table<'_> {
    let columns = vec![
        Column::text("Not read"),
        Column::number("Filled"),
        Column::number("Different"),
        Column::text("Values"),
    ];
    let rows = it.profiles.iter().map(|column| {
        vec![
            Value::text(&column.column),
            Value::Number(share(column.filled, it.rows)),
            Value::Number(with_commas(column.distinct)),
            Value::Text(content(column)),
        ]
    });
    Table::new("", columns, rows)
}

fn overlap(overlap: &IdOverlap) -> String {
    let folded = match overlap.percent_folded > overlap.percent {
        true => format!(
            ", {} if leading zeros, letter case, a trailing .0, and prefixes do not count",
            share_of(overlap.percent_folded)
        ),
        false => String::new(),
    };
    format!(
        "Ids in {} that are also in {} of {}: {}{folded}.",
        overlap.column,
        overlap.other_column,
        escape_control(&overlap.other),
        share_of(overlap.percent)
    )
}

/// Describes the texts of a column.
fn content(column: &ColumnContent) -> String {
    let kind = match column.kind {
        ContentKind::Empty => return "nothing".to_owned(),
        ContentKind::Days => "days",
        ContentKind::Numbers => "numbers",
        ContentKind::Texts => "texts",
        ContentKind::Words => "",
    };
    if let Some(dates) = &column.dates {
        let mut parts = vec![format!("{kind}, {} to {}", dates.first, dates.last)];
        if !dates.forms.is_empty() {
            parts.push(format!("written {}", dates.forms.join(" or ")));
        }
        if !dates.settled {
            parts.push("the data do not settle whether day or month is first".to_owned());
        }
        if dates.rows < column.filled {
            parts.push(format!("{} are not dates", with_commas(column.filled - dates.rows)));
        }
        return parts.join("\n");
    }
    let words = column.words.iter().map(|word| format!("{} ({})", word.word, with_commas(word.rows)));
    let shapes = column.shapes.iter().map(|shape| format!("{} ({})", shape.shape, with_commas(shape.rows)));
    match column.kind {
        ContentKind::Words => {
            let hidden = column.distinct.saturating_sub(column.words.len() as u64);
            let more = (hidden > 0).then(|| format!("and {} not shown", pluralize(hidden, "text", "texts")));
            words.chain(more).collect::<Vec<_>>().join(", ")
        }
        _ => format!("{kind} such as {}", shapes.collect::<Vec<_>>().join(", ")),
    }
}

fn shown_separator(separator: &str) -> String {
    if separator.len() > 1 { separator.to_owned() } else { format!("`{separator}`") }
}

fn share_of(percent: f64) -> String {
    format!("{percent}%")
}

fn listed(what: &str, names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{what}: {}.", names.join(", ")))
}

fn share(filled: u64, rows: u64) -> String {
    match (filled, rows) {
        (_, 0) => "-".to_owned(),
        (filled, rows) if filled == rows => "all".to_owned(),
        (0, _) => "none".to_owned(),
        (filled, _) => with_commas(filled),
    }
}

fn what(seen: &ColumnSummary, rows: u64) -> String {
    let mut parts: Vec<String> = Vec::new();
    if seen.is_free {
        parts.push("too many different texts for a list of values".to_owned());
    }
    for word in &seen.words {
        let rows = with_commas(word.rows);
        parts.push(match &word.means {
            Some(means) if *means == word.word.to_lowercase() => format!("{} ({rows})", word.word),
            Some(means) => format!("{} ({rows}) = {means}", word.word),
            None => {
                let like = word.like.as_ref().map_or(String::new(), |like| format!("; did you mean {like}?"));
                format!("{} ({rows}) = ? unknown value{like}", word.word)
            }
        });
    }
    if let (Some(first), Some(last)) = (&seen.first, &seen.last) {
        parts.push(format!("{first} to {last}"));
    }
    if let Some(readable) = seen.readable.filter(|readable| *readable < seen.filled) {
        parts.push(format!("{} cannot be read", with_commas(seen.filled - readable)));
    }
    match seen.zoned {
        Some(0) | None => {}
        Some(zoned) if zoned == rows => parts.push("with a zone: --timezone is needed".to_owned()),
        Some(zoned) => parts.push(format!("{} with a zone: --timezone is needed", with_commas(zoned))),
    }
    if !seen.shapes.is_empty() {
        let shapes: Vec<String> = seen
            .shapes
            .iter()
            .map(|shape| format!("{} ({})", shape.shape, with_commas(shape.rows)))
            .collect();
        parts.push(format!("written {}", shapes.join(", ")));
    }
    parts.join("\n")
}
