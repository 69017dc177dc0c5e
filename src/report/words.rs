//! The report in plain words, for people who know no regulation.

use crate::domain::report::{Group, Input, Provider, Report};
use crate::domain::score::Bounds;
use crate::domain::text::{counted, thousands};
use crate::domain::verdict::Verdict;

/// A number, or `least–most` where the data leave it open.
pub fn bounds(bounds: Bounds) -> String {
    if bounds.least == bounds.most {
        thousands(bounds.least)
    } else {
        format!("{}–{}", thousands(bounds.least), thousands(bounds.most))
    }
}

/// A rate, or `least–most` where the data leave it open.
pub fn rate(provider: &Provider) -> String {
    match (&provider.rate_percent, &provider.rate_percent_most) {
        (Some(least), Some(most)) if least != most => format!("{least}–{most} %"),
        (Some(rate), _) => format!("{rate} %"),
        (None, _) => "–".to_owned(),
    }
}

/// The verdict as people say it.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::NotMet => "not met",
        Verdict::Indeterminate => "indeterminate",
        Verdict::NotCalculable => "not calculable",
    }
}

/// How many patients more are needed; nothing where the measure is met, or cannot be calculated.
pub fn needed(provider: &Provider) -> String {
    match provider.verdict {
        Verdict::Met => "0".to_owned(),
        Verdict::NotCalculable => "–".to_owned(),
        Verdict::NotMet | Verdict::Indeterminate => thousands(provider.needed),
    }
}

/// What a provider's figures mean, and what would change them.
pub fn sentence(provider: &Provider, more_than_percent: u32) -> String {
    let verdict = verdict(provider.verdict);
    let patients =
        if provider.denominator == (Bounds { least: 1, most: 1 }) { "patient" } else { "patients" };
    let seen = format!("Of {} {patients} seen", bounds(provider.denominator));
    let threshold = format!("more than {more_than_percent} % is needed");
    let wrote =
        format!("{seen}, {} sent a message that counts ({})", bounds(provider.numerator), rate(provider));
    let rest = match provider.verdict {
        Verdict::Met
            if provider.numerator.least == provider.numerator.most
                && provider.denominator.least == provider.denominator.most =>
        {
            format!("{wrote}; {threshold}.")
        }
        Verdict::Met => format!("{wrote}; {threshold}, and it is met however the unclear ones turn out."),
        Verdict::NotMet if provider.numerator.least == provider.numerator.most => {
            format!("{wrote}; {threshold}. {}.", missing(provider))
        }
        Verdict::NotMet => {
            format!("{wrote}; {threshold}, and nothing unclear can change that. {}.", missing(provider))
        }
        Verdict::Indeterminate => {
            format!(
                "{wrote}; {threshold}, so what is unclear decides: {}. {}",
                unclear(provider),
                settle(provider)
            )
        }
        Verdict::NotCalculable => {
            "No patient was seen in the period, so there is no percentage. Without office \
             visits an exclusion may apply; it is attested, not calculated."
                .to_owned()
        }
    };
    format!("{verdict}. {rest}")
}

/// How many providers have each verdict, where there are too many for a sentence each.
pub fn verdicts(providers: &[Provider]) -> String {
    let verdicts = [Verdict::Met, Verdict::NotMet, Verdict::Indeterminate, Verdict::NotCalculable];
    let counts = verdicts.map(|verdict| {
        let count = providers.iter().filter(|provider| provider.verdict == verdict).count() as u64;
        format!("{} {}", thousands(count), self::verdict(verdict))
    });
    format!(
        "Of {} providers {}. Not calculable are those who saw no patient in the period.\n\
         `--format md` has a sentence about each.",
        thousands(providers.len() as u64),
        counts.join(", ")
    )
}

/// All providers together.
pub fn group(group: &Group) -> String {
    format!(
        "All providers together: {} of {} unique patients; {} of {}.",
        bounds(group.numerator),
        bounds(group.denominator),
        thousands(group.providers_met),
        counted(group.providers, "provider meets the measure", "providers meet the measure")
    )
}

/// What was read.
pub fn input(input: &Input) -> String {
    let rejected = match input.rejected {
        0 => String::new(),
        rejected => format!(", {} rejected", thousands(rejected)),
    };
    let aside = match input.aside {
        0 => String::new(),
        aside => format!(", and {} left aside as not meant", thousands(aside)),
    };
    let absent = match input.absent.as_slice() {
        [] => String::new(),
        absent => format!("; no column {}, so those are unknown", absent.join(", ")),
    };
    let rows = counted(input.rows, "row", "rows");
    format!("{} from {} ({rows}{rejected}{aside}){absent}", input.role.word(), name(&input.path))
}

/// The rules that were applied.
pub fn rules(report: &Report) -> String {
    let policies: Vec<_> = report.policies.iter().map(|(name, choice)| format!("{name}={choice}")).collect();
    let zone = report.timezone.as_ref().map_or(String::new(), |zone| format!("; time zone {zone}"));
    format!(
        "edition {}; layout {}; credit {}{zone}; policies {}",
        report.edition.id,
        crate::domain::text::printable(&report.layout),
        report.credit.word(),
        policies.join(", ")
    )
}

fn name(path: &str) -> String {
    if path == "-" { "standard input".to_owned() } else { crate::domain::text::printable(path) }
}

/// What the data leave open.
fn unclear(provider: &Provider) -> String {
    let gap = |bounds: Bounds| bounds.most - bounds.least;
    let patients = |count: u64| counted(count, "patient", "patients");
    let was = |count: u64| if count == 1 { "was" } else { "were" };
    let (seen, counts) = (gap(provider.denominator), gap(provider.numerator));
    match (seen, counts) {
        (seen, 0) => format!("whether {} {} seen", patients(seen), was(seen)),
        (0, counts) => format!("whether a message of {} counts", patients(counts)),
        (seen, counts) => format!(
            "whether {} {} seen, and whether {} can be counted in the numerator (some may be the same)",
            patients(seen),
            was(seen),
            patients(counts)
        ),
    }
}

/// What would decide an open verdict.
fn settle(provider: &Provider) -> String {
    match provider.adjudicate {
        Some(1) => {
            format!("If 1 of these turns out in favour, the measure is met; or {}.", missing(provider))
        }
        Some(patients) => {
            let patients = thousands(patients);
            format!(
                "If {patients} of these turn out in favour, the measure is met; or {}.",
                missing(provider)
            )
        }
        None if provider.denominator.least == 0 => format!(
            "If none was seen, the measure cannot be calculated; else it is not met, and {}.",
            missing(provider)
        ),
        None => format!("None of it can make the measure met; {}.", missing(provider)),
    }
}

fn missing(provider: &Provider) -> String {
    match provider.needed {
        1 => "1 more patient has to send one".to_owned(),
        needed => format!("{} more patients have to send one", thousands(needed)),
    }
}
