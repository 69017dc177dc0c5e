//! Any layout, applied to an export that has the columns the layout names.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc_fuzz::{practice, report};
use mucalc_read::layout::{Layout, file};

fuzz_target!(|input: &str| {
    // A layout, NUL, and the cells of the export, one per line.
    let (layout, cells) = input.split_once('\0').unwrap_or((input, ""));
    let Ok(parsed) = file::parse(layout) else { return };
    let layout_of = Layout::from_file(parsed);
    let header: Vec<String> = layout_of.messages.sources().into_iter().map(str::to_owned).collect();
    let _ = layout_of.messages.missing(&header);
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    let cells: Vec<&str> = cells.split('\n').collect();
    for row in cells.chunks(header.len().max(1)) {
        writer.write_record((0..header.len()).map(|at| row.get(at).copied().unwrap_or_default())).unwrap();
    }
    let folder = practice();
    folder.write("messages.csv", writer.into_inner().unwrap()).write("own.toml", layout);
    report(&folder, "messages.csv", &["--layout", "messages=own.toml"]);
});
