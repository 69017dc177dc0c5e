//! XML helpers for the spreadsheet readers: parts of an archive, attributes, and text, all in bounded memory.

use std::collections::HashMap;
use std::io::{BufReader, Cursor, Read};

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use crate::archive;

/// An archive of XML parts.
pub struct XmlPackage {
    zip: archive::Archive<Cursor<Vec<u8>>>,
    /// Index of each part by name. Case is ignored, because programs differ in it.
    places: HashMap<String, usize>,
}

/// The XML of a part, event by event.
pub type Xml<'a> = Reader<BufReader<Box<dyn Read + 'a>>>;

/// The error for a part that is malformed or not as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl From<quick_xml::Error> for Malformed {
    fn from(_: quick_xml::Error) -> Self {
        Self
    }
}

impl XmlPackage {
    /// Opens an archive.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn open(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let zip = archive::Archive::open(Cursor::new(bytes)).map_err(|_| Malformed)?;
        let mut places = HashMap::new();
        for (at, part) in zip.parts().iter().enumerate() {
            // If two parts have the same name, another program may read the other one.
            if places.insert(folded(&String::from_utf8_lossy(&part.name)), at).is_some() {
                return Err(Malformed);
            }
        }
        Ok(Self { zip, places })
    }

    /// Opens a part, or returns `None` if it is absent.
    ///
    /// # Errors
    /// If it cannot be unpacked.
    pub fn bytes(&mut self, name: &str) -> Result<Option<BufReader<Box<dyn Read + '_>>>, Malformed> {
        let Some(at) = self.places.get(&folded(name)) else { return Ok(None) };
        // A part never supplies more bytes than the archive states, and their number was checked.
        let part = self.zip.unpack(*at).map_err(|_| Malformed)?;
        Ok(Some(BufReader::new(Box::new(part))))
    }

    /// Opens a part as XML, or returns `None` if it is absent.
    ///
    /// # Errors
    /// If it cannot be unpacked, or does not begin as spreadsheets do.
    pub fn part(&mut self, name: &str) -> Result<Option<Xml<'_>>, Malformed> {
        let Some(mut bytes) = self.bytes(name)? else { return Ok(None) };
        let mut head = Vec::new();
        bytes.by_ref().take(HEAD).read_to_end(&mut head).map_err(|_| Malformed)?;
        if !has_plain_head(&head) {
            return Err(Malformed);
        }
        Ok(Some(events(Box::new(Cursor::new(head).chain(bytes)))))
    }
}

/// Reads a document in memory.
///
/// # Errors
/// If it does not begin as spreadsheets do.
pub fn document(text: &str) -> Result<Xml<'_>, Malformed> {
    let end = text.len().min(HEAD as usize);
    // The text is decoded, so the encoding that it states does not matter.
    let head = text.as_bytes()[..end].to_vec();
    let begin = memmem::find(&head, b"?>").filter(|_| text.starts_with("<?xml")).map_or(0, |end| end + 2);
    if !has_plain_head(&head[begin..]) {
        return Err(Malformed);
    }
    Ok(events(Box::new(&text.as_bytes()[begin..])))
}

fn events<'a>(bytes: Box<dyn Read + 'a>) -> Xml<'a> {
    let mut xml = Reader::from_reader(BufReader::new(bytes));
    xml.config_mut().expand_empty_elements = true;
    xml
}

/// Number of bytes within which the first element must begin.
const HEAD: u64 = 1 << 14;

/// Returns whether a part begins as spreadsheets do: in UTF-8, and without a document type. A document type can give elements attributes
/// that not every program reads.
fn has_plain_head(head: &[u8]) -> bool {
    // Names of encodings contain only ASCII characters.
    let text = String::from_utf8_lossy(head);
    let mut rest = text.trim_start_matches('\u{FEFF}').trim_start();
    if let Some(declared) = rest.strip_prefix("<?xml") {
        let Some((declaration, behind)) = declared.split_once("?>") else { return false };
        let encoding = declaration.split_once("encoding").map(|(_, value)| value);
        let is_known = |value: &str| {
            let value = value.trim_start_matches(['=', ' ', '"', '\'']).to_ascii_lowercase();
            ["utf-8", "utf8", "us-ascii", "ascii"]
                .iter()
                .any(|known| value.strip_prefix(known).is_some_and(|rest| rest.starts_with(['"', '\''])))
        };
        if encoding.is_some_and(|value| !is_known(value)) {
            return false;
        }
        rest = behind.trim_start();
    }
    // Comments and processing instructions may precede the first element.
    loop {
        let end = if rest.starts_with("<!--") { "-->" } else { "?>" };
        if !rest.starts_with("<!--") && !rest.starts_with("<?") {
            return rest.strip_prefix('<').is_some_and(|rest| rest.starts_with(char::is_alphabetic));
        }
        let Some((_, behind)) = rest.split_once(end) else { return false };
        rest = behind.trim_start();
    }
}

