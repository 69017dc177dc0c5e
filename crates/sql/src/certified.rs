//! SQL for whether a channel is certified on the day of a row.

use crate::cte::{CaseArm, case};
use crate::dialect::SqlDialect;
use crate::lists::in_list;
use crate::predicate::{ColumnValueCase, SqlColumn};
use crate::proof::DatedChannel;
use mucalc_core::domain::channel::{ChannelCertifications, ChannelCode};
use mucalc_core::domain::period::{Day, Period};
use mucalc_core::domain::words::{Certified, DayRelation};
use mucalc_core::edition::window::CountingWindow;

/// Returns an expression for whether the channel in the column `channel` is certified on the day.
pub(super) fn certified(channels: &ChannelCertifications, dialect: SqlDialect) -> String {
    let word = |certified: Certified| format!("'{}'", Certified::LIST.word(certified.code()));
    let mut arms = Vec::new();
    let (steady, dated): (Vec<ChannelCode>, Vec<ChannelCode>) =
        channels.codes().partition(|channel| channels.constant_status(*channel).is_some());
    // A channel without a declared status is unknown.
    for one in [Certified::Yes, Certified::No] {
        let names: Vec<String> = steady
            .iter()
            .filter(|channel| channels.constant_status(**channel) == Some(one))
            .map(|channel| channels.name(*channel).to_owned())
            .collect();
        if !names.is_empty() {
            arms.push(CaseArm::new(in_list(dialect, "channel", &names), word(one)));
        }
    }
    for channel in dated {
        let named = format!("channel = {}", dialect.literal(channels.name(channel)));
        let undated = dialect.literal(&undated_certification(channels, channel));
        arms.push(CaseArm::new(format!("{named} AND day = 'unknown'"), undated));
        // Between two bounds, the status is the same on all days.
        let mut bounds: Vec<Day> = channels.boundary_dates().collect();
        bounds.sort_unstable();
        bounds.dedup();
        let mut before = Day::FIRST;
        for bound in bounds {
            let last = bound.add_days(-1);
            arms.push(CaseArm::new(
                format!("{named} AND day < '{bound}'"),
                word(channels.over_period(channel, Period { first: before, last })),
            ));
            before = bound;
        }
        arms.push(CaseArm::new(
            named,
            word(channels.over_period(channel, Period { first: before, last: Day::NEVER })),
        ));
    }
    case(&arms, "'unknown'")
}

/// Adds the values for rows whose day is unknown, and whose channel is certified on some days only.
pub(super) fn add_dated(
    column: &mut SqlColumn,
    channels: &ChannelCertifications,
    windows: &CountingWindow,
) -> Vec<DatedChannel> {
    let mut all = Vec::new();
    for channel in channels.codes().filter(|channel| channels.constant_status(*channel).is_none()) {
        let place =
            |(place, spans): (DayRelation, Vec<Period>)| (place, channels.over_periods(channel, &spans));
        let places: Vec<(DayRelation, Certified)> = windows.regions().map(place).collect();
        all.push(DatedChannel { at: column.words.len(), places });
        let means = vec![Certified::Yes.code(), Certified::No.code()];
        column.words.push(ColumnValueCase { word: undated_certification(channels, channel), means });
    }
    all
}

/// Returns the value for whether a channel is certified on an unknown day.
fn undated_certification(channels: &ChannelCertifications, channel: ChannelCode) -> String {
    let dated = channels.codes().filter(|channel| channels.constant_status(*channel).is_none());
    format!("undated-{}", dated.take_while(|known| *known != channel).count() + 1)
}
