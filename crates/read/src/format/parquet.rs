//! Reads Parquet files, one row group at a time, and only the columns that a layout reads.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit as Unit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;

use crate::error::InputErrorKind;
use crate::format::byte_array::ByteArrayPages;
use crate::format::float::{double_text, single_text};
use crate::format::text_batch::{ColumnCells, RowBatch, StringColumn};
use crate::format::time_column::{TimeColumn, TimeUnit, moment_text};
use mucalc_core::domain::panics::catch_panic;

/// An open Parquet file.
pub struct ParquetReader {
    file: Arc<SerializedFileReader<Shared>>,
    /// Names of the columns.
    pub header: Vec<String>,
    next_group: usize,
    rows_before: u64,
}

/// A row group, which can be read on any thread.
pub struct RowGroup {
    file: Arc<SerializedFileReader<Shared>>,
    group: usize,
    rows_before: u64,
    /// Size in the file, in bytes.
    pub bytes: u64,
}

/// Maximum number of rows read at a time. Fewer are read if rows are long.
const ROWS: usize = 8192;

/// Maximum size of the rows read at a time, in bytes, according to the average of the row group.
const BYTES: usize = 8 << 20;

const DAMAGED: InputErrorKind = InputErrorKind::Damaged("Parquet file");

/// Makes the error only where it is needed, as in `byte_array`.
fn damaged() -> InputErrorKind {
    DAMAGED
}

impl ParquetReader {
    /// Opens a file.
    ///
    /// # Errors
    /// If it is not a Parquet file, or is damaged.
    pub fn open(file: File) -> Result<Self, InputErrorKind> {
        Self::read(Shared::File(Arc::new(Mutex::new(file))))
    }

    /// Opens a file in memory, which was unpacked from a compressed one.
    ///
    /// # Errors
    /// If it is not a Parquet file, or is damaged.
    pub fn open_bytes(bytes: Vec<u8>) -> Result<Self, InputErrorKind> {
        Self::read(Shared::Memory(bytes.into()))
    }

    fn read(file: Shared) -> Result<Self, InputErrorKind> {
        let file =
            catch_panic(|| SerializedFileReader::new(file)).map_err(|_| DAMAGED)?.map_err(|_| DAMAGED)?;
        let schema = file.metadata().file_metadata().schema_descr_ptr();
        let header = schema.columns().iter().map(|column| name(column.path().parts())).collect();
        Ok(Self { file: Arc::new(file), header, next_group: 0, rows_before: 0 })
    }

    /// Returns the next row group, or `None` at the end.
    pub fn next(&mut self) -> Option<RowGroup> {
        let metadata = self.file.metadata();
        if self.next_group == metadata.num_row_groups() {
            return None;
        }
        let described = metadata.row_group(self.next_group);
        let bytes = described.compressed_size().max(0) as u64;
        let group = RowGroup {
            file: self.file.clone(),
            group: self.next_group,
            rows_before: self.rows_before,
            bytes,
        };
        self.next_group += 1;
        self.rows_before += described.num_rows().max(0) as u64;
        Some(group)
    }
}

/// A file that several threads read at positions of their own. With the library's own implementation they would share one position.
enum Shared {
    File(Arc<Mutex<File>>),
    Memory(Bytes),
}

/// A position in such a file.
enum FilePosition {
    File { file: Arc<Mutex<File>>, position: u64 },
    Memory(io::Cursor<Bytes>),
}

impl Length for Shared {
    fn len(&self) -> u64 {
        match self {
            Shared::File(file) => lock(file).metadata().map_or(0, |file| file.len()),
            Shared::Memory(bytes) => bytes.len() as u64,
        }
    }
}

impl ChunkReader for Shared {
    type T = BufReader<FilePosition>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BufReader::new(self.position(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let mut bytes = Vec::new();
        let at = self.position(start);
        // Reads no more than the file has, whatever length a damaged file states.
        at.take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() == length {
            Ok(bytes.into())
        } else {
            Err(parquet::errors::ParquetError::EOF("cut off".into()))
        }
    }
}

impl Shared {
    fn position(&self, position: u64) -> FilePosition {
        match self {
            Shared::File(file) => FilePosition::File { file: file.clone(), position },
            Shared::Memory(bytes) => {
                let mut bytes = io::Cursor::new(bytes.clone());
                bytes.set_position(position);
                FilePosition::Memory(bytes)
            }
        }
    }
}

impl Read for FilePosition {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (file, position) = match self {
            FilePosition::File { file, position } => (file, position),
            FilePosition::Memory(bytes) => return bytes.read(buffer),
        };
        let mut file = lock(file);
        file.seek(SeekFrom::Start(*position))?;
        let read = file.read(buffer)?;
        *position += read as u64;
        Ok(read)
    }
}

