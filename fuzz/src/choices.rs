//! A small export under any rule set, chosen by the bytes of a fuzzer.

use crate::support::oracle::{self, Encounter, Message, PortalAccess, World};
use crate::support::worlds::{self, DAYS};

/// Makes one choice per byte. Without more bytes, the choice is the first of each list.
struct ByteSource<'b>(&'b [u8]);

impl ByteSource<'_> {
    fn below(&mut self, count: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % count
    }

    fn one_of<'l>(&mut self, list: &[&'l str]) -> &'l str {
        list[self.below(list.len())]
    }

    /// Returns the plain value in half of the cases, otherwise any value of the list, or `unknown`.
    fn word(&mut self, plain: &str, list: &[&str]) -> String {
        let chosen = self.below(2 * list.len() + 2);
        list.get(chosen).copied().unwrap_or(if chosen == list.len() { "unknown" } else { plain }).to_owned()
    }

    fn optional(&mut self, list: &[&str]) -> Option<String> {
        Some(self.one_of(list).to_owned()).filter(|text| !text.is_empty())
    }
}

/// Returns the export that the bytes choose.
pub fn world(bytes: &[u8]) -> World {
    let from = &mut ByteSource(bytes);
    let edition = from.one_of(&oracle::EDITIONS);
    let year = 2014 + from.below(6) as i32;
    let settings = from.below(256);
    let mut policies = oracle::Policies::new();
    for policy in oracle::policies(edition, 2014) {
        if let Some(choice) = policy.choices.get(from.below(policy.choices.len() + 1)) {
            policies.insert(policy.name.to_owned(), (*choice).to_owned());
        }
    }
    let group = |on: bool, name: &str| on.then(|| name.to_owned());
    let roster = [("A", 1, "north"), ("B", 2, "south"), ("C", 4, "north")]
        .map(|(id, bit, name)| (id.to_owned(), group(settings & bit > 0, name)));
    let channels = [("ehr-portal", 16), ("pm-portal", 32)].into_iter().filter(|(_, bit)| settings & bit > 0);
    let channels = channels
        .map(|(name, _)| {
            (
                name.to_owned(),
                from.below(2) == 0,
                from.optional(&["", "2014-07-15"]),
                from.optional(&["", "2014-08-31"]),
            )
        })
        .collect();
    let locations = [("off", false), ("on", true)].map(|(name, certified)| (name.to_owned(), certified));
    let mut world = World {
        edition: edition.to_owned(),
        first: "2014-07-01".to_owned(),
        last: "2014-09-30".to_owned(),
        attested: from.optional(&["", "2014-10-01", "2015-02-28"]),
        group_credit: settings & 64 > 0,
        policies,
        channels,
        locations: if settings & 128 > 0 { locations.to_vec() } else { Vec::new() },
        roster: (settings & 8 > 0).then(|| roster.to_vec()),
        ..World::default()
    };
    let (sender, recipient) = worlds::writer(edition);
    while !from.0.is_empty() {
        if from.below(2) == 0 {
            world.encounters.push(encounter(from));
        } else if oracle::counts_accesses(edition) {
            world.accesses.push(access(from));
        } else {
            world.messages.push(message(from, sender, recipient));
        }
    }
    worlds::moved(world, year)
}

fn encounter(from: &mut ByteSource<'_>) -> Encounter {
    Encounter {
        patient: from.one_of(&["p1", "p2", "p3", "p4"]).to_owned(),
        provider: from.one_of(&["A", "B", "C"]).to_owned(),
        day: from.optional(&DAYS),
        status: from.word("completed", &oracle::ENCOUNTER_STATUSES),
        kind: from.word("office-visit", &oracle::KINDS),
        seen_by: from.word("eligible-professional", &oracle::SEEN_BY),
        location: from.optional(&["on", "off", "elsewhere", ""]),
    }
}

fn message(from: &mut ByteSource<'_>, sender: &str, recipient: &str) -> Message {
    Message {
        patient: from.one_of(&["p1", "p2", "p3", "p4", "p5"]).to_owned(),
        provider: from.optional(&["A", "B", "C", "Z", ""]),
        day: from.optional(&DAYS),
        status: from.word("sent", &oracle::MESSAGE_STATUSES),
        sender: from.word(sender, &oracle::PARTIES),
        recipient: from.word(recipient, &oracle::PARTIES),
        channel: from.word("ehr-portal", &oracle::CHANNELS),
        topic: from.word("clinical-question", &oracle::TOPICS),
        patient_included: from.word("yes", &oracle::YES_NO),
    }
}

fn access(from: &mut ByteSource<'_>) -> PortalAccess {
    PortalAccess {
        patient: from.one_of(&["p1", "p2", "p3", "p4", "p5"]).to_owned(),
        provider: from.optional(&["A", "B", "C", "Z", ""]),
        day: from.optional(&DAYS),
        action: from.word("view", &oracle::ACTIONS),
        actor: from.word("patient", &oracle::PARTIES),
    }
}
