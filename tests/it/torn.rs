//! Rows broken by an extra or missing separator, quotation mark, or line end: any fragment may be a patient or a message. One of the
//! twenty patients seen wrote. Two of forty would be exactly 5 percent.

use serde_json::Value;

use crate::support::program::Folder;

const ENCOUNTERS: &str = "encounter_id,patient_id,provider_id,started_at,kind,status,seen_by,note";
const MESSAGES: &str =
    "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status,subject";

fn visit(number: usize, note: &str) -> String {
    format!(
        "E{number:03},P{number:03},D1,2014-07-{:02},office-visit,completed,eligible-professional,{note}",
        1 + number % 28
    )
}

fn message(number: usize, subject: &str) -> String {
    format!(
        "M{number},2014-08-0{number},P00{number},D1,patient,provider,ehr-portal,clinical-question,sent,{subject}"
    )
}

/// Returns the lowest and highest numerator and denominator of the only provider.
fn figures(encounters: &[String], messages: &[String]) -> String {
    let folder = Folder::new();
    folder.write("e.csv", format!("{ENCOUNTERS}\n{}\n", encounters.join("\n")));
    folder.write("m.csv", format!("{MESSAGES}\n{}\n", messages.join("\n")));
    let words = ["report", "--no-config", "--period", "2014Q3", "--format", "json", "--quiet"];
    let output = folder.run(&[&words[..], &["--encounters", "e.csv", "--messages", "m.csv"]].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    if output.status.code() != Some(0) {
        return report["error"]["code"].as_str().unwrap().to_owned();
    }
    let providers = report["providers"].as_array().unwrap();
    assert_eq!(providers.len(), 1, "{providers:#?}");
    let bounds = |of: &Value| format!("{}-{}", of["least"], of["most"]);
    format!("{}/{}", bounds(&providers[0]["numerator"]), bounds(&providers[0]["denominator"]))
}

/// Returns twenty visits, of which the last ones are replaced by `last`.
fn visits(last: &[&str]) -> Vec<String> {
    let whole = 20 - last.len();
    (1..=whole).map(|number| visit(number, "")).chain(last.iter().map(|row| (*row).to_owned())).collect()
}

#[test]
fn torn_encounters_may_be_patients() {
    let one = [message(1, "")];
    let quoted = |row: &str| format!("\"{}\"", row.replace('"', "\"\""));
    let whole_row = quoted(&visit(20, "ok"));
    let semicolons = visit(20, "ok").replace(',', ";");
    let twice = format!("{}{}", visit(19, "ok"), visit(20, "ok"));
    let all_quoted = |number: usize, note: &str| {
        visit(number, note).split(',').map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",")
    };
    let (inch, next) = (all_quoted(19, "pain 6\""), all_quoted(20, "ok"));
    for (what, rows, expected) in [
        ("as they should be", visits(&[]), "1-1/20-20"),
        ("the whole row is one quoted cell", visits(&[&whole_row]), "1-1/19-20"),
        ("another separator", visits(&[&semicolons]), "1-1/19-20"),
        ("two rows on one line", visits(&[&twice]), "1-1/19-21"),
        (
            "a separator is missing",
            visits(&["E020,P020,D1 2014-07-20,office-visit,completed,eligible-professional,ok"]),
            "1-1/19-20",
        ),
        (
            "the first one is missing",
            visits(&["E020 P020,D1,2014-07-20,office-visit,completed,eligible-professional,ok"]),
            "1-1/19-20",
        ),
        ("a line end in a note", visits(&[&visit(20, "left\nknee")]), "1-1/20-20"),
        ("a date in words is no footer", visits(&["P020,05-AUG-2014"]), "1-1/19-20"),
        (
            "a footer is one",
            {
                let mut rows = visits(&[]);
                rows.push("20 rows".to_owned());
                rows
            },
            "1-1/20-20",
        ),
        (
            "the columns in another order",
            visits(&[
                "provider_id,patient_id,encounter_id,started_at,kind,status,seen_by,note",
                &visit(20, ""),
            ]),
            "other-header",
        ),
        (
            "other columns, too, and names with digits",
            visits(&["reason 2,provider_id,started_at,patient_id,kind,status,seen_by,note", &visit(20, "")]),
            "other-header",
        ),
        (
            "the ids alone",
            visits(&["id,provider,patient,seen on,type,state,by,text", &visit(20, "")]),
            "other-header",
        ),
        ("a legend of two names", visits(&[&visit(19, ""), "status,kind"]), "1-1/19-19"),
        (
            "the header in capital letters",
            {
                let mut rows = visits(&[]);
                rows.push(ENCOUNTERS.to_uppercase());
                rows
            },
            "1-1/20-20",
        ),
        ("a mark for inches in a quoted note", visits(&[&inch, &next]), "1-1/18-20"),
    ] {
        assert_eq!(figures(&rows, &one), expected, "{what}");
    }
}

