//! Small libraries that are loaded before the C library, to simulate the conditions of a computer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Returns the library compiled from `tests/it/support/NAME.c`.
pub fn library(name: &'static str) -> &'static Path {
    static BUILT: Mutex<BTreeMap<&str, &Path>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    built.entry(name).or_insert_with(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        // Several test processes may compile it at the same time.
        let (library, mine) =
            (folder.join(format!("{name}.so")), folder.join(format!("{name}-{}.so", std::process::id())));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/support/{name}.c"));
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).arg(&mine).arg(source).arg("-ldl");
        assert!(compiler.status().unwrap().success(), "the C compiler that the build needs too");
        std::fs::rename(mine, &library).unwrap();
        Box::leak(library.into_boxed_path())
    })
}
