//! What a query yields of the ledger and the judged rows.

use crate::domain::standing::Standing;
use crate::warehouse::Order;
use crate::warehouse::sides::{Side, Sides};
use crate::warehouse::steps::{Arm, Steps, case, select};

/// What a query yields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// One row a provider: denominator, numerator and verdict.
    #[default]
    Summary,
    /// One row per provider and patient, with the columns of `--ledger`.
    Ledger,
    /// How many rows each rule judged, and how many were rejected.
    Waterfall,
    /// All figures of a report, one a row: for programs.
    Figures,
}

impl Asked {
    /// The words of `--result`.
    pub const WORDS: [&'static str; 4] = ["summary", "ledger", "waterfall", "figures"];

    /// What a word asks for.
    pub fn parse(word: &str) -> Option<Self> {
        let position = Self::WORDS.iter().position(|known| *known == word)?;
        Some([Asked::Summary, Asked::Ledger, Asked::Waterfall, Asked::Figures][position])
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// The columns of `--ledger`.
const LEDGER: [&str; 13] = [
    "provider_id",
    "patient_id",
    "denominator",
    "numerator",
    "encounters",
    "first_seen",
    "last_seen",
    "counted_messages",
    "uncertain_messages",
    "first_counted_at",
    "reason",
    "encounter_ref",
    "message_ref",
];

/// The last `SELECT`, and the steps that it needs.
pub(super) fn last(order: &Order<'_>, sides: &Sides, steps: &mut Steps) -> String {
    let bytewise = order.dialect.bytewise();
    match order.asked {
        Asked::Summary => {
            providers(order, sides, steps);
            summary(order, steps);
            format!("SELECT *\nFROM summary\nORDER BY provider_id{bytewise}")
        }
        Asked::Ledger => {
            let items = LEDGER.map(|name| (name, name));
            select(&items, &format!("FROM ledger\nORDER BY provider_id{bytewise}, patient_id{bytewise}"))
        }
        Asked::Waterfall => {
            fall(&sides.encounters, steps);
            fall(&sides.numerator, steps);
            let part = |side: &Side| format!("SELECT *\nFROM {}_fall", side.kind.word());
            let both = format!("{}\nUNION ALL\n{}", part(&sides.encounters), part(&sides.numerator));
            steps.add("waterfall", "both sides", both);
            "SELECT\n  side,\n  rule,\n  rows_judged,\n  rows_counted,\n  rows_uncertain\nFROM waterfall\nORDER BY side, place"
                .to_owned()
        }
        Asked::Figures => {
            providers(order, sides, steps);
            figures(sides, steps);
            "SELECT *\nFROM figures".to_owned()
        }
    }
}

/// Adds the providers that are listed: those on the roster and those who saw patients; without one, all whom encounters name.
fn providers(order: &Order<'_>, sides: &Sides, steps: &mut Steps) {
    let (why, body) = match order.roster {
        Some(_) => (
            "the roster, and who else saw patients",
            "SELECT provider_id FROM roster_lines\nUNION\nSELECT provider_id FROM seen".to_owned(),
        ),
        None => {
            let from = &sides.encounters.judged;
            ("everybody whom an encounter names", format!("SELECT DISTINCT provider_id FROM {from}"))
        }
    };
    steps.add("providers", why, body);
}

/// Adds one row a provider; one without patients stays.
fn summary(order: &Order<'_>, steps: &mut Steps) {
    let one = |when: &str| format!("SUM(CASE WHEN {when} THEN 1 ELSE 0 END)");
    let mut items = vec![
        ("provider_id".to_owned(), "provider_id"),
        (one("denominator = 'certain'"), "denominator_least"),
        ("COUNT(*)".to_owned(), "denominator_most"),
        (one("denominator = 'certain' AND numerator = 'certain'"), "numerator_least"),
        (one("numerator <> 'none'"), "numerator_most"),
    ];
    // What a patient is worth towards the threshold, at the least and at the most: the verdict needs no division.
    let worth = |end: fn((i64, i64)) -> i64| {
        let arm = |standing: &Standing| {
            let margin = order.threshold.margin(*standing)?;
            let (denominator, numerator) = (standing.denominator.word(), standing.numerator.word());
            let when = format!("denominator = '{denominator}' AND numerator = '{numerator}'");
            Some(Arm::new(when, end(margin).to_string()))
        };
        let arms: Vec<Arm> = Standing::ALL.iter().filter_map(arm).collect();
        format!("SUM({})", case(&arms, "0"))
    };
    items.push((worth(|(least, _)| least), "margin_least"));
    items.push((worth(|(_, most)| most), "margin_most"));
    steps.add("sums", "the ledger summed up", select(&items, "FROM ledger\nGROUP BY provider_id"));
    let verdict = match order.threshold.goal() {
        None => "'not-calculable'".to_owned(),
        Some(goal) => case(
            &[
                Arm::new("sums.provider_id IS NULL", "'not-calculable'"),
                Arm::new(format!("sums.margin_least >= {goal}"), "'met'"),
                Arm::new(format!("sums.margin_most < {goal} AND sums.denominator_least > 0"), "'not-met'"),
            ],
            "'indeterminate'",
        ),
    };
    let mut items = vec![("providers.provider_id".to_owned(), "provider_id")];
    for name in ["denominator_least", "denominator_most", "numerator_least", "numerator_most"] {
        items.push((format!("COALESCE(sums.{name}, 0)"), name));
    }
    items.push((verdict, "verdict"));
    let join = "FROM providers\nLEFT JOIN sums ON sums.provider_id = providers.provider_id";
    steps.add("summary", "one row a provider; one without patients stays", select(&items, join));
}

/// Adds how many rows of a side each rule judged, and how many were rejected.
fn fall(side: &Side, steps: &mut Steps) {
    let kind = side.kind.word();
    let counted = format!("{kind}_counted");
    let items = [
        ("rule_number", "rule_number"),
        ("COUNT(*)", "rows_judged"),
        ("SUM(must_be_in)", "rows_counted"),
        ("SUM(may_be_in - must_be_in)", "rows_uncertain"),
    ];
    let from = &side.judged;
    steps.add(
        &counted,
        "how many rows each rule judged",
        select(&items, &format!("FROM {from}\nGROUP BY rule_number")),
    );
    let name = |(at, id): (usize, &String)| Arm::new(format!("rule_number = {}", at + 1), format!("'{id}'"));
    let names: Vec<Arm> = side.rules.iter().enumerate().map(name).collect();
    let mut body = select(
        &[
            (format!("'{kind}'"), "side"),
            ("rule_number".to_owned(), "place"),
            (case(&names, "''"), "rule"),
            ("rows_judged".to_owned(), "rows_judged"),
            ("rows_counted".to_owned(), "rows_counted"),
            ("rows_uncertain".to_owned(), "rows_uncertain"),
        ],
        &format!("FROM {counted}"),
    );
    for (at, (code, often)) in side.faults.iter().enumerate() {
        let place = 1000 + at;
        body.push_str(&format!(
            "\nUNION ALL\nSELECT '{kind}', {place}, '{code}', COALESCE(SUM({often}), 0), 0, 0\nFROM {}",
            side.told
        ));
    }
    steps.add(format!("{kind}_fall"), "the same with their names; then what was found fault with", body);
}

/// Adds every figure of a report, one a row.
fn figures(sides: &Sides, steps: &mut Steps) {
    fall(&sides.encounters, steps);
    fall(&sides.numerator, steps);
    let patients = select(
        &[
            ("patient_id", "patient_id"),
            ("MAX(CASE WHEN denominator = 'certain' THEN 1 ELSE 0 END)", "seen_for_certain"),
            (
                "MAX(CASE WHEN denominator = 'certain' AND numerator = 'certain' THEN 1 ELSE 0 END)",
                "counts_for_certain",
            ),
            ("MAX(CASE WHEN numerator <> 'none' THEN 1 ELSE 0 END)", "may_count"),
        ],
        "FROM ledger\nGROUP BY patient_id",
    );
    steps.add("patients", "unique patients over all providers", patients);
    let side = |side: &Side| {
        format!(
            "SELECT side, rule, '', rows_judged, rows_counted, rows_uncertain FROM {}_fall",
            side.kind.word()
        )
    };
    let unique = |name: &str, sum: &str| {
        format!("SELECT 'unique', '{name}', '', COALESCE({sum}, 0), 0, 0 FROM patients")
    };
    let parts = [
        "SELECT 'provider' AS part, provider_id AS name, '' AS detail, 0 AS counted, 0 AS counted_in, 0 AS counted_uncertain FROM providers".to_owned(),
        "SELECT 'standing', provider_id, denominator || ' ' || numerator, COUNT(*), 0, 0 FROM ledger GROUP BY provider_id, denominator, numerator".to_owned(),
        unique("denominator_least", "SUM(seen_for_certain)"),
        unique("denominator_most", "COUNT(*)"),
        unique("numerator_least", "SUM(counts_for_certain)"),
        unique("numerator_most", "SUM(may_count)"),
        side(&sides.encounters),
        side(&sides.numerator),
    ];
    steps.add("figures", "every figure, one a row", parts.join("\nUNION ALL\n"));
}
