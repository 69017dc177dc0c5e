//! When and where a report was computed, for those who ask: nothing else in a report hangs on it.

use chrono::{DateTime, SecondsFormat, Utc};

use mucalc_core::domain::report::Provenance;

/// The clock and the name of the machine.
pub fn stamp() -> Provenance {
    let now: DateTime<Utc> = std::time::SystemTime::now().into();
    let of_system = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named =
        of_system.or_else(|| std::env::var("HOSTNAME").or_else(|_| std::env::var("COMPUTERNAME")).ok());
    let host = named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    Provenance { at: now.to_rfc3339_opts(SecondsFormat::Secs, true), host }
}
