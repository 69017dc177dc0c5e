//! Tests that pages and schemas generated from the code are current. To regenerate them: `MUCALC_UPDATE=1 cargo test --release --test it
//! generated::`.

use std::fs;
use std::path::Path;

use mucalc::run;
use mucalc_core::edition;
use mucalc_report as report;

use crate::support::program::Folder;

fn is_current(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("MUCALC_UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "{name} is not current; run MUCALC_UPDATE=1 cargo test --release --test it generated::"
    );
}

#[test]
fn the_schema_of_explain_is_current() {
    let schema = serde_json::to_string_pretty(&report::explanation_schema()).unwrap();
    is_current("docs/explanation.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_schemas_of_progress_and_outreach_are_current() {
    is_current("docs/progress.schema.json", &format!("{:#}\n", report::progress_schema()));
    is_current("docs/outreach.schema.json", &format!("{:#}\n", report::outreach_schema()));
}

#[test]
fn the_glossary_is_current() {
    is_current("docs/glossary.md", &format!("{MADE}{}", mucalc_core::domain::glossary::markdown()));
}

/// The forecast page contains the current numbers of the backtest. Its text above the numbers is written by hand.
#[test]
fn the_page_of_the_forecast_has_the_numbers_of_the_back_test() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/forecast.md");
    let page = fs::read_to_string(path).unwrap();
    let (written, rest) = page.split_once("<!-- numbers -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end of numbers -->\n").unwrap();
    let numbers = crate::support::futures::table();
    is_current(
        "docs/forecast.md",
        &format!("{written}<!-- numbers -->\n{numbers}<!-- end of numbers -->\n{after}"),
    );
}

#[test]
fn the_reference_of_inputs_commands_and_configuration_is_current() {
    is_current("docs/inputs.md", &format!("{MADE}{}", mucalc_read::layout::column_guide::markdown()));
    is_current("docs/commands.md", &format!("{MADE}{}", mucalc::cli::reference::commands()));
    is_current("docs/configuration.md", &format!("{MADE}{}", mucalc::cli::reference::configuration()));
    is_current("docs/mucalc.schema.json", &format!("{:#}\n", mucalc_options::schema()));
}

#[test]
fn the_schema_of_diff_is_current() {
    let schema = serde_json::to_string_pretty(&report::diff_schema()).unwrap();
    is_current("docs/diff.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_schema_of_verification_is_current() {
    let schema = serde_json::to_string_pretty(&report::verification_schema()).unwrap();
    is_current("docs/verification.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_schema_of_sweep_is_current() {
    let schema = serde_json::to_string_pretty(&report::sweep_schema()).unwrap();
    is_current("docs/sweep.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_schema_of_several_practices_is_current() {
    let schema = serde_json::to_string_pretty(&report::roll_up_schema()).unwrap();
    is_current("docs/roll-up.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_schema_of_what_if_is_current() {
    let schema = serde_json::to_string_pretty(&report::what_if_schema()).unwrap();
    is_current("docs/what-if.schema.json", &format!("{schema}\n"));
}

/// The page about CI shows the complete workflow file, so that readers can copy it.
#[test]
fn the_page_about_ci_shows_the_workflow_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [page, workflow] = ["docs/how-to/ci.md", "examples/ci/github-action.yml"]
        .map(|name| fs::read_to_string(root.join(name)).unwrap());
    assert!(
        page.contains(&format!("```yaml\n{workflow}```\n")),
        "docs/how-to/ci.md has another workflow than the file"
    );
}

const MADE: &str = "<!-- Made from the code; see tests/it/generated.rs. -->\n\n";

#[test]
fn the_page_of_codes_is_current() {
    is_current("docs/codes.md", &format!("{MADE}{}", run::codes::markdown()));
}

#[test]
fn the_page_of_editions_is_current() {
    let pages: Vec<String> = edition::all().iter().map(run::editions::markdown).collect();
    let about = "In parentheses: how well a source is known (*read* in the original, *second-hand*, *recalled* from memory, or *ours*: this project's own\n\
                 reading), and the numbers of the statements in [rules.md](rules.md).\n\n";
    is_current("docs/editions.md", &format!("{MADE}{about}{}", pages.join("\n")));
}

/// The layouts page lists every built-in layout. Its text above the list is written by hand.
#[test]
fn the_page_of_layouts_lists_what_is_built_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/layouts.md");
    let page = fs::read_to_string(path).unwrap();
    let (written, _) = page.split_once("## The built-in layouts\n").unwrap();
    is_current(
        "docs/layouts.md",
        &format!("{written}## The built-in layouts\n\n{}", run::inspect::layouts()),
    );
}

#[test]
fn the_json_schema_is_current() {
    is_current("docs/report.schema.json", &format!("{:#}\n", report::schema()));
    is_current("docs/validation.schema.json", &format!("{:#}\n", report::validation_schema()));
    is_current("docs/draft.schema.json", &format!("{:#}\n", report::draft_schema()));
    is_current("docs/inspection.schema.json", &format!("{:#}\n", report::inspection_schema()));
}

#[test]
fn every_json_report_fits_the_schema() {
    let schema = jsonschema::validator_for(&report::schema()).unwrap();
    let practice = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/practice/mucalc.toml");
    let practice = practice.to_str().unwrap();
    let folder = Folder::new();
    folder.write("empty.csv", "");
    let runs: [&[&str]; 4] = [
        &[],
        &["--digest", "--credit", "group", "--policy", "pool=count"],
        &["--period", "2001", "--edition", "stage2-core17", "--any-year"],
        &["--messages", "empty.csv"],
    ];
    for words in runs {
        let mut all = vec!["report", "--format", "json", "--config", practice];
        all.extend(words);
        let output = folder.run(&all);
        let report = serde_json::from_slice(&output.stdout).unwrap();
        let problems: Vec<String> = schema.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(problems, Vec::<String>::new(), "{words:?}");
    }
}

/// The SQL text for Spark and the default rule set is current. The stored file makes any change to it visible.
#[test]
fn the_text_for_spark_is_current() {
    let words = ["sql", "--no-config", "--dialect", "spark", "--period", "2014Q3"];
    let output = Folder::new().run(&words);
    assert_eq!(output.status.code(), Some(0));
    is_current("docs/warehouse.spark.sql", &String::from_utf8(output.stdout).unwrap());
}
