//! Which layout a header fits, and how well.

use crate::layout::{CONDITION, Layout};
use mucalc_core::domain::input::InputRole;

/// How well a header fits one kind of input of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchScore {
    /// The name of the layout.
    pub layout: String,
    /// Which kind of input.
    pub role: InputRole,
    /// How many of the columns that the layout looks at are there.
    pub found: usize,
    /// How many it looks at.
    pub wanted: usize,
    /// Our required columns that nothing is there for.
    pub missing: Vec<&'static str>,
}

impl MatchScore {
    /// Whether every required column is there.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty()
    }

    /// More is better: first that nothing is missing, then the columns found.
    fn rank(&self) -> (bool, usize, std::cmp::Reverse<usize>) {
        (self.is_whole(), self.found, std::cmp::Reverse(self.wanted))
    }
}

/// How well a header fits each kind of input of each layout, best first; those of which no column is there are left out. Where
/// columns are `sparse`, as in NDJSON, one that no row has yet is no reason why a condition cannot be asked.
pub fn fits(header: &[String], layouts: &[Layout], sparse: bool) -> Vec<MatchScore> {
    let mut fits = Vec::new();
    for layout in layouts {
        for role in InputRole::ALL {
            let input = layout.input(role);
            // What a layout says nothing about is our own layout, which stands for itself.
            if input.table.is_none() && layout.name != crate::layout::CANONICAL {
                continue;
            }
            let sources = input.sources();
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
    // A roster needs no more than the ids of providers, which many tables have.
    fits.retain(|fit| fit.found > usize::from(fit.role == InputRole::Roster));
    fits.sort_by_key(|fit| std::cmp::Reverse(fit.rank()));
    fits
}
