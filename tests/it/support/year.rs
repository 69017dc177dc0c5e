//! Practices with few patients who are seen and write on many days of a year.

use super::program::Folder;

/// A random number generator that is the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed * 0x9E37_79B9_7F4A_7C15)
    }

    /// Returns a random number below `end` (xorshift).
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    /// Returns usually the first value, sometimes any of them.
    pub fn word<'w>(&mut self, words: &[&'w str]) -> &'w str {
        if self.below(3) > 0 { words[0] } else { words[self.below(words.len())] }
    }

    /// Returns a day in or near the year, or an unknown day.
    pub fn day(&mut self, year: i32) -> String {
        let begin = chrono::NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        match self.below(20) {
            0 => String::new(),
            1 => (begin - chrono::Days::new(3)).to_string(),
            2 => (begin + chrono::Days::new(380)).to_string(),
            _ => (begin + chrono::Days::new(self.below(365) as u64)).to_string(),
        }
    }
}

/// Creates a practice with few patients, who are seen and write all through a year. If `versions` is `Some(n)`, every `n`th row is another
/// version of the previous record.
pub fn practice(dice: &mut Dice, year: i32, versions: Option<usize>) -> Folder {
    let folder = Folder::new();
    let record = |row: usize| versions.map_or(row, |every| row - usize::from(row % every == every - 1));
    let mut encounters =
        String::from("encounter_id,patient_id,provider_id,started_at,kind,status,location_id\n");
    let mut messages =
        String::from("message_id,patient_id,provider_id,sent_at,sender,recipient,channel,topic\n");
    let mut accesses = String::from("access_id,patient_id,provider_id,accessed_at,action,actor\n");
    let providers = ["A", "B", "C", ""];
    for row in 0..60 {
        let (patient, provider) = (dice.below(14), providers[dice.below(3)]);
        let (day, kind) = (dice.day(year), dice.word(&["office-visit", "other", "telephone", ""]));
        let (status, place) =
            (dice.word(&["completed", "in-progress", "cancelled"]), dice.word(&["X", "Y", ""]));
        let record = record(row);
        encounters.push_str(&format!("E{record},P{patient},{provider},{day},{kind},{status},{place}\n"));
    }
    let parties = ["patient", "provider", "care-team", "representative", "", "system"];
    for row in 0..70 {
        let (patient, provider) = (dice.below(15), providers[dice.below(4)]);
        let (day, sender) = (dice.day(year), parties[dice.below(6)]);
        let recipient = if sender == "provider" {
            dice.word(&["patient", "provider"])
        } else {
            dice.word(&["provider", "care-team", ""])
        };
        let channel = dice.word(&["ehr-portal", "secure-email", "spring portal", "email", ""]);
        let topic = dice.word(&["clinical-question", "billing", "other", "appointment-request", ""]);
        messages.push_str(&format!(
            "M{},P{patient},{provider},{day},{sender},{recipient},{channel},{topic}\n",
            record(row)
        ));
        let (action, actor) =
            (dice.word(&["view", "api", "other", "sign-in", ""]), dice.word(&["patient", "staff", ""]));
        let day = dice.day(year);
        accesses.push_str(&format!("X{},P{patient},{provider},{day},{action},{actor}\n", record(row)));
    }
    let mut decisions = String::from("message_id,patient_id,provider_id,decision\n");
    for _ in 0..12 {
        let decision = ["counts", "out", "seen", "not-seen"][dice.below(4)];
        let provider = providers[dice.below(4)];
        match dice.below(3) {
            0 => decisions.push_str(&format!("M{},,{provider},{decision}\n", dice.below(70))),
            1 => decisions.push_str(&format!("X{},,{provider},{decision}\n", dice.below(70))),
            _ => decisions.push_str(&format!(",P{},{provider},{decision}\n", dice.below(14))),
        }
    }
    let config = format!(
        "[locations.Y]\ncertified = false\n[channels.\"spring portal\"]\ncertified = true\nfrom = \"{year}-02-10\"\nuntil = \"{year}-06-30\"\n"
    );
    folder.write("e.csv", encounters).write("m.csv", messages).write("x.csv", accesses);
    folder.write("a.csv", super::program::signed(&decisions)).write("mucalc.toml", config);
    folder.write("r.csv", "provider_id,group_id\nA,north\nB,north\nC,south\n");
    folder
}
