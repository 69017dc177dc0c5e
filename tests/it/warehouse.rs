//! The measure as SQL text gives the same results as the program, for every row of the ledger and every count.
//!
//! These tests run the text on SQLite. They write what other engines need for the same comparison to `target/tmp/warehouse`, from where
//! `.ci/warehouse` runs it on DuckDB, PostgreSQL, and Spark.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value as Cell;
use serde_json::Value;

use crate::support::cases::{self, Row};
use crate::support::damage::{self, Damaged};
use crate::support::dirty::Dice;
use crate::support::program::Folder;
use crate::support::tables::{Tables, columns, of_cases, of_world};
use crate::support::worlds;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::membership::Membership;
use mucalc_core::domain::score::{MembershipCounts, Regrouped};
use mucalc_core::domain::unusable::UnusableRows;
use mucalc_core::domain::words::{Certified, DayRelation, UNKNOWN, ValueSet};
use mucalc_core::edition::model::{NumeratorSource, RuleList};
use mucalc_core::edition::{self, Edition};
use mucalc_sql::{QueryResults, ResultRow};

/// Rows of text, in the order of the comparison.
type Rows = Vec<Vec<String>>;

/// The results that queries are written for here.
const RESULTS: [&str; 3] = ["summary", "ledger", "waterfall"];

/// Returns the SQL text for a run.
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

/// Returns a database with regular expressions.
fn with_regexp() -> rusqlite::Connection {
    // The texts of all runs use few of them, and to compile one takes longer than to use it.
    thread_local! {
        static COMPILED: RefCell<HashMap<String, regex::Regex>> = RefCell::default();
    }
    let database = rusqlite::Connection::open_in_memory().unwrap();
    database
        .create_scalar_function("regexp", 2, FunctionFlags::SQLITE_DETERMINISTIC, |context| {
            let (pattern, text) = (context.get_raw(0).as_str()?, context.get_raw(1).as_str()?);
            Ok(COMPILED.with_borrow_mut(|compiled| {
                let new = || regex::Regex::new(pattern).unwrap();
                match compiled.get(pattern) {
                    Some(known) => known.is_match(text),
                    None => compiled.entry(pattern.to_owned()).or_insert_with(new).is_match(text),
                }
            }))
        })
        .unwrap();
    database
}

/// Creates a table. An empty cell is null in every other row.
fn fill(database: &rusqlite::Connection, name: &str, columns: &[String], rows: &Rows) {
    let named = columns.iter().map(|column| format!("\"{column}\" TEXT")).collect::<Vec<_>>().join(", ");
    database.execute_batch(&format!("CREATE TABLE {name} ({named}); BEGIN")).unwrap();
    let places = vec!["?"; columns.len()].join(", ");
    let mut insert = database.prepare(&format!("INSERT INTO {name} VALUES ({places})")).unwrap();
    for (at, row) in rows.iter().enumerate() {
        let cell = |cell: &String| match cell.as_str() {
            "" if at % 2 == 0 => Cell::Null,
            text => Cell::Text(text.to_owned()),
        };
        insert.execute(rusqlite::params_from_iter(row.iter().map(cell))).unwrap();
    }
    drop(insert);
    database.execute_batch("COMMIT").unwrap();
}

/// Returns a database with the tables of a run.
fn database(tables: &Tables) -> rusqlite::Connection {
    let database = with_regexp();
    for (name, rows) in tables.inputs() {
        let columns = columns(rows, Tables::needed(name));
        let cells =
            |row: &Row| columns.iter().map(|column| row.get(column).cloned().unwrap_or_default()).collect();
        fill(&database, name, &columns, &rows.iter().map(cells).collect());
    }
    database
}

/// Returns the rows of a query.
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

/// Returns the program's results in the form of the query results.
fn expected(folder: &Folder, tables: &Tables) -> BTreeMap<&'static str, Rows> {
    let report = json_of(folder);
    let mut fall = Vec::new();
    for side in ["encounters", tables.numerator] {
        for bucket in report["waterfall"][side].as_array().unwrap() {
            if bucket["rows"] != 0 {
                let figures = ["rule", "rows", "counted", "uncertain"].map(|figure| text(&bucket[figure]));
                fall.push([&[side.to_owned()], &figures[..]].concat());
            }
        }
        let file = format!("{side}.csv");
        for code in
            ["missing-patient-id", "missing-provider-id", "damaged-id", "unreadable-date", "unknown-word"]
        {
            let of = |finding: &&Value| finding["code"] == code && finding["first"]["file"] == *file;
            let found = report["findings"].as_array().unwrap().iter().find(of);
            let count = found.map_or("0".to_owned(), |finding| text(&finding["count"]));
            if count != "0" {
                fall.push([side, code, &count, "0", "0"].map(str::to_owned).into());
            }
        }
        let of = |input: &&Value| input["path"] == *file;
        let input = report["inputs"].as_array().unwrap().iter().find(of);
        let rejected = input.map_or("0".to_owned(), |input| text(&input["rejected"]));
        if rejected != "0" {
            fall.push([side, "rejected", &rejected, "0", "0"].map(str::to_owned).into());
        }
    }
    [("summary", summary_of(&report)), ("ledger", ledger_of(folder)), ("waterfall", sorted(fall))].into()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns the providers of a report in the form of the summary query.
fn summary_of(report: &Value) -> Rows {
    let row = |provider: &Value| {
        let (denominator, numerator) = (&provider["denominator"], &provider["numerator"]);
        let figures = [&denominator["least"], &denominator["most"], &numerator["least"], &numerator["most"]];
        let unusable = ["encounters", "messages"].map(|rows| match &provider["unusable"][rows] {
            Value::Null => "0".to_owned(),
            count => text(count),
        });
        let told = [&provider["provider_id"]].into_iter().chain(figures).chain([&provider["verdict"]]);
        told.map(text).chain(unusable).collect()
    };
    report["providers"].as_array().unwrap().iter().map(row).collect()
}

/// Returns the ledger of a run in the form of the ledger query.
fn ledger_of(folder: &Folder) -> Rows {
    let mut reader = csv::Reader::from_path(folder.path().join("ledger.csv")).unwrap();
    let cell = |(at, cell): (usize, &str)| match (at, cell.rsplit_once(':')) {
        // The line in the file is the id of the row in the table.
        (11 | 12, Some((_, line))) => format!("{:07}", line.parse::<u64>().unwrap()),
        // The CSV file escapes text that a spreadsheet would evaluate.
        _ => cell.strip_prefix('\'').unwrap_or(cell).to_owned(),
    };
    reader.records().map(|record| record.unwrap().iter().enumerate().map(cell).collect()).collect()
}

