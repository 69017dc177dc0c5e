//! Key files. A key that others can read or guess protects nothing.

use std::collections::BTreeSet;

use crate::error::{self, ErrorCode};
use crate::run::bounded_read;

/// Returns the text of a key file that only its owner can read.
///
/// # Errors
/// If it cannot be read, or others can read it.
pub fn text(path: &str) -> anyhow::Result<String> {
    let fail = |why: String| error::file(ErrorCode::Key, why, path);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let is_open =
            |metadata: std::fs::Metadata| metadata.is_file() && metadata.permissions().mode() & 0o077 != 0;
        if std::fs::metadata(path).is_ok_and(is_open) {
            return Err(fail(
                "other users can read this key; protect it with `chmod 600`, or create a new one if it may have been read".to_owned(),
            ));
        }
    }
    bounded_read::text(path).map_err(|error| fail(format!("cannot be read: {}", error.kind())))
}

/// Returns whether a key is too regular to be random: few different bytes, or few different steps between them.
pub fn is_weak(key: &[u8]) -> bool {
    let steps = key.windows(2).map(|two| two[1].wrapping_sub(two[0]));
    let different: BTreeSet<u8> = key.iter().copied().collect();
    let steps: BTreeSet<u8> = steps.collect();
    // Either condition is true for less than 1 in 10^15 random keys of 32 bytes.
    different.len() * 2 < key.len() || steps.len() * 2 < key.len()
}
