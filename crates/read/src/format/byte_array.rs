//! Reads a Parquet column of texts page by page. The `parquet` library would make an object of every text. Here the texts of a page stay
//! together, and only the indexes are read of a page that refers to a dictionary.

use std::mem::size_of;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};

use crate::error::InputErrorKind;
use crate::format::text_batch::{ColumnCells, StringColumn};

/// A column of texts. Texts may be missing, but a cell cannot be a list.
pub struct ByteArrayPages {
    pages: Box<dyn PageReader>,
    optional: bool,
    /// The dictionary that pages refer to. Its last text is empty, for missing cells.
    list: Option<Arc<StringColumn>>,
    page: Values,
}

/// The rest of a page.
#[derive(Default)]
struct Values {
    /// Number of cells.
    cells: usize,
    /// Levels that show whether each cell has a text, or `None` if all have.
    there: Option<Numbers>,
    texts: PageEncoding,
}

/// How a page encodes its texts.
enum PageEncoding {
    /// Each text after its length.
    Written(Bytes),
    /// Indexes into the dictionary.
    Listed(Numbers),
}

impl Default for PageEncoding {
    fn default() -> Self {
        PageEncoding::Written(Bytes::new())
    }
}

const DAMAGED: InputErrorKind = InputErrorKind::Damaged("Parquet file");

/// Makes the error only where it is needed: making and dropping it for every text takes longer than reading the text.
fn damaged() -> InputErrorKind {
    DAMAGED
}

impl ByteArrayPages {
    /// Returns whether a column of texts with pages in these encodings can be read.
    pub fn supports(encodings: impl IntoIterator<Item = Encoding>) -> bool {
        #[allow(deprecated, reason = "older programs name it, mostly for levels that take no room")]
        let levels = Encoding::BIT_PACKED;
        let known =
            [Encoding::PLAIN, Encoding::PLAIN_DICTIONARY, Encoding::RLE_DICTIONARY, Encoding::RLE, levels];
        encodings.into_iter().all(|encoding| known.contains(&encoding))
    }

    /// Creates the reader of a column with these pages. `optional` is whether cells may be missing.
    pub fn new(pages: Box<dyn PageReader>, optional: bool) -> Self {
        Self { pages, optional, list: None, page: Values::default() }
    }

    /// Reads the next `rows` cells.
    ///
    /// # Errors
    /// If the file is damaged, or a text is not UTF-8.
    pub fn cells(&mut self, rows: usize) -> Result<ColumnCells, InputErrorKind> {
        let (mut own, mut places) = (StringColumn::default(), Vec::new());
        let mut there = Vec::new();
        // The dictionary of a column comes first, and later pages may not use it. Therefore indexed texts precede others.
        let mut left = rows;
        while left > 0 {
            if self.page.cells == 0 {
                self.turn()?;
                continue;
            }
            let cells = left.min(self.page.cells);
            let values = self.page.next_there(cells, &mut there)?;
            match &mut self.page.texts {
                PageEncoding::Listed(numbers) => {
                    let list = self.list.as_ref().ok_or_else(damaged)?;
                    let missing = list.len() as u32 - 1;
                    let first = places.len();
                    numbers.take(values, &mut places)?;
                    if places[first..].iter().max().is_some_and(|place| *place >= missing) {
                        return Err(DAMAGED);
                    }
                    if values < cells {
                        spread(&mut places, first, &there, missing);
                    }
                    if own.len() > 0 {
                        own.append(look_up_all(list, &places[first..]));
                        places.truncate(first);
                    }
                }
                PageEncoding::Written(bytes) => {
                    if let Some(list) = self.list.as_ref().filter(|_| !places.is_empty()) {
                        own.append(look_up_all(list, &places));
                        places.clear();
                    }
                    own.append(parse_plain(bytes, cells, (values < cells).then_some(&*there))?);
                }
            }
            self.page.cells -= cells;
            left -= cells;
        }
        Ok(match &self.list {
            Some(list) if own.len() == 0 => ColumnCells::Listed(Arc::clone(list), places),
            _ => ColumnCells::Own(own),
        })
    }

