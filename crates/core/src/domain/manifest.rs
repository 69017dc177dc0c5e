//! What an evidence pack says of itself.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an evidence pack says of itself.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Manifest")]
pub struct PackManifest {
    /// The version of this document's shape.
    pub schema_version: String,
    /// What made the pack.
    pub tool: PackCreator,
    /// Whether ids of patients are replaced by pseudonyms, and days and reasons left out.
    pub redacted: bool,
    /// Whether it was signed when it was made.
    pub signed: bool,
    /// By what the key of the pseudonyms is known again; null where the pack is not redacted.
    pub key_check: Option<String>,
    /// Counts of patients from 1 to this are left out, and the ledger with them; 0 where all are there.
    pub withheld: u64,
    /// The inputs, which are not in the pack.
    pub inputs: Vec<ManifestInput>,
    /// The texts of layouts in the pack, by the name under which the configuration asks for them.
    pub layouts: BTreeMap<String, String>,
    /// The parts of the pack and what each is, in their order; SHA256SUMS has their digests.
    pub parts: Vec<ManifestFile>,
}

/// The program that made a pack.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MadeBy")]
pub struct PackCreator {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// An input of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PackedInput")]
pub struct ManifestInput {
    /// What it was read as.
    pub role: String,
    /// The path as given.
    pub path: String,
    /// How many bytes were read; null where small counts are left out, since whoever knows the form of the rows can tell their number.
    pub bytes: Option<u64>,
    /// The digest of these; in a redacted pack under the key of the pseudonyms.
    pub sha256: String,
}

/// A part of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PackedPart")]
pub struct ManifestFile {
    /// Its name.
    pub name: String,
    /// What it is.
    pub what: String,
}
