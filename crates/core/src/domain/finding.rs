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
        "A row has more or fewer fields than the header, so it cannot be used: it may be about any patient of any provider, and widens the range of every result.",
        "Look for an unquoted comma or line break in a text column, or export the file again with all text quoted.";
    MissingPatientId = "missing-patient-id", Error,
        "A row has no patient id, so it cannot be attributed. An encounter may be a further patient of its provider, a message may come from any patient: the range of the result allows for both.",
        "Export the patient id for every row, or remove rows that are about no patient.";
    MissingProviderId = "missing-provider-id", Error,
        "An encounter or a roster line has no provider id. The encounter may be a further patient of any provider, and the range of every result allows for it.",
        "Export the rendering provider of every encounter; give every line of the roster its provider id.";
    DamagedId = "damaged-id", Error,
        "An id was taken for a number and lost digits: it is in scientific notation, has a fraction, or has more digits than the number can hold, so several ids may have become one. It is not used: an encounter or a message without its patient widens the range of the result, and a message without its provider is addressed to the practice.",
        "Export ids as text: format the column as text before the export, or export as CSV straight from the EHR without a spreadsheet in between.";
    SwallowedRows = "swallowed-rows", Error,
        "A quoted cell holds whole rows: a quotation mark that opens it is closed by one in a later row. The rows in between cannot be used: each may be about any patient of any provider, and widens the range of every result.",
        "Look at the row where the cell begins: double the quotation marks that belong to a text, or export the file again with all text quoted.";
    Furniture = "furniture", Note,
        "A row is no record: it is blank, repeats the header, is a rule of dashes, or is a total or a footer. It is skipped.",
        "Nothing, unless the row should be a record.";
    AbsenceMarker = "absence-marker", Note,
        "A cell holds a text that means \"no value\", such as NULL or #N/A. It is read as an empty cell.",
        "Nothing, unless the text is a value in your export: then list the texts that mean \"no value\" with `nulls = [...]` in mucalc.toml.";
    IdNearlyMatches = "id-nearly-matches", Error,
        "Messages have ids that are not among the encounters, but would equal exactly one of them without leading zeros, letter case, a trailing `.0`, a prefix such as `Patient/`, or what programs put around ids, such as signs between thousands. Such a message possibly counts for that patient or provider.",
        "Export ids the same way in both files. If they are the same patients or providers, declare it in mucalc.toml: `fold` under [ids] takes \"zeros\", \"case\", \"decimal\", \"prefix\", \"label\", and \"name\".";
    LookAlikeId = "look-alike-id", Warning,
        "Two provider ids differ only in letter case, in invisible characters, or in letters that look alike. They are two providers.",
        "If they are one provider, write the id the same way in all exports and in the roster, or declare `fold = [\"case\"]` under [ids] in mucalc.toml.";
    ContradictingVersions = "contradicting-versions", Error,
        "Several rows have the same record id and say different things, and nothing in the export says which of them is right. A patient whom some of them put into the figures, and others do not, is possible.",
        "Export with the time at which each row was last changed, as `updated_at`: the latest row is then the record. If the last row in the files is always the right one, declare `versions = \"last\"` in mucalc.toml, or add --versions last.";
    UnreadableDate = "unreadable-date", Warning,
        "A date or time cannot be read in the formats of the layout, the calendar or the clock does not have it, or it is one that programs write where none is known, such as 1900-01-01. The day is taken as unknown, so the row is uncertain.",
        "Write days as YYYY-MM-DD and times as YYYY-MM-DDTHH:MM:SS, with Z or an offset where the time has a zone.";
    UnknownWord = "unknown-word", Warning,
        "A cell holds a word that is not in the list of its column. It is read as `unknown`: any word of the list.",
        "Translate the word in mucalc.toml, in the table of its list ([topics], [kinds], [senders], ...) or, for a channel, in [channels]. `mucalc inspect` shows which words there are.";
    StrayQuote = "stray-quote", Warning,
        "A quotation mark stands inside an unquoted field, or text follows a closing quotation mark. It is read as it stands; the row is kept.",
        "Export the file with text quoted and quotation marks doubled, and check that the row was split where you expect.";
    HiddenRows = "hidden-rows", Warning,
        "Rows of a sheet are hidden, by a filter or by hand. They are read like all others, so the figures are not those of what is shown on the screen.",
        "Show all rows, and look whether those that were hidden are meant; if not, delete them from the export.";
    FormulaWithoutValue = "formula-without-value", Warning,
        "A cell holds a formula whose value the workbook does not store, so the cell is read as empty.",
        "Open the workbook in a spreadsheet, which calculates it, and save it again.";
    DuplicateRosterLine = "duplicate-roster-line", Warning,
        "The roster names a provider a second time. The first line is used.",
        "Keep one line for each provider id.";
    NpiCheckDigit = "npi-check-digit", Error,
        "A National Provider Identifier does not have ten digits of which the last checks the others.",
        "Look the number up in the registry; two digits may have changed places. Ids with such a number are joined with no others.";
    NotJson = "not-json", Error,
        "A line of an NDJSON file is not one JSON object. The row is rejected.",
        "Look at the line: it may be cut off, or the object may be spread over several lines.";
    OtherKeys = "other-keys", Error,
        "An object of JSON has none of the fields that are read: its names are others, or it wraps rows. It is rejected, with all rows that it may hold.",
        "Export all rows with the same names, or take them out of what wraps them, for example with jq.";
    TooManyValues = "too-many-values", Error,
        "A row names so many patients and providers that it would make more than a thousand rows. The row is rejected.",
        "Look at the row: a message to very many patients is a mailing, and is no message of this measure.";
    MissingCounty = "missing-county", Error,
        "A line of the table of counties has no FIPS code. The line is rejected.",
        "Give every line its county, as a FIPS code of five digits.";
    UnreadableNumber = "unreadable-number", Error,
        "A share in the table of counties is no percentage from 0 to 100. The line is rejected, so the county is unknown.",
        "Write the share of housing units with broadband as a number, with a point before decimals.";
    DuplicateCounty = "duplicate-county", Warning,
        "The table of counties says two things of one county. It is taken as unknown.",
        "Keep one line for each county, from the data of the first day of the period.";
    FractionsNotPercent = "fractions-not-percent", Warning,
        "No share in the table of counties is greater than 1, so they seem to be fractions, and percentages are expected. All counties are taken as unknown.",
        "Multiply the shares by 100; if they are percentages, write them with a percent sign.";
    IncompleteAnswer = "incomplete-answer", Error,
        "An export is the answer of an interface, such as a FHIR server, and not all of it: it names a next page that is in none of the inputs, holds fewer records than it says there are, or has an error in place of records.",
        "Fetch all pages, and name all their files.";
    UnknownDecision = "unknown-decision", Error,
        "A line of the adjudications has a decision that is none. The line is rejected and decides nothing.",
        "Decide counts or out of a message or a patient, seen or not-seen of a patient.";
    MissingTarget = "missing-target", Error,
        "A line of the adjudications is about no message and no patient; whether somebody was seen is decided of a patient. The line is rejected.",
        "Give it a message_id or a patient_id.";
    AdjudicationUnmet = "adjudication-unmet", Warning,
        "A decision is about a message or a patient that the exports do not have, or whom nobody saw, or is for a provider whom it does not reach. It decides nothing.",
        "Check the id; a message is found by its id in the export, so the export must have a column of them.";
    AdjudicationContradicts = "adjudication-contradicts", Error,
        "A decision says the opposite of what a rule says for certain, or of a decision before it. The rule holds, or the first decision; decisions about messages come before those about patients.",
        "Decide only what is uncertain. If the export is wrong, mend the export; if the rule should not be applied, choose a policy.";
    AdjudicationNeedless = "adjudication-needless", Note,
        "A decision says what is certain without it.",
        "Nothing; it may have been decided for another export.";
    NearMissColumn = "near-miss-column", Error,
        "A column that is not read has nearly the name of one of ours that is absent. It is an error where the absence is taken for a fact (`appt_status` while there is no `status`), since figures may be wrong then, and a warning elsewhere.",
        "Rename the column or name it in a layout if it is meant to be ours; if it is not, say so with [assume] in mucalc.toml.";
    AssumedColumn = "assumed-column", Warning,
        "An export has no column that would say this of its rows, so it is taken for a fact of all of them: encounters are completed, patients were seen by eligible professionals, messages were sent. The figures are exact only if it is one.",
        "Export the column, or acknowledge in mucalc.toml what is taken for a fact: [assume] with encounter-status = \"completed\", seen-by = \"eligible-professional\" or message-status = \"sent\".";
    ColumnsDiffer = "columns-differ", Warning,
        "One of several files of a kind does not have a column that another has. What the column would say is unknown for the rows of the file without it.",
        "Export all files alike, with the same columns.";
    MidnightUtc = "midnight-utc", Error,
        "Nearly all times of a column are midnight in UTC, which is the day before by the clocks of the practice. They are probably days and no moments, and every day is one too early then.",
        "Say in mucalc.toml what they are: [days] with started_at, sent_at or accessed_at = \"utc-day\" if they are days, or \"local\" if they are moments.";
    DuplicateId = "duplicate-id", Error,
        "Two rows have the same id and say different things, and nothing in the export says which of them is right. Where they differ in what the measure asks, the report takes what only one of them says as possible (`contradicting-versions`).",
        "Look at both. If one is a correction of the other, export `updated_at`, or declare `versions = \"last\"` in mucalc.toml; if two exports use the same ids for different things, make the ids different.";
    DuplicateRow = "duplicate-row", Note,
        "A row stands there again, the same in everything that is read. It changes no result, since patients are counted and not rows.",
        "Check that no export was named twice.";
    DateInFuture = "date-in-future", Warning,
        "A day lies in the future.",
        "Appointments may; what has happened may not. Check the clock of the system, and the order of day and month.";
    DateFarFromPeriod = "date-far-from-period", Warning,
        "A day lies more than five years before or after the reporting period.",
        "Check the order of day and month, years of two digits, and dates that stand for no date.";
    ProviderNotOnRoster = "provider-not-on-roster", Warning,
        "A row names a provider who is not on the roster.",
        "Complete the roster, or check that ids are written alike: `007` is not `7`.";
    PatientNeverSeen = "patient-never-seen", Note,
        "Messages are about patients whom no encounter names. They are in no denominator, so they count for nobody.",
        "Check that both exports cover the same practice and write patient ids alike.";
    ExportCutShort = "export-cut-short", Warning,
        "Encounters go on for more than two weeks where there are no messages, or the other way round.",
        "One of the exports may have been cut off, or made for other days; export it again.";
    DaysWithoutRows = "days-without-rows", Warning,
        "In the middle of an export that has rows on most days there is a week or more without any.",
        "A part of the export may be missing; if the practice was closed, all is well.";
    EmptyColumn = "empty-column", Note,
        "A column is empty in every row, so what it would say is unknown.",
        "Check that the export was made with this column.";
    ConstantColumn = "constant-column", Note,
        "A column that rules ask for says the same in every row.",
        "Check that the export tells rows apart there.";
    UnknownColumn = "unknown-column", Note,
        "A column is none of those that are read.",
        "Nothing, unless it should be read: then name it in a layout.";
    UnusedWord = "unused-word", Warning,
        "The configuration translates a word, or names a channel, that no row has.",
        "Check how the export writes it; words are compared without regard to case.";
    UnusedRosterLine = "unused-roster-line", Note,
        "A provider of the roster is named by no row.",
        "Check how the exports write the id, if the provider saw patients.";
    NoPatientInBoth = "no-patient-in-both", Warning,
        "Messages may count by what they say, but not one is of a patient whom the encounters name as seen. The numerator is 0 then, which is right only if it was so.",
        "Check that both exports write patient ids alike (`007` is not `7`), and that they are of the same practice and the same time.";
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
        "Not one of the days of an input can be read, so nothing is known of when anything was: every row is uncertain.",
        "Tell the form of its days in a layout (docs/layouts.md, `dates`), or export them as YYYY-MM-DD.";
    NothingInPeriod = "nothing-in-period", Warning,
        "All encounters lie before the reporting period, or all after it.",
        "Check the period, the year above all, and that the export covers it.";
    EndsBeforePeriod = "ends-before-period", Note,
        "The last encounter of the exports was more than eight days before the reporting period ends: the figures are those to date.",
        "`mucalc progress` tells how it stands and may end. At the end of the period export again.";
    WindowNotExported = "window-not-exported", Warning,
        "Messages, or accesses, may count on days outside the reporting period for which the exports were not made, as --exported says. What they lack may be in the numerator.",
        "Export messages of all days on which they may count, up to today, and declare these days with --exported.";
    UnlistedLocation = "unlisted-location", Warning,
        "An encounter is at a location that [locations] in mucalc.toml does not list, so it is taken as one with certified EHR technology.",
        "List every location in [locations], with certified = true or false.";
    BroadbandAsOf = "broadband-as-of", Warning,
        "Broadband figures are of a later day than the first of the reporting period. The exclusion asks for the latest figures of that day.",
        "Use the figures that were the latest on the first day of the period, and write their day in `as_of`.";
    OnlyMinimalServices = "only-minimal-services", Warning,
        "No patient is in the denominator, because every encounter that could be is a telephone call or an ancillary service. An EP without physical or telemedicine encounters must adopt a policy that takes some services as seeing a patient.",
        "If that is so, add --policy minimal-service=count, alike for the whole period and all measures.";
    PeriodNotAllowed = "period-not-allowed", Error,
        "The program does not allow the reporting period: it is too short, crosses a calendar year, is no calendar quarter where one is required, or ends too late. The figures are right for its days, but cannot be attested.",
        "Choose one of the nearest allowed periods, which the report names; `mucalc sweep` shows what each allowed period is worth. If only some participants may use a period, say who attests with --participant.";
    NoRows = "no-rows", Warning,
        "An input has a header and no rows.",
        "Check that the export was complete and covers the period.";
}

impl FindingCode {
    /// Returns whether only a calculation produces the finding: it is about rules applied to rows, about locations, or about the period.
    pub fn is_of_calculation(self) -> bool {
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
    pub fn is_of_validation(self) -> bool {
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
