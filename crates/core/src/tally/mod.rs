//! Floor 3: events and the law make the ledger, one row per (provider, patient).

mod by_row;
mod credit;
mod decided;
mod evidence;
mod id_key;
mod ids;
pub mod kept;
mod law;
mod ledger;
mod matching;
mod near;
mod numbered;
mod pair;
mod patients;
mod prefetch;
mod replay;
mod seen;
mod shard;
pub mod side_by_side;
pub mod sweep;
mod undressed;
mod unusable;
mod versions;
mod waterfall;
mod wrote;

pub use by_row::GroupedRows;
pub use credit::Attribution;
pub use decided::{AdjudicationStats, Adjudications};
pub use evidence::{ADJUDICATED, DecidingRow, Evidence, RowKey, Weakening};
pub use ids::IdInterner;
pub use law::{CellsByDay, CompiledMeasure, Interpretations, KnownInputs};
pub use ledger::{Ledger, NumeratorState, PairIndex, PatientRows};
pub use matching::{Matched, Matching, Named};
pub use pair::ProviderPatient;
pub use replay::{ReachedProvider, ReplayOptions, ReplayResult, replay};
pub use seen::{
    CollectOptions, DenominatorBatch, DenominatorBuilder, DenominatorResult, ExclusionCountsByProvider,
};
pub use unusable::{UnseenWriters, UnusableByProvider, encounter_may_be_in, message_may_count};
pub use versions::{OneRecord, Resolved, RowPlaces, Unresolved, VersionRow, Versions};
pub use waterfall::RuleCounts;
pub use wrote::{NumeratorBatch, NumeratorContext};
