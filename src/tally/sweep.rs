//! Many windows in one pass: what a day is worth is noted with the pair it reaches, and the windows are made of the notes.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::domain::answer::Answer;
use crate::domain::event::{Access, Act, Message};
use crate::domain::period::{Day, Period};
use crate::domain::score::Score;
use crate::domain::standing::Standing;
use crate::domain::words::DayIn;
use crate::edition::Cell;
use crate::tally::credit::{Addressee, Crediting};
use crate::tally::decided::{Decided, OfMessage};
use crate::tally::ids::{Id, Key};
use crate::tally::law::Law;
use crate::tally::ledger::{Ledger, Pairs, PatientRows};
use crate::tally::window::Windows;

/// The windows of a sweep, in families of which each is sorted by first and by last day.
pub struct Frames {
    /// All windows, family after family.
    pub windows: Vec<Period>,
    families: Vec<Range<usize>>,
    /// The calendar year in which all of them lie.
    year: Period,
}

/// How a row of the numerator turns out in every window.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Course {
    /// By where the windows lie: those that begin after the day, those that contain it, those that end before it.
    Dated(Day, [Answer; 3]),
    /// On a day that is not known: as one of the profiles.
    Undated(u32),
}

/// Something noted of a pair.
#[derive(Clone, Copy)]
struct Note {
    row: u32,
    course: Course,
    weakened: Weakened,
    /// What somebody decided of it, where it is uncertain.
    settled: Option<Answer>,
    /// Whether it is noted of all pairs of the patient, of which this is the first: a test patient may have very many.
    for_all: bool,
}

/// Whether it is uncertain that a message reaches a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weakened {
    /// It is not.
    No,
    /// It is.
    Yes,
    /// Where providers of several groups saw the patient, which hangs on the window.
    WhereSeveralGroups,
}

/// What rows of the numerator are put to.
pub struct Sweeping<'a> {
    /// The rules; their period is the span in which all windows lie.
    pub law: &'a Law,
    /// Whom rows reach.
    pub crediting: &'a Crediting,
    /// The pairs that they can reach.
    pub pairs: &'a Pairs,
    /// What people decided.
    pub decided: Option<&'a Decided<'a>>,
    /// The windows.
    pub frames: &'a Frames,
    profiles: Mutex<Profiles>,
    /// The windows of each frame, as the law sees them.
    seen_from: Vec<Windows>,
}

/// The answers in every window of rows without a day.
#[derive(Default)]
struct Profiles {
    known: HashMap<Vec<Answer>, u32>,
    all: Vec<Vec<Answer>>,
    /// The profiles of rows by the words that rules ask about: few combinations repeat.
    by_words: HashMap<[u16; 6], u32>,
}

/// The judged rows of one block.
pub struct SweptPart {
    long: Vec<u8>,
    candidates: Vec<Candidate>,
}

struct Candidate {
    patient: Key,
    patient_hash: u64,
    addressee: Addressee,
    course: Course,
    decisions: Option<OfMessage>,
}

/// What was noted, until the windows are made of it.
#[derive(Default)]
pub struct Notebook(Mutex<Vec<Vec<Note>>>);

impl Frames {
    /// Windows in families; all lie in the year of the first.
    pub fn new(families: Vec<Vec<Period>>) -> Self {
        let windows: Vec<Period> = families.iter().flatten().copied().collect();
        let mut begin = 0;
        let range = |family: &Vec<Period>| {
            let range = begin..begin + family.len();
            begin = range.end;
            range
        };
        let families = families.iter().map(range).collect();
        let first = windows.first().map_or(Day::FIRST, |window| window.first);
        Self { windows, families, year: Period { first: first.year_begin(), last: first.year_end() } }
    }

    /// Of each family the windows that end before a day, contain it, and begin after it.
    fn around(&self, day: Day) -> impl Iterator<Item = [Range<usize>; 3]> + '_ {
        self.families.iter().map(move |family| {
            let windows = &self.windows[family.clone()];
            let over = family.start + windows.partition_point(|window| window.last < day);
            let begun = family.start + windows.partition_point(|window| window.first <= day);
            [family.start..over, over..begun, begun..family.end]
        })
    }
}

