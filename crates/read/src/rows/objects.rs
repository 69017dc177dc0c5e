//! Decodes JSON objects into rows.

use std::borrow::Cow;
use std::sync::atomic::Ordering;

use super::{BoxedInputError, DecodedBatch, DecoderScratch, RowDecoder};
use crate::blocks::Block;
use crate::diagnostics::Diagnostics;
use crate::error::{InputError, InputErrorKind};
use crate::format::bundle::is_bundle;
use crate::format::documents::Objects;
use crate::format::json_forms::{JsonForm, JsonForms, PathForm};
use crate::format::marked_object::{MarkedObject, Marker};
use crate::format::ndjson::{PathValues, each_object, has_fields, objects_within, rows_within};
use crate::records::CsvRecord;
use crate::row_reader::RowReader;
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::line_index::{LazyLine, LineIndex};
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::escape_control;

/// What a thread keeps from one JSON object to the next.
#[derive(Default)]
pub(super) struct JsonScratch {
    forms: JsonForms,
    /// For each form of objects, how rows are made of it, if cells are copied.
    copied: Vec<Option<CopiedForm>>,
    /// The values of the current object.
    found: PathValues,
    /// For each path, whether an object has a value there.
    met: Vec<bool>,
}

/// A form of objects whose values are the cells of rows as they are.
struct CopiedForm {
    /// For each column of the rows, the number of its value.
    cells: Vec<usize>,
    /// The values of the day and the ids.
    day: usize,
    ids: Vec<usize>,
    /// The paths with a value, and whether an object of the form was met.
    paths: Vec<usize>,
    is_met: bool,
}

impl CopiedForm {
    /// Returns whether an object cannot be a total, a header, or other than a row: it has an id with a digit, and a day. Neither is the name
    /// of a column, since none has a digit, and the day is too long for a count.
    #[inline(always)]
    fn is_surely_row<'o>(&self, value: impl Fn(usize) -> &'o [u8]) -> bool {
        let day = value(self.day);
        let has_digit = |id: &usize| value(*id).iter().any(u8::is_ascii_digit);
        day.len() >= DATE && day[0].is_ascii_digit() && self.ids.iter().any(has_digit)
    }
}

/// What objects are decoded with, and into.
struct Decoding<'s, R: RowReader> {
    json: JsonScratch,
    scratch: &'s mut DecoderScratch<R>,
    part: R::Batch,
    notes: Diagnostics,
}

/// Length of a date such as 2014-07-01.
const DATE: usize = 10;

