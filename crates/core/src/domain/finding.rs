//! Data quality findings: their codes, and where they occur. The documentation is generated from the list in this module.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::source_location::SourceLocation;

macro_rules! codes {
    ($($variant:ident = $slug:literal, $severity:ident, $meaning:literal, $remedy:literal;)+) => {
        /// The kinds of findings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum FindingCode {
            $(#[doc = $meaning] $variant,)+
        }

        impl FindingCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &[FindingCode] = &[$(FindingCode::$variant),+];

            /// Returns the identifier that users and scripts see. It never changes once released.
            pub fn slug(self) -> &'static str {
                match self { $(FindingCode::$variant => $slug,)+ }
            }

            /// Returns the code with this identifier; `None` if no code has it.
            pub fn parse(slug: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.slug() == slug)
            }

            /// Returns the severity, unless the configuration sets another one.
            pub fn severity(self) -> Severity {
                match self { $(FindingCode::$variant => Severity::$severity,)+ }
            }

            /// Returns what the tool found, and how it handles it.
            pub fn meaning(self) -> &'static str {
                match self { $(FindingCode::$variant => $meaning,)+ }
            }

            /// Returns what the user can do.
            pub fn remedy(self) -> &'static str {
                match self { $(FindingCode::$variant => $remedy,)+ }
            }
        }
    };
}

