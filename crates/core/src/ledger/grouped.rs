//! Groups entries by the row of the ledger that they are about.

/// Entries sorted by row, with the range of each row.
pub struct GroupedRows<T> {
    entries: Vec<T>,
    /// The position of the first entry of each row, and last the number of entries.
    begins: Vec<u32>,
}

impl<T: Copy> GroupedRows<T> {
    /// Sorts entries by row. Entries of one row keep their order.
    pub fn new(entries: impl Iterator<Item = T> + Clone, rows: usize, row: impl Fn(&T) -> u32) -> Self {
        let mut begins = vec![0u32; rows + 1];
        entries.clone().for_each(|entry| begins[row(&entry) as usize + 1] += 1);
        for at in 0..rows {
            begins[at + 1] += begins[at];
        }
        let mut places = begins.clone();
        let Some(any) = entries.clone().next() else { return Self { entries: Vec::new(), begins } };
        let mut sorted = vec![any; begins[rows] as usize];
        for entry in entries {
            let place = &mut places[row(&entry) as usize];
            sorted[*place as usize] = entry;
            *place += 1;
        }
        Self { entries: sorted, begins }
    }

    /// Returns the entries of a row.
    pub fn entries(&self, row: usize) -> &[T] {
        &self.entries[self.begins[row] as usize..self.begins[row + 1] as usize]
    }
}
