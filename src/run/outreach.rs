//! `mucalc outreach`: lists the patients seen who are not yet in the numerator, best outreach candidates first.

use std::collections::{BTreeMap, HashMap};

use crate::error::{self, ErrorCode, Exit};
use crate::run::cautions;
use crate::run::open::PageToOpen;
use crate::run::output::refuse_workbook_on_terminal;
use crate::run::settings::{RunConfig, resolve_for};
use crate::run::to_date::{self, InterimMeasure, as_of_note, to_date};
use crate::run::write_outputs::write_outputs;
use mucalc_analysis::outreach::{OutreachContext, candidates};
use mucalc_core::domain::inclusion::Inclusion;
use mucalc_core::domain::outreach::{
    ListLimit, OutreachCandidate, OutreachList, OutreachReason, ProviderOutreach, UnansweredMessage,
};
use mucalc_core::domain::period::Day;
use mucalc_core::domain::provider::ProviderResult;
use mucalc_core::domain::subject::NumeratorSubject;
use mucalc_engine::correspondence::Unanswered;
use mucalc_engine::last_helpful_day;
use mucalc_options::{CommonArgs, Written, one_of};
use mucalc_report::{SpreadsheetFormat, outreach};

/// The arguments of `mucalc outreach`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  mucalc outreach    # inputs and period from mucalc.toml
  mucalc outreach --provider DR-2 --list all --format csv -o ask.csv
  mucalc outreach --as-of 2014-08-15 --margin 100 --format xlsx -o ask.xlsx

Patients appear in this order: with an unresolved record (decide it with `mucalc review`); with an unanswered message (from \
2016 on, an answer qualifies); with portal messages that do not qualify; with messages through other channels; with a review \
decision against them; without any message. Within each group, patients with the soonest planned visit come first, then those \
with most visits. If no further message can qualify, only unresolved records are listed.

The list contains patient ids. It does not show how a patient may be contacted.")]
pub struct OutreachArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// Patients with a portal account: columns patient_id, portal_enrolled (yes or no)
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    enrollment: Option<String>,
    /// Use the rows up to this day [default: the last day on which anything is recorded]
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Measure")]
    as_of: Option<Written<Day>>,

    /// Number of patients per provider: needed, all, or a number [default: needed]
    #[arg(long, value_name = "needed|all|N", help_heading = "Output")]
    list: Option<ListLength>,
    /// Percentage of patients to list in addition to those needed [default: 50]
    #[arg(long, value_name = "PERCENT", help_heading = "Output")]
    margin: Option<u32>,
    /// List only the patients of these providers
    #[arg(long, value_name = "ID", help_heading = "Output")]
    provider: Vec<String>,
    /// Format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = one_of::<SpreadsheetFormat>(), help_heading = "Output")]
    format: Option<SpreadsheetFormat>,
    /// Write the list to this file, readable by its owner only, instead of standard output
    #[arg(short, long, value_name = "PATH", help_heading = "Output")]
    output: Option<String>,
    /// Write the result as a page and open it in the browser; without --output, the page is mucalc-outreach.html
    #[arg(long, help_heading = "Output")]
    open: bool,
}

/// The value of `--list`.
#[derive(Clone, Copy, Debug)]
enum ListLength {
    Needed,
    All,
    AtMost(u64),
}

impl std::str::FromStr for ListLength {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "needed" => Ok(Self::Needed),
            "all" => Ok(Self::All),
            number => {
                number.parse().map(Self::AtMost).map_err(|_| "write needed, all, or a number of patients")
            }
        }
    }
}

/// The default of `--margin`, in percent of the patients still needed. Some patients who are contacted do not write.
const MARGIN: u32 = 50;

/// Lists the patients whom the practice should contact.
///
/// # Errors
/// If options contradict each other, a provider is unknown, or an input or output cannot be used.
pub fn outreach(mut args: OutreachArgs) -> anyhow::Result<Exit> {
    let (format, output) = (&mut args.format, &mut args.output);
    let page = PageToOpen::prepare(args.open, "outreach", &[SpreadsheetFormat::Html], format, output)?;
    let listed = listed(args.list, args.margin)?;
    let (mut common, format) = (args.common, args.format.unwrap_or_default());
    common.enrollment = args.enrollment;
    let mut settings = resolve_for("outreach", common, args.output)?;
    refuse_workbook_on_terminal(format == SpreadsheetFormat::Xlsx, settings.output.as_deref())?;
    let until = to_date::day(&settings, args.as_of.as_deref().copied())?;
    settings.private = true;
    let exit = write_outputs(&settings, |sources| {
        let to_date = to_date(&settings, sources, until, true)?;
        let document = document(&settings, to_date, until.is_some(), listed, &args.provider)?;
        let screen = settings.style(settings.output.is_some());
        cautions::tell(&settings, &document, [&document.edition]);
        outreach::render(&document, format, screen).map_err(error::from_render_error)
    })?;
    page.open();
    Ok(exit)
}

fn listed(list: Option<ListLength>, margin: Option<u32>) -> anyhow::Result<ListLimit> {
    match list.unwrap_or(ListLength::Needed) {
        ListLength::Needed => Ok(ListLimit::Needed { margin_percent: margin.unwrap_or(MARGIN) }),
        _ if margin.is_some() => Err(error::usage(
            ErrorCode::Choice,
            "--margin works with --list needed alone, which is what is listed without --list",
        )),
        ListLength::All => Ok(ListLimit::All),
        ListLength::AtMost(patients) => Ok(ListLimit::AtMost(patients)),
    }
}

