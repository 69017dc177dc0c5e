//! Any file as a pack, and packs in which one part was replaced and the checksums were renewed. `verify` must not accept a forgery,
//! because it recomputes the parts.

#![no_main]

use std::io::{Cursor, Read};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mucalc::run::Exit;
use mucalc::run::pack::{PackSink, PackWriter};
use mucalc_fuzz::program::Folder;
use zip::ZipArchive;

const VERIFY: [&str; 4] = ["verify", "pack.zip", "--inputs", "."];
const SUMS: &str = "SHA256SUMS";

/// The exports of the pack, and its parts.
struct PackAndExports {
    folder: Folder,
    parts: Vec<(String, Vec<u8>)>,
}

static PACKED: LazyLock<PackAndExports> = LazyLock::new(|| {
    let folder = Folder::new();
    folder
        .write("encounters.csv", include_bytes!("../../fixtures/practice/encounters.csv"))
        .write("messages.csv", include_bytes!("../../fixtures/practice/messages.csv"))
        .write("roster.csv", include_bytes!("../../fixtures/practice/roster.csv"))
        .write("mucalc.toml", include_bytes!("../../fixtures/practice/mucalc.toml"));
    let (exit, bytes) = folder.answer(&["pack", "--config", "mucalc.toml"]);
    assert!(exit as u8 == Exit::Success as u8);
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        parts.push((part.name().unwrap().into_owned(), bytes));
    }
    folder.write("pack.zip", forged(&parts, "", b""));
    // Checks that the unchanged pack is accepted. Otherwise the target would prove nothing.
    assert!(folder.end(&VERIFY) as u8 == Exit::Success as u8);
    PackAndExports { folder, parts }
});

fuzz_target!(|input: (u8, &[u8])| {
    let (which, bytes) = input;
    let PackAndExports { folder, parts } = &*PACKED;
    let replaced = parts.get(usize::from(which));
    folder.write("pack.zip", replaced.map_or(bytes.to_vec(), |(name, _)| forged(parts, name, bytes)));
    let exit = folder.end(&VERIFY);
    assert!(exit as u8 != Exit::Internal as u8, "a defect");
    if let Some((name, was)) = replaced
        && ["report.json", "ledger.csv"].contains(&name.as_str())
        && exit as u8 == Exit::Success as u8
    {
        assert!(was == bytes, "{name} was forged, and it was not seen");
    }
});

/// Returns the pack with one part replaced and valid checksums. Uses the program's own writer, because a forger has its source code.
fn forged(parts: &[(String, Vec<u8>)], name: &str, bytes: &[u8]) -> Vec<u8> {
    let now = |part: &(String, Vec<u8>)| if part.0 == name { bytes.to_vec() } else { part.1.clone() };
    let mut packed = Vec::new();
    let mut archive = PackWriter::new(&mut packed);
    for part in parts {
        let sums = archive.digests().sums();
        let content = if part.0 == SUMS && name != SUMS { sums.into_bytes() } else { now(part) };
        archive.part(&part.0, &mut |output| output.write_all(&content)).unwrap();
    }
    archive.finish().unwrap();
    packed
}
