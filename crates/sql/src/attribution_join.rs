//! SQL that attributes numerator rows to providers, and makes the ledger: one row per provider and patient.
//!
//! Both tables are read once and aggregated together by patient and provider. What a row means for providers other than the one that it
//! names is then computed among the few rows of a patient.

use crate::attribution::{AttributionJoin, HANGS_ON_GROUP};
use crate::cte::{CaseArm, CteBuilder, case, select};
use crate::populations::{IS_USED, Populations};
use crate::staging::Staging;
use crate::{SqlError, SqlQuery};
use mucalc_core::domain::attribution_mode::AttributionMode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::record::{CONTRADICTING_VERSIONS, NO_MESSAGE, UNATTRIBUTED};
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::edition::model::AttributionScope;

/// A figure of attributed numerator rows: its name, how it is aggregated, and its value for a row.
struct Figure {
    name: &'static str,
    by: &'static str,
    value: String,
}

/// Adds the steps from evaluated rows to the ledger.
pub(super) fn add(order: &SqlQuery<'_>, sides: &Populations, steps: &mut CteBuilder) {
    let figures = figures();
    pairs(order, sides, &figures, steps);
    reached(order, &figures, steps);
    ledger(order, sides, steps);
}

/// Returns the figures of numerator rows. The smallest key is that of the deciding row: certain rows first, then the earliest, with unknown
/// days last. On the same day, the smallest id decides. If no row can be certain, only the day matters.
fn figures() -> Vec<Figure> {
    let number = |when: &str| format!("CASE WHEN is_seen = 0 AND {when} THEN rule_number ELSE 0 END");
    let figure = |name, by, value: String| Figure { name, by, value };
    vec![
        figure("counted", "SUM", "CASE WHEN is_seen = 0 THEN must_be_in ELSE 0 END".to_owned()),
        figure("uncertain", "SUM", "CASE WHEN is_seen = 0 THEN may_be_in - must_be_in ELSE 0 END".to_owned()),
        figure("counted_rule", "MAX", number("must_be_in = 1")),
        figure("uncertain_rule", "MAX", number("may_be_in = 1 AND must_be_in = 0")),
        figure("contradicted_rule", "MAX", number("is_contradicted = 1")),
        figure("out_rule", "MAX", number("may_be_in = 0")),
        figure(
            "row_key",
            "MIN",
            "CASE WHEN is_seen = 0 AND may_be_in = 1 THEN row_key ELSE NULL END".to_owned(),
        ),
        figure(
            "perhaps_key",
            "MIN",
            "CASE WHEN is_seen = 0 AND may_be_in = 1 THEN '1' || SUBSTR(row_key, 2) ELSE NULL END".to_owned(),
        ),
    ]
}

/// Returns whether a message counts under all ids of the clinician it names (B47). If it names none, it is then certain for no provider.
fn is_by_person(order: &SqlQuery<'_>) -> bool {
    order.edition.counts_for == AttributionScope::NamedOrSameNpi && order.credit == AttributionMode::Strict
}

/// Returns an expression for the identity of a clinician: the National Provider Identifier, or '' if its check digit is wrong.
fn person(npi: &str) -> String {
    // Luhn's formula with the prefix 80840, which adds 24. A character that is not a digit makes the sum too large.
    let weight =
        |place: u32, digit: u32| if place % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit };
    let digit = |place: u32| {
        let arms = (0..10).map(|digit| format!("WHEN '{digit}' THEN {}", weight(place, digit)));
        format!("CASE SUBSTR({npi}, {place}, 1) {} ELSE 1000 END", arms.collect::<Vec<_>>().join(" "))
    };
    let sum: Vec<String> = (1..=10).map(digit).collect();
    let right: Vec<String> = (3..=11).map(|tens| (tens * 10).to_string()).collect();
    let is_right = format!("LENGTH({npi}) = 10 AND 24 + {} IN ({})", sum.join("\n  + "), right.join(", "));
    case(&[CaseArm::new(is_right, npi.to_owned())], "''")
}

/// Adds the lines of the roster, if there is one.
///
/// # Errors
/// If the layout uses something that the table lacks, or a required column is missing.
pub(super) fn add_roster(order: &SqlQuery<'_>, steps: &mut CteBuilder) -> Result<(), SqlError> {
    let Some(source) = order.roster else { return Ok(()) };
    let SqlQuery { dialect, layout, markers, .. } = *order;
    let door = Staging { dialect, layout, role: InputRole::Roster, source, markers };
    let read = door.read(steps, &["provider_id", "group_id", "name", "npi"])?;
    // The lines of a provider have no known order, so the smallest text is used.
    let one = |name: &'static str| match read.columns.contains(&name) {
        true => {
            let bytewise = order.dialect.binary_collation();
            (format!("COALESCE(MIN(CASE WHEN {name} <> '' THEN {name} ELSE NULL END{bytewise}), '')"), name)
        }
        false => ("''".to_owned(), name),
    };
    let group = match is_by_person(order) {
        true => (person(&one("npi").0), "group_id"),
        false => one("group_id"),
    };
    let items = [("provider_id".to_owned(), "provider_id"), group, one("name"), one("npi")];
    let rest = format!("FROM {}\nWHERE provider_id <> ''\nGROUP BY provider_id", read.step);
    steps.add("roster_lines", "the roster, one line a provider", select(&items, &rest));
    Ok(())
}

