//! Any configuration is either refused with a reason or gives SQL text. No input is opened.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mucalc::run::Exit;
use mucalc_fuzz::program::Folder;

/// Checks that a plain configuration is accepted. Otherwise the target would prove nothing.
static WORKS: LazyLock<bool> = LazyLock::new(|| try_with(0, "period = \"2014Q3\""));

fuzz_target!(|input: (u8, &str)| {
    assert!(*WORKS);
    try_with(input.0, input.1);
});

/// Returns whether a configuration gives SQL text.
fn try_with(dialect: u8, text: &str) -> bool {
    let folder = Folder::new();
    folder.write("mucalc.toml", text);
    let dialects = ["spark", "duckdb", "postgres", "snowflake", "bigquery", "sqlite"];
    let words =
        ["sql", "--config", "mucalc.toml", "--encounters-table", "e", "--messages-table", "m", "--dialect"];
    let (exit, sql) =
        folder.answer(&[&words[..], &[dialects[usize::from(dialect) % dialects.len()]]].concat());
    assert!(exit as u8 != Exit::Internal as u8, "a defect");
    assert_eq!(exit as u8 == Exit::Success as u8, !sql.is_empty());
    !sql.is_empty()
}
