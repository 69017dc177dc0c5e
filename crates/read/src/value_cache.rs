//! Caches what neighboring cells mean, because rows repeat few combinations of values.

use crate::fast_rows::ColumnCache;
use crate::month_cache::MonthCache;
use crate::parallel::BoxedInputError;
use mucalc_core::domain::word_masks;

/// What a thread remembers of the rows that it has read.
pub struct ThreadCache<W> {
    /// Meaning of their values.
    pub words: RunCache<W>,
    /// Months of their days.
    pub months: MonthCache,
    /// The texts of their columns, if they are stored by columns.
    pub columns: ColumnCache<W>,
}

impl<W: Copy> ThreadCache<W> {
    /// Returns empty caches. `nothing` is used as in [`RunCache::new`].
    pub fn new(nothing: W) -> Self {
        Self { words: RunCache::new(nothing), months: MonthCache::default(), columns: ColumnCache::default() }
    }
}

/// A cache of what runs of neighboring cells mean. Each entry has all bytes of its run, so runs are never confused.
pub struct RunCache<W> {
    runs: Box<[Run; ENTRIES]>,
    /// Length and meaning of each run.
    said: Box<[(u8, W); ENTRIES]>,
}

/// A run of at most 64 bytes in one cache line: its first and its last bytes, which may overlap. A run that is shorter than a half is in
/// the
/// first one, padded with zeros.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Run {
    first: Half,
    last: Half,
}

/// Half of a run.
type Half = [u8; 32];

/// Number of entries, a power of two.
const ENTRIES: usize = 4096;

impl<W: Copy> RunCache<W> {
    /// Returns an empty cache. `nothing` fills its entries and is never returned.
    pub fn new(nothing: W) -> Self {
        Self { runs: boxed(Run::default()), said: boxed((u8::MAX, nothing)) }
    }

    /// Returns the meaning of a run, if it is cached. `bytes` start with the run and continue after it.
    #[inline(always)]
    // By reference, because the processor stalls if it loads at once what was just stored in small parts.
    pub fn known(&self, bytes: &[u8], length: usize) -> Option<&W> {
        let first: &Half = bytes.first_chunk()?;
        if length > size_of::<Run>() {
            return None;
        }
        match bytes.get(..length)?.last_chunk() {
            Some(last) => {
                let mixed = mixed(first, last);
                self.entry(place(mixed), first, last, length)
                    .or_else(|| self.at_other(other_place(mixed), first, last, length))
            }
            None => self.known_short(first, length),
        }
    }

    /// Returns the meaning of a run, if it is at its other place.
    #[inline(never)]
    fn at_other(&self, place: usize, first: &Half, last: &Half, length: usize) -> Option<&W> {
        self.entry(place, first, last, length)
    }

    /// Returns the meaning of a run that is shorter than a half.
    #[inline(never)]
    fn known_short(&self, first: &Half, length: usize) -> Option<&W> {
        self.known_run(&Run::short(first, length), length)
    }

    /// Returns the meaning of a run. If it is not cached, `read` reads its cells and returns whether to cache the meaning.
    pub fn get(
        &mut self,
        bytes: &[u8],
        length: usize,
        read: impl FnOnce() -> Result<(W, bool), BoxedInputError>,
    ) -> Result<W, BoxedInputError> {
        let run = Run::from_bytes(bytes, length);
        if let Some(said) = run.as_ref().and_then(|run| self.known_run(run, length)) {
            return Ok(*said);
        }
        let (words, keep) = read()?;
        if let Some(run) = run.filter(|_| keep) {
            // The first run at a place stays, because it is likely to occur more often.
            let [first, second] = run.places();
            let place = if self.said[first].0 == u8::MAX { first } else { second };
            (self.runs[place], self.said[place]) = (run, (length as u8, words));
        }
        Ok(words)
    }

    fn known_run(&self, run: &Run, length: usize) -> Option<&W> {
        run.places().into_iter().find_map(|place| self.entry(place, &run.first, &run.last, length))
    }

    /// Returns the meaning of a run, if it is at this place.
    #[inline(always)]
    fn entry(&self, place: usize, first: &Half, last: &Half, length: usize) -> Option<&W> {
        let (kept, said) = (&self.runs[place], &self.said[place]);
        let is_same = (kept.first == *first) & (kept.last == *last);
        (usize::from(said.0) == length && is_same).then_some(&said.1)
    }
}

/// Returns one value for each place.
fn boxed<T: Copy>(one: T) -> Box<[T; ENTRIES]> {
    vec![one; ENTRIES].try_into().ok().expect("as many as there are places")
}

