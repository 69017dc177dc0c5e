//! The decisions file: appends each answer, writes the file under a temporary name, and renames it, so that no answer is lost.

use std::borrow::Cow;
use std::path::Path;

use crate::error::{self, ErrorCode};
use crate::run::output::OutputFile;
use crate::run::review::items::{Item, ReviewTarget};
use mucalc_core::domain::adjudication::AdjudicationDecision;
use mucalc_core::domain::period::Day;
use mucalc_report::safe;

/// A growing file of review decisions.
pub struct DecisionsFile {
    name: String,
    /// Content of the file. `None` if it does not exist or is empty.
    bytes: Option<Vec<u8>>,
    /// Columns in the order of the header.
    columns: Vec<String>,
    output: Option<OutputFile>,
}

const COLUMNS: [&str; 7] = ["message_id", "patient_id", "provider_id", "decision", "by", "on", "reason"];

impl DecisionsFile {
    /// Opens the file, which need not exist.
    ///
    /// # Errors
    /// If it cannot be read, or is not a CSV file with every column of decisions.
    pub fn open(name: &str) -> anyhow::Result<Self> {
        let new = || Self {
            name: name.to_owned(),
            bytes: None,
            columns: COLUMNS.map(str::to_owned).into(),
            output: None,
        };
        let bytes = match std::fs::read(name) {
            Ok(bytes) if bytes.is_empty() => return Ok(new()),
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(new()),
            Err(error) => {
                return Err(error::file(
                    ErrorCode::Outputs,
                    format!("cannot be read: {}", error.kind()),
                    name,
                ));
            }
        };
        let mut reader =
            csv::ReaderBuilder::new().from_reader(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes));
        let header =
            reader.headers().map(|header| header.iter().map(|name| name.trim().to_lowercase()).collect());
        let columns: Vec<String> = header.unwrap_or_default();
        let missing: Vec<&str> =
            COLUMNS.into_iter().filter(|column| !columns.iter().any(|known| known == column)).collect();
        if !missing.is_empty() {
            let message = format!(
                "review adds to a CSV file that has all columns of decisions, and this one lacks {}; add them to its header, or name a new file",
                missing.join(", ")
            );
            return Err(error::file(ErrorCode::Outputs, message, name));
        }
        Ok(Self { columns, bytes: Some(bytes), ..new() })
    }

    /// Returns whether the file has decisions to read.
    pub fn exists(&self) -> bool {
        self.bytes.is_some()
    }

    /// Checks that the file can be written and is not an input.
    ///
    /// # Errors
    /// If it is an input, or cannot be written.
    pub fn check_writable<'p>(&mut self, inputs: impl Iterator<Item = &'p Path>) -> anyhow::Result<()> {
        // The file contains ids of messages and patients.
        self.output = Some(OutputFile::check(&self.name, true, inputs)?);
        Ok(())
    }

    /// Adds a decision. Returns the number of its line.
    ///
    /// # Errors
    /// If another program changed the file, or it cannot be written.
    pub fn append(
        &mut self,
        item: &Item,
        decision: AdjudicationDecision,
        by: &str,
        on: Day,
        reason: &str,
    ) -> anyhow::Result<u64> {
        let now = std::fs::read(&self.name).ok().filter(|bytes| !bytes.is_empty());
        if now != self.bytes {
            let message = "was changed by another program during the review; run review again, it goes on where this one stopped";
            return Err(error::file(ErrorCode::Outputs, message.to_owned(), &self.name));
        }
        let mut bytes = now.unwrap_or_default();
        let ends_with_cr = bytes.windows(2).any(|pair| pair == b"\r\n");
        let terminator = if ends_with_cr { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
        let internal = |_| error::internal("a decision cannot be written as CSV");
        if bytes.is_empty() {
            writer.write_record(COLUMNS).map_err(internal)?;
        } else if bytes.last() != Some(&b'\n') {
            bytes.extend(if ends_with_cr { &b"\r\n"[..] } else { b"\n" });
        }
        let (message, patient) = match &item.about {
            ReviewTarget::Message { id, patient } => (Some(id.as_str()), patient.as_deref()),
            ReviewTarget::Patient(patient) => (None, Some(patient.as_str())),
        };
        let on = on.to_string();
        let cell = |column: &String| match column.as_str() {
            "message_id" => message.unwrap_or_default(),
            "patient_id" => patient.unwrap_or_default(),
            "provider_id" => item.provider.as_str(),
            "decision" => decision.word(),
            "by" => by,
            "on" => &on,
            "reason" => reason,
            _ => "",
        };
        // A spreadsheet may show the file, so free text is escaped. Ids must stay as they are.
        let safe = |column: &String| match column.as_str() {
            "by" | "reason" => safe::cell(cell(column)),
            _ => Cow::Borrowed(cell(column)),
        };
        let record = self.columns.iter().map(safe);
        writer.write_record(record.map(|cell| cell.into_owned())).map_err(internal)?;
        bytes
            .extend(writer.into_inner().map_err(|_| error::internal("a decision cannot be written as CSV"))?);
        let output = self.output.as_ref().ok_or_else(|| error::internal("a file that was not checked"))?;
        output.write(&bytes)?.commit()?;
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        self.bytes = Some(bytes);
        Ok(lines as u64)
    }
}
