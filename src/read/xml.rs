//! What the readers of spreadsheets need of XML: parts of an archive, attributes and text, all in bounded memory.

use std::collections::HashMap;
use std::io::{BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use crate::read::archive;

/// An archive of XML parts.
pub struct Archive {
    zip: archive::Archive<Cursor<Vec<u8>>>,
    /// Where each part is; names without regard to case, since programs do not agree on it.
    places: HashMap<String, usize>,
}

/// The text of a part, event by event.
pub type Xml<'a> = Reader<BufReader<Box<dyn Read + 'a>>>;

/// That a part is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl From<quick_xml::Error> for Malformed {
    fn from(_: quick_xml::Error) -> Self {
        Self
    }
}

impl Archive {
    /// Opens an archive.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn open(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let zip = archive::Archive::open(Cursor::new(bytes)).map_err(|_| Malformed)?;
        let mut places = HashMap::new();
        for (at, part) in zip.parts().iter().enumerate() {
            // Of two parts with one name another program may take the other.
            if places.insert(folded(&String::from_utf8_lossy(&part.name)), at).is_some() {
                return Err(Malformed);
            }
        }
        Ok(Self { zip, places })
    }

    /// Opens a part; none where there is no such part.
    ///
    /// # Errors
    /// When it cannot be unpacked.
    pub fn bytes(&mut self, name: &str) -> Result<Option<BufReader<Box<dyn Read + '_>>>, Malformed> {
        let Some(at) = self.places.get(&folded(name)) else { return Ok(None) };
        // It never gives more than the archive says there is: its size was checked by that.
        let part = self.zip.unpack(*at).map_err(|_| Malformed)?;
        Ok(Some(BufReader::new(Box::new(part))))
    }

    /// Opens a part as XML; none where there is no such part.
    ///
    /// # Errors
    /// When it cannot be unpacked.
    pub fn part(&mut self, name: &str) -> Result<Option<Xml<'_>>, Malformed> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        let mut xml = Reader::from_reader(bytes);
        let config = xml.config_mut();
        config.check_end_names = false;
        config.expand_empty_elements = true;
        Ok(Some(xml))
    }
}

fn folded(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_ascii_lowercase()
}

/// Returns an attribute by its name without a prefix.
///
/// # Errors
/// When the attributes are malformed.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Malformed> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| Malformed)?;
        if attribute.key.local_name().as_ref() == name {
            return Ok(Some(
                quick_xml::escape::unescape(&attribute.value).map_err(|_| Malformed)?.into_owned(),
            ));
        }
    }
    Ok(None)
}

/// Whether an attribute says yes.
///
/// # Errors
/// When the attributes are malformed.
pub fn flag(element: &BytesStart<'_>, name: &str) -> Result<bool, Malformed> {
    Ok(attribute(element, name)?.is_some_and(|value| matches!(value.as_str(), "1" | "true" | "on")))
}

/// Adds the text of an event, if it has any.
///
/// # Errors
/// For an entity that XML does not know.
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

/// Reads the text within an element that was begun, up to its end.
///
/// # Errors
/// When it does not end.
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

/// Passes over the rest of an element that was begun.
///
/// # Errors
/// When it does not end.
pub fn pass_over(xml: &mut Xml<'_>, buffer: &mut Vec<u8>) -> Result<(), Malformed> {
    text_within(xml, buffer, &mut String::new())
}
