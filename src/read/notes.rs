//! What reading an input noticed: rows, rejected rows and findings; adds up in any order.

use std::collections::BTreeMap;

use crate::domain::finding::Code;

/// What reading a part of an input noticed.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Rows read, rejected ones included.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows left aside, because the layout says that they are not meant for us.
    pub aside: u64,
    findings: BTreeMap<Code, Noticed>,
}

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
    /// Notes a finding.
    pub fn notice(&mut self, code: Code, line: u64, column: Option<usize>) {
        self.add(code, Noticed { count: 1, line, column });
    }

    /// Notes a row that cannot be used.
    pub fn reject(&mut self, code: Code, line: u64, column: Option<usize>) {
        self.rejected += 1;
        self.notice(code, line, column);
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
        for (code, noticed) in other.findings {
            self.add(code, noticed);
        }
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
