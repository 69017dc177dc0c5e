//! Workbooks as inputs, in every format with sheets: which sheet is read, what the report shows about it, and what is refused.

use crate::support::program::Folder;
use crate::support::sheets::{BOOKS, Cell, SheetSpec, ods, sheet_of, web_page, xlsx};
use serde_json::{Value, json};

/// Returns `count` visits to one doctor, without the header.
fn visits(count: usize) -> String {
    (1..=count).map(|at| format!("V{at},P{at:02},D1,2014-07-{at:02},office-visit\n")).collect()
}

const HEADER: &str = "encounter_id,patient_id,provider_id,started_at,kind\n";

/// Two patients wrote.
const MESSAGES: &str = "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic\n\
     M1,2014-08-05,P01,D1,patient,provider,ehr-portal,clinical-question\n\
     M2,2014-08-05,P02,D1,patient,provider,ehr-portal,clinical-question\n";

fn visits_on(name: &str, count: usize) -> SheetSpec {
    sheet_of(name, &format!("{HEADER}{}", visits(count)))
}

fn hidden(sheet: SheetSpec) -> SheetSpec {
    SheetSpec { hidden: true, ..sheet }
}

fn chart(name: &str) -> SheetSpec {
    SheetSpec { name: name.to_owned(), chart: true, ..SheetSpec::default() }
}

/// Runs a command on a workbook of encounters and the messages. Returns the exit code and the JSON output.
fn run_on_sheet(command: &str, file: &str, bytes: &[u8], layout: Option<&str>) -> (Option<i32>, Value) {
    let folder = Folder::new();
    folder.write(file, bytes).write("m.csv", MESSAGES);
    let mut words = vec![command, "--no-config", "--format", "json", "--period", "2014Q3"];
    words.extend(["--encounters", file, "--messages", "m.csv"]);
    if let Some(layout) = layout {
        folder.write("layout.toml", layout);
        words.extend(["--layout", "encounters=layout.toml"]);
    }
    let output = folder.run(&words);
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

fn report(file: &str, bytes: &[u8], layout: Option<&str>) -> (Option<i32>, Value) {
    run_on_sheet("report", file, bytes, layout)
}

/// Returns the lowest numerator, the lowest and highest denominator of the only provider, and the sheet.
fn figures(report: &Value) -> Value {
    let provider = &report["providers"][0];
    json!([
        provider["numerator"]["least"],
        provider["denominator"]["least"],
        provider["denominator"]["most"],
        report["inputs"][0]["sheet"]
    ])
}

fn finding<'r>(report: &'r Value, code: &str) -> Option<&'r Value> {
    report["findings"].as_array()?.iter().find(|finding| finding["code"] == code)
}

#[test]
fn the_sheet_that_is_shown_and_has_the_columns_is_read() {
    let cover = || sheet_of("Cover", "An export\nof visits\n");
    let template = || sheet_of("Template", &HEADER.replace("kind", "kind,status,seen_by"));
    let more = || {
        sheet_of(
            "old",
            &format!(
                "{}V9,P09,D9,2014-07-09,office-visit,completed\n",
                HEADER.replace("kind", "kind,status")
            ),
        )
    };
    let book = || visits_on("Visits", 20);
    for (name, make) in BOOKS {
        for (what, sheets) in [
            ("alone", vec![book()]),
            ("behind a cover", vec![cover(), book()]),
            ("before a hidden one with a column more", vec![book(), hidden(more())]),
            ("behind a hidden one", vec![hidden(more()), book()]),
            ("beside charts", vec![chart("Chart 1"), book(), chart("Chart 2")]),
            ("beside a template with more columns", vec![template(), book()]),
            ("beside a blank one", vec![sheet_of("Sheet1", ""), book()]),
        ] {
            let (exit, report) = report(&format!("e.{name}"), &make(&sheets), None);
            assert_eq!((exit, figures(&report)), (Some(0), json!([2, 20, 20, "Visits"])), "{name}: {what}");
        }
    }
}

