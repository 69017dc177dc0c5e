//! Any configuration: refused with a reason, or a text of SQL. No input is opened.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc::run::Exit;
use mucalc_fuzz::program::Folder;

fuzz_target!(|input: (u8, &str)| {
    let (dialect, text) = input;
    let folder = Folder::new();
    folder.write("mucalc.toml", text);
    let dialects = ["spark", "duckdb", "postgres", "snowflake", "bigquery", "sqlite"];
    let words =
        ["sql", "--config", "mucalc.toml", "--encounters-table", "e", "--messages-table", "m", "--dialect"];
    let (exit, sql) =
        folder.answer(&[&words[..], &[dialects[usize::from(dialect) % dialects.len()]]].concat());
    assert!(exit as u8 != Exit::Internal as u8, "a defect");
    assert_eq!(exit as u8 == Exit::Success as u8, !sql.is_empty());
});
