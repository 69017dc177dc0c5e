//! Checksums of every output of the program with its exit code, to check that a change affects no output.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::runs::{self, Run};

/// Writes the checksums of all outputs to a file, one line each: checksum, exit code, two spaces, and the run.
///
/// # Errors
/// If the program cannot be run, or the file cannot be written.
pub fn save(file: &Path, program: &Path) -> Result<ExitCode> {
    let digests = digests(program)?;
    let lines: String = digests.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect();
    fs::write(file, lines).with_context(|| format!("writing {}", file.display()))?;
    println!("{} outputs", digests.len());
    Ok(ExitCode::SUCCESS)
}

/// Lists the outputs that differ from those in a file, and fails if there are any.
///
/// # Errors
/// If the program cannot be run, or the file cannot be read.
pub fn compare(file: &Path, program: &Path) -> Result<ExitCode> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let before: BTreeMap<&str, &str> =
        text.lines().filter_map(|line| line.split_once("  ")).map(|(digest, name)| (name, digest)).collect();
    let now = digests(program)?;
    let missing =
        before.keys().filter(|name| !now.contains_key(**name)).map(|name| format!("gone     {name}"));
    let changed = now.iter().filter_map(|(name, digest)| match before.get(name.as_str()) {
        Some(known) if known == digest => None,
        Some(_) => Some(format!("changed  {name}")),
        None => Some(format!("new      {name}")),
    });
    let differences: Vec<String> = missing.chain(changed).collect();
    differences.iter().for_each(|line| println!("{line}"));
    println!("{} outputs, {} differences", now.len(), differences.len());
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns the checksum and exit code of each output, by its name.
fn digests(program: &Path) -> Result<BTreeMap<String, String>> {
    let program = program.canonicalize().with_context(|| format!("finding {}", program.display()))?;
    // The program writes its own name to some outputs, so the copy must have the same name.
    let bin = tempfile::tempdir()?;
    fs::copy(&program, bin.path().join("mucalc"))?;
    let folders = runs::folders()?;
    let (next, all) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || -> Result<()> {
        while let Some(folder) = folders.get(next.fetch_add(1, Ordering::Relaxed)) {
            let here = tempfile::tempdir()?;
            for run in &folder.runs {
                let digest = digest(&bin.path().join("mucalc"), here.path(), folder, run)?;
                let name = format!("{}: {}", folder.name, run.words.join(" "));
                let mut all = all.lock().map_err(|_| anyhow::anyhow!("another thread failed"))?;
                if all.insert(name.clone(), digest).is_some() {
                    bail!("two runs are called {name}");
                }
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    Ok(all.into_inner().unwrap_or_default())
}

/// Returns the checksum of everything that a run writes to standard output, standard error, and files, and its exit code.
fn digest(program: &Path, here: &Path, folder: &runs::Folder, run: &Run) -> Result<String> {
    // Each run starts with the same files, plus those that an earlier run kept for it.
    for (name, bytes) in &folder.files {
        fs::write(here.join(name), bytes)?;
    }
    let before = contents(here)?;
    let output = Command::new(program)
        .args(&run.words)
        .current_dir(here)
        .env_clear()
        .env("HOME", here)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("running {}", program.display()))?;
    let mut hash = Sha256::new();
    hash.update(&output.stdout);
    hash.update(b"\n-- standard error\n");
    hash.update(&output.stderr);
    for (name, bytes) in contents(here)? {
        if before.get(&name) != Some(&bytes) {
            hash.update(format!("\n-- {name}\n"));
            hash.update(&bytes);
            if !run.keeps {
                fs::remove_file(here.join(&name))?;
            }
        }
    }
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let code = output.status.code().map_or("killed".to_owned(), |code| code.to_string());
    Ok(format!("{digest} {code}"))
}

/// Returns the files of a folder, without those in subfolders.
fn contents(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, fs::read(&path)?);
        }
    }
    Ok(files)
}
