//! Checks that a pack was calculated with the rule sets and layouts of this version, and lists its settings.

use std::path::Path;

use crate::run::bounded_read;
use crate::run::compute::empty_report;
use crate::run::layouts;
use crate::run::measure::empty_measure;
use crate::run::pack::PackReader;
use crate::run::settings::RunConfig;
use crate::run::verify::{not_checked, right, wrong};
use mucalc_core::domain::manifest::PackManifest;
use mucalc_core::domain::practice::Practice;
use mucalc_core::domain::text::escape_control;
use mucalc_core::domain::verification::VerificationCheck;
use mucalc_core::edition;
use mucalc_read::layout::Layout;
use mucalc_report::chosen;

/// Checks that the rule sets of the pack are those of this version.
pub fn editions(settings: &RunConfig, unpacked: &mut PackReader) -> anyhow::Result<VerificationCheck> {
    let what = "rules";
    for ruling in &settings.task.rulings {
        for (id, text) in edition::texts_of(&ruling.edition.id) {
            let packed = unpacked.read_file_if_present(&format!("editions/{id}.toml"))?;
            if packed.as_deref() != Some(text.as_bytes()) {
                return Ok(wrong(
                    what,
                    format!("edition {id} has another text in this version of the program"),
                ));
            }
        }
    }
    Ok(right(what, "the rule sets of the pack are those of this version"))
}

/// Checks that the built-in layouts in the pack have the text of this version. `None` if it contains none.
///
/// # Errors
/// If the pack cannot be read.
pub fn layouts(
    unpacked: &mut PackReader,
    manifest: &PackManifest,
) -> anyhow::Result<Option<VerificationCheck>> {
    let what = "layouts";
    let mut count = 0;
    for (name, part) in listed(manifest, true) {
        let text = layouts::text(name, &layouts::LayoutTexts::default())?;
        let packed = unpacked.read_file_if_present(part)?;
        if packed.as_deref() != text.as_deref().map(str::as_bytes) {
            let detail =
                format!("layout {} has another text in this version of the program", escape_control(name));
            return Ok(Some(wrong(what, detail)));
        }
        count += 1;
    }
    let detail = "the built-in layouts of the pack are those of this version";
    Ok((count > 0).then(|| right(what, detail)))
}

/// Checks that the layout files of the practice match those in the folder of the inputs. `None` if the pack contains none.
///
/// # Errors
/// If the pack cannot be read.
pub fn own_layouts(
    unpacked: &mut PackReader,
    manifest: &PackManifest,
    folder: Option<&Path>,
) -> anyhow::Result<Option<VerificationCheck>> {
    let what = "own layouts";
    let own = listed(manifest, false);
    let names: Vec<String> = own.iter().map(|(name, _)| escape_control(name)).collect();
    let names = names.join(", ");
    let mut missing = own.is_empty();
    for (name, part) in &own {
        let file = Path::new(name.as_str()).file_name().zip(folder).map(|(file, folder)| folder.join(file));
        let Some(text) = file.and_then(|file| bounded_read::text(file).ok()) else {
            missing = true;
            continue;
        };
        if unpacked.read_file_if_present(part)?.as_deref() != Some(text.as_bytes()) {
            let detail = format!("{} has another text in the folder of the inputs", escape_control(name));
            return Ok(Some(wrong(what, detail)));
        }
    }
    Ok(match (own.is_empty(), missing) {
        (true, _) => None,
        (false, false) => Some(right(what, format!("{names}: the same text as in the folder of the inputs"))),
        (false, true) => Some(not_checked(
            what,
            format!(
                "{names}: made by the practice, not part of mucalc; read what it translates, or put it into the folder of the inputs"
            ),
        )),
    })
}

/// Returns the layouts of a manifest that are built in, or those that are not, with the paths of their texts.
fn listed(manifest: &PackManifest, is_built_in: bool) -> Vec<(&String, &String)> {
    let built_in = Layout::names();
    manifest.layouts.iter().filter(|(name, _)| built_in.contains(name) == is_built_in).collect()
}

/// Returns the settings of a pack's run, one sentence each: the rules, the inputs, and how they were read.
pub fn choices(settings: &RunConfig, manifest: &PackManifest) -> Vec<String> {
    let mut report = empty_report(settings);
    report.alongside =
        settings.task.rulings.iter().skip(1).map(|ruling| empty_measure(settings, ruling)).collect();
    let inputs = manifest.inputs.iter().map(|input| format!("{} {}", input.role, input.path));
    let inputs = inputs.collect::<Vec<_>>().join(", ");
    let options = &settings.options;
    let encoding =
        options.reading.encoding.as_ref().map(|encoding| format!("text without a mark is {}", encoding.text));
    let practice = report.head.practice.as_ref().and_then(Practice::line);
    let read = [
        (!inputs.is_empty()).then(|| format!("inputs: {inputs}")),
        encoding,
        practice.map(|practice| format!("practice: {practice}")),
    ];
    chosen(&report).into_iter().chain(read.into_iter().flatten()).map(|text| escape_control(&text)).collect()
}
