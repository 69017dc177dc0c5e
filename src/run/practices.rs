//! Runs a command for each of several practices: one document for each, and a table of all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::error::{self, ErrorCode, Exit, explained};
use crate::run::config;
use crate::run::head::tool;
use crate::run::output::to_stdout;
use crate::run::terminal::{print_note, style};
use mucalc_core::domain::roll_up::{PracticeCounts, PracticeRun, RollUp};
use mucalc_core::domain::text::escape_control;
use mucalc_options::{ConfigArgs, ConfigSource, Configuration, PracticeKey};
use mucalc_report::{RollUpFormat, roll_up};

/// The arguments of a command that can run for several practices.
pub trait PracticeArgs: Clone {
    /// The name of the command.
    const COMMAND: &'static str;

    /// Returns which configuration to read.
    fn config(&mut self) -> &mut ConfigArgs;

    /// Returns the path of the document; for several practices, of the folder for their documents.
    fn output(&mut self) -> &mut Option<String>;

    /// Returns the name of the format, if it is given.
    fn format(&self) -> Option<&'static str>;

    /// Returns a flag that applies to one practice, if one is given.
    fn of_one_practice(&self) -> Option<&'static str>;
}

/// The end of a command for one practice.
pub struct PracticeOutcome {
    /// The exit code.
    pub exit: Exit,
    /// The counts of a report.
    pub counts: Option<PracticeCounts>,
}

impl From<Exit> for PracticeOutcome {
    fn from(exit: Exit) -> Self {
        Self { exit, counts: None }
    }
}

/// A practice, and where its configuration is.
struct ListedPractice {
    name: String,
    source: ConfigSource,
    path: PathBuf,
}

/// Runs a command once, or for each practice if the configuration lists several. A practice that fails does not keep the others from running.
///
/// # Errors
/// If the practices cannot be found, or flags are about one practice; otherwise what the only run fails with.
pub fn for_each<A: PracticeArgs>(
    mut args: A,
    run: impl Fn(A) -> anyhow::Result<PracticeOutcome>,
) -> anyhow::Result<Exit> {
    let Some(practices) = find_practices(&args.config().clone().source())? else {
        return Ok(run(args)?.exit);
    };
    let usage = |message: String| error::usage(ErrorCode::Choice, message);
    if let Some(flag) = args.of_one_practice() {
        return Err(usage(format!(
            "{flag} applies to one practice, and there are several; omit it, or name the configuration of one with --config"
        )));
    }
    let (folder, format) = (args.output().take(), args.format().unwrap_or("table"));
    if folder.is_none() && format != "table" {
        return Err(usage(format!(
            "several practices make several documents; name a folder for them, for example --format {format} --output {}s",
            A::COMMAND
        )));
    }
    if let Some(folder) = &folder {
        std::fs::create_dir_all(folder).map_err(|error| {
            error::file(ErrorCode::Unwritable, format!("no folder can be made: {}", error.kind()), folder)
        })?;
    }
    let mut runs = Vec::new();
    for practice in practices {
        let mut own = args.clone();
        *own.config() = ConfigArgs::from_source(practice.source);
        let document = folder.as_ref().map(|folder| document(folder, &practice.name, format));
        own.output().clone_from(&document);
        if document.is_none() {
            to_stdout(heading(&practice.name).as_bytes())?;
        }
        let (outcome, failed) = match run(own) {
            Ok(outcome) => (outcome, None),
            Err(failed) => {
                let told = explained(&failed);
                if told.exit == Exit::Interrupted {
                    return Err(failed);
                }
                print_note(format!("error: {}: {}", escape_control(&practice.name), error::text(&failed)));
                (told.exit.into(), Some(error::text(&failed)))
            }
        };
        if document.is_none() {
            to_stdout(b"\n")?;
        }
        runs.push(PracticeRun {
            name: practice.name,
            config: practice.path.to_string_lossy().into_owned(),
            document: document.filter(|path| Path::new(path).exists()),
            exit_code: outcome.exit.code(),
            error: failed,
            result: outcome.counts,
        });
    }
    let worst = runs.iter().map(|run| run.exit_code).max().unwrap_or_default();
    let all = RollUp {
        schema_version: mucalc_core::domain::report::SCHEMA_VERSION,
        tool: tool(),
        command: A::COMMAND,
        practices: runs,
        exit_code: worst,
    };
    let format = if format == "json" { RollUpFormat::Json } else { RollUpFormat::Table };
    let text =
        roll_up::render(&all, format, style(Default::default(), false)).map_err(error::from_render_error)?;
    to_stdout(&text)?;
    Ok(Exit::ALL.iter().copied().find(|exit| exit.code() == worst).unwrap_or(Exit::Internal))
}

