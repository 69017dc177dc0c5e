//! Records which inputs a run read, and the findings about them.

use std::collections::{BTreeMap, BTreeSet};

use crate::across::Across;
use crate::task::Task;
use mucalc_core::domain::assumption::{Acknowledged, Assumption};
use mucalc_core::domain::finding::{Finding, FindingCode, Severity};
use mucalc_core::domain::input::{InputRole, InputSummary};
use mucalc_core::domain::source_location::{SourceLocation, with_sheet};
use mucalc_core::domain::text::escape_control;
use mucalc_read::diagnostics::OccurrenceSummary;
use mucalc_read::layout::{EntityLayout, Layout};
use mucalc_read::locations::LocationTable;
use mucalc_read::{InputError, InputErrorKind, InputSource, ReadSummary};

/// The location of a finding about the reporting period, which is in no input.
pub const PERIOD: &str = "--period";

/// The inputs that were read, and the findings about them.
#[derive(Default)]
pub struct InputLog {
    /// Inputs, in the order in which they were given.
    pub read: Vec<InputSummary>,
    findings: BTreeMap<FindingCode, (u64, SourceLocation)>,
    across: Across,
    usual: UsualFindings,
    /// Whether a column that resembles a canonical one may make results wrong.
    is_grave: bool,
}

impl InputLog {
    /// Adds an input that was read, and the findings about it.
    pub fn add(&mut self, role: InputRole, source: &InputSource, summary: &ReadSummary, layout: &Layout) {
        let (layout, notes) = (source.layout_or(layout), &summary.notes);
        self.usual.add(layout.input(role), summary);
        let name = with_sheet(&source.name, summary.sheet.as_deref());
        self.read.push(input(role, source, summary, layout));
        for (code, noticed) in notes.findings() {
            let place = match noticed.column {
                Some(column) => {
                    SourceLocation::cell(&*name, noticed.line, escape_control(summary.header.name(column)))
                }
                None => SourceLocation::line(&*name, noticed.line),
            };
            self.find(code, noticed.count, place);
        }
        summary.findings(&name).into_iter().for_each(|(code, place)| self.find(code, 1, place));
        self.is_grave |= summary.near_misses.iter().any(|near| near.is_grave);
        self.across.add(role, source, summary, layout);
    }

    /// Adds the findings about all inputs together, and returns the assumptions about these.
    pub fn settle(&mut self, acknowledged: Acknowledged) -> Vec<Assumption> {
        for (code, count, place) in self.across.found(acknowledged) {
            self.find(code, count, place);
        }
        self.across.assumptions(acknowledged)
    }

    /// Checks that the layout did not skip every row of the exports of one kind. If it did, they are exports of another kind.
    ///
    /// # Errors
    /// If every row was skipped.
    pub fn check_not_all_skipped(&self, role: InputRole) -> Result<(), InputError> {
        let inputs = || self.read.iter().filter(|input| input.role == role);
        match inputs().find(|input| input.aside > 0) {
            Some(first) if inputs().all(|input| input.rows == 0) => Err(InputError {
                place: SourceLocation::file(&*first.path),
                reason: InputErrorKind::NothingUsable { rows: first.aside, causes: Vec::new() },
            }),
            _ => Ok(()),
        }
    }

    /// Records which location columns that the run needs are missing from the encounters added last.
    pub fn note_unknown_locations(&mut self, summary: &ReadSummary, places: &LocationTable) {
        let asked =
            [("location_id", !places.locations.is_empty()), ("county_fips", places.counties.is_some())];
        let absent = asked.iter().filter(|(name, asked)| *asked && summary.header.position(name).is_none());
        if let Some(input) = self.read.last_mut() {
            input.absent.extend(absent.map(|(name, _)| (*name).to_owned()));
        }
    }

