//! Keeps copies of inputs that can be read only once, such as pipes, in case they have to be read again.

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::SpooledTempFile;

/// Bytes of a copy that are kept in memory. A longer copy goes to a file without a name, which no other program can open and which
/// disappears when the program ends.
const IN_MEMORY: usize = 64 << 20;

/// Copies, by the name of the input.
#[derive(Clone, Default)]
pub struct Copies(Arc<Mutex<HashMap<String, Copy>>>);

/// A copy of an input, as far as it was read.
#[derive(Clone)]
pub struct Copy(Arc<Mutex<Kept>>);

struct Kept {
    bytes: SpooledTempFile,
    /// Whether a write failed, for example because the disk is full.
    is_broken: bool,
}

impl Copies {
    /// Starts a copy of the input with this name.
    pub fn begin(&self, name: &str) -> Copy {
        let kept = Kept { bytes: SpooledTempFile::new(IN_MEMORY), is_broken: false };
        let copy = Copy(Arc::new(Mutex::new(kept)));
        lock(&self.0).insert(name.to_owned(), copy.clone());
        copy
    }

    /// Returns the copy of the input with this name, rewound to its first byte. `None` if no copy exists, or it is incomplete.
    pub fn again(&self, name: &str) -> Option<Copy> {
        let copy = lock(&self.0).get(name).cloned()?;
        let mut kept = lock(&copy.0);
        let is_ready = !kept.is_broken && kept.bytes.seek(SeekFrom::Start(0)).is_ok();
        drop(kept);
        is_ready.then_some(copy)
    }
}

impl Copy {
    /// Appends bytes.
    pub fn keep(&self, bytes: &[u8]) {
        let mut kept = lock(&self.0);
        // A failed write matters only if the copy is read.
        kept.is_broken |= kept.bytes.write_all(bytes).is_err();
    }
}

impl Read for Copy {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        lock(&self.0).bytes.read(buffer)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
