//! The two sides of the measure: encounters, and the rows of the numerator, each judged by its rules.

use crate::domain::channel::{ChannelCode, Channels};
use crate::domain::period::{Day, Period};
use crate::domain::words::{ACTOR, Cehrt, Certified, DayIn, RECIPIENT, SENDER, UNKNOWN, WordList};
use crate::edition::DecisionTable;
use crate::edition::model::{Counted, Section};
use crate::edition::window::Windows;
use crate::layout::fit::Kind;
use crate::warehouse::days;
use crate::warehouse::dialect::Dialect;
use crate::warehouse::door::{Door, in_list};
use crate::warehouse::judge::Judge;
use crate::warehouse::predicate::{Column, Word};
use crate::warehouse::proof::{Dated, prove};
use crate::warehouse::steps::{Arm, Steps, case, select};
use crate::warehouse::{Order, Source, Unfit};

/// Both sides.
pub(super) struct Sides {
    /// The encounters.
    pub encounters: Side,
    /// The rows of the numerator.
    pub numerator: Side,
    /// How many combinations of words were tried.
    pub tried: u64,
}

/// The judged rows of one side.
pub(super) struct Side {
    /// Which input it is.
    pub kind: Kind,
    /// The ids of the rules, in their order.
    pub rules: Vec<String>,
    /// The step with all rows, judged.
    pub judged: String,
    /// Which of them can be attributed; the others are rejected.
    pub attributed: &'static str,
}

impl Sides {
    /// Adds the steps that judge both sides.
    pub fn add(order: &Order<'_>, steps: &mut Steps) -> Result<Self, Unfit> {
        let period = Windows::new(order.period, None, None);
        let windows = Windows::new(order.period, order.edition.numerator.window, order.attested);
        let (encounters, one) =
            side(order, steps, Kind::Encounters, order.encounters, &order.edition.denominator, &period)?;
        let kind = match order.edition.counts {
            Counted::Messages => Kind::Messages,
            Counted::Accesses => Kind::Accesses,
        };
        let (numerator, other) =
            side(order, steps, kind, order.numerator, &order.edition.numerator, &windows)?;
        Ok(Self { encounters, numerator, tried: one + other })
    }
}

/// The columns of an input that are no words of a rule.
struct Plain {
    date: &'static str,
    id: &'static str,
}

fn plain(kind: Kind) -> Plain {
    match kind {
        Kind::Encounters => Plain { date: "started_at", id: "encounter_id" },
        Kind::Accesses => Plain { date: "accessed_at", id: "access_id" },
        _ => Plain { date: "sent_at", id: "message_id" },
    }
}

