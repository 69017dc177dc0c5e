//! Parses a rule-set file to an [`Edition`] and reports all problems at once.

use std::collections::BTreeMap;
use strum::VariantNames;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::domain::period::Day;
use crate::domain::score::Threshold;
use crate::domain::words::{ACCESS_COLUMNS, ENCOUNTER_COLUMNS, MESSAGE_COLUMNS};
use crate::edition::document::{TomlReader, TomlTable, unknown_word};
use crate::edition::explanation::{CitedText, RuleSource};
use crate::edition::lint::referenced_policies;
use crate::edition::model::{
    AttributionScope, Edition, Exclusion, ExclusionTest, LocationRequirement, MeasureStatement,
    NumeratorSource, PointScale, Policy, PolicyChoice, ThresholdByYear,
};
use crate::edition::periods::{PeriodForm, PeriodRule};
use crate::edition::problem::EditionError;
use crate::edition::rules::RuleParser;
use crate::edition::sources::{confidence, explanation, source};
use crate::edition::years::ProgramYears;

type Value<'d> = Spanned<DeValue<'d>>;

/// Parses a rule set, which may extend one that `find` returns. Returns the rule set only if the file has no problems, and all problems.
pub fn edition(text: &str, find: &dyn Fn(&str) -> Option<Edition>) -> (Option<Edition>, Vec<EditionError>) {
    let document = TomlReader::new(text);
    let (root, syntax) = DeTable::parse_recoverable(text);
    for error in syntax {
        document.problem(error.span().map_or(0, |span| span.start), error.message());
    }
    let edition = read(&document, root.get_ref(), text, find);
    let problems = document.into_problems();
    (edition.filter(|_| problems.is_empty()), problems)
}

fn read<'d>(
    document: &'d TomlReader<'d>,
    root: &'d DeTable<'d>,
    text: &str,
    find: &dyn Fn(&str) -> Option<Edition>,
) -> Option<Edition> {
    let root = TomlTable::new(document, root, 0);
    let base = base(document, &root, find);
    let base = base.as_ref();
    // Read every part before the first `?`, so that one pass finds all problems.
    let (id, title, program) = (root.text("id"), root.text("title"), root.text("program"));
    let years = root.require("years").and_then(|value| years(document, value));
    let (cite, confidence) = (root.text("cite"), confidence(&root));
    let peer = root.flag("peer");
    let statement = root.get("statement").and_then(|value| statement(document, value));
    let goals = or_base(&root, "threshold", base, |value| goals(document, value), |base| base.goals.clone());
    if let (Some(goals), Some(years)) = (&goals, years) {
        check_goals(document, root.offset(), goals, years);
    }
    let points = match root.get("points") {
        Some(value) => points(document, value),
        None => base.and_then(|base| base.points.clone()),
    };
    let periods = match root.get("period") {
        Some(value) => years.and_then(|years| period_rules(document, value, years)),
        None => Some(inherited_periods(base, years)),
    };
    let notes = match root.get("note") {
        Some(value) => notes(document, value),
        None => Some(base.map_or_else(Vec::new, |base| base.notes.clone())),
    };
    let own = root.get("policy").map_or(Some(BTreeMap::new()), |value| policies(document, value));
    let policies = own.as_ref().map(|own| {
        let mut all = base.map_or_else(BTreeMap::new, |base| base.policies.clone());
        all.extend(own.clone());
        all
    });
    let rules = RuleParser::new(document, policies.as_ref());
    let exclusions = match root.get("exclusion") {
        Some(value) => exclusions(document, value, &rules),
        None => Some(base.map_or_else(Vec::new, |base| base.exclusions.clone())),
    };
    let gate = match root.get("gate") {
        Some(value) if value.get_ref().as_bool() == Some(false) => Some(None),
        Some(value) => gate(document, value, &rules).map(Some),
        None => Some(base.and_then(|base| base.gate.clone())),
    };
    let denominator = |value| {
        let table = document.table(value)?;
        let section = rules.section(&table, ENCOUNTER_COLUMNS, "in");
        table.finish();
        section
    };
    let denominator = or_base(&root, "denominator", base, denominator, |base| base.denominator.clone());
    let numerator = or_base(
        &root,
        "numerator",
        base,
        |value| numerator(document, value, &rules),
        |base| (base.counts, base.counts_for, base.numerator.clone()),
    );
    root.finish();
    let (counts, counts_for, numerator) = numerator?;
    let (denominator, own) = (denominator?, own?);
    // Drop inherited policy settings that no rule uses any more.
    let asked = referenced_policies([&denominator, &numerator]);
    let mut policies = policies?;
    policies.retain(|name, _| own.contains_key(name) || asked.contains(name.as_str()));
    Some(Edition {
        id: id?,
        title: title?,
        program: program?,
        years: years?,
        peer,
        source: RuleSource { cite: cite?, rules: Vec::new(), confidence: confidence? },
        statement,
        goals: goals?,
        periods: periods?,
        notes: notes?,
        gate: gate?,
        points,
        policies,
        exclusions: exclusions?,
        denominator,
        counts,
        counts_for,
        numerator,
        extends: base.map(|base| base.id.clone()),
        sha256: Edition::digest(text, base),
    })
}

