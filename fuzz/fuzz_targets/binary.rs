//! Any file as messages: compressed, a workbook, Parquet, or another encoding.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc::run::Exit;
use mucalc_fuzz::{practice, report};

fuzz_target!(|bytes: &[u8]| {
    let folder = practice();
    folder.write("messages", bytes);
    report(&folder, "messages", &[]);
    let words = ["validate", "--no-config", "--period", "2014Q3", "--format", "json"];
    let inputs = ["--encounters", "encounters.csv", "--messages", "messages"];
    let (exit, _) = folder.answer(&[&words[..], &inputs].concat());
    assert!(exit as u8 != Exit::Internal as u8, "a defect");
});
