//! Reads what is needed to recompute a pack: its manifest, its settings, and its inputs.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Component, Path, PathBuf};

use crate::error::{self, ErrorCode};
use crate::run::head::tool;
use crate::run::layouts;
use crate::run::pack::{CONFIG, MANIFEST, PackReader};
use crate::run::settings::{ResolveContext, RunConfig};
use mucalc_core::domain::manifest::{ManifestInput, PackManifest};
use mucalc_core::domain::report::SCHEMA_VERSION;
use mucalc_core::domain::text::escape_control;
use mucalc_engine::InputSet;
use mucalc_options::{Configuration, RunOptions};
use mucalc_read::InputSource;
use mucalc_read::layout::Layout;

/// Reads the manifest of a pack.
///
/// # Errors
/// If the pack has no valid manifest of this schema version.
pub fn manifest(unpacked: &mut PackReader) -> anyhow::Result<PackManifest> {
    let bytes = unpacked.part(MANIFEST)?;
    let fail = |why: String| error::file(ErrorCode::NotAPack, why, unpacked.name());
    let manifest: PackManifest = serde_json::from_slice(&bytes).map_err(|error| {
        fail(format!("its {MANIFEST} is none (line {}, column {})", error.line(), error.column()))
    })?;
    if manifest.schema_version != SCHEMA_VERSION {
        let version = escape_control(&manifest.schema_version);
        return Err(fail(format!(
            "is a pack of shape {version}, and this program knows shape {SCHEMA_VERSION}"
        )));
    }
    Ok(manifest)
}

/// Returns the settings of the run that created a pack.
///
/// # Errors
/// If the configuration of the pack is not valid in this version.
pub fn settings(
    unpacked: &mut PackReader,
    manifest: &PackManifest,
    threads: Option<NonZeroUsize>,
    quiet: bool,
) -> anyhow::Result<RunConfig> {
    let text = unpacked.part(CONFIG)?;
    let mut options = Configuration::parse(&String::from_utf8_lossy(&text)).map_err(|_| {
        let why = format!("its {CONFIG} is no configuration of this version of mucalc");
        error::file(ErrorCode::NotAPack, why, unpacked.name())
    })?;
    let layouts: Vec<&str> = options.layout_options().flat_map(|layout| layouts::named(layout)).collect();
    if let Some(other) = manifest.layouts.keys().find(|name| !layouts.contains(&name.as_str())) {
        let why = format!("its {MANIFEST} has a layout that nothing asks for: {}", escape_control(other));
        return Err(error::file(ErrorCode::NotAPack, why, unpacked.name()));
    }
    let mut context = ResolveContext {
        is_of_pack: true,
        leaves_years_unchecked: manifest.tool.version != tool().version,
        ..ResolveContext::default()
    };
    for (name, part) in &manifest.layouts {
        let text = unpacked.part(part)?;
        context.layout_texts.insert(name.clone(), String::from_utf8_lossy(&text).into_owned());
    }
    // Only files in the pack and built-in layouts are read.
    if layouts.iter().any(|name| !context.layout_texts.contains_key(*name) && Layout::find(name).is_none()) {
        let why = format!("its {CONFIG} asks for a layout that is not in it");
        return Err(error::file(ErrorCode::NotAPack, why, unpacked.name()));
    }
    options.run = RunOptions { threads, quiet, digest: true, ..options.run };
    RunConfig::from_options(options, &context)
}

/// Finds the inputs of a pack in a folder, by the original path or by the file name.
///
/// # Errors
/// If an input is missing, listed twice, or of an unknown kind. The error is a message.
pub fn sources(folder: &Path, inputs: &[ManifestInput]) -> Result<InputSet, String> {
    let mut sources = InputSet::default();
    // A file that the manifest lists twice must not be read twice.
    let mut known = BTreeSet::new();
    for input in inputs {
        let path = Path::new(&input.path);
        // Whatever a pack contains, only files in the folder are read.
        let stays = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let by_name = path.file_name().map(|name| folder.join(name));
        let candidates = [stays.then(|| folder.join(path)), by_name];
        let file = candidates.into_iter().flatten().find(|path: &PathBuf| path.is_file());
        let path = file.ok_or_else(|| {
            format!("{} is not in {}", escape_control(&input.path), escape_control(&folder.to_string_lossy()))
        })?;
        if !known.insert((&input.role, path.clone())) {
            return Err(format!("{} is listed twice", escape_control(&input.path)));
        }
        // The source keeps the name that the ledger uses for it.
        let source = InputSource::new(&*input.path, Some(path));
        match input.role.as_str() {
            "encounters" => sources.encounters.push(source),
            "messages" => sources.messages.push(source),
            "accesses" => sources.accesses.push(source),
            "joined" => sources.joins.sources.push(source),
            "roster" => sources.roster = Some(source),
            "counties" => sources.counties = Some(source),
            "adjudications" => sources.adjudications = Some(source),
            role => {
                return Err(format!(
                    "{} is an input of the unknown kind {}",
                    escape_control(&input.path),
                    escape_control(role)
                ));
            }
        }
    }
    Ok(sources)
}
