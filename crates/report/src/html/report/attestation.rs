//! The attestation sheets of an evidence pack: one per eligible professional, in the order of CMS's attestation.

use std::collections::{BTreeMap, BTreeSet};

use crate::html::report::LabeledValue;
use crate::html::report::providers::LISTED;
use crate::{beside, words};
use mucalc_core::domain::allowance::{Allowance, PeriodAllowance};
use mucalc_core::domain::calendar::day_text;
use mucalc_core::domain::exclusion::ExclusionStatus;
use mucalc_core::domain::practice::Practice;
use mucalc_core::domain::provider::{CehrtLocations, PointsSummary, ProviderResult};
use mucalc_core::domain::report::{ClinicianResult, FractionRange, MeasureResult, Report};
use mucalc_core::domain::rule_set_text::RuleSetText;
use mucalc_core::domain::text::{escape_control, pluralize};
use mucalc_core::domain::verdict::Verdict;

/// The sheet of an eligible professional.
pub struct AttestationSheet {
    /// The professional's name, or id if there is no name.
    pub name: String,
    /// Labels and texts, in the order of the attestation.
    pub facts: Vec<LabeledValue>,
}

/// Returns a sheet for each professional, who may have several provider ids.
///
/// With `hides_small`, the sheets omit the numbers of the `withheld` providers, and for all providers how many patients were reviewed.
pub fn sheets(
    report: &Report,
    book: &RuleSetText,
    hides_small: bool,
    withheld: &BTreeSet<String>,
) -> Vec<AttestationSheet> {
    let professionals = professionals(&report.measure).into_iter().take(LISTED);
    professionals.map(|professional| sheet(report, book, &professional, hides_small, withheld)).collect()
}

/// A professional who attests: one provider, or all provider ids with one National Provider Identifier.
struct Professional<'r> {
    ids: Vec<&'r ProviderResult>,
    combined: Option<&'r ClinicianResult>,
}

fn professionals(measure: &MeasureResult) -> Vec<Professional<'_>> {
    let mut all: Vec<Professional<'_>> = Vec::new();
    for provider in &measure.providers {
        let is_of = |combined: &&ClinicianResult| combined.provider_ids.contains(&provider.provider_id);
        let combined = measure.combined.iter().find(is_of);
        let known = combined
            .and_then(|of| all.iter_mut().find(|one| one.combined.is_some_and(|known| known.npi == of.npi)));
        match known {
            Some(known) => known.ids.push(provider),
            None => all.push(Professional { ids: vec![provider], combined }),
        }
    }
    // A professional with only one id in the exports has only one set of numbers.
    for one in all.iter_mut().filter(|one| one.ids.len() == 1) {
        one.combined = None;
    }
    all
}

