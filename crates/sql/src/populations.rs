//! The two sides of the measure: encounters, and numerator rows, each evaluated under its rules.

use crate::absence;
use crate::attribution::AttributionJoin;
use crate::certified::{add_dated, certified};
use crate::cte::{CaseArm, CteBuilder, case, select};
use crate::days;
use crate::lists::in_list;
use crate::predicate::{ColumnValueCase, SqlColumn};
use crate::proof::check_equivalence;
use crate::rule_cases::RuleCases;
use crate::staging::{StagedTable, Staging};
use crate::versions;
use crate::{SqlError, SqlQuery, SqlTable};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::words::{
    ACTOR, CehrtLocation, Certified, DayRelation, RECIPIENT, SENDER, UNKNOWN, ValueSet,
};
use mucalc_core::edition::DecisionTable;
use mucalc_core::edition::model::{NumeratorSource, RuleList};
use mucalc_core::edition::window::CountingWindow;

/// Both sides of the measure.
pub(super) struct Populations {
    /// Encounters.
    pub encounters: Population,
    /// Numerator rows.
    pub numerator: Population,
    /// Number of combinations of values that were tried.
    pub tried: u64,
}

/// The evaluated rows of one side.
pub(super) struct Population {
    /// Kind of input.
    pub role: InputRole,
    /// Ids of the rules, in their order.
    pub rules: Vec<String>,
    /// Step with all evaluated rows, and with what each is among the versions of its record.
    pub judged: String,
}

/// A condition for an evaluated row that can be attributed: its column `rejected_for` is empty.
pub(super) const IS_USED: &str = "rejected_for = ''";

impl Populations {
    /// Adds the steps that evaluate both sides.
    pub fn add(order: &SqlQuery<'_>, steps: &mut CteBuilder) -> Result<Self, SqlError> {
        let period = CountingWindow::new(order.period, None, None);
        let windows = CountingWindow::new(order.period, order.edition.numerator.window, order.attested);
        let role = match order.edition.counts {
            NumeratorSource::Messages => InputRole::Messages,
            NumeratorSource::Accesses => InputRole::Accesses,
        };
        let (encounters, one) =
            Making::new(order, InputRole::Encounters, &order.edition.denominator, &period)
                .side(order.encounters, steps)?;
        let (numerator, other) =
            Making::new(order, role, &order.edition.numerator, &windows).side(order.numerator, steps)?;
        Ok(Self { encounters, numerator, tried: one + other })
    }
}

/// What one side is made of.
struct Making<'m> {
    order: &'m SqlQuery<'m>,
    role: InputRole,
    section: &'m RuleList,
    windows: &'m CountingWindow,
    /// Value sets that the rules use.
    asked: Vec<&'static ValueSet>,
    /// Canonical columns of the day, and of the record id.
    date: &'static str,
    id: &'static str,
}

/// Columns that a step passes to the next one.
const PASSED: [&str; 10] = [
    "patient_id",
    "provider_id",
    "row_id",
    "updated_key",
    "says",
    "rejected_for",
    "day",
    "date_form",
    "damaged_ids",
    "unknown_words",
];

impl<'m> Making<'m> {
    fn new(
        order: &'m SqlQuery<'m>,
        role: InputRole,
        section: &'m RuleList,
        windows: &'m CountingWindow,
    ) -> Self {
        let asked = section.columns.iter().copied().filter(|list| is_asked(section, list)).collect();
        let (date, id) = match role {
            InputRole::Encounters => ("started_at", "encounter_id"),
            InputRole::Accesses => ("accessed_at", "access_id"),
            _ => ("sent_at", "message_id"),
        };
        Self { order, role, section, windows, asked, date, id }
    }

    /// Adds all steps of a side. Also returns the number of combinations of values that were tried.
    fn side(&self, source: &SqlTable, steps: &mut CteBuilder) -> Result<(Population, u64), SqlError> {
        let SqlQuery { dialect, layout, markers, .. } = *self.order;
        let door = Staging { dialect, layout, role: self.role, source, markers };
        let read = door.read(steps, &self.wanted(source))?;
        let (step, day) = self.dated(&read, steps);
        self.add_canonical_step(&door, &read, &step, day, steps);
        self.placed(&read, steps);
        let (table, tried) = self.add_rule_step(steps)?;
        let rules = table.rules().to_vec();
        let judged = self.current_records(&read, steps);
        Ok((Population { role: self.role, rules, judged }, tried))
    }