impl<'a> Sweeping<'a> {
    /// Puts rows to these pairs.
    pub fn new(
        law: &'a Law,
        crediting: &'a Crediting,
        pairs: &'a Pairs,
        decided: Option<&'a Decided<'a>>,
        frames: &'a Frames,
    ) -> Self {
        let seen_from = frames.windows.iter().map(|window| law.windows.moved_to(*window)).collect();
        Self { law, crediting, pairs, decided, frames, profiles: Mutex::default(), seen_from }
    }

    /// The course of a row with these words: `on` judges it where its day lies so, `undated` where its day is not known.
    fn course(
        &self,
        act: &Act<'_>,
        words: [u16; 6],
        on: impl Fn(DayIn) -> Cell,
        undated: impl Fn(&Windows) -> Cell,
    ) -> Option<Course> {
        let Some(day) = act.day else {
            let mut profiles = self.profiles.lock().unwrap_or_else(PoisonError::into_inner);
            let known = profiles.by_words.get(&words).copied();
            let profile = known.unwrap_or_else(|| {
                let answers = self.seen_from.iter().map(|windows| undated(windows).answer).collect();
                let profile = profiles.of(answers);
                profiles.by_words.insert(words, profile);
                profile
            });
            return profiles.may_count(profile).then_some(Course::Undated(profile));
        };
        let answers = self.law.windows.around_windows_of(self.frames.year, day).map(|places| {
            let cells = places.into_iter().flatten().map(&on);
            cells.map(|cell| cell.answer).reduce(|one, other| one | other).unwrap_or(Answer::Out)
        });
        answers.iter().any(|answer| answer.may_be_in()).then_some(Course::Dated(day, answers))
    }
}

impl Profiles {
    fn may_count(&self, profile: u32) -> bool {
        self.all[profile as usize].iter().any(|answer| answer.may_be_in())
    }

    fn of(&mut self, answers: Vec<Answer>) -> u32 {
        let next = self.all.len() as u32;
        let all = &mut self.all;
        *self.known.entry(answers).or_insert_with_key(|answers| {
            all.push(answers.clone());
            next
        })
    }
}

impl SweptPart {
    /// An empty part.
    #[allow(clippy::new_without_default, reason = "a part is begun, not defaulted")]
    pub fn new() -> Self {
        Self { long: Vec::new(), candidates: Vec::new() }
    }

    /// Judges a message.
    #[inline(never)]
    pub fn message(&mut self, sweeping: &Sweeping<'_>, message: &Message<'_>) {
        let law = sweeping.law;
        let Message { status, sender, recipient, channel, topic, patient_included, .. } = message;
        let words = [status.code(), sender.code(), recipient.code(), topic.code(), patient_included.code()];
        let [status, sender, recipient, topic, included] = words.map(u16::from);
        let words = [status, sender, recipient, topic, included, channel.0];
        let course = sweeping.course(
            &message.act,
            words,
            |day| law.message_at(message, day),
            |at| law.undated(message, at),
        );
        self.take(sweeping, course, &message.act);
    }

    /// Judges an access.
    pub fn access(&mut self, sweeping: &Sweeping<'_>, access: &Access<'_>) {
        let law = sweeping.law;
        let words = [access.action.code(), access.actor.code(), 0, 0, 0, 0].map(u16::from);
        let course = sweeping.course(
            &access.act,
            words,
            |day| law.access_at(access, day),
            |at| law.undated_access(access, at),
        );
        self.take(sweeping, course, &access.act);
    }

    #[inline]
    fn take(&mut self, sweeping: &Sweeping<'_>, course: Option<Course>, act: &Act<'_>) {
        let Some(course) = course else { return };
        let decisions = sweeping.decided.and_then(|decided| decided.of_message(act.id));
        let patient = Id::new(act.patient);
        self.candidates.push(Candidate {
            patient: patient.kept_in(&mut self.long),
            patient_hash: sweeping.pairs.hash(patient),
            addressee: Addressee::find(act.provider, sweeping.pairs),
            course,
            decisions,
        });
    }

