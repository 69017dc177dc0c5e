//! Describes a rule set, under the policy settings of a run, for people to read.

use crate::domain::inclusion::Inclusion;
use crate::domain::rule_set_text::{
    Citation, ExclusionText, PeriodText, PolicyText, RuleSetText, RuleText, StatementText,
};
use crate::edition::Edition;
use crate::edition::explanation::RuleSource;
use crate::edition::model::{Policy, PolicyChoices, Rule, RuleEffect, RuleList};
use crate::edition::periods::PeriodRule;
use crate::edition::wording;

/// Returns the text of a rule set. `year` is the program year, which can change the default of a policy setting.
pub fn rule_set_text(edition: &Edition, choices: &PolicyChoices, year: i32) -> RuleSetText {
    let rules = |section: &RuleList, yes: &str| -> Vec<RuleText> {
        section.rules.iter().map(|rule| rule_text(rule, section, choices, yes)).collect()
    };
    RuleSetText {
        program: edition.program.clone(),
        years: edition.years.to_string(),
        statement: statement_text(edition),
        source: cited(&edition.source),
        periods: edition.period_rules(year, None).into_iter().map(period_text).collect(),
        denominator: rules(&edition.denominator, "in"),
        numerator: rules(&edition.numerator, "counts"),
        policies: edition
            .policies
            .iter()
            .map(|(name, policy)| policy_text(name, policy, choices, edition.years.nearest(year)))
            .collect(),
        exclusions: edition
            .exclusions
            .iter()
            .map(|exclusion| ExclusionText {
                id: exclusion.id.clone(),
                text: exclusion.text.clone(),
                source: cited(&exclusion.source),
            })
            .collect(),
    }
}

fn statement_text(edition: &Edition) -> StatementText {
    edition.statement.as_ref().map_or_else(StatementText::default, |of| StatementText {
        text: of.text.clone(),
        cite: of.cite.clone(),
    })
}

/// Returns what a rule decides in a run. `yes` is the word for a row that is included.
pub fn configured_effect_text(rule: &Rule, choices: &PolicyChoices, yes: &str) -> String {
    let choice = match &rule.decision {
        RuleEffect::Fixed(_) => None,
        RuleEffect::ByPolicy(name) => choices.get(name).map(|choice| (name, choice)),
    };
    let Some((name, choice)) = choice else { return wording::effect_text(rule, yes) };
    let answer = match choice.answer() {
        None => "not applied",
        Some(Inclusion::In) => yes,
        Some(Inclusion::Uncertain) => "uncertain",
        Some(Inclusion::Out) => "out",
    };
    format!("{answer}, because {name}={}", choice.word())
}

fn period_text(rule: &PeriodRule) -> PeriodText {
    PeriodText {
        participants: rule.participant.plural(),
        allowed: rule.text(),
        why: rule.why.why.clone(),
        source: cited(&rule.why.source),
    }
}

fn rule_text(rule: &Rule, section: &RuleList, choices: &PolicyChoices, yes: &str) -> RuleText {
    RuleText {
        id: rule.id.clone(),
        asks: wording::condition_text(rule, section),
        decides: configured_effect_text(rule, choices, yes),
        why: rule.why.why.clone(),
        source: cited(&rule.why.source),
    }
}

fn policy_text(name: &str, policy: &Policy, choices: &PolicyChoices, year: i32) -> PolicyText {
    let default = policy.default_in(year);
    let choice = |choice: &crate::edition::model::PolicyChoice| {
        let mark = if *choice == default { " (default)" } else { "" };
        format!("{}{mark}", choice.word())
    };
    PolicyText {
        name: name.to_owned(),
        asks: policy.asks.clone(),
        choice: choices.get(name).map_or("", |choice| choice.word()).to_owned(),
        choices: policy.choices.iter().map(choice).collect::<Vec<_>>().join(", "),
        why: policy.why.why.clone(),
        source: cited(&policy.why.source),
    }
}

fn cited(source: &RuleSource) -> Citation {
    let rules =
        if source.rules.is_empty() { String::new() } else { format!("; {}", source.rules.join(", ")) };
    Citation { cite: format!("{}{rules}", source.cite), confidence: source.confidence.word() }
}
