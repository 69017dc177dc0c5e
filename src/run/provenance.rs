//! Provenance: when and where a report was calculated, on request. Nothing else in a report depends on it.

use chrono::{DateTime, SecondsFormat, Utc};

use mucalc_core::domain::report::Provenance;

/// Returns the current time and the name of the computer.
pub fn stamp() -> Provenance {
    let now: DateTime<Utc> = std::time::SystemTime::now().into();
    let of_system = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named =
        of_system.or_else(|| std::env::var("HOSTNAME").or_else(|_| std::env::var("COMPUTERNAME")).ok());
    let host = named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    Provenance { at: now.to_rfc3339_opts(SecondsFormat::Secs, true), host }
}
