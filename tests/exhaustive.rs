//! Every cell of the decision table, not a sample: the compiled table gives what the written rules give.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that panics has failed"
)]

mod support;

use std::collections::BTreeMap;

use mucalc::domain::answer::Answer;
use mucalc::domain::words::{ENCOUNTER_COLUMNS, MESSAGE_COLUMNS, WordList};
use mucalc::edition::model::{Choice, Choices, Edition};
use mucalc::edition::{self, DecisionTable};

use support::oracle::{self, Answers};

/// Every way to choose the policies of an edition.
fn all_choices(edition: &Edition) -> Vec<Choices> {
    edition.policies.iter().fold(vec![Choices::new()], |all, (name, policy)| {
        let with = |so_far: &Choices, choice: Choice| {
            let mut choices = so_far.clone();
            choices.insert(name.clone(), choice);
            choices
        };
        all.iter().flat_map(|so_far| policy.choices.iter().map(move |choice| with(so_far, *choice))).collect()
    })
}

fn in_words(choices: &Choices) -> BTreeMap<String, String> {
    choices.iter().map(|(name, choice)| (name.clone(), choice.word().to_owned())).collect()
}

/// What the written rules say of a cell: the rule that comes first, and the union of all completions' answers.
struct Judge<'a> {
    columns: &'static [&'static WordList],
    /// The rules of the table, in their order.
    rules: &'a [String],
    decide: &'a dyn Fn(&[&str]) -> (&'static str, Answers),
    /// Decided rows, by their codes without unknowns.
    known: BTreeMap<Vec<u8>, (usize, Answers)>,
}

impl Judge<'_> {
    fn cell(&mut self, row: &[u8]) -> (usize, Answers) {
        if let Some(known) = self.known.get(row) {
            return *known;
        }
        let unknown = row.iter().zip(self.columns).position(|(code, column)| *code == column.unknown());
        let judged = match unknown {
            None => {
                let words: Vec<&str> =
                    row.iter().zip(self.columns).map(|(code, column)| column.word(*code)).collect();
                let (rule, answers) = (self.decide)(&words);
                (self.rules.iter().position(|known| known == rule).unwrap(), answers)
            }
            Some(column) => (0..self.columns[column].unknown())
                .map(|code| {
                    let mut row = row.to_vec();
                    row[column] = code;
                    self.cell(&row)
                })
                .reduce(|(rule, all), (other, one)| {
                    (rule.min(other), Answers { out: all.out || one.out, yes: all.yes || one.yes })
                })
                .unwrap(),
        };
        self.known.insert(row.to_vec(), judged);
        judged
    }
}

fn check(table: &DecisionTable, mut judge: Judge<'_>) -> usize {
    let mut cells = 0;
    for row in table.rows() {
        let cell = table.cell_of(&row);
        let (rule, answers) = judge.cell(&row);
        let answer = match (answers.out, answers.yes) {
            (true, false) => Answer::Out,
            (false, true) => Answer::In,
            _ => Answer::Uncertain,
        };
        assert_eq!((cell.rule as usize, cell.answer), (rule, answer), "row {row:?} of {:?}", table.rules());
        cells += 1;
    }
    cells
}

#[test]
fn every_cell_of_the_denominator_under_every_policy() {
    let edition = edition::find("stage2-core17").unwrap();
    for choices in all_choices(&edition) {
        let table = DecisionTable::compile(&edition.denominator, &choices);
        let policies = in_words(&choices);
        let decide = |words: &[&str]| match words {
            [status, day, kind, seen_by] => {
                oracle::decide_encounter(&policies, status, *day == "inside", kind, seen_by)
            }
            _ => panic!("a row of encounters has four words"),
        };
        let judge = Judge {
            columns: ENCOUNTER_COLUMNS,
            rules: table.rules(),
            decide: &decide,
            known: BTreeMap::new(),
        };
        assert_eq!(check(&table, judge), 7 * 3 * 11 * 3);
    }
}

#[test]
fn every_cell_of_the_numerator_under_every_policy() {
    let edition = edition::find("stage2-core17").unwrap();
    let mut seen = Vec::new();
    for choices in all_choices(&edition) {
        // Policies that the numerator does not ask change nothing there.
        let asked = ["appointments", "pool"].map(|name| choices[name].word());
        if seen.contains(&asked) {
            continue;
        }
        seen.push(asked);
        let table = DecisionTable::compile(&edition.numerator, &choices);
        let policies = in_words(&choices);
        let decide = |words: &[&str]| match words {
            [status, sender, day, certified, recipient, topic, _patient_included] => oracle::decide_message(
                &policies,
                status,
                sender,
                *day == "inside",
                *certified == "yes",
                recipient,
                topic,
            ),
            _ => panic!("a row of messages has seven words"),
        };
        let judge =
            Judge { columns: MESSAGE_COLUMNS, rules: table.rules(), decide: &decide, known: BTreeMap::new() };
        assert_eq!(check(&table, judge), 5 * 7 * 3 * 3 * 7 * 11 * 3);
    }
    assert_eq!(seen.len(), 9);
}

#[test]
fn the_word_lists_are_those_of_the_written_rules() {
    use mucalc::domain::words as ours;
    assert_eq!(ours::Kind::LIST.words, oracle::KINDS);
    assert_eq!(ours::EncounterStatus::LIST.words, oracle::ENCOUNTER_STATUSES);
    assert_eq!(ours::SeenBy::LIST.words, oracle::SEEN_BY);
    assert_eq!(ours::Party::LIST.words, oracle::PARTIES);
    assert_eq!(ours::Channel::LIST.words, oracle::CHANNELS);
    assert_eq!(ours::Topic::LIST.words, oracle::TOPICS);
    assert_eq!(ours::MessageStatus::LIST.words, oracle::MESSAGE_STATUSES);
}
