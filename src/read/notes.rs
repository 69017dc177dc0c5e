//! What reading an input noticed: rows, rejected rows and findings; adds up in any order.

use std::collections::BTreeMap;

use crate::domain::finding::{Code, Severity};
use crate::read::unusable::{Unusable, UnusableRow};

/// What reading a part of an input noticed.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Rows read, rejected ones included.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows left aside, because the layout says that they are not meant for us.
    pub aside: u64,
    /// Rows that are no records, such as blank rows, repeated headers and totals.
    pub furniture: u64,
    /// Of the rejected rows, those that a result has to allow for.
    pub unusable: Unusable,
    findings: BTreeMap<Code, Noticed>,
    /// Every place, if places are kept.
    places: Option<Vec<At>>,
}

/// A place in an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The line.
    pub line: u64,
    /// The column, as a position in the header; none where the whole row is meant.
    pub column: Option<u32>,
    /// What was noticed there.
    pub code: Code,
}

/// So many places of findings that reject no row are kept at the most.
const MOST_PLACES: usize = 1 << 20;

/// How often a code was met in one input, and where first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noticed {
    /// How often.
    pub count: u64,
    /// The first line.
    pub line: u64,
    /// The column on that line, as a position in the header; none where the whole row is meant.
    pub column: Option<usize>,
}

impl Notes {
    /// Nothing noticed yet; `places` says whether every place is to be kept.
    pub fn new(places: bool) -> Self {
        Self { places: places.then(Vec::new), ..Self::default() }
    }

    /// Every place in the order of the input, if places were kept.
    pub fn places(&self) -> &[At] {
        self.places.as_deref().unwrap_or_default()
    }

    /// Notes a finding.
    pub fn notice(&mut self, code: Code, line: u64, column: Option<usize>) {
        if let Some(places) = &mut self.places {
            places.push(At { line, column: column.map(|column| column as u32), code });
        }
        self.add(code, Noticed { count: 1, line, column });
    }

    /// Notes a row that cannot be used.
    pub fn reject(&mut self, code: Code, line: u64, column: Option<usize>) {
        self.rejected += 1;
        self.notice(code, line, column);
    }

    /// Notes a row that is rejected, with what can still be read of it.
    pub fn reject_unusable(&mut self, code: Code, line: u64, column: Option<usize>, row: UnusableRow) {
        self.reject(code, line, column);
        self.unusable.add(row, 1);
    }

    /// Notes rows that a cell swallowed, which begins on this line.
    pub fn swallow(&mut self, rows: u64, line: u64, column: Option<usize>) {
        self.rows += rows;
        self.rejected += rows;
        self.unusable.add(UnusableRow::Unreadable, rows);
        self.notice(Code::SwallowedRows, line, column);
        self.add(Code::SwallowedRows, Noticed { count: rows - 1, line, column });
    }

    /// Notes a rejected row whose cause was noted before.
    pub fn lose(&mut self, row: UnusableRow) {
        self.rejected += 1;
        self.unusable.add(row, 1);
    }

    /// Notes that a row, which was counted as one, is no record.
    pub fn skip_furniture(&mut self, line: u64) {
        self.rows -= 1;
        self.furniture += 1;
        self.notice(Code::Furniture, line, None);
    }

    /// How often a code was noted.
    pub fn count(&self, code: Code) -> u64 {
        self.findings.get(&code).map_or(0, |noticed| noticed.count)
    }

    /// Adds what another part noticed.
    pub fn merge(&mut self, other: Notes) {
        self.rows += other.rows;
        self.rejected += other.rejected;
        self.aside += other.aside;
        self.furniture += other.furniture;
        self.unusable.merge(other.unusable);
        if let Some(more) = other.places {
            let places = self.places.get_or_insert_default();
            places.extend(more);
            if places.len() > 2 * MOST_PLACES {
                shorten(places);
            }
        }
        for (code, noticed) in other.findings {
            self.add(code, noticed);
        }
    }

    /// Puts the places in the order of the input.
    pub fn sort_places(&mut self) {
        self.places.iter_mut().for_each(shorten);
    }

    /// The findings, in the order of their codes.
    pub fn findings(&self) -> impl Iterator<Item = (Code, Noticed)> + '_ {
        self.findings.iter().map(|(code, noticed)| (*code, *noticed))
    }

    fn add(&mut self, code: Code, new: Noticed) {
        self.findings
            .entry(code)
            .and_modify(|known| {
                known.count += new.count;
                if (new.line, new.column) < (known.line, known.column) {
                    (known.line, known.column) = (new.line, new.column);
                }
            })
            .or_insert(new);
    }
}

/// Sorts places, and keeps of those that reject no row only the first.
fn shorten(places: &mut Vec<At>) {
    places.sort_unstable();
    let mut others = 0;
    places.retain(|place| {
        let rejects = place.code.severity() == Severity::Error;
        others += usize::from(!rejects);
        rejects || others <= MOST_PLACES
    });
}
