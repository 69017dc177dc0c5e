//! Opens ZIP archives, but only those that every program unpacks to the same files: their entries follow one another without gaps, and the
//! local headers agree with the central directory.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

/// An archive whose entries were all found and checked.
#[derive(Debug)]
pub struct Archive<R> {
    bytes: R,
    parts: Vec<Part>,
}

/// An entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Name, as the bytes in the archive.
    pub name: Vec<u8>,
    /// Compression method: 0 is stored, 8 is deflated.
    pub method: u16,
    /// General-purpose bit flags.
    pub flags: u16,
    /// Unix file type and permissions; 0 if the archive does not record them.
    pub mode: u32,
    /// Ids of its extra fields, in the central directory and the local header.
    pub extras: Vec<u16>,
    /// Whether the central directory has a comment for it.
    pub has_comment: bool,
    /// Compressed size in bytes.
    pub packed: u64,
    /// Uncompressed size in bytes.
    pub size: u64,
    /// Offset of its data, in bytes from the beginning of the archive.
    pub start: u64,
    crc: u32,
    offset: u64,
}

/// Why an archive cannot be used.
#[derive(Debug)]
pub enum Unfit {
    /// Reading failed.
    Io(io::Error),
    /// The file is not an archive, or is incomplete.
    NoArchive,
    /// Two programs may unpack different things from it, for this reason.
    Ambiguous(String),
}

impl From<io::Error> for Unfit {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Unfit::NoArchive,
            _ => Unfit::Io(error),
        }
    }
}

impl<R: Read + Seek> Archive<R> {
    /// Finds the entries of an archive and checks that their local headers agree with the central directory.
    ///
    /// # Errors
    /// If the file is not an archive, cannot be read, or is one from which two programs may unpack different things.
    pub fn open(mut bytes: R) -> Result<Self, Unfit> {
        let directory = Directory::find(&mut bytes)?;
        bytes.seek(SeekFrom::Start(directory.begin))?;
        let mut parts = Vec::new();
        for _ in 0..directory.count {
            parts.push(listed(&mut bytes)?);
        }
        if bytes.stream_position()? != directory.end {
            return Err(ambiguous("its directory has more parts than it counts"));
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = parts.iter().find(|part| !names.insert(&part.name)) {
            return Err(Unfit::Ambiguous(format!("{} is there twice", String::from_utf8_lossy(&twice.name))));
        }
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|at| parts[*at].offset);
        let mut at = 0;
        for (position, part) in order.iter().enumerate() {
            let next = order.get(position + 1).map_or(directory.begin, |next| parts[*next].offset);
            check_local(&mut bytes, &mut parts[*part], at, next)?;
            at = next;
        }
        if at != directory.begin {
            return Err(ambiguous("something stands before its directory"));
        }
        let mut archive = Self { bytes, parts };
        archive.check_ends()?;
        Ok(archive)
    }

    /// Checks that no entry has another one hidden after the end of its own data. A program that reads from the beginning, without the
    /// directory, would find it there. Only unpacks entries that contain the signature of a local header.
    fn check_ends(&mut self) -> Result<(), Unfit> {
        for at in 0..self.parts.len() {
            let part = &self.parts[at];
            if part.is_encrypted() {
                continue;
            }
            // Stored data has no end marker, so a program that streams the archive needs the size in front of the data to find its end.
            let is_odd =
                part.method == STORED && (part.packed != part.size || part.flags & 8 != 0 && part.size > 0);
            // Readers of the entry refuse such a ratio.
            let is_bomb = part.size > LARGE && part.size / MAX_TIMES > part.packed;
            if part.method == DEFLATED && !is_bomb && has_mark(&mut self.bytes, part)? {
                let ended = self.unpack(at).and_then(|mut bytes| io::copy(&mut bytes, &mut io::sink()));
                if ended.is_ok() {
                    continue;
                }
            } else if !is_odd {
                continue;
            }
            let name = String::from_utf8_lossy(&self.parts[at].name).into_owned();
            return Err(Unfit::Ambiguous(format!("{name} has something behind its end")));
        }
        Ok(())
    }

