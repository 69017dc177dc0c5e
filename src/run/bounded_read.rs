//! Reads whole files of limited size. Refuses endless ones, such as devices.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Maximum size in bytes of a configuration, layout, key, or signature.
pub const TEXT: u64 = 64 << 20;

/// Maximum size in bytes of the report of a run.
#[cfg(not(target_family = "wasm"))]
pub const REPORT: u64 = 2 << 30;

/// Returns why a file cannot be read, and what to do, without text of the system.
pub fn trouble(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "file not found; check the path".to_owned(),
        io::ErrorKind::IsADirectory => "this is a folder; name the file in it".to_owned(),
        io::ErrorKind::InvalidData => "not valid UTF-8; save the file as UTF-8".to_owned(),
        kind => format!("cannot be read: {kind}"),
    }
}

/// Returns the text of a file of at most [`TEXT`] bytes.
///
/// # Errors
/// If it cannot be read, is not UTF-8, or is larger.
pub fn text(path: impl AsRef<Path>) -> io::Result<String> {
    String::from_utf8(bytes(path, TEXT)?).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// Returns the bytes of a file of at most `most` bytes.
///
/// # Errors
/// If it cannot be read, or is larger.
pub fn bytes(path: impl AsRef<Path>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}
