//! What the rows of an input say together: ids, days, patients, providers, columns. For checks that no single row can
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

/// What the rows of an input say together.
#[derive(Default)]
pub struct InputProfile {
    /// Each row that has an id of its own.
    pub ids: Vec<RowWithId>,
    /// Rows by their local day, with the first line of each day.
    pub days: BTreeMap<Day, (u64, u64)>,
    /// Patients as hashes, with the rows that name them and the first line.
    pub patients: HashMap<u64, (u64, u64)>,
    /// Providers with the rows that name them and the first line.
    pub providers: BTreeMap<String, (u64, u64)>,
    /// What stands in each column.
    pub columns: Vec<ColumnFill>,
    /// Words of the configuration that were met, folded.
    pub words: BTreeSet<String>,
    /// Rows that were looked at.
    pub rows: u64,
}

/// A row that has an id of its own.
#[derive(Clone, Copy, Debug)]
pub struct RowWithId {
    /// The id as a hash.
    pub id: u64,
    /// All that is read of the row as a hash.
    pub content: u64,
    /// The line on which it starts.
    pub line: u64,
    /// When it was last changed, if it says so.
    pub updated: Option<UpdatedAt>,
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ColumnFill {
    /// Rows in which it is not empty.
    pub filled: u64,
    /// The text as a hash, as long as it is the same in every row.
    pub only: Uniformity,
}

/// Whether a column says the same in every row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Uniformity {
    /// Nothing was met yet.
    #[default]
    Nothing,
    /// Always the same.
    Same(u64),
    /// Different things.
    Different,
}

/// Hashes texts alike in all inputs of a run.
#[derive(Clone, Default)]
pub struct TextHasher(DefaultHashBuilder);

impl TextHasher {
    fn of(&self, text: &[u8]) -> u64 {
        self.0.hash_one(text)
    }
}

/// Looks at every row of an input. `words` are those of the configuration, folded.
///
/// # Errors
/// The first reason, in the order of the input, why it cannot be used.
pub fn sense(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
    hashes: &TextHasher,
    words: &BTreeSet<String>,
) -> Result<(InputProfile, ReadSummary), InputError> {
    let how = ReadPlan { layout, role, raw: false };
    let reading = &reading.of_role(role);
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
    /// Of encounters.
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
            InputRole::Roster | InputRole::Counties | InputRole::Adjudications | InputRole::Enrollment => {
                ("", "")
            }
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
        _notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let (line, rules) = (row.line.number(), self.reading.id_rules);
        // What is wrong with a cell was noted when the rows were judged.
        let mut untold = Diagnostics::default();
        let meet = |known: &mut (u64, u64)| {
            *known = (known.0 + 1, if known.0 == 0 { line } else { known.1.min(line) })
        };
        batch.rows += 1;
        batch.columns.resize(at.width, ColumnFill::default());
        let mut content = self.hashes.0.build_hasher();
        for (column, filling) in batch.columns.iter_mut().enumerate() {
            let text = row.text(column)?;
            let text = text.trim_ascii();
            text.hash(&mut content);
            filling.see(self.hashes.of(text), text.is_empty());
            if !self.words.is_empty() && text.len() < 200 {
                let word = String::from_utf8_lossy(text).to_lowercase();
                if self.words.contains(&word) {
                    batch.words.insert(word);
                }
            }
        }
        if let Some(id) = normalize::record_id(row, at.id, rules, &mut untold)? {
            let updated = normalize::version(row, at.updated)?.updated;
            batch.ids.push(RowWithId { id: self.hashes.of(&id), content: content.finish(), line, updated });
        }
        if let Some(patient) = normalize::id(row, at.patient, rules, &mut untold)? {
            meet(batch.patients.entry(self.hashes.of(&patient)).or_default());
        }
        if let Some(provider) = normalize::id(row, at.provider, rules, &mut untold)? {
            meet(batch.providers.entry(String::from_utf8_lossy(&provider).into_owned()).or_default());
        }
        // What is planned lies ahead by its nature, and does not tell how far the export goes.
        let status = at.status.map(|column| row.text(column)).transpose()?;
        let planned = EncounterStatus::LIST.word(EncounterStatus::Scheduled.code());
        let is_planned =
            status.is_some_and(|status| status.trim_ascii().eq_ignore_ascii_case(planned.as_bytes()));
        if let Some(column) = at.day.filter(|_| !is_planned)
            && let Some(day) = normalize::day(row, column, self.reading, months, &mut untold)?
        {
            meet(batch.days.entry(day).or_default());
        }
        Ok(())
    }

    fn merge(&self, batch: InputProfile) {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner).merge(batch);
    }
}

impl ColumnFill {
    fn see(&mut self, text: u64, is_empty: bool) {
        self.filled += u64::from(!is_empty);
        self.only = self.only.and(Uniformity::Same(text));
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
    /// Adds what other rows say.
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
