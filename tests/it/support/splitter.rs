//! Two slow references for splitting a file into records: the `csv` crate, and a state machine that reads one byte at a time.

use mucalc_core::domain::line_index::LineIndex;
use mucalc_read::records::{RecordIndex, text};
use mucalc_read::separators::CsvDialect;
use mucalc_read::{Block, BlockLimits, BlockReader};

/// Returns the records of an input as the `csv` crate reads them: the line on which each starts, and its fields.
pub fn expected_records(bytes: &[u8]) -> Vec<(u64, Vec<Vec<u8>>)> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut records = Vec::new();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).expect("bytes always read") {
        records.push((0, record.iter().map(<[u8]>::to_vec).collect()));
    }
    let starts = starts(bytes);
    assert_eq!(starts.len(), records.len(), "the two judges differ");
    for (record, start) in records.iter_mut().zip(starts) {
        record.0 = start;
    }
    records
}

/// Returns the line on which each record starts, by reading one byte at a time. The `csv` crate cannot be the reference here, because it
/// counts lines differently if blank lines precede a record.
pub fn starts(bytes: &[u8]) -> Vec<u64> {
    #[derive(PartialEq)]
    enum At {
        RecordStart,
        FieldStart,
        Unquoted,
        Quoted,
        QuoteInQuoted,
    }
    let (mut at, mut line, mut starts) = (At::RecordStart, 1, Vec::new());
    for (position, byte) in bytes.iter().enumerate() {
        let blank = match byte {
            b'\n' => true,
            b'\r' => bytes.get(position + 1) == Some(&b'\n') || position + 1 == bytes.len(),
            _ => false,
        };
        if at == At::RecordStart && !blank {
            starts.push(line);
            at = At::FieldStart;
        }
        at = match (at, byte) {
            (At::RecordStart, _) => At::RecordStart,
            (At::FieldStart, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::QuoteInQuoted,
            (At::QuoteInQuoted, b'"') => At::Quoted,
            (At::Quoted, _) => At::Quoted,
            (_, b',') => At::FieldStart,
            (_, b'\n') => At::RecordStart,
            _ => At::Unquoted,
        };
        line += u64::from(*byte == b'\n');
    }
    starts
}

/// Returns the records as the program reads them, in blocks of a given size. `None` if a quoted field remains open.
pub fn split(bytes: &[u8], block_bytes: usize) -> Option<Vec<(u64, Vec<Vec<u8>>)>> {
    let mut blocks =
        BlockReader::new(bytes, BlockLimits { block_bytes, record_bytes: 1 << 20 }, CsvDialect::default());
    let (mut block, mut index) = (Block::default(), RecordIndex::default());
    let mut records = Vec::new();
    while blocks.next_block(&mut block).ok()? {
        let bytes = block.records();
        let lines = LineIndex::new(bytes, block.line);
        index.index(&block, 0, block.records().len());
        for record in index.iter(&block, 3) {
            let field = |column| {
                let (begin, end) = record.field(bytes, column);
                text(&bytes[begin..end]).into_owned()
            };
            records.push((lines.line(record.begin()).number(), (0..record.width()).map(field).collect()));
        }
    }
    Some(records)
}

/// Returns whether a quoted field is still open at the end.
pub fn is_open(bytes: &[u8]) -> bool {
    let closed = [bytes, b"\"\nx".as_slice()].concat();
    let as_is = [bytes, b"\nx".as_slice()].concat();
    // After an open field, the line feed is text, so the last record is not just `x`.
    starts(&as_is).len() < starts(&closed).len() || last_record(&as_is) != b"x"
}

fn last_record(bytes: &[u8]) -> Vec<u8> {
    expected_records(bytes).last().and_then(|(_, fields)| fields.last().cloned()).unwrap_or_default()
}

/// Returns whether a carriage return is not followed by a line feed. The program treats it as text, but the `csv` crate ends the record
/// there.
pub fn has_lone_return(bytes: &[u8]) -> bool {
    (0..bytes.len()).any(|at| bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'))
}
