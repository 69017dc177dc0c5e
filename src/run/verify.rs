//! `mucalc verify`: is a pack whole, by whom is it signed, and does everything come out the same again.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::analyse::diff;
use crate::domain::manifest::{Manifest, PackedInput};
use crate::domain::report::{Input, SCHEMA_VERSION};
use crate::domain::text::{counted, hex, printable};
use crate::domain::verification::{Check, Outcome, Verification};
use crate::edition;
use crate::report::{explanation, verification};
use crate::run::compute::{compute, tool};
use crate::run::failed::{Cause, Exit, Failed};
use crate::run::output::to_stdout;
use crate::run::pack::{
    self, Contents, Digested, LEDGER, REPORT, Redaction, SIGNATURE, SUMS, Unpacked, again,
};
use crate::run::past;
use crate::run::settings::Settings;
use crate::run::terminal::ColourChoice;

/// What `mucalc verify` is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The pack.
    pub pack: String,
    /// The folder of the inputs.
    pub inputs: Option<String>,
    /// The key of the pseudonyms.
    pub key: Option<String>,
    /// The public key by which it has to be signed.
    pub signed_by: Option<String>,
    /// The format.
    pub format: Option<String>,
    /// How many threads judge rows.
    pub threads: Option<usize>,
    /// Whether nothing but errors goes to standard error.
    pub quiet: bool,
}

/// Checks a pack.
///
/// # Errors
/// When a word is none of ours, or the pack, a key or an input cannot be used.
pub fn verify(asked: &Asked) -> Result<Exit, Failed> {
    let format = explanation::Format::parse(asked.format.as_deref().unwrap_or("table")).ok_or_else(|| {
        let known = explanation::Format::WORDS.join(", ");
        Failed::usage(Cause::Choice, format!("verify has no such format; it has {known}"))
    })?;
    let wanted = asked.signed_by.as_deref().map(pack::public_key).transpose()?;
    let mut unpacked = Unpacked::open(&asked.pack)?;
    let manifest = again::manifest(&mut unpacked)?;
    let mut of = Verification {
        schema_version: SCHEMA_VERSION,
        tool: tool(),
        pack: asked.pack.clone(),
        made_by: manifest.tool.version.clone(),
        redacted: manifest.redacted,
        checks: Vec::new(),
        difference: None,
    };
    let sums = unpacked.part(SUMS)?;
    let sums = String::from_utf8_lossy(&sums).into_owned();
    of.checks.push(parts(&mut unpacked, &sums)?);
    let signature = unpacked.part_if_there(SIGNATURE)?;
    of.checks.push(signed(&sums, signature.as_deref(), wanted.as_ref()));
    match &asked.inputs {
        None => of.checks.push(Check {
            what: "computed again".to_owned(),
            outcome: Outcome::NotChecked,
            detail: "name the folder of the inputs with --inputs".to_owned(),
        }),
        // What is not whole is not computed again: nobody knows what it was.
        Some(_) if of.is_wrong() => {}
        Some(folder) => again(asked, folder, &mut unpacked, &manifest, &mut of)?,
    }
    let screen = ColourChoice::Auto.screen(false);
    let bytes =
        verification::render(&of, format, screen).map_err(|error| Failed::internal(error.to_string()))?;
    to_stdout(&bytes)?;
    Ok(if of.is_wrong() { Exit::Gate } else { Exit::Success })
}

fn right(what: &str, detail: impl Into<String>) -> Check {
    Check { what: what.to_owned(), outcome: Outcome::Right, detail: detail.into() }
}

fn wrong(what: &str, detail: impl Into<String>) -> Check {
    Check { what: what.to_owned(), outcome: Outcome::Wrong, detail: detail.into() }
}

/// Whether the parts are those of the digests, all of them and no others.
fn parts(unpacked: &mut Unpacked, sums: &str) -> Result<Check, Failed> {
    let what = "parts of the pack";
    let mut expected: BTreeMap<String, String> = BTreeMap::new();
    for line in sums.lines() {
        let Some((digest, name)) = line.split_once("  ") else {
            return Ok(wrong(what, format!("{SUMS} is no list of digests")));
        };
        expected.insert(name.to_owned(), digest.to_owned());
    }
    let mut names = unpacked.names();
    names.retain(|name| name != SUMS && name != SIGNATURE);
    let doubled = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
    if let Some((_, name)) = doubled {
        return Ok(wrong(what, format!("{name} is there twice")));
    }
    for name in &names {
        let Some(digest) = expected.remove(name) else {
            return Ok(wrong(what, format!("{name} is not in {SUMS}")));
        };
        let mut hasher = Sha256::new();
        unpacked.read(name, |read| copy(read, &mut hasher))?;
        if hex(&hasher.finalize()) != digest {
            return Ok(wrong(what, format!("{name} was changed after the pack was made")));
        }
    }
    Ok(match expected.into_keys().next() {
        Some(missing) => wrong(what, format!("{missing} is missing")),
        None => right(what, format!("{}, none changed", counted(names.len() as u64, "part", "parts"))),
    })
}

fn copy(read: &mut dyn Read, hasher: &mut Sha256) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match read.read(&mut buffer)? {
            0 => return Ok(()),
            count => hasher.update(&buffer[..count]),
        }
    }
}

