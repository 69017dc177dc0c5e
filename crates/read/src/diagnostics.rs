//! Collects row counts and findings while an input is read. Parts can be merged in any order.

use std::collections::{BTreeMap, BTreeSet};

use crate::format::answer::Answers;
use crate::record_ids::RecordIds;
use mucalc_core::domain::finding::{FindingCode, Severity};
use mucalc_core::domain::unusable_row::{LostVersion, Unusable, UnusableRow};

/// Row counts and findings of a part of an input.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    /// Rows read, including unusable ones.
    pub rows: u64,
    /// Unusable rows.
    pub rejected: u64,
    /// Rows that API responses announce and no input contains.
    pub missing: u64,
    /// Rows skipped by the layout.
    pub aside: u64,
    /// Non-data rows, such as blank rows, repeated headers, and totals.
    pub furniture: u64,
    /// The unusable rows that can affect a result.
    pub unusable: Unusable,
    /// Unusable rows that may be versions of records; see [`ReadContext::repeated`](crate::ReadContext::repeated).
    pub lost_versions: Vec<LostVersion>,
    /// Ids of the records.
    pub record_ids: RecordIds,
    /// Times with a zone.
    pub zoned: Zoned,
    /// What API responses state about further pages.
    pub answers: Answers,
    /// Types of the skipped FHIR resources, if known.
    aside_types: BTreeSet<&'static str>,
    findings: BTreeMap<FindingCode, OccurrenceSummary>,
    /// Every occurrence of a finding; `None` if only the first ones are kept.
    places: Option<Vec<Occurrence>>,
}

/// An occurrence of a finding in an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// Line, from 1.
    pub line: u64,
    /// Column, as a position in the header; `None` if the finding is about the whole row.
    pub column: Option<u32>,
    /// Code of the finding.
    pub code: FindingCode,
}

/// Maximum number of occurrences kept of findings that reject no row.
const MAX_PLACES: usize = 1 << 20;

/// Types of resources that exports contain in addition to encounters and messages. Other types are not named, because an export may have
/// any text as a type.
const TYPES: [&str; 48] = [
    "Account",
    "AllergyIntolerance",
    "Appointment",
    "AuditEvent",
    "Basic",
    "Binary",
    "Bundle",
    "CarePlan",
    "CareTeam",
    "Claim",
    "ClinicalImpression",
    "Communication",
    "CommunicationRequest",
    "Composition",
    "Condition",
    "Consent",
    "Coverage",
    "Device",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "EpisodeOfCare",
    "ExplanationOfBenefit",
    "Flag",
    "Goal",
    "Group",
    "HealthcareService",
    "ImagingStudy",
    "Immunization",
    "Location",
    "Media",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MessageHeader",
    "Observation",
    "OperationOutcome",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "QuestionnaireResponse",
    "RelatedPerson",
    "ServiceRequest",
    "Task",
];

/// Replaces the type of any other resource, and a missing type.
const OTHER_TYPE: &str = "other";

/// How often a finding occurs in an input, and where first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OccurrenceSummary {
    /// Number of occurrences.
    pub count: u64,
    /// Line of the first occurrence.
    pub line: u64,
    /// Column on that line, as a position in the header; `None` if the finding is about the whole row.
    pub column: Option<usize>,
}

/// Times with a zone in the column of days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zoned {
    /// Number of these times.
    pub times: u64,
    /// Of these, times at midnight in UTC that are another day in the practice time zone.
    pub midnights: u64,
    /// Line of the first time at midnight, and its column as a position in the header.
    pub first: Option<(u64, usize)>,
}

/// Minimum number of times for a conclusion, since a few times at midnight may be chance.
const MANY: u64 = 20;

/// Minimum percentage of times at midnight for a conclusion. It is below 100 because some exports have a few real times among their days.
const NEARLY_ALL: u64 = 95;

impl Zoned {
    /// Returns whether nearly all of many times are midnight in UTC, which means that they are days and not moments.
    pub fn are_days(&self) -> bool {
        self.times >= MANY && self.midnights * 100 >= self.times * NEARLY_ALL
    }

