//! Panics of libraries that take what they cannot read or write for a defect of their own.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// A panic, with what it says, which could hold a value.
pub struct CaughtPanic(Box<dyn Any + Send>);

impl CaughtPanic {
    /// Whether what it says begins so.
    pub fn says(&self, words: &str) -> bool {
        let said = self.0.downcast_ref::<String>().map(String::as_str);
        said.or_else(|| self.0.downcast_ref::<&str>().copied()).is_some_and(|said| said.starts_with(words))
    }

    /// Panics on, since it was another panic than the one that was to be caught.
    pub fn go_on(self) -> ! {
        resume_unwind(self.0)
    }
}

/// Does work in which a library may panic over an input or an output. That is not told as a defect; a panic of our own code within is.
///
/// # Errors
/// When it panics.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, CaughtPanic> {
    let before = EXPECTED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(before);
    done.map_err(CaughtPanic)
}

/// Whether a panic at this place, as the compiler names it, would be one of a library that [`caught`] catches on this thread.
pub fn is_expected(place: &str) -> bool {
    // Files of this workspace are named from its root, those of others from that of the system.
    EXPECTED.get() && !["src/", "crates/"].iter().any(|own| place.starts_with(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_expected_only_within_and_of_others() {
        let expected =
            || ["/crates/parquet/src/file.rs:1:2", "crates/core/src/ledger/ids.rs:3:4"].map(is_expected);
        let told = caught(|| {
            (
                expected(),
                caught(|| panic!("on purpose")).map_err(|it: CaughtPanic| it.says("on ")),
                expected(),
            )
        });
        let within = [true, false];
        assert!(told.is_ok_and(|told| told == (within, Err::<(), _>(true), within)));
        assert_eq!(expected(), [false, false]);
    }
}
