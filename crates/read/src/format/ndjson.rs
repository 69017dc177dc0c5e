//! Reads NDJSON, one object per line, and extracts only the paths that a layout reads.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::format::answer::Answers;
use crate::format::bundle::{is_bundle, resources};
use crate::format::float::double_text;
use crate::format::shape::{Fields, items};
use crate::layout::separators::{BETWEEN, ELEMENT, guarded};

/// Paths into objects, such as `subject.reference`. An array on the way supplies all of its values.
pub struct JsonPaths {
    root: Node,
    count: usize,
}

#[derive(Default)]
struct Node {
    children: Vec<(String, Node)>,
    /// Number of the path that ends here.
    path: Option<usize>,
    /// Whether this is the array whose elements are kept apart.
    is_each: bool,
    /// Whether this is inside that array.
    is_within: bool,
}

/// The values of an object at each path.
#[derive(Default)]
pub struct PathValues {
    paths: Vec<AtPath>,
    /// Index of the current element of the array whose elements are kept apart.
    element: usize,
    /// Whether a number was read as floating point.
    has_float: bool,
}

/// The value of an object at one path.
#[derive(Default)]
struct AtPath {
    text: String,
    /// Whether the object has a value here.
    is_there: bool,
    /// Index of the array element that the end of the text is from.
    element: usize,
}

impl PathValues {
    /// Returns the text at a path, or `None` if the object has no value there.
    #[inline]
    pub fn get(&self, path: usize) -> Option<&str> {
        let at = &self.paths[path];
        at.is_there.then_some(&at.text)
    }

    /// Returns whether the object has a value at none of the paths.
    pub fn is_empty(&self) -> bool {
        !self.paths.iter().any(|at| at.is_there)
    }

    /// Returns the number of paths.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Adds to the text at a path, which has a value.
    #[inline]
    pub fn append(&mut self, path: usize, text: &str) {
        let at = &mut self.paths[path];
        at.is_there = true;
        at.text.push_str(text);
    }

    /// Removes all values, and makes room for `paths` paths.
    pub fn clear(&mut self, paths: usize) {
        self.paths.resize_with(paths, AtPath::default);
        self.element = 0;
        self.has_float = false;
        for path in &mut self.paths {
            path.text.clear();
            (path.is_there, path.element) = (false, 0);
        }
    }

    /// Adds a text at a path, after those that are already there.
    fn put(&mut self, path: usize, text: &str, is_within: bool) {
        let at = &mut self.paths[path];
        if is_within && at.element < self.element {
            at.text.extend(std::iter::repeat_n(ELEMENT, self.element - at.element));
            at.element = self.element;
        } else if at.is_there {
            at.text.push(BETWEEN);
        }
        at.is_there = true;
        at.text.push_str(&guarded(text));
    }
}

impl JsonPaths {
    /// Builds paths, numbered in their order. Values inside the array `each` are kept apart by its elements.
    pub fn new<'p>(paths: impl IntoIterator<Item = &'p str>, each: Option<&str>) -> Self {
        let (mut root, mut count) = (Node::default(), 0);
        for path in paths {
            let (mut node, mut length) = (&mut root, 0);
            for key in path.split('.') {
                length += key.len() + 1;
                let at = node.children.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
                    node.children.push((key.to_owned(), Node::default()));
                    node.children.len() - 1
                });
                node = &mut node.children[at].1;
                node.is_each = each == path.get(..length - 1);
                node.is_within = each.is_some_and(|each| {
                    let rest = path[..length - 1].strip_prefix(each);
                    rest.is_some_and(|rest| rest.starts_with('.'))
                });
            }
            node.path = Some(count);
            count += 1;
        }
        Self { root, count }
    }

    /// Reads a line, and replaces what was found before.
    ///
    /// # Errors
    /// If the line is not one JSON object.
    pub fn read(&self, line: &[u8], found: &mut PathValues) -> Result<(), serde_json::Error> {
        found.clear(self.count);
        // Checks the whole line for UTF-8, which is faster than text by text.
        let line = simdutf8::basic::from_utf8(line).map_err(serde::de::Error::custom)?;
        self.read_text(line, found)?;
        // `serde_json` supplies a number without its text, so `1.23E+11` would look like an intact id.
        if found.has_float
            && let Some(quoted) = quote_numbers(line)
        {
            found.clear(self.count);
            self.read_text(&quoted, found)?;
        }
        Ok(())
    }

    fn read_text(&self, line: &str, found: &mut PathValues) -> Result<(), serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(line);
        Object(Into { node: &self.root, found }).deserialize(&mut json)?;
        json.end()
    }
}

