//! `mucalc verify`: checks that a pack is complete, who signed it, and that recomputation gives an identical result.

mod parts;
mod rerun;
mod rule_sets;

use std::num::NonZeroUsize;
use std::path::Path;

use crate::error::{self, ErrorCode, Exit, explained};
use crate::run::bounded_read;
use crate::run::head::tool;
use crate::run::output::to_stdout;
use crate::run::pack::{self, PackReader, SIGNATURE, SUMS};
use crate::run::terminal::style;
use mucalc_core::domain::manifest::PackManifest;
use mucalc_core::domain::report::SCHEMA_VERSION;
use mucalc_core::domain::verification::{CheckOutcome, VerificationCheck, VerificationReport};
use mucalc_options::{ColorChoice, one_of, thread_count};
use mucalc_report::{ViewFormat, verification};

/// The arguments of `mucalc verify`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  mucalc verify evidence.zip    # integrity and signature
  mucalc verify evidence.zip --inputs exports/    # recalculate the report
  mucalc verify to-upload.zip --inputs exports/ --key practice.key

Exit codes:
  0    every check passed
  1    a check failed
  2    wrong usage
  3    the file cannot be read, or is not an evidence pack")]
pub struct VerifyArgs {
    /// The pack
    #[arg(value_name = "PACK")]
    pack: String,
    /// Folder of the inputs, to recompute the pack from them
    #[arg(long, value_name = "DIR")]
    inputs: Option<String>,
    /// The key of the pseudonyms of a redacted pack
    #[arg(long, value_name = "PATH", requires = "inputs")]
    key: Option<String>,
    /// A signature of SHA256SUMS that is not in the pack
    #[arg(long, value_name = "PATH")]
    signature: Option<String>,
    /// The public OpenSSH key that the pack must be signed with
    #[arg(long, value_name = "PATH")]
    signed_by: Option<String>,
    /// Format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<ViewFormat>())]
    format: Option<ViewFormat>,
    /// Worker threads [default: number of cores]
    #[arg(long, value_name = "N", value_parser = thread_count)]
    threads: Option<NonZeroUsize>,
    /// Print only errors on standard error
    #[arg(short, long)]
    quiet: bool,
}

/// Verifies an evidence pack.
///
/// # Errors
/// If the pack, a key, or an input cannot be used.
pub fn verify(asked: &VerifyArgs) -> anyhow::Result<Exit> {
    let format = asked.format.unwrap_or_default();
    let wanted = asked.signed_by.as_deref().map(pack::public_key).transpose()?;
    let mut unpacked = PackReader::open(&asked.pack)?;
    let manifest = pack::rerun::manifest(&mut unpacked)?;
    let mut of = VerificationReport {
        schema_version: SCHEMA_VERSION,
        tool: tool(),
        pack: asked.pack.clone(),
        made_by: manifest.tool.version.clone(),
        redacted: manifest.redacted,
        choices: Vec::new(),
        checks: Vec::new(),
        difference: None,
    };
    let sums = unpacked.part(SUMS)?;
    let sums = String::from_utf8_lossy(&sums).into_owned();
    of.checks.push(parts::parts(&mut unpacked, &manifest, &sums)?);
    if !of.has_failures() {
        of.checks.push(parts::archive(&mut unpacked, &manifest)?);
    }
    let signature = match &asked.signature {
        Some(path) => Some(bounded_read::bytes(path, bounded_read::TEXT).map_err(|error| {
            error::file(ErrorCode::Key, format!("cannot be read: {}", error.kind()), path)
        })?),
        None => unpacked.read_file_if_present(SIGNATURE)?,
    };
    let inside = unpacked.read_file_if_present(SIGNATURE)?;
    of.checks.extend(signatures(
        &sums,
        signature.as_deref(),
        inside.as_deref(),
        manifest.signed,
        asked,
        wanted.as_ref(),
    ));
    // A damaged pack is not recomputed, because its original content is unknown.
    if !of.has_failures() {
        law_and_figures(asked, &mut unpacked, &manifest, &mut of)?;
    }
    let screen = style(ColorChoice::Auto, false);
    let bytes = verification::render(&of, format, screen).map_err(error::from_render_error)?;
    to_stdout(&bytes)?;
    Ok(if of.has_failures() || of.leaves_open() { Exit::Gate } else { Exit::Success })
}

