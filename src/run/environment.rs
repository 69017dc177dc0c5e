//! What of the environment is kept from the libraries.

use std::env;
use std::process::Command;

/// Begins anew without the settings of the frame library (`POLARS_...`), if there are any: they are made for programs that show frames, and
/// the library ends a program over some of them. Returns only if there are none, or the program cannot begin anew.
pub fn without_foreign_settings() {
    let foreign: Vec<_> = env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.as_encoded_bytes().starts_with(b"POLARS_"))
        .collect();
    let Ok(program) = env::current_exe() else { return };
    if foreign.is_empty() {
        return;
    }
    let mut again = Command::new(program);
    let mut words = env::args_os();
    let name = words.next();
    again.args(words);
    for name in foreign {
        again.env_remove(name);
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        if let Some(name) = name {
            again.arg0(name);
        }
        // It returns only if it fails; then the settings are taken as they are.
        let _ = again.exec();
    }
    #[cfg(not(unix))]
    {
        drop(name);
        if let Ok(status) = again.status() {
            std::process::exit(status.code().unwrap_or(70));
        }
    }
}
