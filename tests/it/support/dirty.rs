//! Random exports with the defects of real ones: cut or split rows; totals, separator lines, and headers between the rows; values without a
//! meaning; and ids that a spreadsheet has changed.

use serde_json::Value;

use super::oracle::{self, Export, FOLDINGS, InputLog, MARKERS, World, counts_accesses, folded};
use super::program::Folder;
use super::worlds;

/// A random number generator with a seed. Its first numbers can be those of some bytes, which a fuzzer chooses.
pub struct Dice {
    state: u64,
    chosen: std::vec::IntoIter<u8>,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
        Self { state, chosen: Vec::new().into_iter() }
    }

    /// Returns a generator whose first numbers are these bytes, one each.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self { chosen: Vec::from(bytes).into_iter(), ..Self::new(0) }
    }

    fn next(&mut self) -> u64 {
        if let Some(byte) = self.chosen.next() {
            return u64::from(byte);
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Returns true with a probability of `percent` percent.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn of<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    fn shuffle<T>(&mut self, of: &mut [T]) {
        for at in (1..of.len()).rev() {
            of.swap(at, self.below(at + 1));
        }
    }
}

/// An export with its settings, and how the oracle reads it.
pub struct Dirty {
    /// The settings, and the rows as the oracle reads them.
    pub world: World,
    pub encounters: Export,
    /// Messages or portal accesses.
    pub rows: Export,
    pub accounts: [InputLog; 2],
}

const PATIENTS: [&str; 6] = ["P1", "P2", "P3", "007", "0042", "x-9"];
const PROVIDERS: [&str; 3] = ["DR-1", "DR-2", "09"];
const DAMAGED: [&str; 7] = ["1.23E+11", "4E+07", "1,5E+10", "9.9e5", "inf", "-Infinity", "5E-3"];

/// Rule sets, each with a program year. A repeated entry is tested more often.
const EDITIONS: [(&str, i32); 10] = [
    ("stage2-core17", 2014),
    ("stage2-core17", 2014),
    ("stage2-core17", 2014),
    ("stage2-core17", 2014),
    ("modstage2-2016", 2016),
    ("modstage2-2017", 2017),
    ("stage3-o6m2", 2017),
    ("stage2-core7m2", 2014),
    ("like-openemr", 2014),
    ("like-rpms", 2014),
];

/// Generates the export of a seed. If `square`, every row has as many cells as the header row, as in formats that are not text.
pub fn dirty(seed: u64, square: bool) -> Dirty {
    dirty_by(&mut Dice::new(seed), square)
}

/// Generates the export that a generator's numbers choose.
pub fn dirty_by(dice: &mut Dice, square: bool) -> Dirty {
    let (edition, year) = EDITIONS[dice.below(EDITIONS.len())];
    let mut group = || Some(["north", "south"][dice.below(2)].to_owned()).filter(|_| dice.percent(80));
    let groups = [group(), group(), group()];
    let mut world = World {
        edition: edition.to_owned(),
        first: "2014-07-01".to_owned(),
        last: "2014-09-30".to_owned(),
        attested: Some("2014-12-31".to_owned()),
        group_credit: dice.percent(40),
        locations: if dice.percent(15) { vec![("off".to_owned(), false)] } else { Vec::new() },
        ..World::default()
    };
    if dice.percent(40) {
        let some = 1 + dice.below(PROVIDERS.len());
        let lines = PROVIDERS.iter().zip(groups).take(some);
        world.roster = Some(lines.map(|(id, group)| ((*id).to_owned(), group)).collect());
    }
    if dice.percent(20) {
        world.fold =
            FOLDINGS.iter().filter(|_| dice.percent(50)).map(|folding| (*folding).to_owned()).collect();
    }
    world.last_version = dice.percent(15);
    let mut world = worlds::moved(world, year);
    let encounters = encounters(dice, &world, square);
    let rows = numerator(dice, &world, square);
    let input = if counts_accesses(edition) { "accesses" } else { "messages" };
    let accounts =
        [oracle::read(&mut world, "encounters", &encounters), oracle::read(&mut world, input, &rows)];
    Dirty { world, encounters, rows, accounts }
}

/// Returns the columns in random order, without some optional ones and with some that the tool does not read, often at the end.
fn header(dice: &mut Dice, needed: &[&str], optional: &[(&str, usize)], unread: &[&str]) -> Vec<String> {
    let mut header: Vec<String> = needed.iter().map(|name| (*name).to_owned()).collect();
    header.extend(
        optional.iter().filter(|(_, often)| dice.percent(*often)).map(|(name, _)| (*name).to_owned()),
    );
    if dice.percent(30) {
        header.push("remarks".to_owned());
    }
    dice.shuffle(&mut header);
    header.extend(unread.iter().filter(|_| dice.percent(40)).map(|name| (*name).to_owned()));
    header
}

fn encounters(dice: &mut Dice, world: &World, square: bool) -> Export {
    let optional = [
        ("encounter_id", 70),
        ("kind", 90),
        ("status", 70),
        ("seen_by", 30),
        ("location_id", 40),
        ("updated_at", 30),
    ];
    let header = header(dice, &["patient_id", "provider_id", "started_at"], &optional, &["note", "fee"]);
    let count = dice.below(14);
    let mut records = Vec::new();
    for row in 0..count {
        let cell = |dice: &mut Dice, name: &str| match name {
            "patient_id" => id(dice, &PATIENTS, 0, 8),
            "provider_id" => id(dice, &PROVIDERS, 0, 8),
            "started_at" => day(dice, world.year()),
            "kind" => word(dice, "office-visit", &oracle::KINDS),
            "status" => word(dice, "completed", &oracle::ENCOUNTER_STATUSES),
            "seen_by" => word(dice, "eligible-professional", &oracle::SEEN_BY),
            "location_id" => dice.of(&["off", "on", ""]).to_owned(),
            "encounter_id" => record_id(dice, 'E', row),
            "updated_at" => updated_at(dice),
            _ => remark(dice),
        };
        records.push(header.iter().map(|name| cell(dice, name)).collect());
    }
    spoil(dice, Export { header, records }, square)
}

fn numerator(dice: &mut Dice, world: &World, square: bool) -> Export {
    let accesses = counts_accesses(world.edition());
    let (sender, recipient) = worlds::writer(world.edition());
    let (needed, optional): (&[&str], &[(&str, usize)]) = if accesses {
        (
            &["patient_id", "accessed_at"],
            &[("access_id", 70), ("provider_id", 90), ("action", 95), ("actor", 95), ("updated_at", 30)],
        )
    } else {
        (
            &["patient_id", "sent_at", "sender", "recipient"],
            &[
                ("message_id", 70),
                ("provider_id", 90),
                ("channel", 95),
                ("topic", 90),
                ("status", 50),
                ("patient_included", 30),
                ("updated_at", 30),
            ],
        )
    };
    let header = header(dice, needed, optional, if accesses { &["note"] } else { &["thread_id", "subject"] });
    let count = dice.below(12);
    let mut records = Vec::new();
    for row in 0..count {
        let cell = |dice: &mut Dice, name: &str| match name {
            "patient_id" => id(dice, &PATIENTS, 25, 10),
            "provider_id" => id(dice, &["DR-1", "DR-1", "DR-2", "09", "Z"], 15, 15),
            "sent_at" | "accessed_at" => day(dice, world.year()),
            "sender" => word(dice, sender, &oracle::PARTIES),
            "recipient" => word(dice, recipient, &oracle::PARTIES),
            "channel" => word(dice, "ehr-portal", &oracle::CHANNELS),
            "topic" => word(dice, "clinical-question", &oracle::TOPICS),
            "status" => word(dice, "sent", &oracle::MESSAGE_STATUSES),
            "patient_included" => word(dice, "yes", &oracle::YES_NO),
            "action" => word(dice, "view", &oracle::ACTIONS),
            "actor" => word(dice, "patient", &oracle::PARTIES),
            "message_id" | "access_id" => record_id(dice, 'M', row),
            "updated_at" => updated_at(dice),
            _ => remark(dice),
        };
        records.push(header.iter().map(|name| cell(dice, name)).collect());
    }
    spoil(dice, Export { header, records }, square)
}

/// Returns an id: usually unchanged, sometimes a near match, absent, or damaged by a spreadsheet.
fn id(dice: &mut Dice, ids: &[&str], near: usize, lost: usize) -> String {
    if dice.percent(lost) {
        return match dice.below(4) {
            0 => String::new(),
            1 => dice.of(&DAMAGED).to_owned(),
            _ => dice.of(&MARKERS).to_owned(),
        };
    }
    let mut id = dice.of(ids).to_owned();
    while dice.percent(near) {
        id = match dice.below(5) {
            0 => id.to_lowercase(),
            1 => id.trim_start_matches('0').to_owned(),
            2 if !id.ends_with(".0") => format!("{id}.0"),
            3 if !id.contains('/') => format!("Patient/{id}"),
            4 if !id.contains('/') => format!("0{id}"),
            _ => id,
        };
    }
    match dice.below(40) {
        0 => format!("\u{a0}{id}\u{a0}"),
        1 => format!("{id}\u{200b}"),
        2 => format!(" {id}  "),
        3 => format!("=\"{id}\""),
        4 => format!("'{id}"),
        5 => format!("\u{feff}{id}"),
        _ => id,
    }
}

/// Returns the id of a record: sometimes that of an earlier row, which makes this row another version of that record.
fn record_id(dice: &mut Dice, letter: char, row: usize) -> String {
    match dice.below(20) {
        0..3 => dice.of(&["", "NULL"]).to_owned(),
        3..7 => format!("{letter}{}", dice.below(row + 1)),
        _ => format!("{letter}{row}"),
    }
}

fn updated_at(dice: &mut Dice) -> String {
    if dice.percent(5) {
        String::new()
    } else {
        format!("2019-05-0{}T08:00:0{}", 1 + dice.below(2), dice.below(3))
    }
}

fn day(dice: &mut Dice, year: i32) -> String {
    match dice.below(14) {
        0 => dice.of(&["", "NULL", "N/A", "soon"]).to_owned(),
        1 => format!("{year}-06-30"),
        2 => format!("{year}-12-24T10:00:00"),
        3 => format!("{}-11-11", year - 1),
        4 => format!("{year}-08-15 09:30:00"),
        _ => format!("{year}-0{}-1{}", 7 + dice.below(3), dice.below(10)),
    }
}

fn word(dice: &mut Dice, plain: &str, list: &[&str]) -> String {
    match dice.below(20) {
        0..=2 => dice.of(list).to_owned(),
        3 => String::new(),
        4 => dice.of(&MARKERS).to_owned(),
        5 => format!(" {} ", plain.to_uppercase()),
        _ => plain.to_owned(),
    }
}

fn remark(dice: &mut Dice) -> String {
    dice.of(&["", "", "ok", "left, right", "NULL", "7", "2014-01-01"]).to_owned()
}

/// Splits and cuts rows, and inserts non-data rows between them.
fn spoil(dice: &mut Dice, export: Export, square: bool) -> Export {
    let Export { header, mut records } = export;
    let width = header.len();
    if !square {
        for record in &mut records {
            match dice.below(24) {
                // A comma in a text that is not quoted.
                0 => record.insert(dice.below(width + 1), dice.of(&["right", " and", "x"]).to_owned()),
                // One or more additional commas at the end.
                1 => record.extend((0..=dice.below(3)).map(|_| String::new())),
                // Cells omitted at the end.
                2 | 3 => record.truncate(width - 1 - dice.below(2)),
                4 => record.truncate(1 + dice.below(width)),
                _ => {}
            }
        }
    }
    let mut furniture: Vec<Vec<String>> = Vec::new();
    let filled = |cell: &str| vec![cell.to_owned(); width];
    let first = |cells: &[&str]| {
        let mut row = filled("");
        row.iter_mut().zip(cells).for_each(|(cell, text)| *cell = (*text).to_owned());
        row
    };
    for _ in 0..2 {
        match dice.below(if square { 12 } else { 18 }) {
            0 => furniture.push(filled("")),
            1 => furniture.push(header.clone()),
            2 => furniture.push(filled("-----")),
            3 => furniture.push(filled("NULL")),
            4 => furniture.push(first(&["=====", "", "-+-"])),
            // Where it is read in every format.
            5 if square => {
                let named = |(name, text): (&str, &str)| {
                    (header.iter().position(|known| known == name), text.to_owned())
                };
                let mut row = filled("");
                for (column, text) in [("provider_id", "Total:"), ("patient_id", "20")].map(named) {
                    column.into_iter().for_each(|column| row[column].clone_from(&text));
                }
                furniture.push(row);
            }
            5 => furniture.push(first(dice.of(&[
                &["Total", "20"][..],
                &["", "Total:", "20"],
                &["Total visits: 20"],
                &["", "Page 2 of 3"],
            ]))),
            12 => furniture.push(vec![format!("({} rows affected)", records.len())]),
            13 => furniture.push(vec!["Total".to_owned(), records.len().to_string()]),
            14 => furniture.push(vec![String::new(); 1 + dice.below(width + 2)]),
            15 => furniture.push(vec!["----------+------".to_owned()]),
            16 => furniture.push(header[..1 + dice.below(width)].to_vec()),
            17 => furniture.push([header.clone(), vec![String::new(), String::new()]].concat()),
            _ => {}
        }
    }
    for row in furniture {
        let at = dice.below(records.len() + 1);
        records.insert(at, row);
    }
    Export { header, records }
}

/// Writes the export as text. If `bare`, quotation marks are not escaped in a cell that does not start with one.
pub fn text(export: &Export, separator: char, bare: bool) -> String {
    let cell = |cell: &String| {
        let has_mark = cell.contains('"') && (!bare || cell.starts_with('"'));
        if has_mark || cell.contains([separator, '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    let line = |cells: &Vec<String>| {
        let cells: Vec<String> = cells.iter().map(cell).collect();
        cells.join(&separator.to_string()) + "\n"
    };
    std::iter::once(&export.header).chain(&export.records).map(line).collect()
}

/// Returns the export as a table, header row first. Its records must be as long as the header row.
pub fn table(export: &Export) -> Vec<Vec<String>> {
    std::iter::once(&export.header).chain(&export.records).cloned().collect()
}

/// Writes the export with one JSON object on each line. Empty cells are empty strings, nulls, or omitted.
pub fn ndjson(export: &Export) -> String {
    let object = |(row, record): (usize, &Vec<String>)| {
        let cells = export.header.iter().zip(record).enumerate();
        let cells = cells.filter_map(|(at, (name, cell))| match (cell.is_empty(), (row + at) % 3) {
            (true, 0) => None,
            (true, 1) => Some((name.clone(), serde_json::Value::Null)),
            _ => Some((name.clone(), cell.as_str().into())),
        });
        serde_json::Value::Object(cells.collect()).to_string() + "\n"
    };
    export.records.iter().enumerate().map(object).collect()
}

/// Creates a folder with the configuration and the roster.
pub fn settings(dirty: &Dirty) -> Folder {
    let folder = Folder::new();
    let mut config = worlds::config(&dirty.world);
    if let Some(roster) = worlds::roster_rows(&dirty.world) {
        folder.write("roster.csv", super::cases::csv(&roster, &["provider_id", "group_id", "npi"]));
        config = format!("roster = \"roster.csv\"\n{config}");
    }
    if !dirty.world.fold.is_empty() {
        config.push_str(&format!("[ids]\nfold = {:?}\n", dirty.world.fold));
    }
    if dirty.world.last_version {
        config = format!("versions = \"last\"\n{config}");
    }
    folder.write("mucalc.toml", config);
    folder
}

/// Runs the program on the two files with a number of threads. Returns the exit code and the document.
pub fn run(folder: &Folder, dirty: &Dirty, ending: &str, threads: &str) -> (Option<i32>, Vec<u8>) {
    let flag = if counts_accesses(dirty.world.edition()) { "--accesses" } else { "--messages" };
    let [encounters, rows] = ["e", "n"].map(|name| format!("{name}.{ending}"));
    let words =
        ["report", "--format", "json", "--encounters", &encounters, flag, &rows, "--threads", threads];
    let output = folder.run(&words);
    (output.status.code(), output.stdout)
}

/// Returns the differences between a report and the oracle.
pub fn problems(
    dirty: &Dirty,
    (code, document): (Option<i32>, Vec<u8>),
    with_furniture: bool,
) -> Vec<String> {
    let report: Value = match serde_json::from_slice(&document) {
        Ok(report) => report,
        Err(error) => return vec![format!("exit {code:?}, no document: {error}")],
    };
    let mut problems = Vec::new();
    if dirty.accounts.iter().any(oracle::InputLog::is_nothing_usable) {
        if code != Some(3) || report["error"]["code"] != "nothing-usable" {
            problems.push(format!("nothing is usable, but exit {code:?}, error {}", report["error"]));
        }
        return problems;
    }
    if code != Some(0) {
        return vec![format!("exit {code:?}, error {}", report["error"])];
    }
    for (at, account) in dirty.accounts.iter().enumerate() {
        let input = &report["inputs"][at];
        let mut said = vec![
            ("rows", input["rows"].as_u64(), account.used + account.rejected),
            ("rejected", input["rejected"].as_u64(), account.rejected),
        ];
        if with_furniture {
            // Blank lines may or may not be counted as non-data rows.
            let least = account.furniture - account.blank_lines;
            let found = input["furniture"].as_u64();
            let wanted = found.unwrap_or_default().clamp(least, account.furniture);
            said.push(("furniture", found, wanted));
        }
        for (what, found, wanted) in said {
            if found != Some(wanted) {
                problems.push(format!("{what} of {} is {found:?}, not {wanted}", input["role"]));
            }
        }
    }
    let foldings: Vec<&str> = dirty.world.fold.iter().map(String::as_str).collect();
    let mut found = worlds::figures(&report);
    found.iter_mut().for_each(|provider| provider.id = folded(&provider.id, &foldings));
    found.sort_by(|one, other| one.id.cmp(&other.id));
    let wanted = oracle::providers(&dirty.world);
    for provider in &wanted {
        match found.iter().find(|found| found.id == provider.id) {
            None => problems.push(format!("{} is not listed: {provider:?}", provider.id)),
            Some(found) if found != provider => {
                problems.push(format!("program {found:?}\n        oracle  {provider:?}"));
            }
            Some(_) => {}
        }
    }
    for provider in found.iter().filter(|found| wanted.iter().all(|wanted| wanted.id != found.id)) {
        problems.push(format!("is listed: {provider:?}"));
    }
    let pair = |value: &Value| (value["least"].as_u64().unwrap(), value["most"].as_u64().unwrap());
    let group = &report["group"];
    let (found, wanted) =
        ((pair(&group["denominator"]), pair(&group["numerator"])), oracle::group_bounds(&dirty.world));
    if found != wanted {
        problems.push(format!("all together: program {found:?}, oracle {wanted:?}"));
    }
    problems
}
