//! The rows of a patient, each explained only when it is shown: a test patient may have a million rows, and a row may be attributed to very
//! many providers.

use std::cell::RefCell;
use std::sync::mpsc::{channel, sync_channel};
use std::thread;

use anyhow::Context as _;
use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::error::{self, While};
use crate::run::settings::RunConfig;
use mucalc_analysis::explain::{ExplainContext, ExplainedPatient};
use mucalc_core::domain::explanation::{ColumnValue, ExplainTarget, ExplainedRow, PatientExplanation, Rows};
use mucalc_core::domain::input::InputRole;
use mucalc_core::ledger::parallel::HAS_THREADS;
use mucalc_engine::InputSet;
use mucalc_engine::gather::ReadOutcome;
use mucalc_read::raw_record::{self, RawRecord};
use mucalc_read::{InputSource, ReadContext};

/// What is needed to show the rows of the exports.
pub(super) struct Shown<'a> {
    pub settings: &'a RunConfig,
    pub sources: &'a InputSet,
    /// How an export is read again: by one thread, so that rows keep their order.
    pub reading: ReadContext<'a>,
    /// Summary of reading each export.
    pub read: &'a [ReadOutcome<'a>],
}

/// The rows of one kind of a patient.
pub(super) struct LazyRows<'a> {
    pub grounds: &'a ExplainContext<'a>,
    pub patient: &'a ExplainedPatient,
    pub role: InputRole,
    pub asked: &'a ExplainTarget,
    pub shown: &'a Shown<'a>,
    /// Why an export cannot be read again.
    pub failed: &'a RefCell<Option<anyhow::Error>>,
}