fn lock(file: &Mutex<File>) -> MutexGuard<'_, File> {
    file.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the name of a column, without the levels that represent lists.
fn name(parts: &[String]) -> String {
    const LISTS: [&str; 6] = ["list", "element", "item", "array", "bag", "array_element"];
    let mut named =
        parts.iter().enumerate().filter(|(level, part)| *level == 0 || !LISTS.contains(&part.as_str()));
    let mut name = named.next().map_or(String::new(), |(_, part)| part.clone());
    for (_, part) in named {
        name.push('.');
        name.push_str(part);
    }
    name
}

impl RowGroup {
    /// Reads the rows in batches. Cells of columns that are not `wanted` are empty. The line of a row is its number.
    ///
    /// Times of a type that does not specify a time zone are in UTC, except in columns that `have_zone` in the layout.
    ///
    /// # Errors
    /// If the file is damaged, or `each` fails.
    pub fn read<E>(
        &self,
        wanted: &[bool],
        have_zone: &[bool],
        fail: impl Fn(InputErrorKind, u64) -> E,
        mut each: impl FnMut(RowBatch) -> Result<(), E>,
    ) -> Result<(), E> {
        // The library panics on some damaged files.
        let guarded = |work: &mut dyn FnMut() -> Result<Option<RowBatch>, InputErrorKind>| {
            catch_panic(work).unwrap_or(Err(DAMAGED))
        };
        let mut columns: Option<Vec<Option<Column>>> = None;
        let mut done = 0;
        loop {
            let batch = guarded(&mut || {
                if columns.is_none() {
                    columns = Some(self.columns(wanted, have_zone)?);
                }
                self.batch(columns.iter_mut().flatten(), &mut done)
            });
            match batch.map_err(|reason| fail(reason, self.rows_before + done + 1))? {
                Some(batch) => each(batch)?,
                None => return Ok(()),
            }
        }
    }

    fn columns(&self, wanted: &[bool], have_zone: &[bool]) -> Result<Vec<Option<Column>>, InputErrorKind> {
        let group = self.file.get_row_group(self.group).map_err(|_| DAMAGED)?;
        let column = |(at, wanted): (usize, &bool)| {
            let open = || {
                let chunk = self.file.metadata().row_group(self.group).column(at);
                let described = chunk.column_descr_ptr();
                if is_text(&described)
                    && described.max_rep_level() == 0
                    && ByteArrayPages::supports(chunk.encodings())
                {
                    // A cell is present or missing. Columns deeper in groups have more levels.
                    if let optional @ 0..=1 = described.max_def_level() {
                        let pages = group.get_column_page_reader(at).map_err(|_| DAMAGED)?;
                        return Ok(Column::Text(ByteArrayPages::new(pages, optional == 1)));
                    }
                }
                let reader = group.get_column_reader(at).map_err(|_| DAMAGED)?;
                let has_zone = have_zone.get(at).copied().unwrap_or_default();
                Ok(Column::Any(Box::new(reader), described, has_zone))
            };
            wanted.then(open).transpose()
        };
        wanted.iter().enumerate().map(column).collect()
    }

    fn batch<'c>(
        &self,
        columns: impl Iterator<Item = &'c mut Option<Column>>,
        done: &mut u64,
    ) -> Result<Option<RowBatch>, InputErrorKind> {
        let group = self.file.metadata().row_group(self.group);
        let all = group.num_rows().max(0) as u64;
        let row_bytes = group.total_byte_size().max(0) as u64 / all.max(1);
        let most = (BYTES as u64 / row_bytes.max(1)).clamp(1, ROWS as u64);
        let rows = all.saturating_sub(*done).min(most) as usize;
        if rows == 0 {
            return Ok(None);
        }
        let first = self.rows_before + *done + 1;
        let cells =
            |column: &'c mut Option<Column>| column.as_mut().map(|column| column.cells(rows)).transpose();
        let batch = RowBatch {
            columns: columns.map(cells).collect::<Result<_, _>>()?,
            lines: (first..first + rows as u64).collect(),
            ..RowBatch::default()
        };
        *done += rows as u64;
        Ok(Some(batch))
    }
}

/// A column of a row group.
enum Column {
    /// Texts.
    Text(ByteArrayPages),
    /// Anything else, or texts in lists or rare encodings. The flag is whether the layout specifies the time zone of its times.
    Any(Box<ColumnReader>, Arc<ColumnDescriptor>, bool),
}

