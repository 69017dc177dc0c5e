//! The task of a run: what to compute.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use chrono_tz::Tz;

use crate::measure_config::MeasureConfig;
use crate::sources::InputSet;
use crate::spellings;
use mucalc_core::domain::assumption::Acknowledged;
use mucalc_core::domain::channel::ChannelCertifications;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::unusable::UnusableChoice;
use mucalc_core::domain::versions::VersionsChoice;
use mucalc_core::ledger::{CompiledMeasure, KnownInputs};
use mucalc_read::layout::Layout;
use mucalc_read::{BlockLimits, DayRange, Days, IdRules, ReadContext, ReadProgress, Times, Unassumed};

/// What to compute: the rules, the days, and how to read the exports.
pub struct Task {
    /// Rule sets and their settings, in the order in which they were named.
    pub rulings: Vec<MeasureConfig>,
    /// Attestation date, if given.
    pub attested: Option<Day>,
    /// Whether certified EHR technology keeps the records of a location.
    pub locations: BTreeMap<String, bool>,
    /// Reporting period.
    pub period: Period,
    /// Whether the period was given.
    pub period_given: bool,
    /// Days for which the exports were made, if given.
    pub exported: Option<Period>,
    /// Layout of the exports.
    pub layout: Layout,
    /// The encoding of text without a byte order mark, if it was declared.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Which channels are certified, and when.
    pub channels: ChannelCertifications,
    /// Practice time zone.
    pub zone: Option<Tz>,
    /// Which texts are ids, and which mean "no value".
    pub id_rules: IdRules,
    /// Whether unusable rows widen the range of results.
    pub unusable: UnusableChoice,
    /// Which of several versions of a record to use, if nothing in the export decides it.
    pub versions: VersionsChoice,
    /// Acknowledged assumptions about absent columns.
    pub acknowledged: Acknowledged,
    /// What times with a zone mean, if configured.
    pub days: Days,
    /// Whether to hash inputs.
    pub digest: bool,
    /// Number of worker threads.
    pub threads: usize,
    /// Whether to count rows for each provider too, not only for each rule.
    pub by_provider: bool,
    /// Whether the inputs are those of an evidence pack, which may be older than rules about review decisions.
    pub is_of_pack: bool,
}

impl Task {
    /// Compiles the rules of a rule set. Exclusions by county are evaluated only if `knows_counties`.
    pub fn compile(&self, ruling: &MeasureConfig, knows_counties: bool) -> CompiledMeasure {
        let known = KnownInputs { counties: knows_counties, locations: !self.locations.is_empty() };
        self.compile_for(ruling, self.period, known)
    }

    /// Compiles the rules of a rule set as if another period were the reporting period.
    pub fn compile_for(&self, ruling: &MeasureConfig, period: Period, known: KnownInputs) -> CompiledMeasure {
        CompiledMeasure::new(
            &ruling.edition,
            &ruling.choices,
            period,
            self.attested,
            self.channels.clone(),
            known,
        )
    }

    /// Returns the rule set that was named first.
    pub fn primary_measure(&self) -> &MeasureConfig {
        // If none was named, the default one is there.
        &self.rulings[0]
    }

    /// Returns how to read inputs whose rows are evaluated. Reading stops when `cancelled` is set.
    pub fn reading<'r>(
        &'r self,
        sources: &'r InputSet,
        progress: &'r (dyn Fn(ReadProgress) + Sync),
        cancelled: &'r AtomicBool,
    ) -> ReadContext<'r> {
        let reading = ReadContext {
            threads: self.threads,
            limits: BlockLimits::default(),
            places: false,
            ids: sources.adjudications.is_some(),
            repeated: None,
            digest: self.digest,
            encoding: self.encoding,
            zone: self.zone,
            id_rules: &self.id_rules,
            days: self.days,
            range: DayRange::default(),
            unassumed: Unassumed::default(),
            acknowledged: self.acknowledged,
            joins: Some(&sources.joins),
            begun: Some(&sources.begun),
            times: Times::Once,
            progress,
            cancelled,
        };
        let unassumed = Unassumed::look(&sources.encounters, &sources.messages, &reading, &self.layout);
        let reading = ReadContext { unassumed, ..reading };
        let folding = self.id_rules.folding;
        if !folding.is_empty() {
            self.id_rules.learn(|| spellings::spellings(sources, &self.layout, folding, &reading));
        }
        reading
    }
}
