//! `mucalc editions`: lists and shows the built-in rule sets.

use std::fmt::Write;

use crate::error::Exit;
use crate::run::output::to_stdout;
use crate::run::settings::edition_named;
use crate::run::terminal::style;
use mucalc_core::domain::score::Threshold;
use mucalc_core::domain::text::pluralize;
use mucalc_core::edition;
use mucalc_core::edition::model::{
    AttributionScope, Edition, ExclusionTest, NumeratorSource, PolicyChoice, RuleList,
};
use mucalc_core::edition::wording::{rule_text, source};
use mucalc_options::ColorChoice;

/// Lists the rule sets.
///
/// # Errors
/// If standard output cannot be written.
pub fn list() -> anyhow::Result<Exit> {
    let mut text = String::new();
    for edition in edition::all() {
        let years = edition.years;
        let is_default =
            (years.first..=years.last).any(|year| edition::id_for_year(year) == Some(&edition.id));
        let id = format!("{}{}", edition.id, if is_default { " *" } else { "" });
        let _ = writeln!(text, "{id:24} {:13} {}", years.to_string(), edition.title);
    }
    text.push_str(
        "\n* the default for a period of its year (of its first year, where it has several). `mucalc editions show ID` shows the rules of one.\n",
    );
    to_stdout(style(ColorChoice::Auto, false).paragraphs(text).as_bytes())?;
    Ok(Exit::Success)
}

/// Shows a rule set.
///
/// # Errors
/// If the rule set is unknown, or standard output cannot be written.
pub fn show(id: &str) -> anyhow::Result<Exit> {
    let edition = edition_named(id)?;
    to_stdout(style(ColorChoice::Auto, false).paragraphs(markdown(&edition)).as_bytes())?;
    Ok(Exit::Success)
}

