//! Messages of any bytes under the canonical header: the number of threads changes nothing, and the same records with other quoting give
//! the same results.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc_fuzz::support::splitter::has_lone_return;
use mucalc_fuzz::{figures, practice, report};

const HEADER: &[u8] =
    b"message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic,status,thread_id,subject\n";

fuzz_target!(|rows: &[u8]| {
    if has_lone_return(rows) {
        return;
    }
    let folder = practice();
    let bytes = [HEADER, rows].concat();
    folder.write("messages.csv", &bytes);
    let Some(as_is) = report(&folder, "messages.csv", &[]) else { return };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&bytes[..]);
    let mut writer =
        csv::WriterBuilder::new().flexible(true).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    for record in reader.byte_records() {
        writer.write_byte_record(&record.unwrap()).unwrap();
    }
    folder.write("messages.csv", writer.into_inner().unwrap());
    let quoted = report(&folder, "messages.csv", &[]).expect("it was accepted without quotation marks");
    assert_eq!(figures(&as_is), figures(&quoted));
});
