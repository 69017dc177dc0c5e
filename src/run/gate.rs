//! `--fail-on`: what makes a run fail though it computed.

use crate::domain::finding::Severity;
use crate::domain::report::Report;
use crate::domain::text::counted;
use crate::domain::verdict::Verdict;

/// What makes a run fail though it computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// A provider with this verdict.
    Verdict(Verdict),
    /// A finding of this severity or a worse one.
    Finding(Severity),
}

impl Gate {
    /// The words of `--fail-on`.
    pub const WORDS: [&'static str; 6] =
        ["not-met", "indeterminate", "not-calculable", "finding:error", "finding:warning", "finding:note"];

    /// The gate that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "not-met" => Gate::Verdict(Verdict::NotMet),
            "indeterminate" => Gate::Verdict(Verdict::Indeterminate),
            "not-calculable" => Gate::Verdict(Verdict::NotCalculable),
            "finding:error" => Gate::Finding(Severity::Error),
            "finding:warning" => Gate::Finding(Severity::Warning),
            "finding:note" => Gate::Finding(Severity::Note),
            _ => return None,
        })
    }

    /// Why the gate fails; none where it passes.
    pub fn fails(self, report: &Report) -> Option<String> {
        match self {
            Gate::Verdict(verdict) => {
                let providers =
                    report.measure.providers.iter().filter(|provider| provider.verdict == verdict).count();
                let counted = counted(providers as u64, "provider", "providers");
                (providers > 0).then(|| format!("{}: {counted}", verdict.word()))
            }
            Gate::Finding(severity) => {
                let findings = report.findings.iter().filter(|finding| finding.severity >= severity);
                let codes: Vec<&str> = findings.map(|finding| finding.code).collect();
                (!codes.is_empty()).then(|| format!("finding:{}: {}", severity.word(), codes.join(", ")))
            }
        }
    }
}
