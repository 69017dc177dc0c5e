//! `mucalc explain`: why a patient, a message or an encounter counts or not, rule by rule.

use std::collections::{BTreeSet, HashSet};

use crate::analyse::explain::Grounds;
use crate::domain::adjudication::{About, Adjudication};
use crate::domain::explanation::{DecisionOf, Explained, Explanation, RowOf, Said};
use crate::domain::place::Place;
use crate::domain::report::Role;
use crate::domain::text::did_you_mean;
use crate::read::{Reading, Roster, Source, cells};
use crate::report::{TableOrJson, explanation};
use crate::run::account::{Account, check_usable};
use crate::run::beside::Beside;
use crate::run::config::Config;
use crate::run::emit::emit;
use crate::run::failed::{Cause, Exit, Failed};
use crate::run::gather::{IsWanted, Part, Read, rows};
use crate::run::head::head;
use crate::run::inputs::Sources;
use crate::run::options::Options;
use crate::run::settings::{Settings, of_command};
use crate::run::{bar, interrupt};
use crate::tally::kept::{Kept, Patients};
use crate::tally::{Counting, Decided, replay};

pub use crate::domain::explanation::Asked;

/// Tells why what was asked for counts or not; `every` says whether each rule is told, also those that did not fit.
///
/// # Errors
/// When a word is none of ours, nothing that was asked for is in the exports, or an input or output cannot be used.
pub fn explain(flags: Options, config: &Config, asked: Asked, every: bool) -> Result<Exit, Failed> {
    let (mut settings, format) =
        of_command("explain", flags, config, &TableOrJson::WORDS, TableOrJson::parse)?;
    settings.private = true;
    let explained = |sources: &Sources| {
        if sources.reads_stdin() {
            let message = "explain may read an input more than once, so none can be standard input";
            return Err(Failed::usage(Cause::StandardInput, message));
        }
        let (explanation, ..) = Explaining { settings: &settings, sources }.explanation(asked)?;
        let screen = settings.colour.screen(settings.output.is_some());
        explanation::render(&explanation, format, every, screen)
            .map_err(|error| Failed::internal(error.to_string()))
    };
    emit(&settings, explained)
}

/// What an explanation is made from.
pub(super) struct Explaining<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// The inputs.
    pub sources: &'a Sources,
}

