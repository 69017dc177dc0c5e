//! Tests of forged packs and archives: `mucalc verify` accepts only a pack that every other program unpacks in the same way. An archive
//! with two possible readings is also refused as an input. The tests assume a forger who knows the format well and can sign, checksum, and
//! claim anything.

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::packs::{as_written, parts, practice, succeeds};
use crate::support::program::Folder;
use crate::support::sheets::{sheet_of, xlsx};
use crate::support::zips::{RawPart, RawZip, field, local, part, unicode_name, zip};

type Parts = Vec<(String, Vec<u8>)>;

/// Returns the files of a pack in which DR-2 has met the measure, with matching checksums.
fn forged(genuine: &Parts) -> Parts {
    let mut forged = genuine.clone();
    change(&mut forged, "report.json", |text| text.replace("\"not-met\"", "\"met\""));
    resum(&mut forged);
    forged
}

fn change(parts: &mut Parts, name: &str, with: impl Fn(&str) -> String) {
    let (_, bytes) = parts.iter_mut().find(|(known, _)| known == name).unwrap();
    let changed = with(std::str::from_utf8(bytes).unwrap());
    assert_ne!(changed.as_bytes(), &bytes[..], "{name} is as it was");
    *bytes = changed.into_bytes();
}

fn resum(parts: &mut Parts) {
    let hex =
        |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let others = parts.iter().filter(|(name, _)| name != "SHA256SUMS");
    let sums: String = others.map(|(name, bytes)| format!("{}  {name}\n", hex(bytes))).collect();
    parts.iter_mut().find(|(name, _)| name == "SHA256SUMS").unwrap().1 = sums.into_bytes();
}

fn raw(parts: &Parts) -> Vec<RawPart> {
    parts.iter().map(|(name, bytes)| part(name, bytes.clone())).collect()
}

fn verify(folder: &Folder, words: &[&str]) -> Output {
    folder.run(&[&["verify", "--format", "json"], words].concat())
}

/// Returns the outcome and the detail of each check of `verify`.
fn checks(output: &Output) -> BTreeMap<String, (String, String)> {
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let check = |check: &Value| (text(&check["what"]), (text(&check["outcome"]), text(&check["detail"])));
    json["checks"].as_array().unwrap().iter().map(check).collect()
}

/// Returns packs that one program unpacks unchanged, and another with forged counts.
fn two_views(genuine: &Parts, pack: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let forged = forged(genuine);
    let report = &forged.iter().find(|(name, _)| name == "report.json").unwrap().1;
    let with_last = |mut parts: Vec<RawPart>, change: &dyn Fn(&mut RawPart)| {
        change(parts.last_mut().unwrap());
        zip(parts)
    };
    let renamed = || {
        let swapped = |(name, bytes): &(String, Vec<u8>)| match name.as_str() {
            "report.json" => vec![
                RawPart { extra: unicode_name(name, "README.txt"), ..part(name, report.clone()) },
                RawPart {
                    extra: unicode_name("report.original.json", name),
                    ..part("report.original.json", bytes.clone())
                },
            ],
            _ => vec![part(name, bytes.clone())],
        };
        zip(genuine.iter().flat_map(swapped).collect())
    };
    let another_directory = zip(raw(&forged)).bytes();
    vec![
        (
            "a forged archive that counts its parts in two ways, behind the genuine one",
            RawZip {
                on_disk: Some(forged.len() as u16 - 1),
                ..with_last(raw(&forged), &|last| last.tail = pack.to_vec())
            }
            .bytes(),
        ),
        ("a part with another name in an extra field", renamed().bytes()),
        (
            "a whole archive in an extra field",
            with_last(raw(genuine), &|last| last.extra = field(0x4343, &another_directory[..9000])).bytes(),
        ),
        (
            "the record of large archives in an extra field",
            with_last(raw(genuine), &|last| {
                last.extra = field(0x4343, b"PK\x06\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0");
            })
            .bytes(),
        ),
        (
            "a part behind the end of another one",
            with_last(raw(genuine), &|last| last.tail = local("report.json", report)).bytes(),
        ),
        (
            "a part between two others",
            {
                let mut parts = raw(genuine);
                parts[0].gap = local("report.json", report);
                zip(parts)
            }
            .bytes(),
        ),
        (
            "a part that has another name where it stands",
            with_last(raw(genuine), &|last| last.local_name = Some("report.json".to_owned())).bytes(),
        ),
        (
            "another archive in the comment",
            RawZip { comment: another_directory.clone(), ..zip(raw(genuine)) }.bytes(),
        ),
        ("another archive before it", [&another_directory[..], pack].concat()),
        ("another archive behind it", [pack, &another_directory[..]].concat()),
        ("the genuine parts, packed by another program", zip(raw(genuine)).bytes()),
        ("forged parts, packed by another program", zip(raw(&forged)).bytes()),
    ]
}

