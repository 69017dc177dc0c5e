//! The values of `--fail-on`: conditions that fail a run although it has calculated a report.

use std::collections::BTreeSet;
use std::str::FromStr;

use mucalc_core::domain::finding::{FindingCode, Severity};
use mucalc_core::domain::report::Report;
use mucalc_core::domain::text::{did_you_mean, pluralize};
use mucalc_core::domain::verdict::Verdict;

/// A condition that fails a run although it has calculated a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureGate {
    /// A provider has this result.
    Verdict(Verdict),
    /// A row of an input is unusable, or an interface reports further rows that the inputs lack.
    Unusable,
    /// The configuration does not acknowledge an assumption.
    Assumption,
    /// A finding has this severity or a higher one.
    Finding(Severity),
    /// A finding has this code.
    Code(FindingCode),
}

impl FailureGate {
    /// The values without the code of a finding.
    const WORDS: [&'static str; 8] = [
        "not-met",
        "indeterminate",
        "not-calculable",
        "unusable",
        "assumption",
        "finding:error",
        "finding:warning",
        "finding:note",
    ];

    /// Returns every value of `--fail-on`, including one for each finding code.
    pub fn values() -> Vec<String> {
        let codes = FindingCode::ALL.iter().map(|code| format!("finding:{}", code.slug()));
        Self::WORDS.iter().map(|word| (*word).to_owned()).chain(codes).collect()
    }

    /// Returns why the gate fails. `None` if it passes. The findings in `allowed` fail no gate.
    pub fn fails(self, report: &Report, allowed: &BTreeSet<FindingCode>) -> Option<String> {
        match self {
            FailureGate::Verdict(verdict) => {
                let providers =
                    report.measure.providers.iter().filter(|provider| provider.verdict == verdict).count();
                let counted = pluralize(providers as u64, "provider", "providers");
                (providers > 0).then(|| format!("{}: {counted}", verdict.word()))
            }
            FailureGate::Unusable => {
                let rows: u64 = report.inputs.iter().map(|input| input.unusable() + input.missing).sum();
                (rows > 0).then(|| format!("unusable: {}", pluralize(rows, "row", "rows")))
            }
            FailureGate::Assumption => {
                let open = report.basis.assumptions.iter().filter(|assumption| !assumption.acknowledged);
                let columns: Vec<String> =
                    open.map(|open| format!("{}.{}", open.role.word(), open.column)).collect();
                (!columns.is_empty()).then(|| format!("assumption: {}", columns.join(", ")))
            }
            FailureGate::Finding(severity) => {
                let is_allowed = |slug: &str| allowed.iter().any(|code| code.slug() == slug);
                let findings = report
                    .findings
                    .iter()
                    .filter(|finding| finding.severity >= severity && !is_allowed(finding.code));
                let codes: Vec<&str> = findings.map(|finding| finding.code).collect();
                (!codes.is_empty()).then(|| format!("finding:{}: {}", severity.word(), codes.join(", ")))
            }
            FailureGate::Code(code) if allowed.contains(&code) => None,
            FailureGate::Code(code) => {
                let found = report.findings.iter().find(|finding| finding.code == code.slug())?;
                Some(format!("finding:{}: {}", code.slug(), pluralize(found.count, "place", "places")))
            }
        }
    }
}

/// An invalid value of `--fail-on`. Each variant contains a hint at the nearest valid value, which may be empty.
#[derive(Debug, thiserror::Error)]
pub enum FailureGateError {
    /// The value is unknown.
    #[error("valid values are {values}, and finding:CODE{0}", values = FailureGate::WORDS.join(", "))]
    Unknown(String),
    /// The value begins with `finding:`, but continues with neither a severity nor a code.
    #[error("finding: is followed by error, warning, note, or the code of a finding{0}")]
    UnknownFinding(String),
}

impl FromStr for FailureGate {
    type Err = FailureGateError;

    fn from_str(text: &str) -> Result<Self, FailureGateError> {
        let word = text.trim();
        Ok(match word {
            "not-met" => FailureGate::Verdict(Verdict::NotMet),
            "indeterminate" => FailureGate::Verdict(Verdict::Indeterminate),
            "not-calculable" => FailureGate::Verdict(Verdict::NotCalculable),
            "unusable" => FailureGate::Unusable,
            "assumption" => FailureGate::Assumption,
            _ => {
                let unknown = || FailureGateError::Unknown(did_you_mean(word, FailureGate::WORDS));
                let finding = word.strip_prefix("finding:").ok_or_else(unknown)?;
                let severity = Severity::parse(finding).map(FailureGate::Finding);
                severity.or_else(|| FindingCode::parse(finding).map(FailureGate::Code)).ok_or_else(|| {
                    let codes = FindingCode::ALL.iter().map(|code| code.slug());
                    let hint = did_you_mean(finding, ["error", "warning", "note"].into_iter().chain(codes));
                    FailureGateError::UnknownFinding(hint)
                })?
            }
        })
    }
}
