//! Divides an input into chunks for the worker threads, in the order of the input: blocks of text, rows of a sheet, row groups.

use std::io::Read;

use memchr::memchr;

use crate::ReadContext;
use crate::blocks::{Block, BlockReader};
use crate::chunk_error::ChunkError;
use crate::error::{InputError, InputErrorKind};
use crate::format::answer::Answers;
use crate::format::documents::{Documents, Objects};
use crate::format::ndjson::{JsonPaths, PathValues, discover_paths, each_object};
use crate::format::parquet::{ParquetReader, RowGroup};
use crate::format::sheet::SheetReader;
use crate::format::text_batch::RowBatch;
use crate::header::ColumnHeader;
use crate::header_shape::names_by_position;
use crate::layout::names::recognized;
use crate::records::{CsvRecord, RecordIndex};
use crate::separators::CsvDialect;
use crate::sniff::{FileFormat, InputBody, InputFormat};
use crate::source::InputSource;
use mucalc_core::domain::line_index::LineIndex;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::escape_control;

/// An input whose header has been read.
pub enum ChunkReader<'a> {
    /// Text: its blocks, the block that contains the header, and the offset at which the header ends.
    Text(BlockReader<Box<dyn Read + Send + 'a>>, Option<(Block, usize)>),
    /// JSON that is not NDJSON: its documents, and the objects that were read for the header.
    Documents(Box<Documents<Box<dyn Read + Send + 'a>>>, Option<Objects>),
    /// A sheet.
    Sheet(SheetReader),
    /// A Parquet file.
    Columnar(ParquetReader),
}

/// A chunk of rows.
pub enum ChunkLoad {
    /// The records of the block, from this offset on.
    Block(usize),
    /// JSON objects.
    Objects(Objects),
    /// Rows of a sheet.
    Batch(RowBatch),
    /// A row group of a Parquet file.
    Group(RowGroup),
}

impl<'a> ChunkReader<'a> {
    /// Reads the header of an input.
    ///
    /// # Errors
    /// If the input has no header, or cannot be read.
    pub fn start(
        source: &InputSource,
        reading: &ReadContext<'_>,
        paths: &[&str],
        take: PathSelection,
        body: InputBody<'a>,
        nature: InputFormat,
    ) -> Result<(ColumnHeader, Self), InputError> {
        match body {
            InputBody::Sheet(mut sheet) => {
                let header = ColumnHeader::new(&source.name, sheet.line, std::mem::take(&mut sheet.header));
                Ok((header, Self::Sheet(sheet)))
            }
            InputBody::Columnar(mut columnar) => {
                let header = ColumnHeader::new(&source.name, 1, std::mem::take(&mut columnar.header));
                Ok((header, Self::Columnar(columnar)))
            }
            InputBody::Text(text) if nature.format == FileFormat::Json => {
                let mut documents = Documents::new(text, &source.name, reading.limits, paths);
                let first = documents.next().map_err(|error| error.into_input(source, reading))?;
                let objects = || first.iter().flat_map(Objects::iter);
                let line = objects().next().map_or(1, |(_, line)| line);
                let all: Vec<&[u8]> = objects().map(|(object, _)| object).collect();
                let header = header_of_paths(source, line, all.into_iter(), paths, take)
                    .map_err(|error| error.into_input(source, reading))?;
                Ok((header, Self::Documents(Box::new(documents), first)))
            }
            InputBody::Text(text) => {
                // NDJSON is cut at its line feeds, and its texts begin and end with quotation marks.
                let lines = CsvDialect { separator: b'"', quotes: false };
                let (dialect, is_json) = match nature.format {
                    FileFormat::Separated(dialect) => (dialect, false),
                    _ => (lines, true),
                };
                let mut blocks = BlockReader::new(text, reading.limits, dialect);
                let taken = match is_json {
                    true => take_paths(source, &mut blocks, paths, take),
                    false => take_header(source, &mut blocks, dialect, nature),
                };
                let (header, first) = taken.map_err(|error| error.into_input(source, reading))?;
                Ok((header, Self::Text(blocks, Some(first))))
            }
        }
    }

    /// Returns the next chunk, or `None` at the end. Puts text in `block`.
    ///
    /// # Errors
    /// If the input cannot be read or cut.
    pub fn next(&mut self, block: &mut Block) -> Result<Option<ChunkLoad>, ChunkError> {
        match self {
            Self::Text(_, first) if first.is_some() => {
                let Some((taken, from)) = first.take() else { return Ok(None) };
                *block = taken;
                Ok(Some(ChunkLoad::Block(from)))
            }
            Self::Text(blocks, _) => Ok(blocks.next_block(block)?.then_some(ChunkLoad::Block(0))),
            Self::Documents(_, first) if first.is_some() => Ok(first.take().map(ChunkLoad::Objects)),
            Self::Documents(documents, _) => Ok(documents.next()?.map(ChunkLoad::Objects)),
            Self::Sheet(sheet) => Ok(sheet.next()?.map(ChunkLoad::Batch)),
            Self::Columnar(columnar) => Ok(columnar.next().map(ChunkLoad::Group)),
        }
    }

    /// Returns what the documents read so far state about further pages; `None` if the input has no documents.
    pub fn answers(&self) -> Option<&Answers> {
        match self {
            Self::Documents(documents, _) => Some(documents.answers()),
            Self::Text(..) | Self::Sheet(_) | Self::Columnar(_) => None,
        }
    }
}

type Taken = Result<(ColumnHeader, (Block, usize)), ChunkError>;

/// Reads the header of text with separators: its first nonblank record after the title lines. If the text has no header, that record is a
/// row, and the columns are named by their position.
fn take_header<R: Read>(
    source: &InputSource,
    blocks: &mut BlockReader<R>,
    dialect: CsvDialect,
    nature: InputFormat,
) -> Taken {
    let (mut block, mut records) = (Block::default(), RecordIndex::default());
    while blocks.next_block(&mut block)? {
        let bytes = block.records();
        records.index(&block, 0, bytes.len());
        let lines = LineIndex::new(bytes, block.line);
        let line = |record: &CsvRecord<'_>| lines.line(record.begin()).number();
        let (mut above, mut header) = (None, None);
        for record in records.iter(&block, 1) {
            if line(&record) > nature.titles {
                header = Some(record);
                break;
            }
            above = Some(record);
        }
        let Some(record) = header else { continue };
        let line = line(&record);
        if memchr(0, &bytes[record.begin()..record.end()]).is_some() {
            let place = SourceLocation::line(&*source.name, line);
            return Err(ChunkError::Input(Box::new(InputError { place, reason: InputErrorKind::NulByte })));
        }
        if has_line_ends(&record, bytes) {
            let place = SourceLocation::line(&*source.name, line);
            let reason = InputErrorKind::CarriageReturns;
            return Err(ChunkError::Input(Box::new(InputError { place, reason })));
        }
        if !nature.has_header {
            let header = ColumnHeader::new(&source.name, line, names_by_position(record.width()));
            let begin = record.begin();
            return Ok((header, (block, begin)));
        }
        let header = ColumnHeader::from_record(&source.name, line, &record, above.as_ref(), bytes, dialect);
        let end = record.end() + 1;
        return Ok((header, (block, end)));
    }
    Err(InputErrorKind::Empty.into())
}

/// Returns whether a record has carriage returns that end lines, so that further records are in it. A quoted one is part of a cell.
fn has_line_ends(record: &CsvRecord<'_>, bytes: &[u8]) -> bool {
    (0..record.width()).any(|column| {
        let (begin, end) = record.field(bytes, column);
        bytes[begin..end].first() != Some(&b'"') && memchr(b'\r', &bytes[begin..end]).is_some()
    })
}

/// Canonical columns whose absence has a meaning. Any other absent column is unknown, like an empty cell.
const ABSENCE_TELLS: [&str; 2] = ["status", "seen_by"];

/// Which paths of NDJSON become columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathSelection {
    /// All that a vendor's layout reads.
    All,
    /// Canonical columns. Those whose absence has a meaning are included only if one of the first lines has them.
    Present,
    /// All that the first lines have, wanted or not.
    Any,
}

