//! Readers of exports and of the tables that accompany them, one per file: they turn rows into events.

pub mod accesses;
pub mod adjudications;
pub mod counties;
pub mod encounters;
pub mod enrollment;
pub mod messages;
pub mod roster;
