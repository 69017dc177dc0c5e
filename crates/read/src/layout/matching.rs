//! Ranks layouts by how well they match a header.

use crate::layout::names::recognized;
use crate::layout::{CONDITION, Layout};
use mucalc_core::domain::input::InputRole;

/// How well a header matches one kind of input of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchScore {
    /// Name of the layout.
    pub layout: String,
    /// Kind of input.
    pub role: InputRole,
    /// Number of columns that the layout reads and the header has.
    pub found: usize,
    /// Number of columns that the layout reads.
    pub wanted: usize,
    /// Required canonical columns for which the header has no column, or [`CONDITION`] if a condition lacks its column.
    pub missing: Vec<&'static str>,
}

impl MatchScore {
    /// Returns whether every required column is present.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// Returns the rank, higher for a better match: first complete matches, then more columns found, then fewer columns wanted.
    fn rank(&self) -> (bool, usize, std::cmp::Reverse<usize>) {
        (self.is_complete(), self.found, std::cmp::Reverse(self.wanted))
    }
}

/// Returns how well a header matches each kind of input of each layout, best match first. Omits those without any matching column.
///
/// If columns are `sparse`, as in NDJSON, a condition on a column that no row has yet does not count as missing.
pub fn rank_layouts(header: &[String], layouts: &[Layout], sparse: bool) -> Vec<MatchScore> {
    let mut fits = Vec::new();
    for layout in layouts {
        for role in InputRole::ALL {
            let input = layout.input(role);
            // If a layout omits a kind of input, the canonical layout applies, which is listed separately.
            if input.table.is_none() && layout.name != crate::layout::CANONICAL {
                continue;
            }
            let sources = input.sources();
            // A layout that takes other spellings of names matches them too.
            let spelled = if input.takes_spellings() { spelled(header, &sources) } else { None };
            let header = spelled.as_deref().unwrap_or(header);
            let lacks = |name: &String| !header.contains(name);
            if input.table.as_ref().is_some_and(|table| table.recognized_by.iter().any(lacks)) {
                continue;
            }
            let found = sources.iter().filter(|name| header.iter().any(|known| known == *name)).count();
            let missing = input.missing(header).into_iter().map(|(name, _)| name);
            let missing = missing.filter(|name| !sparse || *name != CONDITION).collect();
            fits.push(MatchScore {
                layout: layout.name.clone(),
                role,
                found,
                wanted: sources.len(),
                missing,
            });
        }
    }
    // A roster requires only the ids of providers, which many tables have.
    fits.retain(|fit| fit.found > usize::from(fit.role == InputRole::Roster));
    fits.sort_by_key(|fit| std::cmp::Reverse(fit.rank()));
    fits
}

/// Returns a header with the wanted names in place of other spellings of them. `None` if two columns are spellings of one name.
fn spelled(header: &[String], wanted: &[&str]) -> Option<Vec<String>> {
    let meant = recognized(header, wanted).ok()?;
    Some(header.iter().zip(meant).map(|(name, meant)| meant.unwrap_or(name).to_owned()).collect())
}
