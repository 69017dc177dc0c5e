//! Tests of wrong values in `mucalc.toml`: the error names the file, line, and column of the value, as it does for a wrong key.

use crate::support::program::Folder;

/// Runs the program with a configuration that is a usage error. Returns standard error.
fn message(folder: &Folder, text: &str, words: &[&str]) -> String {
    folder.write("mucalc.toml", text);
    let output = folder.run(&[&["report"], words].concat());
    assert_eq!(output.status.code(), Some(2), "{text}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_wrong_value_is_told_with_its_line_and_column() {
    let folder = Folder::new();
    folder.write("e.csv", "encounter_id,patient_id,provider_id,started_at,kind\n");
    folder.write("m.csv", "message_id,sent_at,patient_id,provider_id,sender,recipient,channel,topic\n");
    for (wrong, column, key_words) in [
        ("credit = \"strct\"", 10, "`strct`"),
        ("period = \"2014Q9\"", 10, "`2014Q9`"),
        ("edition = \"stage2-core71\"", 11, "`stage2-core71`"),
        ("edition = [\"stage2-core17\", \"stage2-core71\"]", 11, "`stage2-core71`"),
        ("timezone = \"Amerika/New_York\"", 12, "`Amerika/New_York`"),
        ("unusable = \"ignor\"", 12, "`ignor`"),
        ("versions = \"lst\"", 12, "`lst`"),
        ("fail-on = [\"not-met\", \"not-mett\"]", 11, "`not-mett`"),
        ("threads = 0", 11, "a whole number from 1"),
        ("participant = \"x\"", 15, "`x`"),
        ("layout = \"nix\"", 10, "`nix`"),
        ("encoding = \"utf-99\"", 12, "`utf-99`"),
        ("attested = \"soon\"", 12, "`soon`"),
        ("exported = \"2014-13\"", 12, "`2014-13`"),
        ("policy.pool = \"contt\"", 15, "`contt`"),
        ("severity.furniture = \"nott\"", 22, "`nott`"),
        ("ids.fold = [\"zeroes\"]", 12, "`zeroes`"),
        ("assume.encounter-status = \"maybe\"", 27, "encounter-status"),
    ] {
        let period = if wrong.starts_with("period") { "" } else { "period = \"2014Q3\"\n" };
        let text = format!("encounters = \"e.csv\"\nmessages = \"m.csv\"\n{wrong}\n{period}");
        let said = message(&folder, &text, &[]);
        assert!(said.contains(&format!("mucalc.toml:3:{column}: ")), "{wrong}: {said}");
        assert!(said.contains(key_words), "{wrong}: {said}");
    }
}

/// The error for a wrong flag has no location in the configuration, even if the configuration has the same key.
#[test]
fn a_wrong_flag_is_told_without_a_place() {
    let folder = Folder::new();
    let text = "encounters = \"e.csv\"\nmessages = \"m.csv\"\nperiod = \"2014Q3\"\ncredit = \"strict\"\n";
    let said = message(&folder, text, &["--credit", "strct"]);
    assert!(said.contains("'strct'") && !said.contains("mucalc.toml:"), "{said}");
}

/// The location of a wrong value in a table is that of the value, not of the table.
#[test]
fn a_wrong_value_in_a_table_is_told_by_its_own_place() {
    let folder = Folder::new();
    let text = "period = \"2014Q3\"\n[severity]\nunlisted-location = \"note\"\nfurniture = \"nott\"\n";
    let said = message(&folder, text, &[]);
    assert!(said.contains("mucalc.toml:4:13: invalid value `nott`"), "{said}");
    let text = "period = \"2014Q3\"\n[channels.X]\ncertified = true\nfrom = \"2014-99-01\"\n";
    let said = message(&folder, text, &[]);
    assert!(said.contains("mucalc.toml:4:8: "), "{said}");
}

/// A correct configured value is not blamed for a flag that contradicts it. If two configured values contradict each other, the error has
/// the location of the value that it names.
#[test]
fn of_two_values_that_contradict_one_another_the_named_one_is_told() {
    let folder = Folder::new();
    let said = message(&folder, "period = \"2014Q3\"\n", &["--attested", "2014-09-29"]);
    assert!(said.contains("2014-09-29") && !said.contains("mucalc.toml:"), "{said}");
    let said = message(&folder, "period = \"2014Q3\"\nattested = \"2014-09-29\"\n", &[]);
    assert!(said.contains("mucalc.toml:2:12: "), "{said}");
}
