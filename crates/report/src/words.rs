//! The sentences and short texts of reports, in plain words for readers who do not know the regulation.

use std::collections::BTreeMap;

use mucalc_core::domain::activity::{Activity, FirstAndLast, MessageOn};
use mucalc_core::domain::adjudication::{AppliedAdjudication, ReviewShare};
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::calendar::{day_text, period_text};
use mucalc_core::domain::edition_ref::EditionRef;
use mucalc_core::domain::exclusion::ExclusionStatus;
use mucalc_core::domain::finding::Finding;
use mucalc_core::domain::head::DocumentHeader;
use mucalc_core::domain::input::InputSummary;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::provider::{CehrtLocations, PointsSummary, ProviderResult};
use mucalc_core::domain::report::{
    ChannelSummary, ClinicianResult, FractionRange, GroupResult, MeasureResult, Provenance, Report,
};
use mucalc_core::domain::score::CountRange;
use mucalc_core::domain::subject::NumeratorSubject;
use mucalc_core::domain::sweep::WindowVerdict;
use mucalc_core::domain::text::{escape_control, pluralize, with_commas};
use mucalc_core::domain::verdict::Verdict;

/// Returns a count, or `least–most` if unresolved data leave a range.
pub fn range_text(bounds: CountRange) -> String {
    if bounds.least == bounds.most {
        with_commas(bounds.least)
    } else {
        format!("{}–{}", with_commas(bounds.least), with_commas(bounds.most))
    }
}

/// Returns a provider's rate, or `least–most` if unresolved data leave a range.
pub fn rate_text(provider: &ProviderResult) -> String {
    rate_of(provider.rate_percent.as_deref(), provider.rate_percent_most.as_deref())
}

/// Returns the text of a lowest and a highest rate.
pub fn rate_of(least: Option<&str>, most: Option<&str>) -> String {
    match (least, most) {
        (Some(least), Some(most)) if least != most => format!("{least}–{most}%"),
        (Some(rate), _) => format!("{rate}%"),
        (None, _) => "–".to_owned(),
    }
}

/// Returns the reporting period in the terms of the rule set's program, such as `EHR reporting period: July 1–September 30, 2014`.
pub fn period_line(head: &DocumentHeader, edition: &EditionRef) -> String {
    format!("{}: {}", period_name(edition), period_text(head.period.into()))
}

/// Returns what the program of a rule set calls the reporting period.
pub fn period_name(edition: &EditionRef) -> &'static str {
    if edition.is_mips { "Performance period" } else { "EHR reporting period" }
}

/// Returns what the program of a rule set calls the one who attests, such as `Eligible professional`.
pub fn participant(edition: &EditionRef) -> &'static str {
    if edition.is_mips { "MIPS eligible clinician" } else { "Eligible professional" }
}

/// Returns the same in brief, such as `EP`.
pub fn participant_in_brief(edition: &EditionRef) -> &'static str {
    if edition.is_mips { "clinician" } else { "EP" }
}

/// Returns a number of those who attest, such as `4 eligible professionals`.
pub fn participants(edition: &EditionRef, count: u64) -> String {
    match edition.is_mips {
        true => pluralize(count, "MIPS eligible clinician", "MIPS eligible clinicians"),
        false => pluralize(count, "eligible professional", "eligible professionals"),
    }
}

/// Returns the text of a result.
pub fn result_text(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::NotMet => "not met",
        Verdict::Indeterminate => "indeterminate",
        Verdict::NotCalculable => "not calculable",
    }
}

/// Returns the text of a candidate reporting period's result.
pub fn window_verdict_text(verdict: WindowVerdict) -> &'static str {
    match verdict {
        WindowVerdict::Met => "met",
        WindowVerdict::NotMet => "not met",
        WindowVerdict::Indeterminate => "indeterminate",
        WindowVerdict::NotCalculable => "not calculable",
        WindowVerdict::NotCovered => "not covered by the exports",
    }
}

