//! Collects record ids, to detect an id that an export contains twice.
//!
//! Ids that are letters and a number need a bit or two each, and consecutive ones cost next to nothing. Any other id is kept as a hash of
//! eight bytes. Two ids with the same hash are taken for a repeated id, which costs a second read and nothing else.

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::records::Column;
use mucalc_core::ledger::parallel;

/// The record ids read so far, and which of them are repeated.
#[derive(Clone, Debug, Default)]
pub struct RecordIds {
    /// Runs of consecutive ids, and hashes of other ids, that are not yet in the sets.
    runs: Vec<Run>,
    hashes: Vec<u64>,
    /// The expected next id.
    next: Next,
    met: HashMap<Shape, Numbers>,
    repeated: IdSet,
}

/// A set of record ids.
#[derive(Clone, Debug, Default)]
pub struct IdSet {
    numbers: HashMap<Shape, Numbers>,
    /// Sorted.
    hashes: Vec<u64>,
}

/// The common part of ids that are letters and a number: the letters, and how many digits follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Shape {
    letters: [u8; LETTERS],
    digits: u8,
}

/// Maximum number of letters before the number. Ids with more are kept as hashes.
const LETTERS: usize = 7;

/// Maximum number of runs before these are moved to the sets.
const MAX_RUNS: usize = 1 << 16;

/// Maximum number of digits of a number.
const DIGITS: usize = 18;

/// Consecutive ids.
#[derive(Clone, Copy, Debug)]
struct Run {
    shape: Shape,
    first: u64,
    count: u64,
}

/// A set of numbers: one bit each, in pages, by the number divided by [`PAGE`].
#[derive(Clone, Debug, Default)]
struct Numbers(HashMap<u64, Page>);

/// The bits of a page.
type Page = [u64; 4];

/// Numbers per page.
const PAGE: u64 = 256;

/// The id that follows the last one: the bytes before its last eight digits, and the number in these digits.
#[derive(Clone, Copy, Debug, Default)]
struct Next {
    /// First eight bytes. The mask keeps those before the last eight.
    begin: u64,
    mask: u64,
    number: u64,
    /// Number up to which the last run was extended.
    noted: u64,
    length: usize,
}

/// How many numbers have eight digits.
const NUMBERS_OF_8: u64 = 100_000_000;

/// The upper half of each byte, if the last eight bytes are digits.
const DIGITS_8: u64 = 0x3030_3030_3030_3030;

impl RecordIds {
    /// Records an id if it follows the one before, and returns whether it does. Any other id must be passed to [`Self::note`].
    #[inline(always)]
    pub fn counts_on(&mut self, text: &[u8]) -> bool {
        let is_next = self.next.is(text);
        self.next.number += u64::from(is_next);
        is_next
    }

    /// Records the ids of a column if each of them follows the one before it, and returns whether they do. The first id must be like most
    /// ids:
    /// as written, and in ASCII.
    #[inline(never)]
    pub fn note_all(&mut self, ids: &Column<'_>) -> bool {
        let Some((first, Some(before))) = ids.first() else { return false };
        let Some((shape, number)) = Shape::from_id(first) else { return false };
        let (next, count) = (Next::after(first), ids.records() as u64);
        // After the last number of eight digits, the bytes before it change. With the byte before it, an id has at most sixteen bytes.
        if !(8..=15).contains(&next.length) || next.number + count - 2 >= NUMBERS_OF_8 {
            return false;
        }
        let Next { begin, length, .. } = next;
        // In the eight bytes before the last eight, the byte before the id and the beginning of the id must be these.
        let gap = 8 * (15 - length as u32);
        let (begin, mask) = ((begin << 8 | u64::from(before)) << gap, u64::MAX << gap);
        let (mut record, mut expected) = (1, Counting::from(next.number));
        while record < ids.records() {
            // Ids that differ only in the last digit are checked together.
            let alike = usize::from(expected.left).min(ids.records() - record);
            if !are_next(ids, record..record + alike, expected.text, begin, mask) {
                return false;
            }
            record += alike;
            expected = expected.after(alike as u8);
        }
        self.end_run();
        self.runs.push(Run { shape, first: number, count });
        self.next = Next::default();
        true
    }

    /// Records the ids of a column if all of them are long, and returns whether they are. `is_plain` is whether an id is recorded as it is
    /// written.
    #[inline(never)]
    pub fn note_all_long(&mut self, ids: &Column<'_>, is_plain: impl Fn(&[u8]) -> bool) -> bool {
        let before = self.hashes.len();
        for id in ids.fields() {
            if id.len() <= LETTERS + DIGITS || !is_plain(id) {
                self.hashes.truncate(before);
                return false;
            }
            self.hashes.push(hash(id));
        }
        self.end_run();
        self.next = Next::default();
        true
    }

