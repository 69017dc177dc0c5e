//! Reads the rows of an input on several threads, in bounded memory. The result does not depend on the number of threads.

use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use crate::blocks::Block;
use crate::chunk_error::ChunkError;
use crate::chunks::{ChunkLoad, ChunkReader};
use crate::decompress::Compression;
use crate::diagnostics::{Diagnostics, Zoned};
use crate::error::{InputError, InputErrorKind};
use crate::header::{ColumnHeader, NearMiss};
pub use crate::row::{BoxedInputError, SourceRow};
pub use crate::row_form::ReadPlan;
use crate::row_form::{RowForm, joined_layout};
use crate::row_reader::RowReader;
use crate::rows::{DecoderScratch, RowDecoder};
use crate::sniff::{FileFormat, InputBody, InputFormat, OpenInput, open};
use crate::source::{InputSource, ReadStats};
use crate::{ReadContext, ReadProgress};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::escape_control;

/// The result of reading an input.
#[derive(Clone, Debug)]
pub struct ReadSummary {
    /// Format of the input.
    pub nature: InputFormat,
    /// Bytes read.
    pub bytes: u64,
    /// SHA-256 of the bytes, if requested.
    pub sha256: Option<String>,
    /// Row counts and findings.
    pub notes: Diagnostics,
    /// Columns of the rows: those of the export, or the canonical ones if rows are translated.
    pub header: ColumnHeader,
    /// Canonical columns that never have a value although the header has them: in NDJSON, no object has the key.
    pub never: Vec<String>,
    /// Columns of the export that are not read, although their names resemble columns that would be.
    pub near_misses: Vec<NearMiss>,
    /// Sheet that was read, if the input is a workbook.
    pub sheet: Option<String>,
}

impl ReadSummary {
    /// Returns the findings about the input as a whole. `name` is the path shown to the user.
    pub fn findings(&self, name: &str) -> Vec<(FindingCode, SourceLocation)> {
        let near = |column: &NearMiss| {
            (
                FindingCode::NearMissColumn,
                SourceLocation::cell(name, self.header.line(), escape_control(&column.name)),
            )
        };
        let mut faults: Vec<(FindingCode, SourceLocation)> = self.near_misses.iter().map(near).collect();
        let unreadable = self.notes.findings().find(|(code, _)| *code == FindingCode::UnreadableDate);
        if let Some((_, noticed)) =
            unreadable.filter(|(_, noticed)| noticed.count >= self.notes.rows - self.notes.rejected)
        {
            let column = escape_control(noticed.column.map_or("", |column| self.header.name(column)));
            faults.push((FindingCode::NoReadableDate, SourceLocation::cell(name, noticed.line, column)));
        }
        if self.notes.rows == 0 {
            faults.push((FindingCode::NoRows, SourceLocation::file(name)));
        }
        faults
    }
}

/// Reads an input on several threads, and passes its rows to a reader.
///
/// # Errors
/// If the input cannot be used: the first error in the order of the input, whatever the number of threads.
pub fn read<R: RowReader>(
    source: &InputSource,
    reading: &ReadContext<'_>,
    plan: &ReadPlan<'_>,
    reader: &R,
) -> Result<ReadSummary, InputError> {
    let joined = match plan.raw {
        true => None,
        false => joined_layout(plan.layout, plan.role, reading)?,
    };
    let (layout, tables) = joined.map_or((None, Arc::default()), |(layout, tables)| (Some(layout), tables));
    let plan = &ReadPlan { layout: layout.as_ref().unwrap_or(plan.layout), ..*plan };
    let OpenInput { body, nature, told } =
        open(source, reading, &plan.sniff_hints(), plan.encoding(reading))?;
    let sheet = if let InputBody::Sheet(sheet) = &body { sheet.name.clone() } else { None };
    let source = &source.on_sheet(sheet.as_deref());
    let (exported, chunks) = plan.start(source, reading, body, nature)?;
    let form = RowForm::new(plan, reader, exported, nature, tables);
    let columns = reader.columns(&form.header);
    let near_misses = form.near_misses(plan, reading.acknowledged);
    let work = Work {
        source,
        reading,
        reader,
        decoder: RowDecoder::new(source, reading, reader, &columns, &form),
        zoned: form.zoned_columns(),
        queue: Mutex::new(Queue { chunks, stopped: false }),
        outcome: Mutex::default(),
    };
    // Another thread would find nothing to do.
    let is_one_block = matches!(nature.format, FileFormat::Separated(_) | FileFormat::Ndjson)
        && nature.packing == Compression::None
        && source.length().is_some_and(|length| length <= reading.limits.block_bytes as u64);
    work.run(if is_one_block { 1 } else { reading.threads });
    let never = if plan.input().table.is_none() { work.decoder.absent_columns() } else { Vec::new() };
    let mut notes = work.finish(&told)?;
    // If the configuration states what the times mean, there is nothing to report about them.
    if reading.days.meaning(plan.role).is_some() {
        notes.zoned = Zoned::default();
    }
    // Only the needed columns of a Parquet file are read, but its size is that of the whole file.
    let bytes = if nature.format == FileFormat::Parquet { source.length() } else { None };
    let bytes = bytes.unwrap_or_else(|| told.count());
    let header = form.header;
    Ok(ReadSummary { nature, bytes, sha256: told.digest(), notes, header, never, near_misses, sheet })
}