/// Returns how many more patients are needed: 0 if the measure is met, a dash if it cannot be calculated.
pub fn patients_needed_text(provider: &ProviderResult) -> String {
    match provider.verdict {
        Verdict::Met => "0".to_owned(),
        Verdict::NotCalculable => "–".to_owned(),
        Verdict::NotMet | Verdict::Indeterminate => with_commas(provider.needed),
    }
}

/// Returns a provider's counts and result in few words.
pub fn at_a_glance(provider: &ProviderResult) -> String {
    let rate = match provider.rate_percent {
        Some(_) => format!(" ({})", rate_text(provider)),
        None => String::new(),
    };
    let figures = format!("{} of {}{rate}", range_text(provider.numerator), range_text(provider.denominator));
    let points = provider.points.as_ref().map_or(String::new(), |of| format!(", {} points", points_text(of)));
    format!("{figures}: {}{points}", result_text(provider.verdict))
}

/// Returns the points under a rule set that is scored.
pub fn points_text(points: &PointsSummary) -> String {
    format!("{} of {}", range_text(CountRange { least: points.least, most: points.most }), points.of)
}

/// Returns a provider's result, what the counts mean, and what would change the result.
pub fn result_sentence(provider: &ProviderResult, edition: &EditionRef) -> String {
    format!("{}. {}", result_text(provider.verdict), meaning_text(provider, edition))
}

/// Returns whether a table of the results shows everything about a provider: the measure is met, and nothing is unresolved or special.
pub fn is_simple_result(of: &ProviderResult) -> bool {
    of.verdict == Verdict::Met
        && of.numerator.least == of.numerator.most
        && of.denominator.least == of.denominator.most
        && of.points.is_none()
        && of.activity.is_none()
        && of.cehrt_locations.is_none()
        && of.reviews.is_empty()
        && of.exclusions.iter().all(|exclusion| exclusion.applies != ExclusionStatus::Yes)
}

/// Returns the threshold of a rule set.
pub fn threshold_text(edition: &EditionRef) -> String {
    match (edition.more_than_percent, edition.at_least) {
        (Some(percent), _) => format!("more than {percent}%"),
        (None, Some(patients)) => format!("at least {}", pluralize(patients, "patient", "patients")),
        (None, None) => "none".to_owned(),
    }
}

/// Returns what a provider's counts mean, and what would change the result.
pub fn meaning_text(provider: &ProviderResult, edition: &EditionRef) -> String {
    let (did, about) = (action_text(edition.numerator_of), edition.numerator_of);
    let patients =
        if provider.denominator == (CountRange { least: 1, most: 1 }) { "patient" } else { "patients" };
    let seen = format!("Of {} unique {patients} seen", range_text(provider.denominator));
    let wrote = format!("{seen}, {} {did} ({})", range_text(provider.numerator), rate_text(provider));
    let threshold = match (edition.more_than_percent, edition.at_least) {
        (None, None) => String::new(),
        _ => format!("the threshold is {}", threshold_text(edition)),
    };
    let rest = match provider.verdict {
        Verdict::Met
            if provider.numerator.least == provider.numerator.most
                && provider.denominator.least == provider.denominator.most =>
        {
            format!("{wrote}; {threshold}.")
        }
        Verdict::Met => {
            format!(
                "{wrote}; {threshold}. The measure is met for every possible value of the unresolved records."
            )
        }
        Verdict::NotMet if provider.numerator.least == provider.numerator.most => {
            format!("{wrote}; {threshold}. {}.", missing(provider, about))
        }
        Verdict::NotMet => {
            let goal = edition
                .more_than_percent
                .map(|percent| provider.denominator.most * u64::from(percent) / 100 + 1);
            let at_best = goal.map_or(String::new(), |goal| {
                format!(
                    ", or {} if every unresolved record qualifies",
                    with_commas(goal.saturating_sub(provider.numerator.most))
                )
            });
            let missing = missing(provider, about);
            format!("{wrote}; {threshold}. No unresolved record can change the result. {missing}{at_best}.")
        }
        Verdict::Indeterminate if !provider.unusable.is_empty() => {
            format!("{wrote}; {threshold}. {}", settle_unusable(provider, about))
        }
        Verdict::Indeterminate => {
            format!(
                "{wrote}; {threshold}. Unresolved: {}. {}",
                unresolved(provider, about),
                settle(provider, about)
            )
        }
        Verdict::NotCalculable if provider.denominator.most > 0 => {
            format!("{wrote}. The measure is attested with yes or no.")
        }
        Verdict::NotCalculable if threshold.is_empty() => {
            "No unique patient was seen in the period. The measure is attested with yes or no.".to_owned()
        }
        Verdict::NotCalculable if edition.more_than_percent.is_none() => {
            "No unique patient was seen in the period.".to_owned()
        }
        Verdict::NotCalculable => {
            "No unique patient was seen in the period, so the rate cannot be calculated.".to_owned()
        }
    };
    let points =
        provider.points.as_ref().map_or(String::new(), |of| format!(" Points: {}.", points_text(of)));
    let reviews = reviews_text(provider);
    let activity = provider.activity.as_ref().map_or(String::new(), activity_text);
    let locations = provider.cehrt_locations.as_ref().map_or(String::new(), cehrt_locations_text);
    format!("{rest}{points}{}{activity}{locations}{reviews}", exclusions(provider))
}

