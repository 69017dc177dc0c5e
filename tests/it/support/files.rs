//! Rows written in the formats of exports.

use std::io::{Cursor, Write};
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::file::properties::WriterPropertiesBuilder;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// Writes rows as text with a separator.
pub fn separated(rows: &[Vec<String>], separator: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

/// Writes files to a ZIP archive.
pub fn zipped(files: &[(&str, Vec<u8>)], method: zip::CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Writes rows as Parquet, with optional strings in each column. If `required`, missing strings are written as empty ones.
pub fn parquet(
    rows: &[Vec<String>],
    properties: WriterPropertiesBuilder,
    required: bool,
    group: usize,
) -> Vec<u8> {
    let repetition = if required { "required" } else { "optional" };
    let columns: Vec<String> =
        rows[0].iter().map(|name| format!("{repetition} binary {name} (STRING);")).collect();
    let schema = Arc::new(parse_message_type(&format!("message rows {{ {} }}", columns.join(" "))).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build())).unwrap();
    for group in rows[1..].chunks(group) {
        let mut columns = writer.next_row_group().unwrap();
        let mut at = 0;
        while let Some(mut column) = columns.next_column().unwrap() {
            let cells = group.iter().map(|row| row[at].as_str());
            let is_there = |cell: &&str| required || !cell.is_empty();
            let values: Vec<ByteArray> = cells.clone().filter(is_there).map(ByteArray::from).collect();
            let levels: Vec<i16> = cells.map(|cell| i16::from(is_there(&cell))).collect();
            let levels = (!required).then_some(levels);
            // Write a few values at a time, so that a page can end anywhere.
            let (mut values, mut levels) = (&values[..], levels.as_deref());
            let typed = column.typed::<ByteArrayType>();
            while !values.is_empty() || levels.is_some_and(|levels| !levels.is_empty()) {
                let rows = levels.map_or(values.len(), <[i16]>::len).min(3);
                let there =
                    levels.map_or(rows, |levels| levels[..rows].iter().filter(|level| **level == 1).count());
                typed.write_batch(&values[..there], levels.map(|levels| &levels[..rows]), None).unwrap();
                values = &values[there..];
                levels = levels.map(|levels| &levels[rows..]);
            }
            column.close().unwrap();
            at += 1;
        }
        columns.close().unwrap();
    }
    writer.into_inner().unwrap()
}

/// Writes rows as Parquet with a dictionary for each column, where one column has local times or days: numbers of the unit that Parquet's
/// schema language names, so many of them a day.
pub fn parquet_with_times(rows: &[Vec<String>], column: &str, unit: &str, of_day: i64) -> Vec<u8> {
    let physical = if unit == "DATE" { "int32" } else { "int64" };
    let field = |name: &String| match name == column {
        true => format!("optional {physical} {name} ({unit});"),
        false => format!("optional binary {name} (STRING);"),
    };
    let columns: Vec<String> = rows[0].iter().map(field).collect();
    let schema = Arc::new(parse_message_type(&format!("message rows {{ {} }}", columns.join(" "))).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    for group in rows[1..].chunks(50) {
        let mut columns = writer.next_row_group().unwrap();
        let mut at = 0;
        while let Some(mut writer) = columns.next_column().unwrap() {
            let cells = || group.iter().map(|row| row[at].as_str());
            let levels: Vec<i16> = cells().map(|cell| i16::from(!cell.is_empty())).collect();
            let filled = cells().filter(|cell| !cell.is_empty());
            if rows[0][at] != column {
                let values: Vec<ByteArray> = filled.map(ByteArray::from).collect();
                writer.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
            } else {
                let numbers = filled.map(|text| {
                    let time = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").unwrap();
                    (i128::from(time.and_utc().timestamp()) * i128::from(of_day)).div_euclid(86_400) as i64
                });
                if unit == "DATE" {
                    let values: Vec<i32> = numbers.map(|number| number as i32).collect();
                    writer.typed::<Int32Type>().write_batch(&values, Some(&levels), None).unwrap();
                } else {
                    let values: Vec<i64> = numbers.collect();
                    writer.typed::<Int64Type>().write_batch(&values, Some(&levels), None).unwrap();
                }
            }
            writer.close().unwrap();
            at += 1;
        }
        columns.close().unwrap();
    }
    writer.into_inner().unwrap()
}

/// Writes a workbook with a cover sheet, and the rows on the second sheet as text.
pub fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
    workbook_of(&[vec!["An export".to_owned()]], rows)
}

/// Writes a workbook with these rows on its two sheets.
pub fn workbook_of(cover: &[Vec<String>], rows: &[Vec<String>]) -> Vec<u8> {
    let cell = |text: &String| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!(r#"<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#)
    };
    let row = |row: &Vec<String>| format!("<row>{}</row>", row.iter().map(cell).collect::<String>());
    let [cover, rows] = [cover, rows].map(|rows| rows.iter().map(row).collect::<String>());
    workbook_with(&cover, &rows)
}

/// Writes a workbook with two sheets, given as the XML of their rows.
pub fn workbook_with(cover: &str, rows: &str) -> Vec<u8> {
    let sheet = |rows: &str| {
        format!(r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#).into_bytes()
    };
    let part = |name: &str| {
        format!(
            r#"<Override PartName="/xl/{name}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"/>"#,
            if name == "workbook.xml" { "sheet.main" } else { "worksheet" }
        )
    };
    let parts = ["workbook.xml", "worksheets/sheet1.xml", "worksheets/sheet2.xml"].map(part).concat();
    let types = format!(
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{parts}</Types>"#
    );
    let relation = |id: &str, kind: &str, target: &str| {
        format!(
            r#"<Relationship Id="{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>"#
        )
    };
    let relations = |all: String| {
        format!(r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{all}</Relationships>"#).into_bytes()
    };
    let book = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Cover" sheetId="1" r:id="r1"/><sheet name="Rows" sheetId="2" r:id="r2"/></sheets></workbook>"#;
    zipped(
        &[
            ("[Content_Types].xml", types.into_bytes()),
            ("_rels/.rels", relations(relation("r0", "officeDocument", "xl/workbook.xml"))),
            ("xl/workbook.xml", book.as_bytes().to_vec()),
            (
                "xl/_rels/workbook.xml.rels",
                relations(
                    relation("r1", "worksheet", "worksheets/sheet1.xml")
                        + &relation("r2", "worksheet", "worksheets/sheet2.xml"),
                ),
            ),
            ("xl/worksheets/sheet1.xml", sheet(cover)),
            ("xl/worksheets/sheet2.xml", sheet(rows)),
        ],
        zip::CompressionMethod::Deflated,
    )
}

/// Writes rows as a SQL console does: columns padded with blanks, and a rule of dashes below the header.
pub fn padded(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(1);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let line = |row: &Vec<String>| -> String {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join(" ") + "\n"
    };
    let rule = line(&widths.iter().map(|width| "-".repeat(*width)).collect());
    let (header, rows) = rows.split_first().unwrap();
    format!(
        "{}{rule}{}\n({} rows affected)\n",
        line(header),
        rows.iter().map(line).collect::<String>(),
        rows.len()
    )
}
