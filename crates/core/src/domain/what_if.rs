//! The same data under alternatives: which of the choices that the regulation leaves would change a verdict.

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

/// The same data under alternatives.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WhatIf")]
pub struct WhatIfReport {
    /// How it begins.
    #[serde(flatten)]
    pub head: DocumentHeader,
    /// The measure as the run has chosen.
    pub base: MeasureResult,
    /// The measure under each alternative.
    pub alternatives: Vec<Scenario>,
    /// What was read.
    pub inputs: Vec<InputSummary>,
    /// Decisions of people over what the data leave open, which are laid over every alternative.
    pub adjudications: Vec<AppliedAdjudication>,
    /// What is wrong with the data, by code.
    pub findings: Vec<Finding>,
    /// What the figures rest on.
    #[serde(flatten)]
    pub basis: Basis,
}

/// The measure under other choices than those of the run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Alternative")]
pub struct Scenario {
    /// What is chosen otherwise, in words.
    pub name: String,
    /// The choices that differ from those of the run, by policy; `credit` is among them where it differs.
    pub choices: BTreeMap<String, String>,
    /// The providers whose verdict is another one.
    pub changes: Vec<VerdictChange>,
    /// The measure.
    pub measure: MeasureResult,
}

/// A verdict that an alternative changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Change")]
pub struct VerdictChange {
    /// The provider.
    pub provider_id: String,
    /// The verdict as the run has chosen.
    pub from: Verdict,
    /// The verdict under the alternative.
    pub to: Verdict,
}

impl Scenario {
    /// An alternative, held against the measure as the run has chosen.
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
