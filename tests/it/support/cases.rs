//! Test cases in Markdown: a heading, a sentence with the reason, input tables, and a table of expected counts. See `docs/spec/README.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::oracle::{self, Encounter, Message, PortalAccess, World};
use super::program::report_words;

/// A row of a table, by column name.
pub type Row = BTreeMap<String, String>;

/// A test case.
#[derive(Debug, Default)]
pub struct Case {
    /// The file and the heading.
    pub name: String,
    /// The text between the heading and the tables.
    pub prose: String,
    has_blocks: bool,
    /// The body of a `mucalc.toml`.
    pub run: String,
    pub encounters: Vec<Row>,
    pub messages: Vec<Row>,
    pub accesses: Vec<Row>,
    pub roster: Option<Vec<Row>>,
    pub expect: Vec<Row>,
    pub ledger: Option<Vec<Row>>,
}

/// The rule sets whose default message is from the provider to the patient.
const PROVIDER_WRITES: [&str; 6] = [
    "modstage2-2016",
    "modstage2-2017",
    "stage3-o6m2",
    "mips-trans-sm1",
    "mips-cctpe2",
    "like-open-dental-2017",
];

/// Returns every case in a folder and its subfolders, in the order of the files.
pub fn all(folder: &str) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    files.iter().flat_map(|file| parse(file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            files.push(path);
        }
    }
}

fn parse(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).unwrap();
    // Include the folder, because most rule sets have pages with the same names.
    let folder = file.parent().and_then(Path::file_name).unwrap().to_string_lossy();
    let shown = format!("{folder}/{}", file.file_name().unwrap().to_string_lossy());
    let mut cases: Vec<Case> = Vec::new();
    let mut block: Option<(String, String)> = None;
    for line in text.lines() {
        if let Some((kind, body)) = &mut block {
            if line == "```" {
                let case = cases.last_mut().expect("a block stands below a heading");
                case.take(kind, body);
                block = None;
            } else {
                body.push_str(line);
                body.push('\n');
            }
        } else if let Some(title) = line.strip_prefix("## ") {
            cases.push(Case { name: format!("{shown}: {title}"), ..Case::default() });
        } else if let Some(kind) = line.strip_prefix("```") {
            block = Some((kind.to_owned(), String::new()));
        } else if let Some(case) = cases.last_mut() {
            case.prose.push_str(line);
        }
    }
    assert!(block.is_none(), "{shown}: a block is not closed");
    // Headings without a block are prose, as on the index page.
    cases.retain(|case| case.has_blocks);
    for case in &cases {
        assert!(!case.run.is_empty(), "{}: the case has no `run` block", case.name);
    }
    cases
}

impl Case {
    fn take(&mut self, kind: &str, body: &str) {
        self.has_blocks = true;
        // The default values depend on the rule set and the period.
        assert!(kind == "run" || !self.run.is_empty(), "{}: the `run` block comes first", self.name);
        match kind {
            "run" => self.run = body.to_owned(),
            "encounters" => self.encounters.extend(table(body, &self.plain_encounter())),
            "messages" => {
                assert!(!self.counts_accesses(), "{}: the edition counts accesses", self.name);
                self.messages.extend(table(body, &self.plain_message()));
            }
            "accesses" => {
                assert!(self.counts_accesses(), "{}: the edition counts messages", self.name);
                self.accesses.extend(table(body, &self.plain_access()));
            }
            "roster" => self.roster = Some(table(body, &Row::new())),
            "patients" => table(body, &Row::new()).iter().for_each(|row| self.many(row)),
            "expect" => self.expect = table(body, &Row::new()),
            "ledger" => self.ledger = Some(table(body, &Row::new())),
            other => panic!("{}: `{other}` is no kind of block", self.name),
        }
    }

    /// Adds patients by number: how many a provider saw, and how many of them wrote, received a message, or viewed their records.
    fn many(&mut self, row: &Row) {
        let number = |column: &str| row[column].parse::<u64>().unwrap();
        let fill = |plain: &Row, patient: u64| -> Row {
            let words = [("provider_id", row["provider"].clone()), ("patient_id", format!("p{patient}"))];
            plain.clone().into_iter().chain(words.map(|(column, word)| (column.to_owned(), word))).collect()
        };
        let encounter = self.plain_encounter();
        self.encounters.extend((0..number("seen")).map(|patient| fill(&encounter, patient)));
        if self.counts_accesses() {
            let access = self.plain_access();
            self.accesses.extend((0..number("wrote")).map(|patient| fill(&access, patient)));
        } else {
            let message = self.plain_message();
            self.messages.extend((0..number("wrote")).map(|patient| fill(&message, patient)));
        }
    }

