//! From standings to denominator, numerator and verdict: exact integer arithmetic, no percentage is compared (B29).

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use crate::domain::unusable::UnusableRows;
use crate::domain::verdict::Verdict;

/// How many patients have each standing towards one provider (or a group), and which rows may hide further ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MembershipCounts {
    patients: [u64; 6],
    /// Rows that could not be used and may concern the provider.
    pub unusable: UnusableRows,
    /// Patients not seen by the provider who have a message that would count if they were: an unusable encounter may be theirs.
    pub unseen_writers: u64,
    /// Unusable encounters that may be of a provider of another group: a message that names no provider counts for certain only while
    /// all who saw the patient are of one group.
    pub elsewhere: u64,
    /// Patients who count for certain only through such messages.
    pub regrouped: Regrouped,
}

/// Patients who count for certain only while no provider of another group has seen them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Regrouped {
    /// Those certainly in the denominator.
    pub certain: u64,
    /// Those possibly in the denominator.
    pub possible: u64,
}

/// How many patients unusable rows can add to a numerator at most, by the way each gets there.
#[derive(Clone, Copy)]
struct Gained {
    /// Patients not seen who wrote, each brought in by an unusable encounter.
    unseen_writers: u64,
    /// Patients certainly seen, each of whom an unusable message may come from.
    seen: u64,
    /// Patients who are in the denominator only if an unusable message, too, is theirs: those possibly seen, and new ones.
    possible: u64,
}

/// The least and the greatest number that the data allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Bounds")]
pub struct CountRange {
    /// Nothing uncertain turns out in favour.
    pub least: u64,
    /// Everything uncertain does.
    pub most: u64,
}

/// What the numerator has to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// More than this percentage of the denominator, strictly: 5 of 100 do not exceed 5 percent (B28).
    MoreThanPercent(u32),
    /// At least so many patients, however many were seen (B31).
    AtLeast(u64),
    /// Nothing: the professional attests yes or no.
    Attested,
}

/// What patients are worth towards a threshold: it is met where their sum reaches the goal. All are whole numbers, so
/// nothing is rounded.
#[derive(Clone, Copy)]
struct MarginWeights {
    /// A patient in the numerator, who is in the denominator too.
    numerator: i64,
    /// A patient in the denominator alone; never more than 0.
    denominator: i64,
    goal: i64,
}

impl Threshold {
    /// The least and the greatest that a patient of some standing can be worth towards it; none where nothing is calculated.
    pub fn margin(self, standing: Membership) -> Option<(i64, i64)> {
        self.worth().map(|worth| margin(standing, worth))
    }

    /// What the sum over all patients has to reach, for it to be met; none where nothing is calculated.
    pub fn goal(self) -> Option<i64> {
        self.worth().map(|worth| worth.goal)
    }

    /// None where nothing is calculated.
    fn worth(self) -> Option<MarginWeights> {
        match self {
            // 100 n - p d is to be more than 0.
            Threshold::MoreThanPercent(percent) => {
                let percent = i64::from(percent);
                Some(MarginWeights { numerator: 100 - percent, denominator: -percent, goal: 1 })
            }
            Threshold::AtLeast(patients) => Some(MarginWeights {
                numerator: 1,
                denominator: 0,
                goal: i64::try_from(patients).unwrap_or(i64::MAX),
            }),
            Threshold::Attested => None,
        }
    }
}

impl MembershipCounts {
    /// Adds patients of one standing.
    pub fn add(&mut self, standing: Membership, patients: u64) {
        self.patients[standing.code()] += patients;
    }

    /// Removes a patient of a standing, if there is one.
    pub fn remove(&mut self, standing: Membership) {
        let patients = &mut self.patients[standing.code()];
        *patients = patients.saturating_sub(1);
    }

    /// Adds the patients of another score.
    pub fn merge(&mut self, other: &Self) {
        self.patients.iter_mut().zip(other.patients).for_each(|(sum, more)| *sum += more);
        self.unusable += other.unusable;
        self.unseen_writers += other.unseen_writers;
        self.elsewhere += other.elsewhere;
        self.regrouped.certain += other.regrouped.certain;
        self.regrouped.possible += other.regrouped.possible;
    }