/// Whether, and by whom, the digests are signed.
fn signed(sums: &str, signature: Option<&[u8]>, wanted: Option<&ssh_key::PublicKey>) -> Check {
    let what = "signature";
    let Some(signature) = signature else {
        return match wanted {
            Some(_) => wrong(what, "the pack is not signed"),
            None => Check {
                what: what.to_owned(),
                outcome: Outcome::NotChecked,
                detail: "the pack is not signed".to_owned(),
            },
        };
    };
    match pack::check(sums, &String::from_utf8_lossy(signature), wanted) {
        Err(why) => wrong(what, why),
        Ok((key, Some(true))) => right(what, format!("by the key that was named, {key}")),
        Ok((key, Some(false))) => wrong(what, format!("by another key than the one that was named: {key}")),
        Ok((key, None)) => right(what, format!("by the key {key}; whose that is, --signed-by checks")),
    }
}

/// Computes everything again from the inputs in a folder.
fn again(
    asked: &Asked,
    folder: &str,
    unpacked: &mut Unpacked,
    manifest: &Manifest,
    of: &mut Verification,
) -> Result<(), Failed> {
    let sources = match again::sources(Path::new(folder), &manifest.inputs) {
        Ok(sources) => sources,
        Err(missing) => {
            of.checks.push(wrong("inputs", format!("{missing} is not in {}", printable(folder))));
            return Ok(());
        }
    };
    let settings = again::settings(unpacked, manifest, asked.threads, asked.quiet)?;
    of.checks.push(editions(&settings, unpacked)?);
    let redaction = match (manifest.redacted, &asked.key) {
        (false, _) => None,
        (true, Some(key)) => Some(Redaction::with_key_of(key, manifest.withheld)?),
        (true, None) => {
            let why = "the pack is redacted; name the key of its pseudonyms with --key to check it against the inputs";
            return Err(Failed::usage(Cause::Key, why));
        }
    };
    let outcome = compute(&settings, &sources, true)?;
    of.checks.push(inputs(&outcome.report.inputs, &manifest.inputs));
    let contents = Contents {
        settings: &settings,
        sources: &sources,
        outcome: &outcome,
        redaction: redaction.as_ref(),
        decisions: pack::decisions(&sources)?,
    };
    let mut digested = Digested { wanted: vec![REPORT, LEDGER], ..Digested::default() };
    contents.write(&mut digested)?.map_err(|error| Failed::internal(error.to_string()))?;
    let sums = String::from_utf8_lossy(&unpacked.part(SUMS)?).into_owned();
    let differing: Vec<&str> = digested
        .digests
        .0
        .iter()
        .filter(|(name, digest)| !sums.lines().any(|line| line == format!("{digest}  {name}")))
        .map(|(name, _)| name.as_str())
        .collect();
    let what = "computed again";
    if differing.is_empty() {
        of.checks.push(right(what, "every part comes out the same, byte for byte"));
        return Ok(());
    }
    let mut bytes = |name: &str| digested.bytes.remove(name).unwrap_or_default();
    let report = bytes(REPORT);
    let rows = if manifest.withheld == 0 { Some(bytes(LEDGER)) } else { None };
    let rows = rows.map(|rows| Box::new(Cursor::new(rows)) as Box<dyn Read>);
    let b = past::of("computed again", &report, rows)?;
    let a = past::load(&asked.pack, None)?;
    let difference = diff::diff(&a, &b, tool());
    let same_figures = difference.providers.is_empty() && difference.patients.is_empty();
    let is_other_version = manifest.tool.version != tool().version;
    let names = differing.join(", ");
    of.checks.push(match same_figures {
        true if is_other_version => right(
            what,
            format!("the same figures and the same patients; another version of the program writes otherwise: {names}"),
        ),
        true => wrong(what, format!("the same figures and the same patients, but other bytes: {names}")),
        false => wrong(what, format!("other figures or other patients; other bytes: {names}")),
    });
    of.difference = Some(difference);
    Ok(())
}

/// Whether the rules of the pack are those of this version.
fn editions(settings: &Settings, unpacked: &mut Unpacked) -> Result<Check, Failed> {
    let what = "rules";
    for ruling in &settings.rulings {
        for (id, text) in edition::texts_of(&ruling.edition.id) {
            let packed = unpacked.part_if_there(&format!("editions/{id}.toml"))?;
            if packed.as_deref() != Some(text.as_bytes()) {
                return Ok(wrong(
                    what,
                    format!("edition {id} has another text in this version of the program"),
                ));
            }
        }
    }
    Ok(right(what, "the editions of the pack are those of this version"))
}

/// Whether the inputs are those of the pack.
fn inputs(read: &[Input], packed: &[PackedInput]) -> Check {
    let what = "inputs";
    let changed = packed.iter().find(|packed| {
        let same = |input: &&Input| input.role.word() == packed.role && input.path == packed.path;
        let digest = read.iter().find(same).and_then(|input| input.sha256.as_deref());
        digest != Some(packed.sha256.as_str())
    });
    match changed {
        Some(input) => wrong(what, format!("{} is not the file that was read", input.path)),
        None => {
            right(what, format!("{}, the very same bytes", counted(packed.len() as u64, "file", "files")))
        }
    }
}
