//! The measure under alternative settings: which policy settings would change a result.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::adjudication::AppliedAdjudication;
use crate::domain::basis::Basis;
use crate::domain::finding::Finding;
use crate::domain::head::DocumentHeader;
use crate::domain::input::InputSummary;
use crate::domain::report::MeasureResult;
use crate::domain::verdict::Verdict;

/// The measure under alternative settings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WhatIf")]
pub struct WhatIfReport {
    /// The header.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// The measure under the current settings.
    pub base: MeasureResult,
    /// The measure under each alternative setting.
    pub alternatives: Vec<Scenario>,
    /// The inputs that were read.
    pub inputs: Vec<InputSummary>,
    /// Review decisions about what the data leave unresolved, which apply to every alternative.
    pub adjudications: Vec<AppliedAdjudication>,
    /// Data quality findings, by code.
    pub findings: Vec<Finding>,
    /// What the results depend on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// The measure under other settings than the current ones.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Alternative")]
pub struct Scenario {
    /// The settings that differ, in words.
    pub name: String,
    /// The settings that differ from the current ones, by policy; includes `credit` if it differs.
    pub choices: BTreeMap<String, String>,
    /// The providers whose result differs.
    pub changes: Vec<VerdictChange>,
    /// The measure.
    pub measure: MeasureResult,
}

/// A result that an alternative setting changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Change")]
pub struct VerdictChange {
    /// The provider's id.
    pub provider_id: String,
    /// The result under the current settings.
    pub from: Verdict,
    /// The result under the alternative settings.
    pub to: Verdict,
}

impl Scenario {
    /// Compares the measure under alternative settings with the measure under the current ones.
    pub fn new(
        name: String,
        choices: BTreeMap<String, String>,
        measure: MeasureResult,
        base: &MeasureResult,
    ) -> Self {
        let pairs = base.providers.iter().zip(&measure.providers);
        let change = |(before, after): (
            &crate::domain::provider::ProviderResult,
            &crate::domain::provider::ProviderResult,
        )| {
            (before.verdict != after.verdict).then(|| VerdictChange {
                provider_id: before.provider_id.clone(),
                from: before.verdict,
                to: after.verdict,
            })
        };
        let changes = pairs.filter_map(change).collect();
        Self { name, choices, changes, measure }
    }
}
