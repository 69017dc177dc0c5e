//! Records are split exactly, whatever the quoting. The `csv` crate is the reference.

use mucalc_read::separators::positions::NOWHERE;
use mucalc_read::separators::scalar::scalar;
use mucalc_read::separators::simd::SimdLevel;
use mucalc_read::separators::{CsvDialect, Separators};
use mucalc_read::{Block, BlockError, BlockLimits, BlockReader};
use proptest::prelude::*;

use crate::support::splitter::{expected_records, is_open, split};

/// Returns the reason why an input cannot be split.
fn refusal(bytes: &[u8], limits: BlockLimits) -> BlockError {
    let mut blocks = BlockReader::new(bytes, limits, CsvDialect::default());
    let mut block = Block::default();
    loop {
        match blocks.next_block(&mut block) {
            Ok(true) => {}
            Ok(false) => panic!("nothing was refused"),
            Err(error) => return error,
        }
    }
}

/// Generates the pieces of inputs: everything that matters to quoting, often adjacent.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "\0", "\"", "\"", "\"\"", ",", ",", "\n", "\r\n", "\n\n", "a", "b c", "5'10\"", "\"q\"", "\"q,\n\"",
        "é", " ", "\"\"\"",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn records_and_fields_are_those_of_the_csv_crate(
        pieces in prop::collection::vec(piece(), 0..40),
        block_bytes in 1usize..30,
    ) {
        let input = pieces.concat().into_bytes();
        match split(&input, block_bytes) {
            Some(records) => prop_assert_eq!(records, expected_records(&input)),
            None => prop_assert!(is_open(&input), "refused, though every quoted field is closed"),
        }
    }

    #[test]
    fn the_size_of_the_blocks_changes_nothing(
        pieces in prop::collection::vec(piece(), 0..60),
        one in 1usize..20,
        other in 20usize..200,
    ) {
        let input = pieces.concat().into_bytes();
        prop_assert_eq!(split(&input, one), split(&input, other));
    }

    #[test]
    fn an_open_quote_is_refused_and_nothing_else(pieces in prop::collection::vec(piece(), 0..30)) {
        let input = pieces.concat().into_bytes();
        prop_assert_eq!(split(&input, 7).is_none(), is_open(&input));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    /// The SIMD paths and the scalar path find the same separators, in inputs long enough for several steps of 64 bytes.
    #[test]
    fn vectors_find_what_one_byte_after_the_other_finds(pieces in prop::collection::vec(piece(), 0..150)) {
        let input = pieces.concat().into_bytes();
        for separator in *b",;\t|" {
            let input: Vec<u8> = input.iter().map(|byte| if *byte == b',' { separator } else { *byte }).collect();
            all_ways_agree(&input, CsvDialect { separator, quotes: true })?;
            all_ways_agree(&input, CsvDialect { separator, quotes: false })?;
        }
    }

    /// The same without stray quotes, so that the SIMD path is used to the end.
    #[test]
    fn vectors_find_the_separators_of_well_formed_inputs(
        records in prop::collection::vec(prop::collection::vec(well_formed(), 1..6), 0..30),
        crlf in any::<bool>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let input: String = records.iter().map(|fields| fields.join(",") + end).collect();
        let plain = all_ways_agree(input.as_bytes(), CsvDialect::default())?;
        prop_assert!(!plain.seen.stray_quote);
    }
}

/// Checks that every SIMD level of this machine finds what the scalar path finds and lists the same positions. This includes a list that
/// grows several times, and a list that is reused.
fn all_ways_agree(input: &[u8], dialect: CsvDialect) -> Result<Separators, TestCaseError> {
    let mut plain = Separators::default();
    scalar(input, dialect, &mut plain);
    let is_end = |position: &u32| plain.fields[*position as usize / 64] >> (position % 64) & 1 == 1;
    let ends: Vec<u32> = (0..plain.fields.len() as u32 * 64).filter(is_end).collect();
    for way in SimdLevel::all() {
        let (mut found, mut positions) = (Separators::default(), Vec::new());
        found.find_with(way, input, dialect);
        prop_assert_eq!(&found, &plain, "{:?}", way);
        for times in [1, 300, 1] {
            let words = found.fields.repeat(times);
            let count = way.positions(&words, &mut positions);
            prop_assert_eq!(positions[0], NOWHERE, "{:?}", way);
            let length = found.fields.len() as u32 * 64;
            let again = (0..times as u32).flat_map(|time| ends.iter().map(move |end| end + time * length));
            prop_assert!(positions[1..=count].iter().copied().eq(again), "{:?} {}", way, times);
            prop_assert_eq!(way.count_ones(&words), count, "{:?}", way);
        }
    }
    Ok(plain)
}

/// Generates a field as the CSV standard allows it.
fn well_formed() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "a",
        "plain text",
        "\"\"",
        "\"a,b\"",
        "\"two\nlines\"",
        "\"he said \"\"so\"\"\"",
        "\"\"\"\"",
        "\"\r\n\"",
        "é",
        "a rather long field that fills the better part of a step of sixty-four bytes",
        "\"\"\",\"\"\"",
    ])
}

#[test]
fn the_line_of_an_open_quote_is_the_one_on_which_it_opened() {
    let input = b"h1,h2\na,\"b\nb\"\nc,\"d\ne,f\ng,h\n".as_slice();
    for block_bytes in 1..40 {
        let error = refusal(input, BlockLimits { block_bytes, record_bytes: 1 << 20 });
        assert!(matches!(error, BlockError::Unclosed { line: 4 }), "{error:?}");
    }
}

#[test]
fn a_record_beyond_the_limit_is_refused_where_it_starts() {
    let input = [b"h\nshort\n\"open".as_slice(), &[b'x'; 5000], b"\""].concat();
    let error = refusal(&input, BlockLimits { block_bytes: 64, record_bytes: 1000 });
    assert!(matches!(error, BlockError::TooLong { line: 3, quote_line: Some(3), .. }), "{error:?}");
}

#[test]
fn a_carriage_return_alone_is_text() {
    let records = split(b"a\rb,c\r\nd\r,e\r", 5).expect("nothing is quoted");
    let fields: Vec<Vec<u8>> = records.into_iter().flat_map(|(_, fields)| fields).collect();
    assert_eq!(fields, [b"a\rb".to_vec(), b"c".to_vec(), b"d\r".to_vec(), b"e".to_vec()]);
}
