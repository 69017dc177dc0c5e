//! Rows of an input on several threads, in bounded memory, with a result that does not hang on their number.

use std::sync::{Mutex, TryLockError};

use crate::blocks::Block;
use crate::chunk_error::ChunkError;
use crate::chunks::{ChunkLoad, ChunkReader, PathSelection};
use crate::diagnostics::{Diagnostics, Zoned};
use crate::error::{InputError, InputErrorKind};
use crate::header::{ColumnHeader, NearMiss};
use crate::layout::{EntityLayout, Layout, RowTranslator, TableLayout};
pub use crate::row::SourceRow;
use crate::row_sink::RowSink;
use crate::rows::{DecoderScratch, RowDecoder};
use crate::sniff::{FileFormat, InputBody, InputFormat, OpenInput, open};
use crate::source::InputSource;
use crate::wanted::SniffHints;
use crate::{ReadContext, ReadProgress};
use mucalc_core::domain::assumption::{Acknowledged, Assumed};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::printable;

pub use crate::row::BoxedInputError;

/// What was read of an input.
#[derive(Clone, Debug)]
pub struct ReadSummary {
    /// What it is.
    pub nature: InputFormat,
    /// Bytes read.
    pub bytes: u64,
    /// SHA-256 of the bytes, if asked for.
    pub sha256: Option<String>,
    /// Rows and findings.
    pub notes: Diagnostics,
    /// The columns of the rows: those of the export, or ours where they are translated.
    pub header: ColumnHeader,
    /// Columns of ours that the export has by name but never tells: in NDJSON they just do not come.
    pub never: Vec<String>,
    /// Columns of the export that are not read, though their names are nearly those of columns that would be.
    pub near_misses: Vec<NearMiss>,
    /// The sheet that was read, of a workbook.
    pub sheet: Option<String>,
}

impl ReadSummary {
    /// What is to be found fault with in the input as a whole, which has this name.
    pub fn faults(&self, name: &str) -> Vec<(FindingCode, SourceLocation)> {
        let near = |column: &NearMiss| {
            (
                FindingCode::NearMissColumn,
                SourceLocation::cell(name, self.header.line(), printable(&column.name)),
            )
        };
        let mut faults: Vec<(FindingCode, SourceLocation)> = self.near_misses.iter().map(near).collect();
        let unreadable = self.notes.findings().find(|(code, _)| *code == FindingCode::UnreadableDate);
        if let Some((_, noticed)) =
            unreadable.filter(|(_, noticed)| noticed.count >= self.notes.rows - self.notes.rejected)
        {
            let column = printable(noticed.column.map_or("", |column| self.header.name(column)));
            faults.push((FindingCode::NoReadableDate, SourceLocation::cell(name, noticed.line, column)));
        }
        if self.notes.rows == 0 {
            faults.push((FindingCode::NoRows, SourceLocation::file(name)));
        }
        faults
    }
}

/// How an input is read.
#[derive(Clone, Copy)]
pub struct ReadPlan<'a> {
    /// By which layout.
    pub layout: &'a Layout,
    /// As what.
    pub role: InputRole,
    /// Whether rows are wanted with the columns of the export and not with ours.
    pub raw: bool,
}

