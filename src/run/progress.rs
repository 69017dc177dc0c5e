//! The progress bar: bytes read of all inputs, on a terminal only.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::read::Source;

/// Inputs that take less than this many bytes are read before a bar could be seen.
const WORTH_SHOWING: u64 = 64 << 20;

/// A bar over the inputs; a hidden one where standard error is no terminal, or `quiet` is set.
pub fn bar<'s>(sources: impl Iterator<Item = &'s Source>, quiet: bool) -> ProgressBar {
    let sizes: Vec<Option<u64>> = sources
        .map(|source| {
            source.path.as_ref()?.metadata().ok().filter(|file| file.is_file()).map(|file| file.len())
        })
        .collect();
    let total: Option<u64> = sizes.iter().copied().sum();
    let hidden =
        quiet || !std::io::stderr().is_terminal() || total.is_some_and(|total| total < WORTH_SHOWING);
    if hidden {
        return ProgressBar::hidden();
    }
    let (bar, template) = match total {
        Some(total) => (
            ProgressBar::new(total),
            "{spinner} {bytes} of {total_bytes} [{wide_bar}] {percent} % {bytes_per_sec}, {eta} left",
        ),
        None => (ProgressBar::no_length(), "{spinner} {bytes} {bytes_per_sec}"),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
