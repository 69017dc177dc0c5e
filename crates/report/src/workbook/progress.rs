//! Renders the progress of the measure as a workbook.

use crate::progress::{about_forecast, chances, headline, rules, sentences, who};
use crate::table::{Column, Table, Value};
use crate::workbook::{SUMMARY, WorkbookWriter, pair};
use crate::{RenderError, beside, words};
use mucalc_core::domain::forecast::{ForecastEstimate, ForecastOutcome};
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::progress::{ProgressReport, ProviderProgress, WeeklySeries};
use mucalc_core::domain::verdict::Verdict;

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
                .map(|text| ("Provider", format!("{}: {text}", who(provider)))),
        );
    }
    said.extend(about_forecast(of).into_iter().map(|text| ("Forecast", text)));
    said.push(("Rules", rules(of)));
    said.extend(beside::choices(of).into_iter().map(|choice| ("Setting", choice)));
    said.extend(of.findings.iter().map(|finding| ("Finding", words::finding(finding))));
    said.extend(of.inputs.iter().map(|input| ("Read", words::input(input))));
    book.sheet(Table::new("Summary", Column::sheet(&SUMMARY), said.into_iter().map(pair)))?;
    book.sheet(Table::new("Providers", Column::sheet(&PROVIDERS), of.providers.iter().map(provider)))?;
    let courses = of.providers.iter().map(|one| (one.to_date.provider_id.as_str(), &one.course));
    let courses = courses.chain([("(all together)", &of.group.course)]);
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
    Ok(book.finish()?)
}

const PROVIDERS: [(&str, u16); 15] = [
    ("Provider", 14),
    ("Name", 28),
    ("Result so far", 15),
    ("Patients seen", 10),
    ("Patients seen, highest", 10),
    ("In the numerator", 10),
    ("In the numerator, highest", 10),
    ("Rate in percent", 9),
    ("Still needed", 10),
    ("Reviews needed to meet", 13),
    ("Projected rate", 10),
    ("at least, 4 times out of 5", 10),
    ("at most, 4 times out of 5", 10),
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
    ("Rate at end, in percent", 11),
];

const UNDECIDED: [(&str, u16); 5] = [
    ("Provider", 14),
    ("Rule", 26),
    ("Why it is unresolved", 70),
    ("Patients", 10),
    ("Reviews needed to meet", 13),
];

fn provider(of: &ProviderProgress) -> Vec<Value> {
    let to_date = &of.to_date;
    let mut cells = vec![
        Value::text(&to_date.provider_id),
        Value::text(to_date.name.as_deref().unwrap_or_default()),
        Value::text(words::verdict(to_date.verdict)),
        Value::Count(to_date.denominator.least),
        Value::Count(to_date.denominator.most),
        Value::Count(to_date.numerator.least),
        Value::Count(to_date.numerator.most),
        Value::Percent(to_date.rate_percent.clone()),
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
