//! The measure as SQL text gives what the program gives: row by row of the ledger, figure by figure.
//!
//! SQLite runs the text here. What other engines need for the same comparison is left in `target/tmp/warehouse`, where
//! `.ci/warehouse` takes it up with DuckDB, PostgreSQL and Spark.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that panics has failed"
)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value as Cell;
use serde_json::Value;

use mucalc::domain::words::{Certified, DayIn, UNKNOWN, WordList};
use mucalc::edition::model::{Counted, Section};
use mucalc::edition::{self, Edition};
use support::cases::{self, Row};
use support::program::Folder;
use support::tables::{Tables, columns, of_cases, of_world};
use support::worlds;

/// Rows of texts, in the order in which they are compared.
type Rows = Vec<Vec<String>>;

/// What a query can be asked for here.
const RESULTS: [&str; 3] = ["summary", "ledger", "waterfall"];

/// The SQL text for a run.
fn sql(folder: &Folder, tables: &Tables, dialect: &str, result: &str) -> String {
    let mut words: Vec<String> =
        ["sql", "--quiet", "--dialect", dialect, "--result", result].map(str::to_owned).into();
    for (name, rows) in tables.inputs() {
        if name == "roster" {
            words.push("--roster-table=roster".to_owned());
        }
        words.push(format!("--{name}-columns={}", columns(rows, Tables::needed(name)).join(",")));
    }
    let output = folder.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A database with the tables of a run; an empty cell is null in every other row.
fn database(tables: &Tables) -> rusqlite::Connection {
    let database = rusqlite::Connection::open_in_memory().unwrap();
    database
        .create_scalar_function("regexp", 2, FunctionFlags::SQLITE_DETERMINISTIC, |context| {
            let form: std::sync::Arc<regex::Regex> = context.get_or_create_aux(0, |value| {
                regex::Regex::new(value.as_str()?).map_err(|error| error.to_string().into())
                    as Result<_, Box<dyn std::error::Error + Send + Sync>>
            })?;
            Ok(form.is_match(context.get_raw(1).as_str()?))
        })
        .unwrap();
    for (name, rows) in tables.inputs() {
        let columns = columns(rows, Tables::needed(name));
        let named = columns.iter().map(|column| format!("{column} TEXT")).collect::<Vec<_>>().join(", ");
        database.execute_batch(&format!("CREATE TABLE {name} ({named}); BEGIN")).unwrap();
        let places = vec!["?"; columns.len()].join(", ");
        let mut insert = database.prepare(&format!("INSERT INTO {name} VALUES ({places})")).unwrap();
        for (at, row) in rows.iter().enumerate() {
            let cell = |column: &String| match row.get(column).map_or("", String::as_str) {
                "" if at % 2 == 0 => Cell::Null,
                text => Cell::Text(text.to_owned()),
            };
            insert.execute(rusqlite::params_from_iter(columns.iter().map(cell))).unwrap();
        }
        drop(insert);
        database.execute_batch("COMMIT").unwrap();
    }
    database
}

/// What the database answers.
fn asked(database: &rusqlite::Connection, sql: &str) -> Rows {
    let mut query = database.prepare(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    let columns = query.column_count();
    let mut rows = query.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let text = |at| match row.get::<_, Cell>(at).unwrap() {
            Cell::Null => "null".to_owned(),
            Cell::Integer(number) => number.to_string(),
            Cell::Text(text) => text,
            other => panic!("{other:?}"),
        };
        all.push((0..columns).map(text).collect());
    }
    all
}

/// What the program says, in the form of the queries' answers.
fn expected(folder: &Folder, tables: &Tables) -> BTreeMap<&'static str, Rows> {
    let output = folder.run(&["report", "--quiet", "--format", "json", "--ledger", "ledger.csv"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let summary = report["providers"].as_array().unwrap().iter().map(|provider| {
        let (denominator, numerator) = (&provider["denominator"], &provider["numerator"]);
        [
            &provider["provider_id"],
            &denominator["least"],
            &denominator["most"],
            &numerator["least"],
            &numerator["most"],
            &provider["verdict"],
        ]
        .map(text)
        .into()
    });

    let mut reader = csv::Reader::from_path(folder.path().join("ledger.csv")).unwrap();
    let ledger = reader.records().map(|record| {
        let record = record.unwrap();
        let cell = |(at, cell): (usize, &str)| match (at, cell.rsplit_once(':')) {
            // A line of a file is the row's id in the table.
            (11 | 12, Some((_, line))) => format!("{:07}", line.parse::<u64>().unwrap()),
            // What a spreadsheet would run is written so that it does not.
            _ => cell.strip_prefix('\'').unwrap_or(cell).to_owned(),
        };
        record.iter().enumerate().map(cell).collect()
    });

    let mut fall = Vec::new();
    for side in ["encounters", tables.numerator] {
        for bucket in report["waterfall"][side].as_array().unwrap() {
            if bucket["rows"] != 0 {
                let figures = ["rule", "rows", "counted", "uncertain"].map(|figure| text(&bucket[figure]));
                fall.push([&[side.to_owned()], &figures[..]].concat());
            }
        }
        let file = format!("{side}.csv");
        for code in ["missing-patient-id", "missing-provider-id", "unreadable-date", "unknown-word"] {
            let of = |finding: &&Value| finding["code"] == code && finding["first"]["file"] == *file;
            let found = report["findings"].as_array().unwrap().iter().find(of);
            let count = found.map_or("0".to_owned(), |finding| text(&finding["count"]));
            if count != "0" {
                fall.push([side, code, &count, "0", "0"].map(str::to_owned).into());
            }
        }
    }
    [("summary", summary.collect()), ("ledger", ledger.collect()), ("waterfall", sorted(fall))].into()
}

fn sorted(mut rows: Rows) -> Rows {
    rows.sort();
    rows
}

/// What a query answers, in the form in which it is compared.
fn compared(result: &str, rows: Rows) -> Rows {
    // No rows of a rule are not told by every engine alike.
    if result == "waterfall" { sorted(rows.into_iter().filter(|row| row[2] != "0").collect()) } else { rows }
}

/// Compares the text on SQLite with the program, and leaves what other engines need.
fn check(name: &str, tables: &Tables) {
    let folder = tables.folder();
    let expected = expected(&folder, tables);
    let database = database(tables);
    let left = left().join(name);
    std::fs::create_dir_all(&left).unwrap();
    for (table, rows) in tables.inputs() {
        std::fs::write(left.join(format!("{table}.csv")), cases::csv(rows, Tables::needed(table))).unwrap();
    }
    for result in RESULTS {
        let text = sql(&folder, tables, "sqlite", result);
        let answered = compared(result, asked(&database, &text));
        assert_eq!(answered, expected[result], "{name}: {result}\n{}\n{text}", tables.config);
        let mut writer = csv::Writer::from_path(left.join(format!("{result}.csv"))).unwrap();
        expected[result].iter().for_each(|row| writer.write_record(row).unwrap());
        for dialect in ["duckdb", "postgres", "spark"] {
            std::fs::write(
                left.join(format!("{result}.{dialect}.sql")),
                sql(&folder, tables, dialect, result),
            )
            .unwrap();
        }
    }
}

/// Where the runs are left.
fn left() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("warehouse")
}

/// Checks runs on as many threads as there are cores.
fn check_all(sort: &str, runs: &[Tables]) {
    let _ = std::fs::remove_dir_all(left().join(sort));
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(tables) = runs.get(at) else { break };
                    check(&format!("{sort}/{at:03}"), tables);
                }
            });
        }
    });
}

