//! Checks the files of one kind together: columns whose absence causes an assumption, columns that only some files have, and times that
//! are days.

use mucalc_core::domain::assumption::{Acknowledged, Assumed, Assumption};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::escape_control;
use mucalc_read::diagnostics::Zoned;
use mucalc_read::format::answer::Answers;
use mucalc_read::layout::Layout;
use mucalc_read::{InputSource, ReadSummary};

/// The files that were read, in the order of the inputs.
#[derive(Default)]
pub struct Across {
    files: Vec<ReadFile>,
}

struct ReadFile {
    role: InputRole,
    name: String,
    /// Line of the header; `None` for a table.
    line: Option<u64>,
    /// Canonical columns that affect the result: those that the file has, and those that it lacks.
    has: Vec<&'static str>,
    lacks: Vec<&'static str>,
    /// Number of usable rows.
    used: u64,
    /// Whether a built-in layout reads it. The page of the layout states which columns such exports never have.
    is_vendors: bool,
    zoned: Zoned,
    /// What it states about further pages, if it is an API response.
    answers: Answers,
    /// Name of the column with the first time at midnight.
    zoned_column: String,
}

/// Canonical columns that do not affect the result, or only if the run needs them.
const NOT_JUDGED: [&str; 8] = [
    "encounter_id",
    "message_id",
    "access_id",
    "thread_id",
    "subject",
    "location_id",
    "county_fips",
    "updated_at",
];

impl Across {
    /// Adds a file that was read.
    pub fn add(&mut self, role: InputRole, source: &InputSource, summary: &ReadSummary, layout: &Layout) {
        if !matches!(role, InputRole::Encounters | InputRole::Messages | InputRole::Accesses) {
            return;
        }
        let layout = source.layout_or(layout);
        let (header, notes) = (&summary.header, &summary.notes);
        let is_there = |ours: &&str| {
            header.position(ours).is_some() && !summary.never.iter().any(|never| never == *ours)
        };
        let judged = layout.input(role).columns.all().filter(|ours| !NOT_JUDGED.contains(ours));
        let (has, lacks) = judged.partition(is_there);
        let zoned_column = notes.zoned.first.map(|(_, column)| escape_control(header.name(column)));
        self.files.push(ReadFile {
            role,
            name: source.name.clone(),
            line: Some(header.line()),
            has,
            lacks,
            used: notes.rows - notes.rejected,
            is_vendors: layout.input(role).is_vendors,
            zoned: notes.zoned,
            answers: notes.answers.clone(),
            zoned_column: zoned_column.unwrap_or_default(),
        });
    }

    /// Adds a table that a query engine has read, with its columns and the number of usable rows.
    pub fn add_table(
        &mut self,
        role: InputRole,
        table: &str,
        columns: &[String],
        used: u64,
        layout: &Layout,
    ) {
        let translation = layout.input(role).translation(columns);
        let judged = layout.input(role).columns.all().filter(|ours| !NOT_JUDGED.contains(ours));
        let (has, lacks) = judged.partition(|ours| translation.names().any(|known| known == *ours));
        self.files.push(ReadFile {
            role,
            name: table.to_owned(),
            line: None,
            has,
            lacks,
            used,
            is_vendors: layout.input(role).is_vendors,
            zoned: Zoned::default(),
            answers: Answers::default(),
            zoned_column: String::new(),
        });
    }

    /// Returns the assumptions that absent columns cause.
    pub fn assumptions(&self, acknowledged: Acknowledged) -> Vec<Assumption> {
        let assumption = |assumed: Assumed| {
            let rows = self.without(assumed)?.iter().map(|file| file.used).sum();
            (rows > 0).then(|| Assumption {
                role: assumed.role(),
                column: assumed.column(),
                reading: assumed.reading(),
                rows,
                acknowledged: acknowledged.has(assumed),
            })
        };
        Assumed::ALL.into_iter().filter_map(assumption).collect()
    }

    /// Returns the findings, each with its count and first location.
    pub fn found(&self, acknowledged: Acknowledged) -> Vec<(FindingCode, u64, SourceLocation)> {
        let mut found = Vec::new();
        for assumed in Assumed::ALL.into_iter().filter(|assumed| !acknowledged.has(*assumed)) {
            // For a vendor's export, the assumption is listed, but the export is not at fault.
            let is_odd = |file: &&ReadFile| file.used > 0 && !file.is_vendors;
            let used = self.without(assumed).unwrap_or_default().into_iter().find(is_odd);
            if let Some(file) = used {
                found.push((FindingCode::AssumedColumn, 1, file.header_cell(assumed.column())));
            }
        }
        for role in [InputRole::Encounters, InputRole::Messages, InputRole::Accesses] {
            self.differing(role, &mut found);
            self.midnights(role, &mut found);
            self.gaps(role, &mut found);
        }
        found
    }

    fn files_of_kind(&self, role: InputRole) -> Vec<&ReadFile> {
        self.files.iter().filter(|file| file.role == role).collect()
    }

    /// Returns the files of a kind, if none of them has a column. `None` if some have it, or no files exist.
    fn without(&self, assumed: Assumed) -> Option<Vec<&ReadFile>> {
        let files = self.files_of_kind(assumed.role());
        let is_absent = files.iter().all(|file| file.lacks.contains(&assumed.column()));
        (is_absent && !files.is_empty()).then_some(files)
    }

    /// Reports files without a column that another file has.
    fn differing(&self, role: InputRole, found: &mut Vec<(FindingCode, u64, SourceLocation)>) {
        let files = self.files_of_kind(role);
        // A vendor may have several tables of a kind, each with its own columns, and the layout covers them.
        for file in files.iter().filter(|file| !file.is_vendors) {
            let elsewhere = |ours: &&&str| files.iter().any(|other| other.has.contains(*ours));
            if let Some(column) = file.lacks.iter().find(elsewhere) {
                found.push((FindingCode::ColumnsDiffer, 1, file.header_cell(column)));
            }
        }
    }

    /// Reports pages that are missing from API responses, in all files of a kind together.
    fn gaps(&self, role: InputRole, found: &mut Vec<(FindingCode, u64, SourceLocation)>) {
        let files = self.files_of_kind(role);
        let mut all = Answers::default();
        files.iter().for_each(|file| all.merge(&file.answers));
        if all.first_gap().is_none() {
            return;
        }
        let in_file = |file: &&ReadFile| Some(SourceLocation::line(&*file.name, file.answers.first_gap()?));
        if let Some(place) = files.iter().find_map(in_file) {
            found.push((FindingCode::IncompleteAnswer, 1, place));
        }
    }

    /// Reports times that are nearly all at midnight in UTC, in one file or in all files of a kind together.
    fn midnights(&self, role: InputRole, found: &mut Vec<(FindingCode, u64, SourceLocation)>) {
        let files = self.files_of_kind(role);
        let mut all = Zoned::default();
        files.iter().for_each(|file| all.merge(file.zoned));
        for file in files.iter().filter(|file| all.are_days() || file.zoned.are_days()) {
            if let Some((line, _)) = file.zoned.first {
                let place = SourceLocation::cell(&*file.name, line, file.zoned_column.clone());
                found.push((FindingCode::MidnightUtc, file.zoned.midnights, place));
            }
        }
    }
}

impl ReadFile {
    fn header_cell(&self, column: &str) -> SourceLocation {
        match self.line {
            Some(line) => SourceLocation::cell(&*self.name, line, column.to_owned()),
            None => SourceLocation::file(&*self.name),
        }
    }
}