/// Reads the paths of NDJSON.
fn take_paths<R: Read>(
    source: &InputSource,
    blocks: &mut BlockReader<R>,
    sources: &[&str],
    take: PathSelection,
) -> Taken {
    let (mut block, mut records) = (Block::default(), RecordIndex::default());
    while blocks.next_block(&mut block)? {
        let bytes = block.records();
        records.index(&block, 0, bytes.len());
        let line = records.iter(&block, 1).map(|record| &bytes[record.begin()..record.end()]);
        let lines: Vec<&[u8]> = line.filter(|line| !line.trim_ascii().is_empty()).collect();
        if lines.is_empty() {
            continue;
        }
        let header = header_of_paths(source, block.line, lines.into_iter(), sources, take)?;
        return Ok((header, (block, 0)));
    }
    Err(InputErrorKind::Empty.into())
}

/// Returns the header made of the first objects of an input: the paths that become columns.
fn header_of_paths<'o>(
    source: &InputSource,
    line: u64,
    objects: impl Iterator<Item = &'o [u8]> + Clone,
    sources: &[&str],
    take: PathSelection,
) -> Result<ColumnHeader, ChunkError> {
    let mut keys: Vec<String> = Vec::new();
    objects.clone().for_each(|object| {
        each_object(object, || line, |object, _| discover_paths(object, &mut keys));
    });
    if take == PathSelection::Any {
        let (paths, mut found) = (JsonPaths::new(sources.iter().copied(), None), PathValues::default());
        objects.for_each(|object| {
            each_object(
                object,
                || line,
                |object, _| {
                    // `discover_paths` limits the number of paths, but wanted ones must be found.
                    if paths.read(object, &mut found).is_ok() {
                        for (path, name) in sources.iter().enumerate() {
                            if found.get(path).is_some() && !keys.iter().any(|known| known == name) {
                                keys.push((*name).to_owned());
                            }
                        }
                    }
                },
            );
        });
        return Ok(ColumnHeader::new(&source.name, line, keys));
    }
    // Keys of a vendor's layout must match exactly.
    let written = match take {
        PathSelection::Present => spelled(&source.name, line, sources, &keys)?,
        PathSelection::All | PathSelection::Any => sources.to_vec(),
    };
    let paths = JsonPaths::new(written.iter().copied(), None);
    let means_something = |name: &&str| ABSENCE_TELLS.contains(name);
    let mut present: Vec<bool> =
        sources.iter().map(|name| take == PathSelection::All || !means_something(name)).collect();
    let (mut found, mut finds_any) = (PathValues::default(), false);
    for object in objects {
        each_object(
            object,
            || line,
            |object, _| {
                if paths.read(object, &mut found).is_ok() {
                    present.iter_mut().enumerate().for_each(|(path, present)| {
                        let is_there = found.get(path).is_some();
                        (*present, finds_any) = (*present || is_there, finds_any || is_there);
                    });
                }
            },
        );
    }
    // Objects without any of the wanted keys are another export. Its header has their keys, so the required columns are reported missing.
    if !finds_any && !keys.is_empty() {
        return Ok(ColumnHeader::new(&source.name, line, keys));
    }
    let picked = sources.iter().zip(&written).zip(present).filter(|(_, present)| *present);
    let (names, shown): (Vec<String>, Vec<String>) =
        picked.map(|((name, written), _)| ((*name).to_owned(), (*written).to_owned())).unzip();
    let beside = keys.iter().filter(|key| !written.contains(&key.as_str())).cloned().collect();
    Ok(ColumnHeader::picked(&source.name, line, names, shown, beside))
}

/// Returns the paths as these keys spell them: `Patient ID` for `patient_id`.
fn spelled<'k>(
    file: &str,
    line: u64,
    sources: &[&'k str],
    keys: &'k [String],
) -> Result<Vec<&'k str>, ChunkError> {
    let meant = recognized(keys, sources).map_err(|(_, second)| {
        let place = SourceLocation::cell(file, line, escape_control(&keys[second]));
        ChunkError::Input(Box::new(InputError { place, reason: InputErrorKind::DoubledColumn }))
    })?;
    let key = |name: &&'k str| {
        let at = meant.iter().position(|meant| *meant == Some(*name));
        at.map_or(*name, |at| keys[at].as_str())
    };
    Ok(sources.iter().map(key).collect())
}
