//! Maps a function over a few items in parallel.

/// Whether this program can start threads. In a browser's page it cannot, and everything is done in turn.
pub const HAS_THREADS: bool = !cfg!(target_family = "wasm");

/// Returns the results of `of` for each item, in their order. Starts one thread per item except the first, so there should be few items.
pub fn map_parallel<T: Send, R: Send>(
    some: impl IntoIterator<Item = T>,
    of: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let mut some = some.into_iter();
    if !HAS_THREADS {
        return some.map(of).collect();
    }
    let (first, of) = (some.next(), &of);
    std::thread::scope(|scope| {
        let others: Vec<_> = some.map(|one| scope.spawn(move || of(one))).collect();
        // The calling thread processes the first item meanwhile.
        let mut all: Vec<R> = first.into_iter().map(of).collect();
        let done = others.into_iter().map(std::thread::ScopedJoinHandle::join);
        all.extend(done.map(|one| one.unwrap_or_else(|panic| std::panic::resume_unwind(panic))));
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_each_is_told_in_their_order() {
        for count in 0..9u32 {
            let squares: Vec<u32> = (0..count).map(|one| one * one).collect();
            assert_eq!(map_parallel(0..count, |one| one * one), squares);
        }
    }
}
