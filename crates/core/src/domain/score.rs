//! Calculates denominator, numerator, and result from memberships, in exact integer arithmetic: no percentages are compared (B29).

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::membership::{DenominatorStatus, Membership, NumeratorStatus};
use crate::domain::unusable::UnusableRows;
use crate::domain::verdict::Verdict;

/// The number of patients by their membership with one provider (or a group), and the unusable rows that may hide further ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MembershipCounts {
    patients: [u64; 6],
    /// Unusable rows that may concern the provider.
    pub unusable: UnusableRows,
    /// Patients not seen by the provider whose message would qualify if they were: an unusable encounter may be theirs.
    pub unseen_writers: u64,
    /// Unusable encounters that may be of a provider of another group. A message that names no provider certainly qualifies only while all
    /// providers who saw the patient are in one group.
    pub elsewhere: u64,
    /// Patients who are certainly in the numerator only through such messages.
    pub regrouped: Regrouped,
}

/// Patients who are certainly in the numerator only while no provider of another group has seen them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Regrouped {
    /// Patients certainly in the denominator.
    pub certain: u64,
    /// Patients possibly in the denominator.
    pub possible: u64,
}

/// The maximum number of patients that unusable rows can add to a numerator, by the way each enters it.
#[derive(Clone, Copy)]
struct Gained {
    /// Patients not seen who wrote. An unusable encounter adds each of them.
    unseen_writers: u64,
    /// Patients certainly seen. An unusable message may come from each of them.
    seen: u64,
    /// Patients who are in the denominator only if an unusable message is also theirs: those possibly seen, and new ones.
    possible: u64,
}

/// The lowest and the highest number that the data allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Bounds")]
pub struct CountRange {
    /// The number if nothing unresolved is confirmed.
    pub least: u64,
    /// The number if everything unresolved is confirmed.
    pub most: u64,
}

/// The threshold that the numerator must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// Strictly more than this percentage of the denominator: 5 of 100 patients do not exceed 5 percent (B28).
    MoreThanPercent(u32),
    /// At least this many patients, however many were seen (B31).
    AtLeast(u64),
    /// No threshold: the EP attests yes or no.
    Attested,
}

/// What patients contribute to a threshold, which is met if their sum reaches the goal. All weights are whole numbers, so nothing is
/// rounded.
#[derive(Clone, Copy)]
struct MarginWeights {
    /// The weight of a patient in the numerator, and thus also in the denominator.
    numerator: i64,
    /// The weight of a patient in the denominator only; never more than 0.
    denominator: i64,
    goal: i64,
}

impl Threshold {
    /// Returns the lowest and the highest weight of a patient with this membership; `None` if nothing is calculated.
    pub fn margin(self, standing: Membership) -> Option<(i64, i64)> {
        self.worth().map(|worth| margin(standing, worth))
    }

    /// Returns the sum over all patients that meets the threshold; `None` if nothing is calculated.
    pub fn goal(self) -> Option<i64> {
        self.worth().map(|worth| worth.goal)
    }

