//! Opens an input and detects its compression, its encoding, and its format.

use std::io::{Cursor, Read};
use std::sync::Arc;

use encoding_rs_io::DecodeReaderBytesBuilder;

use crate::ReadContext;
use crate::decompress::{self, Compression, DecompressionBomb};
use crate::error::{InputError, InputErrorKind};
use crate::format::padded_text::is_padded;
use crate::format::parquet::ParquetReader;
use crate::format::shape::Shape;
use crate::format::sheet::{self, Book, SheetReader, SheetSeen};
use crate::format::sheet_row::BookKind;
use crate::format::web_page::is_page;
use crate::header_line::HeaderLine;
use crate::separators::CsvDialect;
use crate::source::{InputSource, ReadStats};
use crate::unsupported::{detect_unsupported, is_xml_workbook};
use crate::wanted::SniffHints;
use mucalc_core::domain::source_location::SourceLocation;

/// An open input.
pub struct OpenInput<'a> {
    /// Contents.
    pub body: InputBody<'a>,
    /// Detected format.
    pub nature: InputFormat,
    /// Statistics of its bytes.
    pub told: Arc<ReadStats>,
}

/// The contents of an input.
pub enum InputBody<'a> {
    /// UTF-8 text.
    Text(Box<dyn Read + Send + 'a>),
    /// A sheet of a workbook.
    Sheet(SheetReader),
    /// A Parquet file.
    Columnar(ParquetReader),
}

/// The detected format of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputFormat {
    /// Compression.
    pub packing: Compression,
    /// Encoding of its text.
    pub encoding: &'static str,
    /// File format.
    pub format: FileFormat,
    /// Lines before the header, in text with separators.
    pub titles: u64,
    /// Whether text with separators has a header.
    pub has_header: bool,
}

/// The formats of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Text with separators.
    Separated(CsvDialect),
    /// One JSON object per line.
    Ndjson,
    /// Other JSON: a list of objects, or objects over several lines.
    Json,
    /// A sheet of a workbook, or a table of a web page.
    Workbook(BookKind),
    /// Parquet.
    Parquet,
}

impl FileFormat {
    /// Returns whether rows are JSON objects.
    pub fn is_json(self) -> bool {
        matches!(self, FileFormat::Ndjson | FileFormat::Json)
    }

    /// Returns the name of the format for users.
    pub fn words(self) -> &'static str {
        match self {
            FileFormat::Separated(CsvDialect { separator: b'\t', .. }) => "text separated by tabs",
            FileFormat::Separated(CsvDialect { separator: b';', .. }) => "text separated by semicolons",
            FileFormat::Separated(CsvDialect { separator: b'|', .. }) => "text separated by vertical bars",
            FileFormat::Separated(CsvDialect { separator: b',', .. }) => "text separated by commas (CSV)",
            FileFormat::Separated(_) => "text with a separator of its own",
            FileFormat::Ndjson => "NDJSON",
            FileFormat::Json => "JSON",
            FileFormat::Workbook(BookKind::WebPage) => "web page with a table (HTML)",
            FileFormat::Workbook(kind) => kind.words(),
            FileFormat::Parquet => "Parquet",
        }
    }
}

/// Bytes at the beginning of an input that decide what it is.
const BEGINNING: usize = 64 << 10;

/// Maximum size in bytes of a workbook, which is kept in memory while it is read.
const IN_MEMORY: u64 = 1 << 30;

/// Maximum size in bytes of a workbook or Parquet file in a compressed file, which is also kept in memory.
const UNPACKED: u64 = 256 << 20;

/// Maximum size in bytes of a web page, an XML document, or text padded with blanks, which is kept in memory while it is read.
const PAGE: u64 = 128 << 20;

