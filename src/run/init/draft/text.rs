//! The text of a drafted layout, with what speaks against each proposal as comments.

use std::fmt::Write as _;

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::text::escape_control;
use mucalc_read::layout::{CANONICAL, Layout};

use super::super::quoted;
use super::{ColumnDraft, Draft, TableDraft};

/// Returns the text of the layout, or `None` if the exports need none.
pub(in crate::run::init) fn layout_text(draft: &Draft) -> Option<String> {
    if draft.tables.is_empty() {
        return None;
    }
    let is_canonical = draft.tables.iter().all(|table| table.is_canonical);
    let mut text = String::from(
        "# How columns of the exports are read: on the left the column of mucalc, on the right the column of the export.\n\
         # The columns are proposed by their names and contents: check each. A column may also be { constant = \"...\" }, or\n\
         # { from = \"...\", words = { \"their value\" = \"our value\" } }. docs/layouts.md describes every key.\n",
    );
    if is_canonical {
        let _ = writeln!(text, "extends = {}", quoted(CANONICAL));
    }
    for table in &draft.tables {
        table_text(&mut text, table, is_canonical);
    }
    Some(text)
}

fn table_text(text: &mut String, table: &TableDraft, is_canonical: bool) {
    let role = table.role.word();
    // Writing to a string does not fail.
    if !table.sheets.is_empty() || !table.has_header {
        let _ = writeln!(text, "\n[{role}]");
        match table.sheets.as_slice() {
            [] => {}
            [only] => drop(writeln!(text, "sheet = {}", quoted(only))),
            [first, ..] => drop(writeln!(
                text,
                "# NEEDED: one sheet; {} all look like {role}. To read all of them, save each as a file of its own.\n# sheet = {}",
                listed(&table.sheets),
                quoted(first)
            )),
        }
        if !table.has_header {
            let _ = writeln!(
                text,
                "# The export has no header, so its columns are named by their position.\nheader = 0"
            );
        }
    }
    let _ = writeln!(text, "\n[{role}.columns]");
    for name in Layout::canonical().input(table.role).columns.all() {
        let needed = table.needed.iter().find(|(column, _)| *column == name);
        match (table.columns.iter().find(|draft| draft.column == name), needed) {
            // The other columns are those of the layout that is extended.
            (Some(draft), _)
                if is_canonical && draft.forms.is_empty() && !draft.is_utc && draft.exceptions.is_empty() => {
            }
            (Some(draft), _) => column_text(text, table.role, draft, is_canonical),
            (None, Some((_, named))) => {
                let why = match named.as_slice() {
                    [] => String::new(),
                    named if name == "patient_id" && table.role != InputRole::Encounters => format!(
                        " {} has no id that the encounters have too, or is of other contents: both exports have to identify patients alike.",
                        listed(named)
                    ),
                    named => format!(" {} has a fitting name, but other contents.", listed(named)),
                };
                let _ = writeln!(text, "# NEEDED: the column with this.{why}\n# {name} = \"...\"");
            }
            (None, None) if is_canonical => {}
            (None, None) => drop(writeln!(text, "# {name} = \"...\"")),
        }
    }
    if !table.unused.is_empty() && !is_canonical {
        let names: Vec<String> = table.unused.iter().map(|column| column.name.clone()).collect();
        let _ = writeln!(text, "# Not read: {}.", listed(&names));
    }
}

fn words(words: &[(String, &'static str)]) -> String {
    words
        .iter()
        .map(|(theirs, ours)| format!("{} = {}", quoted(theirs), quoted(ours)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn column_text(text: &mut String, role: InputRole, draft: &ColumnDraft, is_canonical: bool) {
    let from = match draft.from.as_slice() {
        _ if is_canonical => quoted(draft.column),
        [only] => quoted(only),
        several => format!("[{}]", several.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")),
    };
    if !draft.is_settled {
        let _ = writeln!(
            text,
            "# CHECK: the data do not settle whether the month or the day is first in {}; the month is proposed.",
            listed(&draft.from)
        );
    }
    let others = match draft.others.as_slice() {
        [] => String::new(),
        others => format!("    # or {}?", listed(others)),
    };
    let mut parts = vec![format!("from = {from}")];
    if let Some(list) = draft.list {
        parts.push(format!("list = {}", quoted(list)));
    }
    if !draft.words.is_empty() {
        parts.push(format!("words = {{ {} }}", words(&draft.words)));
    }
    if !draft.forms.is_empty() {
        let forms: Vec<String> = draft.forms.iter().map(|form| quoted(form)).collect();
        parts.push(format!("dates = [{}]", forms.join(", ")));
    }
    if let Some(ours) = draft.filled {
        parts.push(format!("filled = {}", quoted(ours)));
    }
    if draft.is_utc {
        parts.push("zone = \"UTC\"".to_owned());
    }
    let is_plain = parts.len() == 1 && (draft.from.len() == 1 || is_canonical);
    let value = if is_plain { from } else { format!("{{ {} }}", parts.join(", ")) };
    if !draft.exceptions.is_empty() {
        let last = match draft.from.is_empty() {
            // A record for which no column shows a withdrawal took place.
            true if role == InputRole::Messages => "{ constant = \"sent\" }".to_owned(),
            true => "{ constant = \"completed\" }".to_owned(),
            false => value,
        };
        let _ = writeln!(text, "{} = [", draft.column);
        for exception in &draft.exceptions {
            let from = quoted(&exception.from);
            let _ = match exception.filled {
                Some(ours) => writeln!(text, "  {{ from = {from}, filled = {} }},", quoted(ours)),
                None => writeln!(text, "  {{ from = {from}, words = {{ {} }} }},", words(&exception.words)),
            };
        }
        let _ = writeln!(text, "  {last},{others}\n]");
        return;
    }
    let _ = writeln!(text, "{} = {value}{others}", draft.column);
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{}`", escape_control(name))).collect::<Vec<_>>().join(", ")
}
