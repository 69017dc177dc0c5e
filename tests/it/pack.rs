//! Evidence packs: the same inputs give the same bytes, and `verify` checks everything in a pack.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::process::{Command, Output, Stdio};

use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::oracle;
use crate::support::packs::{parts, practice, succeeds};
use crate::support::program::Folder;
use crate::support::worlds::{folder, world};

/// Writes a ZIP file of these parts, whether or not they are a valid pack.
fn packed(folder: &Folder, name: &str, parts: &[(String, Vec<u8>)]) {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    folder.write(name, zip.finish().unwrap().into_inner());
}

/// Recomputes `SHA256SUMS`, as a forger would who changes parts and checksums together.
fn resummed(parts: &mut [(String, Vec<u8>)]) {
    let hex =
        |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let others = parts.iter().filter(|(name, _)| name != "SHA256SUMS");
    let sums: String = others.map(|(name, bytes)| format!("{}  {name}\n", hex(bytes))).collect();
    parts.iter_mut().find(|(name, _)| name == "SHA256SUMS").unwrap().1 = sums.into_bytes();
}

/// Returns the outcome and the detail of each check of `verify --format json`.
fn checks(output: &Output) -> BTreeMap<String, (String, String)> {
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let check = |check: &Value| (text(&check["what"]), (text(&check["outcome"]), text(&check["detail"])));
    json["checks"].as_array().unwrap().iter().map(check).collect()
}

