//! The attrition: how many rows each rule decided, from the rows read to those that qualify.

use crate::table::{Column, Table, Value};
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::report::{AttritionStep, MeasureResult, ProviderAttrition, Report};
use mucalc_core::domain::text::{capitalize, with_commas};

/// The attrition of one kind of export.
pub struct AttritionTable<'r> {
    /// The kind of export.
    pub role: InputRole,
    /// Rows read.
    pub read: u64,
    /// The unusable rows among these.
    pub rejected: u64,
    /// The rules, in order.
    pub steps: Vec<AttritionLine<'r>>,
}

/// A rule in the attrition.
pub struct AttritionLine<'r> {
    /// The rows that the rule decided.
    pub bucket: &'r AttritionStep,
    /// The rows that remain for the rules after it.
    pub left: u64,
}

/// Returns the attrition of each kind of export that the measure uses.
pub fn attrition_tables<'r>(report: &Report, measure: &'r MeasureResult) -> Vec<AttritionTable<'r>> {
    let Some(waterfall) = &measure.waterfall else { return Vec::new() };
    let fall = |(role, buckets): (InputRole, &'r Vec<AttritionStep>)| {
        let inputs = || report.inputs.iter().filter(|input| input.role == role);
        let read = inputs().map(|input| input.rows).sum();
        let rejected = inputs().map(|input| input.rejected).sum();
        let mut left = read - rejected;
        let step = |bucket: &'r AttritionStep| {
            left -= bucket.rows;
            AttritionLine { bucket, left }
        };
        AttritionTable { role, read, rejected, steps: buckets.iter().map(step).collect() }
    };
    [
        (InputRole::Encounters, &waterfall.encounters),
        (InputRole::Messages, &waterfall.messages),
        (InputRole::Accesses, &waterfall.accesses),
    ]
    .into_iter()
    .filter(|(_, buckets)| !buckets.is_empty())
    .map(fall)
    .collect()
}

const HEADER: [&str; 5] = ["Rule", "Rows", "Qualify", "Unresolved", "Left"];

impl AttritionTable<'_> {
    fn table(self) -> Table<'static> {
        let title = format!("{} by deciding rule", capitalize(self.role.word()));
        let [rule, numbers @ ..] = HEADER;
        let columns = [Column::text(rule)].into_iter().chain(numbers.map(Column::number)).collect();
        let first = |name: &str, rows: u64, left: u64| {
            vec![
                Value::text(name),
                Value::Count(rows),
                Value::Maybe(None),
                Value::Maybe(None),
                Value::Count(left),
            ]
        };
        let mut rows = vec![
            first("(rows read)", self.read, self.read),
            first("(unusable)", self.rejected, self.read - self.rejected),
        ];
        rows.extend(self.steps.iter().map(|AttritionLine { bucket, left }| {
            let numbers = [bucket.rows, bucket.counted, bucket.uncertain, *left].map(Value::Count);
            [Value::text(&bucket.rule)].into_iter().chain(numbers).collect()
        }));
        Table::new(title, columns, rows.into_iter())
    }
}

/// Returns the attrition of each kind of export, then that of each provider if it was counted.
pub fn tables(report: &Report, measure: &MeasureResult) -> Vec<Table<'static>> {
    let of_provider = |(title, rules, rows): ProviderGrid| {
        let rules = rules.into_iter().map(Column::number);
        let rows = rows.into_iter().map(|(provider, numbers)| {
            [Value::Text(provider)].into_iter().chain(numbers.into_iter().map(Value::Number)).collect()
        });
        Table::new(title, [Column::text("Provider")].into_iter().chain(rules).collect(), rows)
    };
    let of_rules = attrition_tables(report, measure).into_iter().map(AttritionTable::table);
    of_rules.chain(by_provider(measure).into_iter().map(of_provider)).collect()
}

/// A title, the rules with all rows, and a function that returns the rules with the rows of a provider.
type Kind<'r> = (&'static str, &'r Vec<AttritionStep>, fn(&ProviderAttrition) -> &Vec<AttritionStep>);

/// A title, the rules that decided any row, and for each provider the number of rows that each of them decided.
pub type ProviderGrid = (String, Vec<String>, Vec<(String, Vec<String>)>);

/// Returns the rows of each provider by the rules that decided them; empty if they were not counted by provider.
pub fn by_provider(measure: &MeasureResult) -> Vec<ProviderGrid> {
    let Some(waterfall) = measure.waterfall.as_ref().filter(|waterfall| !waterfall.providers.is_empty())
    else {
        return Vec::new();
    };
    let grid = |(what, all, of): Kind<'_>| {
        let used: Vec<usize> = (0..all.len()).filter(|at| all[*at].rows > 0).collect();
        let row = |provider: &ProviderAttrition| {
            let name = provider.provider_id.clone().unwrap_or_else(|| "(no provider)".to_owned());
            let rows = |at: &usize| of(provider).get(*at).map_or(0, |bucket| bucket.rows);
            (name, used.iter().map(|at| with_commas(rows(at))).collect())
        };
        let has_rows =
            |of_provider: &&ProviderAttrition| of(of_provider).iter().any(|bucket| bucket.rows > 0);
        let rules = used.iter().map(|at| all[*at].rule.clone()).collect();
        let rows = waterfall.providers.iter().filter(has_rows).map(row).collect();
        (format!("{what} of each provider by deciding rule"), rules, rows)
    };
    let all: [Kind<'_>; 3] = [
        ("Encounters", &waterfall.encounters, |of| &of.encounters),
        ("Messages", &waterfall.messages, |of| &of.messages),
        ("Accesses", &waterfall.accesses, |of| &of.accesses),
    ];
    all.into_iter().filter(|(_, buckets, _)| !buckets.is_empty()).map(grid).collect()
}
