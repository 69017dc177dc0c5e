//! Checks a rule set that parses: every rule has its own id and can be reached, and every policy setting is used.

use std::collections::BTreeSet;

use crate::edition::compile::DecisionTable;
use crate::edition::model::{
    Edition, ExclusionTest, PolicyChoice, PolicyChoices, Rule, RuleEffect, RuleList,
};
use crate::edition::problem::EditionError;

/// A problem at a byte offset, before its line and column are known.
pub(super) struct LintError {
    offset: usize,
    message: String,
}

/// Returns all problems of a rule set: duplicate ids, rules that no row reaches, rule lists that leave rows undecided, and policy settings
/// that no rule uses.
pub(super) fn edition(edition: &Edition, text: &str) -> Vec<EditionError> {
    let mut faults = Vec::new();
    doubled_ids(edition, &mut faults);
    for (name, section) in sections(edition) {
        check_reachable(name, section, edition, &mut faults);
    }
    unused_policies(edition, &mut faults);
    faults.into_iter().map(|fault| EditionError::new(text, fault.offset, fault.message)).collect()
}

/// Returns every rule list of a rule set, with its name.
fn sections(edition: &Edition) -> impl Iterator<Item = (&str, &RuleList)> {
    let tests = edition.exclusions.iter().filter_map(|exclusion| match exclusion.test.as_ref()? {
        ExclusionTest::None(section) | ExclusionTest::HalfInShortCounties(section, _) => {
            Some((exclusion.id.as_str(), section))
        }
    });
    let gate = edition.gate.iter().map(|gate| ("gate", &gate.section));
    let own = [("denominator", &edition.denominator), ("numerator", &edition.numerator)];
    own.into_iter().chain(gate).chain(tests)
}

fn doubled_ids(edition: &Edition, faults: &mut Vec<LintError>) {
    let mut known = BTreeSet::new();
    for rule in sections(edition).flat_map(|(_, section)| &section.rules) {
        if !known.insert(&rule.id) {
            faults.push(LintError {
                offset: rule.offset,
                message: format!("a second rule has the id `{}`", rule.id),
            });
        }
    }
}

fn check_reachable(name: &str, section: &RuleList, edition: &Edition, faults: &mut Vec<LintError>) {
    let offset = section.rules.first().map_or(0, |rule| rule.offset);
    let Some(catch_all) = section.rules.iter().position(is_unconditional) else {
        let message = format!(
            "the last rule of `{name}` must have no `when` and no `policy`, so that every row is decided"
        );
        faults.push(LintError { offset, message });
        return;
    };
    if section.rules.len() > usize::from(u8::MAX) {
        faults.push(LintError { offset, message: format!("`{name}` has more than {} rules", u8::MAX) });
        return;
    }
    // Compile twice: with no rule removed, so that rows reach the rules of policies; and with these removed, since their rows may then
    // reach a later rule.
    let reached = [PolicyChoice::Exclude, PolicyChoice::Count].into_iter().flat_map(|choice| {
        let choices: PolicyChoices = edition.policies.keys().map(|name| (name.clone(), choice)).collect();
        let table = DecisionTable::compile(section, &choices);
        table.rows().map(|row| table.cell_of(&row).rule).collect::<Vec<_>>()
    });
    let reached: BTreeSet<u8> = reached.collect();
    for (position, rule) in section.rules.iter().enumerate() {
        if !reached.contains(&(position as u8)) {
            let message = if position > catch_all {
                let before = &section.rules[catch_all].id;
                format!("no row reaches the rule `{}`: the rule `{before}` before it fits every row", rule.id)
            } else {
                format!(
                    "no row reaches the rule `{}`: the rules before it decide all that it asks for",
                    rule.id
                )
            };
            faults.push(LintError { offset: rule.offset, message });
        }
    }
}

fn unused_policies(edition: &Edition, faults: &mut Vec<LintError>) {
    let asked = referenced_policies([&edition.denominator, &edition.numerator]);
    for name in edition.policies.keys().filter(|name| !asked.contains(name.as_str())) {
        faults.push(LintError { offset: 0, message: format!("no rule asks the policy `{name}`") });
    }
}

/// Returns the policy settings that rules use.
pub(super) fn referenced_policies<'s>(sections: impl IntoIterator<Item = &'s RuleList>) -> BTreeSet<&'s str> {
    let rules = sections.into_iter().flat_map(|section| &section.rules);
    let asked = rules.filter_map(|rule| match &rule.decision {
        RuleEffect::ByPolicy(name) => Some(name.as_str()),
        RuleEffect::Fixed(_) => None,
    });
    asked.collect()
}

/// Returns whether a rule matches every row and no policy setting can remove it.
fn is_unconditional(rule: &Rule) -> bool {
    rule.when.is_none() && matches!(rule.decision, RuleEffect::Fixed(_))
}
