//! The manifest of an evidence pack.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The manifest of an evidence pack.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Manifest")]
pub struct PackManifest {
    /// The schema version of this document.
    pub schema_version: String,
    /// The program that made the pack.
    pub tool: PackCreator,
    /// Whether pseudonyms replace the ids of patients, and days and reasons are left out.
    pub redacted: bool,
    /// Whether the pack was signed when it was made.
    pub signed: bool,
    /// A value that identifies the key of the pseudonyms; null if the pack is not redacted.
    pub key_check: Option<String>,
    /// The largest count of patients that is withheld: counts from 1 to this number are left out, and so is the ledger. 0 if nothing is
    /// withheld.
    pub withheld: u64,
    /// The inputs, which are not in the pack.
    pub inputs: Vec<ManifestInput>,
    /// The texts of layouts in the pack, by the name that the configuration uses.
    pub layouts: BTreeMap<String, String>,
    /// The files in the pack and what each is, in order. SHA256SUMS has their checksums.
    pub parts: Vec<ManifestFile>,
}

/// The program that made a pack.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "MadeBy")]
pub struct PackCreator {
    /// The name of the program.
    pub name: String,
    /// The version of the program.
    pub version: String,
}

/// An input of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PackedInput")]
pub struct ManifestInput {
    /// The role that it was read as.
    pub role: String,
    /// The path as given.
    pub path: String,
    /// Bytes read; null if small counts are withheld, because readers who know the form of the rows can derive their number.
    pub bytes: Option<u64>,
    /// The checksum of these bytes; in a redacted pack, it depends on the key of the pseudonyms.
    pub sha256: String,
}

/// A file in a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PackedPart")]
pub struct ManifestFile {
    /// The name of the file.
    pub name: String,
    /// What the file is.
    pub what: String,
}