/// Returns the practices that a configuration lists. `None` if it is that of one practice.
fn find_practices(which: &ConfigSource) -> anyhow::Result<Option<Vec<ListedPractice>>> {
    if let ConfigSource::Named(folder) = which
        && folder.is_dir()
    {
        return find_in_folder(folder).map(Some);
    }
    let (options, path) = config::read(which)?;
    let (PracticeKey::Several(entries), Some(path)) = (&options.file.practice, path) else { return Ok(None) };
    config::check_shared(&path)?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut names = BTreeSet::new();
    let practice = |entry: &mucalc_options::PracticeEntry| {
        if !names.insert(file_name(&entry.name)) {
            let message = format!(
                "{}: two practices are called `{}`; give each a name of its own",
                path.display(),
                escape_control(&entry.name)
            );
            return Err(error::usage(ErrorCode::Configuration, message));
        }
        let own = folder.join(&entry.config);
        let own = if own.is_dir() { own.join(config::NAME) } else { own };
        let shared = Box::new(Configuration { file: Default::default(), ..options.clone() });
        let source = ConfigSource::Practice { path: own.clone(), shared };
        Ok(ListedPractice { name: entry.name.clone(), source, path: own })
    };
    entries.iter().map(practice).collect::<Result<_, _>>().map(Some)
}

/// Returns the practices of a folder: each of its folders with a configuration, sorted by name.
fn find_in_folder(folder: &Path) -> anyhow::Result<Vec<ListedPractice>> {
    let shown = folder.to_string_lossy();
    let fail =
        |why: String| error::usage(ErrorCode::Configuration, format!("{}: {why}", escape_control(&shown)));
    let read =
        std::fs::read_dir(folder).map_err(|error| fail(format!("cannot be read: {}", error.kind())))?;
    let mut paths: Vec<PathBuf> =
        read.flatten().map(|entry| entry.path().join(config::NAME)).filter(|path| path.is_file()).collect();
    paths.sort();
    if paths.is_empty() {
        return Err(fail(format!("no folder in it has a {}; name a configuration", config::NAME)));
    }
    let practice = |path: PathBuf| {
        let own = path.parent().and_then(Path::file_name).unwrap_or_default();
        let name = own.to_string_lossy().into_owned();
        ListedPractice { name, source: ConfigSource::Named(path.clone()), path }
    };
    Ok(paths.into_iter().map(practice).collect())
}

/// Returns the name of a practice above its document.
fn heading(name: &str) -> String {
    let name = escape_control(name);
    format!("{name}\n{}\n\n", "=".repeat(name.chars().count()))
}

/// Returns the path of the document of a practice.
fn document(folder: &str, name: &str, format: &str) -> String {
    let extension = match format {
        "table" | "github" => "txt",
        "junit" => "xml",
        "handouts" => "handouts.html",
        format => format,
    };
    Path::new(folder).join(format!("{}.{extension}", file_name(name))).to_string_lossy().into_owned()
}

/// Returns the name of a practice as part of a file name.
fn file_name(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() { c.to_lowercase().next().unwrap_or(c) } else { '-' })
        .collect();
    plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
