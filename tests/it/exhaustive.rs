//! Tests of every cell of the decision tables, not a sample: the compiled table of every rule set gives the result of the written rules,
//! for every combination of its policy settings.

use std::collections::{BTreeMap, BTreeSet};

use mucalc_core::domain::inclusion::Inclusion;
use mucalc_core::domain::score::Threshold;
use mucalc_core::domain::words::ValueSet;
use mucalc_core::edition::model::PolicyChoices;
use mucalc_core::edition::trace::trace;
use mucalc_core::edition::{self, DecisionTable, Edition};

use crate::support::oracle::{self, Answers, Policies, RuleList};

/// A program year for tests that try all settings; any year will do, because other tests cover what depends on the year.
const SOME_YEAR: i32 = 2017;

/// The years in which any rule set applies.
const YEARS: std::ops::RangeInclusive<i32> = 2014..=2021;

/// Returns every combination of settings for the policies that the rules of a list refer to. Other policies have their defaults, as they
/// change nothing there.
fn all_choices(edition: &Edition, section: RuleList) -> Vec<PolicyChoices> {
    let policies = oracle::policies(&edition.id, SOME_YEAR);
    let asked = policies.iter().filter(|policy| policy.section == section);
    asked.fold(vec![edition.default_choices(SOME_YEAR)], |all, policy| {
        let choices = &edition.policies[policy.name].choices;
        all.iter()
            .flat_map(|so_far| {
                choices.iter().map(move |choice| {
                    let mut choices = so_far.clone();
                    choices.insert(policy.name.to_owned(), *choice);
                    choices
                })
            })
            .collect()
    })
}

fn in_words(choices: &PolicyChoices) -> Policies {
    choices.iter().map(|(name, choice)| (name.clone(), choice.word().to_owned())).collect()
}

/// Evaluates a cell by the written rules: the first rule that decides, and the union of the answers of all completions.
struct Judge<'a> {
    edition: &'a str,
    section: RuleList,
    policies: &'a Policies,
    columns: &'static [&'static ValueSet],
    /// Rule ids of the table, in order.
    rules: &'a [String],
    /// Results of cells that were evaluated before. The index is the mixed-radix number of the cell's codes.
    known: Vec<Option<(usize, Answers)>>,
}

impl Judge<'_> {
    fn cell(&mut self, row: &mut Vec<u8>) -> (usize, Answers) {
        let place =
            row.iter().zip(self.columns).fold(0, |place, (code, list)| place * list.codes() + *code as usize);
        if let Some(known) = self.known[place] {
            return known;
        }
        let unknown = row.iter().zip(self.columns).position(|(code, column)| *code == column.unknown());
        let judged = match unknown {
            None => {
                let word = |name: &str| {
                    let column = self.columns.iter().position(|column| column.name == name);
                    column.map_or_else(|| panic!("no column {name}"), |at| self.columns[at].word(row[at]))
                };
                let (rule, answers) = oracle::decide(self.edition, self.section, self.policies, &word);
                let rule = self.rules.iter().position(|known| known == rule);
                (rule.unwrap_or_else(|| panic!("{}: a rule is missing", self.edition)), answers)
            }
            Some(column) => {
                let unknown = row[column];
                let completed = (0..unknown).map(|code| {
                    row[column] = code;
                    self.cell(row)
                });
                let judged = completed.reduce(|(rule, all), (other, one)| {
                    (rule.min(other), Answers { out: all.out || one.out, yes: all.yes || one.yes })
                });
                row[column] = unknown;
                judged.unwrap()
            }
        };
        self.known[place] = Some(judged);
        judged
    }
}

fn check(edition: &Edition, section: RuleList, choices: &PolicyChoices) {
    let edition = &edition.clone().arranged(choices);
    let rules = match section {
        RuleList::Denominator => &edition.denominator,
        RuleList::Numerator => &edition.numerator,
    };
    let table = DecisionTable::compile(rules, choices);
    let size: usize = rules.columns.iter().map(|column| column.codes()).product();
    let mut judge = Judge {
        edition: &edition.id,
        section,
        policies: &in_words(choices),
        columns: rules.columns,
        rules: table.rules(),
        known: vec![None; size],
    };
    let mut cells = 0;
    for mut row in table.rows() {
        let cell = table.cell_of(&row);
        let (rule, answers) = judge.cell(&mut row);
        let answer = match (answers.out, answers.yes) {
            (true, false) => Inclusion::Out,
            (false, true) => Inclusion::In,
            _ => Inclusion::Uncertain,
        };
        assert_eq!(
            (cell.rule as usize, cell.answer),
            (rule, answer),
            "{} {choices:?}: row {:?} of {:?}",
            edition.id,
            row.iter().zip(rules.columns).map(|(code, column)| column.word(*code)).collect::<Vec<_>>(),
            table.rules(),
        );
        cells += 1;
    }
    assert_eq!(cells, size);
}

/// Checks every table of a rule list, with one thread for each rule set.
fn check_all(section: RuleList) {
    let editions = edition::all();
    std::thread::scope(|scope| {
        for edition in &editions {
            scope.spawn(move || {
                all_choices(edition, section).iter().for_each(|choices| check(edition, section, choices));
            });
        }
    });
}

#[test]
fn every_cell_of_the_denominators_under_every_policy() {
    check_all(RuleList::Denominator);
}

