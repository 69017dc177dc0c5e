//! The header of an input: the names of its columns and their positions.

use std::collections::HashSet;

use crate::error::{InputError, InputErrorKind};
use crate::header_shape::name_by_group;
use crate::layout::join::JoinLayout;
use crate::layout::matching::{MatchScore, rank_layouts};
use crate::layout::names::recognized;
use crate::layout::{Layout, RowTranslator};
use crate::records::{self, CsvRecord};
use crate::separators::CsvDialect;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::{closest_match, escape_control, normalize_key};

/// The header of an input: the columns of its rows.
#[derive(Clone, Debug)]
pub struct ColumnHeader {
    file: String,
    line: u64,
    names: Vec<String>,
    /// Names of the columns in the export, if they differ.
    shown: Option<Vec<String>>,
    /// Further columns of the export, if these were picked from it: the paths of NDJSON.
    beside: Vec<String>,
}

impl ColumnHeader {
    /// Creates a header with these names, on this line.
    pub fn new(file: &str, line: u64, names: Vec<String>) -> Self {
        Self { file: file.to_owned(), line, names, shown: None, beside: Vec::new() }
    }

    /// Parses the header in a text record that starts on this line. `above` is the record before it, which may name groups of columns.
    pub fn from_record(
        file: &str,
        line: u64,
        record: &CsvRecord<'_>,
        above: Option<&CsvRecord<'_>>,
        bytes: &[u8],
        dialect: CsvDialect,
    ) -> Self {
        let texts = |record: &CsvRecord<'_>| -> Vec<String> {
            let text = |column| {
                let (begin, end) = record.field(bytes, column);
                let raw = &bytes[begin..end];
                let text = if dialect.quotes { records::text(raw) } else { raw.into() };
                String::from_utf8_lossy(&text).into_owned()
            };
            (0..record.width()).map(text).collect()
        };
        let (mut names, above) = (texts(record), above.map(texts).unwrap_or_default());
        name_by_group(&mut names, &above.iter().map(String::as_str).collect::<Vec<_>>());
        Self::new(file, line, names)
    }

    /// Returns the header of rows that are translated from rows with this header, followed by the columns of joined tables.
    pub fn translated(&self, translation: &RowTranslator, joined: &[String]) -> Self {
        let name = |source: usize| match source.checked_sub(self.width()) {
            Some(column) => joined.get(column).map_or("", String::as_str),
            None => self.name(source),
        };
        let shown = |column: usize| translation.source(column).map_or("", name).to_owned();
        let names: Vec<String> = translation.names().map(str::to_owned).collect();
        let shown = Some((0..names.len()).map(shown).collect());
        Self { shown, ..Self::new(&self.file, self.line, names) }
    }

    /// Creates the header of columns that were picked from an export. `shown` are their names there, and `beside` are its other columns.
    pub fn picked(
        file: &str,
        line: u64,
        names: Vec<String>,
        shown: Vec<String>,
        beside: Vec<String>,
    ) -> Self {
        Self { shown: Some(shown), beside, ..Self::new(file, line, names) }
    }

    /// Renames columns whose spelling differs from a wanted name, such as `Patient ID`. Messages still show the spelling of the export.
    ///
    /// # Errors
    /// If two columns match one wanted name ([`InputErrorKind::DoubledColumn`]).
    pub fn recognize(&mut self, wanted: &[&str]) -> Result<(), InputError> {
        let meant = recognized(&self.names, wanted).map_err(|(_, second)| {
            let shown = escape_control(self.name(second));
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

    /// Returns the name of a column in the export, or `name` if the export does not have it.
    pub fn spelling_of<'n>(&'n self, name: &'n str) -> &'n str {
        self.position(name).map_or(name, |column| self.name(column))
    }

    /// Returns the number of columns.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// Returns the name of a column in the export.
    pub fn name(&self, column: usize) -> &str {
        self.shown.as_ref().unwrap_or(&self.names).get(column).map_or("", String::as_str)
    }

    /// Returns the names of all columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Checks that every required column exists, and that no column that is read occurs twice.
    ///
    /// # Errors
    /// If a column is missing or doubled. The error shows text of the header only if it is, or resembles, the name of a canonical column: a
    /// file without a header has a patient there.
    pub fn check(&self, layout: &Layout, role: InputRole) -> Result<(), InputError> {
        let input = layout.input(role);
        let fail = |reason| Err(InputError { place: SourceLocation::line(&*self.file, self.line), reason });
        let missing = input.missing(&self.names);
        if !missing.is_empty() {
            let like = |(ours, theirs): (&str, Vec<String>)| match theirs.as_slice() {
                [] => (ours.to_owned(), None),
                [only] => self.like(only),
                several => (several.join("` or `"), None),
            };
            let columns: Vec<(String, Option<String>)> = missing.into_iter().map(like).collect();
            let mut fits =
                rank_layouts(&self.names, &Layout::all(), false).into_iter().filter(MatchScore::is_complete);
            // Almost any file would match a roster, which needs only one column.
            let fit = fits.find(|fit| match fit.role == role {
                true => fit.layout != layout.name,
                false => fit.role != InputRole::Roster,
            });
            let supplies = |join: &&JoinLayout| columns.iter().any(|(name, _)| join.columns.contains(name));
            let join = input.joins().iter().find(supplies).map(JoinLayout::listed);
            return fail(InputErrorKind::MissingColumns {
                join,
                columns,
                fit: fit.map(|fit| Box::new((fit.role == role, fit))),
            });
        }
        let mut known = HashSet::new();
        // Which of two columns is meant matters only if they are read.
        let sources = input.sources();
        let is_read = |name: &str| sources.contains(&name);
        let named = self.names.iter().enumerate().filter(|(_, name)| is_read(name));
        let mut doubled = named.filter(|(_, name)| !known.insert(name.as_str()));
        match doubled.next() {
            Some((_, name)) => {
                let place = SourceLocation::cell(&*self.file, self.line, name.clone());
                Err(InputError { place, reason: InputErrorKind::DoubledColumn })
            }
            None => Ok(()),
        }
    }

    /// Returns the position of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// Returns the columns that are not read although they may have been meant to be. Their names resemble a missing column, or contain the
    /// name of an `assumed` one.
    ///
    /// An `assumed` column is missing, and the same value is assumed in every row. The flag states whether the user acknowledged that.
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

    /// Returns the line on which the header starts.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Returns the name of a column, with the name in the header that was probably meant.
    fn like(&self, name: &str) -> (String, Option<String>) {
        let wanted = normalize_key(name);
        let same = self.names.iter().find(|known| normalize_key(known) == wanted);
        let near = || {
            let close = closest_match(name, self.names.iter().map(String::as_str))?;
            (strsim::damerau_levenshtein(name, close) <= 2).then_some(close)
        };
        let like = same.map(String::as_str).or_else(near).map(escape_control);
        (name.to_owned(), like)
    }
}

/// A column that is not read, and may be a missing one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// Its name in the export.
    pub name: String,
    /// Whether the missing column causes an assumption that the user has not acknowledged, so that results may be wrong.
    pub is_grave: bool,
}

/// Returns whether a name contains another: `appt_status`, `Status Code`.
fn holds(name: &str, ours: &str) -> bool {
    let ours = normalize_key(ours);
    !ours.is_empty() && normalize_key(name).contains(&ours)
}

/// Returns whether a name is another with at most one typo: `staus`, but not `state`.
fn is_slip(name: &str, ours: &str) -> bool {
    let (name, ours) = (normalize_key(name), normalize_key(ours));
    name.len() > 2 && strsim::damerau_levenshtein(&name, &ours) <= 1
}

/// Returns whether a name was probably meant to be another: it differs in case, blanks, and dashes, in a typo, or in a final `_id`.
fn is_nearly(name: &str, ours: &str) -> bool {
    let (name, ours) = (normalize_key(name), normalize_key(ours));
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
        assert_eq!(
            (header.spelling_of("patient_id"), header.spelling_of("status")),
            ("Patient ID", "status")
        );
    }

    #[test]
    fn a_column_that_is_there_is_not_missed() {
        let header = ColumnHeader::new("m.csv", 1, ["status", "staus"].map(str::to_owned).to_vec());
        assert_eq!(header.near_misses(&["status"], &[]), Vec::new());
    }
}