/// Opens an input and detects what it is. `encoding` is that of text without a byte order mark, if it is not UTF-8.
///
/// # Errors
/// If the input cannot be opened, or its format is not supported.
pub fn open<'a>(
    source: &InputSource,
    reading: &ReadContext<'a>,
    wanted: &SniffHints,
    encoding: Option<&'static encoding_rs::Encoding>,
) -> Result<OpenInput<'a>, InputError> {
    let fail = |reason| InputError { place: SourceLocation::file(&*source.name), reason };
    let read_error = |error: std::io::Error| source.read_error(&error, reading);
    let Unpacked { packing, begin, bytes, told } = unpacked(source, reading, encoding)?;
    let nature = |format| InputFormat { packing, encoding: "UTF-8", format, titles: 0, has_header: true };
    if begin.starts_with(b"PAR1") {
        let columnar = match &source.path {
            // The file is read at random positions, so a separate pass hashes its bytes.
            Some(_) if packing == Compression::None => {
                if reading.digest {
                    std::io::copy(&mut { bytes }, &mut std::io::sink()).map_err(read_error)?;
                }
                ParquetReader::open(source.file()?)
            }
            None if packing == Compression::None => {
                Err(InputErrorKind::Archive("Parquet cannot come from standard input; name the file"))
            }
            _ => ParquetReader::open_bytes(in_memory(source, reading, packing, bytes, IN_MEMORY)?),
        };
        let body = InputBody::Columnar(columnar.map_err(fail)?);
        return Ok(OpenInput { body, nature: nature(FileFormat::Parquet), told });
    }
    if let Some(kind) = kind_of(&begin, wanted) {
        let book = book(source, reading, kind, packing, bytes, encoding)?;
        let sheet = SheetReader::open(book, wanted).map_err(fail)?;
        return Ok(OpenInput {
            body: InputBody::Sheet(sheet),
            nature: nature(FileFormat::Workbook(kind)),
            told,
        });
    }
    let (encoding, begin, text) = decoded(begin, bytes, encoding).map_err(read_error)?;
    let (format, titles) = format(&begin, wanted).map_err(fail)?;
    Ok(OpenInput {
        body: InputBody::Text(text),
        nature: InputFormat { packing, encoding, format, titles, has_header: wanted.header != Some(0) },
        told,
    })
}

/// Lists the sheets of a workbook, or returns `None` if the input is not a workbook.
///
/// # Errors
/// If the input cannot be opened or read.
pub fn sheets_of(
    source: &InputSource,
    reading: &ReadContext<'_>,
    wanted: &SniffHints,
) -> Result<Option<Vec<SheetSeen>>, InputError> {
    let quiet = ReadContext { digest: false, progress: &|_| {}, ..*reading };
    let Unpacked { packing, begin, bytes, .. } = unpacked(source, &quiet, reading.encoding)?;
    let Some(kind) = kind_of(&begin, wanted) else { return Ok(None) };
    let book = book(source, &quiet, kind, packing, bytes, reading.encoding)?;
    let fail = |reason| InputError { place: SourceLocation::file(&*source.name), reason };
    sheet::sheets(book, wanted).map(Some).map_err(fail)
}

/// An input that was opened and, if it is compressed, decompressed.
struct Unpacked<'a> {
    packing: Compression,
    /// First bytes.
    begin: Vec<u8>,
    /// All bytes, from the first on.
    bytes: Box<dyn Read + Send + 'a>,
    told: Arc<ReadStats>,
}

/// Opens an input and decompresses it.
fn unpacked<'a>(
    source: &InputSource,
    reading: &ReadContext<'a>,
    encoding: Option<&'static encoding_rs::Encoding>,
) -> Result<Unpacked<'a>, InputError> {
    let fail = |reason| InputError { place: SourceLocation::file(&*source.name), reason };
    let read_error = |error: std::io::Error| source.read_error(&error, reading);
    // With a declared encoding of two bytes, such text is not a foreign format.
    let foreign = |begin: &[u8]| {
        let is_known = encoding.is_some_and(|encoding| !encoding.is_ascii_compatible());
        if is_known { None } else { detect_unsupported(begin) }
    };
    let mut tap = source.open(reading)?;
    let told = tap.stats();
    let begin = beginning(&mut tap).map_err(read_error)?;
    if let Some(reason) = foreign(&begin) {
        return Err(fail(reason));
    }
    let whole = Cursor::new(begin.clone()).chain(tap);
    if book_kind(&begin).is_some() {
        return Ok(Unpacked { packing: Compression::None, begin, bytes: Box::new(whole), told });
    }
    let (packing, mut bytes) = decompress::unpack(source, &begin, whole, Arc::clone(&told))?;
    if packing == Compression::None {
        return Ok(Unpacked { packing, begin, bytes, told });
    }
    let bomb_or = |error: std::io::Error| unpack_error(source, reading, &error);
    let begin = beginning(&mut bytes).map_err(bomb_or)?;
    if let Some(reason) = foreign(&begin) {
        return Err(fail(reason));
    }
    if book_kind(&begin).is_none() && decompress::is_packed(&begin) {
        return Err(fail(InputErrorKind::Archive(
            "there is a packed file in this packed file; unpack it first",
        )));
    }
    let bytes = Box::new(Cursor::new(begin.clone()).chain(bytes));
    Ok(Unpacked { packing, begin, bytes, told })
}

