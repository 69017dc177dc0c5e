//! Tests that the same rows give the same result in every format, compression, and encoding, and that damaged files are refused.

use std::io::{Cursor, Write};
use std::sync::Arc;

use crate::support::files::{parquet, parquet_with_times, separated, workbook, workbook_of, zipped};
use crate::support::program::{Folder, report_words};
use crate::support::sheets::{self, Cell, SheetSpec};
use parquet::basic::{Compression, Encoding};
use parquet::data_type::ByteArrayType;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::{Map, Value};

const ROLES: [&str; 2] = ["encounters", "messages"];

/// Returns the header and rows of the fixture practice. The ids need care: they have leading zeros and letters beyond ASCII.
fn practice(role: &str) -> Vec<Vec<String>> {
    let path = format!("{}/fixtures/practice/{role}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path).unwrap();
    let rows: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    let width = rows[0].len();
    rows.into_iter()
        .filter(|row| row.len() == width)
        .map(|row| row.into_iter().map(|cell| cell.replace("P1", "00é")).collect())
        .collect()
}

/// Returns the report of the rows, without the fields about how they were read.
fn result(files: &[(&str, Vec<u8>)], more: &[&str]) -> Value {
    let folder = Folder::new();
    files.iter().for_each(|(name, bytes)| {
        folder.write(name, bytes);
    });
    let mut words = vec![
        "report",
        "--no-config",
        "--format",
        "json",
        "--period",
        "2014Q3",
        "--timezone",
        "America/Chicago",
    ];
    words.extend(["--encounters", files[0].0, "--messages", files[1].0]);
    words.extend(more);
    let output = folder.run(&words);
    assert_eq!(output.status.code(), Some(0), "{}: {}", files[0].0, String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows: Vec<&Value> = report["inputs"].as_array().unwrap().iter().map(|input| &input["rows"]).collect();
    let absent: Vec<&Value> =
        report["inputs"].as_array().unwrap().iter().map(|input| &input["absent"]).collect();
    serde_json::json!({ "providers": report["providers"], "waterfall": report["waterfall"], "group": report["group"], "rows": rows, "absent": absent })
}

fn written(name: &str, make: impl Fn(&[Vec<String>]) -> Vec<u8>) -> Vec<(String, Vec<u8>)> {
    ROLES.iter().map(|role| (format!("{role}{name}"), make(&practice(role)))).collect()
}

fn same(name: &str, more: &[&str], make: impl Fn(&[Vec<String>]) -> Vec<u8>) {
    let expected = result(
        &[
            ("e.csv", separated(&practice("encounters"), b',')),
            ("m.csv", separated(&practice("messages"), b',')),
        ],
        &[],
    );
    let files = written(name, make);
    let files: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    for threads in ["1", "3"] {
        let mut more = more.to_vec();
        more.extend(["--threads", threads]);
        assert_eq!(result(&files, &more), expected, "{name}");
    }
}

#[test]
fn every_separator_is_found_by_the_header() {
    let all = [
        (".tsv", b'\t'),
        (".semicolon.csv", b';'),
        (".pipe.txt", b'|'),
        (".tilde.txt", b'~'),
        (".hive.txt", 1),
    ];
    for (name, separator) in all {
        same(name, &[], |rows| separated(rows, separator));
    }
}

/// The header row is found below titles, and below the line in which a spreadsheet names the separator.
#[test]
fn the_header_is_found_behind_titles() {
    let behind = |before: &'static str, separator: u8| {
        move |rows: &[Vec<String>]| [before.as_bytes(), &separated(rows, separator)].concat()
    };
    same(".titles.csv", &[], behind("Report, all sites\nMade on 2014-10-01\n\n", b','));
    same(".sep.csv", &[], behind("sep=;\r\n", b';'));
    same(".mark.csv", &[], behind("\u{feff}\"sep=\t\"\n", b'\t'));
}

#[test]
fn packed_files_are_unpacked_and_their_bytes_are_those_of_the_file() {
    let csv = |rows: &[Vec<String>]| separated(rows, b',');
    same(".csv.gz", &[], |rows| gzip(&csv(rows)));
    // Several members, as some programs write.
    same(".members.csv.gz", &["--digest"], |rows| {
        let bytes = csv(rows);
        let (first, second) = bytes.split_at(bytes.len() / 2);
        [gzip(first), gzip(second)].concat()
    });
    same(".csv.zst", &[], |rows| zstd::encode_all(Cursor::new(csv(rows)), 3).unwrap());
    for method in [zip::CompressionMethod::Deflated, zip::CompressionMethod::Stored] {
        same(".zip", &["--digest"], |rows| zipped(&[("export/rows.csv", csv(rows))], method));
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn workbooks_and_parquet_are_read_out_of_what_they_are_packed_in() {
    let cells = |rows: &[Vec<String>]| {
        let cell = |text: &String| if text.is_empty() { Cell::Empty } else { Cell::Text(text.clone()) };
        let rows = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        vec![SheetSpec { name: "Rows".to_owned(), rows, ..SheetSpec::default() }]
    };
    type Maker<'m> = &'m dyn Fn(&[Vec<String>]) -> Vec<u8>;
    let makers: [(&str, Maker<'_>); 6] = [
        ("xlsx", &workbook),
        ("ods", &|rows| sheets::ods(&cells(rows))),
        ("xls", &|rows| sheets::xls(&cells(rows))),
        ("html", &|rows| sheets::web_page(&cells(rows))),
        ("parquet", &|rows| parquet(rows, WriterProperties::builder(), false, 7)),
        ("ndjson", &|rows| ndjson(rows)),
    ];
    for (name, make) in makers {
        same(&format!(".{name}"), &["--digest"], make);
        same(&format!(".{name}.gz"), &["--digest"], |rows| gzip(&make(rows)));
        same(&format!(".{name}.zst"), &["--digest"], |rows| {
            zstd::encode_all(Cursor::new(make(rows)), 3).unwrap()
        });
        for method in [zip::CompressionMethod::Deflated, zip::CompressionMethod::Stored] {
            let member = format!("rows.{name}");
            same(&format!(".{name}.zip"), &["--digest"], |rows| zipped(&[(&member, make(rows))], method));
        }
    }
}

#[test]
fn what_is_no_export_is_named_also_where_it_is_packed() {
    let kinds: [(&[u8], &str); 5] = [
        (b"BZh91AY&SY\x01\x02", "bzip2"),
        (b"\xFD7zXZ\0\0\x04", "xz"),
        (b"%PDF-1.7 ", "PDF"),
        (b"MSH|^~\\&|EHR|CLINIC\r", "HL7"),
        (b"-- MySQL dump 10.13\n", "SQL"),
    ];
    for (bytes, word) in kinds {
        for (name, bytes) in [("e.csv", bytes.to_vec()), ("e.csv.gz", gzip(bytes))] {
            let (exit, report) = encounters(name, &bytes, None);
            assert_eq!((exit, &report["error"]["code"]), (Some(3), &"not-an-export".into()), "{name} {word}");
            assert!(report["error"]["message"].as_str().unwrap().contains(word), "{name} {word}");
        }
    }
    let twice = gzip(&gzip(&separated(&practice("encounters"), b',')));
    let (exit, report) = encounters("e.csv.gz.gz", &twice, None);
    assert_eq!((exit, &report["error"]["code"]), (Some(3), &"archive".into()));
}

fn ndjson(rows: &[Vec<String>]) -> Vec<u8> {
    let object = |row: &Vec<String>| {
        let pairs = rows[0].iter().zip(row).map(|(name, cell)| (name.clone(), Value::from(cell.clone())));
        Value::Object(pairs.collect::<Map<_, _>>()).to_string()
    };
    rows[1..].iter().map(object).collect::<Vec<_>>().join("\n").into_bytes()
}

#[test]
fn encodings_are_read_by_their_mark_or_by_declaration() {
    let text = |rows: &[Vec<String>]| String::from_utf8(separated(rows, b',')).unwrap();
    let utf_16 = |text: String, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    same(".utf16le.csv", &[], |rows| utf_16(text(rows), u16::to_le_bytes));
    same(".utf16be.csv", &[], |rows| utf_16(text(rows), u16::to_be_bytes));
    same(".utf8.csv", &[], |rows| [b"\xEF\xBB\xBF", text(rows).as_bytes()].concat());
    same(".latin.csv", &["--encoding", "windows-1252"], |rows| {
        text(rows).chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
    });
}

#[test]
fn ndjson_is_read_object_by_object() {
    same(".ndjson", &[], |rows| {
        let object = |row: &Vec<String>| {
            let pairs = rows[0].iter().zip(row).map(|(name, cell)| (name.clone(), Value::from(cell.clone())));
            Value::Object(pairs.collect::<Map<_, _>>()).to_string()
        };
        // Blank lines and CRLF occur in real exports.
        rows[1..].iter().map(object).collect::<Vec<_>>().join("\r\n\n").into_bytes()
    });
}

#[test]
fn parquet_is_read_row_group_by_row_group() {
    same(".parquet", &[], |rows| parquet(rows, WriterProperties::builder(), false, 7));
}

#[test]
fn parquet_pages_are_read_however_their_texts_are_written() {
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        let of = || WriterProperties::builder().set_writer_version(version);
        let listed = of().set_data_page_row_count_limit(5).set_write_batch_size(3);
        same(".listed.parquet", &[], |rows| parquet(rows, listed.clone(), false, 40));
        same(".required.parquet", &[], |rows| parquet(rows, listed.clone(), true, 40));
        // The dictionary is full after a few texts, and the remaining texts are stored plain.
        let mixed = listed.clone().set_dictionary_page_size_limit(40);
        same(".mixed.parquet", &[], |rows| parquet(rows, mixed.clone(), false, 1000));
        same(".written.parquet", &[], |rows| parquet(rows, of().set_dictionary_enabled(false), false, 13));
        for encoding in [Encoding::DELTA_BYTE_ARRAY, Encoding::DELTA_LENGTH_BYTE_ARRAY] {
            let rare = of().set_dictionary_enabled(false).set_encoding(encoding);
            same(".rare.parquet", &[], |rows| parquet(rows, rare.clone(), false, 13));
        }
    }
}

/// Days and local times that are stored as numbers count like their texts, also unusual ones: placeholders for an unknown day, days long
/// past, and missing ones.
#[test]
fn parquet_times_count_like_their_texts() {
    const UNUSUAL: [&str; 5] =
        ["", "1900-01-01T00:00:00", "1970-01-01T00:00:00", "1965-03-01T23:59:59", "2099-12-31T00:00:00"];
    // The practice, with its readable days as times.
    let rows = |role: &str| {
        let mut rows = practice(role);
        let column = rows[0].iter().position(|name| name.ends_with("_at") && name != "updated_at").unwrap();
        let time = |text: &str| match text.len() {
            10 => Some(format!("{text}T00:00:00")).filter(|text| is_time(text)),
            _ => Some(text.to_owned()).filter(|text| is_time(text)),
        };
        for (at, row) in rows[1..].iter_mut().enumerate() {
            let unusual = UNUSUAL.get(at % 40).map(|text| (*text).to_owned());
            row[column] = unusual.or_else(|| time(&row[column])).unwrap_or_default();
        }
        (rows[0][column].clone(), column, rows)
    };
    for (unit, of_day) in [
        ("DATE", 1),
        ("TIMESTAMP(MILLIS,false)", 86_400_000),
        ("TIMESTAMP(MICROS,false)", 86_400_000_000),
        ("TIMESTAMP(NANOS,false)", 86_400_000_000_000),
    ] {
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        for role in ROLES {
            let (name, column, mut rows) = rows(role);
            numbers.push(parquet_with_times(&rows, &name, unit, of_day));
            for row in &mut rows[1..] {
                row[column].truncate(if unit == "DATE" { 10 } else { 19 });
            }
            texts.push(separated(&rows, b','));
        }
        let result = |names: [&str; 2], files: &[Vec<u8>]| {
            result(&[(names[0], files[0].clone()), (names[1], files[1].clone())], &[])
        };
        assert_eq!(
            result(["e.parquet", "m.parquet"], &numbers),
            result(["e.csv", "m.csv"], &texts),
            "{unit}"
        );
    }
}

fn is_time(text: &str) -> bool {
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").is_ok()
}

#[test]
fn parquet_is_unpacked_whatever_packed_it() {
    for packing in [
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::BROTLI(Default::default()),
        Compression::ZSTD(Default::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
    ] {
        let packed = WriterProperties::builder().set_compression(packing);
        same(".packed.parquet", &[], |rows| parquet(rows, packed.clone(), false, 30));
    }
}

#[test]
fn a_parquet_file_that_is_damaged_is_refused_and_never_half_read() {
    let rows = practice("encounters");
    for (version, lists) in [(WriterVersion::PARQUET_1_0, true), (WriterVersion::PARQUET_2_0, false)] {
        let how = WriterProperties::builder().set_writer_version(version).set_dictionary_enabled(lists);
        let whole = parquet(&rows, how, false, 20);
        let (_, good) = encounters("e.parquet", &whole, None);
        // Flip bits at intervals in the pages. The damage may go unnoticed in a text, but the reader must not lose a row or panic.
        for at in (4..whole.len() * 2 / 3).step_by(23) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x81;
            let (exit, report) = encounters("e.parquet", &bytes, None);
            let rows = &report["inputs"][0]["rows"];
            let is_whole = exit == Some(0) && *rows == good["inputs"][0]["rows"];
            assert!(exit == Some(3) || is_whole, "byte {at}: {exit:?} with {rows} rows");
        }
    }
}

#[test]
fn a_row_of_millions_of_letters_is_refused_in_every_format() {
    let mut rows = practice("encounters");
    rows.truncate(4);
    let id = rows[0].iter().position(|name| name == "patient_id").unwrap();
    rows[2][id] = "x".repeat(40 << 20);
    let object = |row: &Vec<String>| {
        let pairs = rows[0].iter().zip(row).map(|(name, cell)| (name.clone(), Value::from(cell.clone())));
        Value::Object(pairs.collect::<Map<_, _>>()).to_string()
    };
    let lines: Vec<String> = rows[1..].iter().map(object).collect();
    for (name, bytes) in [
        ("e.csv", separated(&rows, b',')),
        ("e.ndjson", lines.join("\n").into_bytes()),
        ("e.parquet", parquet(&rows, WriterProperties::builder(), false, 10)),
        ("e.xlsx", workbook(&rows)),
    ] {
        let (exit, report) = encounters(name, &bytes, None);
        assert_eq!((exit, &report["error"]["code"]), (Some(3), &"record-too-long".into()), "{name}");
    }
}

#[test]
fn ndjson_says_which_columns_never_came() {
    let lines = [
        r#"{"patient_id":"P1","provider_id":"A","started_at":"2014-07-01"}"#,
        r#"{"patient_id":"P2","provider_id":"A","started_at":"2014-07-01"}"#,
    ];
    let (_, report) = encounters("e.ndjson", lines.join("\n").as_bytes(), None);
    assert_eq!(report["inputs"][0]["absent"], serde_json::json!(["kind"]), "{report:#}");
    let kind = lines[1].replace('}', r#","kind":"office-visit"}"#);
    let (_, report) = encounters("e.ndjson", [lines[0], &kind].join("\n").as_bytes(), None);
    assert_eq!(report["inputs"][0]["absent"], serde_json::json!([]), "{report:#}");
}

#[test]
fn workbooks_are_read_from_the_sheet_that_fits() {
    same(".xlsx", &[], workbook);
}

#[test]
fn what_is_cut_off_is_refused_and_never_half_read() {
    let whole = |packed: Vec<u8>| packed[..packed.len() * 2 / 3].to_vec();
    let csv = separated(&practice("encounters"), b',').repeat(50);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&csv).unwrap();
    for (name, bytes) in [
        ("cut.csv.gz", whole(gzip.finish().unwrap())),
        ("cut.csv.zst", whole(zstd::encode_all(Cursor::new(&csv), 3).unwrap())),
        ("cut.zip", whole(zipped(&[("rows.csv", csv.clone())], zip::CompressionMethod::Deflated))),
        ("cut.xlsx", whole(workbook(&practice("encounters")))),
    ] {
        let folder = Folder::new();
        folder.write(name, bytes).write("messages.csv", separated(&practice("messages"), b','));
        let output = folder.run(&[
            "report",
            "--no-config",
            "--period",
            "2014Q3",
            "--encounters",
            name,
            "--messages",
            "messages.csv",
            "--timezone",
            "UTC",
        ]);
        assert_eq!(output.status.code(), Some(3), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stderr).contains(name), "{name}");
    }
}

/// Runs `report` on an encounters file of this name, without messages. Returns the exit code and the document.
fn encounters(name: &str, bytes: &[u8], layout: Option<&str>) -> (Option<i32>, Value) {
    let folder = Folder::new();
    folder.write(name, bytes).write("m.csv", "sent_at,patient_id\n");
    folder.write("layout.toml", layout.unwrap_or_default());
    let mut words = vec![
        "report",
        "--no-config",
        "--format",
        "json",
        "--period",
        "2014Q3",
        "--timezone",
        "America/New_York",
    ];
    words.extend(["--encounters", name, "--messages", "m.csv", "--ledger", "ledger.csv"]);
    if layout.is_some() {
        words.extend(["--layout", "layout.toml"]);
    }
    let output = folder.run(&words);
    let mut report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    if output.status.code() == Some(0) {
        let patients: Vec<String> = folder
            .read("ledger.csv")
            .lines()
            .skip(1)
            .map(|line| line.split(',').nth(1).unwrap().to_owned())
            .collect();
        report["patients"] = patients.into();
    }
    (output.status.code(), report)
}

#[test]
fn ids_that_are_numbers_keep_every_digit() {
    // Parquet: unsigned integers, decimals, and bytes.
    let schema = "message rows { required int32 patient_id (INTEGER(32,false)); required binary provider_id (STRING); \
                  required int32 started_at (DATE); }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let mut columns = writer.next_row_group().unwrap();
    let mut column = columns.next_column().unwrap().unwrap();
    column.typed::<parquet::data_type::Int32Type>().write_batch(&[-1_294_967_296, 7], None, None).unwrap();
    column.close().unwrap();
    let mut column = columns.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&["A".into(), "A".into()], None, None).unwrap();
    column.close().unwrap();
    let mut column = columns.next_column().unwrap().unwrap();
    column.typed::<parquet::data_type::Int32Type>().write_batch(&[16_252, 16_253], None, None).unwrap();
    column.close().unwrap();
    columns.close().unwrap();
    let (_, report) = encounters("e.parquet", &writer.into_inner().unwrap(), None);
    assert_eq!(report["patients"], serde_json::json!(["3000000000", "7"]));
    assert_eq!(report["providers"][0]["denominator"]["most"], 2, "{report:#}");

    // NDJSON: a number of any length keeps its digits. A row in which a field has two values is unusable.
    let lines = [
        r#"{"patient_id":18000000000000000001,"provider_id":"A","started_at":"2014-07-01"}"#,
        r#"{"patient_id":12345678901234567890123,"provider_id":"A","started_at":"2014-07-01"}"#,
        r#"{"patient_id":"B","patient_id":"C","provider_id":"A","started_at":"2014-07-01"}"#,
    ];
    let (_, report) = encounters("e.ndjson", lines.join("\n").as_bytes(), None);
    let long = ["12345678901234567890123", "18000000000000000001"];
    assert_eq!(report["patients"], serde_json::json!(long));
    assert_eq!(
        (&report["findings"][0]["code"], &report["findings"][0]["count"]),
        (&"not-json".into(), &1.into())
    );
}

#[test]
fn what_could_be_meant_twice_is_not_chosen() {
    let rows = practice("encounters");
    let sheets = workbook(&rows);
    assert_eq!(encounters("one.xlsx", &sheets, None).0, Some(0));
    // The cover is a second sheet with the same columns.
    let two = workbook_of(&rows, &rows);
    let (exit, report) = encounters("two.xlsx", &two, None);
    assert_eq!((exit, &report["error"]["code"]), (Some(3), &"several-sheets".into()));
    // Two arrays in one document.
    let list = r#"[{"patient_id":"P1","provider_id":"A","started_at":"2014-07-01"}]"#;
    let lists = format!("{{\"old\":{list},\n\"new\":{list}}}\n");
    let (exit, report) = encounters("lists.json", lists.as_bytes(), None);
    assert_eq!((exit, &report["error"]["code"]), (Some(3), &"several-lists".into()));
}

/// A canonical value in a canonical column means itself, whatever a layout maps other values to.
#[test]
fn a_layout_leaves_our_words_alone() {
    let csv = b"patient_id,provider_id,started_at,status\nP1,A,2014-07-01,completed\nP2,A,2014-07-01,cancelled\nP3,A,2014-07-01,odd\n";
    let ids = "patient_id = \"patient_id\"\nprovider_id = \"provider_id\"\nstarted_at = \"started_at\"\nkind = { constant = \"office-visit\" }";
    let seen = |status: &str| {
        let layout = format!("[encounters.columns]\n{ids}\nstatus = {{ from = \"status\", {status} }}\n");
        let (_, report) = encounters("e.csv", csv, Some(&layout));
        let denominator = &report["providers"][0]["denominator"];
        [denominator["least"].as_u64().unwrap(), denominator["most"].as_u64().unwrap()]
    };
    assert_eq!(seen("otherwise = \"completed\""), [2, 2], "P1, and the odd one");
    assert_eq!(seen("filled = \"completed\""), [2, 2]);
    assert_eq!(seen("beginnings = { c = \"completed\" }"), [1, 2]);
}

#[test]
fn a_layout_cannot_be_wrong_in_silence() {
    let csv = b"who,doctor,day,test\nP1,A,7/1/2014,N\nP2,A,9/30/2014,Y\n";
    let layout = |more: &str| {
        format!(
            "{more}\n[encounters.columns]\npatient_id = \"who\"\nprovider_id = \"doctor\"\nstarted_at = {{ from = \"day\", dates = [\"M/D/YYYY\"], zone = \"UTC\" }}\nkind = {{ constant = \"office-visit\" }}\n"
        )
    };
    // A date without a time has no time zone, so it does not move to another day.
    let (_, report) = encounters("e.csv", csv, Some(&layout("")));
    assert_eq!(report["providers"][0]["denominator"]["least"], 2, "{report:#}");
    let (_, report) = encounters("e.csv", csv, Some(&layout("[encounters]\nskip = [{ test = [\"y\"] }]")));
    assert_eq!((&report["patients"], &report["inputs"][0]["aside"]), (&serde_json::json!(["P1"]), &1.into()));
    // A misspelled name of an optional column is reported.
    let slip = "[encounters.columns]\nstatus = \"Test \"";
    let slip = layout("").replace("[encounters.columns]", slip);
    let (_, report) = encounters("e.csv", csv, Some(&slip));
    assert_eq!(
        (&report["findings"][0]["code"], &report["findings"][0]["first"]["column"]),
        (&"near-miss-column".into(), &"test".into())
    );
    let (exit, report) = encounters("e.csv", csv, Some(&layout("[encounters]\nskip = [{ tset = [\"y\"] }]")));
    assert_eq!((exit, &report["error"]["code"]), (Some(3), &"missing-column".into()));
    for wrong in [
        "encoding = \"klingon\"",
        "[messages.columns]\nsent_at = { form = \"x\" }",
        "[messages.columns]\nsent_at = []",
        "[messages.columns]\nsent = \"x\"",
        "[messages.columns]\ntopic = { from = \"x\", words = { a = \"refil\" } }",
        "[messages.columns]\nsent_at = { from = \"x\", dates = [\"M/D\"] }",
        "[messages.columns]\nsent_at = { from = \"x\", zone = \"Mars\" }",
        "extends = \"epik\"",
    ] {
        assert_eq!(encounters("e.csv", csv, Some(wrong)).0, Some(2), "{wrong}");
    }
}

#[test]
fn a_declared_encoding_is_not_laid_over_text_that_is_utf_8() {
    let folder = Folder::new();
    folder.write("e.csv", "patient_id,provider_id,started_at,kind\né1,A,2014-07-01,office-visit\n");
    folder.write("m.csv", b"sent_at,patient_id,provider_id,sender,recipient,channel,topic\n2014-07-02,\xE91,A,patient,provider,ehr-portal,test-result\n");
    let mut words = report_words(&["--no-config", "--period", "2014Q3", "--encoding", "windows-1252"]);
    words.retain(|word| !word.ends_with(".csv") && !["--encounters", "--messages"].contains(word));
    words.extend(["--encounters", "e.csv", "--messages", "m.csv"]);
    let report: Value = serde_json::from_slice(&folder.run(&words).stdout).unwrap();
    assert_eq!(report["providers"][0]["numerator"]["least"], 1, "{report:#}");
}

#[test]
fn bytes_that_mean_nothing_in_an_encoding_are_refused_where_they_are_used() {
    let folder = Folder::new();
    folder.write("m.csv", "sent_at,patient_id\n");
    let utf_16 = |id: u16| -> Vec<u8> {
        let text = |text: &str| text.encode_utf16().collect::<Vec<_>>();
        let units =
            [text("\u{FEFF}patient_id,provider_id,started_at,note\nP"), vec![id], text(",A,2014-07-01,x\n")]
                .concat();
        units.into_iter().flat_map(u16::to_le_bytes).collect()
    };
    for (id, exit) in [(0x00E9, Some(0)), (0xD800, Some(3))] {
        folder.write("e.csv", utf_16(id));
        let output = folder.run(&[
            "report",
            "--no-config",
            "--period",
            "2014Q3",
            "--encounters",
            "e.csv",
            "--messages",
            "m.csv",
        ]);
        assert_eq!(output.status.code(), exit, "{}", String::from_utf8_lossy(&output.stderr));
    }
}