codes! {
    RaggedRow = "ragged-row", Error,
        "A row has more or fewer cells than the header. `mucalc` does not use it. It may belong to any patient of any provider, so it widens the range of every result.",
        "Look for an unquoted separator or line break in a text column, or export the file again with all text quoted.";
    MissingPatientId = "missing-patient-id", Error,
        "A row has no patient id, so it cannot be attributed. An encounter may be an additional patient of its provider, and a message may come from any patient. The range of the result includes both.",
        "Export the patient id for every row, or remove rows without a patient.";
    MissingProviderId = "missing-provider-id", Error,
        "An encounter or a roster line has no provider id. The encounter may be an additional patient of any provider, so it widens the range of every result.",
        "Export the rendering provider of every encounter. In the roster, give every line its provider id.";
    DamagedId = "damaged-id", Error,
        "An id was stored as a number and lost digits: it is in scientific notation, has a fraction, or has more digits than such a number can keep. Several ids may have become one, so it is not used. An encounter or a message without its patient widens the range of the result. A message without its provider is addressed to the practice.",
        "Export ids as text: format the column as text before the export, or export CSV from the EHR without opening it in a spreadsheet.";
    SwallowedRows = "swallowed-rows", Error,
        "A quoted cell contains whole rows, because its quotation mark is closed only in a later row. These rows cannot be used. Each may belong to any patient of any provider, so they widen the range of every result.",
        "Look at the row where the cell begins. Double the quotation marks that belong to a text, or export the file again with all text quoted.";
    Furniture = "furniture", Note,
        "A row is not a record: it is blank, repeats the header, or is a line of dashes, a total, or a footer. It is skipped.",
        "Nothing, unless the row should be a record.";
    AbsenceMarker = "absence-marker", Note,
        "A cell contains a text that means \"no value\", such as NULL or #N/A. It is read as an empty cell.",
        "Nothing, unless the text is a value in your export. In that case, list the texts that mean \"no value\" with `nulls = [...]` in mucalc.toml.";
    IdNearlyMatches = "id-nearly-matches", Error,
        "Messages contain ids that no encounter has, but that equal exactly one id of the encounters without leading zeros, letter case, a trailing `.0`, a prefix such as `Patient/`, or the characters that programs add, such as thousands separators. Such a message possibly belongs to that patient or provider.",
        "Export ids the same way in both files. If they are the same patients or providers, declare it in mucalc.toml: `fold` under [ids] takes \"zeros\", \"case\", \"decimal\", \"prefix\", \"label\", and \"name\".";
    LookAlikeId = "look-alike-id", Warning,
        "Two provider ids differ only in letter case, in invisible characters, or in letters that look alike. They are counted as two providers.",
        "If they are one provider, write the id the same way in all exports and in the roster, or declare `fold = [\"case\"]` under [ids] in mucalc.toml.";
    ContradictingVersions = "contradicting-versions", Error,
        "Several rows have the same record id and different contents, and the export does not show which one is current. A patient who is in the numerator or denominator because of only some of them is possible.",
        "Export the time of the last change of each row as `updated_at`: the latest row is then the record. If the last row in the files is always current, declare `versions = \"last\"` in mucalc.toml, or add --versions last.";
    UnreadableDate = "unreadable-date", Warning,
        "A date or time is not in a format of the layout, does not exist, or is a placeholder such as 1900-01-01. The day is unknown, so the row is unresolved.",
        "Write days as YYYY-MM-DD and times as YYYY-MM-DDTHH:MM:SS, with Z or an offset if the time has a zone.";
    UnknownWord = "unknown-word", Warning,
        "A cell contains a value that is not mapped. It is read as `unknown`, which can be any value of the column.",
        "Map the value in mucalc.toml, in the table of its column ([topics], [kinds], [senders], ...) or, for a channel, in [channels]. `mucalc inspect` shows the values of each column.";
    StrayQuote = "stray-quote", Warning,
        "An unquoted cell contains a quotation mark, or text follows a closing quotation mark. The cell is read as written, and the row is used.",
        "Export the file with text quoted and quotation marks doubled, and check that the row was split where you expect.";
    HiddenRows = "hidden-rows", Warning,
        "Rows of a sheet are hidden by a filter or by hand. They are read like all others, so the results include more than the screen shows.",
        "Show all rows and check whether the hidden ones belong to the export. If not, delete them.";
    FormulaWithoutValue = "formula-without-value", Warning,
        "A cell contains a formula, and the workbook does not store its value. The cell is read as empty.",
        "Open the workbook in a spreadsheet program, which calculates the formula, and save it again.";
    DuplicateRosterLine = "duplicate-roster-line", Warning,
        "The roster lists a provider twice. The first line is used.",
        "Keep one line for each provider id.";
    NpiCheckDigit = "npi-check-digit", Error,
        "A National Provider Identifier does not have ten digits, or its check digit is wrong.",
        "Look up the number in the NPI registry; two digits may have been swapped. Provider ids with such a number are not combined with others.";
    NotJson = "not-json", Error,
        "A line of an NDJSON file is not one JSON object. The row is not used.",
        "Look at the line: it may be cut off, or the object may continue on further lines.";
    OtherKeys = "other-keys", Error,
        "A JSON object has none of the fields that the layout reads: its fields have other names, or it contains a list of rows. It is not used, and neither are rows in it.",
        "Export all rows with the same field names, or extract the rows from the object, for example with jq.";
    TooManyValues = "too-many-values", Error,
        "A row names too many patients and providers: it would become more than a thousand rows. It is not used.",
        "Look at the row: a message to more than a thousand patients is a mass mailing, which does not qualify.";
    MissingCounty = "missing-county", Error,
        "A line of the county table has no FIPS code. It is not used.",
        "Give every line its county as a FIPS code of five digits.";
    UnreadableNumber = "unreadable-number", Error,
        "A share in the county table is not a percentage from 0 to 100. The line is not used, so the county is unknown.",
        "Write the share of housing units with broadband as a number with a decimal point.";
    DuplicateCounty = "duplicate-county", Warning,
        "The county table has two different lines for one county. The county is unknown.",
        "Keep one line for each county, with the figures for the first day of the period.";
    FractionsNotPercent = "fractions-not-percent", Warning,
        "No share in the county table is greater than 1, so the shares seem to be fractions instead of percentages. All counties are unknown.",
        "Multiply the shares by 100. If they are percentages, add a percent sign.";
    IncompleteAnswer = "incomplete-answer", Error,
        "An export is an incomplete response of a server, such as a FHIR server: it refers to a next page that is not among the inputs, contains fewer records than its total, or contains an error.",
        "Fetch all pages, and name all their files.";
    UnknownDecision = "unknown-decision", Error,
        "A review decision has an unknown value. The line is not used.",
        "Use counts or out for a message or a patient, and seen or not-seen for a patient.";
    MissingTarget = "missing-target", Error,
        "A review decision names no message and no patient, or decides for a message whether a patient was seen. The line is not used.",
        "Add a message_id or a patient_id. Use seen and not-seen only with a patient_id.";
    AdjudicationUnmet = "adjudication-unmet", Warning,
        "A review decision concerns a message or a patient that the exports do not contain, a patient whom no provider saw, or a provider to whom the message is not attributed. It has no effect.",
        "Check the id. The export must have a column with message ids, because a message is found by its id.";
    AdjudicationContradicts = "adjudication-contradicts", Error,
        "A review decision contradicts a rule with a certain outcome, or an earlier decision. The rule or the earlier decision applies. Decisions about messages come before those about patients.",
        "Decide only unresolved records. If the export is wrong, correct the export. If the rule should not apply, change the policy setting.";
    AdjudicationNeedless = "adjudication-needless", Note,
        "A review decision agrees with an outcome that is certain without it.",
        "Nothing. The decision may have been made for another export.";
    NearMissColumn = "near-miss-column", Error,
        "The name of a column that is not read resembles that of a canonical column that is missing. If `mucalc` assumes a value for the missing column, the results may be wrong, and this is an error: for example `appt_status` without `status`. Otherwise, it is a warning.",
        "Rename the column or map it in a layout. If it is something else, acknowledge the assumption with [assume] in mucalc.toml.";
    AssumedColumn = "assumed-column", Warning,
        "An export has no such column, so `mucalc` assumes the same value for all rows: encounters are completed, an eligible professional saw the patient, messages were sent. The results are exact only if the assumption is true.",
        "Export the column, or acknowledge the assumption in mucalc.toml: [assume] with encounter-status = \"completed\", seen-by = \"eligible-professional\", or message-status = \"sent\".";
    ColumnsDiffer = "columns-differ", Warning,
        "One of several files has no column that another one has. The values are unknown for the rows of this file.",
        "Export all files with the same columns.";
    MidnightUtc = "midnight-utc", Error,
        "Nearly all times of a column are midnight in UTC, which is the previous day in the time zone of the practice. They are probably days without a time, and every day would be one too early.",
        "Declare in mucalc.toml what they are: [days] with started_at, sent_at, or accessed_at = \"utc-day\" if they are days, or \"local\" if they are times.";
    DuplicateId = "duplicate-id", Error,
        "Two rows have the same id and different contents, and the export does not show which one is current. If they differ in a column that the rules use, what only one of them contains is possible (`contradicting-versions`).",
        "Look at both rows. If one corrects the other, export `updated_at`, or declare `versions = \"last\"` in mucalc.toml. If two exports use the same ids for different records, make the ids different.";
    DuplicateRow = "duplicate-row", Note,
        "A row occurs twice with the same contents. It does not change any result, because patients are counted and not rows.",
        "Check that no export is named twice.";
    DateInFuture = "date-in-future", Warning,
        "A day is in the future.",
        "Future appointments are normal. For other records, check the clock of the system and the order of day and month.";
    DateFarFromPeriod = "date-far-from-period", Warning,
        "A day is more than five years before or after the reporting period.",
        "Check the order of day and month, years with two digits, and placeholder dates.";
    ProviderNotOnRoster = "provider-not-on-roster", Warning,
        "A row names a provider who is not on the roster.",
        "Complete the roster, or check that ids are written the same way: `007` is not `7`.";
    PatientNeverSeen = "patient-never-seen", Note,
        "Messages come from patients without an encounter. These patients are in no denominator, so their messages are in no numerator.",
        "Check that both exports cover the same practice and write patient ids the same way.";
    ExportCutShort = "export-cut-short", Warning,
        "The encounters continue for more than two weeks after the last message, or the messages after the last encounter.",
        "One of the exports may have been cut off, or made for other days. Export it again.";
    DaysWithoutRows = "days-without-rows", Warning,
        "An export with rows on most days has a week or more without any.",
        "Part of the export may be missing. If the practice was closed, nothing is wrong.";
    EmptyColumn = "empty-column", Note,
        "A column is empty in every row, so its values are unknown.",
        "Check that the export was made with this column.";
    ConstantColumn = "constant-column", Note,
        "A column that rules use has the same value in every row.",
        "Check that the export distinguishes the rows.";
    UnknownColumn = "unknown-column", Note,
        "A column is not read.",
        "Nothing, unless it should be read. In that case, map it in a layout.";
    UnusedWord = "unused-word", Warning,
        "The configuration maps a value, or names a channel, that no row has.",
        "Check how the export writes it. Letter case does not matter.";
    UnusedRosterLine = "unused-roster-line", Note,
        "No row names a provider of the roster.",
        "If the provider saw patients, check how the exports write the id.";
    NoPatientInBoth = "no-patient-in-both", Warning,
        "Messages may qualify, but none of them is from a patient with an encounter. The numerator is 0, which is right only if no patient wrote.",
        "Check that both exports write patient ids the same way (`007` is not `7`), and that they cover the same practice and the same period.";
    NoProviderInBoth = "no-provider-in-both", Warning,
        "Messages that may qualify name providers, but none of these providers has an encounter. A message counts only for the provider that it names, so these messages are in no numerator.",
        "Check that both exports identify providers in the same way: by the same id, or by the same name in the same spelling. `mucalc inspect` shows which columns of two files have ids in common. If messages go to the practice as a whole, use `--credit group`.";
    RowNotJoined = "row-not-joined", Warning,
        "A row has a key that the joined table lacks, so what the joined table would say is unknown for this row.",
        "Check that both files are of the same export. A message that has no recipient there is addressed to the practice, with no provider named.";
    JoinedRowUnused = "joined-row-unused", Note,
        "A row of a joined table has a key that no row of the export has, so it is not used.",
        "Nothing, if the joined table covers more time than the export. Otherwise check that both files are of the same export.";
    NoReadableDate = "no-readable-date", Error,
        "No day of an input can be read, so every row is unresolved.",
        "Declare the format of the days in a layout (docs/layouts.md, `dates`), or export them as YYYY-MM-DD.";
    NothingInPeriod = "nothing-in-period", Warning,
        "All encounters are before the reporting period, or all are after it.",
        "Check the period, especially the year, and that the export covers it.";
    EndsBeforePeriod = "ends-before-period", Note,
        "The last encounter is more than eight days before the end of the reporting period, so the results are those to date.",
        "`mucalc progress` shows the trend and a forecast. Export again at the end of the period.";
    WindowNotExported = "window-not-exported", Warning,
        "Messages or portal accesses can qualify on days outside the reporting period, and the exports do not cover all of these days, according to --exported. The missing rows may be in the numerator.",
        "Export messages of all days on which they can qualify, up to today, and declare these days with --exported.";
    UnlistedLocation = "unlisted-location", Warning,
        "An encounter is at a location that [locations] in mucalc.toml does not list. `mucalc` assumes certified EHR technology there.",
        "List every location in [locations], with certified = true or false.";
    BroadbandAsOf = "broadband-as-of", Warning,
        "The broadband figures are newer than the first day of the reporting period. The exclusion requires the latest figures of that day.",
        "Use the figures that were the latest on the first day of the period, and write their day in `as_of`.";
    OnlyMinimalServices = "only-minimal-services", Warning,
        "No patient is in the denominator, because every encounter that could qualify is a telephone call or an ancillary service. An EP without physical or telemedicine encounters must adopt a policy that treats some services as seeing a patient.",
        "If this applies, add --policy minimal-service=count, for the whole period and for all measures.";
    PeriodNotAllowed = "period-not-allowed", Error,
        "The program does not allow the reporting period: it is too short, crosses a calendar year, is not a calendar quarter where one is required, or ends too late. The results are correct for these days, but cannot be attested.",
        "Choose one of the nearest allowed periods, which the report names. `mucalc sweep` shows the result of each allowed period. If only some participants can use a period, declare the participant with --participant.";
    NoRows = "no-rows", Warning,
        "An input has a header and no rows.",
        "Check that the export is complete and covers the period.";
}