impl Column {
    /// Reads the next `rows` cells, as text.
    fn cells(&mut self, rows: usize) -> Result<ColumnCells, InputErrorKind> {
        let (reader, described, has_zone) = match self {
            Column::Text(pages) => return pages.cells(rows),
            Column::Any(reader, described, has_zone) => (&mut **reader, &**described, *has_zone),
        };
        let put = |cells: &mut StringColumn, text: String| {
            cells.write(&text);
            Ok(())
        };
        let time = time_unit(described).filter(|_| described.max_rep_level() == 0);
        let whole = |cells: &mut StringColumn, number: i64| put(cells, whole(number, described));
        let bytes = |cells: &mut StringColumn, bytes: &[u8]| {
            cells.write(std::str::from_utf8(bytes).map_err(|_| InputErrorKind::NotUtf8)?);
            Ok(())
        };
        match reader {
            ColumnReader::ByteArrayColumnReader(reader) => {
                cells(reader, described, rows, |cells, value| match fixed(value.data(), described) {
                    Some(text) => put(cells, text?),
                    None => bytes(cells, value.data()),
                })
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                cells(reader, described, rows, |cells, value| match fixed(value.data(), described) {
                    Some(text) => put(cells, text?),
                    None => bytes(cells, value.data()),
                })
            }
            ColumnReader::Int64ColumnReader(reader) => {
                if let Some(unit) = time {
                    return times(reader, described, rows, unit);
                }
                cells(reader, described, rows, |cells, value| whole(cells, *value))
            }
            ColumnReader::Int32ColumnReader(reader) => {
                if let Some(unit) = time {
                    return times(reader, described, rows, unit);
                }
                let unsigned = is_unsigned(described);
                cells(reader, described, rows, |cells, value| {
                    whole(cells, if unsigned { i64::from(*value as u32) } else { i64::from(*value) })
                })
            }
            ColumnReader::BoolColumnReader(reader) => {
                cells(reader, described, rows, |cells, value| put(cells, value.to_string()))
            }
            ColumnReader::FloatColumnReader(reader) => {
                cells(reader, described, rows, |cells, value| put(cells, single_text(*value)))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                cells(reader, described, rows, |cells, value| put(cells, double_text(*value)))
            }
            // Spark, Hive, and Impala write times in this type. They are in UTC, which the type itself does not specify.
            ColumnReader::Int96ColumnReader(reader) => cells(reader, described, rows, |cells, value| {
                put(cells, timestamp(value.to_millis(), 1000, !has_zone))
            }),
        }
    }
}

fn cells<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    described: &ColumnDescriptor,
    rows: usize,
    put: impl Fn(&mut StringColumn, &T::T) -> Result<(), InputErrorKind>,
) -> Result<ColumnCells, InputErrorKind> {
    let Values { defined, repeated, values } = values(reader, rows)?;
    let (mut values, mut cells) = (values.iter(), StringColumn::default());
    let (most_defined, repeats) = (described.max_def_level(), described.max_rep_level() > 0);
    let levels = if most_defined > 0 { defined.len() } else { values.len() };
    for level in 0..levels {
        // A further value of a list belongs to the same cell.
        if repeats && repeated[level] > 0 {
            cells.resume_last();
            cells.separate();
        }
        if most_defined == 0 || defined[level] == most_defined {
            put(&mut cells, values.next().ok_or_else(damaged)?)?;
        }
        cells.end();
    }
    if cells.len() == rows { Ok(ColumnCells::Own(cells)) } else { Err(DAMAGED) }
}

/// Reads the next cells of a column of days or local times, none of which is a list.
fn times<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    described: &ColumnDescriptor,
    rows: usize,
    unit: TimeUnit,
) -> Result<ColumnCells, InputErrorKind>
where
    T::T: Copy + Into<i64>,
{
    let Values { defined, values, .. } = values(reader, rows)?;
    let numbers: Vec<Option<i64>> = match described.max_def_level() {
        0 => values.iter().map(|value| Some((*value).into())).collect(),
        most => {
            let mut values = values.iter();
            let cell = |level: &i16| match *level == most {
                true => values.next().map(|value| Some((*value).into())).ok_or_else(damaged),
                false => Ok(None),
            };
            defined.iter().map(cell).collect::<Result<_, _>>()?
        }
    };
    if numbers.len() == rows { Ok(ColumnCells::Times(TimeColumn::new(numbers, unit))) } else { Err(DAMAGED) }
}

/// The next values of a column, with their levels.
struct Values<V> {
    defined: Vec<i16>,
    repeated: Vec<i16>,
    values: Vec<V>,
}

