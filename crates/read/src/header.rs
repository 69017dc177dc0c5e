//! The first record of an input: which column stands where.

use std::collections::HashSet;

use crate::error::{InputError, InputErrorKind};
use crate::layout::fit::{MatchScore, fits};
use crate::layout::names::recognized;
use crate::layout::{Layout, RowTranslator};
use crate::records::{self, CsvRecord};
use crate::separators::CsvDialect;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{bare, nearest, printable};

/// The header of an input: the columns that its rows have.
#[derive(Clone, Debug)]
pub struct ColumnHeader {
    file: String,
    line: u64,
    names: Vec<String>,
    /// What the columns are called in the export, where that is something else.
    shown: Option<Vec<String>>,
    /// What the export has beside these columns, where they were picked out of it: the paths of NDJSON.
    beside: Vec<String>,
    carriage_returns: bool,
}

impl ColumnHeader {
    /// A header with these names, which stands on this line.
    pub fn new(file: &str, line: u64, names: Vec<String>) -> Self {
        Self { file: file.to_owned(), line, names, shown: None, beside: Vec::new(), carriage_returns: false }
    }

    /// The header in a record of text that starts on this line.
    pub fn in_record(
        file: &str,
        line: u64,
        record: &CsvRecord<'_>,
        bytes: &[u8],
        dialect: CsvDialect,
    ) -> Self {
        let raw = |column| {
            let (begin, end) = record.field(bytes, column);
            &bytes[begin..end]
        };
        let name = |column| {
            let raw = raw(column);
            let text = if dialect.quotes { records::text(raw) } else { raw.into() };
            String::from_utf8_lossy(&text).into_owned()
        };
        // Quoted, a carriage return belongs to a name; unquoted it ends a line, and the next one follows.
        let is_line_end = |column: usize| raw(column).first() != Some(&b'"') && raw(column).contains(&b'\r');
        let carriage_returns = (0..record.width()).any(is_line_end);
        Self { carriage_returns, ..Self::new(file, line, (0..record.width()).map(name).collect()) }
    }

    /// The header of rows that are translated from rows with this one.
    pub fn translated(&self, translation: &RowTranslator) -> Self {
        let shown =
            |column: usize| translation.source(column).map_or("", |source| self.name(source)).to_owned();
        let names: Vec<String> = translation.names().map(str::to_owned).collect();
        let shown = Some((0..names.len()).map(shown).collect());
        Self { shown, carriage_returns: false, ..Self::new(&self.file, self.line, names) }
    }

    /// The header of columns that were picked out of an export: what they are called there, and what it has beside them.
    pub fn picked(
        file: &str,
        line: u64,
        names: Vec<String>,
        shown: Vec<String>,
        beside: Vec<String>,
    ) -> Self {
        Self { shown: Some(shown), beside, ..Self::new(file, line, names) }
    }

    /// Gives columns that are spelled otherwise than a wanted name, `Patient ID`, that name; they are still shown as the export
    /// has them.
    ///
    /// # Errors
    /// [`InputErrorKind::DoubledColumn`] if two columns are spelled alike.
    pub fn recognize(&mut self, wanted: &[&str]) -> Result<(), InputError> {
        let meant = recognized(&self.names, wanted).map_err(|(_, second)| {
            let shown = printable(self.name(second));
            let place = SourceLocation::cell(&*self.file, self.line, shown);
            InputError { place, reason: InputErrorKind::DoubledColumn }
        })?;
        if meant.iter().all(Option::is_none) {
            return Ok(());
        }
        self.shown.get_or_insert_with(|| self.names.clone());
        for (name, meant) in self.names.iter_mut().zip(meant) {
            if let Some(meant) = meant {
                meant.clone_into(name);
            }
        }
        Ok(())
    }