fn sheet(
    report: &Report,
    book: &RuleSetText,
    professional: &Professional<'_>,
    hides_small: bool,
    withheld: &BTreeSet<String>,
) -> AttestationSheet {
    let Professional { ids, combined } = professional;
    let edition = &report.measure.edition;
    let first_of = |value: fn(&ProviderResult) -> Option<&str>| {
        ids.iter().find_map(|provider| value(provider)).map(escape_control)
    };
    let all_ids =
        ids.iter().map(|provider| escape_control(&provider.provider_id)).collect::<Vec<_>>().join(", ");
    let name = first_of(|provider| provider.name.as_deref()).unwrap_or_else(|| all_ids.clone());
    let practice = report.head.practice.clone().unwrap_or_default();
    let Practice { tin, cehrt_id, .. } = &practice;
    let is_withheld = ids.iter().any(|provider| withheld.contains(&provider.provider_id));
    let figure = |text: String| if is_withheld { "withheld".to_owned() } else { text };
    let is_yes_or_no = edition.more_than_percent.is_none() && edition.at_least.is_none();
    // For a professional with several ids, the roster names the systems.
    let systems = combined.map_or(&[][..], |of| &of.cehrt_ids);
    let certified = match (systems, cehrt_id) {
        ([], None) => BLANK.to_owned(),
        ([], Some(id)) => escape_control(id),
        (ids, _) => ids.iter().map(|id| escape_control(id)).collect::<Vec<_>>().join(", "),
    };
    let is_not_allowed = |of: &PeriodAllowance| of.allowance == Allowance::NotAllowed;
    let not_allowed = match edition.reporting_period.as_ref().is_some_and(is_not_allowed) {
        true => {
            "The program does not allow this reporting period, so it cannot be attested (period-not-allowed)."
        }
        false => "",
    };
    let not_final = beside::not_final(report).map(|text| format!("{text}. Do not attest these numbers."));
    let assumed = if hides_small { beside::assumed_without_rows(report) } else { beside::assumed(report) };
    let assumed = assumed.map(|line| words::without_backticks(&line).replacen("Assumed: ", "", 1));
    let mut facts = vec![
        LabeledValue::new("Not final", not_final.unwrap_or_default()),
        LabeledValue::new("Assumed", assumed.unwrap_or_default()),
        LabeledValue::new("Name", name.clone()),
        LabeledValue::new("Id in the exports", all_ids),
        LabeledValue::new(
            "NPI",
            first_of(|provider| provider.npi.as_deref()).unwrap_or_else(|| BLANK.to_owned()),
        ),
        LabeledValue::new("TIN", tin.as_deref().map_or(BLANK.to_owned(), escape_control)),
        LabeledValue::new("Program", book.program.clone()),
        LabeledValue::new("CMS EHR Certification ID", certified),
        LabeledValue::new("First day of the period", day_text(report.head.period.first)),
        LabeledValue::new("Last day of the period", day_text(report.head.period.last)),
        LabeledValue::new("Not allowed", not_allowed),
        LabeledValue::new("Measure", edition.title.clone()),
    ];
    let of_each = |text: &dyn Fn(&ProviderResult) -> String| match ids[..] {
        [provider] => text(provider),
        _ => {
            let one = |provider: &&ProviderResult| {
                format!("{}: {}", escape_control(&provider.provider_id), text(provider))
            };
            ids.iter().map(one).collect::<Vec<_>>().join("; ")
        }
    };
    if !is_withheld {
        // Encounter counts are small counts too, or allow to derive them.
        // They are summed over all ids, as for the exclusions, because the ids are one clinician's.
        let gate = combined.map_or(&ids[0].cehrt_locations, |of| &of.cehrt_locations);
        let text = |of: &CehrtLocations| match hides_small {
            true => words::cehrt_requirement_text(of.at_least_half).to_owned(),
            false => words::cehrt_locations_text(of).trim().to_owned(),
        };
        facts.extend(gate.as_ref().map(|of| LabeledValue::new("Locations with CEHRT", text(of))));
    }
    for text in &book.exclusions {
        let exclusions = combined.map_or(&ids[0].exclusions, |of| &of.exclusions);
        let applies = exclusions.iter().find(|of| of.id == text.id).map(|of| of.applies);
        let by_encounters = match applies {
            Some(ExclusionStatus::Yes) => "If the exports are complete, it applies",
            Some(ExclusionStatus::No) => "By the encounters, it does not apply",
            Some(ExclusionStatus::Unclear) => "The encounters do not show whether it applies",
            Some(ExclusionStatus::NotComputed) | None => "The exports do not show whether it applies",
        };
        facts.push(LabeledValue::new(
            "Exclusion",
            format!("{} Claimed: ☐\u{a0}yes ☐\u{a0}no. {by_encounters}.", text.text),
        ));
    }
    if is_yes_or_no {
        facts.push(LabeledValue::new("Measure met", "☐\u{a0}yes ☐\u{a0}no"));
        let evidence = |provider: &ProviderResult| {
            let mut told = provider.clone();
            // The number of encounters at other locations is a small count.
            told.cehrt_locations = told.cehrt_locations.filter(|_| !hides_small);
            words::meaning_text(&told, edition)
        };
        facts.push(LabeledValue::new("Evidence", figure(of_each(&evidence))));
    } else {
        facts.extend(figures(ids, *combined, hides_small, figure));
        let unresolved: u64 = ids.iter().map(|provider| provider.unresolved).sum();
        if unresolved > 0 && !hides_small {
            let open = pluralize(unresolved, "patient is", "patients are");
            let open = format!("{open} unresolved: resolve them before you attest (mucalc review)");
            facts.push(LabeledValue::new("Unresolved", open));
        }
    }
    if !hides_small {
        let mut by: BTreeMap<Option<&str>, u64> = BTreeMap::new();
        for share in ids.iter().flat_map(|provider| &provider.reviews) {
            *by.entry(share.by.as_deref()).or_default() += share.settled;
        }
        let reviews = by.into_iter().map(|(by, settled)| {
            let by = by.map_or("a reviewer without a name".to_owned(), escape_control);
            format!("{by}: {}", pluralize(settled, "record", "records"))
        });
        facts.push(LabeledValue::new("Manual reviews", reviews.collect::<Vec<_>>().join("; ")));
    }
    facts.push(LabeledValue::new("Note", edition.notes.join(" ")));
    facts.push(LabeledValue::new("Prepared", practice.prepared().unwrap_or_default()));
    facts.retain(|fact| !fact.text.is_empty());
    AttestationSheet { name, facts }
}

/// Returns the numbers to attest: for one id its own, for several ids both permitted ways of counting (B9a).
///
/// With `hides_small`, those of several ids are withheld: their difference is how many patients saw the professional under both ids.
fn figures(
    ids: &[&ProviderResult],
    combined: Option<&ClinicianResult>,
    hides_small: bool,
    figure: impl Fn(String) -> String,
) -> Vec<LabeledValue> {
    match (combined, ids) {
        (Some(of), _) => {
            let total = |of: &FractionRange, verdict: Verdict| match hides_small {
                true => "withheld".to_owned(),
                false => format!(
                    "numerator {}, denominator {}: {}",
                    words::range_text(of.numerator),
                    words::range_text(of.denominator),
                    words::result_text(verdict)
                ),
            };
            vec![
                LabeledValue::new("Sum over ids", format!("☐\u{a0}{}", total(&of.summed, of.summed_verdict))),
                LabeledValue::new(
                    "Each patient once",
                    format!("☐\u{a0}{}", total(&of.once, of.once_verdict)),
                ),
                LabeledValue::new("Method", "Mark one of the two, and use it for the whole period."),
            ]
        }
        (None, ids) => ids
            .iter()
            .flat_map(|provider| {
                [
                    LabeledValue::new("Numerator", figure(words::range_text(provider.numerator))),
                    LabeledValue::new("Denominator", figure(words::range_text(provider.denominator))),
                    LabeledValue::new("Rate", figure(words::rate_text(provider))),
                    LabeledValue::new(
                        "Points",
                        figure(provider.points.as_ref().map_or(String::new(), points)),
                    ),
                    LabeledValue::new("Result", words::result_text(provider.verdict)),
                ]
            })
            .collect(),
    }
}

/// Returns the points next to the result, such as `2 of 10`.
fn points(of: &PointsSummary) -> String {
    let PointsSummary { of, least, most } = of;
    match least == most {
        true => format!("{least} of {of}"),
        false => format!("{least} to {most} of {of}, as the rate is rounded"),
    }
}

/// A blank to fill in by hand.
const BLANK: &str = "____________________";
