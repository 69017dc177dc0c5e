//! A pack that is written: its parts in a fixed order, without times, each with its digest.

use std::collections::BTreeMap;
use std::io::{self, Write};

use sha2::{Digest, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::run::interrupt;
use mucalc_core::domain::text::hex;

/// Where the parts of a pack go.
pub trait PackSink {
    /// Writes a part.
    ///
    /// # Errors
    /// When it cannot be written.
    fn part(&mut self, name: &str, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>)
    -> io::Result<()>;
}

/// An archive, with the digest of every part that was written.
pub struct PackWriter<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    digests: Checksums,
}

/// The digest of every part, in hexadecimal, in the order of writing.
#[derive(Clone, Debug, Default)]
pub struct Checksums(pub Vec<(String, String)>);

/// Parts of which the digests alone are wanted, and the bytes of some.
#[derive(Default)]
pub struct HashedWriter {
    /// The digests.
    pub digests: Checksums,
    /// The bytes of those parts that are wanted.
    pub bytes: BTreeMap<String, Vec<u8>>,
    /// Which parts are wanted.
    pub wanted: Vec<&'static str>,
}

impl<W: Write> PackWriter<W> {
    /// An empty archive.
    pub fn new(output: W) -> Self {
        Self { zip: ZipWriter::new_stream(output), digests: Checksums::default() }
    }

    /// The digests of the parts so far.
    pub fn digests(&self) -> &Checksums {
        &self.digests
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// When it cannot be written.
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
        // Neither times nor whoever wrote it: the same parts give the same bytes.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
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
    /// The text that `sha256sum -c` accepts.
    pub fn sums(&self) -> String {
        self.0.iter().map(|(name, digest)| sum(digest, name)).collect()
    }
}

/// One line that `sha256sum -c` accepts, also for names with line ends and backslashes in them.
pub fn sum(digest: &str, name: &str) -> String {
    if !name.contains(['\\', '\n', '\r']) {
        return format!("{digest}  {name}\n");
    }
    let name = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    format!("\\{digest}  {name}\n")
}

/// What is written, handed on in blocks of one size: how bytes are packed hangs on the blocks in which they come, and must not hang on
/// who writes them.
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

/// What is written, hashed on the way.
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
