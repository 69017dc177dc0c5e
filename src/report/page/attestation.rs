//! The attestation sheets of a pack: one for each professional, in the order in which CMS's attestation asks.

use std::collections::BTreeSet;

use crate::domain::calendar::day_text;
use crate::domain::exclusion::Applies;
use crate::domain::lawbook::Lawbook;
use crate::domain::practice::Practice;
use crate::domain::report::{Provider, Report};
use crate::domain::text::{counted, printable};
use crate::report::page::Fact;
use crate::report::page::providers::LISTED;
use crate::report::words;

/// The sheet of a professional.
pub struct AttestationSheet {
    /// The professional's name, or id.
    pub name: String,
    /// Label and text, in the order of the attestation.
    pub facts: Vec<Fact>,
}

/// Returns a sheet for each provider. Where small counts are not told, the figures of the `withheld` providers are left out, and of all
/// providers how many patients were reviewed.
pub fn sheets(
    report: &Report,
    book: &Lawbook,
    hides_small: bool,
    withheld: &BTreeSet<String>,
) -> Vec<AttestationSheet> {
    let of = |provider: &Provider| {
        sheet(report, book, provider, hides_small, withheld.contains(&provider.provider_id))
    };
    report.measure.providers.iter().take(LISTED).map(of).collect()
}

fn sheet(
    report: &Report,
    book: &Lawbook,
    provider: &Provider,
    hides_small: bool,
    is_withheld: bool,
) -> AttestationSheet {
    let edition = &report.measure.edition;
    let name = provider.name.as_deref().map_or_else(|| printable(&provider.provider_id), printable);
    let practice = report.head.practice.clone().unwrap_or_default();
    let Practice { tin, cehrt_id, .. } = &practice;
    let figure = |text: String| if is_withheld { "withheld".to_owned() } else { text };
    let is_yes_or_no = edition.more_than_percent.is_none() && edition.at_least.is_none();
    let mut facts = vec![
        Fact::new("Name", name.clone()),
        Fact::new("Id in the exports", printable(&provider.provider_id)),
        Fact::new("NPI", provider.npi.as_deref().map_or(BLANK.to_owned(), printable)),
        Fact::new("TIN", tin.as_deref().map_or(BLANK.to_owned(), printable)),
        Fact::new("Program", book.program.clone()),
        Fact::new("CMS EHR Certification ID", cehrt_id.as_deref().map_or(BLANK.to_owned(), printable)),
        Fact::new("First day of the period", day_text(report.head.period.first)),
        Fact::new("Last day of the period", day_text(report.head.period.last)),
        Fact::new("Measure", edition.title.clone()),
    ];
    for text in &book.exclusions {
        let applies = provider.exclusions.iter().find(|of| of.id == text.id).map(|of| of.applies);
        let by_encounters = match applies {
            Some(Applies::Yes) => "it applies",
            Some(Applies::No) => "it does not apply",
            Some(Applies::Unclear) => "they leave it open",
            Some(Applies::NotComputed) | None => "they do not show it",
        };
        facts.push(Fact::new(
            "Exclusion",
            format!("{} Claimed: ☐\u{a0}yes ☐\u{a0}no. By the encounters: {by_encounters}.", text.text),
        ));
    }
    if is_yes_or_no {
        facts.push(Fact::new("Measure met", "☐\u{a0}yes ☐\u{a0}no"));
        facts.push(Fact::new("Evidence", words::meaning(provider, edition)));
    } else {
        facts.extend([
            Fact::new("Numerator", figure(words::bounds(provider.numerator))),
            Fact::new("Denominator", figure(words::bounds(provider.denominator))),
            Fact::new("Rate", figure(words::rate(provider))),
            Fact::new("Result", words::verdict(provider.verdict)),
        ]);
        if provider.unresolved > 0 && !hides_small {
            let open = counted(provider.unresolved, "patient is", "patients are");
            let open = format!("{open} unresolved: resolve them before you attest (mucalc review)");
            facts.push(Fact::new("Unresolved", open));
        }
    }
    if !hides_small {
        let reviews = provider.reviews.iter().map(|share| {
            let by = share.by.as_deref().map_or("a reviewer without a name".to_owned(), printable);
            format!("{by}: {}", counted(share.settled, "patient", "patients"))
        });
        facts.push(Fact::new("Manual reviews", reviews.collect::<Vec<_>>().join("; ")));
    }
    facts.push(Fact::new("Prepared", practice.prepared().unwrap_or_default()));
    facts.retain(|fact| !fact.text.is_empty());
    AttestationSheet { name, facts }
}

/// A line to be filled in by hand.
const BLANK: &str = "____________________";