/// Returns how many objects a text may contain that is not one object.
///
/// Counts the values that can be read one after another, with each element of an array, and one for the rest.
pub fn objects_within(text: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(text);
    let mut values = serde_json::Deserializer::from_str(&text).into_iter::<&RawValue>();
    let elements = |value: &RawValue| match serde_json::from_str::<Vec<IgnoredAny>>(value.get()) {
        Ok(elements) => elements.len() as u64,
        Err(_) => 1,
    };
    let whole: u64 = values.by_ref().map_while(Result::ok).map(elements).sum();
    let is_rest = !text[values.byte_offset().min(text.len())..].trim().is_empty();
    whole + u64::from(is_rest)
}

/// Returns whether an object has any field.
pub fn has_fields(object: &[u8]) -> bool {
    Fields::new(object.trim_ascii()).next().is_some()
}

/// Returns how many rows an object without known fields may contain: the objects in its lists, or itself.
pub fn rows_within(object: &[u8]) -> u64 {
    let object = object.trim_ascii();
    let in_list = |list: &[u8]| items(list).filter(|item| list[item.start] == b'{').count() as u64;
    let lists: u64 = Fields::new(object).map(|(_, value)| in_list(&object[value])).sum();
    lists.max(1)
}

/// Calls `each` with an object, or with every resource in it if it is a FHIR Bundle. The second argument is `false` for a damaged Bundle.
///
/// Returns what Bundles show about further pages. `line` returns the line on which the object begins.
pub fn each_object(
    object: &[u8],
    line: impl Fn() -> u64,
    mut each: impl FnMut(&[u8], bool),
) -> Option<Answers> {
    if !is_bundle(object) {
        each(object, true);
        return None;
    }
    if serde_json::from_slice::<IgnoredAny>(object).is_err() {
        each(object, false);
        return None;
    }
    let mut answers = Answers::default();
    resources(object, line(), &mut answers).iter().for_each(|resource| each(&resource.json, true));
    Some(answers)
}

/// Quotes the numbers in a JSON text that have an exponent or more digits than 64 bits can store. Returns `None` if there are no such
/// numbers.
fn quote_numbers(json: &str) -> Option<String> {
    let mut quoted = String::with_capacity(json.len() + 16);
    let (mut rest, mut found) = (json, false);
    while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let (before, token) = rest.split_at(at);
        quoted.push_str(before);
        let length = match token.starts_with('"') {
            true => string_length(token),
            false => {
                let is_other = |c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
                token.find(is_other).unwrap_or(token.len())
            }
        };
        let (token, after) = token.split_at(length);
        let is_lossy = token.contains(['e', 'E']) || token.len() > 18 && !token.contains('.');
        let is_quoted = is_lossy && !token.starts_with('"');
        found |= is_quoted;
        match is_quoted {
            // The sign distinguishes an exponent from a digit of a hexadecimal number.
            true => quoted.extend([
                "\"",
                &token.replace(['e', 'E'], "e+").replace("+-", "-").replace("++", "+"),
                "\"",
            ]),
            false => quoted.push_str(token),
        }
        rest = after;
    }
    quoted.push_str(rest);
    found.then_some(quoted)
}

/// Returns the length of the JSON string at the start of a text, in bytes.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// Adds the paths of an object that are not known yet. Ignores a line that is not JSON.
pub fn discover_paths(line: &[u8], known: &mut Vec<String>) {
    fn walk(value: &serde_json::Value, path: &str, known: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(fields) => fields.iter().for_each(|(key, value)| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(value, &path, known);
            }),
            serde_json::Value::Array(items) => items.iter().for_each(|item| walk(item, path, known)),
            _ if path.is_empty() || known.len() >= MAX_PATHS || known.iter().any(|known| known == path) => {}
            _ => known.push(path.to_owned()),
        }
    }
    if let Ok(value) = serde_json::from_slice(line) {
        walk(&value, "", known);
    }
}

/// Maximum number of paths. They are enough to recognize a file.
const MAX_PATHS: usize = 500;

/// The outermost value, which must be an object.
struct Object<'a>(Into<'a>);

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self.0)
    }
}

/// Deserializes a value into its path.
struct Into<'a> {
    node: &'a Node,
    found: &'a mut PathValues,
}

impl Into<'_> {
    fn put(self, text: &str) {
        if let Some(path) = self.node.path {
            self.found.put(path, text, self.node.is_within);
        }
    }
}

/// Deserializes a key, and finds its target.
struct Key<'a>(&'a Node);

/// The target of a key.
enum Leads {
    /// A child, by its position.
    Child(usize),
    /// The value itself: MongoDB writes `{"$date": "2014-07-01"}` for a day.
    Value,
    /// Nothing that is read.
    Nowhere,
}

