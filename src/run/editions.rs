//! `mucalc editions`: the law as the program knows it.

use std::fmt::Write;

use crate::domain::score::Threshold;
use crate::edition;
use crate::edition::condition::Condition;
use crate::edition::model::{Choice, Decision, Edition, Rule, Section, Source};
use crate::run::failed::{Exit, Failed};
use crate::run::output::to_stdout;
use crate::run::settings::find_edition;

/// Lists the editions.
///
/// # Errors
/// When standard output cannot be written.
pub fn list() -> Result<Exit, Failed> {
    let mut text = String::new();
    for edition in edition::all() {
        let default = if edition.id == edition::DEFAULT { " (default)" } else { "" };
        let _ = writeln!(text, "{}{default}  {}  {}", edition.id, edition.years, edition.title);
    }
    text.push_str("\n`mucalc editions show ID` shows the rules of one.\n");
    to_stdout(text.as_bytes())?;
    Ok(Exit::Success)
}

/// Shows an edition.
///
/// # Errors
/// When there is no such edition.
pub fn show(id: &str) -> Result<Exit, Failed> {
    let edition = find_edition(Some(id))?;
    to_stdout(markdown(&edition).as_bytes())?;
    Ok(Exit::Success)
}

/// An edition as Markdown: what `editions show` prints and `docs/editions.md` holds.
pub fn markdown(edition: &Edition) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let Threshold::MoreThanPercent(percent) = edition.threshold;
    let _ = writeln!(text, "# {}: {}\n", edition.id, edition.title);
    let _ = writeln!(text, "{}, program year {}.", edition.program, edition.years);
    let _ = writeln!(text, "Source: {}.\n", source(&edition.source));
    let _ = writeln!(text, "Threshold: more than {percent} percent. {}", edition.threshold_why.why);
    let _ = writeln!(text, "Source: {}.", source(&edition.threshold_why.source));
    section(&mut text, "Denominator, asked of each encounter", &edition.denominator, "in");
    section(&mut text, "Numerator, asked of each message", &edition.numerator, "counts");
    let _ = writeln!(text, "\n## Policies\n");
    for (name, policy) in &edition.policies {
        let choices: Vec<_> =
            policy.choices.iter().map(|choice| name_choice(*choice, policy.default)).collect();
        let _ = writeln!(text, "- `{name}`: {} {}.", policy.asks, choices.join(", "));
        let _ = writeln!(text, "  {}", policy.why.why);
        let _ = writeln!(text, "  Source: {}.", source(&policy.why.source));
    }
    let _ = writeln!(text, "\n## Exclusions\n");
    let _ = writeln!(text, "Attested by the professional, apart from the verdict.\n");
    for exclusion in &edition.exclusions {
        let _ = writeln!(text, "- `{}`: \"{}\"", exclusion.id, exclusion.text);
        let _ = writeln!(text, "  Source: {}.", source(&exclusion.source));
    }
    text
}

/// A rule as text: what it asks, what it decides, why, and according to whom.
pub fn rule_text(rule: &Rule, section: &Section, yes: &str) -> String {
    let asks =
        rule.when.as_ref().map_or("otherwise".to_owned(), |when| format!("if {}", condition(when, section)));
    let decides = match &rule.decision {
        Decision::Fixed(answer) if answer.must_be_in() => yes.to_owned(),
        Decision::Fixed(answer) if answer.may_be_in() => "uncertain".to_owned(),
        Decision::Fixed(_) => "out".to_owned(),
        Decision::ByPolicy(name) => format!("as the policy `{name}` says"),
    };
    format!("{asks}: {decides}. {}\n   Source: {}.", rule.why.why, source(&rule.why.source))
}

fn section(text: &mut String, title: &str, section: &Section, yes: &str) {
    let _ = writeln!(text, "\n## {title}\n\nThe first rule that fits decides.\n");
    for (position, rule) in section.rules.iter().enumerate() {
        let _ = writeln!(text, "{}. `{}`: {}", position + 1, rule.id, rule_text(rule, section, yes));
    }
}

fn condition(condition: &Condition, section: &Section) -> String {
    let several = |parts: &[Condition], joint: &str| {
        let parts: Vec<_> = parts.iter().map(|part| self::condition(part, section)).collect();
        parts.join(joint)
    };
    match condition {
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

fn name_choice(choice: Choice, default: Choice) -> String {
    let mark = if choice == default { " (default)" } else { "" };
    format!("{}{mark}", choice.word())
}

fn source(source: &Source) -> String {
    let rules =
        if source.rules.is_empty() { String::new() } else { format!("; {}", source.rules.join(", ")) };
    format!("{} ({}{rules})", source.cite, source.confidence.word())
}
