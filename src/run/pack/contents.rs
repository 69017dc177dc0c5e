//! The files of a pack, in their order.

use std::io::{self, Write};

use serde_json::Value;

use crate::error;
use crate::run::compute::RunOutcome;
use crate::run::head::tool;
use crate::run::layouts;
use crate::run::ledger::{self, Pseudonyms};
use crate::run::pack::redact::Redaction;
use crate::run::pack::writer::{PackSink, sha256sums_line};
use crate::run::pack::{CONFIG, COVER, LEDGER, MANIFEST, REPORT, SIGNATURE, SUMS};
use crate::run::settings::{RunConfig, input_choices};
use mucalc_core::domain::adjudication::{Adjudication, AdjudicationTarget};
use mucalc_core::domain::manifest::{ManifestFile, ManifestInput, PackCreator, PackManifest};
use mucalc_core::domain::report::{Report, SCHEMA_VERSION};
use mucalc_core::domain::small_cells;
use mucalc_core::edition;
use mucalc_engine::{InputSet, MeasureConfig, Task};
use mucalc_options::{
    Configuration, ExportKind, FileOptions, InputEntry, InputOptions, MeasureOptions, PracticeKey,
    ReadingOptions, ReportOptions, RunOptions, Written,
};
use mucalc_read::InputSource;
use mucalc_report::html::report::{CoverSheet, PackPrivacy, cover};
use mucalc_report::{ReportFormat, TerminalStyle, findings_csv, json, render, safe};

/// What a pack is made from.
pub struct PackContents<'a> {
    /// Settings of the run.
    pub settings: &'a RunConfig,
    /// Inputs of the run.
    pub sources: &'a InputSet,
    /// Result of the run.
    pub outcome: &'a RunOutcome,
    /// Redaction, if the pack is redacted.
    pub redaction: Option<&'a Redaction>,
    /// Bytes of the review decisions, with the extension of their file.
    pub decisions: Option<(String, Vec<u8>)>,
    /// Whether the pack will be signed.
    pub signed: bool,
}

/// A file of a pack.
pub struct PackFile {
    name: String,
    what: &'static str,
    body: Body,
}

/// The content of a file.
enum Body {
    Bytes(Vec<u8>),
    /// The ledger, which is written row by row.
    Ledger,
}