/// `verify` does not accept a pack, whatever a forger hides in the archive.
#[test]
fn a_pack_is_the_same_to_every_program() {
    let folder = practice();
    succeeds(&folder, &["pack", "-o", "p.zip"]);
    let genuine = parts(&folder, "p.zip");
    let pack = std::fs::read(folder.path().join("p.zip")).unwrap();
    for (what, bytes) in two_views(&genuine, &pack) {
        folder.write("q.zip", bytes);
        for words in [&["q.zip"][..], &["q.zip", "--inputs", "."]] {
            let code = verify(&folder, words).status.code();
            assert!(matches!(code, Some(1 | 3)), "{what}: {code:?}");
        }
    }
    // Flipping one bit anywhere in the file makes it a different file.
    for at in (0..pack.len()).step_by(pack.len() / 97) {
        let mut bytes = pack.clone();
        bytes[at] ^= 0x10;
        folder.write("q.zip", bytes);
        let code = verify(&folder, &["q.zip"]).status.code();
        assert!(matches!(code, Some(1 | 3)), "byte {at}: {code:?}");
    }
    assert_eq!(verify(&folder, &["p.zip", "--inputs", "."]).status.code(), Some(0));
    // `diff` reads packs as strictly as `verify` does.
    folder.write("q.zip", two_views(&genuine, &pack).remove(0).1);
    assert_eq!(folder.run(&["diff", "p.zip", "q.zip"]).status.code(), Some(3));
}

/// If a pack claims another version, `verify` runs every check that does not depend on the version, and does not call the rest verified.
#[test]
fn a_claim_of_another_version_is_no_way_around() {
    let folder = practice();
    succeeds(&folder, &["pack", "-o", "p.zip"]);
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    for claimed in ["\"0.0.9\"", "\"99.0.0\""] {
        let mut parts = parts(&folder, "p.zip");
        change(&mut parts, "manifest.json", |text| text.replace(&version, claimed));
        resum(&mut parts);
        folder.write("q.zip", zip(raw(&parts)).bytes());
        for words in [&["q.zip"][..], &["q.zip", "--inputs", "."]] {
            let output = verify(&folder, words);
            assert_eq!(output.status.code(), Some(1));
            assert_eq!(checks(&output)["archive"].0, "cannot-tell");
        }
        let mut parts = forged(&parts);
        resum(&mut parts);
        folder.write("q.zip", zip(raw(&parts)).bytes());
        let output = verify(&folder, &["q.zip", "--inputs", "."]);
        assert_eq!(checks(&output)["computed again"].0, "wrong", "{claimed}");
    }
}

/// Creates a practice that has its own layout. Returns the folder and the layout's text.
fn with_own_layout() -> (Folder, String) {
    let folder = practice();
    let text = "name = \"ours\"\ntitle = \"the practice's own\"\n\n[messages.columns]\nmessage_id = \"message_id\"\n\
                sent_at = \"sent_at\"\npatient_id = \"patient_id\"\nprovider_id = \"provider_id\"\nsender = \"sender\"\n\
                recipient = \"recipient\"\nchannel = \"channel\"\ntopic = \"topic\"\nstatus = \"status\"\n";
    folder.write("ours.toml", text);
    (folder, text.to_owned())
}

