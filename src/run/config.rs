//! Reads `mucalc.toml`: the same options as the flags, and the tables that map values of exports.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::{self, ErrorCode};
use crate::run::bounded_read;
use mucalc_core::domain::text::did_you_mean;
use mucalc_core::edition::EditionError;
use mucalc_options::{ConfigSource, Configuration, shared_keys};

/// Name of the file that is read if it is in the working directory.
pub const NAME: &str = "mucalc.toml";

/// Reads the configuration. Also returns the path of the file that was read.
///
/// # Errors
/// If a named file does not exist, or if the file cannot be read or contains an unknown key or an invalid value.
pub fn read(which: &ConfigSource) -> anyhow::Result<(Configuration, Option<PathBuf>)> {
    let path = match which {
        ConfigSource::None => return Ok((Configuration::default(), None)),
        ConfigSource::Found if !Path::new(NAME).exists() => return Ok((Configuration::default(), None)),
        ConfigSource::Found => PathBuf::from(NAME),
        ConfigSource::Named(path) | ConfigSource::Practice { path, .. } => path.clone(),
    };
    let shown = path.display();
    let text = bounded_read::text(&path).map_err(|error| {
        error::usage(ErrorCode::Configuration, format!("{shown}: {}", bounded_read::trouble(&error)))
    })?;
    let options = Configuration::parse(&text).map_err(|error| {
        let (place, why) = (place(&text, error.span), explain(&error.message));
        error::usage(ErrorCode::Configuration, format!("{shown}{place}: {why}"))
    })?;
    own_words(&text, &shown.to_string(), &options)?;
    if let Some(key) = paths(&options).find_map(|(key, path)| has_escape(path).then_some(key)) {
        let why = format!(
            "{shown}: a path of `{key}` has a character in it that no path has, as \"C:\\exports\" has: in double quotes a \\ and a \
             letter are one character; {PATHS}"
        );
        return Err(error::usage(ErrorCode::Configuration, why));
    }
    let options = relative_to(options, folder_of(&path));
    let options = match which {
        ConfigSource::Practice { shared, .. } => options.with_shared(shared),
        _ => options,
    };
    Ok((options, Some(path)))
}

/// Checks that a configuration that lists several practices has no other keys than those that may apply to all of them.
///
/// # Errors
/// If it has a key that applies to one practice, such as exports or the meaning of a value.
pub fn check_shared(path: &Path) -> anyhow::Result<()> {
    let shared = shared_keys();
    let own = entries(path).into_iter().find(
        |entry| matches!(entry.keys.as_slice(), [key, ..] if key != "practice" && !shared.contains(key)),
    );
    let Some(entry) = own else { return Ok(()) };
    let message = format!(
        "{}:{}:{}: `{}` applies to one practice, and [[practice]] lists several; write it in the configuration of each",
        path.display(),
        entry.line,
        entry.column,
        entry.keys[0]
    );
    Err(error::usage(ErrorCode::Configuration, message))
}

/// Returns the folder that the paths in a configuration are relative to.
fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// An entry of a configuration: a value or a whole table.
pub struct Entry {
    /// Key of the entry, after the keys of the tables that contain it.
    pub keys: Vec<String>,
    /// Value of the entry, if it is a text.
    pub text: Option<String>,
    /// Line where the value begins, from 1.
    pub line: usize,
    /// Column where the value begins, in characters, from 1.
    pub column: usize,
}

/// Returns the entries of a configuration, including those of its tables. The list is empty if the configuration cannot be read.
pub fn entries(path: &Path) -> Vec<Entry> {
    let text = bounded_read::text(path).unwrap_or_default();
    let mut entries = Vec::new();
    if let Ok(document) = toml::de::DeTable::parse(&text) {
        add_entries(document.get_ref(), &[], &text, &mut entries);
    }
    entries
}

fn add_entries(table: &toml::de::DeTable<'_>, above: &[String], text: &str, entries: &mut Vec<Entry>) {
    for (name, value) in table {
        let keys = [above, &[name.get_ref().to_string()]].concat();
        if let Some(inner) = value.get_ref().as_table() {
            add_entries(inner, &keys, text, entries);
        }
        let (line, column) = line_and_column(text, value.span().start);
        entries.push(Entry { keys, text: value.get_ref().as_str().map(str::to_owned), line, column });
    }
}

/// Reads a configuration as if it lacked one entry, given by its key after the keys of its tables. Without keys, reads all of it. `None` if
/// the file cannot be read or has no such entry.
pub fn read_without(path: &Path, keys: &[String]) -> Option<Configuration> {
    let mut document: toml::Table = bounded_read::text(path).ok()?.parse().ok()?;
    if let Some((key, tables)) = keys.split_last() {
        let mut table = &mut document;
        for name in tables {
            table = table.get_mut(name)?.as_table_mut()?;
        }
        table.remove(key)?;
    }
    let options = Configuration::parse(&toml::to_string(&document).ok()?).ok()?;
    Some(relative_to(options, folder_of(path)))
}

/// Checks that the tables do not give a canonical value another meaning.
fn own_words(text: &str, shown: &str, options: &Configuration) -> anyhow::Result<()> {
    for (table, list, words) in options.words.all() {
        let wrong = words.iter().find_map(|(word, meaning)| {
            let why = list.own_word(table, word, meaning)?;
            Some((word, why))
        });
        if let Some((word, why)) = wrong {
            let place = entry(text, table, word).map_or_else(String::new, |at| place(text, Some(at)));
            return Err(error::usage(ErrorCode::Configuration, format!("{shown}{place}: {why}")));
        }
    }
    Ok(())
}

