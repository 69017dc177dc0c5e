//! Facts about encounters that are not in their rows: whether certified EHR technology keeps the records of their location, and whether
//! their county is short of broadband.

use std::collections::{BTreeMap, HashMap};

use mucalc_core::domain::words::CehrtLocation;

/// Facts about the locations, counties, and providers of encounters.
#[derive(Clone, Debug, Default)]
pub struct LocationTable {
    /// Whether certified EHR technology keeps the records of a location. A location that is not listed is certified.
    pub locations: BTreeMap<String, bool>,
    /// Whether a county is short of broadband, by its FIPS code without leading zeros; `None` without a table of counties.
    pub counties: Option<HashMap<String, bool>>,
    /// Supervisor of a provider, whose patients are also patients of the supervisor (B44). Empty unless they count for both.
    pub supervisors: HashMap<Box<[u8]>, Box<[u8]>>,
}

impl LocationTable {
    /// Returns whether no location and no county is known. Every location is then certified, and every county unknown.
    pub fn is_empty(&self) -> bool {
        self.locations.is_empty() && self.counties.is_none()
    }

    /// Returns whether certified EHR technology keeps the records of a location.
    pub fn cehrt(&self, location: Option<&[u8]>) -> CehrtLocation {
        match location {
            _ if self.locations.is_empty() => CehrtLocation::Yes,
            None => CehrtLocation::Unknown,
            Some(location) => {
                match std::str::from_utf8(location).ok().and_then(|name| self.locations.get(name)) {
                    Some(false) => CehrtLocation::No,
                    _ => CehrtLocation::Yes,
                }
            }
        }
    }

    /// Returns whether the configuration lists locations, but not this one.
    pub fn is_unmapped(&self, location: Option<&[u8]>) -> bool {
        let name = location.and_then(|location| std::str::from_utf8(location).ok());
        !self.locations.is_empty() && name.is_some_and(|name| !self.locations.contains_key(name))
    }

    /// Returns whether a county is short of broadband, or `None` if unknown.
    pub fn lacks_broadband(&self, county: Option<&[u8]>) -> Option<bool> {
        let code = std::str::from_utf8(county?).ok()?;
        self.counties.as_ref()?.get(bare(code)).copied()
    }
}

/// Returns a FIPS code without leading zeros, which spreadsheets drop.
pub fn bare(code: &str) -> &str {
    code.trim().trim_start_matches('0')
}