fn side(
    order: &Order<'_>,
    steps: &mut Steps,
    kind: Kind,
    source: &Source,
    section: &Section,
    windows: &Windows,
) -> Result<(Side, u64), Unfit> {
    let dialect = order.dialect;
    let door = Door { dialect, layout: order.layout, kind, source };
    let Plain { date, id } = plain(kind);
    let prefix = kind.word();
    let asked: Vec<&'static WordList> =
        section.columns.iter().copied().filter(|list| is_asked(section, list)).collect();

    // Which of our columns the rules need.
    let mut wanted = vec!["patient_id", "provider_id", id, date];
    wanted.extend(asked.iter().filter_map(|list| match list.name {
        name if name == DayIn::LIST.name => None,
        name if name == Certified::LIST.name => Some("channel"),
        name if name == Cehrt::LIST.name => (!order.locations.is_empty()).then_some("location_id"),
        name => Some(name),
    }));
    let read = door.read(steps, &wanted)?;
    let has = |name: &str| read.columns.contains(&name);
    let text = |name: &'static str| if has(name) { name.to_owned() } else { "''".to_owned() };

    // Days.
    let mut step = format!("{prefix}_formed");
    let formed = [("*".to_owned(), "*"), (days::form(dialect, date), "date_form")];
    steps.add(&step, "of what form days and times are", select(&formed, &format!("FROM {}", read.step)));
    let day = match order.zone {
        Some(zone) => {
            let certified = order.channels.bounds();
            let hull = windows.hull();
            // Where the window has no end, the days that follow are told too.
            let open = windows.is_open().then(|| hull.last.plus(3 * 365));
            let bounds = [hull.first, hull.last].into_iter().chain(open).chain(certified);
            let years = days::years_around(bounds);
            step = days::zoned_days(steps, dialect, &step, prefix, date, zone, years);
            "day".to_owned()
        }
        None => days::local_day(date),
    };

    // Words.
    let mut items: Vec<(String, &'static str)> = vec![
        (text("patient_id"), "patient_id"),
        (text("provider_id"), "provider_id"),
        (text(id), "row_id"),
        (day, "day"),
    ];
    let mut unlisted = Vec::new();
    for list in &asked {
        let (ours, value) = match list.name {
            name if name == DayIn::LIST.name => continue,
            name if name == Cehrt::LIST.name => ("cehrt", cehrt(order, has("location_id"))),
            name => {
                let ours = if name == Certified::LIST.name { "channel" } else { name };
                match has(ours) {
                    true => {
                        unlisted.push(door.is_unlisted(ours));
                        (ours, door.word(ours, order.channels))
                    }
                    false => (ours, absent(kind, ours)),
                }
            }
        };
        items.push((value, ours));
    }
    // What cannot be told is counted.
    items.push(("date_form".to_owned(), "date_form"));
    let several: Vec<String> =
        unlisted.iter().map(|test| format!("CASE WHEN {test} THEN 1 ELSE 0 END")).collect();
    items.push((if several.is_empty() { "0".to_owned() } else { several.join("\n  + ") }, "unknown_words"));
    let told = format!("{prefix}_told");
    steps.add(
        &told,
        "our words and the local day; what is not said is unknown",
        select(&items, &format!("FROM {step}")),
    );

    // Where the day lies, and whether the channel is certified then.
    let passed = ["patient_id", "provider_id", "row_id", "day", "date_form", "unknown_words"];
    let mut items: Vec<(String, &'static str)> = passed.map(|name| (name.to_owned(), name)).into();
    for list in &asked {
        items.push(match list.name {
            name if name == DayIn::LIST.name => (days::place(windows), "day_in"),
            name if name == Certified::LIST.name => (certified(order.channels, dialect), "certified"),
            name => (name.to_owned(), name),
        });
    }
    let placed = format!("{prefix}_placed");
    steps.add(&placed, "where the day lies", select(&items, &format!("FROM {told}")));

    // The rules.
    let mut columns: Vec<Column> =
        section.columns.iter().map(|list| column(section, list, windows)).collect();
    let dated = match columns.iter_mut().find(|column| column.name == Certified::LIST.name) {
        Some(column) => add_dated(column, order.channels, windows),
        None => Vec::new(),
    };
    let mut judge = Judge::new(section, order.choices, columns);
    let table = DecisionTable::compile(section, order.choices);
    let tried = prove(&mut judge, &table, &dated).map_err(|row| judge.unfit(&row))?;
    let mut items: Vec<(String, &'static str)> = passed.map(|name| (name.to_owned(), name)).into();
    items.extend(judge.texts(dialect));
    let judged = format!("{prefix}_judged");
    steps.add(
        &judged,
        "the first rule that can decide, and whether the row may be in and must be in",
        select(&items, &format!("FROM {placed}")),
    );
    let attributed = match kind {
        Kind::Encounters => "patient_id <> '' AND provider_id <> ''",
        _ => "patient_id <> ''",
    };
    Ok((Side { kind, rules: table.rules().to_vec(), judged, attributed }, tried))
}

fn is_asked(section: &Section, list: &WordList) -> bool {
    let column = section.columns.iter().position(|column| column.name == list.name);
    let asks =
        |column| section.rules.iter().filter_map(|rule| rule.when.as_ref()).any(|when| when.asks(column));
    column.is_some_and(asks)
}

/// What a column says that the table has not.
fn absent(kind: Kind, ours: &str) -> String {
    let word = match (kind, ours) {
        (Kind::Encounters, "status") => "completed",
        (Kind::Encounters, "seen_by") => "eligible-professional",
        (Kind::Messages, "status") => "sent",
        _ => UNKNOWN,
    };
    format!("'{word}'")
}

/// Whether certified EHR technology keeps the records of an encounter.
fn cehrt(order: &Order<'_>, has_location: bool) -> String {
    if order.locations.is_empty() {
        return "'yes'".to_owned();
    }
    if !has_location {
        return "'unknown'".to_owned();
    }
    let others = order.locations.iter().filter(|(_, certified)| !**certified);
    let others: Vec<String> = others.map(|(name, _)| name.clone()).collect();
    let mut arms = vec![Arm::new("location_id = ''", "'unknown'")];
    if !others.is_empty() {
        arms.push(Arm::new(in_list(order.dialect, "location_id", &others), "'no'"));
    }
    case(&arms, "'yes'")
}

/// Whether the channel in the column `channel` is certified on the day.
fn certified(channels: &Channels, dialect: Dialect) -> String {
    let word = |certified: Certified| format!("'{}'", Certified::LIST.word(certified.code()));
    let mut arms = Vec::new();
    let (steady, dated): (Vec<ChannelCode>, Vec<ChannelCode>) =
        channels.codes().partition(|channel| channels.always(*channel).is_some());
    // What is said of none is not known.
    for one in [Certified::Yes, Certified::No] {
        let names: Vec<String> = steady
            .iter()
            .filter(|channel| channels.always(**channel) == Some(one))
            .map(|channel| channels.name(*channel).to_owned())
            .collect();
        if !names.is_empty() {
            arms.push(Arm::new(in_list(dialect, "channel", &names), word(one)));
        }
    }
    for channel in dated {
        let named = format!("channel = {}", dialect.literal(channels.name(channel)));
        let undated = dialect.literal(&undated(channels, channel));
        arms.push(Arm::new(format!("{named} AND day = 'unknown'"), undated));
        // Between two bounds it is the same on all days.
        let mut bounds: Vec<Day> = channels.bounds().collect();
        bounds.sort_unstable();
        bounds.dedup();
        let mut before = Day::FIRST;
        for bound in bounds {
            let last = bound.plus(-1);
            arms.push(Arm::new(
                format!("{named} AND day < '{bound}'"),
                word(channels.over(channel, Period { first: before, last })),
            ));
            before = bound;
        }
        arms.push(Arm::new(named, word(channels.over(channel, Period { first: before, last: Day::NEVER }))));
    }
    case(&arms, "'unknown'")
}

/// Adds the words for rows of channels that are certified on some days only, whose day is not known.
fn add_dated(column: &mut Column, channels: &Channels, windows: &Windows) -> Vec<Dated> {
    let mut all = Vec::new();
    for channel in channels.codes().filter(|channel| channels.always(*channel).is_none()) {
        let place = |(place, spans): (DayIn, Vec<Period>)| (place, channels.over_all(channel, &spans));
        let places: Vec<(DayIn, Certified)> = windows.regions().map(place).collect();
        all.push(Dated { at: column.words.len(), places });
        let means = vec![Certified::Yes.code(), Certified::No.code()];
        column.words.push(Word { word: undated(channels, channel), means });
    }
    all
}

/// The word for whether a channel is certified on a day that is not known.
fn undated(channels: &Channels, channel: ChannelCode) -> String {
    let dated = channels.codes().filter(|channel| channels.always(*channel).is_none());
    format!("undated-{}", dated.take_while(|known| *known != channel).count() + 1)
}

/// A column of the rules, as it stands in the text.
fn column(section: &Section, list: &'static WordList, windows: &Windows) -> Column {
    if list.name == DayIn::LIST.name {
        return Column { name: "day_in", words: days::places(windows) };
    }
    let name = match list.name {
        name if name == SENDER.name => "sender",
        name if name == RECIPIENT.name => "recipient",
        name if name == ACTOR.name => "actor",
        name => name,
    };
    let one = |code: u8| Word { word: list.word(code).to_owned(), means: vec![code] };
    let unknown = Word { word: UNKNOWN.to_owned(), means: (0..list.unknown()).collect() };
    // Of what no rule asks, one word is as good as any.
    let told = (0..list.unknown()).filter(|_| is_asked(section, list)).map(one);
    Column { name, words: told.chain([unknown]).collect() }
}
