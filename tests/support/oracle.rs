//! The judge: plain loops written from the text of the rules alone, slow on purpose.
//!
//! Nothing here comes from the program under test. An `unknown` is replaced by every word of its list, one after the
//! other, and each completed row is decided by a chain of `if`s that reads like `docs/spec/README.md`.

use std::collections::{BTreeMap, BTreeSet};

/// A whole case, as the tests state it.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub first: String,
    pub last: String,
    pub group_credit: bool,
    pub policies: BTreeMap<String, String>,
    /// Channels the configuration speaks of: name, certified or not, first and last certified day.
    pub channels: Vec<(String, bool, Option<String>, Option<String>)>,
    pub encounters: Vec<Encounter>,
    pub messages: Vec<Message>,
    /// Providers with their groups; none where there is no roster.
    pub roster: Option<Vec<(String, Option<String>)>>,
}

/// An encounter in our words; a day that is not known is none.
#[derive(Clone, Debug)]
pub struct Encounter {
    pub patient: String,
    pub provider: String,
    pub day: Option<String>,
    pub status: String,
    pub kind: String,
    pub seen_by: String,
}

/// A message in our words; a provider that is not known is none.
#[derive(Clone, Debug)]
pub struct Message {
    pub patient: String,
    pub provider: Option<String>,
    pub day: Option<String>,
    pub status: String,
    pub sender: String,
    pub recipient: String,
    pub channel: String,
    pub topic: String,
}

/// What a rule says of a row: the set of answers, as (may be out, may be in).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Answers {
    pub out: bool,
    pub yes: bool,
}

const OUT: Answers = Answers { out: true, yes: false };
const IN: Answers = Answers { out: false, yes: true };
const UNCERTAIN: Answers = Answers { out: true, yes: true };

/// A provider's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    pub id: String,
    pub denominator: (u64, u64),
    pub numerator: (u64, u64),
    pub verdict: &'static str,
    pub needed: u64,
    pub adjudicate: Option<u64>,
    pub rate: Option<String>,
    pub rate_most: Option<String>,
}

/// What the data allow of a patient towards a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub provider: String,
    pub patient: String,
    /// The answers of the encounters between the two.
    pub encounters: Vec<Answers>,
    /// Where these stand among all encounters.
    pub encounter_rows: Vec<usize>,
    /// The answers of the messages that reach the provider.
    pub messages: Vec<Answers>,
    /// Where these stand among all messages.
    pub message_rows: Vec<usize>,
}

pub const KINDS: [&str; 10] = [
    "office-visit",
    "telehealth",
    "home-visit",
    "nursing-facility",
    "outpatient-procedure",
    "inpatient",
    "emergency",
    "telephone",
    "ancillary",
    "other",
];
pub const ENCOUNTER_STATUSES: [&str; 6] =
    ["completed", "in-progress", "scheduled", "cancelled", "no-show", "entered-in-error"];
pub const SEEN_BY: [&str; 2] = ["eligible-professional", "clinical-staff"];
pub const PARTIES: [&str; 6] = ["patient", "representative", "provider", "care-team", "staff", "system"];
pub const CHANNELS: [&str; 7] = ["ehr-portal", "secure-email", "pm-portal", "email", "sms", "phone", "paper"];
pub const TOPICS: [&str; 10] = [
    "medication-refill",
    "clinical-question",
    "test-result",
    "care-plan",
    "referral",
    "appointment-request",
    "record-request",
    "billing",
    "administrative",
    "other",
];
pub const MESSAGE_STATUSES: [&str; 4] = ["sent", "draft", "deleted", "failed"];

/// The denominator's rules, in their order, for an encounter whose words are all known.
///
/// `inside` says whether its day lies in the reporting period.
pub fn decide_encounter(
    policies: &BTreeMap<String, String>,
    status: &str,
    inside: bool,
    kind: &str,
    seen_by: &str,
) -> (&'static str, Answers) {
    let excludes = |name: &str| policies.get(name).is_none_or(|choice| choice == "exclude");
    if matches!(status, "scheduled" | "cancelled" | "no-show" | "entered-in-error") {
        return ("not-held", OUT);
    }
    if !inside {
        return ("seen-outside-period", OUT);
    }
    if matches!(kind, "inpatient" | "emergency") && excludes("hospital") {
        return ("hospital", OUT);
    }
    if matches!(kind, "telephone" | "ancillary") && excludes("minimal-service") {
        return ("minimal-service", OUT);
    }
    if seen_by == "clinical-staff" && excludes("staff-only") {
        return ("staff-only", OUT);
    }
    if status == "in-progress" {
        return ("in-progress", UNCERTAIN);
    }
    if kind == "other" {
        return ("kind-other", UNCERTAIN);
    }
    ("in", IN)
}

