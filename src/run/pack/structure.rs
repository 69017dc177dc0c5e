//! Whether an archive is built as ours are: parts one after the other, each told once and alike in both places where a zip
//! archive tells them, and nothing before, between or behind. What other programs unpack is then what was checked.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// The end of the directory, without a comment.
const END: u64 = 22;

/// A part, as the directory tells it.
struct Entry {
    name: Vec<u8>,
    flags: u16,
    compressed: u64,
    offset: u64,
    is_large: bool,
}

/// What is odd about an archive; none where it is built as ours are.
///
/// # Errors
/// When it cannot be read.
pub fn oddity(file: &File) -> io::Result<Option<String>> {
    let mut file = BufReader::new(file.try_clone()?);
    let length = file.seek(SeekFrom::End(0))?;
    match walk(&mut file, length) {
        Ok(()) => Ok(None),
        Err(Odd::Io(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Ok(Some("it ends too early".to_owned()))
        }
        Err(Odd::Io(error)) => Err(error),
        Err(Odd::Because(why)) => Ok(Some(why)),
    }
}

enum Odd {
    Io(io::Error),
    Because(String),
}

impl From<io::Error> for Odd {
    fn from(error: io::Error) -> Self {
        Odd::Io(error)
    }
}

fn because(why: &str) -> Odd {
    Odd::Because(why.to_owned())
}

fn walk(file: &mut (impl Read + Seek), length: u64) -> Result<(), Odd> {
    let end = length.checked_sub(END).ok_or_else(|| because("it is too short"))?;
    file.seek(SeekFrom::Start(end))?;
    let tail = taken::<22>(file)?;
    if tail[..4] != *b"PK\x05\x06" || tail[20..] != [0, 0] || tail[4..8] != [0; 4] {
        return Err(because("something stands behind its directory"));
    }
    let (count, size, begin) =
        (u16_at(&tail, 10), u64::from(u32_at(&tail, 12)), u64::from(u32_at(&tail, 16)));
    if begin + size != end {
        return Err(because("its directory is not where it says"));
    }
    file.seek(SeekFrom::Start(begin))?;
    let entries: Vec<Entry> = (0..count).map(|_| entry(file)).collect::<Result<_, _>>()?;
    if file.stream_position()? != end {
        return Err(because("its directory tells more parts than it counts"));
    }
    let mut known = BTreeSet::new();
    let mut at = 0;
    for entry in &entries {
        let name = String::from_utf8_lossy(&entry.name).into_owned();
        if !known.insert(name.to_lowercase()) {
            return Err(Odd::Because(format!("{name} is there twice")));
        }
        if entry.offset != at {
            return Err(because("something stands before or between its parts"));
        }
        file.seek(SeekFrom::Start(at))?;
        let local = taken::<30>(file)?;
        let (name_length, extra) = (usize::from(u16_at(&local, 26)), u64::from(u16_at(&local, 28)));
        let mut local_name = vec![0; name_length];
        file.read_exact(&mut local_name)?;
        if local[..4] != *b"PK\x03\x04" || local_name != entry.name || u16_at(&local, 6) != entry.flags {
            return Err(Odd::Because(format!("{name} has another name or nature where it stands")));
        }
        at += 30 + name_length as u64 + extra + entry.compressed;
        // Parts that are written in one go have their sizes behind them.
        if entry.flags & 8 != 0 {
            at += if entry.is_large { 24 } else { 16 };
        }
    }
    if at == begin { Ok(()) } else { Err(because("something stands between its parts and its directory")) }
}

fn entry(file: &mut impl Read) -> Result<Entry, Odd> {
    let head = taken::<46>(file)?;
    let (name_length, extra_length, comment) = (u16_at(&head, 28), u16_at(&head, 30), u16_at(&head, 32));
    // A regular file, or nothing said of what it is.
    let mode = u32_at(&head, 38) >> 16;
    if head[..4] != *b"PK\x01\x02" || comment != 0 || (mode != 0 && mode & 0o170_000 != 0o100_000) {
        return Err(because("a part is no plain file"));
    }
    let mut name = vec![0; usize::from(name_length)];
    file.read_exact(&mut name)?;
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-/".contains(byte);
    let text = String::from_utf8_lossy(&name);
    if !name.iter().all(is_plain) || text.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
        return Err(because("the name of a part is none that mucalc gives"));
    }
    let mut extra = vec![0; usize::from(extra_length)];
    file.read_exact(&mut extra)?;
    let (small, large, offset) = (u32_at(&head, 20), u32_at(&head, 24), u32_at(&head, 42));
    let mut wide = wide(&extra).into_iter();
    let mut real = |of: u32| match of {
        u32::MAX => wide.next().ok_or_else(|| because("a part does not tell its size")),
        of => Ok(u64::from(of)),
    };
    // In this order they are told where they are large.
    let is_large = !extra.is_empty();
    let (_, compressed) = (real(large)?, real(small)?);
    let offset = real(offset)?;
    Ok(Entry { name, flags: u16_at(&head, 8), compressed, offset, is_large })
}

/// The numbers of a zip64 field.
fn wide(extra: &[u8]) -> Vec<u64> {
    match extra {
        [1, 0, _, _, numbers @ ..] => numbers
            .chunks_exact(8)
            .map(|number| u64::from_le_bytes(number.try_into().unwrap_or_default()))
            .collect(),
        _ => Vec::new(),
    }
}

fn taken<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut taken = [0; N];
    file.read_exact(&mut taken)?;
    Ok(taken)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