    /// Records an id.
    #[inline(never)]
    pub fn note(&mut self, id: &[u8]) {
        self.end_run();
        let Some((shape, number)) = Shape::from_id(id) else {
            self.next = Next::default();
            self.hashes.push(hash(id));
            return;
        };
        self.next = Next::after(id);
        match self.runs.last_mut() {
            Some(run) if run.shape == shape && run.first + run.count == number => run.count += 1,
            _ => self.runs.push(Run { shape, first: number, count: 1 }),
        }
    }

    /// Adds the ids of another part.
    pub fn merge(&mut self, mut other: Self) {
        other.end_run();
        self.end_run();
        self.next = Next::default();
        self.runs.append(&mut other.runs);
        // Runs of neighboring parts usually continue one another, which shows when they are sorted.
        if self.runs.len() > MAX_RUNS {
            self.settle();
        }
        for (shape, numbers) in other.met {
            let met = self.met.entry(shape).or_default();
            for (at, page) in numbers.0 {
                met.add_page(at, page, |at, twice| self.repeated.add(shape, at, twice));
            }
        }
        for (shape, numbers) in other.repeated.numbers {
            numbers.0.into_iter().for_each(|(at, page)| self.repeated.add(shape, at, page));
        }
        self.repeated.hashes.extend(other.repeated.hashes);
        self.hashes.extend(other.hashes);
    }

    /// Returns the repeated ids, or `None` if no id is repeated.
    pub fn repeated(mut self) -> Option<IdSet> {
        self.join_runs();
        // Runs that do not overlap contain no repeated id, so they need no sets.
        match self.met.is_empty() && are_disjoint(&self.runs) {
            true => self.runs.clear(),
            false => self.settle(),
        }
        sort(&mut self.hashes);
        let twice = self.hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        let IdSet { numbers, mut hashes } = self.repeated;
        hashes.extend(twice);
        hashes.sort_unstable();
        hashes.dedup();
        (!numbers.is_empty() || !hashes.is_empty()).then_some(IdSet { numbers, hashes })
    }

    /// Extends the last run by the ids that followed it.
    fn end_run(&mut self) {
        if let Some(run) = self.runs.last_mut() {
            run.count += self.next.number - self.next.noted;
            self.next.noted = self.next.number;
        }
    }

    /// Sorts the runs, and joins those that continue one another.
    fn join_runs(&mut self) {
        self.end_run();
        self.next = Next::default();
        self.runs.sort_unstable_by_key(|run| (run.shape, run.first));
        self.runs.dedup_by(|run, before| {
            let continues = run.shape == before.shape && run.first == before.first + before.count;
            before.count += if continues { run.count } else { 0 };
            continues
        });
    }

    /// Moves the runs to the sets.
    fn settle(&mut self) {
        self.join_runs();
        for Run { shape, first, count } in self.runs.drain(..) {
            let met = self.met.entry(shape).or_default();
            met.add(first, count, |at, twice| self.repeated.add(shape, at, twice));
        }
    }
}

/// Returns whether no id is in two of the runs, which are sorted.
fn are_disjoint(runs: &[Run]) -> bool {
    runs.windows(2)
        .all(|pair| pair[0].shape != pair[1].shape || pair[0].first + pair[0].count <= pair[1].first)
}

impl IdSet {
    /// Returns whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.hashes.is_empty()
    }

    /// Returns whether an id may be in the set. A hash may match an id that is not.
    pub fn may_contain(&self, id: &[u8]) -> bool {
        match Shape::from_id(id) {
            Some((shape, number)) => self.numbers.get(&shape).is_some_and(|numbers| numbers.contains(number)),
            None => self.hashes.binary_search(&hash(id)).is_ok(),
        }
    }

    fn add(&mut self, shape: Shape, at: u64, page: Page) {
        self.numbers.entry(shape).or_default().add_page(at, page, |_, _| {});
    }
}

impl Shape {
    /// Returns the shape of an id that is letters or signs and a number, and the number. `None` for any other id.
    fn from_id(id: &[u8]) -> Option<(Self, u64)> {
        let begin = id.iter().position(u8::is_ascii_digit)?;
        let (letters, digits) = id.split_at(begin);
        // A zero byte is padding, so the letters must not contain one.
        if letters.len() > LETTERS || digits.len() > DIGITS || letters.contains(&0) {
            return None;
        }
        let mut number = 0;
        for digit in digits {
            number = number * 10 + u64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
        }
        let mut shape = Self { letters: [0; LETTERS], digits: digits.len() as u8 };
        shape.letters[..letters.len()].copy_from_slice(letters);
        Some((shape, number))
    }
}

