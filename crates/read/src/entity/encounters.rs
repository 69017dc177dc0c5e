//! Turns rows of an encounter export into encounters.

use crate::ReadContext;
use crate::diagnostics::Diagnostics;
use crate::error::InputError;
use crate::fast_rows::{ColumnRows, FastColumns};
use crate::header::ColumnHeader;
use crate::layout::Layout;
use crate::locations::LocationTable;
use crate::normalize::{self, FastRow, IdCell};
use crate::parallel::{self, BoxedInputError, ReadPlan, ReadSummary, SourceRow};
use crate::row_reader::RowReader;
use crate::row_sink::{AnySink, RowSink};
use crate::source::InputSource;
use crate::value_cache::{ThreadCache, adjacent_columns};
use mucalc_core::domain::event::{Encounter, EncounterCodes};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::unusable_row::UnusableRow;
use mucalc_core::domain::versions::RowVersion;
use mucalc_core::domain::words::{CehrtLocation, EncounterKind, EncounterStatus, SeenBy};

/// Reads encounters into a sink.
///
/// # Errors
/// If the input cannot be used. The error is the first one in the order of the input.
pub fn read(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    places: &LocationTable,
    sink: &impl RowSink,
) -> Result<ReadSummary, InputError> {
    read_any(source, reading, layout, places, &AnySink::new(sink))
}

/// Reads encounters into any sink. Not generic, so that it is compiled once, in this crate.
fn read_any(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    places: &LocationTable,
    sink: &AnySink<'_>,
) -> Result<ReadSummary, InputError> {
    read_specialized(source, reading, layout, places, sink)
}

/// Reads encounters into a sink, compiled for the type of the sink: for passes in which every row's cost matters.
///
/// # Errors
/// If the input cannot be used. The error is the first one in the order of the input.
pub fn read_specialized<S: RowSink>(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    places: &LocationTable,
    sink: &S,
) -> Result<ReadSummary, InputError> {
    let (reading, layout) = (&reading.for_input(InputRole::Encounters, source), source.layout_or(layout));
    let plan = ReadPlan { layout, role: InputRole::Encounters, raw: false };
    parallel::read(source, reading, &plan, &EncounterReader { layout, reading, places, sink })
}

struct EncounterReader<'a, S> {
    layout: &'a Layout,
    reading: &'a ReadContext<'a>,
    places: &'a LocationTable,
    sink: &'a S,
}

struct EncounterColumns {
    id: Option<usize>,
    updated: Option<usize>,
    patient: Option<usize>,
    provider: Option<usize>,
    started: usize,
    status: Option<usize>,
    kind: Option<usize>,
    seen_by: Option<usize>,
    location: Option<usize>,
    county: Option<usize>,
    /// First and last column with values from closed lists, if these columns are adjacent.
    words: Option<(usize, usize)>,
}

/// The normalized cells of a row that every encounter has.
struct EncounterCells<'r> {
    patient: &'r [u8],
    provider: &'r [u8],
    day: Option<Day>,
    words: EncounterCodes,
}

impl EncounterColumns {
    /// Returns the columns of ids and of values from closed lists.
    fn value_columns(&self) -> [Option<usize>; 6] {
        [self.id, self.patient, self.provider, self.status, self.kind, self.seen_by]
    }
}

