//! The text of a commented `mucalc.toml` for a set of exports.

use std::fmt::Write as _;
use std::path::Path;

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::Inspection;
use mucalc_core::domain::text::escape_control;
use mucalc_core::edition;
use mucalc_read::layout::Layout;

use super::assume::assume;
use super::draft::Draft;
use super::edition::{edition_of, period_year};
use super::roles::{holds, mixed_roles, role_of, vendor, vendors, vendors_of};
use super::words::{CertifiedAnswers, words};
use super::{InitArgs, Unread};
use super::{quoted, relative, relative_layout};

/// A layout that was drafted for some of the exports.
pub(super) struct OwnLayout {
    /// Where it is written.
    pub path: String,
    /// The roles that it describes.
    pub roles: Vec<InputRole>,
    /// Its text.
    pub text: String,
}

/// A configuration for a set of exports.
pub(super) struct Configuration {
    /// Text of the file.
    pub text: String,
    /// Whether the text contains values of the exports.
    pub has_words: bool,
}

/// What a configuration is written from.
pub(super) struct ConfigurationParts<'a> {
    /// The exports that it names.
    pub inspections: &'a [Inspection],
    /// Tables that are joined to the exports.
    pub joined: &'a [String],
    /// Exports that it does not name.
    pub unread: &'a Unread,
    /// Whether times in the exports name a zone.
    pub needs_zone: bool,
    /// The draft for exports that no layout reads.
    pub draft: Option<&'a Draft>,
    /// The layout of the draft.
    pub own: Option<&'a OwnLayout>,
    /// What the user answered about channels.
    pub certified: &'a CertifiedAnswers,
}

/// Returns a commented configuration for a set of exports. Paths are relative to `folder`.
pub(super) fn configuration(
    asked: &InitArgs,
    parts: &ConfigurationParts<'_>,
    folder: &Path,
) -> Configuration {
    let ConfigurationParts { inspections, joined, unread, needs_zone, draft, own, certified } = *parts;
    let mut text = String::from(
        "# Configuration of mucalc. Every key is the long name of a flag; a flag wins over it.\n# Paths are taken from the folder of this file.\n\n",
    );
    // Exports of several systems are described one by one, at the end.
    let mixed = if own.is_none() && asked.layout.is_none() { mixed_roles(inspections) } else { Vec::new() };
    let files = |wanted: InputRole| -> Vec<String> {
        let of_role = inspections.iter().filter(|it| holds(it, wanted));
        of_role.map(|it| quoted(&relative(&it.path, folder))).collect()
    };
    if let named @ [_, ..] = files(InputRole::Accesses).as_slice()
        && !mixed.contains(&InputRole::Accesses)
    {
        let _ = writeln!(text, "accesses = [{}]", named.join(", "));
    }
    for role in [InputRole::Counties, InputRole::Adjudications] {
        if let [only, ..] = files(role).as_slice() {
            let _ = writeln!(text, "{} = {only}", role.word());
        }
    }
    for role in [InputRole::Encounters, InputRole::Messages] {
        match files(role).as_slice() {
            _ if mixed.contains(&role) => {}
            [] if role == InputRole::Messages && !files(InputRole::Accesses).is_empty() => {}
            [] => drop(writeln!(text, "# NEEDED: the {0} export.\n# {0} = [\"...\"]", role.word())),
            named => drop(writeln!(text, "{} = [{}]", role.word(), named.join(", "))),
        }
    }
    if !joined.is_empty() {
        let named: Vec<String> = joined.iter().map(|path| quoted(&relative(path, folder))).collect();
        let _ =
            writeln!(text, "# The layout joins these tables to the exports.\njoin = [{}]", named.join(", "));
    }
    match files(InputRole::Roster).as_slice() {
        [roster] => drop(writeln!(text, "roster = {roster}")),
        [_, _, ..] => drop(writeln!(
            text,
            "# NEEDED: one roster; these look like one: {}.\n# roster = \"...\"",
            files(InputRole::Roster).join(", ")
        )),
        [] => text.push_str("# Providers with names, NPIs and groups: columns provider_id, npi, name, group_id.\n# roster = \"roster.csv\"\n"),
    }
    for path in &unread.failed {
        let _ = writeln!(text, "# NEEDED: {} cannot be read; `mucalc inspect` says why.", quoted(path));
    }
    for export in &unread.unknown {
        let _ = writeln!(text, "# Not read: {}.", export.why(&quoted(&export.path)));
    }
    if let Some(own) = own {
        own_layout(&mut text, own, inspections);
    } else if let Some(layout) = &asked.layout {
        let _ = writeln!(text, "layout = {}", quoted(&relative_layout(layout, folder)));
    } else {
        let alike: Vec<Inspection> =
            inspections.iter().filter(|it| !mixed.contains(&role_of(it))).cloned().collect();
        layouts(&mut text, &alike);
    }
    if let Some(it) =
        inspections.iter().find(|it| it.encoding != "UTF-8" && !it.encoding.starts_with("UTF-16"))
    {
        let _ = writeln!(
            text,
            "# {} is not UTF-8; check how names look.\nencoding = {}",
            escape_control(&it.path),
            quoted(&it.encoding)
        );
    }
    text.push_str("\n# The reporting period, both days included: \"2014Q3\", \"2014-07\", \"2014\" or \"2014-07-01..2014-09-30\".\n");
    match &asked.period {
        Some(period) => drop(writeln!(text, "period = {}", quoted(&period.text))),
        None => text.push_str("# NEEDED:\n# period = \"2014Q3\"\n"),
    }
    let edition = edition_of(asked, &mut text);
    match (&asked.timezone, needs_zone) {
        (Some(zone), _) => drop(writeln!(text, "timezone = {}", quoted(&zone.text))),
        (None, true) => text.push_str(
            "# NEEDED, since times in the exports name a zone:\n# timezone = \"America/New_York\"\n",
        ),
        (None, false) => {}
    }
    text.push_str("\n# How a message is credited: \"strict\" to its provider, or \"group\" to the provider's group.\n# credit = \"strict\"\n");
    if let Some(edition) = edition.and_then(|id| edition::find(&id)) {
        let year = period_year(asked).unwrap_or(edition.years.first);
        text.push_str("\n[policy]\n");
        for (name, policy) in &edition.policies {
            let choices: Vec<&str> = policy.choices.iter().map(|choice| choice.word()).collect();
            let _ = writeln!(
                text,
                "# {} {}.\n# {name} = \"{}\"",
                policy.asks,
                choices.join(", "),
                policy.default_in(year).word()
            );
        }
    }
    let folds = draft.map_or(&[][..], |draft| &draft.folds);
    if !folds.is_empty() {
        let folds: Vec<String> = folds.iter().map(|fold| quoted(fold.word())).collect();
        let _ = writeln!(
            text,
            "\n# The exports spell ids differently, and fit together only if these differences do not count. No two ids of one export\n# become the same by that.\n[ids]\nfold = [{}]",
            folds.join(", ")
        );
    }
    let has_words = words(&mut text, inspections, certified);
    assume(&mut text, inspections);
    input_entries(&mut text, inspections, &mixed, folder);
    Configuration { text, has_words }
}

