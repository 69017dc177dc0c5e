//! Edition files: the built-in ones are sound, and a wrong one is told everything at once, with its places.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that panics has failed"
)]

use mucalc::edition;

const EDITION: &str = include_str!("../src/editions/stage2-core17.toml");

/// The problems of an edition, as `line:column: message`.
fn problems(text: &str) -> Vec<String> {
    match edition::parse(text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// The line on which a text stands.
fn line(text: &str, part: &str) -> usize {
    text[..text.find(part).expect("the part is in the text")].matches('\n').count() + 1
}

#[test]
fn every_built_in_edition_is_sound() {
    for text in edition::texts() {
        assert_eq!(problems(text), Vec::<String>::new());
        let read = edition::parse(text).expect("an edition that nothing is wrong with is read");
        assert_eq!(Some(read.sha256), edition::find(&read.id).map(|known| known.sha256));
    }
    assert!(edition::find(edition::DEFAULT).is_some());
}

#[test]
fn everything_wrong_is_told_at_once_and_in_order() {
    let text = EDITION
        .replacen("title = ", "titel = ", 1)
        .replacen("more_than_percent = 5", "more_than_percent = \"five\"", 1)
        .replacen("\"no-show\", ", "\"noshow\", ", 1)
        .replacen("policy = \"minimal-service\"", "policy = \"minimal\"", 1)
        .replacen("verdict = \"counts\"", "verdict = \"in\"", 1);
    let found = problems(&text);
    let expected = [
        ("1:1", "`title` is missing".to_owned()),
        ("", "unknown key `titel`; did you mean `title`?".to_owned()),
        ("", "a whole percentage from 1 to 99 is expected here".to_owned()),
        ("", "`noshow` is not a word of `status`".to_owned()),
        ("", "`minimal` is not a word of `policy`".to_owned()),
        ("", "`in` is not a word of `verdict`; it has out, uncertain, counts".to_owned()),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (problem, (place, message)) in found.iter().zip(expected) {
        assert!(problem.starts_with(place) && problem.contains(&message), "{problem} is not {message}");
    }
    let place = format!("{}:", line(&text, "\"noshow\""));
    assert!(found[3].starts_with(&place), "{} should be on line {place}", found[3]);
}

#[test]
fn the_lint_finds_rules_without_source_doubled_and_unreachable_ones() {
    let without_why =
        EDITION.replacen("why = \"The encounter did not take place, so nobody was seen.\"\n", "", 1);
    assert!(problems(&without_why)[0].contains("`why` is missing"));

    let without_cite = EDITION.replacen("cite = \"CMS FAQ 8231\"\n", "", 1);
    assert!(problems(&without_cite)[0].contains("`cite` is missing"));

    let doubled = EDITION.replacen("id = \"topic-other\"", "id = \"pool\"", 1);
    assert!(problems(&doubled)[0].contains("a second rule has the id `pool`"));

    let shadowed = EDITION.replacen(
        "column = \"topic\", is = \"other\"",
        "column = \"topic\", is = \"record-request\"",
        1,
    );
    assert!(
        problems(&shadowed)[0].contains("no row reaches the rule `topic-other`"),
        "{:?}",
        problems(&shadowed)
    );

    let rule = "[[numerator.rule]]\nid = \"late\"\nverdict = \"out\"\nwhy = \"w\"\ncite = \"c\"\nrules = [\"B1\"]\nconfidence = \"ours\"\n";
    let behind = format!("{EDITION}\n{rule}");
    let expected = "the rule `counts` before it fits every row";
    assert!(problems(&behind)[0].contains(expected), "{:?}", problems(&behind));
    assert!(problems(&behind)[0].starts_with(&format!("{}:", line(&behind, rule))));

    let open = EDITION.replacen(
        "id = \"counts\"\n",
        "id = \"counts\"\nwhen = { column = \"sender\", is = \"patient\" }\n",
        1,
    );
    assert!(problems(&open)[0].contains("the last rule of `numerator` must have no `when`"));

    let unused = EDITION.replacen("policy = \"staff-only\"", "verdict = \"out\"", 1);
    assert!(problems(&unused)[0].contains("no rule asks the policy `staff-only`"));
}

/// Rules of a section may ask about the reporting period and one other window, as often as they like; not about two others.
#[test]
fn a_section_has_one_window_beside_the_reporting_period() {
    let edition =
        edition::texts().find(|text| text.contains("id = \"modstage2-2017\"")).expect("it is built in");
    let with = |window: &str| {
        let rule = format!(
            "[[numerator.rule]]\nid = \"early\"\nverdict = \"out\"\nwhy = \"w\"\ncite = \"c\"\nrules = [\"B1\"]\nconfidence = \"ours\"\n\
             when = {{ all = [{{ column = \"recipient\", is = \"staff\" }}, {{ column = \"day\", within = \"{window}\" }}] }}\n\n"
        );
        problems(&edition.replacen("[[numerator.rule]]\n", &format!("{rule}[[numerator.rule]]\n"), 1))
    };
    assert_eq!(with("calendar-year"), Vec::<String>::new());
    assert_eq!(with("reporting-period"), Vec::<String>::new());
    let two = with("year-to-attestation");
    assert_eq!(two.len(), 1, "{two:?}");
    assert!(two[0].contains("one window beside the reporting period, not two"), "{two:?}");
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    let found = problems("id = \"x\ntitle = ");
    assert!(found[0].starts_with("1:"), "{found:?}");
}
