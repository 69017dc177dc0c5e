//! The text of a mucalc.toml with comments, for some exports.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::domain::inspection::{Inspection, Seen};
use crate::domain::report::Role;
use crate::domain::text::{counted, printable};
use crate::edition;
use crate::layout::Layout;
use crate::layout::vocabulary::list_of;

use super::Asked;
use super::assume::assume;
use super::edition::{edition_of, period_year};
use super::roles::{holds, role_of, vendor, vendors, vendors_of};
use super::{quoted, relative, relative_layout};

pub(super) fn configuration(
    asked: &Asked,
    inspections: &[Inspection],
    needs_zone: bool,
    own: bool,
    folder: &Path,
) -> String {
    let mut text = String::from(
        "# Configuration of mucalc. Every key is the long name of a flag; a flag wins over it.\n# Paths are taken from the folder of this file.\n\n",
    );
    let files = |wanted: Role| -> Vec<String> {
        let of_role = inspections.iter().filter(|it| holds(it, wanted));
        of_role.map(|it| quoted(&relative(&it.path, folder))).collect()
    };
    if let named @ [_, ..] = files(Role::Accesses).as_slice() {
        let _ = writeln!(text, "accesses = [{}]", named.join(", "));
    }
    for role in [Role::Counties, Role::Adjudications] {
        if let [only, ..] = files(role).as_slice() {
            let _ = writeln!(text, "{} = {only}", role.word());
        }
    }
    for role in [Role::Encounters, Role::Messages] {
        match files(role).as_slice() {
            [] if role == Role::Messages && !files(Role::Accesses).is_empty() => {}
            [] => drop(writeln!(text, "# NEEDED: the {0} export.\n# {0} = [\"...\"]", role.word())),
            named => drop(writeln!(text, "{} = [{}]", role.word(), named.join(", "))),
        }
    }
    match files(Role::Roster).as_slice() {
        [roster] => drop(writeln!(text, "roster = {roster}")),
        [_, _, ..] => drop(writeln!(
            text,
            "# NEEDED: one roster; these look like one: {}.\n# roster = \"...\"",
            files(Role::Roster).join(", ")
        )),
        [] => text.push_str("# Providers with names, NPIs and groups: columns provider_id, npi, name, group_id.\n# roster = \"roster.csv\"\n"),
    }
    if own {
        text.push_str("layout = \"mucalc-layout.toml\"\n");
    } else if let Some(layout) = &asked.layout {
        let _ = writeln!(text, "layout = {}", quoted(&relative_layout(layout, folder)));
    } else {
        layouts(&mut text, inspections);
    }
    if let Some(it) =
        inspections.iter().find(|it| it.encoding != "UTF-8" && !it.encoding.starts_with("UTF-16"))
    {
        let _ = writeln!(
            text,
            "# {} is not UTF-8; check how names look.\nencoding = {}",
            printable(&it.path),
            quoted(&it.encoding)
        );
    }
    text.push_str("\n# The reporting period, both days included: \"2014Q3\", \"2014-07\", \"2014\" or \"2014-07-01..2014-09-30\".\n");
    match &asked.period {
        Some(period) => drop(writeln!(text, "period = {}", quoted(period))),
        None => text.push_str("# NEEDED:\n# period = \"2014Q3\"\n"),
    }
    let edition = edition_of(asked, &mut text);
    match (&asked.timezone, needs_zone) {
        (Some(zone), _) => drop(writeln!(text, "timezone = {}", quoted(zone))),
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
    words(&mut text, inspections);
    assume(&mut text, inspections);
    text
}

/// The layout of vendors' exports: one, or one for each kind of input.
fn layouts(text: &mut String, inspections: &[Inspection]) {
    let of = |role| vendors_of(inspections, role);
    if let Some(role) = Role::ALL.into_iter().find(|role| of(*role).len() > 1) {
        let names = of(role).into_iter().collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            text,
            "# NEEDED: the {0} exports fit several layouts ({names}), and all {0} of a run are read by one. Report them one by\n# one, or bring them into one form.\n# layout = \"...\"",
            role.word()
        );
        return;
    }
    let parts: Vec<(Role, String)> =
        Role::ALL.into_iter().flat_map(|role| of(role).into_iter().map(move |name| (role, name))).collect();
    // What is ours is read as ours by a vendor's layout too, unless that has such an export of its own.
    let only = vendor(inspections).and_then(|name| Layout::find(&name));
    let clashes = |role: Role| {
        let is_ours = inspections.iter().any(|it| role_of(it) == role) && of(role).is_empty();
        is_ours && only.as_ref().is_some_and(|layout| layout.input(role).table.is_some())
    };
    let is_one = vendors(inspections).len() < 2 && !Role::ALL.into_iter().any(clashes);
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

/// Words of the exports that mean nothing yet, for each list a table to be filled in.
fn words(text: &mut String, inspections: &[Inspection]) {
    let mut tables: BTreeMap<&str, (Vec<&str>, Vec<String>)> = BTreeMap::new();
    let mut channels = Vec::new();
    for it in inspections {
        let role = role_of(it);
        for Seen { ours, words, .. } in &it.columns {
            for word in words.iter().filter(|word| word.means.is_none()) {
                let Some(column) = ours.iter().find(|name| table(role, name).is_some()) else { continue };
                let Some(table) = table(role, column) else { continue };
                let rows = counted(word.rows, "row", "rows");
                match list_of(role, column) {
                    None => channels.push(format!("# [channels.{}]    # {rows}\n# certified = true\n# product = \"...\"\n# chpl-id = \"...\"\n# from = \"2014-01-01\"\n", quoted(&word.word))),
                    Some(list) => {
                        let (known, lines) = tables.entry(table).or_default();
                        *known = list.words.to_vec();
                        let ours = word.like.as_deref().unwrap_or("...");
                        lines.push(format!("# {} = \"{ours}\"    # {rows}\n", quoted(&word.word)));
                    }
                }
            }
        }
    }
    for (table, (known, lines)) in tables {
        let _ = write!(
            text,
            "\n# Words of the export that are none of ours, so they are read as unknown. Ours are:\n# {}.\n[{table}]\n",
            known.join(", ")
        );
        lines.iter().for_each(|line| text.push_str(line));
    }
    if !channels.is_empty() {
        text.push_str("\n# Channels of the export. One that is the messaging function of certified EHR technology is named here with its days.\n");
        channels.iter().for_each(|channel| text.push_str(channel));
    }
}

/// The table of the configuration for words of one of our columns.
fn table(role: Role, column: &str) -> Option<&'static str> {
    Some(match (role, column) {
        (Role::Encounters, "status") => "encounter-statuses",
        (Role::Encounters, "kind") => "kinds",
        (Role::Encounters, "seen_by") => "seen-by",
        (Role::Messages, "status") => "message-statuses",
        (Role::Messages, "sender") => "senders",
        (Role::Messages, "recipient") => "recipients",
        (Role::Messages, "topic") => "topics",
        (Role::Messages, "patient_included") => "patient-included",
        (Role::Messages, "channel") => "channels",
        (Role::Accesses, "action") => "actions",
        (Role::Accesses, "actor") => "actors",
        _ => return None,
    })
}
