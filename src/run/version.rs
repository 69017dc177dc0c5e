//! The output of `mucalc --version --verbose`: what is built in, so that two programs can be told apart years later.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use mucalc_core::domain::report::SCHEMA_VERSION;
use mucalc_core::domain::text::hex;
use mucalc_core::edition;
use mucalc_read::layout::{self, Layout};

/// Returns the version and what is built in.
pub fn version() -> String {
    let mut text = String::new();
    let features = if cfg!(feature = "spark") { "spark" } else { "none" };
    // Writing to a string does not fail.
    let _ = writeln!(text, "{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let _ = writeln!(text, "features: {features}");
    let _ = writeln!(text, "system: {} {}", std::env::consts::ARCH, std::env::consts::OS);
    let _ = writeln!(text, "schema of documents: {SCHEMA_VERSION}");
    let _ = writeln!(text, "\neditions, by the SHA-256 of their rules:");
    for edition in edition::all() {
        let _ = writeln!(text, "  {:21} {}", edition.id, edition.sha256);
    }
    let _ = writeln!(text, "\nlayouts, by the SHA-256 of their files:");
    for name in Layout::names() {
        if let Some(file) = layout::file::built_in_text(&name) {
            let _ = writeln!(text, "  {name:21} {}", hex(&Sha256::digest(file)));
        }
    }
    text
}
