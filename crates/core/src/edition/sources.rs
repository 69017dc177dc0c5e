//! Reads the source of a rule from a rule-set file.

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

/// Reads a reason and its source.
pub fn explanation(table: &TomlTable<'_>) -> Option<CitedText> {
    let (why, source) = (table.text("why"), source(table));
    Some(CitedText { why: why?, source: source? })
}
