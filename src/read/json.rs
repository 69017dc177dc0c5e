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

/// What an object has at each path; none where it has nothing there.
pub type Found = Vec<Option<String>>;

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

    /// Reads a line.
    ///
    /// # Errors
    /// When it is not one JSON object.
    pub fn read(&self, line: &[u8]) -> Result<Found, serde_json::Error> {
        let mut found = vec![None; self.count];
        let mut json = serde_json::Deserializer::from_slice(line);
        Object(Into { node: &self.root, found: &mut found }).deserialize(&mut json)?;
        json.end()?;
        Ok(found)
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
        let Some(path) = self.node.path else { return };
        match &mut self.found[path] {
            Some(known) => {
                known.push(BETWEEN);
                known.push_str(text);
            }
            empty => *empty = Some(text.to_owned()),
        }
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
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match self.node.children.iter().find(|(known, _)| *known == key) {
                Some((_, node)) => map.next_value_seed(Into { node, found: self.found })?,
                None => drop(map.next_value::<IgnoredAny>()?),
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

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.put(&number.to_string());
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        // Present, and empty.
        if let Some(path) = self.node.path {
            self.found[path].get_or_insert_default();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(paths: &[&str], line: &str) -> Vec<String> {
        let found = Paths::new(paths.iter().copied()).read(line.as_bytes()).expect("an object");
        found.into_iter().map(|text| text.map_or("-".to_owned(), |text| text.replace(BETWEEN, "|"))).collect()
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
            assert!(paths.read(line.as_bytes()).is_err());
        }
    }
}
