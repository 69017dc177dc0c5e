//! NDJSON: one object a line, of which only the paths are read that a layout asks for.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::layout::translate::BETWEEN;

/// Paths into objects, such as `subject.reference`; arrays on the way give all of their values.
pub struct Paths {
    root: Node,
    count: usize,
}

#[derive(Default)]
struct Node {
    children: Vec<(String, Node)>,
    /// The number of the path that ends here.
    path: Option<usize>,
}

/// What an object has at each path.
#[derive(Default)]
pub struct Found {
    text: String,
    /// For each path where its text begins and ends; none where the object has nothing there.
    spans: Vec<Option<(usize, usize)>>,
}

impl Found {
    /// The text at a path.
    #[inline]
    pub fn get(&self, path: usize) -> Option<&str> {
        let (begin, end) = self.spans[path]?;
        Some(&self.text[begin..end])
    }

    /// Puts a text at a path, behind those that are there.
    fn put(&mut self, path: usize, text: &str) {
        let begin = match self.spans[path] {
            None => self.text.len(),
            Some((begin, end)) if end == self.text.len() => {
                self.text.push(BETWEEN);
                begin
            }
            // Something else was put in between.
            Some((begin, end)) => {
                let moved = self.text.len();
                self.text.extend_from_within(begin..end);
                self.text.push(BETWEEN);
                moved
            }
        };
        self.text.push_str(text);
        self.spans[path] = Some((begin, self.text.len()));
    }
}

impl Paths {
    /// Paths, numbered in their order.
    pub fn new<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let (mut root, mut count) = (Node::default(), 0);
        for path in paths {
            let mut node = &mut root;
            for key in path.split('.') {
                let at = node.children.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
                    node.children.push((key.to_owned(), Node::default()));
                    node.children.len() - 1
                });
                node = &mut node.children[at].1;
            }
            node.path = Some(count);
            count += 1;
        }
        Self { root, count }
    }

    /// Reads a line; what was found before is forgotten.
    ///
    /// # Errors
    /// When it is not one JSON object.
    pub fn read(&self, line: &[u8], found: &mut Found) -> Result<(), serde_json::Error> {
        found.text.clear();
        found.spans.clear();
        found.spans.resize(self.count, None);
        // Looked at for UTF-8 as a whole, which is quicker than text by text.
        let line = simdutf8::basic::from_utf8(line).map_err(serde::de::Error::custom)?;
        let mut json = serde_json::Deserializer::from_str(line);
        Object(Into { node: &self.root, found }).deserialize(&mut json)?;
        json.end()
    }
}

/// Adds the paths of an object that are not known yet; a line that is none has none.
pub fn discover(line: &[u8], known: &mut Vec<String>) {
    fn walk(value: &serde_json::Value, path: &str, known: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(fields) => fields.iter().for_each(|(key, value)| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(value, &path, known);
            }),
            serde_json::Value::Array(items) => items.iter().for_each(|item| walk(item, path, known)),
            _ if path.is_empty() || known.len() >= MOST_PATHS || known.iter().any(|known| known == path) => {}
            _ => known.push(path.to_owned()),
        }
    }
    if let Ok(value) = serde_json::from_slice(line) {
        walk(&value, "", known);
    }
}

/// So many paths are enough to tell what a file is.
const MOST_PATHS: usize = 500;

/// The outermost value, which must be an object.
struct Object<'a>(Into<'a>);

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self.0)
    }
}

/// Values are put where their path says.
struct Into<'a> {
    node: &'a Node,
    found: &'a mut Found,
}

impl Into<'_> {
    fn put(self, text: &str) {
        if let Some(path) = self.node.path {
            self.found.put(path, text);
        }
    }
}

/// A key, of which only is asked which child it is.
struct Key<'a>(&'a Node);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.children.iter().position(|(known, _)| known == key))
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
        while let Some(child) = map.next_key_seed(Key(self.node))? {
            // A field that stands there twice says two things.
            let bit = child.map_or(0, |child| 1u64.checked_shl(child as u32).unwrap_or(0));
            if met & bit != 0 {
                return Err(serde::de::Error::custom("a field twice"));
            }
            met |= bit;
            match child {
                Some(child) => {
                    map.next_value_seed(Into { node: &self.node.children[child].1, found: self.found })?;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Into { node: self.node, found: self.found })?.is_some() {}
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

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        // Of a whole number that is larger than 64 bits, and may be an id, the last digits would be lost.
        if self.node.path.is_some() && number.fract() == 0.0 && number.abs() >= 9e15 {
            return Err(E::custom("a number with too many digits"));
        }
        self.put(&number.to_string());
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        // Present, and empty.
        if let Some(path) = self.node.path.filter(|path| self.found.spans[*path].is_none()) {
            self.found.put(path, "");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(paths: &[&str], line: &str) -> Vec<String> {
        let mut found = Found::default();
        Paths::new(paths.iter().copied()).read(line.as_bytes(), &mut found).expect("an object");
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
    fn what_is_no_object_is_refused() {
        let paths = Paths::new(["id"]);
        let deep = "[".repeat(100_000);
        for line in ["[]", "7", "{\"id\":", "{} {}", "", &deep, &format!("{{\"x\":{deep}")] {
            assert!(paths.read(line.as_bytes(), &mut Found::default()).is_err());
        }
    }
}
