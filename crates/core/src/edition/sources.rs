//! The source of a rule, as an edition names it.

use crate::edition::document::TomlTable;
use crate::edition::explanation::{CitedText, RuleSource, SourceConfidence};

pub fn confidence(table: &TomlTable<'_>) -> Option<SourceConfidence> {
    table.word("confidence")
}

pub fn source(table: &TomlTable<'_>) -> Option<RuleSource> {
    let (cite, rules, confidence) = (table.text("cite"), table.texts("rules"), confidence(table));
    let rules = rules?.into_iter().map(|(_, rule)| rule).collect();
    Some(RuleSource { cite: cite?, rules, confidence: confidence? })
}

/// Why something is so, and according to whom.
pub fn explanation(table: &TomlTable<'_>) -> Option<CitedText> {
    let (why, source) = (table.text("why"), source(table));
    Some(CitedText { why: why?, source: source? })
}
