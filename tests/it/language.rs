//! The language of the pages and of what the program says: words and patterns that a native speaker would not write, or that have a standard
//! term.

use std::path::{Path, PathBuf};

use regex::Regex;

use crate::support::program::Folder;

/// A pattern, and what to write instead.
const BANNED: [(&str, &str); 33] = [
    (
        r"\b(is|are|was|were|be) (none|no (text|pack|table|report|list|percentage|private key|plain))\b",
        "not a ...",
    ),
    (r"\b(hangs?|hung) (on|upon)\b", "depends on"),
    (
        r"\b(stands?|stood) (there|in|beside|behind|between|before|otherwise|side by side|to|where)\b",
        "is, contains",
    ),
    (r"\b(lies?|lay) (in|outside|before|after|ahead|between|beyond|within|around)\b", "is, falls"),
    (r"\b(somebody|nobody|everybody)\b", "the role; no provider, no patient"),
    (r"\bone's\b", "your, custom"),
    (r"\b(comes?|came) out\b", "is, matches, produces"),
    (r"\bturn(s|ed)? out\b", "is confirmed, qualifies"),
    (r"\b(comes?|came|beg[ai]ns?) to count\b", "is added to the numerator"),
    (r"\bthat there (is|are)\b", "any, every"),
    (r"\b(is|are|was|were) told\b", "appears in, is reported"),
    (r"\b(rules?|columns?|messages?|exports?|reports?|rows?) (says?|tells?)\b", "shows, contains"),
    (r"\b(favour|colour|behaviour|licence|centre|programme|grey)\w*", "American spelling"),
    (r"\b(authori|recogni|normali|organi|summari)s(e|ed|es|ing|ation)\b", "-ize"),
    (r"\d %", "5%"),
    (r"\bdecisions? of people\b", "review decisions"),
    (r"\bof ours\b|\bour (words?|columns?|lists?)\b", "canonical values, canonical columns"),
    (r"\b(left|leaves?|sets?|laid) aside\b", "skipped"),
    (r"\bhow near\b", "why it did not qualify"),
    (r"\bin doubt\b", "unresolved"),
    (r"\bpatients? (who|that) (do not |does not )?counts?\b", "patients (not) in the numerator"),
    (r"\bmessages? that counts?\b", "qualifying message"),
    (r"\bverdicts?\b", "result"),
    (r"\beditions?\b", "rule set"),
    (r"\bwaterfall\b", "attrition"),
    (r"\b(is|are) (it )?whole\b", "complete, undamaged"),
    (r"\bbeside\b", "next to, with, in addition to"),
    (r"\brepresentatives?\b", "authorized representative"),
    (r"\balone[.,;)]", "only"),
    (r"\bjudge[sd]?\b", "evaluate, apply"),
    (r"\bwindows? (of|met|that)\b", "candidate reporting period"),
    (r"\b(kin|twin)\b", "similar formats, redacted copy"),
    (r"\b(needed|rate|measure) to date\b", "so far"),
];

/// Words that are meant literally, and texts of the regulation.
const EXCEPTIONS: [&str; 11] = [
    "Authorized representative",
    "Edition final rule",
    "--edition",
    "--patient nobody",
    "2014 Edition",
    "2015 Edition",
    "authorized representatives",
    "authorized representative",
    "patient or representative",
    "patient-authorized",
    "whole number",
];

/// Returns the pages that people write, and the transcripts. Decisions record what was thought at their time.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md"), root.join("CHANGELOG.md")];
    for folder in ["docs", "docs/how-to", "tests/cli"] {
        let files = std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(files.filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    pages
}

/// Returns a page without code: blocks that are no transcripts, inline code, and link targets.
fn prose(page: &str) -> String {
    let link = Regex::new(r"\]\([^)]*\)").unwrap();
    let mut code = false;
    let mut kept = String::new();
    for line in page.lines() {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            code = !code && ["toml", "json", "sql", "csv", "run", "yaml"].contains(&kind.trim());
        } else if !code && !is_of_machines(line) {
            let outside = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
            kept += &link.replace_all(&outside, "]");
        }
        kept.push('\n');
    }
    kept
}

/// Returns whether a line is for programs: a command, CSV, JSON, conditions of a rule, or values that a column can have.
fn is_of_machines(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with(['$', '"', '{', '}'])
        || line.starts_with("mucalc ")
        || line.starts_with("export   ")
        || line.starts_with("read as   ")
        || line.starts_with("## mucalc ")
        || line.starts_with("### mucalc ")
        || line.matches(',').count() > 6 && !line.contains(", ")
        || [
            "[values:",
            "possible values:",
            ": if ",
            " = representative",
            "= represent",
            "edition │",
            ": edition.",
        ]
        .iter()
        .any(|sign| line.contains(sign))
}

/// Returns what a text should not say, with its line.
fn faults(name: &str, text: &str) -> Vec<String> {
    let text = EXCEPTIONS.iter().fold(text.to_owned(), |text, meant| text.replace(meant, ""));
    let mut faults = Vec::new();
    for (pattern, instead) in BANNED {
        let banned = Regex::new(&format!("(?i-u){pattern}")).unwrap();
        for (at, line) in text.lines().enumerate() {
            if let Some(found) = banned.find(line) {
                faults.push(format!("{name}:{}: `{}`; write: {instead}", at + 1, found.as_str()));
            }
        }
    }
    faults
}