/// Verifies a pack that must fail. Returns the first failed check other than `archive`, with its detail.
fn wrong(folder: &Folder, words: &[&str]) -> (String, String) {
    let output = folder.run(&[&["verify", "--format", "json"], words].concat());
    assert_eq!(output.status.code(), Some(1), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
    let checks = checks(&output);
    // Another ZIP writer made these archives, so the check `archive` fails by itself; see tests/it/forged.rs.
    let mut wrong = checks.iter().filter(|(_, (outcome, _))| outcome == "wrong");
    let (what, (_, detail)) = wrong.find(|(what, _)| *what != "archive").unwrap();
    (what.clone(), detail.clone())
}

/// A pack does not depend on the folder, the clock, the locale, or the number of threads.
#[test]
fn the_same_inputs_give_the_same_bytes() {
    let packs = ["1", "2"].map(|threads| {
        let folder = practice();
        let words = ["pack", "-o", "p.zip", "--adjudications", "adjudications.csv", "--threads", threads];
        let output = Command::new(env!("CARGO_BIN_EXE_mucalc"))
            .args(words)
            .current_dir(folder.path())
            .envs([("TZ", if threads == "1" { "Asia/Tokyo" } else { "UTC" }), ("LC_ALL", "de_DE.UTF-8")])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        let bytes = std::fs::read(folder.path().join("p.zip")).unwrap();
        let place = folder.path().to_string_lossy().into_owned();
        for (name, part) in parts(&folder, "p.zip") {
            assert!(!String::from_utf8_lossy(&part).contains(&place), "{name} tells the folder");
        }
        bytes
    });
    assert!(packs[0] == packs[1]);
}

/// `SHA256SUMS` contains the checksum of every part, in the form that `sha256sum -c` accepts. `INPUTS.sha256` contains that of every
/// input.
#[test]
fn every_part_has_its_digest() {
    let folder = practice();
    succeeds(&folder, &["pack", "-o", "p.zip", "--adjudications", "adjudications.csv"]);
    let parts: BTreeMap<String, Vec<u8>> = parts(&folder, "p.zip").into_iter().collect();
    let text = |name: &str| String::from_utf8(parts[name].clone()).unwrap();
    let hex =
        |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut expected: Vec<String> = parts
        .iter()
        .filter(|(name, _)| *name != "SHA256SUMS")
        .map(|(name, bytes)| format!("{}  {name}", hex(bytes)))
        .collect();
    let mut sums: Vec<String> = text("SHA256SUMS").lines().map(str::to_owned).collect();
    expected.sort();
    sums.sort();
    assert_eq!(sums, expected);
    for line in text("INPUTS.sha256").lines() {
        let (digest, name) = line.split_once("  ").unwrap();
        assert_eq!(digest, hex(folder.read(name).as_bytes()), "{name}");
    }
    assert_eq!(text("INPUTS.sha256").lines().count(), 4);
    assert_eq!(text("adjudications.csv"), folder.read("adjudications.csv"));
    assert!(text("editions/stage2-core17.toml").contains("id = \"stage2-core17\""));
    // Unpacked in the folder of the inputs, the pack is a configuration that gives the same report.
    for (name, bytes) in parts.iter().filter(|(name, _)| !name.contains('/')) {
        folder.write(name, bytes);
    }
    let again = folder.run(&["report", "--format", "json", "--config", "mucalc.toml"]);
    assert_eq!(String::from_utf8(again.stdout).unwrap(), text("report.json"));
}

/// The cover sheet shows what an auditor needs.
#[test]
fn the_cover_sheet_names_what_was_computed() {
    let folder = practice();
    let mut config = folder.read("mucalc.toml");
    config.push_str(
        "[channels.ehr-portal]\ncertified = true\nproduct = \"Portal & Sons\"\nchpl-id = \"CHP-014523\"\n",
    );
    folder.write("mucalc.toml", config);
    succeeds(&folder, &["pack", "-o", "p.zip"]);
    let parts: BTreeMap<String, Vec<u8>> = parts(&folder, "p.zip").into_iter().collect();
    let cover = String::from_utf8(parts["cover.html"].clone()).unwrap();
    for said in [
        "Internal medicine 2",
        "1000000020",
        "July 1–September 30, 2014",
        "(92 days)",
        ">20<",
        "5.00%",
        "not met",
        "Portal &#38; Sons",
        "CHP-014523",
        "stage2-core17",
        "messages.csv",
        "sha256sum -c SHA256SUMS",
        "protected health information",
    ] {
        assert!(cover.contains(said), "{said} is not on the cover sheet");
    }
}

/// `verify` detects every change of a pack.
#[test]
fn a_changed_pack_is_found_out() {
    let folder = practice();
    succeeds(&folder, &["pack", "-o", "p.zip"]);
    let whole = parts(&folder, "p.zip");
    type Change = fn(&mut Vec<(String, Vec<u8>)>);
    let cases: [(Change, &str); 9] = [
        (
            |parts| parts.iter_mut().find(|(name, _)| name == "ledger.csv").unwrap().1.push(b'\n'),
            "ledger.csv was changed",
        ),
        (|parts| parts.retain(|(name, _)| name != "findings.csv"), "findings.csv is missing"),
        (|parts| parts.push(("more.txt".to_owned(), Vec::new())), "more.txt is no part of this pack"),
        (
            |parts| {
                parts.push(("more.txt".to_owned(), Vec::new()));
                resummed(parts);
            },
            "more.txt is no part of this pack",
        ),
        (
            |parts| {
                let sums = parts.iter_mut().find(|(name, _)| name == "SHA256SUMS").unwrap();
                let twice = sums.1.clone();
                sums.1.extend(twice);
            },
            "twice",
        ),
        (
            |parts| {
                parts.push(("Cover.html".to_owned(), Vec::new()));
                resummed(parts);
            },
            "is there twice",
        ),
        (
            |parts| {
                parts.push(("../evil".to_owned(), Vec::new()));
                resummed(parts);
            },
            "none that mucalc gives",
        ),
        (
            |parts| parts.iter_mut().find(|(name, _)| name == "SHA256SUMS").unwrap().1.clear(),
            "is not in SHA256SUMS",
        ),
        (
            |parts| parts.iter_mut().find(|(name, _)| name == "report.json").unwrap().1[10] ^= 1,
            "report.json was changed",
        ),
    ];
    for (change, expected) in cases {
        let mut parts = whole.clone();
        change(&mut parts);
        packed(&folder, "q.zip", &parts);
        let (what, detail) = wrong(&folder, &["q.zip", "--inputs", "."]);
        assert_eq!(what, "parts of the pack");
        assert!(detail.contains(expected), "{detail}");
    }
    // Bytes before or after the archive are rejected, because other programs might find parts there.
    let bytes = std::fs::read(folder.path().join("p.zip")).unwrap();
    for odd in [[b"before", &bytes[..]].concat(), [&bytes[..], b"behind"].concat()] {
        folder.write("q.zip", odd);
        assert!([Some(1), Some(3)].contains(&folder.run(&["verify", "q.zip"]).status.code()));
    }
    // A difference in the tool version does not excuse a difference in the report.
    let mut parts = whole.clone();
    for (name, bytes) in &mut parts {
        let text = String::from_utf8(bytes.clone()).unwrap();
        match name.as_str() {
            "manifest.json" => *bytes = text.replace("\"0.1.0\"", "\"0.0.9\"").into_bytes(),
            "report.json" => *bytes = text.replace("\"5.00\"", "\"6.00\"").into_bytes(),
            _ => {}
        }
    }
    resummed(&mut parts);
    packed(&folder, "q.zip", &parts);
    assert_eq!(wrong(&folder, &["q.zip", "--inputs", "."]).0, "computed again");
    for (name, bytes) in
        [("none.zip", &b"PK\x03\x04 no archive"[..]), ("text.zip", b"text"), ("empty.zip", b"")]
    {
        folder.write(name, bytes);
        assert_eq!(folder.run(&["verify", name]).status.code(), Some(3), "{name}");
    }
    assert_eq!(folder.run(&["verify", "missing.zip"]).status.code(), Some(3));
}

/// A pack can be recomputed from its inputs. With other inputs, `verify` fails and shows the differences.
#[test]
fn a_pack_is_computed_again() {
    let folder = practice();
    succeeds(&folder, &["pack", "-o", "p.zip"]);
    let verified = succeeds(&folder, &["verify", "p.zip", "--inputs", "."]);
    assert!(verified.contains("byte for byte"), "{verified}");
    let messages: String = folder
        .read("messages.csv")
        .lines()
        .filter(|line| !line.starts_with("M00"))
        .map(|line| format!("{line}\n"))
        .collect();
    folder.write("messages.csv", messages);
    let output = folder.run(&["verify", "p.zip", "--inputs", ".", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let checks = checks(&output);
    assert_eq!(checks["inputs"].0, "wrong");
    assert_eq!(checks["computed again"].0, "wrong");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let changes = json["difference"]["patients"].as_array().unwrap().clone();
    let left: Vec<&str> = changes.iter().filter_map(|change| change["change"].as_str()).collect();
    assert_eq!(left, ["left-numerator"; 2], "{changes:?}");
    std::fs::remove_file(folder.path().join("roster.csv")).unwrap();
    let (what, detail) = wrong(&folder, &["p.zip", "--inputs", "."]);
    assert_eq!((what.as_str(), detail.as_str()), ("inputs", "roster.csv is not in ."));
}

/// A pack contains everything that determines its run: a vendor's layout, a custom layout, configured values, review decisions, counties,
/// and a second rule set.
#[test]
fn whatever_the_run_was_told_goes_with_the_pack() {
    let folder = practice();
    std::fs::create_dir(folder.path().join("own")).unwrap();
    folder.write(
        "own/ours.toml",
        "name = \"ours\"\n[messages.columns]\npatient_id = \"WHO\"\nsent_at = \"WHEN\"\nprovider_id = \"TO\"\nsender = { constant = \"patient\" }\n\
         recipient = { constant = \"provider\" }\nchannel = \"BY\"\ntopic = \"WHAT\"\n",
    );
    folder.write("m.csv", "WHO,WHEN,TO,BY,WHAT\nP103,2014-07-10,DR-1,Portal X,pills\n");
    folder.write(
        "mucalc.toml",
        "encounters = \"enc*.csv\"\nmessages = \"m.csv\"\nroster = \"roster.csv\"\nperiod = \"2014Q3\"\n\
         layout = \"messages=own/ours.toml\"\nadjudications = \"adjudications.csv\"\ncounties = \"counties.csv\"\n\
         edition = [\"stage2-core17\", \"modstage2-2015\"]\nany-year = true\n[topics]\npills = \"medication-refill\"\n[channels.\"Portal X\"]\ncertified = true\n\
         [policy]\npool = \"count\"\n",
    );
    succeeds(&folder, &["pack", "-o", "p.zip"]);
    let names: Vec<String> = parts(&folder, "p.zip").into_iter().map(|(name, _)| name).collect();
    for name in ["layouts/ours.toml", "editions/modstage2-2015.toml", "adjudications.csv"] {
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
    }
    // The pack contains the layout file and the configuration, so the originals are no longer needed.
    std::fs::remove_file(folder.path().join("own/ours.toml")).unwrap();
    std::fs::remove_file(folder.path().join("mucalc.toml")).unwrap();
    let verified = succeeds(&folder, &["verify", "p.zip", "--inputs", "."]);
    assert!(verified.contains("byte for byte"), "{verified}");
}

fn key(seed: u8) -> PrivateKey {
    PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&[seed; 32])), "a test").unwrap()
}