/// A pack is recomputed with the layouts of this version, whatever text it contains for them. A custom layout is reported by name.
#[test]
fn a_pack_cannot_bring_its_own_law() {
    let (folder, text) = with_own_layout();
    succeeds(&folder, &["pack", "--layout", "messages=ours.toml", "-o", "p.zip"]);
    let output = verify(&folder, &["p.zip"]);
    assert_eq!(output.status.code(), Some(0));
    let own = checks(&output)["own layouts"].clone();
    assert!(own.0 == "not-checked" && own.1.contains("layouts/ours.toml"), "{own:?}");
    assert_eq!(checks(&verify(&folder, &["p.zip", "--inputs", "."]))["own layouts"].0, "right");
    folder.write("ours.toml", text.replace("practice's", "consultant's"));
    assert_eq!(checks(&verify(&folder, &["p.zip", "--inputs", "."]))["own layouts"].0, "wrong");
    let genuine = parts(&folder, "p.zip");
    // The custom layout takes the name of a built-in layout, and then a name that no input uses.
    for (config, asked, code) in [("messages=canonical", "canonical", 1), ("messages=synthea", "synthea", 1)]
    {
        let mut parts = genuine.clone();
        change(&mut parts, "mucalc.toml", |text| text.replace("messages=layouts/ours.toml", config));
        let key = format!("\"{asked}\": \"layouts/ours.toml\"");
        change(&mut parts, "manifest.json", |text| {
            text.replace("\"layouts/ours.toml\": \"layouts/ours.toml\"", &key)
        });
        resum(&mut parts);
        folder.write("q.zip", zip(raw(&parts)).bytes());
        let output = verify(&folder, &["q.zip", "--inputs", "."]);
        assert_eq!(output.status.code(), Some(code), "{asked}");
        // The result is the same if the pack claims another version, which may write archives differently.
        let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
        change(&mut parts, "manifest.json", |text| text.replace(&version, "\"0.0.9\""));
        resum(&mut parts);
        folder.write("q.zip", zip(raw(&parts)).bytes());
        let output = verify(&folder, &["q.zip", "--inputs", "."]);
        assert_eq!(checks(&output)["layouts"].0, "wrong", "{asked}");
        assert!(!checks(&output).contains_key("computed again"), "{asked}");
    }
    // A layout file with the name of a built-in layout is refused before anything is computed.
    folder.write("canonical.toml", text.replace("\"ours\"", "\"canonical\""));
    for command in [&["report"][..], &["pack", "-o", "r.zip"]] {
        let output = folder.run(&[command, &["--layout", "messages=canonical.toml"]].concat());
        assert_eq!(output.status.code(), Some(2));
    }
}

/// A manifest that lists an input or a layout many times does not take more work than one.
#[test]
fn a_long_manifest_is_no_work() {
    let folder = practice();
    succeeds(&folder, &["pack", "-o", "p.zip"]);
    let genuine = parts(&folder, "p.zip");
    let manifest: Value =
        serde_json::from_slice(&genuine.iter().find(|(name, _)| name == "manifest.json").unwrap().1).unwrap();
    let of = |change: &dyn Fn(&mut Value)| {
        let mut manifest = manifest.clone();
        manifest["tool"]["version"] = "0.0.9".into();
        change(&mut manifest);
        let mut parts = genuine.clone();
        parts.iter_mut().find(|(name, _)| name == "manifest.json").unwrap().1 =
            serde_json::to_vec(&manifest).unwrap();
        resum(&mut parts);
        folder.write("q.zip", zip(raw(&parts)).bytes());
        verify(&folder, &["q.zip", "--inputs", "."])
    };
    let often = |of: &Value| Value::Array(vec![of.clone(); 100_000]);
    let inputs = of(&|manifest| manifest["inputs"] = often(&manifest["inputs"][0]));
    let (outcome, detail) = checks(&inputs)["inputs"].clone();
    assert!(outcome == "wrong" && detail.contains("listed twice"), "{outcome}: {detail}");
    // The same is true of other paths to the same file.
    let renamed = of(&|manifest| {
        let input = manifest["inputs"][0].clone();
        let path = input["path"].as_str().unwrap().to_owned();
        let other = |at: usize| {
            let mut input = input.clone();
            input["path"] = format!("folder{at}/{path}").into();
            input
        };
        manifest["inputs"] = Value::Array((0..100_000).map(other).collect());
    });
    assert_eq!(checks(&renamed)["inputs"].0, "wrong");
    let layouts = of(&|manifest| {
        let layout = |at: usize| (format!("layout{at}"), Value::from("mucalc.toml"));
        manifest["layouts"] = Value::Object((0..100_000).map(layout).collect());
    });
    assert!(matches!(layouts.status.code(), Some(1 | 3)));
}

