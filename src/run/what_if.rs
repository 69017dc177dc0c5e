//! `mucalc what-if`: calculates the measure from the same data under alternative settings, one by one and together.

use std::collections::BTreeMap;

use crate::error::{self, ErrorCode, Exit};
use crate::run::cautions;
use crate::run::compute::compute_under;
use crate::run::open::PageToOpen;
use crate::run::settings::resolve_for;
use crate::run::write_outputs::write_outputs;
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::report::MeasureResult;
use mucalc_core::domain::text::did_you_mean;
use mucalc_core::domain::what_if::{Scenario, WhatIfReport};
use mucalc_core::edition::model::PolicyChoice;
use mucalc_engine::{CollectWants, MeasureConfig};
use mucalc_options::{CommonArgs, name_and_value, one_of};
use mucalc_report::{TextFormat, what_if};
use strum::VariantNames;

/// The arguments of `mucalc what-if`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  mucalc what-if    # every alternative; the rest from mucalc.toml
  mucalc what-if --alternative pool=count --alternative credit=group

A policy setting applies to all patients, the whole period, and all measures. The comparison shows its effect, not \
which setting is right.")]
pub struct WhatIfArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// Alternative value of a policy setting, or credit=strict or credit=group [default: every alternative]
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value, help_heading = "Measure")]
    alternative: Vec<(String, String)>,

    /// Format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<TextFormat>(), help_heading = "Output")]
    format: Option<TextFormat>,
    /// Write the result to this file instead of standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    /// Write the result as a page and open it in the browser; without --output, the page is mucalc-what-if.html
    #[arg(long, help_heading = "Output")]
    open: bool,
}

/// The alternative that is not a policy setting.
const CREDIT: &str = "credit";

/// Alternative settings under a name.
struct Case {
    name: String,
    choices: BTreeMap<String, String>,
    ruling: MeasureConfig,
}

/// Calculates the measure under alternative settings, and shows which change a result.
///
/// # Errors
/// If a setting or value is unknown, or an input or output cannot be used.
pub fn what_if(args: WhatIfArgs) -> anyhow::Result<Exit> {
    let WhatIfArgs { common, alternative: named, mut format, mut output, open } = args;
    let page = PageToOpen::prepare(open, "what-if", &[TextFormat::Html], &mut format, &mut output)?;
    let (settings, format) = (resolve_for("what-if", common, output)?, format.unwrap_or_default());
    let base = settings.task.primary_measure();
    let cases = if named.is_empty() { every(base) } else { only(base, &named)? };
    let exit = write_outputs(&settings, |sources| {
        let rulings: Vec<MeasureConfig> =
            std::iter::once(base.clone()).chain(cases.iter().map(|case| case.ruling.clone())).collect();
        let (outcome, measures) = compute_under(&settings, &rulings, sources, CollectWants::default())?;
        let mut measures = measures.into_iter();
        let base = measures.next().ok_or_else(|| error::internal("a run without an edition"))?;
        let alternative = |(case, measure): (&Case, MeasureResult)| {
            Scenario::new(case.name.clone(), case.choices.clone(), measure, &base)
        };
        let alternatives = cases.iter().zip(measures).map(alternative).collect();
        let report = outcome.report;
        let document = WhatIfReport {
            head: report.head,
            adjudications: report.adjudications,
            alternatives,
            base,
            inputs: report.inputs,
            findings: report.findings,
            basis: report.basis,
        };
        let screen = settings.style(settings.output.is_some());
        cautions::tell(&settings, &document, [&document.base.edition]);
        what_if::render(&document, format, screen).map_err(error::from_render_error)
    })?;
    page.open();
    Ok(exit)
}

