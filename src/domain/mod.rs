//! Floor 0: the measure's own words and arithmetic; values in, values out.

pub mod adjudication;
pub mod answer;
pub mod channel;
pub mod credit;
pub mod event;
pub mod exclusion;
pub mod finding;
pub mod inspection;
pub mod lines;
pub mod npi;
pub mod packed;
pub mod period;
pub mod place;
pub mod rate;
pub mod record;
pub mod report;
pub mod score;
pub mod standing;
pub mod sweep;
pub mod text;
pub mod validation;
pub mod verdict;
pub mod what_if;
pub mod words;
