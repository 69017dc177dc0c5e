//! Tests of exports that are API responses: one page of several is incomplete, and deleted resources do not count.

use serde_json::{Value, json};

use crate::support::program::Folder;

fn visit(number: u32) -> Value {
    json!({
        "resourceType": "Encounter", "id": format!("e{number}"), "status": "finished",
        "class": { "code": "AMB" }, "subject": { "reference": format!("Patient/p{number}") },
        "participant": [{ "individual": { "reference": "Practitioner/d1" } }],
        "period": { "start": "2014-07-01" },
    })
}

fn page(numbers: std::ops::Range<u32>, total: u32, has_next: bool) -> Value {
    let entries: Vec<Value> = numbers.map(|number| json!({ "resource": visit(number) })).collect();
    let relation = if has_next { "next" } else { "self" };
    json!({
        "resourceType": "Bundle", "type": "searchset", "total": total,
        "link": [{ "relation": relation, "url": "https://fhir.example/Encounter?page=2" }], "entry": entries,
    })
}

/// Returns the lowest denominator, and the file of the finding that reports an incomplete response.
fn read(files: &[(&str, String)], words: &[&str]) -> (u64, Option<String>) {
    let folder = Folder::new();
    for (name, text) in files {
        folder.write(name, text);
    }
    folder.write("m.csv", "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic\n");
    let mut all =
        vec!["report", "--no-config", "--period", "2014Q3", "--format", "json", "--messages", "m.csv"];
    all.extend(words);
    all.push("--encounters");
    all.extend(files.iter().map(|(name, _)| *name));
    let output = folder.run(&all);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let gap = findings.iter().find(|finding| finding["code"] == "incomplete-answer");
    let denominator = &report["providers"][0]["denominator"]["least"];
    (denominator.as_u64().unwrap(), gap.map(|gap| gap["first"]["file"].as_str().unwrap().to_owned()))
}

const FHIR: [&str; 2] = ["--layout", "encounters=fhir-r4"];

#[test]
fn one_page_of_several_is_told() {
    let [first, second] = [page(0..3, 5, true), page(3..5, 5, false)];
    let pretty = |page: &Value| serde_json::to_string_pretty(page).unwrap();
    let gap = |file: &str| Some(file.to_owned());
    assert_eq!(read(&[("1.json", pretty(&first))], &FHIR), (3, gap("1.json")));
    assert_eq!(read(&[("2.json", pretty(&second))], &FHIR), (2, gap("2.json")));
    assert_eq!(read(&[("1.json", pretty(&first)), ("2.json", pretty(&second))], &FHIR), (5, None));
    // One Bundle on each line.
    assert_eq!(read(&[("1.ndjson", format!("{first}\n"))], &FHIR), (3, gap("1.ndjson")));
    assert_eq!(read(&[("all.ndjson", format!("{first}\n{second}\n"))], &FHIR), (5, None));
    // Larger than the part of a document that the reader keeps in memory at once.
    let pages = [pretty(&page(0..4000, 4001, true)), pretty(&page(4000..4001, 4001, false))];
    assert_eq!(read(&[("1.json", pages[0].clone())], &FHIR), (4000, gap("1.json")));
    assert_eq!(read(&[("1.json", pages[0].clone()), ("2.json", pages[1].clone())], &FHIR), (4001, None));
}

#[test]
fn one_page_of_another_interface_is_told() {
    let row = |number: u32| json!({ "patient_id": format!("P{number}"), "provider_id": "A", "started_at": "2014-07-01", "kind": "office-visit" });
    let page = |more: Value| {
        let mut page = json!({ "data": [row(1), row(2)] });
        page.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        page.to_string()
    };
    for (more, is_whole) in [
        (json!({}), true),
        (json!({ "done": false }), false),
        (json!({ "total_pages": 4 }), false),
        (json!({ "count": 2, "next": null }), true),
        (json!({ "count": 7, "next": null }), false),
        (json!({ "next": "https://x.example?page=2" }), false),
        (json!({ "meta": { "total": 7 } }), false),
        (json!({ "paging": { "hasMore": true } }), false),
    ] {
        let (seen, gap) = read(&[("e.json", page(more.clone()))], &[]);
        assert_eq!((seen, gap.is_none()), (2, is_whole), "{more}");
    }
}

