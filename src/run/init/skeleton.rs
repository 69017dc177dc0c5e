//! The text of a layout to fill in, for exports that no layout matches.

use std::fmt::Write as _;

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::Inspection;
use mucalc_core::domain::text::printable;

use super::quoted;
use super::roles::{role_of, vendor};

/// Returns a layout to fill in, for exports that no layout matches.
pub(super) fn skeleton(inspections: &[Inspection]) -> String {
    let mut text = String::from(
        "# How columns of the exports are read. Name for each of our columns the one of the export; leave out what is not there.\n# A column may also be { constant = \"...\" }, or { from = \"...\", words = { \"their word\" = \"our-word\" } },\n# or { from = \"...\", dates = [\"M/D/YYYY h:mm:ss A\"], zone = \"UTC\" }.\n",
    );
    let built_in = |name: &String| mucalc_read::layout::Layout::names().contains(name);
    if let Some(layout) = vendor(inspections).filter(built_in) {
        let _ = writeln!(text, "extends = {}", quoted(&layout));
    }
    let mut begun: Vec<InputRole> = Vec::new();
    for it in inspections.iter().filter(|it| it.layout.as_ref().is_none_or(|fit| !fit.missing.is_empty())) {
        let role = role_of(it);
        let read: Vec<&str> = it.columns.iter().map(|seen| seen.column.as_str()).collect();
        let all: Vec<&str> = read.into_iter().chain(it.unread.iter().map(String::as_str)).collect();
        let _ = writeln!(text, "\n# {} has: {}.", printable(&it.path), all.join(", "));
        // A layout has one table per role, and the first file of the role began it.
        if begun.contains(&role) {
            let _ = writeln!(
                text,
                "# It was taken for {0}; if it is, the columns above are its as well.",
                role.word()
            );
            continue;
        }
        begun.push(role);
        let _ = writeln!(text, "[{}.columns]", role.word());
        let layout = mucalc_read::layout::Layout::canonical();
        for column in layout.input(role).columns.all() {
            let needed = layout.input(role).columns.required.contains(&column);
            let known = it.columns.iter().find(|seen| seen.ours.iter().any(|ours| ours == column));
            let _ = match known {
                Some(seen) => writeln!(text, "{column} = {}", quoted(&seen.column)),
                None => writeln!(text, "# {column} = \"...\"{}", if needed { "    # NEEDED" } else { "" }),
            };
        }
    }
    text
}
