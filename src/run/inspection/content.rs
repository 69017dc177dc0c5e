//! Describes the columns of an export that no layout reads, without showing what may be about a patient.

use mucalc_core::domain::inspection::{ColumnContent, ContentKind, DateShapeCount, DatesFound, WordCount};
use mucalc_core::domain::text::escape_control;
use mucalc_read::profile::ColumnProfile;
use mucalc_read::profile::date_forms::DayOrder;
use mucalc_read::proposals::columns::is_day_name;
use mucalc_read::proposals::terms::is_ehr_term;

/// Maximum number of words and of shapes that are shown.
const MAX_SHOWN: usize = 8;

/// Maximum number of different texts in a column that is a short list.
const MAX_WORDS: usize = 40;

/// Describes a column. `name` is shown as it is.
pub fn content(name: String, column: &ColumnProfile) -> ColumnContent {
    let dates = dates(&name, column, None);
    let words = if dates.is_none() { words(column) } else { Vec::new() };
    let is_number = |shape: &String| shape.chars().all(|c| matches!(c, '9' | '.' | ',' | '-'));
    let kind = match () {
        () if column.filled == 0 => ContentKind::Empty,
        () if dates.is_some() => ContentKind::Days,
        () if !words.is_empty() => ContentKind::Words,
        () if !column.shapes.is_empty() && column.shapes.keys().all(is_number) => ContentKind::Numbers,
        () => ContentKind::Texts,
    };
    let is_shaped = matches!(kind, ContentKind::Days | ContentKind::Numbers | ContentKind::Texts);
    ColumnContent {
        column: name,
        filled: column.filled,
        distinct: column.ids.distinct(),
        kind,
        words,
        shapes: if is_shaped { shapes(column) } else { Vec::new() },
        dates,
    }
}

/// Returns how the days of a column are written, or `None` if most of its texts are not days. `order` is the order of day and month that other
/// columns settle.
pub fn dates(name: &str, column: &ColumnProfile, order: Option<DayOrder>) -> Option<DatesFound> {
    let proposal = column.forms.proposal_in(order);
    // Any number may be a number of days or seconds, so the name has to say that it is.
    let is_number = |form: &&str| {
        ["serial", "fileman", "epoch", "epoch-ms", "YYYYMMDDHHmm", "YYYYMMDDHHmmss"].contains(form)
    };
    let proposal = proposal.filter(|found| !found.forms.iter().all(is_number) || is_day_name(name));
    let rows = column.days + proposal.as_ref().map_or(0, |found| found.rows);
    // A column that is called a date may have a few other texts, such as `TBD`.
    let (part, whole) = if is_day_name(name) { (2, 3) } else { (9, 10) };
    if rows == 0 || rows * whole < column.filled * part {
        return None;
    }
    let firsts = [column.first, proposal.as_ref().map(|found| found.first)];
    let lasts = [column.last, proposal.as_ref().map(|found| found.last)];
    Some(DatesFound {
        rows,
        first: firsts.into_iter().flatten().min()?.to_string(),
        last: lasts.into_iter().flatten().max()?.to_string(),
        settled: proposal.as_ref().is_none_or(|found| found.is_settled),
        forms: proposal
            .map_or_else(Vec::new, |found| found.forms.iter().map(|form| (*form).to_owned()).collect()),
    })
}

/// Returns the most frequent values of a short list, as far as they are terms of health records.
fn words(column: &ColumnProfile) -> Vec<WordCount> {
    let count = column.words.len();
    let is_list = !column.is_free && count <= MAX_WORDS && column.filled >= 2 * count as u64;
    let shown = column.words.iter().filter(|(word, _)| is_list && is_ehr_term(word));
    let mut words: Vec<WordCount> =
        shown.map(|(word, rows)| WordCount { word: escape_control(word), rows: *rows }).collect();
    words.sort_by(|one, other| (other.rows, &one.word).cmp(&(one.rows, &other.word)));
    words.truncate(MAX_SHOWN);
    words
}

fn shapes(column: &ColumnProfile) -> Vec<DateShapeCount> {
    let mut shapes: Vec<DateShapeCount> = column
        .shapes
        .iter()
        .map(|(shape, rows)| DateShapeCount { shape: escape_control(shape), rows: *rows })
        .collect();
    shapes.sort_by(|one, other| (other.rows, &one.shape).cmp(&(one.rows, &other.shape)));
    shapes.truncate(MAX_SHOWN / 2);
    shapes
}
