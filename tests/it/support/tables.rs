//! Inputs as tables. The inputs of many cases can share one run, because the patients and providers of different cases are unrelated.

use std::collections::{BTreeMap, BTreeSet};

use super::cases::{Case, Row, csv};
use super::dirty::Dice;
use super::oracle::{self, World};
use super::program::Folder;
use super::worlds;

/// The inputs of one run.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// The body of a `mucalc.toml`, without inputs.
    pub config: String,
    pub edition: String,
    pub encounters: Vec<Row>,
    /// `messages` or `accesses`.
    pub numerator: &'static str,
    pub rows: Vec<Row>,
    pub roster: Option<Vec<Row>>,
}

/// Returns the columns of rows, the required ones first.
pub fn columns(rows: &[Row], needed: &[&str]) -> Vec<String> {
    let mut columns: Vec<String> = needed.iter().map(|column| (*column).to_owned()).collect();
    let others: BTreeSet<&String> = rows.iter().flat_map(Row::keys).collect();
    columns.extend(others.into_iter().filter(|column| !needed.contains(&column.as_str())).cloned());
    columns
}

impl Tables {
    /// Returns the required columns of an input.
    pub fn needed(input: &str) -> &'static [&'static str] {
        match input {
            "encounters" => &["encounter_id", "patient_id", "provider_id", "started_at"],
            "messages" => &["message_id", "sent_at", "patient_id"],
            "accesses" => &["access_id", "accessed_at", "patient_id"],
            _ => &["provider_id"],
        }
    }

    /// Returns the inputs, each with its name and rows.
    pub fn inputs(&self) -> Vec<(&'static str, &[Row])> {
        let mut inputs = vec![("encounters", &self.encounters[..]), (self.numerator, &self.rows[..])];
        inputs.extend(self.roster.as_deref().map(|roster| ("roster", roster)));
        inputs
    }

    /// Sets the id of each row to its line number, so that a test can find the row of a `file:line` in the output.
    pub fn with_lines(mut self) -> Self {
        let id = Self::needed(self.numerator)[0];
        for (rows, id) in [(&mut self.encounters, "encounter_id"), (&mut self.rows, id)] {
            for (at, row) in rows.iter_mut().enumerate() {
                assert!(row.values().all(|cell| !cell.contains(['\n', '\r'])), "a cell has several lines");
                row.insert(id.to_owned(), format!("{:07}", at + 2));
            }
        }
        self
    }

    /// Gives some rows the id of an earlier row, of which they become another version. Some tables also get a column with the time of each
    /// row's last change.
    pub fn with_versions(mut self, dice: &mut Dice) -> Self {
        let id = Self::needed(self.numerator)[0];
        for (rows, id) in [(&mut self.encounters, "encounter_id"), (&mut self.rows, id)] {
            let (has_updates, sort) = (dice.percent(50), dice.below(3));
            for at in 0..rows.len() {
                if dice.percent(40) {
                    let of = rows[dice.below(at + 1)][id].clone();
                    rows[at].insert(id.to_owned(), of);
                    if dice.percent(25) {
                        let earlier = rows.iter().take(at).find(|row| row[id] == rows[at][id]).cloned();
                        earlier.into_iter().for_each(|earlier| rows[at] = earlier);
                    }
                }
                if has_updates {
                    let day = format!("2019-05-0{}", 1 + dice.below(3));
                    let told = match sort {
                        0 => day,
                        1 => format!("{day}T08:0{}:00", dice.below(2)),
                        _ => format!("{day} 08:00:0{}Z", dice.below(2)),
                    };
                    let told = if dice.percent(5) { String::new() } else { told };
                    rows[at].insert("updated_at".to_owned(), told);
                }
            }
        }
        self
    }

    /// Creates a folder with the inputs and a configuration that names them.
    pub fn folder(&self) -> Folder {
        let folder = Folder::new();
        let mut config = String::new();
        for (name, rows) in self.inputs() {
            folder.write(&format!("{name}.csv"), csv(rows, Self::needed(name)));
            config.push_str(&format!("{name} = \"{name}.csv\"\n"));
        }
        folder.write("mucalc.toml", format!("{config}{}", self.config));
        folder
    }
}

/// Returns the inputs of a world.
pub fn of_world(world: &World) -> Tables {
    let (numerator, rows) = match oracle::counts_accesses(world.edition()) {
        true => ("accesses", worlds::access_rows(&world.accesses)),
        false => ("messages", worlds::message_rows(&world.messages)),
    };
    let tables = Tables {
        config: worlds::config(world),
        edition: world.edition().to_owned(),
        encounters: worlds::encounter_rows(&world.encounters),
        numerator,
        rows,
        roster: worlds::roster_rows(world),
    };
    tables.with_lines()
}

/// What cases must have in common to share a run: settings, columns, and whether they have a roster. A case that needs its own run has a
/// unique number.
type Alike = (String, [Vec<String>; 2], bool, usize);

/// Combines the cases into as few runs as possible.
pub fn of_cases(cases: &[Case]) -> Vec<Tables> {
    let mut runs: BTreeMap<Alike, Tables> = BTreeMap::new();
    for (number, case) in cases.iter().enumerate() {
        let (numerator, rows) = match case.counts_accesses() {
            true => ("accesses", &case.accesses),
            false => ("messages", &case.messages),
        };
        let of = |rows: &[Row], name: &str| columns(rows, Tables::needed(name));
        // The program must trim an id that starts with a blank, so its case needs its own run.
        let all = || case.encounters.iter().chain(rows);
        let is_odd = all().any(|row| {
            ["patient_id", "provider_id"]
                .iter()
                .any(|id| row.get(*id).is_some_and(|id| id.starts_with(char::is_whitespace)))
        });
        let key = (
            case.run.clone(),
            [of(&case.encounters, "encounters"), of(rows, numerator)],
            case.roster.is_some(),
            if is_odd { number + 1 } else { 0 },
        );
        let run = runs.entry(key).or_insert_with(|| Tables {
            config: case.run.clone(),
            edition: case.edition(),
            numerator,
            roster: case.roster.as_ref().map(|_| Vec::new()),
            ..Tables::default()
        });
        let own = |row: &Row| -> Row {
            let cell = |(column, cell): (&String, &String)| {
                let is_id = ["patient_id", "provider_id", "group_id"].contains(&column.as_str());
                let own = is_id && !cell.is_empty() && !is_odd;
                (column.clone(), if own { format!("k{number}.{cell}") } else { cell.clone() })
            };
            row.iter().map(cell).collect()
        };
        run.encounters.extend(case.encounters.iter().map(own));
        run.rows.extend(rows.iter().map(own));
        if let (Some(all), Some(roster)) = (&mut run.roster, &case.roster) {
            all.extend(roster.iter().map(own));
        }
    }
    runs.into_values().map(Tables::with_lines).collect()
}