/// An input while several threads read it.
struct Work<'a, R: RowReader> {
    source: &'a InputSource,
    reading: &'a ReadContext<'a>,
    reader: &'a R,
    decoder: RowDecoder<'a, R>,
    /// For each column, whether its times have a zone according to the layout.
    zoned: Vec<bool>,
    queue: Mutex<Queue<'a>>,
    outcome: Mutex<Outcome>,
}

impl<R: RowReader> Work<'_, R> {
    /// Reads the input to its end.
    fn run(&self, threads: usize) {
        if threads <= 1 {
            return self.take_chunks();
        }
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| self.take_chunks());
            }
        });
    }

    /// Decodes chunks until none is left or one has an error.
    fn take_chunks(&self) {
        let (mut block, mut scratch) = (Block::default(), DecoderScratch::new(self.reader));
        loop {
            let next = lock(&self.queue).next(&mut block);
            let decoded = match next {
                Ok(None) => return,
                Ok(Some(chunk)) => self.decode(chunk, &block, &mut scratch),
                Err(error) => Err(Box::new(error.into_input(self.source, self.reading))),
            };
            if let Err(error) = decoded {
                lock(&self.queue).stopped = true;
                return lock(&self.outcome).fail(*error);
            }
        }
    }

    /// Decodes a chunk. `block` has its bytes if it is text.
    fn decode(
        &self,
        chunk: ChunkLoad,
        block: &Block,
        scratch: &mut DecoderScratch<R>,
    ) -> Result<(), BoxedInputError> {
        match chunk {
            ChunkLoad::Block(from) => self.done(self.decoder.block(block, from, scratch)?),
            ChunkLoad::Objects(objects) => self.done(self.decoder.documents(&objects, scratch)?),
            ChunkLoad::Batch(batch) => self.done(self.decoder.batch(&batch, scratch)?),
            ChunkLoad::Group(group) => {
                (self.reading.progress)(ReadProgress::Bytes(group.bytes));
                let name = &*self.source.name;
                let fail =
                    |reason, row| Box::new(InputError { place: SourceLocation::line(name, row), reason });
                group.read(&self.decoder.wanted, &self.zoned, fail, |batch| {
                    if self.reading.is_cancelled() {
                        return Err(Box::new(InputError::interrupted(name)));
                    }
                    self.done(self.decoder.batch(&batch, scratch)?);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    fn done(&self, (batch, notes): (R::Batch, Diagnostics)) {
        (self.reading.progress)(ReadProgress::Rows(notes.rows));
        self.reader.merge(batch);
        lock(&self.outcome).notes.merge(notes);
    }

    /// Returns row counts and findings, if the input could be used.
    fn finish(self, told: &ReadStats) -> Result<Diagnostics, InputError> {
        let queue = self.queue.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Outcome { mut notes, error } = self.outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        // A file that changes while it is read may cause any error, so this error takes precedence.
        let interrupted = error.as_ref().is_some_and(|error| error.reason == InputErrorKind::Interrupted);
        if !interrupted && self.source.has_changed(told) {
            let place = SourceLocation::file(&*self.source.name);
            return Err(InputError { place, reason: InputErrorKind::Changed });
        }
        if let Some(error) = error {
            return Err(error);
        }
        notes.sort_places();
        queue.chunks.answers().into_iter().for_each(|answers| notes.answers.merge(answers));
        Ok(notes)
    }
}

/// The chunks of an input, in its order.
struct Queue<'a> {
    chunks: ChunkReader<'a>,
    stopped: bool,
}

impl Queue<'_> {
    /// Returns the next chunk, or `None` at the end and after an error.
    fn next(&mut self, block: &mut Block) -> Result<Option<ChunkLoad>, ChunkError> {
        if self.stopped {
            return Ok(None);
        }
        let next = self.chunks.next(block);
        self.stopped = !matches!(next, Ok(Some(_)));
        next
    }
}

/// Row counts and findings of all threads, and the first error.
#[derive(Default)]
struct Outcome {
    notes: Diagnostics,
    error: Option<InputError>,
}

impl Outcome {
    /// Keeps the error that comes first in the input. All chunks before it were handed out, and their threads finish them.
    fn fail(&mut self, error: InputError) {
        let line = |error: &InputError| error.place.line.unwrap_or(u64::MAX);
        if self.error.as_ref().is_none_or(|known| line(&error) < line(known)) {
            self.error = Some(error);
        }
    }
}

/// Locks a mutex, and spins at first. A lock that is held while a block is read is usually free soon, and waking a sleeping thread takes
/// longer.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    for _ in 0..SPINS {
        match mutex.try_lock() {
            Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
        }
    }
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Attempts before the thread sleeps: some tens or hundreds of microseconds, depending on the processor.
const SPINS: usize = 4000;