impl<S: RowSink> RowReader for EncounterReader<'_, S> {
    type Columns = EncounterColumns;
    type Batch = S::Batch;
    type Memory = ThreadCache<EncounterCodes>;

    fn columns(&self, header: &ColumnHeader) -> EncounterColumns {
        let words @ [status, kind, seen_by] = ["status", "kind", "seen_by"].map(|name| header.position(name));
        EncounterColumns {
            id: header.position("encounter_id"),
            updated: header.position("updated_at").filter(|_| self.reading.ids),
            patient: header.position("patient_id"),
            provider: header.position("provider_id"),
            started: header.position("started_at").unwrap_or_default(),
            status,
            kind,
            seen_by,
            location: header.position("location_id").filter(|_| self.asks_for("location_id")),
            county: header.position("county_fips").filter(|_| self.asks_for("county_fips")),
            words: adjacent_columns(&words),
        }
    }

    fn asks_for(&self, name: &str) -> bool {
        match name {
            "updated_at" => self.reading.ids,
            "location_id" => !self.places.locations.is_empty(),
            "county_fips" => self.places.counties.is_some(),
            _ => true,
        }
    }

    fn memory(&self) -> Self::Memory {
        ThreadCache::new(EncounterCodes {
            status: EncounterStatus::Unknown,
            kind: EncounterKind::Unknown,
            seen_by: SeenBy::Unknown,
        })
    }

    fn noted_ids(&self, at: &EncounterColumns) -> Option<usize> {
        at.id.filter(|_| !self.reading.ids)
    }

    fn batch(&self) -> S::Batch {
        self.sink.batch()
    }

    fn merge(&self, batch: S::Batch) {
        self.sink.merge(batch);
    }

    #[inline(always)]
    fn row(
        &self,
        at: &EncounterColumns,
        row: &SourceRow<'_>,
        memory: &mut Self::Memory,
        batch: &mut S::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        // Most rows take the fast path. `slow_row` reads a row again if one of its cells needs a closer look.
        let usual =
            normalize::fast_row(row, at.patient, at.provider, at.words, &memory.words, self.reading.id_rules);
        let Some(FastRow { patient, provider: Some(provider), words }) = usual else {
            return self.slow_row(at, *row, memory, batch, notes);
        };
        let day = match normalize::fast_day(row, at.started, &mut memory.months) {
            Some(day) => Some(day),
            None if !normalize::begins_like_day(row, at.started) => {
                return self.slow_row(at, *row, memory, batch, notes);
            }
            None => normalize::day(row, at.started, self.reading, &mut memory.months, notes)?,
        };
        if self.reading.range.excludes(day) {
            return notes.leave_aside();
        }
        if day.is_none() && normalize::is_moved(row, at.started, &at.value_columns(), self.reading.id_rules) {
            return notes.lose_moved(row.line.number());
        }
        let cells = EncounterCells { patient, provider, day, words: *words };
        self.take(at, row, cells, batch, notes)
    }

    fn fast_rows(
        &self,
        at: &EncounterColumns,
        rows: &ColumnRows<'_>,
        memory: &mut Self::Memory,
        batch: &mut S::Batch,
        notes: &mut Diagnostics,
    ) -> Vec<usize> {
        let columns = FastColumns {
            record: at.id,
            patient: at.patient,
            provider: at.provider,
            may_lack_provider: false,
            day: at.started,
            words: &[at.status, at.kind, at.seen_by],
        };
        let read = |row: &SourceRow<'_>| normalize::fast_words(|notes| self.words(at, row, notes));
        let ThreadCache { columns: cache, months, .. } = memory;
        let fast = match self.reading.ids || !self.places.is_empty() {
            true => None,
            false => cache.find(rows, &columns, self.reading.id_rules, months, read),
        };
        let Some(fast) = fast else { return (0..rows.len()).collect() };
        fast.each(&self.reading.range, notes, |row, words, day| {
            let encounter = Encounter {
                line: rows.line(row),
                id: None,
                version: None,
                patient: fast.patient(row),
                // A row without a provider is not among these.
                provider: fast.provider(row).unwrap_or_default(),
                day: Some(day),
                words,
                cehrt: CehrtLocation::Yes,
                short_county: None,
            };
            self.sink.encounter(batch, &encounter);
            if !self.places.supervisors.is_empty() {
                self.take_for_supervisor(&encounter, batch);
            }
        })
    }
}

/// Returns the values of a supervised provider's encounter as they apply to the supervisor. A value for patients whom only clinical staff
/// saw, or may have seen, is unchanged.
fn under_supervision(words: EncounterCodes) -> EncounterCodes {
    let seen_by = match words.seen_by {
        SeenBy::EligibleProfessional => SeenBy::Supervised,
        by => by,
    };
    EncounterCodes { seen_by, ..words }
}