impl<R: RowReader> RowDecoder<'_, R> {
    /// Decodes objects of a JSON document.
    pub fn documents(&self, objects: &Objects, scratch: &mut DecoderScratch<R>) -> DecodedBatch<R> {
        scratch.piece = objects.before;
        let mut into = self.start_objects(scratch);
        for (object, line) in objects.iter() {
            self.any_object(object.trim_ascii(), None, LazyLine::Known(line), &mut into)?;
        }
        Ok(self.finish_objects(into))
    }

    /// Decodes the objects of a block, one on each line. The records are the lines, cut at their quotation marks.
    pub(super) fn lines_of_objects<'b>(
        &self,
        records: impl Iterator<Item = CsvRecord<'b>>,
        block: &'b Block,
        lines: &'b LineIndex<'b>,
        scratch: &mut DecoderScratch<R>,
    ) -> DecodedBatch<R> {
        let mut marker = Marker::new(block, self.is_utf8(block));
        let mut into = self.start_objects(scratch);
        for record in records {
            let object = block.records()[record.begin()..record.end()].trim_ascii();
            let marked = marker.marked(&record, object);
            self.any_object(object, marked, lines.line(record.begin()), &mut into)?;
        }
        Ok(self.finish_objects(into))
    }

    fn start_objects<'s>(&self, scratch: &'s mut DecoderScratch<R>) -> Decoding<'s, R> {
        let mut json = std::mem::take(&mut scratch.json);
        json.met.resize(self.path_names.len(), false);
        Decoding { json, scratch, part: self.reader.batch(), notes: Diagnostics::new(self.reading.places) }
    }

    fn finish_objects(&self, decoding: Decoding<'_, R>) -> (R::Batch, Diagnostics) {
        let Decoding { json, scratch, part, notes } = decoding;
        let newly = self.path_met.iter().zip(&json.met).filter(|(_, met)| **met);
        newly.for_each(|(known, _)| known.store(true, Ordering::Relaxed));
        scratch.json = json;
        (part, notes)
    }

    #[inline(always)]
    fn any_object(
        &self,
        object: &[u8],
        marked: Option<MarkedObject<'_>>,
        line: LazyLine<'_>,
        into: &mut Decoding<'_, R>,
    ) -> Result<(), BoxedInputError> {
        if object.is_empty() || self.known_object(object, marked, line, into)? {
            return Ok(());
        }
        self.new_object(object, line, into)
    }

    /// Decodes an object that has the form of one that was read before. Returns `false` if it has none, or is a FHIR Bundle.
    fn known_object(
        &self,
        object: &[u8],
        marked: Option<MarkedObject<'_>>,
        line: LazyLine<'_>,
        into: &mut Decoding<'_, R>,
    ) -> Result<bool, BoxedInputError> {
        let Decoding { json, scratch, part, notes } = into;
        let found = marked.as_ref().and_then(|marked| json.forms.find_marked(marked));
        let Some(form) = found.or_else(|| json.forms.find(object)) else { return Ok(false) };
        if json.forms.form(form).may_be_bundle() && is_bundle(object) {
            return Ok(false);
        }
        while json.copied.len() <= form {
            let copied = self.copied(json.forms.form(json.copied.len()));
            json.copied.push(copied);
        }
        let value = |value| json.forms.value(object, value);
        if let Some(copied) = &mut json.copied[form]
            && !json.forms.has_escape(object, copied.cells.iter().copied())
            && copied.is_surely_row(value)
        {
            let before = notes.aside;
            notes.rows += 1;
            let padded = marked.map_or(object, |marked| marked.padded);
            scratch.written.copy(padded, json.forms.values(), &copied.cells);
            let may_be_special = !json.forms.is_ascii();
            self.give(may_be_special, line, 0, scratch, part, notes)?;
            if !std::mem::replace(&mut copied.is_met, true) {
                copied.paths.iter().for_each(|path| json.met[*path] = true);
            }
            if notes.aside > before {
                notes.answers.add_aside(object, line.number());
            }
            return Ok(true);
        }
        let is_known = json.forms.put(object, form, &mut json.found);
        if is_known {
            self.object(object, line, into)?;
        }
        Ok(is_known)
    }

    /// Decodes any object, which may be damaged or a FHIR Bundle.
    fn new_object(
        &self,
        text: &[u8],
        line: LazyLine<'_>,
        into: &mut Decoding<'_, R>,
    ) -> Result<(), BoxedInputError> {
        let mut delivered = Ok(());
        let answers = each_object(
            text,
            || line.number(),
            |object, is_whole| {
                if delivered.is_err() {
                    return;
                }
                let Decoding { json, notes, .. } = into;
                if !is_whole || self.paths.read(object, &mut json.found).is_err() {
                    notes.lose_rows(FindingCode::NotJson, line.number(), objects_within(object));
                } else if json.found.is_empty() && has_fields(object) {
                    notes.lose_rows(FindingCode::OtherKeys, line.number(), rows_within(object));
                } else {
                    json.forms.learn(object, &self.paths, &json.found);
                    delivered = self.object(object, line, into);
                }
            },
        );
        answers.iter().for_each(|answers| into.notes.answers.merge(answers));
        delivered
    }

    /// Returns how rows are made of the objects of a form, if each cell is one value as it is. `None` if a value needs a closer look.
    fn copied(&self, form: &JsonForm) -> Option<CopiedForm> {
        let plain = self.plain.as_ref()?;
        let paths: Vec<usize> =
            (0..self.path_names.len()).filter(|path| *form.path(*path) != PathForm::Absent).collect();
        let is_copied = |path: usize| match form.path(path) {
            PathForm::Absent | PathForm::Value(_) => true,
            // `null` is an empty cell.
            PathForm::Pieces(pieces) => pieces.is_empty(),
        };
        let is_odd = |path: &usize| {
            self.path_columns[*path].is_none()
                || self.path_names[*path] == "resourceType"
                || !is_copied(*path)
        };
        let has_digit = |name: &String| name.bytes().any(|byte| byte.is_ascii_digit());
        if paths.is_empty() || paths.iter().any(is_odd) || self.exported.names().iter().any(has_digit) {
            return None;
        }
        let value = |column: usize| {
            let path = paths.iter().rfind(|path| self.path_columns[**path] == Some(column))?;
            if let PathForm::Value(value) = form.path(*path) { Some(*value) } else { None }
        };
        Some(CopiedForm {
            cells: plain.iter().map(|column| value(*column).unwrap_or(form.values())).collect(),
            day: value(self.keys.day?)?,
            ids: self.keys.ids.iter().filter_map(|column| value(*column)).collect(),
            paths,
            is_met: false,
        })
    }

    /// Decodes the values that were found in an object.
    fn object(
        &self,
        object: &[u8],
        line: LazyLine<'_>,
        into: &mut Decoding<'_, R>,
    ) -> Result<(), BoxedInputError> {
        let Some(translation) = self.translation else { return Ok(()) };
        let Decoding { json: JsonScratch { found, met, .. }, scratch, part, notes } = into;
        let mut cells: Vec<Cow<'_, str>> = vec![Cow::Borrowed(""); self.exported.width()];
        for (path, column) in self.path_columns.iter().enumerate() {
            match (column, found.get(path)) {
                (Some(column), Some(text)) => {
                    met[path] = true;
                    cells[*column] = Cow::Borrowed(text);
                }
                (None, Some(_)) => {
                    let place = SourceLocation::cell(
                        &*self.source.name,
                        line.number(),
                        escape_control(&self.path_names[path]),
                    );
                    return Err(Box::new(InputError { place, reason: InputErrorKind::LateColumn }));
                }
                (_, None) => {}
            }
        }
        let before = notes.aside;
        self.translate(translation, &mut cells, line, scratch, part, notes)?;
        if notes.aside > before {
            if let Some(kind) = self.path_names.iter().position(|name| name == "resourceType") {
                notes.set_aside(found.get(kind).unwrap_or_default());
            }
            notes.answers.add_aside(object, line.number());
        }
        Ok(())
    }

    /// Returns the paths of NDJSON that no line had.
    pub fn absent_columns(&self) -> Vec<String> {
        let never =
            self.path_names.iter().zip(&self.path_met).filter(|(_, met)| !met.load(Ordering::Relaxed));
        never.map(|(name, _)| name.clone()).collect()
    }
}
