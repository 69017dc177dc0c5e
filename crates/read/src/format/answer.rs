//! Checks whether the answers of an API, such as a FHIR server's, are complete: they may be one page of several, or errors.

use std::collections::BTreeMap;

use crate::format::shape::{Fields, items};
use mucalc_core::domain::text::normalize_key;

/// What the answers in some inputs show about missing rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Pages by the total that they state, which the pages of one search share.
    searches: BTreeMap<Option<u64>, Pages>,
    /// Number of entries that are errors or report omissions.
    errors: u64,
    /// Line of the first page that is incomplete, or of the first error.
    first: Option<u64>,
}

/// Pages that state the same total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pages {
    rows: u64,
    /// Number of pages that refer to a next page.
    going_on: u64,
    /// Number of pages that do not.
    last: u64,
    /// Highest number of pages that a page states for its search.
    all: u64,
}

/// An answer, or one page of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    rows: u64,
    total: Option<u64>,
    /// Number of pages, if stated.
    pages: Option<u64>,
    goes_on: bool,
    errors: u64,
}

impl Answers {
    /// Adds a page that begins on a line.
    pub fn add(&mut self, page: Page, line: u64) {
        let pages = self.searches.entry(page.total).or_default();
        pages.rows += page.rows;
        *if page.goes_on { &mut pages.going_on } else { &mut pages.last } += 1;
        pages.all = pages.all.max(page.pages.unwrap_or_default());
        self.errors += page.errors;
        let is_part = page.goes_on
            || page.errors > 0
            || page.pages.is_some_and(|pages| pages > 1)
            || page.total.is_some_and(|total| page.rows < total);
        if is_part {
            self.first = Some(self.first.map_or(line, |first| first.min(line)));
        }
    }

    /// Adds a FHIR Bundle that begins on a line.
    pub fn add_bundle(&mut self, bundle: &[u8], line: u64) {
        let bundle = bundle.trim_ascii_start();
        let mut page = Page::default();
        for (key, value) in Fields::new(bundle) {
            match &*key {
                "entry" => {
                    items(&bundle[value.clone()]).for_each(|item| page.entry(&bundle[value.clone()][item]))
                }
                key => page.field(key, &bundle[value]),
            }
        }
        self.add(page, line);
    }

    /// Adds a resource that is not a row. Counts it as an error if it reports missing records or contains other resources.
    pub fn add_aside(&mut self, resource: &[u8], line: u64) {
        let is_gap = match text(resource.trim_ascii(), "resourceType") {
            Some("OperationOutcome") => is_error(resource.trim_ascii()),
            Some("Parameters") => memchr::memmem::find(resource, b"\"resource\"").is_some(),
            _ => false,
        };
        if is_gap {
            self.errors += 1;
            self.first = Some(self.first.map_or(line, |first| first.min(line)));
        }
    }

    /// Adds the answers of another part or input.
    pub fn merge(&mut self, other: &Self) {
        for (total, pages) in &other.searches {
            let known = self.searches.entry(*total).or_default();
            known.rows += pages.rows;
            known.going_on += pages.going_on;
            known.last += pages.last;
            known.all = known.all.max(pages.all);
        }
        self.errors += other.errors;
        self.first = [self.first, other.first].into_iter().flatten().min();
    }

    /// Returns the line of the first incomplete answer, if the answers together are incomplete: pages are missing, or errors replace
    /// records.
    pub fn first_gap(&self) -> Option<u64> {
        self.first.filter(|_| self.missing() > 0)
    }

    /// Returns how many rows are missing.
    ///
    /// This follows from the stated totals. If none is stated, each missing page is assumed to have as many rows as the others on average.
    /// Each error adds one.
    pub fn missing(&self) -> u64 {
        let of_search = |(total, pages): (&Option<u64>, &Pages)| {
            let here = pages.going_on + pages.last;
            // The last page of each search does not refer to a next one.
            let ends = pages.going_on == 0 || pages.last > 0;
            let by_total =
                total.map(|total| total.saturating_mul(pages.last.max(1)).saturating_sub(pages.rows));
            let pages_left = pages.all.saturating_sub(here).max(u64::from(!ends));
            let by_pages = pages_left * pages.rows.div_ceil(here.max(1)).max(1);
            by_total.filter(|missing| *missing > 0 || ends).unwrap_or(by_pages)
        };
        self.searches.iter().map(of_search).sum::<u64>() + self.errors
    }
}

