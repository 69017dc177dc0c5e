//! Tests with hostile inputs: the program ends soon, uses little memory, and reports where it stopped.

#![cfg(target_os = "linux")]
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::files::workbook_with;
use crate::support::program::Folder;
use crate::support::sheets::{Cell, SheetSpec, ods, xls, xlsx_sharing};
use crate::support::small::{self, words};
use flate2::Compression;
use flate2::write::GzEncoder;

const MIB: usize = 1 << 20;

/// Header row of the messages inputs.
const HEADER: &str = "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic\n";

/// Address space of a run in bytes, including threads and memory that the allocator reserves. Any of these inputs would need far more if it
/// were kept in memory.
const MEMORY: usize = 1536 * MIB;

/// Time limit of a run: far more than any of these runs needs, and enough to detect a run that does not end.
const TIME: Duration = Duration::from_secs(90);

/// Runs `report` on the folder's encounters and a messages file, within [`MEMORY`] and [`TIME`].
fn report(folder: &Folder, messages: &str) -> Output {
    let inputs = ["--encounters", "encounters.csv", "--messages", messages, "--threads", "2"];
    within(MEMORY, folder, &[&["report", "--no-config", "--period", "2014Q3"], &inputs[..]].concat())
}

/// Runs the program with at most `memory` bytes of address space.
fn within(memory: usize, folder: &Folder, words: &[&str]) -> Output {
    let begun = Instant::now();
    let mut child = Command::new("sh")
        .args([
            "-c",
            &format!("ulimit -v {}; exec \"$@\"", memory / 1024),
            "sh",
            env!("CARGO_BIN_EXE_mucalc"),
        ])
        .args(words)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while child.try_wait().unwrap().is_none() && begun.elapsed() < TIME {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(
        child.try_wait().unwrap().is_some() || child.kill().is_err(),
        "{words:?} did not end in {TIME:?}"
    );
    child.wait_with_output().unwrap()
}

fn practice() -> Folder {
    let folder = Folder::new();
    folder.write("encounters.csv", include_bytes!("../../fixtures/practice/encounters.csv"));
    folder
}

/// Checks that the program refused the run with a message that contains `says`. The message must contain nothing from the input except
/// source locations.
fn refused(output: &Output, says: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains(says), "{told}");
    assert!(told.len() < 1000, "{} bytes of words", told.len());
}

