//! Encodings of text by name.

use encoding_rs::Encoding;

use crate::error::{self, ErrorCode};

/// Returns the encoding with a name, such as `windows-1252`.
///
/// # Errors
/// If no encoding has the name.
pub fn encoding(name: &str) -> anyhow::Result<&'static Encoding> {
    Encoding::for_label(name.trim().as_bytes()).ok_or_else(|| {
        let message =
            format!("`{name}` is no encoding; there are utf-8, utf-16le, utf-16be, windows-1252 and others");
        error::usage(ErrorCode::Choice, message)
    })
}
