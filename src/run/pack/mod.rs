//! `mucalc pack`: writes the result of a run, with everything that is needed to verify it, to one archive.

mod contents;
mod reader;
mod redact;
pub mod rerun;
mod secret;
mod sign;
mod writer;
mod zip_layout;

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{self, ErrorCode, Exit};
use crate::run::compute::run_measures;
use crate::run::interrupt;
use crate::run::output::OutputFile;
use crate::run::practices::{PracticeArgs, for_each};
use crate::run::settings::RunConfig;
use crate::run::terminal::print_note;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::report::Report;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{hex, pluralize};
use mucalc_engine::{CollectWants, InputSet};
use mucalc_options::{CommonArgs, ConfigArgs, one_of};
use mucalc_read::{InputError, InputErrorKind};

pub use contents::PackContents;
pub use reader::PackReader;
pub use redact::{Redaction, SMALL};
pub use sign::{check, is_as_written, public_key};
pub use writer::{Checksums, HashedWriter, PackSink, PackWriter, sha256sums_line};

/// Name of the cover sheet.
pub const COVER: &str = "cover.html";
/// Name of the manifest: what the pack is, for programs.
pub const MANIFEST: &str = "manifest.json";
/// Name of the report as JSON.
pub const REPORT: &str = "report.json";
/// Name of the ledger.
pub const LEDGER: &str = "ledger.csv";
/// Name of the configuration.
pub const CONFIG: &str = "mucalc.toml";
/// Name of the checksums of all files, in the format of `sha256sum -c`.
pub const SUMS: &str = "SHA256SUMS";
/// Name of the signature of the checksums.
pub const SIGNATURE: &str = "SHA256SUMS.sig";

/// The arguments of `mucalc pack`.
#[derive(clap::Args, Clone)]
#[command(after_help = "\
Examples:
  mucalc pack -o evidence.zip    # inputs and period from mucalc.toml
  mucalc pack -o evidence.zip --sign-with ~/.ssh/id_ed25519
  mucalc pack -o to-upload.zip --redacted --key practice.key \\
         --small-cells withhold

The same inputs and settings always give the same bytes. A pack that is not redacted contains patient ids: protect it \
like the exports.")]
pub struct PackArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// Pack to write, a .zip file; readable by its owner only
    #[arg(short, long, value_name = "PATH.zip", required = true, help_heading = "Output")]
    output: Option<String>,
    /// Replace patient ids by pseudonyms, and omit days and comments about patients
    #[arg(long, help_heading = "Output")]
    redacted: bool,
    /// File with the key of the pseudonyms; created if it does not exist [default: the path of the pack, with .key at its end]
    #[arg(long, value_name = "PATH", requires = "redacted", help_heading = "Output")]
    key: Option<String>,
    /// Keep small counts in a redacted pack, or withhold those from 1 to 10, and the ledger with them [default: keep]
    #[arg(
        long,
        value_name = "WHAT",
        requires = "redacted",
        value_parser = one_of::<SmallCells>(),
        help_heading = "Output"
    )]
    small_cells: Option<SmallCells>,
    /// Sign the checksums with this OpenSSH key (ed25519, without a passphrase)
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    sign_with: Option<String>,
}

impl PracticeArgs for PackArgs {
    const COMMAND: &'static str = "pack";

    fn config(&mut self) -> &mut ConfigArgs {
        self.common.config()
    }

    fn output(&mut self) -> &mut Option<String> {
        &mut self.output
    }

    fn format(&self) -> Option<&'static str> {
        Some("zip")
    }

    fn of_one_practice(&self) -> Option<&'static str> {
        let key = self.key.as_ref().map(|_| "--key");
        self.common.of_one_practice().or(key)
    }
}

/// What a redacted pack does with small counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
enum SmallCells {
    #[default]
    Keep,
    Withhold,
}

/// Calculates the measure and writes a pack.
///
/// # Errors
/// If options contradict each other, or an input, a key, or the output cannot be used.
pub fn pack(asked: PackArgs) -> anyhow::Result<Exit> {
    for_each(asked, |asked| pack_one(asked).map(Into::into))
}

