//! Records and fields are those of the `csv` crate whatever the bytes and the size of the blocks, and every way of finding
//! separators finds the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc_fuzz::support::splitter::{has_lone_return, is_open, judge, split};
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
    // A byte order mark is taken off before records are split, and the `csv` crate would take it off itself.
    if has_lone_return(bytes) || bytes.starts_with(b"\xEF\xBB\xBF") {
        return;
    }
    let records = split(bytes, usize::from(block_bytes) + 1);
    assert_eq!(records.is_none(), is_open(bytes), "refused, or not, though the quotes say otherwise");
    if let Some(records) = records {
        assert_eq!(records, judge(bytes));
    }
});

/// Every way of finding separators finds what one byte after the other finds.
fn ways_agree(bytes: &[u8], dialect: CsvDialect) {
    let mut plain = Separators::default();
    scalar(bytes, dialect, &mut plain);
    for way in SimdLevel::all() {
        let mut found = Separators::default();
        found.find_by(way, bytes, dialect);
        assert_eq!(found, plain, "{way:?}");
    }
}
