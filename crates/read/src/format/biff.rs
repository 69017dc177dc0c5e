//! Reads what the `calamine` library omits of old Excel workbooks (`.xls`): hidden rows, and number formats with leading zeros.

use std::collections::{HashMap, HashSet};

use crate::format::number_format::NumberFormat;

/// What is known about a sheet in addition to its values.
#[derive(Debug, Default)]
pub struct SheetExtras {
    /// Hidden rows, counted from 0.
    pub hidden: HashSet<u32>,
    /// Number formats that pad with zeros, by row and column, counted from 0.
    pub padded: HashMap<(u32, u32), NumberFormat>,
}

/// Reads the extras of each sheet, in order. Returns an empty list for Excel versions with another format.
pub fn beside(file: &[u8]) -> Vec<SheetExtras> {
    stream(file, "Workbook").and_then(|stream| sheets(&stream)).unwrap_or_default()
}

/// The record types that are read.
mod kind {
    pub const BOF: u16 = 0x0809;
    pub const EOF: u16 = 0x000A;
    pub const FORMAT: u16 = 0x041E;
    pub const XF: u16 = 0x00E0;
    pub const SHEET: u16 = 0x0085;
    pub const ROW: u16 = 0x0208;
    pub const NUMBER: u16 = 0x0203;
    pub const RK: u16 = 0x027E;
    pub const MULTIPLE_RK: u16 = 0x00BD;
    pub const FORMULA: u16 = 0x0006;
}

fn sheets(stream: &[u8]) -> Option<Vec<SheetExtras>> {
    let (mut codes, mut formats, mut places) = (HashMap::new(), Vec::new(), Vec::new());
    let mut globals = Records(stream);
    let (begin, version) = globals.next()?;
    // The version that Excel 97 and later write.
    if begin != kind::BOF || half(version, 0) != Some(0x0600) {
        return None;
    }
    for (record, data) in globals {
        match record {
            kind::FORMAT => {
                if let (Some(id), Some(code)) = (half(data, 0), text(data.get(2..)?)) {
                    codes.insert(id, code);
                }
            }
            kind::XF => {
                let id = half(data, 2)?;
                formats.push(NumberFormat::new(u32::from(id), codes.get(&id).map(String::as_str)));
            }
            kind::SHEET => places.push(word(data, 0)?),
            kind::EOF => break,
            _ => {}
        }
    }
    places.into_iter().map(|place| sheet(stream.get(place as usize..)?, &formats)).collect()
}

fn sheet(records: &[u8], formats: &[NumberFormat]) -> Option<SheetExtras> {
    let mut beside = SheetExtras::default();
    let mut depth = 0_usize;
    let mut note = |row: u16, column: u16, style: u16| {
        if let Some(format @ NumberFormat::Padded(_)) = formats.get(usize::from(style)) {
            beside.padded.insert((row.into(), column.into()), format.clone());
        }
    };
    for (record, data) in Records(records) {
        match record {
            kind::BOF => depth += 1,
            kind::EOF if depth <= 1 => break,
            kind::EOF => depth -= 1,
            // A chart within the sheet has records of its own.
            _ if depth != 1 => {}
            kind::ROW if half(data, 12)? & 0x20 != 0 => {
                beside.hidden.insert(half(data, 0)?.into());
            }
            kind::NUMBER | kind::RK | kind::FORMULA => note(half(data, 0)?, half(data, 2)?, half(data, 4)?),
            kind::MULTIPLE_RK => {
                let (row, first) = (half(data, 0)?, half(data, 2)?);
                let cells = data.get(4..data.len().checked_sub(2)?)?;
                for (at, cell) in cells.chunks_exact(6).enumerate() {
                    note(row, first.saturating_add(u16::try_from(at).ok()?), half(cell, 0)?);
                }
            }
            _ => {}
        }
    }
    Some(beside)
}

/// The records of a stream, each with its type and data.
struct Records<'s>(&'s [u8]);

