//! Tests of completions, manual pages, and the demo: every command has them, and the commands that the demo shows work.

use crate::support::program::{Folder, run};

/// Returns the commands that the help lists.
fn commands(folder: &Folder) -> Vec<String> {
    let help = String::from_utf8(folder.run(&["--help"]).stdout).unwrap();
    let (_, listed) = help.split_once("Commands:\n").unwrap();
    let (listed, _) = listed.split_once("\n\n").unwrap();
    // Continuation lines start with more blanks.
    let lines =
        listed.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let names: Vec<String> = lines.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(names.len() >= 20, "{names:?}");
    names.into_iter().filter(|name| name != "help").collect()
}

#[test]
fn every_shell_has_completions_of_every_command() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = folder.run(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = String::from_utf8(output.stdout).unwrap();
        for command in commands(&folder) {
            assert!(script.contains(&command), "{shell} does not complete {command}");
        }
    }
    assert_eq!(folder.run(&["completions", "csh"]).status.code(), Some(2));
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let folder = Folder::new();
    let output = folder.run(&["man", "-o", "pages"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.read("pages/mucalc.1").contains(".TH mucalc 1"));
    for command in commands(&folder) {
        let page = folder.read(&format!("pages/mucalc-{command}.1"));
        assert!(page.starts_with(".ie"), "{command}: {}", &page[..page.len().min(80)]);
        assert!(page.contains(&format!("mucalc\\-{}", command.replace('-', "\\-"))), "{command}");
    }
    assert!(folder.read("pages/mucalc-editions-show.1").contains("EXAMPLES"));
    // A folder of manual pages may contain pages of other programs, and older pages of `mucalc`.
    folder.write("pages/other.1", "other");
    assert_eq!(folder.run(&["man", "-o", "pages"]).status.code(), Some(0));
    assert_eq!(folder.read("pages/other.1"), "other");
    assert!(folder.run(&["man"]).stdout.starts_with(b".ie"));
}

#[test]
fn the_whole_version_tells_the_rules_that_are_built_in() {
    let folder = Folder::new();
    let short = String::from_utf8(folder.run(&["--version"]).stdout).unwrap();
    assert_eq!(short, format!("mucalc {}\n", env!("CARGO_PKG_VERSION")));
    for words in [["--version", "--verbose"], ["-V", "-v"], ["--verbose", "--version"]] {
        let output = folder.run(&words);
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        assert!(said.starts_with(&short), "{said}");
        for edition in mucalc_core::edition::all() {
            assert!(
                said.contains(&format!("{:21} {}\n", edition.id, edition.sha256)),
                "{}: {said}",
                edition.id
            );
        }
        let layouts = mucalc_read::layout::Layout::names();
        assert!(layouts.iter().filter(|name| *name != "canonical").all(|name| said.contains(name.as_str())));
    }
}

/// Every command line that the demo shows works in its folder.
#[test]
fn what_the_demo_says_can_be_typed() {
    let folder = Folder::new();
    let output = folder.run(&["demo", "try it"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let mut place = folder.path().to_owned();
    let mut typed = 0;
    for line in said.lines().filter_map(|line| line.strip_prefix("  ")) {
        let line = line.split(" #").next().unwrap().trim_end();
        if let Some(to) = line.strip_prefix("cd ") {
            place = place.join(to.trim_matches('\''));
            assert!(place.is_dir(), "{line}");
            continue;
        }
        let words: Vec<&str> = line.strip_prefix("mucalc ").unwrap().split(' ').collect();
        let output = run(&place, &words);
        assert_eq!(output.status.code(), Some(0), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        typed += 1;
    }
    assert_eq!(typed, 10);
    assert_eq!(folder.run(&["demo", "try it"]).status.code(), Some(3), "what is there is not written over");
}