    /// Reports records of some inputs whose valid version is unknown. `contradictions` is the location of the second version of each,
    /// sorted.
    /// `column` is the column of the record id.
    pub fn contradict<'s>(
        &mut self,
        column: &str,
        mut sources: impl Iterator<Item = &'s InputSource>,
        contradictions: &[(u32, u64)],
    ) {
        if let Some((file, line)) = contradictions.first()
            && let Some(source) = sources.nth(*file as usize)
        {
            let place = SourceLocation::cell(source.label(), *line, column.to_owned());
            self.find(FindingCode::ContradictingVersions, contradictions.len() as u64, place);
        }
    }

    /// Reports a reporting period that the program of a rule set does not allow.
    pub fn check_period(&mut self, task: &Task) {
        if task.rulings.iter().any(|ruling| !ruling.allows(task.period)) {
            self.find(FindingCode::PeriodNotAllowed, 1, SourceLocation::file(PERIOD));
        }
    }

    /// Adds findings. Keeps the first location, which is in the input that comes first.
    pub fn find(&mut self, code: FindingCode, count: u64, place: SourceLocation) {
        self.findings.entry(code).or_insert((0, place)).0 += count;
    }

    /// Returns all findings, by code.
    pub fn findings(&self) -> Vec<Finding> {
        let finding = |(code, (count, first)): (&FindingCode, &(u64, SourceLocation))| Finding {
            code: code.slug(),
            severity: match self.usual.is_only(*code) {
                true => Severity::Note,
                false => grave_or_not(*code, self.is_grave),
            },
            count: *count,
            first: first.clone(),
        };
        self.findings.iter().map(finding).collect()
    }
}

/// Which findings occur only in exports whose layout says that they usually have them.
#[derive(Default)]
pub struct UsualFindings {
    /// Findings of any export.
    all: BTreeSet<FindingCode>,
    /// Findings of exports that do not usually have them.
    unusual: BTreeSet<FindingCode>,
}

impl UsualFindings {
    /// Adds the findings of an export.
    pub fn add(&mut self, input: &EntityLayout, summary: &ReadSummary) {
        for (code, _) in summary.notes.findings() {
            self.all.insert(code);
            if !input.is_usual(code) {
                self.unusual.insert(code);
            }
        }
    }

    /// Returns whether a finding occurs, and only where it is usual.
    pub fn is_only(&self, code: FindingCode) -> bool {
        self.all.contains(&code) && !self.unusual.contains(&code)
    }
}

/// Checks that some row of an export can be used, if it has rows.
///
/// # Errors
/// If no row can be used. The error has the causes, and the first location of the most frequent one.
pub fn check_usable(source: &InputSource, summary: &ReadSummary) -> Result<(), InputError> {
    if summary.notes.rows == 0 || summary.notes.rows > summary.notes.rejected {
        return Ok(());
    }
    let mut causes: Vec<(FindingCode, OccurrenceSummary)> =
        summary.notes.findings().filter(|(code, _)| code.makes_unusable()).collect();
    causes.sort_by_key(|(code, noticed)| (std::cmp::Reverse(noticed.count), *code));
    let place = match causes.first() {
        Some((_, OccurrenceSummary { line, column: Some(column), .. })) => {
            SourceLocation::cell(&*source.name, *line, escape_control(summary.header.name(*column)))
        }
        Some((_, OccurrenceSummary { line, .. })) => SourceLocation::line(&*source.name, *line),
        None => SourceLocation::file(&*source.name),
    };
    let causes = causes.into_iter().map(|(code, noticed)| (code.slug(), noticed.count)).collect();
    Err(InputError { place, reason: InputErrorKind::NothingUsable { rows: summary.notes.rows, causes } })
}

/// Returns the severity of a finding. `is_grave` states whether a column that resembles a canonical one may make results wrong.
pub fn grave_or_not(code: FindingCode, is_grave: bool) -> Severity {
    match code {
        FindingCode::NearMissColumn if !is_grave => Severity::Warning,
        _ => code.severity(),
    }
}

/// Returns the summary of an input that was read.
pub fn input(role: InputRole, source: &InputSource, summary: &ReadSummary, layout: &Layout) -> InputSummary {
    let columns = source.layout_or(layout).input(role).columns;
    let notes = &summary.notes;
    let is_absent = |name: &&&str| {
        summary.header.position(name).is_none() || summary.never.iter().any(|never| never == **name)
    };
    let absent = columns.telling.iter().filter(is_absent);
    InputSummary {
        role,
        path: source.name.clone(),
        sheet: summary.sheet.clone(),
        bytes: summary.bytes,
        sha256: summary.sha256.clone(),
        rows: notes.rows,
        rejected: notes.rejected,
        missing: notes.missing,
        aside: notes.aside,
        furniture: notes.furniture,
        aside_types: notes.aside_types().iter().copied().collect(),
        absent: absent.map(|name| (*name).to_owned()).collect(),
    }
}
