//! The native charts of workbooks.

use rust_xlsxwriter::{
    Chart, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartLineDashType, ChartSolidFill,
    ChartType,
};

/// The colors of the pages, as RGB.
const BAR: u32 = 0x1F6391;
const LIGHT: u32 = 0xB9D3E6;
const INK: u32 = 0x1B1F24;
const FAINT: u32 = 0xD3D9DF;

/// The maximum number of providers in a chart. More could not be told apart.
const PROVIDERS: u32 = 40;

/// Where the rates of providers are in a sheet: columns of names, lowest rates, highest rates, and the threshold; rows from 1 on.
pub struct RateColumns<'s> {
    pub sheet: &'s str,
    pub rows: u32,
    pub names: u16,
    pub lowest: u16,
    pub highest: u16,
    /// `None` if the threshold is no percentage.
    pub threshold: Option<u16>,
}

/// Returns a chart of the rates of providers, each as a column up to the lowest rate in front of one up to the highest rate; the threshold
/// is a line.
pub fn rates(of: &RateColumns<'_>) -> Chart {
    let last = of.rows.min(PROVIDERS);
    let mut chart = Chart::new(ChartType::Column);
    for (name, column, color) in
        [("Highest possible rate", of.highest, LIGHT), ("Lowest possible rate", of.lowest, BAR)]
    {
        chart
            .add_series()
            .set_name(name)
            .set_categories((of.sheet, 1, of.names, last, of.names))
            .set_values((of.sheet, 1, column, last, column))
            .set_overlap(100)
            .set_gap(60)
            .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(color)));
    }
    if let Some(threshold) = of.threshold {
        let mut line = Chart::new(ChartType::Line);
        line.add_series()
            .set_name("Threshold (must be exceeded)")
            .set_categories((of.sheet, 1, of.names, last, of.names))
            .set_values((of.sheet, 1, threshold, last, threshold))
            .set_format(
                ChartLine::new().set_color(INK).set_width(1.5).set_dash_type(ChartLineDashType::Dash),
            );
        chart.combine(&line);
    }
    finish(chart, "Rate of each provider")
}

/// A provider's weeks in a sheet.
pub struct TrendRows {
    pub name: String,
    pub first: u32,
    pub last: u32,
}

/// Returns a chart of the lowest possible rate of each provider by week.
pub fn trend(sheet: &str, weeks: &[TrendRows], days: u16, rates: u16) -> Chart {
    let mut chart = Chart::new(ChartType::Line);
    for of in weeks.iter().take(PROVIDERS as usize) {
        chart
            .add_series()
            .set_name(of.name.as_str())
            .set_categories((sheet, of.first, days, of.last, days))
            .set_values((sheet, of.first, rates, of.last, rates));
    }
    chart.x_axis().set_date_axis(true).set_num_format("mm/dd");
    finish(chart, "Lowest possible rate at the end of each week")
}

fn finish(mut chart: Chart, title: &str) -> Chart {
    chart.title().set_name(title).set_font(ChartFont::new().set_size(12));
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart
        .y_axis()
        .set_num_format("0%")
        .set_min(0)
        .set_major_gridlines(true)
        .set_major_gridlines_line(ChartLine::new().set_color(FAINT));
    chart.set_width(860).set_height(340);
    chart.set_alt_text(title);
    chart
}
