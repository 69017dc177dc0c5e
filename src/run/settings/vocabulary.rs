//! Applies the configuration to the meaning of values in exports and to the severity of findings.

use crate::error::{self, ErrorCode};
use crate::run::inputs::NamedEntry;
use crate::run::layouts::{LayoutTexts, layout};
use crate::run::words::unknown_word;
use mucalc_core::domain::channel::{Certification, ChannelCertifications, ConfiguredChannel};
use mucalc_core::domain::finding::{FindingCode, Severity};
use mucalc_core::domain::report::ChannelSummary;
use mucalc_core::domain::words::{UNKNOWN, fold};
use mucalc_options::{ChannelOptions, Configuration, InputEntry, SeverityChoice};
use mucalc_read::layout::{CANONICAL, Layout};
use mucalc_read::{DayRange, InputRules};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Maximum number of channels. No practice has as many.
const MAX_CHANNELS: usize = 10_000;

pub(super) fn vocabulary(
    options: &Configuration,
    texts: &LayoutTexts,
) -> anyhow::Result<(Layout, ChannelCertifications, Vec<ChannelSummary>)> {
    let layout = layout(options.reading.layout.as_deref().unwrap_or(CANONICAL), texts)?;
    let mut channels = ChannelCertifications::default();
    let mut named = Vec::new();
    if options.file.channels.len() > MAX_CHANNELS {
        let message =
            format!("[channels]: there are more than {MAX_CHANNELS}; name those whose messages matter");
        return Err(error::usage(ErrorCode::Configuration, message));
    }
    for (name, channel) in single_entry("[channels]", &options.file.channels)? {
        let known = named_channel(name, channel)?;
        let (from, until) = match known.certification {
            Certification::Between(from, until) => (from, until),
            Certification::Never => (None, None),
        };
        named.push(ChannelSummary {
            name: known.name.clone(),
            certified: channel.certified,
            product: channel.product.clone(),
            chpl_id: channel.chpl_id.clone(),
            from,
            until,
        });
        channels.insert(known);
    }
    Ok((with_meanings(layout, options, &channels)?, channels, named))
}

/// Returns what holds for each of the exports that are described one by one.
pub(super) fn input_rules(
    options: &Configuration,
    channels: &ChannelCertifications,
    texts: &LayoutTexts,
) -> anyhow::Result<Vec<NamedEntry>> {
    let rules = |(entry, named): (usize, &InputEntry)| {
        let layout = match &named.layout {
            Some(name) => Some(with_meanings(layout(name, texts)?, options, channels)?),
            None => None,
        };
        let days = DayRange { from: named.from.as_deref().copied(), until: named.until.as_deref().copied() };
        if days.from.zip(days.until).is_some_and(|(from, until)| until < from) {
            let message = "[[inputs]]: `until` is before `from`";
            return Err(error::usage(ErrorCode::Configuration, message));
        }
        Ok(NamedEntry {
            role: named.role.role(),
            paths: named.path.clone(),
            rules: Arc::new(InputRules { entry, layout, days }),
        })
    };
    options.file.inputs.iter().enumerate().map(rules).collect()
}

/// Returns a layout that reads values as the configuration says.
fn with_meanings(
    mut layout: Layout,
    options: &Configuration,
    channels: &ChannelCertifications,
) -> anyhow::Result<Layout> {
    layout.vocabulary.add_channels(channels);
    for (table, list, words) in options.words.all() {
        let mut meant = Vec::new();
        for (raw, ours) in single_entry(&format!("[{table}]"), words)? {
            if let Some(why) = list.own_word(table, raw, ours) {
                return Err(error::usage(ErrorCode::Configuration, why));
            }
            let code = list
                .words()
                .code(ours)
                .ok_or_else(|| unknown_word(&format!("a word of [{table}]"), ours, list.words().words))?;
            meant.push((raw.as_str(), code));
        }
        layout.vocabulary.translate(list, meant);
    }
    Ok(layout)
}

/// Returns a table of values of the export, after checking that each value has one meaning.
pub(super) fn single_entry<'t, V>(
    table: &str,
    words: &'t BTreeMap<String, V>,
) -> anyhow::Result<&'t BTreeMap<String, V>> {
    let mut known = BTreeSet::new();
    for word in words.keys() {
        let folded = fold(word);
        if folded.is_empty() || folded == UNKNOWN {
            let message = format!(
                "{table}: an empty cell and `{UNKNOWN}` mean that the export does not say; they cannot be given another meaning"
            );
            return Err(error::usage(ErrorCode::Configuration, message));
        }
        if !known.insert(folded) {
            let message =
                format!("{table}: `{word}` is there twice; words are compared without regard to case");
            return Err(error::usage(ErrorCode::Configuration, message));
        }
    }
    Ok(words)
}

pub(super) fn named_channel(name: &str, options: &ChannelOptions) -> anyhow::Result<ConfiguredChannel> {
    let name = fold(name);
    let table = format!("[channels.\"{name}\"]");
    let (from, until) = (options.from.as_deref().copied(), options.until.as_deref().copied());
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        let message = format!("{table}: `until` is before `from`");
        return Err(error::usage(ErrorCode::Configuration, message));
    }
    let certification = match options.certified {
        true => Certification::Between(from, until),
        false => Certification::Never,
    };
    Ok(ConfiguredChannel { name, certification })
}

/// Returns the codes of the findings that the configuration allows.
pub(super) fn allowed(codes: &[String]) -> anyhow::Result<BTreeSet<FindingCode>> {
    codes.iter().map(|code| finding_code("a code in `allow`", code)).collect()
}

fn finding_code(what: &str, slug: &str) -> anyhow::Result<FindingCode> {
    FindingCode::parse(slug).ok_or_else(|| {
        let known: Vec<&str> = FindingCode::ALL.iter().map(|code| code.slug()).collect();
        unknown_word(what, slug, &known)
    })
}

pub(super) fn severities(
    choices: &BTreeMap<String, SeverityChoice>,
) -> anyhow::Result<BTreeMap<FindingCode, Option<Severity>>> {
    let one = |(slug, choice): (&String, &SeverityChoice)| {
        Ok((finding_code("a word of [severity]", slug)?, (*choice).into()))
    };
    choices.iter().map(one).collect()
}

/// Returns the values of exports that the configuration mentions.
pub(super) fn configured(options: &Configuration) -> BTreeSet<String> {
    let words = options
        .words
        .all()
        .into_iter()
        .flat_map(|(.., words)| words.keys())
        .chain(options.file.channels.keys());
    let words = words.chain(options.file.locations.keys());
    words.map(|word| fold(word)).collect()
}
