//! Recognizes files that users often take for exports, by how they begin, and explains what each is and what to do.

use memchr::memmem;

use crate::error::InputErrorKind;
use crate::format::encoding::beginning;

/// Returns why a file that begins like this cannot be read, if its kind is known.
pub fn detect_unsupported(begin: &[u8]) -> Option<InputErrorKind> {
    let (what, remedy) = KINDS
        .iter()
        .find(|(signature, ..)| begin.starts_with(signature))
        .map(|(_, what, remedy)| (*what, *remedy))
        .or_else(|| detect_bzip2(begin))
        .or_else(|| detect_office(begin))
        .or_else(|| detect_database(begin))
        .or_else(|| detect_health_format(begin))
        .or_else(|| detect_markup(begin))
        .or_else(|| detect_sql(begin))
        .or_else(|| detect_utf16(begin))?;
    Some(InputErrorKind::Foreign(what, remedy))
}

type Named = (&'static str, &'static str);

const AS_CSV: &str = "export the rows as CSV";
const TABLES: &str = "export the tables as CSV";
const UNPACK: &str = "unpack it and name the file in it";

const KINDS: [(&[u8], &str, &str); 24] = [
    (b"%PDF", "a PDF", AS_CSV),
    (b"\x89PNG", "a picture", AS_CSV),
    (b"\xFF\xD8\xFF", "a picture", AS_CSV),
    (b"GIF8", "a picture", AS_CSV),
    (b"II*\0", "a picture", AS_CSV),
    (b"MM\0*", "a picture", AS_CSV),
    (b"{\\rtf", "a text of a word processor (RTF)", AS_CSV),
    (b"\xFD7zXZ\0", "a file packed with xz", "unpack it (`unxz`) and name the file in it"),
    (b"]\0\0\x80\0", "a file packed with LZMA", UNPACK),
    (b"\x04\x22\x4D\x18", "a file packed with LZ4", UNPACK),
    (b"\x1F\x9D", "a file packed with compress", UNPACK),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", UNPACK),
    (b"Rar!\x1A\x07", "a RAR archive", UNPACK),
    (b"SQLite format 3\0", "a database file (SQLite)", TABLES),
    (b"\0\x01\0\0Standard ACE DB", "a database of Microsoft Access (.accdb)", TABLES),
    (b"\0\x01\0\0Standard Jet DB", "a database of Microsoft Access (.mdb)", TABLES),
    (b"PGDMP", "a dump of a PostgreSQL database", TABLES),
    (b"TAPE\0\0", "a backup of a SQL Server database", TABLES),
    (b"$FL2", "a file of SPSS", AS_CSV),
    (b"$FL3", "a file of SPSS", AS_CSV),
    (b"<stata_dta>", "a file of Stata", AS_CSV),
    (b"HEADER RECORD*******", "a transport file of SAS", AS_CSV),
    (b"ARROW1\0\0", "an Arrow file", "save it as Parquet or as CSV"),
    (b"Obj\x01", "an Avro file", "save it as Parquet or as CSV"),
];

/// Recognizes a bzip2 file, by its compression level and the digits of π.
fn detect_bzip2(begin: &[u8]) -> Option<Named> {
    let is_packed = matches!(begin, [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] if rest.starts_with(b"1AY&SY") || rest.starts_with(b"\x17rE8P\x90"));
    is_packed.then_some(("a file packed with bzip2", "unpack it (`bunzip2`) and name the file in it"))
}

/// Recognizes files of other office programs, which are ZIP archives like a workbook.
fn detect_office(begin: &[u8]) -> Option<Named> {
    if !begin.starts_with(b"PK\x03\x04") {
        return None;
    }
    let holds = |name: &[u8]| memmem::find(begin, name).is_some();
    if holds(b"xl/") || holds(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet") {
        None
    } else if holds(b"word/") {
        Some(("a Word document", "save the rows as CSV"))
    } else if holds(b"ppt/") {
        Some(("a presentation", AS_CSV))
    } else if holds(b"mimetypeapplication/vnd.oasis.opendocument") {
        Some(("an OpenDocument file that is no spreadsheet", "save the rows as .ods or as CSV"))
    } else if holds(b"Index/Document.iwa") || holds(b"Index/Tables/") {
        Some(("a Numbers document", "export it as .xlsx or as CSV"))
    } else {
        None
    }
}

