//! The closed word lists: everything a column of an encounter or a message can say.
//!
//! After the door nothing is null: what an export does not say is the word `unknown`, which stands
//! for "could be any other word of this list".

/// A closed list of words, as the editions, the layouts and the documentation see it.
///
/// A word's code is its position; `unknown` is the last code of every list.
#[derive(Debug, PartialEq, Eq)]
pub struct ValueSet {
    /// The column that holds the words, in the editions' spelling.
    pub name: &'static str,
    /// All words but `unknown`, in code order.
    pub words: &'static [&'static str],
    /// What each of them means, in the same order.
    pub meanings: &'static [&'static str],
}

/// A word as words are compared: without blanks around it, in small letters.
pub fn fold(word: &str) -> String {
    word.trim().to_lowercase()
}

/// How every list spells "not known".
pub const UNKNOWN: &str = "unknown";

impl ValueSet {
    /// The code of `unknown`.
    pub const fn unknown(&self) -> u8 {
        self.words.len() as u8
    }

    /// How many codes there are, `unknown` included.
    pub const fn codes(&self) -> usize {
        self.words.len() + 1
    }

    /// The code of a word, `unknown` included; none for a word outside the list.
    pub fn code(&self, word: &str) -> Option<u8> {
        if word == UNKNOWN {
            return Some(self.unknown());
        }
        self.words.iter().position(|known| *known == word).map(|code| code as u8)
    }

    /// The word of a code.
    pub fn word(&self, code: u8) -> &'static str {
        self.words.get(code as usize).copied().unwrap_or(UNKNOWN)
    }
}

macro_rules! word_list {
    ($(#[$doc:meta])* $name:ident = $column:literal { $(#[doc = $meaning:literal] $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)+
            /// Not said, or not readable: any word of the list.
            Unknown,
        }

        impl $name {
            /// The list itself.
            pub const LIST: ValueSet = ValueSet {
                name: $column,
                words: &[$($word),+],
                meanings: &[$($meaning),+],
            };

            /// The word with this code; codes outside the list are `unknown`.
            pub fn from_code(code: u8) -> Self {
                const ALL: &[$name] = &[$($name::$variant),+];
                ALL.get(code as usize).copied().unwrap_or($name::Unknown)
            }

            /// The code in [`Self::LIST`].
            pub const fn code(self) -> u8 {
                self as u8
            }
        }
    };
}

word_list! {
    /// What became of an encounter.
    EncounterStatus = "status" {
        /// It took place.
        Completed = "completed",
        /// Begun, not closed.
        InProgress = "in-progress",
        /// Planned.
        Scheduled = "scheduled",
        /// Called off.
        Cancelled = "cancelled",
        /// The patient did not come.
        NoShow = "no-show",
        /// Never happened; a mistake in the record.
        EnteredInError = "entered-in-error",
    }
}

impl EncounterStatus {
    /// Returns whether the encounter took place, or may have.
    pub fn may_have_been_held(self) -> bool {
        matches!(self, Self::Completed | Self::InProgress | Self::Unknown)
    }
}

word_list! {
    /// What sort of encounter it was.
    Kind = "kind" {
        /// A visit to the office; also a consultation, a transfer of care, or care beside another provider's.
        OfficeVisit = "office-visit",
        /// By video or the like.
        Telehealth = "telehealth",
        /// At the patient's home.
        HomeVisit = "home-visit",
        /// In a nursing facility.
        NursingFacility = "nursing-facility",
        /// A procedure without admission.
        OutpatientProcedure = "outpatient-procedure",
        /// Admitted to hospital (place of service 21).
        Inpatient = "inpatient",
        /// Emergency department (place of service 23).
        Emergency = "emergency",
        /// By telephone.
        Telephone = "telephone",
        /// Laboratory, imaging, pharmacy.
        Ancillary = "ancillary",
        /// Said to be something else.
        Other = "other",
    }
}

word_list! {
    /// Who saw the patient.
    SeenBy = "seen_by" {
        /// The eligible professional in person.
        EligibleProfessional = "eligible-professional",
        /// Only the professional's clinical staff.
        ClinicalStaff = "clinical-staff",
        /// A nurse practitioner or physician assistant under the professional's supervision.
        Supervised = "supervised",
    }
}