    /// Moves to the next page.
    fn turn(&mut self) -> Result<(), InputErrorKind> {
        match self.pages.get_next_page().map_err(|_| DAMAGED)?.ok_or_else(damaged)? {
            Page::DictionaryPage { mut buf, num_values, .. } => {
                let mut list = parse_plain(&mut buf, num_values as usize, None)?;
                list.end();
                self.list = Some(Arc::new(list));
            }
            Page::DataPage { mut buf, num_values, encoding, def_level_encoding, .. } => {
                let cells = num_values as usize;
                let there = match (self.optional, def_level_encoding) {
                    (false, _) => None,
                    (true, Encoding::RLE) => {
                        let length = buf.try_get_u32_le().map_err(|_| DAMAGED)?;
                        Some(Numbers::new(split(&mut buf, length as usize)?, 1)?)
                    }
                    (true, _) => Some(Numbers::highest_first(split(&mut buf, cells.div_ceil(8))?)),
                };
                self.page = Values { cells, there, texts: PageEncoding::new(encoding, buf)? };
            }
            Page::DataPageV2 {
                mut buf,
                num_values,
                encoding,
                def_levels_byte_len,
                rep_levels_byte_len,
                ..
            } => {
                split(&mut buf, rep_levels_byte_len as usize)?;
                let levels = split(&mut buf, def_levels_byte_len as usize)?;
                let there = self.optional.then(|| Numbers::new(levels, 1)).transpose()?;
                self.page =
                    Values { cells: num_values as usize, there, texts: PageEncoding::new(encoding, buf)? };
            }
        }
        Ok(())
    }
}

impl PageEncoding {
    fn new(encoding: Encoding, mut bytes: Bytes) -> Result<Self, InputErrorKind> {
        match encoding {
            Encoding::PLAIN => Ok(PageEncoding::Written(bytes)),
            // A page without any text may be empty.
            _ if bytes.is_empty() => Ok(PageEncoding::Listed(Numbers::new(bytes, 0)?)),
            _ => {
                let bits = bytes.get_u8();
                Ok(PageEncoding::Listed(Numbers::new(bytes, bits)?))
            }
        }
    }
}

impl Values {
    /// Reads whether each of the next `cells` cells has a text, and returns how many have one.
    ///
    /// Replaces the contents of `there`. It stays empty if the column has no missing cells.
    fn next_there(&mut self, cells: usize, there: &mut Vec<u32>) -> Result<usize, InputErrorKind> {
        there.clear();
        let Some(levels) = &mut self.there else { return Ok(cells) };
        if levels.are_next(1, cells) {
            return Ok(cells);
        }
        levels.take(cells, there)?;
        Ok(there.iter().filter(|level| **level == 1).count())
    }
}

/// Moves the indexes from `first` on to the cells that have a text. The other cells get `missing`.
fn spread(places: &mut Vec<u32>, first: usize, there: &[u32], missing: u32) {
    let mut values = places.split_off(first).into_iter();
    let place = |level: &u32| if *level == 1 { values.next().unwrap_or(missing) } else { missing };
    places.extend(there.iter().map(place));
}

fn look_up_all(list: &StringColumn, places: &[u32]) -> StringColumn {
    let mut texts = StringColumn::default();
    for place in places {
        texts.write(list.get(*place as usize));
        texts.end();
    }
    texts
}

/// Parses `cells` texts, each after its length. Cells that are not `there` get an empty text.
fn parse_plain(
    bytes: &mut Bytes,
    cells: usize,
    there: Option<&[u32]>,
) -> Result<StringColumn, InputErrorKind> {
    let mut rest = &bytes[..];
    let (mut text, mut ends) =
        (Vec::with_capacity(rest.len().min(16 * cells)), Vec::with_capacity(cells.min(rest.len())));
    for cell in 0..cells {
        if there.is_none_or(|there| there[cell] == 1) {
            let (length, behind) = rest.split_first_chunk::<{ size_of::<u32>() }>().ok_or_else(damaged)?;
            let (own, behind) =
                behind.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(damaged)?;
            text.extend_from_slice(own);
            rest = behind;
        }
        ends.push(text.len());
    }
    let left = rest.len();
    bytes.advance(bytes.len() - left);
    StringColumn::new(text, ends).ok_or(InputErrorKind::NotUtf8)
}

fn split(bytes: &mut Bytes, length: usize) -> Result<Bytes, InputErrorKind> {
    if length <= bytes.len() { Ok(bytes.split_to(length)) } else { Err(DAMAGED) }
}

/// Numbers of few bits, in runs: one number repeated, or numbers packed one after another.
struct Numbers {
    bytes: Bytes,
    bits: usize,
    run: Run,
}

