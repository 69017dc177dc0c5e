//! Settings of a run other than policy settings, as its report lists them.

use sha2::{Digest, Sha256};

use crate::run::layouts::{self, LayoutTexts};
use mucalc_core::domain::assumption::{Assumed, ChoiceMade, LayoutFileRef};
use mucalc_core::domain::period::Day;
use mucalc_core::domain::text::hex;
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::versions::VersionsChoice;
use mucalc_options::{Configuration, InputEntry, Written};
use mucalc_read::layout::Layout;

/// Returns what the configuration sets: value mappings, what times mean, acknowledged assumptions, and the settings that are not entries of
/// a table.
pub(super) fn choices(options: &Configuration) -> Vec<ChoiceMade> {
    let made =
        |key, of: &str, value: &str| ChoiceMade { key, of: Some(of.to_owned()), value: value.to_owned() };
    let tables = options.words.all();
    let words = tables
        .iter()
        .flat_map(|(table, _, words)| words.iter().map(move |(word, meaning)| made(table, word, meaning)));
    let days = options.file.days.all();
    let days = days.iter().filter_map(|(column, word)| Some(made("days", column, (*word)?.into())));
    let assume = Assumed::ALL.into_iter().filter_map(|assumed| {
        Some(made("assume", assumed.key(), options.file.assume.acknowledged(assumed)?))
    });
    words.chain(days).chain(assume).chain(input_choices(options)).chain(whole(options)).collect()
}

/// Returns what the configuration says of exports that are described one by one.
pub fn input_choices(options: &Configuration) -> Vec<ChoiceMade> {
    let of_entry = |entry: &InputEntry| {
        let day = |word: &str, day: &Option<Written<Day>>| {
            day.as_ref().map(|day| format!("{word} {}", day.text.trim()))
        };
        let layout = entry.layout.as_ref().map(|layout| format!("layout {layout}"));
        let said = [layout, day("from", &entry.from), day("until", &entry.until)];
        let said = said.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let role = entry.role.role().word();
        let made = |path: &String| ChoiceMade {
            key: "inputs",
            of: Some(format!("{role} {path}")),
            value: said.clone(),
        };
        entry.path.iter().map(made).collect::<Vec<_>>()
    };
    options.file.inputs.iter().flat_map(of_entry).collect()
}

/// Returns the settings that are not entries of a table. The first four concern rows: ignored differences of ids, texts that mean "no
/// value", whether unusable rows widen the result, and which of several versions of a record applies. The others are who attests, the days
/// of the exports, whether a rule set is applied to any year, and which findings fail no gate.
fn whole(options: &Configuration) -> impl Iterator<Item = ChoiceMade> {
    let Configuration { inputs, measure, file, .. } = options;
    let fold = file.ids.fold.iter().map(|fold| ("ids.fold", fold.word().to_owned()));
    let nulls = file.nulls.iter().map(|text| ("nulls", text.clone()));
    let allowed = file.allow.iter().map(|code| ("allow", code.clone()));
    let unusable = measure.unusable.filter(|choice| *choice != UnusableChoice::default());
    let unusable = unusable.map(|choice| ("unusable", choice.word().to_owned()));
    let versions = measure.versions.filter(|choice| *choice != VersionsChoice::default());
    let versions = versions.map(|choice| ("versions", choice.word().to_owned()));
    let participant = measure.participant.map(|program| ("participant", program.word().to_owned()));
    let exported = inputs.exported.as_ref().map(|days| ("exported", days.text.trim().to_owned()));
    let any_year = measure.any_year.then(|| ("any-year", "true".to_owned()));
    fold.chain(nulls)
        .chain(unusable)
        .chain(versions)
        .chain(participant)
        .chain(exported)
        .chain(any_year)
        .chain(allowed)
        .map(|(key, value)| ChoiceMade { key, of: None, value })
}

/// Returns the layout files in use, by path and checksum.
///
/// # Errors
/// If one cannot be read.
pub(super) fn layout_files(
    options: &Configuration,
    texts: &LayoutTexts,
) -> anyhow::Result<Vec<LayoutFileRef>> {
    let mut files: Vec<LayoutFileRef> = Vec::new();
    for name in options.layout_options().flat_map(|layout| layouts::named(layout)) {
        if Layout::find(name).is_some() || files.iter().any(|file| file.path == name) {
            continue;
        }
        if let Some(text) = layouts::text(name, texts)? {
            files.push(LayoutFileRef { path: name.to_owned(), sha256: hex(&Sha256::digest(text)) });
        }
    }
    Ok(files)
}
