//! Turns rows of a portal access log into portal accesses.

use crate::diagnostics::Diagnostics;
use crate::error::InputError;
use crate::header::ColumnHeader;
use crate::layout::Layout;
use crate::month_cache::MonthCache;
use crate::normalize::IdCell;
use crate::parallel::{self, BoxedInputError, ReadPlan, ReadSummary, SourceRow};
use crate::row_reader::RowReader;
use crate::row_sink::{AnySink, RowSink};
use crate::source::InputSource;
use crate::{ReadContext, normalize};
use mucalc_core::domain::event::{NumeratorEvent, PortalAccess};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::unusable_row::UnusableRow;
use mucalc_core::domain::words::{MessageParty, PortalAction};

/// Reads portal accesses into a sink.
///
/// # Errors
/// If the input cannot be used. The error is the first one in the order of the input.
pub fn read(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    sink: &impl RowSink,
) -> Result<ReadSummary, InputError> {
    read_any(source, reading, layout, &AnySink::new(sink))
}

/// Reads portal accesses into any sink. Not generic, so that it is compiled once, in this crate.
fn read_any(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    sink: &AnySink<'_>,
) -> Result<ReadSummary, InputError> {
    let (reading, layout) = (&reading.for_input(InputRole::Accesses, source), source.layout_or(layout));
    let plan = ReadPlan { layout, role: InputRole::Accesses, raw: false };
    parallel::read(source, reading, &plan, &AccessReader { layout, reading, sink })
}

struct AccessReader<'a, 's> {
    layout: &'a Layout,
    reading: &'a ReadContext<'a>,
    sink: &'a AnySink<'s>,
}

struct AccessColumns {
    id: Option<usize>,
    updated: Option<usize>,
    patient: Option<usize>,
    provider: Option<usize>,
    accessed: usize,
    action: Option<usize>,
    actor: Option<usize>,
}

impl AccessColumns {
    /// Returns the columns of ids and of values from closed lists.
    fn value_columns(&self) -> [Option<usize>; 5] {
        [self.id, self.patient, self.provider, self.action, self.actor]
    }
}

impl<'s> RowReader for AccessReader<'_, 's> {
    type Columns = AccessColumns;
    type Batch = <AnySink<'s> as RowSink>::Batch;
    type Memory = MonthCache;

    fn columns(&self, header: &ColumnHeader) -> AccessColumns {
        AccessColumns {
            id: header.position("access_id"),
            updated: header.position("updated_at").filter(|_| self.reading.ids),
            patient: header.position("patient_id"),
            provider: header.position("provider_id"),
            accessed: header.position("accessed_at").unwrap_or_default(),
            action: header.position("action"),
            actor: header.position("actor"),
        }
    }

    fn asks_for(&self, name: &str) -> bool {
        self.reading.ids || name != "updated_at"
    }

    fn memory(&self) -> MonthCache {
        MonthCache::default()
    }

    fn batch(&self) -> Self::Batch {
        self.sink.batch()
    }

    fn merge(&self, batch: Self::Batch) {
        self.sink.merge(batch);
    }

    fn row(
        &self,
        at: &AccessColumns,
        row: &SourceRow<'_>,
        months: &mut MonthCache,
        batch: &mut Self::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let (line, rules) = (row.line.number(), self.reading.id_rules);
        let patient = normalize::id_cell(row, at.patient, rules)?;
        if normalize::is_furniture(row, &patient, at.patient, Some(at.accessed))? {
            notes.skip_furniture(line);
            return Ok(());
        }
        let provider = normalize::id_cell(row, at.provider, rules)?;
        let is_damaged = matches!(patient, IdCell::Damaged);
        let is_usable = matches!(patient, IdCell::Id(_));
        // A row without ids and without a day is a total or a footer.
        if !is_usable
            && !is_damaged
            && matches!(provider, IdCell::Empty | IdCell::Absent)
            && normalize::is_absent(row, Some(at.accessed), rules)?
            && normalize::is_absent(row, at.id, rules)?
        {
            notes.skip_furniture(line);
            return Ok(());
        }
        let patient = patient.noted(row, at.patient, notes);
        let provider = provider.noted(row, at.provider, notes);
        // Other problems of an unusable row are not reported.
        let mut untold = Diagnostics::default();
        let told = if is_usable { &mut *notes } else { &mut untold };
        let words = &self.layout.vocabulary;
        let action = normalize::word(row, at.action, &words.action, rules, told)?;
        let actor = normalize::word(row, at.actor, &words.actor, rules, told)?;
        let day = normalize::day(row, at.accessed, self.reading, months, told)?;
        if self.reading.range.excludes(day) {
            return notes.leave_aside();
        }
        if day.is_none() && normalize::is_moved(row, at.accessed, &at.value_columns(), rules) {
            return notes.lose_moved(row.line.number());
        }
        let action = action.map_or(PortalAction::Unknown, |code| PortalAction::from_code(code as u8));
        let actor = actor.map_or(MessageParty::Unknown, |code| MessageParty::from_code(code as u8));
        let Some(patient) = patient else {
            let provider = provider.map(|provider| Box::from(&*provider));
            let cause = (!is_damaged).then_some((FindingCode::MissingPatientId, at.patient));
            notes.reject_for(cause, line);
            normalize::lose_lines(row, [at.patient, at.provider], notes);
            let lost = UnusableRow::Access { provider, day, action, actor };
            return normalize::lose(row, at.id, at.updated, lost, self.reading, notes);
        };
        let id = normalize::record(row, at.id, self.reading, notes)?;
        let version = id.is_some().then(|| normalize::version(row, at.updated)).transpose()?;
        let access = PortalAccess {
            act: NumeratorEvent {
                line: row.line,
                id: id.as_deref(),
                version: version.as_ref(),
                patient: &patient,
                provider: provider.as_deref(),
                day,
            },
            action,
            actor,
        };
        self.sink.access(batch, &access);
        Ok(())
    }
}
