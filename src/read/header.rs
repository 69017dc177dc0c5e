//! The first record of an input: which column stands where.

use std::collections::HashSet;

use crate::domain::place::Place;
use crate::domain::text::nearest;
use crate::layout::Columns;
use crate::read::csv::{self, Record};
use crate::read::error::{InputError, Reason};

/// The header of an input.
#[derive(Clone, Debug)]
pub struct Header {
    file: String,
    line: u64,
    names: Vec<String>,
    carriage_returns: bool,
}

impl Header {
    /// The header in a record that starts on this line.
    pub fn new(file: &str, line: u64, record: &Record<'_>, bytes: &[u8]) -> Self {
        let name = |column| {
            let (begin, end) = record.field(bytes, column);
            String::from_utf8_lossy(&csv::text(&bytes[begin..end])).into_owned()
        };
        let names: Vec<_> = (0..record.width()).map(name).collect();
        // Quoted, a carriage return belongs to a name; unquoted it ends a line, and the next one follows.
        let carriage_returns = (0..record.width()).any(|column| {
            let (begin, end) = record.field(bytes, column);
            bytes[begin..end].first() != Some(&b'"') && bytes[begin..end].contains(&b'\r')
        });
        Self { file: file.to_owned(), line, names, carriage_returns }
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// The name of a column.
    pub fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("", String::as_str)
    }

    /// Checks that every required column is there and none is named twice.
    ///
    /// # Errors
    /// When one is missing or doubled. The text of the header is shown only where it is, or nearly is, the name of
    /// one of our columns: a file without a header has a patient there.
    pub fn check(&self, columns: &Columns) -> Result<(), InputError> {
        let fail = |reason| Err(InputError { place: Place::line(&*self.file, self.line), reason });
        // A name with a carriage return in it is the end of one line and the beginning of the next.
        if self.carriage_returns {
            return fail(Reason::CarriageReturns);
        }
        if let [only] = self.names.as_slice()
            && let Some(separator) = only.chars().find(|c| matches!(c, ';' | '\t' | '|'))
        {
            return fail(Reason::Separator(separator));
        }
        let missing: Vec<_> = columns.required.iter().filter(|name| self.position(name).is_none()).collect();
        if !missing.is_empty() {
            return fail(Reason::MissingColumns(missing.into_iter().map(|name| self.like(name)).collect()));
        }
        let mut known = HashSet::new();
        let named = self.names.iter().enumerate().filter(|(_, name)| !name.is_empty());
        let mut doubled = named.filter(|(_, name)| !known.insert(name.as_str()));
        match doubled.next() {
            Some((column, name)) => {
                // Another column's name is told by its position: it may be anything.
                let ours = columns.all().any(|ours| ours == name);
                let shown = if ours { name.clone() } else { format!("column {}", column + 1) };
                let place = Place::cell(&*self.file, self.line, shown);
                Err(InputError { place, reason: Reason::DoubledColumn })
            }
            None => Ok(()),
        }
    }

    /// Where a column stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The columns whose names would be ours but for case, blanks or dashes, and which are therefore not read.
    pub fn near_misses(&self, columns: &Columns) -> Vec<usize> {
        let absent: Vec<String> =
            columns.all().filter(|name| self.position(name).is_none()).map(plain).collect();
        let is_near = |name: &String| absent.contains(&plain(name));
        self.names.iter().enumerate().filter(|(_, name)| is_near(name)).map(|(column, _)| column).collect()
    }

    /// The line on which the header starts.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// A column's name with the name in the header that was probably meant to be it.
    fn like(&self, name: &str) -> (String, Option<String>) {
        let wanted = plain(name);
        let same = self.names.iter().find(|known| plain(known) == wanted);
        let near = || {
            let close = nearest(name, self.names.iter().map(String::as_str))?;
            (strsim::damerau_levenshtein(name, close) <= 2).then_some(close)
        };
        let like = same.map(String::as_str).or_else(near).map(crate::domain::text::printable);
        (name.to_owned(), like)
    }
}

/// A name without what people write differently.
fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}
