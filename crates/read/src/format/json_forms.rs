//! Recognizes JSON objects that differ only in their texts and numbers from objects that were read before, as the lines of an export mostly
//! do. Their values are found by comparing the bytes between the values, without parsing.
//!
//! Everything else is left to [`JsonPaths::read`], which also decides what an object of a new form means.

use crate::format::json_parts::{Next, Part, number_length, parts, plain_number_length, text_length};
use crate::format::marked_object::MarkedObject;
use crate::format::ndjson::{JsonPaths, PathValues};
use crate::format::straight_form::StraightForm;

/// The forms of the objects that a thread has read.
pub struct JsonForms {
    /// The bytes between two values, and what comes next. The first node is before every object.
    nodes: Vec<Node>,
    forms: Vec<JsonForm>,
    /// The bytes of each form, and the forms that have each number of quotation marks.
    straight: Vec<Option<StraightForm>>,
    by_marks: Vec<Vec<u32>>,
    /// Begin and end of each value in the last object, followed by an empty value; and whether a text has an escape.
    values: Vec<(u32, u32)>,
    has_escapes: bool,
    is_ascii: bool,
    /// Objects that were and were not recognized.
    known: u64,
    unknown: u64,
}

#[derive(Default)]
struct Node {
    bytes: Box<[u8]>,
    then: Next,
    /// What may come after the value, the longest bytes first, because a value without quotation marks may begin like one with them.
    next: Vec<u32>,
}

/// How the texts at the paths of a form are made of its values.
pub struct JsonForm {
    paths: Vec<PathForm>,
    /// The values that are part of a text.
    used: Vec<usize>,
    /// Number of values.
    values: usize,
    may_be_bundle: bool,
}

/// How the text at a path is made.
#[derive(Clone, Debug, PartialEq)]
pub enum PathForm {
    /// No value has the path.
    Absent,
    /// One value, by its number.
    Value(usize),
    /// Several values, or parts of the form itself such as `true`.
    Pieces(Vec<Piece>),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// A value, by its number.
    Value(usize),
    /// A text that each object of the form has.
    Text(String),
}

/// Maximum number of nodes. An export whose objects have more forms is parsed.
const MAX_NODES: usize = 4096;

/// Maximum number of values of an object that is learned. One with more is hardly ever followed by another of its form.
const MAX_VALUES: usize = 256;

/// Number of objects after which most must have been recognized.
const TRIAL: u64 = 512;

/// Stands around the number of a value in a probe: a code point for private use.
const MARK: char = '\u{F8FF}';

impl Default for JsonForms {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
            forms: Vec::new(),
            straight: Vec::new(),
            by_marks: Vec::new(),
            values: Vec::new(),
            has_escapes: false,
            is_ascii: false,
            known: 0,
            unknown: 0,
        }
    }
}

impl JsonForms {
    /// Finds the values of an object that has a known form, and returns the number of the form.
    pub fn find(&mut self, object: &[u8]) -> Option<usize> {
        if self.are_useless() {
            return None;
        }
        let bytes = ByteKinds::from_object(object);
        self.is_ascii = !bytes.has_others;
        let form = if bytes.has_control { None } else { self.walk(object) };
        *if form.is_some() { &mut self.known } else { &mut self.unknown } += 1;
        form.filter(|_| self.is_ascii || simdutf8::basic::from_utf8(object).is_ok())
    }

    /// Finds the values of an object as [`Self::find`] does, by the positions of its quotation marks.
    #[inline(always)]
    pub fn find_marked(&mut self, object: &MarkedObject<'_>) -> Option<usize> {
        let likely = self.by_marks.get(object.marks.len()).filter(|_| !self.are_useless())?;
        let form = *likely.iter().find(|form| {
            let straight = self.straight[**form as usize].as_ref();
            straight.is_some_and(|straight| straight.find(object, &mut self.values))
        })?;
        (self.is_ascii, self.has_escapes) = (object.is_ascii, object.has_escapes);
        self.known += 1;
        Some(form as usize)
    }

    /// Returns whether the last object is ASCII.
    pub fn is_ascii(&self) -> bool {
        self.is_ascii
    }

