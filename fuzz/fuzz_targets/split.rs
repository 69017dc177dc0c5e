//! Records and fields are those of the `csv` crate, whatever the bytes and the block size. Every SIMD level finds the same separators.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc_fuzz::support::splitter::{expected_records, has_lone_return, is_open, split};
use mucalc_read::separators::scalar::scalar;
use mucalc_read::separators::simd::SimdLevel;
use mucalc_read::separators::{CsvDialect, Separators};

fuzz_target!(|input: (u8, &[u8])| {
    let (block_bytes, bytes) = input;
    for separator in *b",;\t|" {
        for quotes in [true, false] {
            ways_agree(bytes, CsvDialect { separator, quotes });
        }
    }
    // A byte order mark is removed before records are split, and the `csv` crate would remove it too.
    if has_lone_return(bytes) || bytes.starts_with(b"\xEF\xBB\xBF") {
        return;
    }
    let records = split(bytes, usize::from(block_bytes) + 1);
    assert_eq!(records.is_none(), is_open(bytes), "refused, or not, though the quotes say otherwise");
    if let Some(records) = records {
        assert_eq!(records, expected_records(bytes));
    }
});

/// Checks that every SIMD level finds what the scalar path finds.
fn ways_agree(bytes: &[u8], dialect: CsvDialect) {
    let mut plain = Separators::default();
    scalar(bytes, dialect, &mut plain);
    for way in SimdLevel::all() {
        let mut found = Separators::default();
        found.find_with(way, bytes, dialect);
        assert_eq!(found, plain, "{way:?}");
    }
}
