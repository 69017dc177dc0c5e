//! Random exports full of unusable rows, evaluated by the program and by the oracle.

use serde_json::Value;

use crate::support::dirty::{Dirty, dirty, ndjson, table, text};
use crate::support::files;
use crate::support::oracle::{self, counts_accesses, folded};
use crate::support::program::Folder;
use crate::support::sheets::{SheetSpec, sheet, xml_2003};
use crate::support::worlds::{self, figures};

/// Seeds of the exports to test; `MUCALC_DIRTY=from..to` selects others.
const TRIED: std::ops::Range<u64> = 0..300;

fn seeds() -> std::ops::Range<u64> {
    let Ok(named) = std::env::var("MUCALC_DIRTY") else {
        return TRIED;
    };
    let (from, to) = named.split_once("..").expect("MUCALC_DIRTY is like 0..1000");
    from.parse().unwrap()..to.parse().unwrap()
}

/// Creates a folder with the configuration and the roster.
fn settings(dirty: &Dirty) -> Folder {
    let folder = Folder::new();
    let mut config = worlds::config(&dirty.world);
    if let Some(roster) = worlds::roster_rows(&dirty.world) {
        folder.write("roster.csv", crate::support::cases::csv(&roster, &["provider_id", "group_id", "npi"]));
        config = format!("roster = \"roster.csv\"\n{config}");
    }
    if !dirty.world.fold.is_empty() {
        config.push_str(&format!("[ids]\nfold = {:?}\n", dirty.world.fold));
    }
    if dirty.world.last_version {
        config = format!("versions = \"last\"\n{config}");
    }
    folder.write("mucalc.toml", config);
    folder
}

/// Runs the program on the two files with a number of threads. Returns the exit code and the document.
fn run(folder: &Folder, dirty: &Dirty, ending: &str, threads: &str) -> (Option<i32>, Vec<u8>) {
    let flag = if counts_accesses(dirty.world.edition()) { "--accesses" } else { "--messages" };
    let [encounters, rows] = ["e", "n"].map(|name| format!("{name}.{ending}"));
    let words =
        ["report", "--format", "json", "--encounters", &encounters, flag, &rows, "--threads", threads];
    let output = folder.run(&words);
    (output.status.code(), output.stdout)
}

/// Returns the differences between a report and the oracle.
fn problems(dirty: &Dirty, (code, document): (Option<i32>, Vec<u8>), with_furniture: bool) -> Vec<String> {
    let report: Value = match serde_json::from_slice(&document) {
        Ok(report) => report,
        Err(error) => return vec![format!("exit {code:?}, no document: {error}")],
    };
    let mut problems = Vec::new();
    if dirty.accounts.iter().any(oracle::InputLog::is_nothing_usable) {
        if code != Some(3) || report["error"]["code"] != "nothing-usable" {
            problems.push(format!("nothing is usable, but exit {code:?}, error {}", report["error"]));
        }
        return problems;
    }
    if code != Some(0) {
        return vec![format!("exit {code:?}, error {}", report["error"])];
    }
    for (at, account) in dirty.accounts.iter().enumerate() {
        let input = &report["inputs"][at];
        let mut said = vec![
            ("rows", input["rows"].as_u64(), account.used + account.rejected),
            ("rejected", input["rejected"].as_u64(), account.rejected),
        ];
        if with_furniture {
            // Blank lines may or may not be counted as non-data rows.
            let least = account.furniture - account.blank_lines;
            let found = input["furniture"].as_u64();
            let wanted = found.unwrap_or_default().clamp(least, account.furniture);
            said.push(("furniture", found, wanted));
        }
        for (what, found, wanted) in said {
            if found != Some(wanted) {
                problems.push(format!("{what} of {} is {found:?}, not {wanted}", input["role"]));
            }
        }
    }
    let foldings: Vec<&str> = dirty.world.fold.iter().map(String::as_str).collect();
    let mut found = figures(&report);
    found.iter_mut().for_each(|provider| provider.id = folded(&provider.id, &foldings));
    found.sort_by(|one, other| one.id.cmp(&other.id));
    let wanted = oracle::providers(&dirty.world);
    for provider in &wanted {
        match found.iter().find(|found| found.id == provider.id) {
            None => problems.push(format!("{} is not listed: {provider:?}", provider.id)),
            Some(found) if found != provider => {
                problems.push(format!("program {found:?}\n        oracle  {provider:?}"));
            }
            Some(_) => {}
        }
    }
    for provider in found.iter().filter(|found| wanted.iter().all(|wanted| wanted.id != found.id)) {
        problems.push(format!("is listed: {provider:?}"));
    }
    let pair = |value: &Value| (value["least"].as_u64().unwrap(), value["most"].as_u64().unwrap());
    let group = &report["group"];
    let (found, wanted) =
        ((pair(&group["denominator"]), pair(&group["numerator"])), oracle::group_bounds(&dirty.world));
    if found != wanted {
        problems.push(format!("all together: program {found:?}, oracle {wanted:?}"));
    }
    problems
}

