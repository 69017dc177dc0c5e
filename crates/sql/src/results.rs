//! What the query for all figures answered, as the figures of a report.

use std::collections::BTreeMap;

use mucalc_core::domain::membership::Membership;
use mucalc_core::domain::report::{AttritionStep, SUPERSEDED};
use mucalc_core::domain::score::MembershipCounts;
use mucalc_core::edition::DecisionTable;

/// A row that the query for all figures answers: which part it belongs to, a name, a detail, and three numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultRow {
    /// `name`, `npi`, `provider`, `group`, or the side whose rows are told.
    pub part: String,
    /// The provider or the rule.
    pub name: String,
    /// More of it.
    pub detail: String,
    /// How many patients or rows.
    pub counted: u64,
    /// Of rows, how many are in for certain.
    pub certain: u64,
    /// Of rows, how many are left open.
    pub uncertain: u64,
}

/// The figures of a report.
#[derive(Clone, Debug, Default)]
pub struct QueryResults {
    /// Every provider that is listed, by id.
    pub providers: BTreeMap<String, ProviderFigures>,
    /// Unique patients over all providers.
    pub group: MembershipCounts,
    /// Of each side, the rows that each rule judged, and what was found fault with.
    sides: BTreeMap<String, BTreeMap<String, ResultRow>>,
}

/// What there is of a provider.
#[derive(Clone, Debug, Default)]
pub struct ProviderFigures {
    /// The name on the roster.
    pub name: Option<String>,
    /// The NPI on the roster.
    pub npi: Option<String>,
    /// The patients by what the data allow of them.
    pub score: MembershipCounts,
}

impl QueryResults {
    /// The figures in the rows of an answer; none where the rows are not those of such a query.
    pub fn of(rows: impl IntoIterator<Item = ResultRow>) -> Option<Self> {
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

    /// The rows of a side by the rule that judged them, in the order of the rules.
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

    /// How often something was found fault with in the rows of a side.
    pub fn faults(&self, side: &str, code: &str) -> u64 {
        self.sides.get(side).and_then(|rows| rows.get(code)).map_or(0, |row| row.counted)
    }
}

/// Adds a number to a score; none where the score has no number of that name.
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
