//! The closed value lists: every value that a column of an encounter, message, or portal access can have.
//!
//! After normalization, no value is null. A missing value is `unknown`, which means that it could be any other value of the list.

/// A closed list of values, as rule sets, layouts, and the documentation use it.
///
/// The code of a value is its position. `unknown` is the last code of every list.
#[derive(Debug, PartialEq, Eq)]
pub struct ValueSet {
    /// The column that contains the values, as rule sets spell it.
    pub name: &'static str,
    /// All values except `unknown`, in code order.
    pub words: &'static [&'static str],
    /// The meaning of each value, in the same order.
    pub meanings: &'static [&'static str],
}

/// Returns a value in the form in which values are compared: trimmed and in lowercase.
pub fn fold(word: &str) -> String {
    word.trim().to_lowercase()
}

/// The value that means "not known" in every list.
pub const UNKNOWN: &str = "unknown";

impl ValueSet {
    /// Returns the code of `unknown`.
    pub const fn unknown(&self) -> u8 {
        self.words.len() as u8
    }

    /// Returns the number of codes, including `unknown`.
    pub const fn codes(&self) -> usize {
        self.words.len() + 1
    }

    /// Returns the code of a value, including `unknown`; `None` if the value is not in the list.
    pub fn code(&self, word: &str) -> Option<u8> {
        if word == UNKNOWN {
            return Some(self.unknown());
        }
        self.words.iter().position(|known| *known == word).map(|code| code as u8)
    }

    /// Returns the value with this code; `unknown` for codes outside the list.
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
            /// Missing or not readable: any value of the list.
            Unknown,
        }

        impl $name {
            /// The list of values.
            pub const LIST: ValueSet = ValueSet {
                name: $column,
                words: &[$($word),+],
                meanings: &[$($meaning),+],
            };

            /// Returns the value with this code; `Unknown` for codes outside the list.
            pub fn from_code(code: u8) -> Self {
                const ALL: &[$name] = &[$($name::$variant),+];
                ALL.get(code as usize).copied().unwrap_or($name::Unknown)
            }

            /// Returns the code in [`Self::LIST`].
            pub const fn code(self) -> u8 {
                self as u8
            }
        }
    };
}

word_list! {
    /// The status of an encounter.
    EncounterStatus = "status" {
        /// It took place.
        Completed = "completed",
        /// Started, not closed.
        InProgress = "in-progress",
        /// Planned.
        Scheduled = "scheduled",
        /// Canceled.
        Cancelled = "cancelled",
        /// The patient did not show up.
        NoShow = "no-show",
        /// Recorded by mistake; never took place.
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
    /// The kind of an encounter.
    EncounterKind = "kind" {
        /// An office visit; also a consultation, a transfer of care, or care in addition to another provider's.
        OfficeVisit = "office-visit",
        /// By video or similar means.
        Telehealth = "telehealth",
        /// At the patient's home.
        HomeVisit = "home-visit",
        /// In a nursing facility.
        NursingFacility = "nursing-facility",
        /// A procedure without admission.
        OutpatientProcedure = "outpatient-procedure",
        /// Admitted to a hospital (place of service 21).
        Inpatient = "inpatient",
        /// Emergency department (place of service 23).
        Emergency = "emergency",
        /// By telephone.
        Telephone = "telephone",
        /// Laboratory, imaging, or pharmacy.
        Ancillary = "ancillary",
        /// Explicitly something else.
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
    /// The sender or the recipient of a message, or the user of a portal.
    MessageParty = "party" {
        /// The patient.
        Patient = "patient",
        /// A person authorized to act for the patient.
        Representative = "representative",
        /// The eligible professional.
        Provider = "provider",
        /// A shared inbox, nurse, or team that cares for the patient.
        CareTeam = "care-team",
        /// Administrative staff.
        Staff = "staff",
        /// An automated system.
        System = "system",
    }
}

word_list! {
    /// The channel of a message.
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
    /// The topic of a message.
    MessageTopic = "topic" {
        /// A medication refill.
        MedicationRefill = "medication-refill",
        /// A question about health.
        ClinicalQuestion = "clinical-question",
        /// A test result.
        TestResult = "test-result",
        /// The plan of care.
        CarePlan = "care-plan",
        /// A referral.
        Referral = "referral",
        /// A request for an appointment.
        AppointmentRequest = "appointment-request",
        /// A request for records.
        RecordRequest = "record-request",
        /// Bills and payments.
        Billing = "billing",
        /// Forms, addresses, and so on.
        Administrative = "administrative",
        /// Explicitly something else.
        Other = "other",
    }
}

word_list! {
    /// The status of a message.
    MessageStatus = "status" {
        /// It was sent.
        Sent = "sent",
        /// Started, never sent.
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
        /// The patient cannot read it.
        No = "no",
    }
}

word_list! {
    /// How a row's local day relates to the reporting period, and to the wider window that a rule set may have.
    DayRelation = "day" {
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
    CehrtLocation = "cehrt" {
        /// It did.
        Yes = "yes",
        /// It did not.
        No = "no",
    }
}

word_list! {
    /// The action of a portal user with the patient's health information.
    PortalAction = "action" {
        /// Viewed it.
        View = "view",
        /// Downloaded a copy.
        Download = "download",
        /// Sent it to a third party.
        Transmit = "transmit",
        /// Retrieved it with an application of their choice.
        Api = "api",
        /// Signed in, without viewing anything yet.
        SignIn = "sign-in",
        /// Explicitly something else.
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

/// The sender of a message, under the name that rule sets use for the column.
pub const SENDER: ValueSet = ValueSet { name: "sender", ..MessageParty::LIST };

/// The recipient of a message, under the name that rule sets use for the column.
pub const RECIPIENT: ValueSet = ValueSet { name: "recipient", ..MessageParty::LIST };

/// The user of the portal, under the name that rule sets use for the column.
pub const ACTOR: ValueSet = ValueSet { name: "actor", ..MessageParty::LIST };

/// The columns that a rule about encounters can use, in the order of a decision-table cell.
pub const ENCOUNTER_COLUMNS: &[&ValueSet] =
    &[&EncounterStatus::LIST, &DayRelation::LIST, &EncounterKind::LIST, &SeenBy::LIST, &CehrtLocation::LIST];

/// The columns that a rule about portal accesses can use, in the order of a decision-table cell.
pub const ACCESS_COLUMNS: &[&ValueSet] = &[&PortalAction::LIST, &ACTOR, &DayRelation::LIST];

/// The columns that a rule about messages can use, in the order of a decision-table cell.
pub const MESSAGE_COLUMNS: &[&ValueSet] = &[
    &MessageStatus::LIST,
    &SENDER,
    &DayRelation::LIST,
    &Certified::LIST,
    &RECIPIENT,
    &MessageTopic::LIST,
    &PatientIncluded::LIST,
];