/// Reads an input. Rows are judged on several threads and collected in any order, so what `collect` does with
/// them must not hang on their order.
///
/// # Errors
/// The first error in the order of the input, whatever the number of threads.
pub fn read<C: RowSink>(
    source: &InputSource,
    reading: &ReadContext<'_>,
    how: &ReadPlan<'_>,
    consumer: &C,
    collect: impl Fn(C::Part) + Sync,
) -> Result<ReadSummary, InputError> {
    let ReadPlan { layout, role, raw } = *how;
    let input = layout.input(role);
    let encoding =
        reading.encoding.or_else(|| encoding_rs::Encoding::for_label(input.encoding.as_deref()?.as_bytes()));
    let wanted = SniffHints { any_sheet: raw, ..SniffHints::by(input, role) };
    let OpenInput { body, nature, told } = open(source, reading, &wanted, encoding)?;
    let sheet = if let InputBody::Sheet(sheet) = &body { sheet.name.clone() } else { None };
    let source = &source.on_sheet(sheet.as_deref());
    let take = match (&input.table, raw) {
        (_, true) => PathSelection::Any,
        (Some(_), false) => PathSelection::All,
        (None, false) => PathSelection::Present,
    };
    let (mut exported, feed) = ChunkReader::start(source, reading, &input.sources(), take, body, nature)?;
    if !raw && input.takes_spellings() {
        exported.recognize(&input.sources())?;
    }
    if !raw {
        exported.check(layout, role)?;
    }

    // What is no text with our own columns goes through a translation.
    let direct = (input.table.is_none() || raw) && matches!(nature.format, FileFormat::Separated(_));
    let table = || input.table.clone().unwrap_or_else(|| TableLayout::own(&input.columns));
    let mut translation = (!direct).then(|| match raw {
        true => RowTranslator::none(exported.names()),
        false => RowTranslator::new(&table(), &input.columns, exported.names()),
    });
    if let Some(translation) = translation.as_mut().filter(|_| !raw) {
        translation.retain(|name| consumer.asks_for(name));
    }
    let header = match &translation {
        Some(translation) => exported.translated(translation),
        None => exported.clone(),
    };
    let columns = consumer.columns(&header);
    let sources: Vec<&str> = match raw {
        true => exported.names().iter().map(String::as_str).collect(),
        false => input.sources(),
    };
    let own: Vec<&str> = input.columns.all().collect();
    // A row that does not say when it was changed is a row.
    let is_needed = |name: &str| name != "updated_at";
    let is_read = |name: &String| own.contains(&name.as_str()) && consumer.asks_for(name) && is_needed(name);
    let read: Vec<bool> = match &translation {
        Some(translation) => {
            (0..exported.width()).map(|column| translation.needs(column, is_needed)).collect()
        }
        None => exported.names().iter().map(|name| !raw && is_read(name)).collect(),
    };
    let delivery = RowDecoder::new(
        source,
        consumer,
        &columns,
        &header,
        &exported,
        translation.as_ref(),
        &sources,
        &read,
        nature,
        reading,
    );

    let near_misses = match raw {
        true => Vec::new(),
        false => exported.near_misses(&sources, &assumed(input, role, &header, reading.acknowledged)),
    };
    let column_has_zone = |column| translation.as_ref().is_some_and(|by| by.has_zone(column));
    let have_zone: Vec<bool> = (0..exported.width()).map(column_has_zone).collect();
    let queue = Mutex::new(Queue { feed, stopped: false });
    let sink = Mutex::new(Sink::default());
    let work = || {
        let (mut block, mut scratch) = (Block::default(), DecoderScratch::new(consumer));
        let done = |part, notes: Diagnostics| {
            (reading.progress)(ReadProgress::Rows(notes.rows));
            collect(part);
            lock(&sink).notes.merge(notes);
        };
        loop {
            let next = lock(&queue).next(&mut block);
            let delivered = match next {
                Ok(None) => return,
                Ok(Some(ChunkLoad::Block(from))) => {
                    delivery.block(&block, from, &mut scratch).map(|(part, notes)| done(part, notes))
                }
                Ok(Some(ChunkLoad::Objects(objects))) => {
                    delivery.documents(&objects, &mut scratch).map(|(part, notes)| done(part, notes))
                }
                Ok(Some(ChunkLoad::Batch(batch))) => {
                    delivery.batch(&batch, &mut scratch).map(|(part, notes)| done(part, notes))
                }
                Ok(Some(ChunkLoad::Group(group))) => {
                    (reading.progress)(ReadProgress::Bytes(group.bytes));
                    let fail = |reason, row| {
                        Box::new(InputError { place: SourceLocation::line(&*source.name, row), reason })
                    };
                    group.read(&delivery.wanted, &have_zone, fail, |batch| {
                        if reading.is_cancelled() {
                            return Err(Box::new(InputError::interrupted(&source.name)));
                        }
                        delivery.batch(&batch, &mut scratch).map(|(part, notes)| done(part, notes))
                    })
                }
                Err(error) => Err(Box::new(error.into_input(source, reading))),
            };
            if let Err(error) = delivered {
                lock(&queue).stopped = true;
                return lock(&sink).fail(*error);
            }
        }
    };
    if reading.threads <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..reading.threads {
                scope.spawn(work);
            }
        });
    }

    let queue = queue.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let Sink { mut notes, error, .. } = sink.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    // A file that is changed meanwhile can be wrong in any way, so this comes before what is wrong.
    let interrupted = error.as_ref().is_some_and(|error| error.reason == InputErrorKind::Interrupted);
    if !interrupted && source.has_changed(&told) {
        return Err(InputError {
            place: SourceLocation::file(&*source.name),
            reason: InputErrorKind::Changed,
        });
    }
    if let Some(error) = error {
        return Err(error);
    }
    notes.sort_places();
    queue.feed.answers().into_iter().for_each(|answers| notes.answers.merge(answers));
    // Where it was said what the times stand for, nothing is to be found.
    if reading.days.of(role).is_some() {
        notes.zoned = Zoned::default();
    }
    // Of a Parquet file only the columns that are needed are read; it counts as a whole.
    let bytes = if nature.format == FileFormat::Parquet { source.length() } else { None };
    let bytes = bytes.unwrap_or_else(|| told.count());
    let never = if input.table.is_none() { delivery.never() } else { Vec::new() };
    Ok(ReadSummary { nature, bytes, sha256: told.digest(), notes, header, never, near_misses, sheet })
}