/// Returns the first and the last message in each direction, as sentences.
fn activity_text(activity: &Activity) -> String {
    let one = |of: &MessageOn| format!("{} ({})", day_text(of.day), escape_control(&of.place.to_string()));
    let both = |what: &str, of: &Option<FirstAndLast>| match of {
        None => format!(" No message {what} in the period."),
        Some(FirstAndLast { first, last }) if first == last => {
            format!(" One message {what}: {}.", one(first))
        }
        Some(FirstAndLast { first, last }) => {
            format!(" Messages {what}: the first on {}, the last on {}.", one(first), one(last))
        }
    };
    both("from patients", &activity.from_patients) + &both("to patients", &activity.to_patients)
}

/// Returns a provider's name with the id from the exports, or only the id if there is no name.
pub fn provider_label(provider: &ProviderResult) -> String {
    let id = escape_control(&provider.provider_id);
    provider.name.as_deref().map_or(id.clone(), |name| format!("{} ({id})", escape_control(name)))
}

/// Returns the same as [`who`] with the National Provider Identifier, if the roster has it.
pub fn provider_label_with_npi(provider: &ProviderResult) -> String {
    let Some(npi) = provider.npi.as_deref().map(escape_control) else { return provider_label(provider) };
    let id = escape_control(&provider.provider_id);
    match provider.name.as_deref().map(escape_control) {
        Some(name) => format!("{name} ({id}, NPI {npi})"),
        None => format!("{id} (NPI {npi})"),
    }
}

/// Returns the practice, and who prepared the document, as lines.
pub fn practice_lines(head: &DocumentHeader) -> Vec<String> {
    let Some(practice) = &head.practice else { return Vec::new() };
    let line = practice.line().map(|line| format!("Practice: {}", escape_control(&line)));
    let prepared = practice.prepared().map(|prepared| format!("Prepared {}", escape_control(&prepared)));
    line.into_iter().chain(prepared).collect()
}

/// Returns how many records each reviewer settled, as a sentence.
fn reviews_text(provider: &ProviderResult) -> String {
    if provider.reviews.is_empty() {
        return String::new();
    }
    let share = |share: &ReviewShare| {
        let by = share.by.as_deref().map_or("a reviewer without a name".to_owned(), escape_control);
        let records = pluralize(share.settled, "record", "records");
        let parts = [
            (share.counts, "counts", "count"),
            (share.out, "does not count", "do not count"),
            (share.seen, "patient was seen", "patients were seen"),
            (share.not_seen, "patient was not seen", "patients were not seen"),
        ];
        let parts = parts.into_iter().filter(|(count, ..)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, one, several)| pluralize(count, one, several)).collect();
        format!("{by} decided {records} ({})", parts.join(", "))
    };
    let shares: Vec<String> = provider.reviews.iter().map(share).collect();
    let left = pluralize(provider.unresolved, "patient is", "patients are");
    format!(" Manual review: {}; {left} still unresolved.", shares.join("; "))
}

