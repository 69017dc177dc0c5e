//! From messages to the ledger's numerators. Memory does not grow with the number of messages.

use crate::domain::answer::Answer;
use crate::domain::event::Message;
use crate::domain::period::Day;
use crate::edition::Cell;
use crate::tally::credit::Crediting;
use crate::tally::evidence::RowKey;
use crate::tally::law::Law;
use crate::tally::ledger::{Pairs, PatientRows, Written};
use crate::tally::waterfall::Tally;

/// Judges messages against pairs that do not change meanwhile.
pub struct Writing<'a> {
    /// The rules.
    pub law: &'a Law,
    /// Whom messages reach.
    pub crediting: &'a Crediting,
    /// The pairs that they can reach.
    pub pairs: &'a Pairs,
    /// Whether messages that do not count are wanted too, to tell how near they came.
    pub all: bool,
}

/// The judged messages of one block.
pub struct WrotePart {
    tally: Tally,
    /// The patients and providers of the candidates.
    ids: Vec<u8>,
    candidates: Vec<Candidate>,
    hits: Vec<Hit>,
}

/// A message that reaches whatever rows there are of its patient.
struct Candidate {
    /// Where the patient's id ends in the part's text, and where the provider's.
    patient_end: usize,
    patient_hash: u64,
    provider_end: usize,
    has_provider: bool,
    cell: Cell,
    day: Option<Day>,
    /// The line of the record, where evidence is kept.
    line: u64,
}

/// A message that reaches a ledger row.
struct Hit {
    row: u32,
    rule: u8,
    answer: Answer,
    /// Whether it is uncertain that the message reaches the row.
    weakened: bool,
    day: Option<Day>,
    line: u64,
}

/// So many hits are put into the ledger without waiting for the end of the block.
const MANY: usize = 1 << 16;

impl WrotePart {
    /// An empty part.
    pub fn new(law: &Law) -> Self {
        let tally = Tally::new(&law.numerator);
        Self { tally, ids: Vec::new(), candidates: Vec::new(), hits: Vec::new() }
    }

    /// Judges a message.
    pub fn take(&mut self, writing: &Writing<'_>, message: &Message<'_>) {
        let cell = writing.law.message(message);
        self.tally.count(cell);
        // What does not count changes no standing; only evidence wants to know how near it came.
        if !cell.answer.may_be_in() && !writing.all {
            return;
        }
        self.ids.extend_from_slice(message.patient);
        let patient_end = self.ids.len();
        self.ids.extend_from_slice(message.provider.unwrap_or_default());
        self.candidates.push(Candidate {
            patient_end,
            patient_hash: writing.pairs.hash(message.patient),
            provider_end: self.ids.len(),
            has_provider: message.provider.is_some(),
            cell,
            day: message.day,
            line: if writing.all { message.line.number() } else { 0 },
        });
    }

    /// Finds the rows that the messages reach. `put` is called with the part whenever there is something to
    /// [`Self::apply`], and at the end.
    ///
    /// This is done for a whole block at once, and the patients first: then the machine waits for several of the
    /// scattered places in memory at the same time, and not for one after the other.
    pub fn reach(&mut self, writing: &Writing<'_>, put: impl Fn(&mut Self)) {
        let (ids, candidates) = (std::mem::take(&mut self.ids), std::mem::take(&mut self.candidates));
        let mut begin = 0;
        let patient = |candidate: &Candidate| {
            let patient = begin..candidate.patient_end;
            begin = candidate.provider_end;
            writing.pairs.of_patient(&ids[patient], candidate.patient_hash)
        };
        let found: Vec<PatientRows> = candidates.iter().map(patient).collect();
        for (candidate, rows) in candidates.iter().zip(found) {
            if rows.is_empty() {
                continue;
            }
            let Cell { rule, answer } = candidate.cell;
            let provider = &ids[candidate.patient_end..candidate.provider_end];
            let provider = candidate.has_provider.then_some(provider);
            writing.crediting.rows(writing.pairs, &rows, provider, |row, weakened| {
                self.hits.push(Hit {
                    row: row as u32,
                    rule,
                    answer: if weakened { answer.weakened() } else { answer },
                    weakened: weakened && answer.must_be_in(),
                    day: candidate.day,
                    line: candidate.line,
                });
            });
            // A patient of very many providers, such as a test patient, must not fill the memory.
            if self.hits.len() >= MANY {
                put(self);
            }
        }
        put(self);
    }

    /// Puts what the part found so far into the ledger; `file` is the position of its file among those given.
    pub fn apply(&mut self, written: &mut Written, tally: &mut Tally, file: u32) {
        tally.merge(&std::mem::take(&mut self.tally));
        for hit in self.hits.drain(..) {
            let key = RowKey::new(hit.day, file, hit.line);
            written.add(hit.row as usize, hit.rule, hit.answer, hit.weakened, key);
        }
    }
}
