//! Small inputs, read whole: the texts of some columns of every row, with the line.

use std::sync::{Mutex, PoisonError};

use crate::domain::report::Role;
use crate::layout::Layout;
use crate::read::error::InputError;
use crate::read::header::Header;
use crate::read::notes::Notes;
use crate::read::source::Source;
use crate::read::stream::{self, Consumer, FileSummary, How, Row, Stop};
use crate::read::{Reading, door};

/// A row: the line, and the text of each column that was asked for, trimmed; none where it is empty or absent.
pub type Texts<const COLUMNS: usize> = (u64, [Option<String>; COLUMNS]);

/// Reads every row, in the order of the file.
///
/// # Errors
/// The first reason, in the order of the input, why it cannot be used.
pub fn read<const COLUMNS: usize>(
    source: &Source,
    reading: &Reading<'_>,
    layout: &Layout,
    role: Role,
    columns: [&'static str; COLUMNS],
) -> Result<(Vec<Texts<COLUMNS>>, FileSummary), InputError> {
    let rows = Mutex::new(Vec::new());
    let collect = |part: Vec<_>| rows.lock().unwrap_or_else(PoisonError::into_inner).extend(part);
    let how = How { layout, role, raw: false };
    let summary = stream::read(source, reading, &how, &Lines { columns }, collect)?;
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by_key(|(line, _): &Texts<COLUMNS>| *line);
    Ok((rows, summary))
}

struct Lines<const COLUMNS: usize> {
    columns: [&'static str; COLUMNS],
}

impl<const COLUMNS: usize> Consumer for Lines<COLUMNS> {
    type Columns = [Option<usize>; COLUMNS];
    type Part = Vec<Texts<COLUMNS>>;
    type Memory = ();

    fn columns(&self, header: &Header) -> Self::Columns {
        self.columns.map(|name| header.position(name))
    }

    fn part(&self) -> Self::Part {
        Vec::new()
    }

    fn memory(&self) {}

    fn row(
        &self,
        at: &Self::Columns,
        row: &Row<'_>,
        _memory: &mut (),
        part: &mut Self::Part,
        _notes: &mut Notes,
    ) -> Result<(), Stop> {
        let mut texts = [const { None }; COLUMNS];
        for (text, column) in texts.iter_mut().zip(at) {
            *text = door::id(row, *column)?.map(|text| String::from_utf8_lossy(&text).into_owned());
        }
        part.push((row.line.number(), texts));
        Ok(())
    }
}
