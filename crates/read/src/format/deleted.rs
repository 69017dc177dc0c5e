//! Finds FHIR resources that the history in a Bundle reports as deleted.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};

use crate::format::shape::Fields;

/// Deleted resources.
#[derive(Default)]
pub struct Deleted {
    /// Deletions by type and id.
    by_name: HashMap<String, Deletion>,
    /// Number of the last entry.
    entries: usize,
}

/// An entry that reports a deletion: its position, and when the resource was deleted.
struct Deletion {
    at: usize,
    when: Option<DateTime<FixedOffset>>,
}

impl Deleted {
    /// Returns the number of the next entry, for use as its position if positions are not known.
    pub fn next(&mut self) -> usize {
        self.entries += 1;
        self.entries
    }

    /// Records an entry of a Bundle, at a position, if it reports a deletion.
    pub fn note(&mut self, entry: &[u8], at: usize) {
        let Some(request) = field(entry, "request") else { return };
        if text(request, "method").is_none_or(|method| !method.eq_ignore_ascii_case("DELETE")) {
            return;
        }
        let Some(url) = text(request, "url") else { return };
        let mut parts = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').rsplit('/');
        let (Some(id), Some(kind)) = (parts.next(), parts.next()) else { return };
        let when = field(entry, "response").and_then(|response| moment(response, "lastModified"));
        let deletion = Deletion { at, when };
        let name = format!("{kind}/{id}");
        // Of several deletions the latest one decides; without times it is the first, since a history has the latest entry first.
        let is_older = self.by_name.get(&name).is_some_and(|known| match known.when.zip(deletion.when) {
            Some((known, when)) => when <= known,
            None => true,
        });
        if !is_older {
            self.by_name.insert(name, deletion);
        }
    }

    /// Returns a resource marked as entered in error, if it was deleted after this version. `at` is its position.
    ///
    /// If one of the times is missing, the positions decide: a history has the latest entry first.
    pub fn marked<'j>(&self, resource: &Cow<'j, [u8]>, at: usize) -> Option<Cow<'j, [u8]>> {
        if self.by_name.is_empty() {
            return None;
        }
        let key = format!("{}/{}", text(resource, "resourceType")?, text(resource, "id")?);
        let deletion = self.by_name.get(&key)?;
        let updated = field(resource, "meta").and_then(|meta| moment(meta, "lastUpdated"));
        let is_older = match updated.zip(deletion.when) {
            Some((updated, when)) => updated <= when,
            None => deletion.at < at,
        };
        let mut fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(resource).ok().filter(|_| is_older)?;
        fields.insert("status".to_owned(), "entered-in-error".into());
        serde_json::to_vec(&fields).ok().map(Cow::Owned)
    }
}

fn field<'j>(object: &'j [u8], name: &str) -> Option<&'j [u8]> {
    Fields::new(object).find(|(key, _)| key == name).map(|(_, value)| &object[value])
}

fn text<'j>(object: &'j [u8], name: &str) -> Option<&'j str> {
    std::str::from_utf8(field(object, name)?).ok()?.strip_prefix('"')?.strip_suffix('"')
}

fn moment(object: &[u8], name: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text(object, name)?).ok()
}