fn accepted(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Checks that the program refused the run because its only row is unusable, and that the message contains the location and the cause.
fn not_usable(output: &Output, place: &str, cause: &str) {
    refused(output, &format!("{place}: not one of 1 row can be used ({cause}: 1)"));
}

/// Returns a `.gz` file of `begin`, followed by `piece` repeated `times` times.
fn gz(begin: &[u8], piece: &[u8], times: usize) -> Vec<u8> {
    let member = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    // Members of a `.gz` file are concatenated, so compressing the piece once is enough.
    [member(begin), member(piece).repeat(times)].concat()
}

#[test]
fn four_gib_in_a_packed_record_are_refused() {
    for byte in [b'a', b'"', 0] {
        let folder = practice();
        let bomb = gz(HEADER.as_bytes(), &vec![byte; 64 * MIB], 64);
        assert!(bomb.len() < 8 * MIB, "four GiB in a few");
        folder.write("bomb.csv.gz", bomb);
        let output = report(&folder, "bomb.csv.gz");
        refused(&output, "bomb.csv.gz");
    }
}

#[test]
fn a_gib_of_packed_line_ends_is_refused_by_how_much_comes_out() {
    let folder = practice();
    folder.write("lines.csv.gz", gz(HEADER.as_bytes(), &vec![b'\n'; 64 * MIB], 16));
    refused(&report(&folder, "lines.csv.gz"), "decompress it yourself if you trust it");
}

/// Returns a ZIP archive with one file: `begin`, followed by `mebibytes` MiB of one letter.
fn zip(part: &str, begin: &[u8], mebibytes: usize) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(part, zip::write::SimpleFileOptions::default().unix_permissions(0o600)).unwrap();
    archive.write_all(begin).unwrap();
    let piece = vec![b'a'; MIB];
    (0..mebibytes).for_each(|_| archive.write_all(&piece).unwrap());
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_gib_in_an_archive_or_a_workbook_is_refused() {
    let zst = {
        let mut encoder = zstd::stream::write::Encoder::new(HEADER.as_bytes().to_vec(), 3).unwrap();
        let piece = vec![b'\n'; MIB];
        (0..1024).for_each(|_| encoder.write_all(&piece).unwrap());
        // Keep only the frame.
        encoder.finish().unwrap()[HEADER.len()..].to_vec()
    };
    let sheet = zip("xl/worksheets/sheet1.xml", b"<worksheet>", 1024);
    for (name, bytes) in [
        ("bomb.zip", zip("messages.csv", HEADER.as_bytes(), 1024)),
        ("bomb.xlsx", sheet),
        ("bomb.csv.zst", zst),
    ] {
        assert!(bytes.len() < 8 * MIB, "{name}: a GiB in a few");
        let folder = practice();
        folder.write(name, bytes);
        refused(&report(&folder, name), name);
    }
}

/// Packs come from other people, so a command refuses a pack if a file that it reads is oversized, whichever file it is.
#[test]
fn a_gib_in_a_part_of_a_pack_is_refused() {
    let folder = crate::support::packs::practice();
    crate::support::packs::succeeds(&folder, &["pack", "-q", "-o", "good.zip"]);
    let parts = crate::support::packs::parts(&folder, "good.zip");
    for bomb in ["ledger.csv", "report.json", "manifest.json", "SHA256SUMS"] {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in &parts {
            archive
                .start_file(name.as_str(), zip::write::SimpleFileOptions::default().unix_permissions(0o600))
                .unwrap();
            archive.write_all(bytes).unwrap();
            if name == bomb {
                let piece = vec![b'a'; MIB];
                (0..1024).for_each(|_| archive.write_all(&piece).unwrap());
            }
        }
        folder.write("bomb.zip", archive.finish().unwrap().into_inner());
        for words in [
            &["verify", "bomb.zip"][..],
            &["diff", "bomb.zip", "good.zip"],
            &["diff", "good.zip", "bomb.zip"],
        ] {
            let output = within(MEMORY, &folder, words);
            let told = String::from_utf8_lossy(&output.stderr);
            // A command may accept an oversized file that it does not read. If it reads the file, it must report the error.
            let is_told = output.status.code() == Some(3) && told.contains("bomb.zip")
                || output.status.code() == Some(1);
            let is_looked_at = words[0] == "verify" || ["ledger.csv", "report.json"].contains(&bomb);
            assert!(
                is_told || !is_looked_at && output.status.success(),
                "{words:?} {bomb}: {:?} {told}",
                output.status
            );
            assert!(!told.contains("memory ran out"), "{words:?} {bomb}: {told}");
        }
    }
}

/// A file without an end is refused as a configuration, layout, key, or saved run.
#[test]
fn a_file_without_an_end_is_refused_wherever_a_small_one_is_read() {
    let folder = crate::support::packs::practice();
    crate::support::packs::succeeds(&folder, &["pack", "-q", "-o", "good.zip"]);
    let endless = "/dev/zero";
    for words in [
        &["report", "--config", endless][..],
        &["report", "--layout", endless],
        &["pack", "-o", "p.zip", "--sign-with", endless],
        &["pack", "-o", "p.zip", "--redacted", "--key", endless],
        &["verify", "good.zip", "--signature", endless],
        &["verify", "good.zip", "--signed-by", endless],
        &["report", "--adjudications", endless],
        &["report", "--roster", endless],
    ] {
        let output = within(MEMORY, &folder, words);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(2 | 3)), "{words:?}: {:?} {told}", output.status);
        assert!(told.contains(endless) && !told.contains("memory ran out"), "{words:?}: {told}");
    }
}

