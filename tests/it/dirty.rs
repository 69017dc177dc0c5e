//! Random exports full of unusable rows, evaluated by the program and by the oracle.

use crate::support::dirty::{Dice, Dirty, dirty, dirty_by, ndjson, problems, run, settings, table, text};
use crate::support::files;
use crate::support::oracle::{self, World};
use crate::support::sheets::{SheetSpec, sheet, xml_2003};

/// Seeds of the exports to test; `MUCALC_DIRTY=from..to` selects others.
const TRIED: std::ops::Range<u64> = 0..300;

fn seeds() -> std::ops::Range<u64> {
    let Ok(named) = std::env::var("MUCALC_DIRTY") else {
        return TRIED;
    };
    let (from, to) = named.split_once("..").expect("MUCALC_DIRTY is like 0..1000");
    from.parse().unwrap()..to.parse().unwrap()
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

/// The exports that a fuzzer chooses, with few of its numbers and with many.
#[test]
fn the_program_and_the_oracle_agree_on_exports_chosen_by_bytes() {
    for length in [0, 1, 7, 40, 200, 900] {
        for step in 1..=5usize {
            let bytes: Vec<u8> = (0..length).map(|at| (at * at * 7 + at * step * 31 + step) as u8).collect();
            let dirty = dirty_by(&mut Dice::from_bytes(&bytes), false);
            let folder = settings(&dirty);
            folder
                .write("e.csv", text(&dirty.encounters, ',', false))
                .write("n.csv", text(&dirty.rows, ',', false));
            assert_eq!(problems(&dirty, run(&folder, &dirty, "csv", "1"), true), Vec::<String>::new());
        }
    }
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
