//! Builds a query from named steps.

use crate::dialect::SqlDialect;

/// The steps of a query. Each is a common table expression.
#[derive(Default)]
pub(super) struct CteBuilder {
    steps: Vec<Step>,
}

struct Step {
    name: String,
    why: String,
    body: String,
}

/// An arm of a `CASE`.
pub(super) struct CaseArm {
    pub when: String,
    pub then: String,
    /// SQL comment after the arm.
    pub note: Option<String>,
}

impl CaseArm {
    /// Creates an arm without a comment.
    pub fn new(when: impl Into<String>, then: impl Into<String>) -> Self {
        Self { when: when.into(), then: then.into(), note: None }
    }
}

impl CteBuilder {
    /// Adds a step.
    pub fn add(&mut self, name: impl Into<String>, why: &str, body: String) {
        self.steps.push(Step { name: name.into(), why: why.to_owned(), body });
    }

    /// Returns the text of the query, which ends with the `SELECT` in `last`.
    pub fn text(&self, last: &str, dialect: SqlDialect) -> String {
        let how = dialect.cte_modifier();
        let step =
            |step: &Step| format!("-- {}\n{} AS{how} (\n{}\n)", step.why, step.name, indented(&step.body));
        let steps: Vec<String> = self.steps.iter().map(step).collect();
        format!("WITH\n{}\n{last}\n", steps.join(",\n\n"))
    }
}

/// Returns a `SELECT` of expressions with their names. `rest` follows it, from `FROM` on.
pub(super) fn select<E: AsRef<str>, N: AsRef<str>>(items: &[(E, N)], rest: &str) -> String {
    let item = |(expression, name): &(E, N)| {
        let (expression, name) = (expression.as_ref(), name.as_ref());
        match expression == name || expression.ends_with(&format!(".{name}")) {
            true => expression.to_owned(),
            false => format!("{expression} AS {name}"),
        }
    };
    let items: Vec<String> = items.iter().map(item).collect();
    format!("SELECT\n{}\n{rest}", indented(&items.join(",\n")))
}

/// Returns a `CASE`, or only `otherwise` if there is no arm.
pub(super) fn case(arms: &[CaseArm], otherwise: &str) -> String {
    if arms.is_empty() {
        return otherwise.to_owned();
    }
    let note = |arm: &CaseArm| arm.note.as_ref().map(|note| format!(" -- {note}")).unwrap_or_default();
    let arm = |arm: &CaseArm| format!("  WHEN {} THEN {}{}\n", arm.when, arm.then, note(arm));
    let arms: String = arms.iter().map(arm).collect();
    format!("CASE\n{arms}  ELSE {otherwise}\nEND")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