    /// Notes what the part found of each pair.
    pub fn reach(self, sweeping: &Sweeping<'_>, notebook: &Notebook) {
        let Self { long, candidates } = self;
        let patient = |candidate: &Candidate| {
            let id = Id { key: candidate.patient, long: &long };
            sweeping.pairs.of_patient(id, candidate.patient_hash)
        };
        let found: Vec<PatientRows> = candidates.iter().map(patient).collect();
        let mut notes = Vec::new();
        for (candidate, rows) in candidates.iter().zip(found) {
            let hangs = sweeping.crediting.hangs_on_seers(candidate.addressee);
            let everybody = sweeping.crediting.reaches_everybody(candidate.addressee);
            if let (Some(weakened), None) = (everybody, candidate.decisions) {
                let weakened = match (hangs, weakened) {
                    (true, _) => Weakened::WhereSeveralGroups,
                    (false, true) => Weakened::Yes,
                    (false, false) => Weakened::No,
                };
                let first = sweeping.pairs.seers(&rows).next();
                notes.extend(first.map(|(row, _)| Note {
                    row: row as u32,
                    course: candidate.course,
                    weakened,
                    settled: None,
                    for_all: true,
                }));
                continue;
            }
            sweeping.crediting.rows(sweeping.pairs, &rows, candidate.addressee, |row, provider, weakened| {
                let weakened = match (hangs, weakened) {
                    (true, _) => Weakened::WhereSeveralGroups,
                    (false, true) => Weakened::Yes,
                    (false, false) => Weakened::No,
                };
                let settled = match (sweeping.decided, candidate.decisions) {
                    (Some(decided), Some(decisions)) => {
                        decided.answer_of_message(decisions, sweeping.pairs.providers.get(provider))
                    }
                    _ => None,
                };
                notes.push(Note {
                    row: row as u32,
                    course: candidate.course,
                    weakened,
                    settled,
                    for_all: false,
                });
            });
        }
        notebook.0.lock().unwrap_or_else(PoisonError::into_inner).push(notes);
    }
}

/// A day on which a pair certainly, or perhaps, was seen; none where it is not known.
#[derive(Clone, Copy)]
pub struct SeenOn {
    /// The position of the pair.
    pub row: u32,
    /// The day.
    pub day: Option<Day>,
    /// Whether it is certain.
    pub answer: Answer,
}

