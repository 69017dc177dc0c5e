//! Tests of rule-set files: the built-in ones are correct, and the errors of a wrong one are reported all at once, with their locations.

use mucalc_core::edition;

const EDITION: &str = include_str!("../../crates/core/editions/stage2-core17.toml");

/// Returns the errors of a rule set as `line:column: message`.
fn problems(text: &str) -> Vec<String> {
    match edition::parse(text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// Returns the line number of a text.
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
        EDITION.replacen("why = \"The encounter did not take place, so the patient was not seen.\"\n", "", 1);
    assert!(problems(&without_why)[0].contains("`why` is missing"));

    let without_cite = EDITION.replacen("cite = \"CMS FAQ 10665\"\n", "", 1);
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

/// The rules of one list can refer to the reporting period and one other window, any number of times, but not to two others.
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

/// Returns the rule set with these numerator rules in place of its own.
fn with_rules(rules: &str) -> String {
    let mut tables = EDITION.split("[[numerator.rule]]");
    format!("{}{rules}", tables.next().unwrap_or_default())
}

/// Returns a numerator rule; `when` may be empty.
fn rule(id: &str, when: &str, verdict: &str) -> String {
    let when = if when.is_empty() { String::new() } else { format!("when = {when}\n") };
    format!(
        "[[numerator.rule]]\nid = \"{id}\"\n{when}verdict = \"{verdict}\"\nwhy = \"w\"\ncite = \"c\"\nrules = [\"B1\"]\nconfidence = \"ours\"\n"
    )
}

/// Rule numbers are bytes, and one of them is reserved for review decisions. A list can therefore have at most 255 rules.
#[test]
fn a_section_has_at_most_255_rules() {
    let words = |column: &str| -> Vec<&str> {
        let list = mucalc_core::domain::words::MESSAGE_COLUMNS.iter().find(|list| list.name == column);
        list.expect("messages have such a column").words.to_vec()
    };
    let mut asks = Vec::new();
    for sender in words("sender") {
        for recipient in words("recipient") {
            for topic in words("topic") {
                let is = |column: &str, word: &str| format!("{{ column = \"{column}\", is = \"{word}\" }}");
                let all = [is("sender", sender), is("recipient", recipient), is("topic", topic)].join(", ");
                asks.push(format!("{{ all = [{all}] }}"));
            }
        }
    }
    let edition = |rules: usize| {
        let rules =
            asks.iter().take(rules - 1).enumerate().map(|(at, when)| rule(&format!("r{at}"), when, "out"));
        with_rules(&(rules.collect::<String>() + &rule("last", "", "counts")))
    };
    // Ignore the errors about policies that no rule refers to.
    let of_rules = |rules| -> Vec<String> {
        problems(&edition(rules)).into_iter().filter(|told| !told.contains("asks the policy")).collect()
    };
    assert_eq!(of_rules(254), Vec::<String>::new());
    assert_eq!(of_rules(255), Vec::<String>::new());
    for many in [256, 257] {
        let told = of_rules(many);
        assert!(
            told.len() == 1 && told[0].contains("`numerator` has more than 255 rules"),
            "{many}: {told:?}"
        );
    }
}

/// The error for an unreachable rule gives the reason: an earlier rule matches every row, or the earlier rules together leave no row.
#[test]
fn a_last_rule_that_is_left_nothing_is_told_as_such() {
    let inside = "{ column = \"day\", within = \"reporting-period\" }";
    let rules = rule("inside", inside, "counts") + &rule("outside", &format!("{{ not = {inside} }}"), "out");
    let told = problems(&with_rules(&(rules + &rule("last", "", "out"))));
    let expected = "no row reaches the rule `last`: the rules before it decide all that it asks for";
    assert!(told.iter().any(|told| told.contains(expected)), "{told:?}");
}

/// The error for a value of the wrong type, or an empty value, states what is expected.
#[test]
fn values_are_of_the_kind_that_is_expected() {
    let title = EDITION.lines().find(|line| line.starts_with("title = ")).expect("it has a title");
    for (wrong, expected) in [
        ("title = 17", "a text is expected here, not an integer"),
        ("title = [\"a\"]", "a text is expected here, not an array"),
        ("title = true", "a text is expected here, not a boolean"),
        ("title = \"  \"", "the text is empty"),
        ("title = \"\"", "the text is empty"),
    ] {
        let told = problems(&EDITION.replacen(title, wrong, 1));
        assert!(told.len() == 1 && told[0].contains(expected), "{wrong}: {told:?}");
    }
    let told = problems(&EDITION.replacen("[policy.hospital]", "[policy]\nhospital = 5\n[policy.other]", 1));
    assert!(told.iter().any(|told| told.contains("a table is expected here, not an integer")), "{told:?}");
}

/// Each year of a rule set has exactly one threshold.
#[test]
fn every_year_has_one_threshold() {
    let begin = EDITION.find("[threshold]").expect("it has a threshold");
    let end = begin + EDITION[begin..].find("\n\n").expect("it ends");
    let with = |years: &str, thresholds: &[&str]| {
        let one = |of: &&str| {
            EDITION[begin..end].replacen("[threshold]", &format!("[[threshold]]\nyears = \"{of}\""), 1)
        };
        let goals = thresholds.iter().map(one).collect::<Vec<_>>().join("\n\n");
        let edition = EDITION.replacen("years = \"2014\"", &format!("years = \"{years}\""), 1);
        problems(&edition.replacen(&EDITION[begin..end], &goals, 1))
    };
    assert_eq!(with("2014-2015", &["2014", "2015"]), Vec::<String>::new());
    for (thresholds, expected) in [
        (&["2014"][..], "the year 2015 has 0 thresholds, and needs one"),
        (&["2014-2015", "2015"], "the year 2015 has 2 thresholds, and needs one"),
    ] {
        let told = with("2014-2015", thresholds);
        assert!(told.len() == 1 && told[0].contains(expected), "{thresholds:?}: {told:?}");
    }
}

/// A rule set can state the default numerator settings explicitly.
#[test]
fn the_usual_numerator_can_be_said() {
    let read = |text: &str| edition::parse(text).unwrap_or_else(|told| panic!("{told:?}"));
    let said = EDITION.replacen(
        "[[numerator.rule]]",
        "[numerator]\nof = \"messages\"\naddressee = \"named\"\n\n[[numerator.rule]]",
        1,
    );
    let (usual, said) = (read(EDITION), read(&said));
    assert_eq!((said.counts, said.counts_for), (usual.counts, usual.counts_for));
    for (of, word) in [("of", "letters"), ("addressee", "nobody")] {
        let wrong = EDITION.replacen(
            "[[numerator.rule]]",
            &format!("[numerator]\n{of} = \"{word}\"\n\n[[numerator.rule]]"),
            1,
        );
        let told = problems(&wrong);
        assert!(
            told.len() == 1 && told[0].contains(&format!("`{word}` is not a word of `{of}`")),
            "{told:?}"
        );
    }
}