    /// Returns how many patients have an unresolved membership in denominator or numerator.
    pub fn unresolved(&self) -> u64 {
        self.sum(|standing| {
            standing.denominator == DenominatorStatus::Possible
                || standing.numerator == NumeratorStatus::Possible
        })
    }

    /// Returns whether some patient has a row.
    pub fn has_patients(&self) -> bool {
        self.patients.iter().any(|patients| *patients > 0)
    }

    /// How many patients have a standing.
    pub fn patients(&self, standing: Membership) -> u64 {
        self.patients[standing.code()]
    }

    /// Patients seen: certainly, and at the most.
    pub fn denominator(&self) -> CountRange {
        let most = self.sum(|_| true) + self.unusable.encounters;
        CountRange { least: self.sum(|s| s.denominator == DenominatorStatus::Certain), most }
    }

    /// Patients seen who have a message that counts: certainly both, and at the most.
    pub fn numerator(&self) -> CountRange {
        let least = self
            .sum(|s| s.denominator == DenominatorStatus::Certain && s.numerator == NumeratorStatus::Certain);
        CountRange {
            least: least - self.lost().certain,
            most: self.sum(|s| s.numerator != NumeratorStatus::None) + self.gained().total(),
        }
    }

    /// Returns the bounds of the numerator over all providers together, where a patient of one provider may also be that of another, to
    /// whom the patient wrote.
    pub fn numerator_of_group(&self) -> CountRange {
        let UnusableRows { encounters, messages } = self.unusable;
        let without_message = self.sum(|s| s.numerator == NumeratorStatus::None);
        let reached = encounters.min(self.unseen_writers) + messages;
        let most =
            self.sum(|s| s.numerator != NumeratorStatus::None) + reached.min(without_message + encounters);
        CountRange { most, ..self.numerator() }
    }

    /// Returns how many patients unusable encounters of other groups can take from the numerator, at most.
    fn lost(&self) -> Regrouped {
        let certain = self.elsewhere.min(self.regrouped.certain);
        Regrouped { certain, possible: (self.elsewhere - certain).min(self.regrouped.possible) }
    }

    /// Returns how many patients unusable rows can add to the numerator.
    fn gained(&self) -> Gained {
        let UnusableRows { encounters, messages } = self.unusable;
        let without_message =
            |denominator| self.patients(Membership { denominator, numerator: NumeratorStatus::None });
        let unseen_writers = encounters.min(self.unseen_writers);
        let seen = messages.min(without_message(DenominatorStatus::Certain));
        let others = without_message(DenominatorStatus::Possible) + (encounters - unseen_writers);
        Gained { unseen_writers, seen, possible: (messages - seen).min(others) }
    }

    /// The denominator at which the rate is the least that the data allow: without patients who, if seen, count.
    pub fn least_favourable_denominator(&self) -> u64 {
        self.sum(|s| s.denominator == DenominatorStatus::Certain || s.numerator != NumeratorStatus::Certain)
            + self.unusable.encounters
            + self.lost().possible
    }

    /// The denominator of the hopeful rate: patients certainly seen, and those possibly seen who may count.
    pub fn hopeful_denominator(&self) -> u64 {
        let Gained { unseen_writers, possible, .. } = self.gained();
        self.sum(|s| s.denominator == DenominatorStatus::Certain || s.numerator != NumeratorStatus::None)
            + unseen_writers
            + possible
    }

    /// Whether the threshold is met, over all that the data allow.
    pub fn verdict(&self, threshold: Threshold) -> Verdict {
        let Some(worth) = threshold.worth() else { return Verdict::NotCalculable };
        let (least, greatest) = self.margin(worth);
        if self.denominator().most == 0 {
            Verdict::NotCalculable
        } else if least >= worth.goal {
            Verdict::Met
        } else if greatest < worth.goal && self.denominator().least > 0 {
            Verdict::NotMet
        } else {
            Verdict::Indeterminate
        }
    }

    /// The further patients who must come to count, even if nothing uncertain turns out well.
    ///
    /// It supposes that nobody else is seen; a patient more in the denominator can raise it.
    pub fn needed(&self, threshold: Threshold) -> u64 {
        let goal = match threshold {
            Threshold::MoreThanPercent(percent) => self.denominator().most * u64::from(percent) / 100 + 1,
            Threshold::AtLeast(patients) => patients,
            Threshold::Attested => 0,
        };
        goal.saturating_sub(self.numerator().least)
    }