const ENCOUNTERS: &str =
    "encounter_id,started_at,patient_id,provider_id,status,seen_by\nE1,2014-07-02,P1,D1,completed,provider\n";
const OTHERS: &str =
    "encounter_id,started_at,patient_id,provider_id,status,seen_by\nE1,2014-07-02,P2,D2,completed,provider\n";
const MESSAGES: &str = "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\n";

fn report(folder: &Folder, encounters: &str) -> Output {
    let words = ["report", "--no-config", "--period", "2014Q3", "--format", "csv", "--encounters"];
    folder.run(&[&words[..], &[encounters, "--messages", "m.csv"]].concat())
}

/// Archives of legitimate programs are read, however the programs write them.
#[test]
fn archives_of_all_makers_are_read() {
    let folder = Folder::new();
    folder.write("m.csv", MESSAGES);
    let file = || part("enc.csv", ENCOUNTERS);
    let time = || field(0x5455, &[1, 0, 0, 0, 0]);
    let makers = [
        ("packed", zip(vec![file()])),
        ("not packed", zip(vec![RawPart { is_stored: true, ..file() }])),
        ("sizes behind it", zip(vec![RawPart { behind: 16, ..file() }])),
        ("sizes behind it, without a mark", zip(vec![RawPart { behind: 12, ..file() }])),
        ("large sizes behind it", zip(vec![RawPart { behind: 24, ..file() }])),
        ("times in extra fields", zip(vec![RawPart { extra: time(), local_extra: time(), ..file() }])),
        ("filled up", zip(vec![RawPart { local_extra: field(0xa220, &[0; 300]), ..file() }])),
        (
            "its own name once more",
            zip(vec![RawPart { extra: unicode_name("enc.csv", "enc.csv"), ..file() }]),
        ),
        ("a comment", RawZip { comment: b"made on Monday".to_vec(), ..zip(vec![file()]) }),
        ("the record of large archives", RawZip { is_wide: true, ..zip(vec![file()]) }),
        (
            "a folder, and what a Mac adds",
            zip(vec![
                RawPart { is_stored: true, ..part("out/", "") },
                RawPart { name: "out/enc.csv".to_owned(), ..file() },
                part("__MACOSX/out/._enc.csv", "about the file"),
                part("out/.DS_Store", "about the folder"),
            ]),
        ),
        (
            "what Windows adds",
            zip(vec![
                RawPart { name: "out\\enc.csv".to_owned(), ..file() },
                part("out\\Thumbs.db", "pictures"),
                part("out/desktop.ini", "about the folder"),
            ]),
        ),
        ("from a pipe", zip(vec![RawPart { is_of_pipe: true, name: "-".to_owned(), ..file() }])),
    ];
    for (maker, archive) in makers {
        folder.write("e.zip", archive.bytes());
        let output = report(&folder, "e.zip");
        assert_eq!(output.status.code(), Some(0), "{maker}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("\nD1,"), "{maker}");
    }
    // Padded with zeros to a full block, as a tape archiver does.
    let filled = [&zip(vec![file()]).bytes()[..], &[0; 5000]].concat();
    folder.write("e.zip", filled);
    assert_eq!(report(&folder, "e.zip").status.code(), Some(0));
}

/// Returns the files of a workbook with the encounters.
fn book() -> Vec<RawPart> {
    let folder = Folder::new();
    folder.write("e.xlsx", xlsx(&[sheet_of("Visits", ENCOUNTERS)]));
    parts(&folder, "e.xlsx").into_iter().map(|(name, bytes)| part(&name, bytes)).collect()
}

/// An archive that two programs may unpack differently is refused, both as a ZIP file and as a workbook.
#[test]
fn an_input_with_two_contents_is_refused() {
    let folder = Folder::new();
    folder.write("m.csv", MESSAGES);
    let file = || part("enc.csv", ENCOUNTERS);
    let hidden = || local("enc.csv", OTHERS.as_bytes());
    let other = zip(vec![part("enc.csv", OTHERS)]).bytes();
    let odd = [
        ("behind its end", zip(vec![RawPart { tail: hidden(), ..file() }]).bytes()),
        ("behind it", zip(vec![RawPart { gap: hidden(), ..file() }]).bytes()),
        ("another name", zip(vec![RawPart { local_name: Some("other".to_owned()), ..file() }]).bytes()),
        ("another name in a field", {
            let extra = unicode_name("enc.csv", "other.csv");
            zip(vec![RawPart { extra, ..file() }]).bytes()
        }),
        ("twice", zip(vec![file(), part("enc.csv", OTHERS)]).bytes()),
        ("counted in two ways", RawZip { on_disk: Some(2), ..zip(vec![file()]) }.bytes()),
        ("before it", [&other[..], &zip(vec![file()]).bytes()].concat()),
        ("in the comment", RawZip { comment: other.clone(), ..zip(vec![file()]) }.bytes()),
        ("in an extra field", {
            let extra = field(0x4343, b"PK\x06\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0");
            zip(vec![RawPart { extra, ..file() }]).bytes()
        }),
    ];
    for (what, bytes) in odd {
        folder.write("e.zip", bytes);
        let output = report(&folder, "e.zip");
        assert_eq!(output.status.code(), Some(3), "{what}: {}", String::from_utf8_lossy(&output.stdout));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("e.zip") && said.contains("unpack it"), "{what}: {said}");
    }
    // A workbook that contains a sheet twice.
    let book = book();
    let genuine = zip(book.clone()).bytes();
    folder.write("e.xlsx", genuine);
    assert_eq!(report(&folder, "e.xlsx").status.code(), Some(0));
    let sheet = book.iter().find(|part| part.name.contains("/worksheets/")).unwrap().clone();
    let upper = RawPart { name: sheet.name.to_uppercase(), ..sheet };
    folder.write("e.xlsx", zip([book.clone(), vec![upper]].concat()).bytes());
    assert_eq!(report(&folder, "e.xlsx").status.code(), Some(3));
    let mut hiding = book;
    hiding.last_mut().unwrap().tail = hidden();
    folder.write("e.xlsx", zip(hiding).bytes());
    assert_eq!(report(&folder, "e.xlsx").status.code(), Some(3));
}

