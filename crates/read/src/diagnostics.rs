//! What reading an input noticed: rows, rejected rows and findings; adds up in any order.

use std::collections::{BTreeMap, BTreeSet};

use crate::format::answer::Answers;
use crate::record_ids::RecordIds;
use mucalc_core::domain::finding::{FindingCode, Severity};
use mucalc_core::domain::unusable_row::{LostVersion, Unusable, UnusableRow};

/// What reading a part of an input noticed.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    /// Rows read, rejected ones included.
    pub rows: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows that answers of an interface say exist and no input has.
    pub missing: u64,
    /// Rows left aside, because the layout says that they are not meant for us.
    pub aside: u64,
    /// Rows that are no records, such as blank rows, repeated headers and totals.
    pub furniture: u64,
    /// Of the rejected rows, those that a result has to allow for.
    pub unusable: Unusable,
    /// Unusable rows that may be versions of records; see [`ReadContext::repeated`](crate::ReadContext::repeated).
    pub lost_versions: Vec<LostVersion>,
    /// The ids of the records.
    pub record_ids: RecordIds,
    /// Times with a zone.
    pub zoned: Zoned,
    /// What answers of an interface say of further pages.
    pub answers: Answers,
    /// Of which types of FHIR resources these are, as far as is known.
    aside_types: BTreeSet<&'static str>,
    findings: BTreeMap<FindingCode, OccurrenceSummary>,
    /// Every place, if places are kept.
    places: Option<Vec<Occurrence>>,
}

/// A place in an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// The line.
    pub line: u64,
    /// The column, as a position in the header; none where the whole row is meant.
    pub column: Option<u32>,
    /// What was noticed there.
    pub code: FindingCode,
}

/// So many places of findings that reject no row are kept at the most.
const MOST_PLACES: usize = 1 << 20;

/// The types of resources that stand beside encounters and messages in exports. Others are not told apart, since what claims to
/// be a type may be anything.
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

/// Stands for a resource of another type, or of none.
const OTHER_TYPE: &str = "other";

/// How often a code was met in one input, and where first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OccurrenceSummary {
    /// How often.
    pub count: u64,
    /// The first line.
    pub line: u64,
    /// The column on that line, as a position in the header; none where the whole row is meant.
    pub column: Option<usize>,
}

/// Times with a zone in the column of days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zoned {
    /// How many there are.
    pub times: u64,
    /// Of these, those at midnight in UTC that are another day by the clocks of the practice.
    pub midnights: u64,
    /// The line of the first of these, and the column as a position in the header.
    pub first: Option<(u64, usize)>,
}

/// So many times are enough to see that they are all at midnight; of a few that may be chance.
const MANY: u64 = 20;

/// So many of a hundred times at midnight are no chance: some exports have a few real times among their days.
const NEARLY_ALL: u64 = 95;

impl Zoned {
    /// Whether nearly all of many times are at midnight in UTC, so that they stand for days and not for moments.
    pub fn are_days(&self) -> bool {
        self.times >= MANY && self.midnights * 100 >= self.times * NEARLY_ALL
    }

    /// Adds those of another part.
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
    /// Nothing noticed yet; `places` says whether every place is to be kept.
    pub fn new(places: bool) -> Self {
        Self { places: places.then(Vec::new), ..Self::default() }
    }

    /// Every place in the order of the input, if places were kept.
    pub fn places(&self) -> &[Occurrence] {
        self.places.as_deref().unwrap_or_default()
    }

    /// Notes a finding.
    pub fn notice(&mut self, code: FindingCode, line: u64, column: Option<usize>) {
        if let Some(places) = &mut self.places {
            places.push(Occurrence { line, column: column.map(|column| column as u32), code });
        }
        self.add(code, OccurrenceSummary { count: 1, line, column });
    }

    /// Notes a row that cannot be used.
    pub fn reject(&mut self, code: FindingCode, line: u64, column: Option<usize>) {
        self.rejected += 1;
        self.notice(code, line, column);
    }