    /// Returns the entries, in the order of the central directory.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns a reader of the uncompressed bytes of an entry, which checks them: the last read fails if their number, their checksum, or
    /// their end differs from what the archive records.
    ///
    /// # Errors
    /// If the archive cannot be read, or the entry does not exist, is encrypted, or uses an unsupported compression method.
    pub fn unpack(&mut self, at: usize) -> io::Result<Unpacking<io::BufReader<io::Take<&mut R>>>>
    where
        R: Read,
    {
        let part = self.parts.get(at).ok_or(io::ErrorKind::NotFound)?;
        self.bytes.seek(SeekFrom::Start(part.start))?;
        Unpacking::new(part, io::BufReader::with_capacity(CHUNK, (&mut self.bytes).take(part.packed)))
    }
}

const CHUNK: usize = 64 << 10;

/// An entry larger than this, in bytes, must not be more than `MAX_TIMES` as large as its compressed data.
const LARGE: u64 = 64 << 20;
const MAX_TIMES: u64 = 400;

/// The signature of a local header.
const MARK: &[u8] = b"PK\x03\x04";

/// Returns whether the compressed bytes of an entry contain the signature of a local header.
fn has_mark(bytes: &mut (impl Read + Seek), part: &Part) -> io::Result<bool> {
    bytes.seek(SeekFrom::Start(part.start))?;
    let mut packed = bytes.take(part.packed);
    let mut chunk = Vec::with_capacity(CHUNK + MARK.len());
    loop {
        // A signature may begin in one chunk and end in the next.
        let kept = chunk.len().min(MARK.len() - 1);
        chunk.drain(..chunk.len() - kept);
        if (&mut packed).take(CHUNK as u64).read_to_end(&mut chunk)? == 0 {
            return Ok(false);
        }
        if memchr::memmem::find(&chunk, MARK).is_some() {
            return Ok(true);
        }
    }
}

/// A reader of the uncompressed bytes of an entry, which checks their number and checksum.
pub struct Unpacking<B> {
    data: Data<B>,
    crc: Crc,
    given: u64,
    size: u64,
    packed: u64,
    expected: u32,
}

enum Data<B> {
    Stored(B),
    Deflated(DeflateDecoder<B>),
}

impl<B: BufRead> Unpacking<B> {
    /// Starts to unpack an entry. `packed` must return its compressed bytes.
    ///
    /// # Errors
    /// If the entry is encrypted or uses an unsupported compression method.
    pub fn new(part: &Part, packed: B) -> io::Result<Self> {
        let data = match part.method {
            _ if part.is_encrypted() => return Err(io::ErrorKind::Unsupported.into()),
            STORED => Data::Stored(packed),
            DEFLATED => Data::Deflated(DeflateDecoder::new(packed)),
            _ => return Err(io::ErrorKind::Unsupported.into()),
        };
        let (size, expected) = (part.size, part.crc);
        Ok(Self { data, crc: Crc::new(), given: 0, size, packed: part.packed, expected })
    }

    fn check_end(&self) -> io::Result<()> {
        let read = match &self.data {
            Data::Stored(_) => self.given,
            Data::Deflated(decoder) => decoder.total_in(),
        };
        let wrong = |why| Err(io::Error::new(io::ErrorKind::InvalidData, why));
        if self.given != self.size || self.crc.sum() != self.expected {
            return wrong("the archive's checksum does not fit; export it again");
        }
        // A program that streams the archive takes bytes after the end of an entry for another entry.
        if read != self.packed {
            return wrong(
                "the archive hides something behind the end of a file; unpack it and name the file",
            );
        }
        Ok(())
    }
}

impl<B: BufRead> Read for Unpacking<B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.data {
            Data::Stored(data) => data.read(buffer)?,
            Data::Deflated(data) => data.read(buffer)?,
        };
        self.crc.update(&buffer[..read]);
        self.given += read as u64;
        if self.given > self.size || (read == 0 && !buffer.is_empty()) {
            self.check_end()?;
        }
        Ok(read)
    }
}

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

impl Part {
    /// Returns whether the entry is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Returns whether the entry is a folder: its name ends with a slash.
    pub fn is_folder(&self) -> bool {
        self.name.ends_with(b"/")
    }

