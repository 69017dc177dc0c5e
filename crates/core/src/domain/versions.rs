//! Several versions of one record: rows with the same record id.

use chrono::{NaiveDate, NaiveDateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What tells a row from others with the same record id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowVersion {
    /// When the row was last changed, if the export says so.
    pub updated: Option<UpdatedAt>,
    /// The piece of the input in which it stands: of two rows on one line the earlier one has the lower piece.
    pub piece: u64,
    /// Of several rows that are made of one record of the export, which one; counts from 0.
    pub part: u32,
}

/// When a row was last changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdatedAt {
    /// On a day.
    Day(NaiveDate),
    /// At a local time.
    Local(NaiveDateTime),
    /// At a time with a zone, in UTC.
    Utc(NaiveDateTime),
}

/// Moments are compared where both are of one kind: local times and those with a zone may be hours apart.
impl PartialOrd for UpdatedAt {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Day(one), Self::Day(other)) => Some(one.cmp(other)),
            (Self::Local(one), Self::Local(other)) | (Self::Utc(one), Self::Utc(other)) => {
                Some(one.cmp(other))
            }
            _ => None,
        }
    }
}

/// Which of several versions of a record is the record, where nothing in the export says so.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Deserialize,
    Serialize,
    JsonSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "lowercase")]
pub enum VersionsChoice {
    /// It is not known: what some of them say and others do not is possible.
    #[default]
    Uncertain,
    /// The last one in the order of the inputs.
    Last,
}

impl VersionsChoice {
    /// Returns the word that users see.
    pub fn word(self) -> &'static str {
        self.into()
    }
}