    /// Adds the times of another part.
    pub fn merge(&mut self, other: Self) {
        self.times += other.times;
        self.midnights += other.midnights;
        self.first = match (self.first, other.first) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

impl Diagnostics {
    /// Returns empty diagnostics. `places` states whether to keep every occurrence.
    pub fn new(places: bool) -> Self {
        Self { places: places.then(Vec::new), ..Self::default() }
    }

    /// Returns every occurrence in the order of the input; empty if only the first ones are kept.
    pub fn places(&self) -> &[Occurrence] {
        self.places.as_deref().unwrap_or_default()
    }

    /// Records a finding.
    pub fn record(&mut self, code: FindingCode, line: u64, column: Option<usize>) {
        if let Some(places) = &mut self.places {
            places.push(Occurrence { line, column: column.map(|column| column as u32), code });
        }
        self.add(code, OccurrenceSummary { count: 1, line, column });
    }

    /// Records an unusable row.
    pub fn reject(&mut self, code: FindingCode, line: u64, column: Option<usize>) {
        self.rejected += 1;
        self.record(code, line, column);
    }

    /// Records an unusable row, with what can still be read of it.
    pub fn reject_unusable(&mut self, code: FindingCode, line: u64, column: Option<usize>, row: UnusableRow) {
        self.reject(code, line, column);
        self.unusable.add(row, 1);
    }

    /// Records an unusable row of which nothing can be read, and which may contain `rows` rows.
    #[cold]
    pub fn lose_rows(&mut self, code: FindingCode, line: u64, rows: u64) {
        self.rows += 1;
        self.reject_unusable(code, line, None, UnusableRow::Unreadable);
        self.lose_more(rows.saturating_sub(1));
    }

    /// Records a row whose cells moved, so that every cell may be in a wrong column. The row was already counted.
    #[cold]
    pub fn lose_moved<E>(&mut self, line: u64) -> Result<(), E> {
        self.reject_unusable(FindingCode::RaggedRow, line, None, UnusableRow::Unreadable);
        Ok(())
    }

    /// Counts further rows that an unusable row may contain.
    pub fn lose_more(&mut self, rows: u64) {
        if rows > 0 {
            self.rows += rows;
            self.rejected += rows;
            self.unusable.add(UnusableRow::Unreadable, rows);
        }
    }

    /// Records rows that a cell swallowed, at least one. The cell begins on `line`.
    pub fn swallow(&mut self, rows: u64, line: u64, column: Option<usize>) {
        self.rows += rows;
        self.rejected += rows;
        self.unusable.add(UnusableRow::Unreadable, rows);
        self.record(FindingCode::SwallowedRows, line, column);
        self.add(FindingCode::SwallowedRows, OccurrenceSummary { count: rows - 1, line, column });
    }

    /// Records an unusable row with its cause and column; `None` if the cause was recorded before.
    pub fn reject_for(&mut self, cause: Option<(FindingCode, Option<usize>)>, line: u64) {
        match cause {
            Some((code, column)) => self.reject(code, line, column),
            None => self.rejected += 1,
        }
    }

    /// Leaves aside a row that was counted, such as one of other days than those that are read.
    pub fn leave_aside<E>(&mut self) -> Result<(), E> {
        self.rows -= 1;
        self.aside += 1;
        Ok(())
    }

    /// Records that a row, which was counted, is a non-data row.
    pub fn skip_furniture(&mut self, line: u64) {
        self.rows -= 1;
        self.furniture += 1;
        self.record(FindingCode::Furniture, line, None);
    }

    /// Records a time with a zone. `at_midnight` states whether it is midnight in UTC and another day in the practice time zone.
    pub fn see_zoned(&mut self, at_midnight: bool, line: impl FnOnce() -> u64, column: usize) {
        self.zoned.times += 1;
        if at_midnight {
            self.zoned.midnights += 1;
            // Rows come in order, and only the first line is computed, because that requires counting line feeds.
            self.zoned.first.get_or_insert_with(|| (line(), column));
        }
    }

    /// Records that a FHIR resource of a type was skipped.
    pub fn set_aside(&mut self, kind: &str) {
        let kind = TYPES.iter().copied().find(|known| *known == kind).unwrap_or(OTHER_TYPE);
        self.aside_types.insert(kind);
    }

    /// Returns the types of the skipped FHIR resources.
    pub fn aside_types(&self) -> &BTreeSet<&'static str> {
        &self.aside_types
    }

    /// Returns how often a finding was recorded.
    pub fn count(&self, code: FindingCode) -> u64 {
        self.findings.get(&code).map_or(0, |noticed| noticed.count)
    }

    /// Adds the diagnostics of another part.
    pub fn merge(&mut self, other: Diagnostics) {
        self.rows += other.rows;
        self.rejected += other.rejected;
        self.aside += other.aside;
        self.furniture += other.furniture;
        self.unusable.merge(other.unusable);
        self.lost_versions.extend(other.lost_versions);
        self.record_ids.merge(other.record_ids);
        self.zoned.merge(other.zoned);
        self.answers.merge(&other.answers);
        self.aside_types.extend(other.aside_types);
        if let Some(more) = other.places {
            let places = self.places.get_or_insert_default();
            places.extend(more);
            if places.len() > 2 * MAX_PLACES {
                shorten(places);
            }
        }
        for (code, noticed) in other.findings {
            self.add(code, noticed);
        }
    }

    /// Puts the occurrences in the order of the input.
    pub fn sort_places(&mut self) {
        self.places.iter_mut().for_each(shorten);
    }

    /// Returns the findings, in the order of their codes.
    pub fn findings(&self) -> impl Iterator<Item = (FindingCode, OccurrenceSummary)> + '_ {
        self.findings.iter().map(|(code, noticed)| (*code, *noticed))
    }

    fn add(&mut self, code: FindingCode, new: OccurrenceSummary) {
        self.findings
            .entry(code)
            .and_modify(|known| {
                known.count += new.count;
                if (new.line, new.column) < (known.line, known.column) {
                    (known.line, known.column) = (new.line, new.column);
                }
            })
            .or_insert(new);
    }
}

/// Sorts occurrences, and keeps only the first `MAX_PLACES` of those that reject no row.
fn shorten(places: &mut Vec<Occurrence>) {
    places.sort_unstable();
    let mut others = 0;
    places.retain(|place| {
        let rejects = place.code.severity() == Severity::Error;
        others += usize::from(!rejects);
        rejects || others <= MAX_PLACES
    });
}