/// Returns the condition on which encounters at other locations are counted, as a sentence; empty if they are not counted (B40).
pub fn numerator_source_text(measure: &MeasureResult) -> &'static str {
    let are_counted = measure.policies.get("non-cehrt").is_some_and(|choice| choice == "count");
    match are_counted && measure.providers.iter().any(|provider| provider.cehrt_locations.is_some()) {
        true => {
            " Encounters at other locations are counted, on the condition that they were entered in certified EHR technology and that at least 50% of the outpatient encounters were at locations with it."
        }
        false => "",
    }
}

/// Returns whether half of the encounters were at locations with certified EHR technology, which is a separate requirement.
///
/// The text has no numbers (B40).
pub fn cehrt_requirement_text(at_least_half: ExclusionStatus) -> &'static str {
    match at_least_half {
        ExclusionStatus::Yes => "the separate requirement of 50% is met",
        ExclusionStatus::No => "the separate requirement of 50% is not met",
        _ => "it is unresolved whether the separate requirement of 50% is met",
    }
}

/// Returns whether enough encounters were at locations with certified EHR technology, as a sentence.
pub fn cehrt_locations_text(of: &CehrtLocations) -> String {
    let outcome = match of.at_least_half {
        ExclusionStatus::Yes => "which meets the separate requirement of 50%",
        ExclusionStatus::No => {
            "which does not meet the separate requirement of 50%: without it the EP is not a meaningful EHR user"
        }
        ExclusionStatus::Unclear | ExclusionStatus::NotComputed => {
            "which may or may not meet the separate requirement of 50%"
        }
    };
    format!(
        " {} of {} outpatient encounters were at locations with certified EHR technology, {outcome}.",
        range_text(of.at_cehrt),
        range_text(of.encounters)
    )
}

/// Returns the exclusions that apply or may apply, as sentences.
fn exclusions(provider: &ProviderResult) -> String {
    let mut text = String::new();
    for exclusion in &provider.exclusions {
        text.push_str(&match exclusion.applies {
            ExclusionStatus::Yes => format!(
                " If the exports are complete, the exclusion `{}` applies. The EP claims it at attestation.",
                exclusion.id
            ),
            // If exports do not show the kinds of visits, this is true of every provider, so it is omitted if the measure is met.
            ExclusionStatus::Unclear if provider.verdict != Verdict::Met => {
                format!(" The encounters do not show whether the exclusion `{}` applies.", exclusion.id)
            }
            ExclusionStatus::Unclear | ExclusionStatus::No | ExclusionStatus::NotComputed => String::new(),
        });
    }
    text
}

/// Returns what patients in the numerator did.
pub fn action_text(about: NumeratorSubject) -> &'static str {
    match about {
        NumeratorSubject::MessagesFromPatients => "sent a qualifying message",
        NumeratorSubject::MessagesToPatients => "received a qualifying message",
        NumeratorSubject::MessagesEitherWay => "sent or received a qualifying message",
        NumeratorSubject::Accesses => "used the portal in a qualifying way",
    }
}

/// Returns how many providers have each result, for reports with too many providers for a sentence each.
pub fn results_text(providers: &[ProviderResult], edition: &EditionRef) -> String {
    let all = with_commas(providers.len() as u64);
    let sentences = "`--format md` explains each result.";
    if edition.more_than_percent.is_none() && edition.at_least.is_none() {
        return format!("{all} providers. {sentences}");
    }
    let verdicts = [Verdict::Met, Verdict::NotMet, Verdict::Indeterminate, Verdict::NotCalculable];
    let counts = verdicts.map(|verdict| {
        let count = providers.iter().filter(|provider| provider.verdict == verdict).count() as u64;
        format!("{} {}", with_commas(count), self::result_text(verdict))
    });
    format!(
        "Of {all} providers: {}. A result is not calculable if the provider saw no patient in the period.\n{sentences}",
        counts.join(", ")
    )
}

