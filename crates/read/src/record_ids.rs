//! Record ids that were met, so that an id which stands in an export twice is noticed.
//!
//! Ids that are a number behind letters need a bit or two each, and those that count up cost next to nothing; any other id is kept as a
//! hash of eight bytes. Two ids with one hash would be taken for one that comes twice, which costs a second reading and nothing else.

use std::hash::{DefaultHasher, Hasher};
use std::ops::Range;

use hashbrown::HashMap;

use crate::records::Column;

/// The ids of records that were met, and which of them were met several times.
#[derive(Clone, Debug, Default)]
pub struct RecordIds {
    /// Runs of ids that count up, and hashes of others, which are not yet put to the sets.
    runs: Vec<Run>,
    hashes: Vec<u64>,
    /// What the next id is expected to be.
    next: Next,
    met: HashMap<Shape, Numbers>,
    repeated: IdSet,
}

/// Some ids of records.
#[derive(Clone, Debug, Default)]
pub struct IdSet {
    numbers: HashMap<Shape, Numbers>,
    /// Sorted.
    hashes: Vec<u64>,
}

/// What ids have in common that are a number behind letters: the letters, and how many digits follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Shape {
    letters: [u8; LETTERS],
    digits: u8,
}

/// Ids with more letters before the number are kept as hashes.
const LETTERS: usize = 7;

/// So many runs are kept before they are put to the sets.
const MOST_RUNS: usize = 1 << 16;

/// So many digits fit into a number.
const DIGITS: usize = 18;

/// Ids that count up from a first one.
#[derive(Clone, Copy, Debug)]
struct Run {
    shape: Shape,
    first: u64,
    count: u64,
}

/// Numbers: one bit each, in pages, by the number divided by [`PAGE`].
#[derive(Clone, Debug, Default)]
struct Numbers(HashMap<u64, Page>);

/// The bits of a page.
type Page = [u64; 4];

/// So many numbers share a page.
const PAGE: u64 = 256;

/// Ids that count on from the last one: what stands before the last eight digits, and the number that these would be.
#[derive(Clone, Copy, Debug, Default)]
struct Next {
    /// The first eight bytes, of which the mask leaves those before the last eight.
    begin: u64,
    mask: u64,
    number: u64,
    /// The number up to which the last run was noted.
    noted: u64,
    length: usize,
}

/// So many numbers have eight digits.
const NUMBERS_OF_8: u64 = 100_000_000;

/// What the last eight bytes are if they are digits, but for the lower half of each.
const DIGITS_8: u64 = 0x3030_3030_3030_3030;

impl RecordIds {
    /// Notes an id if it counts on from the one before; any other has to be given to [`Self::note`].
    #[inline(always)]
    pub fn counts_on(&mut self, text: &[u8]) -> bool {
        let is_next = self.next.is(text);
        self.next.number += u64::from(is_next);
        is_next
    }

