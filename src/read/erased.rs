//! Readers of rows that are compiled once, whatever the rows are put into.
//!
//! A reader is large, and each sort of part would make another one. Where speed is not all, parts go in boxes.

use std::any::Any;

/// A part in a box.
pub type Boxed = Box<dyn Any + Send>;

/// Puts a part in a box.
pub fn boxed<P: Send + 'static>(part: P) -> Boxed {
    Box::new(part)
}

/// The part in a box; there is no other sort of part in it.
pub fn open<P: 'static>(part: &mut Boxed, with: impl FnOnce(&mut P)) {
    debug_assert!(part.is::<P>());
    if let Some(part) = part.downcast_mut::<P>() {
        with(part);
    }
}

/// The same for good.
pub fn unbox<P: 'static>(part: Boxed, with: impl FnOnce(P)) {
    debug_assert!(part.is::<P>());
    if let Ok(part) = part.downcast::<P>() {
        with(*part);
    }
}