impl Page {
    /// Counts a row.
    pub fn row(&mut self) {
        self.rows += 1;
    }

    /// Counts an entry of a FHIR Bundle.
    pub fn entry(&mut self, entry: &[u8]) {
        let mut is_match = true;
        let mut is_answer = false;
        for (key, value) in Fields::new(entry) {
            let value = &entry[value];
            match &*key {
                // Resources that the search matched, without those that it included for them.
                "search" => is_match = !matches!(text(value, "mode"), Some("include" | "outcome")),
                "response" => {
                    is_answer = true;
                    self.errors +=
                        u64::from(text(value, "status").is_some_and(|it| it.starts_with(['4', '5'])));
                }
                "resource" if text(value, "resourceType") == Some("OperationOutcome") => {
                    self.errors += u64::from(is_error(value));
                    is_match = false;
                }
                _ => {}
            }
        }
        self.rows += u64::from(is_match || is_answer);
    }

    /// Evaluates a field outside the rows.
    pub fn field(&mut self, key: &str, value: &[u8]) {
        match normalize_key(key).as_str() {
            "next" | "nextlink" | "odatanextlink" | "nextpage" | "nextpageurl" | "nextpagelink"
            | "nexturl" | "nexthref" | "nextrecordsurl" | "nextpagetoken" | "nexttoken" | "nextcursor"
            | "hasmore" | "hasnext" | "hasnextpage" | "hasmorerecords" | "morerecords" | "istruncated"
            | "truncated" | "nextpageuri" | "pagetoken" | "lastevaluatedkey" | "incompleteresults"
            | "continuationtoken" | "nextmarker" | "scrollid" => {
                self.goes_on |= says_something(value);
            }
            "done" | "last" | "islast" | "islastpage" | "complete" | "iscomplete" => {
                self.goes_on |= value == b"false";
            }
            "totalpages" | "pagecount" | "nbpages" | "lastpage" | "numpages" => {
                self.pages = self.pages.max(number(value));
            }
            "errors" => self.errors += u64::from(says_something(value)),
            "total" | "totalcount" | "totalsize" | "totalrecords" | "totalitems" | "totalrows"
            | "totalresults" | "totalelements" | "recordcount" | "count" | "odatacount" | "nbhits"
            | "totalhits" => {
                // A page may state its own size in addition to the total.
                self.total = self.total.max(number(value));
            }
            "link" | "links" => {
                self.goes_on |= items(value).any(|link| text(&value[link], "relation") == Some("next"));
                self.fields(value);
            }
            key if AROUND.contains(&key) => self.fields(value),
            _ => {}
        }
    }

    fn fields(&mut self, object: &[u8]) {
        // One level is enough: deeper fields are about something else.
        let own = Fields::new(object).filter(|(key, _)| !is_around(key));
        own.for_each(|(key, value)| self.field(&key, &object[value]));
    }

    /// Returns whether a field may show how many rows or pages exist.
    pub fn asks(key: &str) -> bool {
        let mut page = Page::default();
        page.field(key, b"1");
        page.field(key, b"false");
        page != Page::default() || is_around(key)
    }
}

/// Objects that contain fields about pages.
const AROUND: [&str; 7] =
    ["paging", "pagination", "page", "pageinfo", "meta", "metadata", "responsemetadata"];

fn is_around(key: &str) -> bool {
    let key = normalize_key(key);
    AROUND.contains(&key.as_str()) || matches!(key.as_str(), "link" | "links")
}

/// Returns whether a value is neither empty nor false.
fn says_something(value: &[u8]) -> bool {
    !matches!(value, b"null" | b"false" | b"\"\"" | b"0" | b"{}" | b"[]" | b"\"false\"")
}

/// Parses a whole number, which may be in quotation marks.
fn number(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.trim_matches('"').parse().ok()
}

/// Returns a text in an object, without decoding escapes.
fn text<'j>(object: &'j [u8], name: &str) -> Option<&'j str> {
    let value = Fields::new(object).find(|(key, _)| key == name)?.1;
    std::str::from_utf8(&object[value]).ok()?.strip_prefix('"')?.strip_suffix('"')
}

