//! The rows of some patients, judged one by one: their part of the ledger, and whom each row of the numerator reaches.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::answer::Answer;
use crate::domain::credit::Credit;
use crate::domain::event::Act;
use crate::edition::Cell;
use crate::edition::model::{Counted, CountsFor};
use crate::read::Roster;
use crate::tally::credit::{Addressee, Crediting};
use crate::tally::decided::Decided;
use crate::tally::ids::Id;
use crate::tally::kept::{At, Kept};
use crate::tally::law::Law;
use crate::tally::ledger::{Ledger, Pairs};
use crate::tally::seen::{AllSeen, Keep, Seeing};
use crate::tally::waterfall::Tally;
use crate::tally::wrote::{Writing, WrotePart};

/// How a numerator is counted.
#[derive(Clone, Copy)]
pub struct Counting<'a> {
    /// Rows of which export it asks.
    pub counts: Counted,
    /// Whom such a row counts for.
    pub counts_for: CountsFor,
    /// How it is credited.
    pub credit: Credit,
    /// The providers of the practice, if they were named.
    pub roster: Option<&'a Roster>,
    /// What people decided.
    pub decided: &'a Decided<'a>,
}

/// What came of the rows.
pub struct Replayed {
    /// The part of the ledger that is about their patients: the very same as in a run over all rows.
    pub ledger: Ledger,
    /// Whom each message, or access, reaches; in the order of the rows.
    pub reached: Vec<Vec<Reached>>,
}

/// A provider whom a row of the numerator reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The number of the provider.
    pub provider: u32,
    /// The answer that holds for the provider.
    pub answer: Answer,
    /// Whether it is uncertain that the row reaches the provider, since it names nobody.
    pub weakened: bool,
    /// Whether that is so since an id only nearly matches.
    pub is_near: bool,
    /// Whether somebody decided it.
    pub decided: bool,
}

/// Judges the rows of some patients. All rows of each of them have to be there.
pub fn replay(law: &Law, kept: &Kept, counting: Counting<'_>) -> Replayed {
    let mut ledger = seen(law, kept, counting.roster);
    counting.decided.settle_seen(&mut ledger);
    let Ledger { pairs, written } = &mut ledger;
    let crediting = Crediting::new(counting.credit, counting.counts_for, pairs, counting.roster);
    let decided = Some(counting.decided);
    let writing = Writing { crediting: &crediting, pairs, all: true, decided, matching: None, writers: None };
    let written = Mutex::new(written);
    let mut parts: BTreeMap<u32, WrotePart> = BTreeMap::new();
    let mut reached = Vec::new();
    let mut put = |at: &At, act: &Act<'_>, cell: Cell, take: &dyn Fn(&mut WrotePart)| {
        take(parts.entry(at.file).or_insert_with(|| WrotePart::new(Tally::new(&law.numerator), &writing)));
        reached.push(reached_by(pairs, &crediting, counting.decided, act, cell));
    };
    match counting.counts {
        Counted::Messages => kept.messages.iter().for_each(|row| {
            let message = row.event();
            put(&row.at, &message.act, law.message(&message), &|part| part.message(&writing, law, &message));
        }),
        Counted::Accesses => kept.accesses.iter().for_each(|row| {
            let access = row.event();
            put(&row.at, &access.act, law.access(&access), &|part| part.access(&writing, law, &access));
        }),
    }
    for (file, mut part) in parts {
        part.reach(&writing, file, |part| {
            let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
            part.apply(&mut written, &mut Tally::new(&law.numerator), file);
        });
    }
    counting.decided.settle_wrote(&mut ledger);
    Replayed { ledger, reached }
}

fn seen(law: &Law, kept: &Kept, roster: Option<&Roster>) -> Ledger {
    let seeing = Seeing::new(law, Keep { evidence: true, ..Keep::default() });
    roster.into_iter().flat_map(Roster::keys).for_each(|provider| seeing.name(provider));
    for rows in kept.encounters.chunk_by(|one, other| one.at.file == other.at.file) {
        let mut part = seeing.part(law);
        rows.iter().for_each(|row| part.take(law, true, &row.event()));
        seeing.collect(part, rows[0].at.file);
    }
    let AllSeen { ledger, .. } = seeing.finish(1);
    ledger
}

fn reached_by(
    pairs: &Pairs,
    crediting: &Crediting,
    decided: &Decided<'_>,
    act: &Act<'_>,
    cell: Cell,
) -> Vec<Reached> {
    let patient = Id::new(act.patient);
    let rows = pairs.of_patient(patient, pairs.hash(patient));
    let near = if rows.is_empty() { pairs.near_patient(patient) } else { None };
    let addressee = Addressee::find(act.provider, pairs);
    let (is_near, names_near) = (near.is_some(), matches!(addressee, Addressee::Near(_)));
    let rows = near.map_or(rows, |(_, rows)| rows);
    let mut reached = Vec::new();
    if rows.is_empty() {
        return reached;
    }
    let decisions = decided.of_message(act.id);
    crediting.rows(pairs, &rows, addressee, |_, provider, weakened| {
        let is_near = is_near || weakened && names_near;
        let weakened = weakened || is_near;
        let known = if weakened { cell.answer.weakened() } else { cell.answer };
        let settled = decisions.filter(|_| known == Answer::Uncertain);
        let settled = settled.and_then(|of| decided.answer_of_message(of, pairs.providers.get(provider)));
        reached.push(Reached {
            provider,
            answer: settled.unwrap_or(known),
            weakened,
            is_near,
            decided: settled.is_some(),
        });
    });
    reached
}
