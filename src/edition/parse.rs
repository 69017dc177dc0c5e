//! From the text of an edition file to an [`Edition`]; every problem at once.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::answer::Answer;
use crate::domain::score::Threshold;
use crate::domain::words::{DayIn, ENCOUNTER_COLUMNS, MESSAGE_COLUMNS, WordList};
use crate::edition::condition::Condition;
use crate::edition::model::{
    Choice, Confidence, Decision, Edition, Exclusion, Explanation, Policy, Rule, Section, Source,
};
use crate::edition::problem::Problem;
use crate::edition::tree::{Document, Table, unknown_word};

/// The windows of time that `within` can name.
const WINDOWS: &[&str] = &["reporting-period"];

/// Reads an edition. The edition is there only if every part of it could be read.
pub fn edition(text: &str) -> (Option<Edition>, Vec<Problem>) {
    let document = Document::new(text);
    let (root, syntax) = DeTable::parse_recoverable(text);
    for error in syntax {
        document.problem(error.span().map_or(0, |span| span.start), error.message());
    }
    let edition = read(&document, root.get_ref(), text);
    let problems = document.into_problems();
    (edition.filter(|_| problems.is_empty()), problems)
}

fn read<'d>(document: &'d Document<'d>, root: &'d DeTable<'d>, text: &str) -> Option<Edition> {
    let root = Table::new(document, root, 0);
    // Every part is read before any is asked for, so that all problems are found in one pass.
    let (id, title, program, years) =
        (root.text("id"), root.text("title"), root.text("program"), root.text("years"));
    let (cite, confidence) = (root.text("cite"), confidence(&root));
    let threshold = root.need("threshold").and_then(|value| threshold(document, value));
    let policies = root.get("policy").map_or(Some(BTreeMap::new()), |value| policies(document, value));
    let exclusions = root.get("exclusion").map_or(Some(Vec::new()), |value| exclusions(document, value));
    let reader = Rules { document, policies: policies.as_ref() };
    let denominator = root.need("denominator").and_then(|v| reader.section(v, ENCOUNTER_COLUMNS, "in"));
    let numerator = root.need("numerator").and_then(|v| reader.section(v, MESSAGE_COLUMNS, "counts"));
    root.finish();
    let (threshold, threshold_why) = threshold?;
    Some(Edition {
        id: id?,
        title: title?,
        program: program?,
        years: years?,
        source: Source { cite: cite?, rules: Vec::new(), confidence: confidence? },
        threshold,
        threshold_why,
        policies: policies?,
        exclusions: exclusions?,
        denominator: denominator?,
        numerator: numerator?,
        sha256: Edition::digest(text),
    })
}

fn confidence(table: &Table<'_>) -> Option<Confidence> {
    table.word("confidence", &Confidence::WORDS, Confidence::parse)
}

fn source(table: &Table<'_>) -> Option<Source> {
    let (cite, rules, confidence) = (table.text("cite"), table.texts("rules"), confidence(table));
    let rules = rules?.into_iter().map(|(_, rule)| rule).collect();
    Some(Source { cite: cite?, rules, confidence: confidence? })
}

fn explanation(table: &Table<'_>) -> Option<Explanation> {
    let (why, source) = (table.text("why"), source(table));
    Some(Explanation { why: why?, source: source? })
}

fn threshold<'d>(
    document: &'d Document<'d>,
    value: &'d Spanned<DeValue<'d>>,
) -> Option<(Threshold, Explanation)> {
    let table = document.table(value)?;
    let percent = table.need("more_than_percent").and_then(|value| {
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse::<u32>().ok());
        let percent = number.filter(|percent| (1..100).contains(percent));
        if percent.is_none() {
            document.problem(value.span().start, "a whole percentage from 1 to 99 is expected here");
        }
        percent
    });
    let why = explanation(&table);
    table.finish();
    Some((Threshold::MoreThanPercent(percent?), why?))
}

fn policies<'d>(
    document: &'d Document<'d>,
    value: &'d Spanned<DeValue<'d>>,
) -> Option<BTreeMap<String, Policy>> {
    let table = document.table(value)?;
    let read = |value| {
        let table = document.table(value)?;
        let asks = table.text("asks");
        let choices = table.texts("choices").and_then(|words| {
            let choice = |(offset, word): (usize, String)| {
                let choice = Choice::parse(&word);
                if choice.is_none() {
                    document.problem(offset, unknown_word(&word, "choices", &Choice::WORDS));
                }
                choice
            };
            words.into_iter().map(choice).collect::<Option<Vec<_>>>()
        });
        let default = table.word("default", &Choice::WORDS, Choice::parse);
        if let (Some(choices), Some(default)) = (&choices, default)
            && !choices.contains(&default)
        {
            document.problem(
                table.offset(),
                format!("`default` is `{}`, which is not among `choices`", default.word()),
            );
        }
        let why = explanation(&table);
        table.finish();
        Some(Policy { asks: asks?, choices: choices?, default: default?, why: why? })
    };
    let all: Vec<_> =
        table.entries().map(|(name, value)| Some((name.get_ref().to_string(), read(value)?))).collect();
    all.into_iter().collect()
}

