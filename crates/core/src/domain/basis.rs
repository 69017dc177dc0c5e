//! What the results of a run depend on, other than its rows and policy settings.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::assumption::{Assumption, ChoiceMade, LayoutFileRef};
use crate::domain::unusable::UnusableChoice;

/// Assumptions and settings that the results depend on. Every document with results contains them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Basis {
    /// Whether unusable rows widen the range of results.
    pub unusable_rows: UnusableChoice,
    /// Facts that are assumed because an export has no column for them.
    pub assumptions: Vec<Assumption>,
    /// Settings other than policy settings: values of the export that the configuration maps, and everything else that it settles.
    pub choices: Vec<ChoiceMade>,
    /// The layout files that the inputs were read with. Built-in layouts are not listed.
    pub layout_files: Vec<LayoutFileRef>,
}
