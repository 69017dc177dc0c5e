//! The rules of a list as three `CASE` expressions: which rule decides a row, whether it may qualify, and whether it must qualify.

use crate::cte::{CaseArm, case};
use crate::dialect::SqlDialect;
use crate::error::SqlError;
use crate::predicate::{Modality, Predicate, SqlColumn};
use mucalc_core::edition::model::{PolicyChoices, RuleList};

/// The rules of a list, as expressions over the values of a row.
///
/// The first rule that may match decides. Rules are tried in order. A row may qualify if a rule by which rows qualify may match before a
/// rule by which they do not must match. A row must qualify if a rule by which rows qualify must match before a rule by which they do not
/// may match. [`super::proof`] tries every combination of values, and puts arms before these for combinations in which that is not exact.
pub(super) struct RuleCases {
    pub columns: Vec<SqlColumn>,
    /// Deciding rule, by its number from 1; whether the row may qualify; whether it must qualify.
    pub expressions: [CaseExpression; 3],
}

/// A `CASE` over the values of a row.
pub(super) struct CaseExpression {
    name: &'static str,
    arms: Vec<CaseBranch>,
}

/// An arm: the value for rows that match, and the reason.
struct CaseBranch {
    when: Predicate,
    then: usize,
    note: String,
}

/// The outcome of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CaseOutcome {
    /// Number of the deciding rule, from 1.
    pub rule: usize,
    pub may: bool,
    pub must: bool,
}

impl RuleCases {
    /// Creates the expressions of the rules that the policy settings leave active.
    pub fn new(section: &RuleList, choices: &PolicyChoices, columns: Vec<SqlColumn>) -> Self {
        let names = ["rule_number", "may_be_in", "must_be_in"];
        let mut expressions = names.map(|name| CaseExpression { name, arms: Vec::new() });
        for (at, rule) in section.rules.iter().enumerate() {
            let Some(answer) = rule.decided(choices) else { continue };
            let when = |sure: Modality| Predicate::from_condition(rule.when.as_ref(), sure, &columns);
            let (may, must) = (answer.is_possible(), answer.is_certain());
            let sayings = [
                (Modality::May, at + 1),
                (if may { Modality::May } else { Modality::Must }, usize::from(may)),
                (if must { Modality::Must } else { Modality::May }, usize::from(must)),
            ];
            for (expression, (sure, then)) in expressions.iter_mut().zip(sayings) {
                expression.arms.push(CaseBranch { when: when(sure), then, note: rule.id.clone() });
            }
        }
        Self { columns, expressions }
    }

    /// Evaluates the expressions for a row, given as the position of the value in each column.
    pub fn evaluate(&self, row: &[usize]) -> CaseOutcome {
        let [rule, may, must] = &self.expressions;
        CaseOutcome { rule: rule.value(row), may: may.value(row) == 1, must: must.value(row) == 1 }
    }

    /// Returns the error for a row for which the expressions are wrong.
    pub fn to_error(&self, row: &[usize]) -> SqlError {
        let word = |(column, at): (&SqlColumn, &usize)| format!("{}={}", column.name, column.words[*at].word);
        SqlError::Inexact { words: self.columns.iter().zip(row).map(word).collect::<Vec<_>>().join(" ") }
    }

    /// Returns the three expressions, with their names.
    pub fn texts(&self, dialect: SqlDialect) -> Vec<(String, &'static str)> {
        let text = |expression: &CaseExpression| (expression.text(&self.columns, dialect), expression.name);
        self.expressions.iter().map(text).collect()
    }
}

impl CaseExpression {
    /// Returns the value for a row.
    pub fn value(&self, row: &[usize]) -> usize {
        self.arms.iter().find(|arm| arm.when.matches(row)).map_or(0, |arm| arm.then)
    }

    /// Overrides the value for some rows.
    pub fn add_override(&mut self, when: Predicate, then: usize) {
        self.arms
            .insert(0, CaseBranch { when, then, note: "whatever the unknown words stand for".to_owned() });
    }

    fn text(&self, columns: &[SqlColumn], dialect: SqlDialect) -> String {
        let end = self.arms.iter().position(|arm| arm.when == Predicate::Always);
        let (arms, last) = match end {
            Some(end) => (&self.arms[..end], (self.arms[end].then, Some(&self.arms[end].note))),
            None => (&self.arms[..], (0, None)),
        };
        // Last arms with the same value as the `ELSE` are not needed.
        let needed = arms.iter().rposition(|arm| arm.then != last.0).map_or(0, |at| at + 1);
        let arm = |arm: &CaseBranch| CaseArm {
            when: arm.when.text(columns, dialect),
            then: arm.then.to_string(),
            note: Some(arm.note.clone()),
        };
        let written: Vec<CaseArm> =
            arms[..needed].iter().filter(|arm| arm.when != Predicate::Never).map(arm).collect();
        if written.is_empty() {
            return last.0.to_string();
        }
        let note = last.1.map(|note| format!(" -- {note}")).unwrap_or_default();
        case(&written, &format!("{}{note}", last.0))
    }
}

impl CaseOutcome {
    /// Returns the values that the three expressions must have.
    pub fn figures(&self) -> [usize; 3] {
        [self.rule, usize::from(self.may), usize::from(self.must)]
    }
}
