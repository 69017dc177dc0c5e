//! The values of each column.

pub const KINDS: [&str; 10] = [
    "office-visit",
    "telehealth",
    "home-visit",
    "nursing-facility",
    "outpatient-procedure",
    "inpatient",
    "emergency",
    "telephone",
    "ancillary",
    "other",
];
pub const ENCOUNTER_STATUSES: [&str; 6] =
    ["completed", "in-progress", "scheduled", "cancelled", "no-show", "entered-in-error"];
pub const SEEN_BY: [&str; 3] = ["eligible-professional", "clinical-staff", "supervised"];
pub const PARTIES: [&str; 6] = ["patient", "representative", "provider", "care-team", "staff", "system"];
pub const CHANNELS: [&str; 7] = ["ehr-portal", "secure-email", "pm-portal", "email", "sms", "phone", "paper"];
pub const TOPICS: [&str; 10] = [
    "medication-refill",
    "clinical-question",
    "test-result",
    "care-plan",
    "referral",
    "appointment-request",
    "record-request",
    "billing",
    "administrative",
    "other",
];
pub const MESSAGE_STATUSES: [&str; 4] = ["sent", "draft", "deleted", "failed"];
pub const ACTIONS: [&str; 6] = ["view", "download", "transmit", "api", "sign-in", "other"];
pub const YES_NO: [&str; 2] = ["yes", "no"];
pub const DAYS: [&str; 3] = ["inside", "around", "outside"];