    /// What a column is called in the export, if it has it.
    pub fn written<'n>(&'n self, name: &'n str) -> &'n str {
        self.position(name).map_or(name, |column| self.name(column))
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// What a column is called in the export.
    pub fn name(&self, column: usize) -> &str {
        self.shown.as_ref().unwrap_or(&self.names).get(column).map_or("", String::as_str)
    }

    /// The names of all columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Checks that every required column is there and none is named twice.
    ///
    /// # Errors
    /// When one is missing or doubled. The text of the header is shown only where it is, or nearly is, the name of
    /// one of our columns: a file without a header has a patient there.
    pub fn check(&self, layout: &Layout, role: InputRole) -> Result<(), InputError> {
        let input = layout.input(role);
        let fail = |reason| Err(InputError { place: SourceLocation::line(&*self.file, self.line), reason });
        // A name with a carriage return in it is the end of one line and the beginning of the next.
        if self.carriage_returns {
            return fail(InputErrorKind::CarriageReturns);
        }
        let missing = input.missing(&self.names);
        if !missing.is_empty() {
            let like = |(ours, theirs): (&str, Vec<String>)| match theirs.as_slice() {
                [] => (ours.to_owned(), None),
                [only] => self.like(only),
                several => (several.join("` or `"), None),
            };
            let columns = missing.into_iter().map(like).collect();
            let mut fits = fits(&self.names, &Layout::all(), false).into_iter().filter(MatchScore::is_whole);
            // Almost anything would pass for a roster, which needs one column.
            let fit = fits.find(|fit| match fit.role == role {
                true => fit.layout != layout.name,
                false => fit.role != InputRole::Roster,
            });
            return fail(InputErrorKind::MissingColumns {
                columns,
                fit: fit.map(|fit| Box::new((fit.role == role, fit))),
            });
        }
        let mut known = HashSet::new();
        let named = self.names.iter().enumerate().filter(|(_, name)| !name.is_empty());
        let mut doubled = named.filter(|(_, name)| !known.insert(name.as_str()));
        match doubled.next() {
            Some((column, name)) => {
                // Another column's name is told by its position: it may be anything.
                let ours = input.sources().contains(&name.as_str());
                let shown = if ours { name.clone() } else { format!("column {}", column + 1) };
                let place = SourceLocation::cell(&*self.file, self.line, shown);
                Err(InputError { place, reason: InputErrorKind::DoubledColumn })
            }
            None => Ok(()),
        }
    }

    /// Where a column stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The columns that are not read, though their names are nearly those of columns that would be and are not there, or hold the
    /// name of an `assumed` one: a column that is taken to say the same in every row, since it is not there. With each goes whether
    /// somebody has acknowledged that.
    pub fn near_misses(&self, read: &[&str], assumed: &[(&str, bool)]) -> Vec<NearMiss> {
        let absent: Vec<&str> = read.iter().copied().filter(|name| self.position(name).is_none()).collect();
        let near = |name: &str| {
            if read.contains(&name) {
                return None;
            }
            let mut held =
                assumed.iter().filter(|(ours, _)| holds(name, ours) || is_slip(name, ours)).peekable();
            let is_near = held.peek().is_some() || absent.iter().any(|ours| is_nearly(name, ours));
            let is_grave = held.any(|(_, is_acknowledged)| !is_acknowledged);
            is_near.then(|| NearMiss { name: name.to_owned(), is_grave })
        };
        self.names.iter().chain(&self.beside).filter_map(|name| near(name)).collect()
    }

    /// The line on which the header starts.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// A column's name with the name in the header that was probably meant to be it.
    fn like(&self, name: &str) -> (String, Option<String>) {
        let wanted = bare(name);
        let same = self.names.iter().find(|known| bare(known) == wanted);
        let near = || {
            let close = nearest(name, self.names.iter().map(String::as_str))?;
            (strsim::damerau_levenshtein(name, close) <= 2).then_some(close)
        };
        let like = same.map(String::as_str).or_else(near).map(printable);
        (name.to_owned(), like)
    }
}

/// A column that is not read, and may well be one that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// Its name in the export.
    pub name: String,
    /// Whether the absence of the other is taken for a fact that nobody has acknowledged, so that figures may be wrong.
    pub is_grave: bool,
}

/// Whether a name holds another: `appt_status`, `Status Code`.
fn holds(name: &str, ours: &str) -> bool {
    let ours = bare(ours);
    !ours.is_empty() && bare(name).contains(&ours)
}

/// Whether a name is another but for one slip of the hand: `staus`, but not `state`.
fn is_slip(name: &str, ours: &str) -> bool {
    let (name, ours) = (bare(name), bare(ours));
    name.len() > 2 && strsim::damerau_levenshtein(&name, &ours) <= 1
}

/// Whether a name was probably meant to be another: but for case, blanks and dashes, a slip of the hand, or `_id` at its end.
fn is_nearly(name: &str, ours: &str) -> bool {
    let (name, ours) = (bare(name), bare(ours));
    let slips = if ours.len() > 5 { 2 } else { 1 };
    let is_short_of_id = |long: &str, short: &str| long.strip_suffix("id") == Some(short);
    name == ours
        || name.len() > 2 && strsim::damerau_levenshtein(&name, &ours) <= slips
        || is_short_of_id(&ours, &name)
        || is_short_of_id(&name, &ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_the_name_of_a_column_is_told() {
        let read = ["patient_id", "status", "kind", "sender", "group_id", "sent_at"];
        for (name, told) in [
            ("staus", true),
            ("Status", true),
            ("chanel", false),
            ("sendr", true),
            ("knd", true),
            ("kidn", true),
            ("group", true),
            ("sent at", true),
            ("patient_name", false),
            ("subject", false),
        ] {
            let header = ColumnHeader::new("m.csv", 1, vec!["patient_id".to_owned(), name.to_owned()]);
            assert_eq!(!header.near_misses(&read, &[]).is_empty(), told, "{name}");
        }
    }

    #[test]
    fn a_name_that_holds_that_of_an_assumed_column_is_grave() {
        let read = ["patient_id", "status", "kind"];
        for (name, grave) in [
            ("appt_status", Some(true)),
            ("Status Code", Some(true)),
            ("APPTSTATUS", Some(true)),
            ("staus", Some(true)),
            ("knd", Some(false)),
            ("visit_kind", None),
            ("state", Some(false)),
            ("remark", None),
        ] {
            let header = ColumnHeader::new("e.csv", 1, vec!["patient_id".to_owned(), name.to_owned()]);
            let found = header.near_misses(&read, &[("status", false)]);
            assert_eq!(found.first().map(|near| near.is_grave), grave, "{name}");
            let found = header.near_misses(&read, &[("status", true)]);
            assert_eq!(found.first().map(|near| near.is_grave), grave.map(|_| false), "{name}");
        }
    }

    #[test]
    fn a_column_in_another_spelling_gets_its_name_and_is_shown_as_it_was() {
        let mut header = ColumnHeader::new("e.csv", 1, ["Patient ID", "kind"].map(str::to_owned).to_vec());
        header.recognize(&["patient_id", "kind"]).expect("no two are alike");
        assert_eq!((header.position("patient_id"), header.name(0)), (Some(0), "Patient ID"));
        assert_eq!((header.written("patient_id"), header.written("status")), ("Patient ID", "status"));
    }

    #[test]
    fn a_column_that_is_there_is_not_missed() {
        let header = ColumnHeader::new("m.csv", 1, ["status", "staus"].map(str::to_owned).to_vec());
        assert_eq!(header.near_misses(&["status"], &[]), Vec::new());
    }
}
