//! SQL that makes local days of the text of days and times, and places them relative to the period. It uses text functions, so the engine's
//! own ideas of days and zones do not matter.

use chrono::{NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::cte::{CaseArm, CteBuilder, case};
use crate::dialect::SqlDialect;
use crate::predicate::ColumnValueCase;
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::words::{DayRelation, UNKNOWN};
use mucalc_core::edition::window::CountingWindow;

/// A pattern for days that exist. It also matches the year 0, which does not.
const DAY: &str = "([0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)|[0-9]{4}-02-(0[1-9]|1[0-9]|2[0-8])|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)";

/// A pattern for a time of day, with the separator between the day and the time.
const TIME: &str = "[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?";

/// A pattern for the last moment of a day, which is not the first of the next one.
const LAST_MOMENT: &str = "[T ]24:00(:00([.]0+)?)?";

/// A pattern for how far a time is ahead of UTC.
const ZONE: &str = "(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])";

/// The value for a day that is around the period or outside, if the window has an open end.
pub(super) const AROUND_OR_OUTSIDE: &str = "around-or-outside";

/// Returns a condition for a local time, as opposed to a day without a time.
pub(super) fn is_local_time(dialect: SqlDialect, text: &str) -> String {
    dialect.matches(text, &format!("^{DAY}{TIME}$"))
}

/// Returns an expression for the form of a day or time: `empty`, `local`, `zoned` (a time with a zone), or `unreadable`.
pub(super) fn form(dialect: SqlDialect, text: &str) -> String {
    let placeholders = Day::PLACEHOLDERS.map(|day| format!("'{day}'")).join(", ");
    case(
        &[
            CaseArm::new(format!("{text} = ''"), "'empty'"),
            CaseArm::new(format!("SUBSTR({text}, 1, 4) = '0000'"), "'unreadable'"),
            CaseArm::new(format!("SUBSTR({text}, 1, 10) IN ({placeholders})"), "'unreadable'"),
            CaseArm::new(dialect.matches(text, &format!("^{DAY}({TIME}|{LAST_MOMENT})?$")), "'local'"),
            CaseArm::new(dialect.matches(text, &format!("^{DAY}{TIME}{ZONE}$")), "'zoned'"),
        ],
        "'unreadable'",
    )
}

/// Returns an expression for the time of the last change, in which later times sort after earlier ones of the same kind. It is empty if the
/// time cannot be compared as text, for example because its zone is not UTC.
pub(super) fn updated_key(dialect: SqlDialect, text: &str) -> String {
    let whole = |time: &str| {
        let time = format!("SUBSTR({time}, 1, 10) || 'T' || SUBSTR({time}, 12)");
        // A time without seconds is at the full minute.
        case(&[CaseArm::new(format!("LENGTH({time}) = 16"), format!("{time} || ':00'"))], &time)
    };
    let utc = "(Z|[+-]00:?00)";
    let without_zone = case(
        &[
            CaseArm::new(
                format!("SUBSTR({text}, LENGTH({text}), 1) = 'Z'"),
                format!("SUBSTR({text}, 1, LENGTH({text}) - 1)"),
            ),
            CaseArm::new(
                format!("SUBSTR({text}, LENGTH({text}) - 2, 1) = ':'"),
                format!("SUBSTR({text}, 1, LENGTH({text}) - 6)"),
            ),
        ],
        &format!("SUBSTR({text}, 1, LENGTH({text}) - 5)"),
    );
    case(
        &[
            CaseArm::new(dialect.matches(text, &format!("^{DAY}$")), format!("'1' || {text}")),
            CaseArm::new(
                dialect.matches(text, &format!("^{DAY}{TIME}$")),
                format!("'2' || {}", in_parentheses(&whole(text))),
            ),
            CaseArm::new(
                dialect.matches(text, &format!("^{DAY}{TIME}{utc}$")),
                format!("'3' || {}", in_parentheses(&whole(&in_parentheses(&without_zone)))),
            ),
        ],
        "''",
    )
}

fn in_parentheses(text: &str) -> String {
    format!("({text})")
}

/// Returns an expression for the local day in a text, or `unknown`. A time with a zone is `unknown`.
pub(super) fn local_day(text: &str) -> String {
    case(&[CaseArm::new("date_form = 'local'", format!("SUBSTR({text}, 1, 10)"))], "'unknown'")
}

/// Adds the steps that make a column `day`, the local day of the practice, of the column `text`, in which times may have a zone. Returns
/// the name of the last step, which has all columns of `from`.
pub(super) fn zoned_days(
    steps: &mut CteBuilder,
    dialect: SqlDialect,
    from: &str,
    prefix: &str,
    text: &str,
    zone: Tz,
    years: (i32, i32),
) -> String {
    let every = |more: &[(String, &str)], from: &str| {
        let more: Vec<String> =
            more.iter().map(|(text, name)| format!(",\n{text} AS {name}").replace('\n', "\n  ")).collect();
        format!("SELECT\n  *{}\nFROM {from}", more.concat())
    };
    let [zoned, apart, utc] = ["zoned", "apart", "utc"].map(|step| format!("{prefix}_{step}"));
    let zone_of = case(
        &[
            CaseArm::new("date_form <> 'zoned'", "''"),
            CaseArm::new(format!("SUBSTR({text}, LENGTH({text}), 1) = 'Z'"), "'+0000'"),
            CaseArm::new(
                format!("SUBSTR({text}, LENGTH({text}) - 2, 1) = ':'"),
                format!("SUBSTR({text}, LENGTH({text}) - 5, 3) || SUBSTR({text}, LENGTH({text}) - 1, 2)"),
            ),
        ],
        &format!("SUBSTR({text}, LENGTH({text}) - 4, 5)"),
    );
    steps.add(&zoned, "how far times with a zone are ahead of UTC", every(&[(zone_of, "zone")], from));
    // Rows without such a time have a substitute, because no expression may fail for a row that does not need it.
    let time = case(
        &[CaseArm::new("zone = ''", "'1970-01-01 00:00:00'")],
        &format!("SUBSTR({text}, 1, 10) || ' ' || SUBSTR({text}, 12, 5) || ':00'"),
    );
    let number = |from: usize| {
        format!("CAST(SUBSTR(CASE WHEN zone = '' THEN '+0000' ELSE zone END, {from}, 2) AS INTEGER)")
    };
    let sign = "CASE WHEN SUBSTR(zone, 1, 1) = '-' THEN 1 ELSE -1 END".to_owned();
    steps.add(
        &apart,
        "the parts of such a time",
        every(
            &[(time, "zoned"), (number(2), "zone_hours"), (number(4), "zone_minutes"), (sign, "zone_sign")],
            &zoned,
        ),
    );
    let later = dialect.add_minutes("zoned", "zone_sign * (zone_hours * 60 + zone_minutes)");
    steps.add(&utc, "the same in UTC", every(&[(later, "utc")], &apart));
    let offsets = offsets(zone, years);
    let arms: Vec<CaseArm> = offsets
        .until
        .iter()
        .map(|(until, minutes)| CaseArm::new(format!("utc < '{until}'"), minutes.to_string()))
        .collect();
    let ahead = case(&arms, &offsets.last.to_string());
    let ahead_step = format!("{prefix}_ahead");
    steps.add(
        &ahead_step,
        &format!("how far the clocks of {} are ahead of UTC then", zone.name()),
        every(&[(ahead, "ahead")], &utc),
    );
    let day = case(
        &[
            CaseArm::new("date_form = 'local'", format!("SUBSTR({text}, 1, 10)")),
            CaseArm::new("zone <> ''", format!("SUBSTR({}, 1, 10)", dialect.add_minutes("utc", "ahead"))),
        ],
        "'unknown'",
    );
    let last = format!("{prefix}_dated");
    steps.add(&last, "the local day", every(&[(day, "day")], &ahead_step));
    last
}

/// How many minutes a zone is ahead of UTC.
struct Offsets {
    /// Offset before each of these times, which are in UTC.
    until: Vec<(String, i32)>,
    /// Offset from the last of these times on.
    last: i32,
}

/// Returns the offsets of a zone from the beginning of one year to the end of another. Before and after, they are as at these ends.
fn offsets(zone: Tz, (first, last): (i32, i32)) -> Offsets {
    let at = |time: NaiveDateTime| zone.offset_from_utc_datetime(&time).fix().local_minus_utc() / 60;
    let midnight = |year: i32| {
        NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MAX).and_hms_opt(0, 0, 0).unwrap_or_default()
    };
    let (mut time, end) = (midnight(first), midnight(last.saturating_add(1)));
    let mut until = Vec::new();
    let mut offset = at(time);
    while time < end {
        let next = time + TimeDelta::hours(1);
        if at(next) != offset {
            let minute =
                (1..=60).map(|minute| time + TimeDelta::minutes(minute)).find(|time| at(*time) != offset);
            let change = minute.unwrap_or(next);
            until.push((change.format("%Y-%m-%d %H:%M:%S").to_string(), offset));
            offset = at(change);
        }
        time = next;
    }
    Offsets { until, last: offset }
}

