//! What is looked for in an input, by which its sheet and its separator are chosen.

use crate::layout::EntityLayout;
use crate::layout::names::folded;
use mucalc_core::domain::input::InputRole;
use std::collections::HashSet;

/// What is looked for in an input, by which its separator and its sheet are told.
#[derive(Clone, Debug)]
pub struct SniffHints {
    /// The names of columns.
    pub names: Vec<String>,
    /// The same, folded.
    pub(super) folded: HashSet<String>,
    /// Whether quotation marks quote, in text with separators.
    pub quotes: bool,
    /// As what it may be read; the sheet that is meant has what one of these requires.
    pub inputs: Vec<EntityLayout>,
    /// The sheet that is named.
    pub sheet: Option<String>,
    /// Whether any sheet will do where several could be meant, since one only looks around.
    pub any_sheet: bool,
    /// Whether it is an export of which every row counts, so that no sheet is preferred for a column more.
    pub is_export: bool,
}

impl SniffHints {
    /// Columns with these names, however they are spelled.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>, quotes: bool) -> Self {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        Self {
            folded: names.iter().map(|name| folded(name)).collect(),
            names,
            quotes,
            inputs: Vec::new(),
            sheet: None,
            any_sheet: false,
            is_export: false,
        }
    }

    /// What a layout looks for.
    pub fn by(input: &EntityLayout, role: InputRole) -> Self {
        let quotes = input.table.as_ref().and_then(|table| table.quotes).unwrap_or(true);
        Self {
            inputs: vec![input.clone()],
            sheet: input.sheet.clone(),
            is_export: matches!(role, InputRole::Encounters | InputRole::Messages | InputRole::Accesses),
            ..Self::new(input.sources(), quotes)
        }
    }

    /// What some inputs look for together.
    pub fn by_any(inputs: Vec<EntityLayout>) -> Self {
        let names: Vec<String> = inputs.iter().flat_map(EntityLayout::sources).map(str::to_owned).collect();
        let wanted = Self::new(names.iter().map(String::as_str), true);
        Self { inputs, any_sheet: true, ..wanted }
    }

    /// Whether a column is looked for.
    pub fn has(&self, name: &[u8]) -> bool {
        std::str::from_utf8(name).is_ok_and(|name| self.folded.contains(&folded(name)))
    }
}