    /// Returns the weights; `None` if nothing is calculated.
    fn worth(self) -> Option<MarginWeights> {
        match self {
            // 100 n - p d must be more than 0.
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
    /// Adds patients with one membership.
    pub fn add(&mut self, standing: Membership, patients: u64) {
        self.patients[standing.code()] += patients;
    }

    /// Removes a patient with this membership, if any.
    pub fn remove(&mut self, standing: Membership) {
        let patients = &mut self.patients[standing.code()];
        *patients = patients.saturating_sub(1);
    }

    /// Adds the counts of another part.
    pub fn merge(&mut self, other: &Self) {
        self.patients.iter_mut().zip(other.patients).for_each(|(sum, more)| *sum += more);
        self.unusable += other.unusable;
        self.unseen_writers += other.unseen_writers;
        self.elsewhere += other.elsewhere;
        self.regrouped.certain += other.regrouped.certain;
        self.regrouped.possible += other.regrouped.possible;
    }

    /// Returns how many patients have an unresolved membership in the denominator or the numerator.
    pub fn unresolved(&self) -> u64 {
        self.sum_where(|standing| {
            standing.denominator == DenominatorStatus::Possible
                || standing.numerator == NumeratorStatus::Possible
        })
    }

    /// Returns whether any patient has a ledger row.
    pub fn has_patients(&self) -> bool {
        self.patients.iter().any(|patients| *patients > 0)
    }

    /// Returns how many patients have this membership.
    pub fn patients(&self, standing: Membership) -> u64 {
        self.patients[standing.code()]
    }

    /// Returns the range of patients seen: certainly, and at most.
    pub fn denominator(&self) -> CountRange {
        let most = self.sum_where(|_| true) + self.unusable.encounters;
        CountRange { least: self.sum_where(|s| s.denominator == DenominatorStatus::Certain), most }
    }

    /// Returns the range of patients seen who have a qualifying message: certainly both, and at most.
    pub fn numerator(&self) -> CountRange {
        let least = self.sum_where(|s| {
            s.denominator == DenominatorStatus::Certain && s.numerator == NumeratorStatus::Certain
        });
        CountRange {
            least: least - self.lost().certain,
            most: self.sum_where(|s| s.numerator != NumeratorStatus::None) + self.gained().total(),
        }
    }

    /// Returns the range of the numerator over all providers together.
    ///
    /// A patient of one provider may also be a patient of another one, to whom the patient wrote.
    pub fn numerator_of_group(&self) -> CountRange {
        let UnusableRows { encounters, messages } = self.unusable;
        let without_message = self.sum_where(|s| s.numerator == NumeratorStatus::None);
        let reached = encounters.min(self.unseen_writers) + messages;
        let most = self.sum_where(|s| s.numerator != NumeratorStatus::None)
            + reached.min(without_message + encounters);
        CountRange { most, ..self.numerator() }
    }

    /// Returns the maximum number of patients that unusable encounters of other groups can remove from the numerator.
    fn lost(&self) -> Regrouped {
        let certain = self.elsewhere.min(self.regrouped.certain);
        Regrouped { certain, possible: (self.elsewhere - certain).min(self.regrouped.possible) }
    }

    /// Returns the maximum number of patients that unusable rows can add to the numerator.
    fn gained(&self) -> Gained {
        let UnusableRows { encounters, messages } = self.unusable;
        let without_message =
            |denominator| self.patients(Membership { denominator, numerator: NumeratorStatus::None });
        let unseen_writers = encounters.min(self.unseen_writers);
        let seen = messages.min(without_message(DenominatorStatus::Certain));
        let others = without_message(DenominatorStatus::Possible) + (encounters - unseen_writers);
        Gained { unseen_writers, seen, possible: (messages - seen).min(others) }
    }

    /// Returns the denominator of the lowest possible rate.
    ///
    /// Omits possible patients whose message certainly qualifies: counting them would raise the rate.
    pub fn lowest_rate_denominator(&self) -> u64 {
        self.sum_where(|s| {
            s.denominator == DenominatorStatus::Certain || s.numerator != NumeratorStatus::Certain
        }) + self.unusable.encounters
            + self.lost().possible
    }

    /// Returns the denominator of the highest possible rate: patients certainly seen, and those possibly seen who may be in the numerator.
    pub fn highest_rate_denominator(&self) -> u64 {
        let Gained { unseen_writers, possible, .. } = self.gained();
        self.sum_where(|s| {
            s.denominator == DenominatorStatus::Certain || s.numerator != NumeratorStatus::None
        }) + unseen_writers
            + possible
    }

    /// Returns the result over everything that the data allow.
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

    /// Returns how many more patients must enter the numerator if no unresolved record qualifies.
    ///
    /// Assumes that no other patient is seen: one more patient in the denominator can raise the number.
    pub fn patients_needed(&self, threshold: Threshold) -> u64 {
        let goal = match threshold {
            Threshold::MoreThanPercent(percent) => self.denominator().most * u64::from(percent) / 100 + 1,
            Threshold::AtLeast(patients) => patients,
            Threshold::Attested => 0,
        };
        goal.saturating_sub(self.numerator().least)
    }

    /// Returns by how many patients the threshold is met or missed if no unresolved record qualifies; `None` if nothing is calculated or no
    /// patient was seen.
    ///
    /// If met, the value is how many patients could leave the numerator with the threshold still met. If missed, it is negative: how many
    /// are still needed.
    pub fn patients_to_spare(&self, threshold: Threshold) -> Option<i64> {
        let worth = threshold.worth().filter(|_| self.denominator().most > 0)?;
        let above = self.margin(worth).0 - worth.goal;
        match above >= 0 {
            // A patient who leaves the numerator stays in the denominator.
            true => Some(above / (worth.numerator - worth.denominator)),
            false => Some(-i64::try_from(self.patients_needed(threshold)).unwrap_or(i64::MAX)),
        }
    }

    /// Returns the fewest unresolved patients that must be resolved in the EP's favor to give `met`; `None` if no resolution does.
    pub fn decisions_needed(&self, threshold: Threshold) -> Option<u64> {
        let worth = threshold.worth()?;
        // Resolving a patient in the EP's favor moves the margin from its lowest to its highest value. Patients differ only in that gain,
        // so taking the largest gains first needs the fewest.
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

    /// Returns the lowest and the highest sum that the data allow.
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

    fn sum_where(&self, is: impl Fn(Membership) -> bool) -> u64 {
        Membership::ALL.iter().filter(|standing| is(**standing)).map(|s| self.patients[s.code()]).sum()
    }
}

impl Gained {
    fn total(self) -> u64 {
        self.unseen_writers + self.seen + self.possible
    }
}

/// Returns the lowest and the highest weight of one patient.
///
/// A patient who was possibly seen can also be in neither count, which has the weight 0.
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

    /// Returns the fewest resolutions that give `met`, with the rest at their worst, by brute force over every value of the unresolved
    /// data.
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

    /// What a patient with each membership can add to numerator and denominator.
    const ADDS: [&[(u64, u64)]; 6] = [
        &[(0, 0), (0, 1)],
        &[(0, 0), (0, 1), (1, 1)],
        &[(0, 0), (1, 1)],
        &[(0, 1)],
        &[(0, 1), (1, 1)],
        &[(1, 1)],
    ];

    /// Tries every completion of all counts with at most two patients of each membership.
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
            let told = (score.numerator().least, score.lowest_rate_denominator());
            assert_eq!(told.1 == 0, only(2), "{patients:?}");
            if let Some(least) = rates().min_by(below).filter(|_| told.1 > 0) {
                assert_eq!(told.0 * least.1, least.0 * told.1, "{patients:?}: {told:?} {least:?}");
            }
            let told = (score.numerator().most, score.highest_rate_denominator());
            assert_eq!(told.1 == 0, only(0), "{patients:?}");
            if let Some(most) = rates().max_by(below).filter(|_| told.1 > 0) {
                assert_eq!(told.0 * most.1, most.0 * told.1, "{patients:?}: {told:?} {most:?}");
            }
        }
    }

