//! Rows give the same results in every JSON shape, and JSON without rows is refused.

use std::io::Write;

use crate::support::program::Folder;
use serde_json::{Value, json};

/// Returns five visits to D1. The last patient did not come.
fn visits() -> Vec<Value> {
    let status = |n: usize| if n == 5 { "no-show" } else { "completed" };
    let visit = |n: usize| {
        json!({
            "encounter_id": format!("E{n}"), "patient_id": format!("P{n}"), "provider_id": "D1",
            "started_at": format!("2014-07-0{n}"), "kind": "office-visit", "status": status(n),
        })
    };
    (1..=5).map(visit).collect()
}

const MESSAGES: &str = "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status\n\
                        M1,2014-08-01,P1,D1,patient,provider,ehr-portal,clinical-question,sent\n";

fn ndjson(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

/// Returns the rows in every JSON shape, each with the name of the shape.
fn shapes(rows: &[Value]) -> Vec<(&'static str, Vec<u8>)> {
    let array = json!(rows);
    let utf16 = |text: &str| {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    let text = |text: String| text.into_bytes();
    vec![
        ("NDJSON", text(ndjson(rows))),
        ("an array on a line", text(array.to_string())),
        ("an array over many lines", text(pretty(&array))),
        ("an array with CRLF", text(pretty(&array).replace('\n', "\r\n"))),
        ("an array behind a byte order mark", text(format!("\u{FEFF}{}", pretty(&array)))),
        ("an array in UTF-16", utf16(&pretty(&array))),
        ("an array with blanks and no end of line", text(format!(" \n\t{array}  "))),
        ("an array under a key", text(json!({"data": rows}).to_string())),
        ("an array under a key over many lines", text(pretty(&json!({"visits": rows})))),
        // A key next to the rows may have the name of a column.
        (
            "an answer of a server",
            text(
                json!({"status": "ok", "count": 5, "links": [{"rel": "next", "href": "x"}], "results": rows})
                    .to_string(),
            ),
        ),
        // Each page is on its own line.
        (
            "pages",
            text(rows.chunks(2).map(|page| format!("{}\n", json!({"page": 1, "items": page}))).collect()),
        ),
        ("objects over many lines", text(rows.iter().map(|row| pretty(row) + "\n").collect())),
        ("objects without a line between", text(rows.iter().map(pretty).collect())),
        ("the last line without its end", text(ndjson(rows).trim_end().to_owned())),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn report(folder: &Folder, words: &[&str]) -> Value {
    let mut all = vec!["report", "--no-config", "--format", "json", "--period", "2014Q3"];
    all.extend(words);
    let output = folder.run(&all);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the part of a report that depends only on the rows, not on their JSON shape.
fn figures(report: &Value) -> Value {
    let inputs = report["inputs"].as_array().unwrap();
    let counts: Vec<_> = inputs.iter().map(|it| json!([it["rows"], it["rejected"], it["aside"]])).collect();
    json!([report["providers"], report["group"], counts])
}

#[test]
fn rows_say_the_same_in_every_shape_packed_or_not_on_any_number_of_threads() {
    let folder = Folder::new();
    folder.write("messages.csv", MESSAGES);
    let mut expected = None;
    for (name, bytes) in shapes(&visits()) {
        for (packing, bytes) in [("", bytes.clone()), ("gzip", gzip(&bytes))] {
            folder.write("visits.json", bytes);
            for threads in ["1", "2", "4"] {
                let words =
                    ["--encounters", "visits.json", "--messages", "messages.csv", "--threads", threads];
                let found = figures(&report(&folder, &words));
                assert_eq!(found[0][0]["denominator"]["least"], 4, "{name}");
                assert_eq!(found[0][0]["numerator"]["least"], 1, "{name}");
                let expected = expected.get_or_insert_with(|| found.clone());
                assert_eq!(&found, expected, "{name} {packing} {threads}");
            }
        }
    }
}

/// An id that is a number with lost digits is damaged in every shape, and a long number keeps all its digits.
#[test]
fn ids_that_are_numbers_are_damaged_in_every_shape_or_in_none() {
    let rows = visits();
    for (shape, bytes) in shapes(&rows) {
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let id = format!("\"{}\"", rows[0]["patient_id"].as_str().unwrap());
        assert!(text.contains(&id), "{shape}");
        for (number, is_damaged) in [
            ("1.23E+11", true),
            ("123.5", true),
            ("1e3", true),
            ("7.0", false),
            ("12345678901234567890123", false),
        ] {
            let folder = Folder::new();
            folder.write("e.json", text.replace(&id, number)).write("messages.csv", MESSAGES);
            let report = report(&folder, &["--encounters", "e.json", "--messages", "messages.csv"]);
            let codes: Vec<&str> = report["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["code"].as_str().unwrap())
                .collect();
            assert_eq!(codes.contains(&"damaged-id"), is_damaged, "{shape} {number} {codes:?}");
        }
    }
}

/// Files of different shapes can be combined in one input.
#[test]
fn shapes_can_be_mixed() {
    let folder = Folder::new();
    let (rows, nothing) = (visits(), Vec::<Value>::new());
    folder
        .write("messages.csv", MESSAGES)
        .write("a.json", json!(rows[..2]).to_string())
        .write("b.ndjson", ndjson(&rows[2..4]))
        .write("c.json", pretty(&json!({"data": rows[4..]})))
        .write("d.json", json!(nothing).to_string())
        .write("visits.json", json!(rows).to_string());
    let whole = report(&folder, &["--encounters", "visits.json", "--messages", "messages.csv"]);
    let words = ["--encounters", "a.json", "b.ndjson", "c.json", "d.json", "--messages", "messages.csv"];
    assert_eq!(report(&folder, &words)["providers"], whole["providers"]);
}

/// A finding names the line on which its object starts, in an array as in a Bundle.
#[test]
fn findings_name_the_line_of_the_object() {
    let folder = Folder::new();
    let mut rows = visits();
    rows[2]["started_at"] = "no day".into();
    folder.write("messages.csv", MESSAGES);
    for (text, line) in [
        (pretty(&json!(rows)), pretty(&json!(rows[..2])).lines().count()),
        (json!(rows).to_string(), 1),
        (ndjson(&rows), 3),
    ] {
        folder.write("visits.json", &text);
        let report = report(&folder, &["--encounters", "visits.json", "--messages", "messages.csv"]);
        let finding =
            report["findings"].as_array().unwrap().iter().find(|it| it["code"] == "unreadable-date").unwrap();
        assert_eq!(finding["first"]["line"], line, "{text}");
    }
}

/// FHIR resources give the same results in a bulk export and in Bundles: a search result, a transaction, or a patient's file.
#[test]
fn resources_say_the_same_in_bundles_and_outside() {
    let lines = |name: &str| -> Vec<Value> {
        let text = std::fs::read_to_string(format!("fixtures/fhir-r4/{name}.ndjson")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let entry = |resource: &Value| json!({"fullUrl": "https://ehr.example/fhir/x", "resource": resource});
    let bundle = |resources: &[Value]| {
        let entries: Vec<Value> = resources.iter().map(entry).collect();
        json!({"resourceType": "Bundle", "type": "searchset", "entry": entries})
    };
    // The type of an object may come last.
    let turned = |resources: &[Value]| {
        let entries: Vec<String> = resources.iter().map(|resource| entry(resource).to_string()).collect();
        format!("{{\"entry\":[{}],\"resourceType\":\"Bundle\"}}", entries.join(","))
    };
    let within = |resources: &[Value]| {
        let inner: Vec<Value> = resources.chunks(3).map(|part| json!({"resource": bundle(part)})).collect();
        json!({"resourceType": "Bundle", "type": "batch-response", "entry": inner})
    };
    let folder = Folder::new();
    let mut expected = None;
    type Write<'w> = Box<dyn Fn(&[Value]) -> String + 'w>;
    let ways: Vec<(&str, Write<'_>)> = vec![
        ("NDJSON", Box::new(ndjson)),
        ("a Bundle on a line", Box::new(|all| bundle(all).to_string())),
        ("a Bundle over many lines", Box::new(|all| pretty(&bundle(all)))),
        (
            "a Bundle a line",
            Box::new(|all| all.chunks(4).map(|part| format!("{}\n", bundle(part))).collect()),
        ),
        (
            "a Bundle in pieces over many lines",
            Box::new(|all| all.chunks(4).map(|part| pretty(&bundle(part))).collect()),
        ),
        ("a Bundle with its type last", Box::new(turned)),
        ("Bundles in an array", Box::new(|all| json!([bundle(&all[..5]), bundle(&all[5..])]).to_string())),
        ("Bundles in a Bundle", Box::new(|all| within(all).to_string())),
        ("Bundles among resources", Box::new(|all| ndjson(&all[..5]) + &format!("{}\n", bundle(&all[5..])))),
        ("an array", Box::new(|all| json!(all).to_string())),
    ];
    for (name, write) in ways {
        folder.write("E.json", write(&lines("Encounter"))).write("C.json", write(&lines("Communication")));
        let words = [
            "--encounters",
            "E.json",
            "--messages",
            "C.json",
            "--layout",
            "fhir-r4",
            "--timezone",
            "America/New_York",
        ];
        let report = report(&folder, &words);
        let found = figures(&report);
        assert_eq!(report["inputs"][0]["aside_types"], json!(["Patient"]), "{name}");
        assert_eq!(report["inputs"][1]["aside_types"], json!(["Communication", "Encounter"]), "{name}");
        let expected = expected.get_or_insert_with(|| found.clone());
        assert_eq!(&found, expected, "{name}");
    }
}

/// The type of a participant decides whether the provider saw the patient, by the definitions of HL7's ParticipationType. Each type has
/// one visit.
#[test]
fn the_type_of_a_participant_says_whether_the_patient_was_seen() {
    // The type, then the lowest and highest denominator, or `None` if the provider is not listed.
    let table = [
        (Some("PPRF"), Some((1, 1))),
        (Some("SPRF"), Some((1, 1))),
        (Some("ATND"), Some((1, 1))),
        (Some("CON"), Some((1, 1))),
        (Some("ADM"), Some((1, 1))),
        (Some("DIS"), Some((1, 1))),
        (Some("PART"), Some((1, 1))),
        (None, Some((1, 1))),
        (Some("REF"), None),
        (Some("CALLBCK"), None),
        (Some("ESC"), None),
        (Some("INF"), None),
        (Some("translator"), None),
        // A participant who is responsible for a visit or signs it may or may not have seen the patient. So may a participant whose type
        // is the server's own.
        (Some("RESP"), Some((0, 1))),
        (Some("AUTHEN"), Some((0, 1))),
        (Some("our-own"), Some((0, 1))),
    ];
    let participant = |kind: Option<&str>, who: &str| {
        let types = kind.map(|code| json!([{"coding": [{"code": code}]}])).unwrap_or(json!([]));
        json!({"type": types, "individual": {"reference": who}})
    };
    let encounter = |number: usize, kind: Option<&str>| {
        json!({
            "resourceType": "Encounter", "id": format!("e{number}"), "status": "finished", "class": {"code": "AMB"},
            "subject": {"reference": format!("Patient/p{number}")}, "period": {"start": "2014-07-01"},
            "participant": [participant(Some("PPRF"), "Practitioner/main"), participant(kind, &format!("Practitioner/k{number:02}"))],
        })
    };
    let folder = Folder::new();
    let rows: Vec<Value> = table.iter().enumerate().map(|(n, (kind, _))| encounter(n, *kind)).collect();
    folder.write("E.ndjson", ndjson(&rows)).write("messages.csv", MESSAGES);
    let words = [
        "--encounters",
        "E.ndjson",
        "--messages",
        "messages.csv",
        "--layout",
        "encounters=fhir-r4,messages=canonical",
    ];
    let report = report(&folder, &words);
    let providers = report["providers"].as_array().unwrap();
    for (number, (kind, denominator)) in table.iter().enumerate() {
        let found = providers.iter().find(|it| it["provider_id"] == format!("k{number:02}").as_str());
        let bounds = found.map(|it| {
            (it["denominator"]["least"].as_i64().unwrap(), it["denominator"]["most"].as_i64().unwrap())
        });
        assert_eq!(&bounds, denominator, "{kind:?}");
    }
    // Other participants do not change the denominator of the provider who saw the patients.
    let main = providers.iter().find(|it| it["provider_id"] == "main").unwrap();
    assert_eq!(main["denominator"], json!({"least": table.len(), "most": table.len()}));
}

/// An encounter without a participant who can have seen the patient has no provider, and the report shows it.
#[test]
fn an_encounter_with_a_referrer_alone_is_rejected() {
    let folder = Folder::new();
    let encounter = json!({
        "resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"},
        "subject": {"reference": "Patient/p"}, "period": {"start": "2014-07-01"},
        "participant": [
            {"type": [{"coding": [{"code": "REF"}]}], "individual": {"reference": "Practitioner/k9"}},
            {"individual": {"reference": "RelatedPerson/r"}},
        ],
    });
    let seen = json!({
        "resourceType": "Encounter", "id": "f", "status": "finished", "class": {"code": "AMB"},
        "subject": {"reference": "Patient/q"}, "period": {"start": "2014-07-01"},
        "participant": [{"individual": {"reference": "Practitioner/k1"}}],
    });
    folder.write("E.ndjson", ndjson(&[encounter, seen])).write("messages.csv", MESSAGES);
    let words = [
        "--encounters",
        "E.ndjson",
        "--messages",
        "messages.csv",
        "--layout",
        "encounters=fhir-r4,messages=canonical",
    ];
    let report = report(&folder, &words);
    assert_eq!((&report["inputs"][0]["rows"], &report["inputs"][0]["rejected"]), (&json!(2), &json!(1)));
    let listed: Vec<&Value> =
        report["providers"].as_array().unwrap().iter().map(|it| &it["provider_id"]).collect();
    assert_eq!(listed, ["k1"]);
}

#[test]
fn json_that_holds_no_rows_is_refused_and_never_a_report_of_nothing() {
    let rows = visits();
    let (array, line) = (json!(rows).to_string(), rows[0].to_string());
    for (name, text, code, says) in [
        ("an array of arrays", "[[\"E1\",\"P1\"],[\"E2\",\"P2\"]]".to_owned(), "json-document", "jq"),
        ("an array of texts", "[\"E1\"]".to_owned(), "json-document", "jq"),
        ("objects by their ids", json!({"E1": rows[0], "E2": rows[1]}).to_string(), "json-document", "jq"),
        ("a list two levels down", pretty(&json!({"d": {"results": rows}})), "json-document", "jq"),
        ("two lists", json!({"visits": rows, "more": rows}).to_string(), "several-lists", "`visits`"),
        ("lists by patient", json!({"P1": rows, "P2": rows}).to_string(), "several-lists", "several keys"),
        ("an array that is cut off", array[..array.len() - 9].to_owned(), "damaged", "incomplete"),
        ("an array without its end", array[..array.len() - 1].to_owned(), "damaged", "incomplete"),
        ("an array with something behind it", format!("{array} and more"), "damaged", "incomplete"),
        (
            "an object over lines that is cut off",
            format!("{},\n\"x\":", line.trim_end_matches('}')),
            "damaged",
            "incomplete",
        ),
        (
            "a Bundle that is cut off",
            "{\"resourceType\":\"Bundle\",\n\"entry\":[{\"resource\":{\"id\":1".to_owned(),
            "damaged",
            "incomplete",
        ),
        (
            "an array of other objects",
            "[{\"pid\": \"P1\", \"seen\": \"2014-07-01\"}]".to_owned(),
            "missing-column",
            "`patient_id`",
        ),
        (
            "NDJSON of other objects",
            "{\"pid\": \"P1\"}\n{\"pid\": \"P2\"}".to_owned(),
            "missing-column",
            "layout",
        ),
    ] {
        let folder = Folder::new();
        folder.write("messages.csv", MESSAGES).write("visits.json", &text);
        let words = [
            "report",
            "--no-config",
            "--format",
            "json",
            "--period",
            "2014Q3",
            "--encounters",
            "visits.json",
            "--messages",
            "messages.csv",
        ];
        let output = folder.run(&words);
        assert_eq!(output.status.code(), Some(3), "{name}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["error"]["code"], code, "{name}");
        let message = report["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{name}: {message}");
        assert!(!message.contains("P1"), "{name} shows an id");
    }
}

/// A Bundle's own entries resolve its URN references. Outside the Bundle, only the patient is certain.
#[test]
fn references_by_urn_are_resolved_in_their_bundle() {
    let urn = |n: usize| format!("urn:uuid:00000000-0000-4000-8000-{n:012}");
    let encounter = json!({
        "resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"},
        "subject": {"reference": urn(1)}, "period": {"start": "2014-07-01"},
        "participant": [
            {"type": [{"coding": [{"code": "PPRF"}]}], "individual": {"reference": urn(2)}},
            {"individual": {"reference": urn(3)}},
        ],
    });
    let entry = |n: usize, kind: &str, id: &str| json!({"fullUrl": urn(n), "resource": {"resourceType": kind, "id": id}});
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        entry(1, "Patient", "P1"), entry(2, "Practitioner", "D1"), entry(3, "RelatedPerson", "R1"),
        {"fullUrl": urn(4), "resource": encounter},
    ]});
    let words = [
        "--encounters",
        "E.json",
        "--messages",
        "messages.csv",
        "--layout",
        "encounters=fhir-r4,messages=canonical",
    ];
    let folder = Folder::new();
    folder.write("messages.csv", MESSAGES).write("E.json", bundle.to_string());
    let whole = report(&folder, &words);
    let listed = |report: &Value| -> Vec<Value> {
        let of = |it: &Value| json!([it["provider_id"], it["denominator"], it["numerator"]]);
        report["providers"].as_array().unwrap().iter().map(of).collect()
    };
    let bounds = |least: u64, most: u64| json!({"least": least, "most": most});
    assert_eq!(listed(&whole), [json!(["D1", bounds(1, 1), bounds(1, 1)])]);
    // Outside its Bundle, the same encounter may be with either participant.
    folder.write("E.json", encounter.to_string());
    let alone = report(&folder, &words);
    let ids = ["00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000003"];
    let open = |id: &str| json!([id, bounds(0, 1), bounds(0, 0)]);
    assert_eq!(listed(&alone), ids.map(open));
}
