//! From what the user asked for to what a run needs, with every word checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono_tz::Tz;

use crate::domain::channel::{Certification, Channels, NamedChannel};
use crate::domain::credit::Credit;
use crate::domain::finding::{Code, Severity};
use crate::domain::lawbook::Lawbook;
use crate::domain::period::{Day, Period};
use crate::domain::report::ChannelOf;
use crate::domain::text::{did_you_mean, printable};
use crate::domain::words::UNKNOWN;
use crate::edition::lawbook::lawbook;
use crate::edition::{self, Edition, model::Choice, model::Choices};
use crate::layout::{CANONICAL, Layout};
use crate::read::{Limits, Reading, Step};
use crate::report::Format;
use crate::run::config;
use crate::run::config::Which;
use crate::run::failed::{Cause, Failed};
use crate::run::gate::Gate;
use crate::run::inputs::{Named, Needs, Sources, named_files};
use crate::run::interrupt;
use crate::run::layouts::{self, layout};
use crate::run::memory_limit;
use crate::run::options::{ChannelOptions, Options};
use crate::run::ruling::Ruling;
use crate::run::terminal::{ColourChoice, say};
use crate::run::zones;

/// What a run needs.
pub struct Settings {
    /// The rules, in the order in which editions were named.
    pub rulings: Vec<Ruling>,
    /// The day of attestation, where it was given.
    pub attested: Option<Day>,
    /// Whether certified EHR technology keeps the records of a location.
    pub locations: BTreeMap<String, bool>,
    /// The reporting period.
    pub period: Period,
    /// Whether it was given.
    pub period_given: bool,
    /// How bad findings are, where the configuration says so; none where they are not to be told.
    pub severities: BTreeMap<Code, Option<Severity>>,
    /// Words of exports that the configuration names, folded.
    pub configured: BTreeSet<String>,
    /// How the exports are to be read.
    pub layout: Layout,
    /// The files that are read beside the inputs, and never written over: the configuration and layouts.
    pub own_files: Vec<PathBuf>,
    /// The encoding of text without a byte order mark, if it was declared.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Which channels are certified, and when.
    pub channels: Channels,
    /// What the configuration says of channels.
    pub named_channels: Vec<ChannelOf>,
    /// The zone of the practice.
    pub zone: Option<Tz>,
    /// The inputs, as the user named them.
    pub named: Named,
    /// The digest of the layouts' texts and of the words that the configuration translates.
    pub vocabulary: String,
    /// What was asked for, flags over configuration.
    pub options: Options,
    /// The configuration that was read.
    pub config: Option<PathBuf>,
    /// The format of the report.
    pub format: Format,
    /// Where the report goes; none is standard output.
    pub output: Option<String>,
    /// Whether the output holds patient rows: nobody else may read it then.
    pub private: bool,
    /// Where the ledger goes.
    pub ledger: Option<String>,
    /// Whether a workbook has a sheet of patients.
    pub patients: bool,
    /// Whether it is shown which rule judged how many rows, and for whom.
    pub waterfall: Option<Falls>,
    /// What makes a run fail though it computed.
    pub gates: Vec<Gate>,
    /// Whether inputs are hashed.
    pub digest: bool,
    /// Whether the report says when and where it was computed.
    pub stamp: bool,
    /// How many threads judge rows.
    pub threads: usize,
    /// Whether nothing but errors goes to standard error.
    pub quiet: bool,
    /// Whether more goes to standard error.
    pub verbose: bool,
    /// When colours are used.
    pub colour: ColourChoice,
}

/// What is shown of the rules that judged rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Falls {
    /// How many rows each judged.
    #[default]
    Rules,
    /// The same for each provider as well.
    Providers,
}

impl Falls {
    /// The words of `--waterfall`.
    pub const WORDS: [&'static str; 2] = ["rules", "providers"];

    /// What a word asks for.
    pub fn parse(word: &str) -> Option<Self> {
        let position = Self::WORDS.iter().position(|known| *known == word)?;
        Some([Falls::Rules, Falls::Providers][position])
    }
}

impl Settings {
    /// Reads the configuration, lays the flags over it and checks every word.
    ///
    /// # Errors
    /// For anything that is no word of ours.
    pub fn resolve(flags: Options, which: &Which) -> Result<Self, Failed> {
        let settings = Self::resolve_without_period(flags, which)?;
        if settings.period_given {
            return Ok(settings);
        }
        Err(Failed::usage(Cause::Period, settings.without_period(which)))
    }