#[test]
fn a_signature_is_checked() {
    let folder = practice();
    for (name, seed) in [("mine", 1), ("other", 2)] {
        folder.write_secret(name, key(seed).to_openssh(LineEnding::LF).unwrap().as_bytes());
        folder.write(&format!("{name}.pub"), key(seed).public_key().to_openssh().unwrap());
    }
    succeeds(&folder, &["pack", "-o", "p.zip", "--sign-with", "mine"]);
    assert!(
        succeeds(&folder, &["verify", "p.zip", "--signed-by", "mine.pub"])
            .contains("by the key that was named")
    );
    let (what, detail) = wrong(&folder, &["p.zip", "--signed-by", "other.pub"]);
    assert_eq!(what, "signature");
    assert!(detail.contains("another key"), "{detail}");

    // A forger who changes a part and its checksum cannot renew the signature.
    let mut parts = parts(&folder, "p.zip");
    let readme = parts.iter_mut().find(|(name, _)| name == "README.txt").unwrap();
    readme.1.push(b'!');
    let digest: String = Sha256::digest(&readme.1).iter().map(|byte| format!("{byte:02x}")).collect();
    let sums = parts.iter_mut().find(|(name, _)| name == "SHA256SUMS").unwrap();
    let lines = String::from_utf8(sums.1.clone()).unwrap();
    let line = |line: &str| {
        if line.ends_with("README.txt") { format!("{digest}  README.txt\n") } else { format!("{line}\n") }
    };
    sums.1 = lines.lines().map(line).collect::<String>().into_bytes();
    packed(&folder, "q.zip", &parts);
    let (what, detail) = wrong(&folder, &["q.zip"]);
    assert_eq!((what.as_str(), detail.as_str()), ("signature", "it is not a signature of these digests"));

    succeeds(&folder, &["pack", "-o", "u.zip"]);
    assert_eq!(wrong(&folder, &["u.zip", "--signed-by", "mine.pub"]).1, "the pack is not signed");
    // `verify` reports a removed signature and accepts a signature in a separate file.
    let mut parts = self::parts(&folder, "p.zip");
    let signature = parts.pop().unwrap();
    assert_eq!(signature.0, "SHA256SUMS.sig");
    packed(&folder, "s.zip", &parts);
    assert!(wrong(&folder, &["s.zip"]).1.contains("its signature is gone"));
    // A key with a passphrase signs through OpenSSH: it signs the checksums, and the signature is delivered next to the pack.
    let sums = self::parts(&folder, "u.zip").pop().unwrap();
    assert_eq!(sums.0, "SHA256SUMS");
    let signature = key(1).sign("mucalc", HashAlg::Sha512, &sums.1).unwrap();
    folder.write("sig", signature.to_pem(LineEnding::LF).unwrap());
    succeeds(&folder, &["verify", "u.zip", "--signature", "sig", "--signed-by", "mine.pub"]);
    assert_eq!(folder.run(&["pack", "-o", "p.zip", "--sign-with", "mine.pub"]).status.code(), Some(3));
}

