//! Renders the progress of the measure as a workbook.

use crate::progress::{about_forecast, chances, headline, provider_label, rules, sentences};
use crate::table::{Column, Table, Value};
use crate::workbook::charts::{self, RateColumns, TrendRows};
use crate::workbook::{SUMMARY, WorkbookWriter, pair};
use crate::{RenderError, beside, words};
use mucalc_core::domain::forecast::{ForecastEstimate, ForecastOutcome};
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::progress::{ProgressReport, ProviderProgress, WeeklySeries};
use mucalc_core::domain::text::escape_control;
use mucalc_core::domain::verdict::Verdict;
use rust_xlsxwriter::Chart;

/// Renders the progress of the measure as a workbook.
///
/// # Errors
/// If the workbook cannot be written.
pub fn progress(of: &ProgressReport) -> Result<Vec<u8>, RenderError> {
    let mut book = WorkbookWriter::new(of.as_of.unwrap_or(of.head.period.last), None)?;
    let mut said = vec![("Measure", of.edition.title.clone())];
    said.extend(beside::labeled(of));
    said.push(("Status", headline(of).replace('\n', "; ")));
    said.extend(of.edition.notes.iter().map(|note| ("Note", note.clone())));
    for provider in &of.providers {
        said.extend(
            sentences(of, provider)
                .into_iter()
                .map(|text| ("Provider", format!("{}: {text}", provider_label(provider)))),
        );
    }
    said.extend(about_forecast(of).into_iter().map(|text| ("Forecast", text)));
    said.push(("Rules", rules(of)));
    said.extend(beside::choices(of).into_iter().map(|choice| ("Setting", choice)));
    said.extend(of.findings.iter().map(|finding| ("Finding", words::finding_text(finding))));
    said.extend(of.inputs.iter().map(|input| ("Read", words::input_text(input))));
    book.sheet(Table::new("Summary", Column::sheet(&SUMMARY), said.into_iter().map(pair)))?;
    let providers = of.providers.iter().map(|one| provider(of, one));
    book.sheet(Table::new("Providers", Column::sheet(&PROVIDERS), providers).fixed(2))?;
    let courses = of.providers.iter().map(|one| (one.to_date.provider_id.as_str(), &one.course));
    let courses = courses.chain([("(practice total)", &of.group.course)]);
    book.sheet(Table::new(
        "Weekly trend",
        Column::sheet(&WEEKS),
        courses.flat_map(|(id, course)| weeks(of, id, course)),
    ))?;
    let open = of.providers.iter().flat_map(|one| {
        one.undecided.iter().map(|kind| {
            vec![
                Value::text(&one.to_date.provider_id),
                Value::text(&kind.rule),
                Value::text(&kind.why),
                Value::Count(kind.patients),
                Value::Maybe(kind.enough),
            ]
        })
    });
    book.sheet(Table::new("Unresolved", Column::sheet(&UNDECIDED), open))?;
    book.charts(charts(of))?;
    Ok(book.finish()?)
}

/// Returns the charts of the rates in the sheet of providers, and of the weeks.
fn charts(of: &ProgressReport) -> Vec<Chart> {
    if of.providers.is_empty() || of.weeks.is_empty() {
        return Vec::new();
    }
    let has_names = of.providers.iter().all(|one| one.to_date.name.is_some());
    let rates = charts::rates(&RateColumns {
        sheet: "Providers",
        rows: of.providers.len() as u32,
        names: u16::from(has_names),
        lowest: 7,
        highest: 8,
        threshold: of.edition.more_than_percent.map(|_| 9),
    });
    // The rows of a provider's weeks follow those of the provider before.
    let weeks = of.weeks.len() as u32;
    let rows = |(at, one): (usize, &ProviderProgress)| TrendRows {
        name: escape_control(one.to_date.name.as_deref().unwrap_or(&one.to_date.provider_id)),
        first: 1 + at as u32 * weeks,
        last: (at as u32 + 1) * weeks,
    };
    let trend: Vec<TrendRows> = of.providers.iter().enumerate().map(rows).collect();
    vec![rates, charts::trend("Weekly trend", &trend, 2, 6)]
}

const PROVIDERS: [(&str, u16); 17] = [
    ("Provider", 14),
    ("Name", 28),
    ("Result so far", 15),
    ("Patients seen, lowest", 10),
    ("Patients seen, highest", 10),
    ("In the numerator, lowest", 10),
    ("In the numerator, highest", 10),
    ("Lowest rate", 10),
    ("Highest rate", 10),
    ("Threshold to exceed", 11),
    ("Still needed", 10),
    ("Fewest reviews that can meet", 13),
    ("Projected rate", 10),
    ("Lower end of the 80% range", 11),
    ("Upper end of the 80% range", 11),
    ("Probability of meeting the measure", 12),
    ("Probability if all unresolved records qualify", 14),
];

const WEEKS: [(&str, u16); 7] = [
    ("Provider", 14),
    ("First day", 12),
    ("Last day", 12),
    ("Patients seen", 10),
    ("New patients", 10),
    ("Added to numerator", 10),
    ("Rate at end of week", 11),
];

const UNDECIDED: [(&str, u16); 5] = [
    ("Provider", 14),
    ("Rule", 26),
    ("Why it is unresolved", 70),
    ("Patients", 10),
    ("Fewest reviews that can meet", 13),
];

fn provider(progress: &ProgressReport, of: &ProviderProgress) -> Vec<Value> {
    let to_date = &of.to_date;
    let mut cells = vec![
        Value::text(&to_date.provider_id),
        Value::text(to_date.name.as_deref().unwrap_or_default()),
        Value::Result(to_date.verdict, words::result_text(to_date.verdict).to_owned()),
        Value::Count(to_date.denominator.least),
        Value::Count(to_date.denominator.most),
        Value::Count(to_date.numerator.least),
        Value::Count(to_date.numerator.most),
        Value::Percent(to_date.rate_percent.clone()),
        Value::Percent(to_date.rate_percent_most.clone()),
        Value::Percent(progress.edition.more_than_percent.map(|percent| percent.to_string())),
        Value::Maybe(Some(to_date.needed).filter(|_| to_date.verdict != Verdict::NotCalculable)),
        Value::Maybe(to_date.adjudicate),
    ];
    if let ForecastOutcome::Forecast(forecast) = &of.outlook {
        let ForecastEstimate { rate_percent, rate_percent_low, rate_percent_high, .. } = &forecast.cautious;
        let rates = [rate_percent, rate_percent_low, rate_percent_high];
        cells.extend(rates.map(|rate| Value::Percent(Some(rate.clone()))));
        let (least, most) = chances(forecast);
        cells.push(Value::Text(least));
        cells.extend(most.map(Value::Text));
    }
    cells
}

fn weeks<'p>(
    of: &'p ProgressReport,
    id: &'p str,
    course: &'p WeeklySeries,
) -> impl Iterator<Item = Vec<Value>> + 'p {
    of.weeks.iter().zip(&course.weeks).map(move |(PeriodDates { first, last }, week)| {
        vec![
            Value::text(id),
            Value::Day(Some(*first)),
            Value::Day(Some(*last)),
            Value::Count(week.seen),
            Value::Count(week.new),
            Value::Count(week.came),
            Value::Percent(week.rate_percent.clone()),
        ]
    })
}
