//! The configuration file `mucalc.toml`: the groups of options that are also flags, and the tables that only the file has.

use std::collections::BTreeSet;

use mucalc_core::domain::text::did_you_mean;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    ExportKind, FileOptions, InputOptions, MeasureOptions, ReadingOptions, ReportOptions, RunOptions,
    WordTables,
};

/// The options of a configuration file, or of the command line.
///
/// Each group is parsed from the document separately, because serde loses the positions of values in flattened structs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Configuration {
    /// The exports and the files that come with them.
    #[serde(flatten)]
    pub inputs: InputOptions,
    /// Layout, encoding, and time zone of the exports.
    #[serde(flatten)]
    pub reading: ReadingOptions,
    /// Period, rule sets, and policy settings.
    #[serde(flatten)]
    pub measure: MeasureOptions,
    /// Contents and destination of the report.
    #[serde(flatten)]
    pub report: ReportOptions,
    /// Threads, messages, and colors.
    #[serde(flatten)]
    pub run: RunOptions,
    /// Keys and tables that only the file has.
    #[serde(flatten)]
    pub file: FileOptions,
    /// Tables that map values of the exports to canonical values.
    #[serde(flatten)]
    pub words: WordTables,
}

impl Configuration {
    /// Parses the text of a configuration.
    ///
    /// # Errors
    /// If the text is not TOML, a key is unknown, or a value is not valid for its key. Each error has its position in the text.
    pub fn parse(text: &str) -> Result<Self, ConfigurationError> {
        let document = toml::de::DeTable::parse(text)?;
        let known = keys();
        if let Some(key) = document.get_ref().keys().find(|key| !known.contains(&**key.get_ref())) {
            let hint = did_you_mean(key.get_ref(), known.iter().map(String::as_str));
            let message = format!("there is no key `{}`{hint}", key.get_ref());
            return Err(ConfigurationError { message, span: Some(key.span()) });
        }
        Ok(Self {
            inputs: group(text)?,
            reading: group(text)?,
            measure: group(text)?,
            report: group(text)?,
            run: group(text)?,
            file: group(text)?,
            words: group(text)?,
        })
    }

    /// Returns the options that name layouts: one for all exports, and those of single exports.
    pub fn layout_options(&self) -> impl Iterator<Item = &String> {
        let single = self.file.inputs.iter().filter_map(|entry| entry.layout.as_ref());
        self.reading.layout.iter().chain(single)
    }

    /// Merges these options, which are those of one practice, with those that hold for all practices.
    pub fn with_shared(self, shared: &Self) -> Self {
        Self {
            reading: self.reading.or(shared.reading.clone()),
            measure: self.measure.or(shared.measure.clone()),
            report: self.report.or(shared.report.clone()),
            run: self.run.or(shared.run.clone()),
            ..self
        }
    }

    /// Merges these options, which are flags, with those of a file, which they override.
    pub fn over(self, file: Self) -> Self {
        let mut options = file.file;
        // A flag names all exports of its kind.
        options.inputs.retain(|entry| match entry.role {
            ExportKind::Encounters => self.inputs.encounters.is_empty(),
            ExportKind::Messages => self.inputs.messages.is_empty(),
            ExportKind::Accesses => self.inputs.accesses.is_empty(),
        });
        Self {
            inputs: self.inputs.or(file.inputs),
            reading: self.reading.or(file.reading),
            measure: self.measure.or(file.measure),
            report: self.report.or(file.report),
            run: self.run.or(file.run),
            file: FileOptions { enrollment: self.file.enrollment.or(options.enrollment), ..options },
            words: file.words,
        }
    }
}

/// An error in the text of a configuration.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ConfigurationError {
    /// The problem, for the user.
    pub message: String,
    /// The byte range of the error in the text; `None` if unknown.
    pub span: Option<std::ops::Range<usize>>,
}

impl From<toml::de::Error> for ConfigurationError {
    fn from(error: toml::de::Error) -> Self {
        Self { message: error.message().to_owned(), span: error.span() }
    }
}

fn group<T: DeserializeOwned>(text: &str) -> Result<T, toml::de::Error> {
    toml::from_str(text)
}

/// Returns the JSON Schema of the configuration.
pub fn schema() -> Value {
    let mut generator = SchemaGenerator::default();
    let mut properties = Map::new();
    for group in groups(&mut generator) {
        properties.extend(group);
    }
    serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mucalc.toml",
        "description": "The configuration of mucalc; every key is optional.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "$defs": generator.take_definitions(true),
    })
}

/// Returns the keys that may hold for several practices.
pub fn shared_keys() -> BTreeSet<String> {
    let mut generator = SchemaGenerator::default();
    let groups = [
        properties::<ReadingOptions>(&mut generator),
        properties::<MeasureOptions>(&mut generator),
        properties::<ReportOptions>(&mut generator),
        properties::<RunOptions>(&mut generator),
    ];
    let one_each = ["output", "ledger"];
    let keys = groups.into_iter().flat_map(|group| group.into_iter().map(|(key, _)| key));
    keys.filter(|key| !one_each.contains(&key.as_str())).collect()
}

fn keys() -> BTreeSet<String> {
    let groups = groups(&mut SchemaGenerator::default());
    groups.into_iter().flat_map(|group| group.into_iter().map(|(key, _)| key)).collect()
}

/// Returns the keys of each group of options, with their schemas.
fn groups(generator: &mut SchemaGenerator) -> Vec<Map<String, Value>> {
    vec![
        properties::<InputOptions>(generator),
        properties::<ReadingOptions>(generator),
        properties::<MeasureOptions>(generator),
        properties::<ReportOptions>(generator),
        properties::<RunOptions>(generator),
        properties::<FileOptions>(generator),
        properties::<WordTables>(generator),
    ]
}

fn properties<T: JsonSchema>(generator: &mut SchemaGenerator) -> Map<String, Value> {
    match T::json_schema(generator).remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    }
}
