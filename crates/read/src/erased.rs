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

/// Makes `read` out of `read_quickly` for a sort of rows, and what else its reader is told: the same, but compiled once for all
/// sorts of parts.
macro_rules! read_boxed {
    ($row:ident $(, $more:ident: $sort:ty)?) => {
        /// Reads rows. `take` puts each into a part; `collect` gets the parts in any order, from several threads.
        ///
        /// # Errors
        /// The first reason, in the order of the input, why it cannot be used.
        pub fn read<P: Send + 'static>(
            source: &InputSource,
            reading: &ReadContext<'_>,
            layout: &Layout,
            $($more: $sort,)?
            part: impl Fn() -> P + Sync,
            take: impl Fn(&mut P, &$row<'_>) + Sync,
            collect: impl Fn(P) + Sync,
        ) -> Result<ReadSummary, InputError> {
            use crate::erased::{Boxed, boxed, open, unbox};

            fn read_boxed(
                source: &InputSource,
                reading: &ReadContext<'_>,
                layout: &Layout,
                $($more: $sort,)?
                part: &(dyn Fn() -> Boxed + Sync),
                take: &(dyn Fn(&mut Boxed, &$row<'_>) + Sync),
                collect: &(dyn Fn(Boxed) + Sync),
            ) -> Result<ReadSummary, InputError> {
                read_quickly(source, reading, layout, $($more,)? part, take, collect)
            }

            let part = || boxed(part());
            let take = |boxed: &mut Boxed, row: &$row<'_>| open(boxed, |part| take(part, row));
            let collect = |boxed: Boxed| unbox(boxed, &collect);
            read_boxed(source, reading, layout, $($more,)? &part, &take, &collect)
        }
    };
}

pub(super) use read_boxed;
