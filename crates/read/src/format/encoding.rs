//! Decodes texts that are read as a whole: web pages, XML workbooks, and text in padded columns.

use std::borrow::Cow;

use encoding_rs::Encoding;
use memchr::memmem;

use crate::error::InputErrorKind;

/// Decodes a text: by its byte order mark, as UTF-8, as it states itself, or as `declared`.
///
/// # Errors
/// If it is not valid in any of these encodings.
pub fn decoded(bytes: Vec<u8>, declared: Option<&'static Encoding>) -> Result<String, InputErrorKind> {
    if let Some((encoding, _)) = Encoding::for_bom(&bytes) {
        return Ok(encoding.decode(&bytes).0.into_owned());
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error.into_bytes(),
    };
    let begin = &bytes[..bytes.len().min(4096)].to_ascii_lowercase();
    let said = memmem::find(begin, b"charset=").and_then(|at| {
        let rest = begin[at + 8..].strip_prefix(b"\"").unwrap_or(&begin[at + 8..]);
        let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_".contains(byte));
        Encoding::for_label(&rest[..end.unwrap_or(rest.len())])
    });
    let encoding = said.filter(|encoding| *encoding != encoding_rs::UTF_8).or(declared);
    let (text, _, is_wrong) = encoding.ok_or(InputErrorKind::NotUtf8)?.decode(&bytes);
    if is_wrong { Err(InputErrorKind::NotUtf8) } else { Ok(text.into_owned()) }
}

/// Returns the beginning of a text, decoded by its byte order mark, or else as UTF-8. Bytes of other encodings are replaced.
pub fn beginning(begin: &[u8]) -> Cow<'_, str> {
    match Encoding::for_bom(begin) {
        Some((encoding, _)) => encoding.decode(begin).0,
        // Most texts are valid, which is quickly seen, and one input is looked at for several formats.
        None => {
            simdutf8::basic::from_utf8(begin).map_or_else(|_| String::from_utf8_lossy(begin), Cow::Borrowed)
        }
    }
}