    /// Notes a row that is rejected, with what can still be read of it.
    pub fn reject_unusable(&mut self, code: FindingCode, line: u64, column: Option<usize>, row: UnusableRow) {
        self.reject(code, line, column);
        self.unusable.add(row, 1);
    }

    /// Notes an unusable row of which nothing can be read, and which may be so many rows.
    #[cold]
    pub fn lose_rows(&mut self, code: FindingCode, line: u64, rows: u64) {
        self.rows += 1;
        self.reject_unusable(code, line, None, UnusableRow::Unreadable);
        self.lose_more(rows.saturating_sub(1));
    }

    /// Notes a row of which the cells moved, so that nothing is known to stand where it belongs. The row was counted.
    #[cold]
    pub fn lose_moved<E>(&mut self, line: u64) -> Result<(), E> {
        self.reject_unusable(FindingCode::RaggedRow, line, None, UnusableRow::Unreadable);
        Ok(())
    }

    /// Counts further rows that an unusable one may hold.
    pub fn lose_more(&mut self, rows: u64) {
        if rows > 0 {
            self.rows += rows;
            self.rejected += rows;
            self.unusable.add(UnusableRow::Unreadable, rows);
        }
    }

    /// Notes rows that a cell swallowed, which begins on this line.
    pub fn swallow(&mut self, rows: u64, line: u64, column: Option<usize>) {
        self.rows += rows;
        self.rejected += rows;
        self.unusable.add(UnusableRow::Unreadable, rows);
        self.notice(FindingCode::SwallowedRows, line, column);
        self.add(FindingCode::SwallowedRows, OccurrenceSummary { count: rows - 1, line, column });
    }

    /// Notes a row that is rejected for a cause, with its column; `None` if the cause was noted before.
    pub fn reject_for(&mut self, cause: Option<(FindingCode, Option<usize>)>, line: u64) {
        match cause {
            Some((code, column)) => self.reject(code, line, column),
            None => self.rejected += 1,
        }
    }

    /// Notes that a row, which was counted as one, is no record.
    pub fn skip_furniture(&mut self, line: u64) {
        self.rows -= 1;
        self.furniture += 1;
        self.notice(FindingCode::Furniture, line, None);
    }

    /// Notes a time with a zone in a column; `at_midnight` if it is one in UTC that is another day by the clocks of the practice.
    pub fn see_zoned(&mut self, at_midnight: bool, line: impl FnOnce() -> u64, column: usize) {
        self.zoned.times += 1;
        if at_midnight {
            self.zoned.midnights += 1;
            // Rows come in order, and the number of a line has to be counted out.
            self.zoned.first.get_or_insert_with(|| (line(), column));
        }
    }

    /// Notes that a FHIR resource of a type was left aside.
    pub fn set_aside(&mut self, kind: &str) {
        let kind = TYPES.iter().copied().find(|known| *known == kind).unwrap_or(OTHER_TYPE);
        self.aside_types.insert(kind);
    }

    /// The types of FHIR resources that were left aside.
    pub fn aside_types(&self) -> &BTreeSet<&'static str> {
        &self.aside_types
    }

    /// How often a code was noted.
    pub fn count(&self, code: FindingCode) -> u64 {
        self.findings.get(&code).map_or(0, |noticed| noticed.count)
    }

    /// Adds what another part noticed.
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
            if places.len() > 2 * MOST_PLACES {
                shorten(places);
            }
        }
        for (code, noticed) in other.findings {
            self.add(code, noticed);
        }
    }

    /// Puts the places in the order of the input.
    pub fn sort_places(&mut self) {
        self.places.iter_mut().for_each(shorten);
    }

    /// The findings, in the order of their codes.
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

/// Sorts places, and keeps of those that reject no row only the first.
fn shorten(places: &mut Vec<Occurrence>) {
    places.sort_unstable();
    let mut others = 0;
    places.retain(|place| {
        let rejects = place.code.severity() == Severity::Error;
        others += usize::from(!rejects);
        rejects || others <= MOST_PLACES
    });
}