#[test]
fn every_written_case_gives_the_same_as_sql() {
    let runs = of_cases(&cases::all("docs/spec"));
    assert!(runs.len() > 20, "{}", runs.len());
    check_all("cases", &runs);
}

#[test]
fn random_exports_give_the_same_as_sql() {
    let mut runner = TestRunner::deterministic();
    let world = worlds::world();
    let runs: Vec<Tables> =
        (0..120).map(|_| of_world(&world.new_tree(&mut runner).unwrap().current())).collect();
    check_all("random", &runs);
}

#[test]
fn every_cell_of_every_edition_gives_the_same_as_sql() {
    let runs: Vec<Tables> = edition::all().iter().flat_map(every_cell).collect();
    check_all("cells", &runs);
}

/// Every combination of words that the rules of an edition ask: of encounters, each with a patient who writes, and of rows of
/// the numerator, each of a patient who was seen.
fn every_cell(edition: &Edition) -> [Tables; 2] {
    let numerator = match edition.counts {
        Counted::Messages => "messages",
        Counted::Accesses => "accesses",
    };
    let (moment, year) = if numerator == "messages" { ("sent_at", 2017) } else { ("accessed_at", 2017) };
    let config = format!(
        "edition = \"{}\"\nperiod = \"{year}-04-01..{year}-06-30\"\nlocations.away.certified = false\n",
        edition.id
    );
    let seen = |patient: &str| {
        worlds::row(&[
            ("patient_id", patient),
            ("provider_id", "A"),
            ("started_at", "2017-05-01"),
            ("status", "completed"),
            ("kind", "office-visit"),
            ("seen_by", "eligible-professional"),
            ("location_id", "here"),
        ])
    };
    let plain = Tables { config, edition: edition.id.clone(), numerator, ..Tables::default() };

    let encounters: Vec<Row> = combinations(&edition.denominator, "started_at")
        .into_iter()
        .enumerate()
        .map(|(at, mut row)| {
            row.insert("patient_id".to_owned(), format!("p{at}"));
            row.insert("provider_id".to_owned(), "A".to_owned());
            row
        })
        .collect();
    let one = Tables {
        encounters,
        rows: vec![worlds::row(&[("patient_id", "p0"), (moment, "2017-05-02")])],
        ..plain.clone()
    };

    let rows: Vec<Row> = combinations(&edition.numerator, moment)
        .into_iter()
        .enumerate()
        .map(|(at, mut row)| {
            row.insert("patient_id".to_owned(), format!("p{at}"));
            // One in ten names nobody.
            row.insert("provider_id".to_owned(), if at % 10 == 3 { "" } else { "A" }.to_owned());
            row
        })
        .collect();
    let encounters = rows.iter().map(|row| seen(&row["patient_id"])).collect();
    let other = Tables { encounters, rows, ..plain };
    [one.with_lines(), other.with_lines()]
}