impl Explaining<'_> {
    /// Explains what was asked for; returns the rows of its patients and the roster too.
    ///
    /// # Errors
    /// If nothing that was asked for is in the exports, or an input cannot be used.
    pub fn explanation(self, asked: Asked) -> Result<(Explanation, Kept, Option<Roster>), Failed> {
        let Self { settings, sources } = self;
        let bar = bar::bar(sources.all(), settings.quiet);
        let step = |step| bar.step(step);
        let reading = Reading { ids: true, ..settings.reading(sources, &step) };
        let spelled = |id: String| settings.id_rules.spelled(id.trim());
        let asked = Asked { provider: asked.provider.map(spelled), ..asked };
        let beside = Beside::read(sources, &reading, settings)?;

        let patients = self.patients(&asked, &beside, &reading)?;
        let wanted = Patients::with_near(patients.iter().map(|id| id.as_bytes()));
        let is_wanted = |_: Option<&[u8]>, patient: &[u8]| wanted.contains(patient);
        let (kept, read) = self.rows(Part::All, &is_wanted, &beside, &reading)?;
        let mut account = Account::default();
        for (role, source, summary) in &read {
            check_usable(source, summary)?;
            account.add(*role, source, summary, &settings.layout);
            if *role == Role::Encounters {
                account.miss_places(summary, &beside.places(settings, &settings.rulings));
            }
        }
        beside.account(sources, &settings.layout, &mut account);
        let is_about = |id: &String| kept.all().any(|at| at.patient() == id.as_bytes());
        if let Some(absent) = patients.iter().position(|id| !is_about(id)) {
            let which = if patients.len() == 1 {
                String::new()
            } else {
                format!(" (number {} of those named)", absent + 1)
            };
            let message = format!(
                "no row of the exports has this patient id{which}; ids are compared letter by letter, and rows that were \
                 rejected are not looked at"
            );
            return Err(Failed::usage(Cause::NotInExports, message));
        }

        let ruling = settings.first_ruling();
        let law = ruling.law(settings, sources.counties.is_some());
        let decided = Decided::new(beside.decisions());
        let counting = Counting {
            counts: ruling.edition.counts,
            counts_for: ruling.edition.counts_for,
            credit: ruling.credit,
            roster: beside.roster(),
            decided: &decided,
        };
        let replayed = replay(&law, &kept, counting);
        let names = sources.names(&law);
        let grounds = Grounds {
            edition: &ruling.edition,
            choices: &ruling.choices,
            law: &law,
            kept: &kept,
            replayed: &replayed,
            names: &names,
        };
        let mut explained = grounds.explain_all(&patients);
        let mut named = BTreeSet::new();
        for patient in &mut explained {
            patient.decisions = decisions(beside.decisions(), sources, patient);
            if let Some(roster) = beside.roster() {
                for standing in &mut patient.standings {
                    standing.name = roster.get(&standing.provider_id).and_then(|line| line.name.clone());
                }
            }
            named.extend(patient.standings.iter().map(|standing| standing.provider_id.clone()));
            only(patient, &asked);
        }
        if let Some(provider) = &asked.provider
            && explained.iter().all(|patient| patient.standings.is_empty())
        {
            let hint = did_you_mean(provider, named.iter().map(String::as_str));
            let why = format!(
                "no row about the patient names this provider; ids are compared letter by letter{hint}"
            );
            return Err(Failed::usage(Cause::NotInExports, why));
        }
        self.add_records(&mut explained, &reading)?;
        bar.finish();
        interrupt::reading_is_done();
        interrupt::check()?;
        account.settle(settings.acknowledged);

        let explanation = Explanation {
            head: head(settings),
            channels: settings.named_channels.clone(),
            edition: ruling.reference(settings.period, settings.attested),
            credit: ruling.credit,
            policies: ruling.policies(),
            asked,
            patients: explained,
            findings: account.findings(),
            inputs: account.read,
        };
        Ok((explanation, kept, beside.into_roster()))
    }

    /// The ids of the patients who are asked for, or whom the rows that are asked for are about.
    fn patients(&self, asked: &Asked, beside: &Beside, reading: &Reading<'_>) -> Result<Vec<String>, Failed> {
        let rules = &self.settings.id_rules;
        let mut ids: Vec<String> = asked.patients.iter().map(|id| rules.spelled(id.trim())).collect();
        let mut add = |kept: &Kept| {
            let found: BTreeSet<String> =
                kept.all().map(|at| String::from_utf8_lossy(at.patient()).into_owned()).collect();
            ids.extend(found);
            kept.all().next().is_some()
        };
        if let Some(id) = &asked.message {
            let is_wanted = |own: Option<&[u8]>, _: &[u8]| own == Some(id.as_bytes());
            if !add(&self.rows(Part::Numerator, &is_wanted, beside, reading)?.0) {
                return Err(not_found(if self.sources.accesses.is_empty() { "message" } else { "access" }));
            }
        }
        if let Some(id) = &asked.encounter {
            let is_wanted = |own: Option<&[u8]>, _: &[u8]| own == Some(id.as_bytes());
            if !add(&self.rows(Part::Denominator, &is_wanted, beside, reading)?.0) {
                return Err(not_found("encounter"));
            }
        }
        let mut known = HashSet::new();
        ids.retain(|id| known.insert(id.clone()));
        Ok(ids)
    }

    fn rows<'s>(
        &'s self,
        part: Part,
        is_wanted: IsWanted<'_>,
        beside: &Beside,
        reading: &Reading<'_>,
    ) -> Result<(Kept, Vec<Read<'s>>), Failed> {
        rows(
            self.settings,
            self.sources,
            &beside.places(self.settings, &self.settings.rulings),
            reading,
            part,
            is_wanted,
        )
    }

    /// Adds what stands in the exports, word for word.
    fn add_records(&self, explained: &mut [Explained], reading: &Reading<'_>) -> Result<(), Failed> {
        let Self { settings, sources, .. } = self;
        for (role, all) in [
            (Role::Encounters, &sources.encounters),
            (Role::Messages, &sources.messages),
            (Role::Accesses, &sources.accesses),
        ] {
            for source in all {
                let label = source.label();
                let mut rows: Vec<&mut RowOf> = explained
                    .iter_mut()
                    .flat_map(|patient| rows_of(patient, role))
                    .filter(|row| row.place.file == label)
                    .collect();
                let lines: BTreeSet<u64> = rows.iter().filter_map(|row| row.place.line).collect();
                if lines.is_empty() {
                    continue;
                }
                let cells = cells::read(source, reading, &settings.layout, role, &lines)?;
                for row in &mut rows {
                    let found = row.place.line.and_then(|line| cells.get(&line));
                    let said = |(column, text): &(String, String)| Said {
                        column: column.clone(),
                        said: text.clone(),
                    };
                    row.record = found.into_iter().flatten().map(said).collect();
                }
            }
        }
        Ok(())
    }
}

