//! Finds out what each export is: encounters, messages, accesses, or a roster.

use mucalc_core::domain::input::InputRole;
use mucalc_read::layout::Layout;
use mucalc_read::proposals::columns::candidates;

use super::contents::{day_columns, suits};
use super::{is_read, is_vendors};
use crate::run::inspection::LookedAt;

/// The roles that a layout can describe.
const DRAFTED: [InputRole; 4] =
    [InputRole::Encounters, InputRole::Messages, InputRole::Accesses, InputRole::Roster];

/// Returns the role of each export. `None` if nothing says what an export is, or if the layout of a vendor reads the others of its role.
pub(super) fn roles(looked: &[LookedAt]) -> Vec<Option<InputRole>> {
    let mut roles: Vec<Option<InputRole>> = looked.iter().map(role).collect();
    let by_vendor: Vec<InputRole> =
        looked.iter().zip(&roles).filter(|(it, _)| is_vendors(it)).filter_map(|(_, role)| *role).collect();
    for (it, role) in looked.iter().zip(&mut roles) {
        // One layout reads all exports of a role.
        *role = role.filter(|role| is_read(it) || !by_vendor.contains(role));
    }
    // An export with days whose columns have no telling names is what is missing.
    for wanted in [InputRole::Encounters, InputRole::Messages] {
        let is_dated = |at: &usize| !day_columns(&looked[*at].header, &looked[*at].columns).is_empty();
        let open: Vec<usize> = (0..roles.len()).filter(|at| roles[*at].is_none() && is_dated(at)).collect();
        if let [only] = open[..]
            && !roles.contains(&Some(wanted))
            && roles.contains(&Some(other_side(wanted)))
        {
            roles[only] = Some(wanted);
        }
    }
    roles
}

fn other_side(role: InputRole) -> InputRole {
    if role == InputRole::Encounters { InputRole::Messages } else { InputRole::Encounters }
}

/// Returns the role of an export by its layout, or by its columns and its name.
fn role(it: &LookedAt) -> Option<InputRole> {
    if let Some(fit) = it.inspection.layout.as_ref().filter(|fit| fit.missing.is_empty()) {
        return InputRole::ALL.into_iter().find(|role| role.word() == fit.kind);
    }
    let rated = DRAFTED.into_iter().map(|role| (points(it, role), role));
    // The first of equally good ones.
    let (points, role) = rated.rev().max_by_key(|(points, _)| *points)?;
    (points > 0).then_some(role)
}

/// Returns how much says that an export has a role: columns with fitting names and contents, and the name of the file.
fn points(it: &LookedAt, role: InputRole) -> i64 {
    let fitting = candidates(role, &it.header);
    let has = |name: &str| {
        let found = fitting.iter().find(|found| found.column == name);
        found.is_some_and(|found| {
            found.from.iter().any(|at| suits(role, found.column, &it.header[*at], &it.columns[*at]))
        })
    };
    let columns = Layout::canonical().input(role).columns;
    let found = columns.all().filter(|name| has(name)).count() as i64;
    let missing = columns.required.iter().filter(|name| !has(name)).count() as i64;
    // A roster needs only a provider, whom every export names; its NPIs and names say that it is one.
    let is_roster = role == InputRole::Roster;
    let telling = if is_roster && !has("npi") { -3 } else { 0 };
    // Many lists have patients and days; a message also has a sender, a recipient, or a way.
    let is_mail = ["sender", "recipient", "channel"].iter().any(|name| has(name)) || is_named(it, role);
    let unlikely = if role == InputRole::Messages && !is_mail { -6 } else { 0 };
    let has_days = !day_columns(&it.header, &it.columns).is_empty();
    let dated = if is_roster && has_days { -3 } else { 0 };
    found - 3 * missing + telling + dated + unlikely + 3 * i64::from(is_named(it, role))
}

/// Returns whether the name of the file or the sheet says that it has a role.
fn is_named(it: &LookedAt, role: InputRole) -> bool {
    let parts: &[&str] = match role {
        InputRole::Encounters => &["enc", "visit", "appoint", "appt", "sched", "service"],
        InputRole::Messages => &["mess", "mesg", "msg", "mail", "communication", "inbox", "portal"],
        InputRole::Accesses => &["access", "audit", "login", "vdt"],
        _ => &["roster", "provider", "clinician", "doctors", "staff"],
    };
    let file = std::path::Path::new(&it.inspection.path).file_name().unwrap_or_default();
    let name = it.sheet.clone().unwrap_or_else(|| file.to_string_lossy().into_owned()).to_lowercase();
    parts.iter().any(|part| name.contains(part))
}
