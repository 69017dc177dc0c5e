//! Parses the rules of a list: conditions, decisions, and the policy settings that they use.

use std::cell::Cell;
use std::collections::BTreeMap;
use strum::VariantNames;

use toml::Spanned;
use toml::de::DeValue;

use crate::domain::inclusion::Inclusion;
use crate::domain::words::{DayRelation, ValueSet};
use crate::edition::condition::Condition;
use crate::edition::document::{TomlReader, TomlTable, unknown_word};
use crate::edition::model::{NumeratorWindow, Policy, Rule, RuleEffect, RuleList};
use crate::edition::sources::explanation;

/// The name of the reporting period, a window of every rule set.
const REPORTING_PERIOD: &str = "reporting-period";

/// A parser of rule lists.
pub(super) struct RuleParser<'d, 'p> {
    pub(super) document: &'d TomlReader<'d>,
    pub(super) policies: Option<&'p BTreeMap<String, Policy>>,
    /// The extended window that the rules of the current list use so far.
    window: Cell<Option<NumeratorWindow>>,
}

impl<'d, 'p> RuleParser<'d, 'p> {
    /// Returns a parser of rules that may use these policy settings.
    pub(super) fn new(document: &'d TomlReader<'d>, policies: Option<&'p BTreeMap<String, Policy>>) -> Self {
        Self { document, policies, window: Cell::new(None) }
    }

    /// Parses the rules under the key `rule` of a table. `yes` is the `verdict` of a rule that includes its rows.
    pub(super) fn section(
        &self,
        table: &TomlTable<'d>,
        columns: &'static [&'static ValueSet],
        yes: &'static str,
    ) -> Option<RuleList> {
        self.window.set(None);
        let value = table.require("rule")?;
        let rules: Vec<_> =
            self.document.array(value)?.iter().map(|value| self.rule(value, columns, yes)).collect();
        let rules = rules.into_iter().collect::<Option<Vec<_>>>()?;
        Some(RuleList { columns, rules, window: self.window.take() })
    }

    fn rule(
        &self,
        value: &'d Spanned<DeValue<'d>>,
        columns: &'static [&'static ValueSet],
        yes: &str,
    ) -> Option<Rule> {
        let table = self.document.table(value)?;
        let id = table.text("id");
        let when = match table.get("when") {
            Some(value) => self.condition(value, columns).map(Some),
            None => Some(None),
        };
        let decision = self.decision(&table, yes);
        let why = explanation(&table);
        let offset = table.offset();
        table.finish();
        Some(Rule { id: id?, when: when?, decision: decision?, why: why?, offset })
    }

    fn decision(&self, table: &TomlTable<'d>, yes: &str) -> Option<RuleEffect> {
        let Some(value) = table.get("policy") else {
            let answer = |word: &str| match word {
                "out" => Some(Inclusion::Out),
                "uncertain" => Some(Inclusion::Uncertain),
                word if word == yes => Some(Inclusion::In),
                _ => None,
            };
            return table.one_of("verdict", &["out", "uncertain", yes], answer).map(RuleEffect::Fixed);
        };
        if let Some(verdict) = table.get("verdict") {
            self.document.problem(verdict.span().start, "a rule has either `verdict` or `policy`, not both");
        }
        let name = self.document.text(value)?;
        let known = self.policies?;
        if !known.contains_key(&name) {
            let names: Vec<&str> = known.keys().map(String::as_str).collect();
            self.document.problem(value.span().start, unknown_word(&name, "policy", &names));
        }
        Some(RuleEffect::ByPolicy(name))
    }

    fn condition(&self, value: &'d Spanned<DeValue<'d>>, columns: &[&'static ValueSet]) -> Option<Condition> {
        let table = self.document.table(value)?;
        let several = |value: &'d Spanned<DeValue<'d>>| {
            let parts: Vec<_> =
                self.document.array(value)?.iter().map(|part| self.condition(part, columns)).collect();
            parts.into_iter().collect::<Option<Vec<_>>>()
        };
        let condition = if let Some(value) = table.get("all") {
            several(value).map(Condition::All)
        } else if let Some(value) = table.get("any") {
            several(value).map(Condition::Any)
        } else if let Some(value) = table.get("not") {
            self.condition(value, columns).map(|part| Condition::Not(Box::new(part)))
        } else {
            self.comparison(&table, columns)
        };
        table.finish();
        condition
    }

    fn comparison(&self, table: &TomlTable<'d>, columns: &[&'static ValueSet]) -> Option<Condition> {
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let position = |name: &str| names.iter().position(|known| *known == name);
        // Get these keys even if the column is unknown, so that they do not become problems too.
        let (is, one_of, within) = (table.get("is"), table.get("one_of"), table.get("within"));
        let column = table.one_of("column", &names, position)?;
        let list = columns[column];
        if let Some(value) = within {
            let window = self.document.text(value)?;
            if list.name != DayRelation::LIST.name {
                self.document.problem(
                    value.span().start,
                    format!("`within` asks about `{}` alone", DayRelation::LIST.name),
                );
            }
            if window == REPORTING_PERIOD {
                return Some(Condition::OneOf { column, codes: vec![DayRelation::Inside.code()] });
            }
            let Ok(wider) = window.parse::<NumeratorWindow>() else {
                let words = [&[REPORTING_PERIOD], NumeratorWindow::VARIANTS].concat();
                self.document.problem(value.span().start, unknown_word(&window, "within", &words));
                return None;
            };
            if self.window.replace(Some(wider)).is_some_and(|known| known != wider) {
                self.document.problem(
                    value.span().start,
                    "the rules of a section can name one window beside the reporting period, not two",
                );
            }
            return Some(Condition::OneOf {
                column,
                codes: vec![DayRelation::Inside.code(), DayRelation::Around.code()],
            });
        }
        let words: Vec<_> = match (is, one_of) {
            (Some(value), None) => vec![value],
            (None, Some(value)) => self.document.array(value)?.iter().collect(),
            _ => {
                let message = "a condition is one of `is`, `one_of`, `within`, `all`, `any`, `not`";
                self.document.problem(table.offset(), message);
                return None;
            }
        };
        let code = |value: &Spanned<DeValue<'d>>| {
            let word = self.document.text(value)?;
            let code = list.words.iter().position(|known| *known == word);
            if code.is_none() {
                self.document.problem(value.span().start, unknown_word(&word, list.name, list.words));
            }
            Some(code? as u8)
        };
        let codes: Vec<_> = words.into_iter().map(code).collect();
        Some(Condition::OneOf { column, codes: codes.into_iter().collect::<Option<_>>()? })
    }
}
