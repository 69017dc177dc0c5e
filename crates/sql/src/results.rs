//! Converts the result of the query for all figures to the figures of a report.

use std::collections::BTreeMap;

use mucalc_core::domain::membership::Membership;
use mucalc_core::domain::report::{AttritionStep, SUPERSEDED};
use mucalc_core::domain::score::MembershipCounts;
use mucalc_core::edition::DecisionTable;

/// A row of the query for all figures: the part it belongs to, a name, a detail, and three numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRow {
    /// `name`, `npi`, `provider`, `group`, or the side whose rows are counted.
    pub part: String,
    /// Provider, or rule.
    pub name: String,
    /// Further detail.
    pub detail: String,
    /// Number of patients or rows.
    pub counted: u64,
    /// Of rows, how many certainly qualify.
    pub certain: u64,
    /// Of rows, how many are unresolved.
    pub uncertain: u64,
}

/// The figures of a report.
#[derive(Clone, Debug, Default)]
pub struct QueryResults {
    /// Every listed provider, by id.
    pub providers: BTreeMap<String, ProviderFigures>,
    /// Unique patients over all providers.
    pub group: MembershipCounts,
    /// For each side, the rows that each rule decided, and the findings.
    sides: BTreeMap<String, BTreeMap<String, ResultRow>>,
}

/// The figures of a provider.
#[derive(Clone, Debug, Default)]
pub struct ProviderFigures {
    /// Name on the roster.
    pub name: Option<String>,
    /// NPI on the roster.
    pub npi: Option<String>,
    /// Patients by membership.
    pub score: MembershipCounts,
}

impl QueryResults {
    /// Collects the figures from the rows of a query result. `None` if the rows are not those of such a query.
    pub fn from_rows(rows: impl IntoIterator<Item = ResultRow>) -> Option<Self> {
        let mut figures = Self::default();
        for row in rows {
            match row.part.as_str() {
                "name" => figures.providers.entry(row.name).or_default().name = Some(row.detail),
                "npi" => figures.providers.entry(row.name).or_default().npi = Some(row.detail),
                "provider" => {
                    let score = &mut figures.providers.entry(row.name).or_default().score;
                    add(score, &row.detail, row.counted)?;
                }
                "group" => add(&mut figures.group, &row.detail, row.counted)?,
                _ => {
                    figures.sides.entry(row.part.clone()).or_default().insert(row.name.clone(), row);
                }
            }
        }
        Some(figures)
    }

    /// Returns the rows of a side by deciding rule, in the order of the rules.
    pub fn buckets(&self, side: &str, table: &DecisionTable) -> Vec<AttritionStep> {
        let rules = table.rules().iter().enumerate().filter(|(rule, _)| table.is_active(*rule));
        let bucket = |(_, id): (usize, &String)| {
            let row = self.sides.get(side).and_then(|rows| rows.get(id));
            AttritionStep {
                rule: id.clone(),
                rows: row.map_or(0, |row| row.counted),
                counted: row.map_or(0, |row| row.certain),
                uncertain: row.map_or(0, |row| row.uncertain),
            }
        };
        let row = self.sides.get(side).and_then(|rows| rows.get(SUPERSEDED)).filter(|row| row.counted > 0);
        let superseded = |row: &ResultRow| AttritionStep {
            rule: SUPERSEDED.to_owned(),
            rows: row.counted,
            counted: 0,
            uncertain: 0,
        };
        row.map(superseded).into_iter().chain(rules.map(bucket)).collect()
    }

    /// Returns how often a finding occurs in the rows of a side.
    pub fn finding_count(&self, side: &str, code: &str) -> u64 {
        self.sides.get(side).and_then(|rows| rows.get(code)).map_or(0, |row| row.counted)
    }
}

/// Adds a number to a score. `None` if the score has no number with that name.
fn add(score: &mut MembershipCounts, name: &str, counted: u64) -> Option<()> {
    match name {
        "unusable_encounters" => score.unusable.encounters += counted,
        "unusable_messages" => score.unusable.messages += counted,
        "unseen_writers" => score.unseen_writers += counted,
        "elsewhere" => score.elsewhere += counted,
        "regrouped_certain" => score.regrouped.certain += counted,
        "regrouped_possible" => score.regrouped.possible += counted,
        _ => {
            let standing = Membership::ALL.into_iter().find(|standing| {
                name == format!("{}_{}", standing.denominator.word(), standing.numerator.word())
            })?;
            score.add(standing, counted);
        }
    }
    Some(())
}