fn document(
    settings: &RunConfig,
    to_date: InterimMeasure,
    as_of_given: bool,
    listed: ListLimit,
    asked: &[String],
) -> anyhow::Result<OutreachList> {
    let next_visits = next_visits(&to_date);
    let unanswered = unanswered(&to_date);
    let last: HashMap<String, (Day, String)> =
        unanswered.iter().map(|(patient, (_, day, row))| (patient.clone(), (*day, row.clone()))).collect();
    let asking_helps_until = last_helpful_day(&to_date.judged.law, Inclusion::is_certain);
    let is_over = to_date.as_of.zip(asking_helps_until).is_some_and(|(as_of, last)| as_of >= last);
    let known = OutreachContext {
        unanswered: &last,
        enrolled: &to_date.enrollment,
        practice_writes: settings.task.primary_measure().subject() == NumeratorSubject::MessagesToPatients,
        names: &to_date.names,
        channel_rule: settings.task.primary_measure().channel_rule(),
        next_visits: &next_visits,
        why: &|reason, is_open| as_of_note(settings, reason, is_open),
        period_last: settings.task.period.last,
    };
    let mut of_all = candidates(&to_date.judged.ledger, &known).map_err(error::defect)?;
    let mut of_provider = |provider: &ProviderResult| {
        let code = to_date.judged.provider_number(&provider.provider_id);
        let mut patients = code.and_then(|code| of_all.remove(&code)).unwrap_or_default();
        let candidates = patients.len() as u64;
        if is_over {
            // No further message is certain to qualify, so only patients with unresolved records are listed.
            patients.retain(|candidate| candidate.criterion == OutreachReason::Unclear);
        }
        ProviderOutreach {
            provider_id: provider.provider_id.clone(),
            name: provider.name.clone(),
            verdict: provider.verdict,
            needed: provider.needed,
            candidates,
            patients: chosen(patients, listed, provider.needed),
            unanswered: code.map_or_else(Vec::new, |code| unanswered_of(&to_date, code, &unanswered)),
        }
    };
    let all = &to_date.measure().providers;
    to_date::check_providers(all, asked)?;
    let is_asked = |of: &&ProviderResult| asked.is_empty() || asked.contains(&of.provider_id);
    let providers = all.iter().filter(is_asked).map(&mut of_provider).collect();
    let InterimMeasure { report, as_of, .. } = to_date;
    Ok(OutreachList {
        head: report.head,
        as_of,
        as_of_given,
        edition: report.measure.edition,
        credit: report.measure.credit,
        policies: report.measure.policies,
        listed,
        asking_helps_until,
        is_over,
        providers,
        inputs: report.inputs,
        findings: report.findings,
        basis: report.basis,
    })
}

/// A patient's last unanswered message: the provider it names (empty if it names only the practice), its day, and its source row.
type Message = (Box<str>, Day, String);

/// Returns the last unanswered message of each patient, by patient id.
fn unanswered(to_date: &InterimMeasure) -> BTreeMap<String, Message> {
    let message = |(patient, Unanswered { provider, row }): (&str, Unanswered)| {
        let file = to_date.names.message_files.get(row.file as usize)?;
        Some((patient.to_owned(), (provider, row.day()?, format!("{file}:{}", row.line))))
    };
    to_date.passed.correspondence.unanswered().filter_map(message).collect()
}

/// Returns the unanswered messages to a provider or to the practice, from patients whom the provider saw; the oldest first.
fn unanswered_of(
    to_date: &InterimMeasure,
    code: u32,
    all: &BTreeMap<String, Message>,
) -> Vec<UnansweredMessage> {
    let pairs = &to_date.judged.ledger.pairs;
    let id = pairs.providers.get(code);
    let saw = |patient: &str| {
        let rows = pairs.rows_of(patient.as_bytes());
        pairs.providers_who_saw(&rows).any(|(_, seer)| seer == code)
    };
    let is_meant = |(patient, (provider, ..)): &(&String, &Message)| {
        (provider.is_empty() || **provider == *id) && saw(patient)
    };
    let mut of_provider: Vec<UnansweredMessage> = all
        .iter()
        .filter(is_meant)
        .map(|(patient, (_, day, row))| UnansweredMessage {
            patient_id: patient.clone(),
            sent_on: *day,
            message_ref: row.clone(),
        })
        .collect();
    of_provider.sort_by(|one, other| (one.sent_on, &one.patient_id).cmp(&(other.sent_on, &other.patient_id)));
    of_provider
}

/// Returns the candidates of a provider to list, in outreach order. `needed` is the number of patients still needed.
fn chosen(mut all: Vec<OutreachCandidate>, listed: ListLimit, needed: u64) -> Vec<OutreachCandidate> {
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    match listed {
        ListLimit::All => all,
        ListLimit::AtMost(most) => {
            all.truncate(number(most));
            all
        }
        ListLimit::Needed { margin_percent } => {
            let most = number((needed * (100 + u64::from(margin_percent))).div_ceil(100));
            // Unresolved records need a review, not a message. Their patients must not displace those to contact.
            let others = all.split_off(all.partition_point(|one| one.criterion == OutreachReason::Unclear));
            all.truncate(most);
            all.extend(others.into_iter().take(most));
            all.iter_mut().zip(1..).for_each(|(one, rank)| one.rank = rank);
            all
        }
    }
}

/// Returns the first planned visit after the as-of day, by provider and patient id.
fn next_visits(to_date: &InterimMeasure) -> HashMap<(String, String), Day> {
    let mut next: HashMap<(String, String), Day> = HashMap::new();
    let after = |day: &Day| to_date.as_of.is_none_or(|as_of| *day > as_of);
    for planned in to_date.passed.appointments.iter().filter(|planned| after(&planned.day)) {
        let key = (planned.provider.to_string(), planned.patient.to_string());
        let known = next.entry(key).or_insert(planned.day);
        *known = planned.day.min(*known);
    }
    next
}
