//! `mucalc inspect`: shows what an export contains, and how a report would read it.

use std::fmt::Write;
use std::path::PathBuf;

use crate::error::{self, Exit};
use crate::run::head::tool;
use crate::run::inputs::{self, named_files};
use crate::run::inspection::{LookedAt, add_overlaps, inspect_input, look_as_role};
use crate::run::layouts;
use crate::run::output::OutputFile;
use crate::run::settings;
use crate::run::terminal::{print_note, style};
use crate::run::write_outputs::write;
use crate::run::{interrupt, progress_bar};
use mucalc_core::domain::assumption::Acknowledged;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::Inspection;
use mucalc_options::{ColorChoice, TextEncoding, Written, one_of};
use mucalc_read::layout::{CANONICAL, Layout};
use mucalc_read::{BlockLimits, DayRange, Days, IdRules, InputSource, ReadContext, Times, Unassumed};
use mucalc_report::{PageFormat, inspection};

/// The arguments of `mucalc inspect`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  mucalc inspect exports/*
  mucalc inspect --layout epic-ehi PAT_ENC.tsv MYC_MESG.tsv
  mucalc inspect --format json messages.ndjson.gz

For columns with a short list of values, `inspect` shows the values and how often each occurs. It shows no other cell, \
only its shape: digits as 9, letters as A.")]
pub struct InspectArgs {
    /// Exports: paths and patterns; not standard input, since they are read twice
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,
    /// Layout to apply: a built-in one, or a file [default: the one that matches best]
    #[arg(long, value_name = "NAME|FILE")]
    layout: Option<String>,
    /// Encoding of text that is not UTF-8 and has no byte order mark, for example windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<Written<TextEncoding>>,
    /// Format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<PageFormat>())]
    format: Option<PageFormat>,
    /// Write the description to this file instead of standard output
    #[arg(short, long, value_name = "PATH")]
    output: Option<String>,
}

/// Shows what exports contain.
///
/// # Errors
/// If an export cannot be read.
pub fn inspect(args: &InspectArgs) -> anyhow::Result<Exit> {
    let encoding = args.encoding.as_deref().copied();
    let (mut looked, failed) = look_at(&args.files, args.layout.as_deref(), encoding)?;
    add_overlaps(&mut looked);
    let inspections: Vec<Inspection> = looked.into_iter().map(|it| it.inspection).collect();
    let format = args.format.unwrap_or_default();
    let text = match format {
        PageFormat::Json => {
            inspection::json(&inspections).map_err(|error| error::internal(error.to_string()))?
        }
        PageFormat::Table => {
            inspection::text(&inspections, style(ColorChoice::default(), args.output.is_some())).into_bytes()
        }
        PageFormat::Html => {
            inspection::html(&inspections, &tool()).map_err(|error| error::internal(error.to_string()))?
        }
    };
    let exports = named_files(args.files.iter());
    let output = args.output.as_deref().filter(|path| *path != "-");
    let output = output.map(|path| OutputFile::check(path, false, exports.iter().map(PathBuf::as_path)));
    write(output.transpose()?.as_ref(), &text, None)?;
    Ok(if failed.is_empty() { Exit::Success } else { Exit::Input })
}

/// Returns the built-in layouts as Markdown, for `docs/layouts.md`.
pub fn layouts() -> String {
    let mut text = String::new();
    for layout in Layout::all().into_iter().filter(|layout| layout.name != CANONICAL) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "### {}\n\n{}.\n", layout.name, layout.title);
        for role in [InputRole::Encounters, InputRole::Messages] {
            let _ = match &layout.input(role).table {
                Some(table) => {
                    writeln!(
                        text,
                        "- {}: `{}`",
                        role.word(),
                        table.source.as_deref().unwrap_or("as it comes")
                    )
                }
                None => writeln!(text, "- {}: none; our own columns are read", role.word()),
            };
        }
        text.push('\n');
        for note in &layout.notes {
            let _ = writeln!(text, "- {note}");
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Inspects exports, given by paths and patterns. An export that cannot be read does not hide the others: the paths of such exports are
/// returned, after a message about each.
///
/// # Errors
/// If no export can be read, or the layout is unknown.
pub fn look_at(
    files: &[String],
    layout: Option<&str>,
    encoding: Option<TextEncoding>,
) -> anyhow::Result<(Vec<LookedAt>, Vec<String>)> {
    let layout = layout.map(|name| layouts::layout(name, &layouts::LayoutTexts::new())).transpose()?;
    let sources = inputs::expand("exports", files)?;
    let looked =
        read_each(&sources, encoding, |source, reading| inspect_input(source, reading, layout.as_ref()))?;
    let (mut seen, mut failed, mut first) = (Vec::new(), Vec::new(), None);
    for (source, looked) in sources.iter().zip(looked) {
        match looked {
            Ok(looked) => seen.extend(looked),
            // A usage error concerns all files.
            Err(error) if error::explained(&error).exit != Exit::Input => return Err(error),
            Err(error) => {
                if sources.len() > 1 {
                    print_note(format!("error: {}", error::text(&error)));
                }
                failed.push(source.name.clone());
                first.get_or_insert(error);
            }
        }
    }
    match first {
        Some(error) if seen.is_empty() => Err(error),
        _ => Ok((seen, failed)),
    }
}

/// Inspects an export as a layout reads it in a role.
///
/// # Errors
/// If the export cannot be read.
pub fn look_in(
    file: &str,
    layout: &Layout,
    role: InputRole,
    encoding: Option<TextEncoding>,
) -> anyhow::Result<Vec<Inspection>> {
    let sources = inputs::expand("exports", &[file.to_owned()])?;
    let looked =
        read_each(&sources, encoding, |source, reading| look_as_role(source, reading, layout, role))?;
    looked.into_iter().map(|looked| Ok(looked?.inspection)).collect()
}

/// Reads each of some exports with a progress bar.
///
/// # Errors
/// If the run is interrupted.
fn read_each<T>(
    sources: &[InputSource],
    encoding: Option<TextEncoding>,
    read: impl Fn(&InputSource, &ReadContext<'_>) -> T,
) -> anyhow::Result<Vec<T>> {
    let encoding = encoding.map(|encoding| encoding.0);
    let bar = progress_bar::bar(sources.iter(), false);
    let step = |step| bar.step(step);
    let id_rules = IdRules::default();
    let reading = ReadContext {
        threads: settings::threads(None),
        limits: BlockLimits::default(),
        places: false,
        ids: false,
        repeated: None,
        digest: false,
        encoding,
        zone: None,
        id_rules: &id_rules,
        days: Days::default(),
        range: DayRange::default(),
        unassumed: Unassumed::default(),
        acknowledged: Acknowledged::default(),
        joins: None,
        begun: None,
        times: Times::Once,
        progress: &step,
        cancelled: interrupt::install(sources.iter().any(InputSource::is_pipe)),
    };
    let looked = sources.iter().map(|source| read(source, &reading)).collect();
    bar.finish();
    interrupt::reading_is_done();
    interrupt::check()?;
    Ok(looked)
}