/// Every combination of words that rules ask, as rows of an export.
fn combinations(section: &Section, moment: &str) -> Vec<Row> {
    let is_asked = |column: &usize| {
        section.rules.iter().filter_map(|rule| rule.when.as_ref()).any(|when| when.asks(*column))
    };
    let asked: Vec<&WordList> =
        (0..section.columns.len()).filter(is_asked).map(|column| section.columns[column]).collect();
    asked.iter().fold(vec![Row::new()], |rows, list| {
        let words = (0..list.codes() as u8).map(|code| list.word(code));
        let said = words.map(|word| match (list.name, word) {
            (name, "inside") if name == DayIn::LIST.name => (moment, "2017-04-01T23:59:59"),
            (name, "around") if name == DayIn::LIST.name => (moment, "2017-07-01 00:00"),
            (name, "outside") if name == DayIn::LIST.name => (moment, "2016-12-31"),
            (name, _) if name == DayIn::LIST.name => (moment, "31.12.2016"),
            (name, "yes") if name == Certified::LIST.name => ("channel", "EHR-Portal"),
            (name, "no") if name == Certified::LIST.name => ("channel", "email"),
            (name, _) if name == Certified::LIST.name => ("channel", "pigeon"),
            ("cehrt", "yes") => ("location_id", "here"),
            ("cehrt", "no") => ("location_id", "away"),
            ("cehrt", _) => ("location_id", ""),
            (name, UNKNOWN) => (name, ""),
            (name, word) => (name, word),
        });
        let said: Vec<(&str, &str)> = said.collect();
        rows.iter()
            .flat_map(|row| {
                said.iter().map(move |(column, word)| {
                    let mut row = row.clone();
                    row.insert((*column).to_owned(), (*word).to_owned());
                    row
                })
            })
            .collect()
    })
}