/// The numerator's rules, in their order, for a message whose words are all known.
///
/// `certified` says whether it was received by the messaging function of the certified EHR.
pub fn decide_message(
    policies: &BTreeMap<String, String>,
    status: &str,
    sender: &str,
    inside: bool,
    certified: bool,
    recipient: &str,
    topic: &str,
) -> (&'static str, Answers) {
    let choice =
        |name: &str, default: &'static str| policies.get(name).map_or(default, String::as_str).to_owned();
    if matches!(status, "draft" | "deleted" | "failed") {
        return ("not-sent", OUT);
    }
    if matches!(sender, "provider" | "care-team" | "staff" | "system") {
        return ("not-from-patient", OUT);
    }
    if !inside {
        return ("sent-outside-period", OUT);
    }
    if !certified {
        return ("channel-not-certified", OUT);
    }
    if matches!(recipient, "staff" | "patient" | "representative" | "system") {
        return ("not-to-provider", OUT);
    }
    if matches!(topic, "billing" | "administrative") {
        return ("not-clinical", OUT);
    }
    if topic == "record-request" {
        return ("record-request", UNCERTAIN);
    }
    if topic == "appointment-request" && recipient == "provider" {
        match choice("appointments", "count").as_str() {
            "exclude" => return ("appointment-request", OUT),
            "uncertain" => return ("appointment-request", UNCERTAIN),
            _ => {}
        }
    }
    if topic == "appointment-request" && recipient == "care-team" {
        return ("appointment-to-pool", OUT);
    }
    if recipient == "care-team" {
        match choice("pool", "uncertain").as_str() {
            "exclude" => return ("pool", OUT),
            "uncertain" => return ("pool", UNCERTAIN),
            _ => {}
        }
    }
    if topic == "other" {
        return ("topic-other", UNCERTAIN);
    }
    ("counts", IN)
}