/// Adds the rows of both sides, and their figures by patient and provider. Rows that name no provider have the provider ''.
fn pairs(order: &SqlQuery<'_>, sides: &Populations, figures: &[Figure], steps: &mut CteBuilder) {
    let key = format!(
        "CASE WHEN must_be_in = 1 THEN '0' ELSE '1' END || CASE WHEN day = 'unknown' THEN '9999-99-99' ELSE day END || row_id{}",
        order.dialect.binary_collation()
    );
    let part = |is_seen: &'static str, judged: &str| {
        let items = [
            ("CASE WHEN rejected_for = '' THEN patient_id ELSE '' END", "patient_id"),
            ("provider_id", "provider_id"),
            (is_seen, "is_seen"),
            ("day", "day"),
            ("rule_number", "rule_number"),
            ("may_be_in", "may_be_in"),
            ("must_be_in", "must_be_in"),
            ("is_contradicted", "is_contradicted"),
            (&key, "row_key"),
        ];
        let which = match order.unusable {
            UnusableChoice::Bound => String::new(),
            UnusableChoice::Ignore => format!(" AND {IS_USED}"),
        };
        select(&items, &format!("FROM {judged}\nWHERE is_superseded = 0 AND is_again = 0{which}"))
    };
    let both = [part("1", &sides.encounters.judged), part("0", &sides.numerator.judged)];
    steps.add(
        "all_rows",
        match order.unusable {
            UnusableChoice::Bound => "both sides; a row that cannot be attributed is of the patient ''",
            UnusableChoice::Ignore => "both sides, without rows that cannot be attributed",
        },
        both.join("\nUNION ALL\n"),
    );

    let seen = |value: &str| format!("CASE WHEN is_seen = 1 AND may_be_in = 1{value} END");
    let mut items = vec![
        ("patient_id".to_owned(), "patient_id"),
        ("provider_id".to_owned(), "provider_id"),
        ("SUM(is_seen)".to_owned(), "encounters_named"),
        (format!("SUM({})", seen(" THEN 1 ELSE 0")), "encounters"),
        (format!("MAX({})", seen(" THEN must_be_in ELSE 0")), "seen_for_certain"),
        (format!("MIN({})", seen(" AND day <> 'unknown' THEN day ELSE NULL")), "first_day"),
        (format!("MAX({})", seen(" AND day <> 'unknown' THEN day ELSE NULL")), "last_day"),
        (format!("MIN({})", seen(" THEN row_key ELSE NULL")), "encounter_key"),
    ];
    items.extend(figures.iter().map(|figure| (format!("{}({})", figure.by, figure.value), figure.name)));
    let why = "what they come to by patient and provider; what names nobody has the provider ''";
    steps.add("pairs", why, select(&items, "FROM all_rows\nGROUP BY patient_id, provider_id"));
}