    /// The same for a command that can do without a reporting period: all days are in it then.
    ///
    /// # Errors
    /// For anything that is no word of ours.
    pub fn resolve_without_period(flags: Options, which: &Which) -> Result<Self, Failed> {
        let (file, config) = config::read(which)?;
        // Also what a flag puts aside is an input of somebody's.
        let exports = file.encounters.iter().chain(&file.messages).chain(&file.accesses);
        let small = file.roster.iter().chain(&file.counties).chain(&file.adjudications);
        let mut own_files = named_files(exports.chain(small));
        own_files.extend(file.layout.iter().flat_map(|layout| layouts::named(layout)).map(PathBuf::from));
        own_files.extend(config.iter().cloned());
        let mut settings = Self::of(flags.over(file))?;
        settings.config = config;
        settings.own_files.extend(own_files);
        Ok(settings)
    }

    /// The same of options that were read elsewhere.
    ///
    /// # Errors
    /// For anything that is no word of ours.
    pub fn of(options: Options) -> Result<Self, Failed> {
        let (layout, channels, named_channels) = vocabulary(&options)?;
        let encoding = options.encoding.as_deref().map(encoding).transpose()?;
        let format = words("format", options.format.as_deref(), &Format::WORDS, Format::parse)?;
        let waterfall = options.waterfall.as_deref();
        let waterfall =
            waterfall.map(|word| words("waterfall", Some(word), &Falls::WORDS, Falls::parse)).transpose()?;
        let colour = words("color", options.color.as_deref(), &ColourChoice::WORDS, ColourChoice::parse)?;
        let credit = words("credit", options.credit.as_deref(), &["strict", "group"], |word| match word {
            "strict" => Some(Credit::Strict),
            "group" => Some(Credit::Group),
            _ => None,
        })?;
        let gates = options.fail_on.iter().flat_map(|list| list.split(',')).map(|word| {
            let word = word.trim();
            let known = Gate::parse(word);
            known.ok_or_else(|| unknown("fail-on", word, &Gate::WORDS))
        });
        let gates = gates.collect::<Result<_, _>>()?;
        let period_given = options.period.is_some();
        let period = period(options.period.as_deref().unwrap_or("0001-01-01..9999-12-31"))?;
        let rulings = rulings(&options, credit, period)?;
        let attested = attested(options.attested.as_deref(), period, period_given)?;
        let locations = options.locations.iter();
        let locations =
            locations.map(|(name, location)| (name.trim().to_owned(), location.certified)).collect();
        let severities = severities(&options.severity)?;
        let configured = configured(&options);
        let zone = options.timezone.as_deref().map(zone).transpose()?;
        let still = options.timezone.as_deref().and_then(zones::standing_still);
        if let Some(moving) = still.filter(|_| !options.quiet.unwrap_or_default()) {
            say(format!("note: this time zone knows no summer time; if your clocks do, use {moving}"));
        }
        let threads = threads(options.threads)?;
        memory_limit::check(threads)?;
        let asked = options.clone();
        let named = Named {
            encounters: options.encounters,
            messages: options.messages,
            accesses: options.accesses,
            roster: options.roster,
            counties: options.counties,
            adjudications: options.adjudications,
        };
        let own_files =
            asked.layout.iter().flat_map(|layout| layouts::named(layout)).map(PathBuf::from).collect();
        Ok(Self {
            rulings,
            attested,
            locations,
            period,
            period_given,
            severities,
            configured,
            layout,
            own_files,
            encoding,
            channels,
            named_channels,
            zone,
            named,
            config: None,
            vocabulary: layouts::digest(&asked)?,
            options: asked,
            format,
            output: options.output.filter(|path| path != "-"),
            private: false,
            patients: options.patients.unwrap_or_default(),
            waterfall,
            ledger: ledger(options.ledger)?,
            gates,
            digest: options.digest.unwrap_or_default(),
            stamp: options.stamp.unwrap_or_default(),
            threads,
            quiet: options.quiet.unwrap_or_default(),
            verbose: options.verbose.unwrap_or_default(),
            colour,
        })
    }
}

impl Settings {
    /// The rules of the edition that was named first.
    pub fn first_ruling(&self) -> &Ruling {
        // Without any, the default one is taken.
        &self.rulings[0]
    }

