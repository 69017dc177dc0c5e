//! Applies review decisions to what the rules and the attribution leave unresolved.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::domain::adjudication::{Adjudication, AdjudicationTarget, ReviewShare};
use crate::domain::inclusion::Inclusion;
use crate::ledger::pair_index::Ledger;

/// The review decisions of a run, with the effects of each.
pub struct Adjudications<'a> {
    decisions: &'a [Adjudication],
    /// The decisions about each message, in the order of the file.
    by_message: Vec<Vec<usize>>,
    /// The positions in `by_message`, by the message's id and the patient that the decision names; `None` for decisions that name no
    /// patient.
    messages: HashMap<&'a [u8], ByPatient<'a, MessageDecisions>>,
    fates: Vec<DecisionOutcome>,
}

/// Review decisions about a message, each with the patient that the decision names, if any.
type ByPatient<'a, T> = Vec<(Option<&'a [u8]>, T)>;

/// The decisions about one message, as a position in `by_message`.
#[derive(Clone, Copy)]
pub struct MessageDecisions(u32);

/// The effects of a review decision.
#[derive(Default)]
struct DecisionOutcome {
    settled: AtomicU64,
    needless: AtomicU64,
    contradicted: AtomicU64,
    /// The number of resolved outcomes, by provider.
    by_provider: Mutex<BTreeMap<String, u64>>,
}

/// The effects of a review decision: numbers of the pairs of provider and patient that it reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdjudicationStats {
    /// Unresolved pairs that it resolved.
    pub settled: u64,
    /// Resolved pairs that already had the decided outcome.
    pub needless: u64,
    /// Resolved pairs that have the opposite outcome, and keep it.
    pub contradicted: u64,
}

impl AdjudicationStats {
    /// Returns whether the decision reached any pair.
    pub fn was_used(self) -> bool {
        self != Self::default()
    }
}

impl<'a> Adjudications<'a> {
    /// Returns review decisions that have had no effect yet.
    pub fn new(decisions: &'a [Adjudication]) -> Self {
        let mut about: HashMap<&[u8], ByPatient<'_, usize>> = HashMap::new();
        for (at, decision) in decisions.iter().enumerate() {
            if let AdjudicationTarget::Message(id) = &decision.about {
                let patient = decision.patient.as_deref().map(str::as_bytes);
                about.entry(id.as_bytes()).or_default().push((patient, at));
            }
        }
        let (mut messages, mut by_message) = (HashMap::new(), Vec::new());
        for (id, decisions) in about {
            let named: BTreeSet<Option<&[u8]>> = decisions.iter().map(|(patient, _)| *patient).collect();
            // A decision that names no patient applies to any patient of the message.
            let holds = |patient: Option<&[u8]>| {
                let is_meant = move |named: &Option<&[u8]>| named.is_none() || *named == patient;
                decisions
                    .iter()
                    .filter(move |(named, _)| is_meant(named))
                    .map(|(_, at)| *at)
                    .collect::<Vec<_>>()
            };
            let by_patient = named.into_iter().map(|patient| {
                by_message.push(holds(patient));
                (patient, MessageDecisions(by_message.len() as u32 - 1))
            });
            messages.insert(id, by_patient.collect());
        }
        let fates = decisions.iter().map(|_| DecisionOutcome::default()).collect();
        Self { decisions, by_message, messages, fates }
    }

    /// Resets the effects of decisions about messages, to read the messages again.
    pub fn forget_messages(&self) {
        for (decision, fate) in self.decisions.iter().zip(&self.fates) {
            if let AdjudicationTarget::Message(_) = decision.about {
                let DecisionOutcome { settled, needless, contradicted, by_provider } = fate;
                [settled, needless, contradicted].iter().for_each(|count| count.store(0, Ordering::Relaxed));
                by_provider.lock().unwrap_or_else(PoisonError::into_inner).clear();
            }
        }
    }

    /// Returns the decisions about the message or portal access with this id and this patient.
    pub fn decisions_for(&self, id: Option<&[u8]>, patient: &[u8]) -> Option<MessageDecisions> {
        let by_patient = self.messages.get(id?)?;
        let of =
            |wanted: Option<&[u8]>| by_patient.iter().find(|(named, _)| *named == wanted).map(|(_, of)| *of);
        of(Some(patient)).or_else(|| of(None))
    }

    /// Returns the decisions about a message with several versions, for a patient whom all versions name (`all_name`) or only some.
    ///
    /// A decision that the message counts does not extend to a patient whom only some versions name, unless the decision names the patient.
    pub fn decisions_for_versions(
        &self,
        id: Option<&[u8]>,
        patient: &[u8],
        all_name: bool,
    ) -> Option<MessageDecisions> {
        let counts = |of: &MessageDecisions| {
            self.by_message[of.0 as usize]
                .iter()
                .any(|at| self.decisions[*at].decision.answer() == Inclusion::In)
        };
        let names = |patient: &[u8]| {
            let by_patient = id.and_then(|id| self.messages.get(id));
            by_patient.is_some_and(|all| all.iter().any(|(named, _)| *named == Some(patient)))
        };
        self.decisions_for(id, patient).filter(|of| all_name || names(patient) || !counts(of))
    }

