//! Floor 3: events and the law make the ledger, one row per (provider, patient).

mod by_row;
mod credit;
mod decided;
mod evidence;
mod ids;
pub mod kept;
mod law;
mod ledger;
mod matching;
mod near;
mod numbered;
mod patients;
mod replay;
mod seen;
mod shard;
pub mod side_by_side;
pub mod sweep;
mod unusable;
mod versions;
mod waterfall;
mod wrote;

pub use by_row::ByRow;
pub use credit::Crediting;
pub use decided::{Decided, FateOf};
pub use evidence::{ADJUDICATED, Deciding, Evidence, RowKey, Weakening};
pub use ids::Ids;
pub use law::{ByWords, Known, Law, Readings};
pub use ledger::{Ledger, Pair, Pairs, PatientRows, Written};
pub use matching::{Matched, Matching, Named};
pub use replay::{Counting, Reached, Replayed, replay};
pub use seen::{AllSeen, HeldBy, Keep, Seeing, SeenPart};
pub use unusable::{UnseenWriters, UnusableByProvider, encounter_may_be_in, message_may_count};
pub use versions::{OneOf, OneRecord, Resolved, RowPlaces, Unresolved, Versions};
pub use waterfall::Tally;
pub use wrote::{Writing, WrotePart};
