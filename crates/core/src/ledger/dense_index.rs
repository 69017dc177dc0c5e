//! An index of ids that are a number after a common prefix, as most programs assign them: finds an id by its number, without a hash.

use crate::ledger::id_key::IdKey;
use crate::ledger::parallel;
use crate::ledger::prefetch::prefetch;

/// A value for each of many ids of one shape.
#[derive(Clone)]
pub(super) struct DenseIdIndex<V> {
    shape: Shape,
    /// The lowest number.
    first: u64,
    /// The value of each number from `first` on; the default for a number that no id has.
    values: Vec<V>,
    /// Whether all ids have the shape.
    has_all: bool,
}

/// The common part of ids: their length, and everything but the digits at their end, of which there are at most eight.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape {
    /// The bits of a key that all ids share, and the mask that selects these bits.
    common: u128,
    mask: u128,
    length: u32,
    /// The low half of each byte with a digit, in the last eight bytes of an id.
    digits: u64,
}

/// The range of the numbers of some ids.
struct Span {
    ids: u64,
    /// The number of ids that have the shape.
    fitting: u64,
    first: u64,
    last: u64,
}

impl<V: Copy + Default + Send> DenseIdIndex<V> {
    /// Builds an index of ids on up to `threads` threads, at most four. `some` samples the ids to find the most common shape. `parts` has
    /// all ids with their values.
    ///
    /// `None` if no sampled id has a shape, or fewer than half of all ids have the shape found. Also `None` if too few of the numbers in
    /// their range are used.
    pub(super) fn new<I: Iterator<Item = (IdKey, V)> + Send>(
        some: impl Iterator<Item = IdKey>,
        parts: impl Iterator<Item = I> + Clone + Sync,
        threads: usize,
    ) -> Option<Self> {
        let some: Vec<Shape> = some.filter_map(Shape::from_key).collect();
        let shape = *some.iter().max_by_key(|shape| some.iter().filter(|other| other == shape).count())?;
        let threads = threads.clamp(1, MAX_THREADS);
        let span = |thread: usize| shape.span(parts.clone().skip(thread).step_by(threads).flatten());
        let spans = parallel::map_parallel(0..threads, span);
        let Span { ids, fitting, first, last } = spans.into_iter().reduce(Span::with)?;
        if fitting * 2 < ids || fitting == 0 || (last - first) / 4 >= fitting {
            return None;
        }
        let length = (last - first + 1) as usize;
        let mut values = vec![V::default(); length];
        // Each thread reads all ids, and writes the values in its share of the index.
        let share = length.div_ceil(threads);
        parallel::map_parallel(values.chunks_mut(share).enumerate(), |(thread, values)| {
            let first = first + (thread * share) as u64;
            for (key, value) in parts.clone().flatten() {
                let at = shape.number(key).and_then(|number| number.checked_sub(first));
                if let Some(place) = at.and_then(|at| values.get_mut(at as usize)) {
                    *place = value;
                }
            }
        });
        Some(Self { shape, first, values, has_all: fitting == ids })
    }
}

/// The maximum number of threads. With more, each would mostly skip the ids of others.
const MAX_THREADS: usize = 4;

impl Span {
    /// Returns the range of both.
    fn with(self, other: Self) -> Self {
        Self {
            ids: self.ids + other.ids,
            fitting: self.fitting + other.fitting,
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }
}

impl<V: Copy + Default> DenseIdIndex<V> {
    /// Returns the position of an id of this shape, and prefetches its value; `None` for an id of another shape. The position may be out of
    /// range.
    #[inline(always)]
    pub(super) fn position(&self, key: IdKey) -> Option<usize> {
        let at = self.shape.number(key)?.wrapping_sub(self.first) as usize;
        if let Some(value) = self.values.get(at) {
            prefetch(value);
        }
        Some(at)
    }

    /// Returns the number of positions.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns whether the index has all ids, which then differ only in digits.
    pub(super) fn has_all(&self) -> bool {
        self.has_all
    }

    /// Returns the value at a position; the default if there is no id.
    #[inline(always)]
    pub(super) fn get(&self, at: usize) -> V {
        self.values.get(at).copied().unwrap_or_default()
    }
}

impl Shape {
    /// Returns the shape of an id; `None` if the id is long or does not end in a digit.
    fn from_key(key: IdKey) -> Option<Self> {
        let (bits, length) = (key.bits(), key.length()?);
        let byte = |at: u32| (bits >> (8 * at)) as u8;
        let digits = (0..length).rev().take(8).take_while(|at| byte(*at).is_ascii_digit()).count() as u32;
        if digits == 0 {
            return None;
        }
        // Digits share only the upper half of their byte.
        let mask = (length - digits..length).fold(u128::MAX, |mask, at| mask & !(0x0F << (8 * at)));
        let low = 0x0F0F_0F0F_0F0F_0F0F_u64;
        Some(Self { common: bits & mask, mask, length, digits: low << (8 * (8 - digits)) })
    }

    /// Returns the range of the numbers of some ids.
    fn span<V>(self, ids: impl Iterator<Item = (IdKey, V)>) -> Span {
        let mut span = Span { ids: 0, fitting: 0, first: u64::MAX, last: 0 };
        for (key, _) in ids {
            span.ids += 1;
            if let Some(number) = self.number(key) {
                span.fitting += 1;
                (span.first, span.last) = (span.first.min(number), span.last.max(number));
            }
        }
        span
    }

