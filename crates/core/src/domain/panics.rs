//! Catches panics that libraries raise for input or output that they cannot handle.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// A caught panic. Its message could contain a value of an export.
pub struct CaughtPanic(Box<dyn Any + Send>);

impl CaughtPanic {
    /// Returns whether the message of the panic starts with a text.
    pub fn message_starts_with(&self, words: &str) -> bool {
        let said = self.0.downcast_ref::<String>().map(String::as_str);
        said.or_else(|| self.0.downcast_ref::<&str>().copied()).is_some_and(|said| said.starts_with(words))
    }

    /// Resumes the panic, because it is not the one that the caller expected.
    pub fn resume(self) -> ! {
        resume_unwind(self.0)
    }
}

/// Runs work in which a library may panic over an input or an output.
///
/// The panic hook does not report such a panic as a defect, unless it comes from code of this workspace.
///
/// # Errors
/// If the work panics.
pub fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, CaughtPanic> {
    let before = EXPECTED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(before);
    done.map_err(CaughtPanic)
}

/// Returns whether a panic at this location, as the compiler writes it, is a library panic that [`catch_panic`] catches on this thread.
pub fn is_third_party_panic(place: &str) -> bool {
    // The compiler writes paths in this workspace relative to its root, and other paths as absolute paths.
    EXPECTED.get() && !["src/", "crates/"].iter().any(|own| place.starts_with(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_expected_only_within_and_of_others() {
        let expected = || {
            ["/crates/parquet/src/file.rs:1:2", "crates/core/src/ledger/ids.rs:3:4"].map(is_third_party_panic)
        };
        let told = catch_panic(|| {
            (
                expected(),
                catch_panic(|| panic!("on purpose")).map_err(|it: CaughtPanic| it.message_starts_with("on ")),
                expected(),
            )
        });
        let within = [true, false];
        assert!(told.is_ok_and(|told| told == (within, Err::<(), _>(true), within)));
        assert_eq!(expected(), [false, false]);
    }
}
