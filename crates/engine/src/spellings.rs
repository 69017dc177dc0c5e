//! Finds how the encounters spell ids that the practice declares to be the same.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::sources::InputSet;
use mucalc_core::domain::event::{Encounter, MessageCodes};
use mucalc_core::domain::folding::Folding;
use mucalc_read::entity::encounters;
use mucalc_read::layout::Layout;
use mucalc_read::locations::LocationTable;
use mucalc_read::{IdRules, InputSource, ReadContext, RowSink};

/// Spellings, by folded id.
type Spellings = HashMap<String, String>;

/// Reads the encounters once for their ids, so that every id is shown in their spelling. Of several spellings, the first in byte order is
/// used.
///
/// An input that cannot be read, or not twice, adds nothing. Its problems are reported when its rows are evaluated.
pub fn spellings(
    sources: &InputSet,
    layout: &Layout,
    folding: Folding,
    reading: &ReadContext<'_>,
) -> Spellings {
    let rules = IdRules::new(reading.id_rules.markers.clone(), Folding::default());
    let reading = ReadContext { id_rules: &rules, progress: &|_| {}, digest: false, ..*reading };
    let sink = SpellingSink { folding, all: Mutex::default() };
    let files = |source: &&InputSource| source.path.as_deref().is_some_and(Path::is_file);
    for source in sources.encounters.iter().filter(files) {
        // The error is reported when the rows of the input are evaluated.
        let _ = encounters::read(source, &reading, layout, &LocationTable::default(), &sink);
    }
    sink.all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

struct SpellingSink {
    folding: Folding,
    all: Mutex<Spellings>,
}

impl RowSink for SpellingSink {
    type Batch = Spellings;
    type Memo = ();

    fn batch(&self) -> Spellings {
        Spellings::new()
    }

    fn memo(&self, _words: &MessageCodes) {}

    fn encounter(&self, batch: &mut Spellings, encounter: &Encounter<'_>) {
        for id in [encounter.patient, encounter.provider] {
            let id = String::from_utf8_lossy(id).into_owned();
            add(batch, self.folding.fold(&id), id);
        }
    }

    fn merge(&self, batch: Spellings) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        batch.into_iter().for_each(|(folded, id)| add(&mut all, folded, id));
    }
}

fn add(known: &mut Spellings, folded: String, id: String) {
    let spelling = known.entry(folded).or_insert_with(|| id.clone());
    if id < *spelling {
        *spelling = id;
    }
}