/// Returns the values for where a day is, and what each may mean.
pub(super) fn possible_relations(windows: &CountingWindow) -> Vec<ColumnValueCase> {
    let regions: Vec<u8> = windows.regions().map(|(place, _)| place.code()).collect();
    let list = DayRelation::LIST;
    let one = |code: u8| ColumnValueCase { word: list.word(code).to_owned(), means: vec![code] };
    let mut words: Vec<ColumnValueCase> = [DayRelation::Inside, DayRelation::Around, DayRelation::Outside]
        .map(|place| one(place.code()))
        .into();
    if windows.is_open() {
        let means = vec![DayRelation::Around.code(), DayRelation::Outside.code()];
        words.push(ColumnValueCase { word: AROUND_OR_OUTSIDE.to_owned(), means });
    }
    words.push(ColumnValueCase { word: UNKNOWN.to_owned(), means: regions });
    words
}

/// Returns an expression for where the day in the column `day` is.
pub(super) fn relation(windows: &CountingWindow) -> String {
    let mut arms =
        vec![CaseArm::new("day = 'unknown'", "'unknown'"), CaseArm::new(within(windows.period), "'inside'")];
    let hull = windows.span();
    if hull != windows.period {
        arms.push(CaseArm::new(within(hull), "'around'"));
    }
    if windows.is_open() {
        arms.push(CaseArm::new(format!("day > '{}'", hull.last), format!("'{AROUND_OR_OUTSIDE}'")));
    }
    case(&arms, "'outside'")
}

fn within(Period { first, last }: Period) -> String {
    format!("day BETWEEN '{first}' AND '{last}'")
}

/// Returns the first and last year of some days, with one more at either end.
pub(super) fn years_around(days: impl Iterator<Item = Day>) -> (i32, i32) {
    use chrono::Datelike;
    let years: Vec<i32> = days.map(|day| day.to_naive_date().year()).collect();
    let (first, last) = (years.iter().min().copied(), years.iter().max().copied());
    (first.unwrap_or(1970) - 1, last.unwrap_or(1970) + 1)
}
