//! Panics of libraries that take what they cannot read or write for a defect of their own.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// A library panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panicked;

/// Does work in which a library may panic over an input or an output. What it says of that is not told: it is no defect of ours, and
/// could hold a value.
///
/// # Errors
/// When it panics.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    let before = EXPECTED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(before);
    done.map_err(|_| Panicked)
}

/// Whether a panic on this thread would be caught by [`caught`].
pub fn is_expected() -> bool {
    EXPECTED.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_expected_only_within() {
        let told = caught(|| (is_expected(), caught(|| panic!("on purpose")), is_expected()));
        assert_eq!(told, Ok((true, Err::<(), _>(Panicked), true)));
        assert!(!is_expected());
    }
}