impl<'s> Iterator for Records<'s> {
    type Item = (u16, &'s [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, length) = (half(self.0, 0)?, usize::from(half(self.0, 2)?));
        let data = self.0.get(4..4 + length)?;
        self.0 = &self.0[4 + length..];
        Some((kind, data))
    }
}

/// Parses a text that starts with its length and a flag for two bytes per character.
fn text(data: &[u8]) -> Option<String> {
    let length = usize::from(half(data, 0)?);
    let is_wide = data.get(2)? & 1 != 0;
    let letters = data.get(3..)?;
    if is_wide {
        let (pairs, _) = letters.get(..2 * length)?.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        Some(String::from_utf16_lossy(&units))
    } else {
        Some(letters.get(..length)?.iter().map(|byte| char::from(*byte)).collect())
    }
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Returns a stream of a compound file, by its name.
fn stream(file: &[u8], name: &str) -> Option<Vec<u8>> {
    let compound = Compound::open(file)?;
    let folder = compound.chain(word(file, 48)?)?;
    let (entries, _) = folder.as_chunks::<128>();
    let start_and_size = |entry: &[u8; 128]| Some((word(entry, 116)?, word(entry, 120)? as usize));
    let is_named = |entry: &&[u8; 128]| {
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[66] == 2 && entry.starts_with(&units) && half(&entry[..], 64) == Some(units.len() as u16 + 2)
    };
    let (start, size) = start_and_size(entries.iter().find(is_named)?)?;
    let mut stream = if size < 4096 {
        // Small streams are stored together in the stream of the root entry, in sectors of 64 bytes.
        let (root, _) = start_and_size(entries.first()?)?;
        let (small, table) = (compound.chain(root)?, compound.chain(word(file, 60)?)?);
        follow(start, |id| word(&table, 4 * id as usize), |id| small.get(64 * id as usize..)?.get(..64))?
    } else {
        compound.chain(start)?
    };
    stream.truncate(size);
    Some(stream)
}

/// A compound file: its sectors, and a table of which sector follows which.
struct Compound<'f> {
    file: &'f [u8],
    sector: usize,
    table: Vec<u8>,
}

/// Numbers from here on do not refer to sectors.
const LAST: u32 = 0xFFFF_FFFA;

impl<'f> Compound<'f> {
    fn open(file: &'f [u8]) -> Option<Self> {
        let sector = 1_usize << half(file, 30).filter(|shift| (7..=16).contains(shift))?;
        let mut compound = Self { file, sector, table: Vec::new() };
        let mut parts: Vec<u32> = (0..109).filter_map(|at| word(file, 76 + 4 * at)).collect();
        let mut next = word(file, 68)?;
        let most = file.len() / sector + 1;
        for _ in 0..most {
            let Some(more) = compound.sector(next).filter(|_| next < LAST) else { break };
            let entries = sector / 4 - 1;
            parts.extend((0..entries).filter_map(|at| word(more, 4 * at)));
            next = word(more, 4 * entries)?;
        }
        for part in parts.into_iter().filter(|part| *part < LAST).take(most) {
            compound.table.extend_from_slice(compound.sector(part)?);
        }
        Some(compound)
    }

    fn sector(&self, id: u32) -> Option<&'f [u8]> {
        let begin = (id as usize).checked_add(1)?.checked_mul(self.sector)?;
        // The file may end within the last sector.
        let end = begin.checked_add(self.sector)?.min(self.file.len());
        self.file.get(begin..end)
    }

    fn chain(&self, start: u32) -> Option<Vec<u8>> {
        follow(start, |id| word(&self.table, 4 * id as usize), |id| self.sector(id))
    }
}

/// Concatenates the sectors of a chain. Returns `None` if the chain has a loop.
fn follow<'s>(
    start: u32,
    next: impl Fn(u32) -> Option<u32>,
    sector: impl Fn(u32) -> Option<&'s [u8]>,
) -> Option<Vec<u8>> {
    let (mut bytes, mut id, mut met) = (Vec::new(), start, HashSet::new());
    while id < LAST {
        if !met.insert(id) {
            return None;
        }
        bytes.extend_from_slice(sector(id)?);
        id = next(id)?;
    }
    Some(bytes)
}
