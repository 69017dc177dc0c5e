//! Layouts: how the columns and values of an export map to the canonical ones.

pub mod columns;
pub mod dictionary;
pub mod file;
pub mod fit;
pub mod guide;
pub mod moment;
pub mod names;
pub mod reference;
pub mod separators;
mod several;
pub mod table;
pub mod translate;
pub mod vocabulary;

pub use columns::EntityColumns;
pub use dictionary::{LookupResult, ValueDictionary};
pub use file::LayoutFile;
use mucalc_core::domain::input::InputRole;
pub use table::TableLayout;
pub use translate::{RowTranslator, TranslatedRows, TranslationOutcome};
pub use vocabulary::{TranslatableSet, Vocabulary};

/// How the exports of one source are to be read.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The name by which it is found.
    pub name: String,
    /// What it is the layout of.
    pub title: String,
    /// The texts that mean "no value" in every column; the usual ones if there are none.
    pub nulls: Vec<String>,
    /// What such exports cannot say.
    pub notes: Vec<String>,
    /// How an encounter export is read.
    pub encounters: EntityLayout,
    /// How a message export is read.
    pub messages: EntityLayout,
    /// How a log of accesses to the portal is read.
    pub accesses: EntityLayout,
    /// How a roster is read.
    pub roster: EntityLayout,
    /// How a table of counties is read: always by our own columns.
    pub counties: EntityLayout,
    /// How decisions are read: always by our own columns.
    pub adjudications: EntityLayout,
    /// Patients with an account of the portal.
    pub enrollment: EntityLayout,
    /// The words of the columns with a closed list.
    pub vocabulary: Vocabulary,
}

/// How one kind of input is read.
#[derive(Clone, Debug)]
pub struct EntityLayout {
    /// Our columns.
    pub columns: EntityColumns,
    /// How they come about; none where the export has them as they are.
    pub table: Option<TableLayout>,
    /// The sheet of a workbook that is read; the one with the columns unless it is named.
    pub sheet: Option<String>,
    /// The encoding of text without a byte order mark, if it is not UTF-8.
    pub encoding: Option<String>,
    /// Whether a built-in layout of a vendor says how. Its page says what such exports never have.
    pub is_vendors: bool,
}

/// How far the ids of records are unique, as layouts write it: in all files together, or within each.
pub const UNIQUE: [&str; 2] = ["export", WITHIN_FILE];

const WITHIN_FILE: &str = "file";

/// In place of the name of a column of ours: what a condition asks is missing.
pub const CONDITION: &str = "a condition";

/// The name of the layout of our own.
pub const CANONICAL: &str = "canonical";

impl Layout {
    /// The names of the built-in layouts, our own first.
    pub fn names() -> Vec<String> {
        let vendors = file::built_in().into_iter().map(|file| file.name);
        std::iter::once(CANONICAL.to_owned()).chain(vendors).collect()
    }

    /// The built-in layout with this name.
    pub fn find(name: &str) -> Option<Self> {
        if name == CANONICAL {
            return Some(Self::canonical());
        }
        file::built_in().into_iter().find(|file| file.name == name).map(Self::built_in)
    }

    /// Every built-in layout, our own first.
    pub fn all() -> Vec<Self> {
        let vendors = file::built_in().into_iter().map(Self::built_in);
        std::iter::once(Self::canonical()).chain(vendors).collect()
    }

    /// How an input is read.
    pub fn input(&self, role: InputRole) -> &EntityLayout {
        match role {
            InputRole::Encounters => &self.encounters,
            InputRole::Messages => &self.messages,
            InputRole::Accesses => &self.accesses,
            InputRole::Roster => &self.roster,
            InputRole::Counties => &self.counties,
            InputRole::Adjudications => &self.adjudications,
            InputRole::Enrollment => &self.enrollment,
        }
    }

    /// Our own columns and words.
    pub fn canonical() -> Self {
        let file = LayoutFile {
            name: CANONICAL.to_owned(),
            title: "our own columns and words".to_owned(),
            ..LayoutFile::default()
        };
        Self::from_file(file)
    }

