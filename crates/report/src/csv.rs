//! Renders a report as CSV for spreadsheets, with one line per provider.

use crate::table::{Column, Table, Value};
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

/// Renders the providers of a report as CSV, with the rule set first if there are several.
///
/// # Errors
/// If the report cannot be written, which is a bug.
pub fn render(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let several = !report.alongside.is_empty();
    let columns = Column::names(several.then_some("edition").into_iter().chain(COLUMNS));
    let rows = report.measures().flat_map(|measure| {
        measure.providers.iter().map(move |provider| {
            let edition = several.then(|| Value::text(&measure.edition.id));
            edition.into_iter().chain(line(provider)).collect()
        })
    });
    Table::new("", columns, rows).csv()
}

fn line(provider: &ProviderResult) -> [Value; 14] {
    let optional = |value: &Option<String>| Value::text(value.as_deref().unwrap_or_default());
    [
        Value::text(&provider.provider_id),
        optional(&provider.name),
        optional(&provider.npi),
        Value::Count(provider.denominator.least),
        Value::Count(provider.denominator.most),
        Value::Count(provider.numerator.least),
        Value::Count(provider.numerator.most),
        Value::Percent(provider.rate_percent.clone()),
        Value::Percent(provider.rate_percent_most.clone()),
        Value::text(provider.verdict.word()),
        Value::Count(provider.needed),
        Value::Maybe(provider.adjudicate),
        Value::Count(provider.unusable.encounters),
        Value::Count(provider.unusable.messages),
    ]
}
