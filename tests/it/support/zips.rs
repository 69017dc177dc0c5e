//! ZIP archives written byte by byte, including archives that no legitimate program would write.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// An entry of an archive.
#[derive(Clone, Default)]
pub struct RawPart {
    /// The name in the central directory and in the local header.
    pub name: String,
    /// The contents.
    pub data: Vec<u8>,
    /// Whether the contents are stored without compression.
    pub is_stored: bool,
    /// Additional bytes after the data that are included in its compressed size.
    pub tail: Vec<u8>,
    /// Extra fields of the central directory and of the local header.
    pub extra: Vec<u8>,
    pub local_extra: Vec<u8>,
    /// Bytes between this entry and the next.
    pub gap: Vec<u8>,
    /// Size in bytes of the data descriptor that follows the data; 0 if there is none.
    pub behind: usize,
    /// A different name in the local header.
    pub local_name: Option<String>,
    /// Whether the entry is marked as a pipe (FIFO).
    pub is_of_pipe: bool,
}

/// An archive.
#[derive(Clone, Default)]
pub struct RawZip {
    pub parts: Vec<RawPart>,
    /// The archive's comment.
    pub comment: Vec<u8>,
    /// The number of entries on this disk, if it differs from the actual number.
    pub on_disk: Option<u16>,
    /// Whether the archive has a ZIP64 record.
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

/// Returns a local header with its data, to be hidden in another archive.
pub fn local(name: &str, data: &[u8]) -> Vec<u8> {
    let packed = deflated(data);
    [head(name, 0, 8, crc(data), packed.len(), data.len(), &[]), packed].concat()
}

/// Returns an extra field.
pub fn field(id: u16, bytes: &[u8]) -> Vec<u8> {
    [&id.to_le_bytes()[..], &(bytes.len() as u16).to_le_bytes(), bytes].concat()
}

/// Returns the extra field with which Info-ZIP gives an entry another name.
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
