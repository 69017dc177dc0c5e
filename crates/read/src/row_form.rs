//! Determines the form of the rows of an input: the columns of the export or of a layout, and which of them are read.

use std::sync::Arc;

use encoding_rs::Encoding;

use crate::ReadContext;
use crate::chunks::{ChunkReader, PathSelection};
use crate::error::InputError;
use crate::header::{ColumnHeader, NearMiss};
use crate::joined::{JoinTable, JoinedCells};
use crate::layout::{EntityLayout, Layout, RowTranslator, TableLayout};
use crate::row_reader::RowReader;
use crate::sniff::{FileFormat, InputBody, InputFormat};
use crate::source::InputSource;
use crate::wanted::SniffHints;
use mucalc_core::domain::assumption::{Acknowledged, Assumed};
use mucalc_core::domain::input::InputRole;

/// How an input is read.
#[derive(Clone, Copy)]
pub struct ReadPlan<'a> {
    /// Layout of the input.
    pub layout: &'a Layout,
    /// Kind of input.
    pub role: InputRole,
    /// Whether rows have the columns of the export instead of the canonical ones.
    pub raw: bool,
}

impl<'a> ReadPlan<'a> {
    /// Returns the layout of this kind of input.
    pub fn input(&self) -> &'a EntityLayout {
        self.layout.input(self.role)
    }

    /// Returns the hints for recognizing the input.
    pub fn sniff_hints(&self) -> SniffHints {
        SniffHints { any_sheet: self.raw, ..SniffHints::for_layout(self.input(), self.role) }
    }

    /// Returns the encoding of text without a byte order mark, if it is known.
    pub fn encoding(&self, reading: &ReadContext<'_>) -> Option<&'static Encoding> {
        let of_layout = || Encoding::for_label(self.input().encoding.as_deref()?.as_bytes());
        reading.encoding.or_else(of_layout)
    }

    /// Reads the header, and prepares to divide the rest into chunks.
    ///
    /// # Errors
    /// If the input has no header, or lacks columns that are required.
    pub fn start<'i>(
        &self,
        source: &InputSource,
        reading: &ReadContext<'_>,
        body: InputBody<'i>,
        nature: InputFormat,
    ) -> Result<(ColumnHeader, ChunkReader<'i>), InputError> {
        let input = self.input();
        let take = match (&input.table, self.raw) {
            (_, true) => PathSelection::Any,
            (Some(_), false) => PathSelection::All,
            (None, false) => PathSelection::Present,
        };
        let (mut exported, chunks) =
            ChunkReader::start(source, reading, &input.sources(), take, body, nature)?;
        if !self.raw {
            if input.takes_spellings() {
                exported.recognize(&input.sources())?;
            }
            exported.check(self.layout, self.role)?;
        }
        Ok((exported, chunks))
    }
}

/// A layout for exports that joined tables complete, and these tables.
type JoinedLayout = (Layout, Arc<Vec<JoinTable>>);

/// Returns a layout for exports that joined tables complete, with these tables. `None` without such tables.
///
/// # Errors
/// If a table cannot be read.
pub fn joined_layout(
    layout: &Layout,
    role: InputRole,
    reading: &ReadContext<'_>,
) -> Result<Option<JoinedLayout>, InputError> {
    let Some(joins) = reading.joins else { return Ok(None) };
    let tables = joins.tables_for_role(role, layout, reading)?;
    let columns: Vec<String> = tables.iter().flat_map(|table| table.columns().iter().cloned()).collect();
    Ok((!tables.is_empty()).then(|| (layout.clone().supplied_with(role, columns), tables)))
}

/// Returns the names of the columns of an export, followed by those of joined tables. A column of the export with the name of a joined one
/// is not read.
pub fn with_joined(names: &[String], joined: &[String]) -> Vec<String> {
    let own = names.iter().map(|name| if joined.contains(name) { String::new() } else { name.clone() });
    own.chain(joined.iter().cloned()).collect()
}

