//! Finds layouts by name or path.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{self, ErrorCode};
use crate::run::bounded_read;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::text::{did_you_mean, hex};
use mucalc_options::{Configuration, DaysOptions, TextEncoding, WordTables, Written};
use mucalc_read::layout::names::folded;
use mucalc_read::layout::{self, Layout};

/// Texts of layout files that are in memory, by the name or path in the options.
pub type LayoutTexts = BTreeMap<String, String>;

/// Returns the layout with this name or path, or one combined from several, one for each kind of input: `encounters=NAME,messages=NAME`. A
/// text in `texts` takes precedence over a file.
///
/// # Errors
/// If a layout does not exist or is invalid.
pub fn layout(name: &str, texts: &LayoutTexts) -> anyhow::Result<Layout> {
    match parts(name) {
        None => single_layout(name, texts),
        Some(parts) => parts.into_iter().try_fold(Layout::canonical(), |layout, (role, name)| {
            Ok(layout.with_entity(role, single_layout(name, texts)?))
        }),
    }
}

/// Returns the names and paths of the layouts in an option.
pub fn named(name: &str) -> Vec<&str> {
    parts(name).map_or_else(|| vec![name], |parts| parts.into_iter().map(|(_, name)| name).collect())
}

/// Returns the text of a layout: from `texts`, built in, or from a file. `None` for the canonical layout.
///
/// # Errors
/// If the file cannot be read.
pub fn text(name: &str, texts: &LayoutTexts) -> anyhow::Result<Option<String>> {
    if let Some(text) = texts.get(name) {
        return Ok(Some(text.clone()));
    }
    if let Some(text) = layout::file::built_in_text(name) {
        return Ok(Some(text.to_owned()));
    }
    if Layout::find(name).is_some() {
        return Ok(None);
    }
    let text = bounded_read::text(name).map_err(|error| {
        error::usage(ErrorCode::Layout, format!("the layout {name} cannot be read: {error}"))
    })?;
    Ok(Some(text))
}

/// Returns the kinds of inputs with their layouts. `None` if one layout is for all.
fn parts(name: &str) -> Option<Vec<(InputRole, &str)>> {
    let part = |part| {
        let (role, name): (&str, &str) = str::split_once(part, '=')?;
        Some((InputRole::ALL.into_iter().find(|known| known.word() == role.trim())?, name.trim()))
    };
    name.split(',').map(part).collect()
}

fn single_layout(name: &str, texts: &LayoutTexts) -> anyhow::Result<Layout> {
    let fail = |message| error::usage(ErrorCode::Layout, message);
    if !texts.contains_key(name)
        && let Some(layout) = Layout::find(name)
    {
        return Ok(layout);
    }
    let path = Path::new(name);
    if !texts.contains_key(name) && path.extension().is_none() && !path.exists() {
        let names = Layout::names();
        let hint = did_you_mean(name, names.iter().map(String::as_str));
        return Err(fail(format!(
            "there is no layout `{name}`; there are {}, and the path of a layout file would do, or one for each kind: encounters=NAME,messages=NAME{hint}",
            names.join(", ")
        )));
    }
    let text = text(name, texts)?.unwrap_or_default();
    let mut file = layout::file::parse(&text).map_err(|why| fail(format!("{name}: {why}")))?;
    if let Some(encoding) = &file.encoding {
        encoding.parse::<TextEncoding>().map_err(|why| fail(format!("{name}: {why}")))?;
    }
    if file.name.is_empty() {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        // A pack stores the file under a name of plain characters, and the layout must have the same name there.
        file.name = stem
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' })
            .collect();
    }
    // This also keeps a pack from replacing the text of a built-in layout.
    match built_in_name(name).or_else(|| built_in_name(&file.name)) {
        None => Ok(Layout::from_file(file)),
        // An exact copy is allowed, because packs contain one.
        Some(taken) if layout::file::built_in_text(&taken) == Some(&text) => {
            Layout::find(&taken).ok_or_else(|| error::internal("a built-in layout that is not found"))
        }
        Some(taken) => Err(fail(format!(
            "{name}: this layout calls itself like the built-in layout `{taken}`; give it a name of its own: name = \"...\""
        ))),
    }
}

/// Returns the built-in layout with this name, however it is spelled. A report must not name one layout and be read with another.
fn built_in_name(name: &str) -> Option<String> {
    Layout::names().into_iter().find(|known| folded(known) == folded(name))
}

/// Returns the SHA-256 checksum of everything that determines how columns and values are read: the texts of the layouts, the encoding, the
/// value mappings of the configuration, and the meaning of times.
///
/// # Errors
/// If a layout cannot be read.
pub fn digest(options: &Configuration, texts: &LayoutTexts) -> anyhow::Result<String> {
    let words = Vocabulary {
        encoding: options.reading.encoding.as_ref(),
        words: &options.words,
        days: (!options.file.days.is_empty()).then_some(&options.file.days),
    };
    let mut hasher = Sha256::new();
    hasher.update(toml::to_string(&words).map_err(|error| error::internal(error.to_string()))?);
    for name in options.layout_options().flat_map(|layout| named(layout)) {
        hasher.update(text(name, texts)?.unwrap_or_default());
    }
    Ok(hex(&hasher.finalize()))
}

/// The parts of a configuration that determine how columns and values are read.
#[derive(Serialize)]
struct Vocabulary<'c> {
    encoding: Option<&'c Written<TextEncoding>>,
    #[serde(flatten)]
    words: &'c WordTables,
    days: Option<&'c DaysOptions>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;

    #[test]
    fn a_text_at_hand_is_no_built_in_layout_unless_it_is_that_of_one() {
        let read = |asked: &str, text: &str| {
            let texts = LayoutTexts::from([(asked.to_owned(), text.to_owned())]);
            layout(asked, &texts)
                .map(|layout| layout.name)
                .map_err(|error| crate::error::explained(&error).exit)
        };
        let own = layout::file::built_in_text("synthea").unwrap_or_default();
        assert_eq!(read("synthea", own), Ok("synthea".to_owned()));
        assert_eq!(read("layouts/copy.toml", own), Ok("synthea".to_owned()));
        assert_eq!(read("layouts/mine.toml", "name = \"mine\""), Ok("mine".to_owned()));
        assert_eq!(read("layouts/my own.toml", ""), Ok("my-own".to_owned()));
        for (asked, text) in [
            ("canonical", "name = \"canonical\""),
            ("canonical", "name = \"mine\""),
            ("synthea", "extends = \"synthea\""),
            ("layouts/x.toml", "name = \"fhir-r4\""),
            ("layouts/canonical.toml", ""),
        ] {
            assert_eq!(read(asked, text), Err(Exit::Usage), "{asked}: {text}");
        }
    }

    /// If the digest ignored a table, it would stay the same although the figures change.
    #[test]
    fn every_table_of_words_changes_the_digest() {
        let digest = |text: &str| {
            let options = Configuration::parse(text).unwrap_or_else(|error| panic!("{error}"));
            digest(&options, &LayoutTexts::new()).unwrap_or_else(|error| panic!("{error}"))
        };
        let plain = digest("");
        let mut known = vec![plain.clone(), digest("encoding = \"windows-1252\"")];
        for (table, ..) in WordTables::default().all() {
            known.push(digest(&format!("[{table}]\n\"theirs\" = \"ours\"")));
        }
        known.push(digest("[days]\nstarted_at = \"utc-day\""));
        known.push(digest("layout = \"fhir-r4\""));
        let count = known.len();
        known.sort();
        known.dedup();
        assert_eq!(known.len(), count);
        assert_eq!(digest("period = \"2014Q3\""), plain);
    }
}