/// Recognizes dBase tables, which begin with a number for the program and a date, and tar archives, which name their format further on.
fn detect_database(begin: &[u8]) -> Option<Named> {
    let programs = [0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8E, 0xCB, 0xF5];
    if let [program, _year, 1..=12, 1..=31, _, _, _, _, low, high, ..] = begin
        && programs.contains(program)
        && u16::from_le_bytes([*low, *high]) >= 65
    {
        return Some(("a table of dBase (.dbf)", "open it in a spreadsheet and save it as CSV or .xlsx"));
    }
    (begin.get(257..262) == Some(b"ustar")).then_some(("a tar archive", UNPACK))
}

/// Recognizes messages between health care systems.
fn detect_health_format(begin: &[u8]) -> Option<Named> {
    const REPORT: &str = "messages between systems are no export of visits or messages; export the rows as CSV from a report of the EHR";
    let text = begin.trim_ascii_start();
    // Transmitted messages begin with a vertical tab.
    let text = text.strip_prefix(b"\x0B").unwrap_or(text);
    let begins = |words: &[&[u8]]| words.iter().any(|word| text.starts_with(word));
    let is_x12 = text.starts_with(b"ISA")
        && matches!(text, [_, _, _, separator, a, b, other, ..]
            if separator == other && !separator.is_ascii_alphanumeric() && [a, b].iter().all(|byte| byte.is_ascii_digit()));
    if begins(&[b"MSH|", b"MSH^", b"FHS|", b"BHS|"]) {
        Some(("a file of HL7 messages", REPORT))
    } else if is_x12 || begins(&[b"ISA*"]) {
        Some(("an X12 interchange", REPORT))
    } else if begins(&[b"UNA:+", b"UNB+"]) {
        Some(("an EDIFACT interchange", REPORT))
    } else {
        None
    }
}

/// Recognizes web pages, such as the result of a failed download, and other documents with tags.
fn detect_markup(begin: &[u8]) -> Option<Named> {
    let text = begin.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(begin).trim_ascii_start();
    let begins = |tag: &str| text.get(..tag.len()).is_some_and(|it| it.eq_ignore_ascii_case(tag.as_bytes()));
    let holds = |words: &str| memmem::find(text, words.as_bytes()).is_some();
    const SAVE: &str = "open it in Excel and save it as .xlsx or as CSV";
    if crate::format::web_page::is_page(begin) {
        None
    } else if begins("<!doctype html") || begins("<html") || begins("<head") || begins("<body") {
        Some(("a web page", "the download may have failed, or a session ended; export again"))
    } else if begins("mime-version:") && holds("text/html") {
        Some(("a web page in one file (MHTML)", SAVE))
    } else if !begins("<") || is_xml_workbook(begin) {
        None
    } else if holds("<ClinicalDocument") {
        Some(("a clinical document (C-CDA)", AS_CSV))
    } else if begins("<?xml") || begins("<clinicaldocument") {
        Some(("an XML document", AS_CSV))
    } else {
        None
    }
}

/// Returns whether a file that begins like this is a workbook that is one XML document.
pub fn is_xml_workbook(begin: &[u8]) -> bool {
    let text = beginning(begin);
    let text = text.as_bytes().trim_ascii_start();
    text.starts_with(b"<")
        && memmem::find(text, b"urn:schemas-microsoft-com:office:spreadsheet").is_some()
        && memmem::find(text, b"Workbook").is_some()
}

