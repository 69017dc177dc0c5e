//! Which rows of the numerator reach whom, and the ledger that comes of it: one row per provider and patient.

use crate::domain::credit::Credit;
use crate::domain::record::{NO_MESSAGE, UNATTRIBUTED};
use crate::edition::model::Addressee;
use crate::layout::fit::Kind;
use crate::warehouse::door::Door;
use crate::warehouse::sides::{Side, Sides};
use crate::warehouse::steps::{Arm, Steps, case, select};
use crate::warehouse::{Order, Unfit};

/// Whom a row reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Everybody who saw the patient.
    Everybody,
    /// The provider it names; one that names nobody may reach anybody who saw the patient.
    Provider,
    /// Those of the named provider's group; one that names nobody reaches everybody who saw the patient if they are of one group.
    Group,
}

impl Reach {
    fn of(order: &Order<'_>) -> Self {
        match (order.edition.addressee, order.credit, order.roster) {
            (Addressee::Anybody, ..) => Self::Everybody,
            // Without a roster all providers are one group.
            (_, Credit::Group, None) => Self::Everybody,
            (_, Credit::Group, Some(_)) => Self::Group,
            (_, Credit::Strict, _) => Self::Provider,
        }
    }
}

/// Adds the steps from judged rows to the ledger.
pub(super) fn add(order: &Order<'_>, sides: &Sides, steps: &mut Steps) -> Result<(), Unfit> {
    let reach = Reach::of(order);
    roster(order, steps)?;
    let days = |of: &str| {
        [
            (format!("MIN(CASE WHEN {of} AND day <> 'unknown' THEN day ELSE NULL END)"), "first_day"),
            (format!("MAX(CASE WHEN {of} AND day <> 'unknown' THEN day ELSE NULL END)"), "last_day"),
        ]
    };
    let mut items = vec![
        ("provider_id".to_owned(), "provider_id"),
        ("patient_id".to_owned(), "patient_id"),
        ("MAX(must_be_in)".to_owned(), "seen_for_certain"),
        ("COUNT(*)".to_owned(), "encounters"),
    ];
    items.extend(days("may_be_in = 1"));
    items.push((deciding(order, &sides.encounters), "encounter_key"));
    let rest =
        format!("FROM {}\nWHERE may_be_in = 1\nGROUP BY provider_id, patient_id", sides.encounters.judged);
    steps.add("seen", "the denominator: who was, or may have been, seen by whom", select(&items, &rest));

    // Whom a row names, as the rows of `seen` are found by.
    let judged = &sides.numerator.judged;
    let (seen, rows) = match reach {
        Reach::Everybody => {
            let seen = select(&[("seen.*", "seen.*"), ("'everybody'", "reach")], "FROM seen");
            (
                seen,
                select(
                    &[("row_of.*", "row_of.*"), ("'everybody'", "reach")],
                    &format!("FROM {judged} row_of"),
                ),
            )
        }
        Reach::Provider => (
            select(&[("seen.*", "seen.*"), ("seen.provider_id", "reach")], "FROM seen"),
            select(
                &[("row_of.*", "row_of.*"), ("row_of.provider_id", "reach")],
                &format!("FROM {judged} row_of"),
            ),
        ),
        Reach::Group => {
            let group = |of: &str| {
                case(
                    &[
                        Arm::new(format!("{of}.provider_id = ''"), "''"),
                        Arm::new(
                            "COALESCE(providers.group_id, '') = ''",
                            format!("'alone:' || {of}.provider_id"),
                        ),
                    ],
                    "'group:' || providers.group_id",
                )
            };
            let join = |of: &str| {
                format!("LEFT JOIN roster_lines providers ON providers.provider_id = {of}.provider_id")
            };
            (
                select(
                    &[("seen.*".to_owned(), "seen.*"), (group("seen"), "reach")],
                    &format!("FROM seen\n{}", join("seen")),
                ),
                select(
                    &[("row_of.*".to_owned(), "row_of.*"), (group("row_of"), "reach")],
                    &format!("FROM {judged} row_of\n{}", join("row_of")),
                ),
            )
        }
    };
    steps.add(
        "seers",
        "by what a row of the numerator finds them: their id, their group, or everybody",
        seen,
    );
    let named = format!("{}_named", sides.numerator.kind.word());
    steps.add(&named, "by what the rows of the numerator find whom they reach", rows);
    let patient_groups = reach == Reach::Group;
    if patient_groups {
        steps.add(
            "patient_groups",
            "of how many groups those are who saw a patient",
            "SELECT\n  patient_id,\n  COUNT(DISTINCT reach) AS groups_count\nFROM seers\nGROUP BY patient_id"
                .to_owned(),
        );
    }

    // Counted per patient before they are joined, so that no row is multiplied by providers.
    let evidence = |items: &mut Vec<(String, &'static str)>| {
        let largest = |of: &str| format!("MAX(CASE WHEN {of} THEN rule_number ELSE 0 END)");
        items.extend([
            ("SUM(must_be_in)".to_owned(), "counted"),
            ("SUM(may_be_in - must_be_in)".to_owned(), "uncertain"),
            (largest("must_be_in = 1"), "counted_rule"),
            (largest("may_be_in = 1 AND must_be_in = 0"), "uncertain_rule"),
            (largest("may_be_in = 0"), "out_rule"),
            (deciding(order, &sides.numerator), "row_key"),
            (deciding_perhaps(order, &sides.numerator), "row_key_perhaps"),
        ]);
    };
    let mut items = vec![("patient_id".to_owned(), "patient_id"), ("reach".to_owned(), "reach")];
    evidence(&mut items);
    let filter = if reach == Reach::Everybody { "" } else { "WHERE reach <> ''\n" };
    let rest = format!("FROM {named}\n{filter}GROUP BY patient_id, reach");
    steps.add("addressed", "what each patient's rows come to, by whom they name", select(&items, &rest));
    let figures = [
        "counted",
        "uncertain",
        "counted_rule",
        "uncertain_rule",
        "unattributed_rule",
        "out_rule",
        "row_key",
    ];
    let from = |table: &str, names: [&str; 7]| -> Vec<(String, &'static str)> {
        let keys =
            [("seers.provider_id".to_owned(), "provider_id"), ("seers.patient_id".to_owned(), "patient_id")];
        let column = |(name, ours): (&str, &'static str)| match name {
            name if name.starts_with(|c: char| c.is_ascii_digit()) => (name.to_owned(), ours),
            name => (name.replace('@', &format!("{table}.")), ours),
        };
        keys.into_iter().chain(names.into_iter().zip(figures).map(column)).collect()
    };
    let certain =
        ["@counted", "@uncertain", "@counted_rule", "@uncertain_rule", "0", "@out_rule", "@row_key"];
    let weak = [
        "0",
        "@counted + @uncertain",
        "0",
        "@uncertain_rule",
        "@counted_rule",
        "@out_rule",
        "@row_key_perhaps",
    ];
    let mut reached = select(
        &from("addressed", certain),
        "FROM seers\nJOIN addressed ON addressed.patient_id = seers.patient_id AND addressed.reach = seers.reach",
    );
    if reach != Reach::Everybody {
        let mut items = vec![("patient_id".to_owned(), "patient_id")];
        evidence(&mut items);
        let rest = format!("FROM {named}\nWHERE reach = ''\nGROUP BY patient_id");
        steps.add("unaddressed", "the same of rows that name nobody", select(&items, &rest));
        let join = "FROM seers\nJOIN unaddressed ON unaddressed.patient_id = seers.patient_id";
        let groups = "JOIN patient_groups ON patient_groups.patient_id = seers.patient_id\nWHERE patient_groups.groups_count";
        let parts = match reach {
            Reach::Group => vec![
                select(&from("unaddressed", certain), &format!("{join}\n{groups} = 1")),
                select(&from("unaddressed", weak), &format!("{join}\n{groups} > 1")),
            ],
            _ => vec![select(&from("unaddressed", weak), join)],
        };
        for part in parts {
            reached.push_str(&format!("\nUNION ALL\n{part}"));
        }
    }
    steps.add("reached", "what reaches whom; a row that names nobody only may", reached);
    let mut items = vec![("provider_id".to_owned(), "provider_id"), ("patient_id".to_owned(), "patient_id")];
    for figure in figures {
        let by = match figure {
            "counted" | "uncertain" => "SUM",
            "row_key" => "MIN",
            _ => "MAX",
        };
        items.push((
            format!("{by}({figure}{})", if by == "MIN" { order.dialect.bytewise() } else { "" }),
            figure,
        ));
    }
    steps.add(
        "wrote",
        "the same, all together",
        select(&items, "FROM reached\nGROUP BY provider_id, patient_id"),
    );
    ledger(order, sides, steps);
    Ok(())
}

