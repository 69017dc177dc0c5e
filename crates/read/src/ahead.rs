//! Looks at the columns of inputs before any is read: a column that one file lacks may be in another file of the same kind.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ReadContext;
use crate::chunks::{ChunkReader, PathSelection};
use crate::copies::Copies;
use crate::error::InputError;
use crate::layout::{Layout, RowTranslator, TableLayout};
use crate::row_form::{joined_layout, with_joined};
use crate::sniff::{FileFormat, OpenInput, open};
use crate::source::InputSource;
use crate::wanted::SniffHints;
use mucalc_core::domain::input::InputRole;

/// Columns that at least one of several files of a kind has. If another of these files lacks the column, that proves nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unassumed {
    /// Whether a file of encounters has `status`.
    pub encounter_status: bool,
    /// Whether a file of encounters has `seen_by`.
    pub seen_by: bool,
    /// Whether a file of messages has `status`.
    pub message_status: bool,
}

impl Unassumed {
    /// Looks at the columns of all files of each kind that has several. Ignores files that cannot be read: reading them reports the error.
    pub fn look(
        encounters: &[InputSource],
        messages: &[InputSource],
        reading: &ReadContext<'_>,
        layout: &Layout,
    ) -> Self {
        let all = |sources: &[InputSource], role: InputRole| -> HashSet<String> {
            let several = sources.iter().filter(|_| sources.len() > 1);
            several.flat_map(|source| columns(source, reading, layout, role).unwrap_or_default()).collect()
        };
        let (seen, written) = (all(encounters, InputRole::Encounters), all(messages, InputRole::Messages));
        Self {
            encounter_status: seen.contains("status"),
            seen_by: seen.contains("seen_by"),
            message_status: written.contains("status"),
        }
    }
}

/// Returns the canonical columns that an input can fill, according to its beginning.
fn columns(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
) -> Result<Vec<String>, InputError> {
    let layout = source.layout_or(layout);
    let joined = joined_layout(layout, role, reading)?;
    let layout = joined.as_ref().map_or(layout, |(layout, _)| layout);
    begin(source, reading, |quiet| header(source, quiet, layout, role))
}

/// Returns the names of the columns of an export.
///
/// # Errors
/// If it has none, or cannot be read.
pub fn exported_names(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
) -> Result<Vec<String>, InputError> {
    begin(source, reading, |quiet| {
        let hints = SniffHints { any_sheet: true, ..SniffHints::for_layout(layout.input(role), role) };
        let OpenInput { body, nature, .. } = open(source, quiet, &hints, quiet.encoding)?;
        let (header, _) = ChunkReader::start(source, quiet, &[], PathSelection::Any, body, nature)?;
        Ok(header.names().to_vec())
    })
}

/// Looks at the beginning of an input, which is then read from its first byte.
fn begin<T>(
    source: &InputSource,
    reading: &ReadContext<'_>,
    look: impl FnOnce(&ReadContext<'_>) -> Result<T, InputError>,
) -> Result<T, InputError> {
    let begun = match reading.begun {
        Some(begun) if source.is_pipe() => Some((begun, begun.begin(source)?)),
        _ => None,
    };
    let quiet = ReadContext { digest: false, progress: &|_| {}, ..*reading };
    let seen = look(&quiet);
    if let Some((begun, beginning)) = begun {
        begun.put_back(source, beginning);
    }
    seen
}

fn header(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
) -> Result<Vec<String>, InputError> {
    let input = layout.input(role);
    let encoding =
        reading.encoding.or_else(|| encoding_rs::Encoding::for_label(input.encoding.as_deref()?.as_bytes()));
    let OpenInput { body, nature, .. } =
        open(source, reading, &SniffHints::for_layout(input, role), encoding)?;
    let take = if input.table.is_some() { PathSelection::All } else { PathSelection::Present };
    let (mut header, _) = ChunkReader::start(source, reading, &input.sources(), take, body, nature)?;
    if input.takes_spellings() {
        header.recognize(&input.sources())?;
    }
    if input.table.is_none() && matches!(nature.format, FileFormat::Separated(_)) {
        return Ok(header.names().to_vec());
    }
    let table = input.table.clone().unwrap_or_else(|| TableLayout::identity(&input.columns));
    let names = with_joined(header.names(), &input.supplied);
    let translation = RowTranslator::new(&table, &input.columns, &names);
    Ok(translation.names().map(str::to_owned).collect())
}

/// Inputs that can be read only once, such as pipes, and whose beginning was read before their turn.
#[derive(Clone, Default)]
pub struct Begun {
    beginnings: Arc<Mutex<HashMap<String, Beginning>>>,
    /// Copies of such inputs, if they may have to be read again.
    pub(super) copies: Copies,
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Begun").finish_non_exhaustive()
    }
}

/// The beginning of such an input, and what follows. Clones share one position: each reads on where the last read ended.
#[derive(Clone)]
pub struct Beginning(Arc<Mutex<Kept>>);

struct Kept {
    bytes: Vec<u8>,
    next: usize,
    /// Whether bytes are kept while they are read, because they will be read again.
    keeps: bool,
    rest: Box<dyn Read + Send>,
}

impl Begun {
    /// Starts an input, or rewinds it if it was started before. Until it is put back, opening the input returns this beginning.
    fn begin(&self, source: &InputSource) -> Result<Beginning, InputError> {
        let beginning = match self.take(&source.name) {
            Some(beginning) => beginning,
            None => {
                let rest = source.bytes()?;
                Beginning(Arc::new(Mutex::new(Kept { bytes: Vec::new(), next: 0, keeps: true, rest })))
            }
        };
        beginning.rewind(true);
        self.put(source, beginning.clone());
        Ok(beginning)
    }

    /// Rewinds an input, for the next reader to read from its first byte, and stops keeping bytes.
    fn put_back(&self, source: &InputSource, beginning: Beginning) {
        beginning.rewind(false);
        self.put(source, beginning);
    }

    fn put(&self, source: &InputSource, beginning: Beginning) {
        lock(&self.beginnings).insert(source.name.clone(), beginning);
    }

    /// Removes and returns the input with this name, or `None` if it was not started.
    pub fn take(&self, name: &str) -> Option<Beginning> {
        lock(&self.beginnings).remove(name)
    }
}

impl Beginning {
    fn rewind(&self, keeps: bool) {
        let mut kept = lock(&self.0);
        (kept.next, kept.keeps) = (0, keeps);
    }
}

impl Read for Beginning {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut kept = lock(&self.0);
        if kept.next < kept.bytes.len() {
            let read = (&kept.bytes[kept.next..]).read(buffer)?;
            kept.next += read;
            return Ok(read);
        }
        if !kept.keeps {
            (kept.bytes, kept.next) = (Vec::new(), 0);
        }
        let read = kept.rest.read(buffer)?;
        if kept.keeps {
            kept.bytes.extend_from_slice(&buffer[..read]);
            kept.next += read;
        }
        Ok(read)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_is_read_again_and_then_what_follows() {
        let rest = Box::new(&b"header and rows"[..]);
        let kept = Kept { bytes: Vec::new(), next: 0, keeps: true, rest };
        let mut beginning = Beginning(Arc::new(Mutex::new(kept)));
        let mut six = [0; 6];
        for _ in 0..2 {
            beginning.read_exact(&mut six).expect("six bytes");
            assert_eq!(&six, b"header");
            beginning.rewind(true);
        }
        beginning.rewind(false);
        let mut all = String::new();
        beginning.read_to_string(&mut all).expect("text");
        assert_eq!(all, "header and rows");
    }
}
