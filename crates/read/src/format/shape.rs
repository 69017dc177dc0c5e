//! Analyzes JSON without interpreting it: where a value ends, which fields an object has, and whether an object is a row or contains rows.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2;

use mucalc_core::domain::text::normalize_key;

/// What the outermost object of a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A row.
    Record,
    /// A FHIR Bundle, whose entries contain the resources.
    Bundle,
    /// An object that contains rows: an array of objects under this key.
    Wrapper(String),
    /// An object with arrays of objects under several keys, each of which could be the rows.
    Several(Vec<String>),
    /// Nothing that could be rows.
    Nothing,
}

impl Shape {
    /// Returns what an object is, given all or the beginning of it. `wanted` are the keys that a row may have; case does not matter.
    pub fn from_object(object: &[u8], wanted: &[String]) -> Self {
        let wanted: Vec<String> = wanted.iter().map(|name| normalize_key(name)).collect();
        let is_wanted = |key: &str| wanted.contains(&normalize_key(key));
        let (mut own, mut is_nested, mut lists) = (0, false, Vec::new());
        for (key, value) in Fields::new(object) {
            let value = &object[value];
            if key == "resourceType" {
                return if value == b"\"Bundle\"" { Self::Bundle } else { Self::Record };
            }
            if is_wanted(&key) {
                own += 1;
                continue;
            }
            is_nested |= matches!(value.first(), Some(b'{' | b'['));
            let Some(item) = first_object(value) else { continue };
            let mut keys = Fields::new(item).map(|(key, _)| key);
            if key == "entry" && keys.any(|key| key == "resource") {
                return Self::Bundle;
            }
            let inner = Fields::new(item).filter(|(key, _)| key == "resourceType" || is_wanted(key)).count();
            lists.push((key.into_owned(), inner));
        }
        let most = lists.iter().map(|(_, inner)| *inner).max();
        match most {
            None if own > 0 || !is_nested => return Self::Record,
            None => return Self::Nothing,
            // A row may contain lists too, such as recipients.
            Some(inner) if own > 0 && own >= inner => return Self::Record,
            // Lists of other things, such as links to further pages, are not the rows.
            Some(1..) => lists.retain(|(_, inner)| *inner > 0),
            Some(0) => {}
        }
        let mut keys: Vec<String> = lists.into_iter().map(|(key, _)| key).collect();
        if keys.len() == 1 { Self::Wrapper(keys.remove(0)) } else { Self::Several(keys) }
    }
}

/// A byte-by-byte scan of a value, which may arrive in several pieces.
#[derive(Default)]
pub struct Walk {
    depth: u64,
    in_text: bool,
    is_escaped: bool,
}

impl Walk {
    /// Starts a scan inside `depth` arrays.
    pub fn at_depth(depth: u64) -> Self {
        Self { depth, ..Self::default() }
    }

    /// Scans further bytes, and returns the position after the end of the value, if it ends there.
    pub fn scan(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.is_escaped {
                self.is_escaped = false;
                at += 1;
                continue;
            }
            if self.in_text {
                at += memchr2(b'"', b'\\', &bytes[at..])? + 1;
                self.is_escaped = bytes[at - 1] == b'\\';
                self.in_text = self.is_escaped;
                if !self.in_text && self.depth == 0 {
                    return Some(at);
                }
                continue;
            }
            match bytes[at] {
                b'"' => self.in_text = true,
                b'{' | b'[' => self.depth += 1,
                // A number or a literal ends before the byte that follows it.
                b'}' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 => return Some(at),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        None
    }
}

/// The fields of an object: each key, and the position of its value. If the object is cut off, so is the last value.
pub struct Fields<'j> {
    json: &'j [u8],
    at: usize,
}

impl<'j> Fields<'j> {
    /// Iterates over the fields of an object. Any other value has no fields.
    pub fn new(object: &'j [u8]) -> Self {
        let at = if object.first() == Some(&b'{') { 1 } else { object.len() };
        Self { json: object, at }
    }
}

impl<'j> Iterator for Fields<'j> {
    type Item = (Cow<'j, str>, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let json = self.json;
        let start = skip(json, self.at, b",");
        if json.get(start) != Some(&b'"') {
            self.at = json.len();
            return None;
        }
        let end = start + Walk::default().scan(&json[start..])?;
        let key = key(&json[start..end]);
        let value = skip(json, end, b":");
        if value >= json.len() {
            self.at = json.len();
            return None;
        }
        self.at = Walk::default().scan(&json[value..]).map_or(json.len(), |length| value + length);
        Some((key, value..self.at))
    }
}