/// Returns the practice total, as a sentence with its label.
pub fn group_text(group: &GroupResult, edition: &EditionRef) -> String {
    format!("Practice total: {}", group_counts_text(group, edition))
}

/// Returns the practice total, as a sentence below a label.
pub fn group_counts_text(group: &GroupResult, edition: &EditionRef) -> String {
    let is_attested = edition.more_than_percent.is_none() && edition.at_least.is_none();
    let verb = if group.providers_met == 1 { "meets" } else { "meet" };
    let providers = format!("{} {verb} the measure", pluralize(group.providers, "provider", "providers"));
    let met = match is_attested {
        true => String::new(),
        false => format!("; {} of {providers}", with_commas(group.providers_met)),
    };
    format!("{} of {} unique patients{met}.", range_text(group.numerator), range_text(group.denominator))
}

/// Returns an input with its numbers of rows.
pub fn input_text(input: &InputSummary) -> String {
    let rejected = match input.rejected {
        0 => String::new(),
        rejected => format!(", {} unusable", with_commas(rejected)),
    };
    let aside = match input.aside {
        0 => String::new(),
        aside => {
            let types = match input.aside_types.as_slice() {
                [] => String::new(),
                types => format!(": {}", types.join(", ")),
            };
            format!(", and {} skipped by the layout{types}", with_commas(aside))
        }
    };
    let furniture = match input.furniture {
        0 => String::new(),
        furniture => format!(", and {} skipped", pluralize(furniture, "non-data row", "non-data rows")),
    };
    let absent = match input.absent.as_slice() {
        [] => String::new(),
        [column] => format!("; missing column {column}, so its values are unknown"),
        absent => format!("; missing columns {}, so their values are unknown", absent.join(", ")),
    };
    let rows = pluralize(input.rows, "row", "rows");
    format!("{} from {} ({rows}{rejected}{aside}{furniture}){absent}", input.role.word(), input_name(input))
}

/// Returns the rule set and settings that were applied.
pub fn rules_text(
    head: &DocumentHeader,
    edition: &EditionRef,
    credit: AttributionMode,
    policies: &BTreeMap<String, String>,
) -> String {
    rules_with(head, edition, credit, &format!("policy settings {}", choices_text(policies)))
}

fn rules_with(
    head: &DocumentHeader,
    edition: &EditionRef,
    credit: AttributionMode,
    settings: &str,
) -> String {
    let zone = head.timezone.as_ref().map_or(String::new(), |zone| format!("; time zone {zone}"));
    let attested = head.attested.map_or(String::new(), |day| format!("; attested on {}", day_text(day)));
    format!(
        "rule set {}; layout {}; attribution {}{zone}{attested}; {settings}",
        edition.id,
        escape_control(&head.layout),
        credit.word(),
    )
}

/// Returns a line without the backticks that mark commands and codes in a terminal; pages have none.
pub fn without_backticks(line: &str) -> String {
    line.replace('`', "")
}

/// Returns the inputs in one line, or one line each.
pub fn input_lines(inputs: &[InputSummary], is_verbose: bool) -> Vec<String> {
    let all: Vec<String> = inputs.iter().map(input_text).collect();
    match (is_verbose, all.is_empty()) {
        (_, true) => Vec::new(),
        (true, _) => all.iter().map(|input| format!("Read: {input}.")).collect(),
        (false, _) => vec![format!("Read: {}.", all.join("; "))],
    }
}

