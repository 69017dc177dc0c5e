//! The page of `mucalc sweep`.

use crate::RenderError;
use crate::html::chart::calendar::calendar;
use crate::html::chart::figure;
use crate::html::document::{Document, PageTable, Section};
use crate::sweep::{foot_lines, head_lines, providers, rules};
use mucalc_core::domain::over_time::{ProviderStrip, RollingPeriods};
use mucalc_core::domain::sweep::{PeriodFamily, ProviderSweep, SweepReport};

/// Renders the candidate periods as a page.
///
/// # Errors
/// If the page cannot be rendered, which is a bug.
pub fn page(of: &SweepReport) -> Result<Vec<u8>, RenderError> {
    let mut page = Document::new("Candidate reporting periods", &of.head, &of.edition, of);
    for (family, title) in
        [(PeriodFamily::Days, "Periods of continuous days"), (PeriodFamily::Quarters, "Calendar quarters")]
    {
        if let Some(periods) = periods(of, family) {
            let chart = calendar(&periods, of.head.period.first, None);
            page = page.section(Section {
                id: family.word().to_owned(),
                title: title.to_owned(),
                chart: figure::calendar(&chart, "Provider")?,
                text: vec![chart.sentence],
                ..Section::default()
            });
        }
    }
    page.section(Section {
        id: "best".to_owned(),
        title: "Best and worst periods".to_owned(),
        text: head_lines(of),
        table: Some(PageTable::new(
            "Numerator of denominator, rate, result, and patients to spare",
            providers(of, true),
        )),
        items: foot_lines(of),
        ..Section::default()
    })
    .basis(rules(of), &of.inputs, &of.findings)
    .render_page(&of.head.tool)
}

/// Returns the periods of a family; `None` for a family without periods.
fn periods(of: &SweepReport, family: PeriodFamily) -> Option<RollingPeriods> {
    let at: Vec<usize> = (0..of.windows.len()).filter(|at| of.windows[*at].family == family).collect();
    let strip = |provider: &ProviderSweep| ProviderStrip {
        provider_id: provider.provider_id.clone(),
        name: provider.name.clone(),
        verdicts: at.iter().map(|at| provider.figures[*at].verdict).collect(),
    };
    (!at.is_empty()).then(|| RollingPeriods {
        family,
        days: of.days,
        allowed: None,
        windows: at.iter().map(|at| of.windows[*at].period).collect(),
        recorded: of.recorded,
        providers: of.providers.iter().map(strip).collect(),
    })
}
