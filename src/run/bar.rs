//! The progress bar: bytes and rows read of all inputs, on a terminal only.

use std::fmt;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use mucalc_core::domain::text::thousands;
use mucalc_read::{InputSource, ReadProgress};

/// Inputs that take less than this many bytes are read before a bar could be seen.
const WORTH_SHOWING: u64 = 64 << 20;

/// A bar, and how many rows it tells.
pub struct ReadProgressBar {
    bar: ProgressBar,
    rows: Arc<AtomicU64>,
}

impl ReadProgressBar {
    /// Takes a step.
    pub fn step(&self, step: ReadProgress) {
        match step {
            ReadProgress::Bytes(bytes) => self.bar.inc(bytes),
            ReadProgress::More(bytes) => self.bar.inc_length(bytes),
            ReadProgress::Rows(rows) => {
                self.rows.fetch_add(rows, Ordering::Relaxed);
            }
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar over the tasks of an engine; a hidden one where standard error is no terminal, or `quiet` is set.
pub fn tasks(quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} of {len} tasks [{wide_bar}] {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

/// A bar over the inputs; a hidden one where standard error is no terminal, or `quiet` is set.
pub fn bar<'s>(sources: impl Iterator<Item = &'s InputSource>, quiet: bool) -> ReadProgressBar {
    let sizes: Vec<Option<u64>> = sources
        .map(|source| {
            source.path.as_ref()?.metadata().ok().filter(|file| file.is_file()).map(|file| file.len())
        })
        .collect();
    let total: Option<u64> = sizes.iter().copied().sum();
    let hidden =
        quiet || !std::io::stderr().is_terminal() || total.is_some_and(|total| total < WORTH_SHOWING);
    if hidden {
        return ReadProgressBar { bar: ProgressBar::hidden(), rows: Arc::default() };
    }
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::new(total),
            "{spinner} {bytes} of {total_bytes}, {rows} rows [{wide_bar}] {percent} % {bytes_per_sec}, {eta} left",
        ),
        None => (ProgressBar::no_length(), "{spinner} {bytes}, {rows} rows, {bytes_per_sec}"),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr());
    let rows = Arc::new(AtomicU64::new(0));
    if let Ok(style) = ProgressStyle::with_template(template) {
        let told = Arc::clone(&rows);
        let tell = move |_: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&thousands(told.load(Ordering::Relaxed)));
        };
        bar.set_style(style.with_key("rows", tell));
    }
    ReadProgressBar { bar, rows }
}