/// Returns the span of an entry's key in a table.
fn entry(text: &str, table: &str, key: &str) -> Option<Range<usize>> {
    let document = toml::de::DeTable::parse(text).ok()?;
    let (_, table) = document.get_ref().iter().find(|(name, _)| name.get_ref() == table)?;
    let entries = table.get_ref().as_table()?;
    entries.iter().find(|(name, _)| name.get_ref() == key).map(|(name, _)| name.span())
}

/// Advice on how to write Windows paths.
const PATHS: &str =
    "write paths in single quotes ('C:\\exports\\messages.csv'), with \\\\ for each \\, or with /";

/// Returns whether a path contains a control character, which escapes such as `\t` and `\e` in double quotes produce.
fn has_escape(path: &str) -> bool {
    path.chars().any(char::is_control)
}

/// Returns `:line:column` of a span. The text there is not shown, because the user may have named an export by mistake.
fn place(text: &str, span: Option<Range<usize>>) -> String {
    let Some(span) = span else { return String::new() };
    let (line, column) = line_and_column(text, span.start);
    format!(":{line}:{column}")
}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let EditionError { line, column, .. } = EditionError::new(text, at, "");
    (line, column)
}

/// Explains a parser message in plain words, and adds the closest key or value for an unknown one.
fn explain(message: &str) -> String {
    if let Some((_, names)) = message.split_once("unknown field `") {
        let mut names = names.split('`').step_by(2);
        let key = names.next().unwrap_or_default();
        return format!("there is no key `{key}`{}", did_you_mean(key, names));
    }
    if let Some((_, names)) = message.split_once("unknown variant `") {
        let mut names = names.split('`').step_by(2);
        let value = names.next().unwrap_or_default();
        let known: Vec<&str> = names.collect();
        let hint = did_you_mean(value, known.iter().copied());
        return format!("invalid value `{value}`: valid values are {}{hint}", known.join(", "));
    }
    // The remaining messages of the parser are written for programmers.
    let says = |part: &str| message.contains(part);
    if says("expected struct ChannelOptions") {
        return "a channel is written as a table: [channels.\"MyPortal\"], and `certified = true` on the next line".to_owned();
    }
    if says("expected struct LocationOptions") {
        return "a place is written as a table: [locations.\"ANNEX\"], and `certified = false` on the next line".to_owned();
    }
    if says("expected a boolean") {
        return "write true or false here, without quotation marks".to_owned();
    }
    if says("expected usize") || says("expected u64") || says("expected a nonzero usize") {
        return "write a whole number from 1 here, without quotation marks".to_owned();
    }
    if says("unicode value digits") || says("escape") {
        return format!("{message}; {PATHS}");
    }
    if says("wanted string or table") {
        return "write a text here, in quotation marks".to_owned();
    }
    if says("expected a map") {
        return "write a table here".to_owned();
    }
    let is_number_or_date = says("invalid type: map") || says("invalid type: integer");
    let hint = if is_number_or_date { "; put days and periods in quotation marks" } else { "" };
    format!("{message}{hint}")
}

/// Returns the paths in the file, each with its key.
fn paths(options: &Configuration) -> impl Iterator<Item = (&'static str, &String)> {
    let several = [
        ("encounters", &options.inputs.encounters),
        ("messages", &options.inputs.messages),
        ("accesses", &options.inputs.accesses),
        ("join", &options.inputs.join),
    ];
    let one = [
        ("roster", &options.inputs.roster),
        ("counties", &options.inputs.counties),
        ("adjudications", &options.inputs.adjudications),
        ("layout", &options.reading.layout),
        ("output", &options.report.output),
        ("ledger", &options.report.ledger),
    ];
    let several = several.into_iter().flat_map(|(key, paths)| paths.iter().map(move |path| (key, path)));
    let described = options.file.inputs.iter().flat_map(|entry| entry.path.iter().chain(&entry.layout));
    several
        .chain(described.map(|path| ("inputs", path)))
        .chain(one.into_iter().filter_map(|(key, path)| Some((key, path.as_ref()?))))
}

/// Makes the paths of a configuration relative to the folder of its file.
fn relative_to(mut options: Configuration, folder: &Path) -> Configuration {
    let place = |path: &mut String| {
        if path == "-" {
            return;
        }
        let plain = folder.join(&*path);
        // Pattern characters in the name of the folder are not a pattern.
        let is_pattern = path.contains(['*', '?', '[']) && !plain.exists();
        let folder = folder.to_string_lossy();
        let escaped = Path::new(&glob::Pattern::escape(&folder)).join(&*path);
        *path = if is_pattern { escaped } else { plain }.to_string_lossy().into_owned();
    };
    options.inputs.encounters.iter_mut().for_each(place);
    options.inputs.messages.iter_mut().for_each(place);
    options.inputs.accesses.iter_mut().for_each(place);
    options.inputs.join.iter_mut().for_each(place);
    options.file.inputs.iter_mut().flat_map(|entry| &mut entry.path).for_each(place);
    let files = [&mut options.inputs.roster, &mut options.inputs.counties, &mut options.inputs.adjudications];
    for path in files.into_iter().chain([&mut options.report.output, &mut options.report.ledger]) {
        path.iter_mut().for_each(place);
    }
    // A layout is a name, or a file if it ends in `.toml`. There may be one for each kind of input.
    let single = options.file.inputs.iter_mut().filter_map(|entry| entry.layout.as_mut());
    for layout in options.reading.layout.iter_mut().chain(single) {
        let placed = layout.split(',').map(|part| {
            let (kind, name) = part.split_once('=').map_or(("", part), |(kind, name)| (kind, name));
            let mut name = name.to_owned();
            if name.ends_with(".toml") {
                place(&mut name);
            }
            if kind.is_empty() { name } else { format!("{kind}={name}") }
        });
        *layout = placed.collect::<Vec<_>>().join(",");
    }
    options
}