impl<S: RowSink> EncounterReader<'_, S> {
    /// Reads a row with a cell that needs a closer look, or with a combination of values that is new to this thread.
    #[inline(never)]
    fn slow_row(
        &self,
        at: &EncounterColumns,
        row: SourceRow<'_>,
        memory: &mut ThreadCache<EncounterCodes>,
        batch: &mut S::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let (row, rules) = (&row, self.reading.id_rules);
        let patient = normalize::id_cell(row, at.patient, rules)?;
        if normalize::is_furniture(row, &patient, at.patient, Some(at.started))? {
            notes.skip_furniture(row.line.number());
            return Ok(());
        }
        let provider = normalize::id_cell(row, at.provider, rules)?;
        let (patient, provider) = match (patient, provider) {
            (IdCell::Id(patient), IdCell::Id(provider)) => (patient, provider),
            (patient, provider) => return self.unusable(at, row, patient, provider, memory, notes),
        };
        let words =
            normalize::words(row, at.words, &mut memory.words, notes, |notes| self.words(at, row, notes))?;
        let day = normalize::day(row, at.started, self.reading, &mut memory.months, notes)?;
        if self.reading.range.excludes(day) {
            return notes.leave_aside();
        }
        if day.is_none() && normalize::is_moved(row, at.started, &at.value_columns(), rules) {
            return notes.lose_moved(row.line.number());
        }
        let cells = EncounterCells { patient: &patient, provider: &provider, day, words };
        self.take(at, row, cells, batch, notes)
    }

    /// Records an unusable row, which lacks a patient or a provider, with what can still be read of it.
    #[cold]
    fn unusable(
        &self,
        at: &EncounterColumns,
        row: &SourceRow<'_>,
        patient: IdCell<'_>,
        provider: IdCell<'_>,
        memory: &mut ThreadCache<EncounterCodes>,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let (line, rules) = (row.line.number(), self.reading.id_rules);
        // A row without ids and without a day is a total or a footer.
        let is_named = [&patient, &provider].iter().any(|id| matches!(id, IdCell::Damaged | IdCell::Id(_)));
        if !is_named
            && normalize::is_absent(row, Some(at.started), rules)?
            && normalize::is_absent(row, at.id, rules)?
        {
            notes.skip_furniture(line);
            return Ok(());
        }
        let cause = match (&patient, &provider) {
            (IdCell::Damaged, _) | (IdCell::Id(_), IdCell::Damaged) => None,
            (IdCell::Id(_), _) => Some((FindingCode::MissingProviderId, at.provider)),
            _ => Some((FindingCode::MissingPatientId, at.patient)),
        };
        patient.noted(row, at.patient, notes);
        let provider = provider.noted(row, at.provider, notes);
        // Other problems of an unusable row are not reported.
        let mut untold = Diagnostics::default();
        let words = self.words(at, row, &mut untold)?;
        let day = normalize::day(row, at.started, self.reading, &mut memory.months, &mut untold)?;
        if self.reading.range.excludes(day) {
            return notes.leave_aside();
        }
        let (cehrt, short_county) = self.place(at, row, &mut untold)?;
        let provider = provider.map(|provider| Box::from(&*provider));
        let supervisor =
            provider.as_ref().and_then(|provider| self.places.supervisors.get(provider)).cloned();
        let lost = UnusableRow::Encounter { provider, day, words, cehrt, short_county };
        notes.reject_for(cause, line);
        normalize::lose_lines(row, [at.patient, at.provider], notes);
        if let Some(supervisor) = supervisor {
            let (words, provider) = (under_supervision(words), Some(supervisor));
            notes.unusable.add(UnusableRow::Encounter { provider, day, words, cehrt, short_county }, 1);
        }
        normalize::lose(row, at.id, at.updated, lost, self.reading, notes)
    }

    /// Passes an encounter to the sink.
    #[inline(always)]
    fn take(
        &self,
        at: &EncounterColumns,
        row: &SourceRow<'_>,
        cells: EncounterCells<'_>,
        batch: &mut S::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let EncounterCells { patient, provider, day, words } = cells;
        let (cehrt, short_county) = match self.places.is_empty() {
            true => (CehrtLocation::Yes, None),
            false => self.place(at, row, notes)?,
        };
        let id = normalize::record(row, at.id, self.reading, notes)?;
        let version = id.is_some().then(|| normalize::version(row, at.updated)).transpose()?;
        let encounter = Encounter {
            line: row.line,
            id: id.as_deref(),
            version: version.as_ref(),
            patient,
            provider,
            day,
            words,
            cehrt,
            short_county,
        };
        self.sink.encounter(batch, &encounter);
        if !self.places.supervisors.is_empty() {
            self.take_for_supervisor(&encounter, batch);
        }
        Ok(())
    }

    /// Passes an encounter of a supervised provider to the sink for the supervisor too.
    #[cold]
    fn take_for_supervisor(&self, encounter: &Encounter<'_>, batch: &mut S::Batch) {
        let Some(supervisor) = self.places.supervisors.get(encounter.provider) else { return };
        // This is another part of the same record, numbered after the parts that the layout makes of the record.
        let version =
            encounter.version.map(|version| RowVersion { part: version.part | 1 << 31, ..*version });
        let words = under_supervision(encounter.words);
        self.sink.encounter(
            batch,
            &Encounter { provider: supervisor, version: version.as_ref(), words, ..*encounter },
        );
    }

    /// Returns whether certified EHR technology keeps the records of the location, and whether the county lacks broadband.
    #[cold]
    fn place(
        &self,
        at: &EncounterColumns,
        row: &SourceRow<'_>,
        notes: &mut Diagnostics,
    ) -> Result<(CehrtLocation, Option<bool>), BoxedInputError> {
        if self.places.is_empty() {
            return Ok((CehrtLocation::Yes, None));
        }
        let rules = self.reading.id_rules;
        let location = normalize::record_id(row, at.location, rules, notes)?;
        let county = normalize::record_id(row, at.county, rules, notes)?;
        if self.places.is_unmapped(location.as_deref()) {
            notes.record(FindingCode::UnlistedLocation, row.line.number(), at.location);
        }
        Ok((self.places.cehrt(location.as_deref()), self.places.lacks_broadband(county.as_deref())))
    }

    /// Reads the columns with values from closed lists.
    fn words(
        &self,
        at: &EncounterColumns,
        row: &SourceRow<'_>,
        notes: &mut Diagnostics,
    ) -> Result<EncounterCodes, BoxedInputError> {
        let (words, rules) = (&self.layout.vocabulary, self.reading.id_rules);
        let status = normalize::word(row, at.status, &words.encounter_status, rules, notes)?;
        let kind = normalize::word(row, at.kind, &words.kind, rules, notes)?;
        let seen_by = normalize::word(row, at.seen_by, &words.seen_by, rules, notes)?;
        Ok(EncounterCodes {
            // A column that no file of the export has is assumed to have its usual value. An empty cell is unknown, and so is a column that
            // only other files have.
            status: match (at.status, status) {
                (None, _) if self.reading.unassumed.encounter_status => EncounterStatus::Unknown,
                (None, _) => EncounterStatus::Completed,
                (_, Some(code)) => EncounterStatus::from_code(code as u8),
                (_, None) => EncounterStatus::Unknown,
            },
            kind: kind.map_or(EncounterKind::Unknown, |code| EncounterKind::from_code(code as u8)),
            seen_by: match (at.seen_by, seen_by) {
                (None, _) if self.reading.unassumed.seen_by => SeenBy::Unknown,
                (None, _) => SeenBy::EligibleProfessional,
                (_, Some(code)) => SeenBy::from_code(code as u8),
                (_, None) => SeenBy::Unknown,
            },
        })
    }
}
