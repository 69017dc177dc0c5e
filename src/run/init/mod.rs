//! `mucalc init`: drafts a commented configuration for a set of exports, and a layout if none matches.

mod assume;
mod configuration;
mod edition;
mod roles;
mod skeleton;
mod trade;
mod words;

use std::io::{BufRead, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::{self, ErrorCode, Exit};
use crate::options::{RuleSetId, TextEncoding, Written, Zone};
use crate::run::inputs::named_files;
use crate::run::inspect::look_at;
use crate::run::output::OutputFile;
use crate::run::terminal::say;
use configuration::configuration;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::Inspection;
use mucalc_core::domain::period::Period;
use mucalc_core::domain::text::{counted, is_obeyed};
use mucalc_read::layout::CANONICAL;
use roles::{holds, needs_layout, role_of, vendor, vendors_of};
use skeleton::skeleton;

/// The arguments of `mucalc init`. What they lack is asked on a terminal, or left to be filled in.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  mucalc init exports/*
  mucalc init --period 2014Q3 --timezone America/New_York \\
         encounters.csv messages.csv

What is not said is asked on a terminal; elsewhere it is left to be filled in, marked NEEDED.")]
pub struct InitArgs {
    /// Exports: paths and patterns
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Layout of the exports: a built-in one, or a file [default: the one that matches best]
    #[arg(long, value_name = "NAME|FILE")]
    layout: Option<String>,
    /// Encoding of text that is not UTF-8 and has no byte order mark, for example windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<Written<TextEncoding>>,
    /// Reporting period
    #[arg(long, value_name = "PERIOD")]
    period: Option<Written<Period>>,
    /// Rule set to apply, or its year [default: that of the period's year]
    #[arg(long, value_name = "ID")]
    edition: Option<Written<RuleSetId>>,
    /// Apply the rule set also to a period of a year that it is not for
    #[arg(long)]
    any_year: bool,
    /// Practice time zone
    #[arg(long, value_name = "IANA")]
    timezone: Option<Written<Zone>>,
    /// Configuration to write
    #[arg(short, long, value_name = "PATH", default_value = "mucalc.toml")]
    output: String,
    /// Replace an existing configuration
    #[arg(long)]
    force: bool,
    /// Ask no questions
    #[arg(short, long)]
    yes: bool,
}

/// Drafts a configuration, and a layout if none matches the exports.
///
/// # Errors
/// If no export can be read, or if the configuration already exists or cannot be written.
pub fn init(mut asked: InitArgs) -> anyhow::Result<Exit> {
    let asks = !asked.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !asked.force && Path::new(&asked.output).exists() {
        let message = format!(
            "{} is there already; add --force to replace it, or --output to name another",
            asked.output
        );
        return Err(error::usage(ErrorCode::Outputs, message));
    }
    if asked.output == "-" {
        return Err(error::usage(
            ErrorCode::Outputs,
            "init writes a file and not to standard output; name one with --output, for example --output draft.toml",
        ));
    }
    if asked.files.is_empty() {
        let answer = if asks { ask("Exports, separated by blanks", "")? } else { None };
        asked.files = answer.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    }
    if asked.files.is_empty() {
        return Err(error::usage(
            ErrorCode::InputNeeded,
            "no exports are named; add their paths, for example mucalc init exports/*",
        ));
    }
    let inspections = recognised(look_at_each(&asked)?);
    let needs_zone =
        inspections.iter().flat_map(|it| &it.columns).any(|seen| seen.zoned.is_some_and(|zoned| zoned > 0));
    if asks {
        let layout = vendor(&inspections).unwrap_or_else(|| CANONICAL.to_owned());
        say(format!(
            "{} looked at; layout {layout}.",
            counted(inspections.len() as u64, "export", "exports")
        ));
        if asked.period.is_none() {
            asked.period =
                ask_for("Reporting period, such as 2014Q3 or 2014-07-01..2014-09-30 (empty: later)")?;
        }
        if asked.timezone.is_none() && needs_zone {
            asked.timezone = ask_for(
                "Time zone of the practice, since times name zones, such as America/New_York (empty: later)",
            )?;
        }
    }
    match asked.edition.is_none() && asks {
        true => edition::ask_for_edition(&mut asked)?,
        false => edition::check(&asked)?,
    }

    let named = named_files(asked.files.iter());
    let exports = || named.iter().map(PathBuf::as_path);
    let folder = Path::new(&asked.output).parent().unwrap_or(Path::new("")).to_owned();
    let own = (asked.layout.is_none() && needs_layout(&inspections))
        .then(|| folder.join("mucalc-layout.toml").to_string_lossy().into_owned());
    let configuration = configuration(&asked, &inspections, needs_zone, own.is_some(), &folder);
    let is_open = configuration.text.contains("# NEEDED") || !is_whole(&inspections);
    let output = OutputFile::check(&asked.output, configuration.has_words, exports())?;
    let mut written = vec![output.write(configuration.text.as_bytes())?];
    if let Some(path) = &own {
        // Column names come from the export. They are cells if the export has no header.
        let layout = OutputFile::check(path, true, exports())?;
        if !asked.force && Path::new(path).exists() {
            return Err(error::usage(
                ErrorCode::Outputs,
                format!("{path} is there already; add --force to replace it"),
            ));
        }
        written.push(layout.write(skeleton(&inspections).as_bytes())?);
    }
    for file in written {
        file.commit()?;
    }
    say(format!("{} is written.", asked.output));
    edition::period_note(&asked).into_iter().for_each(say);
    if let Some(path) = own {
        say(format!(
            "No layout fits all of the exports: fill in {path}, then look again with mucalc inspect --layout {path}."
        ));
    } else if !is_open {
        say("Next: mucalc validate, then mucalc report.");
    } else {
        say("Fill in what is marked NEEDED there, then: mucalc validate, and mucalc report.");
    }
    Ok(Exit::Success)
}

/// Inspects each file separately. Leaves out files that cannot be read, with a message, unless none can be read.
fn look_at_each(asked: &InitArgs) -> anyhow::Result<Vec<Inspection>> {
    let (mut seen, mut first) = (Vec::new(), None);
    for file in &asked.files {
        match look_at(std::slice::from_ref(file), asked.layout.as_deref(), asked.encoding.as_deref().copied())
        {
            Ok(inspections) => seen.extend(inspections),
            // An interruption or a usage error concerns all files.
            Err(error) if error::explained(&error).exit != Exit::Input => return Err(error),
            Err(error) => {
                if asked.files.len() > 1 {
                    say(format!("left out: {}", error::text(&error)));
                }
                first.get_or_insert(error);
            }
        }
    }
    match first {
        Some(error) if seen.is_empty() => Err(error),
        _ => Ok(seen),
    }
}

/// Returns the exports that some layout matches, or all if none does. A folder of exports may contain other files.
fn recognised(inspections: Vec<Inspection>) -> Vec<Inspection> {
    let (known, others): (Vec<_>, Vec<_>) = inspections.into_iter().partition(|it| it.layout.is_some());
    if known.is_empty() {
        return others;
    }
    for it in others {
        say(format!("left out: {}: no layout knows its columns; `mucalc inspect` says more", it.path));
    }
    known
}

/// Returns whether both kinds of exports exist, with at most one vendor per kind and at most one roster.
fn is_whole(inspections: &[Inspection]) -> bool {
    let has = |role| inspections.iter().any(|it| holds(it, role));
    let rosters = inspections.iter().filter(|it| role_of(it) == InputRole::Roster).count();
    let one_each = InputRole::ALL.into_iter().all(|role| vendors_of(inspections, role).len() < 2);
    has(InputRole::Encounters)
        && (has(InputRole::Messages) || has(InputRole::Accesses))
        && one_each
        && rosters < 2
}

/// Asks on the terminal until the answer is valid. `None` if it is empty.
fn ask_for<T: FromStr<Err: std::fmt::Display>>(question: &str) -> anyhow::Result<Option<Written<T>>> {
    loop {
        let Some(answer) = ask(question, "")? else { return Ok(None) };
        match answer.parse() {
            Ok(value) => return Ok(Some(value)),
            Err(error) => say(format!("error: {error}")),
        }
    }
}

/// Asks on the terminal. An empty answer means `supposed`, or `None` if that is empty too.
fn ask(question: &str, supposed: &str) -> anyhow::Result<Option<String>> {
    let hint = if supposed.is_empty() { String::new() } else { format!(" [{supposed}]") };
    let mut stderr = std::io::stderr();
    let mut answer = String::new();
    let asked = write!(stderr, "{question}{hint}: ").and_then(|()| stderr.flush());
    asked
        .and_then(|()| std::io::stdin().lock().read_line(&mut answer))
        .map_err(|error| error::internal(error.to_string()))?;
    let answer = match answer.trim() {
        "" => supposed,
        answer => answer,
    };
    Ok(Some(answer.to_owned()).filter(|answer| !answer.is_empty()))
}

/// Quotes a text for TOML, with escapes for characters that control a terminal.
fn quoted(text: &str) -> String {
    if !text.chars().any(is_obeyed) {
        return toml::Value::String(text.to_owned()).to_string();
    }
    let inside = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if is_obeyed(c) => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", inside.collect::<String>())
}

/// Returns the path of a layout file relative to a folder. The name of a built-in layout is returned unchanged.
fn relative_layout(layout: &str, folder: &Path) -> String {
    if mucalc_read::layout::Layout::names().iter().any(|name| name == layout) {
        layout.to_owned()
    } else {
        relative(layout, folder)
    }
}

/// Returns a path relative to a folder, or absolute if it is outside the folder.
fn relative(path: &str, folder: &Path) -> String {
    Path::new(path)
        .strip_prefix(folder)
        .map_or_else(|_| absolute(path, folder), |path| path.to_string_lossy().into_owned())
}

fn absolute(path: &str, folder: &Path) -> String {
    if folder.as_os_str().is_empty() {
        path.to_owned()
    } else {
        std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_is_read_as_it_was() {
        for text in ["plain", "it's \"so\"", "C:\\exports", "a\u{1b}]0;x\u{7}\u{9b}\u{202e}\"\\\n\tb", ""] {
            let written = format!("key = {}", quoted(text));
            let read: toml::Table = written.parse().unwrap_or_else(|error| panic!("{written}: {error}"));
            assert_eq!(read["key"].as_str(), Some(text), "{written}");
            assert!(!written.chars().any(is_obeyed), "{written:?}");
        }
    }
}