fn values<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
) -> Result<Values<T::T>, InputErrorKind> {
    let (mut defined, mut repeated, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut read = 0;
    while read < rows {
        let (records, ..) = reader
            .read_records(rows - read, Some(&mut defined), Some(&mut repeated), &mut values)
            .map_err(|_| DAMAGED)?;
        if records == 0 {
            return Err(DAMAGED);
        }
        read += records;
    }
    Ok(Values { defined, repeated, values })
}

/// Writes a whole number, or the day or time that it represents.
fn whole(number: i64, described: &ColumnDescriptor) -> String {
    if let Some(unit) = time_unit(described) {
        return unit.text(number);
    }
    match utc_unit(described) {
        Some(per_second) => timestamp(number, per_second, true),
        None if is_unsigned(described) => (number as u64).to_string(),
        None => decimal_scale(described)
            .map_or_else(|| number.to_string(), |scale| decimal(i128::from(number), scale)),
    }
}

/// Returns what the numbers of a column of days or local times count. `None` for any other column.
fn time_unit(described: &ColumnDescriptor) -> Option<TimeUnit> {
    match (described.logical_type_ref(), described.converted_type()) {
        (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => Some(TimeUnit::Days),
        (Some(LogicalType::Timestamp(of)), _) => {
            (!of.is_adjusted_to_u_t_c).then(|| TimeUnit::Local(per_second(&of.unit)))
        }
        _ => None,
    }
}

/// Returns how many units of a column of times in UTC make a second. `None` for any other column.
fn utc_unit(described: &ColumnDescriptor) -> Option<i64> {
    match (described.logical_type_ref(), described.converted_type()) {
        (Some(LogicalType::Timestamp(of)), _) => of.is_adjusted_to_u_t_c.then(|| per_second(&of.unit)),
        (_, ConvertedType::TIMESTAMP_MILLIS) => Some(1000),
        (_, ConvertedType::TIMESTAMP_MICROS) => Some(1_000_000),
        _ => None,
    }
}

fn per_second(unit: &Unit) -> i64 {
    match unit {
        Unit::MILLIS => 1000,
        Unit::MICROS => 1_000_000,
        Unit::NANOS => 1_000_000_000,
    }
}

fn is_unsigned(described: &ColumnDescriptor) -> bool {
    let by_type = matches!(described.logical_type_ref(), Some(LogicalType::Integer(of)) if !of.is_signed);
    let old = [ConvertedType::UINT_8, ConvertedType::UINT_16, ConvertedType::UINT_32, ConvertedType::UINT_64];
    by_type || old.contains(&described.converted_type())
}

/// Returns the number of digits after the decimal point, or `None` if the column is not decimal.
fn decimal_scale(described: &ColumnDescriptor) -> Option<usize> {
    let is_decimal = matches!(described.logical_type_ref(), Some(LogicalType::Decimal(_)))
        || described.converted_type() == ConvertedType::DECIMAL;
    is_decimal.then(|| described.type_scale().max(0) as usize)
}

/// Writes a decimal number without trailing zeros in its fraction, because an id of such a type is a whole number.
fn decimal(number: i128, scale: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let digits = format!("{:0>1$}", number.unsigned_abs(), scale + 1);
    let (whole, behind) = digits.split_at(digits.len() - scale);
    match behind.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        behind => format!("{sign}{whole}.{behind}"),
    }
}

/// Returns whether the values of a column are byte arrays of text.
fn is_text(described: &ColumnDescriptor) -> bool {
    described.physical_type() == Type::BYTE_ARRAY && decimal_scale(described).is_none()
}

/// Writes a decimal number or a UUID that is stored as bytes. Returns `None` if the bytes are text.
fn fixed(bytes: &[u8], described: &ColumnDescriptor) -> Option<Result<String, InputErrorKind>> {
    if let Some(scale) = decimal_scale(described) {
        // The highest byte comes first. A negative number is extended with ones.
        let start = if bytes.first().is_some_and(|first| first & 0x80 != 0) { -1 } else { 0 };
        let number = bytes.iter().fold(start, |number: i128, byte| number << 8 | i128::from(*byte));
        return Some(if bytes.len() <= 16 { Ok(decimal(number, scale)) } else { Err(DAMAGED) });
    }
    if matches!(described.logical_type_ref(), Some(LogicalType::Uuid)) {
        let hex = mucalc_core::domain::text::hex(bytes);
        let parts = [hex.get(..8)?, hex.get(8..12)?, hex.get(12..16)?, hex.get(16..20)?, hex.get(20..)?];
        return Some(Ok(parts.join("-")));
    }
    None
}

fn timestamp(number: i64, per_second: i64, utc: bool) -> String {
    moment_text(number, per_second, if utc { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S" })
}