impl Run {
    /// Creates a run of this length. `None` if it is too long, or there are too few bytes to load at once.
    fn from_bytes(bytes: &[u8], length: usize) -> Option<Self> {
        let first: &Half = bytes.first_chunk().filter(|_| length <= size_of::<Self>())?;
        Some(match bytes.get(..length)?.last_chunk() {
            Some(last) => Self { first: *first, last: *last },
            None => Self::short(first, length),
        })
    }

    /// Creates a run that is shorter than a half.
    fn short(bytes: &Half, length: usize) -> Self {
        let mut first = *bytes;
        for (word, mask) in first.as_chunks_mut().0.iter_mut().zip(&MASKS[length]) {
            *word = (u64::from_le_bytes(*word) & mask).to_le_bytes();
        }
        Self { first, last: Half::default() }
    }

    /// Returns the place of a run, and its other place if another run has the first one.
    fn places(&self) -> [usize; 2] {
        let mixed = mixed(&self.first, &self.last);
        [place(mixed), other_place(mixed)]
    }
}

/// Mixes the halves of a run. An export crafted to make runs collide only makes the cache forget.
#[inline(always)]
fn mixed(first: &Half, last: &Half) -> u64 {
    // Rotated before the next word is added, so that letters do not cancel one another.
    let half = |half: &Half| {
        let words = half.as_chunks().0.iter();
        words.fold(0, |mixed: u64, word| mixed.rotate_left(11) ^ u64::from_le_bytes(*word))
    };
    (half(first) ^ half(last).rotate_left(36)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Returns the place of a run.
#[inline(always)]
fn place(mixed: u64) -> usize {
    (mixed >> (u64::BITS - ENTRIES.trailing_zeros())) as usize
}

/// Returns the place of a run if another one has its first place.
#[inline(always)]
fn other_place(mixed: u64) -> usize {
    (mixed >> 24) as usize % ENTRIES
}

/// For each length, the bits of the words of a half that belong to the run.
const MASKS: [[u64; 4]; size_of::<Half>()] = word_masks::byte_masks();

/// Returns the first and the last of some columns, if they are neighbors with no other column between them.
pub fn adjacent_columns(columns: &[Option<usize>]) -> Option<(usize, usize)> {
    let present: Vec<usize> = columns.iter().copied().flatten().collect();
    let (first, last) = (*present.iter().min()?, *present.iter().max()?);
    (last - first + 1 == present.len()).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_once_and_never_taken_for_another() {
        let mut memo = RunCache::new(0);
        let mut reads = 0;
        for _ in 0..3 {
            // Runs that share their beginning, and different bytes after them.
            for length in 0..=64 {
                let mut bytes = [b'x'; 128];
                bytes[length..].fill(b'y');
                let read = || {
                    reads += 1;
                    Ok((length, true))
                };
                assert_eq!(memo.get(&bytes, length, read).ok(), Some(length));
            }
        }
        assert!((65..3 * 65).contains(&reads), "{reads} reads: runs are forgotten at once, or never read");
    }

    /// Runs of every length that share words, too many for each to have its first place: almost none is read twice.
    #[test]
    fn of_many_runs_nearly_all_are_kept() {
        let runs: Vec<String> = (0..1100)
            .map(|run| format!("{}{run}", &"patient,provider,ehr-portal,medication-refill,sent,"[..run % 50]))
            .collect();
        let mut memo = RunCache::new(0);
        let mut reads = 0;
        for (at, run) in (0..3).flat_map(|_| runs.iter().enumerate()) {
            let bytes = format!("{run:~<128}");
            let read = || {
                reads += 1;
                Ok((at, true))
            };
            assert_eq!(memo.get(bytes.as_bytes(), run.len(), read).ok(), Some(at), "{run}");
        }
        assert!(reads < 1200, "{reads} reads of 1100 runs");
        let known = |run: &&String| memo.known(format!("{run:~<128}").as_bytes(), run.len()).is_some();
        assert!(runs.iter().filter(known).count() > 900, "few are found at once");
    }

    #[test]
    fn what_may_not_be_kept_is_read_again() {
        let mut memo = RunCache::new(0);
        for round in 1..4 {
            assert_eq!(memo.get(&[b'a'; 64], 5, || Ok((round, false))).ok(), Some(round));
        }
    }

    #[test]
    fn only_columns_side_by_side_are_a_run() {
        assert_eq!(adjacent_columns(&[Some(5), None, Some(4), Some(6)]), Some((4, 6)));
        assert_eq!(adjacent_columns(&[Some(5), Some(7)]), None);
        assert_eq!(adjacent_columns(&[None]), None);
    }
}
