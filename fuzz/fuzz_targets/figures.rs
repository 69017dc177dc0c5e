//! The fuzzer's bytes as the choices of a small export of any edition: the program's figures are the slow oracle's.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc_fuzz::choices;
use mucalc_fuzz::support::{oracle, worlds};

fuzz_target!(|bytes: &[u8]| {
    let world = choices::world(bytes);
    assert_eq!(worlds::figures(&worlds::report(&world)), oracle::providers(&world), "{world:#?}");
});