    /// Returns whether the entry is a regular file, a pipe from which the archive was made, or has no file type.
    pub fn is_plain_file(&self) -> bool {
        matches!(self.mode & 0o170_000, 0 | 0o010_000 | 0o100_000)
    }

    /// Returns whether the entry is a file that the macOS Finder or Windows Explorer adds to folders: `__MACOSX/._NAME`, `.DS_Store`,
    /// `Thumbs.db`, `desktop.ini`.
    pub fn is_of_file_manager(&self) -> bool {
        let file = self.name.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
        self.name.starts_with(b"__MACOSX/") && file.starts_with(b"._")
            || [&b".DS_Store"[..], b"Thumbs.db", b"desktop.ini"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(file))
    }

    /// Returns whether the compression method is supported.
    pub fn is_known(&self) -> bool {
        matches!(self.method, STORED | DEFLATED)
    }
}

/// Where the central directory of an archive begins and ends, and its number of entries.
struct Directory {
    begin: u64,
    end: u64,
    count: u64,
}

/// Size in bytes of the end record, without its comment.
const END: u64 = 22;
/// Sizes in bytes of the ZIP64 end record and of its locator.
const WIDE_END: u64 = 56;
const POINTER: u64 = 20;

impl Directory {
    fn find(bytes: &mut (impl Read + Seek)) -> Result<Self, Unfit> {
        let length = bytes.seek(SeekFrom::End(0))?;
        let at = end_record(bytes, length)?;
        bytes.seek(SeekFrom::Start(at))?;
        let record = read_array::<22>(bytes)?;
        let told = |at: usize| u64::from(u16_at(&record, at));
        let (count, size, begin) = (told(10), u64::from(u32_at(&record, 12)), u64::from(u32_at(&record, 16)));
        if record[4..8] != [0; 4] || told(8) != count {
            return Err(ambiguous("it counts its parts in two ways"));
        }
        // Some programs look for the ZIP64 end record even if no value needs it.
        let is_wide = match at.checked_sub(POINTER) {
            Some(before) => {
                bytes.seek(SeekFrom::Start(before))?;
                read_array::<4>(bytes)? == *b"PK\x06\x07"
            }
            None => false,
        };
        let small = Self { begin, end: at, count };
        let directory = if is_wide { small.widened(bytes, size)? } else { small };
        let told_size = if is_wide { directory.end.checked_sub(directory.begin) } else { Some(size) };
        if told_size.and_then(|size| directory.begin.checked_add(size)) != Some(directory.end) {
            return Err(ambiguous("its directory is not where it says"));
        }
        Ok(directory)
    }

    /// Takes values that exceed the end record from the ZIP64 end record, and checks that both agree. The ZIP64 record and its locator must
    /// come directly before the end record.
    fn widened(self, bytes: &mut (impl Read + Seek), small_size: u64) -> Result<Self, Unfit> {
        let pointer_at = self.end.checked_sub(POINTER).ok_or(Unfit::NoArchive)?;
        let record_at = pointer_at.checked_sub(WIDE_END).ok_or(Unfit::NoArchive)?;
        bytes.seek(SeekFrom::Start(record_at))?;
        let record = read_array::<56>(bytes)?;
        let pointer = read_array::<20>(bytes)?;
        let is_whole = record[..4] == *b"PK\x06\x06"
            && u64_at(&record, 4) == WIDE_END - 12
            && record[16..24] == [0; 8]
            && u64_at(&record, 24) == u64_at(&record, 32)
            && pointer[..4] == *b"PK\x06\x07"
            && u32_at(&pointer, 4) == 0
            && u64_at(&pointer, 8) == record_at
            && u32_at(&pointer, 16) <= 1;
        let (count, size, begin) = (u64_at(&record, 32), u64_at(&record, 40), u64_at(&record, 48));
        let agrees = |small: u64, none: u64, wide: u64| small == none || small == wide;
        let none = u64::from(u32::MAX);
        if !is_whole
            || !agrees(self.count, 0xFFFF, count)
            || !agrees(self.begin, none, begin)
            || !agrees(small_size, none, size)
            || begin.checked_add(size) != Some(record_at)
        {
            return Err(ambiguous("its directory is told in two ways"));
        }
        Ok(Self { begin, end: record_at, count })
    }
}

