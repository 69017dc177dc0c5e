//! Transcripts of wording and exit codes, including those in the README. To update them: `TRYCMD=overwrite cargo test --release --test it
//! cli::`.

#[test]
fn the_program_says_what_the_transcripts_say() {
    trycmd::TestCases::new()
        .register_bin("cargo", trycmd::schema::Bin::Ignore)
        .case("tests/cli/*.md")
        .case("docs/tutorial.md")
        .case("docs/choices.md")
        .case("docs/how-to/*.md")
        .case("README.md");
}
