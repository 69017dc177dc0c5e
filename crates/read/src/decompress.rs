//! Decompresses inputs: `.gz`, `.zst`, and `.zip` with one file in it, recognized by their first bytes.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use crate::archive::{Archive, Part, Unfit, Unpacking};
use crate::error::{InputError, InputErrorKind};
use crate::source::{InputSource, MeteredReader, ReadStats};
use mucalc_core::domain::source_location::SourceLocation;

/// How an input is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not compressed.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
    /// A ZIP archive with one file in it.
    Zip,
}

impl Compression {
    /// Returns the name of the compression.
    pub fn word(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Zstd => "Zstandard",
            Compression::Zip => "zip",
        }
    }
}

/// An input whose beginning was read and is put in front again.
pub type PeekedReader<'a> = io::Chain<Cursor<Vec<u8>>, MeteredReader<'a>>;

/// Decompresses an input that begins with `begin`. Returns the same reader if the input is not compressed.
///
/// # Errors
/// If decompression cannot start, or a ZIP archive does not contain exactly one file.
pub fn unpack<'a>(
    source: &InputSource,
    begin: &[u8],
    bytes: PeekedReader<'a>,
    packed: Arc<ReadStats>,
) -> Result<(Compression, Box<dyn Read + Send + 'a>), InputError> {
    let fail = |reason| InputError { place: SourceLocation::file(&*source.name), reason };
    Ok(match begin {
        [0x1F, 0x8B, ..] => {
            let unpacked = MultiGzDecoder::new(BufReader::with_capacity(CHUNK, bytes));
            (Compression::Gzip, Box::new(Capped { bytes: unpacked, given: 0, packed }))
        }
        #[cfg(not(feature = "zstd"))]
        [0x28, 0xB5, 0x2F, 0xFD, ..] => {
            let what = "a file packed with Zstandard, which this build does not read";
            return Err(fail(InputErrorKind::Foreign(what, "unpack it (`unzstd`) and name the file in it")));
        }
        #[cfg(feature = "zstd")]
        [0x28, 0xB5, 0x2F, 0xFD, ..] => {
            let unpacked = zstd::stream::read::Decoder::new(bytes)
                .map_err(|error| InputError::io(&source.name, &error))?;
            (Compression::Zstd, Box::new(Capped { bytes: unpacked, given: 0, packed }))
        }
        [b'P', b'K', 3, 4, ..] => {
            let member = only_file(source, bytes).map_err(fail)?;
            (Compression::Zip, Box::new(Capped { bytes: member, given: 0, packed }))
        }
        _ => (Compression::None, Box::new(bytes)),
    })
}

/// Returns whether a ZIP archive that begins like this is an Excel workbook, by the name of its first entry.
pub fn is_workbook(begin: &[u8]) -> bool {
    begin.starts_with(b"PK\x03\x04")
        && begin.get(30..).is_some_and(|name| {
            [&b"[Content_Types].xml"[..], b"xl/", b"_rels/", b"docProps/", b"docMetadata/"]
                .iter()
                .any(|known| name.starts_with(known))
        })
}

/// Returns whether a ZIP archive that begins like this is an OpenDocument spreadsheet, by the name of its first entry. Other OpenDocument
/// files name their type, and were recognized before.
pub fn is_spreadsheet(begin: &[u8]) -> bool {
    begin.starts_with(b"PK\x03\x04")
        && begin.get(30..).is_some_and(|name| {
            [&b"mimetype"[..], b"content.xml", b"META-INF/manifest.xml"]
                .iter()
                .any(|known| name.starts_with(known))
        })
}

/// Returns whether an input that begins like this is compressed.
pub fn is_packed(begin: &[u8]) -> bool {
    [&b"\x1F\x8B"[..], b"\x28\xB5\x2F\xFD", b"PK\x03\x04"].iter().any(|packed| begin.starts_with(packed))
}

const CHUNK: usize = 128 << 10;

