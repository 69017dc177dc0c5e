//! From the words of an export to codes: after trimming and without regard to case.

use hashbrown::HashMap;

/// The words of one column.
#[derive(Clone, Debug)]
pub struct Dictionary {
    codes: HashMap<Box<str>, u16>,
}

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Nothing.
    Empty,
    /// A word of the list.
    Known(u16),
    /// Something else.
    Unlisted,
}

impl Dictionary {
    /// A dictionary in which every word has its position as code.
    pub fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let codes = words.into_iter().enumerate().map(|(code, word)| (fold(word), code as u16));
        Self { codes: codes.collect() }
    }

    /// Adds a word, or gives a known word another code.
    pub fn set(&mut self, word: &str, code: u16) {
        self.codes.insert(fold(word), code);
    }

    /// What a cell says.
    pub fn look_up(&self, cell: &str) -> Word {
        // Most cells are written just as the list has them.
        if let Some(code) = self.codes.get(cell) {
            return Word::Known(*code);
        }
        let trimmed = cell.trim();
        if trimmed.is_empty() {
            return Word::Empty;
        }
        self.codes.get(&*fold(trimmed)).map_or(Word::Unlisted, |code| Word::Known(*code))
    }
}

fn fold(word: &str) -> Box<str> {
    word.trim().to_lowercase().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_blanks_do_not_matter_and_nothing_else_is_forgiven() {
        let mut dictionary = Dictionary::new(["sent", "draft"]);
        dictionary.set("Gesendet ", 0);
        for (cell, word) in [
            ("sent", Word::Known(0)),
            (" DRAFT\t", Word::Known(1)),
            ("gesendet", Word::Known(0)),
            ("", Word::Empty),
            ("  ", Word::Empty),
            ("sent.", Word::Unlisted),
        ] {
            assert_eq!(dictionary.look_up(cell), word, "{cell:?}");
        }
    }
}
