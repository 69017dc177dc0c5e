//! SQL for several versions of one record: determines which of the rows with the same id is the record.
//!
//! The steps consider only ids that the table has several times. A row that a later version replaces is `superseded`. A row with the same
//! contents as another of its record comes `again`. What is certain in one version and not in another is no longer certain
//! (`contradicted`).

use crate::cte::{CaseArm, CteBuilder, case, select};
use crate::dialect::SqlDialect;

/// The parts of the steps.
pub(super) struct Making<'m> {
    pub dialect: SqlDialect,
    /// Name of the input, with which the names of the steps begin.
    pub prefix: &'m str,
    /// Step with the evaluated rows, and its columns.
    pub judged: &'m str,
    pub columns: &'m [&'m str],
    /// Whether the table has record ids.
    pub has_ids: bool,
    /// Expression for what a row is about: rows of one record that agree in it reach the same patient and providers.
    pub address: &'m str,
    /// Join that the address needs.
    pub join: &'m str,
}

/// Columns that the last step has in addition to those of the evaluated rows.
pub(super) const ADDED: [&str; 4] = ["is_superseded", "is_again", "is_contradicted", "contradicts"];

impl Making<'_> {
    /// Adds the steps, and returns the last one.
    pub fn add(&self, steps: &mut CteBuilder) -> String {
        let Self { dialect, prefix, judged, columns, .. } = *self;
        let last = format!("{prefix}_records");
        let plain = |from: &str| {
            let items = columns.iter().map(|name| (format!("judged.{name}"), *name));
            let none = ADDED.map(|name| ("0".to_owned(), name));
            select(&items.chain(none).collect::<Vec<_>>(), &format!("FROM {judged} judged{from}"))
        };
        if !self.has_ids {
            steps.add(&last, "each row is a record, since the table has no ids of records", plain(""));
            return last;
        }
        let [repeated, versions, compared, latest, resolved] =
            ["repeated", "versions", "compared", "latest", "resolved"].map(|name| format!("{prefix}_{name}"));
        let rest = format!("FROM {judged}\nWHERE row_id <> ''\nGROUP BY row_id\nHAVING COUNT(*) > 1");
        steps.add(
            &repeated,
            "ids of records that stand there several times",
            select(&[("row_id", "row_id")], &rest),
        );

        let address = case(&[CaseArm::new("judged.rejected_for <> ''", "judged.says")], self.address);
        let mut items: Vec<(String, &str)> =
            columns.iter().map(|name| (format!("judged.{name}"), *name)).collect();
        items.push((address, "address"));
        let join = format!(
            "FROM {judged} judged\nJOIN {repeated} repeated ON repeated.row_id = judged.row_id{}",
            self.join
        );
        steps.add(
            &versions,
            "the versions of these records, with what each says and of whom",
            select(&items, &join),
        );

        let over = |by: &str, value: &str| {
            format!("{by}({value}{}) OVER (PARTITION BY row_id)", dialect.binary_collation())
        };
        let all = ("*".to_owned(), "*");
        let items = [
            all.clone(),
            (over("MIN", "says"), "first_says"),
            (over("MAX", "says"), "last_says"),
            (over("MIN", "updated_key"), "first_key"),
            (over("MAX", "updated_key"), "last_key"),
            (over("MIN", "address"), "first_address"),
            (over("MAX", "address"), "last_address"),
            ("MIN(must_be_in) OVER (PARTITION BY row_id)".to_owned(), "all_must_be_in"),
        ];
        steps.add(
            &compared,
            "what all versions of a record say",
            select(&items, &format!("FROM {versions}")),
        );

        let is_last = "CASE WHEN updated_key = last_key THEN says ELSE NULL END";
        let items =
            [all.clone(), (over("MIN", is_last), "first_latest"), (over("MAX", is_last), "last_latest")];
        let why = "what those say that were changed last";
        steps.add(&latest, why, select(&items, &format!("FROM {compared}")));

        let is_known = "first_key <> '' AND SUBSTR(first_key, 1, 1) = SUBSTR(last_key, 1, 1) AND first_latest = last_latest";
        let fate = case(
            &[
                CaseArm::new(format!("{is_known} AND updated_key <> last_key"), "'superseded'"),
                CaseArm::new("first_says = last_says", "'same'"),
                CaseArm::new(is_known, "'latest'"),
            ],
            "'unresolved'",
        );
        let why = "which version is the record: one of those that say the same, the one that was changed last, or it is not known";
        steps.add(&resolved, why, select(&[all, (fate, "fate")], &format!("FROM {latest}")));

        let is_open = "fate = 'unresolved' AND NOT (all_must_be_in = 1 AND first_address = last_address)";
        let number = |by: &str, order: &str| {
            format!("ROW_NUMBER() OVER (PARTITION BY row_id, fate{by} ORDER BY {order})")
        };
        let earliest = "may_be_in DESC, CASE WHEN day = 'unknown' THEN 1 ELSE 0 END, day, rule_number";
        let flag = |when: &str| format!("CASE WHEN {when} THEN 1 ELSE 0 END");
        let of = |name: &str| match name {
            "must_be_in" => case(&[CaseArm::new(is_open, "0")], "must_be_in"),
            name => name.to_owned(),
        };
        let mut items: Vec<(String, &str)> = columns.iter().map(|name| (of(name), *name)).collect();
        items.extend([
            (flag("fate = 'superseded'"), "is_superseded"),
            (flag(&format!("fate <> 'superseded' AND {} > 1", number(", address", earliest))), "is_again"),
            (flag(&format!("{is_open} AND must_be_in = 1")), "is_contradicted"),
            (flag(&format!("fate = 'unresolved' AND {} = 1", number("", earliest))), "contradicts"),
        ]);
        let others = plain(&format!(
            "\nLEFT JOIN {repeated} repeated ON repeated.row_id = judged.row_id\nWHERE repeated.row_id IS NULL"
        ));
        let both = format!("{others}\nUNION ALL\n{}", select(&items, &format!("FROM {resolved}")));
        let why = "every row, with what it is among the versions of its record; what only some versions say is not certain";
        steps.add(&last, why, both);
        last
    }
}