impl PackContents<'_> {
    /// Writes files of the pack.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(&self, parts: &[PackFile], to: &mut dyn PackSink) -> io::Result<()> {
        parts.iter().try_for_each(|part| {
            to.part(&part.name, &mut |output| match &part.body {
                Body::Bytes(bytes) => output.write_all(bytes),
                Body::Ledger => self.write_ledger(output),
            })
        })
    }

    /// Returns the checksum of an input. In a redacted pack it depends on the key: the plain checksum would confirm a guess at the content
    /// of a small file.
    fn digest(&self, input: &mucalc_core::domain::input::InputSummary) -> String {
        let digest = input.sha256.clone().unwrap_or_default();
        self.redaction.map_or_else(|| digest.clone(), |redaction| redaction.pseudonym("input", &digest))
    }

    fn withheld(&self) -> u64 {
        self.redaction.map_or(0, |redaction| redaction.withheld)
    }

    fn report(&self) -> Report {
        let report = &self.outcome.report;
        self.redaction.map_or_else(|| report.clone(), |redaction| redaction.report(report))
    }

    /// Names layout files by their paths in the pack, because a recomputed report names them like that.
    fn name_layouts(report: &mut Report, layouts: &[(String, String, String)]) {
        for file in &mut report.basis.layout_files {
            if let Some((_, path, _)) = layouts.iter().find(|(name, ..)| *name == file.path) {
                file.path.clone_from(path);
            }
        }
    }

    /// Returns all files except the checksums and their signature.
    ///
    /// # Errors
    /// If a file cannot be made.
    pub fn parts(&self) -> anyhow::Result<Vec<PackFile>> {
        let (mut report, books) = (self.report(), self.settings.rule_set_texts());
        let layouts = self.layouts()?;
        Self::name_layouts(&mut report, &layouts);
        // The exports that are described one by one are named by their files and layouts in the pack, for the same reason.
        let described = input_choices(&self.applied(&layouts));
        report.basis.choices.retain(|made| made.key != "inputs");
        let at = report.basis.choices.iter().rposition(|made| made.of.is_some()).map_or(0, |at| at + 1);
        report.basis.choices.splice(at..at, described);
        let internal = |error: mucalc_report::RenderError| error::internal(error.to_string());
        let bytes = |name: &str, what, bytes: Vec<u8>| PackFile {
            name: name.to_owned(),
            what,
            body: Body::Bytes(bytes),
        };
        let mut parts = Vec::new();
        if self.withheld() == 0 {
            let page =
                render(ReportFormat::Html, &report, TerminalStyle::default(), &books).map_err(internal)?;
            parts.push(bytes("report.html", "The report, to be read.", page));
        }
        parts.push(bytes(REPORT, "The report, for programs.", self.json(&report)?));
        if self.withheld() == 0 {
            let name = LEDGER.to_owned();
            let what = "Every patient of every provider, with the rows that decided.";
            parts.push(PackFile { name, what, body: Body::Ledger });
        }
        let findings =
            findings_csv(&report.findings, self.withheld() == 0).map_err(|error| internal(error.into()))?;
        parts.push(bytes("findings.csv", "What is wrong with the data.", findings));
        if self.withheld() == 0 {
            parts.extend(self.decisions_part()?);
        }
        let config = config_text(&self.applied(&layouts))?;
        parts.push(bytes(CONFIG, "The configuration, as it was applied.", config.into_bytes()));
        for ruling in &self.settings.task.rulings {
            for (id, text) in edition::texts_of(&ruling.edition.id) {
                let name = format!("editions/{id}.toml");
                if !parts.iter().any(|part| part.name == name) {
                    parts.push(bytes(&name, "The rules, as they were applied.", text.as_bytes().to_vec()));
                }
            }
        }
        for (_, path, text) in &layouts {
            parts.push(bytes(path, "How the exports were read.", text.clone().into_bytes()));
        }
        if self.redaction.is_none() {
            let inputs = report.inputs.iter();
            let sums: String = inputs
                .map(|input| sha256sums_line(input.sha256.as_deref().unwrap_or_default(), &input.path))
                .collect();
            parts.push(bytes(
                "INPUTS.sha256",
                "The digests of the inputs, for sha256sum -c.",
                sums.into_bytes(),
            ));
        }
        parts.push(bytes("README.txt", "How to check the pack.", self.readme().into_bytes()));

        let first = [(COVER, "This sheet."), (MANIFEST, "What the pack is, for programs.")];
        let all = first.into_iter().map(|(name, what)| (name.to_owned(), what));
        let all = all.chain(parts.iter().map(|part| (part.name.clone(), part.what)));
        let all: Vec<(String, &'static str)> = all.collect();
        let manifest =
            json::pretty(&self.manifest(&layouts, &all)).map_err(|error| internal(error.into()))?;
        let book = books.first().cloned().unwrap_or_default();
        let cover = cover(&report, &book, &self.cover(&all)).map_err(internal)?;
        let head = [
            bytes(COVER, "This sheet.", cover),
            bytes(MANIFEST, "What the pack is, for programs.", manifest),
        ];
        Ok(head.into_iter().chain(parts).collect())
    }

    fn json(&self, report: &Report) -> anyhow::Result<Vec<u8>> {
        let internal = |error: serde_json::Error| error::internal(error.to_string());
        if self.withheld() == 0 {
            return json::pretty(report).map_err(internal);
        }
        let mut value: Value = serde_json::to_value(report).map_err(internal)?;
        if let Some(redaction) = self.redaction {
            redaction.suppress_small_cells(&mut value, &small_cells::withheld(report, redaction.withheld));
        }
        json::pretty(&value).map_err(internal)
    }

    fn write_ledger(&self, output: &mut dyn Write) -> io::Result<()> {
        let Self { settings, sources, outcome, redaction, .. } = *self;
        let Some(redaction) = redaction else {
            return ledger::write(settings, sources, outcome, None, output);
        };
        let disguise = Pseudonyms {
            alias: &|id| redaction.pseudonym("patient", id),
            line: &|record| redaction.record(record),
        };
        ledger::write(settings, sources, outcome, Some(&disguise), output)
    }

    /// Returns the file of review decisions: unchanged, or with pseudonyms and without free text.
    fn decisions_part(&self) -> anyhow::Result<Option<PackFile>> {
        let Some((ending, bytes)) = &self.decisions else { return Ok(None) };
        let Some(redaction) = self.redaction else {
            let (name, what) = (format!("adjudications{}", plain(ending)), "The decisions of people.");
            return Ok(Some(PackFile { name, what, body: Body::Bytes(bytes.clone()) }));
        };
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut write = |record: [&str; 4]| {
            writer.write_record(record).map_err(|error| error::internal(error.to_string()))
        };
        write(["about", "pseudonym", "provider_id", "decision"])?;
        let row = |decision: &Adjudication| {
            let (about, pseudonym) = match &decision.about {
                AdjudicationTarget::Message(id) => ("message", redaction.pseudonym("message", id)),
                AdjudicationTarget::Patient(id) => ("patient", redaction.pseudonym("patient", id)),
            };
            let provider = safe::cell(decision.provider.as_deref().unwrap_or_default()).into_owned();
            (about, pseudonym, provider, decision.decision.word())
        };
        // The order of the file may be the order of ids.
        let mut rows: Vec<_> = self.outcome.decisions.iter().map(row).collect();
        rows.sort();
        for (about, pseudonym, provider, decision) in &rows {
            write([about, pseudonym, provider, decision])?;
        }
        let bytes = writer.into_inner().map_err(|error| error::internal(error.to_string()))?;
        let (name, what) = ("adjudications.csv".to_owned(), "The decisions of people, with pseudonyms.");
        Ok(Some(PackFile { name, what, body: Body::Bytes(bytes) }))
    }

    /// Returns the layouts in use that have a text: name, path in the pack, and text.
    fn layouts(&self) -> anyhow::Result<Vec<(String, String, String)>> {
        let options = &self.settings.options;
        let mut all: Vec<(String, String, String)> = Vec::new();
        for name in options.layout_options().flat_map(|layout| layouts::named(layout)) {
            let Some(text) = layouts::text(name, &self.settings.layout_texts)? else { continue };
            let stem = plain(&std::path::Path::new(name).file_stem().unwrap_or_default().to_string_lossy());
            let mut path = format!("layouts/{stem}.toml");
            if all.iter().any(|(known, ..)| known == name) {
                continue;
            }
            if all.iter().any(|(_, known, _)| known.eq_ignore_ascii_case(&path)) {
                path = format!("layouts/{}/{stem}.toml", all.len() + 1);
            }
            all.push((name.to_owned(), path, text));
        }
        Ok(all)
    }

    /// Returns the configuration with which `mucalc report` calculates the same from the files that were found.
    fn applied(&self, layouts: &[(String, String, String)]) -> Configuration {
        let options = &self.settings.options;
        // These are names of files and not patterns, whatever characters they contain.
        let named = |sources: &[InputSource], entry: Option<usize>| -> Vec<String> {
            let of_entry = sources.iter().filter(|source| source.entry() == entry);
            of_entry.map(|source| source.name.clone()).collect()
        };
        let files = |sources: &[InputSource]| named(sources, None);
        let one = |source: &Option<InputSource>| source.as_ref().map(|source| source.name.clone());
        let in_pack = |layout: &String| {
            layouts.iter().filter(|(name, ..)| is_file(name)).fold(
                layout.clone(),
                |layout, (name, path, _)| {
                    let part = |part: &str| match part.split_once('=') {
                        Some((kind, named)) if named.trim() == name => format!("{kind}={path}"),
                        None if part == name => path.clone(),
                        _ => part.to_owned(),
                    };
                    layout.split(',').map(part).collect::<Vec<_>>().join(",")
                },
            )
        };
        let layout = options.reading.layout.as_ref().map(in_pack);
        let entry = |(at, entry): (usize, &InputEntry)| InputEntry {
            path: match entry.role {
                ExportKind::Encounters => named(&self.sources.encounters, Some(at)),
                ExportKind::Messages => named(&self.sources.messages, Some(at)),
                ExportKind::Accesses => named(&self.sources.accesses, Some(at)),
            },
            layout: entry.layout.as_ref().map(in_pack),
            ..entry.clone()
        };
        let entries = options.file.inputs.iter().enumerate().map(entry).collect();
        let mut practice = options.file.practice.one();
        if self.redaction.is_some() {
            practice.tin = None;
        }
        let Task { period, ref rulings, .. } = self.settings.task;
        let measure = MeasureOptions {
            period: Some(Written { text: format!("{}..{}", period.first, period.last), value: period }),
            edition: rulings.iter().map(|ruling| Written::from_id(&ruling.edition.id)).collect(),
            credit: Some(self.settings.task.primary_measure().credit),
            policy: rulings.iter().flat_map(MeasureConfig::policies).collect(),
            ..options.measure.clone()
        };
        let inputs = InputOptions {
            encounters: files(&self.sources.encounters),
            messages: files(&self.sources.messages),
            accesses: files(&self.sources.accesses),
            join: files(&self.sources.joins.sources),
            roster: one(&self.sources.roster),
            counties: one(&self.sources.counties),
            adjudications: one(&self.sources.adjudications),
            ..options.inputs.clone()
        };
        Configuration {
            inputs,
            measure,
            reading: ReadingOptions { layout, ..options.reading.clone() },
            // The attrition changes the report in the pack. The other options only affect how the report was written.
            report: ReportOptions { waterfall: options.report.waterfall, ..ReportOptions::default() },
            run: RunOptions { digest: true, ..RunOptions::default() },
            file: FileOptions {
                practice: PracticeKey::One(practice),
                inputs: entries,
                ..options.file.clone()
            },
            words: options.words.clone(),
        }
    }

    fn manifest(
        &self,
        layouts: &[(String, String, String)],
        parts: &[(String, &'static str)],
    ) -> PackManifest {
        let input = |input: &mucalc_core::domain::input::InputSummary| ManifestInput {
            role: input.role.word().to_owned(),
            path: input.path.clone(),
            bytes: (self.withheld() == 0).then_some(input.bytes),
            sha256: self.digest(input),
        };
        let part = |(name, what): &(String, &'static str)| ManifestFile {
            name: name.clone(),
            what: (*what).to_owned(),
        };
        PackManifest {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: PackCreator { name: tool().name.to_owned(), version: tool().version.to_owned() },
            redacted: self.redaction.is_some(),
            signed: self.signed,
            key_check: self.redaction.map(Redaction::key_check),
            withheld: self.withheld(),
            inputs: self.outcome.report.inputs.iter().map(input).collect(),
            layouts: layouts.iter().map(asked_as).collect(),
            parts: parts.iter().map(part).collect(),
        }
    }

    fn cover(&self, parts: &[(String, &'static str)]) -> CoverSheet {
        let redaction = match self.redaction {
            None => {
                "Not redacted. This pack holds ids of patients. Treat it as protected health information."
            }
            Some(_) => {
                "Redacted. Patients have pseudonyms, which are the same under the same key and cannot be undone without it. \
                 Days of patients, places of rows, digests of inputs and what people wrote are left out. Ids and names of \
                 providers, names of files and the words of the configuration are as they were."
            }
        };
        let small = match self.withheld() {
            0 => "Counts are shown as they are, also small ones.".to_owned(),
            most => format!(
                "Figures of providers are left out where a count of patients in them is from 1 to {most}, and so is whatever \
                 they could be worked out from: totals, rows, decisions and the ledger."
            ),
        };
        let privacy =
            |label: &str, text: &str| PackPrivacy { label: label.to_owned(), text: text.to_owned() };
        let command = |command: &str, what: &str| (command.to_owned(), what.to_owned());
        CoverSheet {
            parts: parts
                .iter()
                .map(|(name, what)| (name.clone(), (*what).to_owned()))
                .chain([command(SUMS, "The digests of all parts.")])
                .chain(self.signed.then(|| command(SIGNATURE, "The signature of the digests.")))
                .collect(),
            commands: vec![
                command(
                    &format!("sha256sum -c {SUMS}"),
                    "No part was damaged. Whether somebody changed parts and digests together, only a signature tells.",
                ),
                match self.redaction {
                    None => command("sha256sum -c INPUTS.sha256", "The inputs are those that were read."),
                    Some(_) => command("mucalc verify PACK", "The pack is whole."),
                },
                match self.redaction {
                    None => command(
                        "mucalc verify PACK --inputs DIR",
                        "The same inputs give the same figures again.",
                    ),
                    Some(_) => command(
                        "mucalc verify PACK --inputs DIR --key KEY",
                        "The same inputs give the same figures again.",
                    ),
                },
            ],
            privacy: vec![privacy("Redaction", redaction), privacy("Small counts", &small)],
            withheld: self.withheld(),
        }
    }

    fn readme(&self) -> String {
        let tool = tool();
        let (inputs, key) = match self.redaction {
            None => (
                "They are those that were read if\n`sha256sum -c INPUTS.sha256` says so, in the folder from which they were read. ",
                "",
            ),
            Some(_) => ("", " --key KEY"),
        };
        format!(
            "An evidence pack of {} {}. Begin with {COVER}.\n\n\
             No part was damaged if `sha256sum -c {SUMS}` says so, in the folder where the pack was unpacked. Whoever\n\
             changes a part can change its digest too: against that only a signature helps.\n\
             Where there is a part {SIGNATURE}, it is a signature of {SUMS} by an OpenSSH key, in the name space `mucalc`:\n  \
             ssh-keygen -Y check-novalidate -n mucalc -s {SIGNATURE} < {SUMS}\n\
             tells the key; `ssh-keygen -Y verify` also tells whose it is, given a list of allowed signers.\n\n\
             The inputs are not in the pack. {inputs}`mucalc verify PACK --inputs DIR{key}`\n\
             computes everything again from them and says what differs.\n",
            tool.name, tool.version
        )
    }
}

/// Returns the name that the configuration of the pack uses for a layout, and the path of its text in the pack.
fn asked_as((name, path, _): &(String, String, String)) -> (String, String) {
    let asked = if is_file(name) { path } else { name };
    (asked.clone(), path.clone())
}

/// Returns whether a layout is a file, and not built in.
fn is_file(layout: &str) -> bool {
    mucalc_read::layout::Layout::find(layout).is_none()
}

/// Replaces all but plain characters in a name, so that every program can unpack the file under this name.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect()
}

/// Returns the text of the configuration of a pack.
fn config_text(applied: &Configuration) -> anyhow::Result<String> {
    let text = toml::to_string(applied).map_err(|error| error::internal(error.to_string()))?;
    Ok(format!(
        "# The configuration of this pack: every choice of the run, whether it was named or not.\n{text}"
    ))
}
