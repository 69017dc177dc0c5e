//! Time zones: IANA names, and the common names of time zones in the United States.

use chrono_tz::Tz;
use mucalc_core::domain::text::{did_you_mean, normalize_key};

/// Returns the time zone with an IANA name.
///
/// # Errors
/// If no zone has the name. The error is a message that suggests the zone that was probably meant.
pub fn zone(name: &str) -> Result<Tz, String> {
    name.parse().map_err(|_| {
        let hint = match iana_from_us_name(name) {
            Some(zone) => format!("; did you mean `{zone}`?"),
            None => did_you_mean(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())),
        };
        format!("not an IANA time zone such as America/New_York{hint}")
    })
}

/// Returns the IANA name of a US time zone, given a common name such as `CST` or `Eastern Time`.
fn iana_from_us_name(text: &str) -> Option<&'static str> {
    let text = normalize_key(text);
    let names = |zone: &&(&str, &[&str])| {
        zone.1.iter().any(|name| text == *name || text.strip_suffix("time").is_some_and(|text| text == *name))
    };
    ZONES.iter().find(names).map(|(zone, _)| *zone)
}

/// Returns the zone that a practice probably means by `EST` or `MST`. In the IANA database these zones have no daylight saving time.
pub fn fixed_offset_zone(name: &str) -> Option<&'static str> {
    matches!(name, "EST" | "MST").then(|| iana_from_us_name(name)).flatten()
}

const ZONES: [(&str, &[&str]); 8] = [
    (
        "America/New_York",
        &["est", "edt", "et", "eastern", "easternstandard", "useastern", "nyc", "utc5", "gmt5"],
    ),
    ("America/Chicago", &["cst", "cdt", "ct", "central", "centralstandard", "uscentral", "utc6", "gmt6"]),
    ("America/Denver", &["mst", "mdt", "mt", "mountain", "mountainstandard", "usmountain", "utc7", "gmt7"]),
    ("America/Los_Angeles", &["pst", "pdt", "pt", "pacific", "pacificstandard", "uspacific", "utc8", "gmt8"]),
    ("America/Anchorage", &["akst", "akdt", "alaska", "alaskan"]),
    ("Pacific/Honolulu", &["hst", "hdt", "hawaii", "hawaiian"]),
    ("America/Phoenix", &["arizona"]),
    ("America/Puerto_Rico", &["ast", "adt", "atlantic"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_people_use_are_known_and_every_answer_is_a_zone() {
        for (name, zone) in [
            ("CST", Some("America/Chicago")),
            ("Eastern Time", Some("America/New_York")),
            ("US/Pacific ", Some("America/Los_Angeles")),
            ("UTC-6", Some("America/Chicago")),
            ("Europe/Paris", None),
            ("", None),
        ] {
            assert_eq!(iana_from_us_name(name), zone, "{name}");
        }
        assert!(ZONES.iter().all(|(zone, _)| zone.parse::<chrono_tz::Tz>().is_ok()));
        assert_eq!(fixed_offset_zone("EST"), Some("America/New_York"));
        assert_eq!(fixed_offset_zone("America/Chicago"), None);
    }
}
