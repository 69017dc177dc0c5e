//! Tests of texts that terminals, spreadsheets, browsers, or workflows would execute: wherever an output shows them, the program that
//! displays it has nothing to execute.

#![cfg(target_os = "linux")]
use std::io::Read;

use crate::support::every::{self, Inputs};
use crate::support::program::Folder;
use mucalc_core::domain::text::is_control;

/// A window title, a bell, a color sequence in one byte, and right-to-left text; then a line break followed by a workflow command.
const ESCAPES: &str = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\u{61c}\u{7f}";
const LINE: &str = "x\n::error file=app.js::owned";
const HTML: &str = "a\"'><script>owned()</script><img src=x onerror=owned()>";
const FORMULAS: [&str; 6] = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "＝1"];

/// Creates the files of a practice in which every cell that can contain free text is hostile.
fn practice() -> Folder {
    let folder = Folder::new();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut encounters =
        format!("encounter_id,patient_id,provider_id,started_at,kind,staus,{}\n", quoted(ESCAPES));
    let mut messages =
        "message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic\n".to_owned();
    let mut roster = "provider_id,name,npi,group_id\n".to_owned();
    let mut decisions = "patient_id,decision,by,on,reason\n".to_owned();
    let hostile: Vec<String> = FORMULAS
        .iter()
        .map(|formula| format!("{formula}{ESCAPES}"))
        .chain([LINE.to_owned(), HTML.to_owned(), format!("p{ESCAPES}")])
        .collect();
    for (at, text) in hostile.iter().enumerate() {
        let (cell, day) = (quoted(text), 1 + at);
        // An id cannot contain a line separator, but a name can.
        roster += &format!("{cell},{},{cell},{cell}\n", quoted(&format!("{text}\u{2028}")));
        encounters += &format!("e{at},{cell},{cell},2014-07-{day:02},office-visit,,{cell}\n");
        encounters += &format!("f{at},{cell},{cell},2014-07-{day:02},{cell},,{cell}\n");
        messages += &format!("m{at},{cell},{cell},2014-08-{day:02},patient,provider,{cell},test-result\n");
        messages += &format!("n{at},{cell},{cell},2014-08-{day:02},patient,provider,ehr-portal,{cell}\n");
        if at % 2 == 0 {
            messages +=
                &format!("o{at},{cell},{cell},2014-08-{day:02},patient,provider,ehr-portal,referral\n");
        }
        decisions += &format!("{cell},counts,{cell},2014-10-10,{cell}\n");
    }
    encounters += "short,row\n";
    let config = hostile.iter().map(|text| {
        let key = serde_json::to_string(text).unwrap().replace('\u{7f}', "\\u007f");
        format!("[channels.{key}]\ncertified = true\nproduct = {key}\n[locations.{key}]\ncertified = true\n")
    });
    folder
        .write(&name("e"), encounters)
        .write(&name("m"), messages)
        .write(&name("r"), roster)
        .write(&name("a"), decisions);
    folder.write("mucalc.toml", config.collect::<String>());
    folder
}

/// Returns a hostile file name: file names can contain almost any character.
fn name(of: &str) -> String {
    format!("={of}{ESCAPES}\u{2028},<b>.csv")
}

/// Returns the text of a file or stream; for an archive, the text of each of its files.
fn texts_in(name: &str, bytes: &[u8]) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes)) else {
        return vec![(name.to_owned(), text(bytes))];
    };
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        parts.push((format!("{name}/{}", part.name().unwrap()), text(&bytes)));
    }
    parts
}

/// Checks that a terminal, spreadsheet, browser, or workflow executes nothing in a text.
fn is_harmless(what: &str, kind: &str, text: &str) {
    let obeyed = text.chars().find(|c| is_control(*c) && !matches!(c, '\n' | '\t'));
    assert_eq!(obeyed, None, "{what} has something that a terminal obeys");
    assert!(
        !text.lines().any(|line| line.starts_with("::error file=app.js")),
        "{what} has a line that is a command"
    );
    if kind == "csv" {
        for row in csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes()).records() {
            for cell in &row.unwrap() {
                // A number is not a formula.
                let is_number = cell.parse::<i64>().is_ok() && !cell.starts_with('+');
                assert!(
                    is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']),
                    "{what} has a formula: {cell}"
                );
            }
        }
    }
    if kind == "html" {
        for tag in ["<img", "<script>owned", "</script><img", "<b>"] {
            assert!(!text.contains(tag), "{what} has a tag {tag}");
        }
    }
    if ["json", "sarif"].contains(&kind) {
        serde_json::from_str::<serde_json::Value>(text)
            .unwrap_or_else(|error| panic!("{what} is none: {error}"));
    }
}

