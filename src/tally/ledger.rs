//! The ledger: one row per (provider, patient) that may be in the denominator. Everything else derives from it.

use std::ops::Range;

use crate::domain::answer::Answer;
use crate::domain::standing::{Seen, Standing, Wrote};
use crate::tally::evidence::{Evidence, RowKey};
use crate::tally::ids::Ids;

/// Who was seen by whom, and what is known of their messages.
pub struct Ledger {
    /// Who was seen by whom.
    pub pairs: Pairs,
    /// What is known of the messages of each pair, and what the pair rests on.
    pub written: Written,
}

/// Who was, or may have been, seen by whom: fixed once all encounters are read.
pub struct Pairs {
    /// Every provider named in the encounters or on the roster.
    pub providers: Ids,
    /// Every patient with a row.
    pub patients: Ids,
    rows: Vec<Pair>,
    /// Where the rows of each patient begin.
    begins: Vec<u32>,
}

/// A patient whom a provider saw, or may have seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The number of the patient.
    pub patient: u32,
    /// The number of the provider.
    pub provider: u32,
    /// Whether the patient was seen for certain.
    pub seen: Seen,
}

/// What is known of the messages of each pair: grows as messages are read.
pub struct Written {
    wrote: Vec<Wrote>,
    /// One entry a pair, if evidence is kept.
    evidence: Option<Vec<Evidence>>,
}

impl Ledger {
    /// What the data allow of each pair, with the pair; sorted by patient.
    pub fn rows(&self) -> impl Iterator<Item = (Pair, Standing)> + '_ {
        let standing =
            |(pair, wrote): (&Pair, &Wrote)| (*pair, Standing { denominator: pair.seen, numerator: *wrote });
        self.pairs.rows.iter().zip(&self.written.wrote).map(standing)
    }

    /// What each pair rests on, in the order of [`Self::rows`]; none if it was not kept.
    pub fn evidence(&self) -> Option<&[Evidence]> {
        self.written.evidence.as_deref()
    }

    /// A ledger of everybody seen, before any message. `rows` come in any order, each pair once.
    pub(super) fn new(
        providers: Ids,
        patients: Ids,
        mut rows: Vec<Pair>,
        evidence: Option<Vec<Evidence>>,
    ) -> Self {
        let key = |row: &Pair| (row.patient, row.provider);
        let evidence = if let Some(evidence) = evidence {
            let mut both: Vec<_> = rows.into_iter().zip(evidence).collect();
            both.sort_unstable_by_key(|(row, _)| key(row));
            let (sorted, evidence) = both.into_iter().unzip();
            rows = sorted;
            Some(evidence)
        } else {
            rows.sort_unstable_by_key(key);
            None
        };
        let mut begins = Vec::with_capacity(patients.len() + 1);
        for (position, row) in rows.iter().enumerate() {
            // Patients are numbered without gaps, and each has a row.
            if row.patient as usize == begins.len() {
                begins.push(position as u32);
            }
        }
        begins.push(rows.len() as u32);
        let written = Written { wrote: vec![Wrote::None; rows.len()], evidence };
        Self { pairs: Pairs { providers, patients, rows, begins }, written }
    }
}

impl Pairs {
    /// The positions of a patient's pairs.
    pub fn of_patient(&self, patient: u32) -> Range<usize> {
        self.begins[patient as usize] as usize..self.begins[patient as usize + 1] as usize
    }

    /// The number of the provider of a pair.
    pub fn provider_of(&self, row: usize) -> u32 {
        self.rows[row].provider
    }
}

impl Written {
    /// Whether evidence is kept.
    pub fn keeps_evidence(&self) -> bool {
        self.evidence.is_some()
    }

    /// Adds a message that reaches a pair; `weakened` where only its addressee makes it uncertain.
    pub(super) fn add(&mut self, row: usize, rule: u8, answer: Answer, weakened: bool, key: RowKey) {
        let wrote = match answer {
            Answer::In => Wrote::Certain,
            Answer::Uncertain => Wrote::Possible,
            Answer::Out => Wrote::None,
        };
        self.wrote[row] = self.wrote[row].max(wrote);
        if let Some(evidence) = &mut self.evidence {
            evidence[row].add_message(rule, answer, weakened, key);
        }
    }
}