/// Checks the signature that was named, or else the one in the pack. If both exist, checks both.
fn signatures(
    sums: &str,
    signature: Option<&[u8]>,
    inside: Option<&[u8]>,
    was_signed: bool,
    asked: &VerifyArgs,
    wanted: Option<&ssh_key::PublicKey>,
) -> Vec<VerificationCheck> {
    let what = "signature";
    match inside {
        None if was_signed => return vec![wrong(what, "the pack was signed, and its signature is gone")],
        Some(_) if !was_signed => {
            return vec![wrong(what, "the pack was made without a signature, and has one")];
        }
        Some(inside) if !pack::is_as_written(inside) => {
            return vec![wrong(what, "the signature in the pack is not written as mucalc writes it")];
        }
        _ => {}
    }
    let mut checks = vec![parts::signed(sums, signature, wanted)];
    if let Some(inside) = inside.filter(|_| asked.signature.is_some()) {
        // Whoever signs a pack that another person signed uses a different key, so any key is accepted here.
        let check = parts::signed(sums, Some(inside), None);
        checks.push(VerificationCheck { what: "signature in the pack".to_owned(), ..check });
    }
    checks
}

/// Checks the rules of a pack, lists its settings, and recomputes it if its inputs are available.
fn law_and_figures(
    asked: &VerifyArgs,
    unpacked: &mut PackReader,
    manifest: &PackManifest,
    of: &mut VerificationReport,
) -> anyhow::Result<()> {
    // A pack with its own text for a built-in layout must not be recomputed with that text.
    of.checks.extend(rule_sets::layouts(unpacked, manifest)?);
    if of.has_failures() {
        return Ok(());
    }
    let settings = match pack::rerun::settings(unpacked, manifest, asked.threads, asked.quiet) {
        // Another version may accept other configurations.
        Err(error) if manifest.tool.version != tool().version => {
            of.checks.push(cannot_tell("rules", explained(&error).failure.message));
            return Ok(());
        }
        Err(error) => {
            of.checks.push(wrong(
                "rules",
                format!("this version would not have made it: {}", explained(&error).failure.message),
            ));
            return Ok(());
        }
        Ok(settings) => settings,
    };
    of.choices = rule_sets::choices(&settings, manifest);
    of.checks.push(rule_sets::editions(&settings, unpacked)?);
    let folder = asked.inputs.as_deref();
    of.checks.extend(rule_sets::own_layouts(unpacked, manifest, folder.map(Path::new))?);
    match folder {
        None => of.checks.push(not_checked("computed again", "name the folder of the inputs with --inputs")),
        Some(_) if of.has_failures() => {}
        Some(folder) => rerun::again(asked, folder, unpacked, manifest, &settings, of)?,
    }
    Ok(())
}

fn right(what: &str, detail: impl Into<String>) -> VerificationCheck {
    VerificationCheck { what: what.to_owned(), outcome: CheckOutcome::Right, detail: detail.into() }
}

fn not_checked(what: &str, detail: impl Into<String>) -> VerificationCheck {
    VerificationCheck { what: what.to_owned(), outcome: CheckOutcome::NotChecked, detail: detail.into() }
}

fn cannot_tell(what: &str, detail: impl Into<String>) -> VerificationCheck {
    VerificationCheck { what: what.to_owned(), outcome: CheckOutcome::CannotTell, detail: detail.into() }
}

fn wrong(what: &str, detail: impl Into<String>) -> VerificationCheck {
    VerificationCheck { what: what.to_owned(), outcome: CheckOutcome::Wrong, detail: detail.into() }
}
