//! Splits JSON objects at their values: texts and numbers.

use memchr::memchr2;

use crate::separators::first_of;

/// A part of an object: bytes, and what comes after them.
pub struct Part<'o> {
    /// The bytes.
    pub before: &'o str,
    /// What comes after them.
    pub then: Next,
}

/// What comes after some bytes of a form.
#[derive(Clone, Copy, Default, PartialEq)]
pub enum Next {
    /// A text. The bytes end with its opening quotation mark.
    #[default]
    Text,
    /// A number that is not read.
    Number,
    /// A whole number without a sign.
    PlainNumber,
    /// The object ends, and has this form.
    End(u32),
}

/// Maximum number of digits of a number that is copied as it is.
const MAX_DIGITS: usize = 18;

/// Splits a valid object at its values. `true`, `false` and `null` are no values here. `None` if the object ends within a value.
pub fn parts(object: &str) -> Option<Vec<Part<'_>>> {
    let bytes = object.as_bytes();
    let (mut parts, mut begin, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let (value, then) = match bytes[at] {
            b'"' => {
                let end = at + 1 + text_length(&bytes[at + 1..], &mut false)?;
                let is_key = bytes[end + 1..].trim_ascii_start().first() == Some(&b':');
                if is_key {
                    at = end + 1;
                    continue;
                }
                (at + 1..end, Next::Text)
            }
            b'-' | b'0'..=b'9' => (at..at + number_length(&bytes[at..])?, Next::Number),
            _ => {
                at += 1;
                continue;
            }
        };
        parts.push(Part { before: &object[begin..value.start], then });
        (begin, at) = (value.end, value.end + usize::from(then == Next::Text));
    }
    parts.push(Part { before: &object[begin..], then: Next::End(0) });
    Some(parts)
}

/// Returns the position of the first quotation mark or backslash. Most texts are short.
#[inline(always)]
fn mark_in(bytes: &[u8]) -> Option<usize> {
    const FEW: usize = 4;
    let (parts, _) = bytes.as_chunks::<16>();
    for (at, part) in parts.iter().take(FEW).enumerate() {
        if let Some(found) = first_of(part, b'"', b'\\') {
            return Some(16 * at + found);
        }
    }
    let from = 16 * parts.len().min(FEW);
    Some(from + memchr2(b'"', b'\\', &bytes[from..])?)
}

/// Returns the length of the text at the beginning of the bytes, up to its closing quotation mark. A text with the number of a character is
/// left to the parser.
#[inline(always)]
pub fn text_length(bytes: &[u8], has_escapes: &mut bool) -> Option<usize> {
    let mut at = 0;
    loop {
        at += mark_in(&bytes[at..])?;
        match (bytes[at], bytes.get(at + 1)) {
            (b'"', _) => return Some(at),
            (_, Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) => {
                *has_escapes = true;
                at += 2;
            }
            _ => return None,
        }
    }
}

/// Returns the length of the number at the beginning of the bytes: a JSON number.
pub fn number_length(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(sign);
    if whole == 0 || whole > 1 && bytes[sign] == b'0' {
        return None;
    }
    let mut at = sign + whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        at += 1 + fraction;
        if fraction == 0 {
            return None;
        }
    }
    // A number with an exponent is left to the parser.
    if matches!(bytes.get(at), Some(b'e' | b'E')) { None } else { Some(at) }
}

/// Returns the length of the number at the beginning of the bytes, if a parser that reads it writes it as it is.
pub fn plain_number_length(bytes: &[u8]) -> Option<usize> {
    let number = &bytes[..number_length(bytes)?];
    (number.len() <= MAX_DIGITS && number.iter().all(u8::is_ascii_digit)).then_some(number.len())
}
