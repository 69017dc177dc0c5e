//! The comparison of several rule sets.

use crate::html::report::DASH;
use crate::html::report::providers::LISTED;
use crate::words;
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::report::{MeasureResult, Report};

/// A rule set in the comparison.
pub struct ComparisonHead {
    pub id: String,
    pub title: String,
    pub threshold: String,
    pub practice: String,
    pub note: String,
    pub sha256: String,
}

/// A provider in the comparison.
pub struct ComparisonRow {
    pub name: String,
    pub ids: String,
    pub cells: Vec<ComparisonCell>,
}

/// A provider's result under a rule set.
pub struct ComparisonCell {
    pub edition: String,
    pub figures: String,
    pub rate: String,
    pub verdict: &'static str,
    pub verdict_word: &'static str,
    /// Whether the result differs from that under the first rule set.
    pub differs: bool,
}

/// Returns the rule sets; empty if there is only one.
pub fn comparison_heads(report: &Report) -> Vec<ComparisonHead> {
    if report.alongside.is_empty() {
        return Vec::new();
    }
    let head = |measure: &MeasureResult| ComparisonHead {
        id: measure.edition.id.clone(),
        title: measure.edition.title.clone(),
        threshold: words::threshold_text(&measure.edition),
        practice: measure
            .group
            .as_ref()
            .map_or(DASH.to_owned(), |group| words::group_text(group, &measure.edition)),
        note: measure.edition.notes.join(" "),
        sha256: measure.edition.sha256.clone(),
    };
    report.measures().map(head).collect()
}

/// Returns the providers under all rule sets; empty if there is only one.
pub fn rows(report: &Report) -> Vec<ComparisonRow> {
    if report.alongside.is_empty() {
        return Vec::new();
    }
    let row = |first: &ProviderResult| {
        let cell = |measure: &MeasureResult| {
            let of = measure.provider(&first.provider_id)?;
            Some(ComparisonCell {
                edition: measure.edition.id.clone(),
                figures: format!(
                    "{} of {}",
                    words::range_text(of.numerator),
                    words::range_text(of.denominator)
                ),
                rate: words::rate_text(of),
                verdict: of.verdict.word(),
                verdict_word: words::result_text(of.verdict),
                differs: of.verdict != first.verdict,
            })
        };
        ComparisonRow {
            name: first.name.clone().unwrap_or_else(|| first.provider_id.clone()),
            ids: first.name.as_ref().map_or(String::new(), |_| first.provider_id.clone()),
            cells: report.measures().filter_map(cell).collect(),
        }
    };
    report.measure.providers.iter().take(LISTED).map(row).collect()
}