/// Reads which rule set is extended, if any.
fn base<'d>(
    document: &'d TomlReader<'d>,
    root: &TomlTable<'d>,
    find: &dyn Fn(&str) -> Option<Edition>,
) -> Option<Edition> {
    let value = root.get("extends")?;
    let name = document.text(value)?;
    let base = find(&name);
    if base.is_none() {
        document.problem(value.span().start, format!("there is no edition `{name}` that could be extended"));
    }
    base
}

/// Reads a part of the file, or inherits it from the extended rule set if the file does not have it.
fn or_base<'d, T>(
    root: &TomlTable<'d>,
    key: &'static str,
    base: Option<&Edition>,
    read: impl FnOnce(&'d Value<'d>) -> Option<T>,
    inherit: impl FnOnce(&Edition) -> T,
) -> Option<T> {
    match base {
        Some(base) => root.get(key).map_or_else(|| Some(inherit(base)), read),
        None => root.require(key).and_then(read),
    }
}

fn years<'d>(document: &'d TomlReader<'d>, value: &'d Value<'d>) -> Option<ProgramYears> {
    let years = ProgramYears::parse(&document.text(value)?);
    if years.is_none() {
        document.problem(value.span().start, "years are written as 2014 or 2017-2018");
    }
    years
}

/// Reads one threshold, or several with their years.
fn goals<'d>(document: &'d TomlReader<'d>, value: &'d Value<'d>) -> Option<Vec<ThresholdByYear>> {
    let values = match value.get_ref() {
        DeValue::Array(_) => document.array(value)?,
        _ => std::slice::from_ref(value),
    };
    let goals: Vec<_> = values.iter().map(|value| goal(document, value)).collect();
    goals.into_iter().collect()
}

fn goal<'d>(document: &'d TomlReader<'d>, value: &'d Value<'d>) -> Option<ThresholdByYear> {
    let table = document.table(value)?;
    let years = match table.get("years") {
        Some(value) => years(document, value).map(Some),
        None => Some(None),
    };
    let percent = table.get("more_than_percent").map(|value| {
        let percent = document.number(value, 1..100, "a whole percentage from 1 to 99 is expected here");
        percent.map(|percent| Threshold::MoreThanPercent(percent as u32))
    });
    let patients = table.get("at_least").map(|value| {
        document
            .number(value, 1..1_000_000, "a whole number of patients is expected here")
            .map(Threshold::AtLeast)
    });
    let attested = table.flag("attestation").then_some(Some(Threshold::Attested));
    let said: Vec<_> = [percent, patients, attested].into_iter().flatten().collect();
    let threshold = match said[..] {
        [threshold] => threshold,
        _ => {
            let message = "a threshold has one of `more_than_percent`, `at_least`, `attestation`";
            document.problem(table.offset(), message);
            None
        }
    };
    let why = explanation(&table);
    table.finish();
    Some(ThresholdByYear { years: years?, threshold: threshold?, why: why? })
}

/// Checks that every year of the rule set has exactly one threshold.
fn check_goals(document: &TomlReader<'_>, offset: usize, goals: &[ThresholdByYear], years: ProgramYears) {
    for year in years.first..=years.last {
        let holding = goals.iter().filter(|goal| goal.years.is_none_or(|years| years.contains(year))).count();
        if holding != 1 {
            document.problem(offset, format!("the year {year} has {holding} thresholds, and needs one"));
        }
    }
}

