//! The ledger: one row per provider and patient, built from encounters and messages under a rule set.

mod adjudications;
mod attribution;
mod denominator;
mod dense_index;
mod evaluator;
mod evidence;
mod grouped;
mod id_key;
mod interner;
mod matching;
mod near;
mod numerator;
mod pair;
mod pair_index;
pub mod parallel;
mod patient_table;
mod prefetch;
mod replay;
pub mod retained_rows;
mod rule_counts;
mod shard;
pub mod sweep;
mod undressed;
mod unusable;
mod versions;

pub use adjudications::{AdjudicationStats, Adjudications};
pub use attribution::Attribution;
pub use denominator::{
    CollectOptions, DenominatorBatch, DenominatorBuilder, DenominatorResult, ExclusionCountsByProvider,
};
pub use evaluator::{CellsByDay, CompiledMeasure, Interpretations, KnownInputs};
pub use evidence::{ADJUDICATED, DecidingRow, Evidence, RowKey, Weakening};
pub use grouped::GroupedRows;
pub use interner::IdInterner;
pub use matching::{Matched, Matching, Named};
pub use numerator::{NumeratorBatch, NumeratorContext};
pub use pair::ProviderPatient;
pub use pair_index::{Ledger, NumeratorState, PairIndex, PatientRows};
pub use replay::{ReachedProvider, ReplayOptions, ReplayResult, replay};
pub use rule_counts::RuleCounts;
pub use unusable::{UnseenWriters, UnusableByProvider, encounter_may_be_in, message_may_count};
pub use versions::{OneRecord, Resolved, RowPlaces, Unresolved, VersionRow, Versions};