    /// Returns by how many patients the threshold is met or missed, if nothing uncertain qualifies: how many patients could leave the
    /// numerator and it would still be met, or, negative, how many are still needed. `None` if nothing is calculated or no patient was seen.
    pub fn patients_to_spare(&self, threshold: Threshold) -> Option<i64> {
        let worth = threshold.worth().filter(|_| self.denominator().most > 0)?;
        let above = self.margin(worth).0 - worth.goal;
        match above >= 0 {
            // A patient who leaves the numerator stays in the denominator.
            true => Some(above / (worth.numerator - worth.denominator)),
            false => Some(-i64::try_from(self.needed(threshold)).unwrap_or(i64::MAX)),
        }
    }

    /// The fewest uncertain patients whose favourable resolution gives `met`; none where no resolution does.
    pub fn adjudicate(&self, threshold: Threshold) -> Option<u64> {
        let worth = threshold.worth()?;
        // Resolving a patient in favour moves the margin from its least to its greatest value. Patients are
        // interchangeable but for that gain, so taking the largest gains first needs the fewest.
        let mut gains: Vec<(i64, u64)> = Membership::ALL
            .iter()
            .map(|standing| {
                let (least, greatest) = margin(*standing, worth);
                (greatest - least, self.patients[standing.code()])
            })
            .filter(|(gain, _)| *gain > 0)
            .collect();
        gains.sort_by_key(|(gain, _)| -gain);
        let mut missing = worth.goal - self.margin(worth).0;
        let mut resolved = 0;
        for (gain, patients) in gains {
            if missing <= 0 {
                break;
            }
            let wanted = ((missing + gain - 1) / gain).min(patients as i64);
            missing -= wanted * gain;
            resolved += wanted as u64;
        }
        (missing <= 0).then_some(resolved)
    }

    /// The least and the greatest sum that the data allow.
    fn margin(&self, worth: MarginWeights) -> (i64, i64) {
        let (least, greatest) = Membership::ALL.iter().fold((0, 0), |(least, greatest), standing| {
            let patients = self.patients[standing.code()] as i64;
            let (low, high) = margin(*standing, worth);
            (least + patients * low, greatest + patients * high)
        });
        let Gained { unseen_writers, seen, possible } = self.gained();
        // Each unusable encounter may be one more patient without a message.
        let lost = self.lost();
        let loss = (self.unusable.encounters + lost.possible) as i64 * worth.denominator
            - lost.certain as i64 * (worth.numerator - worth.denominator);
        let gain = seen as i64 * (worth.numerator - worth.denominator)
            + (unseen_writers + possible) as i64 * worth.numerator;
        (least + loss, greatest + gain)
    }

    fn sum(&self, is: impl Fn(Membership) -> bool) -> u64 {
        Membership::ALL.iter().filter(|standing| is(**standing)).map(|s| self.patients[s.code()]).sum()
    }
}

impl Gained {
    fn total(self) -> u64 {
        self.unseen_writers + self.seen + self.possible
    }
}