/// Finds the only file of a ZIP archive and starts to decompress it.
fn only_file<'a>(
    source: &InputSource,
    mut bytes: PeekedReader<'a>,
) -> Result<impl Read + Send + 'a + use<'a>, InputErrorKind> {
    // The directory is at the end of the archive, so a second handle reads it.
    if source.path.is_none() {
        return Err(InputErrorKind::Archive(
            "an archive cannot come from standard input; name the file, or unpack it first",
        ));
    }
    let file = source.file().map_err(|error| error.reason)?;
    let unreadable = InputErrorKind::Archive("the archive is damaged or incomplete; export it again");
    let archive = Archive::open(BufReader::new(file)).map_err(|unfit| match unfit {
        Unfit::Ambiguous(_) => InputErrorKind::Archive(AMBIGUOUS),
        Unfit::NoArchive | Unfit::Io(_) => unreadable.clone(),
    })?;
    // A folder has no bytes, and some programs take an entry that is not a file for a link.
    let is_odd =
        |part: &Part| part.is_folder() && part.size > 0 || !part.is_folder() && !part.is_plain_file();
    if archive.parts().iter().any(is_odd) {
        return Err(InputErrorKind::Archive(AMBIGUOUS));
    }
    let is_file = |part: &&Part| !part.is_folder() && !part.is_of_file_manager();
    let files: Vec<&Part> = archive.parts().iter().filter(is_file).collect();
    let [only] = files[..] else {
        return Err(InputErrorKind::Archive(
            "the archive does not hold exactly one file; unpack it and name the files",
        ));
    };
    if only.is_encrypted() {
        return Err(InputErrorKind::Archive("the archive is encrypted; unpack it first"));
    }
    if !only.is_known() {
        return Err(InputErrorKind::Archive(
            "the archive is packed in a way that is not known here; unpack it first",
        ));
    }
    // Everything goes through the metered reader, so that it is counted and hashed.
    io::copy(&mut bytes.by_ref().take(only.start), &mut io::sink()).map_err(|_| unreadable.clone())?;
    let packed = BufReader::with_capacity(CHUNK, Rest { bytes, left: only.packed });
    Unpacking::new(only, packed).map_err(|_| unreadable)
}

/// The error for an archive that programs may unpack differently.
const AMBIGUOUS: &str = "the archive is not put together as archives are, so that another program may unpack something else from it; \
                         unpack it and name the file";

/// A reader of the next `left` bytes of an input. Reads the rest of the input at their end, and discards it.
struct Rest<R> {
    bytes: R,
    left: u64,
}

impl<R: Read> Read for Rest<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.bytes.read(&mut buffer[..wanted])?;
        self.left -= read as u64;
        if self.left == 0 {
            io::copy(&mut self.bytes, &mut io::sink())?;
        }
        Ok(read)
    }
}

/// Decompressed bytes. Reading fails if they are out of proportion to the compressed ones.
struct Capped<R> {
    bytes: R,
    given: u64,
    packed: Arc<ReadStats>,
}

/// Maximum ratio of decompressed to compressed bytes: exports reach ten or twenty. Up to `SMALL` bytes do no harm at any ratio.
const MAX_TIMES: u64 = 400;
const SMALL: u64 = 64 << 20;

/// Returns how many bytes of text may be used of a workbook of `packed` bytes. Repeated rows, and texts that cells share, can take up far
/// more than that.
pub fn most_bytes(packed: u64) -> u64 {
    SMALL.saturating_add(packed.saturating_mul(MAX_TIMES))
}

/// The error of an input that decompresses to too many bytes.
#[derive(Debug, thiserror::Error)]
#[error("out of all proportion")]
pub struct DecompressionBomb;

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.given += read as u64;
        if self.given > SMALL && self.given / MAX_TIMES > self.packed.count() {
            return Err(io::Error::other(DecompressionBomb));
        }
        Ok(read)
    }
}

/// Checks that the contents of an archive are not out of proportion to its size. Accepts a file that is not an archive: its reader decides.
pub fn check_size(archive: &[u8]) -> Result<(), ()> {
    const LARGE: u64 = 256 << 20;
    const TIMES: u64 = 60;
    let Ok(zip) = Archive::open(Cursor::new(archive)) else { return Ok(()) };
    let total = zip.parts().iter().fold(0_u64, |total, part| total.saturating_add(part.size));
    if total > LARGE && total / TIMES > archive.len() as u64 { Err(()) } else { Ok(()) }
}

/// Reads all of an input into memory. `None` if it is larger than `most` bytes.
///
/// # Errors
/// If the input cannot be read.
pub fn read_limited(bytes: impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut all = Vec::new();
    bytes.take(most + 1).read_to_end(&mut all)?;
    Ok((all.len() as u64 <= most).then_some(all))
}
