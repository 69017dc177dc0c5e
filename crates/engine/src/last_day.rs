//! Finds the last day on which a message or access can be in the numerator.

use mucalc_core::domain::inclusion::Inclusion;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::words::DayRelation;
use mucalc_core::ledger::CompiledMeasure;

/// Returns the last day on which a further message or access can be in the numerator, where `counts` accepts its inclusion. `None` if the
/// attestation date decides and is unknown.
pub fn last_helpful_day(law: &CompiledMeasure, counts: impl Fn(Inclusion) -> bool) -> Option<Day> {
    let day = law.numerator.columns().iter().position(|column| column.name == DayRelation::LIST.name)?;
    let is_around = |row: &Vec<u8>| row[day] == DayRelation::Around.code();
    let may_count = |row: Vec<u8>| counts(law.numerator.cell_of(&row).answer);
    match law.numerator.rows().filter(is_around).any(may_count) {
        false => Some(law.windows.period.last),
        true => (!law.windows.is_open()).then(|| law.windows.span().last),
    }
}
