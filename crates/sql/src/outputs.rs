//! The outputs of a query, from the ledger and the evaluated rows.

use crate::SqlQuery;
use crate::attribution::{AttributionJoin, HANGS_ON_GROUP};
use crate::cte::{CaseArm, CteBuilder, case, select};
use crate::populations::{IS_USED, Population, Populations};
use mucalc_core::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use mucalc_core::domain::record::COLUMNS;
use mucalc_core::domain::report::SUPERSEDED;

/// What a query returns.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames,
)]
#[strum(serialize_all = "kebab-case")]
pub enum QueryKind {
    /// One row per provider: denominator, numerator, and result.
    #[default]
    Summary,
    /// One row per provider and patient, with the columns of `--ledger`.
    Ledger,
    /// How many rows each rule decided, and how many are unusable.
    Waterfall,
    /// All figures of a report, one per row, for programs.
    Figures,
}

impl QueryKind {
    /// Returns the name of the output.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// Returns the last `SELECT`, and adds the steps that it needs.
pub(super) fn final_select(order: &SqlQuery<'_>, sides: &Populations, steps: &mut CteBuilder) -> String {
    let bytewise = order.dialect.binary_collation();
    match order.yields {
        QueryKind::Summary => {
            summary(order, steps);
            format!("SELECT *\nFROM summary\nORDER BY provider_id{bytewise}")
        }
        QueryKind::Ledger => {
            let items = COLUMNS.map(|name| (name, name));
            select(&items, &format!("FROM ledger\nORDER BY provider_id{bytewise}, patient_id{bytewise}"))
        }
        QueryKind::Waterfall => {
            fall(order, &sides.encounters, steps);
            fall(order, &sides.numerator, steps);
            let part = |side: &Population| format!("SELECT *\nFROM {}_fall", side.role.word());
            let both = format!("{}\nUNION ALL\n{}", part(&sides.encounters), part(&sides.numerator));
            steps.add("waterfall", "both sides", both);
            let items =
                ["side", "rule", "rows_judged", "rows_counted", "rows_uncertain"].map(|name| (name, name));
            let rest = format!(
                "FROM waterfall\nWHERE rule <> '{SUPERSEDED}' OR rows_judged > 0\nORDER BY side, place"
            );
            select(&items, &rest)
        }
        QueryKind::Figures => {
            figures(order, sides, steps);
            "SELECT *\nFROM figures".to_owned()
        }
    }
}

/// Adds how many patients have each membership with each provider, in six columns. Three more columns have what unusable rows can change,
/// and three more are added if the groups of providers matter. Keeps providers without patients: those on the roster and those who saw
/// patients, or without a roster all that encounters name.
fn sums(order: &SqlQuery<'_>, steps: &mut CteBuilder) {
    let reach = AttributionJoin::from_query(order);
    let group = (reach == AttributionJoin::Group).then_some("reach");
    let sum = |when: &str, what: &str| format!("SUM(CASE WHEN {when} THEN {what} ELSE 0 END)");
    let count = |(standing, name): (&Membership, &'static str)| {
        let (denominator, numerator) = (standing.denominator.word(), standing.numerator.word());
        let when = format!(
            "encounters > 0 AND patient_id <> '' AND denominator = '{denominator}' AND numerator = '{numerator}'"
        );
        (sum(&when, "1"), name)
    };
    let names = |names: &[&'static str]| -> Vec<(String, &'static str)> {
        names.iter().map(|name| ((*name).to_owned(), *name)).collect()
    };
    let by: Vec<&str> = ["provider_id"].into_iter().chain(group).collect();
    let grouped = format!("GROUP BY {}", by.join(", "));

    // Rows that name no provider are counted for the provider ''.
    let mut items = names(&by);
    items.extend(Membership::ALL.iter().zip(COUNTS).map(count));
    let is_listed = if order.roster.is_some() { "SUM(encounters)" } else { "SUM(encounters_named)" };
    items.extend([
        (sum("patient_id = ''", "encounters"), "unusable_encounters"),
        (sum("patient_id = ''", "own_rows"), "unusable_messages"),
        (sum("patient_id <> ''", "writes"), "writers"),
        (is_listed.to_owned(), "is_listed"),
        ("SUM(encounters_named)".to_owned(), "is_known"),
    ]);
    if reach == AttributionJoin::Group {
        items.extend(["certain", "possible"].into_iter().zip(&OF_GROUPS[1..]).map(|(denominator, name)| {
            let when = format!(
                "encounters > 0 AND patient_id <> '' AND denominator = '{denominator}' AND {HANGS_ON_GROUP} = 1"
            );
            (sum(&when, "1"), *name)
        }));
    }
    let why = "how many patients have each standing towards each provider, how many rows are of nobody, and who wrote";
    steps.add("counts", why, select(&items, &format!("FROM standings\n{grouped}")));
    let regrouped: &[&str] = if reach == AttributionJoin::Group { &OF_GROUPS[1..] } else { &[] };
    let figures = [&COUNTS[..], &["unusable_encounters", "unusable_messages", "writers"], regrouped].concat();
    let flags = ["is_listed", "is_known"];
    let mut last = "counts";
    if order.roster.is_some() {
        let all = select(&names(&[&by[..], &figures, &flags].concat()), "FROM counts");
        let reach = case(&[CaseArm::new("group_id = ''", "'alone:' || provider_id")], "'group:' || group_id");
        let mut items = vec![("provider_id".to_owned(), "provider_id")];
        items.extend(group.map(|name| (reach, name)));
        items.extend(figures.iter().map(|name| ("0".to_owned(), *name)));
        items.extend(flags.map(|name| ("1".to_owned(), name)));
        let both = format!("{all}\nUNION ALL\n{}", select(&items, "FROM roster_lines"));
        steps.add(
            "counts_and_roster",
            "and nobody for each of the roster, so that no provider is lost",
            both,
        );
        let mut items = names(&by);
        items.extend(figures.iter().chain(&flags).map(|name| (format!("SUM({name})"), *name)));
        let one = select(&items, &format!("FROM counts_and_roster\n{grouped}"));
        steps.add("all_counts", "one row a provider", one);
        last = "all_counts";
    }

    let open = |name: &str| format!("SUM(CASE WHEN provider_id = '' THEN {name} ELSE 0 END) OVER ()");
    let reaching = |name: &str| match reach {
        AttributionJoin::Everybody => format!("SUM({name}) OVER ()"),
        AttributionJoin::Provider => format!("{name} + {}", open(name)),
        AttributionJoin::Group => format!("SUM({name}) OVER (PARTITION BY reach) + {}", open(name)),
    };
    // A row of the provider '' applies to all providers, so it is not added to itself.
    let mut items = names(&[&["provider_id"], &COUNTS[..], regrouped, &flags].concat());
    items.extend([
        (format!("unusable_encounters + {}", open("unusable_encounters")), "unusable_encounters"),
        (reaching("unusable_messages"), "unusable_messages"),
        (reaching("writers"), "writers"),
        ("unusable_encounters".to_owned(), "own_encounters"),
        ("unusable_messages".to_owned(), "own_messages"),
    ]);
    if reach == AttributionJoin::Group {
        let elsewhere =
            "SUM(unusable_encounters) OVER () - SUM(unusable_encounters) OVER (PARTITION BY reach)";
        items.push((elsewhere.to_owned(), OF_GROUPS[0]));
    }
    let why = "rows of nobody may concern each provider whom they can reach";
    steps.add("concerned", why, select(&items, &format!("FROM {last}")));

    let wrote = Membership::ALL
        .iter()
        .zip(COUNTS)
        .filter(|(standing, _)| standing.numerator != NumeratorStatus::None);
    let wrote: Vec<&str> = wrote.map(|(_, name)| name).collect();
    let mut items = names(&[&["provider_id"], &COUNTS[..], &OPEN[..2]].concat());
    items.push((format!("writers - ({})", wrote.join(" + ")), OPEN[2]));
    items.extend(names(of_groups(order)));
    let why = "one row a provider; of those who wrote, the patients whom the provider did not see";
    steps.add("sums", why, select(&items, "FROM concerned\nWHERE provider_id <> '' AND is_listed > 0"));
}

/// Columns of patients by membership, in the order of [`Membership::ALL`].
const COUNTS: [&str; 6] = [
    "possible_none",
    "possible_possible",
    "possible_certain",
    "certain_none",
    "certain_possible",
    "certain_certain",
];

/// Columns of what unusable rows can change: these rows, and patients who were not seen and have a message that would qualify.
pub(super) const OPEN: [&str; 3] = ["unusable_encounters", "unusable_messages", "unseen_writers"];

/// Columns that matter if a message without a provider is certain only while all providers who saw the patient are one group. They have the
/// unusable encounters that may be with a provider of another group. They also have the patients, certain and possible in the denominator,
/// who are certain in the numerator only because of such messages.
const OF_GROUPS: [&str; 3] = ["elsewhere", "regrouped_certain", "regrouped_possible"];

/// Returns these columns if they matter.
fn of_groups(order: &SqlQuery<'_>) -> &'static [&'static str] {
    if AttributionJoin::from_query(order) == AttributionJoin::Group { &OF_GROUPS } else { &[] }
}

/// Adds one row per provider, with the result.
fn summary(order: &SqlQuery<'_>, steps: &mut CteBuilder) {
    sums(order, steps);
    let sum = |is: fn(&Membership) -> bool| {
        let all = Membership::ALL.iter().zip(COUNTS).filter(|(standing, _)| is(standing));
        all.map(|(_, name)| name).collect::<Vec<_>>().join(" + ")
    };
    // What patients contribute toward the threshold, at least and at most, so that the result needs no division.
    let worth = |end: fn((i64, i64)) -> i64| {
        let all = Membership::ALL.iter().zip(COUNTS);
        let parts = all.filter_map(|(standing, name)| match end(order.threshold.margin(*standing)?) {
            0 => None,
            worth => Some(format!("{worth} * {name}")),
        });
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() { "0".to_owned() } else { parts.join(" + ") }
    };
    let least = |one: &str, other: &str| format!("CASE WHEN {one} < {other} THEN {one} ELSE {other} END");
    let mut items = vec![("*".to_owned(), "*")];
    items.push((least("unusable_encounters", "unseen_writers"), "writers_gained"));
    items.push((least("unusable_messages", "certain_none"), "seen_gained"));
    let is_of_groups = !of_groups(order).is_empty();
    if is_of_groups {
        items.push((least("elsewhere", "regrouped_certain"), "certain_lost"));
    }
    let why =
        "patients whom unusable rows can add to the numerator: those who wrote, and those who were seen";
    let why = match is_of_groups {
        true => format!("{why}; and whom they can take from it, where others of another group saw them"),
        false => why.to_owned(),
    };
    steps.add("gained", &why, select(&items, "FROM sums"));
    let others =
        least("unusable_messages - seen_gained", "possible_none + unusable_encounters - writers_gained");
    let mut items = vec![("*".to_owned(), "*"), (others, "others_gained")];
    if is_of_groups {
        items.push((least("elsewhere - certain_lost", "regrouped_possible"), "possible_lost"));
    }
    let why = "and those whom an encounter and a message can add together";
    steps.add("all_gained", why, select(&items, "FROM gained"));

    let is_seen = |standing: &Membership| standing.denominator == DenominatorStatus::Certain;
    let certain = |numerator| Membership { denominator: DenominatorStatus::Certain, numerator };
    let margin = |numerator| order.threshold.margin(certain(numerator)).unwrap_or_default().0;
    let (in_both, in_denominator) = (margin(NumeratorStatus::Certain), margin(NumeratorStatus::None));
    let gain =
        format!("{} * seen_gained + {in_both} * (writers_gained + others_gained)", in_both - in_denominator);
    let (lost, loss) = match is_of_groups {
        true => (
            " - certain_lost",
            format!(" + {in_denominator} * possible_lost - {} * certain_lost", in_both - in_denominator),
        ),
        false => ("", String::new()),
    };
    let margin_least =
        format!("{} + {in_denominator} * unusable_encounters{loss}", worth(|(least, _)| least));
    let items = [
        ("provider_id".to_owned(), "provider_id"),
        (sum(is_seen), "denominator_least"),
        (format!("{} + unusable_encounters", sum(|_| true)), "denominator_most"),
        (format!("certain_certain{lost}"), "numerator_least"),
        (
            format!(
                "{} + writers_gained + seen_gained + others_gained",
                sum(|standing| standing.numerator != NumeratorStatus::None)
            ),
            "numerator_most",
        ),
        (margin_least, "margin_least"),
        (format!("{} + {gain}", worth(|(_, most)| most)), "margin_most"),
        ("unusable_encounters".to_owned(), "unusable_encounters"),
        ("unusable_messages".to_owned(), "unusable_messages"),
    ];
    steps.add(
        "margins",
        "denominator and numerator, and how far they are from the threshold",
        select(&items, "FROM all_gained"),
    );
    let verdict = match order.threshold.goal() {
        None => "'not-calculable'".to_owned(),
        Some(goal) => case(
            &[
                CaseArm::new("denominator_most = 0", "'not-calculable'"),
                CaseArm::new(format!("margin_least >= {goal}"), "'met'"),
                CaseArm::new(format!("margin_most < {goal} AND denominator_least > 0"), "'not-met'"),
            ],
            "'indeterminate'",
        ),
    };
    let names = ["provider_id", "denominator_least", "denominator_most", "numerator_least", "numerator_most"];
    let mut items: Vec<(String, &'static str)> = names.map(|name| (name.to_owned(), name)).into();
    items.push((verdict, "verdict"));
    items.extend(["unusable_encounters", "unusable_messages"].map(|name| (name.to_owned(), name)));
    steps.add("summary", "one row a provider; one without patients stays", select(&items, "FROM margins"));
}

/// Adds how many rows of a side each rule decided, how many are unusable, and the findings about them.
fn fall(order: &SqlQuery<'_>, side: &Population, steps: &mut CteBuilder) {
    let role = side.role.word();
    let causes = FAULTS.iter().filter(|(_, _, is_cause)| *is_cause);
    let mut outcome: Vec<CaseArm> =
        causes.map(|(number, id, _)| CaseArm::new(format!("rejected_for = '{id}'"), *number)).collect();
    outcome.push(CaseArm::new("is_superseded = 1", SUPERSEDED_NUMBER));
    let of = |what: &str| format!("SUM(CASE WHEN {IS_USED} THEN {what} ELSE 0 END)");
    let form = |form: &str| of(&format!("CASE WHEN date_form = '{form}' THEN 1 ELSE 0 END"));
    let items = [
        (case(&outcome, "rule_number"), "outcome"),
        ("COUNT(*)".to_owned(), "rows_judged"),
        ("SUM(must_be_in)".to_owned(), "rows_counted"),
        ("SUM(may_be_in - must_be_in)".to_owned(), "rows_uncertain"),
        (form("unreadable"), "unreadable"),
        // If the practice time zone is known, these times are read.
        (if order.zone.is_none() { form("zoned") } else { "0".to_owned() }, "zoned"),
        (of("unknown_words"), "unknown_words"),
        ("SUM(damaged_ids)".to_owned(), "damaged_ids"),
        ("SUM(contradicts)".to_owned(), "contradictions"),
        (format!("SUM(CASE WHEN {IS_USED} THEN 0 ELSE 1 END)"), "rejected"),
    ];
    let counted = format!("{role}_counted");
    let group = format!("FROM {}\nGROUP BY {}", side.judged, case(&outcome, "rule_number"));
    steps.add(
        &counted,
        "how many rows each rule judged, and what was wrong with them",
        select(&items, &group),
    );
    // One row per name is joined with all counts, so that the table is read only once.
    let listed = |number: String, place: usize, id: &str| {
        format!("SELECT {number} AS outcome, {place} AS place, '{id}' AS rule")
    };
    let rules = side.rules.iter().enumerate().map(|(at, id)| listed((at + 1).to_string(), at + 1, id));
    let faults =
        FAULTS.iter().enumerate().map(|(at, (number, id, _))| listed((*number).to_owned(), 1000 + at, id));
    let superseded = std::iter::once(listed(SUPERSEDED_NUMBER.to_owned(), 0, SUPERSEDED));
    let rows: Vec<String> = superseded.chain(rules).chain(faults).collect();
    steps.add(format!("{role}_names"), "the names of rules and faults", rows.join("\nUNION ALL\n"));
    let value = |of: &str, rule: &str| {
        let fault = |(number, figure): (&str, &str)| {
            let figure = if of == "rows_judged" { format!("counted.{figure}") } else { "0".to_owned() };
            CaseArm::new(format!("names.outcome = {number}"), figure)
        };
        let figures = [
            ("-3", "damaged_ids"),
            ("-4", "unreadable"),
            ("-5", "zoned"),
            ("-6", "unknown_words"),
            ("-7", "rejected"),
            ("-8", "contradictions"),
        ];
        let mut arms: Vec<CaseArm> = figures.map(fault).into();
        arms.push(CaseArm::new("names.outcome = counted.outcome", rule));
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

/// Numbers and codes of the findings, and whether each makes a row unusable. `rejected` counts the rows that are unusable for any reason.
const FAULTS: [(&str, &str, bool); 8] = [
    ("-1", "missing-patient-id", true),
    ("-2", "missing-provider-id", true),
    ("-3", "damaged-id", true),
    ("-4", "unreadable-date", false),
    ("-5", "timezone-needed", false),
    ("-6", "unknown-word", false),
    ("-7", "rejected", false),
    ("-8", "contradicting-versions", false),
];

/// The number for rows that no rule decides, because a later version of the record replaces them.
const SUPERSEDED_NUMBER: &str = "-9";

/// Adds every figure of a report, one per row.
fn figures(order: &SqlQuery<'_>, sides: &Populations, steps: &mut CteBuilder) {
    sums(order, steps);
    fall(order, &sides.encounters, steps);
    fall(order, &sides.numerator, steps);
    group_sums(order, steps);
    let names = |names: &[&str]| {
        let one = |name: &&str| format!("SELECT '{name}' AS name");
        names.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ")
    };
    let chosen = |names: &[&str]| {
        let arm = |name: &&str| CaseArm::new(format!("names.name = '{name}'"), *name);
        case(&names.iter().map(arm).collect::<Vec<_>>(), "0")
    };
    let all: Vec<&str> = COUNTS.into_iter().chain(OPEN).chain(of_groups(order).iter().copied()).collect();
    steps.add("sum_names", "the names of these numbers", names(&all));
    let side = |side: &Population| {
        format!(
            "SELECT side, rule, '', rows_judged, rows_counted, rows_uncertain FROM {}_fall",
            side.role.word()
        )
    };
    let mut parts = vec![
        format!(
            "SELECT 'provider' AS part, sums.provider_id AS name, names.name AS detail, {} AS counted, 0 AS certain, 0 AS uncertain\nFROM sums CROSS JOIN sum_names names",
            chosen(&all)
        ),
        format!(
            "SELECT 'group', '', names.name, {}, 0, 0\nFROM group_sums CROSS JOIN sum_names names",
            chosen(&all)
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

/// Adds the same figures for unique patients over all providers. A patient is certain in the numerator only with a provider who certainly
/// saw the patient.
fn group_sums(order: &SqlQuery<'_>, steps: &mut CteBuilder) {
    let reach = AttributionJoin::from_query(order);
    let flag = |when: &str| format!("MAX(CASE WHEN {when} THEN 1 ELSE 0 END)");
    let reaches = match reach {
        // A message to a group reaches its providers on the roster, whichever of them it names.
        AttributionJoin::Everybody => "1 = 1",
        AttributionJoin::Provider | AttributionJoin::Group => "(standings.provider_id = '' OR is_known > 0)",
    };
    let certain = "encounters > 0 AND denominator = 'certain' AND numerator = 'certain'";
    let mut items = vec![
        ("standings.patient_id".to_owned(), "patient_id"),
        (flag("encounters > 0"), "is_seen"),
        (flag("encounters > 0 AND denominator = 'certain'"), "seen_for_certain"),
        (flag(certain), "counts_for_certain"),
        (flag("encounters > 0 AND numerator <> 'none'"), "may_count"),
        (flag(&format!("own_rows > 0 AND {reaches}")), "writes"),
    ];
    if reach == AttributionJoin::Group {
        items.push((flag(&format!("{certain} AND {HANGS_ON_GROUP} = 0")), "counts_by_name"));
    }
    let rest = "FROM standings\nJOIN concerned ON concerned.provider_id = standings.provider_id\nWHERE standings.patient_id <> ''\nGROUP BY standings.patient_id";
    steps.add("patients", "unique patients over all providers", select(&items, rest));

    // An encounter without a provider may mean that the provider whom a message names saw patients.
    let items = [("own_encounters", OPEN[0]), ("own_messages", OPEN[1])]
        .map(|(own, name)| (format!("COALESCE(SUM({own}), 0)"), name));
    steps.add("unusable_rows", "unusable rows that concern somebody", select(&items, "FROM concerned"));

    let sum = |when: &str| format!("COALESCE(SUM(CASE WHEN {when} THEN 1 ELSE 0 END), 0)");
    let standing = |standing: &Membership| {
        let seen = match standing.denominator {
            DenominatorStatus::Possible => "is_seen = 1 AND seen_for_certain = 0",
            DenominatorStatus::Certain => "seen_for_certain = 1",
        };
        let wrote = match standing.numerator {
            NumeratorStatus::None => "may_count = 0",
            NumeratorStatus::Possible => "may_count = 1 AND counts_for_certain = 0",
            NumeratorStatus::Certain => "counts_for_certain = 1",
        };
        sum(&format!("{seen} AND {wrote}"))
    };
    let mut items: Vec<(String, &'static str)> = Membership::ALL.iter().map(standing).zip(COUNTS).collect();
    // A patient who is in no numerator wrote to no provider who saw the patient.
    items.push((sum("may_count = 0 AND writes = 1"), OPEN[2]));
    if reach == AttributionJoin::Group {
        items.push((sum("counts_for_certain = 1 AND counts_by_name = 0"), OF_GROUPS[1]));
    }
    steps.add("patient_sums", "their numbers", select(&items, "FROM patients"));
    let mut items: Vec<(&str, &str)> = COUNTS.into_iter().chain(OPEN).map(|name| (name, name)).collect();
    if reach == AttributionJoin::Group {
        let [elsewhere, certain, possible] = OF_GROUPS;
        items.extend([(OPEN[0], elsewhere), (certain, certain), ("0", possible)]);
    }
    let rest = "FROM patient_sums\nCROSS JOIN unusable_rows";
    steps.add("group_sums", "both together", select(&items, rest));
}
