//! What is wanted in an input. This decides how its sheet and its separator are chosen.

use crate::layout::EntityLayout;
use crate::layout::names::folded;
use mucalc_core::domain::input::InputRole;
use std::collections::HashSet;

/// What is wanted in an input, to detect its separator and its sheet.
#[derive(Clone, Debug)]
pub struct SniffHints {
    /// Names of the wanted columns.
    pub names: Vec<String>,
    /// The same names, folded.
    pub(super) folded: HashSet<String>,
    /// Whether quotation marks quote, in text with separators.
    pub quotes: bool,
    /// Kinds of input that it may be. The chosen sheet has the required columns of one of these.
    pub inputs: Vec<EntityLayout>,
    /// Sheet that the layout names.
    pub sheet: Option<String>,
    /// Line of the header, or row in a sheet, that the layout names; 0 if there is no header.
    pub header: Option<u64>,
    /// Separator that the layout names.
    pub separator: Option<u8>,
    /// Whether any of several qualifying sheets may be chosen, because the input is only inspected.
    pub any_sheet: bool,
    /// Whether the input is an export in which every row counts, so that no sheet is preferred because it has more columns.
    pub is_export: bool,
}

impl SniffHints {
    /// Returns hints for columns with these names, in any spelling.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>, quotes: bool) -> Self {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        Self {
            folded: names.iter().map(|name| folded(name)).collect(),
            names,
            quotes,
            inputs: Vec::new(),
            sheet: None,
            header: None,
            separator: None,
            any_sheet: false,
            is_export: false,
        }
    }

    /// Returns the hints of a layout.
    pub fn for_layout(input: &EntityLayout, role: InputRole) -> Self {
        let quotes = input.table.as_ref().and_then(|table| table.quotes).unwrap_or(true);
        Self {
            inputs: vec![input.clone()],
            sheet: input.sheet.clone(),
            header: input.header,
            separator: input.separator,
            is_export: matches!(role, InputRole::Encounters | InputRole::Messages | InputRole::Accesses),
            ..Self::new(input.sources(), quotes)
        }
    }

    /// Returns the combined hints of several inputs.
    pub fn by_any(inputs: Vec<EntityLayout>) -> Self {
        let names: Vec<String> = inputs.iter().flat_map(EntityLayout::sources).map(str::to_owned).collect();
        let wanted = Self::new(names.iter().map(String::as_str), true);
        Self { inputs, any_sheet: true, ..wanted }
    }

    /// Returns whether a column is wanted.
    pub fn has(&self, name: &[u8]) -> bool {
        std::str::from_utf8(name).is_ok_and(|name| self.folded.contains(&folded(name)))
    }
}