/// Returns whether an OperationOutcome is an error, or reports that the result is incomplete.
fn is_error(outcome: &[u8]) -> bool {
    let Some((_, issues)) = Fields::new(outcome).find(|(key, _)| key == "issue") else { return false };
    let issues = &outcome[issues];
    items(issues).map(|item| &issues[item]).any(|issue| {
        matches!(text(issue, "severity"), Some("error" | "fatal"))
            || matches!(text(issue, "code"), Some("incomplete" | "too-costly" | "throttled" | "timeout"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(bundles: &[&str]) -> bool {
        let mut all = Answers::default();
        for (line, bundle) in (1..).zip(bundles) {
            let mut one = Answers::default();
            one.add_bundle(bundle.as_bytes(), line);
            all.merge(&one);
        }
        all.first_gap().is_some()
    }

    #[test]
    fn a_page_of_several_is_not_whole_until_all_are_there() {
        let page = |total: &str, next: bool, entries: usize| {
            let entry = r#"{"resource":{"resourceType":"Encounter"},"search":{"mode":"match"}}"#;
            let link =
                if next { r#"{"relation":"next","url":"x"}"# } else { r#"{"relation":"self","url":"x"}"# };
            format!(
                r#"{{"resourceType":"Bundle",{total}"link":[{link}],"entry":[{}]}}"#,
                vec![entry; entries].join(",")
            )
        };
        let [first, second] = [page("\"total\":3,", true, 2), page("\"total\":3,", false, 1)];
        assert!(gap(&[&first]), "a next page");
        assert!(gap(&[&second]), "the last page alone");
        assert!(!gap(&[&first, &second]));
        assert!(!gap(&[&page("\"total\":2,", false, 2)]));
        assert!(gap(&[&page("\"total\":5,", false, 2)]), "fewer than there are");
        let [first, second] = [page("", true, 2), page("", false, 1)];
        assert!(gap(&[&first]) && !gap(&[&first, &second]) && !gap(&[&second]), "without a total");
        assert!(!gap(&[r#"{"resourceType":"Bundle","type":"collection","entry":[]}"#]));
    }

    #[test]
    fn included_resources_are_none_that_the_search_has_found_and_errors_are_gaps() {
        let bundle = |entries: &str, total: u64| {
            format!(r#"{{"resourceType":"Bundle","total":{total},"entry":[{entries}]}}"#)
        };
        let found = r#"{"resource":{"resourceType":"Encounter"}}"#;
        let included = r#"{"resource":{"resourceType":"Patient"},"search":{"mode":"include"}}"#;
        assert!(!gap(&[&bundle(&[found, included].join(","), 1)]));
        assert!(gap(&[&bundle(&[found, included].join(","), 2)]));
        let outcome = |severity: &str| {
            format!(
                r#"{{"resource":{{"resourceType":"OperationOutcome","issue":[{{"severity":"{severity}","code":"x"}}]}},"search":{{"mode":"outcome"}}}}"#
            )
        };
        assert!(!gap(&[&bundle(&[found, &outcome("warning")].join(","), 1)]));
        assert!(gap(&[&bundle(&[found, &outcome("error")].join(","), 1)]));
        assert!(gap(&[r#"{"resourceType":"Bundle","entry":[{"response":{"status":"404 Not Found"}}]}"#]));
        assert!(!gap(&[r#"{"resourceType":"Bundle","entry":[{"response":{"status":"200 OK"}}]}"#]));
    }

    #[test]
    fn other_interfaces_tell_further_pages_in_other_words() {
        for (field, value, goes_on) in [
            ("next", "null", false),
            ("next", "\"https://x?page=2\"", true),
            ("@odata.nextLink", "\"x\"", true),
            ("has_more", "true", true),
            ("hasMore", "false", false),
            ("nextPageToken", "\"\"", false),
            ("paging", "{\"next\":{\"link\":\"x\"}}", true),
            ("pagination", "{\"page\":1,\"total\":7}", true),
            ("links", "{\"self\":\"x\",\"next\":null}", false),
            ("meta", "{\"versionId\":\"1\"}", false),
            ("totalCount", "7", true),
            ("count", "2", false),
            ("done", "false", true),
            ("done", "true", false),
            ("total_pages", "3", true),
            ("total_pages", "1", false),
            ("response_metadata", "{\"next_cursor\":\"x\"}", true),
            ("errors", "[{}]", true),
            ("errors", "[]", false),
        ] {
            assert!(Page::asks(field), "{field}");
            let mut page = Page { rows: 2, ..Page::default() };
            page.field(field, value.as_bytes());
            let mut answers = Answers::default();
            answers.add(page, 1);
            assert_eq!(answers.first_gap().is_some(), goes_on, "{field}: {value}");
        }
        assert!(!Page::asks("data") && !Page::asks("id"));
    }
}
