//! What exports and the files beside them hold, one file each: from a row to an event.

pub mod accesses;
pub mod adjudications;
pub mod counties;
pub mod encounters;
pub mod enrollment;
pub mod messages;
pub mod roster;
