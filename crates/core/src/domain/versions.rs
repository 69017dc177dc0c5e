//! Several versions of one record: rows with the same record id.

use chrono::{NaiveDate, NaiveDateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What distinguishes a row from others with the same record id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowVersion {
    /// When the row was last changed; `None` if the export does not show it.
    pub updated: Option<UpdatedAt>,
    /// The piece of the input that contains the row. Of two rows on one line, the earlier one has the lower piece.
    pub piece: u64,
    /// The position among several rows that are made from one record of the export, counted from 0.
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

/// Compares times of the same kind only. Local times and times with a zone may be hours apart.
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

/// Which of several versions of a record is the record, if nothing in the export shows it.
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
    /// It is unknown: values that some versions have and others do not are possible.
    #[default]
    Uncertain,
    /// The last version in the order of the inputs.
    Last,
}

impl VersionsChoice {
    /// Returns the identifier that users see.
    pub fn word(self) -> &'static str {
        self.into()
    }
}