/// Returns every alternative that the rule set allows, one by one. Adds all settings in favor of counting, and all against it.
fn every(base: &MeasureConfig) -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, policy) in &base.edition.policies {
        for choice in policy.choices.iter().filter(|choice| base.choices.get(name) != Some(choice)) {
            cases.push(changed(base, &[(name.clone(), choice.word().to_owned())]));
        }
    }
    let other =
        if base.credit == AttributionMode::Strict { AttributionMode::Group } else { AttributionMode::Strict };
    cases.push(changed(base, &[(CREDIT.to_owned(), other.word().to_owned())]));
    for (title, wanted, credit) in [
        ("all settings at count", PolicyChoice::Count, AttributionMode::Group),
        ("all settings at exclude", PolicyChoice::Exclude, AttributionMode::Strict),
    ] {
        let of_policy = |(name, policy): (&String, &mucalc_core::edition::model::Policy)| {
            policy.choices.contains(&wanted).then(|| (name.clone(), wanted.word().to_owned()))
        };
        let mut all: Vec<(String, String)> = base.edition.policies.iter().filter_map(of_policy).collect();
        all.push((CREDIT.to_owned(), credit.word().to_owned()));
        let case = changed(base, &all);
        if case.choices.len() > 1 {
            cases.push(Case { name: title.to_owned(), ..case });
        }
    }
    cases
}

/// Returns the named alternatives one by one, and all of them together unless two are for the same setting.
fn only(base: &MeasureConfig, named: &[(String, String)]) -> anyhow::Result<Vec<Case>> {
    for (name, word) in named {
        check(base, name, word)?;
    }
    let mut cases: Vec<Case> = named.iter().map(|one| changed(base, std::slice::from_ref(one))).collect();
    let mut names: Vec<&String> = named.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    if names.len() == named.len() && named.len() > 1 {
        cases.push(Case { name: "all of these settings".to_owned(), ..changed(base, named) });
    }
    Ok(cases)
}

/// Checks that the rule set allows an alternative.
fn check(base: &MeasureConfig, name: &str, word: &str) -> anyhow::Result<()> {
    let policies = &base.edition.policies;
    let known: Vec<&str> = match policies.get(name) {
        _ if name == CREDIT => AttributionMode::VARIANTS.to_vec(),
        Some(policy) => policy.choices.iter().map(|choice| choice.word()).collect(),
        None => {
            let known: Vec<&str> = policies.keys().map(String::as_str).chain([CREDIT]).collect();
            let hint = did_you_mean(name, known.iter().copied());
            let id = &base.edition.id;
            let message = format!("rule set {id} has no policy `{name}`; it has {}{hint}", known.join(", "));
            return Err(error::usage(ErrorCode::Policy, message));
        }
    };
    if known.contains(&word) {
        return Ok(());
    }
    let hint = did_you_mean(word, known.iter().copied());
    let message =
        format!("policy setting `{name}` cannot be `{word}`; valid values are {}{hint}", known.join(", "));
    Err(error::usage(ErrorCode::Policy, message))
}

/// Returns the rules with other settings, which were checked before.
fn changed(base: &MeasureConfig, choices: &[(String, String)]) -> Case {
    let mut ruling = base.clone();
    for (name, word) in choices {
        if name == CREDIT {
            ruling.credit = if word == AttributionMode::Group.word() {
                AttributionMode::Group
            } else {
                AttributionMode::Strict
            };
        } else if let Ok(choice) = word.parse() {
            ruling.choices.insert(name.clone(), choice);
            ruling.edition = ruling.edition.arranged(&ruling.choices);
        }
    }
    let differs = |(name, word): &&(String, String)| match name.as_str() {
        CREDIT => base.credit.word() != word,
        name => base.choices.get(name).is_none_or(|choice| choice.word() != word),
    };
    let choices: BTreeMap<String, String> = choices.iter().filter(differs).cloned().collect();
    let name: Vec<String> = choices.iter().map(|(name, word)| format!("{name}={word}")).collect();
    let name = if name.is_empty() { "as it is".to_owned() } else { name.join(", ") };
    Case { name, choices, ruling }
}
