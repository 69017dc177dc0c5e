//! The fuzzer's bytes choose a damaged export. The ranges of the report must be the slow oracle's, and every row must be accounted for.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc_fuzz::support::dirty::{Dice, dirty_by, problems, run, settings, text};

fuzz_target!(|bytes: &[u8]| {
    let dirty = dirty_by(&mut Dice::from_bytes(bytes), false);
    let folder = settings(&dirty);
    folder
        .write("e.csv", text(&dirty.encounters, ',', false))
        .write("n.csv", text(&dirty.rows, ',', bytes.len() % 2 == 0));
    let one = run(&folder, &dirty, "csv", "1");
    assert!(run(&folder, &dirty, "csv", "3") == one, "threads change the report");
    assert_eq!(problems(&dirty, one, true), Vec::<String>::new());
});
