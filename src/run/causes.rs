//! Finds why memberships differ between two packs. Replays the exports of both, with the settings, rows, and review decisions of either
//! run.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{self, ErrorCode};
use crate::run::pack::{PackReader, rerun};
use crate::run::progress_bar;
use crate::run::settings::RunConfig;
use mucalc_core::domain::diff::{Diff, MatchStatus, PatientChange, RowChange};
use mucalc_core::domain::event::NumeratorEvent;
use mucalc_core::domain::manifest::ManifestInput;
use mucalc_core::domain::period::Day;
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::escape_control;
use mucalc_core::edition::TableCell;
use mucalc_core::edition::model::NumeratorSource;
use mucalc_core::ledger::retained_rows::{PatientFilter, RetainedRows, RowOrigin};
use mucalc_core::ledger::{Adjudications, CompiledMeasure, KnownInputs, ReplayOptions, replay};
use mucalc_engine::gather::{ExportSelection, rows};
use mucalc_engine::{InputSet, ReferenceData};
use mucalc_read::{InputSource, ReadContext, ReadSummary};

/// A run whose exports are available, so that it can be replayed.
#[derive(Clone, Copy)]
pub struct RerunnableRun<'a> {
    /// The path of the pack.
    pub pack: &'a str,
    /// The folder of its inputs.
    pub inputs: &'a str,
}

/// A run with everything that a replay needs.
struct Side {
    name: String,
    packed: Vec<ManifestInput>,
    settings: RunConfig,
    sources: InputSet,
    beside: ReferenceData,
}

/// The run (0 or 1) that supplies each part: the settings, the exports, and the reference data (roster and review decisions).
type Mix = [usize; 3];

/// The denominator and numerator status of each pair, by provider and patient id.
type Standings = BTreeMap<(String, String), (&'static str, &'static str)>;