fn sorted(mut rows: Rows) -> Rows {
    rows.sort();
    rows
}

/// Returns the rows of a query in the form of the comparison.
fn compared(result: &str, rows: Rows) -> Rows {
    // Engines differ in whether they return a rule without rows.
    if result == "waterfall" { sorted(rows.into_iter().filter(|row| row[2] != "0").collect()) } else { rows }
}

/// The number of runs of each kind that are written for other engines, evenly spread: as many as the gate asks them. With the variable
/// `MUCALC_ALL_RUNS`, all are written.
const FOR_ENGINES: usize = 20;

/// Returns a number of random runs, multiplied by the variable `MUCALC_TIMES` for a longer test.
fn many(runs: usize) -> usize {
    let times = std::env::var("MUCALC_TIMES").ok().and_then(|times| times.parse().ok());
    runs * times.unwrap_or(1)
}

/// Compares the text on SQLite with the program. Writes the run for other engines if `is_left`.
fn check(name: &str, tables: &Tables, is_left: bool) {
    let folder = tables.folder();
    let expected = expected(&folder, tables);
    let database = database(tables);
    check_figures(name, asked(&database, &sql(&folder, tables, "sqlite", "figures")), &expected);
    for result in RESULTS {
        let text = sql(&folder, tables, "sqlite", result);
        let answered = compared(result, asked(&database, &text));
        assert_eq!(answered, expected[result], "{name}: {result}\n{}\n{text}", tables.config);
    }
    if is_left {
        leave(name, tables, &folder, &expected, &RESULTS);
    }
}

/// Writes a run for other engines: its tables, its results, and the SQL texts.
fn leave(
    name: &str,
    tables: &Tables,
    folder: &Folder,
    expected: &BTreeMap<&'static str, Rows>,
    results: &[&str],
) {
    let left = left().join(name);
    std::fs::create_dir_all(&left).unwrap();
    for (table, rows) in tables.inputs() {
        std::fs::write(left.join(format!("{table}.csv")), cases::csv(rows, Tables::needed(table))).unwrap();
    }
    for result in results {
        let mut writer = csv::Writer::from_path(left.join(format!("{result}.csv"))).unwrap();
        expected[*result].iter().for_each(|row| writer.write_record(row).unwrap());
        for dialect in ["duckdb", "postgres", "spark"] {
            std::fs::write(
                left.join(format!("{result}.{dialect}.sql")),
                sql(folder, tables, dialect, result),
            )
            .unwrap();
        }
    }
}

/// Checks that the query for all counts matches the other queries.
fn check_figures(name: &str, rows: Rows, expected: &BTreeMap<&'static str, Rows>) -> QueryResults {
    let number = |text: &String| text.parse::<u64>().unwrap();
    let rows = rows.iter().map(|row| ResultRow {
        part: row[0].clone(),
        name: row[1].clone(),
        detail: row[2].clone(),
        counted: number(&row[3]),
        certain: number(&row[4]),
        uncertain: number(&row[5]),
    });
    let figures = QueryResults::from_rows(rows).unwrap();
    let summary = figures.providers.iter().map(|(id, of)| {
        let (denominator, numerator) = (of.score.denominator(), of.score.numerator());
        let bounds = [denominator.least, denominator.most, numerator.least, numerator.most];
        [id.clone()].into_iter().chain(bounds.map(|bound| bound.to_string())).collect::<Vec<_>>()
    });
    let told = expected["summary"].iter().map(|row| row[..5].to_vec());
    assert_eq!(summary.collect::<Rows>(), told.collect::<Rows>(), "{name}");
    for row in &expected["waterfall"] {
        assert_eq!(figures.finding_count(&row[0], &row[1]).to_string(), row[2], "{name}: {row:?}");
    }
    if !figures.group.unusable.is_empty() {
        return figures;
    }
    // A patient counts once in the practice total, however many providers saw the patient.
    let patients = |is: &dyn Fn(&Vec<String>) -> bool| {
        let all: BTreeSet<&String> =
            expected["ledger"].iter().filter(|row| is(row)).map(|row| &row[1]).collect();
        all.len() as u64
    };
    let (denominator, numerator) = (figures.group.denominator(), figures.group.numerator());
    assert_eq!(denominator.least, patients(&|row| row[2] == "certain"), "{name}");
    assert_eq!(denominator.most, patients(&|_| true), "{name}");
    assert_eq!(numerator.least, patients(&|row| row[2] == "certain" && row[3] == "certain"), "{name}");
    assert_eq!(numerator.most, patients(&|row| row[3] != "none"), "{name}");
    figures
}

/// Checks a damaged export against its completions: an unusable row may concern a provider if, once repaired, it would count for the
/// provider.
fn check_damaged(name: &str, damaged: &Damaged, is_left: bool) -> Option<(QueryResults, bool)> {
    let exported = &damaged.exported;
    let expected = completed(damaged)?;
    let database = database(exported);
    let folder = exported.folder();
    let figures = check_figures(
        name,
        asked(&database, &sql(&folder, exported, "sqlite", "figures")),
        &expected.answers,
    );
    let context = format!("{name}\n{}\n{:#?}", exported.config, exported.inputs());
    let group = |score: &MembershipCounts| (score.denominator(), score.numerator_of_group(), score.unusable);
    assert_eq!(group(&figures.group), group(&expected.group), "{context}");
    let reported = folder.run(&["report", "--quiet", "--format", "json"]);
    // An export without usable rows has no report.
    let is_reported = reported.status.code() == Some(0);
    if is_reported {
        let report: Value = serde_json::from_slice(&reported.stdout).unwrap();
        let told = ["denominator", "numerator", "unusable"].map(|figure| report["group"][figure].clone());
        let (denominator, numerator, unusable) = group(&figures.group);
        assert_eq!(
            serde_json::json!([denominator, numerator, unusable]),
            serde_json::json!(told),
            "{context}"
        );
    } else {
        assert!(String::from_utf8_lossy(&reported.stdout).contains("nothing-usable"), "{reported:?}");
    }
    let reported = is_reported.then(|| self::expected(&folder, exported));
    for result in RESULTS {
        let text = sql(&folder, exported, "sqlite", result);
        let answered = compared(result, asked(&database, &text));
        // The ledger's deciding rows have other line numbers than in the remaining export.
        let most = if result == "ledger" { 11 } else { 8 };
        let short = |rows: &Rows| -> Rows {
            rows.iter().map(|row| row.iter().take(most).cloned().collect()).collect()
        };
        assert_eq!(short(&answered), short(&expected.answers[result]), "{result} of {context}\n{text}");
        if let Some(reported) = &reported {
            let (told, reported) = (with_findings(&answered), with_findings(&reported[result]));
            assert_eq!(told, reported, "{result} of the report of {context}\n{text}");
        }
        if result == "summary" {
            check_completions(&context, damaged, &answered, &figures.group);
        }
        if result == "ledger" && is_left {
            let answers = [expected.answers.clone(), [("ledger", answered)].into()].into_iter().flatten();
            leave(name, exported, &folder, &answers.collect(), &RESULTS);
        }
    }
    Some((figures, expected.is_written_to_another))
}

