//! From messages to the ledger's numerators. Memory does not grow with the number of messages.

use crate::domain::answer::Answer;
use crate::domain::event::Message;
use crate::domain::period::Day;
use crate::tally::credit::Crediting;
use crate::tally::evidence::RowKey;
use crate::tally::law::Law;
use crate::tally::ledger::{Pairs, Written};
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
    hits: Vec<Hit>,
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

impl WrotePart {
    /// An empty part.
    pub fn new(law: &Law) -> Self {
        Self { tally: Tally::new(&law.numerator), hits: Vec::new() }
    }

    /// Judges a message.
    pub fn take(&mut self, writing: &Writing<'_>, message: &Message<'_>) {
        let cell = writing.law.message(message);
        self.tally.count(cell);
        // What does not count changes no standing; only evidence wants to know how near it came.
        if !cell.answer.may_be_in() && !writing.all {
            return;
        }
        let Some(patient) = writing.pairs.patients.find(message.patient) else {
            return;
        };
        writing.crediting.rows(writing.pairs, patient, message.provider, |row, weakened| {
            let answer = if weakened { cell.answer.weakened() } else { cell.answer };
            self.hits.push(Hit {
                row: row as u32,
                rule: cell.rule,
                answer,
                weakened: weakened && cell.answer.must_be_in(),
                day: message.day,
                line: message.line,
            });
        });
    }

    /// Puts what the part found into the ledger; `file` is the position of its file among those given.
    pub fn apply(&self, written: &mut Written, tally: &mut Tally, file: u32) {
        tally.merge(&self.tally);
        for hit in &self.hits {
            let key = RowKey::new(hit.day, file, hit.line);
            written.add(hit.row as usize, hit.rule, hit.answer, hit.weakened, key);
        }
    }
}
