//! Texts that are compared often, numbered in the order in which they are first met.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Numbered texts, each kept once.
#[derive(Default)]
pub struct Ids {
    text: String,
    ends: Vec<usize>,
    codes: HashTable<u32>,
    // Seeded anew in every process, so that no export can be built to collide.
    hasher: DefaultHashBuilder,
}

impl Ids {
    /// The number of a text; a new text gets the next number.
    pub fn code(&mut self, id: &str) -> u32 {
        let hash = self.hasher.hash_one(id);
        let (text, ends) = (&self.text, &self.ends);
        if let Some(code) = self.codes.find(hash, |code| nth(text, ends, *code) == id) {
            return *code;
        }
        let code = u32::try_from(ends.len()).expect("fewer than 2^32 different ids");
        self.text.push_str(id);
        self.ends.push(self.text.len());
        let (text, ends, hasher) = (&self.text, &self.ends, &self.hasher);
        self.codes.insert_unique(hash, code, |code| hasher.hash_one(nth(text, ends, *code)));
        code
    }

    /// The number of a text that may not be there.
    pub fn find(&self, id: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(id);
        self.codes.find(hash, |code| self.get(*code) == id).copied()
    }

    /// The text of a number.
    pub fn get(&self, code: u32) -> &str {
        nth(&self.text, &self.ends, code)
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

fn nth<'t>(text: &'t str, ends: &[usize], code: u32) -> &'t str {
    let code = code as usize;
    let start = if code == 0 { 0 } else { ends[code - 1] };
    &text[start..ends[code]]
}
