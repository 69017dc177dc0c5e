//! The rates of a provider under several settings: one line for each, from the lowest to the highest rate.

use crate::html::chart::RateScale;
use crate::words;
use mucalc_core::domain::provider::ProviderResult;

/// A dumbbell chart.
pub struct Dumbbell {
    pub title: String,
    /// The chart in words.
    pub desc: String,
    pub rows: Vec<DumbbellRow>,
    pub has_threshold: bool,
    pub threshold_x: u64,
    pub threshold: String,
    /// The rate at the end of the axis.
    pub end: String,
    /// The position below the rows, and the height of the chart.
    pub foot: u64,
    pub height: u64,
}

/// A setting with its rates.
pub struct DumbbellRow {
    pub y: u64,
    pub label: String,
    pub rate: String,
    /// The class of the result.
    pub kind: &'static str,
    pub lo: u64,
    pub hi: u64,
}

const WIDTH: u64 = 300;
const ROW: u64 = 32;

/// Returns the chart of a provider's results, each with the name of its setting; `None` if no patient was seen under any of them.
pub fn dumbbell(
    name: &str,
    results: &[(String, &ProviderResult)],
    more_than_percent: Option<u32>,
) -> Option<Dumbbell> {
    let rate = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
    let rates = results.iter().filter_map(|(_, of)| rate(&of.rate_percent_most));
    let highest =
        rates.fold(None, |most: Option<f64>, rate| Some(most.map_or(rate, |most| most.max(rate))))?;
    let limit = more_than_percent.map(f64::from);
    let scale = RateScale::new(highest.max(limit.map_or(0.0, |limit| 2.0 * limit)), WIDTH);
    let x = |rate: f64| scale.place(rate);
    let row = |(at, (label, of)): (usize, &(String, &ProviderResult))| DumbbellRow {
        y: at as u64 * ROW,
        label: label.clone(),
        rate: words::rate_text(of),
        kind: of.verdict.word(),
        lo: rate(&of.rate_percent).map_or(0, x),
        hi: rate(&of.rate_percent_most).map_or(0, x),
    };
    let told = results
        .iter()
        .map(|(label, of)| format!("{label}: {}, {}", words::rate_text(of), words::result_text(of.verdict)));
    let foot = results.len() as u64 * ROW + 2;
    Some(Dumbbell {
        title: format!("Rate of {name} under each setting"),
        desc: format!("{}.", told.collect::<Vec<_>>().join("; ")),
        rows: results.iter().enumerate().map(row).collect(),
        has_threshold: limit.is_some(),
        threshold_x: limit.map_or(0, x),
        threshold: more_than_percent.map_or(String::new(), |limit| format!("{limit}%")),
        end: format!("{}%", scale.end),
        foot,
        height: foot + 18,
    })
}
