//! The dictionaries of all columns with a closed list, and the user's additions to them.

use crate::layout::dictionary::{Dictionary, Word};
use mucalc_core::domain::channel::{ChannelCode, Channels};
use mucalc_core::domain::input::Role;
use mucalc_core::domain::words::{
    Action, Channel, EncounterStatus, Kind, MessageStatus, Party, PatientIncluded, SeenBy, Topic, UNKNOWN,
    WordList, fold,
};

/// One dictionary a column.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// Encounter `status`.
    pub encounter_status: Dictionary,
    /// Encounter `kind`.
    pub kind: Dictionary,
    /// Encounter `seen_by`.
    pub seen_by: Dictionary,
    /// Message `status`.
    pub message_status: Dictionary,
    /// Message `sender`.
    pub sender: Dictionary,
    /// Message `recipient`.
    pub recipient: Dictionary,
    /// Message `channel`; its codes are those of [`Channels`].
    pub channel: Dictionary,
    /// Message `topic`.
    pub topic: Dictionary,
    /// Message `patient_included`.
    pub patient_included: Dictionary,
    /// Access `action`.
    pub action: Dictionary,
    /// Access `actor`.
    pub actor: Dictionary,
}

/// The lists that a user may translate words into, by the name of their table in `mucalc.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// Encounter `status`.
    EncounterStatuses,
    /// Encounter `kind`.
    Kinds,
    /// Encounter `seen_by`.
    SeenBy,
    /// Message `status`.
    MessageStatuses,
    /// Message `sender`.
    Senders,
    /// Message `recipient`.
    Recipients,
    /// Message `topic`.
    Topics,
    /// Message `patient_included`.
    PatientIncluded,
    /// Access `action`.
    Actions,
    /// Access `actor`.
    Actors,
}

/// The list of words of one of our columns, if it has a closed one.
pub fn list_of(role: Role, column: &str) -> Option<&'static WordList> {
    Some(match (role, column) {
        (Role::Encounters, "status") => &EncounterStatus::LIST,
        (Role::Encounters, "kind") => &Kind::LIST,
        (Role::Encounters, "seen_by") => &SeenBy::LIST,
        (Role::Messages, "status") => &MessageStatus::LIST,
        (Role::Messages, "sender" | "recipient") => &Party::LIST,
        (Role::Messages, "topic") => &Topic::LIST,
        (Role::Messages, "patient_included") => &PatientIncluded::LIST,
        (Role::Accesses, "action") => &Action::LIST,
        (Role::Accesses, "actor") => &Party::LIST,
        _ => return None,
    })
}

impl Lists {
    /// Returns why a value of an export cannot be mapped to a canonical value: it is a canonical value itself. `None` if it can. `table` is
    /// the table of the configuration in which it is mapped.
    pub fn own_word(self, table: &str, word: &str, meaning: &str) -> Option<String> {
        let own = self.words().words.iter().find(|own| **own == fold(word))?;
        (*own != meaning).then(|| {
            format!(
                "[{table}] {own} = ...: `{own}` is a word of ours and means itself, so it cannot be given another meaning; remove the entry"
            )
        })
    }

    /// The words that a word may be translated into.
    pub fn words(self) -> &'static WordList {
        match self {
            Lists::EncounterStatuses => &EncounterStatus::LIST,
            Lists::Kinds => &Kind::LIST,
            Lists::SeenBy => &SeenBy::LIST,
            Lists::MessageStatuses => &MessageStatus::LIST,
            Lists::Senders | Lists::Recipients | Lists::Actors => &Party::LIST,
            Lists::Topics => &Topic::LIST,
            Lists::PatientIncluded => &PatientIncluded::LIST,
            Lists::Actions => &Action::LIST,
        }
    }
}

impl Default for Vocabulary {
    fn default() -> Self {
        let list = |list: &WordList| Dictionary::new(list.words.iter().copied().chain([UNKNOWN]));
        let mut vocabulary = Self {
            encounter_status: list(&EncounterStatus::LIST),
            kind: list(&Kind::LIST),
            seen_by: list(&SeenBy::LIST),
            message_status: list(&MessageStatus::LIST),
            sender: list(&Party::LIST),
            recipient: list(&Party::LIST),
            channel: Dictionary::new([]),
            topic: list(&Topic::LIST),
            patient_included: list(&PatientIncluded::LIST),
            action: list(&Action::LIST),
            actor: list(&Party::LIST),
        };
        vocabulary.know_channels(&Channels::default());
        vocabulary
    }
}

impl Vocabulary {
    /// Makes the channel column understand the channels of a run.
    pub fn know_channels(&mut self, channels: &Channels) {
        let ChannelCode(unknown) = channels.unknown();
        self.channel = Dictionary::new(channels.names());
        self.channel.extend([(UNKNOWN, unknown)]);
    }

    /// The dictionary of one of our columns, if it has one.
    pub fn of(&self, role: Role, column: &str) -> Option<&Dictionary> {
        Some(match (role, column) {
            (Role::Encounters, "status") => &self.encounter_status,
            (Role::Encounters, "kind") => &self.kind,
            (Role::Encounters, "seen_by") => &self.seen_by,
            (Role::Messages, "status") => &self.message_status,
            (Role::Messages, "sender") => &self.sender,
            (Role::Messages, "recipient") => &self.recipient,
            (Role::Messages, "channel") => &self.channel,
            (Role::Messages, "topic") => &self.topic,
            (Role::Messages, "patient_included") => &self.patient_included,
            (Role::Accesses, "action") => &self.action,
            (Role::Accesses, "actor") => &self.actor,
            _ => return None,
        })
    }

    /// What a word in one of our columns means, if the column has a list of words: none where the word is not in it.
    pub fn means(&self, role: Role, column: &str, word: &str) -> Option<Option<&'static str>> {
        let dictionary = self.of(role, column)?;
        let list = list_of(role, column).unwrap_or(&Channel::LIST);
        Some(match dictionary.look_up(word.as_bytes(), 0..word.len()) {
            Word::Known(code) => Some(list.words.get(usize::from(code)).copied().unwrap_or(UNKNOWN)),
            Word::Empty => Some(UNKNOWN),
            Word::Unlisted => None,
        })
    }

    /// Every word of every column, folded.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let all = [
            &self.encounter_status,
            &self.kind,
            &self.seen_by,
            &self.message_status,
            &self.sender,
            &self.recipient,
            &self.channel,
            &self.topic,
            &self.patient_included,
            &self.action,
            &self.actor,
        ];
        all.into_iter().flat_map(Dictionary::words).map(|(word, _)| word)
    }

    /// Makes raw words of an export mean some of our words, given by their codes.
    pub fn translate<'w>(&mut self, list: Lists, words: impl IntoIterator<Item = (&'w str, u8)>) {
        let dictionary = match list {
            Lists::EncounterStatuses => &mut self.encounter_status,
            Lists::Kinds => &mut self.kind,
            Lists::SeenBy => &mut self.seen_by,
            Lists::MessageStatuses => &mut self.message_status,
            Lists::Senders => &mut self.sender,
            Lists::Recipients => &mut self.recipient,
            Lists::Topics => &mut self.topic,
            Lists::PatientIncluded => &mut self.patient_included,
            Lists::Actions => &mut self.action,
            Lists::Actors => &mut self.actor,
        };
        dictionary.extend(words.into_iter().map(|(raw, code)| (raw, u16::from(code))));
    }
}