/// Recognizes a script that rebuilds a database: statements, perhaps after comments.
fn detect_sql(begin: &[u8]) -> Option<Named> {
    const SQL: Named = (
        "a script of SQL statements, as a dump of a database is",
        "load it into a database and export the tables as CSV",
    );
    let text = begin.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(begin);
    let mut rest = text.trim_ascii_start();
    for dump in
        [&b"-- MySQL dump"[..], b"-- MariaDB dump", b"-- PostgreSQL database", b"-- phpMyAdmin SQL", b"/*!"]
    {
        if rest.starts_with(dump) {
            return Some(SQL);
        }
    }
    loop {
        if rest.starts_with(b"--") {
            let end = memchr::memchr(b'\n', rest)?;
            rest = rest[end..].trim_ascii_start();
        } else if rest.starts_with(b"/*") {
            rest = rest[memmem::find(rest, b"*/")? + 2..].trim_ascii_start();
        } else {
            break;
        }
    }
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    let begins =
        |words: &str| line.get(..words.len()).is_some_and(|it| it.eq_ignore_ascii_case(words.as_bytes()));
    let is_statement = ["insert into ", "create table ", "drop table ", "create database ", "lock tables "];
    // These words may also begin a column name, so the line must be a complete statement.
    let may_be = [
        "set ",
        "use ",
        "begin",
        "start transaction",
        "pragma ",
        "alter ",
        "delete from ",
        "copy ",
        "create ",
    ];
    let is_sql = is_statement.iter().any(|words| begins(words))
        || (line.iter().position(|byte| *byte == b';') == line.len().checked_sub(1)
            && may_be.iter().any(|words| begins(words)));
    is_sql.then_some(SQL)
}

/// Recognizes UTF-16 text without a byte order mark.
fn detect_utf16(begin: &[u8]) -> Option<Named> {
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
        let tar = [&[b'x'; 257][..], b"ustar\x0000"].concat();
        for (begin, word) in [
            (b"%PDF-1.7".to_vec(), "PDF"),
            (b"\xEF\xBB\xBF <!DOCTYPE html>".to_vec(), "web page"),
            (b"<HTML>".to_vec(), "web page"),
            (b"<?xml version=\"1.0\"?>".to_vec(), "XML"),
            (b"<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><table>".to_vec(), "clinical document"),
            (b"MIME-Version: 1.0\nContent-Type: text/html\n".to_vec(), "MHTML"),
            (utf16("patient_id,provider_id,started_at,kind"), "utf-16le"),
            (zip("[Content_Types].xml word/document.xml"), "Word"),
            (zip("mimetypeapplication/vnd.oasis.opendocument.text"), "OpenDocument"),
            (zip("Index/Document.iwa"), "Numbers"),
            (b"BZh91AY&SY".to_vec(), "bzip2"),
            (b"\xFD7zXZ\0\0".to_vec(), "xz"),
            (b"7z\xBC\xAF\x27\x1C\0".to_vec(), "7-Zip"),
            (b"Rar!\x1A\x07\x01".to_vec(), "RAR"),
            (tar, "tar"),
            (b"SQLite format 3\0".to_vec(), "SQLite"),
            (b"\0\x01\0\0Standard ACE DB\0".to_vec(), "accdb"),
            (b"\0\x01\0\0Standard Jet DB\0".to_vec(), "mdb"),
            (b"\x03\x72\x07\x01\x14\0\0\0\xA1\0\x50\0".to_vec(), "dBase"),
            (b"MSH|^~\\&|EHR|CLINIC|".to_vec(), "HL7"),
            (b"\x0BMSH|^~\\&|EHR|".to_vec(), "HL7"),
            (b"ISA*00*          *00*".to_vec(), "X12"),
            (b"ISA|00|          |00|".to_vec(), "X12"),
            (b"-- MySQL dump 10.13\n--\n".to_vec(), "SQL"),
            (b"--\n-- Tables\n--\n\n/* x */ CREATE TABLE visits (\n".to_vec(), "SQL"),
            (b"insert into visits values (1);".to_vec(), "SQL"),
            (b"SET NAMES utf8;\n".to_vec(), "SQL"),
            (b"{\\rtf1".to_vec(), "RTF"),
            (b"II*\0\x08".to_vec(), "picture"),
        ] {
            let Some(InputErrorKind::Foreign(what, remedy)) = detect_unsupported(&begin) else {
                panic!("{word} is not known")
            };
            assert!(format!("{what} {remedy}").contains(word), "{what}: {remedy}");
        }
        for begin in [
            zip("[Content_Types].xml xl/workbook.xml"),
            zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
            zip("encounters.csv"),
            b"patient_id,x\n<html>".to_vec(),
            b"<html><table>".to_vec(),
            b"set id,patient_id\n".to_vec(),
            b"-- a report\npatient_id,x\n".to_vec(),
            b"ISA,patient_id\n".to_vec(),
            b"created by,patient_id\n".to_vec(),
            b"begin;end;patient_id;\n".to_vec(),
            vec![],
        ] {
            assert_eq!(detect_unsupported(&begin), None, "{begin:?}");
        }
    }
}