fn pack_one(asked: PackArgs) -> anyhow::Result<Exit> {
    let PackArgs { common, output, redacted, key, small_cells, sign_with } = asked;
    let Some(name) = output.filter(|name| name != "-") else {
        return Err(error::usage(
            ErrorCode::Outputs,
            "a pack is a file; name it with --output, for example -o pack.zip",
        ));
    };
    // `output` in the configuration is for the report, not for the pack.
    let (flags, config) = common.split();
    let mut settings = RunConfig::resolve(flags, &config)?;
    settings.task.digest = true;
    // The same inputs give the same pack, at any time and on any computer.
    settings.stamp = false;
    let withheld = if small_cells == Some(SmallCells::Withhold) { SMALL } else { 0 };
    let mut sources = settings.named.find(settings.needs())?;
    let folder = settings.config.as_deref().and_then(Path::parent);
    sources.name_from(folder.unwrap_or(Path::new("")));
    if sources.reads_stdin() {
        let message = "a pack tells the digests of files, so none of its inputs can be standard input";
        return Err(error::usage(ErrorCode::StandardInput, message));
    }
    settings.note_unused_inputs(&sources);
    let signer = sign_with.as_deref().map(sign::Signer::read).transpose()?;
    let key = key.unwrap_or_else(|| format!("{name}.key"));
    let secrets = [sign_with.as_ref(), redacted.then_some(&key)].into_iter().flatten();
    let secrets: Vec<PathBuf> = secrets.map(PathBuf::from).collect();
    let inputs = sources.files().chain(settings.own_files.iter().map(PathBuf::as_path));
    let output = OutputFile::check(&name, true, inputs.chain(secrets.iter().map(PathBuf::as_path)))?;
    let is_new_key = redacted && !Path::new(&key).exists();
    let new_key = is_new_key.then(|| OutputFile::check(&key, true, std::iter::empty())).transpose()?;
    if new_key.as_ref().is_some_and(|new| new.is_same(&output)) {
        return Err(error::usage(ErrorCode::Outputs, "--output and --key name the same file; name two"));
    }
    let irregular = sources.files().find(|path| !path.is_file());
    if let Some(path) = irregular {
        let why = "is no plain file; a pack tells the digests of files that can be read again";
        return Err(error::file(ErrorCode::StandardInput, why, &path.to_string_lossy()));
    }
    if redacted && !is_new_key {
        // An unusable key is reported before the work.
        Redaction::from_key_file(&key, withheld)?;
    }

    let outcome = run_measures(&settings, &sources, CollectWants::LEDGER)?;
    if let Some(new) = &new_key {
        Redaction::make_key(new)?;
        print_note(format!("the key of the pseudonyms is in {key}; keep it apart from the pack"));
    }
    let redaction = if redacted { Some(Redaction::from_key_file(&key, withheld)?) } else { None };
    let contents = PackContents {
        settings: &settings,
        sources: &sources,
        outcome: &outcome,
        redaction: redaction.as_ref(),
        decisions: decisions(&sources, &outcome.report)?,
        signed: signer.is_some(),
    };
    let parts = contents.parts()?;
    let mut count = 0;
    let written = output.write_with(|file| {
        let mut archive = PackWriter::new(file);
        contents.write(&parts, &mut archive)?;
        let sums = archive.digests().sums();
        archive.part(SUMS, &mut |output| output.write_all(sums.as_bytes()))?;
        if let Some(signer) = &signer {
            let signature = signer.sign(&sums).map_err(io::Error::other)?;
            archive.part(SIGNATURE, &mut |output| output.write_all(signature.as_bytes()))?;
        }
        count = archive.digests().0.len();
        archive.finish()
    });
    // If the user ends the run while it writes, report the interruption and not a write error.
    interrupt::check()?;
    let written = written?;
    written.commit()?;
    if !settings.quiet {
        let redacted = if redacted { "redacted" } else { "not redacted: it holds ids of patients" };
        print_note(format!("{name}: {}, {redacted}", pluralize(count as u64, "part", "parts")));
        let note = settings
            .task
            .primary_measure()
            .period_note(settings.task.period)
            .filter(|_| settings.task.period_given);
        note.into_iter().for_each(print_note);
    }
    Ok(Exit::Success)
}

/// Returns the bytes of the review decisions, with the extension of their file.
///
/// # Errors
/// If they cannot be read, or changed after the run read them.
pub fn decisions(sources: &InputSet, report: &Report) -> anyhow::Result<Option<(String, Vec<u8>)>> {
    let Some(source) = &sources.adjudications else { return Ok(None) };
    let Some(path) = &source.path else { return Ok(None) };
    let bytes =
        std::fs::read(path).map_err(|error| anyhow::Error::from(InputError::io(&source.name, &error)))?;
    let read = report.inputs.iter().find(|input| input.role == InputRole::Adjudications);
    if read.and_then(|input| input.sha256.as_deref()) != Some(hex(&Sha256::digest(&bytes)).as_str()) {
        let place = SourceLocation::file(&*source.name);
        return Err(InputError { place, reason: InputErrorKind::Changed }.into());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let ending = name.find('.').map_or(String::new(), |dot| name[dot..].to_owned());
    Ok(Some((ending, bytes)))
}