/// Writes the drafted layout, and those of vendors for the other kinds of input.
fn own_layout(text: &mut String, own: &OwnLayout, inspections: &[Inspection]) {
    let name = "mucalc-layout.toml";
    let others = InputRole::ALL.into_iter().filter(|role| !own.roles.contains(role));
    let others: Vec<String> = others
        .flat_map(|role| {
            vendors_of(inspections, role).into_iter().map(move |name| format!("{}={name}", role.word()))
        })
        .collect();
    if others.is_empty() {
        let _ = writeln!(text, "layout = {}", quoted(name));
        return;
    }
    let ours = own.roles.iter().map(|role| format!("{}={name}", role.word()));
    let parts: Vec<String> = ours.chain(others).collect();
    let _ = writeln!(text, "layout = {}", quoted(&parts.join(",")));
}

/// Writes an entry for each export of a role whose exports are of several systems.
fn input_entries(text: &mut String, inspections: &[Inspection], mixed: &[InputRole], folder: &Path) {
    for (at, it) in inspections.iter().filter(|it| mixed.contains(&role_of(it))).enumerate() {
        let Some(fit) = &it.layout else { continue };
        if at == 0 {
            text.push_str(
                "\n# Exports of several systems, each with its layout. If one system replaced the other, set the last day\n# on which each was in use: rows of other days are skipped.\n",
            );
        }
        let _ = writeln!(
            text,
            "[[inputs]]\nrole = \"{}\"\npath = {}\nlayout = {}\n# from = \"2014-08-16\"\n# until = \"2014-08-15\"",
            role_of(it).word(),
            quoted(&relative(&it.path, folder)),
            quoted(&fit.name)
        );
    }
}

/// Writes the layout of vendors' exports: one for all, or one for each kind of input.
fn layouts(text: &mut String, inspections: &[Inspection]) {
    let of = |role| vendors_of(inspections, role);
    let parts: Vec<(InputRole, String)> = InputRole::ALL
        .into_iter()
        .flat_map(|role| of(role).into_iter().map(move |name| (role, name)))
        .collect();
    // A vendor's layout also reads canonical exports, unless it has its own export of that kind.
    let only = vendor(inspections).and_then(|name| Layout::find(&name));
    let clashes = |role: InputRole| {
        let is_ours = inspections.iter().any(|it| role_of(it) == role) && of(role).is_empty();
        is_ours && only.as_ref().is_some_and(|layout| layout.input(role).table.is_some())
    };
    let is_one = vendors(inspections).len() < 2 && !InputRole::ALL.into_iter().any(clashes);
    match parts.as_slice() {
        [] => {}
        [(_, name), ..] if is_one => drop(writeln!(text, "layout = {}", quoted(name))),
        several => {
            let parts: Vec<String> =
                several.iter().map(|(role, name)| format!("{}={name}", role.word())).collect();
            let _ = writeln!(text, "layout = {}", quoted(&parts.join(",")));
        }
    }
}
