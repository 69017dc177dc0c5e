//! Brings the names of columns to a common form, so that `Pt. ID`, `PatientID`, and `PATIENT_ID` are one name.

/// The words of a name in lower case, with usual abbreviations written out.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        let is_new = !before.is_alphanumeric()
            || c.is_uppercase() && before.is_lowercase()
            || c.is_ascii_digit() != before.is_ascii_digit();
        match words.last_mut() {
            _ if c == '#' => words.push("number".to_owned()),
            _ if !c.is_alphanumeric() => {}
            Some(word) if !is_new => word.extend(c.to_lowercase()),
            _ => words.push(c.to_lowercase().collect()),
        }
        before = c;
    }
    words.iter_mut().for_each(|word| {
        if let Some((_, long)) = ABBREVIATIONS.iter().find(|(short, _)| short == word) {
            *word = (*long).to_owned();
        }
    });
    words
}

/// Abbreviations in the names of columns.
const ABBREVIATIONS: [(&str, &str); 26] = [
    ("rndrng", "rendering"),
    ("prvdr", "provider"),
    ("rec", "record"),
    ("acct", "account"),
    ("pt", "patient"),
    ("pat", "patient"),
    ("appt", "appointment"),
    ("apt", "appointment"),
    ("enc", "encounter"),
    ("prov", "provider"),
    ("prv", "provider"),
    ("doc", "doctor"),
    ("dr", "doctor"),
    ("phys", "physician"),
    ("msg", "message"),
    ("mesg", "message"),
    ("dt", "date"),
    ("dte", "date"),
    ("dttm", "datetime"),
    ("num", "number"),
    ("nbr", "number"),
    ("no", "number"),
    ("loc", "location"),
    ("fac", "facility"),
    ("dept", "department"),
    ("svc", "service"),
];

/// What a column holds. Names of columns often say it, in words that change nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnSort {
    /// Ids of patients or records.
    Id,
    /// Ids or names of providers.
    Person,
    /// Days or times.
    Day,
    /// Values of a short list, or texts.
    Value,
}

impl ColumnSort {
    /// Returns the words that a name may have in addition.
    fn fillers(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["id", "number", "key", "code"],
            Self::Person => &["id", "number", "key", "code", "name", "full"],
            Self::Day => &["date", "time", "datetime", "timestamp", "at", "on", "ts", "tm", "utc", "local"],
            Self::Value => &["code", "cd", "description", "desc", "disp", "name", "value", "text", "c"],
        }
    }
}

/// The forms of a name that are compared, most exact first.
pub struct NameForms {
    /// All words together.
    whole: String,
    /// The words without those that say only what kind of column it is.
    core: String,
}

impl NameForms {
    /// Returns the forms of the name of a column.
    pub fn new(name: &str, sort: ColumnSort) -> Self {
        let words = words(name);
        let core = words.iter().filter(|word| !sort.fillers().contains(&word.as_str()));
        Self { core: core.cloned().collect(), whole: words.concat() }
    }

    /// Returns how closely a name matches: 0 if it is the same, 1 if it differs in words that say only what kind of column it is. `None` if
    /// it does not match.
    pub fn distance(&self, other: &Self) -> Option<u8> {
        if self.whole == other.whole {
            return Some(0);
        }
        (!self.core.is_empty() && self.core == other.core).then_some(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_all_their_spellings() {
        for (name, other, sort, distance) in [
            ("Pt. ID", "PatientID", ColumnSort::Id, Some(0)),
            ("PATIENT_ID", "patient id", ColumnSort::Id, Some(0)),
            ("Chart #", "Chart No.", ColumnSort::Id, Some(0)),
            ("Appt Date/Time", "Appointment Date", ColumnSort::Day, Some(1)),
            ("patient", "Patient ID", ColumnSort::Id, Some(1)),
            ("STATUS_C", "Status", ColumnSort::Value, Some(1)),
            ("Visit Number", "Visit Date", ColumnSort::Day, None),
            ("Patient Name", "Patient ID", ColumnSort::Id, None),
            ("Date", "Time", ColumnSort::Day, None),
        ] {
            let forms = |name| NameForms::new(name, sort);
            assert_eq!(forms(name).distance(&forms(other)), distance, "{name}, {other}");
        }
    }
}
