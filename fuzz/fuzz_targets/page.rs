//! Any two files under any names, as the page is given them: recognizing them, drafting a configuration, and a page
//! from one of its commands.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mucalc::run::Exit;
use mucalc_fuzz::program::Folder;

const VIEWS: [&[&str]; 6] = [
    &["report", "--format", "html"],
    &["progress", "--format", "html"],
    &["outreach", "--format", "html"],
    &["report", "--format", "handouts"],
    &["what-if", "--format", "html"],
    &["explain", "--patient", "P1", "--format", "html"],
];
const NAMES: [&str; 4] = ["encounters.csv", "rows.json", "--help", "Visits (2014) \u{202e}.xlsx"];

fuzz_target!(|input: (u8, &[u8], &[u8])| {
    let (which, one, other) = input;
    let (first, second) = (NAMES[usize::from(which % 4)], "messages.csv");
    let folder = Folder::new();
    folder.write(first, one).write(second, other);
    let ends = |words: &[&str]| {
        let exit = folder.end(words);
        assert!(exit as u8 != Exit::Internal as u8, "a defect");
        exit as u8 == Exit::Success as u8
    };
    let init =
        ["init", "--format=json", "--force", "-o", "mucalc.toml", "--period=2014Q3", "--", first, second];
    ends(&["inspect", "--format", "html", "-o", "out.html", "--", first]);
    if !ends(&init) {
        return;
    }
    let view = VIEWS[usize::from(which / 4) % VIEWS.len()];
    if ends(&[view, &["-o", "page.html"]].concat()) {
        let page = std::fs::read(folder.path().join("page.html")).unwrap();
        let page = String::from_utf8(page).expect("a page is text");
        // What the page may show is limited before any content, and nothing of the files is code.
        assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"), "not a page");
        assert_eq!(
            page.matches("<script").count(),
            page.matches("</script>").count(),
            "a script of the files"
        );
    }
});