/// Adds the lines of the roster, if there is one.
fn roster(order: &Order<'_>, steps: &mut Steps) -> Result<(), Unfit> {
    let Some(source) = order.roster else { return Ok(()) };
    let door = Door { dialect: order.dialect, layout: order.layout, kind: Kind::Roster, source };
    let read = door.read(steps, &["provider_id", "group_id"])?;
    let group = match read.columns.contains(&"group_id") {
        true => {
            format!("MIN(CASE WHEN group_id <> '' THEN group_id ELSE NULL END{})", order.dialect.bytewise())
        }
        false => "''".to_owned(),
    };
    let items = [("provider_id".to_owned(), "provider_id"), (group, "group_id")];
    let rest = format!("FROM {}\nWHERE provider_id <> ''\nGROUP BY provider_id", read.step);
    steps.add("roster_lines", "the roster, one line a provider", select(&items, &rest));
    Ok(())
}

/// The row that decides: certain ones first, then the earliest, unknown days last; of those of a day the first by its id.
fn deciding(order: &Order<'_>, side: &Side) -> String {
    key(order, side, "CASE WHEN must_be_in = 1 THEN '0' ELSE '1' END")
}

/// The same where none is certain, for rows that name nobody.
fn deciding_perhaps(order: &Order<'_>, side: &Side) -> String {
    key(order, side, "'1'")
}