/// Reads sentences with their sources.
fn notes<'d>(document: &'d TomlReader<'d>, value: &'d Value<'d>) -> Option<Vec<CitedText>> {
    let note = |value| {
        let table = document.table(value)?;
        let (text, source) = (table.text("text"), source(&table));
        table.finish();
        Some(CitedText { why: text?, source: source? })
    };
    let all: Vec<_> = document.array(value)?.iter().map(note).collect();
    all.into_iter().collect()
}

fn statement<'d>(document: &'d TomlReader<'d>, value: &'d Spanned<DeValue<'d>>) -> Option<MeasureStatement> {
    let table = document.table(value)?;
    let statement = table.text("text").zip(table.text("cite"));
    table.finish();
    statement.map(|(text, cite)| MeasureStatement { text, cite })
}

fn gate<'d>(
    document: &'d TomlReader<'d>,
    value: &'d Value<'d>,
    rules: &RuleParser<'d, '_>,
) -> Option<LocationRequirement> {
    let table = document.table(value)?;
    let (section, why) = (rules.section(&table, ENCOUNTER_COLUMNS, "in"), explanation(&table));
    table.finish();
    Some(LocationRequirement { section: section?, why: why? })
}

fn points<'d>(document: &'d TomlReader<'d>, value: &'d Value<'d>) -> Option<PointScale> {
    let table = document.table(value)?;
    let of = table
        .require("of")
        .and_then(|value| document.number(value, 1..101, "a whole number of points is expected here"));
    let why = explanation(&table);
    table.finish();
    Some(PointScale { of: of? as u32, why: why? })
}

/// Returns the period rules of the extended rule set. Rules for all of its years become rules for all years of this one.
fn inherited_periods(base: Option<&Edition>, years: Option<ProgramYears>) -> Vec<PeriodRule> {
    let inherit = |base: &Edition| {
        let of_all_years = |rule: &PeriodRule| rule.years == base.years;
        let years = |rule: &PeriodRule| years.filter(|_| of_all_years(rule)).unwrap_or(rule.years);
        base.periods.iter().map(|rule| PeriodRule { years: years(rule), ..rule.clone() }).collect()
    };
    base.map_or_else(Vec::new, inherit)
}

fn period_rules<'d>(
    document: &'d TomlReader<'d>,
    value: &'d Value<'d>,
    of_edition: ProgramYears,
) -> Option<Vec<PeriodRule>> {
    let all: Vec<_> =
        document.array(value)?.iter().map(|value| period_rule(document, value, of_edition)).collect();
    all.into_iter().collect()
}

/// The values of `form`.
#[derive(Clone, Copy, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
enum PeriodFormWord {
    Quarter,
    Days,
    DaysOrMore,
}

fn period_rule<'d>(
    document: &'d TomlReader<'d>,
    value: &'d Value<'d>,
    of_edition: ProgramYears,
) -> Option<PeriodRule> {
    let table = document.table(value)?;
    let participant = table.word("participant");
    let years = match table.get("years") {
        Some(value) => years(document, value),
        None => Some(of_edition),
    };
    let form = table.word("form");
    let days = || {
        let value = table.require("days")?;
        document
            .number(value, 1..367, "a number of days from 1 to 366 is expected here")
            .map(|days| days as i32)
    };
    let form = match form {
        Some(PeriodFormWord::Quarter) => Some(PeriodForm::Quarter),
        Some(PeriodFormWord::Days) => days().map(PeriodForm::Days),
        Some(PeriodFormWord::DaysOrMore) => days().map(PeriodForm::DaysOrMore),
        None => None,
    };
    let ends_before = match table.get("ends_before") {
        Some(value) => month_and_day(document, value).map(Some),
        None => Some(None),
    };
    let why = explanation(&table);
    table.finish();
    Some(PeriodRule {
        participant: participant?,
        years: years?,
        form: form?,
        ends_before: ends_before?,
        why: why?,
    })
}

/// Parses a month and a day, such as `10-31`.
fn month_and_day<'d>(document: &'d TomlReader<'d>, value: &'d Value<'d>) -> Option<(u32, u32)> {
    let text = document.text(value)?;
    let day = Day::parse(format!("2001-{text}").as_bytes());
    if day.is_none() {
        document.problem(value.span().start, "a day of the year is written as 10-31, the month first");
    }
    day.map(Day::month_and_day)
}