    /// Returns whether objects have so many forms that parsing them is faster.
    fn are_useless(&self) -> bool {
        self.unknown > TRIAL && self.unknown > self.known
    }

    fn walk(&mut self, object: &[u8]) -> Option<usize> {
        self.values.clear();
        self.has_escapes = false;
        let (mut at, mut candidates) = (0, &self.nodes[0].next);
        loop {
            let rest = &object[at..];
            let is_next = |node: &&u32| begins_with(rest, &self.nodes[**node as usize].bytes);
            let node = &self.nodes[*candidates.iter().find(is_next)? as usize];
            at += node.bytes.len();
            let length = match node.then {
                Next::Text => text_length(&object[at..], &mut self.has_escapes)?,
                Next::Number => number_length(&object[at..])?,
                Next::PlainNumber => plain_number_length(&object[at..])?,
                Next::End(form) => {
                    self.values.push((0, 0));
                    return (at == object.len()).then_some(form as usize);
                }
            };
            self.values.push((at as u32, (at + length) as u32));
            at += length;
            candidates = &node.next;
        }
    }

    /// Returns a form.
    pub fn form(&self, form: usize) -> &JsonForm {
        &self.forms[form]
    }

    /// Returns a value of the last object, as it is written. It is UTF-8.
    #[inline(always)]
    pub fn value<'o>(&self, object: &'o [u8], value: usize) -> &'o [u8] {
        let (begin, end) = self.values[value];
        &object[begin as usize..end as usize]
    }

    /// Returns begin and end of each value in the last object, followed by an empty value.
    #[inline(always)]
    pub fn values(&self) -> &[(u32, u32)] {
        &self.values
    }

    /// Returns whether one of these values of the last object is not written as it is, but with an escape.
    #[inline]
    pub fn has_escape(&self, object: &[u8], mut values: impl Iterator<Item = usize>) -> bool {
        self.has_escapes && values.any(|value| self.value(object, value).contains(&b'\\'))
    }

    /// Puts the values of the last object, which has this form, at its paths. Returns `false` if a parser is needed for one of them.
    pub fn put(&self, object: &[u8], form: usize, found: &mut PathValues) -> bool {
        let JsonForm { paths, used, .. } = &self.forms[form];
        if self.has_escape(object, used.iter().copied()) {
            return false;
        }
        let text = |value: &usize| String::from_utf8_lossy(self.value(object, *value));
        found.clear(paths.len());
        for (path, made) in paths.iter().enumerate() {
            match made {
                PathForm::Absent => {}
                PathForm::Value(value) => found.append(path, &text(value)),
                PathForm::Pieces(pieces) => {
                    found.append(path, "");
                    for piece in pieces {
                        match piece {
                            Piece::Value(value) => found.append(path, &text(value)),
                            Piece::Text(text) => found.append(path, text),
                        }
                    }
                }
            }
        }
        true
    }

    /// Learns the form of an object in which a parser `found` these values.
    pub fn learn(&mut self, object: &[u8], paths: &JsonPaths, found: &PathValues) {
        let may_learn = !self.are_useless()
            && self.nodes.len() < MAX_NODES
            && !ByteKinds::from_object(object).has_control;
        if may_learn && self.walk(object).is_none() {
            self.try_to_learn(object, paths, found);
        }
    }

    /// Learns a form, if objects can be recognized by it.
    fn try_to_learn(&mut self, object: &[u8], paths: &JsonPaths, found: &PathValues) -> Option<()> {
        let text = std::str::from_utf8(object).ok().filter(|text| !text.contains(MARK))?;
        let mut parts = parts(text).filter(|parts| parts.len() <= MAX_VALUES)?;
        let mut probe = String::with_capacity(object.len());
        for (at, part) in parts.iter().enumerate() {
            probe.push_str(part.before);
            let quote = if part.then == Next::Number { "\"" } else { "" };
            if !matches!(part.then, Next::End(_)) {
                probe.extend([quote, &format!("{MARK}{at}{MARK}"), quote]);
            }
        }
        let mut probed = PathValues::default();
        paths.read(probe.as_bytes(), &mut probed).ok()?;
        let made: Vec<PathForm> =
            (0..probed.len()).map(|path| PathForm::from_text(probed.get(path))).collect();
        let used: Vec<usize> =
            (0..parts.len()).filter(|value| made.iter().any(|path| path.uses(*value))).collect();
        for value in &used {
            if parts[*value].then == Next::Number {
                parts[*value].then = Next::PlainNumber;
            }
        }
        let form = self.forms.len();
        // A key may be written with escapes.
        let may_be_bundle =
            parts.iter().any(|part| part.before.contains("resourceType") || part.before.contains('\\'));
        self.forms.push(JsonForm { paths: made, used, values: parts.len() - 1, may_be_bundle });
        let straight = StraightForm::new(&parts);
        if let Some(marks) = straight.as_ref().map(StraightForm::marks) {
            self.by_marks.resize_with(self.by_marks.len().max(marks + 1), Vec::new);
            self.by_marks[marks].push(form as u32);
        }
        self.straight.push(straight);
        self.insert(&parts, form as u32);
        // The form must give what the parser gave, if it gives anything.
        let mut own = PathValues::default();
        let is_known = self.walk(object) == Some(form) && self.put(object, form, &mut own);
        if is_known && (0..own.len()).any(|path| own.get(path) != found.get(path)) {
            self.unknown = u64::MAX;
        }
        Some(())
    }

    fn insert(&mut self, parts: &[Part<'_>], form: u32) {
        let mut parent = 0;
        for part in parts {
            let then = if let Next::End(_) = part.then { Next::End(form) } else { part.then };
            let is_same = |node: &&u32| {
                let node = &self.nodes[**node as usize];
                *node.bytes == *part.before.as_bytes() && node.then == then
            };
            let known = self.nodes[parent].next.iter().find(is_same).copied();
            let node = known.unwrap_or(self.nodes.len() as u32);
            if known.is_none() {
                self.nodes.push(Node { bytes: part.before.as_bytes().into(), then, next: Vec::new() });
                let mut next = std::mem::take(&mut self.nodes[parent].next);
                next.push(node);
                next.sort_by_key(|node| std::cmp::Reverse(self.nodes[*node as usize].bytes.len()));
                self.nodes[parent].next = next;
            }
            parent = node as usize;
        }
    }
}

