//! Markdown, for a ticket, a wiki or a summary in CI.

use std::fmt::Write;

use crate::domain::report::{Bucket, Report};
use crate::domain::text::thousands;
use crate::report::safe::markdown;
use crate::report::words;

/// A report as Markdown.
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(text, "# {}\n", markdown(&report.edition.title));
    let _ = writeln!(text, "Reporting period {} to {}.\n", report.period.first, report.period.last);
    if let Some(error) = &report.error {
        let place =
            error.place.as_ref().map_or(String::new(), |place| format!("{}: ", markdown(&place.to_string())));
        let _ = writeln!(text, "**No result.** {place}{}", markdown(&error.message));
        return text;
    }
    let _ = writeln!(text, "| Provider | Name | Numerator | Denominator | Rate | Verdict | Still needed |");
    let _ = writeln!(text, "| --- | --- | ---: | ---: | ---: | --- | ---: |");
    for provider in &report.providers {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | **{}** | {} |",
            markdown(&provider.provider_id),
            provider.name.as_deref().map(markdown).unwrap_or_default(),
            words::bounds(provider.numerator),
            words::bounds(provider.denominator),
            words::rate(provider),
            words::verdict(provider.verdict),
            words::needed(provider)
        );
    }
    let _ = writeln!(text);
    for provider in &report.providers {
        let sentence = words::sentence(provider, report.edition.more_than_percent);
        let _ = writeln!(text, "- {}: {sentence}", markdown(&provider.provider_id));
    }
    if let Some(group) = &report.group {
        let _ = writeln!(text, "\n{}", words::group(group));
    }
    if let Some(waterfall) = &report.waterfall {
        buckets(&mut text, "Encounters", &waterfall.encounters);
        buckets(&mut text, "Messages", &waterfall.messages);
    }
    findings(&mut text, report);
    let _ = writeln!(text, "\n## How it was calculated\n\n- Rules: {}.", markdown(&words::rules(report)));
    for input in &report.inputs {
        let _ = writeln!(text, "- Read: {}.", markdown(&words::input(input)));
    }
    text
}

fn buckets(text: &mut String, title: &str, buckets: &[Bucket]) {
    let _ = writeln!(text, "\n## {title} by the rule that judged them\n");
    let _ = writeln!(text, "| Rule | Rows | Of these uncertain |\n| --- | ---: | ---: |");
    for bucket in buckets {
        let (rows, uncertain) = (thousands(bucket.rows), thousands(bucket.uncertain));
        let _ = writeln!(text, "| {} | {rows} | {uncertain} |", bucket.rule);
    }
}

fn findings(text: &mut String, report: &Report) {
    if report.findings.is_empty() {
        return;
    }
    let _ =
        writeln!(text, "\n## Findings\n\n| Severity | Code | Places | First |\n| --- | --- | ---: | --- |");
    for finding in &report.findings {
        let first = markdown(&finding.first.to_string());
        let (severity, count) = (finding.severity.word(), thousands(finding.count));
        let _ = writeln!(text, "| {severity} | {} | {count} | {first} |", finding.code);
    }
}
