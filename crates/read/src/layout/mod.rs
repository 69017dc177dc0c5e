//! Layouts: how the columns and values of an export map to the canonical ones.

pub mod column_guide;
pub mod columns;
pub mod datetime_format;
pub mod dictionary;
pub mod fhir_reference;
pub mod file;
pub mod join;
pub mod matching;
pub mod names;
pub mod one_or_more;
pub mod separators;
mod several;
pub mod table;
pub mod translate;
pub mod vocabulary;

pub use columns::EntityColumns;
pub use dictionary::{LookupResult, ValueDictionary};
pub use file::LayoutFile;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
pub use table::TableLayout;
pub use translate::{RowTranslator, TranslatedRows, TranslationOutcome};
pub use vocabulary::{TranslatableSet, Vocabulary};

/// A layout: how to read the exports of one source.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Name of the layout.
    pub name: String,
    /// Short description of the layout.
    pub title: String,
    /// Texts that mean "no value" in every column. If empty, the usual ones apply.
    pub nulls: Vec<String>,
    /// Limitations: what cannot be calculated from such exports.
    pub notes: Vec<String>,
    /// Layout of an encounter export.
    pub encounters: EntityLayout,
    /// Layout of a message export.
    pub messages: EntityLayout,
    /// Layout of a portal access log.
    pub accesses: EntityLayout,
    /// Layout of a roster.
    pub roster: EntityLayout,
    /// Layout of a county table: always the canonical columns.
    pub counties: EntityLayout,
    /// Layout of review decisions: always the canonical columns.
    pub adjudications: EntityLayout,
    /// Layout of the list of patients with a portal account: always the canonical columns.
    pub enrollment: EntityLayout,
    /// Layout of a table that is joined to an export; see [`join::JoinLayout`].
    pub joined: EntityLayout,
    /// Values of the columns with a closed list.
    pub vocabulary: Vocabulary,
}

/// The layout of one kind of input.
#[derive(Clone, Debug)]
pub struct EntityLayout {
    /// Canonical columns of the input.
    pub columns: EntityColumns,
    /// Mappings of the canonical columns, or `None` if the export has these columns.
    pub table: Option<TableLayout>,
    /// Sheet of a workbook to read. If `None`, the sheet with the columns is read.
    pub sheet: Option<String>,
    /// Line of the header, or row in a sheet; 0 if there is no header. If `None`, the header is searched for.
    pub header: Option<u64>,
    /// Byte that separates the columns of text. If `None`, it is searched for.
    pub separator: Option<u8>,
    /// Encoding of text without a byte order mark, if it is not UTF-8.
    pub encoding: Option<String>,
    /// Whether a built-in vendor layout defines how to read the input. Its page lists what such exports never have.
    pub is_vendors: bool,
    /// Whether a custom layout changes only some of the canonical columns.
    extends_canonical: bool,
    /// Columns that joined tables supply in this run, so that the export itself need not have them.
    pub supplied: Vec<String>,
}

/// Scopes of unique record ids, as written in layouts: across all files, or within each file.
pub const UNIQUE: [&str; 2] = ["export", WITHIN_FILE];

const WITHIN_FILE: &str = "file";

/// Placeholder for the name of a canonical column, if a condition tests a column that the export lacks.
pub const CONDITION: &str = "a condition";

/// Name of the canonical layout.
pub const CANONICAL: &str = "canonical";

impl Layout {
    /// Returns the names of the built-in layouts, the canonical one first.
    pub fn names() -> Vec<String> {
        let vendors = file::built_in().into_iter().map(|file| file.name);
        std::iter::once(CANONICAL.to_owned()).chain(vendors).collect()
    }

    /// Returns the built-in layout with this name.
    pub fn find(name: &str) -> Option<Self> {
        if name == CANONICAL {
            return Some(Self::canonical());
        }
        file::built_in().into_iter().find(|file| file.name == name).map(Self::built_in)
    }

    /// Returns every built-in layout, the canonical one first.
    pub fn all() -> Vec<Self> {
        let vendors = file::built_in().into_iter().map(Self::built_in);
        std::iter::once(Self::canonical()).chain(vendors).collect()
    }

    /// Returns the layout of an input.
    pub fn input(&self, role: InputRole) -> &EntityLayout {
        match role {
            InputRole::Encounters => &self.encounters,
            InputRole::Messages => &self.messages,
            InputRole::Accesses => &self.accesses,
            InputRole::Roster => &self.roster,
            InputRole::Counties => &self.counties,
            InputRole::Adjudications => &self.adjudications,
            InputRole::Enrollment => &self.enrollment,
            InputRole::Joined => &self.joined,
        }
    }

    /// Returns the canonical layout.
    pub fn canonical() -> Self {
        let file = LayoutFile {
            name: CANONICAL.to_owned(),
            title: "our own columns and words".to_owned(),
            ..LayoutFile::default()
        };
        Self::from_file(file)
    }

