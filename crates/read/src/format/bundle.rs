//! Reads FHIR Bundles: the resources of their entries, with references inside the Bundle resolved.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::{memchr, memmem};

use crate::format::answer::Answers;
use crate::format::deleted::Deleted;
use crate::format::shape::{Fields, items};

/// A resource of a Bundle.
pub struct Resource<'j> {
    /// Position in the Bundle, in bytes.
    pub begin: usize,
    /// The resource. References to an entry by URN are replaced by references with type and id.
    pub json: Cow<'j, [u8]>,
}

/// Finds the name of the resource type, which few objects have.
static BUNDLE: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"\"Bundle\""));

/// Returns whether an object is a Bundle.
pub fn is_bundle(object: &[u8]) -> bool {
    // Most objects are not, which this search shows quickly.
    BUNDLE.find(object).is_some()
        && Fields::new(object.trim_ascii_start())
            .find(|(key, _)| key == "resourceType")
            .is_some_and(|(_, value)| &object.trim_ascii_start()[value] == b"\"Bundle\"")
}

/// Returns the resources of a Bundle that begins on a line, and of Bundles in it. Adds to `answers` what they show about further pages.
///
/// A resource that an entry reports as deleted is marked as entered in error, unless it was changed after that.
pub fn resources<'j>(bundle: &'j [u8], line: u64, answers: &mut Answers) -> Vec<Resource<'j>> {
    let mut found = Vec::new();
    let mut deleted = Deleted::default();
    let mut each_bundle = |bundle: &[u8]| answers.add_bundle(bundle, line);
    collect(bundle, 0, 0, &mut found, &mut deleted, &mut each_bundle);
    let names = urns(bundle);
    if !names.is_empty() {
        for resource in &mut found {
            let end = resource.begin + resource.json.len();
            resource.json = resolved(&bundle[resource.begin..end], &names);
        }
    }
    for resource in &mut found {
        if let Some(marked) = deleted.marked(&resource.json, resource.begin) {
            resource.json = marked;
        }
    }
    found
}

/// Returns the position of the resource in an entry, or `None` if the entry reports a deletion or is only a response.
pub fn resource_of(entry: &[u8]) -> Option<Range<usize>> {
    Fields::new(entry).find(|(key, _)| key == "resource").map(|(_, value)| value)
}

/// Maximum depth of Bundles inside Bundles, which answers to several searches have.
const DEPTH: usize = 4;

fn collect<'j>(
    bundle: &'j [u8],
    begin: usize,
    depth: usize,
    found: &mut Vec<Resource<'j>>,
    deleted: &mut Deleted,
    each_bundle: &mut impl FnMut(&[u8]),
) {
    each_bundle(bundle);
    for entry in entries(bundle) {
        let Some(resource) = resource_of(&bundle[entry.clone()]) else {
            deleted.note(&bundle[entry.clone()], begin + entry.start);
            continue;
        };
        let at = entry.start + resource.start;
        let json = &bundle[at..entry.start + resource.end];
        if depth < DEPTH && is_bundle(json) {
            collect(json, begin + at, depth + 1, found, deleted, each_bundle);
        } else {
            found.push(Resource { begin: begin + at, json: Cow::Borrowed(json) });
        }
    }
}

/// Returns the positions of the entries of a Bundle.
fn entries(bundle: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let lead = bundle.len() - bundle.trim_ascii_start().len();
    let list = Fields::new(&bundle[lead..]).find(|(key, _)| key == "entry").map(|(_, value)| value);
    let list = list.map_or(0..0, |list| list.start + lead..list.end + lead);
    items(&bundle[list.clone()]).map(move |item| item.start + list.start..item.end + list.start)
}

/// Returns the resource of each entry as `Type/id`, by the URN of the entry.
fn urns(bundle: &[u8]) -> HashMap<&[u8], String> {
    let mut names = HashMap::new();
    for entry in entries(bundle) {
        let entry = &bundle[entry];
        let url = Fields::new(entry).find(|(key, _)| key == "fullUrl").map(|(_, value)| &entry[value]);
        let Some(urn) = url.and_then(bare).filter(|url| url.starts_with(URN)) else { continue };
        let Some(resource) = resource_of(entry).map(|resource| &entry[resource]) else { continue };
        let field = |name: &str| {
            let value = Fields::new(resource).find(|(key, _)| key == name)?.1;
            bare(&resource[value]).and_then(|text| std::str::from_utf8(text).ok())
        };
        let Some(kind) = field("resourceType") else { continue };
        let id = field("id").or_else(|| std::str::from_utf8(urn).ok()?.rsplit(':').next());
        if let Some(id) = id {
            names.insert(urn, format!("{kind}/{id}"));
        }
    }
    names
}

const URN: &[u8] = b"urn:";

/// Returns a text without its quotation marks, or `None` if it contains escapes.
fn bare(quoted: &[u8]) -> Option<&[u8]> {
    let text = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    (!text.contains(&b'\\')).then_some(text)
}