/// The score of every provider in every window, by the provider's number.
pub fn scores(
    sweeping: &Sweeping<'_>,
    ledger: &Ledger,
    seen: &[SeenOn],
    notebook: Notebook,
    threads: usize,
) -> HashMap<u32, Vec<Score>> {
    let notes = notebook.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    let profiles = sweeping.profiles.lock().unwrap_or_else(PoisonError::into_inner);
    let seen = by_row(seen.iter().copied(), ledger.len(), |seen| seen.row);
    let wrote = by_row(notes.iter().flatten().copied(), ledger.len(), |note| note.row);
    drop(notes);
    let making = Making { sweeping, profiles: &profiles.all, seen, wrote };
    let (next, sums) = (AtomicUsize::new(0), Mutex::new(Sums::new()));
    let work = || {
        let mut own = Sums::new();
        let mut scratch = Scratch::new(sweeping.frames.windows.len());
        while let Some(patients) = ledger.pairs.patients_of_shard(next.fetch_add(1, Ordering::Relaxed)) {
            patients.for_each(|(first, providers)| making.patient(first, &providers, &mut scratch, &mut own));
        }
        let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
        for (provider, more) in own {
            match sums.entry(provider) {
                std::collections::hash_map::Entry::Vacant(entry) => drop(entry.insert(more)),
                std::collections::hash_map::Entry::Occupied(mut entry) => {
                    entry.get_mut().iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
    let sums = sums.into_inner().unwrap_or_else(PoisonError::into_inner);
    sums.into_iter().map(|(provider, sums)| (provider, scores_of(&sums))).collect()
}

/// For each provider and standing the changes from window to window: so a standing that lasts costs as much as one that
/// does not.
type Sums = HashMap<u32, Vec<i64>>;

const STANDINGS: usize = Standing::ALL.len();

fn scores_of(sums: &[i64]) -> Vec<Score> {
    let windows = sums.len() / STANDINGS - 1;
    let mut scores = vec![Score::default(); windows];
    for (code, changes) in sums.chunks(windows + 1).enumerate() {
        let mut patients = 0;
        for (score, change) in scores.iter_mut().zip(changes) {
            patients += change;
            score.add(Standing::ALL[code], patients as u64);
        }
    }
    scores
}

/// Entries by the row that they are about: those of a row stand together, between two of the ends.
struct ByRow<T> {
    entries: Vec<T>,
    begins: Vec<u32>,
}

impl<T: Copy> ByRow<T> {
    fn of(&self, row: usize) -> &[T] {
        &self.entries[self.begins[row] as usize..self.begins[row + 1] as usize]
    }
}

fn by_row<T: Copy>(
    entries: impl Iterator<Item = T> + Clone,
    rows: usize,
    row: impl Fn(&T) -> u32,
) -> ByRow<T> {
    let mut begins = vec![0u32; rows + 1];
    entries.clone().for_each(|entry| begins[row(&entry) as usize + 1] += 1);
    for at in 0..rows {
        begins[at + 1] += begins[at];
    }
    let mut places = begins.clone();
    let Some(any) = entries.clone().next() else { return ByRow { entries: Vec::new(), begins } };
    let mut sorted = vec![any; begins[rows] as usize];
    for entry in entries {
        let place = &mut places[row(&entry) as usize];
        sorted[*place as usize] = entry;
        *place += 1;
    }
    ByRow { entries: sorted, begins }
}

struct Making<'a> {
    sweeping: &'a Sweeping<'a>,
    profiles: &'a [Vec<Answer>],
    seen: ByRow<SeenOn>,
    wrote: ByRow<Note>,
}

/// What a thread fills anew for each patient.
struct Scratch {
    /// For each pair and window whether the patient was seen: not, possibly, certainly.
    seen: Vec<u8>,
    /// For each window whether the patient counts for everybody.
    shared: Vec<u8>,
    /// For each window of one pair whether the patient counts.
    wrote: Vec<u8>,
    /// For each window whether providers of several groups saw the patient.
    several: Vec<bool>,
    windows: usize,
}

impl Scratch {
    fn new(windows: usize) -> Self {
        Self {
            seen: Vec::new(),
            shared: vec![0; windows],
            wrote: vec![0; windows],
            several: vec![false; windows],
            windows,
        }
    }
}

impl Making<'_> {
    /// Makes the windows of a patient's pairs, which stand from a position on.
    fn patient(&self, first: usize, providers: &[u32], scratch: &mut Scratch, sums: &mut Sums) {
        let windows = scratch.windows;
        scratch.seen.clear();
        scratch.seen.resize(providers.len() * windows, 0);
        for at in 0..providers.len() {
            self.fill_seen(first + at, &mut scratch.seen[at * windows..(at + 1) * windows]);
        }
        let notes = |at: usize| self.wrote.of(first + at);
        if (0..providers.len())
            .any(|at| notes(at).iter().any(|note| note.weakened == Weakened::WhereSeveralGroups))
        {
            self.fill_several(providers, scratch);
        }
        scratch.shared.fill(0);
        for note in notes(0).iter().filter(|note| note.for_all) {
            self.fill_wrote(note, &mut scratch.shared, &scratch.several);
        }
        for (at, provider) in providers.iter().enumerate() {
            let seen = &mut scratch.seen[at * windows..(at + 1) * windows];
            if seen.iter().all(|seen| *seen == 0) {
                continue;
            }
            scratch.wrote.copy_from_slice(&scratch.shared);
            for note in notes(at).iter().filter(|note| !note.for_all) {
                self.fill_wrote(note, &mut scratch.wrote, &scratch.several);
            }
            if let Some(answer) = self.sweeping.pairs.settled_wrote(first + at) {
                settle(&mut scratch.wrote, answer);
            }
            let sums = sums.entry(*provider).or_insert_with(|| vec![0; STANDINGS * (windows + 1)]);
            add(seen, &scratch.wrote, sums);
        }
    }

    fn fill_seen(&self, row: usize, levels: &mut [u8]) {
        for SeenOn { day, answer, .. } in self.seen.of(row) {
            let level = level(*answer);
            match day {
                None => raise(levels, level),
                Some(day) => {
                    for [_, inside, _] in self.sweeping.frames.around(*day) {
                        raise(&mut levels[inside], level);
                    }
                }
            }
        }
        if let Some(answer) = self.sweeping.pairs.settled_seen(row) {
            settle(levels, answer);
        }
    }

    fn fill_wrote(&self, note: &Note, levels: &mut [u8], several: &[bool]) {
        let reached = |answer: Answer, weakened: bool| {
            let answer = if weakened { answer.weakened() } else { answer };
            level(note.settled.filter(|_| answer == Answer::Uncertain).unwrap_or(answer))
        };
        let mut put = |at: Range<usize>, answer: Answer| match note.weakened {
            Weakened::No => raise(&mut levels[at], reached(answer, false)),
            Weakened::Yes => raise(&mut levels[at], reached(answer, true)),
            Weakened::WhereSeveralGroups => {
                for at in at {
                    levels[at] = levels[at].max(reached(answer, several[at]));
                }
            }
        };
        match note.course {
            Course::Dated(day, [before, inside, after]) => {
                for [over, during, begun] in self.sweeping.frames.around(day) {
                    put(during, inside);
                    if before.may_be_in() || after.may_be_in() {
                        put(begun, before);
                        put(over, after);
                    }
                }
            }
            Course::Undated(profile) => {
                for (at, answer) in self.profiles[profile as usize].iter().enumerate() {
                    put(at..at + 1, *answer);
                }
            }
        }
    }

    fn fill_several(&self, providers: &[u32], scratch: &mut Scratch) {
        let group = |provider: u32| self.sweeping.crediting.group(provider);
        for window in 0..scratch.windows {
            let seers = providers.iter().enumerate();
            let mut groups = seers
                .filter(|(at, _)| scratch.seen[at * scratch.windows + window] > 0)
                .map(|(_, provider)| group(*provider));
            let first = groups.next();
            scratch.several[window] = groups.any(|group| Some(group) != first);
        }
    }
}

/// 0 where the answer is out, 1 where it is uncertain, 2 where it is in.
fn level(answer: Answer) -> u8 {
    u8::from(answer.may_be_in()) + u8::from(answer.must_be_in())
}

fn raise(levels: &mut [u8], level: u8) {
    levels.iter_mut().for_each(|known| *known = (*known).max(level));
}

/// Settles what is uncertain.
fn settle(levels: &mut [u8], answer: Answer) {
    levels.iter_mut().filter(|level| **level == 1).for_each(|known| *known = level(answer));
}

/// Adds the standings of a pair, run by run; what is `seen` is overwritten.
fn add(seen: &mut [u8], wrote: &[u8], sums: &mut [i64]) {
    let windows = seen.len();
    // One number for each window: nothing where the patient was not seen, else the standing from 1 on.
    for (seen, wrote) in seen.iter_mut().zip(wrote) {
        *seen = if *seen == 0 { 0 } else { (*seen - 1) * 3 + wrote + 1 };
    }
    let mut begin = 0;
    while begin < windows {
        let end = begin + run(&seen[begin..]);
        if let Some(code) = seen[begin].checked_sub(1) {
            let at = usize::from(code) * (windows + 1);
            sums[at + begin] += 1;
            sums[at + end] -= 1;
        }
        begin = end;
    }
}

/// How many bytes from the first on are the same.
fn run(bytes: &[u8]) -> usize {
    let Some(first) = bytes.first() else { return 0 };
    let same = u64::from_le_bytes([*first; 8]);
    let (words, _) = bytes.as_chunks::<8>();
    // Eight at a time, and the rest one by one.
    let whole = words.iter().take_while(|word| u64::from_le_bytes(**word) == same).count() * 8;
    whole + bytes[whole..].iter().take_while(|byte| *byte == first).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::standing::{Seen, Wrote};

    #[test]
    fn a_standing_is_its_code_and_runs_end_where_it_changes() {
        for (code, standing) in Standing::ALL.iter().enumerate() {
            let seen = if standing.denominator == Seen::Certain { 2 } else { 1 };
            let wrote = [Wrote::None, Wrote::Possible, Wrote::Certain]
                .iter()
                .position(|wrote| *wrote == standing.numerator)
                .unwrap_or_default() as u8;
            for length in [1, 7, 8, 9, 40] {
                let (mut seen, wrote) = ([vec![seen; length], vec![0, 0]].concat(), vec![wrote; length + 2]);
                let mut sums = vec![0; STANDINGS * (length + 3)];
                add(&mut seen, &wrote, &mut sums);
                let scores = scores_of(&sums);
                let mut one = Score::default();
                one.add(Standing::ALL[code], 1);
                assert!(scores[..length].iter().all(|score| *score == one), "{standing:?} {length}");
                assert!(
                    scores[length..].iter().all(|score| *score == Score::default()),
                    "{standing:?} {length}"
                );
            }
        }
    }
}