/// The number of completions checked for each export.
const COMPLETIONS: usize = 100;

/// Checks that no completion of a damaged export contradicts its result.
fn check_completions(context: &str, damaged: &Damaged, summary: &Rows, group: &MembershipCounts) {
    let completions = damage::completions(damaged, COMPLETIONS);
    let folder = damage::together(&damaged.used, &completions).folder();
    let told: BTreeMap<String, Vec<String>> =
        summary_of(&json_of(&folder)).into_iter().map(|row| (row[0].clone(), row)).collect();
    let number = |text: &String| text.parse::<u64>().unwrap();
    let is_within = |least: u64, most: u64, [from, to]: [u64; 2]| from <= least && most <= to;
    let none = ["", "0", "0", "0", "0", "not-calculable"].map(str::to_owned).to_vec();
    for (at, completion) in completions.iter().enumerate() {
        for row in summary {
            let of = told.get(&format!("x{at}:{}", row[0])).unwrap_or(&none);
            let is_sound = [1, 3].into_iter().all(|from| {
                let ends = [number(&row[from]), number(&row[from + 1])];
                is_within(number(&of[from]), number(&of[from + 1]), ends)
            });
            let is_contradicted = row[5] != "indeterminate" && row[5] != of[5];
            assert!(is_sound && !is_contradicted, "{row:?} but {of:?}: {completion:#?}\n{context}");
        }
    }
    let mut patients: BTreeMap<(usize, String), [bool; 3]> = BTreeMap::new();
    for row in ledger_of(&folder) {
        let (at, patient) = row[1][1..].split_once(':').unwrap();
        let of = patients.entry((at.parse().unwrap(), patient.to_owned())).or_default();
        of[0] |= row[2] == "certain";
        of[1] |= row[2] == "certain" && row[3] == "certain";
        of[2] |= row[3] != "none";
    }
    let (denominator, numerator) = (group.denominator(), group.numerator_of_group());
    for (at, completion) in completions.iter().enumerate() {
        let of: Vec<&[bool; 3]> =
            patients.range((at, String::new())..(at + 1, String::new())).map(|(_, of)| of).collect();
        let count = |which: usize| of.iter().filter(|of| of[which]).count() as u64;
        let is_sound = is_within(count(0), of.len() as u64, [denominator.least, denominator.most])
            && is_within(count(1), count(2), [numerator.least, numerator.most]);
        assert!(is_sound, "{denominator:?} {numerator:?} but {of:?}: {completion:#?}\n{context}");
    }
}

/// Returns attrition rows in the form of a report, which has one finding for all files.
fn with_findings(fall: &Rows) -> Rows {
    let is_finding = |row: &&Vec<String>| FindingCode::parse(&row[1]).is_some();
    let (findings, others): (Vec<&Vec<String>>, Vec<&Vec<String>>) = fall.iter().partition(is_finding);
    let mut counts: BTreeMap<&String, u64> = BTreeMap::new();
    for row in findings {
        *counts.entry(&row[1]).or_default() += row[2].parse::<u64>().unwrap();
    }
    let findings = counts.into_iter().map(|(code, count)| vec![code.clone(), count.to_string()]);
    others.into_iter().cloned().chain(findings).collect()
}

/// The expected results of a damaged export.
struct Completed {
    answers: BTreeMap<&'static str, Rows>,
    group: MembershipCounts,
    /// Whether an unusable encounter may be of another provider's patient who wrote to this provider.
    is_written_to_another: bool,
}

