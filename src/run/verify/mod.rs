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
use crate::report::{TableOrJson, verification};
use crate::run::compute::compute;
use crate::run::failed::{Cause, Exit, Failed};
use crate::run::head::tool;
use crate::run::noticed::Wants;
use crate::run::output::to_stdout;
use crate::run::pack::{
    self, Contents, Digested, LEDGER, REPORT, Redaction, SIGNATURE, SUMS, Unpacked, again,
};
use crate::run::past;
use crate::run::settings::Settings;
use crate::run::small;
use crate::run::terminal::ColourChoice;
use crate::run::words::meaning_of;

/// What `mucalc verify` is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The pack.
    pub pack: String,
    /// The folder of the inputs.
    pub inputs: Option<String>,
    /// The key of the pseudonyms.
    pub key: Option<String>,
    /// A signature that does not lie in the pack.
    pub signature: Option<String>,
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
    let format = asked.format.as_deref().unwrap_or("table");
    let format = meaning_of("a format of verify", format, &TableOrJson::WORDS, TableOrJson::parse)?;
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
    of.checks.push(parts(&mut unpacked, &manifest, &sums)?);
    let signature =
        match &asked.signature {
            Some(path) => Some(small::bytes(path, small::TEXT).map_err(|error| {
                Failed::file(Cause::Key, format!("cannot be read: {}", error.kind()), path)
            })?),
            None => unpacked.part_if_there(SIGNATURE)?,
        };
    of.checks.push(match (&signature, manifest.signed) {
        (None, true) => wrong("signature", "the pack was signed, and its signature is gone"),
        _ => signed(&sums, signature.as_deref(), wanted.as_ref()),
    });
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

/// The digests of a pack, by part; an error is a sentence.
fn digests(sums: &str) -> Result<BTreeMap<&str, &str>, String> {
    let mut digests = BTreeMap::new();
    for line in sums.lines() {
        let (digest, name) = line.split_once("  ").ok_or_else(|| format!("{SUMS} is no list of digests"))?;
        if digests.insert(name, digest).is_some() {
            return Err(format!("{SUMS} has {name} twice"));
        }
    }
    Ok(digests)
}

