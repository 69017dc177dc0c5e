//! Separates the people in a column such as `To` from shared inboxes and the front desk, and several people in one cell from each other.

use mucalc_core::domain::input::InputRole;
use mucalc_read::profile::ColumnProfile;
use mucalc_read::profile::id_sample::IdSample;
use mucalc_read::proposals::columns::is_address_name;

use super::ColumnDraft;
use super::ids::Pairing;
use super::table::RoleTable;

/// Separates several people in a cell.
const SEPARATOR: &str = ";";

/// What a column of addressees contains.
pub(super) struct Addressees {
    /// The people.
    pub people: IdSample,
    /// Shared inboxes and the like, each with its canonical recipient.
    groups: Vec<(String, &'static str)>,
    has_lists: bool,
}

impl Addressees {
    /// Returns the addressees in a column. A column with too many different values is taken to contain only people.
    pub fn from_column(column: &ColumnProfile) -> Self {
        if column.is_free {
            return Self { people: column.ids.clone(), groups: Vec::new(), has_lists: false };
        }
        let (mut people, mut groups) = (IdSample::default(), Vec::new());
        for value in column.words.keys().flat_map(|value| value.split(SEPARATOR)).map(str::trim) {
            match group_recipient(value) {
                Some(recipient) => groups.push((value.to_owned(), recipient)),
                None => people.see(value),
            }
        }
        groups.sort();
        groups.dedup();
        Self { people, groups, has_lists: column.words.keys().any(|value| value.contains(SEPARATOR)) }
    }

    /// Adds the addressees of another column.
    fn merge(&mut self, more: Self) {
        self.people.merge(more.people);
        self.groups.extend(more.groups);
        self.groups.sort();
        self.groups.dedup();
        self.has_lists |= more.has_lists;
    }
}

/// Drafts the recipients of messages whose provider is in a column such as `To Provider`, if no other column shows the kind of recipient. Each
/// addressee is a provider, except for shared inboxes, if the encounters contain most of the people.
pub(super) fn draft_recipients(
    columns: &mut [ColumnDraft],
    table: &RoleTable<'_>,
    pairing: &Pairing,
) -> Option<ColumnDraft> {
    let has_recipients = columns.iter().any(|draft| draft.column == "recipient");
    let provider = columns.iter_mut().find(|draft| draft.column == "provider_id")?;
    let is_addressed = provider.from.iter().all(|name| is_address_name(name));
    if table.role != InputRole::Messages || !is_addressed || has_recipients {
        return None;
    }
    let mut addressees = Addressees::from_column(&ColumnProfile::default());
    for name in &provider.from {
        let at = table.position(name)?;
        addressees.merge(Addressees::from_column(&table.columns[at]));
    }
    let Addressees { people, groups, has_lists } = addressees;
    if !pairing.has_most_providers(&people) {
        return None;
    }
    provider.words = groups.iter().map(|(group, _)| (group.clone(), "")).collect();
    provider.list = has_lists.then_some(SEPARATOR);
    Some(ColumnDraft {
        column: "recipient",
        from: provider.from.clone(),
        words: groups,
        list: provider.list,
        filled: Some("provider"),
        rows: provider.rows,
        ..ColumnDraft::default()
    })
}

/// Returns the canonical recipient for a shared inbox, a team, or the front desk. `None` for a person, whose name may have a comma.
fn group_recipient(value: &str) -> Option<&'static str> {
    const TEAMS: [&str; 5] = ["pool", "nurse", "nursing", "team", "triage"];
    const STAFF: [&str; 7] =
        ["staff", "desk", "billing", "scheduling", "office", "reception", "registration"];
    let lower = value.to_lowercase();
    let has = |words: &[&str]| lower.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word));
    match () {
        () if value.contains(',') => None,
        () if has(&STAFF) => Some("staff"),
        () if has(&TEAMS) => Some("care-team"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_inboxes_are_no_people() {
        for (value, recipient) in [
            ("Nurse Pool", Some("care-team")),
            ("Clinical team", Some("care-team")),
            ("Billing", Some("staff")),
            ("Front desk", Some("staff")),
            ("Lee, Ann MD", None),
            ("Nurse, Betty", None),
            ("Poole", None),
        ] {
            assert_eq!(group_recipient(value), recipient, "{value}");
        }
    }
}