/// Returns the expected results of a damaged export, from reports on what it may have been. `None` if no provider is listed.
fn completed(damaged: &Damaged) -> Option<Completed> {
    let Damaged { used, lost_encounters, lost_rows, inside, .. } = damaged;
    let with = |encounters: &[&[Row]], rows: &[Row]| Tables {
        encounters: [&used.encounters, &encounters.concat()[..]].concat(),
        rows: [&used.rows, rows].concat(),
        ..used.clone()
    };
    let of = |row: &Row, column: &str| row.get(column).cloned().unwrap_or_default();

    // A provider who saw an unknown patient is listed.
    let (named, unnamed): (Vec<Row>, Vec<Row>) =
        lost_encounters.iter().cloned().partition(|row| !of(row, "provider_id").is_empty());
    let folder = with(&[&named], &[]).folder();
    let listed: Vec<String> = summary_of(&json_of(&folder)).into_iter().map(|row| row[0].clone()).collect();
    if listed.is_empty() {
        return None;
    }

    let folder = used.folder();
    let mut answers = expected(&folder, used);
    let base = answers["ledger"].clone();
    let pair = |row: &Vec<String>| (row[0].clone(), row[1].clone());
    let seen: BTreeSet<(String, String)> = base.iter().map(pair).collect();

    // Every provider who is named in some row saw every patient who wrote, and every patient whose provider is unknown.
    let named_ones = used.encounters.iter().chain(&named).map(|row| of(row, "provider_id"));
    let known: BTreeSet<String> = listed.iter().cloned().chain(named_ones).collect();
    let by_all = |row: &Row| -> Vec<Row> {
        let by = |provider: &String| {
            let provider_id = ("provider_id".to_owned(), provider.clone());
            row.clone().into_iter().chain([provider_id]).collect()
        };
        known.iter().map(by).collect()
    };
    let lost: Vec<Row> = unnamed.iter().flat_map(by_all).chain(named).collect();
    let writers: BTreeSet<String> =
        used.rows.iter().chain(lost_rows).map(|row| of(row, "patient_id")).collect();
    let visit = |patient: &String| {
        worlds::row(&[
            ("patient_id", patient),
            ("started_at", inside),
            ("status", "completed"),
            ("kind", "office-visit"),
            ("seen_by", "eligible-professional"),
            ("location_id", "elsewhere"),
        ])
    };
    let visits = writers.iter().flat_map(|patient| by_all(&visit(patient)));
    // An encounter without a provider may be with a provider named in an unusable message.
    let by_named =
        lost_rows.iter().filter(|row| !known.contains(&of(row, "provider_id"))).filter_map(|row| {
            let provider = row.get("provider_id").filter(|provider| !provider.is_empty())?;
            let visit = visit(&of(row, "patient_id"));
            Some(visit.into_iter().chain([("provider_id".to_owned(), provider.clone())]).collect::<Row>())
        });
    let visits: Vec<Row> = visits.chain(by_named).collect();
    let tables = with(&[&lost, &visits], lost_rows);
    let folder = tables.folder();
    json_of(&folder);
    let all = ledger_of(&folder);
    let is_lost = |row: &&Vec<String>, letter: char| row[1].starts_with(letter);
    let encounters = |provider: Option<&String>| {
        let mine = all.iter().filter(|row| is_lost(row, 'e') && provider.is_none_or(|id| row[0] == *id));
        mine.map(|row| &row[1]).collect::<BTreeSet<_>>().len() as u64
    };
    // Patients who would be in the numerator of a provider who has not seen them.
    let wrote = |provider: Option<&String>| {
        let mine = all.iter().filter(|row| row[3] != "none" && provider.is_none_or(|id| row[0] == *id));
        let mine = mine.filter(|row| !is_lost(row, 'e') && !seen.contains(&pair(row)));
        mine.map(|row| row[1].clone()).collect::<BTreeSet<_>>()
    };

    // Patients who are no longer certain if a provider without a group also saw every patient.
    let again: Vec<Row> = base.iter().map(|row| visit(&row[1])).collect();
    let somebody = ("provider_id".to_owned(), "somebody".to_owned());
    let again: Vec<Row> =
        again.into_iter().map(|row| row.into_iter().chain([somebody.clone()]).collect()).collect();
    let folder = with(&[&again], &[]).folder();
    json_of(&folder);
    let still: BTreeSet<(String, String)> =
        ledger_of(&folder).iter().filter(|row| row[3] == "certain").map(pair).collect();
    let regrouped = |row: &&Vec<String>| row[3] == "certain" && !still.contains(&pair(row));
    let group_of = |provider: &String| {
        let lines = used.roster.iter().flatten().filter(|line| of(line, "provider_id") == *provider);
        lines.map(|line| of(line, "group_id")).find(|group| !group.is_empty()).ok_or(provider.clone())
    };
    // With a provider of another group, or with one who cannot be read.
    let elsewhere = |provider: &String| {
        let unnamed: BTreeSet<String> = unnamed.iter().map(|row| of(row, "patient_id")).collect();
        let others = all
            .iter()
            .filter(|row| is_lost(row, 'e'))
            .filter(|row| unnamed.contains(&row[1]) || group_of(&row[0]) != group_of(provider));
        others.map(|row| &row[1]).collect::<BTreeSet<_>>().len() as u64
    };
    let score =
        |provider: Option<&String>, standings: &[(String, String)], counts: &dyn Fn(&String) -> bool| {
            let mut score = MembershipCounts::default();
            for standing in Membership::ALL {
                let is_it = |(denominator, numerator): &&(String, String)| {
                    denominator == standing.denominator.word() && numerator == standing.numerator.word()
                };
                score.add(standing, standings.iter().filter(is_it).count() as u64);
            }
            let (lost, unseen): (Vec<String>, Vec<String>) = wrote(provider)
                .into_iter()
                .filter(|patient| !counts(patient))
                .partition(|id| id.starts_with('m'));
            score.unusable = UnusableRows { encounters: encounters(provider), messages: lost.len() as u64 };
            score.unseen_writers = unseen.len() as u64;
            score
        };
    let year = used.config.split("period = \"").nth(1).unwrap()[..4].parse().unwrap();
    let threshold = edition::find(&used.edition).unwrap().threshold(year).threshold;
    let summary = listed.iter().map(|provider| {
        let mine = base.iter().filter(|row| row[0] == *provider);
        let standings: Vec<(String, String)> = mine.map(|row| (row[2].clone(), row[3].clone())).collect();
        let mut score = score(Some(provider), &standings, &|_| false);
        let mine = || base.iter().filter(|row| row[0] == *provider).filter(regrouped);
        score.regrouped.certain = mine().filter(|row| row[2] == "certain").count() as u64;
        score.regrouped.possible = mine().filter(|row| row[2] == "possible").count() as u64;
        score.elsewhere = elsewhere(provider);
        let (denominator, numerator) = (score.denominator(), score.numerator());
        let bounds =
            [denominator.least, denominator.most, numerator.least, numerator.most].map(|n| n.to_string());
        let unusable = [score.unusable.encounters, score.unusable.messages].map(|n| n.to_string());
        let verdict = text(&serde_json::to_value(score.verdict(threshold)).unwrap());
        [std::slice::from_ref(provider), &bounds[..], &[verdict], &unusable].concat()
    });
    answers.insert("summary", summary.collect());

    // A patient is certain in the practice total if a provider who certainly saw the patient has a certain message.
    let mut patients: BTreeMap<&String, (&str, &str)> = BTreeMap::new();
    for row in &base {
        let (denominator, numerator) = patients.entry(&row[1]).or_insert(("possible", "none"));
        if row[2] == "certain" {
            *denominator = "certain";
        }
        if row[2] == "certain" && row[3] == "certain" {
            *numerator = "certain";
        } else if row[3] != "none" && *numerator == "none" {
            *numerator = "possible";
        }
    }
    let standings: Vec<(String, String)> = patients
        .values()
        .map(|(denominator, numerator)| (denominator.to_string(), numerator.to_string()))
        .collect();
    let mut group =
        score(None, &standings, &|patient| patients.get(patient).is_some_and(|(_, wrote)| *wrote != "none"));
    let certain = |is: &dyn Fn(&&Vec<String>) -> bool| -> BTreeSet<&String> {
        let mine = base.iter().filter(|row| row[2] == "certain" && row[3] == "certain");
        mine.filter(is).map(|row| &row[1]).collect()
    };
    let by_name = certain(&|row| !regrouped(row));
    group.regrouped.certain = certain(&regrouped).difference(&by_name).count() as u64;
    group.elsewhere = group.unusable.encounters;

    let sides = ["encounters", used.numerator].into_iter().zip(&damaged.faults);
    let faults = sides.flat_map(|(side, faults)| {
        faults
            .iter()
            .map(move |(code, count)| [side, code, &count.to_string(), "0", "0"].map(str::to_owned).to_vec())
    });
    let fall = answers["waterfall"].iter().cloned().chain(faults).collect();
    answers.insert("waterfall", sorted(fall));
    let is_written_to_another = group.unusable.encounters > 0
        && wrote(None).iter().any(|patient| patients.get(patient).is_some_and(|(_, wrote)| *wrote == "none"));
    Some(Completed { answers, group, is_written_to_another })
}