    /// What is said where no period is given: all that is missing, so that one does not have to try again and again.
    fn without_period(&self, which: &Which) -> String {
        let nothing_named = self.named.encounters.is_empty() && self.named.messages.is_empty();
        match (&self.config, which) {
            (Some(path), _) => format!(
                "the reporting period is missing; write `period = \"2014Q3\"` in {}, or add --period",
                printable(&path.to_string_lossy())
            ),
            (None, Which::Found) if nothing_named => {
                "the reporting period and the exports are missing, and there is no mucalc.toml here; `mucalc init exports/*` writes \
                 one, `mucalc demo practice` gives you something to try, or add --period, --encounters and --messages"
                    .to_owned()
            }
            _ => "the reporting period is missing; add --period, for example --period 2014Q3".to_owned(),
        }
    }

    /// The rules in words.
    pub fn books(&self) -> Vec<Lawbook> {
        let year = self.period.program_year();
        self.rulings.iter().map(|ruling| lawbook(&ruling.edition, &ruling.choices, year)).collect()
    }

    /// How inputs are read whose rows are judged.
    pub fn reading<'r>(&self, sources: &Sources, progress: &'r (dyn Fn(Step) + Sync)) -> Reading<'r> {
        Reading {
            threads: self.threads,
            limits: Limits::default(),
            places: false,
            ids: sources.adjudications.is_some(),
            digest: self.digest,
            encoding: self.encoding,
            zone: self.zone,
            progress,
            cancelled: interrupt::flag(sources.wait()),
        }
    }

    /// Says which inputs are named and not read, if any are.
    pub fn tell_unread(&self, sources: &Sources) {
        let editions: Vec<&str> = self.rulings.iter().map(|ruling| ruling.edition.id.as_str()).collect();
        let names: Vec<String> = sources.unread.iter().map(|source| printable(&source.name)).collect();
        if !names.is_empty() && !self.quiet {
            say(format!(
                "note: {} is not read: edition {} does not ask it",
                names.join(", "),
                editions.join(", ")
            ));
        }
    }

    /// From which inputs the numerators come.
    pub fn needs(&self) -> Needs {
        Needs {
            messages: self.rulings.iter().any(Ruling::counts_messages),
            accesses: !self.rulings.iter().all(Ruling::counts_messages),
        }
    }

    /// How bad a finding is; none where it is not to be told.
    pub fn severity(&self, code: Code) -> Option<Severity> {
        self.severities.get(&code).copied().unwrap_or(Some(code.severity()))
    }
}

/// The edition with an id, or the default one.
///
/// # Errors
/// When there is none with it.
pub fn find_edition(id: Option<&str>) -> Result<Edition, Failed> {
    let id = id.unwrap_or(edition::DEFAULT);
    edition::find(id).ok_or_else(|| {
        let known: Vec<&str> = edition::ids().collect();
        let hint = did_you_mean(id, known.iter().copied());
        let message = format!("there is no edition `{id}`; known are {}{hint}", known.join(", "));
        Failed::usage(Cause::Edition, message)
    })
}

