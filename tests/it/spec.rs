//! Every case of `docs/spec`, run on the program and on the oracle.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::cases::{self, Case, Row};
use crate::support::oracle;
use crate::support::program::Folder;

#[test]
fn every_written_case_holds_on_the_program_and_on_the_oracle() {
    let cases = cases::all("docs/spec");
    assert!(cases.len() > 700, "only {} cases were found", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        let problems = problems(case);
        if !problems.is_empty() {
            failures.push(format!("{}\n    {}", case.name, problems.join("\n    ")));
        }
    }
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn every_edition_has_cases() {
    let editions: BTreeSet<String> = cases::all("docs/spec").iter().map(Case::edition).collect();
    assert_eq!(editions, oracle::EDITIONS.map(str::to_owned).into());
}

#[test]
fn every_case_says_why_and_cites_a_rule() {
    for case in cases::all("docs/spec") {
        assert!(case.prose.len() > 20, "{}: a sentence of why is missing", case.name);
        let cited =
            case.name.strip_suffix(')').and_then(|name| name.rsplit_once('(')).map(|(_, cited)| cited);
        let cited: Vec<&str> = cited.unwrap_or_default().split(", ").collect();
        assert!(cited.iter().all(|rule| is_rule(rule)), "{}: {cited:?} are no rules", case.name);
        assert!(!case.expect.is_empty(), "{}: nothing is expected", case.name);
        let known =
            ["provider", "denominator", "numerator", "verdict", "needed", "adjudicate", "rate", "rate_most"];
        for column in case.expect.iter().flat_map(Row::keys) {
            assert!(known.contains(&column.as_str()), "{}: `{column}` is never looked at", case.name);
        }
    }
}

/// Returns whether the text is a rule number: `B9a`, `c.12`, or `tc_4796`.
fn is_rule(text: &str) -> bool {
    let number = |rest: &str| !rest.is_empty() && rest.trim_end_matches(['a', 'b']).parse::<u32>().is_ok();
    ["B", "c.", "tc_"].iter().any(|sort| text.strip_prefix(sort).is_some_and(number))
}

/// Returns the differences of the program's and the oracle's results from the case.
fn problems(case: &Case) -> Vec<String> {
    let mut problems = Vec::new();
    let world = case.world();
    let judged = oracle::providers(&world);
    let (report, ledger) = program(case);

    for expected in &case.expect {
        let id = &expected["provider"];
        for (engine, actual) in
            [("program", program_row(&report, id)), ("oracle", oracle_row(&world, &judged, id))]
        {
            let Some(actual) = actual else {
                problems.push(format!("{engine}: provider {id} is not listed"));
                continue;
            };
            for (column, value) in expected {
                // The group has fewer values.
                if let Some(found) = actual.get(column).filter(|found| *found != value) {
                    problems.push(format!("{engine}: {id} {column} is {found}, not {value}"));
                }
            }
        }
    }
    let listed = case.expect.iter().filter(|row| row["provider"] != "(group)").count();
    let providers = report["providers"].as_array().unwrap();
    if providers.len() != listed || judged.len() != listed {
        problems.push(format!(
            "{} providers, the oracle has {}, expected {listed}",
            providers.len(),
            judged.len()
        ));
    }
    for provider in providers {
        let id = provider["provider_id"].as_str().unwrap();
        let (program, oracle) = (program_row(&report, id), oracle_row(&world, &judged, id));
        if program != oracle {
            problems.push(format!("the engines differ on {id}: {program:?} and {oracle:?}"));
        }
    }
    for expected in case.ledger.iter().flatten() {
        let same = |row: &&Row| {
            row["provider_id"] == expected["provider"] && row["patient_id"] == expected["patient"]
        };
        let Some(actual) = ledger.iter().find(same) else {
            problems.push(format!("the ledger has no row {expected:?}"));
            continue;
        };
        for (column, value) in
            expected.iter().filter(|(column, _)| !["provider", "patient"].contains(&column.as_str()))
        {
            if &actual[column] != value {
                problems.push(format!(
                    "ledger {}: {column} is {}, not {value}",
                    actual["patient_id"], actual[column]
                ));
            }
        }
    }
    problems
}

fn program(case: &Case) -> (Value, Vec<Row>) {
    let folder = Folder::new();
    folder
        .write("encounters.csv", cases::csv(&case.encounters, &["patient_id", "provider_id", "started_at"]));
    if case.counts_accesses() {
        folder.write("accesses.csv", cases::csv(&case.accesses, &["accessed_at", "patient_id"]));
    } else {
        folder.write("messages.csv", cases::csv(&case.messages, &["sent_at", "patient_id"]));
    }
    let mut config = case.run.clone();
    if let Some(roster) = &case.roster {
        folder.write("roster.csv", cases::csv(roster, &["provider_id"]));
        config = format!("roster = \"roster.csv\"\n{config}");
    }
    folder.write("mucalc.toml", config);
    let output = folder.run(&cases::words_of_report(&case.edition(), &["--ledger", "ledger.csv"]));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{}: {stderr}", case.name);
    let ledger = csv::Reader::from_reader(folder.read("ledger.csv").as_bytes())
        .deserialize()
        .map(|row: Result<BTreeMap<String, String>, _>| row.unwrap())
        .collect();
    (serde_json::from_slice(&output.stdout).unwrap(), ledger)
}

/// Returns a provider's results in the form of an `expect` table. The id `(group)` is the practice total.
fn program_row(report: &Value, id: &str) -> Option<Row> {
    let shown = |value: &Value| span(value["least"].as_u64().unwrap(), value["most"].as_u64().unwrap());
    if id == "(group)" {
        let group = &report["group"];
        return Some(row(&[
            ("denominator", shown(&group["denominator"])),
            ("numerator", shown(&group["numerator"])),
        ]));
    }
    let provider = report["providers"].as_array()?.iter().find(|provider| provider["provider_id"] == id)?;
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Some(row(&[
        ("denominator", shown(&provider["denominator"])),
        ("numerator", shown(&provider["numerator"])),
        ("verdict", text(&provider["verdict"])),
        ("needed", text(&provider["needed"])),
        ("adjudicate", text(&provider["adjudicate"])),
        ("rate", text(&provider["rate_percent"])),
        ("rate_most", text(&provider["rate_percent_most"])),
    ]))
}

fn oracle_row(world: &oracle::World, judged: &[oracle::ProviderResult], id: &str) -> Option<Row> {
    if id == "(group)" {
        let (denominator, numerator) = oracle::group_bounds(world);
        return Some(row(&[
            ("denominator", span(denominator.0, denominator.1)),
            ("numerator", span(numerator.0, numerator.1)),
        ]));
    }
    let provider = judged.iter().find(|provider| provider.id == id)?;
    Some(row(&[
        ("denominator", span(provider.denominator.0, provider.denominator.1)),
        ("numerator", span(provider.numerator.0, provider.numerator.1)),
        ("verdict", provider.verdict.to_owned()),
        ("needed", provider.needed.to_string()),
        ("adjudicate", provider.adjudicate.map_or("null".to_owned(), |patients| patients.to_string())),
        ("rate", provider.rate.clone().unwrap_or("null".to_owned())),
        ("rate_most", provider.rate_most.clone().unwrap_or("null".to_owned())),
    ]))
}

fn span(least: u64, most: u64) -> String {
    if least == most { least.to_string() } else { format!("{least}..{most}") }
}

fn row(cells: &[(&str, String)]) -> Row {
    cells.iter().map(|(column, cell)| ((*column).to_owned(), cell.clone())).collect()
}