fn folded(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_ascii_lowercase()
}

/// Returns an attribute by its name without a prefix.
///
/// # Errors
/// If the attributes are malformed.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Malformed> {
    find(element, |key| key.rsplit(':').next() == Some(name))
}

/// Returns an attribute whose name has no prefix.
///
/// # Errors
/// If the attributes are malformed.
pub fn own_attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Malformed> {
    find(element, |key| key == name)
}

fn find(element: &BytesStart<'_>, is_meant: impl Fn(&str) -> bool) -> Result<Option<String>, Malformed> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| Malformed)?;
        if is_meant(attribute.key.as_ref()) {
            return Ok(Some(
                quick_xml::escape::unescape(&attribute.value).map_err(|_| Malformed)?.into_owned(),
            ));
        }
    }
    Ok(None)
}

/// Returns whether an attribute is true.
///
/// # Errors
/// If the attributes are malformed.
pub fn flag(element: &BytesStart<'_>, name: &str) -> Result<bool, Malformed> {
    Ok(own_attribute(element, name)?.is_some_and(|value| matches!(value.as_str(), "1" | "true" | "on")))
}

/// The prefix of element names in a part, which its first element defines.
#[derive(Clone, Debug, Default)]
pub struct Prefix(Option<String>);

impl Prefix {
    /// Keeps the prefix of the first element, and checks that every other element has the same. A program that respects namespaces would
    /// read other elements differently.
    ///
    /// # Errors
    /// If the element has another prefix, or declares it anew.
    pub fn check(&mut self, element: &BytesStart<'_>) -> Result<(), Malformed> {
        let (name, local) = (element.name(), element.local_name());
        let (name, local): (&str, &str) = (name.as_ref(), local.as_ref());
        let prefix = &name[..name.len() - local.len()];
        match &self.0 {
            None => self.0 = Some(prefix.to_owned()),
            Some(known) if known == prefix && !declares(element, prefix) => {}
            Some(_) => return Err(Malformed),
        }
        Ok(())
    }
}

/// Returns whether an element declares the namespace of names with a prefix, or of those without one.
pub fn declares(element: &BytesStart<'_>, prefix: &str) -> bool {
    let names = |key: &str| match prefix.strip_suffix(':') {
        None => key == "xmlns",
        Some(prefix) => key.strip_prefix("xmlns:") == Some(prefix),
    };
    element.attributes().flatten().any(|attribute| names(attribute.key.as_ref()))
}

/// Appends the text of an event, if it has any.
///
/// # Errors
/// If the text has an entity that XML does not define.
pub fn push_text(event: &Event<'_>, text: &mut String) -> Result<(), Malformed> {
    match event {
        Event::Text(more) => text.push_str(&more.xml10_content()),
        Event::CData(more) => text.push_str(&more.xml10_content()),
        Event::GeneralRef(entity) => match resolve_xml_entity(entity.as_ref()) {
            Some(known) => text.push_str(known),
            None => text.push(entity.resolve_char_ref()?.ok_or(Malformed)?),
        },
        _ => {}
    }
    Ok(())
}

/// Reads the text within an element after its start tag, up to its end.
///
/// # Errors
/// If the element does not end.
pub fn text_within(xml: &mut Xml<'_>, buffer: &mut Vec<u8>, text: &mut String) -> Result<(), Malformed> {
    let mut depth = 0_usize;
    loop {
        buffer.clear();
        match xml.read_event_into(buffer)? {
            Event::Start(_) => depth += 1,
            Event::End(_) if depth == 0 => return Ok(()),
            Event::End(_) => depth -= 1,
            Event::Eof => return Err(Malformed),
            event if depth == 0 => push_text(&event, text)?,
            _ => {}
        }
    }
}

/// Skips the rest of an element after its start tag.
///
/// # Errors
/// If the element does not end.
pub fn pass_over(xml: &mut Xml<'_>, buffer: &mut Vec<u8>) -> Result<(), Malformed> {
    text_within(xml, buffer, &mut String::new())
}
