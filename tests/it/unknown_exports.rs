//! What is shown of exports that no layout knows: their columns without what may be about a patient, and no cell in place of a name.

use serde_json::{Value, json};

use crate::support::drafts::all_said;
use crate::support::program::Folder;

/// `inspect` describes columns that it does not know without showing what may be about a patient, and compares the ids of the exports.
#[test]
fn inspect_describes_unknown_columns() {
    let folder = Folder::new();
    let visits: String = (1..=20)
        .map(|at| {
            format!("{:06},\"Roe, R{at}\",7/{at}/2014,{}\n", at, if at % 2 == 0 { "OV" } else { "Lab" })
        })
        .collect();
    folder.write("visits.csv", format!("Chart,Patient,Day,What\n{visits}"));
    folder.write("mail.csv", "Chart No,Text\n3,hello\n4,hello\n99,hello\n");
    folder.write("broken.xlsx", b"PK\x03\x04 is the beginning of a workbook");
    let output = folder.run(&["inspect", "--format", "json", "visits.csv", "broken.xlsx", "mail.csv"]);
    // A file that cannot be read does not hide the others, and is not forgotten.
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("broken.xlsx"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("Roe") && !text.contains("000001"), "{text}");
    let seen: Value = serde_json::from_str(&text).unwrap();
    let columns = |at: usize, names: &[&str]| -> Value {
        let profiles = seen[at]["profiles"].as_array().unwrap().iter();
        profiles.map(|column| names.iter().map(|name| column[*name].clone()).collect::<Value>()).collect()
    };
    assert_eq!(
        columns(0, &["column", "kind", "distinct"]),
        json!([
            ["Chart", "numbers", 20],
            ["Patient", "texts", 20],
            ["Day", "days", 20],
            ["What", "words", 2]
        ])
    );
    assert_eq!(
        seen[0]["profiles"][2]["dates"],
        json!({"forms": ["M/D/YYYY"], "rows": 20, "first": "2014-07-01", "last": "2014-07-20", "settled": true})
    );
    assert_eq!(
        seen[0]["profiles"][3]["words"],
        json!([{"word": "Lab", "rows": 10}, {"word": "OV", "rows": 10}])
    );
    assert_eq!(
        seen[1]["overlaps"],
        json!([{"column": "Chart No", "other": "visits.csv", "other_column": "Chart", "percent": 0.0, "percent_folded": 66.7}])
    );
}

/// An export without the names of its columns is named, with what to do.
#[test]
fn an_export_without_a_header_says_so() {
    let folder = Folder::new();
    folder.write("visits.csv", "10,7/14/2014,Lee,Office\n11,7/15/2014,Lee,Lab\n12,7/15/2014,Lee,Office\n");
    let (_, said) = all_said(&folder, &["init", "--yes", "--period", "2014Q3", "visits.csv"]);
    let why = "no line with the names of its columns; add one as the first line, or name the columns in a layout with `header = 0`";
    assert!(said.contains(&format!("not read: visits.csv has {why}")), "{said}");
    assert!(folder.read("mucalc.toml").contains(&format!("# Not read: \"visits.csv\" has {why}.")));
}

/// The first line is a row: it has a day, or texts that stand in its columns again. Such a cell may be about a patient, so it is not shown as
/// the name of a column.
#[test]
fn a_row_in_place_of_a_header_is_not_shown() {
    for rows in [
        "Roe,07/14/2014,Lee,Office\nDoe,07/15/2014,Lee,Lab\n",
        "Roe,Lee,Portal,Office,Kept\nDoe,Lee,Portal,Office,Kept\nMoe,Lee,Portal,Office,No Show\n",
        "Roe,Lee,Patient,Provider,2014-07-14,Refill\nDoe,Kim,Patient,Provider,2014-07-15,Refill\n",
    ] {
        let folder = Folder::new();
        folder.write("export.csv", rows);
        for words in [&["inspect", "export.csv"][..], &["init", "--yes", "export.csv"]] {
            let (_, said) = all_said(&folder, words);
            assert!(!said.contains("Roe") && !said.contains("Lee"), "{words:?}: {said}");
        }
    }
    // The names of an ordinary header are shown, also if one of them is again a value of its column.
    let folder = Folder::new();
    folder.write(
        "export.csv",
        "MRN,Date Sent,Provider,Topic,Room\n101,2014-07-14,Provider,Refill,x\n102,2014-07-15,Staff,Refill,x\n",
    );
    assert!(all_said(&folder, &["inspect", "export.csv"]).1.contains("Date Sent"));
}

/// Lines that end with carriage returns alone are one line to most programs, with all patients in it.
#[test]
fn lines_that_end_with_carriage_returns_alone_are_refused() {
    for rows in ["MRN,DOS,Provider\rRoe,7/14/2014,Lee\r", "Roe,7/14/2014,Lee\rDoe,7/15/2014,Lee\r"] {
        let folder = Folder::new();
        folder.write("export.csv", rows);
        for words in [&["inspect", "export.csv"][..], &["init", "--yes", "export.csv"]] {
            let (code, said) = all_said(&folder, words);
            assert!(said.contains("carriage returns") && !said.contains("Roe"), "{words:?}: {said}");
            assert_eq!(code, Some(3), "{words:?}");
        }
    }
}