    /// Returns the name of a step.
    fn step(&self, name: &str) -> String {
        format!("{}_{name}", self.role.word())
    }

    /// Returns the canonical columns that are needed.
    fn wanted(&self, source: &SqlTable) -> Vec<&'static str> {
        let mut wanted = vec!["patient_id", "provider_id", self.id, self.date];
        // This column is new, so it is read only from a table that is known to have it.
        let there = |columns: &Vec<String>| {
            let translation = self.order.layout.input(self.role).translation(columns);
            translation.names().map(str::to_owned).collect::<Vec<_>>()
        };
        let there = source.columns.as_ref().map(there).unwrap_or_default();
        let is_there = |name: &&'static str| there.iter().any(|known| known == name);
        wanted.extend([UPDATED].into_iter().chain(self.compared()).filter(is_there));
        wanted.extend(self.asked.iter().filter_map(|list| match list.name {
            name if name == DayRelation::LIST.name => None,
            name if name == Certified::LIST.name => Some("channel"),
            name if name == CehrtLocation::LIST.name => {
                (!self.order.locations.is_empty()).then_some("location_id")
            }
            name => Some(name),
        }));
        wanted
    }

    /// Returns the columns with canonical values that no rule uses, but by which versions of a record are compared.
    fn compared(&self) -> impl Iterator<Item = &'static str> {
        let name = |list: &&'static ValueSet| match list.name {
            name if name == DayRelation::LIST.name || name == CehrtLocation::LIST.name => None,
            name if name == Certified::LIST.name => Some("channel"),
            name => Some(name),
        };
        let is_asked = move |of: &&'static str| self.asked.iter().filter_map(name).any(|asked| asked == *of);
        self.section.columns.iter().filter_map(name).filter(move |name| !is_asked(name))
    }

    /// Adds the steps that determine the form of ids, days, and times. Returns the last step, and the expression for the day in it.
    fn dated(&self, read: &StagedTable, steps: &mut CteBuilder) -> (String, String) {
        let dialect = self.order.dialect;
        let step = self.step("formed");
        let damaged = |id: &str| match read.columns.contains(&id) {
            true => format!("CASE WHEN {} THEN 1 ELSE 0 END", absence::is_damaged(dialect, id)),
            false => "0".to_owned(),
        };
        let formed = [
            ("*".to_owned(), "*"),
            (days::form(dialect, self.date), "date_form"),
            (damaged("patient_id"), "patient_damaged"),
            (damaged("provider_id"), "provider_damaged"),
            (damaged(self.id), "record_damaged"),
        ];
        // Other rows are totals, or what a query tool writes below a table.
        let parts = ["patient_id", "provider_id", self.date, self.id];
        let parts = parts.into_iter().filter(|part| read.columns.contains(part));
        let is_none = parts.map(|part| format!("{part} = ''")).collect::<Vec<_>>().join(" AND ");
        let rest = format!("FROM {}\nWHERE NOT ({is_none})", read.step);
        let why = "of what form ids, days and times are; a row that has none of them is no record";
        steps.add(&step, why, select(&formed, &rest));
        let Some(zone) = self.order.zone else { return (step, days::local_day(self.date)) };
        let hull = self.windows.span();
        // If the window has no end, the offsets of the following years are needed too.
        let open = self.windows.is_open().then(|| hull.last.add_days(3 * 365));
        let bounds =
            [hull.first, hull.last].into_iter().chain(open).chain(self.order.channels.boundary_dates());
        let years = days::years_around(bounds);
        let step = days::zoned_days(steps, dialect, &step, self.role.word(), self.date, zone, years);
        (step, "day".to_owned())
    }

    /// Adds the step with the canonical values and the local day.
    fn add_canonical_step(
        &self,
        door: &Staging<'_>,
        read: &StagedTable,
        step: &str,
        day: String,
        steps: &mut CteBuilder,
    ) {
        let has = |name: &str| read.columns.contains(&name);
        let text = |name: &'static str| if has(name) { name.to_owned() } else { "''".to_owned() };
        let id = |name: &'static str, damaged: &str| {
            case(&[CaseArm::new(format!("{damaged} = 1"), "''")], &text(name))
        };
        let mut items: Vec<(String, &'static str)> = vec![
            (id("patient_id", "patient_damaged"), "patient_id"),
            (id("provider_id", "provider_damaged"), "provider_id"),
            (case(&[CaseArm::new("record_damaged = 1", "''")], &text(self.id)), "row_id"),
            (
                if has(UPDATED) { days::updated_key(self.order.dialect, UPDATED) } else { "''".to_owned() },
                "updated_key",
            ),
            (self.rejected(has("provider_id")), "rejected_for"),
            (day, "day"),
            ("date_form".to_owned(), "date_form"),
            ("patient_damaged + provider_damaged".to_owned(), "damaged_ids"),
        ];
        let mut unlisted = Vec::new();
        for list in &self.asked {
            let (ours, value) = match list.name {
                name if name == DayRelation::LIST.name => continue,
                name if name == CehrtLocation::LIST.name => ("cehrt", cehrt(self.order, has("location_id"))),
                name => {
                    let ours = if name == Certified::LIST.name { "channel" } else { name };
                    if has(ours) {
                        unlisted.push(format!("CASE WHEN {} THEN 1 ELSE 0 END", door.is_unmapped(ours)));
                        (ours, door.word(ours, self.order.channels))
                    } else {
                        (ours, absent(self.role, ours))
                    }
                }
            };
            items.push((value, ours));
        }
        let others = self.compared().filter(|name| has(name));
        items.extend(others.map(|name| (door.word(name, self.order.channels), name)));
        let unknown_words = if unlisted.is_empty() { "0".to_owned() } else { unlisted.join("\n  + ") };
        items.push((unknown_words, "unknown_words"));
        let why = "our words and the local day; what is not said is unknown, and a damaged id is none";
        steps.add(self.step("told"), why, select(&items, &format!("FROM {step}")));
    }

    /// Returns an expression for why a row cannot be attributed; empty if it can.
    fn rejected(&self, has_provider: bool) -> String {
        let word = |slug: &str| format!("'{slug}'");
        let [no_patient, no_provider, damaged] =
            [FindingCode::MissingPatientId, FindingCode::MissingProviderId, FindingCode::DamagedId]
                .map(FindingCode::slug)
                .map(word);
        let mut arms = vec![
            CaseArm::new("patient_damaged = 1", damaged.clone()),
            CaseArm::new("patient_id = ''", no_patient),
        ];
        // A numerator row need not name a provider.
        if self.role == InputRole::Encounters {
            arms.push(CaseArm::new("provider_damaged = 1", damaged));
            arms.push(CaseArm::new(if has_provider { "provider_id = ''" } else { "1 = 1" }, no_provider));
        }
        case(&arms, "''")
    }

    /// Adds the step that determines where the day is, and whether the channel is certified on that day.
    fn placed(&self, read: &StagedTable, steps: &mut CteBuilder) {
        let item = |name: &'static str| {
            (if name == "says" { self.contents_text(read) } else { name.to_owned() }, name)
        };
        let mut items: Vec<(String, &'static str)> = PASSED.map(item).into();
        items.extend(self.asked.iter().map(|list| match list.name {
            name if name == DayRelation::LIST.name => (days::relation(self.windows), "day_in"),
            name if name == Certified::LIST.name => {
                (certified(self.order.channels, self.order.dialect), "certified")
            }
            name => (name.to_owned(), name),
        }));
        let rest = format!("FROM {}", self.step("told"));
        steps.add(self.step("placed"), "where the day lies", select(&items, &rest));
    }

    /// Returns an expression for all contents of a row, as one text. Rows of a record that differ in it are different versions.
    fn contents_text(&self, read: &StagedTable) -> String {
        let asked = self.asked.iter().filter_map(|list| match list.name {
            name if name == DayRelation::LIST.name => None,
            name if name == Certified::LIST.name => Some("channel"),
            name => Some(name),
        });
        let words = asked.chain(self.compared().filter(|name| read.columns.contains(name)));
        let length = self.order.dialect.text("LENGTH(patient_id)");
        let all: Vec<&str> = ["day", "rejected_for"].into_iter().chain(words).collect();
        format!("{} || '/' || {length} || '/' || patient_id || provider_id", all.join(" || '/' || "))
    }

    /// Adds the step that applies the rules. Returns their table, and the number of combinations of values that were tried.
    fn add_rule_step(&self, steps: &mut CteBuilder) -> Result<(DecisionTable, u64), SqlError> {
        let columns = self.section.columns.iter().map(|list| column(self.section, list, self.windows));
        let mut columns: Vec<SqlColumn> = columns.collect();
        let dated = match columns.iter_mut().find(|column| column.name == Certified::LIST.name) {
            Some(column) => add_dated(column, self.order.channels, self.windows),
            None => Vec::new(),
        };
        let mut judge = RuleCases::new(self.section, self.order.choices, columns);
        let table = DecisionTable::compile(self.section, self.order.choices);
        let tried = check_equivalence(&mut judge, &table, &dated).map_err(|row| judge.to_error(&row))?;
        let mut items: Vec<(String, &'static str)> = PASSED.map(|name| (name.to_owned(), name)).into();
        items.extend(judge.texts(self.order.dialect));
        let why = "the first rule that can decide, and whether the row may be in and must be in";
        steps.add(self.step("judged"), why, select(&items, &format!("FROM {}", self.step("placed"))));
        Ok((table, tried))
    }
}

