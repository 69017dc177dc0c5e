//! The dictionaries of all columns with a closed list, including the values that the user maps.

use crate::layout::dictionary::{LookupResult, ValueDictionary};
use mucalc_core::domain::channel::{ChannelCertifications, ChannelCode};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::words::{
    Channel, EncounterKind, EncounterStatus, MessageParty, MessageStatus, MessageTopic, PatientIncluded,
    PortalAction, SeenBy, UNKNOWN, ValueSet, fold,
};

/// The dictionaries, one per column.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    /// Encounter `status`.
    pub encounter_status: ValueDictionary,
    /// Encounter `kind`.
    pub kind: ValueDictionary,
    /// Encounter `seen_by`.
    pub seen_by: ValueDictionary,
    /// Message `status`.
    pub message_status: ValueDictionary,
    /// Message `sender`.
    pub sender: ValueDictionary,
    /// Message `recipient`.
    pub recipient: ValueDictionary,
    /// Message `channel`; its codes are those of [`ChannelCertifications`].
    pub channel: ValueDictionary,
    /// Message `topic`.
    pub topic: ValueDictionary,
    /// Message `patient_included`.
    pub patient_included: ValueDictionary,
    /// Access `action`.
    pub action: ValueDictionary,
    /// Access `actor`.
    pub actor: ValueDictionary,
}

/// The lists to which a user may map values, by the name of their table in `mucalc.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranslatableSet {
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

/// Returns the list of values of a canonical column, or `None` if it has no closed list.
pub fn list_of(role: InputRole, column: &str) -> Option<&'static ValueSet> {
    Some(match (role, column) {
        (InputRole::Encounters, "status") => &EncounterStatus::LIST,
        (InputRole::Encounters, "kind") => &EncounterKind::LIST,
        (InputRole::Encounters, "seen_by") => &SeenBy::LIST,
        (InputRole::Messages, "status") => &MessageStatus::LIST,
        (InputRole::Messages, "sender" | "recipient") => &MessageParty::LIST,
        (InputRole::Messages, "topic") => &MessageTopic::LIST,
        (InputRole::Messages, "patient_included") => &PatientIncluded::LIST,
        (InputRole::Accesses, "action") => &PortalAction::LIST,
        (InputRole::Accesses, "actor") => &MessageParty::LIST,
        _ => return None,
    })
}

impl TranslatableSet {
    /// Returns an error message if a value of an export cannot be mapped because it is a canonical value with another meaning, otherwise
    /// `None`. `table` is the table of the configuration that maps the value.
    pub fn own_word(self, table: &str, word: &str, meaning: &str) -> Option<String> {
        let own = self.words().words.iter().find(|own| **own == fold(word))?;
        (*own != meaning).then(|| {
            format!(
                "[{table}] {own} = ...: `{own}` is a word of ours and means itself, so it cannot be given another meaning; remove the entry"
            )
        })
    }

    /// Returns the canonical values to which a value may be mapped.
    pub fn words(self) -> &'static ValueSet {
        match self {
            TranslatableSet::EncounterStatuses => &EncounterStatus::LIST,
            TranslatableSet::Kinds => &EncounterKind::LIST,
            TranslatableSet::SeenBy => &SeenBy::LIST,
            TranslatableSet::MessageStatuses => &MessageStatus::LIST,
            TranslatableSet::Senders | TranslatableSet::Recipients | TranslatableSet::Actors => {
                &MessageParty::LIST
            }
            TranslatableSet::Topics => &MessageTopic::LIST,
            TranslatableSet::PatientIncluded => &PatientIncluded::LIST,
            TranslatableSet::Actions => &PortalAction::LIST,
        }
    }
}

impl Default for Vocabulary {
    fn default() -> Self {
        let list = |list: &ValueSet| ValueDictionary::new(list.words.iter().copied().chain([UNKNOWN]));
        let mut vocabulary = Self {
            encounter_status: list(&EncounterStatus::LIST),
            kind: list(&EncounterKind::LIST),
            seen_by: list(&SeenBy::LIST),
            message_status: list(&MessageStatus::LIST),
            sender: list(&MessageParty::LIST),
            recipient: list(&MessageParty::LIST),
            channel: ValueDictionary::new([]),
            topic: list(&MessageTopic::LIST),
            patient_included: list(&PatientIncluded::LIST),
            action: list(&PortalAction::LIST),
            actor: list(&MessageParty::LIST),
        };
        vocabulary.add_channels(&ChannelCertifications::default());
        vocabulary
    }
}

impl Vocabulary {
    /// Replaces the dictionary of channels by the channels of a run.
    pub fn add_channels(&mut self, channels: &ChannelCertifications) {
        let ChannelCode(unknown) = channels.unknown_code();
        self.channel = ValueDictionary::new(channels.names());
        self.channel.extend([(UNKNOWN, unknown)]);
    }

    /// Returns the dictionary of a canonical column, or `None` if it has none.
    pub fn dictionary(&self, role: InputRole, column: &str) -> Option<&ValueDictionary> {
        Some(match (role, column) {
            (InputRole::Encounters, "status") => &self.encounter_status,
            (InputRole::Encounters, "kind") => &self.kind,
            (InputRole::Encounters, "seen_by") => &self.seen_by,
            (InputRole::Messages, "status") => &self.message_status,
            (InputRole::Messages, "sender") => &self.sender,
            (InputRole::Messages, "recipient") => &self.recipient,
            (InputRole::Messages, "channel") => &self.channel,
            (InputRole::Messages, "topic") => &self.topic,
            (InputRole::Messages, "patient_included") => &self.patient_included,
            (InputRole::Accesses, "action") => &self.action,
            (InputRole::Accesses, "actor") => &self.actor,
            _ => return None,
        })
    }

    /// Returns what a value in a canonical column means. `None` if the column has no list, and `Some(None)` if the value is not in the
    /// list.
    pub fn look_up(&self, role: InputRole, column: &str, word: &str) -> Option<Option<&'static str>> {
        let dictionary = self.dictionary(role, column)?;
        let list = list_of(role, column).unwrap_or(&Channel::LIST);
        Some(match dictionary.look_up(word.as_bytes(), 0..word.len()) {
            LookupResult::Known(code) => Some(list.words.get(usize::from(code)).copied().unwrap_or(UNKNOWN)),
            LookupResult::Empty => Some(UNKNOWN),
            LookupResult::Unlisted => None,
        })
    }

    /// Returns every value of every column, folded.
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
        all.into_iter().flat_map(ValueDictionary::words).map(|(word, _)| word)
    }

    /// Maps values of an export to canonical values, given by their codes.
    pub fn translate<'w>(&mut self, list: TranslatableSet, words: impl IntoIterator<Item = (&'w str, u8)>) {
        let dictionary = match list {
            TranslatableSet::EncounterStatuses => &mut self.encounter_status,
            TranslatableSet::Kinds => &mut self.kind,
            TranslatableSet::SeenBy => &mut self.seen_by,
            TranslatableSet::MessageStatuses => &mut self.message_status,
            TranslatableSet::Senders => &mut self.sender,
            TranslatableSet::Recipients => &mut self.recipient,
            TranslatableSet::Topics => &mut self.topic,
            TranslatableSet::PatientIncluded => &mut self.patient_included,
            TranslatableSet::Actions => &mut self.action,
            TranslatableSet::Actors => &mut self.actor,
        };
        dictionary.extend(words.into_iter().map(|(raw, code)| (raw, u16::from(code))));
    }
}
