//! The formats of documents, which are the values of `--format`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A format of a report.
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
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ReportFormat {
    /// For a terminal: a table, sentences, and findings.
    #[default]
    Table,
    /// The complete report as JSON.
    Json,
    /// CSV with one line per provider.
    Csv,
    /// Markdown.
    Md,
    /// One HTML page.
    Html,
    /// One HTML page that prints one page for each provider.
    Handouts,
    /// An Excel workbook.
    Xlsx,
    /// The findings as JUnit XML.
    Junit,
    /// The findings as SARIF.
    Sarif,
    /// The findings as annotations of a GitHub workflow.
    Github,
}

/// A format of findings without a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum FindingsFormat {
    /// For a terminal.
    Table,
    /// All findings as JSON.
    Json,
    /// JUnit XML.
    Junit,
    /// SARIF.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
}

/// A format of a document that is not a list.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
pub enum ViewFormat {
    /// For a terminal.
    #[default]
    Table,
    /// The complete document as JSON.
    Json,
}

/// A format of a document that is not a list, including a page.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
pub enum PageFormat {
    /// For a terminal.
    #[default]
    Table,
    /// The complete document as JSON.
    Json,
    /// One HTML page.
    Html,
}

/// A text format of a list.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
pub enum TextFormat {
    /// For a terminal.
    #[default]
    Table,
    /// The complete document as JSON.
    Json,
    /// CSV for spreadsheets.
    Csv,
    /// Markdown.
    Md,
    /// One HTML page.
    Html,
}

/// A format of a list, including a workbook.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
pub enum SpreadsheetFormat {
    /// For a terminal.
    #[default]
    Table,
    /// The complete document as JSON.
    Json,
    /// CSV for spreadsheets.
    Csv,
    /// Markdown.
    Md,
    /// One HTML page.
    Html,
    /// An Excel workbook.
    Xlsx,
}

impl ReportFormat {
    /// Returns whether findings can be rendered in the format without a report.
    pub fn is_for_findings(self) -> bool {
        matches!(
            self,
            ReportFormat::Table
                | ReportFormat::Json
                | ReportFormat::Junit
                | ReportFormat::Sarif
                | ReportFormat::Github
        )
    }
}

impl From<FindingsFormat> for ReportFormat {
    fn from(format: FindingsFormat) -> Self {
        match format {
            FindingsFormat::Table => Self::Table,
            FindingsFormat::Json => Self::Json,
            FindingsFormat::Junit => Self::Junit,
            FindingsFormat::Sarif => Self::Sarif,
            FindingsFormat::Github => Self::Github,
        }
    }
}