/// Adds what is attributed to each provider of a patient.
fn reached(order: &SqlQuery<'_>, figures: &[Figure], steps: &mut CteBuilder) {
    let reach = AttributionJoin::from_query(order);
    let from = match reach {
        AttributionJoin::Group => {
            let group = case(
                &[
                    CaseArm::new("pairs.provider_id = ''", "''"),
                    CaseArm::new("COALESCE(roster_lines.group_id, '') = ''", "'alone:' || pairs.provider_id"),
                ],
                "'group:' || roster_lines.group_id",
            );
            let items = [("pairs.*".to_owned(), "pairs.*"), (group, "reach")];
            let join = "FROM pairs\nLEFT JOIN roster_lines ON roster_lines.provider_id = pairs.provider_id";
            steps.add("pairs_of_groups", "with the group of the provider", select(&items, join));
            "pairs_of_groups"
        }
        _ => "pairs",
    };
    let seen = [
        "patient_id",
        "provider_id",
        "encounters_named",
        "encounters",
        "seen_for_certain",
        "first_day",
        "last_day",
        "encounter_key",
    ];
    let mut items: Vec<(String, String)> = seen.map(|name| (name.to_owned(), name.to_owned())).into();
    // The figures of all providers with the same reach. Rows that name no provider have figures of their own.
    for Figure { name, by, .. } in figures {
        let value = match reach {
            AttributionJoin::Everybody => format!("{by}({name}) OVER (PARTITION BY patient_id)"),
            AttributionJoin::Provider => (*name).to_owned(),
            AttributionJoin::Group => format!("{by}({name}) OVER (PARTITION BY patient_id, reach)"),
        };
        items.push((value, (*name).to_owned()));
        if reach != AttributionJoin::Everybody {
            let none = if *by == "MIN" { "NULL" } else { "0" };
            let open = format!(
                "{by}(CASE WHEN provider_id = '' THEN {name} ELSE {none} END) OVER (PARTITION BY patient_id)"
            );
            items.push((open, format!("open_{name}")));
        }
    }
    items.push(("counted + uncertain".to_owned(), "own_rows".to_owned()));
    let same_reach = match reach {
        AttributionJoin::Provider => None,
        AttributionJoin::Everybody => Some("patient_id"),
        AttributionJoin::Group => Some("patient_id, reach"),
    };
    items.extend(
        same_reach.map(|same| {
            (format!("MIN(provider_id) OVER (PARTITION BY {same})"), "first_provider".to_owned())
        }),
    );
    if reach == AttributionJoin::Group {
        items.push(("reach".to_owned(), "reach".to_owned()));
        let end = |by: &str| {
            format!("{by}(CASE WHEN encounters > 0 THEN reach ELSE NULL END) OVER (PARTITION BY patient_id)")
        };
        items.push((end("MIN"), "first_group".to_owned()));
        items.push((end("MAX"), "last_group".to_owned()));
    }
    let why = match reach {
        AttributionJoin::Everybody => "what reaches everybody who saw the patient",
        AttributionJoin::Provider => "what names the provider, and what names nobody",
        AttributionJoin::Group => "what names somebody of the provider's group, and what names nobody",
    };
    steps.add("reached", why, select(&items, &format!("FROM {from}")));

    // A row that names no provider is certain if the providers who saw the patient are one group. Otherwise, it may reach each of them.
    let plus = |name: &str, open: &str| format!("{name} + {open}");
    let larger = |name: &str, open: &str| format!("CASE WHEN {name} >= {open} THEN {name} ELSE {open} END");
    let for_all = order.edition.counts_for == AttributionScope::NamedOrAll;
    let if_one = |one: &str, several: &str| match reach {
        _ if for_all => one.to_owned(),
        _ if is_by_person(order) => several.to_owned(),
        AttributionJoin::Group => format!("CASE WHEN first_group = last_group THEN {one} ELSE {several} END"),
        _ => several.to_owned(),
    };
    let mut items: Vec<(String, &'static str)> = seen.map(|name| (name.to_owned(), name)).into();
    if reach == AttributionJoin::Everybody {
        items.extend(figures.iter().map(|figure| (figure.name.to_owned(), figure.name)));
        items.push(("0".to_owned(), "unattributed_rule"));
    } else {
        let counted = if_one("open_counted", "0");
        let certain_rule = if_one("open_counted_rule", "0");
        let uncertain = if_one("open_uncertain", "open_counted + open_uncertain");
        let open_key = if_one("open_row_key", "open_perhaps_key");
        let bytewise = order.dialect.binary_collation();
        let earlier = case(
            &[
                CaseArm::new("row_key IS NULL", open_key.clone()),
                CaseArm::new("open_row_key IS NULL", "row_key"),
                CaseArm::new(format!("row_key{bytewise} <= {open_key}"), "row_key"),
            ],
            &open_key,
        );
        items.extend([
            (plus("counted", &counted), "counted"),
            (plus("uncertain", &uncertain), "uncertain"),
            (larger("counted_rule", &certain_rule), "counted_rule"),
            (larger("uncertain_rule", "open_uncertain_rule"), "uncertain_rule"),
            (larger("out_rule", "open_out_rule"), "out_rule"),
            (earlier, "row_key"),
            (larger("contradicted_rule", &if_one("open_contradicted_rule", "0")), "contradicted_rule"),
            (if_one("0", &larger("open_counted_rule", "open_contradicted_rule")), "unattributed_rule"),
        ]);
    }
    // A patient who wrote is counted once among the providers who share the messages, and with none of them if a message reaches all.
    let mut writes = vec!["counted + uncertain > 0"];
    if reach != AttributionJoin::Provider {
        writes.push("provider_id = first_provider");
    }
    if reach != AttributionJoin::Everybody {
        writes.push("(provider_id = '' OR open_counted + open_uncertain = 0)");
    }
    items.push((format!("CASE WHEN {} THEN 1 ELSE 0 END", writes.join(" AND ")), "writes"));
    items.push(("own_rows".to_owned(), "own_rows"));
    if reach == AttributionJoin::Group {
        items.push(("reach".to_owned(), "reach"));
        // An unusable encounter may be with a provider of another group.
        let hangs = CaseArm::new("counted = 0 AND open_counted > 0 AND first_group = last_group", "1");
        let hangs = if for_all || is_by_person(order) { "0".to_owned() } else { case(&[hangs], "0") };
        items.push((hangs, HANGS_ON_GROUP));
    }
    steps.add(
        "credited",
        "both together; what names nobody may count where it cannot be known for whom",
        select(&items, "FROM reached"),
    );
}

/// Adds the ledger, with the columns of `--ledger`.
fn ledger(order: &SqlQuery<'_>, sides: &Populations, steps: &mut CteBuilder) {
    let numerator = case(
        &[CaseArm::new("counted > 0", "'certain'"), CaseArm::new("uncertain > 0", "'possible'")],
        "'none'",
    );
    let mut items: Vec<(String, &'static str)> = vec![
        ("CASE WHEN seen_for_certain = 1 THEN 'certain' ELSE 'possible' END".to_owned(), "denominator"),
        (numerator, "numerator"),
    ];
    let passed = [
        "provider_id",
        "patient_id",
        "encounters_named",
        "encounters",
        "first_day",
        "last_day",
        "encounter_key",
        "counted",
        "uncertain",
        "counted_rule",
        "uncertain_rule",
        "unattributed_rule",
        "contradicted_rule",
        "out_rule",
        "row_key",
        "own_rows",
        "writes",
    ];
    let of_groups = ["reach", HANGS_ON_GROUP]
        .into_iter()
        .filter(|_| AttributionJoin::from_query(order) == AttributionJoin::Group);
    let passed = passed.into_iter().chain(of_groups);
    items.extend(passed.map(|name| (name.to_owned(), name)));
    steps.add(
        "standings",
        "what the data allow of each patient towards each provider",
        select(&items, "FROM credited"),
    );

    // The number of the rule that is the reason of the row, or another number if the reason is not a rule.
    let nearest = case(
        &[
            CaseArm::new("numerator = 'certain'", "counted_rule"),
            CaseArm::new(
                "numerator = 'possible' AND contradicted_rule > 0 AND contradicted_rule >= uncertain_rule AND contradicted_rule >= unattributed_rule",
                "-2",
            ),
            CaseArm::new("numerator = 'possible' AND unattributed_rule >= uncertain_rule", "-1"),
            CaseArm::new("numerator = 'possible'", "uncertain_rule"),
        ],
        "out_rule",
    );
    let day = "SUBSTR(row_key, 2, 10)";
    let first_counted =
        case(&[CaseArm::new(format!("numerator = 'certain' AND {day} <> '9999-99-99'"), day)], "''");
    let items: Vec<(String, &'static str)> = vec![
        ("provider_id".to_owned(), "provider_id"),
        ("patient_id".to_owned(), "patient_id"),
        ("denominator".to_owned(), "denominator"),
        ("numerator".to_owned(), "numerator"),
        ("encounters".to_owned(), "encounters"),
        ("COALESCE(first_day, '')".to_owned(), "first_seen"),
        ("COALESCE(last_day, '')".to_owned(), "last_seen"),
        ("counted".to_owned(), "counted_messages"),
        ("uncertain".to_owned(), "uncertain_messages"),
        (first_counted, "first_counted_at"),
        (nearest, "reason_number"),
        ("COALESCE(SUBSTR(encounter_key, 12), '')".to_owned(), "encounter_ref"),
        ("COALESCE(SUBSTR(row_key, 12), '')".to_owned(), "message_ref"),
    ];
    let why = "those whom the provider saw, or may have seen, with the rule that came nearest";
    steps.add("reasoned", why, select(&items, "FROM standings\nWHERE encounters > 0 AND patient_id <> ''"));
    let mut reasons = vec![
        CaseArm::new("reason_number = -2", format!("'{CONTRADICTING_VERSIONS}'")),
        CaseArm::new("reason_number = -1", format!("'{UNATTRIBUTED}'")),
        CaseArm::new("reason_number = 0", format!("'{NO_MESSAGE}'")),
    ];
    let rules = sides.numerator.rules.iter().enumerate();
    reasons
        .extend(rules.map(|(at, id)| CaseArm::new(format!("reason_number = {}", at + 1), format!("'{id}'"))));
    let items: Vec<(String, &'static str)> = items
        .into_iter()
        .map(|(_, name)| match name {
            "reason_number" => (case(&reasons, "''"), "reason"),
            name => (name.to_owned(), name),
        })
        .collect();
    steps.add("ledger", "one row per provider and patient", select(&items, "FROM reasoned"));
}