impl Making<'_> {
    /// Adds the steps that determine which of several versions of a record is the record, and returns the last one.
    fn current_records(&self, read: &StagedTable, steps: &mut CteBuilder) -> String {
        let columns: Vec<&str> =
            PASSED.into_iter().chain(["rule_number", "may_be_in", "must_be_in"]).collect();
        let numbered = |rest: &str| {
            format!(
                "{} || '/' || judged.patient_id{rest}",
                self.order.dialect.text("LENGTH(judged.patient_id)")
            )
        };
        let group = "CASE WHEN judged.provider_id = '' THEN '' WHEN COALESCE(roster_lines.group_id, '') = '' THEN 'alone:' || judged.provider_id ELSE 'group:' || roster_lines.group_id END";
        let (address, join) = match (self.role, AttributionJoin::from_query(self.order)) {
            (InputRole::Encounters, _) | (_, AttributionJoin::Provider) => {
                (numbered(" || judged.provider_id"), "")
            }
            (_, AttributionJoin::Everybody) => (numbered(""), ""),
            (_, AttributionJoin::Group) => (
                numbered(&format!(" || {group}")),
                "\nLEFT JOIN roster_lines ON roster_lines.provider_id = judged.provider_id",
            ),
        };
        let making = versions::Making {
            dialect: self.order.dialect,
            prefix: self.role.word(),
            judged: &self.step("judged"),
            columns: &columns,
            has_ids: read.columns.contains(&self.id),
            address: &address,
            join,
        };
        making.add(steps)
    }
}

