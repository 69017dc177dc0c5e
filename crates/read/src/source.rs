//! Opens files and standard input. Counts their bytes while they are read, and hashes them on request.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use crate::copies::Copy;
use crate::days::DayRange;
use crate::error::{InputError, InputErrorKind};
use crate::layout::Layout;
use crate::{ReadContext, ReadProgress, Times};
use mucalc_core::domain::source_location::{SourceLocation, with_sheet};
use mucalc_core::domain::text::hex;
use mucalc_core::ledger::parallel::HAS_THREADS;

/// An input, and how the user named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputSource {
    /// Path as given; `-` is standard input.
    pub name: String,
    /// File; `None` is standard input.
    pub path: Option<PathBuf>,
    /// Sheet that was read, if the input is a workbook that was read.
    sheet: Arc<OnceLock<String>>,
    /// What holds for this input alone.
    rules: Option<Arc<InputRules>>,
}

/// What the configuration says of an input by itself, such as the exports of an EHR that was in use until a day.
#[derive(Debug)]
pub struct InputRules {
    /// Which entry of the configuration it is, from 0.
    pub entry: usize,
    /// Layout of the input; `None` for that of the run.
    pub layout: Option<Layout>,
    /// Days of the rows that are read.
    pub days: DayRange,
}

// Two inputs are the same if the same entry describes them.
impl PartialEq for InputRules {
    fn eq(&self, other: &Self) -> bool {
        self.entry == other.entry
    }
}

impl Eq for InputRules {}

/// An open input that counts, hashes, and reports the bytes read, and fails when the run is canceled.
pub struct MeteredReader<'a> {
    bytes: Box<dyn Read + Send>,
    told: Arc<ReadStats>,
    /// Copy of the bytes, to be read again.
    copy: Option<Copy>,
    progress: &'a (dyn Fn(ReadProgress) + Sync),
    cancelled: &'a AtomicBool,
}

/// Statistics of the bytes that a [`MeteredReader`] has read.
#[derive(Default)]
pub struct ReadStats {
    count: AtomicU64,
    hashing: Mutex<Option<Hashing>>,
    /// Identity of the file when reading began; `None` for standard input, a pipe, and the like, which have no such identity.
    began_as: Option<FileIdentity>,
}

/// The identity of a file: which file it is, its length, and when it was last changed.
#[derive(Debug, PartialEq, Eq)]
struct FileIdentity {
    file: Option<(u64, u64)>,
    length: u64,
    modified: Option<Duration>,
}

impl FileIdentity {
    /// Returns the identity of a file, or `None` if it is not a regular file.
    fn from_metadata(metadata: &Metadata) -> Option<Self> {
        #[cfg(unix)]
        let file = Some((
            std::os::unix::fs::MetadataExt::dev(metadata),
            std::os::unix::fs::MetadataExt::ino(metadata),
        ));
        #[cfg(not(unix))]
        let file = None;
        let modified = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let state = Self { file, length: metadata.len(), modified };
        metadata.is_file().then_some(state)
    }
}

impl InputSource {
    /// Returns whether the input may keep a reader waiting: standard input, or a pipe.
    pub fn is_pipe(&self) -> bool {
        !self.path.as_ref().is_some_and(|path| path.is_file())
    }

    /// Creates an input with a name and, unless it is standard input, a path.
    pub fn new(name: impl Into<String>, path: Option<PathBuf>) -> Self {
        Self { name: name.into(), path, sheet: Arc::default(), rules: None }
    }

    /// Returns this input with what holds for it alone.
    pub fn with_rules(self, rules: Arc<InputRules>) -> Self {
        Self { rules: Some(rules), ..self }
    }

    /// Returns which entry of the configuration describes the input by itself, if any does.
    pub fn entry(&self) -> Option<usize> {
        self.rules.as_ref().map(|rules| rules.entry)
    }

    /// Returns the layout of the input: its own, or else that of the run.
    pub fn layout_or<'l>(&'l self, layout: &'l Layout) -> &'l Layout {
        self.rules.as_ref().and_then(|rules| rules.layout.as_ref()).unwrap_or(layout)
    }

    /// Returns the days of the rows that are read.
    pub fn days(&self) -> DayRange {
        self.rules.as_ref().map_or(DayRange::default(), |rules| rules.days)
    }

    /// Returns the name for locations in the input: that of the file and, once a workbook was read, of the sheet.
    pub fn label(&self) -> String {
        with_sheet(&self.name, self.sheet.get().map(String::as_str))
    }

    /// Records the sheet that is read, and returns the input under the name for locations in it.
    pub fn on_sheet(&self, sheet: Option<&str>) -> Self {
        if let Some(sheet) = sheet {
            // It is the same sheet each time.
            let _ = self.sheet.set(sheet.to_owned());
        }
        let rules = self.rules.clone();
        Self { rules, ..Self::new(with_sheet(&self.name, sheet), self.path.clone()) }
    }

