//! Walking a TOML document while collecting every problem with its place.

use std::borrow::Cow;
use std::cell::RefCell;
use std::str::FromStr;

use strum::VariantNames;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::text::did_you_mean;
use crate::edition::problem::EditionError;

/// A document that is being read.
pub struct TomlReader<'d> {
    text: &'d str,
    problems: RefCell<Vec<EditionError>>,
}

/// A table of the document; keys that nobody asks for are problems.
pub struct TomlTable<'d> {
    document: &'d TomlReader<'d>,
    table: &'d DeTable<'d>,
    offset: usize,
    asked: RefCell<Vec<&'static str>>,
}

impl<'d> TomlReader<'d> {
    /// A document without problems so far.
    pub fn new(text: &'d str) -> Self {
        Self { text, problems: RefCell::default() }
    }

    /// Notes a problem at a byte offset.
    pub fn problem(&self, offset: usize, message: impl Into<String>) {
        self.problems.borrow_mut().push(EditionError::at(self.text, offset, message));
    }

    /// Everything noted.
    pub fn into_problems(self) -> Vec<EditionError> {
        self.problems.into_inner()
    }

    /// The value as a table.
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

    /// Returns the value as one of a few words; `key` is its key, for the problem of an unknown word.
    pub fn word<T: FromStr + VariantNames>(&self, value: &Spanned<DeValue<'d>>, key: &str) -> Option<T> {
        let text = self.text(value)?;
        let word = text.parse().ok();
        if word.is_none() {
            self.problem(value.span().start, unknown_word(&text, key, T::VARIANTS));
        }
        word
    }

    /// The value as a text.
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

    /// The value as a number of a range; `expected` says what is expected.
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

    /// The value as an array.
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
    /// A table that starts at a byte offset.
    pub fn new(document: &'d TomlReader<'d>, table: &'d DeTable<'d>, offset: usize) -> Self {
        Self { document, table, offset, asked: RefCell::default() }
    }

    /// Where the table starts.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The value of a key that may be absent.
    pub fn get(&self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.asked.borrow_mut().push(key);
        self.table.iter().find(|(known, _)| known.get_ref() == key).map(|(_, value)| value)
    }

    /// The value of a key that must be there.
    pub fn need(&self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        let value = self.get(key);
        if value.is_none() {
            self.document.problem(self.offset, format!("`{key}` is missing"));
        }
        value
    }

    /// Whether a key is there and `true`.
    pub fn flag(&self, key: &'static str) -> bool {
        let Some(value) = self.get(key) else { return false };
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.document.problem(value.span().start, "true or false is expected here");
        }
        flag.unwrap_or_default()
    }

    /// A text that must be there.
    pub fn text(&self, key: &'static str) -> Option<String> {
        self.document.text(self.need(key)?)
    }

    /// Returns the value of a key that must be there and is one of `words`, which `parse` knows.
    pub fn one_of<T>(
        &self,
        key: &'static str,
        words: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.need(key)?;
        let text = self.document.text(value)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.document.problem(value.span().start, unknown_word(&text, key, words));
        }
        parsed
    }

    /// Returns the value of a key that must be there and is a word of an enum.
    pub fn word<T: FromStr + VariantNames>(&self, key: &'static str) -> Option<T> {
        let value = self.need(key)?;
        self.document.word(value, key)
    }

    /// An array of texts that must be there and hold at least one.
    pub fn texts(&self, key: &'static str) -> Option<Vec<(usize, String)>> {
        let value = self.need(key)?;
        let array = self.document.array(value)?;
        if array.is_empty() {
            self.document.problem(value.span().start, format!("`{key}` is empty"));
        }
        array.iter().map(|item| Some((item.span().start, self.document.text(item)?))).collect()
    }

    /// Every entry, as (key, value); for tables whose keys are names.
    pub fn entries(&self) -> impl Iterator<Item = (&'d Spanned<Cow<'d, str>>, &'d Spanned<DeValue<'d>>)> {
        self.table.iter()
    }

    /// Notes every key that nobody asked for.
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

/// The message for a word outside a closed list.
pub fn unknown_word(word: &str, what: &str, words: &[&str]) -> String {
    let hint = did_you_mean(word, words.iter().copied());
    format!("`{word}` is not a word of `{what}`; it has {}{hint}", words.join(", "))
}

fn article(value: &DeValue<'_>) -> String {
    let kind = value.type_str();
    let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {kind}")
}
