//! Reads a TOML document and collects every problem with its position, so that one run reports all of them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::str::FromStr;

use strum::VariantNames;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::text::did_you_mean;
use crate::edition::problem::EditionError;

/// A document that is being read, with the problems found so far.
pub struct TomlReader<'d> {
    text: &'d str,
    problems: RefCell<Vec<EditionError>>,
}

/// A table of the document. Keys that the reader never requests are problems.
pub struct TomlTable<'d> {
    document: &'d TomlReader<'d>,
    table: &'d DeTable<'d>,
    offset: usize,
    asked: RefCell<Vec<&'static str>>,
}

impl<'d> TomlReader<'d> {
    /// Returns a reader of a document, with no problems so far.
    pub fn new(text: &'d str) -> Self {
        Self { text, problems: RefCell::default() }
    }

    /// Records a problem at a byte offset.
    pub fn problem(&self, offset: usize, message: impl Into<String>) {
        self.problems.borrow_mut().push(EditionError::new(self.text, offset, message));
    }

    /// Returns all recorded problems.
    pub fn into_problems(self) -> Vec<EditionError> {
        self.problems.into_inner()
    }

    /// Returns the value as a table. If it is not a table, records a problem and returns `None`.
    pub fn table(&'d self, value: &'d Spanned<DeValue<'d>>) -> Option<TomlTable<'d>> {
        let offset = value.span().start;
        match value.get_ref() {
            DeValue::Table(table) => Some(TomlTable::new(self, table, offset)),
            other => {
                self.problem(offset, format!("a table is expected here, not {}", article(other)));
                None
            }
        }
    }

    /// Returns the value as a variant of `T`. `key` is named in the problem if the value is unknown.
    pub fn word<T: FromStr + VariantNames>(&self, value: &Spanned<DeValue<'d>>, key: &str) -> Option<T> {
        let text = self.text(value)?;
        let word = text.parse().ok();
        if word.is_none() {
            self.problem(value.span().start, unknown_word(&text, key, T::VARIANTS));
        }
        word
    }

    /// Returns the value as a text. A text that is empty or blank is a problem.
    pub fn text(&self, value: &Spanned<DeValue<'d>>) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some(text.to_string()),
            DeValue::String(_) => {
                self.problem(value.span().start, "the text is empty");
                None
            }
            other => {
                self.problem(value.span().start, format!("a text is expected here, not {}", article(other)));
                None
            }
        }
    }

    /// Returns the value as a number in `range`. `expected` is the problem to record if it is not.
    pub fn number(
        &self,
        value: &Spanned<DeValue<'d>>,
        range: std::ops::Range<u64>,
        expected: &str,
    ) -> Option<u64> {
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            self.problem(value.span().start, expected);
        }
        number
    }

    /// Returns the value as an array. If it is not an array, records a problem and returns `None`.
    pub fn array(&self, value: &'d Spanned<DeValue<'d>>) -> Option<&'d [Spanned<DeValue<'d>>]> {
        match value.get_ref() {
            DeValue::Array(array) => Some(array),
            other => {
                self.problem(
                    value.span().start,
                    format!("an array is expected here, not {}", article(other)),
                );
                None
            }
        }
    }
}

impl<'d> TomlTable<'d> {
    /// Returns a reader of a table that starts at byte `offset`.
    pub fn new(document: &'d TomlReader<'d>, table: &'d DeTable<'d>, offset: usize) -> Self {
        Self { document, table, offset, asked: RefCell::default() }
    }

    /// Returns the byte offset at which the table starts.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the value of an optional key.
    pub fn get(&self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.asked.borrow_mut().push(key);
        self.table.iter().find(|(known, _)| known.get_ref() == key).map(|(_, value)| value)
    }

    /// Returns the value of a required key, or records a problem if the key is absent.
    pub fn require(&self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        let value = self.get(key);
        if value.is_none() {
            self.document.problem(self.offset, format!("`{key}` is missing"));
        }
        value
    }

    /// Returns whether a key is present and `true`. A value that is not a Boolean is a problem.
    pub fn flag(&self, key: &'static str) -> bool {
        let Some(value) = self.get(key) else { return false };
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.document.problem(value.span().start, "true or false is expected here");
        }
        flag.unwrap_or_default()
    }

    /// Returns the text of a required key.
    pub fn text(&self, key: &'static str) -> Option<String> {
        self.document.text(self.require(key)?)
    }

    /// Returns the value of a required key as parsed by `parse`. The problem of an unknown value lists `words` as the valid ones.
    pub fn one_of<T>(
        &self,
        key: &'static str,
        words: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.require(key)?;
        let text = self.document.text(value)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.document.problem(value.span().start, unknown_word(&text, key, words));
        }
        parsed
    }

    /// Returns the value of a required key as a variant of `T`.
    pub fn word<T: FromStr + VariantNames>(&self, key: &'static str) -> Option<T> {
        let value = self.require(key)?;
        self.document.word(value, key)
    }

    /// Returns the texts in the array of a required key, each with its byte offset. An empty array is a problem.
    pub fn texts(&self, key: &'static str) -> Option<Vec<(usize, String)>> {
        let value = self.require(key)?;
        let array = self.document.array(value)?;
        if array.is_empty() {
            self.document.problem(value.span().start, format!("`{key}` is empty"));
        }
        array.iter().map(|item| Some((item.span().start, self.document.text(item)?))).collect()
    }

    /// Returns all entries as (key, value), for tables whose keys are names.
    pub fn entries(&self) -> impl Iterator<Item = (&'d Spanned<Cow<'d, str>>, &'d Spanned<DeValue<'d>>)> {
        self.table.iter()
    }

    /// Records a problem for every key that was never requested.
    pub fn finish(self) {
        let asked = self.asked.into_inner();
        for (key, _) in self.table.iter() {
            if !asked.contains(&key.get_ref().as_ref()) {
                let name = key.get_ref();
                let hint = did_you_mean(name, asked.iter().copied());
                self.document.problem(key.span().start, format!("unknown key `{name}`{hint}"));
            }
        }
    }
}

/// Returns the message for a value outside a closed list.
pub fn unknown_word(word: &str, what: &str, words: &[&str]) -> String {
    let hint = did_you_mean(word, words.iter().copied());
    format!("`{word}` is not a word of `{what}`; it has {}{hint}", words.join(", "))
}

fn article(value: &DeValue<'_>) -> String {
    let kind = value.type_str();
    let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {kind}")
}