/// Finds the causes of every change. Replays all eight combinations of the settings, exports, and reference data of the two runs.
///
/// # Errors
/// If a pack or its inputs cannot be used, or the inputs do not reproduce the runs.
pub fn find(diff: &mut Diff, runs: [RerunnableRun<'_>; 2]) -> anyhow::Result<()> {
    if diff.patients.is_empty() {
        return Ok(());
    }
    let [a, b] = runs.map(side);
    let sides = [a?, b?];
    let patients = PatientFilter::new(diff.patients.iter().map(|change| change.patient_id.as_bytes()));
    let is_wanted = |_: Option<&[u8]>, patient: &[u8]| patients.contains(patient);
    // The settings of one run can read the exports of the other only if both have the same layout. Otherwise each run reads its own.
    let same_layout = sides[0].settings.task.layout.name == sides[1].settings.task.layout.name;
    let reader = |told: usize, exports: usize| if same_layout { told } else { exports };
    let kept = |told: usize, exports: usize| {
        let (settings, side) = (&sides[reader(told, exports)].settings, &sides[exports]);
        let bar = progress_bar::bar(side.sources.all(), settings.quiet);
        let step = |step| bar.step(step);
        let own = told == exports;
        let reading = ReadContext { ids: true, digest: own, ..settings.reading(&side.sources, &step) };
        let places = side.beside.places(&settings.task, &settings.task.rulings);
        let (kept, read) =
            rows(&settings.task, &side.sources, &places, &reading, ExportSelection::All, &is_wanted)?;
        bar.finish();
        for (_, source, summary) in read.iter().filter(|_| own) {
            side.check(source, summary)?;
        }
        for table in side.sources.joins.tables(true) {
            side.check(&table.source, &table.summary)?;
        }
        Ok::<RetainedRows, anyhow::Error>(kept)
    };
    let all = [[kept(0, 0)?, kept(0, 1)?], [kept(1, 0)?, kept(1, 1)?]];
    let law = |told: usize, exports: usize| {
        let (settings, ruling) = (&sides[told].settings, sides[told].settings.task.primary_measure());
        let channels = sides[reader(told, exports)].settings.task.channels.clone();
        CompiledMeasure::new(
            &ruling.edition,
            &ruling.choices,
            settings.task.period,
            settings.task.attested,
            channels,
            KnownInputs::default(),
        )
    };
    let standings = |[told, exports, beside]: Mix| -> Standings {
        let ruling = sides[told].settings.task.primary_measure();
        let decided = Adjudications::new(sides[beside].beside.decisions());
        let counting = ReplayOptions {
            counts: ruling.edition.counts,
            counts_for: ruling.edition.counts_for,
            credit: ruling.credit,
            roster: sides[beside].beside.roster(),
            decided: &decided,
            declared: sides[exports].settings.task.id_rules.folding,
        };
        let replayed = replay(&law(told, exports), &all[told][exports], counting);
        let pairs = &replayed.ledger.pairs;
        let row = |(pair, standing): (
            mucalc_core::ledger::ProviderPatient,
            mucalc_core::domain::membership::Membership,
        )| {
            let key =
                (pairs.providers.get(pair.provider).to_owned(), pairs.patient_id(pair.patient).to_owned());
            (key, (standing.denominator.word(), standing.numerator.word()))
        };
        replayed.ledger.rows().map(row).collect()
    };
    let mixes: Vec<(Mix, Standings)> = (0..8usize)
        .map(|bits| [bits & 1, bits >> 1 & 1, bits >> 2 & 1])
        .map(|mix| (mix, standings(mix)))
        .collect();
    let laws = [law(0, 0), law(1, 1)];
    let rows = Rows { kept: [&all[0][0], &all[1][1]], laws: &laws, sides: &sides };
    let changed =
        |role: &str| diff.inputs.iter().any(|input| input.role == role && input.same != MatchStatus::Same);
    let beside: Vec<String> = [("adjudications", "decisions"), ("roster", "roster")]
        .into_iter()
        .filter(|(role, _)| changed(role))
        .map(|(_, cause)| cause.to_owned())
        .collect();
    for change in &mut diff.patients {
        let taken = taken(change, &mixes).ok_or_else(|| {
            let why = "the packs do not come out again from their inputs in this version; `mucalc verify` tells what differs";
            error::usage(ErrorCode::PastRun, why)
        })?;
        let changes = if taken[1] { rows.changes(change) } else { Vec::new() };
        let is_of_rows = |cause: &String| OF_ROWS.contains(&cause.as_str());
        let told = change.causes.iter().filter(|cause| !is_of_rows(cause) && !beside.contains(*cause));
        let mut causes: Vec<String> = if taken[0] { told.cloned().collect() } else { Vec::new() };
        if taken[0] && causes.is_empty() {
            causes.push("settings".to_owned());
        }
        match changes.is_empty() {
            // No row of the pair changed, so rows of other pairs did. For example, attribution can depend on the groups of the providers
            // who saw the patient.
            true if taken[1] => causes.push("other-rows".to_owned()),
            _ => causes.extend(changes.iter().map(|row| row.what.to_owned())),
        }
        if taken[2] {
            causes.extend(beside.iter().cloned());
        }
        causes.sort();
        causes.dedup();
        (change.causes, change.rows) = (causes, changes);
    }
    diff.tried = true;
    Ok(())
}

/// The causes that concern rows of the exports.
const OF_ROWS: [&str; 3] = ["new-row", "removed-row", "changed-word"];

fn side(run: RerunnableRun<'_>) -> anyhow::Result<Side> {
    let mut unpacked = PackReader::open(run.pack)?;
    let manifest = rerun::manifest(&mut unpacked)?;
    if manifest.redacted {
        let why = "is redacted, so its patients are not found in exports; name a pack that is not";
        return Err(error::file(ErrorCode::NotAPack, why, run.pack));
    }
    let settings = rerun::settings(&mut unpacked, &manifest, None, false)?;
    let mut sources = rerun::sources(Path::new(run.inputs), &manifest.inputs).map_err(|missing| {
        error::file(ErrorCode::NotFound, format!("{missing} is not there"), &escape_control(run.inputs))
    })?;
    settings.named.describe(&mut sources);
    let step = |_| ();
    let beside = ReferenceData::read(&sources, &settings.reading(&sources, &step), &settings.task)?;
    let side = Side { name: run.inputs.to_owned(), packed: manifest.inputs, settings, sources, beside };
    for (_, source, summary) in side.beside.summaries(&side.sources) {
        side.check(source, summary)?;
    }
    Ok(side)
}

impl Side {
    /// Checks that an input is the file that was read for the pack. Any other file would not reproduce the run.
    ///
    /// # Errors
    /// If its checksum is not the one in the manifest.
    fn check(&self, source: &InputSource, summary: &ReadSummary) -> anyhow::Result<()> {
        let packed = self.packed.iter().find(|input| input.path == source.name);
        if packed.map(|input| input.sha256.as_str()) == summary.sha256.as_deref() {
            return Ok(());
        }
        let why = format!("{} is not the file that was read for the pack", escape_control(&source.name));
        Err(error::file(ErrorCode::PastRun, why, &self.name))
    }
}

/// Returns which parts of the second run give a pair its membership in that run: the union of the smallest sets that are sufficient. Parts
/// are in the order of [`Mix`]. `None` if the exports do not reproduce the runs.
fn taken(change: &PatientChange, mixes: &[(Mix, Standings)]) -> Option<[bool; 3]> {
    let key = (change.provider_id.clone(), change.patient_id.clone());
    let of =
        |mix: &Mix| mixes.iter().find(|(known, _)| known == mix).map(|(_, standings)| standings.get(&key));
    let stood = |of: &Option<mucalc_core::domain::diff::MembershipSnapshot>| {
        of.as_ref().map(|of| (of.denominator.clone(), of.numerator.clone()))
    };
    let is = |of: Option<&(&str, &str)>, stood: Option<(String, String)>| {
        of.map(|(seen, wrote)| ((*seen).to_owned(), (*wrote).to_owned())) == stood
    };
    if !is(of(&[0; 3])?, stood(&change.a)) || !is(of(&[1; 3])?, stood(&change.b)) {
        return None;
    }
    let target = of(&[1; 3])?;
    let suffices = |(mix, standings): &&(Mix, Standings)| standings.get(&key) == target && *mix != [0; 3];
    let size = |mix: &Mix| mix.iter().sum::<usize>();
    let least = mixes.iter().filter(suffices).map(|(mix, _)| size(mix)).min()?;
    let smallest = mixes.iter().filter(suffices).map(|(mix, _)| mix).filter(|mix| size(mix) == least);
    Some(smallest.fold([false; 3], |taken, mix| std::array::from_fn(|at| taken[at] || mix[at] == 1)))
}

/// The rows of both runs, each read and evaluated with the settings of its own run.
struct Rows<'a> {
    kept: [&'a RetainedRows; 2],
    laws: &'a [CompiledMeasure; 2],
    sides: &'a [Side; 2],
}

/// A row of an export that concerns a pair.
struct Found {
    id: Option<Box<[u8]>>,
    /// Whether the row qualifies or may qualify.
    is_in: bool,
    provider: Option<Box<[u8]>>,
    day: Option<Day>,
    /// The possible values of its columns, as rows of its run's decision table.
    readings: Vec<Vec<u8>>,
    place: SourceLocation,
}

impl Rows<'_> {
    /// Returns the changes among the rows that determine a pair's membership.
    fn changes(&self, change: &PatientChange) -> Vec<RowChange> {
        let both = |of: fn(&mucalc_core::domain::diff::MembershipSnapshot) -> &str| {
            [&change.a, &change.b].map(|stood| stood.as_ref().map(|stood| of(stood).to_owned()))
        };
        let [seen_a, seen_b] = both(|stood| &stood.denominator);
        let [wrote_a, wrote_b] = both(|stood| &stood.numerator);
        let mut changes = Vec::new();
        if seen_a != seen_b {
            changes.extend(held_against(self.encounters(0, change), self.encounters(1, change)));
        }
        if seen_a.is_some() && seen_b.is_some() && wrote_a != wrote_b {
            changes.extend(held_against(self.numerator(0, change), self.numerator(1, change)));
        }
        changes
    }

    fn encounters(&self, run: usize, change: &PatientChange) -> Vec<Found> {
        let (law, sources) = (&self.laws[run], &self.sides[run].sources);
        let names: Vec<String> = sources.encounters.iter().map(InputSource::label).collect();
        let of_pair = self.kept[run].encounters.iter().filter(|row| {
            row.at.patient() == change.patient_id.as_bytes()
                && row.at.provider() == Some(change.provider_id.as_bytes())
        });
        let found = |row: &mucalc_core::ledger::retained_rows::RetainedEncounter| {
            let event = row.event();
            let readings = law.readings_of_encounter(&event).rows;
            found(&row.at, law.encounter(&event), event.day, readings, &names)
        };
        of_pair.map(found).collect()
    }

    fn numerator(&self, run: usize, change: &PatientChange) -> Vec<Found> {
        let (law, side, kept) = (&self.laws[run], &self.sides[run], self.kept[run]);
        let sources = side.sources.messages.iter().chain(&side.sources.accesses);
        let names: Vec<String> = sources.map(InputSource::label).collect();
        let is_of = |at: &RowOrigin| at.patient() == change.patient_id.as_bytes();
        let one = |at: &RowOrigin, cell: TableCell, act: &NumeratorEvent<'_>, readings| {
            found(at, cell, act.day, readings, &names)
        };
        match side.settings.task.primary_measure().edition.counts {
            NumeratorSource::Messages => {
                let rows = kept.messages.iter().filter(|row| is_of(&row.at));
                rows.map(|row| {
                    let event = row.event();
                    one(&row.at, law.message(&event), &event.act, law.readings_of_message(&event).rows)
                })
                .collect()
            }
            NumeratorSource::Accesses => {
                let rows = kept.accesses.iter().filter(|row| is_of(&row.at));
                rows.map(|row| {
                    let event = row.event();
                    one(&row.at, law.access(&event), &event.act, law.readings_of_access(&event).rows)
                })
                .collect()
            }
        }
    }
}