word_list! {
    /// Who wrote a message, or to whom it went.
    Party = "party" {
        /// The patient.
        Patient = "patient",
        /// Somebody authorised to act for the patient.
        Representative = "representative",
        /// The eligible professional.
        Provider = "provider",
        /// A pool, nurse or team that cares for the patient.
        CareTeam = "care-team",
        /// Administrative staff.
        Staff = "staff",
        /// A machine.
        System = "system",
    }
}

word_list! {
    /// By what way a message came.
    Channel = "channel" {
        /// The messaging function of the certified EHR.
        EhrPortal = "ehr-portal",
        /// Encrypted email outside the EHR.
        SecureEmail = "secure-email",
        /// The portal of a practice-management system.
        PmPortal = "pm-portal",
        /// Ordinary email.
        Email = "email",
        /// Text message.
        Sms = "sms",
        /// Telephone.
        Phone = "phone",
        /// Letter or fax.
        Paper = "paper",
    }
}

word_list! {
    /// What a message is about.
    Topic = "topic" {
        /// A refill of a medication.
        MedicationRefill = "medication-refill",
        /// A question of health.
        ClinicalQuestion = "clinical-question",
        /// A test result.
        TestResult = "test-result",
        /// The plan of care.
        CarePlan = "care-plan",
        /// A referral.
        Referral = "referral",
        /// A wish for an appointment.
        AppointmentRequest = "appointment-request",
        /// A wish for records.
        RecordRequest = "record-request",
        /// Money.
        Billing = "billing",
        /// Forms, addresses and the like.
        Administrative = "administrative",
        /// Said to be something else.
        Other = "other",
    }
}

word_list! {
    /// What became of a message.
    MessageStatus = "status" {
        /// It went out.
        Sent = "sent",
        /// Begun, never sent.
        Draft = "draft",
        /// Deleted or revoked.
        Deleted = "deleted",
        /// Not delivered.
        Failed = "failed",
    }
}

word_list! {
    /// Whether a message between providers includes the patient.
    PatientIncluded = "patient_included" {
        /// The patient can read it.
        Yes = "yes",
        /// The patient cannot.
        No = "no",
    }
}

word_list! {
    /// Where a row's local day lies, seen from the reporting period and from the wider window that an edition may have.
    DayIn = "day" {
        /// In the reporting period, both ends included.
        Inside = "inside",
        /// Outside the reporting period, but in the wider window.
        Around = "around",
        /// Outside both.
        Outside = "outside",
    }
}

word_list! {
    /// Whether an encounter took place where certified EHR technology keeps the records.
    Cehrt = "cehrt" {
        /// It did.
        Yes = "yes",
        /// It did not.
        No = "no",
    }
}

word_list! {
    /// What somebody did at the portal with the patient's health information.
    Action = "action" {
        /// Looked at it.
        View = "view",
        /// Took a copy.
        Download = "download",
        /// Sent it to a third party.
        Transmit = "transmit",
        /// Got it through a program of their own choice.
        Api = "api",
        /// Came in, which is not looking at anything yet.
        SignIn = "sign-in",
        /// Said to be something else.
        Other = "other",
    }
}

word_list! {
    /// Whether a message was received by the messaging function of certified EHR technology.
    Certified = "certified" {
        /// It was.
        Yes = "yes",
        /// It was not.
        No = "no",
    }
}

/// The sender of a message, as the editions name the column.
pub const SENDER: ValueSet = ValueSet { name: "sender", ..Party::LIST };

/// The recipient of a message, as the editions name the column.
pub const RECIPIENT: ValueSet = ValueSet { name: "recipient", ..Party::LIST };

/// Who used the portal, as the editions name the column.
pub const ACTOR: ValueSet = ValueSet { name: "actor", ..Party::LIST };

/// The columns that a rule about encounters can ask, in the order of a decision-table cell.
pub const ENCOUNTER_COLUMNS: &[&ValueSet] =
    &[&EncounterStatus::LIST, &DayIn::LIST, &Kind::LIST, &SeenBy::LIST, &Cehrt::LIST];

/// The columns that a rule about accesses to a portal can ask, in the order of a decision-table cell.
pub const ACCESS_COLUMNS: &[&ValueSet] = &[&Action::LIST, &ACTOR, &DayIn::LIST];

/// The columns that a rule about messages can ask, in the order of a decision-table cell.
pub const MESSAGE_COLUMNS: &[&ValueSet] = &[
    &MessageStatus::LIST,
    &SENDER,
    &DayIn::LIST,
    &Certified::LIST,
    &RECIPIENT,
    &Topic::LIST,
    &PatientIncluded::LIST,
];