fn key(order: &Order<'_>, _: &Side, certain: &str) -> String {
    let day = "CASE WHEN day = 'unknown' THEN '9999-99-99' ELSE day END";
    let key = format!("{certain} || {day} || row_id");
    format!("MIN(CASE WHEN may_be_in = 1 THEN {key} ELSE NULL END{})", order.dialect.bytewise())
}

/// Adds the ledger, with the columns of `--ledger`.
fn ledger(_: &Order<'_>, sides: &Sides, steps: &mut Steps) {
    let standing = [
        ("seen.provider_id", "provider_id"),
        ("seen.patient_id", "patient_id"),
        ("CASE WHEN seen.seen_for_certain = 1 THEN 'certain' ELSE 'possible' END", "denominator"),
        (
            "CASE WHEN COALESCE(wrote.counted, 0) > 0 THEN 'certain' WHEN COALESCE(wrote.uncertain, 0) > 0 THEN 'possible' ELSE 'none' END",
            "numerator",
        ),
        ("seen.encounters", "encounters"),
        ("COALESCE(seen.first_day, '')", "first_seen"),
        ("COALESCE(seen.last_day, '')", "last_seen"),
        ("COALESCE(wrote.counted, 0)", "counted_messages"),
        ("COALESCE(wrote.uncertain, 0)", "uncertain_messages"),
        ("COALESCE(wrote.counted_rule, 0)", "counted_rule"),
        ("COALESCE(wrote.uncertain_rule, 0)", "uncertain_rule"),
        ("COALESCE(wrote.unattributed_rule, 0)", "unattributed_rule"),
        ("COALESCE(wrote.out_rule, 0)", "out_rule"),
        ("seen.encounter_key", "encounter_key"),
        ("COALESCE(wrote.row_key, '')", "row_key"),
    ];
    let join = "FROM seen\nLEFT JOIN wrote ON wrote.provider_id = seen.provider_id AND wrote.patient_id = seen.patient_id";
    steps.add(
        "standings",
        "what the data allow of each patient towards each provider",
        select(&standing, join),
    );

    let names = |of: &str| {
        let arm = |(at, id): (usize, &String)| Arm::new(format!("{of} = {}", at + 1), format!("'{id}'"));
        sides.numerator.rules.iter().enumerate().map(arm).collect::<Vec<_>>()
    };
    // The number of the rule that the row's reason is; the words for those that are none.
    let nearest = case(
        &[
            Arm::new("numerator = 'certain'", "counted_rule"),
            Arm::new("numerator = 'possible' AND unattributed_rule >= uncertain_rule", "-1"),
            Arm::new("numerator = 'possible'", "uncertain_rule"),
        ],
        "out_rule",
    );
    let mut items: Vec<(String, &'static str)> = [
        "provider_id",
        "patient_id",
        "denominator",
        "numerator",
        "encounters",
        "first_seen",
        "last_seen",
        "counted_messages",
        "uncertain_messages",
    ]
    .map(|name| (name.to_owned(), name))
    .into();
    items.extend([
        (day_of("row_key", "numerator = 'certain' AND "), "first_counted_at"),
        (nearest, "reason_number"),
        ("SUBSTR(encounter_key, 12)".to_owned(), "encounter_ref"),
        ("SUBSTR(row_key, 12)".to_owned(), "message_ref"),
    ]);
    steps.add("reasoned", "the rule that came nearest", select(&items, "FROM standings"));
    let mut reasons = vec![
        Arm::new("reason_number = -1", format!("'{UNATTRIBUTED}'")),
        Arm::new("reason_number = 0", format!("'{NO_MESSAGE}'")),
    ];
    reasons.extend(names("reason_number"));
    let items: Vec<(String, &'static str)> = items
        .into_iter()
        .map(|(_, name)| match name {
            "reason_number" => (case(&reasons, "''"), "reason"),
            name => (name.to_owned(), name),
        })
        .collect();
    steps.add("ledger", "one row per provider and patient", select(&items, "FROM reasoned"));
}

/// The day in a key, if it is known.
fn day_of(key: &str, condition: &str) -> String {
    let day = format!("SUBSTR({key}, 2, 10)");
    case(&[Arm::new(format!("{condition}{day} <> '9999-99-99'"), day)], "''")
}