    /// Returns the default values of columns that an encounters table omits.
    fn plain_encounter(&self) -> Row {
        plain(&[("kind", "office-visit"), ("started_at", &self.plain_day("2014-07-10"))])
    }

    /// Returns the default values of columns that a messages table omits.
    fn plain_message(&self) -> Row {
        let provider_writes = PROVIDER_WRITES.contains(&&*self.edition());
        let (sender, recipient) =
            if provider_writes { ("provider", "patient") } else { ("patient", "provider") };
        plain(&[
            ("sender", sender),
            ("recipient", recipient),
            ("channel", "ehr-portal"),
            ("topic", "clinical-question"),
            ("sent_at", &self.plain_day("2014-07-20")),
        ])
    }

    /// Returns the default values of columns that an accesses table omits.
    fn plain_access(&self) -> Row {
        let day = self.plain_day("2014-07-20");
        plain(&[("action", "view"), ("actor", "patient"), ("accessed_at", &day)])
    }

    /// Returns the default day in 2014 or, in another year, the first day of the period.
    fn plain_day(&self, of_2014: &str) -> String {
        let (first, _) = self.period();
        if first.starts_with("2014-") { of_2014.to_owned() } else { first }
    }

    /// Returns the first and last day of the period.
    fn period(&self) -> (String, String) {
        let config = self.config();
        let period = config["period"].as_str().unwrap();
        let (first, last) = period.split_once("..").expect("cases spell the period out");
        (first.to_owned(), last.to_owned())
    }

    /// Returns the id of the case's rule set.
    pub fn edition(&self) -> String {
        let config = self.config();
        config.get("edition").map_or(oracle::EDITIONS[0], |edition| edition.as_str().unwrap()).to_owned()
    }

    /// Returns whether that rule set counts portal accesses, not messages.
    pub fn counts_accesses(&self) -> bool {
        oracle::counts_accesses(&self.edition())
    }

