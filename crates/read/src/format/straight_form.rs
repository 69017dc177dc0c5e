//! Compares a JSON object with the bytes of a known form from its beginning to its end, by the positions of its quotation marks.

use crate::format::json_parts::{Next, Part, number_length, plain_number_length};
use crate::format::marked_object::MarkedObject;

/// The bytes of a form, cut at its values.
pub struct StraightForm {
    pieces: Vec<Piece>,
    /// Number of quotation marks in an object of the form.
    marks: usize,
}

/// The bytes between two values, and what comes next.
struct Piece {
    /// The first bytes, with zeros after them, and the bits of these that count.
    head: [u64; 4],
    mask: [u64; 4],
    /// The bytes after the first ones.
    rest: Box<[u8]>,
    length: u32,
    /// The closing quotation mark of the text after the bytes, by its number in the object.
    closing: u32,
    then: Next,
}

/// Number of bytes that are compared at once.
const HEAD: usize = 32;

impl StraightForm {
    /// Builds the bytes of a form from its parts. `None` if they have a backslash, which may hide a quotation mark.
    pub fn new(parts: &[Part<'_>]) -> Option<Self> {
        let mut marks = 0;
        let pieces = parts.iter().map(|part| {
            marks += part.before.bytes().filter(|byte| *byte == b'"').count();
            Piece::new(part, marks as u32)
        });
        let pieces = pieces.collect();
        let has_backslash = parts.iter().any(|part| part.before.contains('\\'));
        (!has_backslash).then_some(Self { pieces, marks })
    }

    /// Returns the number of quotation marks in an object of the form.
    pub fn marks(&self) -> usize {
        self.marks
    }

    /// Finds the values of an object of this form: begin and end of each, followed by an empty value. Returns whether the object has the form.
    // A function of its own, so that all of its state is in registers.
    #[inline(never)]
    pub fn find(&self, object: &MarkedObject<'_>, values: &mut Vec<(u32, u32)>) -> bool {
        let MarkedObject { padded, marks, begin, .. } = *object;
        values.resize(self.pieces.len(), (0, 0));
        let mut at = 0;
        for (piece, value) in self.pieces.iter().zip(values) {
            let place = at as usize;
            let Some(head) = padded.get(place..place + HEAD).and_then(<[u8]>::first_chunk) else {
                return false;
            };
            if !piece.begins(head)
                || !piece.rest.is_empty() && !padded[place + HEAD..].starts_with(&piece.rest)
            {
                return false;
            }
            at += piece.length;
            let end = match marks.get(piece.closing as usize) {
                Some(mark) if piece.then == Next::Text => mark - begin,
                // All that was compared lies before the end of the object.
                _ => match piece.end_of_other(padded, at) {
                    Some(end) => end,
                    None => {
                        *value = (0, 0);
                        return matches!(piece.then, Next::End(_)) && at as usize == object.length;
                    }
                },
            };
            *value = (at, end);
            at = end;
        }
        false
    }
}

impl Piece {
    fn new(part: &Part<'_>, closing: u32) -> Self {
        let bytes = part.before.as_bytes();
        let (mut head, mut mask) = ([0; HEAD], [0; HEAD]);
        let length = bytes.len().min(HEAD);
        head[..length].copy_from_slice(&bytes[..length]);
        mask[..length].fill(u8::MAX);
        Self {
            head: words(&head),
            mask: words(&mask),
            rest: bytes[length..].into(),
            length: bytes.len() as u32,
            closing,
            then: part.then,
        }
    }

    /// Returns whether a text begins as the piece does.
    #[inline(always)]
    fn begins(&self, text: &[u8; HEAD]) -> bool {
        let text = words(text);
        // Of all words before the comparison, so that vector instructions are used.
        let differing = |word: usize| (text[word] ^ self.head[word]) & self.mask[word];
        (0..text.len()).fold(0, |all, word| all | differing(word)) == 0
    }

    /// Returns where the value ends that begins at a position and is not a text. `None` if there is none.
    fn end_of_other(&self, padded: &[u8], at: u32) -> Option<u32> {
        let rest = &padded[at as usize..];
        let length = match self.then {
            Next::Number => number_length(rest)?,
            Next::PlainNumber => plain_number_length(rest)?,
            Next::Text | Next::End(_) => return None,
        };
        Some(at + length as u32)
    }
}

#[inline(always)]
fn words(bytes: &[u8; HEAD]) -> [u64; 4] {
    let (words, _) = bytes.as_chunks();
    std::array::from_fn(|word| u64::from_ne_bytes(words[word]))
}