/// Iterates over the positions of the values of an array. Any other value has no positions.
pub fn items(array: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = if array.first() == Some(&b'[') { 1 } else { array.len() };
    std::iter::from_fn(move || {
        let start = skip(array, at, b",");
        if matches!(array.get(start), None | Some(b']')) {
            return None;
        }
        let length = Walk::default().scan(&array[start..]).filter(|length| *length > 0)?;
        at = start + length;
        Some(start..at)
    })
}

/// Returns the first value of an array if it is an object, as far as it is present.
fn first_object(array: &[u8]) -> Option<&[u8]> {
    let start = skip(array.strip_prefix(b"[")?, 0, b"") + 1;
    let item = array.get(start..).filter(|item| item.first() == Some(&b'{'))?;
    let end = Walk::default().scan(item).unwrap_or(item.len());
    Some(&item[..end])
}

/// Returns a key without its quotation marks and escapes.
pub fn key(quoted: &[u8]) -> Cow<'_, str> {
    let bare = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    match bare.contains(&b'\\') {
        true => serde_json::from_slice(quoted).map_or_else(|_| String::from_utf8_lossy(bare), Cow::Owned),
        false => String::from_utf8_lossy(bare),
    }
}

/// Returns the next position of a byte that is neither white space nor one of `others`.
fn skip(json: &[u8], from: usize, others: &[u8]) -> usize {
    let is_skipped = |byte: &u8| byte.is_ascii_whitespace() || others.contains(byte);
    from + json.get(from..).unwrap_or_default().iter().take_while(|byte| is_skipped(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_it_ends_however_it_is_cut() {
        for (json, value) in [
            (r#"{"a":"}"} ,"#, r#"{"a":"}"}"#),
            (r#"["\"]","\\"],1"#, r#"["\"]","\\"]"#),
            ("-1.5e3,2", "-1.5e3"),
            ("null]", "null"),
            (r#""a\"b":"#, r#""a\"b""#),
            (r#"{"a":[{"b":{}}]}{"#, r#"{"a":[{"b":{}}]}"#),
        ] {
            for cut in 0..=json.len() {
                let mut walk = Walk::default();
                let (one, other) = json.as_bytes().split_at(cut);
                let end = walk.scan(one).or_else(|| Some(cut + walk.scan(other)?));
                assert_eq!(end, Some(value.len()), "{json} cut at {cut}");
            }
        }
    }

    #[test]
    fn a_row_a_list_of_rows_and_neither_are_told_apart() {
        let wanted = ["id", "patient", "day", "Recipients"].map(str::to_owned);
        let wrapper = |key: &str| Shape::Wrapper(key.to_owned());
        for (json, shape) in [
            (r#"{"id":1,"day":"x"}"#, Shape::Record),
            // A list that the layout reads is part of the row, and so is one with no more known keys than the row.
            (r#"{"Recipients":[{"id":1}],"day":"x"}"#, Shape::Record),
            (r#"{"tags":[{"id":1}],"day":"x"}"#, Shape::Record),
            (r#"{"data":[{"id":1,"day":"x"}]}"#, wrapper("data")),
            (r#"{"id":"reply-7","total":2,"data":[{"id":1,"day":"x"}]}"#, wrapper("data")),
            (r#"{"id":"reply-7","data":[{"ID":1,"Day":"x"}]}"#, wrapper("data")),
            (r#"{"links":[{"rel":"next"}],"data":[{"id":1}]}"#, wrapper("data")),
            (r#"{"data":[{"name":1}]}"#, wrapper("data")),
            (r#"{"a":[{"id":1}],"b":[{"id":1}]}"#, Shape::Several(vec!["a".to_owned(), "b".to_owned()])),
            (r#"{"resourceType":"Bundle","entry":[]}"#, Shape::Bundle),
            (r#"{"entry":[{"fullUrl":"x","resource":{"#, Shape::Bundle),
            (r#"{"resourceType":"Encounter","participant":[{"id":1}]}"#, Shape::Record),
            // The beginning of a long object.
            (r#"{"total":2,"data":[{"id":1},{"id":2},{"#, wrapper("data")),
            (r#"{"d":{"results":[{"id":1}]}}"#, Shape::Nothing),
            (r#"{"data":[[1,2],[3,4]]}"#, Shape::Nothing),
            (r#"{"other":1}"#, Shape::Record),
        ] {
            assert_eq!(Shape::from_object(json.as_bytes(), &wanted), shape, "{json}");
        }
    }

    #[test]
    fn what_is_no_json_has_no_endless_fields_or_items() {
        for json in
            ["", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":}", "{:", "{]", "{\"a\" \"b\"}", "["]
        {
            assert!(Fields::new(json.as_bytes()).count() < 3, "{json}");
            assert!(items(json.as_bytes()).count() < 3, "{json}");
        }
        assert_eq!(items(b"[1, {}, [2] ]").collect::<Vec<_>>(), [1..2, 4..6, 8..11]);
    }
}