/// The word itself, or every word of its list.
fn completions<'w>(word: &'w str, list: &[&'w str]) -> Vec<&'w str> {
    if word == "unknown" { list.to_vec() } else { vec![word] }
}

fn union(answers: impl IntoIterator<Item = Answers>) -> Answers {
    answers.into_iter().fold(Answers { out: false, yes: false }, |all, one| Answers {
        out: all.out || one.out,
        yes: all.yes || one.yes,
    })
}

/// The answers of an encounter: those of all its completions.
pub fn judge_encounter(world: &World, encounter: &Encounter) -> Answers {
    let insides = match &encounter.day {
        Some(day) => vec![*world.first <= **day && **day <= *world.last],
        None => vec![true, false],
    };
    let mut answers = Vec::new();
    for status in completions(&encounter.status, &ENCOUNTER_STATUSES) {
        for inside in &insides {
            for kind in completions(&encounter.kind, &KINDS) {
                for seen_by in completions(&encounter.seen_by, &SEEN_BY) {
                    answers.push(decide_encounter(&world.policies, status, *inside, kind, seen_by).1);
                }
            }
        }
    }
    union(answers)
}

/// The answers of a message: those of all its completions.
pub fn judge_message(world: &World, message: &Message) -> Answers {
    let mut names: Vec<&str> = CHANNELS.to_vec();
    names.extend(world.channels.iter().map(|(name, ..)| name.as_str()));
    let mut answers = Vec::new();
    for day in days(world, message.day.as_deref()) {
        let inside = *world.first <= *day && *day <= *world.last;
        for channel in completions(&message.channel, &names) {
            let certified = is_certified(world, channel, &day);
            for status in completions(&message.status, &MESSAGE_STATUSES) {
                for sender in completions(&message.sender, &PARTIES) {
                    for recipient in completions(&message.recipient, &PARTIES) {
                        for topic in completions(&message.topic, &TOPICS) {
                            let policies = &world.policies;
                            answers.push(
                                decide_message(policies, status, sender, inside, certified, recipient, topic)
                                    .1,
                            );
                        }
                    }
                }
            }
        }
    }
    union(answers)
}

/// The day itself, or days enough to stand for every day: the ends of all spans, and what lies beside them.
fn days(world: &World, day: Option<&str>) -> BTreeSet<String> {
    if let Some(day) = day {
        return BTreeSet::from([day.to_owned()]);
    }
    let mut days = BTreeSet::from(["0001-01-01".to_owned(), "9999-12-31".to_owned()]);
    let ends = world.channels.iter().flat_map(|(_, _, from, until)| [from.clone(), until.clone()]).flatten();
    for end in ends.chain([world.first.clone(), world.last.clone()]) {
        let date: chrono::NaiveDate = end.parse().unwrap();
        days.insert(date.pred_opt().unwrap().to_string());
        days.insert(date.to_string());
        days.insert(date.succ_opt().unwrap().to_string());
    }
    days
}

/// By default `ehr-portal` alone; the configuration may say otherwise of any channel.
fn is_certified(world: &World, channel: &str, day: &str) -> bool {
    match world.channels.iter().rev().find(|(name, ..)| name == channel) {
        Some((_, certified, from, until)) => {
            *certified
                && from.as_deref().is_none_or(|from| from <= day)
                && until.as_deref().is_none_or(|until| day <= until)
        }
        None => channel == "ehr-portal",
    }
}

/// Everyone who may have been seen by anyone, with the answers of the rows that bear on it.
pub fn pairs(world: &World) -> Vec<Pair> {
    // By patient, then provider.
    let mut pairs: BTreeMap<&str, BTreeMap<&str, Pair>> = BTreeMap::new();
    for (row, encounter) in world.encounters.iter().enumerate() {
        let answer = judge_encounter(world, encounter);
        if answer.yes {
            let of_patient = pairs.entry(&encounter.patient).or_default();
            let pair = of_patient.entry(&encounter.provider).or_insert_with(|| Pair {
                provider: encounter.provider.clone(),
                patient: encounter.patient.clone(),
                encounters: Vec::new(),
                encounter_rows: Vec::new(),
                messages: Vec::new(),
                message_rows: Vec::new(),
            });
            pair.encounters.push(answer);
            pair.encounter_rows.push(row);
        }
    }
    for (row, message) in world.messages.iter().enumerate() {
        let Some(of_patient) = pairs.get_mut(message.patient.as_str()) else {
            continue;
        };
        let answer = judge_message(world, message);
        let seen: Vec<String> = of_patient.keys().map(|provider| (*provider).to_owned()).collect();
        for pair in of_patient.values_mut() {
            if let Some(answer) = credit(world, message, &pair.provider, &seen, answer) {
                pair.messages.push(answer);
                pair.message_rows.push(row);
            }
        }
    }
    let mut pairs: Vec<Pair> = pairs.into_values().flat_map(BTreeMap::into_values).collect();
    pairs.sort_by(|one, other| (&one.provider, &one.patient).cmp(&(&other.provider, &other.patient)));
    pairs
}

/// What a message is worth to a provider who saw the patient; `seen` are all who did.
fn credit(
    world: &World,
    message: &Message,
    provider: &str,
    seen: &[String],
    answer: Answers,
) -> Option<Answers> {
    let perhaps = Answers { out: true, yes: answer.yes };
    match (&message.provider, world.group_credit) {
        (Some(addressee), false) => (addressee == provider).then_some(answer),
        (None, false) => Some(perhaps),
        (Some(addressee), true) => (group(world, addressee) == group(world, provider)).then_some(answer),
        (None, true) => {
            let groups: BTreeSet<String> = seen.iter().map(|provider| group(world, provider)).collect();
            Some(if groups.len() == 1 { answer } else { perhaps })
        }
    }
}

fn group(world: &World, provider: &str) -> String {
    let Some(roster) = &world.roster else {
        return "everybody".to_owned();
    };
    let line = roster.iter().find(|(id, _)| id == provider);
    match line.and_then(|(_, group)| group.clone()) {
        Some(group) => format!("group {group}"),
        None => format!("alone {provider}"),
    }
}

impl Pair {
    pub fn certainly_seen(&self) -> bool {
        self.encounters.contains(&IN)
    }

    pub fn certainly_wrote(&self) -> bool {
        self.messages.contains(&IN)
    }

    pub fn perhaps_wrote(&self) -> bool {
        self.messages.iter().any(|answer| answer.yes)
    }

    /// What the patient can be: (in the denominator, in the numerator), by trying every way in which the rows can
    /// turn out.
    pub fn memberships(&self) -> BTreeSet<(bool, bool)> {
        let ways = |answers: &[Answers]| -> BTreeSet<bool> {
            let mut any = BTreeSet::from([false]);
            for answer in answers {
                let mut next = BTreeSet::new();
                for so_far in any {
                    if answer.out {
                        next.insert(so_far);
                    }
                    if answer.yes {
                        next.insert(true);
                    }
                }
                any = next;
            }
            any
        };
        let (seen, wrote) = (ways(&self.encounters), ways(&self.messages));
        seen.iter().flat_map(|seen| wrote.iter().map(move |wrote| (*seen, *seen && *wrote))).collect()
    }
}

/// Every provider to be listed, sorted by id.
pub fn providers(world: &World) -> Vec<Provider> {
    let pairs = pairs(world);
    let mut ids: BTreeSet<String> = match &world.roster {
        Some(roster) => roster.iter().map(|(id, _)| id.clone()).collect(),
        None => world.encounters.iter().map(|encounter| encounter.provider.clone()).collect(),
    };
    ids.extend(pairs.iter().map(|pair| pair.provider.clone()));
    ids.into_iter()
        .map(|id| {
            let own: Vec<&Pair> = pairs.iter().filter(|pair| pair.provider == id).collect();
            provider(id, &own)
        })
        .collect()
}

fn provider(id: String, pairs: &[&Pair]) -> Provider {
    let count = |is: &dyn Fn(&Pair) -> bool| pairs.iter().filter(|pair| is(pair)).count() as u64;
    let denominator = (count(&Pair::certainly_seen), count(&|_| true));
    let numerator = (count(&|p| p.certainly_seen() && p.certainly_wrote()), count(&Pair::perhaps_wrote));
    // 100 n - 5 d, at its least and its greatest, over what each patient can be.
    let worth = |(seen, wrote): (bool, bool)| i64::from(wrote) * 100 - i64::from(seen) * 5;
    let ends: Vec<(i64, i64)> = pairs
        .iter()
        .map(|pair| {
            let worths = pair.memberships().into_iter().map(worth).collect::<BTreeSet<_>>();
            (*worths.first().unwrap(), *worths.last().unwrap())
        })
        .collect();
    let least: i64 = ends.iter().map(|(least, _)| least).sum();
    let greatest: i64 = ends.iter().map(|(_, greatest)| greatest).sum();
    let verdict = if pairs.is_empty() {
        "not-calculable"
    } else if least > 0 {
        "met"
    } else if greatest <= 0 && denominator.0 >= 1 {
        "not-met"
    } else {
        "indeterminate"
    };
    let mut gains: Vec<i64> = ends.iter().map(|(least, greatest)| greatest - least).collect();
    gains.sort_by_key(|gain| -gain);
    let mut margin = least;
    let mut adjudicate = None;
    for taken in 0..=gains.len() {
        if margin > 0 {
            adjudicate = Some(taken as u64);
            break;
        }
        margin += gains.get(taken).copied().unwrap_or_default();
    }
    let needed = (denominator.1 * 5 / 100 + 1).saturating_sub(numerator.0);
    // The cautious rate, and the one if everything uncertain turns out well.
    let rate = printed(numerator.0, denominator.1);
    let hopeful = count(&|pair| pair.certainly_seen() || pair.perhaps_wrote());
    let rate_most = printed(numerator.1, hopeful);
    Provider { id, denominator, numerator, verdict, needed, adjudicate, rate, rate_most }
}

/// Unique patients over all providers: (denominator, numerator).
pub fn group_bounds(world: &World) -> ((u64, u64), (u64, u64)) {
    let pairs = pairs(world);
    let patients = |is: &dyn Fn(&Pair) -> bool| {
        pairs.iter().filter(|pair| is(pair)).map(|pair| &pair.patient).collect::<BTreeSet<_>>().len() as u64
    };
    let denominator = (patients(&Pair::certainly_seen), patients(&|_| true));
    let numerator =
        (patients(&|p| p.certainly_seen() && p.certainly_wrote()), patients(&Pair::perhaps_wrote));
    (denominator, numerator)
}

/// A rate in percent with two decimals, halves up, never at 5 or beyond it on the wrong side; by long division.
fn printed(numerator: u64, denominator: u64) -> Option<String> {
    if denominator == 0 {
        return None;
    }
    let mut hundredths = numerator * 10_000 / denominator;
    let rest = numerator * 10_000 % denominator;
    if rest * 2 >= denominator {
        hundredths += 1;
    }
    let (met, exactly) = (numerator * 100 > denominator * 5, numerator * 100 == denominator * 5);
    if met && hundredths <= 500 {
        hundredths = 501;
    }
    if !met && !exactly && hundredths >= 500 {
        hundredths = 499;
    }
    Some(format!("{}.{}{}", hundredths / 100, hundredths / 10 % 10, hundredths % 10))
}