impl LazyRows<'_> {
    /// Returns the number of rows of a patient, times the number of providers they may be attributed to.
    pub fn weight(patient: &PatientExplanation<LazyRows<'_>>) -> usize {
        patient.standings.len().max(1)
            * [&patient.encounters, &patient.messages, &patient.accesses]
                .map(|rows| rows.numbers().len())
                .iter()
                .sum::<usize>()
    }

    /// Explains all requested rows, without their cells.
    pub fn all(&self) -> impl Iterator<Item = ExplainedRow> {
        self.numbers().iter().map(|number| self.row(*number)).filter(|row| self.is_asked(row))
    }

    fn numbers(&self) -> &[u32] {
        let ExplainedPatient { encounters, messages, accesses, .. } = self.patient;
        match self.role {
            InputRole::Encounters => encounters,
            InputRole::Accesses => accesses,
            _ => messages,
        }
    }

    fn row(&self, number: u32) -> ExplainedRow {
        match self.role {
            InputRole::Encounters => self.grounds.encounter(self.patient, number),
            InputRole::Accesses => self.grounds.access(number),
            _ => self.grounds.message(number),
        }
    }

    /// Returns whether a row was requested: by its own id, by its patient, or by a provider that it names or is attributed to.
    fn is_asked(&self, row: &ExplainedRow) -> bool {
        let ExplainTarget { patients, message, encounter, provider } = self.asked;
        let wanted = if self.role == InputRole::Encounters { encounter } else { message };
        let is_it = !patients.is_empty() || wanted.is_some() && row.id == *wanted;
        let names = |id: &String| row.provider_id.as_ref() == Some(id);
        let reaches = |id: &String| row.reaches.iter().any(|reach| reach.provider_id == *id);
        let is_for = |id: &String| match self.role {
            InputRole::Encounters => names(id),
            _ => row.provider_id.is_none() || names(id) || reaches(id),
        };
        is_it && provider.as_ref().is_none_or(is_for)
    }

    /// Returns the number of a row's file, and the line of the row.
    fn place(&self, number: u32) -> (u32, u64) {
        let kept = self.grounds.kept;
        let at = match self.role {
            InputRole::Encounters => &kept.encounters[number as usize].at,
            InputRole::Accesses => &kept.accesses[number as usize].at,
            _ => &kept.messages[number as usize].at,
        };
        (at.file, at.line)
    }

    /// Returns the export with this number, or `None` if its cells cannot be shown.
    fn source(&self, file: u32) -> Option<&InputSource> {
        let Shown { settings, sources, read, .. } = self.shown;
        let source = match self.role {
            InputRole::Encounters => sources.encounters.get(file as usize),
            // The numbers count the files of messages before those of accesses.
            InputRole::Accesses => sources.accesses.get((file as usize).checked_sub(sources.messages.len())?),
            _ => sources.messages.get(file as usize),
        }?;
        let is_it = |(role, known, _): &&ReadOutcome<'_>| *role == self.role && std::ptr::eq(*known, source);
        let (.., summary) = read.iter().find(is_it)?;
        raw_record::can_be_shown(
            summary.nature.format,
            source.layout_or(&settings.task.layout).input(self.role),
        )
        .then_some(source)
    }

    /// Shows the rows of one export with their cells. Another thread reads the export, only a little ahead of the rows shown.
    fn show_told(
        &self,
        source: &InputSource,
        numbers: &[u32],
        show: &mut dyn FnMut(&ExplainedRow),
    ) -> anyhow::Result<()> {
        let lines: Vec<u64> = numbers.iter().map(|number| self.place(*number).1).collect();
        let is_wanted = |line: u64| lines.binary_search(&line).is_ok();
        let (Shown { settings, reading, .. }, role) = (self.shown, self.role);
        let read = |give: &(dyn Fn(Vec<(u64, RawRecord)>) + Sync)| {
            let read = raw_record::each(source, reading, &settings.task.layout, role, &is_wanted, give);
            read.map(drop).context(While("reading the export again for the cells of its rows"))
        };
        if !HAS_THREADS {
            let (give, coming) = channel();
            read(&|part| drop(give.send(part)))?;
            drop(give);
            self.show_with_cells(numbers, coming.into_iter().flatten(), show);
            return Ok(());
        }
        thread::scope(|scope| {
            let (give, coming) = sync_channel(1);
            // Sending fails once the last row is shown, and the rest is not needed.
            let reader = scope.spawn(move || read(&|part| drop(give.send(part))));
            self.show_with_cells(numbers, coming.into_iter().flatten(), show);
            reader.join().map_err(|_| error::internal("a reader ended"))?
        })
    }

    /// Shows rows with the cells of their lines, which come in the same order.
    fn show_with_cells(
        &self,
        numbers: &[u32],
        mut coming: impl Iterator<Item = (u64, RawRecord)>,
        show: &mut dyn FnMut(&ExplainedRow),
    ) {
        let mut told: Option<(u64, RawRecord)> = None;
        for number in numbers {
            let (_, line) = self.place(*number);
            while told.as_ref().is_none_or(|(known, _)| *known < line) {
                match coming.next() {
                    Some(next) => told = Some(next),
                    None => break,
                }
            }
            let mut row = self.row(*number);
            if !self.is_asked(&row) {
                continue;
            }
            let cells = told.iter().filter(|(known, _)| *known == line).flat_map(|(_, cells)| cells);
            let said = |(column, said): &(String, String)| ColumnValue {
                column: column.clone(),
                said: said.clone(),
            };
            row.record = cells.map(said).collect();
            show(&row);
        }
    }
}

impl Rows for LazyRows<'_> {
    fn each(&self, is_told: bool, show: &mut dyn FnMut(&ExplainedRow)) {
        if !is_told {
            self.all().for_each(|row| show(&row));
            return;
        }
        let of_one_file = |one: &u32, other: &u32| self.place(*one).0 == self.place(*other).0;
        for numbers in self.numbers().chunk_by(of_one_file) {
            let (file, _) = self.place(numbers[0]);
            let shown = match self.source(file) {
                Some(source) => self.show_told(source, numbers, show),
                None => {
                    let rows = numbers.iter().map(|number| self.row(*number));
                    rows.filter(|row| self.is_asked(row)).for_each(|row| show(&row));
                    Ok(())
                }
            };
            if let Err(failed) = shown {
                self.failed.borrow_mut().get_or_insert(failed);
                return;
            }
        }
    }
}

impl Serialize for LazyRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(None)?;
        let mut error = None;
        self.each(true, &mut |row| {
            if error.is_none() {
                error = rows.serialize_element(row).err();
            }
        });
        error.map_or_else(|| rows.end(), Err)
    }
}
