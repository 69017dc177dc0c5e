//! Lists the positions of set bits, on any machine.
#![allow(unsafe_code, reason = "there is room for more positions than are written; see `simd`")]

/// The position before the first one: adding 1 wraps around to 0.
pub const NOWHERE: u32 = u32::MAX;

/// Returns the number of set bits in some words. Inlined, so that it is compiled for the instructions of its caller.
#[inline(always)]
pub(super) fn count_ones(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

/// Number of positions that may be written after the last valid one. Their values are meaningless.
const BEYOND: usize = 64;

/// Number of words for which space is reserved at a time.
pub(super) const GROUP: usize = 64;

/// Writes the positions on any machine. Inlined, so that it is compiled for the instructions of its caller.
#[inline(always)]
pub(super) fn plain_positions(words: &[u64], positions: &mut Vec<u32>) -> usize {
    let mut count = 0;
    for (group, words) in words.chunks(GROUP).enumerate() {
        let (room, mut at, mut base) = (room(positions, count, words.len()), 0, (group * GROUP * 64) as u32);
        for word in words {
            let (mut word, next) = (*word, at + word.count_ones() as usize);
            // Always writes eight, even if fewer are left. A word hardly ever has more than eight, so the branch is predicted correctly.
            while at < next {
                // SAFETY: there is room for all bits of the group and some more.
                for position in unsafe { room.get_unchecked_mut(at..at + 8) } {
                    *position = base + word.trailing_zeros();
                    word &= word.wrapping_sub(1);
                }
                at += 8;
            }
            (at, base) = (next, base + 64);
        }
        count += at;
    }
    count
}

/// Returns space after the first `count` positions, for the bits of `words` words and `BEYOND` more.
#[inline(always)]
pub(super) fn room(positions: &mut Vec<u32>, count: usize, words: usize) -> &mut [u32] {
    let (begin, length) = (1 + count, words * 64 + BEYOND);
    if positions.len() < begin + length {
        positions.resize((begin + length) * 2, NOWHERE);
    }
    &mut positions[begin..begin + length]
}