/// Returns the same as [`rules`], but only the policy settings that are not the defaults of the rule set.
pub fn short_rules_text(
    head: &DocumentHeader,
    edition: &EditionRef,
    credit: AttributionMode,
    policies: &BTreeMap<String, String>,
) -> String {
    // A rule set in a file of the user can have the id of another one.
    let known = mucalc_core::edition::find(&edition.id).filter(|known| known.sha256 == edition.sha256);
    let Some(known) = known else { return rules_text(head, edition, credit, policies) };
    let defaults = known.default_choices(Period::from(head.period).program_year());
    let is_changed = |(name, value): &(&String, &String)| {
        defaults.get(*name).is_none_or(|default| default.word() != value.as_str())
    };
    let changed = policies.iter().filter(is_changed).map(|(name, value)| (name.clone(), value.clone()));
    let changed: BTreeMap<String, String> = changed.collect();
    let settings = match changed.is_empty() {
        true => "default policy settings".to_owned(),
        false => format!("default policy settings, except {}", choices_text(&changed)),
    };
    rules_with(head, edition, credit, &settings)
}

/// Returns a finding in one line.
pub fn finding_text(of: &Finding) -> String {
    let places = pluralize(of.count, "place", "places");
    format!(
        "{} {}: {places}, first at {}",
        of.severity.word(),
        of.code,
        escape_control(&of.first.to_string())
    )
}

/// Returns the day up to which rows are used; `given` is whether the user chose it.
pub fn as_of_text(day: Option<Day>, given: bool) -> String {
    match day {
        None => "without any row in the period".to_owned(),
        Some(day) if given => format!("as of {}", day_text(day)),
        Some(day) => format!("as of {} (the last day with a visit or message)", day_text(day)),
    }
}

/// Returns the policies with their settings.
pub fn choices_text(policies: &BTreeMap<String, String>) -> String {
    let choices: Vec<_> = policies.iter().map(|(name, choice)| format!("{name}={choice}")).collect();
    if choices.is_empty() { "none".to_owned() } else { choices.join(", ") }
}

/// Returns when and where a report was calculated.
pub fn provenance_text(stamp: &Provenance) -> String {
    let host = stamp.host.as_ref().map_or(String::new(), |host| format!(" on {}", escape_control(host)));
    format!("Computed at {}{host}", stamp.at)
}

/// Returns which channels and locations the configuration certifies, one sentence each.
pub fn certified_lines(report: &Report) -> Vec<String> {
    let location = |(name, certified): (&String, &bool)| {
        let certified = if *certified { "certified" } else { "not certified" };
        format!("Location {}: {certified}", escape_control(name))
    };
    report.channels.iter().map(channel_text).chain(report.locations.iter().map(location)).collect()
}

/// Returns the certification of a channel in the configuration.
pub fn channel_text(channel: &ChannelSummary) -> String {
    let name = escape_control(&channel.name);
    if !channel.certified {
        return format!("Channel {name}: not certified");
    }
    let from = channel.from.map_or(String::new(), |day| format!(" from {}", day_text(day)));
    let until = channel.until.map_or(String::new(), |day| format!(" until {}", day_text(day)));
    let product =
        channel.product.as_ref().map_or(String::new(), |product| format!("; {}", escape_control(product)));
    let number =
        channel.chpl_id.as_ref().map_or(String::new(), |id| format!("; CHPL {}", escape_control(id)));
    format!("Channel {name}: certified{from}{until}{product}{number}")
}

/// Returns the results of a clinician with several provider ids.
pub fn clinician_text(combined: &ClinicianResult) -> String {
    let figures = |of: FractionRange, verdict: Verdict| {
        format!(
            "{} of {} ({})",
            range_text(of.numerator),
            range_text(of.denominator),
            self::result_text(verdict)
        )
    };
    let systems = match combined.cehrt_ids.as_slice() {
        [] => String::new(),
        systems => format!("; systems {}", systems.join(", ")),
    };
    format!(
        "NPI {} (ids {}{systems}): {} with the counts simply added, {} with each patient counted once.",
        combined.npi,
        combined.provider_ids.join(", "),
        figures(combined.summed, combined.summed_verdict),
        figures(combined.once, combined.once_verdict)
    )
}

