//! The rules of a section as three `CASE` expressions: which rule judges a row, whether it may be in, whether it must be in.

use crate::cte::{CaseArm, case};
use crate::dialect::SqlDialect;
use crate::error::SqlError;
use crate::predicate::{Modality, Predicate, SqlColumn};
use mucalc_core::edition::model::{PolicyChoices, RuleList};

/// The rules of a section over the words of a row.
///
/// The rule that judges is the first that may fit. A row may be in if, going down the rules, one that lets rows in may fit before
/// one that keeps them out must; it must be in if one that lets rows in must fit before one that keeps them out may.
/// [`super::proof`] tries every combination of words, and puts arms before these where that is not quite what is meant.
pub(super) struct RuleCases {
    pub columns: Vec<SqlColumn>,
    /// The rule that judges, by its number from 1; whether the row may be in; whether it must be.
    pub expressions: [CaseExpression; 3],
}

/// A `CASE` over the words of a row.
pub(super) struct CaseExpression {
    name: &'static str,
    arms: Vec<CaseBranch>,
}

/// An arm: what is said of rows that fit, and why.
struct CaseBranch {
    when: Predicate,
    then: usize,
    note: String,
}

/// What is said of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CaseOutcome {
    /// The number of the rule that judges, from 1.
    pub rule: usize,
    pub may: bool,
    pub must: bool,
}

impl RuleCases {
    /// The rules that the choices leave.
    pub fn new(section: &RuleList, choices: &PolicyChoices, columns: Vec<SqlColumn>) -> Self {
        let names = ["rule_number", "may_be_in", "must_be_in"];
        let mut expressions = names.map(|name| CaseExpression { name, arms: Vec::new() });
        for (at, rule) in section.rules.iter().enumerate() {
            let Some(answer) = rule.decided(choices) else { continue };
            let when = |sure: Modality| Predicate::of(rule.when.as_ref(), sure, &columns);
            let (may, must) = (answer.may_be_in(), answer.must_be_in());
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

    /// What the expressions say of a row, given as the position of the word in each column.
    pub fn judge(&self, row: &[usize]) -> CaseOutcome {
        let [rule, may, must] = &self.expressions;
        CaseOutcome { rule: rule.value(row), may: may.value(row) == 1, must: must.value(row) == 1 }
    }

    /// That the expressions are wrong of a row.
    pub fn unfit(&self, row: &[usize]) -> SqlError {
        let word = |(column, at): (&SqlColumn, &usize)| format!("{}={}", column.name, column.words[*at].word);
        SqlError::Inexact { words: self.columns.iter().zip(row).map(word).collect::<Vec<_>>().join(" ") }
    }

    /// The three expressions, with their names.
    pub fn texts(&self, dialect: SqlDialect) -> Vec<(String, &'static str)> {
        let text = |expression: &CaseExpression| (expression.text(&self.columns, dialect), expression.name);
        self.expressions.iter().map(text).collect()
    }
}

impl CaseExpression {
    /// What it says of a row.
    pub fn value(&self, row: &[usize]) -> usize {
        self.arms.iter().find(|arm| arm.when.holds(row)).map_or(0, |arm| arm.then)
    }

    /// Says something else of some rows.
    pub fn except(&mut self, when: Predicate, then: usize) {
        self.arms
            .insert(0, CaseBranch { when, then, note: "whatever the unknown words stand for".to_owned() });
    }

    fn text(&self, columns: &[SqlColumn], dialect: SqlDialect) -> String {
        let end = self.arms.iter().position(|arm| arm.when == Predicate::Always);
        let (arms, last) = match end {
            Some(end) => (&self.arms[..end], (self.arms[end].then, Some(&self.arms[end].note))),
            None => (&self.arms[..], (0, None)),
        };
        // What the last arms say is what is said otherwise.
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
    /// What each of the three expressions has to say.
    pub fn figures(&self) -> [usize; 3] {
        [self.rule, usize::from(self.may), usize::from(self.must)]
    }
}
