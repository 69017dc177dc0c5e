//! The next action for a provider: what to do now, in a few words.

use crate::beside;
use mucalc_core::domain::calendar::day_text;
use mucalc_core::domain::edition_ref::EditionRef;
use mucalc_core::domain::exclusion::ExclusionStatus;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::report::Report;
use mucalc_core::domain::text::{pluralize, with_commas};
use mucalc_core::domain::verdict::Verdict;

/// What an action depends on besides the result.
#[derive(Clone, Copy, Default)]
pub struct ActionContext<'a> {
    /// The last day of the period, if days of the period are still to come.
    pub until: Option<Day>,
    /// Another allowed period in which the measure is met; empty if none is known.
    pub other_period: &'a str,
}

/// Returns the last day of the period if days of it are still to come, by the days of the trend or, in documents without one, because the
/// exports end before the period does.
pub fn until(report: &Report) -> Option<Day> {
    let is_running = match &report.over_time {
        Some(trend) => trend.days_left > 0,
        None => beside::not_final(report).is_some(),
    };
    is_running.then_some(report.head.period.last)
}

/// Returns the next action for a provider.
pub fn next_action(of: &ProviderResult, edition: &EditionRef, context: ActionContext<'_>) -> String {
    match of.verdict {
        Verdict::Met => if_met(of, edition, context),
        Verdict::NotMet => without_reviews(of, context),
        Verdict::Indeterminate => reviews(of, context),
        Verdict::NotCalculable => match exclusion(of) {
            Some(id) if of.denominator.most == 0 => {
                format!("Check that the exports contain this provider. If so, claim the exclusion {id}.")
            }
            Some(id) => claim(id),
            None if of.denominator.most > 0 => "Attest yes or no.".to_owned(),
            None => "None: no patient was seen.".to_owned(),
        },
    }
}

fn if_met(of: &ProviderResult, edition: &EditionRef, context: ActionContext<'_>) -> String {
    let (Some(_), Some(percent)) = (context.until, edition.more_than_percent) else {
        return "None.".to_owned();
    };
    match spare(of, u64::from(percent)) {
        0 => "Keep going: the next patient without a message can change the result.".to_owned(),
        spare => format!(
            "None now. Met for up to {} without a message.",
            pluralize(spare, "more patient", "more patients")
        ),
    }
}

/// Returns how many patients without a qualifying message can still be seen before the measure is no longer met.
fn spare(of: &ProviderResult, percent: u64) -> u64 {
    let allowed = (of.numerator.least * 100).saturating_sub(1).checked_div(percent);
    allowed.map_or(0, |allowed| allowed.saturating_sub(of.denominator.most))
}

fn reviews(of: &ProviderResult, context: ActionContext<'_>) -> String {
    let rows = of.unusable.encounters + of.unusable.messages;
    if rows > 0 {
        return format!(
            "Correct {} in the exports and run again.",
            pluralize(rows, "unusable row", "unusable rows")
        );
    }
    let Some(enough) = of.adjudicate else { return without_reviews(of, context) };
    let review = match enough == of.unresolved {
        true => format!("Review {}.", pluralize(enough, "patient", "patients")),
        false => format!(
            "Review {}; {}confirming {} is enough.",
            pluralize(of.unresolved, "patient", "patients"),
            // A confirmed visit alone raises only the denominator.
            if of.denominator.least == of.denominator.most { "" } else { "in the best case, " },
            with_commas(enough)
        ),
    };
    match context.until {
        Some(until) => format!("{review} Or at least {} by {}.", more(of.needed), day_text(until)),
        None => review,
    }
}

fn without_reviews(of: &ProviderResult, context: ActionContext<'_>) -> String {
    let exclusion = exclusion(of).map(claim);
    match (context.until, exclusion, context.other_period) {
        (_, Some(claim), _) => claim,
        (Some(until), ..) => format!("At least {} by {}.", more(of.needed), day_text(until)),
        (None, _, "") => format!("{} short.", pluralize(of.needed, "patient", "patients")),
        (None, _, other) => {
            format!(
                "{} short. Met in {other}; check whether your program allows that period.",
                pluralize(of.needed, "patient", "patients")
            )
        }
    }
}

fn more(patients: u64) -> String {
    pluralize(patients, "more patient", "more patients")
}

/// Returns the exclusion that applies by the encounters.
fn exclusion(of: &ProviderResult) -> Option<&str> {
    let mut applies = of.exclusions.iter().filter(|exclusion| exclusion.applies == ExclusionStatus::Yes);
    applies.next().map(|exclusion| exclusion.id.as_str())
}

