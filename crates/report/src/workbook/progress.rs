//! Where the measure stands, as a workbook.

use crate::progress::{about_forecast, chances, headline, rules, sentences, who};
use crate::workbook::{CellValue, SUMMARY, SheetColumn, WorkbookWriter, pair};
use crate::{RenderError, beside, words};
use mucalc_core::domain::forecast::{ForecastEstimate, ForecastOutcome};
use mucalc_core::domain::period_days::PeriodDates;
use mucalc_core::domain::progress::{ProgressReport, ProviderProgress, WeeklySeries};
use mucalc_core::domain::verdict::Verdict;

/// Where the measure stands, as a workbook.
///
/// # Errors
/// When it cannot be written.
pub fn progress(of: &ProgressReport) -> Result<Vec<u8>, RenderError> {
    let mut book = WorkbookWriter::new(of.as_of.unwrap_or(of.head.period.last), None)?;
    let mut said = vec![("Measure", of.edition.title.clone())];
    said.extend(beside::labeled(of));
    said.push(("Looked at", headline(of).replace('\n', "; ")));
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
    said.extend(beside::choices(of).into_iter().map(|choice| ("Choice", choice)));
    said.extend(of.findings.iter().map(|finding| ("Finding", words::finding(finding))));
    said.extend(of.inputs.iter().map(|input| ("Read", words::input(input))));
    book.sheet("Summary", &SUMMARY, said.into_iter().map(pair))?;
    book.sheet("Providers", &PROVIDERS, of.providers.iter().map(provider))?;
    let courses = of.providers.iter().map(|one| (one.to_date.provider_id.as_str(), &one.course));
    let courses = courses.chain([("(all together)", &of.group.course)]);
    book.sheet("Week by week", &WEEKS, courses.flat_map(|(id, course)| weeks(of, id, course)))?;
    let open = of.providers.iter().flat_map(|one| {
        one.undecided.iter().map(|kind| {
            vec![
                CellValue::text(&one.to_date.provider_id),
                CellValue::text(&kind.rule),
                CellValue::text(&kind.why),
                CellValue::Count(kind.patients),
                CellValue::Maybe(kind.enough),
            ]
        })
    });
    book.sheet("Undecided", &UNDECIDED, open)?;
    Ok(book.finish()?)
}

const PROVIDERS: [SheetColumn; 15] = [
    SheetColumn("Provider", 14),
    SheetColumn("Name", 28),
    SheetColumn("Verdict so far", 15),
    SheetColumn("Patients seen", 10),
    SheetColumn("Patients seen, at most", 10),
    SheetColumn("Patients who count", 10),
    SheetColumn("Patients who count, at most", 10),
    SheetColumn("Rate in percent", 9),
    SheetColumn("Needed to date", 10),
    SheetColumn("Decisions in favour that are enough", 13),
    SheetColumn("Rate expected at the end", 10),
    SheetColumn("at least, 4 times out of 5", 10),
    SheetColumn("at most, 4 times out of 5", 10),
    SheetColumn("Chance to meet the measure", 12),
    SheetColumn("Chance if all that is unclear counts", 14),
];

const WEEKS: [SheetColumn; 7] = [
    SheetColumn("Provider", 14),
    SheetColumn("First day", 12),
    SheetColumn("Last day", 12),
    SheetColumn("Patients seen", 10),
    SheetColumn("For the first time", 10),
    SheetColumn("Began to count", 10),
    SheetColumn("Rate at the end, in percent", 11),
];

const UNDECIDED: [SheetColumn; 5] = [
    SheetColumn("Provider", 14),
    SheetColumn("Rule", 26),
    SheetColumn("Why it is open", 70),
    SheetColumn("Patients", 10),
    SheetColumn("Decisions in favour that are enough", 13),
];

fn provider(of: &ProviderProgress) -> Vec<CellValue> {
    let to_date = &of.to_date;
    let mut cells = vec![
        CellValue::text(&to_date.provider_id),
        CellValue::text(to_date.name.as_deref().unwrap_or_default()),
        CellValue::text(words::verdict(to_date.verdict)),
        CellValue::Count(to_date.denominator.least),
        CellValue::Count(to_date.denominator.most),
        CellValue::Count(to_date.numerator.least),
        CellValue::Count(to_date.numerator.most),
        CellValue::Percent(to_date.rate_percent.clone()),
        CellValue::Maybe(Some(to_date.needed).filter(|_| to_date.verdict != Verdict::NotCalculable)),
        CellValue::Maybe(to_date.adjudicate),
    ];
    if let ForecastOutcome::Forecast(forecast) = &of.outlook {
        let ForecastEstimate { rate_percent, rate_percent_low, rate_percent_high, .. } = &forecast.cautious;
        let rates = [rate_percent, rate_percent_low, rate_percent_high];
        cells.extend(rates.map(|rate| CellValue::Percent(Some(rate.clone()))));
        let (least, most) = chances(forecast);
        cells.push(CellValue::Text(least));
        cells.extend(most.map(CellValue::Text));
    }
    cells
}

fn weeks<'p>(
    of: &'p ProgressReport,
    id: &'p str,
    course: &'p WeeklySeries,
) -> impl Iterator<Item = Vec<CellValue>> + 'p {
    of.weeks.iter().zip(&course.weeks).map(move |(PeriodDates { first, last }, week)| {
        vec![
            CellValue::text(id),
            CellValue::Day(Some(*first)),
            CellValue::Day(Some(*last)),
            CellValue::Count(week.seen),
            CellValue::Count(week.new),
            CellValue::Count(week.came),
            CellValue::Percent(week.rate_percent.clone()),
        ]
    })
}