/// A key that other users can read, or that can be guessed, is refused.
#[test]
#[cfg(unix)]
fn a_key_that_is_no_secret_is_refused() {
    let folder = practice();
    let text = key(1).to_openssh(LineEnding::LF).unwrap();
    folder.write("open", text.as_bytes());
    folder.write("open.key", "9f2c01d4e8b7a3655d10fe4298c3ab7714e0d62b8f53907ac1b86e2d4f7a9035\n");
    for words in [&["--sign-with", "open"][..], &["--redacted", "--key", "open.key"]] {
        let output = folder.run(&[&["pack", "-o", "p.zip"], words].concat());
        assert_eq!(output.status.code(), Some(3), "{words:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("chmod 600"));
    }
    let counted: String = (0..32).map(|byte| format!("{byte:02x}")).collect();
    for weak in ["0".repeat(64), "ab".repeat(32), "0123456789abcdef".repeat(4), counted] {
        folder.write_secret("weak.key", format!("{weak}\n"));
        let output = folder.run(&["pack", "-o", "p.zip", "--redacted", "--key", "weak.key"]);
        assert_eq!(output.status.code(), Some(3), "{weak}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("guessed"), "{weak}");
    }
    assert!(!folder.path().join("p.zip").exists());
}

#[test]
fn a_pack_writes_over_nothing_of_the_users() {
    let folder = practice();
    folder.write_secret("mine", key(1).to_openssh(LineEnding::LF).unwrap().as_bytes());
    for (output, more) in
        [("messages.csv", vec![]), ("mucalc.toml", vec![]), ("mine", vec!["--sign-with", "mine"])]
    {
        let before = folder.read(output);
        let output_of = folder.run(&[&["pack", "-o", output][..], &more].concat());
        assert_eq!(output_of.status.code(), Some(3), "{output}");
        assert_eq!(folder.read(output), before);
    }
    assert_eq!(folder.run(&["pack"]).status.code(), Some(2));
    assert_eq!(folder.run(&["pack", "-o", "-"]).status.code(), Some(2));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        succeeds(&folder, &["pack", "-o", "p.zip", "--redacted"]);
        for name in ["p.zip", "p.zip.key"] {
            let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The pack of any world can be recomputed to identical bytes, whether or not it is redacted.
    #[test]
    fn every_pack_comes_out_the_same_again(world in world(), redacted in any::<bool>()) {
        let folder = folder(&world);
        let rows = if oracle::counts_accesses(world.edition()) { "accesses" } else { "messages" };
        let (flag, file) = (format!("--{rows}"), format!("{rows}.csv"));
        let mut words = vec!["pack", "-o", "p.zip", "--encounters", "encounters.csv", &flag, &file];
        let mut verify = vec!["verify", "p.zip", "--inputs", "."];
        if redacted {
            words.extend(["--redacted", "--key", "k"]);
            verify.extend(["--key", "k"]);
        }
        let output = folder.run(&words);
        prop_assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let output = folder.run(&verify);
        let verified = String::from_utf8_lossy(&output.stdout);
        prop_assert_eq!(output.status.code(), Some(0), "{}{}", verified, String::from_utf8_lossy(&output.stderr));
        prop_assert!(verified.contains("byte for byte"), "{}", verified);
    }
}

/// A pack that is made from another folder shows ids as the exports spell them, as a report does.
#[test]
fn ids_are_spelled_alike_from_every_folder() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("exports")).unwrap();
    folder
        .write("exports/e.csv", "patient_id,provider_id,started_at,kind,status,seen_by\n007,D1,2014-07-29,office-visit,completed,eligible-professional\n")
        .write("exports/m.csv", "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\nM1,2014-07-30,7,D1,patient,provider,portal,clinical-question,sent\n")
        .write("exports/mucalc.toml", "encounters = \"e.csv\"\nmessages = \"m.csv\"\nperiod = \"2014Q3\"\nids.fold = [\"zeros\"]\n");
    succeeds(&folder, &["pack", "--config", "exports/mucalc.toml", "-o", "p.zip"]);
    succeeds(&folder, &["report", "--config", "exports/mucalc.toml", "--ledger", "l.csv"]);
    let of_pack = parts(&folder, "p.zip").into_iter().find(|(name, _)| name == "ledger.csv").unwrap().1;
    let patients = |ledger: &[u8]| -> Vec<String> {
        csv::Reader::from_reader(ledger).records().map(|row| row.unwrap()[1].to_owned()).collect()
    };
    assert_eq!(patients(folder.read("l.csv").as_bytes()), ["007"]);
    assert_eq!(patients(&of_pack), ["007"]);
}