/// The configuration's mapped values are looked up once each, however many it has.
#[test]
fn two_hundred_thousand_words_of_a_configuration_are_read() {
    let folder = practice();
    folder.write(
        "messages.csv",
        format!("{HEADER}M1,2014-08-01,P1,DR-1,patient,provider,ehr-portal,w199999\n"),
    );
    let words: String = (0..200_000).map(|word| format!("w{word} = \"referral\"\n")).collect();
    folder.write("mucalc.toml", format!("[topics]\n{words}"));
    let inputs = ["--encounters", "encounters.csv", "--messages", "messages.csv", "--period", "2014Q3"];
    accepted(&within(MEMORY, &folder, &[&["report"], &inputs[..]].concat()));
    let channels: String = (0..20_000).map(|at| format!("[channels.c{at}]\ncertified = true\n")).collect();
    folder.write("mucalc.toml", channels);
    let output = within(MEMORY, &folder, &[&["report"], &inputs[..]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_line_of_a_gib_without_an_end_is_refused() {
    let folder = practice();
    folder.write("messages.csv", HEADER);
    let file = std::fs::OpenOptions::new().append(true).open(folder.path().join("messages.csv")).unwrap();
    // A sparse file takes no space on the disk.
    file.set_len(1 << 30).unwrap();
    refused(&report(&folder, "messages.csv"), "messages.csv:2");
}

#[test]
fn a_line_of_deep_json_cannot_be_used() {
    for piece in ["[", "{\"a\":"] {
        let folder = practice();
        folder.write("messages.ndjson", format!("{{\"patient_id\":{}\n", piece.repeat(1_000_000)));
        not_usable(&report(&folder, "messages.ndjson"), "messages.ndjson:1", "not-json");
    }
}

#[test]
fn an_object_of_very_many_keys_is_read() {
    let folder = practice();
    let keys: String = (0..200_000).map(|key| format!(",\"k{key}\":{key}")).collect();
    folder.write("messages.ndjson", format!("{{\"patient_id\":\"P1\",\"sent_at\":\"2014-08-01\"{keys}}}\n"));
    accepted(&report(&folder, "messages.ndjson"));
}

#[test]
fn a_million_words_in_a_column_of_words_are_found_and_not_all_listed() {
    let folder = practice();
    let mut rows = HEADER.to_owned();
    for row in 0..1_000_000 {
        rows += &format!("M{row},2014-08-01,P{},DR-1,patient,provider,ehr-portal,word-{row}\n", row % 1000);
    }
    folder.write("messages.csv", rows);
    let output = report(&folder, "messages.csv");
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
    let words = ["validate", "--no-config", "--encounters", "encounters.csv", "--messages", "messages.csv"];
    let output = within(MEMORY, &folder, &words);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    let told = output.stdout.len() + output.stderr.len();
    assert!(told < 100_000, "{told} bytes of findings");
}

#[test]
fn a_million_columns_are_no_trouble() {
    let columns: String = (0..1_000_000).map(|column| format!("c{column},")).collect();
    let folder = practice();
    folder.write("messages.csv", format!("{columns}{HEADER}"));
    accepted(&report(&folder, "messages.csv"));
    // The same number of cells in a data row is too many.
    let folder = practice();
    folder.write("messages.csv", format!("{HEADER}M1,P1,DR-1{}\n", ",x".repeat(1_000_000)));
    not_usable(&report(&folder, "messages.csv"), "messages.csv:2", "ragged-row");
    // If all of these cells are empty, the row is blank.
    let folder = practice();
    folder.write("messages.csv", format!("{HEADER}{}\n", ",".repeat(1_000_000)));
    accepted(&report(&folder, "messages.csv"));
}

/// A worksheet has 16,384 columns. A cell in the last column implies all the columns before it, but must not cost more than other cells.
#[test]
fn cells_far_to_the_right_of_a_workbook_cost_no_more_than_others() {
    let cell =
        |place: String, text: &str| format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let row = |line: usize, cells: String| format!(r#"<row r="{line}">{cells}</row>"#);
    let cells = |line: usize, texts: [&str; 3]| -> String {
        ["A", "B", "C"]
            .iter()
            .zip(texts)
            .map(|(column, text)| cell(format!("{column}{line}"), text))
            .collect()
    };
    let header = cells(1, ["sent_at", "patient_id", "provider_id"]);
    let last = |line: usize| cell(format!("XFD{line}"), "x");
    // Rows that are wider than the header row, and then a header row of the maximum width.
    let rows: String = (2..=60_001).map(|line| row(line, last(line))).collect();
    let beside = row(1, header.clone()) + &rows;
    let rows: String =
        (2..=20_001).map(|line| row(line, cells(line, ["2014-08-01", "P1", "DR-1"]) + &last(line))).collect();
    let below = row(1, header + &last(1)) + &rows;
    for (name, rows, exit, says) in [
        ("beside.xlsx", beside, 3, "not one of 60,000 rows can be used"),
        ("below.xlsx", below, 0, "below.xlsx, sheet Rows (20,000 rows)"),
    ] {
        let folder = practice();
        folder.write(name, workbook_with("", &rows));
        let begun = Instant::now();
        let output = report(&folder, name);
        let told = String::from_utf8_lossy(if exit == 0 { &output.stdout } else { &output.stderr });
        assert_eq!(output.status.code(), Some(exit), "{told}");
        assert!(told.contains(says), "{told}");
        assert!(begun.elapsed().as_secs() < 20, "{name} took {:?}", begun.elapsed());
    }
}

/// A few bytes of a workbook can represent many: a string that cells share, a repeated row or cell, or cells that are far apart. None of
/// these may cost more time or memory than its bytes justify.
#[test]
fn what_stands_for_much_in_a_workbook_costs_no_more_than_it_is_worth() {
    let header = ["sent_at", "patient_id", "provider_id"];
    let row = |cells: &[&str]| cells.iter().map(|text| Cell::Text((*text).to_owned())).collect::<Vec<_>>();
    let long = "x".repeat(MIB);
    let parts = |bytes: Vec<u8>, name: &str, from: &str, to: &str| {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let parts: Vec<(String, Vec<u8>)> = (0..archive.len())
            .map(|at| {
                let mut part = archive.by_index(at).unwrap();
                let mut bytes = Vec::new();
                std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
                let own = part.name().unwrap().into_owned();
                let is_it = own.ends_with(name);
                let text = String::from_utf8(bytes).unwrap();
                (own, if is_it { text.replacen(from, to, 1) } else { text }.into_bytes())
            })
            .collect();
        let parts: Vec<(&str, Vec<u8>)> =
            parts.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        crate::support::files::zipped(&parts, zip::CompressionMethod::Deflated)
    };
    let book = |cells: &[&str]| {
        let rows = vec![row(&header), row(cells)];
        vec![SheetSpec { name: "Rows".to_owned(), rows, ..SheetSpec::default() }]
    };
    let good = book(&["2014-08-01", "P1", "DR-1"]);
    // A cell of 1 MiB, repeated in every column of a row.
    let wide = {
        let cell = "<table:table-cell office:value-type=\"string\"><text:p>xxx";
        let repeated =
            cell.replace("<table:table-cell", "<table:table-cell table:number-columns-repeated=\"16384\"");
        parts(ods(&book(&["2014-08-01", "P1", &format!("xxx{long}")])), "content.xml", cell, &repeated)
    };
    // A row repeated a billion times.
    let high = {
        let row = "<table:table-row><table:table-cell office:value-type=\"string\"><text:p>2014";
        let repeated =
            row.replace("<table:table-row", "<table:table-row table:number-rows-repeated=\"1000000000\"");
        parts(ods(&good), "content.xml", row, &repeated)
    };
    for (name, bytes, says) in [
        ("high.ods", high, "damaged"),
        (
            "open.html",
            format!("<html>{}", "<table><tr><td>sent_at".repeat(1 << 20)).into_bytes(),
            "open.html",
        ),
        (
            "endless.html",
            format!("<table><tr><td>sent_at{}", "<td>x".repeat(1 << 20)).into_bytes(),
            "damaged",
        ),
        ("packed.xlsx.gz", gz(&zip("xl/workbook.xml", b"", 1), &vec![0; 64 * MIB], 64), "decompress"),
    ] {
        let folder = practice();
        folder.write(name, bytes);
        let begun = Instant::now();
        refused(&report(&folder, name), says);
        assert!(begun.elapsed().as_secs() < 20, "{name} took {:?}", begun.elapsed());
    }
    // The row is wider than the header row, so it is ragged. The reader must not expand it any further.
    let folder = practice();
    folder.write("wide.ods", wide);
    not_usable(&report(&folder, "wide.ods"), "wide.ods:2", "ragged-row");
    // A string of 1 MiB that thousands of cells share, in a column that the tool does not read.
    let mut shared = good.clone();
    shared[0].rows[0].push(Cell::Text("note".to_owned()));
    let first = shared[0].rows.pop().unwrap();
    shared[0].rows.extend(vec![[first, vec![Cell::Shared(0)]].concat(); 4000]);
    let folder = practice();
    folder.write("shared.xlsx", xlsx_sharing(&shared, &[&long]));
    let output = report(&folder, "shared.xlsx");
    accepted(&output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("4,000 rows"));
}

/// The library that reads old workbooks allocates every cell of a sheet's range, so two distant cells expand to seventeen million. The tool
/// reads such a workbook or refuses it with a message.
#[test]
fn cells_far_apart_in_old_workbooks_are_read_or_refused_in_words() {
    let mut rows = vec![Vec::new(); 60_000];
    rows[0] = ["sent_at", "patient_id"].map(|name| Cell::Text(name.to_owned())).to_vec();
    rows[59_999] = vec![Cell::Empty; 256];
    rows[59_999][255] = Cell::Number(1.0);
    for sheets in [1, 12] {
        let sheet = |at| SheetSpec { name: format!("S{at}"), rows: rows.clone(), ..SheetSpec::default() };
        let folder = practice();
        folder.write("far.xls", xls(&(0..sheets).map(sheet).collect::<Vec<_>>()));
        let output = report(&folder, "far.xls");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().is_some_and(|code| code <= 4), "{sheets}: {:?} {told}", output.status);
    }
}

#[test]
fn a_million_rejected_rows_are_listed_and_not_held() {
    let folder = practice();
    // Rows of three cells under a header row of eight.
    folder.write("messages.csv", format!("{HEADER}{}", "M1,P1,DR-1\n".repeat(1_000_000)));
    let words = ["validate", "--no-config", "--encounters", "encounters.csv", "--messages", "messages.csv"];
    let output = within(MEMORY, &folder, &[&words[..], &["--rejects", "rejects.csv"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.len() < 100_000);
    assert_eq!(folder.read("rejects.csv").lines().count(), 1_000_001, "each of them, under a header");
}

/// The program hashes ids with a random seed for each run, so an attacker cannot choose ids that collide. The seed must not affect any
/// output.
#[test]
fn long_ids_alike_but_for_their_ends_cost_no_more_than_others() {
    let folder = practice();
    let mut rows = HEADER.to_owned();
    for row in 0..100_000 {
        rows += &format!(
            "M{row},2014-08-01,{}{row},DR-1,patient,provider,ehr-portal,test-result\n",
            "x".repeat(400)
        );
    }
    folder.write("messages.csv", rows);
    let (one, two) = (report(&folder, "messages.csv"), report(&folder, "messages.csv"));
    accepted(&one);
    assert_eq!(one.stdout, two.stdout);
}

#[test]
fn a_limit_under_which_a_run_cannot_begin_is_told_with_what_it_needs() {
    let folder = practice();
    folder.write("messages.csv", HEADER);
    let inputs = ["--encounters", "encounters.csv", "--messages", "messages.csv", "--threads", "8"];
    let output =
        within(120 * MIB, &folder, &[&["report", "--no-config", "--period", "2014Q3"], &inputs[..]].concat());
    refused(
        &output,
        "a run with 8 threads needs 144 MiB of address space to begin, and the limit of this process is 120 MiB",
    );
}

#[test]
fn with_too_little_memory_a_run_ends_and_leaves_no_output() {
    let folder = practice();
    let mut rows = HEADER.to_owned();
    for row in 0..400_000 {
        rows += &format!("M{row},2014-08-01,P{row},DR-1,patient,provider,ehr-portal,test-result\n");
    }
    folder.write("messages.csv", rows);
    let inputs = ["--encounters", "encounters.csv", "--messages", "messages.csv", "--output", "report.json"];
    let words = [&["report", "--no-config", "--period", "2014Q3", "--format", "json"], &inputs[..]].concat();
    let mut ended_well = false;
    for memory in [20, 40, 80, 160, 320, 640, 1280].map(|mib| mib * MIB) {
        let output = within(memory, &folder, &words);
        let is_there = folder.path().join("report.json").exists();
        // With less memory, the system cannot even load the program.
        if memory >= 64 * MIB {
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(matches!(output.status.code(), Some(0 | 3)), "{memory}: {:?} {told}", output.status);
        }
        assert_eq!(
            output.status.success(),
            is_there,
            "an output of a run that failed, or none of one that did not"
        );
        if is_there {
            let report = folder.read("report.json");
            assert!(serde_json::from_str::<serde_json::Value>(&report).is_ok(), "half an output");
            std::fs::remove_file(folder.path().join("report.json")).unwrap();
            ended_well = true;
        }
        let names = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 2, "something was left beside the inputs");
    }
    assert!(ended_well, "with enough memory it succeeds");
}

#[test]
fn a_header_of_very_many_columns_takes_no_time() {
    let folder = small::practice();
    let names: Vec<String> = (0..200_000).map(|n| format!("c{n}")).collect();
    folder.write("wide.csv", format!("patient_id,provider_id,started_at,{}\n", names.join(",")));
    let started = std::time::Instant::now();
    let output = folder.run(&[
        "report",
        "--no-config",
        "--period",
        "2014Q3",
        "--encounters",
        "wide.csv",
        "--messages",
        "messages.csv",
    ]);
    assert_eq!(output.status.code(), Some(0));
    assert!(started.elapsed().as_secs() < 20, "the header was compared column by column");
}

/// A test patient whom every provider saw, with many messages to the practice, must not make time or memory explode.
#[test]
fn a_patient_of_very_many_providers_is_no_trouble() {
    let folder = small::practice();
    let mut encounters = "patient_id,provider_id,started_at,kind\n".to_owned();
    for row in 0..60_000 {
        encounters.push_str(&format!("test,D{:05},2014-07-10,office-visit\n", row % 20_000));
    }
    let mut messages = "sent_at,patient_id,sender,recipient,channel,topic\n".to_owned();
    for _ in 0..300 {
        messages.push_str("2014-07-11,test,patient,provider,ehr-portal,medication-refill\n");
    }
    folder.write("encounters.csv", encounters).write("messages.csv", messages);
    let started = std::time::Instant::now();
    let report = folder.report(&["--no-config", "--period", "2014Q3", "--credit", "group"]);
    assert_eq!(report["group"]["providers_met"], 20_000);
    assert_eq!(report["group"]["denominator"]["most"], 1);
    let ledger = folder.run(&words(&["--ledger", "ledger.csv"]));
    assert_eq!(ledger.status.code(), Some(0));
    // Each provider has three encounters and three hundred messages to the practice.
    assert!(
        folder
            .read("ledger.csv")
            .lines()
            .skip(1)
            .all(|line| line.contains(",certain,possible,3,") && line.contains(",0,300,"))
    );
    assert!(started.elapsed().as_secs() < 30, "pairs are walked through one after the other");
}

/// `explain` writes a patient's rows one at a time, so it uses a fraction of the memory that all rows would take. This is true for very
/// many messages and for messages that are attributed to very many providers.
#[test]
fn a_patient_of_very_many_messages_is_explained_as_it_comes() {
    const ROWS: usize = 64_000;
    let folder = Folder::new();
    folder.write(
        "e.csv",
        "encounter_id,patient_id,provider_id,started_at,kind\nE1,P1,D1,2014-07-01,office-visit\n",
    );
    let mut messages =
        "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic\n".to_owned();
    for row in 0..ROWS {
        messages.push_str(&format!(
            "M{row},2014-07-{:02},P1,D1,patient,provider,ehr-portal,clinical-question\n",
            1 + row % 30
        ));
    }
    folder.write("m.csv", messages);
    let explain = |folder: &Folder, more: &[&str]| {
        let words =
            ["explain", "--no-config", "--period", "2014Q3", "--encounters", "e.csv", "--messages", "m.csv"];
        let one = ["--patient", "P1", "--threads", "2", "-o", "told"];
        let output = within(400 << 20, folder, &[&words[..], &one, more].concat());
        accepted(&output);
        std::fs::read(folder.path().join("told")).unwrap()
    };
    let told = explain(&folder, &["--format", "json"]);
    assert!(told.len() > 400 << 20, "{}: all of it would have fitted", told.len());
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    let rows = told["patients"][0]["messages"].as_array().unwrap();
    assert_eq!(rows.len(), ROWS);
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row["place"]["line"], at + 2);
        let id = row["record"].as_array().unwrap().iter().find(|said| said["column"] == "message_id");
        assert_eq!(id.unwrap()["said"], format!("M{at}"));
    }
    let table = String::from_utf8(explain(&folder, &[])).unwrap();
    assert!(table.contains("63,900 more rows"), "{}", &table[table.len() - 600..]);

    // Three thousand providers of one group saw the patient, and three thousand messages are attributed to each of them.
    let mut encounters = "patient_id,provider_id,started_at,kind\n".to_owned();
    let mut roster = "provider_id,npi,name,group_id\n".to_owned();
    for provider in 0..3000 {
        encounters.push_str(&format!("P1,D{provider},2014-07-01,office-visit\n"));
        roster.push_str(&format!("D{provider},,,G\n"));
    }
    let messages = folder.read("m.csv");
    let messages: String = messages.lines().take(3001).map(|line| format!("{line}\n")).collect();
    folder.write("e.csv", encounters).write("m.csv", messages).write("r.csv", roster);
    let table = explain(&folder, &["--credit", "group", "--roster", "r.csv"]);
    assert!(String::from_utf8_lossy(&table).contains("for 2,950 more providers"));
}
