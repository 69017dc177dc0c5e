//! The parts of a pack, in their order.

use std::io::{self, Write};

use serde_json::Value;

use crate::analyse::records::{Names, records, records_as};
use crate::domain::adjudication::About;
use crate::domain::manifest::{MadeBy, Manifest, PackedInput, PackedPart};
use crate::domain::report::{Report, SCHEMA_VERSION};
use crate::edition;
use crate::report::page::{Cover, Privacy, cover};
use crate::report::{Format, Screen, findings_csv, json, ledger, safe};
use crate::run::compute::{Outcome, tool};
use crate::run::failed::Failed;
use crate::run::inputs::Sources;
use crate::run::layouts;
use crate::run::options::Options;
use crate::run::pack::archive::{Parts, sum};
use crate::run::pack::redact::Redaction;
use crate::run::pack::{CONFIG, COVER, LEDGER, MANIFEST, REPORT, SIGNATURE, SUMS};
use crate::run::settings::Settings;

/// What a pack is made from.
pub struct Contents<'a> {
    /// What the run was told.
    pub settings: &'a Settings,
    /// What it read.
    pub sources: &'a Sources,
    /// What it found.
    pub outcome: &'a Outcome,
    /// How it is redacted, if it is.
    pub redaction: Option<&'a Redaction>,
    /// The bytes of the decisions of people, with the end of the file's name.
    pub decisions: Option<(String, Vec<u8>)>,
}

/// A part.
struct Part {
    name: String,
    what: &'static str,
    body: Body,
}

/// What a part holds.
enum Body {
    Bytes(Vec<u8>),
    /// The ledger, which is written as it is made.
    Ledger,
}

