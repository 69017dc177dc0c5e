//! The source of a rule, as an edition names it.

use crate::edition::document::Table;
use crate::edition::explanation::{Explanation, Source, SourceConfidence};

pub fn confidence(table: &Table<'_>) -> Option<SourceConfidence> {
    table.word("confidence", &SourceConfidence::WORDS, SourceConfidence::parse)
}

pub fn source(table: &Table<'_>) -> Option<Source> {
    let (cite, rules, confidence) = (table.text("cite"), table.texts("rules"), confidence(table));
    let rules = rules?.into_iter().map(|(_, rule)| rule).collect();
    Some(Source { cite: cite?, rules, confidence: confidence? })
}

/// Why something is so, and according to whom.
pub fn explanation(table: &Table<'_>) -> Option<Explanation> {
    let (why, source) = (table.text("why"), source(table));
    Some(Explanation { why: why?, source: source? })
}
