//! Roles of exports, and the vendor layouts that match them.

use std::collections::BTreeSet;

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::{Inspection, LayoutMatch};
use mucalc_read::layout::CANONICAL;

/// Returns the first vendor layout, by name, that matches an export.
pub(super) fn vendor(inspections: &[Inspection]) -> Option<String> {
    vendors(inspections).into_iter().next()
}

/// Returns the vendor layouts that match the exports.
pub(super) fn vendors(inspections: &[Inspection]) -> BTreeSet<String> {
    InputRole::ALL.into_iter().flat_map(|role| vendors_of(inspections, role)).collect()
}

/// Returns the vendor layouts that match the exports of a role.
pub(super) fn vendors_of(inspections: &[Inspection], role: InputRole) -> BTreeSet<String> {
    let of_role = inspections.iter().filter(|it| role_of(it) == role);
    let names = of_role.filter_map(|it| it.layout.as_ref()).map(|fit| fit.name.clone());
    names.filter(|name| name != CANONICAL).collect()
}

/// Returns the roles whose exports are read by several layouts, so that each export is described by itself.
pub(super) fn mixed_roles(inspections: &[Inspection]) -> Vec<InputRole> {
    let is_mixed = |role: &InputRole| {
        let of_role = inspections.iter().filter(|it| role_of(it) == *role);
        let names = of_role.filter_map(|it| it.layout.as_ref()).filter(|fit| fit.missing.is_empty());
        names.map(|fit| &fit.name).collect::<BTreeSet<_>>().len() > 1
    };
    InputRole::EXPORTS.into_iter().filter(is_mixed).collect()
}

/// Returns whether an export contains rows of a role. A FHIR Bundle may contain encounters and messages.
pub(super) fn holds(it: &Inspection, role: InputRole) -> bool {
    let is_json = ["JSON", "NDJSON"].contains(&it.format.as_str());
    let both = [InputRole::Encounters, InputRole::Messages].contains(&role) && it.layout.is_some() && is_json;
    let same = || it.layout.as_ref().is_some_and(|fit| fit.name != CANONICAL && fit.missing.is_empty());
    let is_other = |other: &LayoutMatch| {
        other.kind == role.word() && it.layout.as_ref().is_some_and(|fit| fit.name == other.name)
    };
    role_of(it) == role || both && same() && it.others.iter().any(is_other)
}

/// Returns the role of an export according to its layout, or to its file name if no layout matches.
pub(super) fn role_of(it: &Inspection) -> InputRole {
    let by_name = || {
        let name = it.path.to_lowercase();
        if name.contains("access") || name.contains("audit") {
            InputRole::Accesses
        } else if ["mess", "mesg", "msg", "mail", "communication"].iter().any(|part| name.contains(part)) {
            InputRole::Messages
        } else if name.contains("roster") || name.contains("provider") {
            InputRole::Roster
        } else {
            InputRole::Encounters
        }
    };
    it.layout
        .as_ref()
        .and_then(|fit| InputRole::ALL.into_iter().find(|role| role.word() == fit.kind))
        .unwrap_or_else(by_name)
}