impl Next {
    /// Returns whether an id is the expected one.
    #[inline(always)]
    fn is(&self, id: &[u8]) -> bool {
        let (Some(begin), Some(end)) = (id.first_chunk(), id.last_chunk()) else { return false };
        (u64::from_le_bytes(*begin) & self.mask == self.begin)
            & (eight_digits(u64::from_le_bytes(*end)) == self.number)
            & (id.len() == self.length)
    }

    /// Returns what follows an id that is letters and a number.
    fn after(id: &[u8]) -> Self {
        let (Some(begin), Some(end)) = (id.first_chunk(), id.last_chunk()) else { return Self::default() };
        let number = eight_digits(u64::from_le_bytes(*end)).wrapping_add(1);
        // Bytes between the first eight and the last eight would not be compared.
        if id.len() > 16 || number >= NUMBERS_OF_8 {
            return Self::default();
        }
        let before = 8 * (id.len() - 8);
        let mask = if before == 64 { u64::MAX } else { (1 << before) - 1 };
        Self { begin: u64::from_le_bytes(*begin) & mask, mask, number, noted: number, length: id.len() }
    }
}

/// A number of eight digits that counts up.
struct Counting {
    /// Its text; the first digit is the lowest byte.
    text: u64,
    /// How many numbers, from this one on, differ only in the last digit; at least one.
    left: u8,
}

impl Counting {
    fn from(number: u64) -> Self {
        let digits = std::array::from_fn(|at| b'0' + (number / 10u64.pow(7 - at as u32) % 10) as u8);
        Self { text: u64::from_le_bytes(digits), left: b'9' - digits[7] + 1 }
    }

    /// Returns the number after `alike` numbers that differ only in the last digit.
    fn after(self, alike: u8) -> Self {
        let last = self.text + (u64::from(alike - 1) << 56);
        match self.left - alike {
            0 => Self { text: carried(last), left: 10 },
            left => Self { text: last + (1 << 56), left },
        }
    }
}

/// Returns the text of the next number, from all eight digits at once. Moves each digit to the end of the range of its byte, so that a nine
/// carries when 1 is added. Then moves the digits back.
fn carried(text: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let moved = text.swap_bytes().wrapping_add(0xC6 * ONES).wrapping_add(1);
    let are_moved = moved >> 7 & ONES;
    moved.wrapping_sub(are_moved * 0xF6).wrapping_add(b'0' as u64 * ONES).swap_bytes()
}

/// Returns whether the ids of some records end with eight digits that count up from `first` in the last digit. The bytes before these must
/// be `begin` under the mask.
// A separate function, so that all it needs stays in registers.
#[inline(never)]
fn are_next(ids: &Column<'_>, records: Range<usize>, first: u64, begin: u64, mask: u64) -> bool {
    let start = (0, first);
    let folded = ids.fold_last_bytes(records, start, |(differs, text), bytes| {
        let (head, tail) = halves(bytes);
        (differs | tail ^ text | (head ^ begin) & mask, text.wrapping_add(1 << 56))
    });
    folded.is_some_and(|(differs, _)| differs == 0)
}

/// Returns the first eight bytes and the last eight.
#[inline(always)]
fn halves(bytes: &[u8; 16]) -> (u64, u64) {
    let bytes = u128::from_le_bytes(*bytes);
    (bytes as u64, (bytes >> 64) as u64)
}