/// Returns what kind of workbook a file is that begins like this, or `None` if it is not a workbook.
fn book_kind(begin: &[u8]) -> Option<BookKind> {
    if decompress::is_workbook(begin) {
        Some(BookKind::Excel)
    } else if decompress::is_spreadsheet(begin) {
        Some(BookKind::OpenDocument)
    } else if begin.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        Some(BookKind::Old)
    } else if is_xml_workbook(begin) {
        Some(BookKind::Xml)
    } else if is_page(begin) {
        Some(BookKind::WebPage)
    } else {
        None
    }
}

/// Returns what kind of sheets a file has that begins like this, or `None` if it has none. Text may have its columns padded with blanks.
fn kind_of(begin: &[u8], wanted: &SniffHints) -> Option<BookKind> {
    book_kind(begin).or_else(|| is_padded(begin, wanted).then_some(BookKind::PaddedText))
}

/// Reads a workbook into memory.
fn book(
    source: &InputSource,
    reading: &ReadContext<'_>,
    kind: BookKind,
    packing: Compression,
    bytes: impl Read,
    encoding: Option<&'static encoding_rs::Encoding>,
) -> Result<Book, InputError> {
    let most = if matches!(kind, BookKind::WebPage | BookKind::PaddedText | BookKind::Xml) {
        PAGE
    } else {
        IN_MEMORY
    };
    Ok(Book { bytes: in_memory(source, reading, packing, bytes, most)?, kind, encoding })
}

/// Reads all of an input into memory. A compressed input may expand to many times its size, so its limit is lower.
fn in_memory(
    source: &InputSource,
    reading: &ReadContext<'_>,
    packing: Compression,
    bytes: impl Read,
    most: u64,
) -> Result<Vec<u8>, InputError> {
    let (most, reason) = match packing {
        Compression::None => (most, InputErrorKind::TooLarge { bytes: most }),
        _ => (
            most.min(UNPACKED),
            InputErrorKind::Archive(
                "more than 256 MiB come out of it, which is too much for a workbook or for Parquet; unpack it first",
            ),
        ),
    };
    let all = decompress::read_limited(bytes, most).map_err(|error| unpack_error(source, reading, &error))?;
    all.ok_or_else(|| InputError { place: SourceLocation::file(&*source.name), reason })
}

fn unpack_error(source: &InputSource, reading: &ReadContext<'_>, error: &std::io::Error) -> InputError {
    if error.get_ref().is_some_and(|error| error.is::<DecompressionBomb>()) {
        return InputError { place: SourceLocation::file(&*source.name), reason: InputErrorKind::Bomb };
    }
    source.read_error(error, reading)
}

/// Returns the text of an input of a known format, from its beginning. `None` if it cannot be opened as text.
pub fn decode_text<'a>(
    source: &InputSource,
    reading: &ReadContext<'a>,
    nature: InputFormat,
    dialect: CsvDialect,
) -> Option<Box<dyn Read + Send + 'a>> {
    let quiet = ReadContext { digest: false, progress: &|_| {}, ..*reading };
    let wanted = SniffHints { quotes: dialect.quotes, ..SniffHints::by_any(Vec::new()) };
    let encoding = encoding_rs::Encoding::for_label(nature.encoding.as_bytes());
    match open(source, &quiet, &wanted, encoding).ok()?.body {
        InputBody::Text(text) => Some(text),
        _ => None,
    }
}

