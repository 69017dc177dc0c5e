//! Texts about a rule: its condition, its decision, and its source.

use crate::domain::words::DayRelation;
use crate::edition::condition::Condition;
use crate::edition::explanation::RuleSource;
use crate::edition::model::{NumeratorWindow, Rule, RuleEffect, RuleList};

/// Returns the condition of a rule, as a clause.
pub fn condition_text(rule: &Rule, section: &RuleList) -> String {
    rule.when.as_ref().map_or("otherwise".to_owned(), |when| format!("if {}", condition(when, section)))
}

/// Returns the decision of a rule. `yes` is the word for a row that is included.
pub fn effect_text(rule: &Rule, yes: &str) -> String {
    match &rule.decision {
        RuleEffect::Fixed(answer) if answer.is_certain() => yes.to_owned(),
        RuleEffect::Fixed(answer) if answer.is_possible() => "uncertain".to_owned(),
        RuleEffect::Fixed(_) => "out".to_owned(),
        RuleEffect::ByPolicy(name) => format!("as the policy `{name}` says"),
    }
}

/// Returns the text of a source: the document, how well it is known, and the numbered statements.
pub fn source(source: &RuleSource) -> String {
    let rules =
        if source.rules.is_empty() { String::new() } else { format!("; {}", source.rules.join(", ")) };
    format!("{} ({}{rules})", source.cite, source.confidence.word())
}

/// Returns the text of a rule: condition, decision, reason, and source.
pub fn rule_text(rule: &Rule, section: &RuleList, yes: &str) -> String {
    let (asks, decides) = (condition_text(rule, section), effect_text(rule, yes));
    format!("{asks}: {decides}. {}\n   Source: {}.", rule.why.why, source(&rule.why.source))
}

fn condition(condition: &Condition, section: &RuleList) -> String {
    let several = |parts: &[Condition], joint: &str| {
        let parts: Vec<_> = parts.iter().map(|part| self::condition(part, section)).collect();
        parts.join(joint)
    };
    match condition {
        Condition::OneOf { column, codes } if section.columns[*column].name == DayRelation::LIST.name => {
            let wider = codes.contains(&DayRelation::Around.code());
            match section.window.filter(|_| wider) {
                Some(NumeratorWindow::CalendarYear) => "day in the calendar year".to_owned(),
                Some(NumeratorWindow::YearToAttestation) => {
                    "day from the beginning of the year to the attestation".to_owned()
                }
                None => "day in the reporting period".to_owned(),
            }
        }
        Condition::OneOf { column, codes } => {
            let list = section.columns[*column];
            let words: Vec<_> = codes.iter().map(|code| list.word(*code)).collect();
            format!("{} is {}", list.name, words.join(" or "))
        }
        Condition::All(parts) => several(parts, " and "),
        Condition::Any(parts) => format!("({})", several(parts, " or ")),
        Condition::Not(part) => format!("not ({})", self::condition(part, section)),
    }
}