    /// Notes the ids of a column if each of them counts on from the one before it; returns whether they do. The first one is what most ids
    /// are: as it stands, and of ASCII letters and digits.
    #[inline(never)]
    pub fn note_all(&mut self, ids: &Column<'_>) -> bool {
        let Some((first, Some(before))) = ids.first() else { return false };
        let Some((shape, number)) = Shape::of(first) else { return false };
        let (next, count) = (Next::after(first), ids.records() as u64);
        // Behind the last number of eight digits another beginning would be next. With the byte before it, an id fills sixteen at the most.
        if !(8..=15).contains(&next.length) || next.number + count - 2 >= NUMBERS_OF_8 {
            return false;
        }
        let Next { begin, length, .. } = next;
        // Of the eight bytes before the last eight, the byte before the id and the beginning of it have to be these.
        let gap = 8 * (15 - length as u32);
        let (begin, mask) = ((begin << 8 | u64::from(before)) << gap, u64::MAX << gap);
        let (mut record, mut expected) = (1, Counting::from(next.number));
        while record < ids.records() {
            // Of numbers that differ in the last digit alone it is asked together whether they are the ids.
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

    /// Notes an id.
    #[inline(never)]
    pub fn note(&mut self, id: &[u8]) {
        self.end_run();
        let Some((shape, number)) = Shape::of(id) else {
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
        // Runs of neighbouring parts mostly continue one another, which shows when they are put in order.
        if self.runs.len() > MOST_RUNS {
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

    /// Returns the ids that were met several times; `None` if none was.
    pub fn repeated(mut self) -> Option<IdSet> {
        self.join_runs();
        // What counts up without a gap or a step back is in no need of sets.
        match self.met.is_empty() && are_disjoint(&self.runs) {
            true => self.runs.clear(),
            false => self.settle(),
        }
        self.hashes.sort_unstable();
        let twice = self.hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        let IdSet { numbers, mut hashes } = self.repeated;
        hashes.extend(twice);
        hashes.sort_unstable();
        hashes.dedup();
        (!numbers.is_empty() || !hashes.is_empty()).then_some(IdSet { numbers, hashes })
    }

    /// Adds to the last run what counted on since it was begun.
    fn end_run(&mut self) {
        if let Some(run) = self.runs.last_mut() {
            run.count += self.next.number - self.next.noted;
            self.next.noted = self.next.number;
        }
    }

    /// Puts runs in order, and joins those that continue one another.
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

    /// Puts own runs to the sets.
    fn settle(&mut self) {
        self.join_runs();
        for Run { shape, first, count } in self.runs.drain(..) {
            let met = self.met.entry(shape).or_default();
            met.add(first, count, |at, twice| self.repeated.add(shape, at, twice));
        }
    }
}

/// Returns whether no id is in two of some runs, which are in order.
fn are_disjoint(runs: &[Run]) -> bool {
    runs.windows(2)
        .all(|pair| pair[0].shape != pair[1].shape || pair[0].first + pair[0].count <= pair[1].first)
}

impl IdSet {
    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.hashes.is_empty()
    }

    /// Returns whether an id is among them; another one may be taken for one of them.
    pub fn may_contain(&self, id: &[u8]) -> bool {
        match Shape::of(id) {
            Some((shape, number)) => self.numbers.get(&shape).is_some_and(|numbers| numbers.contains(number)),
            None => self.hashes.binary_search(&hash(id)).is_ok(),
        }
    }

    fn add(&mut self, shape: Shape, at: u64, page: Page) {
        self.numbers.entry(shape).or_default().add_page(at, page, |_, _| {});
    }
}

impl Shape {
    /// The shape of an id that is a number behind letters or signs, and the number.
    fn of(id: &[u8]) -> Option<(Self, u64)> {
        let begin = id.iter().position(u8::is_ascii_digit)?;
        let (letters, digits) = id.split_at(begin);
        // With the zero byte as filling, no letters may be one.
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
    /// Whether an id is the next one.
    #[inline(always)]
    fn is(&self, id: &[u8]) -> bool {
        let (Some(begin), Some(end)) = (id.first_chunk(), id.last_chunk()) else { return false };
        (u64::from_le_bytes(*begin) & self.mask == self.begin)
            & (eight_digits(u64::from_le_bytes(*end)) == self.number)
            & (id.len() == self.length)
    }

    /// What follows an id that is a number behind letters.
    fn after(id: &[u8]) -> Self {
        let (Some(begin), Some(end)) = (id.first_chunk(), id.last_chunk()) else { return Self::default() };
        let number = eight_digits(u64::from_le_bytes(*end)).wrapping_add(1);
        // What lies between the first eight bytes and the last would not be compared.
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
    /// Its text; the first byte is the lowest.
    text: u64,
    /// How many numbers from this one on differ in the last digit alone, at least one.
    left: u8,
}

impl Counting {
    fn from(number: u64) -> Self {
        let digits = std::array::from_fn(|at| b'0' + (number / 10u64.pow(7 - at as u32) % 10) as u8);
        Self { text: u64::from_le_bytes(digits), left: b'9' - digits[7] + 1 }
    }

    /// Returns the number behind so many that differ in the last digit alone.
    fn after(self, alike: u8) -> Self {
        let last = self.text + (u64::from(alike - 1) << 56);
        match self.left - alike {
            0 => Self { text: carried(last), left: 10 },
            left => Self { text: last + (1 << 56), left },
        }
    }
}

/// Returns the text of the next number, of all eight digits at once: 1 is added to digits that are moved to the end of their bytes, so that
/// a nine carries, and they are moved back.
fn carried(text: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let moved = text.swap_bytes().wrapping_add(0xC6 * ONES).wrapping_add(1);
    let are_moved = moved >> 7 & ONES;
    moved.wrapping_sub(are_moved * 0xF6).wrapping_add(b'0' as u64 * ONES).swap_bytes()
}

/// Returns whether some ids end with eight digits that count up from these in the last one, and whether what is before these is `begin`, as
/// far as the mask goes.
// A function of its own, so that all it needs stays in registers.
#[inline(never)]
fn are_next(ids: &Column<'_>, records: Range<usize>, first: u64, begin: u64, mask: u64) -> bool {
    let start = (0, first);
    let folded = ids.fold_last_bytes(records, start, |(differs, text), bytes| {
        let (head, tail) = halves(bytes);
        (differs | tail ^ text | (head ^ begin) & mask, text.wrapping_add(1 << 56))
    });
    folded.is_some_and(|(differs, _)| differs == 0)
}

/// Returns the first eight bytes and the last.
#[inline(always)]
fn halves(bytes: &[u8; 16]) -> (u64, u64) {
    let bytes = u128::from_le_bytes(*bytes);
    (bytes as u64, (bytes >> 64) as u64)
}

/// The number that eight bytes are, the first of which is the lowest; more than such a number can be where one is no digit.
#[inline(always)]
fn eight_digits(text: u64) -> u64 {
    let digits = text ^ DIGITS_8;
    // A digit is below 10: with 6 more it stays below 16.
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

    /// Adds numbers that count up; `twice` is told of those that are there.
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

/// The same in every run: two ids with one hash only cost time.
fn hash(id: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(id);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::{Block, BlockLimits, BlockReader};
    use crate::records::RecordIndex;
    use crate::separators::CsvDialect;

    /// The ids that are told to come several times, of those that were met in parts of a size.
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

    /// Whatever ids look like, in whatever order they come and in parts of whatever size: those that come twice are told, and no others.
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

    /// Ids of other widths or with other letters are other ids, and what follows the last digit is none.
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

    /// Returns what is noted of a column of ids all at once; `None` if they are not noted so.
    fn noted_at_once(ids: &[String], column: usize) -> Option<RecordIds> {
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
        noted.note_all(&ids).then_some(noted)
    }

    /// Ids that count up are noted at once, as they are one by one: each of them, and no other.
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

    /// One id among many that is not the next one is enough: the column is not noted at once.
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
            // One that is missing, and one that comes twice.
            let mut shorter = ids.clone();
            shorter.remove(at);
            let mut longer = ids.clone();
            longer.insert(at, ids[at].clone());
            assert!(noted_at_once(&shorter, 0).is_none() || at == ids.len() - 1);
            assert!(noted_at_once(&longer, 0).is_none());
        }
    }
}
