//! Runs every case of `tests/field`, in every format that can represent it, with the program and with the oracle.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::support::dirty::{ndjson, table, text};
use crate::support::files;
use crate::support::oracle::{self, Export, InputLog, World};
use crate::support::program::Folder;
use crate::support::worlds;

type Row = BTreeMap<String, String>;

/// A case with one of its variants filled in.
#[derive(Clone, Debug, Default)]
struct Case {
    name: String,
    blocks: BTreeMap<String, String>,
}

impl Case {
    fn block(&self, name: &str) -> &str {
        self.blocks.get(name).map_or("", String::as_str)
    }

    fn run(&self) -> &str {
        self.blocks.get("run").map_or("period = \"2014Q3\"\n", String::as_str)
    }

    /// Returns an input as cells.
    fn export(&self, input: &str) -> Export {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(self.block(input).as_bytes());
        let mut rows =
            reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
        Export { header: rows.next().unwrap(), records: rows.collect() }
    }

    /// Returns the table of a block: lines of `a | b` below a line of column names.
    fn table(&self, block: &str) -> Vec<Row> {
        let mut lines = self.block(block).lines().map(|line| line.split('|').map(str::trim));
        let Some(header) = lines.next() else {
            return Vec::new();
        };
        let header: Vec<&str> = header.collect();
        lines
            .map(|cells| {
                let cells: Vec<&str> = cells.collect();
                assert_eq!(cells.len(), header.len(), "{}: {cells:?}", self.name);
                header.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), cell.to_owned())).collect()
            })
            .collect()
    }

    /// Returns the world of the case as the oracle reads it, and how its rows were used. `None` if a vendor layout translates them.
    fn expected(&self) -> Option<(World, BTreeMap<&'static str, InputLog>)> {
        let config: toml::Table = self.run().parse().unwrap();
        assert_eq!(config["period"].as_str(), Some("2014Q3"), "{}", self.name);
        let mut world = World {
            first: "2014-07-01".to_owned(),
            last: "2014-09-30".to_owned(),
            group_credit: config.get("credit").and_then(toml::Value::as_str) == Some("group"),
            ..World::default()
        };
        if config.contains_key("layout") {
            return None;
        }
        if let Some(ids) = config.get("ids") {
            let foldings = ids["fold"].as_array().unwrap().iter();
            world.fold = foldings.map(|folding| folding.as_str().unwrap().to_owned()).collect();
        }
        world.last_version = config.get("versions").and_then(toml::Value::as_str) == Some("last");
        if self.blocks.contains_key("roster") {
            let lines = self.export("roster").records.into_iter();
            world.roster = Some(lines.map(|line| (line[0].clone(), line.get(1).cloned())).collect());
        }
        let accounts = ["encounters", "messages"]
            .map(|input| (input, oracle::read(&mut world, input, &self.export(input))));
        Some((world, accounts.into()))
    }
}

/// Returns every case of every page, once for each variant of its `each` block.
fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/field");
    let mut pages: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages
        .retain(|page| page.extension().is_some_and(|ending| ending == "md") && !page.ends_with("README.md"));
    pages.sort();
    pages.iter().flat_map(|page| parse(&std::fs::read_to_string(page).unwrap())).flat_map(variants).collect()
}

fn parse(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut block: Option<String> = None;
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("## ").filter(|_| block.is_none()) {
            cases.push(Case { name: title.to_owned(), ..Case::default() });
        } else if line == "```" {
            block = None;
        } else if let Some(name) = line.strip_prefix("```") {
            cases.last_mut().unwrap().blocks.insert(name.to_owned(), String::new());
            block = Some(name.to_owned());
        } else if let Some(name) = &block {
            let body = cases.last_mut().unwrap().blocks.get_mut(name).unwrap();
            for line in repeated(line) {
                body.push_str(&line);
                body.push('\n');
            }
        }
    }
    cases
}

/// Expands a line that stands for several lines.
fn repeated(line: &str) -> Vec<String> {
    let range = line.strip_prefix('*').and_then(|rest| rest.split_once(' '));
    let Some((range, line)) = range else {
        return vec![line.to_owned()];
    };
    let (from, to) = range.split_once('-').expect("a range is like *1-20");
    let (from, to): (u32, u32) = (from.parse().unwrap(), to.parse().unwrap());
    (from..=to).map(|number| line.replace("##", &format!("{number:02}"))).collect()
}