#[derive(Clone, Copy)]
enum Run {
    /// One number, repeated.
    Same { number: u32, left: usize },
    /// Numbers packed from the first byte on: the index of the next one, and their count.
    Packed { next: usize, count: usize },
    /// Numbers packed from the first byte on, starting at the highest bit.
    HighestFirst { next: usize },
}

impl Numbers {
    fn new(bytes: Bytes, bits: u8) -> Result<Self, InputErrorKind> {
        let run = Run::Same { number: 0, left: 0 };
        if bits <= 32 { Ok(Self { bytes, bits: usize::from(bits), run }) } else { Err(DAMAGED) }
    }

    fn highest_first(bytes: Bytes) -> Self {
        Self { bytes, bits: 1, run: Run::HighestFirst { next: 0 } }
    }

    /// Takes the next `count` numbers if each is this one and they are in one run. Returns whether they are.
    fn are_next(&mut self, number: u32, count: usize) -> bool {
        match &mut self.run {
            Run::Same { number: next, left } if *next == number && *left >= count => {
                *left -= count;
                true
            }
            _ => false,
        }
    }

    /// Appends the next `count` numbers.
    fn take(&mut self, count: usize, numbers: &mut Vec<u32>) -> Result<(), InputErrorKind> {
        let mut wanted = count;
        while wanted > 0 {
            match &mut self.run {
                Run::Same { left: 0, .. } => self.run = self.next_run()?,
                Run::Packed { next, count } if next == count => self.run = self.next_run()?,
                Run::Same { number, left } => {
                    let taken = wanted.min(*left);
                    numbers.resize(numbers.len() + taken, *number);
                    *left -= taken;
                    wanted -= taken;
                }
                Run::Packed { next, count } => {
                    let taken = wanted.min(*count - *next);
                    let (bytes, bits) = (&self.bytes[..], self.bits);
                    numbers.extend((*next..*next + taken).map(|at| packed(bytes, bits, at)));
                    *next += taken;
                    wanted -= taken;
                }
                Run::HighestFirst { next } => {
                    let bytes = &self.bytes;
                    let bit = |at: usize| Some(u32::from(bytes.get(at / 8)? >> (7 - at % 8) & 1));
                    let taken: Option<Vec<u32>> = (*next..*next + wanted).map(bit).collect();
                    numbers.extend(taken.ok_or_else(damaged)?);
                    *next += wanted;
                    wanted = 0;
                }
            }
        }
        Ok(())
    }

    fn next_run(&mut self) -> Result<Run, InputErrorKind> {
        // Skips the packed numbers of the previous run, which have all been taken.
        if let Run::Packed { count, .. } = self.run {
            let length = (count * self.bits).div_ceil(8).next_multiple_of(self.bits.max(1));
            self.bytes.advance(length.min(self.bytes.len()));
        }
        let head = self.head()?;
        if head & 1 == 0 {
            let mut number = [0; size_of::<u32>()];
            let length = self.bits.div_ceil(8);
            let bytes = split(&mut self.bytes, length)?;
            number[..length].copy_from_slice(&bytes);
            return Ok(Run::Same { number: u32::from_le_bytes(number), left: head as usize >> 1 });
        }
        // Numbers are packed in groups of eight. The last group may be cut off after the last number that is used.
        let (count, whole) = (head as usize >> 1 << 3, self.bytes.len() * 8);
        Ok(Run::Packed {
            next: 0,
            count: whole.checked_div(self.bits).map_or(count, |whole| whole.min(count)),
        })
    }

    /// Reads the header of a run: seven bits per byte, the lowest first.
    fn head(&mut self) -> Result<u32, InputErrorKind> {
        let mut head = 0u32;
        for shift in (0..32).step_by(7) {
            let byte = self.bytes.try_get_u8().map_err(|_| DAMAGED)?;
            head |= u32::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(head);
            }
        }
        Err(DAMAGED)
    }
}

/// Returns one of the numbers packed with `bits` bits each, starting at the lowest bit.
#[inline]
fn packed(bytes: &[u8], bits: usize, at: usize) -> u32 {
    let (byte, shift) = (at * bits / 8, at * bits % 8);
    let rest = bytes.get(byte..).unwrap_or_default();
    let near = rest.first_chunk().copied().unwrap_or_else(|| {
        // For the last few bytes.
        std::array::from_fn(|at| rest.get(at).copied().unwrap_or(0))
    });
    let mask = (1u64 << bits) - 1;
    (u64::from_le_bytes(near) >> shift & mask) as u32
}
