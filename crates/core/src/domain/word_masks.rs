//! Masks for short texts in machine words, so that the texts can be compared and hashed without a loop.

/// Returns, for each length up to `LENGTHS - 1`, the bits of `WORDS` words that a text of that length fills.
pub const fn byte_masks<const WORDS: usize, const LENGTHS: usize>() -> [[u64; WORDS]; LENGTHS] {
    let mut masks = [[0; WORDS]; LENGTHS];
    let mut length = 0;
    while length < LENGTHS {
        let mut byte = 0;
        while byte < length {
            masks[length][byte / 8] |= 0xFF << (8 * (byte % 8));
            byte += 1;
        }
        length += 1;
    }
    masks
}
