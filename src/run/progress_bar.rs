//! The progress bar: bytes and rows read from all inputs. It appears only on a terminal.

use std::fmt;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use mucalc_core::domain::text::with_commas;
use mucalc_read::{InputSource, ReadProgress};

/// Minimum size of the inputs in bytes for a bar. Smaller inputs are read before a bar could be seen.
const WORTH_SHOWING: u64 = 64 << 20;

/// A progress bar that also shows the number of rows read.
pub struct ReadProgressBar {
    bar: ProgressBar,
    rows: Arc<AtomicU64>,
}

impl ReadProgressBar {
    /// Advances the bar.
    pub fn step(&self, step: ReadProgress) {
        match step {
            ReadProgress::Bytes(bytes) => self.bar.inc(bytes),
            ReadProgress::More(bytes) => self.bar.inc_length(bytes),
            ReadProgress::Rows(rows) => {
                self.rows.fetch_add(rows, Ordering::Relaxed);
            }
        }
    }

    /// Removes the bar from the terminal.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Returns a bar over the tasks of a query engine. It is hidden if standard error is not a terminal or `quiet` is set.
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

/// Returns a bar over the inputs. It is hidden if standard error is not a terminal, `quiet` is set, or the inputs are small.
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
            "{spinner} {bytes} of {total_bytes}, {rows} rows [{wide_bar}] {percent}% {bytes_per_sec}, {eta} left",
        ),
        None => (ProgressBar::no_length(), "{spinner} {bytes}, {rows} rows, {bytes_per_sec}"),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr());
    let rows = Arc::new(AtomicU64::new(0));
    if let Ok(style) = ProgressStyle::with_template(template) {
        let told = Arc::clone(&rows);
        let tell = move |_: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&with_commas(told.load(Ordering::Relaxed)));
        };
        bar.set_style(style.with_key("rows", tell));
    }
    ReadProgressBar { bar, rows }
}