/// Returns the offset of the end record. Its comment must reach the end of the file, so that no other record can be taken for it.
fn end_record(bytes: &mut (impl Read + Seek), length: u64) -> Result<u64, Unfit> {
    let tail_at = length.saturating_sub(END + u64::from(u16::MAX));
    bytes.seek(SeekFrom::Start(tail_at))?;
    let mut tail = Vec::new();
    bytes.take(length - tail_at).read_to_end(&mut tail)?;
    let last = tail.windows(4).rposition(|four| four == b"PK\x05\x06").ok_or(Unfit::NoArchive)?;
    let comment = tail.get(last + 20..last + 22).map(|bytes| usize::from(u16_at(bytes, 0)));
    // Some programs pad the last block with zeros.
    let is_end = |comment: usize| {
        tail.get(last + END as usize + comment..).is_some_and(|behind| behind.iter().all(|byte| *byte == 0))
    };
    match comment {
        Some(comment) if is_end(comment) => Ok(tail_at + last as u64),
        Some(_) => Err(ambiguous("something stands behind its directory")),
        None => Err(Unfit::NoArchive),
    }
}

/// Reads an entry of the central directory.
fn listed(bytes: &mut impl Read) -> Result<Part, Unfit> {
    let head = read_array::<46>(bytes)?;
    if head[..4] != *b"PK\x01\x02" || u16_at(&head, 34) != 0 {
        return Err(ambiguous("its directory is damaged"));
    }
    let name = read_exactly(bytes, u16_at(&head, 28))?;
    let extra = read_exactly(bytes, u16_at(&head, 30))?;
    let comment = read_exactly(bytes, u16_at(&head, 32))?;
    let flags = u16_at(&head, 8);
    // Bit 5 marks patch data, bit 13 masked headers.
    if flags & (1 << 5 | 1 << 13) != 0 {
        return Err(ambiguous("it has a part that is told in part only"));
    }
    let fields = fields(&extra, &name)?;
    let [size, packed, offset] = wide(&fields, [u32_at(&head, 24), u32_at(&head, 20), u32_at(&head, 42)])?;
    Ok(Part {
        method: u16_at(&head, 10),
        flags,
        mode: u32_at(&head, 38) >> 16,
        extras: fields.iter().map(|(id, _)| *id).collect(),
        has_comment: !comment.is_empty(),
        packed,
        size,
        start: 0,
        crc: u32_at(&head, 16),
        offset,
        name,
    })
}

/// Checks that an entry is where the directory places it, that its local header agrees, and that it reaches to the next entry. Sets the
/// offset of its data.
fn check_local(bytes: &mut (impl Read + Seek), part: &mut Part, at: u64, next: u64) -> Result<(), Unfit> {
    let says = |why: &str| Unfit::Ambiguous(format!("{} {why}", String::from_utf8_lossy(&part.name)));
    if part.offset != at {
        return Err(ambiguous("something stands before or between its parts"));
    }
    bytes.seek(SeekFrom::Start(at))?;
    let head = read_array::<30>(bytes)?;
    let name = read_exactly(bytes, u16_at(&head, 26))?;
    let extra = read_exactly(bytes, u16_at(&head, 28))?;
    // The compression level is irrelevant, and so is the encoding of an ASCII name.
    let of_interest = if name.is_ascii() { !(0b110 | 1 << 11) } else { !0b110 };
    let is_same = head[..4] == *b"PK\x03\x04"
        && name == part.name
        && (u16_at(&head, 6) ^ part.flags) & of_interest == 0
        && u16_at(&head, 8) == part.method;
    if !is_same {
        return Err(says("has another name or nature where it stands"));
    }
    let fields = fields(&extra, &name)?;
    let start = at + 30 + name.len() as u64 + extra.len() as u64;
    let end = start.checked_add(part.packed).filter(|end| *end <= next);
    let end = end.ok_or_else(|| says("reaches into the next part"))?;
    let crc = u32_at(&head, 14);
    let told = wide(&fields, [u32_at(&head, 22), u32_at(&head, 18), 0]);
    let is_told_here =
        told.is_ok_and(|[size, packed, _]| crc == part.crc && size == part.size && packed == part.packed);
    // A program that streams its output writes the sizes after the data.
    let is_behind = part.flags & 8 != 0;
    let between = next - end;
    let is_told = match between {
        0 => is_told_here,
        12 | 16 | 20 | 24 if is_behind => {
            bytes.seek(SeekFrom::Start(end))?;
            let mut behind = Vec::new();
            bytes.take(between).read_to_end(&mut behind)?;
            tells(&behind, part)
        }
        _ => return Err(ambiguous("something stands between its parts")),
    };
    if !is_told {
        return Err(says("has another size where it stands"));
    }
    part.extras.extend(fields.iter().map(|(id, _)| *id));
    part.start = start;
    Ok(())
}