/// A workbook that two readers may read differently is refused, whether the conflict is in the package, the list of sheets, the rows, or
/// the cells.
#[test]
fn a_workbook_with_two_contents_is_refused() {
    let folder = Folder::new();
    folder.write("m.csv", MESSAGES);
    let book = book();
    let changed = |name: &str, from: &str, to: &str| {
        let mut parts = book.clone();
        let part = parts.iter_mut().find(|part| part.name.contains(name)).unwrap_or_else(|| panic!("{name}"));
        let text = String::from_utf8(part.data.clone()).unwrap();
        assert!(text.contains(from), "{name} {from}: {text}");
        part.data = text.replacen(from, to, 1).into_bytes();
        parts
    };
    let sheet = "/worksheets/";
    let with = |name: &str, data: &str| [book.clone(), vec![part(name, data)]].concat();
    for (what, parts) in [
        ("in binary form, too", with("xl/workbook.bin", "x")),
        ("a document type", changed(sheet, "<worksheet", "<!DOCTYPE worksheet><worksheet")),
        ("another encoding", {
            let text = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><worksheet";
            changed(sheet, "<worksheet", text)
        }),
        (
            "rows a second time",
            changed(sheet, "</worksheet>", "<sheetData><row r=\"9\"/></sheetData></worksheet>"),
        ),
        (
            "a row of another name space",
            changed(sheet, "</sheetData>", "<x:row xmlns:x=\"y\" r=\"9\"></x:row></sheetData>"),
        ),
        ("a row in a row", changed(sheet, "</row>", "<row r=\"9\"></row></row>")),
        ("a cell of another row", changed(sheet, "r=\"A2\"", "r=\"A9\"")),
        ("a choice", {
            changed(
                sheet,
                "</sheetData>",
                "<mc:Choice xmlns:mc=\"z\"><row r=\"9\"></row></mc:Choice></sheetData>",
            )
        }),
        ("an end of another name", changed(sheet, "</sheetData>", "</sheet>")),
        ("two main parts", {
            let other = "<Relationship Id=\"rIdX\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"other.xml\"/></Relationships>";
            changed("_rels/.rels", "</Relationships>", other)
        }),
        ("two texts in a cell", {
            changed(
                sheet,
                "</sheetData>",
                "<row r=\"99\"><c r=\"A99\" t=\"inlineStr\"><is><t>a</t><t>b</t></is></c></row></sheetData>",
            )
        }),
        ("a text and runs", {
            changed(
                sheet,
                "</sheetData>",
                "<row r=\"99\"><c r=\"A99\" t=\"inlineStr\"><is><t>a</t><r><t>b</t></r></is></c></row></sheetData>",
            )
        }),
        (
            "a sheet elsewhere",
            changed("xl/_rels/workbook.xml.rels", "<Relationship ", "<Relationship TargetMode=\"External\" "),
        ),
        ("a relation twice", {
            let mut parts = book.clone();
            let part = parts.iter_mut().find(|part| part.name == "xl/_rels/workbook.xml.rels").unwrap();
            let text = String::from_utf8(part.data.clone()).unwrap();
            let first = &text[text.find("<Relationship ").unwrap()..];
            let first = &first[..first.find("/>").unwrap() + 2];
            part.data = text.replace("</Relationships>", &format!("{first}</Relationships>")).into_bytes();
            parts
        }),
    ] {
        folder.write("e.xlsx", zip(parts).bytes());
        let output = report(&folder, "e.xlsx");
        assert_eq!(output.status.code(), Some(3), "{what}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

/// No file of an archive is skipped, even if it is in a folder or next to the files that macOS adds.
#[test]
fn no_part_of_an_archive_is_passed_over() {
    let folder = Folder::new();
    folder.write("m.csv", MESSAGES);
    let file = || part("enc.csv", ENCOUNTERS);
    for (what, parts) in [
        ("rows among what a Mac adds", vec![file(), part("__MACOSX/more.csv", OTHERS)]),
        ("a folder with bytes", vec![file(), part("out/", OTHERS)]),
        ("sizes behind what is not packed", vec![RawPart { is_stored: true, behind: 16, ..file() }]),
    ] {
        folder.write("e.zip", zip(parts).bytes());
        let output = report(&folder, "e.zip");
        assert_eq!(output.status.code(), Some(3), "{what}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

/// The list of checksums and the signature have exactly the form that `mucalc` writes. A signature is present only if the pack declares
/// one.
#[test]
fn digests_and_signatures_have_nothing_beside_them() {
    let folder = practice();
    succeeds(&folder, &["pack", "-q", "-o", "p.zip"]);
    let genuine = parts(&folder, "p.zip");
    let rewritten = |change: &dyn Fn(&mut Parts)| {
        let mut parts = genuine.clone();
        change(&mut parts);
        as_written(&parts)
    };
    folder.write("q.zip", rewritten(&|_| {}));
    assert_eq!(verify(&folder, &["q.zip"]).status.code(), Some(0));
    let sums = |with: &dyn Fn(&str) -> String| rewritten(&|parts| change(parts, "SHA256SUMS", with));
    for (what, bytes) in [
        ("other line ends", sums(&|text| text.replace('\n', "\r\n"))),
        (
            "another order",
            sums(&|text| {
                let mut lines: Vec<&str> = text.lines().collect();
                lines.reverse();
                lines.join("\n") + "\n"
            }),
        ),
        ("parts in another order", rewritten(&|parts| parts.reverse())),
        (
            "a signature that is none",
            rewritten(&|parts| parts.push(("SHA256SUMS.sig".to_owned(), b"met".to_vec()))),
        ),
        ("counts below another number left out", {
            rewritten(&|parts| {
                change(parts, "manifest.json", |text| text.replace("\"withheld\": 0", "\"withheld\": 3"));
                resum(parts);
            })
        }),
    ] {
        folder.write("q.zip", bytes);
        assert_eq!(verify(&folder, &["q.zip"]).status.code(), Some(1), "{what}");
    }
}

/// Readers of a pack see the settings that its makers chose: on the cover, in the report, and in the output of `verify`.
#[test]
fn the_choices_of_a_pack_are_in_the_open() {
    let folder = practice();
    let config = folder.read("mucalc.toml");
    let more = "unusable = \"ignore\"\nparticipant = \"medicaid\"\nany-year = true\nedition = \"modstage2-2016\"\n\n\
                [topics]\n\"Rx refill\" = \"medication-refill\"\n\n[ids]\nfold = [\"zeros\"]\n";
    folder.write("mucalc.toml", format!("{config}\n{more}"));
    succeeds(&folder, &["pack", "-o", "p.zip"]);
    let output = verify(&folder, &["p.zip", "--inputs", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let verified: Vec<&str> =
        json["choices"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    let parts: BTreeMap<String, Vec<u8>> = parts(&folder, "p.zip").into_iter().collect();
    let text = |name: &str| String::from_utf8_lossy(&parts[name]).into_owned();
    let (cover, page, report) = (text("cover.html"), text("report.html"), text("report.json"));
    for (choice, of_json) in [
        ("unusable = ignore", "\"value\": \"ignore\""),
        ("participant = medicaid", "\"value\": \"medicaid\""),
        ("any-year = true", "\"key\": \"any-year\""),
        ("ids.fold = zeros", "\"value\": \"zeros\""),
        ("Rx refill = medication-refill", "\"value\": \"medication-refill\""),
    ] {
        assert!(verified.iter().any(|told| told.contains(choice)), "{choice}: {verified:?}");
        assert!(cover.contains(choice) && page.contains(choice), "{choice}");
        assert!(report.contains(of_json), "{of_json}");
    }
    assert!(
        verified
            .iter()
            .any(|told| told.contains("rule set modstage2-2016") && told.contains("policy settings"))
    );
    assert!(verified.iter().any(|told| told.contains("inputs: encounters encounters.csv")), "{verified:?}");
    // A rule set for another year is applied only if the pack allows it.
    let mut parts = crate::support::packs::parts(&folder, "p.zip");
    assert_eq!(as_written(&parts), std::fs::read(folder.path().join("p.zip")).unwrap());
    change(&mut parts, "mucalc.toml", |text| text.replace("any-year = true\n", ""));
    resum(&mut parts);
    folder.write("q.zip", as_written(&parts));
    assert_eq!(verify(&folder, &["q.zip", "--inputs", "."]).status.code(), Some(1));
}

/// The order of the keys in a configuration does not matter, as long as each key is in the same table.
#[test]
fn a_configuration_in_another_order_is_the_same() {
    let folder = practice();
    succeeds(&folder, &["pack", "-o", "p.zip"]);
    let roster = "roster = \"roster.csv\"\n";
    let at_end =
        |text: &str| text.replace(roster, "").replace("digest = true\n", &format!("digest = true\n{roster}"));
    let in_table =
        |text: &str| text.replace(roster, "").replace("[policy]\n", &format!("[policy]\n{roster}"));
    let with_comment = |text: &str| format!("{}# Reviewed by CMS.\n", at_end(text));
    for (what, is_same, with) in [
        ("another order", true, &at_end as &dyn Fn(&str) -> String),
        ("another table", false, &in_table),
        ("a comment", false, &with_comment),
    ] {
        let mut parts = parts(&folder, "p.zip");
        change(&mut parts, "mucalc.toml", with);
        resum(&mut parts);
        folder.write("q.zip", as_written(&parts));
        let output = verify(&folder, &["q.zip", "--inputs", "."]);
        assert_eq!(output.status.code() == Some(0), is_same, "{what}: {output:?}");
    }
}