/// The names of columns that are absent and assumed, ours and those that the layout reads them from; with each, whether that is
/// acknowledged.
fn assumed<'n>(
    input: &'n EntityLayout,
    role: InputRole,
    header: &ColumnHeader,
    acknowledged: Acknowledged,
) -> Vec<(&'n str, bool)> {
    let absent = Assumed::ALL
        .into_iter()
        .filter(|assumed| assumed.role() == role && header.position(assumed.column()).is_none());
    let theirs = |ours: &str| {
        let readings = input.table.as_ref().and_then(|table| table.columns.get(ours));
        readings.into_iter().flat_map(|readings| &readings.0).flat_map(|reading| &reading.from.0)
    };
    let names = |assumed: Assumed| {
        let ours = assumed.column();
        let names = std::iter::once(ours).chain(theirs(ours).map(String::as_str));
        names.map(move |name| (name, acknowledged.has(assumed)))
    };
    absent.flat_map(names).collect()
}

/// Rows are handed out in the order of the input.
struct Queue<'a> {
    feed: ChunkReader<'a>,
    stopped: bool,
}

impl Queue<'_> {
    /// What is to be judged next; none at the end.
    fn next(&mut self, block: &mut Block) -> Result<Option<ChunkLoad>, ChunkError> {
        if self.stopped {
            return Ok(None);
        }
        let next = self.feed.next(block);
        self.stopped = !matches!(next, Ok(Some(_)));
        next
    }
}

#[derive(Default)]
struct Sink {
    notes: Diagnostics,
    error: Option<InputError>,
}

impl Sink {
    /// Keeps the error that comes first in the input: all rows before it were handed out, and are finished.
    fn fail(&mut self, error: InputError) {
        let line = |error: &InputError| error.place.line.unwrap_or(u64::MAX);
        if self.error.as_ref().is_none_or(|known| line(&error) < line(known)) {
            self.error = Some(error);
        }
    }
}

/// What is held for as long as it takes to read a block is mostly free soon: to be put to sleep and woken takes longer.
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

/// So often it is looked whether a lock is free: some tens or hundreds of microseconds, as the processor has it.
const SPINS: usize = 4000;
