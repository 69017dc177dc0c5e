//! Inspects an export: finds the layout that matches, and summarizes the columns that the layout reads.

mod content;
mod overlap;

pub use content::dates;
pub use overlap::add_overlaps;

use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::inspection::{
    ColumnSummary, DateShapeCount, Inspection, LayoutMatch, SheetListed, ValueCount,
};
use mucalc_core::domain::period::Day;
use mucalc_core::domain::text::{closest_match, escape_control, normalize_key};
use mucalc_read::layout::matching::{MatchScore, rank_layouts};
use mucalc_read::layout::vocabulary::list_of;
use mucalc_read::layout::{CANONICAL, Layout, RowTranslator};
use mucalc_read::profile::{self, ColumnProfile, ExportProfile, profile_export, sniff_file};
use mucalc_read::proposals::columns::candidates;
use mucalc_read::{FileFormat, InputSource, ReadContext, SheetSeen};

/// An export, or a sheet of one, with what only a draft needs to know about it.
pub struct LookedAt {
    /// What is shown.
    pub inspection: Inspection,
    /// The names of its columns, as in the export. If these look like a row and not like names, `column 1` and so on.
    pub header: Vec<String>,
    /// Whether the export has a header.
    pub has_header: bool,
    /// One profile per column.
    pub columns: Vec<ColumnProfile>,
    /// The sheet, if it is one of several.
    pub sheet: Option<String>,
}

/// Inspects an export once, or a workbook once for each kind of input among its sheets, or for each sheet if no layout matches any. Without
/// `layout`, the best match is used.
///
/// # Errors
/// If the export cannot be read.
pub fn inspect_input(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: Option<&Layout>,
) -> anyhow::Result<Vec<LookedAt>> {
    let layouts = layout.map_or_else(Layout::all, |layout| vec![layout.clone()]);
    let glance = sniff_file(source, reading, &layouts)?;
    let sheets = match glance.nature.format {
        FileFormat::Workbook(_) => profile::sheets(source, reading, &layouts)?.unwrap_or_default(),
        _ => Vec::new(),
    };
    let filled: Vec<&SheetSeen> =
        sheets.iter().filter(|sheet| sheet.is_visible && sheet.rows > 0 && sheet.header.len() > 1).collect();
    let mut kinds = vec![(glance.fits, None)];
    for sheet in &filled {
        let fits = rank_layouts(&sheet.header, &layouts, false);
        let role = |fits: &Vec<MatchScore>| fits.first().map(|fit| fit.role);
        if fits.first().is_some_and(MatchScore::is_complete)
            && !kinds.iter().any(|(known, _)| role(known) == role(&fits))
        {
            kinds.push((fits, None));
        }
    }
    let is_known = kinds.iter().any(|(fits, _)| fits.first().is_some_and(MatchScore::is_complete));
    if !is_known && filled.len() > 1 && filled.len() <= MAX_SHEETS {
        kinds =
            filled.iter().map(|sheet| (rank_layouts(&sheet.header, &layouts, false), Some(*sheet))).collect();
    }
    let mut looked: Vec<LookedAt> = kinds
        .iter()
        .map(|(fits, sheet)| look_as(source, reading, &layouts, fits, &sheets, *sheet))
        .collect::<Result<_, _>>()?;
    looked.iter_mut().for_each(|it| note_rivals(&mut it.inspection, &sheets, &layouts));
    Ok(looked)
}

/// Inspects an export as a layout reads it in a role.
///
/// # Errors
/// If the export cannot be read.
pub fn look_as_role(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    role: InputRole,
) -> anyhow::Result<LookedAt> {
    let profile = profile_export(source, reading, layout, role)?;
    let header = profile.summary.header.names();
    let input = layout.input(role);
    let sources = input.sources();
    let fit = MatchScore {
        layout: layout.name.clone(),
        role,
        found: sources.iter().filter(|name| header.iter().any(|known| known == *name)).count(),
        wanted: sources.len(),
        missing: input.missing(header).into_iter().map(|(name, _)| name).collect(),
    };
    let sheets = match profile.summary.nature.format {
        FileFormat::Workbook(_) => {
            profile::sheets(source, reading, std::slice::from_ref(layout))?.unwrap_or_default()
        }
        _ => Vec::new(),
    };
    Ok(described(source, profile, layout, role, &[fit], &sheets))
}