#[test]
fn every_cell_of_the_numerators_under_every_policy() {
    check_all(RuleList::Numerator);
}

#[test]
fn the_editions_are_those_of_the_written_rules() {
    let editions = edition::all();
    let ids: BTreeSet<&str> = editions.iter().map(|edition| &*edition.id).collect();
    assert_eq!(ids, BTreeSet::from(oracle::EDITIONS));
    assert_eq!(editions.len(), oracle::EDITIONS.len());
}

#[test]
fn the_policies_and_their_defaults_are_those_of_the_written_rules_in_every_year() {
    for edition in edition::all() {
        let id = &edition.id;
        for year in YEARS {
            let written = oracle::choices(id, year, &Policies::new());
            assert_eq!(in_words(&edition.default_choices(year)), written, "{id} in {year}");
            assert!(edition.policies.keys().eq(written.keys()), "{id}: {:?}", edition.policies.keys());
        }
        for policy in oracle::policies(id, SOME_YEAR) {
            let choices = edition.policies[policy.name].choices.iter().map(|choice| choice.word());
            let written = policy.choices.iter().copied().collect::<BTreeSet<_>>();
            assert_eq!(choices.collect::<BTreeSet<_>>(), written, "{id}: {}", policy.name);
        }
    }
}

#[test]
fn the_thresholds_are_those_of_the_written_rules_in_every_year() {
    for edition in edition::all() {
        for year in YEARS {
            let threshold = match edition.threshold(year).threshold {
                Threshold::MoreThanPercent(percent) => oracle::Threshold::MoreThanPercent(percent.into()),
                Threshold::AtLeast(patients) => oracle::Threshold::AtLeast(patients),
                Threshold::Attested => oracle::Threshold::Attested,
            };
            assert_eq!(threshold, oracle::threshold(&edition.id, year), "{} in {year}", edition.id);
        }
    }
}

#[test]
fn the_columns_and_their_words_are_those_of_the_written_rules() {
    let encounters = BTreeMap::from([
        ("status", &oracle::ENCOUNTER_STATUSES[..]),
        ("day", &oracle::DAYS),
        ("kind", &oracle::KINDS),
        ("seen_by", &oracle::SEEN_BY),
        ("cehrt", &oracle::YES_NO),
    ]);
    let messages = BTreeMap::from([
        ("status", &oracle::MESSAGE_STATUSES[..]),
        ("sender", &oracle::PARTIES),
        ("day", &oracle::DAYS),
        ("certified", &oracle::YES_NO),
        ("recipient", &oracle::PARTIES),
        ("topic", &oracle::TOPICS),
        ("patient_included", &oracle::YES_NO),
    ]);
    let accesses = BTreeMap::from([
        ("action", &oracle::ACTIONS[..]),
        ("actor", &oracle::PARTIES),
        ("day", &oracle::DAYS),
    ]);
    let in_words = |columns: &'static [&'static ValueSet]| -> BTreeMap<&str, &[&str]> {
        columns.iter().map(|column| (column.name, column.words)).collect()
    };
    for edition in edition::all() {
        assert_eq!(in_words(edition.denominator.columns), encounters, "{}", edition.id);
        let numerator = if oracle::counts_accesses(&edition.id) { &accesses } else { &messages };
        assert_eq!(&in_words(edition.numerator.columns), numerator, "{}", edition.id);
    }
    assert_eq!(mucalc_core::domain::words::Channel::LIST.words, oracle::CHANNELS);
}

/// Evaluating a cell rule by rule gives the same result as the table.
#[test]
fn every_cell_explained_rule_by_rule() {
    let editions = edition::all();
    std::thread::scope(|scope| {
        for edition in &editions {
            scope.spawn(move || {
                for section in [RuleList::Denominator, RuleList::Numerator] {
                    // Varying one policy at a time is enough here: a rule that a policy turns off is left out of both.
                    let usual = edition.default_choices(SOME_YEAR);
                    let differ = |choices: &PolicyChoices| {
                        choices.iter().filter(|(name, choice)| usual[*name] != **choice).count()
                    };
                    for choices in
                        all_choices(edition, section).into_iter().filter(|choices| differ(choices) <= 1)
                    {
                        let edition = edition.clone().arranged(&choices);
                        let rules = match section {
                            RuleList::Denominator => &edition.denominator,
                            RuleList::Numerator => &edition.numerator,
                        };
                        let table = DecisionTable::compile(rules, &choices);
                        let asked = |column: &usize| {
                            rules
                                .rules
                                .iter()
                                .filter_map(|rule| rule.when.as_ref())
                                .any(|when| when.references(*column))
                        };
                        let unasked: Vec<usize> =
                            (0..rules.columns.len()).filter(|column| !asked(column)).collect();
                        // Columns that no rule refers to change nothing, so one value of each is enough.
                        let rows = table.rows().filter(|row| unasked.iter().all(|column| row[*column] == 0));
                        for row in rows {
                            let (cell, trace) =
                                (table.cell_of(&row), trace(rules, &choices, std::slice::from_ref(&row)));
                            assert_eq!(
                                (cell.rule, cell.answer),
                                (trace.rule, trace.answer),
                                "{} {row:?}",
                                edition.id
                            );
                        }
                    }
                }
            });
        }
    });
}