#[test]
fn two_sheets_that_could_be_meant_are_refused_until_a_layout_names_one() {
    let sheets = [visits_on("July", 20), visits_on("August", 10)];
    for (name, make) in BOOKS {
        let file = format!("e.{name}");
        for command in ["report", "validate"] {
            let (exit, report) = run_on_sheet(command, &file, &make(&sheets), None);
            let message = report["error"]["message"].as_str().unwrap_or_default().to_owned();
            assert_eq!((exit, &report["error"]["code"]), (Some(3), &"several-sheets".into()), "{name}");
            for word in ["July", "August", "sheet = \"July\""] {
                assert!(message.contains(word), "{name}: {word} in {message}");
            }
        }
        for (named, count) in [("July", 20), ("August", 10), ("august ", 10)] {
            let layout = format!("name = \"ours\"\n[encounters]\nsheet = \"{named}\"\n");
            let (exit, report) = report(&file, &make(&sheets), Some(&layout));
            assert_eq!((exit, &figures(&report)[1]), (Some(0), &json!(count)), "{name}: {named}");
        }
        let (exit, report) =
            report(&file, &make(&sheets), Some("name = \"ours\"\n[encounters]\nsheet = \"June\"\n"));
        assert_eq!((exit, &report["error"]["code"]), (Some(3), &"no-such-sheet".into()), "{name}");
    }
}

#[test]
fn a_hidden_sheet_is_read_only_if_a_layout_names_it() {
    let sheets = [sheet_of("Cover", "An export\n"), hidden(visits_on("Visits", 20))];
    for (name, make) in BOOKS {
        let file = format!("e.{name}");
        let (exit, told) = report(&file, &make(&sheets), None);
        assert_eq!((exit, &told["error"]["code"]), (Some(3), &"hidden-sheet".into()), "{name}");
        assert!(told["error"]["message"].as_str().unwrap().contains("sheet = \"Visits\""), "{name}");
        let layout = "name = \"ours\"\n[encounters]\nsheet = \"Visits\"\n";
        let (exit, report) = report(&file, &make(&sheets), Some(layout));
        assert_eq!((exit, figures(&report)), (Some(0), json!([2, 20, 20, "Visits"])), "{name}");
    }
}

#[test]
fn a_sheet_is_named_wherever_a_row_of_it_is() {
    let mut book = visits_on("Visits", 20);
    // A day that does not exist.
    book.rows[7][3] = Cell::Text("2014-13-01".to_owned());
    for (name, make) in BOOKS {
        let file = format!("e.{name}");
        let folder = Folder::new();
        folder.write(&file, make(std::slice::from_ref(&book))).write("m.csv", MESSAGES);
        let inputs = ["--no-config", "--period", "2014Q3", "--encounters", &file, "--messages", "m.csv"];
        let run = |words: &[&str]| {
            let output = folder.run(&[words, &inputs].concat());
            String::from_utf8(output.stdout).unwrap()
        };
        let place = format!("{file}#Visits:8");
        let table = run(&["report", "--ledger", "ledger.csv"]);
        assert!(table.contains(&format!("encounters from {file}, sheet Visits")), "{table}");
        assert!(table.contains(&place), "{table}");
        assert!(folder.read("ledger.csv").contains(&format!("{file}#Visits:2,m.csv:2")));
        for words in [
            &["report", "--format", "md"][..],
            &["report", "--format", "sarif"],
            &["report", "--format", "junit"],
            &["validate"],
            &["validate", "--format", "junit"],
            &["validate", "--format", "github"],
        ] {
            let told = run(words);
            assert!(told.contains("Visits"), "{words:?}: {told}");
        }
        let explained = run(&["explain", "--patient", "P01"]);
        assert!(explained.contains(&format!("{file}#Visits:2")), "{explained}");
    }
}

