//! What a run was told beside the policies, as its report lists it.

use sha2::{Digest, Sha256};

use crate::run::layouts;
use crate::run::options::Options;
use mucalc_core::domain::assumption::{Assumed, ChoiceMade, LayoutFileRef};
use mucalc_core::domain::text::hex;
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::versions::VersionsChoice;
use mucalc_read::layout::Layout;

/// Returns what the configuration settles: the words that it translates, what times stand for, what it acknowledges, and the choices that
/// are no entries of a table.
pub(super) fn choices(options: &Options) -> Vec<ChoiceMade> {
    let made =
        |key, of: &str, value: &str| ChoiceMade { key, of: Some(of.to_owned()), value: value.to_owned() };
    let tables = options.word_tables();
    let words = tables
        .iter()
        .flat_map(|(table, _, words)| words.iter().map(move |(word, meaning)| made(table, word, meaning)));
    let days = options.days.all();
    let days = days.iter().filter_map(|(column, word)| Some(made("days", column, (*word)?)));
    let assume = Assumed::ALL
        .into_iter()
        .filter_map(|assumed| Some(made("assume", assumed.key(), options.assume.of(assumed)?)));
    words.chain(days).chain(assume).chain(whole(options)).collect()
}

/// Returns the choices that are no entries of a table: differences of ids that are ignored, texts that mean "no value", whether unusable
/// rows widen the result, which of several versions of a record is the record, who attests, for which days the
/// exports were made, and whether an edition is applied to any year.
fn whole(options: &Options) -> impl Iterator<Item = ChoiceMade> {
    let fold = options.ids.fold.iter().map(|fold| ("ids.fold", fold.trim().to_owned()));
    let nulls = options.nulls.iter().map(|text| ("nulls", text.clone()));
    let unusable = options.unusable.as_deref().filter(|choice| *choice != UnusableChoice::Bound.word());
    let unusable = unusable.map(|choice| ("unusable", choice.to_owned()));
    let versions = options.versions.as_deref().filter(|choice| *choice != VersionsChoice::Uncertain.word());
    let versions = versions.map(|choice| ("versions", choice.to_owned()));
    let participant = options.participant.as_ref().map(|word| ("participant", word.trim().to_owned()));
    let exported = options.exported.as_ref().map(|days| ("exported", days.trim().to_owned()));
    let any_year = options.any_year.filter(|is_any| *is_any).map(|_| ("any-year", "true".to_owned()));
    fold.chain(nulls)
        .chain(unusable)
        .chain(versions)
        .chain(participant)
        .chain(exported)
        .chain(any_year)
        .map(|(key, value)| ChoiceMade { key, of: None, value })
}

/// Returns the layout files that are used, by path and digest.
///
/// # Errors
/// When one cannot be read.
pub(super) fn layout_files(options: &Options) -> anyhow::Result<Vec<LayoutFileRef>> {
    let mut files: Vec<LayoutFileRef> = Vec::new();
    for name in options.layout.iter().flat_map(|layout| layouts::named(layout)) {
        if Layout::find(name).is_some() || files.iter().any(|file| file.path == name) {
            continue;
        }
        if let Some(text) = layouts::text(name, &options.layout_texts)? {
            files.push(LayoutFileRef { path: name.to_owned(), sha256: hex(&Sha256::digest(text)) });
        }
    }
    Ok(files)
}