fn variants(case: Case) -> Vec<Case> {
    let each = case.block("each").trim_end().to_owned();
    let mut words = each.split('|').map(str::trim);
    let hole = words.next().unwrap_or_default();
    let words: Vec<&str> = if each.is_empty() { vec![""] } else { words.collect() };
    let invisible =
        [("{nbsp}", "\u{a0}"), ("{zwsp}", "\u{200b}"), ("{zwj}", "\u{200d}"), ("{bom}", "\u{feff}")];
    let with = |word: &&str| {
        let mut case = case.clone();
        if !each.is_empty() {
            case.name = format!("{} [{word}]", case.name);
        }
        for body in case.blocks.values_mut() {
            if !hole.is_empty() {
                *body = body.replace(hole, word);
            }
            for (name, letter) in invisible {
                *body = body.replace(name, letter);
            }
        }
        case
    };
    words.iter().map(with).collect()
}

/// Returns the case in every format that can represent it: the file name extension and the two inputs.
fn formats(case: &Case, exports: [&Export; 2]) -> Vec<(&'static str, [Vec<u8>; 2])> {
    let both = |of: &dyn Fn(&Export) -> Vec<u8>| exports.map(of);
    let written = |name: &str| case.block(name).as_bytes().to_vec();
    let mut formats = vec![("csv", [written("encounters"), written("messages")])];
    let has_lines = |export: &&Export| export.records.iter().flatten().any(|cell| cell.contains('\n'));
    if exports.iter().any(has_lines) {
        return formats;
    }
    formats.push(("crlf.csv", both(&|export| text(export, ',', true).replace('\n', "\r\n").into_bytes())));
    formats.push(("bom.csv", both(&|export| format!("\u{feff}{}", text(export, ',', true)).into_bytes())));
    formats.push(("tsv", both(&|export| text(export, '\t', true).into_bytes())));
    formats.push(("pipes.txt", both(&|export| text(export, '|', true).into_bytes())));
    let is_square = |export: &&Export| export.records.iter().all(|row| row.len() == export.header.len());
    if exports.iter().all(is_square) {
        let is_empty = |export: &&Export| export.records.is_empty();
        if !exports.iter().any(is_empty) {
            formats.push(("ndjson", both(&|export| ndjson(export).into_bytes())));
        }
        formats.push(("xlsx", both(&|export| files::workbook(&table(export)))));
        formats
            .push(("parquet", both(&|export| files::parquet(&table(export), Default::default(), false, 7))));
    }
    formats
}

fn folder(case: &Case, bytes: &[Vec<u8>; 2], ending: &str) -> Folder {
    let folder = Folder::new();
    folder.write("mucalc.toml", case.run());
    if case.blocks.contains_key("roster") {
        folder.write("roster.csv", case.block("roster"));
    }
    folder.write(&format!("e.{ending}"), &bytes[0]).write(&format!("m.{ending}"), &bytes[1]);
    folder
}

fn words(ending: &str, more: &[&str]) -> Vec<String> {
    let files = [format!("e.{ending}"), format!("m.{ending}")];
    let words = ["report", "--encounters", &files[0], "--messages", &files[1]];
    words.iter().chain(more).map(|word| (*word).to_owned()).collect()
}

