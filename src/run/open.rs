//! `--open`: writes a page and opens it in the browser.

use std::path::Path;

use crate::error::{self, ErrorCode};
use crate::run::terminal::print_note;

/// The page that a run opens at its end; `None` without `--open`.
pub struct PageToOpen(Option<String>);

impl PageToOpen {
    /// Prepares a run for `--open`: its format is a page, and its output is a file.
    ///
    /// # Errors
    /// If the user chose a format that is not a page, or standard output.
    pub fn prepare<F: Copy + PartialEq>(
        is_asked: bool,
        command: &str,
        pages: &[F],
        format: &mut Option<F>,
        output: &mut Option<String>,
    ) -> anyhow::Result<Self> {
        if !is_asked {
            return Ok(Self(None));
        }
        let page = *format.get_or_insert(pages[0]);
        if !pages.contains(&page) {
            return Err(error::usage(
                ErrorCode::Choice,
                "--open needs a page; use --format html, or leave out --format",
            ));
        }
        let file = output.get_or_insert_with(|| format!("mucalc-{command}.html"));
        if file == "-" {
            return Err(error::usage(ErrorCode::Outputs, "--open needs a file; name one with --output"));
        }
        Ok(Self(Some(file.clone())))
    }

    /// Opens the page, which has been written. Without a browser, the user learns where it is.
    pub fn open(self) {
        let Some(file) = self.0 else { return };
        let path = std::path::absolute(&file).unwrap_or_else(|_| Path::new(&file).to_owned());
        print_note(match opener::open_browser(&path) {
            Ok(()) => format!("opened {file} in the browser"),
            Err(_) => format!("{file} is written, but no browser can be started; open the file yourself"),
        });
    }
}
