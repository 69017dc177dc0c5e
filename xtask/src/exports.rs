//! Random exports of a practice, always the same for a seed. They include unusable rows, unknown values, and ids that nearly match.

/// A pseudo-random number generator with the same numbers in every run.
pub struct Dice(u64);

impl Dice {
    /// Creates a generator from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }

    /// Returns a number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// Returns one of several texts.
    pub fn one_of<'t>(&mut self, things: &[&'t str]) -> &'t str {
        things[self.below(things.len() as u64) as usize]
    }

    /// Returns the usual text in most cases, and otherwise one of the others.
    fn mostly<'t>(&mut self, usual: &'t str, others: &[&'t str]) -> &'t str {
        if self.below(12) > 0 { usual } else { self.one_of(others) }
    }
}

/// Returns the files of a practice: encounters, messages, and, for even seeds, a roster.
pub fn practice(seed: u64) -> Vec<(String, Vec<u8>)> {
    let mut dice = Dice::new(seed);
    let (patients, providers) = (3 + dice.below(40), 1 + dice.below(5));
    let mut files = vec![
        ("encounters.csv".to_owned(), encounters(&mut dice, patients, providers).into_bytes()),
        ("messages.csv".to_owned(), messages(&mut dice, patients, providers).into_bytes()),
    ];
    if seed.is_multiple_of(2) {
        let line = |provider| {
            let group = dice.one_of(&["north", "south", ""]);
            format!("DR-{provider},Clinic {provider},{group}\n")
        };
        let lines: String = (0..providers).map(line).collect();
        files.push(("roster.csv".to_owned(), format!("provider_id,name,group_id\n{lines}").into_bytes()));
    }
    files
}

/// Texts that are not valid ids.
const ODD_IDS: [&str; 5] = ["", "NULL", "1.23E+11", "#N/A", "-"];

fn day(dice: &mut Dice) -> String {
    match dice.below(20) {
        0 => "soon".to_owned(),
        1 => String::new(),
        _ => format!("2014-{:02}-{:02}", 6 + dice.below(6), 1 + dice.below(28)),
    }
}

fn patient(dice: &mut Dice, patients: u64) -> String {
    let number = dice.below(patients);
    match dice.below(30) {
        0 => dice.one_of(&ODD_IDS).to_owned(),
        1 => format!("p-{number:04}"),
        2 => format!("P-{number}"),
        _ => format!("P-{number:04}"),
    }
}

fn provider(dice: &mut Dice, providers: u64) -> String {
    let number = dice.below(providers);
    match dice.below(25) {
        0 => dice.one_of(&ODD_IDS).to_owned(),
        _ => format!("DR-{number}"),
    }
}

fn encounters(dice: &mut Dice, patients: u64, providers: u64) -> String {
    let mut text = "encounter_id,patient_id,provider_id,started_at,kind,status,seen_by\n".to_owned();
    for row in 0..patients * 2 {
        let id = if dice.below(20) == 0 { row / 2 } else { row };
        let fields = [
            format!("E{id:05}"),
            patient(dice, patients),
            provider(dice, providers),
            day(dice),
            dice.mostly("office-visit", &["telehealth", "hospital", "a chat", ""]).to_owned(),
            dice.mostly("completed", &["no-show", "cancelled", "planned", "who knows"]).to_owned(),
            dice.mostly("eligible-professional", &["staff", "supervised", ""]).to_owned(),
        ];
        text.push_str(&fields.join(","));
        text.push_str(dice.mostly("\n", &[",\n", ",,x\n", "\n\n"]));
    }
    text
}

fn messages(dice: &mut Dice, patients: u64, providers: u64) -> String {
    let mut text =
        "message_id,patient_id,provider_id,sent_at,status,sender,recipient,channel,topic\n".to_owned();
    for row in 0..patients {
        let fields = [
            format!("M{row:05}"),
            patient(dice, patients + 3),
            provider(dice, providers + 1),
            day(dice),
            dice.mostly("sent", &["draft", "entered-in-error", "?"]).to_owned(),
            dice.one_of(&["patient", "patient", "representative", "provider", "staff", ""]).to_owned(),
            dice.mostly("provider", &["staff", "pool", "patient", ""]).to_owned(),
            dice.mostly("ehr-portal", &["email", "pm-portal", "pigeon", ""]).to_owned(),
            dice.one_of(&["clinical-question", "medication-refill", "appointment", "billing", ""]).to_owned(),
        ];
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text
}
