//! From encounters to the ledger's rows: who was seen by whom.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::domain::answer::Answer;
use crate::domain::event::Encounter;
use crate::domain::period::Day;
use crate::domain::standing::Seen;
use crate::tally::evidence::{Evidence, RowKey};
use crate::tally::ids::Ids;
use crate::tally::law::Law;
use crate::tally::ledger::{Ledger, Pair};
use crate::tally::waterfall::Tally;

/// Collects the encounters of all files.
pub struct Seeing {
    providers: Ids,
    patients: Ids,
    rows: Vec<Pair>,
    by_pair: HashTable<u32>,
    hasher: DefaultHashBuilder,
    evidence: Option<Vec<Evidence>>,
    tally: Tally,
}

/// The judged encounters of one block.
pub struct SeenPart {
    tally: Tally,
    providers: Ids,
    patients: String,
    entries: Vec<Entry>,
}

/// An encounter that is not certainly out.
struct Entry {
    /// Where the patient's id ends in the part's text.
    patient_end: usize,
    /// The provider's number in the part.
    provider: u32,
    answer: Answer,
    day: Option<Day>,
    line: u64,
}

impl SeenPart {
    /// An empty part.
    pub fn new(law: &Law) -> Self {
        Self {
            tally: Tally::new(&law.denominator),
            providers: Ids::default(),
            patients: String::new(),
            entries: Vec::new(),
        }
    }

    /// Judges an encounter.
    pub fn take(&mut self, law: &Law, encounter: &Encounter<'_>) {
        let cell = law.encounter(encounter);
        self.tally.count(cell);
        // A provider is listed for being named, even if every encounter is out.
        let provider = self.providers.code(encounter.provider);
        if cell.answer.may_be_in() {
            self.patients.push_str(encounter.patient);
            self.entries.push(Entry {
                patient_end: self.patients.len(),
                provider,
                answer: cell.answer,
                day: encounter.day,
                line: encounter.line,
            });
        }
    }
}

impl Seeing {
    /// Nobody seen yet. `evidence` says whether the ledger is to keep what each row rests on.
    pub fn new(law: &Law, evidence: bool) -> Self {
        Self {
            providers: Ids::default(),
            patients: Ids::default(),
            rows: Vec::new(),
            by_pair: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            evidence: evidence.then(Vec::new),
            tally: Tally::new(&law.denominator),
        }
    }

    /// Names a provider of the roster, whether or not encounters do.
    pub fn name(&mut self, provider: &str) {
        self.providers.code(provider);
    }

    /// Adds a part of a file, given by its position among the files.
    pub fn collect(&mut self, part: SeenPart, file: u32) {
        self.tally.merge(&part.tally);
        let providers: Vec<u32> = (0..part.providers.len() as u32)
            .map(|code| self.providers.code(part.providers.get(code)))
            .collect();
        let mut begin = 0;
        for entry in &part.entries {
            let patient = self.patients.code(&part.patients[begin..entry.patient_end]);
            begin = entry.patient_end;
            let row = self.row(patient, providers[entry.provider as usize]);
            if entry.answer.must_be_in() {
                self.rows[row].seen = Seen::Certain;
            }
            if let Some(evidence) = &mut self.evidence {
                evidence[row].add_encounter(entry.answer, RowKey::new(entry.day, file, entry.line));
            }
        }
    }

    /// The ledger of everybody seen, and the rows that each rule judged.
    pub fn finish(self) -> (Ledger, Tally) {
        (Ledger::new(self.providers, self.patients, self.rows, self.evidence), self.tally)
    }

    /// The position of a pair's row, made if need be.
    fn row(&mut self, patient: u32, provider: u32) -> usize {
        let hash = self.hasher.hash_one((patient, provider));
        let rows = &self.rows;
        let same = |row: &u32| {
            let row = &rows[*row as usize];
            (row.patient, row.provider) == (patient, provider)
        };
        if let Some(row) = self.by_pair.find(hash, same) {
            return *row as usize;
        }
        let position = self.rows.len();
        self.rows.push(Pair { patient, provider, seen: Seen::Possible });
        if let Some(evidence) = &mut self.evidence {
            evidence.push(Evidence::default());
        }
        let (rows, hasher) = (&self.rows, &self.hasher);
        let code = u32::try_from(position).expect("fewer than 2^32 (provider, patient) pairs");
        self.by_pair.insert_unique(hash, code, |row| {
            let row = &rows[*row as usize];
            hasher.hash_one((row.patient, row.provider))
        });
        position
    }
}
