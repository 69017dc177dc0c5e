//! Record ids that were met, so that an id which stands in an export twice is noticed.
//!
//! Ids that are a number behind letters need about two bits each, and those that count up cost next to nothing; any other id is kept as a
//! hash of eight bytes. Two ids with one hash would be taken for one that comes twice, which costs a second reading and nothing else.

use std::hash::{DefaultHasher, Hasher};

use hashbrown::HashMap;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Shape {
    letters: [u8; LETTERS],
    digits: u8,
}

/// Ids with more letters before the number are kept as hashes.
const LETTERS: usize = 7;

/// So many digits fit into a number.
const DIGITS: usize = 18;

/// Ids that count up from a first one.
#[derive(Clone, Copy, Debug)]
struct Run {
    shape: Shape,
    first: u64,
    count: u64,
}

/// Numbers, 64 to a word, by the number divided by 64.
#[derive(Clone, Debug, Default)]
struct Numbers(HashMap<u64, u64>);

/// The text of the id that would count on from the last one, as the words at its beginning and at its end. They overlap in an id of less
/// than 16 bytes; others are not expected.
#[derive(Clone, Copy, Debug, Default)]
struct Next {
    begin: u64,
    end: u64,
    length: usize,
}

impl RecordIds {
    /// Notes an id if it counts on from the one before; any other has to be given to [`Self::note`].
    #[inline(always)]
    pub fn counts_on(&mut self, text: &[u8]) -> bool {
        let (Some(begin), Some(end)) = (text.first_chunk(), text.last_chunk()) else { return false };
        let (begin, end) = (u64::from_be_bytes(*begin), u64::from_be_bytes(*end));
        let is_next = (begin == self.next.begin) & (end == self.next.end) & (text.len() == self.next.length);
        if is_next {
            self.next.count_on();
            if let Some(run) = self.runs.last_mut() {
                run.count += 1;
            }
        }
        is_next
    }

    /// Notes an id.
    #[inline(never)]
    pub fn note(&mut self, id: &[u8]) {
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
    pub fn merge(&mut self, other: Self) {
        self.settle();
        for Run { shape, first, count } in other.runs {
            let met = self.met.entry(shape).or_default();
            met.add(first, count, |word, twice| self.repeated.add(shape, word, twice));
        }
        for (shape, numbers) in other.met {
            let met = self.met.entry(shape).or_default();
            for (word, bits) in numbers.0 {
                met.add_word(word, bits, |word, twice| self.repeated.add(shape, word, twice));
            }
        }
        for (shape, numbers) in other.repeated.numbers {
            numbers.0.into_iter().for_each(|(word, bits)| self.repeated.add(shape, word, bits));
        }
        self.repeated.hashes.extend(other.repeated.hashes);
        self.hashes.extend(other.hashes);
    }

    /// Returns the ids that were met several times; `None` if none was.
    pub fn repeated(mut self) -> Option<IdSet> {
        self.settle();
        self.hashes.sort_unstable();
        let twice = self.hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        let IdSet { numbers, mut hashes } = self.repeated;
        hashes.extend(twice);
        hashes.sort_unstable();
        hashes.dedup();
        (!numbers.is_empty() || !hashes.is_empty()).then_some(IdSet { numbers, hashes })
    }

    /// Puts own runs to the sets.
    fn settle(&mut self) {
        for Run { shape, first, count } in std::mem::take(&mut self.runs) {
            let met = self.met.entry(shape).or_default();
            met.add(first, count, |word, twice| self.repeated.add(shape, word, twice));
        }
        self.next = Next::default();
    }
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

    fn add(&mut self, shape: Shape, word: u64, bits: u64) {
        self.numbers.entry(shape).or_default().add_word(word, bits, |_, _| {});
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
    /// What follows an id that is a number behind letters.
    fn after(id: &[u8]) -> Self {
        match (id.first_chunk(), id.last_chunk()) {
            (Some(begin), Some(end)) if id.len() <= 16 => {
                let (begin, end) = (u64::from_be_bytes(*begin), u64::from_be_bytes(*end));
                let mut next = Self { begin, end, length: id.len() };
                next.count_on();
                next
            }
            _ => Self::default(),
        }
    }

    #[inline(always)]
    fn count_on(&mut self) {
        if self.end as u8 == b'9' {
            return self.carry();
        }
        self.end += 1;
        // Of eight bytes both words are the same.
        self.begin += u64::from(self.length == 8);
    }

    /// Counts on where the last digits are nines; nothing is expected where all are.
    #[inline(never)]
    fn carry(&mut self) {
        let behind = 8 * (self.length - 8);
        let text = u128::from(self.begin) << behind | u128::from(self.end);
        let nines = (0..self.length).take_while(|at| (text >> (8 * at)) as u8 == b'9').count();
        if nines == self.length || !((text >> (8 * nines)) as u8).is_ascii_digit() {
            *self = Self::default();
            return;
        }
        let nine = |at: usize| u128::from(b'9' - b'0') << (8 * at);
        let text = text + (1 << (8 * nines)) - (0..nines).map(nine).sum::<u128>();
        (self.begin, self.end) = ((text >> behind) as u64, text as u64);
    }
}

impl Numbers {
    fn contains(&self, number: u64) -> bool {
        self.0.get(&(number / 64)).is_some_and(|bits| bits >> (number % 64) & 1 == 1)
    }

    /// Adds numbers that count up; `twice` is told of those that are there.
    fn add(&mut self, first: u64, count: u64, mut twice: impl FnMut(u64, u64)) {
        let (mut number, end) = (first, first + count);
        while number < end {
            let (word, begin) = (number / 64, number % 64);
            let some = (64 - begin).min(end - number);
            self.add_word(word, u64::MAX >> (64 - some) << begin, &mut twice);
            number += some;
        }
    }

    fn add_word(&mut self, word: u64, bits: u64, mut twice: impl FnMut(u64, u64)) {
        let known = self.0.entry(word).or_default();
        if *known & bits != 0 {
            twice(word, *known & bits);
        }
        *known |= bits;
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
}