/// In a server's history Bundle, an entry without a resource marks a deletion. The deleted encounter must not count.
#[test]
fn what_a_history_says_was_deleted_did_not_happen() {
    let deleted = json!({
        "request": { "method": "DELETE", "url": "Encounter/e2" },
        "response": { "status": "204", "lastModified": "2014-08-01T00:00:00Z" },
    });
    let history = json!({
        "resourceType": "Bundle", "type": "history",
        "entry": [deleted, { "resource": visit(1) }, { "resource": visit(2) }],
    });
    assert_eq!(read(&[("h.json", history.to_string())], &FHIR), (1, None));
    assert_eq!(read(&[("h.json", serde_json::to_string_pretty(&history).unwrap())], &FHIR), (1, None));
    let long: Vec<Value> = (3..4000).map(|number| json!({ "resource": visit(number) })).collect();
    let mut all = vec![deleted, json!({ "resource": visit(1) }), json!({ "resource": visit(2) })];
    all.extend(long);
    let history = json!({ "resourceType": "Bundle", "type": "history", "entry": all });
    assert_eq!(read(&[("h.json", serde_json::to_string_pretty(&history).unwrap())], &FHIR), (3998, None));
}

/// Rows that a response reports as missing can belong to any patient. They widen the range by the stated total or, without a total, by the
/// size of a page.
#[test]
fn what_an_answer_lacks_widens_the_result() {
    let most = |text: String| {
        let folder = Folder::new();
        folder.write("e.json", text);
        folder.write("m.csv", "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic\n");
        let words =
            ["report", "--no-config", "--period", "2014Q3", "--format", "json", "--messages", "m.csv"];
        let output = folder.run(&[&words[..], &FHIR, &["--encounters", "e.json"]].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let denominator = &report["providers"][0]["denominator"];
        (denominator["least"].as_u64().unwrap(), denominator["most"].as_u64().unwrap())
    };
    assert_eq!(most(page(0..3, 5, false).to_string()), (3, 5));
    assert_eq!(most(page(0..3, 3, false).to_string()), (3, 3));
    let mut open = page(0..3, 3, true);
    open.as_object_mut().unwrap().remove("total");
    assert_eq!(most(open.to_string()), (3, 6));
}

/// An object without any field that the tool reads, or that wraps rows, is an unusable row and is counted as one.
#[test]
fn objects_without_any_field_that_is_read_are_lost_rows() {
    let row = |number: u32| json!({ "patient_id": format!("P{number}"), "provider_id": "A", "started_at": "2014-07-01", "kind": "office-visit" });
    let other = json!({ "patientID": "P9", "doctor": "A", "on": "2014-07-01" });
    for (last, lost) in [
        (other.clone(), 1),
        (json!({ "record": row(9) }), 1),
        (json!({ "data": [row(8), row(9)] }), 2),
        (json!({ "error": "timeout" }), 1),
        (json!({}), 0),
    ] {
        let lines: Vec<String> = [row(1), row(2), last.clone()].iter().map(Value::to_string).collect();
        for text in [lines.join("\n"), format!("[{}]", lines.join(","))] {
            let folder = Folder::new();
            folder.write("e.json", &text);
            folder
                .write("m.csv", "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic\n");
            let words = ["report", "--no-config", "--period", "2014Q3", "--format", "json"];
            let inputs = ["--messages", "m.csv", "--encounters", "e.json"];
            let report: Value =
                serde_json::from_slice(&folder.run(&[&words[..], &inputs].concat()).stdout).unwrap();
            let denominator = &report["providers"][0]["denominator"];
            assert_eq!(
                (&denominator["least"], &denominator["most"]),
                (&2.into(), &(2 + lost).into()),
                "{text}"
            );
        }
    }
}

/// Every format shows the rows that a response lacks below the title. JSON and CSV runs report them on standard error, and `--fail-on` can
/// make the run fail.
#[test]
fn what_the_exports_lack_stands_above_the_figures() {
    let folder = Folder::new();
    folder.write("1.json", page(0..3, 5, true).to_string());
    folder.write("m.csv", "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic\n");
    let report = |words: &[&str]| {
        let all =
            ["report", "--no-config", "--period", "2014Q3", "--encounters", "1.json", "--messages", "m.csv"];
        folder.run(&[&all[..], &FHIR[..], words].concat())
    };
    let line = "By their own count, the exports are missing 2 encounters";
    for format in ["table", "md", "html"] {
        let output = report(&["--format", format]);
        let text = String::from_utf8(output.stdout).unwrap();
        let title = text.find("secure electronic messaging").expect("a title");
        assert!(text[title..].contains(line), "{format}: {text}");
    }
    for format in ["json", "csv"] {
        let output = report(&["--format", format]);
        assert!(String::from_utf8(output.stderr).unwrap().contains(line), "{format}");
    }
    let json: Value = serde_json::from_slice(&report(&["--format", "json"]).stdout).unwrap();
    assert_eq!(json["inputs"][0]["missing"], 2);
    assert_eq!(report(&["--fail-on", "unusable"]).status.code(), Some(1));
    let left_out = report(&["--unusable", "ignore"]);
    let text = String::from_utf8(left_out.stdout).unwrap();
    assert!(text.contains("leave them out, as chosen"), "{text}");
}
