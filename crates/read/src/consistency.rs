//! Profiles all rows of an input: ids, days, patients, providers, columns. `validate` uses the profile for checks that no single row can
//! fail.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use hashbrown::{DefaultHashBuilder, HashMap};

use crate::diagnostics::Diagnostics;
use crate::error::InputError;
use crate::header::ColumnHeader;
use crate::layout::Layout;
use crate::month_cache::MonthCache;
use crate::parallel::{self, BoxedInputError, ReadPlan, ReadSummary, SourceRow};
use crate::row_reader::RowReader;
use crate::source::InputSource;
use crate::{ReadContext, normalize};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::versions::UpdatedAt;
use mucalc_core::domain::words::EncounterStatus;

/// A profile of the rows of an input.
#[derive(Default)]
pub struct InputProfile {
    /// Rows with a record id.
    pub ids: Vec<RowWithId>,
    /// Number of rows and first line, by local day.
    pub days: BTreeMap<Day, (u64, u64)>,
    /// Number of rows and first line, by the hash of the patient.
    pub patients: HashMap<u64, (u64, u64)>,
    /// Number of rows and first line, by provider.
    pub providers: BTreeMap<String, (u64, u64)>,
    /// Contents of each column.
    pub columns: Vec<ColumnFill>,
    /// Words of the configuration that occur in the input, in lower case.
    pub words: BTreeSet<String>,
    /// Rows read.
    pub rows: u64,
}

/// A row with a record id.
#[derive(Clone, Copy, Debug)]
pub struct RowWithId {
    /// Hash of the id.
    pub id: u64,
    /// Hash of all cells of the row.
    pub content: u64,
    /// Line on which the row starts, from 1.
    pub line: u64,
    /// When the row was last changed; `None` if unknown.
    pub updated: Option<UpdatedAt>,
}

/// The contents of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ColumnFill {
    /// Rows in which the cell is not empty.
    pub filled: u64,
    /// Hash of the text, if it is the same in every row.
    pub only: Uniformity,
}

/// Whether the cells of a column have the same text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Uniformity {
    /// No row was read.
    #[default]
    Nothing,
    /// Every row has the text with this hash.
    Same(u64),
    /// Rows have different texts.
    Different,
}

/// Hashes texts, with the same result in all inputs of a run.
#[derive(Clone, Default)]
pub struct TextHasher(DefaultHashBuilder);

impl TextHasher {
    fn hash(&self, text: &[u8]) -> u64 {
        self.0.hash_one(text)
    }
}

/// Reads every row of an input and profiles it. `words` are the words of the configuration, in lower case.
///
/// # Errors
/// If the input cannot be used: the first reason, in the order of the input.
pub fn profile_input(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
    hashes: &TextHasher,
    words: &BTreeSet<String>,
) -> Result<(InputProfile, ReadSummary), InputError> {
    let how = ReadPlan { layout: source.layout_or(layout), role, raw: false };
    let reading = &reading.for_input(role, source);
    let look = Look { role, hashes, words, reading, whole: Mutex::default() };
    let summary = parallel::read(source, reading, &how, &look)?;
    let mut sense = look.whole.into_inner().unwrap_or_else(PoisonError::into_inner);
    sense.columns.resize(summary.header.width(), ColumnFill::default());
    Ok((sense, summary))
}

struct Look<'a> {
    role: InputRole,
    hashes: &'a TextHasher,
    words: &'a BTreeSet<String>,
    reading: &'a ReadContext<'a>,
    whole: Mutex<InputProfile>,
}

struct ProfiledColumns {
    id: Option<usize>,
    updated: Option<usize>,
    patient: Option<usize>,
    provider: Option<usize>,
    day: Option<usize>,
    /// Column `status` of encounters.
    status: Option<usize>,
    width: usize,
}