/// Returns a review decision in one line.
pub fn decision_text(decision: &AppliedAdjudication) -> String {
    let said = |word: &str, text: &Option<String>| {
        text.as_ref().map_or(String::new(), |text| format!("{word}{}", escape_control(text)))
    };
    format!(
        "{} ({}): {}{}{}{}; settled {}",
        escape_control(&decision.place.to_string()),
        decision.about,
        decision.decision.word(),
        said(" by ", &decision.by),
        said(" on ", &decision.on),
        said(": ", &decision.reason),
        with_commas(decision.settled)
    )
}

fn input_name(input: &InputSummary) -> String {
    let name = if input.path == "-" { "standard input".to_owned() } else { escape_control(&input.path) };
    match &input.sheet {
        Some(sheet) => format!("{name}, sheet {}", escape_control(sheet)),
        None => name,
    }
}

/// Returns what is unresolved.
fn unresolved(provider: &ProviderResult, about: NumeratorSubject) -> String {
    let gap = |bounds: CountRange| bounds.most - bounds.least;
    let patients = |count: u64| pluralize(count, "patient", "patients");
    let was = |count: u64| if count == 1 { "was" } else { "were" };
    let (seen, counts) = (gap(provider.denominator), gap(provider.numerator));
    let qualify = |count: u64| {
        let (what, of) = match about {
            NumeratorSubject::Accesses => ("portal use", "by"),
            NumeratorSubject::MessagesToPatients => ("messages", "to"),
            NumeratorSubject::MessagesFromPatients => ("messages", "from"),
            NumeratorSubject::MessagesEitherWay => ("messages", "with"),
        };
        let verb = if about == NumeratorSubject::Accesses { "qualifies" } else { "qualify" };
        format!("{what} {of} {} {verb}", patients(count))
    };
    match (seen, counts) {
        (seen, 0) => format!("whether {} {} seen", patients(seen), was(seen)),
        (0, counts) => format!("whether {}", qualify(counts)),
        (seen, counts) => format!(
            "whether {} {} seen, and whether {} (a patient can be in both groups)",
            patients(seen),
            was(seen),
            qualify(counts)
        ),
    }
}

/// Returns what would settle a result that unusable rows leave indeterminate.
fn settle_unusable(provider: &ProviderResult, about: NumeratorSubject) -> String {
    let rows = pluralize(provider.unusable.total(), "unusable row", "unusable rows");
    let reviews = match provider.adjudicate {
        Some(1) => "If 1 unresolved patient qualifies, the measure is met without them. ".to_owned(),
        Some(patients) => format!(
            "If {} unresolved patients qualify, the measure is met without them. ",
            with_commas(patients)
        ),
        None => String::new(),
    };
    format!(
        "The result depends on {rows} that may belong to this provider. Correct {} in the export and run the report again. {reviews}Otherwise, {}.",
        if provider.unusable.total() == 1 { "it" } else { "them" },
        missing(provider, about)
    )
}

/// Returns what would settle an indeterminate result.
fn settle(provider: &ProviderResult, about: NumeratorSubject) -> String {
    // A confirmed visit alone raises only the denominator, so not every patient helps.
    let confirming = match provider.denominator.least == provider.denominator.most {
        true => "Confirming",
        false => "In the best case, confirming",
    };
    match provider.adjudicate {
        Some(patients) => format!(
            "{confirming} {} of these meets the measure. If not, {}.",
            with_commas(patients),
            missing(provider, about)
        ),
        None if provider.denominator.least == 0 => format!(
            "If no patient was seen, the measure cannot be calculated. Otherwise, it is not met, and {}.",
            missing(provider, about)
        ),
        None => format!("Confirming all of these does not meet the measure: {}.", missing(provider, about)),
    }
}

fn missing(provider: &ProviderResult, about: NumeratorSubject) -> String {
    let what = match about {
        NumeratorSubject::MessagesFromPatients => "send one",
        NumeratorSubject::MessagesToPatients => "receive one",
        NumeratorSubject::MessagesEitherWay => "send or receive one",
        NumeratorSubject::Accesses => "use it",
    };
    format!("{} must {what}", pluralize(provider.needed, "more patient", "more patients"))
}