    /// Parses the configuration.
    fn config(&self) -> toml::Table {
        self.run.parse().unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// Converts the case to the input of the oracle.
    pub fn world(&self) -> World {
        let config = self.config();
        let text = |key: &str| config.get(key).and_then(toml::Value::as_str);
        let (first, last) = self.period();
        let zone: Option<chrono_tz::Tz> = text("timezone").map(|zone| zone.parse().unwrap());
        let entries = |key: &str| -> Vec<(String, toml::Value)> {
            let table = config.get(key).and_then(toml::Value::as_table).cloned();
            table.unwrap_or_default().into_iter().collect()
        };
        let word = |row: &Row, column: &str, absent: &str| match row.get(column).map(|word| word.trim()) {
            None => absent.to_owned(),
            Some("") => "unknown".to_owned(),
            Some(word) => word.to_owned(),
        };
        let id = |row: &Row, column: &str| row.get(column).filter(|id| !id.is_empty()).cloned();
        World {
            edition: self.edition(),
            first,
            last,
            attested: text("attested").map(str::to_owned),
            group_credit: text("credit") == Some("group"),
            policies: entries("policy")
                .into_iter()
                .map(|(k, v)| (k, v.as_str().unwrap().to_owned()))
                .collect(),
            channels: entries("channels")
                .into_iter()
                .map(|(name, channel)| {
                    let day = |key: &str| channel.get(key).map(|day| day.as_str().unwrap().to_owned());
                    (name, channel["certified"].as_bool().unwrap(), day("from"), day("until"))
                })
                .collect(),
            locations: entries("locations")
                .into_iter()
                .map(|(name, location)| (name, location["certified"].as_bool().unwrap()))
                .collect(),
            encounters: self
                .encounters
                .iter()
                .map(|row| Encounter {
                    patient: id(row, "patient_id").unwrap(),
                    provider: id(row, "provider_id").unwrap(),
                    day: local_day(&row["started_at"], zone),
                    status: word(row, "status", "completed"),
                    kind: word(row, "kind", "unknown"),
                    seen_by: word(row, "seen_by", "eligible-professional"),
                    location: id(row, "location_id"),
                })
                .collect(),
            messages: self
                .messages
                .iter()
                .map(|row| Message {
                    patient: id(row, "patient_id").unwrap(),
                    provider: id(row, "provider_id"),
                    day: local_day(&row["sent_at"], zone),
                    status: word(row, "status", "sent"),
                    sender: word(row, "sender", "unknown"),
                    recipient: word(row, "recipient", "unknown"),
                    channel: word(row, "channel", "unknown"),
                    topic: word(row, "topic", "unknown"),
                    patient_included: word(row, "patient_included", "unknown"),
                })
                .collect(),
            accesses: self
                .accesses
                .iter()
                .map(|row| PortalAccess {
                    patient: id(row, "patient_id").unwrap(),
                    provider: id(row, "provider_id"),
                    day: local_day(&row["accessed_at"], zone),
                    action: word(row, "action", "unknown"),
                    actor: word(row, "actor", "unknown"),
                })
                .collect(),
            npis: self
                .roster
                .iter()
                .flatten()
                .filter_map(|row| Some((row["provider_id"].clone(), id(row, "npi")?)))
                .collect(),
            roster: self.roster.as_ref().map(|rows| {
                rows.iter().map(|row| (row["provider_id"].clone(), id(row, "group_id"))).collect()
            }),
            ..World::default()
        }
    }
}

/// Returns the local day of a text in a case: a day, a local time, or a time with a time zone.
fn local_day(text: &str, zone: Option<chrono_tz::Tz>) -> Option<String> {
    let text = text.trim();
    if let (Ok(time), Some(zone)) = (chrono::DateTime::parse_from_rfc3339(text), zone) {
        return Some(time.with_timezone(&zone).date_naive().to_string());
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let times = local.iter().find_map(|form| chrono::NaiveDateTime::parse_from_str(text, form).ok());
    let day =
        times.map(|time| time.date()).or_else(|| chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok());
    day.map(|day| day.to_string())
}

/// Creates a row from pairs of column and value.
fn plain(words: &[(&str, &str)]) -> Row {
    words.iter().map(|(column, word)| ((*column).to_owned(), (*word).to_owned())).collect()
}

/// Parses a table of `a | b` lines below a line of column names. Omitted columns have their default values.
fn table(body: &str, plain: &Row) -> Vec<Row> {
    let mut lines = body.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let header = lines.next().expect("a table has a line of column names");
    lines
        .map(|cells| {
            assert_eq!(
                cells.len(),
                header.len(),
                "a row has as many cells as the table has columns: {cells:?}"
            );
            let mut row = plain.clone();
            row.extend(header.iter().zip(cells).map(|(c, w)| ((*c).to_owned(), w.to_owned())));
            row
        })
        .collect()
}

/// Writes rows as a canonical CSV file, without the columns that no row has.
pub fn csv(rows: &[Row], needed: &[&str]) -> Vec<u8> {
    let mut columns: Vec<String> = needed.iter().map(|column| (*column).to_owned()).collect();
    for row in rows {
        for column in row.keys() {
            if !columns.contains(column) {
                columns.push(column.clone());
            }
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns).unwrap();
    for row in rows {
        writer.write_record(columns.iter().map(|column| row.get(column).map_or("", String::as_str))).unwrap();
    }
    writer.into_inner().unwrap()
}

/// Returns the arguments of `report --format json` for a rule set's usual files: an access log in place of the messages if the rule set
/// counts accesses.
pub fn words_of_report<'w>(edition: &str, words: &[&'w str]) -> Vec<&'w str> {
    let with_accesses = |word| match word {
        "--messages" => "--accesses",
        "messages.csv" => "accesses.csv",
        other => other,
    };
    let usual = report_words(&[]);
    let usual: Vec<&str> =
        if oracle::counts_accesses(edition) { usual.into_iter().map(with_accesses).collect() } else { usual };
    usual.into_iter().chain(words.iter().copied()).collect()
}
