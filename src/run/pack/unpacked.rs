//! A pack that is read: its parts, one by one, in bounded memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::run::failed::{Cause, Failed};
use crate::run::pack::structure;

/// No part that is hashed is as large; an archive that says so is no pack.
const LARGEST: u64 = 16 << 30;

/// No part that is held in memory is as large, unless it is in proportion to the archive.
const LARGEST_HELD: u64 = 256 << 20;

/// No part of a pack is as many times larger than it is packed.
const MOST_TIMES: u64 = 60;

/// No pack has so many parts.
const MOST_PARTS: usize = 1000;

/// A pack that is read.
pub struct Unpacked {
    name: String,
    archive: ZipArchive<File>,
    odd: Option<String>,
}

impl Unpacked {
    /// Whether a file begins as a zip archive does.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn is_pack(path: &Path) -> io::Result<bool> {
        let mut beginning = [0; 4];
        let mut file = File::open(path)?;
        Ok(file.read_exact(&mut beginning).is_ok() && beginning == *b"PK\x03\x04")
    }

    /// Opens a pack.
    ///
    /// # Errors
    /// When it cannot be opened, or is no archive.
    pub fn open(name: &str) -> Result<Self, Failed> {
        let fail = |why: String| Failed::file(Cause::NotAPack, why, name);
        let file = File::open(name).map_err(|error| fail(format!("cannot be read: {}", error.kind())))?;
        let odd =
            structure::oddity(&file).map_err(|error| fail(format!("cannot be read: {}", error.kind())))?;
        let archive =
            ZipArchive::new(file).map_err(|_| fail("is no pack: it is no zip archive".to_owned()))?;
        if archive.len() > MOST_PARTS {
            return Err(fail("is no pack of mucalc: it has far too many parts".to_owned()));
        }
        Ok(Self { name: name.to_owned(), archive, odd })
    }

    /// What the user calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is odd about the archive; none where it is built as ours are.
    pub fn oddity(&self) -> Option<&str> {
        self.odd.as_deref()
    }

    /// The names of the parts, in their order.
    pub fn names(&self) -> Vec<String> {
        (0..self.archive.len())
            .filter_map(|at| self.archive.name_for_index(at)?.ok().map(|name| name.into_owned()))
            .collect()
    }

    /// The bytes of a part.
    ///
    /// # Errors
    /// When there is none with this name, or it cannot be read.
    pub fn part(&mut self, part: &str) -> Result<Vec<u8>, Failed> {
        let bytes = self.part_if_there(part)?;
        bytes.ok_or_else(|| self.fail(format!("is no pack of mucalc: it has no part {part}")))
    }

    /// The bytes of a part, if there is one with this name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn part_if_there(&mut self, part: &str) -> Result<Option<Vec<u8>>, Failed> {
        let mut bytes = Vec::new();
        let packed = self.archive.by_name(part).map_or(0, |file| file.compressed_size());
        let most = LARGEST_HELD.max(packed.saturating_mul(MOST_TIMES));
        let found = self.read(part, |read| {
            read.take(most + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(()) }
        })?;
        Ok(found.then_some(bytes))
    }

    /// Hands the bytes of a part over, if there is one with this name, and tells whether there is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(
        &mut self,
        part: &str,
        mut take: impl FnMut(&mut dyn Read) -> io::Result<()>,
    ) -> Result<bool, Failed> {
        let damaged =
            |error: &dyn std::fmt::Display| format!("is damaged: its part {part} cannot be read ({error})");
        let taken = match self.archive.by_name(part) {
            Err(ZipError::FileNotFound) => return Ok(false),
            Err(error) => Err(damaged(&error)),
            Ok(file) if file.size() > LARGEST => {
                Err(format!("is no pack of mucalc: its part {part} is far too large"))
            }
            // What an archive says of a size need not be so.
            Ok(file) => take(&mut file.take(LARGEST)).map_err(|error| damaged(&error.kind())),
        };
        taken.map(|()| true).map_err(|why| self.fail(why))
    }

    fn fail(&self, why: String) -> Failed {
        Failed::file(Cause::NotAPack, why, &self.name)
    }
}