    /// Opens the input.
    ///
    /// # Errors
    /// If the input cannot be opened, is a directory, or must be read again and has no copy.
    pub fn open<'a>(&self, reading: &ReadContext<'a>) -> Result<MeteredReader<'a>, InputError> {
        let mut told = ReadStats::default();
        if reading.times == Times::Again {
            (reading.progress)(ReadProgress::More(self.length().unwrap_or_default()));
        }
        let copies = reading.begun.map(|begun| &begun.copies).filter(|_| self.is_pipe());
        if let Some(copies) = copies.filter(|_| reading.times == Times::Again) {
            let Some(copy) = copies.again(&self.name) else {
                return Err(InputError {
                    place: SourceLocation::file(&*self.name),
                    reason: InputErrorKind::OnlyOnce,
                });
            };
            return Ok(self.tap(Box::new(copy), told, None, reading));
        }
        let copy = copies.filter(|_| reading.times == Times::First).map(|copies| copies.begin(&self.name));
        let begun = reading.begun.and_then(|begun| begun.take(&self.name));
        let bytes: Box<dyn Read + Send> = match (begun, &self.path) {
            (Some(begun), _) => Box::new(begun),
            (None, None) => self.bytes()?,
            (None, Some(_)) => {
                let file = self.file()?;
                told.began_as = file.metadata().ok().as_ref().and_then(FileIdentity::from_metadata);
                Box::new(file)
            }
        };
        Ok(self.tap(bytes, told, copy, reading))
    }

    fn tap<'a>(
        &self,
        bytes: Box<dyn Read + Send>,
        told: ReadStats,
        copy: Option<Copy>,
        reading: &ReadContext<'a>,
    ) -> MeteredReader<'a> {
        if reading.digest {
            *lock(&told.hashing) = Some(Hashing::start());
        }
        MeteredReader {
            bytes,
            told: Arc::new(told),
            copy,
            progress: reading.progress,
            cancelled: reading.cancelled,
        }
    }

    /// Opens the file or standard input, without counting.
    ///
    /// # Errors
    /// If the file cannot be opened, or is a directory.
    pub fn bytes(&self) -> Result<Box<dyn Read + Send>, InputError> {
        Ok(match &self.path {
            None => Box::new(io::stdin()),
            Some(_) => Box::new(self.file()?),
        })
    }

    /// Opens the file.
    ///
    /// # Errors
    /// If the file does not exist, cannot be opened, or is a directory.
    pub fn file(&self) -> Result<File, InputError> {
        let path = self.path.as_deref().unwrap_or("/dev/stdin".as_ref());
        let open = File::open(path).and_then(|file| Ok((file.metadata()?.is_dir(), file)));
        let (is_directory, file) = open.map_err(|error| InputError::io(&self.name, &error))?;
        if is_directory {
            return Err(InputError::io(&self.name, &io::ErrorKind::IsADirectory.into()));
        }
        Ok(file)
    }

    /// Returns the length of the file in bytes; `None` for standard input.
    pub fn length(&self) -> Option<u64> {
        Some(self.path.as_ref()?.metadata().ok()?.len())
    }

    /// Returns whether the file under this name is no longer the one that was opened, or has changed since. What was read may then be half
    /// of
    /// one export and half of another.
    pub fn has_changed(&self, told: &ReadStats) -> bool {
        let now = self.path.as_ref().and_then(|path| FileIdentity::from_metadata(&path.metadata().ok()?));
        told.began_as.is_some() && told.began_as != now
    }

    /// Converts an error of reading from the open input.
    pub fn read_error(&self, error: &io::Error, reading: &ReadContext<'_>) -> InputError {
        let mut error = InputError::io(&self.name, error);
        if reading.cancelled.load(Ordering::Relaxed) {
            error.reason = InputErrorKind::Interrupted;
        }
        error
    }
}

impl MeteredReader<'_> {
    /// Returns the statistics of the bytes, which other threads can watch while the input is read.
    pub fn stats(&self) -> Arc<ReadStats> {
        Arc::clone(&self.told)
    }
}

impl ReadStats {
    /// Returns the number of bytes read so far.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Returns the SHA-256 of the bytes read, in hexadecimal, if hashing was requested. Nothing may be read after that.
    pub fn digest(&self) -> Option<String> {
        let hashing = lock(&self.hashing).take()?;
        Some(hashing.finish())
    }
}

impl Read for MeteredReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(io::Error::other("interrupted"));
        }
        let read = self.bytes.read(buffer)?;
        self.told.count.fetch_add(read as u64, Ordering::Relaxed);
        if let Some(hashing) = &mut *lock(&self.told.hashing) {
            hashing.update(&buffer[..read]);
        }
        if let Some(copy) = &self.copy {
            copy.keep(&buffer[..read]);
        }
        (self.progress)(ReadProgress::Bytes(read as u64));
        Ok(read)
    }
}

/// A hash that a separate thread computes, so that it costs the readers no more than a copy; or this one, where there are no others.
enum Hashing {
    Aside { bytes: SyncSender<Vec<u8>>, thread: JoinHandle<Sha256> },
    Here(Sha256),
}

/// Maximum number of reads that wait to be hashed.
const WAITING: usize = 16;

impl Hashing {
    fn start() -> Self {
        if !HAS_THREADS {
            return Self::Here(Sha256::new());
        }
        let (bytes, received) = sync_channel::<Vec<u8>>(WAITING);
        let hash = move || received.iter().fold(Sha256::new(), |hasher, bytes| hasher.chain_update(bytes));
        Self::Aside { bytes, thread: std::thread::spawn(hash) }
    }

    fn update(&mut self, read: &[u8]) {
        match self {
            // If the thread has ended, `finish` reports it.
            Self::Aside { bytes, .. } => drop(bytes.send(read.to_vec())),
            Self::Here(hasher) => hasher.update(read),
        }
    }

    fn finish(self) -> String {
        let hasher = match self {
            Self::Here(hasher) => hasher,
            Self::Aside { bytes, thread } => {
                drop(bytes);
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
        };
        hex(&hasher.finalize())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
