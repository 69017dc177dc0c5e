//! A report as CSV: one line a provider, for a spreadsheet.

use crate::safe;
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::report::Report;

const COLUMNS: [&str; 14] = [
    "provider_id",
    "name",
    "npi",
    "denominator_least",
    "denominator_most",
    "numerator_least",
    "numerator_most",
    "rate_percent",
    "rate_percent_most",
    "verdict",
    "needed",
    "adjudicate",
    "unusable_encounters",
    "unusable_messages",
];

/// The providers of a report as CSV; with the edition in front where there are several.
pub fn render(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let several = !report.alongside.is_empty();
    writer.write_record(several.then_some("edition").into_iter().chain(COLUMNS))?;
    for measure in report.measures() {
        for provider in &measure.providers {
            let edition = several.then(|| measure.edition.id.clone());
            writer.write_record(edition.into_iter().chain(line(provider)))?;
        }
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn line(provider: &ProviderResult) -> [String; 14] {
    let text = |text: &str| safe::cell(text).into_owned();
    let optional = |value: &Option<String>| value.as_deref().map(text).unwrap_or_default();
    [
        text(&provider.provider_id),
        optional(&provider.name),
        optional(&provider.npi),
        provider.denominator.least.to_string(),
        provider.denominator.most.to_string(),
        provider.numerator.least.to_string(),
        provider.numerator.most.to_string(),
        optional(&provider.rate_percent),
        optional(&provider.rate_percent_most),
        provider.verdict.word().to_owned(),
        provider.needed.to_string(),
        provider.adjudicate.map(|patients| patients.to_string()).unwrap_or_default(),
        provider.unusable.encounters.to_string(),
        provider.unusable.messages.to_string(),
    ]
}