#[test]
fn the_program_and_the_oracle_agree_on_dirty_exports_at_any_number_of_threads() {
    let mut failures = Vec::new();
    for seed in seeds() {
        let dirty = dirty(seed, false);
        let folder = settings(&dirty);
        for (name, export) in [("e", &dirty.encounters), ("n", &dirty.rows)] {
            folder.write(&format!("{name}.csv"), text(export, ',', seed % 2 == 0));
        }
        let one = run(&folder, &dirty, "csv", "1");
        for threads in ["2", "4"] {
            if run(&folder, &dirty, "csv", threads) != one {
                failures.push(format!("seed {seed}: {threads} threads give another document"));
            }
        }
        let problems = problems(&dirty, one, true);
        if !problems.is_empty() {
            failures.push(shown(&format!("seed {seed}"), &dirty, &problems));
        }
    }
    tell(&failures);
}

#[test]
fn the_same_records_give_the_same_figures_in_every_format() {
    let mut failures = Vec::new();
    for seed in seeds().step_by(3) {
        let dirty = dirty(seed, true);
        let folder = settings(&dirty);
        for (name, export) in [("e", &dirty.encounters), ("n", &dirty.rows)] {
            let rows = table(export);
            folder
                .write(&format!("{name}.csv"), text(export, ',', false))
                .write(&format!("{name}.tsv"), text(export, '\t', false))
                .write(&format!("{name}.ndjson"), ndjson(export))
                .write(&format!("{name}.xlsx"), files::workbook(&rows))
                .write(&format!("{name}.xml"), xml_2003(&[texts(&rows)]))
                .write(&format!("{name}.rpt"), files::padded(&rows))
                .write(&format!("{name}.parquet"), files::parquet(&rows, Default::default(), false, 5));
        }
        for ending in ["csv", "tsv", "ndjson", "xlsx", "xml", "rpt", "parquet"] {
            // NDJSON has no header row, so an empty file has no rows to read.
            if ending == "ndjson" && (dirty.encounters.records.is_empty() || dirty.rows.records.is_empty()) {
                continue;
            }
            let is_text = matches!(ending, "csv" | "tsv");
            let problems = problems(&dirty, run(&folder, &dirty, ending, "2"), is_text);
            if !problems.is_empty() {
                failures.push(shown(&format!("seed {seed}, {ending}"), &dirty, &problems));
            }
        }
    }
    tell(&failures);
}

/// Returns a sheet with these rows.
fn texts(rows: &[Vec<String>]) -> SheetSpec {
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    sheet("Rows", &rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn shown(which: &str, dirty: &Dirty, problems: &[String]) -> String {
    let World { edition, group_credit, roster, fold, .. } = &dirty.world;
    format!(
        "{which} ({edition}, group credit {group_credit}, roster {roster:?}, fold {fold:?})\n    {}\n{}\n{}",
        problems.join("\n    "),
        text(&dirty.encounters, ',', false),
        text(&dirty.rows, ',', false),
    )
}

use crate::support::oracle::World;

fn tell(failures: &[String]) {
    // Show all failures if the environment selects the seeds.
    let many = if std::env::var_os("MUCALC_DIRTY").is_some() { failures.len() } else { 5 };
    let first: Vec<&String> = failures.iter().take(many).collect();
    assert!(
        failures.is_empty(),
        "{} exports differ; the first:\n{}",
        failures.len(),
        first.into_iter().map(String::as_str).collect::<Vec<_>>().join("\n"),
    );
}

/// The generator produces enough clean rows and enough of each kind of damage to make the tests meaningful.
#[test]
fn the_exports_hold_what_they_are_meant_to() {
    let exports: Vec<Dirty> = (0..400).map(|seed| dirty(seed, false)).collect();
    let many = |what: &str, is: &dyn Fn(&Dirty) -> bool| {
        let count = exports.iter().filter(|dirty| is(dirty)).count();
        assert!(count >= 10, "only {count} of 400 exports have {what}");
    };
    let verdict = |dirty: &Dirty, wanted: &str| {
        oracle::providers(&dirty.world).iter().any(|provider| provider.verdict == wanted)
    };
    let is_used = |dirty: &&Dirty| !dirty.accounts.iter().any(oracle::InputLog::is_nothing_usable);
    many("unusable encounters", &|dirty| !dirty.world.lost_encounters.is_empty());
    many("unusable messages", &|dirty| !dirty.world.lost_messages.is_empty());
    many("records of which it is not known which version is right", &|dirty| {
        !dirty.world.open_encounters.is_empty() && !dirty.world.last_version
    });
    many("messages of which it is not known which version is right", &|dirty| {
        !dirty.world.open_messages.is_empty()
    });
    many("furniture", &|dirty| dirty.accounts[0].furniture > 0);
    many("rejected rows that open nothing", &|dirty| {
        dirty.accounts[0].rejected > dirty.world.lost_encounters.len() as u64
    });
    many("nobody who can be used", &|dirty| !is_used(&dirty));
    for wanted in ["met", "not-met", "indeterminate", "not-calculable"] {
        many(wanted, &|dirty| is_used(&dirty) && verdict(dirty, wanted));
    }
}