/// The rules of each edition that is named, or of the default one.
fn rulings(options: &Options, credit: Credit, period: Period) -> Result<Vec<Ruling>, Failed> {
    let named = options.edition.iter().flat_map(|list| list.split(',')).map(str::trim);
    let mut ids: Vec<&str> = named.filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        ids.push(edition::DEFAULT);
    }
    if let Some(again) = ids.iter().enumerate().find(|(at, id)| ids[..*at].contains(id)) {
        let message = format!("edition {} is named twice", again.1);
        return Err(Failed::usage(Cause::Edition, message));
    }
    let editions = ids.iter().map(|id| find_edition(Some(id))).collect::<Result<Vec<_>, _>>()?;
    let policies = || editions.iter().flat_map(|edition| edition.policies.keys()).map(String::as_str);
    for name in options.policy.keys() {
        if !policies().any(|known| known == name) {
            let known: BTreeSet<&str> = policies().collect();
            let known: Vec<&str> = known.into_iter().collect();
            let hint = did_you_mean(name, known.iter().copied());
            let message = format!(
                "edition {} has no policy `{name}`; it has {}{hint}",
                ids.join(", "),
                known.join(", ")
            );
            return Err(Failed::usage(Cause::Policy, message));
        }
    }
    let year = period.program_year();
    let ruling = |edition: Edition| {
        let choices = choices(&edition, options, year)?;
        Ok(Ruling { threshold: edition.threshold(year).threshold, choices, credit, edition })
    };
    editions.into_iter().map(ruling).collect()
}

/// The day of attestation.
fn attested(text: Option<&str>, period: Period, period_given: bool) -> Result<Option<Day>, Failed> {
    let Some(text) = text else { return Ok(None) };
    let day = Day::parse(text.trim().as_bytes()).ok_or_else(|| {
        Failed::usage(Cause::Choice, format!("attested: `{text}` is not a day; write it as YYYY-MM-DD"))
    })?;
    if period_given && day < period.last {
        let message = format!(
            "attested: {day} lies before the period ends ({}); it is attested when it is over",
            period.last
        );
        return Err(Failed::usage(Cause::Choice, message));
    }
    Ok(Some(day))
}

fn choices(edition: &Edition, options: &Options, year: i32) -> Result<Choices, Failed> {
    let mut choices = edition.default_choices(year);
    for (name, word) in &options.policy {
        let Some(policy) = edition.policies.get(name) else { continue };
        let choice =
            Choice::parse(word).filter(|choice| policy.choices.contains(choice)).ok_or_else(|| {
                let known: Vec<&str> = policy.choices.iter().map(|choice| choice.word()).collect();
                let hint = did_you_mean(word, known.iter().copied());
                let message =
                    format!("policy `{name}` has no choice `{word}`; it has {}{hint}", known.join(", "));
                Failed::usage(Cause::Policy, message)
            })?;
        choices.insert(name.clone(), choice);
    }
    Ok(choices)
}

fn vocabulary(options: &Options) -> Result<(Layout, Channels, Vec<ChannelOf>), Failed> {
    let mut layout = layout(options.layout.as_deref().unwrap_or(CANONICAL), &options.layout_texts)?;
    let mut channels = Channels::default();
    let mut named = Vec::new();
    for (name, channel) in sole("[channels]", &options.channels)? {
        let known = named_channel(name, channel)?;
        let (from, until) = match known.certification {
            Certification::Between(from, until) => (from, until),
            Certification::Never => (None, None),
        };
        named.push(ChannelOf {
            name: known.name.clone(),
            certified: channel.certified,
            product: channel.product.clone(),
            chpl_id: channel.chpl_id.clone(),
            from,
            until,
        });
        channels.set(known);
    }
    layout.vocabulary.know_channels(&channels);
    for (table, list, words) in options.word_tables() {
        for (raw, ours) in sole(&format!("[{table}]"), words)? {
            let code = list
                .words()
                .code(ours)
                .ok_or_else(|| unknown(&format!("[{table}]"), ours, list.words().words))?;
            layout.vocabulary.translate(list, raw, code);
        }
    }
    Ok((layout, channels, named))
}

/// The encoding with this name.
///
/// # Errors
/// When there is none.
pub fn encoding(name: &str) -> Result<&'static encoding_rs::Encoding, Failed> {
    encoding_rs::Encoding::for_label(name.trim().as_bytes()).ok_or_else(|| {
        let message =
            format!("`{name}` is no encoding; there are utf-8, utf-16le, utf-16be, windows-1252 and others");
        Failed::usage(Cause::Choice, message)
    })
}

