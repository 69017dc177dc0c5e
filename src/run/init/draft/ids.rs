//! Chooses the columns with the ids of patients and providers so that the exports fit together, and finds differences in how they spell ids.

use mucalc_core::domain::folding::Fold;
use mucalc_core::domain::input::InputRole;
use mucalc_read::profile::id_sample::IdSample;

use super::table::RoleTable;

/// The canonical columns by which exports are joined.
const JOINED: [&str; 2] = ["patient_id", "provider_id"];

/// The sides of the join, and the encounters that they are joined with.
const SIDES: [InputRole; 2] = [InputRole::Messages, InputRole::Accesses];

/// A better-named column is given up for one that shares so many more ids.
const CLEARLY_MORE: f64 = 0.2;

/// Two columns hold the same people if they share so much.
const KNOWN: f64 = 0.5;

/// Ids must share so much more without differences in spelling, for these to be ignored.
const PROVES: f64 = 0.02;

/// The columns that are chosen because their ids are in the other export.
#[derive(Default)]
pub(super) struct Pairing {
    chosen: Vec<(InputRole, &'static str, usize)>,
    /// The ids of the providers in the encounters.
    providers: Option<IdSample>,
    /// The ids of the patients in the encounters.
    patients: Option<IdSample>,
}

impl Pairing {
    /// Chooses the columns of encounters, messages, and accesses.
    pub fn new(tables: &[RoleTable<'_>]) -> Self {
        let mut pairing = Self::default();
        let Some(encounters) = of_role(tables, InputRole::Encounters) else { return pairing };
        for side in SIDES {
            let Some(table) = of_role(tables, side) else { continue };
            for column in JOINED {
                let ours = match pairing.chosen(InputRole::Encounters, column) {
                    Some(at) => vec![at],
                    None => encounters.suitable(column),
                };
                if let Some((at, other)) = best_pair(encounters, &ours, table, &table.suitable(column)) {
                    pairing
                        .chosen
                        .retain(|(role, known, _)| (*role, *known) != (InputRole::Encounters, column));
                    pairing.chosen.push((InputRole::Encounters, column, at));
                    pairing.chosen.push((side, column, other));
                }
            }
        }
        let ids = |column: &'static str| {
            let chosen = pairing.chosen(InputRole::Encounters, column);
            let at = chosen.or_else(|| encounters.suitable(column).first().copied())?;
            Some(encounters.columns[at].ids.clone())
        };
        (pairing.providers, pairing.patients) = (ids("provider_id"), ids("patient_id"));
        pairing
    }

    /// Returns whether the encounters have none of these patients, who are so many that the exports must identify patients differently.
    pub fn lacks_patients(&self, patients: &IdSample) -> bool {
        const FEW: u64 = 3;
        patients.distinct() >= FEW && self.patients.as_ref().is_some_and(|known| shared(patients, known) == 0)
    }

    /// Returns whether the encounters have none of these providers.
    pub fn lacks_providers(&self, providers: &IdSample) -> bool {
        let lacks = |known: &IdSample| known.distinct() > 0 && shared(providers, known) == 0;
        providers.distinct() > 0 && self.providers.as_ref().is_some_and(lacks)
    }

    /// Returns whether the encounters have most of these providers.
    pub fn has_most_providers(&self, providers: &IdSample) -> bool {
        let share = |known: &IdSample| providers.overlap(known, &compared(known, providers)).share();
        providers.distinct() == 0 || self.providers.as_ref().is_some_and(|known| share(known) >= KNOWN)
    }

    /// Returns the chosen column of a role.
    pub fn chosen(&self, role: InputRole, column: &str) -> Option<usize> {
        self.chosen.iter().find(|(of, name, _)| *of == role && *name == column).map(|(_, _, at)| *at)
    }
}

/// Returns how many ids two columns have in common, as a report will compare them.
fn shared(ids: &IdSample, known: &IdSample) -> usize {
    ids.overlap(known, &compared(known, ids)).shared
}

/// Returns the differences in spelling that a report ignores, or at least allows for.
fn compared(ours: &IdSample, theirs: &IdSample) -> Vec<Fold> {
    Fold::ACCIDENTAL.into_iter().chain(needed(ours, theirs)).collect()
}

fn of_role<'t, 'l>(tables: &'t [RoleTable<'l>], role: InputRole) -> Option<&'t RoleTable<'l>> {
    tables.iter().find(|table| table.role == role && !table.is_vendors)
}

/// Returns the two columns that share most ids. The best-named ones are kept unless others share clearly more.
fn best_pair(
    encounters: &RoleTable<'_>,
    ours: &[usize],
    other: &RoleTable<'_>,
    theirs: &[usize],
) -> Option<(usize, usize)> {
    let mut best: Option<((usize, usize), f64)> = None;
    for at in ours {
        for to in theirs {
            let shared = other.columns[*to].ids.overlap(&encounters.columns[*at].ids, &Fold::ALL).share();
            let is_better = best.is_none_or(|(_, known)| shared > known + CLEARLY_MORE);
            if is_better {
                best = Some(((*at, *to), shared));
            }
        }
    }
    best.map(|(pair, _)| pair)
}

/// Returns the differences in spelling that must not count, so that the ids of the exports fit together. Only those that do not make two ids
/// of one export the same.
pub(super) fn paired(tables: &[RoleTable<'_>], pairing: &Pairing) -> Vec<Fold> {
    let mut folds: Vec<Fold> = Vec::new();
    let Some(encounters) = of_role(tables, InputRole::Encounters) else { return folds };
    for side in SIDES {
        let Some(other) = of_role(tables, side) else { continue };
        for column in JOINED {
            let chosen = pairing.chosen(InputRole::Encounters, column).zip(pairing.chosen(side, column));
            let Some((at, to)) = chosen else { continue };
            let (ours, theirs) = (&encounters.columns[at].ids, &other.columns[to].ids);
            folds.extend(
                needed(ours, theirs).into_iter().filter(|fold| !folds.contains(fold)).collect::<Vec<_>>(),
            );
        }
    }
    folds
}

/// Returns the smallest set of differences without which the ids fit together best.
fn needed(ours: &IdSample, theirs: &IdSample) -> Vec<Fold> {
    let shared = |folds: &[Fold]| theirs.overlap(ours, folds).share();
    let all = shared(&Fold::ALL);
    if all < shared(&[]) + PROVES {
        return Vec::new();
    }
    let enough = |folds: &[Fold]| shared(folds) + f64::EPSILON >= all;
    let single = Fold::ALL.into_iter().map(|fold| vec![fold]).find(|folds| enough(folds));
    let folds = single.unwrap_or_else(|| {
        // Each that is needed with all others.
        let without = |fold: Fold| Fold::ALL.into_iter().filter(|other| *other != fold).collect::<Vec<_>>();
        Fold::ALL.into_iter().filter(|fold| !enough(&without(*fold))).collect()
    });
    let merges = |ids: &IdSample| ids.overlap(ids, &folds).ids < ids.overlap(ids, &[]).ids;
    if merges(ours) || merges(theirs) { Vec::new() } else { folds }
}