    /// Returns the number of an id of this shape.
    #[inline(always)]
    fn number(&self, key: IdKey) -> Option<u64> {
        let bits = key.bits();
        // The last eight bytes. A shorter id is shifted to the end of the word.
        let last = match self.length {
            8.. => bits >> (8 * (self.length - 8)),
            shorter => bits << (8 * (8 - shorter)),
        };
        let word = last as u64 & self.digits;
        let above_nine = (word + (self.digits / 15 * 6)) & !self.digits;
        if (bits & self.mask) != self.common || above_nine != 0 {
            return None;
        }
        // Eight digits in three steps: pairs, fours, all. The first digit is in the lowest byte.
        let pairs = word.wrapping_mul(1 + (10 << 8)) >> 8 & 0x00FF_00FF_00FF_00FF;
        let fours = pairs.wrapping_mul(1 + (100 << 16)) >> 16 & 0x0000_FFFF_0000_FFFF;
        Some(fours.wrapping_mul(1 + (10_000 << 32)) >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::id_key::IdRef;

    fn numbered(ids: &[String]) -> Option<DenseIdIndex<u32>> {
        let keys = ids.iter().map(|id| IdRef::new(id.as_bytes()).key);
        // The index does not depend on the parts and the threads.
        let by = |size: usize, threads: usize| {
            let all: Vec<(IdKey, u32)> = keys.clone().zip(1..).collect();
            DenseIdIndex::new(keys.clone(), all.chunks(size).map(|part| part.iter().copied()), threads)
        };
        let all = by(usize::MAX, 1);
        for (size, threads) in [(3, 1), (7, 2), (1, 4), (1000, 9)] {
            let other = by(size, threads);
            let same = |one: &DenseIdIndex<u32>, other: &DenseIdIndex<u32>| {
                one.shape == other.shape && one.first == other.first && one.values == other.values
            };
            assert!(all.iter().zip(&other).all(|(one, other)| same(one, other)), "{size} {threads}");
            assert_eq!(all.is_some(), other.is_some(), "{size} {threads}");
        }
        all
    }

    fn found(numbered: &DenseIdIndex<u32>, id: &str) -> Option<u32> {
        numbered.position(IdRef::new(id.as_bytes()).key).map(|at| numbered.get(at))
    }

    /// For every prefix and number of digits, each id has its own value, and no other id has a value.
    #[test]
    fn every_id_is_found_and_nothing_else_is_taken_for_it() {
        for beginning in ["", "P", "PT-", "12-", "A-longer-"] {
            for digits in 1..=15 - beginning.len() {
                let most = 10u64.pow(digits.min(4) as u32) - 1;
                let base = if digits > 8 { 10u64.pow(digits as u32 - 1) } else { 0 };
                let ids: Vec<String> =
                    (0..=most).step_by(2).map(|id| format!("{beginning}{:0digits$}", base + id)).collect();
                let Some(numbered) = numbered(&ids) else { panic!("{beginning} {digits}") };
                for (id, value) in ids.iter().zip(1..) {
                    assert_eq!(found(&numbered, id), Some(value), "{id}");
                }
                for id in 0..most {
                    let id = format!("{beginning}{:0digits$}", base + id);
                    let value = ids.iter().position(|known| *known == id).map_or(0, |at| at as u32 + 1);
                    assert_eq!(found(&numbered, &id), Some(value), "{id}");
                }
                let one = &ids[0];
                // Another length, NUL bytes at the end, long ids; then a character other than a digit at each position.
                let others = [format!("0{one}"), format!("{one}0"), format!("{one}\0"), one[1..].to_owned()];
                for other in others.into_iter().chain([format!("a long beginning of {one}")]) {
                    assert_eq!(found(&numbered, &other), None, "{other} for {one}");
                }
                for at in 0..one.len() {
                    for sign in [b'/', b':', b'?', b' ', b'@', b'p', 0, 0xB1] {
                        let mut other = one.clone().into_bytes();
                        if other[at] != sign {
                            other[at] = sign;
                            let at = numbered.position(IdRef::new(&other).key).map(|at| numbered.get(at));
                            assert_eq!(at, None, "{other:?} for {one}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn ids_of_other_sorts_are_left_to_the_hash() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert!(numbered(&ids(&["x", "y"])).is_none());
        assert!(numbered(&ids(&["1", "x", "y", "z"])).is_none());
        assert!(
            numbered(&ids(&["a number behind a long beginning 1", "a number behind a long beginning 2"]))
                .is_none()
        );
        assert!(numbered(&ids(&["00000001", "90000000"])).is_none());
        assert!(numbered(&[]).is_none());
        assert_eq!(numbered(&ids(&["7"])).and_then(|one| found(&one, "7")), Some(1));
        let Some(mixed) = numbered(&ids(&["other", "P1", "P2"])) else { panic!("most have one shape") };
        assert_eq!(
            ["P1", "P2", "P3", "other"].map(|id| found(&mixed, id)),
            [Some(2), Some(3), Some(0), None]
        );
    }
}