/// The form of the rows of an input.
pub struct RowForm {
    /// Format of the input.
    pub nature: InputFormat,
    /// Columns of the export.
    pub exported: ColumnHeader,
    /// Columns of the rows.
    pub header: ColumnHeader,
    /// Joined tables that complete the rows.
    pub joined: Option<JoinedCells>,
    /// How rows are translated; `None` if they are the records of the export.
    pub translation: Option<RowTranslator>,
    /// Columns of the export, or paths of its objects, from which rows are made.
    pub sources: Vec<String>,
    /// For each column of the export, whether every row must have a cell for it.
    pub required: Vec<bool>,
}

impl RowForm {
    /// Determines the form of the rows for a reader.
    pub fn new(
        plan: &ReadPlan<'_>,
        reader: &impl RowReader,
        exported: ColumnHeader,
        nature: InputFormat,
        tables: Arc<Vec<JoinTable>>,
    ) -> Self {
        let (input, raw) = (plan.input(), plan.raw);
        let joined = JoinedCells::new(tables, &exported);
        // Everything is translated, except text with canonical columns and text that is read raw.
        let direct = (input.table.is_none() || raw) && matches!(nature.format, FileFormat::Separated(_));
        let table = || input.table.clone().unwrap_or_else(|| TableLayout::identity(&input.columns));
        let mut translation = (!direct).then(|| match raw {
            true => RowTranslator::copy_all(exported.names()),
            false => {
                let names = with_joined(exported.names(), &input.supplied);
                RowTranslator::new(&table(), &input.columns, &names).joined(exported.width()..names.len())
            }
        });
        if let Some(translation) = translation.as_mut().filter(|_| !raw) {
            translation.retain(|name| reader.asks_for(name));
        }
        let header = match &translation {
            Some(translation) => exported.translated(translation, &input.supplied),
            None => exported.clone(),
        };
        let sources = match raw {
            true => exported.names().to_vec(),
            false => input.sources().into_iter().map(str::to_owned).collect(),
        };
        let own: Vec<&str> = input.columns.all().collect();
        // A row is usable without the time of its last change.
        let is_needed = |name: &str| name != "updated_at";
        let is_read =
            |name: &String| own.contains(&name.as_str()) && reader.asks_for(name) && is_needed(name);
        let required = match &translation {
            Some(translation) => {
                (0..exported.width()).map(|column| translation.needs(column, is_needed)).collect()
            }
            None => exported.names().iter().map(|name| !raw && is_read(name)).collect(),
        };
        Self { nature, exported, header, joined, translation, sources, required }
    }

    /// Returns for each column of the export whether its times have a zone according to the layout.
    pub fn zoned_columns(&self) -> Vec<bool> {
        let is_zoned = |column| self.translation.as_ref().is_some_and(|by| by.has_zone(column));
        (0..self.exported.width()).map(is_zoned).collect()
    }

    /// Returns the columns of the export that are not read, although their names resemble columns that would be.
    pub fn near_misses(&self, plan: &ReadPlan<'_>, acknowledged: Acknowledged) -> Vec<NearMiss> {
        if plan.raw {
            return Vec::new();
        }
        let is_exported = |name: &&str| !plan.input().supplied.iter().any(|supplied| supplied == name);
        let sources: Vec<&str> = self.sources.iter().map(String::as_str).filter(is_exported).collect();
        self.exported.near_misses(&sources, &assumed(plan.input(), plan.role, &self.header, acknowledged))
    }
}

/// Returns the names of absent columns that cause an assumption: the canonical names, and those that the layout reads them from. Each has
/// a flag that states whether the assumption is acknowledged.
fn assumed<'n>(
    input: &'n EntityLayout,
    role: InputRole,
    header: &ColumnHeader,
    acknowledged: Acknowledged,
) -> Vec<(&'n str, bool)> {
    let absent = Assumed::ALL
        .into_iter()
        .filter(|assumed| assumed.role() == role && header.position(assumed.column()).is_none());
    let theirs = |ours: &str| {
        let readings = input.table.as_ref().and_then(|table| table.columns.get(ours));
        readings.into_iter().flat_map(|readings| &readings.0).flat_map(|reading| &reading.from.0)
    };
    let names = |assumed: Assumed| {
        let ours = assumed.column();
        let names = std::iter::once(ours).chain(theirs(ours).map(String::as_str));
        names.map(move |name| (name, acknowledged.has(assumed)))
    };
    absent.flat_map(names).collect()
}