fn policies<'d>(document: &'d TomlReader<'d>, value: &'d Value<'d>) -> Option<BTreeMap<String, Policy>> {
    let table = document.table(value)?;
    let read = |value| {
        let table = document.table(value)?;
        let asks = table.text("asks");
        let choices = table.texts("choices").and_then(|words| {
            let choice = |(offset, word): (usize, String)| {
                let choice = word.parse().ok();
                if choice.is_none() {
                    document.problem(offset, unknown_word(&word, "choices", PolicyChoice::VARIANTS));
                }
                choice
            };
            words.into_iter().map(choice).collect::<Option<Vec<PolicyChoice>>>()
        });
        let default = table.word::<PolicyChoice>("default");
        let by_year = table.get("by_year").map_or(Some(Vec::new()), |value| by_year(document, value));
        let defaults = default.iter().chain(by_year.iter().flatten().map(|(_, choice)| choice));
        for default in defaults {
            if choices.as_ref().is_some_and(|choices| !choices.contains(default)) {
                document.problem(
                    table.offset(),
                    format!("the default `{}` is not among `choices`", default.word()),
                );
            }
        }
        let why = explanation(&table);
        table.finish();
        Some(Policy { asks: asks?, choices: choices?, default: default?, by_year: by_year?, why: why? })
    };
    let all: Vec<_> =
        table.entries().map(|(name, value)| Some((name.get_ref().to_string(), read(value)?))).collect();
    all.into_iter().collect()
}

/// Reads the defaults that differ in some years.
fn by_year<'d>(
    document: &'d TomlReader<'d>,
    value: &'d Value<'d>,
) -> Option<Vec<(ProgramYears, PolicyChoice)>> {
    let table = document.table(value)?;
    let one = |(name, value): (&'d Spanned<_>, &'d Value<'d>)| {
        let name: &std::borrow::Cow<'_, str> = name.get_ref();
        let years = ProgramYears::parse(name);
        if years.is_none() {
            document.problem(value.span().start, "years are written as 2014 or 2017-2018");
        }
        let choice = document.word(value, "by_year");
        Some((years?, choice?))
    };
    let all: Vec<_> = table.entries().map(one).collect();
    all.into_iter().collect()
}

fn exclusions<'d>(
    document: &'d TomlReader<'d>,
    value: &'d Value<'d>,
    rules: &RuleParser<'d, '_>,
) -> Option<Vec<Exclusion>> {
    let read = |value| {
        let table = document.table(value)?;
        let (id, text, source) = (table.text("id"), table.text("text"), source(&table));
        let years = match table.get("years") {
            Some(value) => years(document, value).map(Some),
            None => Some(None),
        };
        let test = match table.get("test") {
            Some(_) => test(document, &table, rules).map(Some),
            None => Some(None),
        };
        table.finish();
        Some(Exclusion { id: id?, years: years?, text: text?, test: test?, source: source? })
    };
    let all: Vec<_> = document.array(value)?.iter().map(read).collect();
    all.into_iter().collect()
}

/// The values of `test`.
#[derive(Clone, Copy, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
enum TestWord {
    None,
    HalfInShortCounties,
}

fn test<'d>(
    document: &'d TomlReader<'d>,
    table: &TomlTable<'d>,
    rules: &RuleParser<'d, '_>,
) -> Option<ExclusionTest> {
    let word = table.word::<TestWord>("test");
    let section = rules.section(table, ENCOUNTER_COLUMNS, "in");
    if word? == TestWord::None {
        return Some(ExclusionTest::None(section?));
    }
    let mbps = table
        .require("mbps")
        .and_then(|value| document.number(value, 1..1000, "a whole number of Mbps is expected here"));
    Some(ExclusionTest::HalfInShortCounties(section?, mbps? as u32))
}

fn numerator<'d>(
    document: &'d TomlReader<'d>,
    value: &'d Value<'d>,
    rules: &RuleParser<'d, '_>,
) -> Option<(NumeratorSource, AttributionScope, crate::edition::model::RuleList)> {
    let table = document.table(value)?;
    let counts = match table.get("of") {
        Some(_) => table.word("of"),
        None => Some(NumeratorSource::Messages),
    };
    let counts_for = match table.get("addressee") {
        Some(_) => table.word("addressee"),
        None => Some(AttributionScope::Named),
    };
    let columns = match counts? {
        NumeratorSource::Messages => MESSAGE_COLUMNS,
        NumeratorSource::Accesses => ACCESS_COLUMNS,
    };
    let section = rules.section(&table, columns, "counts");
    table.finish();
    Some((counts?, counts_for?, section?))
}