impl RowReader for Look<'_> {
    type Columns = ProfiledColumns;
    type Batch = InputProfile;
    type Memory = MonthCache;

    fn columns(&self, header: &ColumnHeader) -> ProfiledColumns {
        let (id, day) = match self.role {
            InputRole::Encounters => ("encounter_id", "started_at"),
            InputRole::Messages => ("message_id", "sent_at"),
            InputRole::Accesses => ("access_id", "accessed_at"),
            _ => ("", ""),
        };
        ProfiledColumns {
            id: header.position(id),
            updated: header.position("updated_at"),
            patient: header.position("patient_id"),
            provider: header.position("provider_id"),
            day: header.position(day),
            status: header.position("status").filter(|_| self.role == InputRole::Encounters),
            width: header.width(),
        }
    }

    fn batch(&self) -> InputProfile {
        InputProfile::default()
    }

    fn memory(&self) -> MonthCache {
        MonthCache::default()
    }

    fn row(
        &self,
        at: &ProfiledColumns,
        row: &SourceRow<'_>,
        months: &mut MonthCache,
        batch: &mut InputProfile,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let (line, rules) = (row.line.number(), self.reading.id_rules);
        // Problems of single cells were reported when the rows were read for their rules.
        let mut untold = Diagnostics::default();
        let meet = |known: &mut (u64, u64)| {
            *known = (known.0 + 1, if known.0 == 0 { line } else { known.1.min(line) })
        };
        let day = at
            .day
            .map(|column| normalize::day(row, column, self.reading, months, &mut untold))
            .transpose()?
            .flatten();
        if self.reading.range.excludes(day) {
            return notes.leave_aside();
        }
        batch.rows += 1;
        batch.columns.resize(at.width, ColumnFill::default());
        let mut content = self.hashes.0.build_hasher();
        for (column, filling) in batch.columns.iter_mut().enumerate() {
            let text = row.text(column)?;
            let text = text.trim_ascii();
            text.hash(&mut content);
            filling.see(text, self.hashes);
            if !self.words.is_empty() && text.len() < 200 {
                let word = String::from_utf8_lossy(text).to_lowercase();
                if self.words.contains(&word) {
                    batch.words.insert(word);
                }
            }
        }
        if let Some(id) = normalize::record_id(row, at.id, rules, &mut untold)? {
            let updated = normalize::version(row, at.updated)?.updated;
            batch.ids.push(RowWithId { id: self.hashes.hash(&id), content: content.finish(), line, updated });
        }
        if let Some(patient) = normalize::id(row, at.patient, rules, &mut untold)? {
            meet(batch.patients.entry(self.hashes.hash(&patient)).or_default());
        }
        if let Some(provider) = normalize::id(row, at.provider, rules, &mut untold)? {
            let provider = String::from_utf8_lossy(&provider);
            match batch.providers.get_mut(&*provider) {
                Some(known) => meet(known),
                None => meet(batch.providers.entry(provider.into_owned()).or_default()),
            }
        }
        // Scheduled encounters are in the future by their nature, and do not show how far the export goes.
        let status = at.status.map(|column| row.text(column)).transpose()?;
        let planned = EncounterStatus::LIST.word(EncounterStatus::Scheduled.code());
        let is_planned =
            status.is_some_and(|status| status.trim_ascii().eq_ignore_ascii_case(planned.as_bytes()));
        if let Some(day) = day.filter(|_| !is_planned) {
            meet(batch.days.entry(day).or_default());
        }
        Ok(())
    }

    fn merge(&self, batch: InputProfile) {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner).merge(batch);
    }
}

impl ColumnFill {
    fn see(&mut self, text: &[u8], hashes: &TextHasher) {
        self.filled += u64::from(!text.is_empty());
        // Most columns soon have different texts.
        if self.only != Uniformity::Different {
            self.only = self.only.and(Uniformity::Same(hashes.hash(text)));
        }
    }
}

impl Uniformity {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, other) | (other, Self::Nothing) => other,
            (one, other) if one == other => one,
            _ => Self::Different,
        }
    }
}

impl InputProfile {
    /// Adds the profile of other rows.
    pub fn merge(&mut self, other: InputProfile) {
        let meet = |known: &mut (u64, u64), (rows, line): (u64, u64)| {
            *known = (known.0 + rows, if known.0 == 0 { line } else { known.1.min(line) });
        };
        self.ids.extend(other.ids);
        other.days.into_iter().for_each(|(day, met)| meet(self.days.entry(day).or_default(), met));
        other
            .patients
            .into_iter()
            .for_each(|(patient, met)| meet(self.patients.entry(patient).or_default(), met));
        other
            .providers
            .into_iter()
            .for_each(|(provider, met)| meet(self.providers.entry(provider).or_default(), met));
        let width = self.columns.len().max(other.columns.len());
        self.columns.resize(width, ColumnFill::default());
        for (column, more) in self.columns.iter_mut().zip(other.columns) {
            column.filled += more.filled;
            column.only = column.only.and(more.only);
        }
        self.words.extend(other.words);
        self.rows += other.rows;
    }
}