/// Returns the number that eight bytes represent, the first of which is the lowest. If a byte is not a digit, the result exceeds any such
/// number.
#[inline(always)]
fn eight_digits(text: u64) -> u64 {
    let digits = text ^ DIGITS_8;
    // A digit is below 10, so with 6 more it stays below 16.
    let is_other = (digits | digits.wrapping_add(0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0 != 0;
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    let number = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF;
    number | u64::from(is_other) << 63
}

impl Numbers {
    fn contains(&self, number: u64) -> bool {
        let (word, bit) = ((number % PAGE / 64) as usize, number % 64);
        self.0.get(&(number / PAGE)).is_some_and(|page| page[word] >> bit & 1 == 1)
    }

    /// Adds consecutive numbers. Calls `twice` with those that are already in the set.
    fn add(&mut self, first: u64, count: u64, mut twice: impl FnMut(u64, Page)) {
        let (mut number, end) = (first, first + count);
        while number < end {
            let (at, stop) = (number / PAGE, end.min((number / PAGE + 1) * PAGE));
            let mut page = Page::default();
            while number < stop {
                let (word, bit) = ((number % PAGE / 64) as usize, number % 64);
                let some = (64 - bit).min(stop - number);
                page[word] |= u64::MAX >> (64 - some) << bit;
                number += some;
            }
            self.add_page(at, page, &mut twice);
        }
    }

    fn add_page(&mut self, at: u64, page: Page, mut twice: impl FnMut(u64, Page)) {
        let known = self.0.entry(at).or_default();
        let both: Page = std::array::from_fn(|word| known[word] & page[word]);
        if both != Page::default() {
            twice(at, both);
        }
        known.iter_mut().zip(page).for_each(|(known, more)| *known |= more);
    }
}

/// Hashes an id, with the same result on every thread and in every run. Two ids with the same hash only cost time.
fn hash(id: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(0).build_hasher();
    hasher.write(id);
    hasher.finish()
}

/// Sorts hashes: the lower half and the upper half of the numbers at the same time.
fn sort(hashes: &mut [u64]) {
    let mut lower = 0;
    for at in 0..hashes.len() {
        // Without a branch, because its outcome is unpredictable.
        let is_lower = hashes[at] < 1 << 63;
        hashes.swap(at, lower);
        lower += usize::from(is_lower);
    }
    let (lower, upper) = hashes.split_at_mut(lower);
    parallel::map_parallel([lower, upper], <[u64]>::sort_unstable);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::{Block, BlockLimits, BlockReader};
    use crate::records::RecordIndex;
    use crate::separators::CsvDialect;

    /// Returns the repeated ids, if ids are collected in parts of a size.
    fn repeated(ids: &[String], part: usize) -> Vec<String> {
        let mut all = RecordIds::default();
        for ids in ids.chunks(part) {
            let mut part = RecordIds::default();
            for id in ids {
                if !part.counts_on(id.as_bytes()) {
                    part.note(id.as_bytes());
                }
            }
            all.merge(part);
        }
        let set = all.repeated().unwrap_or_default();
        let mut repeated: Vec<String> =
            ids.iter().filter(|id| set.may_contain(id.as_bytes())).cloned().collect();
        repeated.sort();
        repeated.dedup();
        repeated
    }

    /// Exactly the repeated ids are returned, for ids of any form, in any order, in parts of any size.
    #[test]
    fn ids_that_come_twice_are_told_and_no_others() {
        let id = |sort: u64, number: u64| match sort {
            0 => format!("E{number:09}"),
            1 => format!("{number}"),
            2 => format!("{number:08}"),
            3 => format!("{number:016}"),
            4 => format!("P-{number:07}"),
            5 => format!("1-{number}"),
            6 => format!("{:016x}-{number}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            7 => format!("a long beginning of {number}"),
            _ => format!("{}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 8),
        };
        for sort in 0..9 {
            let mut ids: Vec<String> =
                (0..1200).chain(99_999_990..100_000_010).map(|n| id(sort, n)).collect();
            let shuffled: Vec<String> = (0..1200).map(|n| id(sort, 5000 + n * 7919 % 1200)).collect();
            ids.extend(shuffled);
            for part in [1, 7, 100, 10_000] {
                assert_eq!(repeated(&ids, part), Vec::<String>::new(), "{sort} {part}");
                let mut twice = ids.clone();
                let again: Vec<String> = [3, 64, 999, 1000, 1001, 1210, 2000]
                    .into_iter()
                    .map(|at: usize| ids[at].clone())
                    .collect();
                twice.splice(500..500, again.clone());
                let mut again = again;
                again.sort();
                assert_eq!(repeated(&twice, part), again, "{sort} {part}");
            }
        }
    }

    /// Ids of another width or with other letters are different ids, and an id with text after the last digit is not a number.
    #[test]
    fn ids_that_look_alike_are_others() {
        let ids =
            ["M0000009", "M000000:", "M0000010", "0000009", "M000009", "m0000009", "M0000009 ", "9", "09"];
        let ids: Vec<String> = ids.map(str::to_owned).to_vec();
        assert_eq!(repeated(&ids, 100), Vec::<String>::new());
        let nines: Vec<String> =
            ["99999998", "99999999", "9999999:", "00000000", "100000000"].map(str::to_owned).to_vec();
        assert_eq!(repeated(&nines, 100), Vec::<String>::new());
    }

    /// Returns what is recorded of a column of consecutive ids all at once; `None` if they cannot be recorded that way.
    fn noted_at_once(ids: &[String], column: usize) -> Option<RecordIds> {
        noted_by(ids, column, RecordIds::note_all)
    }

    /// Returns what a function records of a column of ids.
    fn noted_by(
        ids: &[String],
        column: usize,
        note: impl Fn(&mut RecordIds, &Column<'_>) -> bool,
    ) -> Option<RecordIds> {
        let line = |id: &String| match column {
            0 => format!("{id},x\n"),
            _ => format!("\"a, b\",{id},x\n"),
        };
        let text: String = ids.iter().map(line).collect();
        let (mut block, mut records) = (Block::default(), RecordIndex::default());
        let mut blocks = BlockReader::new(text.as_bytes(), BlockLimits::default(), CsvDialect::default());
        assert!(blocks.next_block(&mut block).expect("a block"));
        records.index(&block, 0, block.records().len());
        let mut noted = RecordIds::default();
        let ids = records.iter(&block, column + 2).column(column)?;
        note(&mut noted, &ids).then_some(noted)
    }

    /// Long ids are recorded at once like one by one. A single id that is short or not plain prevents it.
    #[test]
    fn long_ids_are_noted_at_once() {
        let id = |number: u64| format!("{:016x}-{number:09}x", number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let note =
            |noted: &mut RecordIds, ids: &Column<'_>| noted.note_all_long(ids, |id| !id.contains(&b'?'));
        let ids: Vec<String> = (0..300).map(id).collect();
        for column in [0, 1] {
            let mut noted = noted_by(&ids, column, note).expect("long ids");
            assert!(noted.clone().repeated().is_none());
            ids.iter().for_each(|id| noted.note(id.as_bytes()));
            let all = noted.repeated().expect("each of them twice");
            assert!(
                ids.iter().all(|id| all.may_contain(id.as_bytes())) && !all.may_contain(id(300).as_bytes())
            );
            for at in [0, 1, 150, 299] {
                let mut twice = ids.clone();
                twice.insert(at, ids[200].clone());
                let repeated = noted_by(&twice, column, note).and_then(RecordIds::repeated);
                assert!(repeated.is_some_and(|repeated| repeated.may_contain(ids[200].as_bytes())));
                for other in ["E1", "", "1234567890123456789012345", "a long id that has a question mark?"] {
                    let mut others = ids.clone();
                    others[at] = other.to_owned();
                    assert!(noted_by(&others, column, note).is_none(), "{other}");
                }
            }
        }
    }

    /// Recording consecutive ids at once has the same result as one by one: each of them is recorded, and no other.
    #[test]
    fn ids_that_count_up_are_noted_at_once() {
        for (letters, digits) in [("", 8), ("E", 9), ("M", 10), ("enc-", 8), ("", 15), ("MESSAGE", 8)] {
            for (first, count) in [(0u64, 2), (7, 40), (995, 9), (12_345_678, 321), (99_999_990, 10)] {
                let ids: Vec<String> =
                    (first..first + count).map(|n| format!("{letters}{n:0digits$}")).collect();
                for column in [0, 1] {
                    let mut noted = noted_at_once(&ids, column).expect("ids that count up");
                    assert_eq!(noted.clone().repeated().map(|_| ()), None);
                    ids.iter().for_each(|id| noted.note(id.as_bytes()));
                    let all = noted.repeated().expect("each of them twice");
                    assert!(ids.iter().all(|id| all.may_contain(id.as_bytes())), "{ids:?}");
                    for other in [first + count, first.wrapping_sub(1)] {
                        assert!(!all.may_contain(format!("{letters}{other:0digits$}").as_bytes()));
                    }
                }
            }
        }
    }

    /// A single id that is not the next one prevents recording the column at once.
    #[test]
    fn a_single_id_that_does_not_count_on_is_noticed() {
        let ids: Vec<String> = (30..80).map(|n| format!("E{n:09}")).collect();
        let others = ["E0000000", "F", "E00", "X", "", "0", "\"E\"", "E 0", "E000000099", "E00000003a"];
        for at in 1..ids.len() {
            for other in others {
                let id =
                    if other.len() == 10 { other.to_owned() } else { format!("{other}{}", &ids[at][1..]) };
                let mut ids = ids.clone();
                ids[at] = id;
                assert!(noted_at_once(&ids, at % 2).is_none(), "{ids:?}");
            }
            // One id that is missing, and one that is repeated.
            let mut shorter = ids.clone();
            shorter.remove(at);
            let mut longer = ids.clone();
            longer.insert(at, ids[at].clone());
            assert!(noted_at_once(&shorter, 0).is_none() || at == ids.len() - 1);
            assert!(noted_at_once(&longer, 0).is_none());
        }
    }
}
