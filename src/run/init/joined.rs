//! Exports that others complete: a column that an export lacks may be in a table that its layout joins to it.

use mucalc_read::joins::joined_columns;
use mucalc_read::layout::Layout;

use super::roles::role_of;
use crate::run::inspection::LookedAt;

/// Removes from the missing columns of each export those that another export adds to it.
pub(super) fn complete(looked: &mut [LookedAt]) {
    let headers: Vec<Vec<String>> = looked.iter().map(|it| it.header.clone()).collect();
    for it in looked {
        let role = role_of(&it.inspection);
        let Some(fit) = it.inspection.layout.as_mut().filter(|fit| !fit.missing.is_empty()) else { continue };
        let Some(layout) = Layout::find(&fit.name) else { continue };
        let joined = headers.iter().flat_map(|header| joined_columns(&layout, role, header)).cloned();
        let names: Vec<String> = it.header.iter().cloned().chain(joined).collect();
        let translation = layout.input(role).translation(&names);
        fit.missing.retain(|missing| !translation.names().any(|name| name == missing));
    }
}
