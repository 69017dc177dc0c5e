//! `mucalc codes`: explains every code of findings, errors, and rules.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::error::{self, ErrorCode, Exit};
use crate::run::output::to_stdout;
use crate::run::terminal::style;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::glossary::{self, TERMS};
use mucalc_core::domain::outreach::OutreachReason;
use mucalc_core::domain::progress::{VISIT, VISIT_IS_OPEN};
use mucalc_core::domain::record::REASONS;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{did_you_mean, first_sentence, sentence};
use mucalc_core::edition;
use mucalc_core::edition::wording::rule_text;
use mucalc_options::ColorChoice;
use mucalc_read::{InputError, InputErrorKind};

/// Explains one code, or lists all.
///
/// # Errors
/// If the code is unknown, or standard output cannot be written.
pub fn codes(code: Option<&str>) -> anyhow::Result<Exit> {
    let all = all();
    let text = match code {
        None => list(&all),
        Some(code) => {
            let code = glossary::current_slug(code);
            let known: Vec<_> = all.iter().filter(|known| known.code.eq_ignore_ascii_case(code)).collect();
            if known.is_empty() {
                let hint = did_you_mean(code, all.iter().map(|known| known.code.as_str()));
                let message = format!("unknown code `{code}`; `mucalc codes` lists all codes{hint}");
                return Err(error::usage(ErrorCode::Code, message));
            }
            // Rule sets share rules, so each text is printed once.
            let mut told: Vec<(Vec<&str>, &str)> = Vec::new();
            for known in &known {
                match told.iter_mut().find(|(_, text)| *text == known.text) {
                    Some((kinds, _)) => kinds.push(&known.kind),
                    None => told.push((vec![&known.kind], &known.text)),
                }
            }
            let texts: Vec<_> =
                told.iter().map(|(kinds, text)| format!("{}: {text}\n", kinds.join("; "))).collect();
            texts.join("\n")
        }
    };
    to_stdout(style(ColorChoice::Auto, false).paragraphs(text).as_bytes())?;
    Ok(Exit::Success)
}

/// Returns all codes as Markdown, for `docs/codes.md`.
pub fn markdown() -> String {
    let mut text = String::from("# Codes of findings, errors, and rules\n");
    let mut kind = String::new();
    for code in all() {
        if code.kind != kind {
            kind = code.kind;
            // Writing to a string does not fail.
            let _ = writeln!(text, "\n## {kind}\n");
        }
        let _ = writeln!(text, "- `{}`: {}", code.code, code.text.replace('\n', "\n  "));
    }
    text
}

struct Known {
    code: String,
    kind: String,
    text: String,
}

fn all() -> Vec<Known> {
    let known =
        |code: &str, kind: &str, text: String| Known { code: code.to_owned(), kind: kind.to_owned(), text };
    let findings = FindingCode::ALL.iter().map(|code| {
        let by = if code.is_validation_finding() { " of `validate`" } else { "" };
        let kind = format!("Finding{by} ({})", code.severity().word());
        known(code.slug(), &kind, format!("{}\n{}", code.meaning(), code.remedy()))
    });
    let words = TERMS.iter().map(|term| known(term.slug, "Term", format!("{}: {}", term.word, term.meaning)));
    let mut all: Vec<_> = words.chain(findings).collect();
    all.extend(InputErrorKind::all().into_iter().map(|reason| {
        let error = InputError { place: SourceLocation::file(""), reason };
        known(error.code(), "Input error", error.help())
    }));
    let causes = ErrorCode::ALL.iter();
    all.extend(causes.map(|cause| known(cause.code(), "Usage or output error", cause.meaning().to_owned())));
    for edition in edition::all() {
        let sections =
            [("denominator", &edition.denominator, "in"), ("numerator", &edition.numerator, "counts")];
        for (name, section, yes) in sections {
            let kind = format!("Rule of {}, {name}", edition.id);
            all.extend(
                section.rules.iter().map(|rule| known(&rule.id, &kind, rule_text(rule, section, yes))),
            );
        }
    }
    all.extend(REASONS.map(|(code, text)| known(code, "Reason in the ledger", text.to_owned())));
    all.push(known(VISIT, "Group of unresolved records", VISIT_IS_OPEN.to_owned()));
    let criterion = |of: OutreachReason| known(of.word(), "Outreach reason", sentence(of.meaning()));
    all.extend(OutreachReason::ALL.map(criterion));
    all
}

/// Lists each code once, by group, with the first sentence of its explanation.
fn list(all: &[Known]) -> String {
    let mut groups: Vec<(&str, BTreeMap<&str, &str>)> = Vec::new();
    for known in all {
        // Rule sets use the same rule names, so the list has one group for all of them.
        let group = if known.kind.starts_with("Rule") { "Rules" } else { &known.kind };
        let at = groups.iter().position(|(name, _)| *name == group).unwrap_or_else(|| {
            groups.push((group, BTreeMap::new()));
            groups.len() - 1
        });
        groups[at].1.entry(&known.code).or_insert(&known.text);
    }
    let widest = all.iter().map(|known| known.code.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (group, codes) in groups {
        let _ = writeln!(text, "{group}");
        for (code, says) in codes {
            let first = first_sentence(says.lines().next().unwrap_or_default());
            let _ = writeln!(text, "  {code:widest$}  {first}");
        }
        text.push('\n');
    }
    text.push_str(
        "`mucalc codes CODE` explains one, and `mucalc editions show ID` has the rules of an edition.\n",
    );
    text
}
