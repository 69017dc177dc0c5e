//! Finds the header of a table whose column names are unknown, by its shape: titles have fewer cells than rows, and a header has names.

use std::collections::{BTreeMap, HashMap};

use mucalc_core::domain::text::normalize_key;

/// Returns the position of the header among the first rows of a table, or `None` if none of them looks like one.
///
/// It is the first row that is as wide as most rows and has only names. If the next row has names too and fewer blank cells, the first
/// one names groups of columns, and the next one is the header.
pub fn by_shape(rows: &[Vec<&str>]) -> Option<usize> {
    let mut frequencies: BTreeMap<usize, usize> = BTreeMap::new();
    rows.iter().filter(|row| row.len() > 1).for_each(|row| *frequencies.entry(row.len()).or_default() += 1);
    let (width, count) = frequencies.into_iter().max_by_key(|(width, count)| (*count, *width))?;
    let is_header = |at: usize| rows.get(at).is_some_and(|row| row.len() >= width && has_names(row));
    let first = (0..rows.len()).find(|at| is_header(*at)).filter(|_| count > 1)?;
    let is_group = rows.get(first + 1).is_some_and(|below| names_groups(&rows[first], below));
    Some(first + usize::from(is_group))
}

/// Returns whether a row only names groups of columns, because the row below has names too and fewer blank cells.
pub fn names_groups(row: &[&str], below: &[&str]) -> bool {
    below.len() >= row.len() && has_names(below) && filled(row) < filled(below)
}

/// Returns names for the columns of a table without a header.
pub fn names_by_position(width: usize) -> Vec<String> {
    (1..=width).map(|at| format!("column {at}")).collect()
}

/// Renames the columns that share a name: to the name of their group in the row above, and their own. A group extends to the next one.
///
/// Without a row above that may name groups, the names are unchanged.
pub fn name_by_group(names: &mut [String], above: &[&str]) {
    if above.len() > names.len() || !has_names(above) {
        return;
    }
    let own: Vec<String> = names.iter().map(|name| normalize_key(name)).collect();
    let mut frequencies: HashMap<&str, usize> = HashMap::new();
    own.iter().for_each(|name| *frequencies.entry(name).or_default() += 1);
    let mut group = "";
    for (at, name) in names.iter_mut().enumerate() {
        group = above.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).unwrap_or(group);
        if frequencies[&*own[at]] > 1 && !own[at].is_empty() && !group.is_empty() {
            *name = format!("{group} {}", name.trim());
        }
    }
}

fn filled(row: &[&str]) -> usize {
    row.iter().filter(|cell| !cell.trim().is_empty()).count()
}

/// Returns whether every cell of a row that is not blank may be the name of a column, and at least two are not blank.
pub fn has_names(row: &[&str]) -> bool {
    filled(row) > 1 && row.iter().filter(|cell| !cell.trim().is_empty()).all(|cell| is_name(cell))
}

/// Returns whether a cell may be the name of a column: it has more letters than digits, and ends like no sentence.
fn is_name(cell: &str) -> bool {
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    // A number sign alone is the usual name of a column that counts the rows.
    cell.trim() == "#" || letters > digits && cell.chars().count() <= 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_share_a_name_are_named_with_their_group() {
        for (above, names, expected) in [
            ("Patient|Message||Sender", "MRN|Date|Type|Type", "MRN|Date|Message Type|Sender Type"),
            ("Patient||Provider|", "ID|Name|ID|Name", "Patient ID|Patient Name|Provider ID|Provider Name"),
            // A column before the first group has none.
            ("|Visit|Visit", "ID|type|Type|ID", "ID|Visit type|Visit Type|Visit ID"),
            // Nothing is shared, or there is no group.
            ("Patient||Visit|", "MRN|Name|Date|Type", "MRN|Name|Date|Type"),
            ("Printed 10/1/2014||", "ID|Name|ID", "ID|Name|ID"),
            ("", "ID|Name|ID", "ID|Name|ID"),
        ] {
            let mut named: Vec<String> = names.split('|').map(str::to_owned).collect();
            name_by_group(&mut named, &above.split('|').collect::<Vec<_>>());
            assert_eq!(named.join("|"), expected, "{above} / {names}");
        }
    }

    #[test]
    fn the_header_is_found_below_titles_and_above_rows() {
        for (text, expected) in [
            ("MRN|Date|Seen By\n1|07/14/2014|Smith\n2|07/15/2014|Smith", Some(0)),
            ("Visits of all providers\n\nMRN|Date|Seen By\n1|07/14/2014|Smith\n2|07/15/2014|Smith", Some(2)),
            // A title with a cell for the date of printing.
            ("Visits|Printed 10/1/2014\nMRN|Date|Seen By\n1|07/14/2014|Smith\n2|07/15/2014|Smith", Some(1)),
            // The first row names groups of columns.
            ("Patient||Visit|\nMRN|Name|Date|Type\n1|A B|07/14/2014|OV\n2|C D|07/15/2014|OV", Some(1)),
            // Trailing cells of the rows are empty, so most rows are narrower than the header.
            ("Visits\nMRN|Date|Type|Note\n1|07/14/2014|OV\n2|07/15/2014|OV", Some(1)),
            // Rows without a header.
            ("1|07/14/2014|Smith\n2|07/15/2014|Smith", None),
            ("Text that is\nno table at all", None),
            ("", None),
        ] {
            let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('|').collect()).collect();
            assert_eq!(by_shape(&rows), expected, "{text}");
        }
    }
}