/// The keys under which MongoDB writes values for which JSON has no form.
const WRAPPERS: [&str; 7] =
    ["$oid", "$date", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$uuid"];

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Leads;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Leads;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        let child = self.0.children.iter().position(|(known, _)| known == key);
        Ok(match child {
            Some(child) => Leads::Child(child),
            None if self.0.path.is_some() && WRAPPERS.contains(&key) => Leads::Value,
            None => Leads::Nowhere,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Into<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Into<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut met: u64 = 0;
        while let Some(leads) = map.next_key_seed(Key(self.node))? {
            match leads {
                Leads::Child(child) => {
                    // A field that appears twice is ambiguous.
                    let bit = 1u64.checked_shl(child as u32).unwrap_or(0);
                    if met & bit != 0 {
                        return Err(serde::de::Error::custom("a field twice"));
                    }
                    met |= bit;
                    map.next_value_seed(Into { node: &self.node.children[child].1, found: self.found })?;
                }
                Leads::Value => map.next_value_seed(Into { node: self.node, found: self.found })?,
                Leads::Nowhere => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Into { node, found } = self;
        let mut number = 0;
        loop {
            if node.is_each {
                found.element = number;
            }
            if items.next_element_seed(Into { node, found })?.is_none() {
                break;
            }
            number += 1;
        }
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.put(text);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.put(if value { "true" } else { "false" });
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.put(&number.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.put(&number.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.found.has_float |= self.node.path.is_some();
        self.put(&double_text(number));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        // Present but empty.
        if let Some(path) = self.node.path.filter(|path| !self.found.paths[*path].is_there) {
            self.found.put(path, "", self.node.is_within);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(paths: &[&str], line: &str) -> Vec<String> {
        let mut found = PathValues::default();
        JsonPaths::new(paths.iter().copied(), None).read(line.as_bytes(), &mut found).expect("an object");
        let told = |path| found.get(path).map_or("-".to_owned(), |text| text.replace(BETWEEN, "|"));
        (0..paths.len()).map(told).collect()
    }

    #[test]
    fn paths_find_what_is_there() {
        let line = r#"{"id":"7","n":12,"ok":true,"none":null,"subject":{"reference":"Patient/1","display":"x"},
            "recipient":[{"reference":"Practitioner/2"},{"reference":"Patient/1"}],"category":[{"coding":[{"code":"a"},{"code":"b"}]}]}"#;
        assert_eq!(
            read(
                &[
                    "id",
                    "n",
                    "ok",
                    "none",
                    "subject.reference",
                    "recipient.reference",
                    "category.coding.code",
                    "gone",
                    "subject"
                ],
                line
            ),
            ["7", "12", "true", "", "Patient/1", "Practitioner/2|Patient/1", "a|b", "-", "-"]
        );
    }

    #[test]
    fn values_that_json_has_no_form_for_are_taken_out_of_what_they_are_wrapped_in() {
        let line = r#"{"_id":{"$oid":"53b2"},"day":{"$date":"2014-07-01T00:00:00Z"},"n":{"$numberLong":"7"},"x":{"$ref":"a"},"y":{"a":1}}"#;
        assert_eq!(
            read(&["_id", "day", "n", "x", "y"], line),
            ["53b2", "2014-07-01T00:00:00Z", "7", "-", "-"]
        );
    }

    /// The values of an array element stay together, even if some elements lack a field.
    #[test]
    fn elements_that_stand_by_themselves_are_kept_apart() {
        let line = r#"{"who":[{"type":["a","b"]},{"id":"1"},{"id":"2","type":"c"},{}],"id":"7"}"#;
        let mut found = PathValues::default();
        JsonPaths::new(["who.id", "who.type", "id"], Some("who"))
            .read(line.as_bytes(), &mut found)
            .expect("an object");
        let told =
            [0, 1, 2].map(|path| found.get(path).unwrap_or("-").replace(BETWEEN, "|").replace(ELEMENT, "/"));
        assert_eq!(told, ["/1/2", "a|b//c", "7"]);
    }

    /// A number keeps its text from the file if its digits could be those of several ids.
    #[test]
    fn numbers_keep_what_tells_them_apart() {
        let line = r#"{"a":1.23E+11,"b":7.0,"c":7.5,"d":12345678901234567890123,"e":"1E5 \" 2E+5","f":-1e-3,"g":9007199254740993}"#;
        assert_eq!(
            read(&["a", "b", "c", "d", "e", "f", "g"], line),
            [
                "1.23e+11",
                "7",
                "7.5e+00",
                "12345678901234567890123",
                "1E5 \" 2E+5",
                "-1e-3",
                "9007199254740993"
            ]
        );
    }

    #[test]
    fn what_is_no_object_is_refused() {
        let paths = JsonPaths::new(["id"], None);
        let deep = "[".repeat(100_000);
        for line in ["[]", "7", "{\"id\":", "{} {}", "", &deep, &format!("{{\"x\":{deep}")] {
            assert!(paths.read(line.as_bytes(), &mut PathValues::default()).is_err());
        }
    }
}