/// Returns whether the data descriptor after an entry has the entry's checksum and sizes.
fn tells(behind: &[u8], part: &Part) -> bool {
    let behind = if matches!(behind.len(), 16 | 24) {
        let Some(rest) = behind.strip_prefix(b"PK\x07\x08") else { return false };
        rest
    } else {
        behind
    };
    let (packed, size) = match behind.len() {
        12 => (u64::from(u32_at(behind, 4)), u64::from(u32_at(behind, 8))),
        _ => (u64_at(behind, 4), u64_at(behind, 12)),
    };
    u32_at(behind, 0) == part.crc && packed == part.packed && size == part.size
}

/// Ids of the ZIP64 extra field and of the Unicode path field.
const WIDE: u16 = 0x0001;
const UNICODE_NAME: u16 = 0x7075;

/// Splits the extra fields of an entry. Fails if they give it another name or two sizes.
fn fields<'e>(extra: &'e [u8], name: &[u8]) -> Result<Vec<(u16, &'e [u8])>, Unfit> {
    let mut fields: Vec<(u16, &[u8])> = Vec::new();
    let mut rest = extra;
    while rest.len() >= 4 {
        let (id, length) = (u16_at(rest, 0), usize::from(u16_at(rest, 2)));
        let Some(field) = rest.get(4..4 + length) else { break };
        let is_other_name = id == UNICODE_NAME && field.get(5..) != Some(name);
        if is_other_name || (id == WIDE && fields.iter().any(|(known, _)| *known == WIDE)) {
            return Err(ambiguous("a part of it has two names or sizes"));
        }
        fields.push((id, field));
        rest = &rest[4 + length..];
    }
    // Some programs pad the fields with zeros.
    if rest.iter().any(|byte| *byte != 0) {
        return Err(ambiguous("a part of it has a damaged field"));
    }
    Ok(fields)
}

/// Returns numbers. Takes those that exceed 32 bits from the ZIP64 field, which has them in this order.
fn wide<const N: usize>(fields: &[(u16, &[u8])], small: [u32; N]) -> Result<[u64; N], Unfit> {
    let field = fields.iter().find(|(id, _)| *id == WIDE).map_or(&[][..], |(_, field)| field);
    let mut numbers = field.chunks_exact(8).map(|number| u64_at(number, 0));
    let mut real = [0; N];
    for (real, small) in real.iter_mut().zip(small) {
        *real = match small {
            u32::MAX => numbers.next().ok_or_else(|| ambiguous("a part of it does not tell its size"))?,
            small => u64::from(small),
        };
    }
    Ok(real)
}

fn ambiguous(why: &str) -> Unfit {
    Unfit::Ambiguous(why.to_owned())
}

fn read_exactly(bytes: &mut impl Read, length: u16) -> io::Result<Vec<u8>> {
    let mut some = vec![0; usize::from(length)];
    bytes.read_exact(&mut some)?;
    Ok(some)
}

fn read_array<const N: usize>(bytes: &mut impl Read) -> io::Result<[u8; N]> {
    let mut taken = [0; N];
    bytes.read_exact(&mut taken)?;
    Ok(taken)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 8].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
