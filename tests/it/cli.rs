//! Transcripts of wording and exit codes, including those in the README. To update them: `TRYCMD=overwrite cargo test --release --test it
//! cli::`.

use std::path::Path;

/// A page whose commands write files, so that it is run in a folder of its own.
const WRITES: &str = "docs/how-to/first-report.md";

#[test]
fn the_program_says_what_the_transcripts_say() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.md");
    std::fs::copy(WRITES, &page).unwrap();
    // The commands of a page are run in the folder that is called like it.
    std::fs::create_dir(folder.path().join("page.in")).unwrap();
    let cases = trycmd::TestCases::new();
    cases
        .register_bin("cargo", trycmd::schema::Bin::Ignore)
        .case("tests/cli/*.md")
        .case("docs/tutorial.md")
        .case("docs/choices.md")
        .case("docs/how-to/*.md")
        .skip(WRITES)
        .case(&page)
        .case("README.md");
    drop(cases);
    if std::env::var("TRYCMD").is_ok_and(|mode| mode == "overwrite") {
        std::fs::copy(&page, WRITES).unwrap();
    }
    assert!(!Path::new("demo").exists(), "a page wrote into the working directory");
}