#[test]
fn pages_and_transcripts_are_plain_american_english() {
    let faults: Vec<String> = pages()
        .iter()
        .flat_map(|path| {
            let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
            faults(&name, &prose(&std::fs::read_to_string(path).unwrap()))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn so_is_the_help_of_every_command() {
    let folder = Folder::new();
    let manual = folder.run(&["man", "-o", "pages"]);
    assert_eq!(manual.status.code(), Some(0));
    let mut pages: Vec<PathBuf> =
        std::fs::read_dir(folder.path().join("pages")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    assert!(pages.len() > 20, "{pages:?}");
    let faults: Vec<String> = pages
        .iter()
        .flat_map(|page| {
            // Names of flags and commands stay as they are.
            let text = std::fs::read_to_string(page).unwrap().replace("\\-", "-");
            let names =
                Regex::new(r"(?m)^[a-z-]+$|--fail-on [a-z,]+|--[a-z-]+|mucalc[- ][a-z-]+|values: [a-z, -]+")
                    .unwrap();
            faults(&page.file_name().unwrap().to_string_lossy(), &names.replace_all(&text, ""))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Returns the text of a page: without its style sheet, script, tags, and code.
fn visible(page: &str) -> String {
    let hidden = Regex::new(r"(?s)<(style|script|code)\b.*?</(style|script|code)>|<[^>]*>").unwrap();
    hidden.replace_all(page, "\n").lines().filter(|line| !is_of_machines(line)).collect::<Vec<_>>().join("\n")
}

/// The page that calculates: its own texts, and those in the strings of its scripts.
#[test]
fn so_is_the_page_that_calculates() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/page/src");
    let read = |name: &str| std::fs::read_to_string(source.join(name)).unwrap();
    let strings = Regex::new(r#""[^"\n]*"|`[^`\n]*`|'[^'\n]*'"#).unwrap();
    let mut all = faults("page.html", &visible(&read("page.html")));
    for script in ["page.js", "questions.js", "program.js"] {
        let text = read(script);
        // A string without a blank is a name.
        let strings = strings.find_iter(&text).map(|found| found.as_str());
        let strings: Vec<&str> = strings.filter(|string| string.contains(' ')).collect();
        assert!(!strings.is_empty(), "{script}");
        all.extend(faults(script, &strings.join("\n")));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// Days for people are written as `July 1, 2014` or `07/01/2014`.
#[test]
fn so_are_pages_workbooks_and_terminals() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let practice = root.join("practice");
    let running = root.join("mid-quarter");
    // The cells of a row as exported, and the values that rules see.
    let values =
        Regex::new(r"(?m)^ *(export|read as) .*$|\bunclear\b|sender representative|`--[a-z]+`").unwrap();
    let iso = Regex::new(r"\b20\d\d-\d\d-\d\d\b").unwrap();
    let mut all = Vec::new();
    let mut count = 0;
    let mut look = |name: String, text: &str| {
        count += 1;
        all.extend(faults(&name, text));
        for (at, line) in text.lines().enumerate().filter(|(_, line)| iso.is_match(line)) {
            all.push(format!("{name}:{}: an ISO day: {line}", at + 1));
        }
    };
    for (folder, words) in [
        (&practice, "report --counties counties.csv"),
        (&practice, "sweep --period 2014"),
        (&practice, "explain --patient P303"),
        (&running, "report"),
        (&running, "progress"),
        (&running, "outreach"),
        (&running, "what-if"),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        for format in ["table", "md", "html", "handouts"] {
            let has_format = match format {
                "md" => words[0] != "explain",
                "handouts" => words[0] == "report",
                _ => true,
            };
            if !has_format {
                continue;
            }
            let output = crate::support::program::run(folder, &[&words[..], &["--format", format]].concat());
            assert_eq!(output.status.code(), Some(0), "{words:?} {format}");
            let text = String::from_utf8(output.stdout).unwrap();
            let text = if ["html", "handouts"].contains(&format) { visible(&text) } else { prose(&text) };
            look(format!("{} {format}", words.join(" ")), &values.replace_all(&text, ""));
        }
    }
    for (folder, command) in [(&practice, "report"), (&running, "progress"), (&running, "outreach")] {
        let files = Folder::new();
        let file = files.path().join("book.xlsx");
        let words = [command, "--format", "xlsx", "-o", file.to_str().unwrap()];
        assert_eq!(crate::support::program::run(folder, &words).status.code(), Some(0));
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(&file).unwrap();
        for (sheet, range) in calamine::Reader::worksheets(&mut book) {
            let texts = range.cells().filter_map(|(_, _, value)| match value {
                calamine::Data::String(text) => Some(text.clone()),
                _ => None,
            });
            look(format!("{command} xlsx {sheet}"), &texts.collect::<Vec<_>>().join("\n"));
        }
    }
    assert!(count > 30, "{count}");
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// The test itself finds what it is meant to.
#[test]
fn what_a_text_should_not_say_is_found() {
    for text in [
        "The result hangs on it.",
        "Nobody wrote.",
        "more than 5 % is needed",
        "in favour",
        "what is no pack",
    ] {
        assert_eq!(faults("text", text).len(), 1, "{text}");
    }
    assert!(faults("text", "patients or their authorized representatives").is_empty());
    assert_eq!(faults("text", "a message from a representative").len(), 1);
    assert!(!prose("a `of ours` b\n```toml\nof ours\n```\n[x](somebody.md)").contains("ours"));
    assert!(prose("```console\nof ours\n```").contains("of ours"));
}
