//! Files that are read whole, and of which it is known how large they can be: what goes on for ever, such as a device, is refused.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// No configuration, layout, key or signature is as large.
pub const TEXT: u64 = 64 << 20;

/// No report of a run is as large.
pub const REPORT: u64 = 2 << 30;

/// The text of a file of at most [`TEXT`] bytes.
///
/// # Errors
/// When it cannot be read, is no UTF-8, or is larger.
pub fn text(path: impl AsRef<Path>) -> io::Result<String> {
    String::from_utf8(bytes(path, TEXT)?).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// The bytes of a file that are at most so many.
///
/// # Errors
/// When it cannot be read, or is larger.
pub fn bytes(path: impl AsRef<Path>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}
