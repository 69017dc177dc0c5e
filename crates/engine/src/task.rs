//! What is to be computed.

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
use mucalc_read::{BlockLimits, Days, IdRules, ReadContext, ReadProgress, Times, Unassumed};

/// What is to be computed: the rules, the days, and how the exports are read.
pub struct Task {
    /// The rules, in the order in which editions were named.
    pub rulings: Vec<MeasureConfig>,
    /// The day of attestation, where it was given.
    pub attested: Option<Day>,
    /// Whether certified EHR technology keeps the records of a location.
    pub locations: BTreeMap<String, bool>,
    /// The reporting period.
    pub period: Period,
    /// Whether it was given.
    pub period_given: bool,
    /// The days for which the exports were made, where it was said.
    pub exported: Option<Period>,
    /// How the exports are to be read.
    pub layout: Layout,
    /// The encoding of text without a byte order mark, if it was declared.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Which channels are certified, and when.
    pub channels: ChannelCertifications,
    /// The zone of the practice.
    pub zone: Option<Tz>,
    /// Which texts are ids, and which mean that there is none.
    pub id_rules: IdRules,
    /// Whether unusable rows widen the range of results.
    pub unusable: UnusableChoice,
    /// Which of several versions of a record is the record, where nothing in the export says so.
    pub versions: VersionsChoice,
    /// What is taken for a fact where a column is absent, and acknowledged.
    pub acknowledged: Acknowledged,
    /// What the times with a zone stand for, where it was said.
    pub days: Days,
    /// Whether inputs are hashed.
    pub digest: bool,
    /// How many threads judge rows.
    pub threads: usize,
    /// Whether rows are counted for each provider too, and not only for each rule.
    pub by_provider: bool,
    /// Whether the inputs are those of a pack, which may be older than rules about decisions.
    pub is_of_pack: bool,
}

impl Task {
    /// Returns the law of a ruling; exclusions by county are computed only if `knows_counties`.
    pub fn law(&self, ruling: &MeasureConfig, knows_counties: bool) -> CompiledMeasure {
        let known = KnownInputs { counties: knows_counties, locations: !self.locations.is_empty() };
        self.law_in(ruling, self.period, known)
    }

    /// Returns the law of a ruling as if another period were the reporting period.
    pub fn law_in(&self, ruling: &MeasureConfig, period: Period, known: KnownInputs) -> CompiledMeasure {
        CompiledMeasure::new(
            &ruling.edition,
            &ruling.choices,
            period,
            self.attested,
            self.channels.clone(),
            known,
        )
    }

    /// The rules of the edition that was named first.
    pub fn first_ruling(&self) -> &MeasureConfig {
        // Without any, the default one is taken.
        &self.rulings[0]
    }

    /// Returns how inputs are read whose rows are judged; reading stops when `cancelled` is set.
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
            unassumed: Unassumed::default(),
            acknowledged: self.acknowledged,
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