/// A workbook with more sheets that no layout matches is shown by the fullest one.
const MAX_SHEETS: usize = 20;

/// Adds a note if several sheets of a workbook match, because a report would refuse it.
fn note_rivals(it: &mut Inspection, sheets: &[SheetSeen], layouts: &[Layout]) {
    let Some(layout) = it.layout.as_ref().filter(|fit| fit.missing.is_empty()) else { return };
    let suits = |sheet: &&SheetSeen| {
        let fits = rank_layouts(&sheet.header, layouts, false);
        let is_same = |fit: &MatchScore| {
            fit.is_complete() && fit.layout == layout.name && fit.role.word() == layout.kind
        };
        sheet.is_visible && sheet.rows > 0 && fits.iter().any(is_same)
    };
    let rivals: Vec<String> =
        sheets.iter().filter(suits).map(|sheet| format!("`{}`", escape_control(&sheet.name))).collect();
    if let [first, _, ..] = &rivals[..] {
        it.notes.push(format!(
            "The sheets {} have the columns, so a report asks which is meant: say sheet = {} in a layout, or save each as a file of its own.",
            rivals.join(", "),
            first.replace('`', "\"")
        ));
    }
}

/// Inspects an export, or one of its sheets, with the best of some layout matches, which are sorted best first.
fn look_as(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layouts: &[Layout],
    fits: &[MatchScore],
    sheets: &[SheetSeen],
    only: Option<&SheetSeen>,
) -> anyhow::Result<LookedAt> {
    let best = best_of(fits);
    let found = best.and_then(|fit| layouts.iter().find(|layout| layout.name == fit.layout));
    let role = best.map_or(InputRole::Messages, |fit| fit.role);
    let layout = found.cloned().unwrap_or_else(Layout::canonical);
    let layout = &match only {
        Some(sheet) => layout.in_sheet(role, &sheet.name),
        None => layout,
    };
    let profile = profile_export(source, reading, layout, role)?;
    Ok(described(source, profile, layout, role, fits, sheets))
}

/// Returns the match by which an export is read. A few names that many tables have are not evidence of a layout.
fn best_of(fits: &[MatchScore]) -> Option<&MatchScore> {
    fits.first().filter(|fit| fit.is_complete() || fit.found * 4 >= fit.wanted)
}

/// Describes an export that was read by a layout in a role. `fits` are the layouts that match it, best first.
fn described(
    source: &InputSource,
    ExportProfile { summary, columns }: ExportProfile,
    layout: &Layout,
    role: InputRole,
    fits: &[MatchScore],
    sheets: &[SheetSeen],
) -> LookedAt {
    let best = best_of(fits);
    let header: Vec<String> = summary.header.names().to_vec();
    let translation = layout.input(role).translation(&header);
    let is_latin = columns.iter().any(|column| column.not_utf8 > 0);
    let ours = layout.input(role).columns;
    let absent: Vec<&str> =
        ours.all().filter(|name| !translation.names().any(|known| known == *name)).collect();
    let fit_of = |fit: &MatchScore| LayoutMatch {
        name: fit.layout.clone(),
        kind: fit.role.word().to_owned(),
        found: fit.found,
        wanted: fit.wanted,
        missing: fit.missing.iter().map(|name| (*name).to_owned()).collect(),
    };
    // A header that looks like a row may be about a patient.
    let is_row = is_row(&header, &columns, layout, role);
    let shown = |column: usize| match is_row {
        true => format!("column {}", column + 1),
        false => escape_control(&header[column]),
    };
    let read = |column: &usize| best.is_some() && translation.reads(*column);
    let seen = |column: usize| seen(layout, role, &translation, column, &header[column], &columns[column]);
    let inspection = Inspection {
        path: source.name.clone(),
        format: summary.nature.format.words().to_owned(),
        packing: summary.nature.packing.word().to_owned(),
        encoding: if is_latin { "windows-1252" } else { summary.nature.encoding }.to_owned(),
        sheets: sheets
            .iter()
            .filter(|_| summary.sheet.is_some())
            .map(|sheet| SheetListed {
                name: sheet.name.clone(),
                rows: sheet.rows,
                hidden: !sheet.is_visible,
                cells: sheet.has_cells,
                read: summary.sheet.as_ref() == Some(&sheet.name),
            })
            .collect(),
        header: summary.header.line(),
        separator: match summary.nature.format {
            FileFormat::Separated(dialect) => Some(separator_name(dialect.separator)),
            _ => None,
        },
        bytes: summary.bytes,
        rows: summary.notes.rows,
        rejected: summary.notes.rejected,
        layout: best.map(fit_of),
        others: fits
            .iter()
            .skip(1)
            .filter(|fit| fit.is_complete() && fit.role != InputRole::Roster)
            .map(fit_of)
            .collect(),
        columns: (0..header.len()).filter(read).map(seen).collect(),
        unread: (0..header.len()).filter(|column| !read(column)).map(shown).collect(),
        profiles: (0..header.len())
            .filter(|column| !read(column))
            .map(|column| content::content(shown(column), &columns[column]))
            .collect(),
        overlaps: Vec::new(),
        notes: notes(layout, role, best, &absent, is_latin, is_row),
        // Without a layout nothing is looked for.
        absent: absent.into_iter().filter(|_| best.is_some()).map(str::to_owned).collect(),
    };
    let name = |column: usize| match is_row {
        true => format!("column {}", column + 1),
        false => summary.header.name(column).to_owned(),
    };
    LookedAt {
        header: (0..header.len()).map(name).collect(),
        has_header: !is_row,
        columns,
        sheet: summary.sheet.clone().filter(|_| sheets.len() > 1),
        inspection,
    }
}

