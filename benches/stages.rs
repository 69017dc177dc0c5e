//! Benchmarks of the performance-critical stages: `cargo bench --bench stages`. `benches/side_by_side.py` compares complete runs with
//! other engines.

#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, reason = "a program of its own")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use mucalc_core::edition;
use mucalc_core::edition::DecisionTable;
use mucalc_core::edition::model::PolicyChoices;
use mucalc_core::ledger::IdInterner;
use mucalc_read::date::local_day;
use mucalc_read::records::RecordIndex;
use mucalc_read::separators::simd::SimdLevel;
use mucalc_read::separators::{CsvDialect, Separators};
use mucalc_read::{Block, BlockLimits, BlockReader};

/// Returns about a megabyte of messages as an export contains them.
fn messages() -> Vec<u8> {
    let mut csv =
        b"message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status,subject\n".to_vec();
    for row in 0..8000 {
        let subject = if row % 4 == 0 { "\"A refill, please\"" } else { "A question about my last visit" };
        csv.extend(format!(
            "M{row:09},2014-08-{:02}T10:{:02}:00,P{:08},D{:05},patient,provider,ehr-portal,medication-refill,sent,{subject}\n",
            row % 28 + 1, row % 60, row * 7919 % 1_000_000, row % 2000,
        ).into_bytes());
    }
    csv
}

fn stages(criterion: &mut Criterion) {
    let input = messages();
    let mut group = criterion.benchmark_group("bytes");
    group.throughput(Throughput::Bytes(input.len() as u64));
    for way in SimdLevel::all() {
        let mut separators = Separators::default();
        group.bench_function(format!("separators, {way:?}"), |bench| {
            bench.iter(|| separators.find_with(way, black_box(&input), CsvDialect::default()));
        });
        let mut positions = Vec::new();
        group.bench_function(format!("positions, {way:?}"), |bench| {
            bench.iter(|| way.positions(black_box(&separators.fields), &mut positions));
        });
    }
    group.bench_function("records in blocks", |bench| {
        bench.iter(|| {
            let mut blocks =
                BlockReader::new(input.as_slice(), BlockLimits::default(), CsvDialect::default());
            let (mut block, mut records, mut fields) = (Block::default(), RecordIndex::default(), 0);
            while blocks.next_block(&mut block).unwrap() {
                records.index(&block, 0, block.records().len());
                fields += records.iter(&block, 10).map(|record| record.width()).sum::<usize>();
            }
            fields
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("rows");
    group.throughput(Throughput::Elements(1));
    for text in ["2014-08-14", "2014-08-14T10:30:00", "2014-08-14T10:30:00Z"] {
        group.bench_function(format!("day of {text}"), |bench| {
            bench.iter(|| local_day(black_box(text.as_bytes()), Some(chrono_tz::America::New_York)));
        });
    }
    let edition = edition::find("stage2-core17").unwrap();
    let choices: PolicyChoices = edition.default_choices(2014);
    group.bench_function("decision table, compiled", |bench| {
        bench.iter_batched(
            || (),
            |()| DecisionTable::compile(&edition.numerator, &choices),
            BatchSize::SmallInput,
        );
    });
    let table = DecisionTable::compile(&edition.numerator, &choices);
    group.bench_function("decision table, asked", |bench| {
        bench.iter(|| table.cell(black_box([0u8, 0, 0, 0, 0, 0, 0])));
    });
    let mut ids = IdInterner::default();
    let texts: Vec<String> = (0..100_000).map(|id| format!("P{id:08}")).collect();
    texts.iter().for_each(|text| {
        ids.code(text.as_bytes());
    });
    let mut next = 0;
    group.bench_function("id found among 100,000", |bench| {
        bench.iter(|| {
            next = (next + 7919) % texts.len();
            ids.find(texts[next].as_bytes())
        });
    });
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