/// The rows within a cell are counted in their finding, also in an export of two columns. The lines of an id that begins and ends in the cell
/// may each be a row more.
#[test]
fn swallowed_rows_are_counted_in_their_finding() {
    let layout = "name = \"two\"\n[encounters.columns]\npatient_id = \"Patient\"\nstarted_at = \"Seen\"\n\
        provider_id = { constant = \"D1\" }\nkind = { constant = \"office-visit\" }\nstatus = { constant = \"completed\" }\n\
        seen_by = { constant = \"eligible-professional\" }\n";
    for (rows, swallowed, unusable) in [
        (&["P001,2014-07-01", "P002,2014-07-02"][..], 0, 0),
        (&["\"P001,2014-07-01", "P002,2014-07-02\",2014-07-02"], 0, 2),
        (&["\"P001", "P002,2014-07-02", "P004\",2014-07-02"], 2, 5),
        (&["\"P001", "P002,2014-07-02", "P005,2014-07-05", "P004\",2014-07-02"], 3, 7),
    ] {
        let folder = Folder::new();
        folder.write("e.csv", format!("Patient,Seen\n{}\nP003,2014-07-03\n", rows.join("\n")));
        folder.write("m.csv", format!("{MESSAGES}\n{}\n", message(1, ""))).write("two.toml", layout);
        let words = ["report", "--no-config", "--period", "2014Q3", "--format", "json", "--quiet"];
        let layout = ["--layout", "encounters=two.toml,messages=canonical"];
        let inputs = ["--encounters", "e.csv", "--messages", "m.csv"];
        let output = folder.run(&[&words[..], &inputs, &layout].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = report["findings"].as_array().unwrap().iter().find(|of| of["code"] == "swallowed-rows");
        let count = found.map_or(0, |finding| finding["count"].as_u64().unwrap());
        let rejected = report["inputs"][0]["rejected"].as_u64().unwrap();
        assert_eq!((count, rejected), (swallowed, unusable), "{rows:?}");
    }
}

/// A quotation mark that opens a cell by mistake swallows the rows up to the next mark. They are counted even if some lines do not look
/// like rows.
#[test]
fn swallowed_rows_are_counted_though_one_of_them_is_odd() {
    let one = [message(1, "")];
    let swallowed = |inner: &[String]| {
        let mut rows: Vec<String> = (1..=10).map(|number| visit(number, "")).collect();
        rows.push(visit(11, "\"left knee"));
        rows.extend(inner.iter().cloned());
        rows.push(visit(20, "right knee\""));
        rows
    };
    let inner = || (12..=19).map(|number| visit(number, "")).collect::<Vec<_>>();
    let with = |extra: &str| {
        let mut rows = inner();
        rows[3] = extra.to_owned();
        rows
    };
    for (what, inner, expected) in [
        ("all look like rows", inner(), "1-1/11-20"),
        ("a comma more", with(&visit(15, "a, b")), "1-1/11-20"),
        ("a blank line", with(""), "1-1/11-19"),
        ("a short line", with("E015,P015,D1,2014-07-15"), "1-1/11-20"),
        ("a single line end", Vec::new(), "1-1/11-12"),
    ] {
        assert_eq!(figures(&swallowed(&inner), &one), expected, "{what}");
    }
    // Lines of a note are not rows, although they contain commas and dates.
    for note in [
        "called, left a message\nseen 2014-07-01, again\n2014-07-02, called",
        "on 7/1/2014, aspirin, 81 mg\nfollow up 8/1/2014, call, return\nA, MD, 7/2/2014 10:00 AM",
        "Visits:\n7/1/2014, 7/8/2014, 7/15/2014\nok",
        "labs, 2014-06-01, normal\nvitals fine, good",
    ] {
        let note = visit(20, &format!("\"{note}\""));
        assert_eq!(figures(&visits(&[&note]), &one), "1-1/20-20", "{note}");
    }
}

/// A row with shifted cells is recognized by its day, even if its ids look like dates.
#[test]
fn ids_like_dates_move_no_cells() {
    let one = [message(1, "").replace("P001", "20140711")];
    let as_date = |row: &str| row.replace("P001,", "20140711,").replace("P020,", "123-45-6789,");
    for (what, rows, expected) in [
        ("a separator at the end", visits(&[&format!("{},", visit(20, ""))]), "1-1/20-20"),
        ("a cell too few", visits(&[visit(20, "").trim_end_matches(',')]), "1-1/20-20"),
        ("no day", visits(&[&format!("{},", visit(20, "").replace("2014-07-21", ""))]), "1-1/19-20"),
    ] {
        let rows: Vec<String> = rows.iter().map(|row| as_date(row)).collect();
        assert_eq!(figures(&rows, &one), expected, "{what}");
    }
}

/// Rows whose line ends were lost are counted by their cells or lines, whatever replaced the line ends.
#[test]
fn rows_on_one_line_are_counted_by_their_cells() {
    let one = [message(1, "")];
    let last: Vec<String> = (16..=20).map(|number| visit(number, "ok")).collect();
    for between in ["\r", "", ",", "\u{2028}", "\u{1e}"] {
        let mut rows = visits(&[]);
        rows.truncate(15);
        rows.push(last.join(between));
        let expected = figures(&rows, &one);
        let (_, most) = expected.rsplit_once('-').unwrap();
        assert!(
            expected.starts_with("1-1/15-") && most.parse::<u32>().unwrap() >= 20,
            "{between:?} {expected}"
        );
    }
}

/// A date that programs write for an unknown day is an unknown day.
#[test]
fn days_that_stand_for_none_are_unknown() {
    let one = [message(1, "")];
    for day in [
        "1900-01-01",
        "9999-12-31",
        "0001-01-01",
        "1899-12-30T00:00:00",
        "1970-01-01 00:00",
        "1969-12-31T19:00:00",
        "1753-01-01",
        "2079-06-06",
        "2262-04-11",
    ] {
        let row = visit(20, "").replace("2014-07-21", day);
        assert_eq!(figures(&visits(&[&row]), &one), "1-1/19-20", "{day}");
    }
    for day in ["1900-01-02", "1970-01-02T00:00:00", "2013-07-21"] {
        let row = visit(20, "").replace("2014-07-21", day);
        assert_eq!(figures(&visits(&[&row]), &one), "1-1/19-19", "{day}");
    }
}

/// If the cells of a row of the usual width moved, its day is in the column of an id or a value. The row may then be of any patient.
#[test]
fn rows_of_which_the_cells_moved_are_anybodys() {
    let one = [message(1, "")];
    let row = visit(20, "");
    let cells: Vec<&str> = row.split(',').collect();
    let day = cells.iter().position(|cell| cell.starts_with("2014-")).unwrap();
    // A comma in a text before the ids, with the last cell missing.
    let mut right = cells.clone();
    right.insert(1, " fever");
    right.truncate(cells.len());
    let mut left = cells.clone();
    left.remove(1);
    left.push("");
    assert!(right[day + 1].starts_with("2014-") && left[day - 1].starts_with("2014-"));
    for moved in [right, left] {
        assert_eq!(figures(&visits(&[&moved.join(",")]), &one), "1-1/19-20", "{moved:?}");
    }
}

/// An id neither begins or ends with a quotation mark nor contains a line break. Such an id is damaged, so the row may be of any patient.
#[test]
fn ids_that_are_parts_of_rows_are_damaged() {
    let one = [message(1, "")];
    for (id, expected) in [
        ("P020", "1-1/20-20"),
        ("\"P020\"", "1-1/20-20"),
        (" \"P020\"", "1-1/20-20"),
        ("\"\"\"P020\"\"\"", "1-1/20-20"),
        ("P020\"", "1-1/19-20"),
        ("\"\"\"P020\"", "1-1/19-20"),
        ("\"P020\u{2028}\n1\"", "1-1/19-21"),
        ("\"P020\nP021\nP022\"", "1-1/19-22"),
    ] {
        let row = visit(20, "").replace("P020", id);
        assert_eq!(figures(&visits(&[&row]), &one), expected, "{id:?}");
    }
    for id in ["P0\\u20281", "P0\\n1", "P0\\u00851", "P0\\u000b1", "\\\"P01"] {
        let line = |id: &str| {
            format!(
                "{{\"encounter_id\":\"E{id}\",\"patient_id\":\"{id}\",\"provider_id\":\"D1\",\"started_at\":\"2014-07-01\",\"kind\":\"office-visit\",\"status\":\"completed\"}}\n"
            )
        };
        // An id on two lines may be two patients.
        let most = if id.contains('"') { 2 } else { 3 };
        let folder = Folder::new();
        folder
            .write("e.ndjson", line("P1").replace("EP1", "E1") + &line(id).replace(&format!("E{id}"), "E2"));
        folder.write("m.csv", format!("{MESSAGES}\n"));
        let words = ["report", "--no-config", "--period", "2014Q3", "--format", "json", "--quiet"];
        let output = folder.run(&[&words[..], &["--encounters", "e.ndjson", "--messages", "m.csv"]].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let denominator = &report["providers"][0]["denominator"];
        assert_eq!((&denominator["least"], &denominator["most"]), (&1.into(), &most.into()), "{id}");
    }
}

#[test]
fn torn_messages_may_be_anybodys() {
    let rows = visits(&[]);
    for (what, row, expected) in [
        ("as it should be", message(2, ""), "2-2/20-20"),
        ("one quoted cell", format!("\"{}\"", message(2, "")), "1-2/20-20"),
        (
            "patient and provider in one cell",
            message(2, "").replace("P002,D1", "P002 D1").trim_end_matches(',').to_owned(),
            "1-2/20-20",
        ),
        ("two on one line", format!("{}{}", message(2, "x"), message(3, "x")), "1-3/20-20"),
    ] {
        assert_eq!(figures(&rows, &[message(1, ""), row]), expected, "{what}");
    }
}

/// Two objects on one line may be two encounters.
#[test]
fn objects_on_one_line_are_counted() {
    let folder = Folder::new();
    let object = |number: usize| {
        serde_json::json!({
            "encounter_id": format!("E{number}"), "patient_id": format!("P00{number}"), "provider_id": "D1",
            "started_at": "2014-07-01", "kind": "office-visit", "status": "completed", "seen_by": "eligible-professional",
        })
        .to_string()
    };
    let two = format!("{}{}", object(2), object(3));
    let array = format!("[{},{}]", object(2), object(3));
    for line in [two, array] {
        objects_count(&folder, &format!("{}\n{line}\n", object(1)));
    }
}

fn objects_count(folder: &Folder, lines: &str) {
    folder.write("e.ndjson", lines);
    folder.write("m.csv", format!("{MESSAGES}\n{}\n", message(1, "")));
    let words = ["report", "--no-config", "--period", "2014Q3", "--format", "json", "--quiet"];
    let output = folder.run(&[&words[..], &["--encounters", "e.ndjson", "--messages", "m.csv"]].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let denominator = &report["providers"][0]["denominator"];
    assert_eq!((&denominator["least"], &denominator["most"]), (&1.into(), &3.into()));
}

/// A roster does not settle an uncertain match: messages may spell ids as the roster does, and encounters in another way.
#[test]
fn a_roster_settles_no_spelling() {
    let folder = Folder::new();
    let rows = visits(&[]).join("\n").replace(",D1,", ",17,");
    folder.write("e.csv", format!("{ENCOUNTERS}\n{rows}\n"));
    let messages = [1, 2].map(|number| message(number, "").replace(",D1,", ",0017,"));
    folder.write("m.csv", format!("{MESSAGES}\n{}\n", messages.join("\n")));
    folder.write("r.csv", "provider_id,name\n0017,Clinic\n");
    let words = ["report", "--no-config", "--period", "2014Q3", "--format", "json", "--quiet"];
    for more in [&[][..], &["--roster", "r.csv"]] {
        let output =
            folder.run(&[&words[..], &["--encounters", "e.csv", "--messages", "m.csv"], more].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let providers = report["providers"].as_array().unwrap();
        let of = |id: &str| providers.iter().find(|of| of["provider_id"] == id);
        assert_eq!(of("17").unwrap()["verdict"], "indeterminate", "{more:?}");
        assert_eq!(report["matched"]["providers"]["found"], 0, "{more:?} {}", report["matched"]);
        if let Some(listed) = of("0017") {
            let exclusion = &listed["exclusions"][0];
            assert_eq!(
                (&exclusion["id"], &exclusion["applies"]),
                (&"no-office-visits".into(), &"unclear".into())
            );
        }
    }
}