impl Contents<'_> {
    /// Writes all parts but the digests.
    ///
    /// # Errors
    /// When a part cannot be made or written.
    pub fn write(&self, to: &mut dyn Parts) -> Result<io::Result<()>, Failed> {
        let parts = self.parts()?;
        Ok(parts.iter().try_for_each(|part| {
            to.part(&part.name, &mut |output| match &part.body {
                Body::Bytes(bytes) => output.write_all(bytes),
                Body::Ledger => self.write_ledger(output),
            })
        }))
    }

    fn withheld(&self) -> u64 {
        self.redaction.map_or(0, |redaction| redaction.withheld)
    }

    fn report(&self) -> Report {
        let report = &self.outcome.report;
        self.redaction.map_or_else(|| report.clone(), |redaction| redaction.report(report))
    }

    fn parts(&self) -> Result<Vec<Part>, Failed> {
        let (report, books) = (self.report(), self.settings.books());
        let internal = |error: crate::report::RenderError| Failed::internal(error.to_string());
        let bytes =
            |name: &str, what, bytes: Vec<u8>| Part { name: name.to_owned(), what, body: Body::Bytes(bytes) };
        let mut parts = Vec::new();
        if self.withheld() == 0 {
            let page = Format::Html.render(&report, Screen::default(), &books).map_err(internal)?;
            parts.push(bytes("report.html", "The report, to be read.", page));
        }
        parts.push(bytes(REPORT, "The report, for programs.", self.json(&report)?));
        if self.withheld() == 0 {
            let name = LEDGER.to_owned();
            let what = "Every patient of every provider, with the rows that decided.";
            parts.push(Part { name, what, body: Body::Ledger });
        }
        let findings = findings_csv(&report.findings).map_err(|error| internal(error.into()))?;
        parts.push(bytes("findings.csv", "What is wrong with the data.", findings));
        parts.extend(self.decisions_part()?);
        let layouts = self.layouts()?;
        let config = self.config(&layouts)?;
        parts.push(bytes(CONFIG, "The configuration, as it was applied.", config.into_bytes()));
        for ruling in &self.settings.rulings {
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
        let inputs = report.inputs.iter();
        let sums: String =
            inputs.map(|input| sum(input.sha256.as_deref().unwrap_or_default(), &input.path)).collect();
        parts.push(bytes("INPUTS.sha256", "The digests of the inputs, for sha256sum -c.", sums.into_bytes()));
        parts.push(bytes("README.txt", "How to check the pack.", self.readme().into_bytes()));

        let first = [(COVER, "This sheet."), (MANIFEST, "What the pack is, for programs.")];
        let all = first.into_iter().map(|(name, what)| (name.to_owned(), what));
        let all = all.chain(parts.iter().map(|part| (part.name.clone(), part.what)));
        let all: Vec<(String, &'static str)> = all.collect();
        let manifest =
            json::pretty(&self.manifest(&report, &layouts, &all)).map_err(|error| internal(error.into()))?;
        let book = books.first().cloned().unwrap_or_default();
        let cover = cover(&report, &book, &self.cover(&all)).map_err(internal)?;
        let head = [
            bytes(COVER, "This sheet.", cover),
            bytes(MANIFEST, "What the pack is, for programs.", manifest),
        ];
        Ok(head.into_iter().chain(parts).collect())
    }

    fn json(&self, report: &Report) -> Result<Vec<u8>, Failed> {
        let internal = |error: serde_json::Error| Failed::internal(error.to_string());
        if self.withheld() == 0 {
            return json::pretty(report).map_err(internal);
        }
        let mut value: Value = serde_json::to_value(report).map_err(internal)?;
        if let Some(redaction) = self.redaction {
            redaction.withhold(&mut value);
        }
        json::pretty(&value).map_err(internal)
    }

    fn write_ledger(&self, output: &mut dyn Write) -> io::Result<()> {
        let judged = &self.outcome.judged;
        let names: Vec<Names> = judged.iter().map(|judged| self.sources.names(&judged.law)).collect();
        let editions = self.settings.rulings.iter().map(|ruling| ruling.edition.id.as_str());
        let editions: Vec<&str> = editions.collect();
        let all = editions.iter().zip(judged.iter().zip(&names));
        match self.redaction {
            None => ledger::write(
                all.map(|(edition, (judged, names))| (*edition, records(&judged.ledger, names))),
                output,
            ),
            Some(redaction) => {
                let alias = |id: &str| redaction.pseudonym("patient", id);
                let parts = all.map(|(edition, (judged, names))| {
                    let records = records_as(&judged.ledger, names, &alias);
                    (*edition, records.map(|record| redaction.record(record)))
                });
                ledger::write(parts, output)
            }
        }
    }

    /// The decisions of people: the file as it is, or with pseudonyms and without free text.
    fn decisions_part(&self) -> Result<Option<Part>, Failed> {
        let Some((ending, bytes)) = &self.decisions else { return Ok(None) };
        let Some(redaction) = self.redaction else {
            let (name, what) = (format!("adjudications{ending}"), "The decisions of people.");
            return Ok(Some(Part { name, what, body: Body::Bytes(bytes.clone()) }));
        };
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut write = |record: [&str; 5]| {
            writer.write_record(record).map_err(|error| Failed::internal(error.to_string()))
        };
        write(["line", "about", "pseudonym", "provider_id", "decision"])?;
        for decision in &self.outcome.decisions {
            let (about, pseudonym) = match &decision.about {
                About::Message(id) => ("message", redaction.pseudonym("message", id)),
                About::Patient(id) => ("patient", redaction.pseudonym("patient", id)),
            };
            let provider = safe::cell(decision.provider.as_deref().unwrap_or_default());
            write([&decision.line.to_string(), about, &pseudonym, &provider, decision.decision.word()])?;
        }
        let bytes = writer.into_inner().map_err(|error| Failed::internal(error.to_string()))?;
        let (name, what) = ("adjudications.csv".to_owned(), "The decisions of people, with pseudonyms.");
        Ok(Some(Part { name, what, body: Body::Bytes(bytes) }))
    }

    /// The layouts that were asked for and are texts: name, part, text.
    fn layouts(&self) -> Result<Vec<(String, String, String)>, Failed> {
        let options = &self.settings.options;
        let mut all: Vec<(String, String, String)> = Vec::new();
        for name in options.layout.iter().flat_map(|layout| layouts::named(layout)) {
            let Some(text) = layouts::text(name, &options.layout_texts)? else { continue };
            let stem = std::path::Path::new(name).file_stem().unwrap_or_default().to_string_lossy();
            let mut path = format!("layouts/{stem}.toml");
            if all.iter().any(|(known, ..)| known == name) {
                continue;
            }
            if all.iter().any(|(_, known, _)| *known == path) {
                path = format!("layouts/{}/{stem}.toml", all.len() + 1);
            }
            all.push((name.to_owned(), path, text));
        }
        Ok(all)
    }

    /// The configuration with which `mucalc report` computes the same, of the files that were found.
    fn config(&self, layouts: &[(String, String, String)]) -> Result<String, Failed> {
        let Settings { options, rulings, .. } = self.settings;
        // A file is named, and no pattern, whatever signs are in its name.
        let files =
            |sources: &[crate::read::Source]| sources.iter().map(|source| source.name.clone()).collect();
        let one = |source: &Option<crate::read::Source>| source.as_ref().map(|source| source.name.clone());
        let mut layout = options.layout.clone();
        for (name, path, _) in layouts.iter().filter(|(name, ..)| name.ends_with(".toml")) {
            let replaced = layout.map(|layout| {
                let part = |part: &str| match part.split_once('=') {
                    Some((kind, named)) if named.trim() == name => format!("{kind}={path}"),
                    None if part == name => path.clone(),
                    _ => part.to_owned(),
                };
                layout.split(',').map(part).collect::<Vec<_>>().join(",")
            });
            layout = replaced;
        }
        let choices = rulings.iter().flat_map(|ruling| &ruling.choices);
        let applied = Options {
            encounters: files(&self.sources.encounters),
            messages: files(&self.sources.messages),
            accesses: files(&self.sources.accesses),
            roster: one(&self.sources.roster),
            counties: one(&self.sources.counties),
            adjudications: one(&self.sources.adjudications),
            edition: rulings.iter().map(|ruling| ruling.edition.id.clone()).collect(),
            credit: Some(self.settings.first_ruling().credit.word().to_owned()),
            policy: choices.map(|(name, choice)| (name.clone(), choice.word().to_owned())).collect(),
            waterfall: options.waterfall.clone(),
            layout,
            format: None,
            output: None,
            ledger: None,
            fail_on: Vec::new(),
            threads: None,
            quiet: None,
            verbose: None,
            color: None,
            digest: Some(true),
            stamp: None,
            ..options.clone()
        };
        let text = toml::to_string(&applied).map_err(|error| Failed::internal(error.to_string()))?;
        Ok(format!(
            "# The configuration of this pack: every choice of the run, whether it was named or not.\n{text}"
        ))
    }

    fn manifest(
        &self,
        report: &Report,
        layouts: &[(String, String, String)],
        parts: &[(String, &'static str)],
    ) -> Manifest {
        let input = |input: &crate::domain::report::Input| PackedInput {
            role: input.role.word().to_owned(),
            path: input.path.clone(),
            bytes: input.bytes,
            sha256: input.sha256.clone().unwrap_or_default(),
        };
        let part = |(name, what): &(String, &'static str)| PackedPart {
            name: name.clone(),
            what: (*what).to_owned(),
        };
        Manifest {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: MadeBy { name: tool().name.to_owned(), version: tool().version.to_owned() },
            redacted: self.redaction.is_some(),
            withheld: self.withheld(),
            inputs: report.inputs.iter().map(input).collect(),
            layouts: layouts.iter().map(asked_as).collect(),
            parts: parts.iter().map(part).collect(),
        }
    }

    fn cover(&self, parts: &[(String, &'static str)]) -> Cover {
        let redaction = match self.redaction {
            None => {
                "Not redacted. This pack holds ids of patients. Treat it as protected health information."
            }
            Some(_) => {
                "Redacted. Patients have pseudonyms, which nobody can undo without the key, and which are the same under \
                 the same key. Days of patients and what people wrote about them are left out."
            }
        };
        let small = match self.withheld() {
            0 => "Counts are shown as they are, also small ones.".to_owned(),
            most => format!(
                "Counts of patients from 1 to {most} are left out, and so are rates, totals and the ledger, from which they \
                 could be worked out."
            ),
        };
        let privacy = |label: &str, text: &str| Privacy { label: label.to_owned(), text: text.to_owned() };
        let command = |command: &str, what: &str| (command.to_owned(), what.to_owned());
        Cover {
            parts: parts
                .iter()
                .map(|(name, what)| (name.clone(), (*what).to_owned()))
                .chain([command(SUMS, "The digests of all parts.")])
                .collect(),
            commands: vec![
                command(&format!("sha256sum -c {SUMS}"), "No part of this pack was changed."),
                command("sha256sum -c INPUTS.sha256", "The inputs are those that were read."),
                command("mucalc verify PACK --inputs DIR", "The same inputs give the same figures again."),
            ],
            privacy: vec![privacy("Redaction", redaction), privacy("Small counts", &small)],
            withheld: self.withheld(),
        }
    }

    fn readme(&self) -> String {
        let tool = tool();
        format!(
            "An evidence pack of {} {}. Begin with {COVER}.\n\n\
             No part was changed if `sha256sum -c {SUMS}` says so, in the folder where the pack was unpacked.\n\
             Where there is a part {SIGNATURE}, it is a signature of {SUMS} by an OpenSSH key, in the name space `mucalc`:\n  \
             ssh-keygen -Y check-novalidate -n mucalc -s {SIGNATURE} < {SUMS}\n\
             tells the key; `ssh-keygen -Y verify` also tells whose it is, given a list of allowed signers.\n\n\
             The inputs are not in the pack. They are those that were read if `sha256sum -c INPUTS.sha256` says so, in the\n\
             folder from which they were read. `mucalc verify PACK --inputs DIR` computes everything again from them and\n\
             says what differs.\n",
            tool.name, tool.version
        )
    }
}

/// As what the configuration of the pack asks for a layout, and the part with its text.
fn asked_as((name, path, _): &(String, String, String)) -> (String, String) {
    let asked = if name.ends_with(".toml") { path } else { name };
    (asked.clone(), path.clone())
}