/// Returns a separator as it is shown: the character, or its name if it is not visible.
fn separator_name(separator: u8) -> String {
    match separator {
        b'\t' => "tab".to_owned(),
        1 => "U+0001".to_owned(),
        byte => char::from(byte).to_string(),
    }
}

fn seen(
    layout: &Layout,
    role: InputRole,
    translation: &RowTranslator,
    at: usize,
    name: &str,
    column: &ColumnProfile,
) -> ColumnSummary {
    let ours: Vec<String> = translation.sources_for(at).map(str::to_owned).collect();
    let listed = ours.iter().find(|name| layout.vocabulary.look_up(role, name, "").is_some()).cloned();
    let is_day = ours.iter().any(|name| ["sent_at", "started_at", "accessed_at"].contains(&name.as_str()));
    let word = |(word, rows): (&String, &u64)| {
        let means = listed.as_ref().and_then(|name| match translation.explain(name, at, word) {
            _ if translation.skips(at, word) => Some("skipped"),
            Some(ours) => layout.vocabulary.look_up(role, name, &ours).flatten(),
            None => Some("nothing"),
        });
        let shown = if translation.is_mapped(at, word) { escape_control(word) } else { OTHER.to_owned() };
        // Channels have custom names. A similar spelling does not make a channel certified.
        let known = listed.as_ref().and_then(|name| list_of(role, name));
        let like = match (means, known) {
            (None, Some(known)) if shown != OTHER => closest_match(word, known.words.iter().copied())
                .filter(|like| is_slip(word, like))
                .map(str::to_owned),
            _ => None,
        };
        ValueCount { word: shown, rows: *rows, means: means.map(str::to_owned), like }
    };
    let mut words: Vec<ValueCount> =
        if listed.is_some() { column.words.iter().map(word).collect() } else { Vec::new() };
    // The column contains references, and only the records that they refer to have a meaning.
    if words.iter().all(|word| word.word == OTHER && word.means.as_deref() == Some("nothing")) {
        words.clear();
    }
    words.sort_by(|one, other| (&one.word, &one.means).cmp(&(&other.word, &other.means)));
    words.dedup_by(|more, known| {
        let same = known.word == more.word && known.means == more.means;
        known.rows += if same { more.rows } else { 0 };
        same
    });
    words.sort_by(|one, other| (other.rows, &one.word).cmp(&(one.rows, &other.word)));
    let shapes = column
        .shapes
        .iter()
        .map(|(shape, rows)| DateShapeCount { shape: escape_control(shape), rows: *rows });
    let day = |day: Option<Day>| day.filter(|_| is_day).map(|day| day.to_string());
    ColumnSummary {
        column: escape_control(name),
        ours,
        filled: column.filled,
        words,
        is_free: listed.is_some() && column.is_free,
        shapes: if is_day { shapes.collect() } else { Vec::new() },
        readable: is_day.then_some(column.days),
        zoned: is_day.then_some(column.zoned),
        first: day(column.first),
        last: day(column.last),
    }
}

