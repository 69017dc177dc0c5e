//! The fuzzer's bytes choose a small export under any rule set. The program's results must match the slow oracle's.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc_fuzz::choices;
use mucalc_fuzz::support::{oracle, worlds};

fuzz_target!(|bytes: &[u8]| {
    let world = choices::world(bytes);
    assert_eq!(worlds::figures(&worlds::report(&world)), oracle::providers(&world), "{world:#?}");
});
