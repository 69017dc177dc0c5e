//! Writes a pack: its files in a fixed order, without times, each with its checksum.

use std::collections::BTreeMap;
use std::io::{self, Write};

use sha2::{Digest, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::run::interrupt;
use mucalc_core::domain::text::hex;

/// A destination for the files of a pack.
pub trait PackSink {
    /// Writes a file of the pack.
    ///
    /// # Errors
    /// If it cannot be written.
    fn part(&mut self, name: &str, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>)
    -> io::Result<()>;
}

/// A ZIP archive with the checksum of every file that was written.
pub struct PackWriter<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    digests: Checksums,
}

/// The name and the hexadecimal SHA-256 checksum of every file, in the order of writing.
#[derive(Clone, Debug, Default)]
pub struct Checksums(pub Vec<(String, String)>);

/// A sink that only computes checksums, and keeps the bytes of some files.
#[derive(Default)]
pub struct HashedWriter {
    /// Checksums of the files.
    pub digests: Checksums,
    /// Bytes of the wanted files. The other files have an empty entry.
    pub bytes: BTreeMap<String, Vec<u8>>,
    /// Names of the wanted files.
    pub wanted: Vec<&'static str>,
}

impl<W: Write> PackWriter<W> {
    /// Creates an empty archive.
    pub fn new(output: W) -> Self {
        Self { zip: ZipWriter::new_stream(output), digests: Checksums::default() }
    }

    /// Returns the checksums of the files so far.
    pub fn digests(&self) -> &Checksums {
        &self.digests
    }

    /// Completes the archive.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> io::Result<()> {
        self.zip.finish()?.into_inner().flush()
    }
}

impl<W: Write> PackSink for PackWriter<W> {
    fn part(
        &mut self,
        name: &str,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        // Without times and owners, and as if made on one system, the same files give the same bytes.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .system(zip::System::Unix)
            .unix_permissions(0o600)
            .large_file(true);
        self.zip.start_file(name, options)?;
        let blocks = Blocks { output: &mut self.zip, block: Vec::with_capacity(BLOCK) };
        let mut hashing = Hashing { output: blocks, hasher: Sha256::new() };
        write(&mut hashing)?;
        hashing.output.end()?;
        let digest = hex(&hashing.hasher.finalize());
        self.digests.0.push((name.to_owned(), digest));
        Ok(())
    }
}

impl PackSink for HashedWriter {
    fn part(
        &mut self,
        name: &str,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut bytes = Vec::new();
        let digest = if self.wanted.contains(&name) {
            write(&mut bytes)?;
            hex(&Sha256::digest(&bytes))
        } else {
            let mut hashing = Hashing { output: io::sink(), hasher: Sha256::new() };
            write(&mut hashing)?;
            hex(&hashing.hasher.finalize())
        };
        self.bytes.insert(name.to_owned(), bytes);
        self.digests.0.push((name.to_owned(), digest));
        Ok(())
    }
}

impl Checksums {
    /// Returns the checksums in the format of `sha256sum -c`.
    pub fn sums(&self) -> String {
        self.0.iter().map(|(name, digest)| sha256sums_line(digest, name)).collect()
    }
}

/// Formats a line for `sha256sum -c`, also for names with line breaks and backslashes.
pub fn sha256sums_line(digest: &str, name: &str) -> String {
    if !name.contains(['\\', '\n', '\r']) {
        return format!("{digest}  {name}\n");
    }
    let name = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    format!("\\{digest}  {name}\n")
}

/// A writer that passes bytes on in blocks of one size. The compressed bytes depend on these blocks, and must not depend on how callers
/// write.
struct Blocks<W> {
    output: W,
    block: Vec<u8>,
}

const BLOCK: usize = 64 << 10;

impl<W: Write> Blocks<W> {
    fn end(&mut self) -> io::Result<()> {
        self.output.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }
}

impl<W: Write> Write for Blocks<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        if self.block.len() == BLOCK {
            self.end()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A writer that hashes what it passes on. It fails if the run was interrupted.
struct Hashing<W> {
    output: W,
    hasher: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if interrupt::check().is_err() {
            return Err(io::Error::other("interrupted"));
        }
        let written = self.output.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}
