//! Removes environment variables that would change how libraries behave.

use std::env;
use std::process::Command;

/// Restarts the program without the settings of polars (`POLARS_...`), if any are set. They are meant for programs that show data frames,
/// and some of them make polars end the program. Returns only if none is set or the program cannot be restarted.
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
        // `exec` returns only if it fails. The settings then stay in effect.
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