#[test]
fn no_output_of_any_command_has_anything_to_obey() {
    let folder = practice();
    let patient = format!("p{ESCAPES}");
    let (encounters, messages, roster, adjudications) = (name("e"), name("m"), name("r"), name("a"));
    let inputs = Inputs {
        encounters: &encounters,
        messages: &messages,
        roster: &roster,
        adjudications: &adjudications,
        more: &[],
        patient: &patient,
        provider: &patient,
    };
    every::prepare(&folder, &inputs);
    let mut shown = 0;
    for run in every::runs(&inputs) {
        let words: Vec<&str> = run.words.iter().map(String::as_str).collect();
        let what = words[..4].join(" ");
        let output = folder.run(&words);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{what}: {stderr}");
        is_harmless(&format!("standard error of {what}"), "", &stderr);
        let format = words.iter().position(|word| *word == "--format").map_or("", |at| words[at + 1]);
        let mut told: Vec<(String, String)> = texts_in(format!("{what} .{format}").as_str(), &output.stdout);
        told.retain(|(_, text)| !text.is_empty());
        for name in &run.outputs {
            let path = folder.path().join(name);
            let name = if name.contains('.') { (*name).to_owned() } else { format!("{name}.{format}") };
            told.extend(texts_in(&format!("{what}: {name}"), &std::fs::read(&path).unwrap()));
            std::fs::remove_file(&path).unwrap();
        }
        for (what, text) in told {
            // A pack contains the review decisions byte for byte, the checksums of inputs in the form that other programs check, and the
            // configuration as TOML.
            let as_it_is = ["/adjudications.", "/INPUTS.sha256", "/mucalc.toml"];
            if !as_it_is.iter().any(|part| what.contains(part)) {
                is_harmless(&what, what.rsplit('.').next().unwrap(), &text);
                shown += usize::from(text.contains("owned"));
            }
        }
    }
    assert!(shown > 40, "hostile texts are shown, so that there is something to see: {shown}");
}

/// An error message that quotes an invalid value contains nothing that a terminal or workflow executes.
#[test]
fn no_error_has_anything_to_obey() {
    let folder = practice();
    let hostile = format!("{ESCAPES}\n::error::owned");
    let (file, config) = (name("e"), format!("[topics]\n{hostile:?} = {hostile:?}\n"));
    folder.write("broken.toml", config.replace("\\u{", "\\U{"));
    let cases: [&[&str]; 16] = [
        &[&hostile],
        &["report", &hostile],
        &["report", "--threads", &hostile],
        &["report", "--format", &hostile],
        &["report", "--period", &hostile],
        &["report", "--period", "2014", "--timezone", &hostile],
        &["report", "--period", "2014", "--edition", &hostile],
        &["report", "--period", "2014", "--policy", &hostile],
        &["report", "--period", "2014", "--layout", &hostile],
        &["report", "--config", &hostile],
        &["report", "--config", "broken.toml"],
        &["report", "--period", "2014", "--encounters", &hostile, "--messages", &hostile],
        &["report", "--period", "2014", "--encounters", &file, "--messages", &file, "-o", &file],
        &["explain", "--patient", &hostile, "--encounters", &file, "--messages", &file, "--period", "2014"],
        &["codes", &hostile],
        &["verify", &hostile],
    ];
    for words in cases {
        let output = folder.run(words);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(matches!(output.status.code(), Some(2 | 3)), "{words:?}: {stderr}");
        assert!(!stderr.is_empty());
        is_harmless(&format!("{words:?}"), "", &stderr);
        is_harmless(&format!("{words:?}"), "", &String::from_utf8(output.stdout).unwrap());
    }
}

/// JSON keeps hostile texts unchanged, so nothing is lost where other formats escape them.
#[test]
fn json_keeps_what_it_does_not_show() {
    let folder = practice();
    let words = ["report", "--format", "json", "--period", "2014Q3", "--encounters"];
    let output = folder.run(&[&words[..], &[&name("e"), "--messages", &name("m")]].concat());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let ids: Vec<&str> = report["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["provider_id"].as_str().unwrap())
        .collect();
    // An id cannot contain a line break.
    assert!(!ids.contains(&LINE) && ids.contains(&HTML) && ids.contains(&&*format!("p{ESCAPES}")), "{ids:?}");
    assert_eq!(report["inputs"][0]["path"], name("e"));
}