    /// Builds a layout from a file. Kinds of input that the file omits are read as in the canonical layout.
    pub fn from_file(file: LayoutFile) -> Self {
        let input = |columns, table: Option<TableLayout>| EntityLayout {
            columns,
            sheet: table.as_ref().and_then(|table| table.sheet.clone()),
            header: table.as_ref().and_then(|table| table.header),
            separator: table.as_ref().and_then(|table| table.separator.as_ref()?.bytes().next()),
            // A layout that only says where the rows are reads the canonical columns.
            table: table.filter(|table| !table.is_place()),
            encoding: file.encoding.clone(),
            is_vendors: false,
            extends_canonical: file.extends.as_deref() == Some(CANONICAL),
            supplied: Vec::new(),
        };
        Self {
            encounters: input(columns::ENCOUNTERS, file.encounters),
            messages: input(columns::MESSAGES, file.messages),
            accesses: input(columns::ACCESSES, file.accesses),
            roster: input(columns::ROSTER, file.roster),
            counties: input(columns::COUNTIES, None),
            adjudications: input(columns::ADJUDICATIONS, None),
            enrollment: input(columns::ENROLLMENT, None),
            joined: input(columns::JOINED, None),
            name: file.name,
            title: file.title,
            nulls: file.nulls,
            notes: file.notes,
            vocabulary: Vocabulary::default(),
        }
    }

    /// Returns this layout with a sheet for one kind of input.
    pub fn in_sheet(mut self, role: InputRole, sheet: &str) -> Self {
        self.input_mut(role).sheet = Some(sheet.to_owned());
        self
    }

    /// Returns this layout for exports of one kind that joined tables complete with these columns.
    pub fn supplied_with(mut self, role: InputRole, columns: Vec<String>) -> Self {
        self.input_mut(role).supplied = columns;
        self
    }

    /// Returns this layout for the recognition of a joined table by the names of its columns.
    pub fn with_joined_columns<'n>(mut self, names: impl Iterator<Item = &'n str>) -> Self {
        let reading = |name: &str| {
            let from = one_or_more::OneOrMore(vec![name.to_owned()]);
            let mapping = table::ColumnMapping { from, ..table::ColumnMapping::default() };
            (name.to_owned(), table::ColumnMappings(vec![mapping]))
        };
        let columns = names.map(reading).collect();
        self.joined.table = Some(TableLayout { columns, ..TableLayout::default() });
        self
    }

    fn input_mut(&mut self, role: InputRole) -> &mut EntityLayout {
        match role {
            InputRole::Encounters => &mut self.encounters,
            InputRole::Messages => &mut self.messages,
            InputRole::Accesses => &mut self.accesses,
            InputRole::Roster => &mut self.roster,
            InputRole::Counties => &mut self.counties,
            InputRole::Adjudications => &mut self.adjudications,
            InputRole::Enrollment => &mut self.enrollment,
            InputRole::Joined => &mut self.joined,
        }
    }

    /// Builds a layout from a built-in file.
    fn built_in(file: LayoutFile) -> Self {
        let mut layout = Self::from_file(file);
        for input in [&mut layout.encounters, &mut layout.messages, &mut layout.accesses, &mut layout.roster]
        {
            input.is_vendors = input.table.is_some();
        }
        layout
    }

    /// Returns this layout, with one kind of input taken from another layout.
    pub fn with_entity(mut self, role: InputRole, other: Self) -> Self {
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
            // No layout applies to these: they are not exports.
            InputRole::Counties | InputRole::Adjudications | InputRole::Enrollment | InputRole::Joined => {}
        }
        self
    }
}

impl EntityLayout {
    /// Returns whether columns may be spelled differently than they are named here, such as `Patient ID` for `patient_id`. A custom layout
    /// names the columns of one export exactly.
    pub fn takes_spellings(&self) -> bool {
        self.table.is_none() || self.is_vendors || self.extends_canonical
    }

    /// Returns whether the layout says that such exports usually have a finding, although nothing is wrong with them.
    pub fn is_usual(&self, code: FindingCode) -> bool {
        self.table.as_ref().is_some_and(|table| table.usual.iter().any(|usual| usual == code.slug()))
    }

    /// Returns whether record ids are unique only within each file.
    pub fn has_ids_within_file(&self) -> bool {
        let unique = self.table.as_ref().and_then(|table| table.record_ids.as_deref());
        unique == Some(WITHIN_FILE)
    }

    /// Returns the tables that may be joined to the export.
    pub fn joins(&self) -> &[join::JoinLayout] {
        self.table.as_ref().map_or(&[], |table| &table.join)
    }

    /// Returns the columns of the export that are read or tested.
    pub fn sources(&self) -> Vec<&str> {
        match &self.table {
            Some(table) => table.sources(),
            None => self.columns.all().collect(),
        }
    }

    /// Returns the translator for rows under a header.
    pub fn translation(&self, header: &[String]) -> RowTranslator {
        match &self.table {
            Some(table) => RowTranslator::new(table, &self.columns, header),
            None => RowTranslator::new(&TableLayout::identity(&self.columns), &self.columns, header),
        }
    }

    /// Returns the required canonical columns for which the header has no column, each with the columns of the export that would supply it.
    ///
    /// Also returns the columns that conditions test and the header lacks, under the name [`CONDITION`].
    pub fn missing(&self, header: &[String]) -> Vec<(&'static str, Vec<String>)> {
        let has = |name: &str| header.iter().chain(&self.supplied).any(|known| known == name);
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
        // A condition on an absent column would match no row, or every row.
        let conditions = table.skip.iter().chain([&table.only]).flat_map(|condition| condition.keys());
        let asked = conditions.filter(|name| !has(name)).map(|name| (CONDITION, vec![name.clone()]));
        required.filter_map(missing).chain(asked).collect()
    }
}