/// Returns whether a value may be another one with a typo in it, or a part of it: a typo is rarely in the first letter.
fn is_slip(word: &str, like: &str) -> bool {
    let (word, like) = (normalize_key(word), normalize_key(like));
    word.chars().next() == like.chars().next() || like.contains(&word) || word.contains(&like)
}

/// Returns whether the names of the columns are more likely the cells of a row: one is a number or a day, or again a cell of its column.
fn is_row(header: &[String], columns: &[ColumnProfile], layout: &Layout, role: InputRole) -> bool {
    let digits = |name: &str| name.chars().filter(char::is_ascii_digit).count();
    let is_value = |name: &str| digits(name) >= 3 && digits(name) * 2 > name.chars().count();
    // A name has no whole day in it, and no number of an id, also where a line is one cell of padded columns.
    let is_day_or_id = |word: &str| {
        is_value(word)
            && (digits(word) >= 6 && word.contains(['/', '-'])
                || digits(word) >= 5 && digits(word) == word.len())
    };
    let is_day = |name: &&String| name.split_whitespace().any(is_day_or_id);
    let recurs = |name: &str, column: &ColumnProfile| {
        !name.is_empty() && column.words.keys().any(|word| normalize_key(word) == normalize_key(name))
    };
    let recurring = header.iter().zip(columns).filter(|(name, column)| recurs(name.trim(), column)).count();
    let is_likely = recurring > 0 || header.iter().any(|name| is_value(name.trim()));
    let is_certain = recurring > 1 || header.iter().any(|name| is_day(&name));
    is_certain && !reads_whole(header, layout, role) || is_likely && !has_known_names(header, layout, role)
}

/// Returns whether a header has every column that a layout requires.
fn reads_whole(header: &[String], layout: &Layout, role: InputRole) -> bool {
    layout.input(role).missing(header).is_empty()
}

/// Returns whether most columns of a header have usual names, or names that the layout reads.
fn has_known_names(header: &[String], layout: &Layout, role: InputRole) -> bool {
    let sources = layout.input(role).sources();
    let known =
        |at: usize, role: InputRole| candidates(role, header).iter().any(|found| found.from.contains(&at));
    let is_known = |at: &usize| {
        sources.iter().any(|name| *name == header[*at])
            || InputRole::ALL.into_iter().any(|role| known(*at, role))
    };
    let named = header.iter().filter(|name| !name.trim().is_empty()).count();
    (0..header.len()).filter(is_known).count() * 2 >= named
}

/// Placeholder for texts that are not values of a list, which are not shown.
const OTHER: &str = "(any text)";

fn notes(
    layout: &Layout,
    role: InputRole,
    best: Option<&MatchScore>,
    absent: &[&str],
    is_latin: bool,
    is_row: bool,
) -> Vec<String> {
    let mut notes = Vec::new();
    if is_row {
        notes.push(
            "The first line looks like a row and not like names of columns; an export needs a header."
                .to_owned(),
        );
    }
    if best.is_none() {
        notes.push("No layout reads these columns; `mucalc init` drafts one from them.".to_owned());
        return notes;
    }
    if is_latin {
        notes.push("The text is not UTF-8. Windows-1252 is likely; if the names look right with it, add --encoding windows-1252.".to_owned());
    }
    let missing = best.map(|fit| fit.missing.as_slice()).unwrap_or_default();
    if !missing.is_empty() {
        notes.push(format!(
            "It cannot be read as {}: there is nothing for {}.",
            role.word(),
            missing.join(", ")
        ));
    }
    let telling: Vec<&str> =
        layout.input(role).columns.telling.iter().copied().filter(|name| absent.contains(name)).collect();
    if !telling.is_empty() {
        notes.push(format!(
            "There is nothing for {}: unknown for every row, so rows are uncertain where a rule asks.",
            telling.join(", ")
        ));
    }
    if layout.name != CANONICAL {
        notes.extend(layout.notes.iter().cloned());
    }
    notes
}
