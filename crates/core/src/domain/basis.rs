//! What the figures of a run rest on beside its rows and policies.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::assumption::{Assumption, ChoiceMade, LayoutFileRef};
use crate::domain::unusable::UnusableChoice;

/// What was taken for granted, and what was chosen. It stands in every document that has figures.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Basis {
    /// Whether rows that could not be used widen the range of results.
    pub unusable_rows: UnusableChoice,
    /// What is taken for a fact because an export has no column that says it.
    pub assumptions: Vec<Assumption>,
    /// What was chosen beside the policies: words of the export that the configuration translates, and what else it settles.
    pub choices: Vec<ChoiceMade>,
    /// The layout files by which the inputs were read; built-in layouts have none.
    pub layout_files: Vec<LayoutFileRef>,
}