fn run(folder: &Folder, words: &[String]) -> std::process::Output {
    folder.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn every_case_holds_in_every_format() {
    let mut failures = Vec::new();
    for case in cases() {
        let exports = ["encounters", "messages"].map(|input| case.export(input));
        for (ending, bytes) in formats(&case, exports.each_ref()) {
            let folder = folder(&case, &bytes, ending);
            let output = run(&folder, &words(ending, &["--format", "json"]));
            let is_text = ending.ends_with("csv") || matches!(ending, "tsv" | "pipes.txt");
            let problems = problems(&case, &output, is_text);
            if !problems.is_empty() {
                failures.push(format!("{} as {ending}\n    {}", case.name, problems.join("\n    ")));
            }
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

/// Returns the differences between a report and the case.
fn problems(case: &Case, output: &std::process::Output, is_text: bool) -> Vec<String> {
    let code = output.status.code().unwrap();
    let Ok(report) = serde_json::from_slice::<Value>(&output.stdout) else {
        return vec![format!("exit {code}, {}", String::from_utf8_lossy(&output.stderr))];
    };
    if let Some(error) = case.table("error").first() {
        let (wanted, found) = (&error["code"], &report["error"]["code"]);
        let is_so = code.to_string() == error["exit"] && found == wanted.as_str();
        let mut problems = Vec::new();
        if !is_so {
            problems.push(format!("exit {code}, {found}, not {wanted}"));
        }
        if report.to_string().contains("no-office-visits") {
            problems.push("an exclusion is spoken of".to_owned());
        }
        return problems;
    }
    if code != 0 {
        return vec![format!("exit {code}, {}", report["error"])];
    }
    let mut problems = compare(case, &case.table("expect"), &|id| program(&report, id));
    let listed = case.table("expect").iter().filter(|row| row["provider"] != "(group)").count();
    if report["providers"].as_array().unwrap().len() != listed {
        problems.push(format!("{listed} providers are to be listed: {}", report["providers"]));
    }
    for wanted in case.table("inputs") {
        let inputs = report["inputs"].as_array().unwrap();
        let input = inputs.iter().find(|input| input["role"] == wanted["input"].as_str()).unwrap();
        for column in ["rows", "rejected", "furniture"] {
            // In formats that are not text, blank rows may or may not exist.
            let is_open = column == "furniture" && !is_text;
            let told = input[column].to_string();
            if !is_open && told != wanted[column] {
                problems
                    .push(format!("{} {column}: {}, not {}", wanted["input"], input[column], wanted[column]));
            }
        }
    }
    for wanted in case.table("findings") {
        let findings = report["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["code"] == wanted["code"].as_str());
        if wanted["line"] == "-" {
            if let Some(found) = found {
                problems.push(format!("finding {found}"));
            }
            continue;
        }
        let Some(found) = found else {
            if wanted["code"] == "furniture" && !is_text {
                // As above.
                continue;
            }
            problems.push(format!("no finding {}", wanted["code"]));
            continue;
        };
        if found["severity"] != wanted["severity"].as_str() {
            problems.push(format!("{} is {}", wanted["code"], found["severity"]));
        }
        let (count, line) = (found["count"].to_string(), found["first"]["line"].to_string());
        if !wanted["count"].is_empty() && count != wanted["count"] {
            problems.push(format!("{} counts {}, not {}", wanted["code"], found["count"], wanted["count"]));
        }
        if is_text && !wanted["line"].is_empty() && line != wanted["line"] {
            problems.push(format!(
                "{} is first at {}, not line {}",
                wanted["code"], found["first"], wanted["line"]
            ));
        }
    }
    problems
}

/// Returns the differences from a table of counts.
fn compare(case: &Case, expect: &[Row], actual: &dyn Fn(&str) -> Option<Row>) -> Vec<String> {
    let mut problems = Vec::new();
    for wanted in expect {
        let id = &wanted["provider"];
        let Some(actual) = actual(id) else {
            problems.push(format!("{id} is not listed"));
            continue;
        };
        for (column, value) in wanted.iter().filter(|(column, _)| *column != "provider") {
            match actual.get(column) {
                None if id == "(group)" => {}
                None => panic!("{}: `{column}` is never looked at", case.name),
                Some(found) if found != value => {
                    problems.push(format!("{id} {column} is {found}, not {value}"));
                }
                Some(_) => {}
            }
        }
    }
    problems
}

fn span((least, most): (u64, u64)) -> String {
    if least == most { least.to_string() } else { format!("{least}..{most}") }
}

fn row<const N: usize>(cells: [(&str, String); N]) -> Row {
    cells.into_iter().map(|(column, cell)| (column.to_owned(), cell)).collect()
}

/// Converts a provider's counts to the form of an `expect` table.
fn row_of(provider: &oracle::ProviderResult) -> Row {
    let or_null = |rate: &Option<String>| rate.clone().unwrap_or("null".to_owned());
    row([
        ("denominator", span(provider.denominator)),
        ("numerator", span(provider.numerator)),
        ("verdict", provider.verdict.to_owned()),
        ("unusable", format!("{}+{}", provider.unusable.0, provider.unusable.1)),
        ("rate", or_null(&provider.rate)),
        ("rate_most", or_null(&provider.rate_most)),
        ("needed", provider.needed.to_string()),
        ("adjudicate", provider.adjudicate.map_or("null".to_owned(), |patients| patients.to_string())),
    ])
}

fn row_of_group(denominator: (u64, u64), numerator: (u64, u64)) -> Row {
    row([("denominator", span(denominator)), ("numerator", span(numerator))])
}

fn program(report: &Value, id: &str) -> Option<Row> {
    if id == "(group)" {
        let bounds = |key: &str| {
            let bounds = &report["group"][key];
            (bounds["least"].as_u64().unwrap(), bounds["most"].as_u64().unwrap())
        };
        return Some(row_of_group(bounds("denominator"), bounds("numerator")));
    }
    let providers = worlds::figures(report);
    providers.iter().find(|provider| provider.id == id).map(row_of)
}

#[test]
fn every_case_holds_on_the_oracle() {
    let mut failures = Vec::new();
    let mut judged = 0;
    for case in cases() {
        let Some((world, accounts)) = case.expected() else {
            continue;
        };
        judged += 1;
        let mut problems = Vec::new();
        if case.blocks.contains_key("error") {
            if !accounts.values().any(InputLog::is_nothing_usable) {
                problems.push(format!("something is usable: {accounts:?}"));
            }
        } else {
            let mut providers = oracle::providers(&world);
            let (denominator, numerator) = oracle::group_bounds(&world);
            let expect = case.table("expect");
            let listed = expect.iter().filter(|row| row["provider"] != "(group)").count();
            if providers.len() != listed {
                problems.push(format!("{providers:?} are listed"));
            }
            // With id foldings, the report may show any of the equal ids.
            for provider in &mut providers {
                let foldings: Vec<&str> = world.fold.iter().map(String::as_str).collect();
                let same = |row: &&Row| oracle::folded(&row["provider"], &foldings) == provider.id;
                if let Some(row) = expect.iter().find(same) {
                    provider.id.clone_from(&row["provider"]);
                }
            }
            problems.extend(compare(&case, &expect, &|id| match id {
                "(group)" => Some(row_of_group(denominator, numerator)),
                id => providers.iter().find(|provider| provider.id == id).map(row_of),
            }));
            for wanted in case.table("inputs") {
                let account = accounts[wanted["input"].as_str()];
                let found = [account.used + account.rejected, account.rejected, account.furniture];
                let of: [u64; 3] =
                    ["rows", "rejected", "furniture"].map(|column| wanted[column].parse().unwrap());
                if found != of {
                    problems.push(format!("{}: {account:?}", wanted["input"]));
                }
            }
        }
        if !problems.is_empty() {
            failures.push(format!("{}\n    {}", case.name, problems.join("\n    ")));
        }
    }
    assert!(judged > 60, "only {judged} cases were judged");
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

/// Standard error and the exit code report unusable rows, whatever the output format.
#[test]
fn unusable_rows_are_told_beside_every_format_and_can_be_a_gate() {
    let mut failures = Vec::new();
    for case in cases().into_iter().filter(|case| case.blocks.contains_key("expect")) {
        let bytes = ["encounters", "messages"].map(|input| case.block(input).as_bytes().to_vec());
        let folder = folder(&case, &bytes, "csv");
        // This includes rows that do not qualify whoever the patient is: they are unusable all the same.
        let unusable = case.expected().is_some_and(|(world, accounts)| {
            accounts.values().any(|account| account.rejected > 0) || !world.lost_encounters.is_empty()
        });
        let output = run(&folder, &words("csv", &["--format", "json", "--fail-on", "unusable"]));
        if output.status.code() != Some(i32::from(unusable)) {
            failures.push(format!("{}: the gate ends with {:?}", case.name, output.status.code()));
        }
        for format in ["csv", "json", "md", "html", "table"] {
            let output = run(&folder, &words("csv", &["--format", format, "-o", "told"]));
            let told = String::from_utf8_lossy(&output.stderr);
            if unusable && !told.contains("unusable") && !told.contains("could not be used") {
                failures.push(format!("{} as {format}: standard error says {told:?}", case.name));
            }
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

/// With `--unusable ignore`, unusable rows change only the row counts of the inputs.
#[test]
fn unusable_rows_can_be_left_out_of_the_bounds() {
    let mut failures = Vec::new();
    for case in cases().into_iter().filter(|case| case.blocks.contains_key("expect")) {
        let Some((mut world, _)) = case.expected() else {
            continue;
        };
        if case.name.starts_with("a provider whom only") {
            // In this case, the contract does not define whether the provider is listed at all.
            continue;
        }
        let loses_encounters = !world.lost_encounters.is_empty();
        (world.lost_encounters, world.lost_messages) = (Vec::new(), Vec::new());
        let bytes = ["encounters", "messages"].map(|input| case.block(input).as_bytes().to_vec());
        let folder = folder(&case, &bytes, "csv");
        let output = run(&folder, &words("csv", &["--format", "json", "--unusable", "ignore"]));
        let Ok(report) = serde_json::from_slice::<Value>(&output.stdout) else {
            failures.push(format!("{}: {}", case.name, String::from_utf8_lossy(&output.stderr)));
            continue;
        };
        let figures = |providers: Vec<oracle::ProviderResult>| -> Vec<_> {
            providers
                .iter()
                .map(|provider| (provider.denominator, provider.numerator, provider.verdict))
                .collect()
        };
        let exclusions = report["providers"].as_array().unwrap().iter().map(|it| &it["exclusions"]);
        let mut exclusions = exclusions.flat_map(|them| them.as_array().unwrap());
        if loses_encounters && exclusions.any(|exclusion| exclusion["applies"] != "not-computed") {
            failures.push(format!("{}: an exclusion is spoken of", case.name));
        }
        let (found, wanted) = (figures(worlds::figures(&report)), figures(oracle::providers(&world)));
        if found != wanted || report["unusable_rows"] != "ignore" {
            failures.push(format!(
                "{}: {found:?}, not {wanted:?}; unusable_rows {}",
                case.name, report["unusable_rows"]
            ));
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}
