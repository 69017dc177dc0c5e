//! Compares the columns of several exports: which of them have the same ids.

use mucalc_core::domain::folding::Fold;
use mucalc_core::domain::inspection::IdOverlap;
use mucalc_core::domain::text::escape_control;

use super::LookedAt;

/// Minimum number of different texts in a column that may hold ids.
const MIN_IDS: u64 = 2;

/// Minimum share of the ids that two columns have in common to be shown.
const MIN_SHARE: f64 = 0.5;

/// Adds to each export which of its columns have the ids of a column of another export.
pub fn add_overlaps(all: &mut [LookedAt]) {
    let found: Vec<Vec<IdOverlap>> = (0..all.len()).map(|at| overlaps(all, at)).collect();
    all.iter_mut().zip(found).for_each(|(it, found)| it.inspection.overlaps = found);
}

fn overlaps(all: &[LookedAt], at: usize) -> Vec<IdOverlap> {
    let mut found = Vec::new();
    let one = &all[at];
    for other in all.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other) {
        for (column, name) in id_columns(one) {
            for (other_column, other_name) in id_columns(other) {
                let (ours, theirs) = (&one.columns[column].ids, &other.columns[other_column].ids);
                let exact = ours.overlap(theirs, &[]).share();
                let folded = ours.overlap(theirs, &Fold::ACCIDENTAL).share();
                if folded >= MIN_SHARE {
                    found.push(IdOverlap {
                        column: escape_control(name),
                        other: other.inspection.path.clone(),
                        other_column: escape_control(other_name),
                        percent: percent(exact),
                        percent_folded: percent(folded),
                    });
                }
            }
        }
    }
    found
}

/// Returns the columns that may hold ids: not days, and not the values of a short list.
fn id_columns(it: &LookedAt) -> impl Iterator<Item = (usize, &str)> {
    let may_be = |at: usize| {
        let column = &it.columns[at];
        let is_list = !column.is_free && column.filled > 10 * column.words.len() as u64;
        column.ids.distinct() >= MIN_IDS
            && column.days * 2 < column.filled
            && column
                .forms
                .proposal()
                .is_none_or(|found| found.rows * 2 < column.filled || found.forms == ["serial"])
            && !is_list
    };
    (0..it.columns.len()).filter(move |at| may_be(*at)).map(|at| (at, it.header[at].as_str()))
}

/// Returns a share in percent, rounded to one decimal.
fn percent(share: f64) -> f64 {
    (share * 1000.0).round() / 10.0
}