/// The entries of a table of the export's words, each of which can have one meaning.
fn sole<'t, V>(table: &str, words: &'t BTreeMap<String, V>) -> Result<&'t BTreeMap<String, V>, Failed> {
    let mut known = BTreeSet::new();
    for word in words.keys() {
        let folded = word.trim().to_lowercase();
        if folded.is_empty() || folded == UNKNOWN {
            let message = format!(
                "{table}: an empty cell and `{UNKNOWN}` mean that the export does not say; they cannot be given another meaning"
            );
            return Err(Failed::usage(Cause::Configuration, message));
        }
        if !known.insert(folded) {
            let message =
                format!("{table}: `{word}` is there twice; words are compared without regard to case");
            return Err(Failed::usage(Cause::Configuration, message));
        }
    }
    Ok(words)
}

fn ledger(path: Option<String>) -> Result<Option<String>, Failed> {
    match path.as_deref() {
        Some("-") => {
            let message = "--ledger takes the path of a file; standard output is the report's";
            Err(Failed::usage(Cause::Outputs, message))
        }
        _ => Ok(path),
    }
}

fn named_channel(name: &str, options: &ChannelOptions) -> Result<NamedChannel, Failed> {
    let name = name.trim().to_lowercase();
    let day = |text: &Option<String>| {
        text.as_deref()
            .map(|text| {
                Day::parse(text.as_bytes()).ok_or_else(|| {
                    let message =
                        format!("[channels.\"{name}\"]: `{text}` is not a day; write it as YYYY-MM-DD");
                    Failed::usage(Cause::Configuration, message)
                })
            })
            .transpose()
    };
    let (from, until) = (day(&options.from)?, day(&options.until)?);
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        let message = format!("[channels.\"{name}\"]: `until` lies before `from`");
        return Err(Failed::usage(Cause::Configuration, message));
    }
    let certification = match options.certified {
        true => Certification::Between(from, until),
        false => Certification::Never,
    };
    Ok(NamedChannel { name, certification })
}

fn severities(words: &BTreeMap<String, String>) -> Result<BTreeMap<Code, Option<Severity>>, Failed> {
    let one = |(slug, word): (&String, &String)| {
        let code = Code::parse(slug).ok_or_else(|| {
            unknown("[severity]", slug, &Code::ALL.iter().map(|code| code.slug()).collect::<Vec<_>>())
        })?;
        let severity = match word.as_str() {
            "off" => None,
            word => Some(
                Severity::parse(word)
                    .ok_or_else(|| unknown("[severity]", word, &["error", "warning", "note", "off"]))?,
            ),
        };
        Ok((code, severity))
    };
    words.iter().map(one).collect()
}

/// The words of exports that the configuration names.
fn configured(options: &Options) -> BTreeSet<String> {
    let words =
        options.word_tables().into_iter().flat_map(|(.., words)| words.keys()).chain(options.channels.keys());
    let words = words.chain(options.locations.keys());
    words.map(|word| word.trim().to_lowercase()).collect()
}

fn period(text: &str) -> Result<Period, Failed> {
    Period::parse(text).map_err(|error| Failed::usage(Cause::Period, error.to_string()))
}

/// The zone with this name.
///
/// # Errors
/// When there is none.
pub fn zone(name: &str) -> Result<Tz, Failed> {
    name.parse().map_err(|_| {
        let hint = match zones::of_the_states(name) {
            Some(zone) => format!("; did you mean `{zone}`?"),
            None => did_you_mean(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())),
        };
        let message = format!("`{name}` is not an IANA time zone such as America/New_York{hint}");
        Failed::usage(Cause::Timezone, message)
    })
}

/// How many threads are used.
///
/// # Errors
/// When the number is 0.
pub fn threads(asked: Option<usize>) -> Result<usize, Failed> {
    match asked {
        Some(0) => Err(Failed::usage(Cause::Choice, "threads takes a number from 1")),
        Some(threads) => Ok(threads.min(256)),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}

fn words<T: Default>(
    flag: &str,
    word: Option<&str>,
    known: &[&str],
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Failed> {
    word.map_or(Ok(T::default()), |word| parse(word).ok_or_else(|| unknown(flag, word, known)))
}

fn unknown(what: &str, word: &str, known: &[&str]) -> Failed {
    let hint = did_you_mean(word, known.iter().copied());
    Failed::usage(
        Cause::Choice,
        format!("`{word}` is not a word of {what}; it has {}{hint}", known.join(", ")),
    )
}