impl JsonForm {
    /// Returns whether an object of the form may be a FHIR Bundle.
    pub fn may_be_bundle(&self) -> bool {
        self.may_be_bundle
    }

    /// Returns the number of values, which is also the number of the empty value after them.
    pub fn values(&self) -> usize {
        self.values
    }

    /// Returns how the text at a path is made.
    pub fn path(&self, path: usize) -> &PathForm {
        &self.paths[path]
    }
}

impl PathForm {
    /// Returns how a text of a probe is made.
    fn from_text(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::Absent };
        let piece = |(at, part): (usize, &str)| match at % 2 {
            1 => part.parse().ok().map(Piece::Value),
            _ => (!part.is_empty()).then(|| Piece::Text(part.to_owned())),
        };
        let pieces: Vec<Piece> = text.split(MARK).enumerate().filter_map(piece).collect();
        match pieces[..] {
            [Piece::Value(value)] => Self::Value(value),
            _ => Self::Pieces(pieces),
        }
    }

    fn uses(&self, value: usize) -> bool {
        match self {
            Self::Absent => false,
            Self::Value(own) => *own == value,
            Self::Pieces(pieces) => pieces.contains(&Piece::Value(value)),
        }
    }
}

/// Which kinds of bytes an object has.
struct ByteKinds {
    /// Bytes that JSON does not allow in a text.
    has_control: bool,
    /// Bytes beyond ASCII.
    has_others: bool,
}

impl ByteKinds {
    fn from_object(object: &[u8]) -> Self {
        // One pass without an early exit is faster.
        let kinds = object.iter().fold((u8::MAX, 0), |(least, all), byte| (least.min(*byte), all | byte));
        Self { has_control: kinds.0 < b' ', has_others: kinds.1 >= 0x80 }
    }
}

