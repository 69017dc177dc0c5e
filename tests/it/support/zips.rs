//! Zip archives put together byte by byte, also as no honest program would.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// A part of an archive.
#[derive(Clone, Default)]
pub struct RawPart {
    /// The name in both places.
    pub name: String,
    /// What it holds.
    pub data: Vec<u8>,
    /// Whether its bytes are not packed.
    pub is_stored: bool,
    /// Bytes behind those of the part that are counted to it.
    pub tail: Vec<u8>,
    /// Extra fields of the directory, and of the place where it stands.
    pub extra: Vec<u8>,
    pub local_extra: Vec<u8>,
    /// Bytes between it and the next part.
    pub gap: Vec<u8>,
    /// Its sizes stand behind it, in a record of so many bytes.
    pub behind: usize,
    /// Another name where it stands.
    pub local_name: Option<String>,
    /// Whether it was made from a pipe.
    pub is_of_pipe: bool,
}

/// An archive.
#[derive(Clone, Default)]
pub struct RawZip {
    pub parts: Vec<RawPart>,
    /// A comment of the archive.
    pub comment: Vec<u8>,
    /// How many parts are on this disk, if it is not their number.
    pub on_disk: Option<u16>,
    /// Whether it has the record of large archives.
    pub is_wide: bool,
}

pub fn part(name: &str, data: impl Into<Vec<u8>>) -> RawPart {
    RawPart { name: name.to_owned(), data: data.into(), ..RawPart::default() }
}

pub fn zip(parts: Vec<RawPart>) -> RawZip {
    RawZip { parts, ..RawZip::default() }
}

pub fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// A part as it stands in an archive, to be hidden somewhere.
pub fn local(name: &str, data: &[u8]) -> Vec<u8> {
    let packed = deflated(data);
    [head(name, 0, 8, crc(data), packed.len(), data.len(), &[]), packed].concat()
}

/// An extra field.
pub fn field(id: u16, bytes: &[u8]) -> Vec<u8> {
    [&id.to_le_bytes()[..], &(bytes.len() as u16).to_le_bytes(), bytes].concat()
}

/// The field by which Info-ZIP gives a part another name.
pub fn unicode_name(raw: &str, other: &str) -> Vec<u8> {
    field(0x7075, &[&[1][..], &crc(raw.as_bytes()).to_le_bytes(), other.as_bytes()].concat())
}

pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn head(name: &str, flags: u16, method: u16, crc: u32, packed: usize, size: usize, extra: &[u8]) -> Vec<u8> {
    let mut head = b"PK\x03\x04\x14\0".to_vec();
    for number in [flags, method, 0, 33] {
        head.extend(number.to_le_bytes());
    }
    for number in [crc, packed as u32, size as u32] {
        head.extend(number.to_le_bytes());
    }
    for length in [name.len(), extra.len()] {
        head.extend((length as u16).to_le_bytes());
    }
    [head, name.as_bytes().to_vec(), extra.to_vec()].concat()
}

impl RawZip {
    pub fn bytes(&self) -> Vec<u8> {
        let (mut bytes, mut directory) = (Vec::new(), Vec::new());
        for part in &self.parts {
            let packed = if part.is_stored { part.data.clone() } else { deflated(&part.data) };
            let body = [packed, part.tail.clone()].concat();
            let (crc, method) = (crc(&part.data), if part.is_stored { 0 } else { 8 });
            let flags = if part.behind > 0 { 8 } else { 0 };
            let offset = bytes.len() as u32;
            let local_name = part.local_name.as_ref().unwrap_or(&part.name);
            let told = if part.behind > 0 { (0, 0, 0) } else { (crc, body.len(), part.data.len()) };
            bytes.extend(head(local_name, flags, method, told.0, told.1, told.2, &part.local_extra));
            bytes.extend(&body);
            if part.behind > 0 {
                let mut behind =
                    if matches!(part.behind, 16 | 24) { b"PK\x07\x08".to_vec() } else { Vec::new() };
                behind.extend(crc.to_le_bytes());
                for size in [body.len(), part.data.len()] {
                    match part.behind {
                        20 | 24 => behind.extend((size as u64).to_le_bytes()),
                        _ => behind.extend((size as u32).to_le_bytes()),
                    }
                }
                bytes.extend(behind);
            }
            bytes.extend(&part.gap);
            directory.extend(b"PK\x01\x02\x1e\x03\x14\0");
            for number in [flags, method, 0, 33] {
                directory.extend(number.to_le_bytes());
            }
            for number in [crc, body.len() as u32, part.data.len() as u32] {
                directory.extend(number.to_le_bytes());
            }
            for length in [part.name.len(), part.extra.len(), 0, 0, 0] {
                directory.extend((length as u16).to_le_bytes());
            }
            directory.extend((if part.is_of_pipe { 0o010_600_u32 } else { 0o100_600 } << 16).to_le_bytes());
            directory.extend(offset.to_le_bytes());
            directory.extend(part.name.as_bytes());
            directory.extend(&part.extra);
        }
        let (begin, count) = (bytes.len(), self.parts.len());
        bytes.extend(&directory);
        if self.is_wide {
            let at = bytes.len() as u64;
            bytes.extend(b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0");
            for number in [count, count, directory.len(), begin] {
                bytes.extend((number as u64).to_le_bytes());
            }
            bytes.extend(b"PK\x06\x07\0\0\0\0");
            bytes.extend(at.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
        }
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        for number in [self.on_disk.unwrap_or(count as u16), count as u16] {
            bytes.extend(number.to_le_bytes());
        }
        for number in [directory.len(), begin] {
            bytes.extend((number as u32).to_le_bytes());
        }
        bytes.extend((self.comment.len() as u16).to_le_bytes());
        bytes.extend(&self.comment);
        bytes
    }
}
