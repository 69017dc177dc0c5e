//! What is known of encounters beside their rows, of their places: whether certified EHR technology keeps their records, and whether their
//! county is short of broadband.

use std::collections::{BTreeMap, HashMap};

use mucalc_core::domain::words::Cehrt;

/// What is known of the places of encounters.
#[derive(Clone, Debug, Default)]
pub struct LocationTable {
    /// Whether certified EHR technology keeps the records of a location; any other location is certified.
    pub locations: BTreeMap<String, bool>,
    /// Whether a county is short of broadband, by its FIPS code without zeros at the front; none without a table of counties.
    pub counties: Option<HashMap<String, bool>>,
    /// The supervisor of a provider, whose patients are the supervisor's too (B44); empty unless they count for both.
    pub supervisors: HashMap<Box<[u8]>, Box<[u8]>>,
}

impl LocationTable {
    /// Whether nothing is known, so that every place is taken for certified and no county is known.
    pub fn is_empty(&self) -> bool {
        self.locations.is_empty() && self.counties.is_none()
    }

    /// Whether certified EHR technology keeps the records of a location.
    pub fn cehrt(&self, location: Option<&[u8]>) -> Cehrt {
        match location {
            _ if self.locations.is_empty() => Cehrt::Yes,
            None => Cehrt::Unknown,
            Some(location) => {
                match std::str::from_utf8(location).ok().and_then(|name| self.locations.get(name)) {
                    Some(false) => Cehrt::No,
                    _ => Cehrt::Yes,
                }
            }
        }
    }

    /// Returns whether the configuration speaks of locations, but not of this one.
    pub fn is_unlisted(&self, location: Option<&[u8]>) -> bool {
        let name = location.and_then(|location| std::str::from_utf8(location).ok());
        !self.locations.is_empty() && name.is_some_and(|name| !self.locations.contains_key(name))
    }

    /// Whether a county is short of broadband; none where it is not known.
    pub fn is_short(&self, county: Option<&[u8]>) -> Option<bool> {
        let code = std::str::from_utf8(county?).ok()?;
        self.counties.as_ref()?.get(bare(code)).copied()
    }
}

/// A FIPS code without zeros at the front, which spreadsheets drop.
pub fn bare(code: &str) -> &str {
    code.trim().trim_start_matches('0')
}