/// The column with the time of a row's last change.
const UPDATED: &str = "updated_at";

/// Returns whether a rule uses a value set.
fn is_asked(section: &RuleList, list: &ValueSet) -> bool {
    let column = section.columns.iter().position(|column| column.name == list.name);
    column.is_some_and(|column| section.references(column))
}

/// Returns the value of a column that the table does not have.
fn absent(role: InputRole, ours: &str) -> String {
    let word = match (role, ours) {
        (InputRole::Encounters, "status") => "completed",
        (InputRole::Encounters, "seen_by") => "eligible-professional",
        (InputRole::Messages, "status") => "sent",
        _ => UNKNOWN,
    };
    format!("'{word}'")
}

/// Returns an expression for whether certified EHR technology keeps the records of an encounter.
fn cehrt(order: &SqlQuery<'_>, has_location: bool) -> String {
    if order.locations.is_empty() {
        return "'yes'".to_owned();
    }
    if !has_location {
        return "'unknown'".to_owned();
    }
    let others = order.locations.iter().filter(|(_, certified)| !**certified);
    let others: Vec<String> = others.map(|(name, _)| name.clone()).collect();
    let mut arms = vec![
        CaseArm::new("location_id = ''", "'unknown'"),
        CaseArm::new(absence::is_damaged(order.dialect, "location_id"), "'unknown'"),
    ];
    if !others.is_empty() {
        arms.push(CaseArm::new(in_list(order.dialect, "location_id", &others), "'no'"));
    }
    case(&arms, "'yes'")
}

/// Returns a column of the rules, as it is in the query.
fn column(section: &RuleList, list: &'static ValueSet, windows: &CountingWindow) -> SqlColumn {
    if list.name == DayRelation::LIST.name {
        return SqlColumn { name: "day_in", words: days::possible_relations(windows) };
    }
    let name = match list.name {
        name if name == SENDER.name => "sender",
        name if name == RECIPIENT.name => "recipient",
        name if name == ACTOR.name => "actor",
        name => name,
    };
    let one = |code: u8| ColumnValueCase { word: list.word(code).to_owned(), means: vec![code] };
    let unknown = ColumnValueCase { word: UNKNOWN.to_owned(), means: (0..list.unknown()).collect() };
    // If no rule uses the column, a single value is enough.
    let told = (0..list.unknown()).filter(|_| is_asked(section, list)).map(one);
    SqlColumn { name, words: told.chain([unknown]).collect() }
}
