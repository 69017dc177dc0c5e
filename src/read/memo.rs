//! What a run of neighbouring cells said when it was met last: rows repeat few combinations of words.

use crate::domain::word_masks;
use crate::read::months::Months;
use crate::read::stream::Stop;

/// What a thread remembers of the rows that it has met.
pub struct Remembered<W> {
    /// What their words said.
    pub words: Memo<W>,
    /// The months of their days.
    pub months: Months,
}

impl<W: Copy> Remembered<W> {
    /// Nothing yet; `nothing` as for [`Memo::new`].
    pub fn new(nothing: W) -> Self {
        Self { words: Memo::new(nothing), months: Months::default() }
    }
}

/// What runs of neighbouring cells said. A run is known by all of its bytes, so nothing is taken for something else.
pub struct Memo<W> {
    runs: Box<[Run]>,
    /// What each of them says, and how long it is.
    said: Box<[(u8, W)]>,
}

/// A run in one line of the memory.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Run(Packed);

/// A run of at most 64 bytes, filled up with zeros.
type Packed = [u64; 8];

/// How many runs are kept, each at a place of its own; a power of two.
const ENTRIES: usize = 4096;

impl<W: Copy> Memo<W> {
    /// An empty memo; `nothing` fills its places and is never given back.
    pub fn new(nothing: W) -> Self {
        let runs = vec![Run(Packed::default()); ENTRIES].into_boxed_slice();
        Self { runs, said: vec![(u8::MAX, nothing); ENTRIES].into_boxed_slice() }
    }

    /// What a run says, if it is known. `bytes` start with the run and go on behind it.
    #[inline(always)]
    pub fn known(&self, bytes: &[u8], length: usize) -> Option<W> {
        let run = packed(bytes, length)?;
        let place = place(&run);
        let (Run(kept), said) = (&self.runs[place], &self.said[place]);
        // Compared without a jump: most runs are as long as the others.
        let difference = run.iter().zip(kept).fold(0, |all, (word, kept)| all | (word ^ kept));
        (usize::from(said.0) == length && difference == 0).then_some(said.1)
    }

    /// What a run says; `read` reads its cells where the memo does not know, and tells whether that may be kept.
    pub fn get(
        &mut self,
        bytes: &[u8],
        length: usize,
        read: impl FnOnce() -> Result<(W, bool), Stop>,
    ) -> Result<W, Stop> {
        if let Some(said) = self.known(bytes, length) {
            return Ok(said);
        }
        let (words, keep) = read()?;
        if let Some(run) = packed(bytes, length).filter(|_| keep) {
            let place = place(&run);
            (self.runs[place], self.said[place]) = (Run(run), (length as u8, words));
        }
        Ok(words)
    }
}

/// A run of this length; none if it is too long, or there are too few bytes to load at once.
#[inline(always)]
fn packed(bytes: &[u8], length: usize) -> Option<Packed> {
    let ((words, _), mask) = (bytes.first_chunk::<64>()?.as_chunks::<8>(), MASKS.get(length)?);
    Some(std::array::from_fn(|word| u64::from_le_bytes(words[word]) & mask[word]))
}

/// The place of a run. Whoever makes runs meet in one place makes the memo forget, and nothing else.
#[inline(always)]
fn place(run: &Packed) -> usize {
    const ODD: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBF58_476D_1CE4_E5B9];
    // All words in one product: first every other one together, turned so that letters do not cover one another.
    let half = |first: usize| {
        run[first]
            ^ run[first + 2].rotate_left(11)
            ^ run[first + 4].rotate_left(23)
            ^ run[first + 6].rotate_left(41)
    };
    let product = u128::from(half(0) ^ ODD[0]) * u128::from(half(1) ^ ODD[1]);
    (product as u64 ^ (product >> 64) as u64) as usize % ENTRIES
}

/// For each length, the bits of a packed run that belong to it.
const MASKS: [Packed; 65] = word_masks::masks();

/// The first and the last of some columns, if they are neighbours and none else is among them.
pub fn neighbours(columns: &[Option<usize>]) -> Option<(usize, usize)> {
    let present: Vec<usize> = columns.iter().copied().flatten().collect();
    let (first, last) = (*present.iter().min()?, *present.iter().max()?);
    (last - first + 1 == present.len()).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_once_and_never_taken_for_another() {
        let mut memo = Memo::new(0);
        let mut reads = 0;
        for _ in 0..3 {
            // Runs that share their beginning, and what lies behind them.
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

    #[test]
    fn what_may_not_be_kept_is_read_again() {
        let mut memo = Memo::new(0);
        for round in 1..4 {
            assert_eq!(memo.get(&[b'a'; 64], 5, || Ok((round, false))).ok(), Some(round));
        }
    }

    #[test]
    fn only_columns_side_by_side_are_a_run() {
        assert_eq!(neighbours(&[Some(5), None, Some(4), Some(6)]), Some((4, 6)));
        assert_eq!(neighbours(&[Some(5), Some(7)]), None);
        assert_eq!(neighbours(&[None]), None);
    }
}