fn claim(id: &str) -> String {
    format!("Claim the exclusion {id}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use mucalc_core::domain::provider::ExclusionSummary;
    use mucalc_core::domain::score::CountRange;
    use mucalc_core::domain::subject::NumeratorSubject;
    use mucalc_core::domain::unusable::UnusableRows;

    fn edition() -> EditionRef {
        EditionRef {
            id: "stage2-core17".to_owned(),
            sha256: String::new(),
            title: String::new(),
            more_than_percent: Some(5),
            at_least: None,
            numerator_of: NumeratorSubject::MessagesFromPatients,
            peer: false,
            is_mips: false,
            notes: Vec::new(),
            reporting_period: None,
        }
    }

    fn provider(verdict: Verdict, numerator: (u64, u64), denominator: u64) -> ProviderResult {
        ProviderResult {
            provider_id: "DR-1".to_owned(),
            name: None,
            npi: None,
            denominator: CountRange { least: denominator, most: denominator },
            numerator: CountRange { least: numerator.0, most: numerator.1 },
            unusable: UnusableRows::default(),
            rate_percent: None,
            rate_percent_most: None,
            verdict,
            needed: 0,
            adjudicate: None,
            points: None,
            exclusions: Vec::new(),
            cehrt_locations: None,
            activity: None,
            unresolved: numerator.1 - numerator.0,
            reviews: Vec::new(),
        }
    }

    fn action(of: &ProviderResult, context: ActionContext<'_>) -> String {
        next_action(of, &edition(), context)
    }

    fn running() -> ActionContext<'static> {
        ActionContext { until: Day::from_ymd(2014, 9, 30), other_period: "" }
    }

    const OVER: ActionContext<'static> = ActionContext { until: None, other_period: "" };

    /// With 6 patients in the numerator, the measure is met up to a denominator of 119: 6 of 120 is 5%, which is not enough.
    #[test]
    fn a_met_measure_tells_how_many_patients_can_still_come() {
        let met = provider(Verdict::Met, (6, 6), 73);
        assert_eq!(action(&met, running()), "None now. Met for up to 46 more patients without a message.");
        assert_eq!(action(&met, OVER), "None.");
        let close = provider(Verdict::Met, (6, 6), 119);
        let expected = "Keep going: the next patient without a message can change the result.";
        assert_eq!(action(&close, running()), expected);
    }

    #[test]
    fn a_measure_that_is_not_met_needs_patients_or_another_period() {
        let missing = ProviderResult { needed: 3, ..provider(Verdict::NotMet, (2, 2), 80) };
        assert_eq!(action(&missing, running()), "At least 3 more patients by September 30, 2014.");
        assert_eq!(action(&missing, OVER), "3 patients short.");
        let other = ActionContext { other_period: "April 1–June 30, 2014", ..OVER };
        let expected =
            "3 patients short. Met in April 1–June 30, 2014; check whether your program allows that period.";
        assert_eq!(action(&missing, other), expected);
        let exclusion = ExclusionSummary { id: "no-office-visits".to_owned(), applies: ExclusionStatus::Yes };
        let excluded = ProviderResult { exclusions: vec![exclusion], ..missing };
        assert_eq!(action(&excluded, other), "Claim the exclusion no-office-visits.");
    }

    #[test]
    fn an_indeterminate_result_names_the_reviews_that_settle_it() {
        let open = ProviderResult {
            needed: 2,
            adjudicate: Some(2),
            ..provider(Verdict::Indeterminate, (4, 7), 115)
        };
        assert_eq!(action(&open, OVER), "Review 3 patients; confirming 2 is enough.");
        let expected =
            "Review 3 patients; confirming 2 is enough. Or at least 2 more patients by September 30, 2014.";
        assert_eq!(action(&open, running()), expected);
        let all = ProviderResult { adjudicate: Some(3), ..open.clone() };
        assert_eq!(action(&all, OVER), "Review 3 patients.");
        let unusable = ProviderResult { unusable: UnusableRows { encounters: 0, messages: 1 }, ..open };
        assert_eq!(action(&unusable, OVER), "Correct 1 unusable row in the exports and run again.");
    }

    #[test]
    fn without_patients_there_is_nothing_to_do() {
        let empty = provider(Verdict::NotCalculable, (0, 0), 0);
        assert_eq!(action(&empty, OVER), "None: no patient was seen.");
        assert_eq!(action(&provider(Verdict::NotCalculable, (1, 1), 4), OVER), "Attest yes or no.");
    }
}