    /// Completes unusable rows in every way, patient by patient. An unusable encounter is of a known patient, a new patient, or a patient
    /// who wrote and was not seen. An unusable message may come from any patient.
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

    /// Returns every (numerator, denominator) that some completion of the rows gives.
    fn completions(patients: [u64; 6], encounters: u64, messages: u64, writers: u64) -> BTreeSet<(u64, u64)> {
        // The state of each patient: whether seen, and whether a message qualifies.
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
        // Patients who wrote and were not seen, and new patients: as many as there are rows.
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
                (score.verdict(one), score.patients_needed(one)),
                (verdict, needed),
                "{numerator}/{denominator}"
            );
        }
        let perhaps = score(&[
            (DenominatorStatus::Certain, NumeratorStatus::Possible, 1),
            (DenominatorStatus::Certain, NumeratorStatus::None, 9),
        ]);
        assert_eq!((perhaps.verdict(one), perhaps.decisions_needed(one)), (Verdict::Indeterminate, Some(1)));
        assert_eq!(certain(3, 3).verdict(Threshold::Attested), Verdict::NotCalculable);
    }

    #[test]
    fn needed_is_never_one_short() {
        assert_eq!(certain(0, 421).patients_needed(FIVE), 22);
        assert_eq!(certain(0, 20).patients_needed(FIVE), 2);
        assert_eq!(certain(0, 19).patients_needed(FIVE), 1);
        assert_eq!(certain(3, 20).patients_needed(FIVE), 0);
        for denominator in 1..400 {
            let needed = certain(0, denominator).patients_needed(FIVE);
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
                assert_eq!(
                    score.decisions_needed(threshold),
                    fewest(&score, threshold),
                    "{threshold:?} {score:?}"
                );
            }
        }
    }

    #[test]
    fn a_patient_who_may_not_have_been_seen_leaves_numerator_and_denominator_together() {
        let only_possible = score(&[(DenominatorStatus::Possible, NumeratorStatus::Certain, 1)]);
        assert_eq!(only_possible.verdict(FIVE), Verdict::Indeterminate);
        assert_eq!(only_possible.numerator(), CountRange { least: 0, most: 1 });
        assert_eq!(only_possible.highest_rate_denominator(), 1);
        let silent = score(&[(DenominatorStatus::Possible, NumeratorStatus::None, 1)]);
        assert_eq!(silent.verdict(FIVE), Verdict::Indeterminate);
        assert_eq!(silent.highest_rate_denominator(), 0);
    }
}