fn exclusions<'d>(document: &'d Document<'d>, value: &'d Spanned<DeValue<'d>>) -> Option<Vec<Exclusion>> {
    let read = |value| {
        let table = document.table(value)?;
        let (id, text, source) = (table.text("id"), table.text("text"), source(&table));
        table.finish();
        Some(Exclusion { id: id?, text: text?, source: source? })
    };
    let all: Vec<_> = document.array(value)?.iter().map(read).collect();
    all.into_iter().collect()
}

/// Reads the rules of a section.
struct Rules<'d, 'p> {
    document: &'d Document<'d>,
    policies: Option<&'p BTreeMap<String, Policy>>,
}

impl<'d> Rules<'d, '_> {
    fn section(
        &self,
        value: &'d Spanned<DeValue<'d>>,
        columns: &'static [&'static WordList],
        yes: &'static str,
    ) -> Option<Section> {
        let table = self.document.table(value)?;
        let rules = table.need("rule").and_then(|value| {
            let rules: Vec<_> =
                self.document.array(value)?.iter().map(|value| self.rule(value, columns, yes)).collect();
            rules.into_iter().collect::<Option<Vec<_>>>()
        });
        table.finish();
        Some(Section { columns, rules: rules? })
    }

    fn rule(
        &self,
        value: &'d Spanned<DeValue<'d>>,
        columns: &'static [&'static WordList],
        yes: &str,
    ) -> Option<Rule> {
        let table = self.document.table(value)?;
        let id = table.text("id");
        let when = match table.get("when") {
            Some(value) => self.condition(value, columns).map(Some),
            None => Some(None),
        };
        let decision = self.decision(&table, yes);
        let why = explanation(&table);
        let offset = table.offset();
        table.finish();
        Some(Rule { id: id?, when: when?, decision: decision?, why: why?, offset })
    }

    fn decision(&self, table: &Table<'d>, yes: &str) -> Option<Decision> {
        let Some(value) = table.get("policy") else {
            let answer = |word: &str| match word {
                "out" => Some(Answer::Out),
                "uncertain" => Some(Answer::Uncertain),
                word if word == yes => Some(Answer::In),
                _ => None,
            };
            return table.word("verdict", &["out", "uncertain", yes], answer).map(Decision::Fixed);
        };
        if let Some(verdict) = table.get("verdict") {
            self.document.problem(verdict.span().start, "a rule has either `verdict` or `policy`, not both");
        }
        let name = self.document.text(value)?;
        let known = self.policies?;
        if !known.contains_key(&name) {
            let names: Vec<&str> = known.keys().map(String::as_str).collect();
            self.document.problem(value.span().start, unknown_word(&name, "policy", &names));
        }
        Some(Decision::ByPolicy(name))
    }

    fn condition(&self, value: &'d Spanned<DeValue<'d>>, columns: &[&'static WordList]) -> Option<Condition> {
        let table = self.document.table(value)?;
        let several = |value: &'d Spanned<DeValue<'d>>| {
            let parts: Vec<_> =
                self.document.array(value)?.iter().map(|part| self.condition(part, columns)).collect();
            parts.into_iter().collect::<Option<Vec<_>>>()
        };
        let condition = if let Some(value) = table.get("all") {
            several(value).map(Condition::All)
        } else if let Some(value) = table.get("any") {
            several(value).map(Condition::Any)
        } else if let Some(value) = table.get("not") {
            self.condition(value, columns).map(|part| Condition::Not(Box::new(part)))
        } else {
            self.comparison(&table, columns)
        };
        table.finish();
        condition
    }

    fn comparison(&self, table: &Table<'d>, columns: &[&'static WordList]) -> Option<Condition> {
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let position = |name: &str| names.iter().position(|known| *known == name);
        // The words are looked at even where the column is unknown, so that their keys are no problem.
        let (is, one_of, within) = (table.get("is"), table.get("one_of"), table.get("within"));
        let column = table.word("column", &names, position)?;
        let list = columns[column];
        if let Some(value) = within {
            let window = self.document.text(value)?;
            if list.name != DayIn::LIST.name {
                self.document
                    .problem(value.span().start, format!("`within` asks about `{}` alone", DayIn::LIST.name));
            }
            if !WINDOWS.contains(&window.as_str()) {
                self.document.problem(value.span().start, unknown_word(&window, "within", WINDOWS));
            }
            return Some(Condition::OneOf { column, codes: vec![DayIn::Inside.code()] });
        }
        let words: Vec<_> = match (is, one_of) {
            (Some(value), None) => vec![value],
            (None, Some(value)) => self.document.array(value)?.iter().collect(),
            _ => {
                let message = "a condition is one of `is`, `one_of`, `within`, `all`, `any`, `not`";
                self.document.problem(table.offset(), message);
                return None;
            }
        };
        let code = |value: &Spanned<DeValue<'d>>| {
            let word = self.document.text(value)?;
            let code = list.words.iter().position(|known| *known == word);
            if code.is_none() {
                self.document.problem(value.span().start, unknown_word(&word, list.name, list.words));
            }
            Some(code? as u8)
        };
        let codes: Vec<_> = words.into_iter().map(code).collect();
        Some(Condition::OneOf { column, codes: codes.into_iter().collect::<Option<_>>()? })
    }
}
