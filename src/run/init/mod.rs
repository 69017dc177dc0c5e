//! `mucalc init`: drafts a commented configuration for a set of exports, and a layout if none matches.

mod assume;
mod configuration;
mod draft;
mod edition;
mod joined;
mod open;
mod roles;
mod summary;
mod unmatched_ids;
mod words;

use std::io::{BufRead, IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Parser as _;

use crate::error::{self, ErrorCode, Exit};
use crate::run::inputs::named_files;
use crate::run::inspect::{look_at, look_in};
use crate::run::inspection::LookedAt;
use crate::run::output::{OutputFile, to_stdout};
use crate::run::report::{ReportArgs, report};
use crate::run::terminal::print_note;
use configuration::{ConfigurationParts, OwnLayout, configuration};
use draft::{Draft, layout_text};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::Inspection;
use mucalc_core::domain::period::Period;
use mucalc_core::domain::text::{escape_control, is_control, pluralize};
use mucalc_options::{RuleSetId, TextEncoding, Written, Zone, one_of};
use mucalc_read::joins::completes;
use mucalc_read::layout::{CANONICAL, Layout, file};
use mucalc_report::{ViewFormat, json};
use open::open;
use roles::{holds, role_of, vendor};
use unmatched_ids::{UnmatchedIds, unmatched_ids};
use words::{CertifiedAnswers, unknown_channels};

/// The arguments of `mucalc init`. What they lack is asked on a terminal, or left to be filled in.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  mucalc init exports/*
  mucalc init --period 2014Q3 --timezone America/New_York \\
         encounters.csv messages.csv
  mucalc init --period 2014Q3 --certified \"Patient Portal\" visits.xlsx

On a terminal, `init` asks for missing settings. Otherwise, it marks them NEEDED in the file.")]
pub struct InitArgs {
    /// Exports: paths and patterns
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Layout of the exports: a built-in name, or a file [default: the best match]
    #[arg(long, value_name = "NAME|FILE")]
    layout: Option<String>,
    /// Encoding of text that is not UTF-8 and has no byte order mark, for example windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<Written<TextEncoding>>,
    /// EHR reporting period, for example 2014Q3, 2014, or 2014-07-01..2014-09-30
    #[arg(long, value_name = "PERIOD")]
    period: Option<Written<Period>>,
    /// Rule set to apply, or its year [default: that of the period's year]
    #[arg(long, value_name = "ID")]
    edition: Option<Written<RuleSetId>>,
    /// Allow a rule set whose program years do not include the period
    #[arg(long)]
    any_year: bool,
    /// Channel that is the electronic messaging function of CEHRT, as the export writes it; repeatable
    #[arg(long, value_name = "VALUE")]
    certified: Vec<String>,
    /// Channel that is not the electronic messaging function of CEHRT; repeatable
    #[arg(long, value_name = "VALUE")]
    not_certified: Vec<String>,
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
    /// Format of the summary of the draft; json asks no questions and runs no report [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<ViewFormat>())]
    format: Option<ViewFormat>,
}

/// Drafts a configuration, and a layout if none matches the exports.
///
/// # Errors
/// If no export can be read, or if the configuration already exists or cannot be written.
pub fn init(mut asked: InitArgs) -> anyhow::Result<Exit> {
    let is_json = asked.format == Some(ViewFormat::Json);
    let asks = !asked.yes && !is_json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !asked.force && Path::new(&asked.output).exists() {
        let message = format!(
            "{} already exists; add --force to replace it, or --output to name another",
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
    if let Some(word) = asked.certified.iter().find(|word| asked.not_certified.contains(word)) {
        let message = format!("--certified and --not-certified both name {}; keep one", escape_control(word));
        return Err(error::usage(ErrorCode::Choice, message));
    }
    let (mut looked, failed) =
        look_at(&asked.files, asked.layout.as_deref(), asked.encoding.as_deref().copied())?;
    joined::complete(&mut looked);
    let folder = Path::new(&asked.output).parent().unwrap_or(Path::new("")).to_owned();
    let draft = asked.layout.is_none().then(|| Draft::new(&looked, &asked.certified));
    let own = draft.as_ref().and_then(layout_text).map(|text| OwnLayout {
        path: folder.join("mucalc-layout.toml").to_string_lossy().into_owned(),
        roles: draft.iter().flat_map(|draft| &draft.tables).map(|table| table.role).collect(),
        text,
    });
    let seen = read_by_draft(&asked, looked, draft.as_ref(), own.as_ref())?;
    let inspections = &seen.inspections;
    let needs_zone =
        inspections.iter().flat_map(|it| &it.columns).any(|seen| seen.zoned.is_some_and(|zoned| zoned > 0));
    if asks {
        let layout = vendor(inspections).unwrap_or_else(|| CANONICAL.to_owned());
        print_note(format!(
            "{} looked at; layout {layout}.",
            pluralize(inspections.len() as u64, "export", "exports")
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
    let unread = Unread { failed, unknown: seen.unknown };
    let joined = seen.joined;
    let answers = |words: &[String], is_certified| {
        words.iter().map(|word| (word.clone(), is_certified)).collect::<CertifiedAnswers>()
    };
    let mut certified = answers(&asked.not_certified, false);
    certified.extend(answers(&asked.certified, true));
    if asks {
        ask_for_channels(inspections, &mut certified)?;
    }
    let parts = ConfigurationParts {
        inspections,
        joined: &joined,
        unread: &unread,
        needs_zone,
        draft: draft.as_ref(),
        own: own.as_ref(),
        certified: &certified,
    };
    let configuration = configuration(&asked, &parts, &folder);
    let is_needed = |text: &str| text.contains("# NEEDED");
    let layout_needs = own.as_ref().is_some_and(|own| is_needed(&own.text));
    let is_open = is_needed(&configuration.text) || layout_needs || !is_complete(inspections);
    let output = OutputFile::check(&asked.output, configuration.has_words, exports())?;
    let mut written = vec![output.write(configuration.text.as_bytes())?];
    if let Some(OwnLayout { path, text, .. }) = &own {
        // Column names come from the export. They are cells if the export has no header.
        let layout = OutputFile::check(path, true, exports())?;
        if !asked.force && Path::new(path).exists() {
            return Err(error::usage(
                ErrorCode::Outputs,
                format!("{path} already exists; add --force to replace it"),
            ));
        }
        written.push(layout.write(text.as_bytes())?);
    }
    for file in written {
        file.commit()?;
    }
    let points = open(inspections, &seen.unmatched, draft.as_ref(), &certified);
    let exit = if unread.failed.is_empty() { Exit::Success } else { Exit::Input };
    if is_json {
        let summary = summary::summary(&asked, &parts, layout_needs, points);
        to_stdout(&json::pretty(&summary).map_err(|error| error::internal(error.to_string()))?)?;
        return Ok(exit);
    }
    print_note(format!("{} is written.", asked.output));
    for export in &unread.unknown {
        print_note(format!("not read: {}", export.why(&escape_control(&export.path))));
    }
    if let Some(own) = &own {
        print_note(format!(
            "{} is written: it says how the columns are read. Check what it proposes.",
            own.path
        ));
    }
    edition::period_note(&asked).into_iter().for_each(print_note);
    if is_open {
        for (role, column) in draft.iter().flat_map(needed_columns) {
            print_note(format!("no column was found for {column} of the {}", role.word()));
        }
        let layout = own
            .as_ref()
            .filter(|_| layout_needs)
            .map_or_else(String::new, |own| format!(" and {}", own.path));
        print_note(format!(
            "Fill in what is marked NEEDED in {}{layout}, then: mucalc validate, and mucalc report.",
            asked.output
        ));
    } else if asked.period.is_some() {
        run_report(&asked.output)?;
    }
    if !points.is_empty() {
        print_note("Still open, most consequential first:");
        points.iter().for_each(|point| print_note(format!("  - {point}")));
    }
    Ok(exit)
}

/// Returns the required columns that the draft did not find, with their role.
fn needed_columns(draft: &Draft) -> Vec<(InputRole, &'static str)> {
    let of_table = |table: &draft::TableDraft| {
        table.needed.iter().map(|(column, _)| (table.role, *column)).collect::<Vec<_>>()
    };
    draft.tables.iter().flat_map(of_table).collect()
}

/// Runs the report of the configuration that was written.
fn run_report(path: &str) -> anyhow::Result<()> {
    #[derive(clap::Parser)]
    struct OnlyReport {
        #[command(flatten)]
        args: ReportArgs,
    }
    let parsed = OnlyReport::try_parse_from(["mucalc", "--config", path]);
    let args = parsed.map_err(|error| error::internal(error.to_string()))?.args;
    report(args).map(|_| ())
}

/// The exports as the configuration reads them.
struct Seen {
    inspections: Vec<Inspection>,
    /// The ids of the messages and accesses that the encounters do not have.
    unmatched: Vec<UnmatchedIds>,
    /// Tables that built-in layouts join to the exports.
    joined: Vec<String>,
    /// Exports about which nothing says what they are.
    unknown: Vec<UnknownExport>,
}

/// An export about which nothing says what it is.
struct UnknownExport {
    path: String,
    /// Whether it has a line with the names of its columns.
    has_header: bool,
}

impl UnknownExport {
    /// Returns why the export is not read, and what to do. `shown` is its name.
    fn why(&self, shown: &str) -> String {
        if self.has_header {
            format!("nothing says what {shown} is; `mucalc inspect` shows its columns")
        } else {
            format!(
                "{shown} has no line with the names of its columns; add one as the first line, or name the columns in a layout with `header = 0`"
            )
        }
    }
}

/// Exports that the configuration does not name, with the reason as a comment.
struct Unread {
    /// Those that cannot be read.
    failed: Vec<String>,
    /// Those about which nothing says what they are.
    unknown: Vec<UnknownExport>,
}

/// Inspects once more the exports that the drafted layout reads, so that their values are those that a report will see.
fn read_by_draft(
    asked: &InitArgs,
    looked: Vec<LookedAt>,
    draft: Option<&Draft>,
    own: Option<&OwnLayout>,
) -> anyhow::Result<Seen> {
    let mut seen =
        Seen { inspections: Vec::new(), unmatched: Vec::new(), joined: Vec::new(), unknown: Vec::new() };
    let folds = draft.map_or(&[][..], |draft| &draft.folds);
    seen.unmatched =
        draft.map_or_else(Vec::new, |draft| unmatched_ids(&looked, &draft.roles, &draft.tables, folds));
    let layout = match own {
        Some(own) => {
            let parsed = file::parse(&own.text)
                .map_err(|why| error::internal(format!("the draft is no layout: {why}")))?;
            Some(Layout::from_file(parsed))
        }
        None => None,
    };
    let vendors: Vec<Layout> =
        looked.iter().filter_map(|it| Layout::find(&it.inspection.layout.as_ref()?.name)).collect();
    for (at, it) in looked.into_iter().enumerate() {
        let role = draft.map_or_else(|| Some(role_of(&it.inspection)), |draft| draft.roles[at]);
        let Some(role) = role else {
            if vendors.iter().any(|layout| completes(layout, &it.header)) {
                seen.joined.push(it.inspection.path);
                continue;
            }
            seen.unknown.push(UnknownExport { path: it.inspection.path, has_header: it.has_header });
            continue;
        };
        // A workbook has several sheets, and is read once for each role.
        let known = |known: &Inspection| known.path == it.inspection.path && role_of(known) == role;
        if seen.inspections.iter().any(known) {
            continue;
        }
        let is_drafted = own.is_some_and(|own| own.roles.contains(&role));
        match layout.as_ref().filter(|_| is_drafted) {
            Some(layout) => {
                let encoding = asked.encoding.as_deref().copied();
                seen.inspections.extend(look_in(&it.inspection.path, layout, role, encoding)?);
            }
            None => seen.inspections.push(it.inspection),
        }
    }
    Ok(seen)
}

/// Returns whether both kinds of exports exist, and at most one roster.
fn is_complete(inspections: &[Inspection]) -> bool {
    let has = |role| inspections.iter().any(|it| holds(it, role));
    let rosters = inspections.iter().filter(|it| role_of(it) == InputRole::Roster).count();
    has(InputRole::Encounters) && (has(InputRole::Messages) || has(InputRole::Accesses)) && rosters < 2
}

/// Asks of each channel that only the practice knows whether it is the messaging function of the certified EHR.
fn ask_for_channels(inspections: &[Inspection], certified: &mut CertifiedAnswers) -> anyhow::Result<()> {
    let open = unknown_channels(inspections).into_iter().filter(|(word, _)| !certified.contains_key(word));
    for (word, rows) in open.take(MAX_CHANNELS).collect::<Vec<_>>() {
        let rows = pluralize(rows, "message", "messages");
        let question = format!(
            "Is `{word}` ({rows}) the messaging function of the certified EHR? yes or no (empty: later)"
        );
        loop {
            let answer = ask(&question, "")?.unwrap_or_default().to_lowercase();
            match answer.as_str() {
                "" => break,
                "y" | "yes" | "n" | "no" => {
                    certified.insert(word, answer.starts_with('y'));
                    break;
                }
                _ => print_note("error: answer yes or no"),
            }
        }
    }
    Ok(())
}

/// Maximum number of channels that are asked about.
const MAX_CHANNELS: usize = 5;

/// Asks on the terminal until the answer is valid. `None` if it is empty.
fn ask_for<T: FromStr<Err: std::fmt::Display>>(question: &str) -> anyhow::Result<Option<Written<T>>> {
    loop {
        let Some(answer) = ask(question, "")? else { return Ok(None) };
        match answer.parse() {
            Ok(value) => return Ok(Some(value)),
            Err(error) => print_note(format!("error: {error}")),
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
    if !text.chars().any(is_control) {
        return toml::Value::String(text.to_owned()).to_string();
    }
    let inside = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if is_control(c) => format!("\\u{:04X}", u32::from(c)),
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
            assert!(!written.chars().any(is_control), "{written:?}");
        }
    }
}
