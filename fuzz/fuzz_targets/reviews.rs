//! Any file of review decisions: it is refused, or every range of the report is within the range without decisions.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc::run::Exit;
use mucalc_fuzz::support::{oracle, worlds};
use mucalc_fuzz::{choices, ranges};

const DECISIONS: [&str; 4] = ["counts", "out", "seen", "not-seen"];
const HEADER: &str = "message_id,patient_id,provider_id,decision,by,on,reason\n";

fuzz_target!(|input: (bool, Vec<u8>, Vec<u8>)| {
    let (is_text, world, decisions) = input;
    let world = choices::world(&world);
    if oracle::counts_accesses(world.edition()) {
        return;
    }
    let folder = worlds::folder(&world);
    let rows = decisions.chunks_exact(3).take(12).map(|three| {
        let decision = DECISIONS[usize::from(three[0] % 4)];
        let message = if three[0] & 4 == 0 { format!("M{}", three[1] % 16) } else { String::new() };
        let patient = if three[0] & 8 == 0 { format!("p{}", three[1] / 16 % 6) } else { String::new() };
        let provider = ["", "", "A", "B", "C", "Z"][usize::from(three[2] % 6)];
        format!("{message},{patient},{provider},{decision},Office manager,2015-01-05,looked at the record\n")
    });
    let rows = HEADER.to_owned() + &rows.collect::<String>();
    folder.write("decisions.csv", if is_text { decisions } else { rows.into_bytes() });
    let words = ["report", "--format", "json"];
    let (open, before) = folder.answer(&words);
    let (settled, after) = folder.answer(&[&words[..], &["--adjudications", "decisions.csv"]].concat());
    assert!(settled as u8 != Exit::Internal as u8, "a defect");
    if open as u8 != Exit::Success as u8 || settled as u8 != Exit::Success as u8 {
        return;
    }
    let (before, after) = (ranges(&before), ranges(&after));
    assert!(before.keys().eq(after.keys()), "decisions change which providers are listed");
    for (id, before) in before {
        for (before, after) in before.iter().zip(&after[&id]) {
            assert!(before[0] <= after[0] && after[1] <= before[1], "{id}: {before:?} became {after:?}");
        }
    }
});