#[test]
fn rows_that_are_hidden_count_with_a_warning() {
    let formats = BOOKS.into_iter().chain([("html", web_page as fn(&[SheetSpec]) -> Vec<u8>)]);
    let book = SheetSpec { hidden_rows: (11..21).collect(), ..visits_on("Visits", 20) };
    for (name, make) in formats {
        for command in ["report", "validate"] {
            let (_, report) =
                run_on_sheet(command, &format!("e.{name}"), &make(std::slice::from_ref(&book)), None);
            let finding = finding(&report, "hidden-rows").unwrap_or_else(|| panic!("{name}: {report:#}"));
            let first = if command == "report" { &finding["first"] } else { &finding["places"][0] };
            assert_eq!(
                [&finding["severity"], &finding["count"], &first["line"]],
                [&json!("warning"), &json!(10), &json!(12)],
                "{name} {command}"
            );
        }
        let (_, report) = report(&format!("e.{name}"), &make(std::slice::from_ref(&book)), None);
        assert_eq!(figures(&report)[1], 20, "{name}");
        let (_, without) =
            run_on_sheet("report", &format!("e.{name}"), &make(&[visits_on("Visits", 20)]), None);
        assert!(finding_is_absent(&without, "hidden-rows"), "{name}");
    }
}

fn finding_is_absent(report: &Value, code: &str) -> bool {
    finding(report, code).is_none()
}

#[test]
fn a_formula_without_a_value_is_absent_and_told_where_its_column_is_read() {
    for (name, make) in [("xlsx", xlsx as fn(&[SheetSpec]) -> Vec<u8>), ("ods", ods)] {
        let mut book = visits_on("Visits", 20);
        book.rows[0].push(Cell::Text("age".to_owned()));
        book.rows[1..].iter_mut().for_each(|row| row.push(Cell::Unvalued));
        let (_, told) = report(&format!("e.{name}"), &make(std::slice::from_ref(&book)), None);
        assert!(finding_is_absent(&told, "formula-without-value"), "{name}: nobody reads that column");
        book.rows[3][4] = Cell::Unvalued;
        book.rows[5][4] = Cell::Unvalued;
        let (_, told) = report(&format!("e.{name}"), &make(std::slice::from_ref(&book)), None);
        let finding = finding(&told, "formula-without-value").unwrap_or_else(|| panic!("{name}: {told:#}"));
        assert_eq!(
            [&finding["count"], &finding["first"]["line"], &finding["first"]["column"]],
            [&json!(2), &json!(4), &json!("kind")],
            "{name}"
        );
        assert_eq!(figures(&told), json!([2, 18, 20, "Visits"]), "{name}: the kind is unknown");
    }
}

#[test]
fn numbers_with_zeros_by_format_are_ids_as_shown() {
    for (name, make) in BOOKS.into_iter().chain([("html", web_page as fn(&[SheetSpec]) -> Vec<u8>)]) {
        let mut book = visits_on("Visits", 20);
        for (at, row) in book.rows.iter_mut().enumerate().skip(1) {
            row[1] = Cell::Zeros(at as f64);
        }
        let folder = Folder::new();
        folder.write("e", make(&[book])).write("m.csv", MESSAGES.replace(",P0", ",0000"));
        let output = folder.run(&[
            "report",
            "--no-config",
            "--format",
            "json",
            "--period",
            "2014Q3",
            "--encounters",
            "e",
            "--messages",
            "m.csv",
        ]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["providers"][0]["numerator"]["least"], 2, "{name}: {report:#}");
    }
}