/// Reads the first bytes of an input.
fn beginning(bytes: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut begin = Vec::new();
    bytes.take(BEGINNING as u64).read_to_end(&mut begin)?;
    Ok(begin)
}

type Decoded<'a> = (&'static str, Vec<u8>, Box<dyn Read + Send + 'a>);

/// Returns text as UTF-8 without a byte order mark, and how it was encoded.
fn decoded<'a>(
    begin: Vec<u8>,
    bytes: Box<dyn Read + Send + 'a>,
    declared: Option<&'static encoding_rs::Encoding>,
) -> std::io::Result<Decoded<'a>> {
    let mark = encoding_rs::Encoding::for_bom(&begin);
    // Text that is UTF-8 by its bytes is UTF-8, whatever encoding was declared for the inputs: text in other encodings does not look like
    // it.
    let valid = std::str::from_utf8(&begin).map_or_else(|error| error.error_len().is_none(), |_| true);
    let declared = declared.filter(|_| !valid || begin.is_ascii());
    let encoding = mark.map(|(encoding, _)| encoding).or(declared).unwrap_or(encoding_rs::UTF_8);
    if encoding == encoding_rs::UTF_8 {
        // UTF-8 is checked where it is used, and invalid bytes are not replaced.
        let skipped = mark.map_or(0, |(_, length)| length);
        let mut bytes = bytes;
        std::io::copy(&mut bytes.by_ref().take(skipped as u64), &mut std::io::sink())?;
        return Ok((encoding.name(), begin[skipped..].to_vec(), bytes));
    }
    let mut text = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(bytes);
    let begin = beginning(&mut text)?;
    Ok((encoding.name(), begin.clone(), Box::new(Cursor::new(begin).chain(text))))
}

/// Returns the format of a text that begins like this, and the number of lines before its header.
fn format(begin: &[u8], wanted: &SniffHints) -> Result<(FileFormat, u64), InputErrorKind> {
    match begin.trim_ascii_start().first() {
        Some(b'{') => json(begin, wanted).map(|format| (format, 0)),
        Some(b'[') => Ok((FileFormat::Json, 0)),
        _ => {
            let HeaderLine { before, separator, is_quoted } = HeaderLine::find(begin, wanted);
            // If the exports of a layout do not quote, a copy that another program saved may still quote everything.
            let quotes = wanted.quotes || is_quoted;
            Ok((FileFormat::Separated(CsvDialect { separator, quotes }), before))
        }
    }
}

/// Returns the format of JSON that begins with an object like this.
fn json(begin: &[u8], wanted: &SniffHints) -> Result<FileFormat, InputErrorKind> {
    let mut lines =
        begin.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let (first, second) = (lines.next().unwrap_or_default(), lines.next());
    let parse =
        |text: &[u8]| serde_json::Deserializer::from_slice(text).into_iter::<serde::de::IgnoredAny>().next();
    let is_cut = parse(first).is_some_and(|parsed| parsed.is_err_and(|error| error.is_eof()));
    // An object over several lines continues in the second line. If the first line is just cut off, the second begins a new object.
    let goes_on = |second: &[u8]| {
        let both = parse(&[first, b"\n", second].concat());
        both.is_some_and(|parsed| parsed.map_or_else(|error| error.is_eof(), |_| true))
    };
    if is_cut && second.is_some_and(goes_on) {
        return Ok(FileFormat::Json);
    }
    let keys: Vec<String> =
        wanted.names.iter().map(|path| path.split('.').next().unwrap_or_default().to_owned()).collect();
    match Shape::from_object(first, &keys) {
        Shape::Bundle | Shape::Wrapper(_) | Shape::Several(_) => Ok(FileFormat::Json),
        // Rows may have any shape, if there are several.
        Shape::Nothing if second.is_none() && begin.len() < BEGINNING => Err(InputErrorKind::JsonDocument),
        Shape::Nothing | Shape::Record => Ok(FileFormat::Ndjson),
    }
}