    /// The layout in a file. What the file says nothing about is read as in our own layout.
    pub fn from_file(file: LayoutFile) -> Self {
        let input = |columns, table: Option<TableLayout>| EntityLayout {
            columns,
            sheet: table.as_ref().and_then(|table| table.sheet.clone()),
            // A layout that only names the sheet is about our own columns.
            table: table.filter(|table| {
                *table != TableLayout { sheet: table.sheet.clone(), ..TableLayout::default() }
            }),
            encoding: file.encoding.clone(),
            is_vendors: false,
        };
        Self {
            encounters: input(columns::ENCOUNTERS, file.encounters),
            messages: input(columns::MESSAGES, file.messages),
            accesses: input(columns::ACCESSES, file.accesses),
            roster: input(columns::ROSTER, file.roster),
            counties: input(columns::COUNTIES, None),
            adjudications: input(columns::ADJUDICATIONS, None),
            enrollment: input(columns::ENROLLMENT, None),
            name: file.name,
            title: file.title,
            nulls: file.nulls,
            notes: file.notes,
            vocabulary: Vocabulary::default(),
        }
    }

    /// The layout in a built-in file.
    fn built_in(file: LayoutFile) -> Self {
        let mut layout = Self::from_file(file);
        for input in [&mut layout.encounters, &mut layout.messages, &mut layout.accesses, &mut layout.roster]
        {
            input.is_vendors = input.table.is_some();
        }
        layout
    }

    /// This layout, but for one kind of input, which is read by another one.
    pub fn with(mut self, role: InputRole, other: Self) -> Self {
        let name = format!("{}={}", role.word(), other.name);
        self.name = if self.name == CANONICAL { name } else { format!("{},{name}", self.name) };
        self.notes
            .extend(other.notes.into_iter().filter(|note| !self.notes.contains(note)).collect::<Vec<_>>());
        self.nulls.extend(other.nulls);
        match role {
            InputRole::Encounters => self.encounters = other.encounters,
            InputRole::Messages => self.messages = other.messages,
            InputRole::Accesses => self.accesses = other.accesses,
            InputRole::Roster => self.roster = other.roster,
            // They are nobody's export.
            InputRole::Counties | InputRole::Adjudications | InputRole::Enrollment => {}
        }
        self
    }
}

impl EntityLayout {
    /// Whether a column may be spelled otherwise than it is named here, `Patient ID` for `patient_id`. A layout file of the user's
    /// names the columns of one export as they are.
    pub fn takes_spellings(&self) -> bool {
        self.table.is_none() || self.is_vendors
    }

    /// Whether the ids of records are unique only within each file.
    pub fn has_ids_within_file(&self) -> bool {
        let unique = self.table.as_ref().and_then(|table| table.record_ids.as_deref());
        unique == Some(WITHIN_FILE)
    }

    /// The columns of the export that are looked at.
    pub fn sources(&self) -> Vec<&str> {
        match &self.table {
            Some(table) => table.sources(),
            None => self.columns.all().collect(),
        }
    }

    /// How rows under a header are read.
    pub fn translation(&self, header: &[String]) -> RowTranslator {
        match &self.table {
            Some(table) => RowTranslator::new(table, &self.columns, header),
            None => RowTranslator::new(&TableLayout::own(&self.columns), &self.columns, header),
        }
    }

    /// Our required columns that the header has nothing for, each with the columns of the export that it would be read
    /// from.
    pub fn missing(&self, header: &[String]) -> Vec<(&'static str, Vec<String>)> {
        let has = |name: &str| header.iter().any(|known| known == name);
        let required = self.columns.required.iter().copied();
        let Some(table) = &self.table else {
            return required.filter(|name| !has(name)).map(|name| (name, vec![name.to_owned()])).collect();
        };
        let missing = |name: &'static str| {
            let readings = table.columns.get(name).map(|readings| readings.0.as_slice()).unwrap_or_default();
            let found = readings
                .iter()
                .any(|reading| reading.constant.is_some() || reading.from.0.iter().any(|name| has(name)));
            let from = || readings.iter().flat_map(|reading| reading.from.0.iter().cloned()).collect();
            (!found).then(|| (name, from()))
        };
        // A condition on a column that is not there would hold for no row, or for all.
        let conditions = table.skip.iter().chain([&table.only]).flat_map(|condition| condition.keys());
        let asked = conditions.filter(|name| !has(name)).map(|name| (CONDITION, vec![name.clone()]));
        required.filter_map(missing).chain(asked).collect()
    }
}
