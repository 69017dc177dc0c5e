//! A row that is made of an export's values, and does not stand in the export as a record.

use crate::records::CsvRecord;
use crate::separators::positions::NOWHERE;

/// The cells of a row, each followed by a byte, and at least 64 bytes after them: a lookup of a value may read bytes after it.
#[derive(Default)]
pub struct WrittenRow {
    bytes: Vec<u8>,
    /// Length of the cells with the bytes that follow them.
    length: usize,
    /// The ends of the cells, preceded by the place before the first byte.
    bounds: Vec<u32>,
}

/// Number of bytes after the cells.
const PADDING: usize = 64;

/// Number of bytes that are copied for a short cell, whatever its length: a fixed number is copied faster.
const SHORT: usize = 32;

impl WrittenRow {
    /// Writes cells, and replaces those that were there.
    #[inline(always)]
    pub fn write<'c>(&mut self, cells: impl Iterator<Item = &'c [u8]>) {
        let Self { bytes, bounds, .. } = self;
        bytes.clear();
        bounds.clear();
        bounds.push(NOWHERE);
        for cell in cells {
            bytes.extend_from_slice(cell);
            bounds.push(bytes.len() as u32);
            bytes.push(b'\n');
        }
        self.length = bytes.len();
        bytes.extend_from_slice(&[0; PADDING]);
    }

    /// Writes parts of a text as cells, by their numbers. Faster than [`Self::write`] if they are short, and bytes follow them.
    #[inline(always)]
    pub fn copy(&mut self, text: &[u8], parts: &[(u32, u32)], cells: &[usize]) {
        if self.copy_short(text, parts, cells).is_none() {
            self.write(cells.iter().map(|cell| &text[parts[*cell].0 as usize..parts[*cell].1 as usize]));
        }
    }

    #[inline(always)]
    fn copy_short(&mut self, text: &[u8], parts: &[(u32, u32)], cells: &[usize]) -> Option<()> {
        let room = cells.len() * (SHORT + 1) + PADDING;
        if self.bytes.len() < room {
            self.bytes.resize(room, 0);
        }
        self.bounds.resize(cells.len() + 1, NOWHERE);
        let (bytes, mut at) = (&mut self.bytes[..], 0u32);
        for (cell, bound) in cells.iter().zip(&mut self.bounds[1..]) {
            let (begin, end) = *parts.get(*cell)?;
            let (begin, length) = (begin as usize, (end - begin) as usize);
            let from = text.get(begin..begin + SHORT)?;
            let into = bytes.get_mut(at as usize..at as usize + SHORT + 1)?;
            into[..SHORT].copy_from_slice(from);
            // Nothing is written if the cell is longer than what was copied.
            *into.get_mut(length)? = b'\n';
            at += length as u32;
            *bound = at;
            at += 1;
        }
        self.length = at as usize;
        Some(())
    }

    /// Returns the cells, each followed by a byte.
    #[inline(always)]
    pub fn text(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Returns the cells and at least 64 bytes after them.
    #[inline(always)]
    pub fn padded(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the row as a record of [`Self::padded`].
    #[inline(always)]
    pub fn record(&self) -> CsvRecord<'_> {
        CsvRecord::new(&self.bounds)
    }

    /// Returns the cells.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let record = self.record();
        (0..record.width()).map(move |column| {
            let (begin, end) =
                (self.bounds[column].wrapping_add(1) as usize, self.bounds[column + 1] as usize);
            &self.bytes[begin..end]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: &WrittenRow) -> Vec<String> {
        row.cells().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    }

    /// Short and long cells are copied, wherever they stand in the text, and whatever the row held before.
    #[test]
    fn copied_cells_are_those_of_the_text() {
        let text: String = ('0'..='z').chain('0'..='z').collect();
        let mut row = WrittenRow::default();
        for places in [
            vec![(0, 4), (9, 9), (2, 34), (148, 150)],
            vec![(0, 33), (1, 2)],
            vec![],
            vec![(118, 150)],
            vec![(149, 150), (0, 150), (3, 4)],
            vec![(0, 32); 40],
            vec![(0, 0); 3],
        ] {
            let cells: Vec<usize> = (0..places.len()).rev().collect();
            row.copy(text.as_bytes(), &places, &cells);
            let expected: Vec<&str> =
                places.iter().rev().map(|(begin, end)| &text[*begin as usize..*end as usize]).collect();
            assert_eq!(self::cells(&row), expected);
            let joined: String = expected.iter().map(|cell| format!("{cell}\n")).collect();
            assert_eq!(row.text(), joined.as_bytes());
            assert!(row.padded().len() >= joined.len() + PADDING);
            row.write(expected.iter().map(|cell| cell.as_bytes()));
            assert_eq!(self::cells(&row), expected);
        }
    }
}
