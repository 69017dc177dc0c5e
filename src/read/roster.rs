//! The roster: the providers of the practice, by id.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

use crate::domain::finding::Code;
use crate::layout::Layout;
use crate::layout::fit::Kind;
use crate::read::error::InputError;
use crate::read::header::Header;
use crate::read::notes::Notes;
use crate::read::source::Source;
use crate::read::stream::{self, Consumer, FileSummary, How, Row, Stop};
use crate::read::{Reading, door};

/// The providers of the practice, by id.
pub type Roster = BTreeMap<String, RosterLine>;

/// What the roster says of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterLine {
    /// The line of the file.
    pub line: u64,
    /// The provider's name.
    pub name: Option<String>,
    /// The National Provider Identifier, as it stands.
    pub npi: Option<String>,
    /// The group of providers who share the certified EHR.
    pub group: Option<String>,
}

/// Reads a roster. A provider's first line is used.
///
/// # Errors
/// The first reason, in the order of the input, why it cannot be used.
pub fn read(
    source: &Source,
    reading: &Reading<'_>,
    layout: &Layout,
) -> Result<(Roster, FileSummary), InputError> {
    let lines = Mutex::new(Vec::new());
    let collect = |part: Vec<_>| lines.lock().unwrap_or_else(PoisonError::into_inner).extend(part);
    let mut summary =
        stream::read(source, reading, &How { layout, kind: Kind::Roster, raw: false }, &Lines, collect)?;
    let mut lines = lines.into_inner().unwrap_or_else(PoisonError::into_inner);
    lines.sort_by_key(|(_, line): &(String, RosterLine)| line.line);
    let mut roster = Roster::new();
    for (provider, line) in lines {
        match roster.entry(provider) {
            Entry::Vacant(entry) => {
                entry.insert(line);
            }
            Entry::Occupied(_) => {
                let column = summary.header.position("provider_id");
                summary.notes.notice(Code::DuplicateRosterLine, line.line, column);
            }
        }
    }
    Ok((roster, summary))
}

struct Lines;

struct At {
    provider: Option<usize>,
    name: Option<usize>,
    npi: Option<usize>,
    group: Option<usize>,
}

impl Consumer for Lines {
    type Columns = At;
    type Part = Vec<(String, RosterLine)>;
    type Memory = ();

    fn columns(&self, header: &Header) -> At {
        At {
            provider: header.position("provider_id"),
            name: header.position("name"),
            npi: header.position("npi"),
            group: header.position("group_id"),
        }
    }

    fn part(&self) -> Self::Part {
        Vec::new()
    }

    fn memory(&self) {}

    fn row(
        &self,
        at: &At,
        row: &Row<'_>,
        _memory: &mut (),
        part: &mut Self::Part,
        notes: &mut Notes,
    ) -> Result<(), Stop> {
        let Some(provider) = door::id(row, at.provider)? else {
            notes.reject(Code::MissingProviderId, row.line.number(), at.provider);
            return Ok(());
        };
        let text = |column| -> Result<Option<String>, Stop> {
            Ok(door::id(row, column)?.map(|text| String::from_utf8_lossy(&text).into_owned()))
        };
        let line = RosterLine {
            line: row.line.number(),
            name: text(at.name)?,
            npi: text(at.npi)?,
            group: text(at.group)?,
        };
        part.push((String::from_utf8_lossy(&provider).into_owned(), line));
        Ok(())
    }
}