fn rows_of(patient: &mut Explained, role: Role) -> &mut Vec<RowOf> {
    match role {
        Role::Encounters => &mut patient.encounters,
        Role::Accesses => &mut patient.accesses,
        _ => &mut patient.messages,
    }
}

/// What was decided about a patient and the patient's rows.
fn decisions(all: &[Adjudication], sources: &Sources, patient: &Explained) -> Vec<DecisionOf> {
    let file = sources.adjudications.as_ref().map_or("", |source: &Source| &source.name);
    let rows = || {
        patient
            .messages
            .iter()
            .map(|row| (row, "message"))
            .chain(patient.accesses.iter().map(|row| (row, "access")))
    };
    let of = |decision: &Adjudication| {
        let (about, id) = match &decision.about {
            About::Patient(id) if *id == patient.patient_id => ("patient", None),
            About::Patient(_) => return None,
            About::Message(id) => {
                let (_, about) = rows().find(|(row, _)| row.id.as_ref() == Some(id))?;
                (about, Some(id.clone()))
            }
        };
        Some(DecisionOf {
            place: Place::line(file, decision.line),
            about,
            id,
            provider_id: decision.provider.clone(),
            decision: decision.decision.word(),
            by: decision.by.clone(),
            on: decision.on.clone(),
            reason: decision.reason.clone(),
        })
    };
    all.iter().filter_map(of).collect()
}

/// Leaves out what was not asked for.
fn only(patient: &mut Explained, asked: &Asked) {
    if asked.patients.is_empty() {
        let is_asked = |row: &RowOf, id: &Option<String>| id.is_some() && row.id == *id;
        patient.messages.retain(|row| is_asked(row, &asked.message));
        patient.accesses.retain(|row| is_asked(row, &asked.message));
        patient.encounters.retain(|row| is_asked(row, &asked.encounter));
    }
    if let Some(provider) = &asked.provider {
        patient.standings.retain(|standing| standing.provider_id == *provider);
        patient.encounters.retain(|row| row.provider_id.as_ref() == Some(provider));
        for rows in [&mut patient.messages, &mut patient.accesses] {
            rows.retain(|row| {
                let reaches = || row.reaches.iter().any(|reach| reach.provider_id == *provider);
                row.provider_id.as_ref().is_none_or(|id| id == provider) || reaches()
            });
        }
    }
}

fn not_found(what: &str) -> Failed {
    let message = format!(
        "no {what} of the exports has this id; ids are compared letter by letter, and rows that were rejected are not \
         looked at"
    );
    Failed::usage(Cause::NotInExports, message)
}
