//! Checks that a pack is complete, that every program unpacks the same files from it, and that it is signed.

use std::collections::BTreeMap;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::run::head::tool;
use crate::run::pack::{self, PackReader, SIGNATURE, SMALL, SUMS};
use crate::run::verify::{cannot_tell, not_checked, right, wrong};
use mucalc_core::domain::manifest::PackManifest;
use mucalc_core::domain::text::{escape_control, hex, pluralize};
use mucalc_core::domain::verification::VerificationCheck;

/// Returns the checksums of a pack, by file. The error is a message.
pub fn digests(sums: &str) -> Result<BTreeMap<&str, &str>, String> {
    let mut digests = BTreeMap::new();
    for line in sums.lines() {
        let (digest, name) = line.split_once("  ").ok_or_else(|| format!("{SUMS} is no list of digests"))?;
        if digests.insert(name, digest).is_some() {
            return Err(format!("{SUMS} has {name} twice"));
        }
    }
    Ok(digests)
}

/// Checks that the pack contains exactly the files in the manifest and in the checksums, in an archive that can hide nothing.
pub fn parts(
    unpacked: &mut PackReader,
    manifest: &PackManifest,
    sums: &str,
) -> anyhow::Result<VerificationCheck> {
    let what = "parts of the pack";
    if let Some(odd) = unpacked.layout_violation() {
        return Ok(wrong(what, format!("the archive is not built as mucalc builds it: {odd}")));
    }
    let mut expected = match digests(sums) {
        Ok(expected) => expected,
        Err(why) => return Ok(wrong(what, why)),
    };
    if ![0, if manifest.redacted { SMALL } else { 0 }].contains(&manifest.withheld) {
        return Ok(wrong(
            what,
            format!("its manifest leaves out counts up to {}, which mucalc never does", manifest.withheld),
        ));
    }
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
        None => right(
            what,
            format!("{}, all there, none damaged", pluralize(names.len() as u64, "part", "parts")),
        ),
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

/// Checks whether the checksums are signed, and by which key.
pub fn signed(
    sums: &str,
    signature: Option<&[u8]>,
    wanted: Option<&ssh_key::PublicKey>,
) -> VerificationCheck {
    let what = "signature";
    let Some(signature) = signature else {
        return match wanted {
            Some(_) => wrong(what, "the pack is not signed"),
            None => not_checked(
                what,
                "the pack is not signed, so a change of both files and checksums cannot be detected",
            ),
        };
    };
    match pack::check(sums, &String::from_utf8_lossy(signature), wanted) {
        Err(why) => wrong(what, why),
        Ok((key, Some(true))) => right(what, format!("by the key that was named, {key}")),
        Ok((key, Some(false))) => wrong(what, format!("by another key than the one that was named: {key}")),
        Ok((key, None)) => right(what, format!("by the key {key}; whose that is, --signed-by checks")),
    }
}

/// Returns whether the files and their checksums are in the order of the manifest, and the checksums are in the form that mucalc writes.
fn is_in_order(names: &[String], manifest: &PackManifest, sums: &str) -> bool {
    let listed = || manifest.parts.iter().map(|part| part.name.as_str());
    let last = [SUMS].into_iter().chain(manifest.signed.then_some(SIGNATURE));
    let lines: Vec<&str> = sums.split_terminator('\n').collect();
    let is_line = |(line, name): (&&str, &str)| line.split_once("  ").is_some_and(|(_, of)| of == name);
    names.iter().map(String::as_str).eq(listed().chain(last))
        && sums.ends_with('\n')
        && lines.len() == manifest.parts.len()
        && lines.iter().zip(listed()).all(is_line)
}

/// Checks that the archive is, byte for byte, what this version writes for its files. Then every program unpacks the same files from it.
///
/// # Errors
/// If it cannot be read.
pub fn archive(unpacked: &mut PackReader, manifest: &PackManifest) -> anyhow::Result<VerificationCheck> {
    let what = "archive";
    if manifest.tool.version != tool().version {
        return Ok(cannot_tell(
            what,
            format!(
                "it says that version {} made it, and this is version {}, which cannot tell whether that version would write it like this",
                escape_control(&manifest.tool.version),
                tool().version
            ),
        ));
    }
    let is_in_order =
        is_in_order(&unpacked.names(), manifest, &String::from_utf8_lossy(&unpacked.part(SUMS)?));
    Ok(match is_in_order && unpacked.is_as_written()? {
        true => right(
            what,
            "built byte for byte as this version builds it, so every program unpacks the same from it",
        ),
        false => wrong(
            what,
            "it is not what this version makes of its parts, so another program may unpack something else from it",
        ),
    })
}
