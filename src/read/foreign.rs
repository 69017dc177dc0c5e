//! Files that are often taken for exports and are none, by how they begin.

use memchr::memmem;

use crate::read::error::Reason;

/// Why a file that begins like this cannot be read, if it is of a kind that is known.
pub fn foreign(begin: &[u8]) -> Option<Reason> {
    let (what, remedy) = KINDS
        .iter()
        .find(|(signature, ..)| begin.starts_with(signature))
        .map(|(_, what, remedy)| (*what, *remedy))
        .or_else(|| of_office(begin))
        .or_else(|| of_markup(begin))
        .or_else(|| of_two_bytes(begin))?;
    Some(Reason::Foreign(what, remedy))
}

const AS_CSV: &str = "export the rows as CSV";
const KINDS: [(&[u8], &str, &str); 7] = [
    (b"%PDF", "a PDF", AS_CSV),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel or Word file", "save it as .xlsx or as CSV"),
    (b"\x89PNG", "a picture", AS_CSV),
    (b"\xFF\xD8\xFF", "a picture", AS_CSV),
    (b"GIF8", "a picture", AS_CSV),
    (b"{\\rtf", "a text of a word processor", AS_CSV),
    (b"SQLite format 3\0", "a database file", "export the tables as CSV"),
];

/// What other programs of an office pack in the same way as a workbook.
fn of_office(begin: &[u8]) -> Option<(&'static str, &'static str)> {
    if !begin.starts_with(b"PK\x03\x04") {
        return None;
    }
    let holds = |name: &[u8]| memmem::find(begin, name).is_some();
    if holds(b"xl/") {
        None
    } else if holds(b"word/") {
        Some(("a Word document", "save the rows as CSV"))
    } else if holds(b"ppt/") {
        Some(("a presentation", AS_CSV))
    } else if holds(b"mimetypeapplication/vnd.oasis.opendocument") {
        Some(("an OpenDocument file", "save it as .xlsx or as CSV"))
    } else {
        None
    }
}

/// A page of the web, as one gets where a download failed, and other documents with tags.
fn of_markup(begin: &[u8]) -> Option<(&'static str, &'static str)> {
    let text = begin.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(begin).trim_ascii_start();
    let begins = |tag: &str| text.get(..tag.len()).is_some_and(|it| it.eq_ignore_ascii_case(tag.as_bytes()));
    if begins("<!doctype html") || begins("<html") {
        Some(("a web page", "the download may have failed, or a session ended; export again"))
    } else if begins("<?xml") || begins("<clinicaldocument") {
        Some(("an XML document", AS_CSV))
    } else {
        None
    }
}

/// Text in two bytes a letter that does not say so by a mark.
fn of_two_bytes(begin: &[u8]) -> Option<(&'static str, &'static str)> {
    let (pairs, _) = begin.get(..64)?.as_chunks::<2>();
    let is_half = |zero: usize| pairs.iter().all(|pair| pair[zero] == 0 && pair[1 - zero] != 0);
    if is_half(1) {
        Some(("text in UTF-16 without its mark", "add --encoding utf-16le, or save it as UTF-8"))
    } else if is_half(0) {
        Some(("text in UTF-16 without its mark", "add --encoding utf-16be, or save it as UTF-8"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_export_is_named() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let zip = |name: &str| [b"PK\x03\x04".as_slice(), &[0; 26], name.as_bytes()].concat();
        for (begin, word) in [
            (b"%PDF-1.7".to_vec(), "PDF"),
            (b"\xEF\xBB\xBF <!DOCTYPE html>".to_vec(), "web page"),
            (b"<HTML>".to_vec(), "web page"),
            (b"<?xml version=\"1.0\"?>".to_vec(), "XML"),
            (utf16("patient_id,provider_id,started_at,kind"), "utf-16le"),
            (zip("[Content_Types].xml word/document.xml"), "Word"),
            (zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
        ] {
            let Some(Reason::Foreign(what, remedy)) = foreign(&begin) else { panic!("{word} is not known") };
            assert!(format!("{what} {remedy}").contains(word), "{what}: {remedy}");
        }
        for begin in [
            zip("[Content_Types].xml xl/workbook.xml"),
            zip("encounters.csv"),
            b"patient_id,x\n<html>".to_vec(),
            vec![],
        ] {
            assert_eq!(foreign(&begin), None, "{begin:?}");
        }
    }
}
