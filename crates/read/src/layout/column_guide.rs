//! Generates the page about inputs: every canonical column with its meaning, and every value.

use std::fmt::Write;

use crate::layout::EntityColumns;
use crate::layout::columns::{ACCESSES, ADJUDICATIONS, COUNTIES, ENCOUNTERS, ENROLLMENT, MESSAGES, ROSTER};
use crate::layout::vocabulary::list_of;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::words::{Channel, ValueSet};

/// A kind of input with its columns.
struct EntityLayout {
    title: &'static str,
    about: &'static str,
    columns: EntityColumns,
    role: InputRole,
}

const INPUTS: [EntityLayout; 7] = [
    EntityLayout {
        title: "encounters",
        about: "One row for each visit, in any order. With `--encounters`.",
        columns: ENCOUNTERS,
        role: InputRole::Encounters,
    },
    EntityLayout {
        title: "messages",
        about: "One row for each message; one to several recipients may have a row for each, with ids of their own. With `--messages`.",
        columns: MESSAGES,
        role: InputRole::Messages,
    },
    EntityLayout {
        title: "accesses",
        about: "One row for each use of the portal, for the measures of viewing, downloading and transmitting. With \
                `--accesses`.",
        columns: ACCESSES,
        role: InputRole::Accesses,
    },
    EntityLayout {
        title: "roster",
        about: "The professionals of the practice: whoever is on it is in the report, also without a visit. With `--roster`.",
        columns: ROSTER,
        role: InputRole::Roster,
    },
    EntityLayout {
        title: "counties",
        about: "How many housing units have broadband, for an exclusion. With `--counties`.",
        columns: COUNTIES,
        role: InputRole::Counties,
    },
    EntityLayout {
        title: "decisions",
        about: "What people who know decided about what is uncertain. Each row is about a message (or access), or about a \
                patient. With `--adjudications`.",
        columns: ADJUDICATIONS,
        role: InputRole::Adjudications,
    },
    EntityLayout {
        title: "enrollment",
        about: "Which patients have an account of the portal, for the next step that `mucalc outreach` proposes. With `--enrollment`.",
        columns: ENROLLMENT,
        role: InputRole::Enrollment,
    },
];

/// The page before the tables.
const INTRODUCTION: &str = include_str!("inputs.md");

/// Returns the page `docs/inputs.md`, in Markdown.
pub fn markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    for input in &INPUTS {
        let _ = write!(page, "\n## {}\n\n{}\n\n", input.title, input.about);
        page.push_str("| column | need | what it holds |\n| --- | --- | --- |\n");
        for column in input.columns.all() {
            let need = need(input.columns, column);
            let _ = writeln!(page, "| `{column}` | {need} | {} |", meaning(input.role, column));
        }
        for column in input.columns.all() {
            match list_of(input.role, column) {
                Some(list) => words(&mut page, column, list),
                None if column == "channel" => {
                    words(&mut page, column, &Channel::LIST);
                }
                None => {}
            }
        }
    }
    page
}

fn need(columns: EntityColumns, column: &str) -> &'static str {
    if columns.required.contains(&column) {
        "must"
    } else if columns.telling.contains(&column) {
        "should"
    } else {
        "may"
    }
}

fn words(page: &mut String, column: &str, list: &ValueSet) {
    let _ = write!(page, "\n| word of `{column}` | what it means |\n| --- | --- |\n");
    for (word, meaning) in list.words.iter().zip(list.meanings) {
        let _ = writeln!(page, "| `{word}` | {} |", meaning.trim());
    }
}

/// Returns the meaning of a column. A test checks that each has one.
fn meaning(role: InputRole, column: &str) -> &'static str {
    match (role, column) {
        (InputRole::Adjudications, "message_id") => {
            "the message or access that it is about; without it the row is about the patient"
        }
        (InputRole::Adjudications, "patient_id") => "the patient that it is about",
        (InputRole::Adjudications, "provider_id") => {
            "for whom it holds; without it for every provider whom the message or the patient reaches"
        }
        (InputRole::Encounters, "provider_id") => "the professional who saw the patient",
        (InputRole::Messages, "provider_id") => {
            "the professional to whom it went, or who wrote it; empty: the practice"
        }
        (InputRole::Accesses, "provider_id") => {
            "the professional whose patient it was; empty: every one who saw the patient"
        }
        (InputRole::Roster, "provider_id") => "the id of the exports",
        (InputRole::Encounters, "status") => {
            "what became of it; without the column every encounter is assumed to be `completed`"
        }
        (InputRole::Messages, "status") => {
            "what became of it; without the column every message is assumed to be `sent`"
        }
        (_, "patient_id") => "the patient; two ids are two patients",
        (_, "started_at") => "the day or time of the visit",
        (_, "encounter_id") => "its id; rows with the same id are versions of one record",
        (_, "kind") => "what sort of visit it was",
        (_, "seen_by") => {
            "who saw the patient; without the column it is assumed to be the eligible professional"
        }
        (_, "location_id") => "where; `[locations]` says where no certified EHR keeps the records",
        (_, "county_fips") => "the county, by its five digits",
        (_, "updated_at") => {
            "when the row was last changed: of several versions of a record the latest is the record"
        }
        (_, "sent_at") => "the day or time at which it was sent",
        (_, "message_id") => "its id, also for decisions; rows with the same id are versions of one record",
        (_, "thread_id") => "the conversation; never shown, and used by no rule",
        (_, "sender") => "who wrote it",
        (_, "recipient") => "to whom it went",
        (_, "channel") => "by what way it came; `[channels]` says which ways are certified, and when",
        (_, "topic") => "what it is about",
        (_, "patient_included") => "of a message between providers: whether the patient gets it too",
        (_, "subject") => "its subject; never shown, and used by no rule: better not exported",
        (_, "accessed_at") => "the day or time of the access",
        (_, "access_id") => "its id, also for decisions; rows with the same id are versions of one record",
        (_, "action") => "what was done",
        (_, "actor") => "who did it",
        (_, "npi") => {
            "the National Provider Identifier; ids with the same one are one professional, if its check digit is right"
        }
        (_, "name") => "the name that the report shows",
        (_, "group_id") => "the group within which `--credit group` credits",
        (_, "supervisor_id") => {
            "the professional under whose supervision a nurse practitioner or physician assistant saw patients; used with `--policy supervised=count`"
        }
        (_, "cehrt_id") => {
            "the CMS EHR Certification ID of the system with this id; named where ids of one NPI are added up"
        }
        (_, "role") => "the provider's role; never shown, and used by no rule",
        (_, "portal_enrolled") => "whether the patient has an account of the portal: `yes` or `no`",
        (_, "percent") => "the share of housing units with broadband, 0 to 100",
        (_, "county") => "its name, for people",
        (_, "as_of") => {
            "the day of the figure, as 2014-06-30; one after the first day of the reporting period is a finding"
        }
        (_, "decision") => "`counts` or `out`; of a patient also `seen` or `not-seen`",
        (_, "by") => "who decided; must be filled in",
        (_, "on") => "on which day, as 2014-10-02; must be filled in",
        (_, "reason") => "why; must be filled in",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_meaning() {
        for input in &INPUTS {
            for column in input.columns.all() {
                assert_ne!(meaning(input.role, column), "", "{} {column}", input.title);
            }
        }
    }
}