/// Whether the parts are those of the manifest and of the digests, all of them and no others, in an archive in which nothing
/// can hide.
fn parts(unpacked: &mut Unpacked, manifest: &Manifest, sums: &str) -> Result<Check, Failed> {
    let what = "parts of the pack";
    if let Some(odd) = unpacked.oddity() {
        return Ok(wrong(what, format!("the archive is not built as mucalc builds it: {odd}")));
    }
    let mut expected = match digests(sums) {
        Ok(expected) => expected,
        Err(why) => return Ok(wrong(what, why)),
    };
    let mut names = unpacked.names();
    names.retain(|name| name != SUMS && name != SIGNATURE);
    for name in &names {
        if !manifest.parts.iter().any(|part| part.name == *name) {
            return Ok(wrong(what, format!("{name} is no part of this pack")));
        }
        let Some(digest) = expected.remove(name.as_str()) else {
            return Ok(wrong(what, format!("{name} is not in {SUMS}")));
        };
        let mut hasher = Sha256::new();
        unpacked.read(name, |read| copy(read, &mut hasher))?;
        if hex(&hasher.finalize()) != digest {
            return Ok(wrong(what, format!("{name} was changed after the pack was made")));
        }
    }
    let listed = manifest.parts.iter().map(|part| part.name.as_str());
    let missing =
        expected.into_keys().chain(listed.filter(|name| !names.iter().any(|known| known == name))).next();
    Ok(match missing {
        Some(missing) => wrong(what, format!("{missing} is missing")),
        None => {
            right(what, format!("{}, all there, none damaged", counted(names.len() as u64, "part", "parts")))
        }
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
                detail: "the pack is not signed, so that nobody can tell whether somebody changed parts and digests together"
                    .to_owned(),
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
    if !Path::new(folder).is_dir() {
        return Err(Failed::file(
            Cause::NotFound,
            "is no folder; name the one in which the inputs lie",
            folder,
        ));
    }
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
        (true, Some(key)) => {
            let redaction = Redaction::with_key_of(key, manifest.withheld)?;
            if manifest.key_check.as_ref() != Some(&redaction.key_check()) {
                let why = "is another key than that of the pack's pseudonyms";
                return Err(Failed::file(Cause::Key, why, key));
            }
            Some(redaction)
        }
        (true, None) => {
            let why = "the pack is redacted; name the key of its pseudonyms with --key to check it against the inputs";
            return Err(Failed::usage(Cause::Key, why));
        }
    };
    let outcome = compute(&settings, &sources, Wants::LEDGER)?;
    let digest = |digest: &str| match &redaction {
        None => digest.to_owned(),
        Some(redaction) => redaction.pseudonym("input", digest),
    };
    of.checks.push(inputs(&outcome.report.inputs, &manifest.inputs, digest));
    let contents = Contents {
        settings: &settings,
        sources: &sources,
        outcome: &outcome,
        redaction: redaction.as_ref(),
        decisions: pack::decisions(&sources, &outcome.report)?,
        signed: manifest.signed,
    };
    let mut digested = Digested { wanted: vec![REPORT, LEDGER], ..Digested::default() };
    contents.write(&contents.parts()?, &mut digested).map_err(|error| Failed::internal(error.to_string()))?;
    let sums = String::from_utf8_lossy(&unpacked.part(SUMS)?).into_owned();
    // It is known by now that these are the digests of the parts.
    let packed = digests(&sums).unwrap_or_default();
    let again: BTreeMap<&str, &str> =
        digested.digests.0.iter().map(|(name, digest)| (name.as_str(), digest.as_str())).collect();
    let names = packed.keys().chain(again.keys());
    let mut differing: Vec<&str> =
        names.copied().filter(|name| packed.get(name) != again.get(name)).collect();
    differing.sort_unstable();
    differing.dedup();
    let differing: Vec<String> = differing.into_iter().map(str::to_owned).collect();
    let what = "computed again";
    if differing.is_empty() {
        of.checks.push(right(what, "every part comes out the same, byte for byte"));
        return Ok(());
    }
    let mut bytes = |name: &str| digested.bytes.remove(name).unwrap_or_default();
    let report = bytes(REPORT);
    let rows = if manifest.withheld == 0 { Some(bytes(LEDGER)) } else { None };
    let rows = rows.map(|rows| Box::new(Cursor::new(rows)) as Box<dyn Read>);
    let b = past::of("computed again", &report, rows, None, None)?;
    let a = past::load(&asked.pack, None, None)?;
    let difference = diff::diff(&a, &b, tool());
    let same_figures = difference.providers.is_empty() && difference.patients.is_empty();
    let is_other_version = manifest.tool.version != tool().version;
    // What another version writes otherwise must not hide what somebody changed.
    let same_report = same_but_for_version(&unpacked.part(REPORT)?, &report);
    let same_ledger = !differing.iter().any(|name| name == LEDGER);
    let names = differing.join(", ");
    of.checks.push(match same_figures {
        true if is_other_version && same_report && same_ledger => Check {
            what: what.to_owned(),
            outcome: Outcome::NotChecked,
            detail: format!(
                "{REPORT} and {LEDGER} come out the same; version {} wrote otherwise, and was not compared: {names}",
                printable(&manifest.tool.version)
            ),
        },
        true => wrong(what, format!("the same figures and the same patients, but other bytes: {names}")),
        false => wrong(what, format!("other figures or other patients; other bytes: {names}")),
    });
    let is_empty = same_figures && difference.settings.is_empty();
    of.difference = Some(difference).filter(|_| !is_empty);
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
fn inputs(read: &[Input], packed: &[PackedInput], digest: impl Fn(&str) -> String) -> Check {
    let what = "inputs";
    let changed = packed.iter().find(|packed| {
        let same = |input: &&Input| input.role.word() == packed.role && input.path == packed.path;
        let read = read.iter().find(same).and_then(|input| input.sha256.as_deref());
        read.map(&digest).as_ref() != Some(&packed.sha256)
    });
    match changed {
        Some(input) => wrong(what, format!("{} is not the file that was read", input.path)),
        None => {
            right(what, format!("{}, the very same bytes", counted(packed.len() as u64, "file", "files")))
        }
    }
}

/// Whether two reports say the same, but for the version of the program that wrote them.
fn same_but_for_version(a: &[u8], b: &[u8]) -> bool {
    let parsed = |bytes: &[u8]| {
        let mut value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
        value["tool"]["version"] = serde_json::Value::Null;
        Some(value)
    };
    parsed(a).is_some_and(|a| Some(a) == parsed(b))
}