/// Returns the report on a folder, and writes its ledger there.
fn json_of(folder: &Folder) -> Value {
    let output = folder.run(&["report", "--quiet", "--format", "json", "--ledger", "ledger.csv"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the folder of the runs for other engines.
fn left() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("warehouse")
}

/// Checks runs on as many threads as the computer has cores.
fn check_all<R: Sync>(sort: &str, runs: &[R], check: impl Fn(&str, &R, bool) + Sync) {
    let _ = std::fs::remove_dir_all(left().join(sort));
    let next = AtomicUsize::new(0);
    let every =
        if std::env::var_os("MUCALC_ALL_RUNS").is_some() { 1 } else { runs.len().div_ceil(FOR_ENGINES) };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(run) = runs.get(at) else { break };
                    check(&format!("{sort}/{at:03}"), run, at.is_multiple_of(every.max(1)));
                }
            });
        }
    });
}

#[test]
fn every_written_case_gives_the_same_as_sql() {
    let runs = of_cases(&cases::all("docs/spec"));
    assert!(runs.len() > 20, "{}", runs.len());
    check_all("cases", &runs, check);
}

#[test]
fn random_exports_give_the_same_as_sql() {
    let mut runner = TestRunner::deterministic();
    let world = worlds::world();
    let runs: Vec<Tables> =
        (0..many(120)).map(|_| of_world(&world.new_tree(&mut runner).unwrap().current())).collect();
    check_all("random", &runs, check);
}

/// SQL agrees with the program about which version is the record, and what is unresolved if the export does not show it.
#[test]
fn several_versions_of_records_give_the_same_as_sql() {
    let mut runner = TestRunner::deterministic();
    let world = worlds::world();
    let mut dice = Dice::new(7);
    let runs: Vec<Tables> = (0..many(150))
        .map(|_| of_world(&world.new_tree(&mut runner).unwrap().current()).with_versions(&mut dice))
        .collect();
    check_all("versions", &runs, check_versions);
}

/// The same as [`check`], but without the source rows of the ledger, because versions share one id.
fn check_versions(name: &str, tables: &Tables, is_left: bool) {
    let folder = tables.folder();
    let mut expected = expected(&folder, tables);
    let database = database(tables);
    let figures =
        check_figures(name, asked(&database, &sql(&folder, tables, "sqlite", "figures")), &expected);
    let contradictions =
        ["encounters", tables.numerator].map(|side| figures.finding_count(side, "contradicting-versions"));
    let report = json_of(&folder);
    let found = report["findings"].as_array().unwrap().iter();
    let mut found = found.filter(|finding| finding["code"] == "contradicting-versions");
    let count = found.next().map_or(0, |finding| finding["count"].as_u64().unwrap());
    assert_eq!(contradictions.iter().sum::<u64>(), count, "{name}");
    let without_references = |rows: &mut Rows| {
        rows.iter_mut().for_each(|row| row.truncate(11));
    };
    expected.get_mut("ledger").into_iter().for_each(without_references);
    for result in RESULTS {
        let text = sql(&folder, tables, "sqlite", result);
        let mut answered = compared(result, asked(&database, &text));
        answered.retain(|row| result != "waterfall" || row[1] != "contradicting-versions");
        if result == "ledger" {
            without_references(&mut answered);
        }
        assert_eq!(answered, expected[result], "{name}: {result}\n{}\n{text}", tables.config);
    }
    if is_left {
        leave(name, tables, &folder, &expected, &["summary", "waterfall"]);
    }
}

#[test]
fn damaged_exports_give_as_sql_what_their_completions_give() {
    let mut runner = TestRunner::deterministic();
    let world = damage::damaged_world();
    let runs: Vec<Damaged> =
        (0..many(200)).map(|_| damage::damaged(&world.new_tree(&mut runner).unwrap().current())).collect();
    let has_lost = |run: &&Damaged| !run.lost_encounters.is_empty() && !run.lost_rows.is_empty();
    assert!(runs.iter().filter(has_lost).count() > 80);
    check_all("damaged", &runs, |name, run, is_left| _ = check_damaged(name, run, is_left));
}

/// A message that names no provider is certain only while all providers who saw the patient are of one group. An unknown patient of one
/// group may be a patient of another group, to which the patient wrote.
#[test]
fn damaged_exports_of_groups_give_as_sql_what_their_completions_give() {
    let mut runner = TestRunner::deterministic();
    let world = damage::damaged_groups();
    let runs: Vec<Damaged> =
        (0..many(160)).map(|_| damage::damaged(&world.new_tree(&mut runner).unwrap().current())).collect();
    let cases = [const { AtomicUsize::new(0) }; 3];
    check_all("groups", &runs, |name, run, is_left| {
        let Some((QueryResults { providers, group, .. }, is_written_to_another)) =
            check_damaged(name, run, is_left)
        else {
            return;
        };
        let may_lose =
            |score: &MembershipCounts| score.elsewhere > 0 && score.regrouped != Regrouped::default();
        let is_so =
            [providers.values().any(|of| may_lose(&of.score)), may_lose(&group), is_written_to_another];
        for (count, is_so) in cases.iter().zip(is_so) {
            count.fetch_add(usize::from(is_so), Ordering::Relaxed);
        }
    });
    let counts = cases.map(AtomicUsize::into_inner);
    assert!(counts.iter().all(|count| *count >= 10), "{counts:?}");
}

#[test]
fn every_cell_of_every_edition_gives_the_same_as_sql() {
    let runs: Vec<Tables> = edition::all().iter().flat_map(every_cell).collect();
    check_all("cells", &runs, check);
}

