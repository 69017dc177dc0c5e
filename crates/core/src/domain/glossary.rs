//! The technical terms that users see, each explained once: by `mucalc codes`, in `docs/glossary.md`, and in the HTML report.

/// A term with its meaning.
#[derive(Clone, Copy, Debug)]
pub struct GlossaryTerm {
    /// The name by which `mucalc codes` finds the term.
    pub slug: &'static str,
    /// The term.
    pub word: &'static str,
    /// The meaning.
    pub meaning: &'static str,
}

macro_rules! terms {
    ($($slug:literal, $word:literal, $meaning:literal;)+) => {
        /// Every term, in the order of the documentation.
        pub const TERMS: &[GlossaryTerm] = &[$(GlossaryTerm { slug: $slug, word: $word, meaning: $meaning }),+];
    };
}

terms! {
    "attest", "Attest",
        "To declare to the program, with a signature, that a measure was met or that an exclusion applies.";
    "attribution", "Attribution",
        "Which provider a message is assigned to: only the addressed provider (strict), or every provider of the same group who saw the patient. The flag is `--credit`.";
    "attrition", "Attrition",
        "How many rows each rule removed, from the rows read to those that qualify. The flag is `--waterfall`.";
    "certified", "Certified EHR technology (CEHRT)",
        "An electronic health record system on the Certified Health IT Product List (CHPL), where it has a product number.";
    "chance", "Chance", "How often similar practices would meet the measure at the end of the period; see forecast.";
    "channel", "Channel",
        "How a message was sent: through CEHRT's electronic messaging function, another portal, email, or on paper.";
    "clinically-relevant", "Clinically relevant",
        "About the patient's health: a refill, a symptom, a test result. A question about a bill is not clinically relevant. The message does not need an answer.";
    "denominator", "Denominator", "The unique patients whom the provider saw during the reporting period.";
    "professional", "Eligible professional (EP)",
        "A clinician who can participate in the program and who attests each measure. In this report: a provider.";
    "encounter", "Encounter", "A contact of a provider with a patient in the export: a visit, a call, a procedure.";
    "exclusion", "Exclusion",
        "A reason for which the EP does not have to meet the measure. The EP claims it at attestation.";
    "finding", "Finding",
        "A data quality problem with file, line, and column. An error means that a row could not be used or that a result may be wrong.";
    "forecast", "Forecast",
        "The rate to expect at the end of the period if the current trend continues, with an 80% range.";
    "group", "Group",
        "Providers who share a `group_id` in the roster. Without a roster, all providers are one group.";
    "indeterminate", "Indeterminate", "The result depends on unresolved records. A manual review can settle it.";
    "layout", "Layout", "A file that maps the columns, values, and dates of an export to those of `mucalc`.";
    "ledger", "Ledger",
        "One row per provider and patient, with the source rows that decided. Every other number is a sum over the ledger.";
    "decision", "Manual review (adjudication)",
        "A reviewer looks at a record that the exports leave unresolved, and decides whether it qualifies. The report lists each decision with name and reason.";
    "measure", "Measure", "A rate that a program requires of eligible professionals, and the threshold that it must exceed.";
    "met", "Met", "The rate exceeds the threshold for every possible value of the unresolved records.";
    "not-calculable", "Not calculable",
        "There is no rate: no unique patient was seen, or the measure is attested with yes or no.";
    "not-met", "Not met", "The rate does not exceed the threshold for any possible value of the unresolved records.";
    "npi", "NPI", "National Provider Identifier: ten digits for a person or an organization.";
    "numerator", "Numerator",
        "The patients in the denominator for whom a qualifying message was sent, or who otherwise qualify under the rules.";
    "policy", "Policy setting",
        "A point that CMS leaves open. Each has a default value, and every report lists the values that were applied.";
    "portal", "Portal", "The web site or app of the EHR where patients read and write messages.";
    "program-year", "Program year", "The calendar year whose rules apply.";
    "range", "Range",
        "Two numbers, such as 10–12: the lowest and the highest number that the exports allow.";
    "rate", "Rate",
        "Numerator divided by denominator, in percent. A range runs from the lowest numerator over the highest denominator to the rate if every unresolved record qualifies.";
    "representative", "Authorized representative",
        "A person whom the patient authorized, such as a parent. A message from an authorized representative counts for the patient.";
    "period", "Reporting period", "The days that the measure covers, including the first and the last day.";
    "result", "Result",
        "Met or not met, for every possible value of the unresolved records; indeterminate, if these records decide; or not calculable.";
    "roster", "Roster", "The list of the practice's providers, with names, NPIs, and groups.";
    "rule", "Rule", "A test that the tool applies to each row. The first matching rule decides.";
    "edition", "Rule set", "The file with the rules of a measure for a program year. The flag is `--edition`.";
    "sha256", "SHA-256", "A checksum over all bytes of a file. It changes if a single byte changes.";
    "pool", "Shared inbox (pool)",
        "An inbox of several people. A message to it is addressed to no single provider, and a policy setting decides whether it qualifies.";
    "staff", "Staff", "Employees of the practice who do not treat patients.";
    "needed", "Still needed", "Patients who must still send a qualifying message if no unresolved record qualifies.";
    "superseded", "Superseded version",
        "A row that a later row with the same record id replaces. It is read, but no rule is applied to it.";
    "threshold", "Threshold",
        "The rate that must be exceeded. “More than 5%” is strict: 5 of 100 patients do not meet it.";
    "unique", "Unique patients", "Each patient is counted once, regardless of the number of encounters or messages.";
    "unresolved", "Unresolved",
        "The exports do not show whether a record qualifies. It is neither counted nor dropped; it widens the range.";
    "unusable-row", "Unusable row",
        "A row whose patient or provider cannot be read, or whose cells are out of place. The range of the result includes every patient it may belong to.";
    "visit", "Visit", "An encounter at which a provider saw the patient.";
    "week", "Week", "In progress reports: seven days, counted from the first day of the reporting period.";
}

/// Other names of terms, each with the slug of the term.
const ALIASES: &[(&str, &str)] = &[
    ("credit", "attribution"),
    ("interval", "range"),
    ("verdict", "result"),
    ("uncertain", "unresolved"),
    ("waterfall", "attrition"),
    ("manual-review", "decision"),
    ("rule-set", "edition"),
];

/// Returns the slug of the term that has this slug or another name.
pub fn current_slug(name: &str) -> &str {
    let alias = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name));
    alias.map_or(name, |(_, slug)| slug)
}

/// Returns the terms as Markdown, for `docs/glossary.md`.
pub fn markdown() -> String {
    let term = |term: &GlossaryTerm| format!("- **{}** (`{}`): {}\n", term.word, term.slug, term.meaning);
    let terms: String = TERMS.iter().map(term).collect();
    format!(
        "# Glossary\n\nTerms used in reports and messages. `mucalc codes TERM` explains a term.\n\n{terms}"
    )
}
