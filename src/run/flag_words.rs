//! The valid values of every flag and argument, for help and completions.

use crate::run::diff;
use crate::run::engine::ENGINES;
use crate::run::gate::FailureGate;
use crate::run::pack::SMALL_CELLS;
use crate::run::settings::AttritionDetail;
use crate::run::terminal::ColorChoice;
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::sweep::PeriodFamily;
use mucalc_core::edition;
use mucalc_read::layout::Layout;
use mucalc_report::{ReportFormat, SpreadsheetFormat, TextFormat, ViewFormat};
use mucalc_sql::{QueryKind, SqlDialect};

/// Returns the valid values of a flag or argument of a command; `None` if any text is valid.
pub fn words_of(command: &str, name: &str) -> Option<Vec<String>> {
    let owned = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    match name {
        "format" => owned(match command {
            "report" => &ReportFormat::WORDS,
            "validate" => &["table", "json", "junit", "sarif", "github"],
            "progress" | "outreach" => &SpreadsheetFormat::WORDS,
            "sweep" | "what-if" | "diff" => &TextFormat::WORDS,
            _ => &ViewFormat::WORDS,
        }),
        "edition" => Some(edition::ids().map(str::to_owned).collect()),
        "layout" => Some(Layout::names()),
        "credit" => owned(&AttributionMode::WORDS),
        "color" => owned(&ColorChoice::WORDS),
        "waterfall" => owned(&AttritionDetail::WORDS),
        "windows" => owned(&PeriodFamily::WORDS),
        "dialect" => owned(&SqlDialect::WORDS),
        "result" => owned(&QueryKind::WORDS),
        "engine" => owned(&ENGINES),
        "small-cells" => owned(&SMALL_CELLS),
        "fail-on" => match command {
            "diff" => owned(&diff::GATES),
            "validate" => {
                let is_verdict =
                    |word: &String| matches!(FailureGate::parse(word), Some(FailureGate::Verdict(_)));
                Some(FailureGate::all_words().into_iter().filter(|word| !is_verdict(word)).collect())
            }
            _ => Some(FailureGate::all_words()),
        },
        "code" => Some(FindingCode::ALL.iter().map(|code| code.slug().to_owned()).collect()),
        _ => None,
    }
}