/// The least and the greatest that one patient can be worth.
///
/// A patient who may not have been seen may also leave both, which is worth 0.
fn margin(standing: Membership, worth: MarginWeights) -> (i64, i64) {
    let outside = 0;
    let MarginWeights { numerator, denominator: denominator_only, .. } = worth;
    match (standing.denominator, standing.numerator) {
        (DenominatorStatus::Certain, NumeratorStatus::Certain) => (numerator, numerator),
        (DenominatorStatus::Certain, NumeratorStatus::Possible) => (denominator_only, numerator),
        (DenominatorStatus::Certain, NumeratorStatus::None) => (denominator_only, denominator_only),
        (DenominatorStatus::Possible, NumeratorStatus::Certain) => (outside, numerator),
        (DenominatorStatus::Possible, NumeratorStatus::Possible) => (denominator_only, numerator),
        (DenominatorStatus::Possible, NumeratorStatus::None) => (denominator_only, outside),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const FIVE: Threshold = Threshold::MoreThanPercent(5);

    fn score(standings: &[(DenominatorStatus, NumeratorStatus, u64)]) -> MembershipCounts {
        let mut score = MembershipCounts::default();
        for (denominator, numerator, patients) in standings {
            score.add(Membership { denominator: *denominator, numerator: *numerator }, *patients);
        }
        score
    }

    fn certain(numerator: u64, denominator: u64) -> MembershipCounts {
        score(&[
            (DenominatorStatus::Certain, NumeratorStatus::Certain, numerator),
            (DenominatorStatus::Certain, NumeratorStatus::None, denominator - numerator),
        ])
    }

    /// Every way the unknowns can turn out, by brute force: the fewest resolutions that give `met`, with the
    /// rest at their worst.
    fn fewest(score: &MembershipCounts, threshold: Threshold) -> Option<u64> {
        let worth = threshold.worth()?;
        let mut best: Option<u64> = None;
        let counts = score.patients;
        let mut chosen = [0u64; 6];
        loop {
            let margin: i64 = (0..6)
                .map(|code| {
                    let (low, high) = super::margin(Membership::ALL[code], worth);
                    chosen[code] as i64 * high + (counts[code] - chosen[code]) as i64 * low
                })
                .sum();
            let uncertain: u64 = (0..6)
                .filter(|code| {
                    let (low, high) = super::margin(Membership::ALL[*code], worth);
                    low != high
                })
                .map(|code| chosen[code])
                .sum();
            if margin >= worth.goal {
                best = Some(best.map_or(uncertain, |best| best.min(uncertain)));
            }
            let Some(next) = (0..6).find(|code| chosen[*code] < counts[*code]) else {
                return best;
            };
            chosen[..next].fill(0);
            chosen[next] += 1;
        }
    }

    /// What a patient of each standing can add to numerator and denominator.
    const ADDS: [&[(u64, u64)]; 6] = [
        &[(0, 0), (0, 1)],
        &[(0, 0), (0, 1), (1, 1)],
        &[(0, 0), (1, 1)],
        &[(0, 1)],
        &[(0, 1), (1, 1)],
        &[(1, 1)],
    ];

    /// Over every way in which patients can turn out, for all scores with at most two patients of each standing.
    #[test]
    fn the_least_and_the_greatest_rate_are_those_of_some_completion() {
        for number in 0..3u32.pow(6) {
            let patients: [u64; 6] =
                std::array::from_fn(|code| u64::from(number / 3u32.pow(code as u32) % 3));
            let score = MembershipCounts { patients, ..MembershipCounts::default() };
            let mut sums = BTreeSet::from([(0, 0)]);
            for (adds, patients) in ADDS.iter().zip(patients) {
                for _ in 0..patients {
                    let with_one_more = sums.iter().flat_map(|(numerator, denominator)| {
                        adds.iter().map(move |(more, all)| (numerator + more, denominator + all))
                    });
                    sums = with_one_more.collect();
                }
            }
            let rates = || sums.iter().filter(|(_, denominator)| *denominator > 0);
            let below = |one: &&(u64, u64), other: &&(u64, u64)| (one.0 * other.1).cmp(&(other.0 * one.1));
            let only = |standing: usize| (0..6).all(|other| other == standing || patients[other] == 0);
            let told = (score.numerator().least, score.least_favourable_denominator());
            assert_eq!(told.1 == 0, only(2), "{patients:?}");
            if let Some(least) = rates().min_by(below).filter(|_| told.1 > 0) {
                assert_eq!(told.0 * least.1, least.0 * told.1, "{patients:?}: {told:?} {least:?}");
            }
            let told = (score.numerator().most, score.hopeful_denominator());
            assert_eq!(told.1 == 0, only(0), "{patients:?}");
            if let Some(most) = rates().max_by(below).filter(|_| told.1 > 0) {
                assert_eq!(told.0 * most.1, most.0 * told.1, "{patients:?}: {told:?} {most:?}");
            }
        }
    }

    /// Every way in which unusable rows can be completed, patient by patient: an unusable encounter is nobody new, a new
    /// patient, or a patient who wrote and was not seen; an unusable message is anybody's.
    #[test]
    fn unusable_rows_open_the_range_as_far_as_some_completion_goes_and_no_further() {
        for number in 0..2u32.pow(6) * 27 {
            let patients: [u64; 6] =
                std::array::from_fn(|code| u64::from(number / 2u32.pow(code as u32) % 2));
            let rest = u64::from(number / 2u32.pow(6));
            let (encounters, messages, writers) = (rest % 3, rest / 3 % 3, rest / 9);
            let unusable = UnusableRows { encounters, messages };
            let score = MembershipCounts {
                patients,
                unusable,
                unseen_writers: writers,
                ..MembershipCounts::default()
            };
            let sums = completions(patients, encounters, messages, writers);
            let ends = |of: fn(&(u64, u64)) -> u64| {
                let all = || sums.iter().map(of);
                CountRange {
                    least: all().min().expect("a completion"),
                    most: all().max().expect("a completion"),
                }
            };
            let context = format!("{patients:?} E={encounters} M={messages} w={writers}");
            assert_eq!(score.denominator(), ends(|sum| sum.1), "{context}");
            assert_eq!(score.numerator(), ends(|sum| sum.0), "{context}");
            let worth = FIVE.worth().expect("a percentage is calculated");
            let sum = |(n, d): &(u64, u64)| *n as i64 * 100 - 5 * *d as i64;
            let all = || sums.iter().map(sum);
            let found = (all().min().expect("a completion"), all().max().expect("a completion"));
            assert_eq!(score.margin(worth), found, "{context}");
            let is_met = |sum: &(u64, u64)| sum.0 * 100 > sum.1 * 5;
            match score.verdict(FIVE) {
                Verdict::Met => assert!(sums.iter().all(is_met), "{context}"),
                Verdict::NotMet => assert!(!sums.iter().any(is_met), "{context}"),
                Verdict::NotCalculable => assert!(sums.iter().all(|(_, d)| *d == 0), "{context}"),
                Verdict::Indeterminate => {
                    let no_patient = sums.iter().any(|(_, d)| *d == 0);
                    assert!(sums.iter().any(is_met) || no_patient, "{context}");
                    assert!(!sums.iter().all(is_met), "{context}");
                }
            }
        }
    }

    /// Every (numerator, denominator) that some completion of the rows gives.
    fn completions(patients: [u64; 6], encounters: u64, messages: u64, writers: u64) -> BTreeSet<(u64, u64)> {
        // A patient in a state: whether seen, whether a message counts.
        type World = Vec<(bool, bool)>;
        let mut worlds: BTreeSet<World> = BTreeSet::from([Vec::new()]);
        for (standing, count) in Membership::ALL.iter().zip(patients) {
            let seen: &[bool] =
                if standing.denominator == DenominatorStatus::Certain { &[true] } else { &[false, true] };
            let wrote: &[bool] = match standing.numerator {
                NumeratorStatus::None => &[false],
                NumeratorStatus::Possible => &[false, true],
                NumeratorStatus::Certain => &[true],
            };
            for _ in 0..count {
                let with = |world: World| {
                    let states = seen.iter().flat_map(|seen| wrote.iter().map(move |wrote| (*seen, *wrote)));
                    states.map(move |state| [world.clone(), vec![state]].concat()).collect::<Vec<_>>()
                };
                worlds = worlds.into_iter().flat_map(with).collect();
            }
        }
        // Those who wrote and were not seen, and new patients: as many as there are rows.
        let strangers = (0..writers).map(|_| (false, true));
        let nobodies = (0..encounters + messages).map(|_| (false, false));
        let others: World = strangers.chain(nobodies).collect();
        worlds = worlds.into_iter().map(|world| [world, others.clone()].concat()).collect();
        let mut change = |rows: u64, to: fn((bool, bool)) -> (bool, bool)| {
            for _ in 0..rows {
                let more = worlds.iter().flat_map(|world| {
                    (0..world.len()).map(|patient| {
                        let mut world = world.clone();
                        world[patient] = to(world[patient]);
                        world
                    })
                });
                worlds = more.chain(worlds.iter().cloned()).collect();
            }
        };
        change(encounters, |(_, wrote)| (true, wrote));
        change(messages, |(seen, _)| (seen, true));
        let sum = |world: &World| {
            let seen = || world.iter().filter(|(seen, _)| *seen);
            (seen().filter(|(_, wrote)| *wrote).count() as u64, seen().count() as u64)
        };
        worlds.iter().map(sum).collect()
    }

    #[test]
    fn more_than_five_percent_is_strict() {
        for (numerator, denominator, verdict) in [
            (0, 0, Verdict::NotCalculable),
            (0, 1, Verdict::NotMet),
            (1, 1, Verdict::Met),
            (1, 19, Verdict::Met),
            (1, 20, Verdict::NotMet),
            (2, 20, Verdict::Met),
            (2, 39, Verdict::Met),
            (5, 100, Verdict::NotMet),
            (6, 100, Verdict::Met),
            (50, 1000, Verdict::NotMet),
            (51, 1000, Verdict::Met),
            (500, 10_000, Verdict::NotMet),
            (501, 10_000, Verdict::Met),
        ] {
            assert_eq!(certain(numerator, denominator).verdict(FIVE), verdict, "{numerator}/{denominator}");
        }
        assert_eq!(certain(25, 100).verdict(Threshold::MoreThanPercent(25)), Verdict::NotMet);
        assert_eq!(certain(26, 100).verdict(Threshold::MoreThanPercent(25)), Verdict::Met);
    }

    #[test]
    fn at_least_one_asks_for_no_share() {
        let one = Threshold::AtLeast(1);
        for (numerator, denominator, verdict, needed) in [
            (0, 0, Verdict::NotCalculable, 1),
            (0, 5, Verdict::NotMet, 1),
            (1, 100_000, Verdict::Met, 0),
            (7, 7, Verdict::Met, 0),
        ] {
            let score = certain(numerator, denominator);
            assert_eq!(
                (score.verdict(one), score.needed(one)),
                (verdict, needed),
                "{numerator}/{denominator}"
            );
        }
        let perhaps = score(&[
            (DenominatorStatus::Certain, NumeratorStatus::Possible, 1),
            (DenominatorStatus::Certain, NumeratorStatus::None, 9),
        ]);
        assert_eq!((perhaps.verdict(one), perhaps.adjudicate(one)), (Verdict::Indeterminate, Some(1)));
        assert_eq!(certain(3, 3).verdict(Threshold::Attested), Verdict::NotCalculable);
    }

    #[test]
    fn needed_is_never_one_short() {
        assert_eq!(certain(0, 421).needed(FIVE), 22);
        assert_eq!(certain(0, 20).needed(FIVE), 2);
        assert_eq!(certain(0, 19).needed(FIVE), 1);
        assert_eq!(certain(3, 20).needed(FIVE), 0);
        for denominator in 1..400 {
            let needed = certain(0, denominator).needed(FIVE);
            assert_eq!(certain(needed, denominator).verdict(FIVE), Verdict::Met);
            assert_eq!(certain(needed - 1, denominator).verdict(FIVE), Verdict::NotMet);
        }
    }

    #[test]
    fn adjudicate_agrees_with_every_choice_of_resolutions() {
        for code in 0..3usize.pow(6) {
            let mut score = MembershipCounts::default();
            for (position, standing) in Membership::ALL.into_iter().enumerate() {
                score.add(
                    standing,
                    (code / 3usize.pow(position as u32) % 3) as u64 * [1, 1, 1, 15, 1, 1][position],
                );
            }
            for threshold in [FIVE, Threshold::AtLeast(1), Threshold::AtLeast(3), Threshold::Attested] {
                assert_eq!(score.adjudicate(threshold), fewest(&score, threshold), "{threshold:?} {score:?}");
            }
        }
    }

    #[test]
    fn a_patient_who_may_not_have_been_seen_leaves_numerator_and_denominator_together() {
        let only_possible = score(&[(DenominatorStatus::Possible, NumeratorStatus::Certain, 1)]);
        assert_eq!(only_possible.verdict(FIVE), Verdict::Indeterminate);
        assert_eq!(only_possible.numerator(), CountRange { least: 0, most: 1 });
        assert_eq!(only_possible.hopeful_denominator(), 1);
        let silent = score(&[(DenominatorStatus::Possible, NumeratorStatus::None, 1)]);
        assert_eq!(silent.verdict(FIVE), Verdict::Indeterminate);
        assert_eq!(silent.hopeful_denominator(), 0);
    }
}