/// Returns every combination of the values that the rules of a rule set use: encounters, each with a patient who writes, and numerator
/// rows, each of a patient who was seen.
fn every_cell(edition: &Edition) -> [Tables; 2] {
    let numerator = match edition.counts {
        NumeratorSource::Messages => "messages",
        NumeratorSource::Accesses => "accesses",
    };
    let (moment, year) = if numerator == "messages" { ("sent_at", 2017) } else { ("accessed_at", 2017) };
    let config = format!(
        "edition = \"{}\"\nperiod = \"{year}-04-01..{year}-06-30\"\nany-year = true\nlocations.away.certified = false\n",
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
            // One row in ten names no provider.
            row.insert("provider_id".to_owned(), if at % 10 == 3 { "" } else { "A" }.to_owned());
            row
        })
        .collect();
    let encounters = rows.iter().map(|row| seen(&row["patient_id"])).collect();
    let other = Tables { encounters, rows, ..plain };
    [one.with_lines(), other.with_lines()]
}

/// Returns every combination of the values that the rules use, as rows of an export.
fn combinations(section: &RuleList, moment: &str) -> Vec<Row> {
    let is_asked = |column: &usize| {
        section.rules.iter().filter_map(|rule| rule.when.as_ref()).any(|when| when.references(*column))
    };
    let asked: Vec<&ValueSet> =
        (0..section.columns.len()).filter(is_asked).map(|column| section.columns[column]).collect();
    asked.iter().fold(vec![Row::new()], |rows, list| {
        let words = (0..list.codes() as u8).map(|code| list.word(code));
        let said = words.map(|word| match (list.name, word) {
            (name, "inside") if name == DayRelation::LIST.name => (moment, "2017-04-01T23:59:59"),
            (name, "around") if name == DayRelation::LIST.name => (moment, "2017-07-01 00:00"),
            (name, "outside") if name == DayRelation::LIST.name => (moment, "2016-12-31"),
            (name, _) if name == DayRelation::LIST.name => (moment, "31.12.2016"),
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

/// SQL gives the same results on the unchanged tables of a vendor, with the values and dates of its layout.
#[test]
fn vendors_tables_give_the_same_as_sql() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for (layout, zone, encounters, messages) in [
        ("epic-ehi", "America/New_York", "epic-ehi/PAT_ENC.tsv", "epic-ehi/MYC_MESG.tsv"),
        ("open-dental", "America/New_York", "open-dental/procedurelog.csv", "open-dental/emailmessage.csv"),
        ("synthea", "America/New_York", "synthea/encounters.csv", "practice/messages.csv"),
        ("canonical", "America/Chicago", "practice/encounters.csv", "practice/messages.csv"),
        ("canonical", "Australia/Lord_Howe", "practice/encounters.csv", "practice/messages.csv"),
    ] {
        files_give_the_same(layout, zone, &fixtures.join(encounters), &fixtures.join(messages));
    }
}

/// Lines that a query tool adds around the rows are not rows. A cell with a marker of absence is empty, unless the practice maps that
/// value.
#[test]
fn tables_of_the_field_give_the_same_as_sql() {
    let visits = "patient_id,provider_id,started_at,kind\n\
        p1,A,2014-07-01,office-visit\n\
        \"=\"\"p2\"\"\",'A,2014-07-02,n/a\n";
    let messages = "sent_at,patient_id,provider_id,sender,recipient,channel,topic\n\
        2014-07-03,p1,A,patient,provider,ehr-portal,clinical-question\n\
        2014-07-03,p9,A,patient,provider,email,clinical-question\n";
    let not_used = "NULL,A,2014-07-03,office-visit\np3,#N/A,2014-07-03,office-visit\n";
    let cancelled = "patient_id,provider_id,started_at,kind,status\n\
        p1,A,2014-07-01,office-visit,completed\n\
        ,B,2014-07-01,office-visit,no-show\n";
    let [no_config, meant, own_null] = ["", "[kinds]\n\"N/A\" = \"office-visit\"\n", "nulls = [\"p1\"]\n"];
    let ignored: &[&str] = &["--unusable", "ignore"];
    for (why, encounters, config, words, expected) in [
        ("n/a is no kind of encounter", visits.to_owned(), no_config, &[][..], "A 1 2 1 1 met 0 0"),
        ("n/a has a meaning here", visits.to_owned(), meant, &[], "A 2 2 1 1 met 0 0"),
        (
            "a header again, a rule of dashes and a total are no rows",
            format!("{visits}patient_id,provider_id,,kind\n-----,--,----------,====\n,NULL,,20\n"),
            meant,
            &[],
            "A 2 2 1 1 met 0 0",
        ),
        (
            "one may be a further patient of A, and one of anybody",
            format!("{visits}{not_used}"),
            meant,
            &[],
            "A 2 4 1 1 met 2 0",
        ),
        ("they are left aside", format!("{visits}{not_used}"), meant, ignored, "A 2 2 1 1 met 0 0"),
        (
            "p1 is said to mean nothing, so the message may be of p2",
            visits.to_owned(),
            own_null,
            &[],
            "A 0 2 0 1 indeterminate 1 1",
        ),
        (
            "who saw nobody for certain is named",
            cancelled.to_owned(),
            no_config,
            &[],
            "A 1 1 1 1 met 0 0, B 0 0 0 0 not-calculable 0 0",
        ),
    ] {
        let folder = Folder::new();
        folder.write("mucalc.toml", config).write("e.csv", encounters).write("m.csv", messages);
        let path = |name: &str| folder.path().join(name);
        let config = path("mucalc.toml");
        let words = [&["--config", config.to_str().unwrap()], words].concat();
        let summary = summary_of_files(&words, &path("e.csv"), &path("m.csv"));
        let told: Vec<String> = summary.iter().map(|row| row.join(" ")).collect();
        assert_eq!(told.join(", "), expected, "{why}");
    }
}

/// A value that a layout maps has its mapped meaning, even if it means elsewhere that no value is present.
#[test]
fn a_word_that_a_layout_gives_a_meaning_is_no_marker_of_absence() {
    let messages = "sent_at,patient_id,provider_id,sender,recipient,channel,topic\n\
        2014-07-03,p1,A,patient,provider,ehr-portal,clinical-question\n";
    let visits = "patient_id,provider_id,started_at,k\n\
        p1,A,2014-07-01,n/a\n\
        p2,A,2014-07-01,-\n\
        p3,A,2014-07-01,office\n";
    for (why, kind, expected) in [
        (
            "neither has a meaning",
            "{ from = \"k\", words = { \"office\" = \"office-visit\" } }",
            "A 1 3 0 1 indeterminate 0 0",
        ),
        (
            "n/a has one, and - is none",
            "{ from = \"k\", words = { \"N/A\" = \"office-visit\", \"office\" = \"office-visit\" } }",
            "A 2 3 1 1 met 0 0",
        ),
        (
            "both have one",
            "{ from = \"k\", words = { \"N/A\" = \"office-visit\", \"-\" = \"office-visit\", \"office\" = \"office-visit\" } }",
            "A 3 3 1 1 met 0 0",
        ),
    ] {
        let layout = format!(
            "name = \"odd\"\ntitle = \"odd\"\n[encounters.columns]\npatient_id = \"patient_id\"\nprovider_id = \"provider_id\"\n\
            started_at = \"started_at\"\nkind = {kind}\n"
        );
        let folder = Folder::new();
        folder.write("odd.toml", layout).write("e.csv", visits).write("m.csv", messages);
        let path = |name: &str| folder.path().join(name);
        let layout = path("odd.toml");
        let words = ["--no-config", "--layout", layout.to_str().unwrap()];
        let summary = summary_of_files(&words, &path("e.csv"), &path("m.csv"));
        let told: Vec<String> = summary.iter().map(|row| row.join(" ")).collect();
        assert_eq!(told.join(", "), expected, "{why}");
    }
}

/// Ids as an engine may store them, each after the id that a report on a file reads.
const TYPED: [(&str, &str); 7] = [
    ("7", "7.0"),
    ("-12", "-12.0"),
    ("9007199254740991", "9007199254740991.0"),
    // Damaged: not distinguishable from its neighbors, or not a whole number.
    ("", "9007199254740993.0"),
    ("", "1e300"),
    ("", "7.5"),
    ("0", "0.0"),
];

/// The columns listed on the documentation page about warehouses are sufficient for the SQL text of every rule set.
#[test]
fn the_columns_of_the_page_suffice() {
    let page = std::fs::read_to_string("docs/warehouse.md").unwrap();
    let mut tables = String::new();
    for name in ["encounters", "messages", "accesses", "roster"] {
        let line = page.lines().find(|line| line.starts_with(&format!("| {name} | `"))).unwrap();
        let columns: Vec<String> =
            line.split('`').skip(1).step_by(2).map(|column| format!("{column} TEXT")).collect();
        tables += &format!("CREATE TABLE {name} ({});", columns.join(", "));
    }
    let database = with_regexp();
    database.execute_batch(&tables).unwrap();
    for edition in edition::all() {
        let folder = Folder::new();
        folder.write(
            "mucalc.toml",
            format!("period = \"{}Q3\"\nedition = \"{}\"\n", edition.years.first, edition.id),
        );
        for result in ["summary", "ledger", "waterfall", "figures"] {
            let words = ["sql", "--dialect", "sqlite", "--result", result, "--roster-table", "roster"];
            let output = folder.run(&words);
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            database.prepare(&String::from_utf8(output.stdout).unwrap()).unwrap_or_else(|error| {
                panic!("{} {result}: {error}", edition.id);
            });
        }
    }
}

/// Ids in numeric and binary columns are the ids that a report on a file reads.
#[test]
fn ids_that_are_no_text_give_the_same_as_sql() {
    let text = |dialect: &str, result: &str| {
        let folder = Folder::new();
        folder.write("mucalc.toml", "period = \"2014Q3\"\n");
        let output = folder.run(&["sql", "--dialect", dialect, "--result", result, COLUMNS[0], COLUMNS[1]]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    const TABLES: &str = "CREATE TABLE encounters (patient_id ANY, provider_id ANY, started_at TEXT, kind TEXT, status TEXT, seen_by TEXT);
        CREATE TABLE messages (sent_at TEXT, patient_id ANY, provider_id ANY, sender TEXT, recipient TEXT, channel TEXT, topic TEXT,
        status TEXT);";
    const COLUMNS: [&str; 2] = [
        "--encounters-columns=patient_id,provider_id,started_at,kind,status,seen_by",
        "--messages-columns=sent_at,patient_id,provider_id,sender,recipient,channel,topic,status",
    ];
    for (of, provider) in [("REAL", "5.0"), ("BLOB", "CAST('5' AS BLOB)"), ("INTEGER", "5")] {
        let database = with_regexp();
        database.execute_batch(&TABLES.replace("ANY", of)).unwrap();
        let rows = match of {
            "REAL" => TYPED.map(|(_, number)| number.to_owned()).to_vec(),
            "BLOB" => ["P1", "é", "7.0"].map(|text| format!("CAST('{text}' AS BLOB)")).to_vec(),
            _ => ["1", "22", "9007199254740993"].map(str::to_owned).to_vec(),
        };
        for id in &rows {
            let visit = format!(
                "INSERT INTO encounters VALUES ({id}, {provider}, '2014-07-02', 'office-visit', 'completed', 'eligible-professional')"
            );
            database.execute_batch(&visit).unwrap();
        }
        let message = format!(
            "INSERT INTO messages VALUES ('2014-07-03', {}, {provider}, 'patient', 'provider', 'ehr-portal', 'clinical-question', 'sent')",
            rows[0]
        );
        database.execute_batch(&message).unwrap();
        let ledger = asked(&database, &text("sqlite", "ledger"));
        let patients: BTreeSet<&str> = ledger.iter().map(|row| row[1].as_str()).collect();
        let expected: BTreeSet<&str> = match of {
            "REAL" => TYPED.iter().map(|(id, _)| *id).filter(|id| !id.is_empty()).collect(),
            "BLOB" => ["P1", "é", "7.0"].into(),
            _ => ["1", "22", "9007199254740993"].into(),
        };
        assert_eq!(patients, expected, "{of}");
        assert!(ledger.iter().all(|row| row[0] == "5"), "{of}: {ledger:?}");
        let summary = asked(&database, &text("sqlite", "summary")).remove(0);
        let unusable = if of == "REAL" { "3" } else { "0" };
        let (least, most) =
            (expected.len().to_string(), (expected.len() + unusable.parse::<usize>().unwrap()).to_string());
        // Unusable rows are counted, and they widen the range.
        assert_eq!((&summary[1], &summary[2], &*summary[6]), (&least, &most, unusable), "{of}: {summary:?}");
    }
    // The same texts are written for other engines, which have types of their own: xtask/engines.py.
    let left = left().join("typed");
    let _ = std::fs::remove_dir_all(&left);
    std::fs::create_dir_all(&left).unwrap();
    for dialect in ["duckdb", "postgres", "spark"] {
        std::fs::write(left.join(format!("ledger.{dialect}.sql")), text(dialect, "ledger")).unwrap();
    }
    let typed: String = TYPED.iter().map(|(id, number)| format!("{number},{id}\n")).collect();
    std::fs::write(left.join("double.csv"), typed).unwrap();
}

/// SQL text does not support folded ids, so `sql` refuses them.
#[test]
fn foldings_of_ids_are_refused() {
    let folder = Folder::new();
    folder.write("mucalc.toml", "period = \"2014Q3\"\n[ids]\nfold = [\"zeros\"]\n");
    let output = folder.run(&["sql", "--dialect", "sqlite"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("view"), "{output:?}");
}

/// A layout can name anything: reserved words, names of the SQL text's own steps and columns, and values with quotation marks and comment
/// marks.
#[test]
fn odd_layouts_give_the_same_as_sql() {
    let messages = "sent_at,patient_id,provider_id,sender,recipient,channel,topic\n\
        2014-07-03,p,Dr A -- B,patient,provider,ehr-portal,clinical-question\n";
    for (layout, encounters) in [
        (
            "provider_id = \"TO\"\nstarted_at = { from = \"user\", dates = [\"M/D/YYYY\"] }\nkind = \"order\"",
            "patient_id,TO,user,order\np,A,7/5/2014,office-visit\np,B,12/31/2013,office-visit\nq,B,7/32/2014,telehealth\n",
        ),
        (
            "provider_id = \"started_at_1a1\"\nstarted_at = { from = \"d\", dates = [\"M/D/YYYY\", \"DD-MMM-YY\"] }",
            "patient_id,started_at_1a1,d\np,A,7/5/2014\np,A,10-sep-14\nq,A,1-SEP-14\n",
        ),
        (
            "provider_id = [{ constant = \"Dr A -- B\" }, \"provider_id\"]\nkind = { from = \"k\", words = { \"it's a \\\\ visit\" = \"office-visit\" } }",
            "patient_id,started_at,k\np,2014-07-05,It's a \\ visit\nq,2014-07-05,other\n",
        ),
        (
            "provider_id = \"provider_id\"\n[encounters.columns.kind]\nfrom = \"k\"\nbeginnings = { \"tele\" = \"telehealth\" }\notherwise = \"telephone\"",
            "patient_id,provider_id,started_at,k\np,A,2014-07-05,TELEvideo\nq,A,2014-07-05,ward\nr,A,2014-07-05,\n",
        ),
    ] {
        let folder = Folder::new();
        let rest = ["patient_id", "started_at"].map(|name| match layout.contains(&format!("{name} =")) {
            true => String::new(),
            false => format!("{name} = \"{name}\"\n"),
        });
        let text =
            format!("name = \"odd\"\ntitle = \"odd\"\n[encounters.columns]\n{}{layout}\n", rest.concat());
        folder.write("odd.toml", text).write("e.csv", encounters).write("m.csv", messages);
        let path = |name: &str| folder.path().join(name);
        let layout = path("odd.toml");
        files_give_the_same(layout.to_str().unwrap(), "America/New_York", &path("e.csv"), &path("m.csv"));
    }
}

/// A layout cannot inject SQL: text that would end a comment, a name, or a literal is refused or escaped.
#[test]
fn a_layout_cannot_add_to_the_text() {
    let folder = Folder::new();
    let columns = "[encounters.columns]\npatient_id = \"p\"\nprovider_id = \"v\"\nstarted_at = \"s\"\n";
    let sql = |layout: &str| {
        folder.write("odd.toml", layout);
        let output =
            folder.run(&["sql", "--no-config", "--dialect=sqlite", "--period=2014Q3", "--layout=odd.toml"]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = sql(&format!(
        "name = \"x\\n z AS (SELECT 1), --\"\ntitle = \"t\"\n[encounters]\nonly = {{ k = [\"a\"] }}\n{columns}"
    ));
    assert!(code != Some(0) || text.lines().all(|line| !line.trim_start().starts_with("z AS")), "{text}");
    for name in ["p\\\"q", "a`b", "a;b", "a\\nb"] {
        let layout =
            format!("name = \"x\"\ntitle = \"t\"\n{}", columns.replace("\"p\"", &format!("\"{name}\"")));
        assert_eq!(sql(&layout).0, Some(2), "{name}");
    }
    let words = "[encounters.columns.kind]\nfrom = \"k\"\nwords = { \"a\\nb\" = \"telehealth\" }\n";
    assert_eq!(sql(&format!("name = \"x\"\ntitle = \"t\"\n{columns}{words}")).0, Some(2));
}

/// Checks that files and tables of their columns give the same results.
fn files_give_the_same(layout: &str, zone: &str, encounters: &Path, messages: &Path) {
    let words = ["--no-config", "--layout", layout, "--timezone", zone];
    summary_of_files(&words, encounters, messages);
}

/// Returns the summary of files. Checks that it and the ledger match those of tables of the same columns.
fn summary_of_files(words: &[&str], encounters: &Path, messages: &Path) -> Rows {
    let words = [words, &["--quiet", "--period", "2014Q3"]].concat();
    let database = with_regexp();
    let mut sql = vec!["sql", "--dialect=sqlite"];
    let mut columns = Vec::new();
    for (name, path) in [("encounters", encounters), ("messages", messages)] {
        // A vendor's tab-separated text has no quoting.
        let tabs = path.extension().is_some_and(|ending| ending == "tsv");
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(if tabs { b'\t' } else { b',' })
            .quoting(!tabs)
            .from_path(path)
            .unwrap();
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Rows =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        fill(&database, name, &header, &rows);
        columns.push(format!("--{name}-columns={}", header.join(",")));
    }
    sql.extend(columns.iter().map(String::as_str).chain(words.iter().copied()));
    let folder = Folder::new();
    let mut report = vec!["report", "--format=json", "--ledger=ledger.csv"];
    report.extend(&words);
    report.extend(["--encounters", encounters.to_str().unwrap(), "--messages", messages.to_str().unwrap()]);
    let here = folder.run(&report);
    assert_eq!(here.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&here.stderr));
    let report: Value = serde_json::from_slice(&here.stdout).unwrap();
    let ledger = ledger_of(&folder);
    assert!(!ledger.is_empty(), "{words:?}");
    for (result, expected) in [("summary", summary_of(&report)), ("ledger", ledger)] {
        let text = folder.run(&[&sql[..], &["--result", result]].concat());
        assert_eq!(text.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&text.stderr));
        let answered = asked(&database, &String::from_utf8(text.stdout).unwrap());
        // Source rows are line numbers in the report and ids in SQL.
        let most = if result == "ledger" { 11 } else { 8 };
        let short = |rows: Rows| -> Rows { rows.into_iter().map(|row| row[..most].to_vec()).collect() };
        assert_eq!(short(answered), short(expected), "{words:?}: {result}");
    }
    summary_of(&report)
}
