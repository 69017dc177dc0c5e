//! Reads a pack: its files, one by one, in bounded memory.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::error::{self, ErrorCode};
use crate::run::bounded_read;
use crate::run::interrupt;
use crate::run::pack::writer::{PackSink, PackWriter};
use crate::run::pack::zip_layout;
use mucalc_read::archive::{Archive, Unfit};

/// Maximum size in bytes of a file that is hashed. An archive that declares more is not a pack.
const LARGEST: u64 = 16 << 30;

/// Maximum size in bytes of a file that is read into memory, unless its compressed size allows more.
const LARGEST_HELD: u64 = 256 << 20;

/// Maximum ratio of the size of a file to its compressed size.
const MAX_TIMES: u64 = 60;

/// Maximum number of files in a pack.
const MAX_PARTS: usize = 1000;

/// A pack that is read.
pub struct PackReader {
    name: String,
    archive: Archive<BufReader<File>>,
    odd: Option<String>,
}

impl PackReader {
    /// Returns whether a file begins like a ZIP archive.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn is_pack(path: &Path) -> io::Result<bool> {
        let mut beginning = [0; 4];
        let mut file = File::open(path)?;
        Ok(file.read_exact(&mut beginning).is_ok() && beginning == *b"PK\x03\x04")
    }

    /// Opens a pack.
    ///
    /// # Errors
    /// If it cannot be opened, or is not an archive that mucalc may have written.
    pub fn open(name: &str) -> anyhow::Result<Self> {
        let fail = |why: String| error::file(ErrorCode::NotAPack, why, name);
        let unreadable = |error: io::Error| fail(bounded_read::trouble(&error));
        let file = File::open(name).map_err(unreadable)?;
        let archive = Archive::open(BufReader::new(file)).map_err(|unfit| match unfit {
            Unfit::Io(error) => unreadable(error),
            Unfit::NoArchive => {
                fail("not an evidence pack: not a ZIP archive, or an incomplete one".to_owned())
            }
            Unfit::Ambiguous(why) => fail(format!(
                "not an evidence pack of mucalc: programs may unpack it differently, because {why}"
            )),
        })?;
        if archive.parts().len() > MAX_PARTS {
            return Err(fail("not an evidence pack of mucalc: it has too many files".to_owned()));
        }
        let odd = zip_layout::layout_violation(archive.parts());
        Ok(Self { name: name.to_owned(), archive, odd })
    }

    /// Returns the name that the user gave the pack.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what is unusual about the archive. `None` if it has the structure that mucalc writes.
    pub fn layout_violation(&self) -> Option<&str> {
        self.odd.as_deref()
    }

    /// Returns the names of the files, in their order.
    pub fn names(&self) -> Vec<String> {
        self.archive.parts().iter().map(|part| String::from_utf8_lossy(&part.name).into_owned()).collect()
    }

    /// Returns the bytes of a file.
    ///
    /// # Errors
    /// If the pack has no file with this name, or it cannot be read.
    pub fn part(&mut self, part: &str) -> anyhow::Result<Vec<u8>> {
        let bytes = self.read_file_if_present(part)?;
        bytes.ok_or_else(|| self.fail(format!("not an evidence pack of mucalc: {part} is missing")))
    }

    /// Returns the bytes of a file. `None` if the pack has no file with this name.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read_file_if_present(&mut self, part: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let Some(at) = self.position(part) else { return Ok(None) };
        let packed = self.archive.parts()[at].packed;
        let most = LARGEST_HELD.max(packed.saturating_mul(MAX_TIMES));
        let mut bytes = Vec::new();
        self.read(part, |read| {
            read.take(most + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(()) }
        })?;
        Ok(Some(bytes))
    }

    /// Passes the bytes of a file to `take`, and returns whether the pack has a file with this name.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(
        &mut self,
        part: &str,
        take: impl FnOnce(&mut dyn Read) -> io::Result<()>,
    ) -> anyhow::Result<bool> {
        let Some(at) = self.position(part) else { return Ok(false) };
        let size = self.archive.parts()[at].size;
        let taken = if size > LARGEST {
            Err(format!("not an evidence pack of mucalc: {part} is too large"))
        } else {
            self.archive
                .unpack(at)
                .and_then(|mut bytes| take(&mut bytes))
                .map_err(|error| format!("is damaged: its part {part} cannot be read ({})", error.kind()))
        };
        taken.map(|()| true).map_err(|why| self.fail(why))
    }

    /// Returns whether the archive is, byte for byte, what this version writes for its files.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn is_as_written(&mut self) -> anyhow::Result<bool> {
        let name = self.name.clone();
        let unreadable =
            |error: io::Error| error::file(ErrorCode::NotAPack, bounded_read::trouble(&error), &name);
        let file = File::open(&self.name).map_err(unreadable)?;
        let mut same = Same { bytes: BufReader::new(file), is_same: true };
        let mut writer = PackWriter::new(&mut same);
        for part in self.names() {
            let mut written = Ok(());
            self.read(&part, |read| {
                written = writer.part(&part, &mut |write| io::copy(read, write).map(drop));
                Ok(())
            })?;
            written.map_err(unreadable)?;
        }
        writer.finish().map_err(unreadable)?;
        same.ends().map_err(unreadable)
    }

    fn position(&self, part: &str) -> Option<usize> {
        self.archive.parts().iter().position(|known| known.name == part.as_bytes())
    }

    fn fail(&self, why: String) -> anyhow::Error {
        error::file(ErrorCode::NotAPack, why, &self.name)
    }
}

/// A writer that compares what it receives with a file.
struct Same<R> {
    bytes: R,
    is_same: bool,
}

impl<R: Read + Seek> Same<R> {
    /// Returns whether everything was the same, and the file has nothing more.
    fn ends(mut self) -> io::Result<bool> {
        let at = self.bytes.stream_position()?;
        Ok(self.is_same && self.bytes.seek(SeekFrom::End(0))? == at)
    }
}

impl<R: Read> Write for Same<R> {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        if interrupt::check().is_err() {
            return Err(io::Error::other("interrupted"));
        }
        let mut there = Vec::with_capacity(written.len());
        if self.is_same {
            (&mut self.bytes).take(written.len() as u64).read_to_end(&mut there)?;
            self.is_same = there == written;
        }
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