/// Returns whether a text begins with some bytes. Most of these are few, and compared as two words, which may overlap.
#[inline(always)]
fn begins_with(text: &[u8], bytes: &[u8]) -> bool {
    let Some(text) = text.get(..bytes.len()) else { return false };
    match bytes.len() {
        16..=32 => {
            (text.first_chunk::<16>() == bytes.first_chunk())
                & (text.last_chunk::<16>() == bytes.last_chunk())
        }
        8..16 => {
            (text.first_chunk::<8>() == bytes.first_chunk()) & (text.last_chunk::<8>() == bytes.last_chunk())
        }
        _ => text == bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::{Block, BlockLimits, BlockReader};
    use crate::format::marked_object::Marker;
    use crate::records::RecordIndex;
    use crate::separators::CsvDialect;

    /// Numbers that look random and are the same in every run.
    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % limit
        }

        fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
            texts[self.below(texts.len())]
        }
    }

    /// Returns an object of one of some forms, with any values.
    fn object(random: &mut Random) -> String {
        const TEXTS: [&str; 9] =
            ["", "P1", "2014-07-01", "é", "a \\\"b\\\"", "\\u0041", "\\n", "x:y,{}", "\u{FDD0}"];
        const NUMBERS: [&str; 10] = [
            "0",
            "-7",
            "123456789012345678",
            "1234567890123456789",
            "7.50",
            "-0.5",
            "0.0",
            "1e5",
            "12E-3",
            "99999999999999999999999",
        ];
        // Most values are usual ones.
        let mut any = |usual: &str, odd: &[&str]| match random.below(6) {
            0 => random.one_of(odd).to_owned(),
            _ => format!("{usual}{}", random.below(100)),
        };
        let [id, note, nested] =
            ["P", "a note ", "Patient/"].map(|usual| format!("\"{}\"", any(usual, &TEXTS)));
        let (number, other) = (any("1", &NUMBERS), any("2", &NUMBERS));
        let bool = random.one_of(&["true", "false", "null"]);
        let item = format!(r#"{{"code":"{}"}}"#, random.one_of(&["a", "b"]));
        let items = vec![item; random.below(3)].join(",");
        let wrapped = random.one_of(&[r#"{"$oid":"53b2"}"#, "null", r#"["a",7]"#, "{}"]);
        let forms = [
            format!(r#"{{"id":{id},"n":{number},"note":{note}}}"#),
            format!(r#"{{ "n" : {number}, "id" : {id}, "x": [{other}, {note}] }}"#),
            format!(r#"{{"id":{id},"ok":{bool},"of":{{"reference":{nested},"n":{other}}},"note":{note}}}"#),
            format!(r#"{{"list":[{items}],"id":{wrapped},"n":{number}}}"#),
        ];
        forms[random.below(forms.len())].clone()
    }

    /// Values are those that the parser finds, also in objects with a byte that was changed, left out, or added; and an object that the
    /// parser refuses is never recognized.
    #[test]
    fn an_object_is_recognized_with_its_values_or_left_to_the_parser() {
        let paths = JsonPaths::new(["id", "n", "ok", "of.reference", "list.code", "none"], Some("list"));
        let (mut random, mut forms, mut recognized, mut damaged) = (Random(1), JsonForms::default(), 0, 0);
        for round in 0..30_000 {
            let mut bytes = object(&mut random).into_bytes();
            if round % 3 == 2 {
                let at = random.below(bytes.len());
                let byte = b"\"\\{}[]:,0.-e tx\x01\x1e\xFF"[random.below(18)];
                match random.below(3) {
                    0 => bytes[at] = byte,
                    1 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, byte),
                }
            }
            let (mut parsed, mut own) = (PathValues::default(), PathValues::default());
            let is_valid = paths.read(&bytes, &mut parsed).is_ok();
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            if let Some(form) = forms.find(&bytes) {
                assert!(is_valid, "{shown}");
                if !forms.put(&bytes, form, &mut own) {
                    continue;
                }
                for path in 0..parsed.len() {
                    assert_eq!(own.get(path), parsed.get(path), "path {path} of {shown}");
                }
                recognized += 1;
                damaged += u32::from(round % 3 == 2);
            } else if is_valid {
                forms.learn(&bytes, &paths, &parsed);
            }
        }
        assert!(recognized > 10_000 && damaged > 500, "{recognized} and {damaged}");
    }

    /// An object is recognized by its quotation marks only if a search for the ends of its texts recognizes it, with the same values.
    #[test]
    fn an_object_is_recognized_alike_by_its_marks() {
        let paths = JsonPaths::new(["id", "n", "ok", "of.reference", "list.code"], Some("list"));
        let (mut random, mut forms, mut by_marks) = (Random(2), JsonForms::default(), 0);
        for round in 0..30 {
            let mut lines: Vec<u8> = Vec::new();
            for _ in 0..1000 {
                let (mut line, spaces) = (object(&mut random).into_bytes(), random.one_of(&["", "", "  "]));
                if random.below(3) == 0 {
                    let at = random.below(line.len());
                    // A block that is not UTF-8 is searched.
                    if line[at].is_ascii() {
                        line[at] = b"\"\\{}[]:,0.-e tx"[random.below(15)];
                    }
                }
                lines.extend([spaces.as_bytes(), &line, spaces.as_bytes(), b"\n"].concat());
            }
            let lines = if round % 3 == 2 { [&lines[..], b"\x01\n"].concat() } else { lines };
            let dialect = CsvDialect { separator: b'"', quotes: false };
            let mut reader = BlockReader::new(&lines[..], BlockLimits::default(), dialect);
            let mut block = Block::default();
            while reader.next_block(&mut block).expect("text") {
                let mut index = RecordIndex::default();
                index.index(&block, 0, block.records().len());
                let mut marker = Marker::new(&block, std::str::from_utf8(block.records()).is_ok());
                for record in index.iter(&block, index.first_width(&block)) {
                    let object = block.records()[record.begin()..record.end()].trim_ascii();
                    let marked = marker.marked(&record, object);
                    let form = marked.and_then(|object| forms.find_marked(&object));
                    let (values, has_escapes) = (forms.values.clone(), forms.has_escapes);
                    let searched = forms.find(object);
                    if form.is_some() {
                        let shown = String::from_utf8_lossy(object);
                        assert_eq!(form, searched, "{shown}");
                        assert_eq!(values[..forms.values.len()], forms.values, "{shown}");
                        assert_eq!(has_escapes, object.contains(&b'\\'), "{shown}");
                        by_marks += 1;
                    } else if searched.is_none() {
                        let mut parsed = PathValues::default();
                        if paths.read(object, &mut parsed).is_ok() {
                            forms.learn(object, &paths, &parsed);
                        }
                    }
                }
            }
        }
        assert!(by_marks > 8_000, "{by_marks}");
    }

    /// Objects that all differ in form are soon left to the parser without a look.
    #[test]
    fn objects_of_many_forms_are_parsed() {
        let paths = JsonPaths::new(["id"], None);
        let mut forms = JsonForms::default();
        for form in 0..4 * TRIAL {
            let object = format!(r#"{{"id":"1","key{form}":"x"}}"#);
            let mut found = PathValues::default();
            assert_eq!(forms.find(object.as_bytes()), None);
            paths.read(object.as_bytes(), &mut found).expect("an object");
            forms.learn(object.as_bytes(), &paths, &found);
        }
        assert!(forms.are_useless() && forms.nodes.len() < 4 * TRIAL as usize);
    }

    /// An object of very many values is parsed, since learning its form would take far longer.
    #[test]
    fn an_object_of_many_values_is_not_learned() {
        let paths = JsonPaths::new(["list"], None);
        for (values, is_learned) in [(MAX_VALUES - 1, true), (MAX_VALUES, false), (200_000, false)] {
            let object = format!(r#"{{"list":[{}]}}"#, vec![r#""P1""#; values].join(","));
            let (mut forms, mut found) = (JsonForms::default(), PathValues::default());
            paths.read(object.as_bytes(), &mut found).expect("an object");
            forms.learn(object.as_bytes(), &paths, &found);
            assert_eq!(forms.find(object.as_bytes()).is_some(), is_learned, "{values}");
        }
    }
}
