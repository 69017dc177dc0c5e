//! Exhausted memory: ends the run with a message and an exit code instead of an abort.
#![allow(
    unsafe_code,
    reason = "an allocator is unsafe by its signature; this one only looks at what the system's answers"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;

/// The system allocator, with a message if an allocation fails.
pub struct ReportingAllocator;

// SAFETY: every call is passed to the system allocator unchanged, and its result is returned unchanged. A null result ends the process
// instead.
unsafe impl GlobalAlloc for ReportingAllocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        report_failure(unsafe { System.alloc(layout) }, layout.size())
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        report_failure(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    #[inline]
    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        report_failure(unsafe { System.realloc(old, layout, size) }, size)
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }
}

#[inline]
fn report_failure(memory: *mut u8, size: usize) -> *mut u8 {
    if memory.is_null() {
        refuse(size);
    }
    memory
}

/// Prints a message and ends the process. Must not allocate. An output that is being written still has its temporary name.
#[cold]
#[allow(clippy::exit, clippy::disallowed_methods, reason = "an allocator has nobody to return to")]
fn refuse(size: usize) -> ! {
    let _ = writeln!(
        std::io::stderr(),
        "mucalc: error: memory ran out: {size} bytes more were wanted. A run holds about 100 bytes for each patient with each provider, \
         4 KiB for each provider that a report names, and 16 MiB for each thread, whatever the number of messages; `explain` holds \
         150 bytes for each row of its patients. Give it more, or use --threads 1"
    );
    std::process::exit(3)
}
