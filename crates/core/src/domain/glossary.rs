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
        "To declare to the program, with a signature, that a measure was met or an exclusion applies.";
    "certified", "Certified EHR technology (CEHRT)",
        "An electronic health record system on the Certified Health IT Product List (CHPL), by its number.";
    "chance", "Chance",
        "How often, in cases like this one, the measure would be met at the end; see forecast.";
    "channel", "Channel",
        "The way by which a message came: the messaging function of the certified EHR, another portal, email, paper.";
    "clinically-relevant", "Clinically relevant",
        "About the patient's health: a refill, a symptom, a result. A question about a bill is not. Nobody has to answer.";
    "credit", "Credit",
        "Whom a message counts for: its own provider alone (strict), or every provider of the same group who saw the patient.";
    "decision", "Decision (adjudication)",
        "What a person who knows says of a row or a patient that the data leave open. The report lists it with name and reason.";
    "denominator", "Denominator", "The unique patients whom the provider saw in the reporting period.";
    "edition", "Edition",
        "The rules of a measure for a program year, as a file.";
    "professional", "Eligible professional (EP)",
        "A clinician who may take part in the program and attests each measure. In this report: a provider.";
    "encounter", "Encounter", "A meeting of a provider and a patient, as the export has it: a visit, a call, a procedure.";
    "exclusion", "Exclusion",
        "A reason for which the measure need not be met. The professional attests it.";
    "finding", "Finding",
        "Something in the data that is wrong or odd, with file, line and column. An error means that a row could not be used or a figure may be wrong.";
    "forecast", "Forecast",
        "What is to be expected at the end of the period if it goes on like this, with a range that holds four times out of five.";
    "group", "Group",
        "Providers who share patients, by the `group_id` of the roster; without a roster all providers are one group.";
    "indeterminate", "Indeterminate", "The verdict hangs on what the data leave open; decisions of people can settle it.";
    "interval", "Interval",
        "Two numbers, as 10–12: the least and the greatest number that the data allow.";
    "layout", "Layout", "How an export is to be read: which column, word and date of it means what.";
    "ledger", "Ledger",
        "One line for each provider and patient, with the rows of the exports that decided. Everything else is counted from it.";
    "measure", "Measure", "A question with a number for an answer that a program asks of professionals, and what it has to reach.";
    "met", "Met", "More than the threshold, whatever the unknowns are.";
    "not-calculable", "Not calculable", "Nobody was seen, so there is no percentage; or the measure is attested with yes or no.";
    "not-met", "Not met", "Not more than the threshold, whatever the unknowns are.";
    "npi", "NPI", "National Provider Identifier: ten digits for one person or organization.";
    "numerator", "Numerator", "Of the patients in the denominator, those who count under the rules.";
    "policy", "Policy",
        "A choice that the regulation leaves. Each has a default, and every report names the choices that were applied.";
    "pool", "Pool (care team)",
        "A shared inbox: a message to it is to no single provider, and whether it counts is a policy.";
    "portal", "Portal", "The web site or app of the EHR on which patients read and write.";
    "program-year", "Program year", "The calendar year whose rules apply.";
    "rate", "Rate",
        "Numerator divided by denominator, in percent. As an interval: the least numerator over the greatest denominator, up to the rate if everything uncertain turns out in favour.";
    "representative", "Representative",
        "A person who is authorized to act for the patient, as a parent. What a representative sends counts for the patient.";
    "period", "Reporting period", "The days that the measure is about, both end days included.";
    "roster", "Roster", "The list of the practice's providers, with names, NPIs and groups.";
    "rule", "Rule", "One question that is asked of each row; the first that fits decides.";
    "sha256", "SHA-256",
        "A number that is computed from all bytes of a file. If a single byte changes, it changes.";
    "staff", "Staff", "People of the practice who do not treat patients.";
    "needed", "Still needed",
        "Further patients who must come to count even if nothing uncertain turns out well.";
    "superseded", "Superseded version",
        "A row that a later row with the same record id replaces. It is read, and no rule judges it.";
    "threshold", "Threshold",
        "What the numerator has to reach. “More than 5 %” is strict: 5 of 100 patients are not enough.";
    "uncertain", "Uncertain, unclear",
        "The data do not say whether a row or a patient counts. It is neither dropped nor counted; it widens the interval.";
    "unusable-row", "Unusable row",
        "A row that cannot be attributed: its patient or provider cannot be read, or its cells cannot be told apart. It may be about any patient that its readable cells allow, and the range of the result includes every possibility.";
    "unique", "Unique patients",
        "Each patient is counted once, however many encounters or messages there are.";
    "verdict", "Verdict",
        "Met or not met: however the uncertain cases turn out. Indeterminate: the unknowns decide. Not calculable: nobody was seen, so there is no percentage.";
    "visit", "Visit", "An encounter at which a patient was seen.";
    "waterfall", "Waterfall",
        "Which rule decided how many rows, from the rows read down to those that count. The numbers add up.";
    "week", "Week", "In progress: seven days from the first day of the reporting period on, not from Monday.";
}

/// Returns the terms as Markdown, for `docs/glossary.md`.
pub fn markdown() -> String {
    let term = |term: &GlossaryTerm| format!("- **{}** (`{}`): {}\n", term.word, term.slug, term.meaning);
    let terms: String = TERMS.iter().map(term).collect();
    format!(
        "# Glossary\n\nThe technical words that reports and messages use; `mucalc codes WORD` explains one.\n\n{terms}"
    )
}