#[test]
fn tables_of_a_web_page_are_read_and_a_page_without_them_is_named() {
    let page = |sheets: &[SheetSpec]| web_page(sheets);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let cover = || sheet_of("Cover", "Report of visits\nprinted 2014-10-01\n");
    let book = || visits_on("Visits", 20);
    for (what, bytes, sheet) in [
        ("one table", page(&[book()]), Value::Null),
        ("several tables", page(&[cover(), book()]), json!("table 2")),
        ("no page around it", text(page(&[book()])).replace("<html>", "").into_bytes(), Value::Null),
        ("a mark", [b"\xEF\xBB\xBF".to_vec(), page(&[book()])].concat(), Value::Null),
        (
            "two bytes a letter",
            std::iter::once(0xFEFF)
                .chain(text(page(&[book()])).encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect(),
            Value::Null,
        ),
        ("headings", text(page(&[book()])).replacen("td", "th", 11).into_bytes(), Value::Null),
        (
            "capitals",
            text(page(&[book()])).replace("table", "TABLE").replace("td", "TD").into_bytes(),
            Value::Null,
        ),
    ] {
        let (exit, report) = report("visits.xls", &bytes, None);
        assert_eq!((exit, figures(&report)), (Some(0), json!([2, 20, 20, sheet])), "{what}: {report:#}");
    }
    let spanned = text(page(&[book()])).replacen("<td", "<td rowspan=\"2\"", 8);
    let other = b"<html><table><tr><td>a<td>b<td>c</tr><tr><td>1<td>2<td>3</tr></table></html>";
    let (exit, told) = report("visits.xls", other, None);
    assert_eq!((exit, &told["error"]["code"]), (Some(3), &"missing-column".into()), "rows of something else");
    let login = b"<html><body><form><table><tr><td>User</td></tr></table></form></body></html>";
    for (what, bytes, word) in [
        ("cells over several rows", spanned.as_bytes(), "span"),
        ("a page to sign in", login, "web page"),
        ("a page without a table", b"<!DOCTYPE html><p>Session ended", "web page"),
    ] {
        let (exit, report) = report("visits.xls", bytes, None);
        assert_eq!((exit, &report["error"]["code"]), (Some(3), &"not-an-export".into()), "{what}");
        assert!(report["error"]["message"].as_str().unwrap().contains(word), "{what}");
    }
}

#[test]
fn a_workbook_with_a_password_is_named() {
    let locked = crate::support::sheets::compound("EncryptedPackage", &[0; 9000]);
    let word = crate::support::sheets::compound("WordDocument", &[0; 9000]);
    for (bytes, said) in [(locked, "password"), (word, "Word")] {
        let (exit, report) = report("e.xlsx", &bytes, None);
        assert_eq!((exit, &report["error"]["code"]), (Some(3), &"not-an-export".into()));
        assert!(report["error"]["message"].as_str().unwrap().contains(said), "{report:#}");
    }
}

#[test]
fn rows_of_a_title_stand_before_the_header() {
    let mut book = visits_on("Visits", 20);
    let title = ["Visits of the practice", "Printed 2014-10-01", "Doctors: all"];
    let lines = title.map(|line| vec![Cell::Text(line.to_owned()), Cell::Empty]);
    book.rows.splice(0..0, lines);
    for (name, make) in BOOKS.into_iter().chain([("html", web_page as fn(&[SheetSpec]) -> Vec<u8>)]) {
        let (exit, report) = report(&format!("e.{name}"), &make(std::slice::from_ref(&book)), None);
        assert_eq!((exit, &figures(&report)[1]), (Some(0), &json!(20)), "{name}: {report:#}");
        assert_eq!(report["inputs"][0]["rows"], 20, "{name}");
    }
}

#[test]
fn a_workbook_with_both_kinds_of_rows_is_read_as_both() {
    let sheets =
        [visits_on("Visits", 20), sheet_of("Mail", MESSAGES), hidden(visits_on("Old", 5)), chart("Chart")];
    for (name, make) in BOOKS {
        let file = format!("book.{name}");
        let folder = Folder::new();
        folder.write(&file, make(&sheets));
        let shown = String::from_utf8(folder.run(&["inspect", &file]).stdout).unwrap();
        for line in ["sheet Visits: 20 rows", "sheet Mail: 2 rows", "sheet Old: 5 rows, hidden"] {
            assert!(shown.contains(line), "{name}: {line} in {shown}");
        }
        for kind in ["as encounters", "as messages"] {
            assert!(shown.contains(kind), "{name}: {kind} in {shown}");
        }
        let output = folder.run(&["init", "-y", "--period", "2014Q3", &file]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let output = folder.run(&["report", "--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(figures(&report), json!([2, 20, 20, "Visits"]), "{name}: {report:#}");
        assert_eq!(report["inputs"][1]["sheet"], "Mail", "{name}");
    }
}

/// A damaged workbook is either read or refused with an error, and never causes a panic.
#[test]
fn a_workbook_that_is_damaged_is_never_a_defect() {
    let book = [visits_on("Visits", 6), hidden(visits_on("Old", 2))];
    for (name, make) in BOOKS.into_iter().chain([("html", web_page as fn(&[SheetSpec]) -> Vec<u8>)]) {
        let whole = make(&book);
        let is_zip = whole.starts_with(b"PK");
        // The parts of an archive are damaged, not the archive, because its checksums would reveal any other damage.
        let parts: Vec<(String, Vec<u8>)> = if is_zip { parts(&whole) } else { vec![(String::new(), whole)] };
        let folder = Folder::new();
        let mut step = 7_usize;
        for round in 0..60 {
            let mut damaged = parts.clone();
            let at = round % damaged.len();
            let bytes = &mut damaged[at].1;
            for _ in 0..3 {
                step = step.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let place = (step >> 33) % bytes.len();
                bytes[place] ^= 1 << ((step >> 20) % 8);
            }
            let file = match is_zip {
                true => {
                    let parts: Vec<(&str, Vec<u8>)> =
                        damaged.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
                    crate::support::files::zipped(&parts, zip::CompressionMethod::Stored)
                }
                false => damaged.remove(0).1,
            };
            folder.write("e", file);
            let output = folder.run(&["inspect", "e"]);
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(
                matches!(output.status.code(), Some(0 | 3)),
                "{name} {round}: {:?} {told}",
                output.status
            );
            assert!(!told.contains("panicked"), "{name} {round}: {told}");
        }
    }
}

/// Returns the parts of an archive.
fn parts(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
        parts.push((part.name().unwrap().into_owned(), bytes));
    }
    parts
}

/// A second sheet that continues the first may contain half of the patients. The workbook is refused until a layout names the sheet.
#[test]
fn a_sheet_that_goes_on_with_the_data_is_refused() {
    let first = visits_on("Visits", 20);
    let more = visits(20).replace(",P", ",Q");
    let other_name = HEADER.replace("started_at", "start");
    let lookup = "code,meaning,valid from,valid to,by\n1,first,2010,2020,me\n";
    for (second, is_refused) in [
        (sheet_of("Sheet2", &more), true),
        (sheet_of("Sheet2", &format!("page 2\n{more}")), true),
        (sheet_of("Sheet2", &format!("{other_name}{more}")), true),
        (sheet_of("Notes", "made on 2014-10-01\n"), false),
        (sheet_of("Sums", "2014-07-01,20\n2014-08-01,12\n"), false),
        (sheet_of("Codes", lookup), false),
        (sheet_of("By day", "Day,Doctor,Visits,Minutes\n2014-07-01,D1,20,300\n"), false),
        (sheet_of("Messages", MESSAGES), false),
    ] {
        let book = xlsx(&[first.clone(), second.clone()]);
        let (exit, told) = report("e.xlsx", &book, None);
        let code = told["error"]["code"].as_str();
        assert_eq!(
            (exit, code),
            if is_refused { (Some(3), Some("several-sheets")) } else { (Some(0), None) },
            "{}",
            second.name
        );
        let (exit, told) = report("e.xlsx", &book, Some("name = \"x\"\n[encounters]\nsheet = \"Visits\"\n"));
        assert_eq!((exit, figures(&told)), (Some(0), json!([2, 20, 20, "Visits"])));
    }
}
