//! What a query yields of the ledger and the judged rows.

use crate::domain::record::COLUMNS;
use crate::domain::report::Role;
use crate::domain::standing::{Seen, Standing, Wrote};
use crate::warehouse::Order;
use crate::warehouse::sides::{Side, Sides};
use crate::warehouse::steps::{Arm, Steps, case, select};

/// What a query yields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Yields {
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

impl Yields {
    /// The words of `--result`.
    pub const WORDS: [&'static str; 4] = ["summary", "ledger", "waterfall", "figures"];

    /// What a word asks for.
    pub fn parse(word: &str) -> Option<Self> {
        let position = Self::WORDS.iter().position(|known| *known == word)?;
        Some([Yields::Summary, Yields::Ledger, Yields::Waterfall, Yields::Figures][position])
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// The last `SELECT`, and the steps that it needs.
pub(super) fn last(order: &Order<'_>, sides: &Sides, steps: &mut Steps) -> String {
    let bytewise = order.dialect.bytewise();
    match order.yields {
        Yields::Summary => {
            summary(order, steps);
            format!("SELECT *\nFROM summary\nORDER BY provider_id{bytewise}")
        }
        Yields::Ledger => {
            let items = COLUMNS.map(|name| (name, name));
            select(&items, &format!("FROM ledger\nORDER BY provider_id{bytewise}, patient_id{bytewise}"))
        }
        Yields::Waterfall => {
            fall(order, &sides.encounters, steps);
            fall(order, &sides.numerator, steps);
            let part = |side: &Side| format!("SELECT *\nFROM {}_fall", side.role.word());
            let both = format!("{}\nUNION ALL\n{}", part(&sides.encounters), part(&sides.numerator));
            steps.add("waterfall", "both sides", both);
            let items =
                ["side", "rule", "rows_judged", "rows_counted", "rows_uncertain"].map(|name| (name, name));
            select(&items, "FROM waterfall\nORDER BY side, place")
        }
        Yields::Figures => {
            figures(order, sides, steps);
            "SELECT *\nFROM figures".to_owned()
        }
    }
}

/// Adds how many patients have each standing towards each provider, by six columns; a provider without patients stays: those on the
/// roster and those who saw patients, and without a roster all whom encounters name.
fn sums(order: &Order<'_>, steps: &mut Steps) {
    let count = |(at, standing): (usize, &Standing)| {
        let (denominator, numerator) = (standing.denominator.word(), standing.numerator.word());
        let when = format!("encounters > 0 AND denominator = '{denominator}' AND numerator = '{numerator}'");
        (format!("SUM(CASE WHEN {when} THEN 1 ELSE 0 END)"), COUNTS[at].to_owned())
    };
    let mut items = vec![("provider_id".to_owned(), "provider_id".to_owned())];
    items.extend(Standing::ALL.iter().enumerate().map(count));
    let is_listed = if order.roster.is_some() { "SUM(encounters)" } else { "SUM(encounters_named)" };
    let rest = format!("FROM standings\nGROUP BY provider_id\nHAVING {is_listed} > 0");
    let why = "how many patients have each standing towards each provider";
    steps.add("counts", why, select(&items, &rest));
    if order.roster.is_none() {
        let all: Vec<(String, String)> = items.into_iter().map(|(_, name)| (name.clone(), name)).collect();
        return steps.add("sums", "one row a provider", select(&all, "FROM counts"));
    }
    let names = COUNTS.join(",\n  ");
    let zeros = COUNTS.map(|_| "0").join(",\n  ");
    let both = format!(
        "SELECT\n  provider_id,\n  {names}\nFROM counts\nUNION ALL\nSELECT\n  provider_id,\n  {zeros}\nFROM roster_lines"
    );
    steps.add("counts_and_roster", "and nobody for each of the roster, so that no provider is lost", both);
    let mut items = vec![("provider_id".to_owned(), "provider_id")];
    items.extend(COUNTS.map(|name| (format!("SUM({name})"), name)));
    steps.add("sums", "one row a provider", select(&items, "FROM counts_and_roster\nGROUP BY provider_id"));
}

/// The columns of patients by standing, in the order of [`Standing::ALL`].
const COUNTS: [&str; 6] = [
    "possible_none",
    "possible_possible",
    "possible_certain",
    "certain_none",
    "certain_possible",
    "certain_certain",
];

/// Adds one row a provider, with the verdict.
fn summary(order: &Order<'_>, steps: &mut Steps) {
    sums(order, steps);
    let sum = |is: fn(&Standing) -> bool| {
        let all = Standing::ALL.iter().zip(COUNTS).filter(|(standing, _)| is(standing));
        all.map(|(_, name)| name).collect::<Vec<_>>().join(" + ")
    };
    // What patients are worth towards the threshold, at the least and at the most: the verdict needs no division.
    let worth = |end: fn((i64, i64)) -> i64| {
        let all = Standing::ALL.iter().zip(COUNTS);
        let parts = all.filter_map(|(standing, name)| match end(order.threshold.margin(*standing)?) {
            0 => None,
            worth => Some(format!("{worth} * {name}")),
        });
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() { "0".to_owned() } else { parts.join(" + ") }
    };
    let is_seen = |standing: &Standing| standing.denominator == Seen::Certain;
    let items = [
        ("provider_id".to_owned(), "provider_id"),
        (sum(is_seen), "denominator_least"),
        (sum(|_| true), "denominator_most"),
        ("certain_certain".to_owned(), "numerator_least"),
        (sum(|standing| standing.numerator != Wrote::None), "numerator_most"),
        (worth(|(least, _)| least), "margin_least"),
        (worth(|(_, most)| most), "margin_most"),
    ];
    steps.add(
        "margins",
        "denominator and numerator, and how far they are from the threshold",
        select(&items, "FROM sums"),
    );
    let verdict = match order.threshold.goal() {
        None => "'not-calculable'".to_owned(),
        Some(goal) => case(
            &[
                Arm::new("denominator_most = 0", "'not-calculable'"),
                Arm::new(format!("margin_least >= {goal}"), "'met'"),
                Arm::new(format!("margin_most < {goal} AND denominator_least > 0"), "'not-met'"),
            ],
            "'indeterminate'",
        ),
    };
    let names = ["provider_id", "denominator_least", "denominator_most", "numerator_least", "numerator_most"];
    let mut items: Vec<(String, &'static str)> = names.map(|name| (name.to_owned(), name)).into();
    items.push((verdict, "verdict"));
    steps.add("summary", "one row a provider; one without patients stays", select(&items, "FROM margins"));
}

/// Adds how many rows of a side each rule judged, how many were rejected, and what was found fault with.
fn fall(order: &Order<'_>, side: &Side, steps: &mut Steps) {
    let role = side.role.word();
    let attributed = side.attributed;
    let outcome = match side.role {
        Role::Encounters => vec![Arm::new("patient_id = ''", "-1"), Arm::new("provider_id = ''", "-2")],
        _ => vec![Arm::new("patient_id = ''", "-1")],
    };
    let of = |what: &str| format!("SUM(CASE WHEN {attributed} THEN {what} ELSE 0 END)");
    let form = |form: &str| of(&format!("CASE WHEN date_form = '{form}' THEN 1 ELSE 0 END"));
    let items = [
        (case(&outcome, "rule_number"), "outcome"),
        ("COUNT(*)".to_owned(), "rows_judged"),
        ("SUM(must_be_in)".to_owned(), "rows_counted"),
        ("SUM(may_be_in - must_be_in)".to_owned(), "rows_uncertain"),
        (form("unreadable"), "unreadable"),
        // Where the zone of the practice is known, these are read.
        (if order.zone.is_none() { form("zoned") } else { "0".to_owned() }, "zoned"),
        (of("unknown_words"), "unknown_words"),
    ];
    let counted = format!("{role}_counted");
    let group = format!("FROM {}\nGROUP BY {}", side.judged, case(&outcome, "rule_number"));
    steps.add(
        &counted,
        "how many rows each rule judged, and what was wrong with them",
        select(&items, &group),
    );
    // One row for each name, beside whatever was counted: so the table is read once.
    let listed = |number: String, place: usize, id: &str| {
        format!("SELECT {number} AS outcome, {place} AS place, '{id}' AS rule")
    };
    let rules = side.rules.iter().enumerate().map(|(at, id)| listed((at + 1).to_string(), at + 1, id));
    let faults =
        FAULTS.iter().enumerate().map(|(at, (number, id))| listed((*number).to_owned(), 1000 + at, id));
    let rows: Vec<String> = rules.chain(faults).collect();
    steps.add(format!("{role}_names"), "the names of rules and faults", rows.join("\nUNION ALL\n"));
    let value = |of: &str, rule: &str| {
        let arms = [
            Arm::new("names.outcome = -3", if of == "rows_judged" { "counted.unreadable" } else { "0" }),
            Arm::new("names.outcome = -4", if of == "rows_judged" { "counted.zoned" } else { "0" }),
            Arm::new("names.outcome = -5", if of == "rows_judged" { "counted.unknown_words" } else { "0" }),
            Arm::new("names.outcome = counted.outcome", rule),
        ];
        format!("SUM({})", case(&arms, "0"))
    };
    let only_judged = |figure: &str| format!("CASE WHEN names.outcome > 0 THEN counted.{figure} ELSE 0 END");
    let items = [
        (format!("'{role}'"), "side"),
        ("names.place".to_owned(), "place"),
        ("names.rule".to_owned(), "rule"),
        (value("rows_judged", "counted.rows_judged"), "rows_judged"),
        (value("rows_counted", &only_judged("rows_counted")), "rows_counted"),
        (value("rows_uncertain", &only_judged("rows_uncertain")), "rows_uncertain"),
    ];
    let rest =
        format!("FROM {role}_names names\nCROSS JOIN {counted} counted\nGROUP BY names.place, names.rule");
    steps.add(
        format!("{role}_fall"),
        "the same with their names; then what was found fault with",
        select(&items, &rest),
    );
}

/// The numbers and codes of what is found fault with.
const FAULTS: [(&str, &str); 5] = [
    ("-1", "missing-patient-id"),
    ("-2", "missing-provider-id"),
    ("-3", "unreadable-date"),
    ("-4", "timezone-needed"),
    ("-5", "unknown-word"),
];

/// Adds every figure of a report, one a row.
fn figures(order: &Order<'_>, sides: &Sides, steps: &mut Steps) {
    sums(order, steps);
    fall(order, &sides.encounters, steps);
    fall(order, &sides.numerator, steps);
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
        "FROM standings\nWHERE encounters > 0\nGROUP BY patient_id",
    );
    steps.add("patients", "unique patients over all providers", patients);
    let unique = select(
        &[
            ("COALESCE(SUM(seen_for_certain), 0)", "denominator_least"),
            ("COUNT(*)", "denominator_most"),
            ("COALESCE(SUM(counts_for_certain), 0)", "numerator_least"),
            ("COALESCE(SUM(may_count), 0)", "numerator_most"),
        ],
        "FROM patients",
    );
    steps.add("unique_patients", "their numbers", unique);
    let names = |names: &[&str]| {
        let one = |name: &&str| format!("SELECT '{name}' AS name");
        names.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ")
    };
    let chosen = |names: &[&str]| {
        let arm = |name: &&str| Arm::new(format!("names.name = '{name}'"), *name);
        case(&names.iter().map(arm).collect::<Vec<_>>(), "0")
    };
    let bounds = ["denominator_least", "denominator_most", "numerator_least", "numerator_most"];
    steps.add("bound_names", "the names of these numbers", names(&bounds));
    steps.add("standing_names", "the names of the standings", names(&COUNTS));
    let side = |side: &Side| {
        format!(
            "SELECT side, rule, '', rows_judged, rows_counted, rows_uncertain FROM {}_fall",
            side.role.word()
        )
    };
    let mut parts = vec![
        format!(
            "SELECT 'standing' AS part, sums.provider_id AS name, names.name AS detail, {} AS counted, 0 AS certain, 0 AS uncertain\nFROM sums CROSS JOIN standing_names names",
            chosen(&COUNTS)
        ),
        format!(
            "SELECT 'unique', names.name, '', {}, 0, 0\nFROM unique_patients CROSS JOIN bound_names names",
            chosen(&bounds)
        ),
        side(&sides.encounters),
        side(&sides.numerator),
    ];
    if order.roster.is_some() {
        let of = |column: &str| {
            format!(
                "SELECT '{column}', provider_id, {column}, 0, 0, 0 FROM roster_lines WHERE {column} <> ''"
            )
        };
        parts.extend(["name", "npi"].map(of));
    }
    steps.add("figures", "every figure, one a row", parts.join("\nUNION ALL\n"));
}