impl FindingCode {
    /// Returns whether only a calculation produces the finding: it is about rules applied to rows, about locations, or about the period.
    pub fn is_report_finding(self) -> bool {
        (FindingCode::AdjudicationUnmet..=FindingCode::AdjudicationNeedless).contains(&self)
            || matches!(
                self,
                FindingCode::NothingInPeriod
                    | FindingCode::UnlistedLocation
                    | FindingCode::WindowNotExported
                    | FindingCode::OnlyMinimalServices
                    | FindingCode::EndsBeforePeriod
                    | FindingCode::IdNearlyMatches
                    | FindingCode::LookAlikeId
                    | FindingCode::ContradictingVersions
            )
    }

    /// Returns whether a row with this finding is unusable.
    pub fn makes_unusable(self) -> bool {
        matches!(
            self,
            FindingCode::RaggedRow
                | FindingCode::SwallowedRows
                | FindingCode::MissingPatientId
                | FindingCode::MissingProviderId
                | FindingCode::DamagedId
                | FindingCode::NotJson
                | FindingCode::OtherKeys
                | FindingCode::TooManyValues
        )
    }

    /// Returns whether only `mucalc validate` checks for it, because it takes more than the row itself.
    pub fn is_validation_finding(self) -> bool {
        (FindingCode::DuplicateId..=FindingCode::UnusedRosterLine).contains(&self)
    }
}

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// For information.
    Note,
    /// The row is used, with reservations.
    Warning,
    /// The row is not used for the measure, or a number may be wrong.
    Error,
}

impl Severity {
    /// Returns the severity with this identifier; `None` if no severity has it.
    pub fn parse(word: &str) -> Option<Self> {
        [Severity::Note, Severity::Warning, Severity::Error].into_iter().find(|known| known.word() == word)
    }

    /// Returns the identifier that users see.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// All findings of one code: their number, and the location of the first one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The code; `mucalc codes CODE` explains it.
    pub code: &'static str,
    /// The severity.
    pub severity: Severity,
    /// The number of occurrences.
    pub count: u64,
    /// The location of the first occurrence, in the order of the inputs.
    pub first: SourceLocation,
}