/// Returns a resource with every text that is the URN of an entry replaced.
fn resolved<'j>(resource: &'j [u8], names: &HashMap<&[u8], String>) -> Cow<'j, [u8]> {
    let mut out: Option<Vec<u8>> = None;
    let mut done = 0;
    for at in memmem::find_iter(resource, b"\"urn:") {
        let text = at + 1;
        // Inside another text, the quotation mark is escaped.
        if at > 0 && resource[at - 1] == b'\\' {
            continue;
        }
        let Some(length) = memchr(b'"', &resource[text..]) else { break };
        if let Some(name) = names.get(&resource[text..text + length]) {
            let out = out.get_or_insert_default();
            out.extend_from_slice(&resource[done..text]);
            out.extend_from_slice(name.as_bytes());
            done = text + length;
        }
    }
    match out {
        Some(mut out) => {
            out.extend_from_slice(&resource[done..]);
            Cow::Owned(out)
        }
        None => Cow::Borrowed(resource),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(bundle: &str) -> Vec<String> {
        assert!(is_bundle(bundle.as_bytes()));
        let text = |resource: Resource<'_>| String::from_utf8_lossy(&resource.json).into_owned();
        resources(bundle.as_bytes(), 1, &mut Answers::default()).into_iter().map(text).collect()
    }

    #[test]
    fn entries_without_a_resource_are_none_and_bundles_in_bundles_are_opened() {
        let bundle = r#" {"entry": [{"resource": {"resourceType":"Patient","id":"p"}, "fullUrl": "x"},
            {"response": {"status":"204"}},
            {"resource": {"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Encounter","id":"e"}}]}}],
            "resourceType": "Bundle"}"#;
        assert_eq!(
            opened(bundle),
            [r#"{"resourceType":"Patient","id":"p"}"#, r#"{"resourceType":"Encounter","id":"e"}"#]
        );
        assert_eq!(opened(r#"{"resourceType":"Bundle","total":0}"#), Vec::<String>::new());
    }

    #[test]
    fn a_reference_by_urn_gets_the_type_and_the_id_of_the_entry() {
        let bundle = r#"{"resourceType":"Bundle","entry":[
            {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"p1"}},
            {"fullUrl":"urn:uuid:2","resource":{"resourceType":"Practitioner"}},
            {"fullUrl":"urn:uuid:3","resource":{"resourceType":"Encounter","a":"urn:uuid:1","b":"urn:uuid:2","c":"urn:uuid:9","d":"\"urn:uuid:1"}}]}"#;
        assert_eq!(
            opened(bundle)[2],
            r#"{"resourceType":"Encounter","a":"Patient/p1","b":"Practitioner/2","c":"urn:uuid:9","d":"\"urn:uuid:1"}"#
        );
    }

    #[test]
    fn a_resource_that_was_deleted_was_entered_in_error() {
        let visit = |updated: &str| {
            format!(
                r#"{{"resource":{{"resourceType":"Encounter","id":"e","meta":{{"lastUpdated":"{updated}"}},"status":"finished"}}}}"#
            )
        };
        let deleted = r#"{"request":{"method":"DELETE","url":"Encounter/e"},"response":{"lastModified":"2014-08-01T09:00:00Z"}}"#;
        let undated = r#"{"request":{"method":"DELETE","url":"https://x/fhir/Encounter/e"}}"#;
        let (before, after) = ("2014-07-01T00:00:00Z", "2014-08-01T05:01:00-04:00");
        for (entries, counts) in [
            ([deleted.to_owned(), visit(before)], false),
            ([visit(before), deleted.to_owned()], false),
            ([visit(after), deleted.to_owned()], true),
            ([deleted.to_owned(), visit(after)], true),
            ([undated.to_owned(), visit(before)], false),
            ([visit(after), undated.to_owned()], true),
        ] {
            let bundle =
                format!(r#"{{"resourceType":"Bundle","type":"history","entry":[{}]}}"#, entries.join(","));
            let all = opened(&bundle);
            assert_eq!((all.len(), all[0].contains("finished")), (1, counts), "{bundle}");
            assert_eq!(all[0].contains("entered-in-error"), !counts, "{bundle}");
        }
    }

    /// Of several deletions of a resource the latest one decides, wherever it is.
    #[test]
    fn the_latest_deletion_decides() {
        let delete = |at: &str| {
            format!(
                r#"{{"request":{{"method":"DELETE","url":"Encounter/e"}},"response":{{"lastModified":"{at}"}}}}"#
            )
        };
        let visit = r#"{"resource":{"resourceType":"Encounter","id":"e","status":"finished","meta":{"lastUpdated":"2014-08-02T09:00:00Z"}}}"#;
        let (early, late) = (delete("2014-08-01T09:00:00Z"), delete("2014-08-03T09:00:00Z"));
        for entries in [[&late, visit, &early], [&early, visit, &late], [&late, &early, visit]] {
            let bundle =
                format!(r#"{{"resourceType":"Bundle","type":"history","entry":[{}]}}"#, entries.join(","));
            assert!(opened(&bundle)[0].contains("entered-in-error"), "{bundle}");
        }
    }

    #[test]
    fn a_resource_about_bundles_is_none() {
        for object in [r#"{"resourceType":"Basic","code":"Bundle"}"#, r#"{"a":"Bundle"}"#, "[\"Bundle\"]", ""]
        {
            assert!(!is_bundle(object.as_bytes()));
        }
    }
}