    /// Returns the outcome for a provider whom a message reaches, given the outcome without decisions. The first of several decisions
    /// applies; the others are compared with it.
    pub fn settle_message(&self, of: MessageDecisions, provider: &str, known: Inclusion) -> Inclusion {
        let settle =
            |known, at: usize| self.fates[at].note(known, self.decisions[at].decision.answer(), provider);
        self.for_provider(of, provider).fold(known, settle)
    }

    /// Returns the decided outcome of a message for a provider; `None` if no decision applies.
    pub fn answer_of_message(&self, of: MessageDecisions, provider: &str) -> Option<Inclusion> {
        self.for_provider(of, provider).next().map(|at| self.decisions[at].decision.answer())
    }

    fn for_provider(
        &self,
        MessageDecisions(of): MessageDecisions,
        provider: &str,
    ) -> impl Iterator<Item = usize> {
        let is_meant =
            move |at: &usize| self.decisions[*at].provider.as_deref().is_none_or(|named| named == provider);
        self.by_message[of as usize].iter().copied().filter(is_meant)
    }

    /// Applies the decisions about which patients were seen; called before messages are added to the ledger.
    pub fn resolve_denominator(&self, ledger: &mut Ledger) {
        self.settle(false, |patient, provider, answer, fate| {
            ledger
                .resolve_denominator(patient, provider, |known, provider| fate.note(known, answer, provider));
        });
    }

    /// Applies the decisions about which patients count in the numerator; called after all messages are added to the ledger.
    pub fn resolve_numerator(&self, ledger: &mut Ledger) {
        self.settle(true, |patient, provider, answer, fate| {
            ledger.resolve_numerator(patient, provider, |known, provider| fate.note(known, answer, provider));
        });
    }

    /// Stores the decisions about patients, for every candidate period of a sweep.
    pub fn resolve_all(&self, ledger: &mut Ledger) {
        for numerator in [false, true] {
            self.settle(numerator, |patient, provider, answer, _| {
                ledger.resolve_all(patient, provider, numerator, answer);
            });
        }
    }

    /// Returns what each reviewer resolved of a provider's records, by the reviewer's name.
    pub fn shares(&self, provider: &str) -> Vec<ReviewShare> {
        let mut shares: BTreeMap<Option<&str>, ReviewShare> = BTreeMap::new();
        for (decision, fate) in self.decisions.iter().zip(&self.fates) {
            let by_provider = fate.by_provider.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(patients) = by_provider.get(provider) else { continue };
            let by = decision.by.as_deref();
            let share = shares
                .entry(by)
                .or_insert_with(|| ReviewShare { by: by.map(str::to_owned), ..ReviewShare::default() });
            share.add(decision.decision, *patients);
        }
        shares.into_values().collect()
    }

    /// Returns each decision with its effects, in the order of the file.
    pub fn outcomes(&self) -> impl Iterator<Item = (&'a Adjudication, AdjudicationStats)> + '_ {
        let fate = |fate: &DecisionOutcome| AdjudicationStats {
            settled: fate.settled.load(Ordering::Relaxed),
            needless: fate.needless.load(Ordering::Relaxed),
            contradicted: fate.contradicted.load(Ordering::Relaxed),
        };
        self.decisions.iter().zip(self.fates.iter().map(fate))
    }

    fn settle(&self, numerator: bool, mut with: impl FnMut(&str, Option<&str>, Inclusion, &DecisionOutcome)) {
        for (decision, fate) in self.decisions.iter().zip(&self.fates) {
            if let AdjudicationTarget::Patient(patient) = &decision.about
                && decision.decision.affects_numerator() == numerator
            {
                with(patient, decision.provider.as_deref(), decision.decision.answer(), fate);
            }
        }
    }
}

impl DecisionOutcome {
    /// Applies a decision to a known outcome, records the effect, and returns the outcome that applies.
    fn note(&self, known: Inclusion, wanted: Inclusion, provider: &str) -> Inclusion {
        let (count, answer) = match known {
            Inclusion::Uncertain => (&self.settled, wanted),
            certain if certain == wanted => (&self.needless, certain),
            certain => (&self.contradicted, certain),
        };
        count.fetch_add(1, Ordering::Relaxed);
        if known == Inclusion::Uncertain {
            let mut by_provider = self.by_provider.lock().unwrap_or_else(PoisonError::into_inner);
            *by_provider.entry(provider.to_owned()).or_default() += 1;
        }
        answer
    }
}