/// Returns a rule set as Markdown, for `editions show` and `docs/editions.md`.
pub fn markdown(edition: &Edition) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "# {}: {}\n", edition.id, edition.title);
    if edition.peer {
        let _ = writeln!(text, "**How another program counts, to be compared with; not the regulation.**\n");
    }
    let years = if edition.years.first == edition.years.last { "program year" } else { "program years" };
    let _ = writeln!(text, "{}, {years} {}.", edition.program, edition.years);
    let _ = writeln!(text, "Source: {}.\n", source(&edition.source));
    for goal in &edition.goals {
        let years = goal.years.map_or(String::new(), |years| format!(" in {years}"));
        let threshold = match goal.threshold {
            Threshold::MoreThanPercent(percent) => format!("more than {percent} percent"),
            Threshold::AtLeast(patients) => {
                format!("at least {}", pluralize(patients, "patient", "patients"))
            }
            Threshold::Attested => "attested with yes or no".to_owned(),
        };
        let _ = writeln!(text, "Threshold{years}: {threshold}. {}", goal.why.why);
        let _ = writeln!(text, "Source: {}.", source(&goal.why.source));
    }
    for note in &edition.notes {
        let _ = writeln!(text, "Note: {}", note.why);
        let _ = writeln!(text, "Source: {}.", source(&note.source));
    }
    if let Some(points) = &edition.points {
        let _ = writeln!(text, "Points: {} at the most. {}", points.of, points.why.why);
        let _ = writeln!(text, "Source: {}.", source(&points.why.source));
    }
    if !edition.periods.is_empty() {
        let _ = writeln!(text, "\n## Allowed reporting periods\n");
    }
    for rule in &edition.periods {
        let years = if rule.years == edition.years { String::new() } else { format!(" in {}", rule.years) };
        let _ = writeln!(text, "- {}{years}: {}. {}", rule.participant.plural(), rule.text(), rule.why.why);
        let _ = writeln!(text, "  Source: {}.", source(&rule.why.source));
    }
    section(&mut text, "Denominator: rules for each encounter", &edition.denominator, "in");
    let asked_of = match edition.counts {
        NumeratorSource::Messages => "message",
        NumeratorSource::Accesses => "access to the portal",
    };
    section(&mut text, &format!("Numerator: rules for each {asked_of}"), &edition.numerator, "counts");
    match edition.counts_for {
        AttributionScope::Named => {}
        AttributionScope::NamedOrSameNpi => {
            let _ = writeln!(
                text,
                "\nIt is attributed to all ids that share the National Provider Identifier of its provider on the roster (B47)."
            );
        }
        AttributionScope::NamedOrAll => {
            let _ = writeln!(
                text,
                "\nOne that names no provider counts for every provider who saw the patient (B49)."
            );
        }
        AttributionScope::Anybody => {
            let _ = writeln!(text, "\nIt counts for every provider who saw the patient, whoever it names.");
        }
    }
    if !edition.policies.is_empty() {
        let _ = writeln!(text, "\n## Policies\n");
    }
    for (name, policy) in &edition.policies {
        let choices: Vec<_> =
            policy.choices.iter().map(|choice| name_choice(*choice, policy.default)).collect();
        let by_year =
            policy.by_year.iter().map(|(years, choice)| format!("; {} by default in {years}", choice.word()));
        let _ = writeln!(
            text,
            "- `{name}`: {} {}{}.",
            policy.asks,
            choices.join(", "),
            by_year.collect::<String>()
        );
        let _ = writeln!(text, "  {}", policy.why.why);
        let _ = writeln!(text, "  Source: {}.", source(&policy.why.source));
    }
    if let Some(gate) = &edition.gate {
        let _ = writeln!(text, "\n## Encounters at locations with certified EHR technology\n");
        let _ = writeln!(text, "{}", gate.why.why);
        let _ = writeln!(text, "Source: {}.\n", source(&gate.why.source));
        for rule in &gate.section.rules {
            let rule_text = rule_text(rule, &gate.section, "included").replace("\n   ", " ");
            let _ = writeln!(text, "- `{}`: {rule_text}", rule.id);
        }
    }
    if edition.exclusions.is_empty() {
        return text;
    }
    let _ = writeln!(text, "\n## Exclusions\n");
    let _ = writeln!(text, "The EP claims an exclusion at attestation, separately from the result.\n");
    for exclusion in &edition.exclusions {
        let years = exclusion.years.map_or(String::new(), |years| format!(" (in {years})"));
        let _ = writeln!(text, "- `{}`{years}: {}", exclusion.id, exclusion.text);
        let _ = writeln!(text, "  Source: {}.", source(&exclusion.source));
        let (computed, rules) = match &exclusion.test {
            None => ("`mucalc` does not calculate whether it applies.".to_owned(), None),
            Some(ExclusionTest::None(section)) => (
                "The exclusion applies if no encounter matches. The rules for each encounter:".to_owned(),
                Some(section),
            ),
            Some(ExclusionTest::HalfInShortCounties(section, mbps)) => (
                format!(
                    "The exclusion applies if half or more of the matching encounters took place in counties in which fewer \
                     than half of the housing units have {mbps} Mbps (`--counties`). The rules for each encounter:"
                ),
                Some(section),
            ),
        };
        let _ = writeln!(text, "  {computed}");
        for rule in rules.into_iter().flat_map(|section| &section.rules) {
            let section = rules.unwrap_or(&edition.denominator);
            let _ = writeln!(
                text,
                "  - `{}`: {}",
                rule.id,
                rule_text(rule, section, "matches").replace("\n   ", " ")
            );
        }
    }
    text
}

fn section(text: &mut String, title: &str, section: &RuleList, yes: &str) {
    let _ = writeln!(
        text,
        "\n## {title}\n\nThe first matching rule decides. If a policy setting is `exclude`, its rule is applied before the rules that would otherwise leave the row unresolved.\n"
    );
    for (position, rule) in section.rules.iter().enumerate() {
        let _ = writeln!(text, "{}. `{}`: {}", position + 1, rule.id, rule_text(rule, section, yes));
    }
}

fn name_choice(choice: PolicyChoice, default: PolicyChoice) -> String {
    let mark = if choice == default { " (default)" } else { "" };
    format!("{}{mark}", choice.word())
}