fn found(
    at: &RowOrigin,
    cell: TableCell,
    day: Option<Day>,
    readings: Vec<Vec<u8>>,
    files: &[String],
) -> Found {
    let file = files.get(at.file as usize).map(String::as_str).unwrap_or_default();
    Found {
        id: at.id.clone(),
        is_in: cell.answer.is_possible(),
        provider: at.provider().map(Box::from),
        day,
        readings,
        place: SourceLocation::line(file, at.line),
    }
}

impl Found {
    /// Returns whether another row has the same id, provider, day, possible values, and `is_in`.
    fn says_the_same(&self, other: &Self) -> bool {
        let of =
            |row: &Self| (row.id.clone(), row.is_in, row.provider.clone(), row.day, row.readings.clone());
        of(self) == of(other)
    }

    /// Returns whether another row is a version of the same record: same id or, if neither row has an id, same provider and day.
    fn is(&self, other: &Self) -> bool {
        match (&self.id, &other.id) {
            (None, None) => self.provider == other.provider && self.day == other.day,
            (id, other) => id == other,
        }
    }
}

/// Returns the rows that only one run has or that differ between the runs, if they qualify or may qualify in a run.
fn held_against(mut a: Vec<Found>, mut b: Vec<Found>) -> Vec<RowChange> {
    a.retain(|row| {
        let same = b.iter().position(|other| row.says_the_same(other));
        same.map(|at| b.remove(at)).is_none()
    });
    let mut changes = Vec::new();
    a.retain(|row| {
        let Some(at) = b.iter().position(|other| row.is(other)) else { return true };
        let other = b.remove(at);
        if row.is_in || other.is_in {
            changes.push(RowChange {
                what: "changed-word",
                a: Some(row.place.clone()),
                b: Some(other.place),
            });
        }
        false
    });
    let removed = a.into_iter().filter(|row| row.is_in);
    changes.extend(removed.map(|row| RowChange { what: "removed-row", a: Some(row.place), b: None }));
    let new = b.into_iter().filter(|row| row.is_in);
    changes.extend(new.map(|row| RowChange { what: "new-row", a: None, b: Some(row.place) }));
    changes
}
