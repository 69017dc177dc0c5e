//! Workbooks written cell by cell, in every format with sheets. Libraries for writing workbooks cannot express everything that these tests
//! need.

use std::io::{Cursor, Write};

/// A cell.
#[derive(Clone, Debug)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    /// A number with the format `00000`.
    Zeros(f64),
    /// A date, as its serial number since 1900.
    Day(f64),
    Truth(bool),
    /// An error, such as `#N/A`.
    Error(&'static str),
    /// A formula without a stored value.
    Unvalued,
    /// The index of a shared string; only in `.xlsx`.
    Shared(usize),
}

/// A sheet.
#[derive(Clone, Debug, Default)]
pub struct SheetSpec {
    pub name: String,
    pub hidden: bool,
    /// Whether it is a chart sheet, without cells.
    pub chart: bool,
    /// The rows, and the positions of the hidden ones.
    pub rows: Vec<Vec<Cell>>,
    pub hidden_rows: Vec<usize>,
}

/// A format with sheets: its file name extension and its writer.
pub type Written = (&'static str, fn(&[SheetSpec]) -> Vec<u8>);

/// The formats in which a sheet can be hidden.
pub const BOOKS: [Written; 5] =
    [("xlsx", xlsx), ("xlsb", xlsb), ("ods", ods), ("xls", xls), ("xml", xml_2003)];

/// Creates a sheet of texts.
pub fn sheet(name: &str, rows: &[&[&str]]) -> SheetSpec {
    let cell = |text: &&str| if text.is_empty() { Cell::Empty } else { Cell::Text((*text).to_owned()) };
    let rows = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    SheetSpec { name: name.to_owned(), rows, ..SheetSpec::default() }
}

/// Creates a sheet from comma-separated lines.
pub fn sheet_of(name: &str, csv: &str) -> SheetSpec {
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    sheet(name, &rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn zipped(parts: &[(String, String)], method: zip::CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        let method = if name == "mimetype" { zip::CompressionMethod::Stored } else { method };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        archive.start_file(name.as_str(), options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Writes the XML document of Excel 2003.
pub fn xml_2003(sheets: &[SheetSpec]) -> Vec<u8> {
    let cell = |(at, cell): (usize, &Cell)| {
        let data = |kind: &str, text: &str| format!("<Data ss:Type=\"{kind}\">{text}</Data>");
        let (attributes, data) = match cell {
            Cell::Empty | Cell::Shared(_) => return String::new(),
            Cell::Unvalued => (" ss:Formula=\"=1+1\"", String::new()),
            Cell::Text(text) => ("", data("String", &escaped(text))),
            Cell::Number(value) => ("", data("Number", &format!("{value:?}"))),
            Cell::Day(value) => (" ss:StyleID=\"day\"", data("Number", &value.to_string())),
            Cell::Zeros(value) => (" ss:StyleID=\"zeros\"", data("Number", &value.to_string())),
            Cell::Truth(value) => ("", data("Boolean", if *value { "1" } else { "0" })),
            Cell::Error(text) => ("", data("Error", text)),
        };
        let comment = "<Comment><ss:Data>a note</ss:Data></Comment>";
        format!("<Cell ss:Index=\"{}\"{attributes}>{data}{comment}</Cell>", at + 1)
    };
    let sheet = |sheet: &SheetSpec| {
        let rows = sheet.rows.iter().enumerate().map(|(at, row)| {
            let hidden = if sheet.hidden_rows.contains(&at) { " ss:Hidden=\"1\"" } else { "" };
            format!("<Row{hidden}>{}</Row>\n", row.iter().enumerate().map(cell).collect::<String>())
        });
        let table = format!("<Table>{}</Table>", rows.collect::<String>());
        let visible = if sheet.hidden { "SheetHidden" } else { "SheetVisible" };
        let name = escaped(&sheet.name);
        format!(
            "<Worksheet ss:Name=\"{name}\">{table}<x:WorksheetOptions><x:Visible>{visible}</x:Visible></x:WorksheetOptions></Worksheet>\n"
        )
    };
    let style =
        |id: &str, code: &str| format!("<Style ss:ID=\"{id}\"><NumberFormat ss:Format=\"{code}\"/></Style>");
    format!(
        "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n\
         <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\" \
         xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><Styles>{}{}</Styles>\n{}</Workbook>",
        style("zeros", "00000"),
        style("day", "yyyy\\-mm\\-dd"),
        sheets.iter().filter(|sheet| !sheet.chart).map(sheet).collect::<String>()
    )
    .into_bytes()
}

/// Writes `.xlsx`.
pub fn xlsx(sheets: &[SheetSpec]) -> Vec<u8> {
    xlsx_sharing(sheets, &[])
}

/// Writes `.xlsx` with shared strings.
pub fn xlsx_sharing(sheets: &[SheetSpec], texts: &[&str]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let cell = |(column, cell): (usize, &Cell), row: usize| {
        let at = format!("r=\"{}{row}\"", (b'A' + column as u8) as char);
        match cell {
            Cell::Empty => String::new(),
            Cell::Text(text) => format!(
                "<c {at} t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                escaped(text)
            ),
            Cell::Number(value) => format!("<c {at}><v>{value}</v></c>"),
            Cell::Zeros(value) => format!("<c {at} s=\"1\"><v>{value}</v></c>"),
            Cell::Day(value) => format!("<c {at} s=\"2\"><v>{value}</v></c>"),
            Cell::Truth(value) => format!("<c {at} t=\"b\"><v>{}</v></c>", u8::from(*value)),
            Cell::Error(text) => format!("<c {at} t=\"e\"><v>{text}</v></c>"),
            Cell::Unvalued => format!("<c {at}><f>A1&amp;\"x\"</f><v></v></c>"),
            Cell::Shared(text) => format!("<c {at} t=\"s\"><v>{text}</v></c>"),
        }
    };
    let (mut listed, mut relations, mut parts) = (String::new(), String::new(), Vec::new());
    for (at, sheet) in sheets.iter().enumerate() {
        let id = at + 1;
        let state = if sheet.hidden { " state=\"hidden\"" } else { "" };
        listed +=
            &format!("<sheet name=\"{}\" sheetId=\"{id}\"{state} r:id=\"r{id}\"/>", escaped(&sheet.name));
        let kind = if sheet.chart { "chartsheet" } else { "worksheet" };
        relations +=
            &format!("<Relationship Id=\"r{id}\" Type=\"{RELATION}/{kind}\" Target=\"{kind}s/s{id}.xml\"/>");
        let rows = sheet.rows.iter().enumerate().map(|(at, row)| {
            let hidden = if sheet.hidden_rows.contains(&at) { " hidden=\"1\"" } else { "" };
            let cells: String = row.iter().enumerate().map(|it| cell(it, at + 1)).collect();
            format!("<row r=\"{}\"{hidden}>{cells}</row>", at + 1)
        });
        let text = match sheet.chart {
            true => format!("<chartsheet xmlns=\"{MAIN}\"/>"),
            false => format!(
                "<worksheet xmlns=\"{MAIN}\"><sheetData>{}</sheetData></worksheet>",
                rows.collect::<String>()
            ),
        };
        parts.push((format!("xl/{kind}s/s{id}.xml"), text));
    }
    let styles = format!(
        "<styleSheet xmlns=\"{MAIN}\"><numFmts><numFmt numFmtId=\"164\" formatCode=\"00000\"/><numFmt numFmtId=\"165\" formatCode=\"yyyy\\-mm\\-dd\"/></numFmts>\
         <cellStyleXfs><xf numFmtId=\"0\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/></cellXfs></styleSheet>"
    );
    let head = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r0\" Type=\"{RELATION}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATION}\"><sheets>{listed}</sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{relations}</Relationships>"),
        ),
        ("xl/styles.xml", styles),
        (
            "xl/sharedStrings.xml",
            format!(
                "<sst xmlns=\"{MAIN}\">{}</sst>",
                texts.iter().map(|text| format!("<si><t>{}</t></si>", escaped(text))).collect::<String>()
            ),
        ),
    ];
    let all: Vec<(String, String)> =
        head.into_iter().map(|(name, text)| (name.to_owned(), text)).chain(parts).collect();
    zipped(&all, zip::CompressionMethod::Deflated)
}

/// Writes `.ods`. Chart sheets are omitted, because the format has none.
pub fn ods(sheets: &[SheetSpec]) -> Vec<u8> {
    let cell = |cell: &Cell| match cell {
        Cell::Empty => "<table:table-cell/>".to_owned(),
        Cell::Text(text) => format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>",
            escaped(text)
        ),
        Cell::Number(value) => format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{value}\"><text:p>{value}</text:p></table:table-cell>"
        ),
        Cell::Zeros(value) => format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{value}\"><text:p>{value:0>5}</text:p></table:table-cell>"
        ),
        Cell::Day(value) => {
            let day =
                chrono::NaiveDate::from_ymd_opt(1899, 12, 30).unwrap() + chrono::Days::new(*value as u64);
            format!(
                "<table:table-cell office:value-type=\"date\" office:date-value=\"{day}T00:00:00\"><text:p>{day}</text:p></table:table-cell>"
            )
        }
        Cell::Truth(value) => format!(
            "<table:table-cell office:value-type=\"boolean\" office:boolean-value=\"{value}\"><text:p>TRUE</text:p></table:table-cell>"
        ),
        Cell::Error(text) => format!(
            "<table:table-cell table:formula=\"of:=NA()\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"><text:p>{text}</text:p></table:table-cell>"
        ),
        Cell::Unvalued => "<table:table-cell table:formula=\"of:=A1\"/>".to_owned(),
        Cell::Shared(_) => String::new(),
    };
    let table = |sheet: &SheetSpec| {
        let rows = sheet.rows.iter().enumerate().map(|(at, row)| {
            let hidden = if sheet.hidden_rows.contains(&at) { " table:visibility=\"filter\"" } else { "" };
            format!("<table:table-row{hidden}>{}</table:table-row>", row.iter().map(cell).collect::<String>())
        });
        let style = if sheet.hidden { "hidden" } else { "shown" };
        format!(
            "<table:table table:name=\"{}\" table:style-name=\"{style}\">{}<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>",
            escaped(&sheet.name),
            rows.collect::<String>()
        )
    };
    let style = |name: &str, shown: bool| {
        format!(
            "<style:style style:name=\"{name}\" style:family=\"table\"><style:table-properties table:display=\"{shown}\"/></style:style>"
        )
    };
    let tables: String = sheets.iter().filter(|sheet| !sheet.chart).map(table).collect();
    let urn = "urn:oasis:names:tc:opendocument:xmlns";
    let content = format!(
        "<office:document-content xmlns:office=\"{urn}:office:1.0\" xmlns:table=\"{urn}:table:1.0\" xmlns:text=\"{urn}:text:1.0\" xmlns:style=\"{urn}:style:1.0\" xmlns:calcext=\"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0\">\
         <office:automatic-styles>{}{}</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
        style("hidden", false),
        style("shown", true)
    );
    let parts = [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", &content)];
    let parts: Vec<(String, String)> =
        parts.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    zipped(&parts, zip::CompressionMethod::Deflated)
}

/// Writes `.xlsb`: the parts of an `.xlsx` file as binary records.
pub fn xlsb(sheets: &[SheetSpec]) -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| {
        let mut record = match kind {
            kind @ ..0x80 => vec![kind as u8],
            kind => vec![(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8],
        };
        let mut length = data.len();
        while length >= 0x80 {
            record.push((length & 0x7F) as u8 | 0x80);
            length >>= 7;
        }
        record.push(length as u8);
        [record, data.to_vec()].concat()
    };
    let wide = |text: &str| {
        let units: Vec<u16> = text.encode_utf16().collect();
        [(units.len() as u32).to_le_bytes().to_vec(), units.into_iter().flat_map(u16::to_le_bytes).collect()]
            .concat()
    };
    let cell = |column: usize, cell: &Cell| {
        let at = |style: u32| [(column as u32).to_le_bytes(), style.to_le_bytes()].concat();
        let number = |style, value: &f64| record(5, &[&at(style)[..], &value.to_le_bytes()].concat());
        match cell {
            Cell::Empty | Cell::Unvalued | Cell::Shared(_) => Vec::new(),
            Cell::Text(text) => record(6, &[at(0), wide(text)].concat()),
            Cell::Number(value) => number(0, value),
            Cell::Zeros(value) => number(1, value),
            Cell::Day(value) => number(2, value),
            Cell::Truth(value) => record(4, &[&at(0)[..], &[u8::from(*value)]].concat()),
            Cell::Error(text) => record(3, &[&at(0)[..], &[error_code(text)]].concat()),
        }
    };
    let (mut listed, mut relations, mut parts) = (record(0x83, &[]), String::new(), Vec::new());
    for (at, sheet) in sheets.iter().enumerate() {
        let id = format!("r{}", at + 1);
        let kind = if sheet.chart { "chartsheet" } else { "worksheet" };
        let state = [u32::from(sheet.hidden).to_le_bytes(), (at as u32 + 1).to_le_bytes()].concat();
        listed.extend(record(0x9C, &[state, wide(&id), wide(&sheet.name)].concat()));
        relations += &format!("<Relationship Id=\"{id}\" Type=\"x/{kind}\" Target=\"{kind}s/s{at}.bin\"/>");
        let mut body = [record(0x81, &[]), record(0x94, &[0; 16]), record(0x91, &[])].concat();
        for (row, cells) in sheet.rows.iter().enumerate() {
            let mut head = vec![0; 17];
            head[..4].copy_from_slice(&(row as u32).to_le_bytes());
            head[11] = if sheet.hidden_rows.contains(&row) { 0x10 } else { 0 };
            body.extend(record(0, &head));
            cells.iter().enumerate().for_each(|(column, it)| body.extend(cell(column, it)));
        }
        body.extend([record(0x92, &[]), record(0x82, &[])].concat());
        parts.push((format!("xl/{kind}s/s{at}.bin"), body));
    }
    listed.extend([record(0x90, &[]), record(0x9D, &[0; 4]), record(0x84, &[])].concat());
    let format = |id: u16, code: &str| record(0x2C, &[&id.to_le_bytes()[..], &wide(code)].concat());
    let style = |id: u16| record(0x2F, &[&[0, 0][..], &id.to_le_bytes(), &[0; 12]].concat());
    let styles = [
        record(0x267, &2_u32.to_le_bytes()),
        format(164, "00000"),
        format(165, "yyyy\\-mm\\-dd"),
        record(0x269, &3_u32.to_le_bytes()),
        style(0),
        style(164),
        style(165),
    ];
    let relations = format!("<Relationships>{relations}</Relationships>").into_bytes();
    let head = [
        ("[Content_Types].xml", b"<Types/>".to_vec()),
        ("xl/workbook.bin", listed),
        ("xl/_rels/workbook.bin.rels", relations),
        ("xl/styles.bin", styles.concat()),
    ];
    let all = head.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).chain(parts);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in all {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn error_code(text: &str) -> u8 {
    let codes = [
        ("#NULL!", 0),
        ("#DIV/0!", 7),
        ("#VALUE!", 15),
        ("#REF!", 23),
        ("#NAME?", 29),
        ("#NUM!", 36),
        ("#N/A", 42),
    ];
    codes.iter().find(|(known, _)| *known == text).unwrap().1
}

/// Writes the old `.xls` format: BIFF8 records in a compound file.
pub fn xls(sheets: &[SheetSpec]) -> Vec<u8> {
    let record =
        |kind: u16, data: &[u8]| [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let bof =
        |kind: u16| record(0x0809, &[&0x0600_u16.to_le_bytes()[..], &kind.to_le_bytes(), &[0; 12]].concat());
    let eof = record(0x000A, &[]);
    let format = |id: u16, code: &str| {
        let length = (code.encode_utf16().count() as u16).to_le_bytes();
        record(0x041E, &[&id.to_le_bytes()[..], &length, &[1], &wide(code)].concat())
    };
    let xf = |format: u16| record(0x00E0, &[&[0, 0][..], &format.to_le_bytes(), &[0; 16]].concat());
    let cell = |row: usize, column: usize, cell: &Cell| {
        let at = |style: u16| {
            [(row as u16).to_le_bytes(), (column as u16).to_le_bytes(), style.to_le_bytes()].concat()
        };
        let number =
            |style: u16, value: f64| record(0x0203, &[&at(style)[..], &value.to_le_bytes()].concat());
        match cell {
            Cell::Empty | Cell::Unvalued | Cell::Shared(_) => Vec::new(),
            Cell::Text(text) => {
                let length = (text.encode_utf16().count() as u16).to_le_bytes();
                record(0x0204, &[&at(0)[..], &length, &[1], &wide(text)].concat())
            }
            Cell::Number(value) => number(0, *value),
            Cell::Zeros(value) => number(1, *value),
            Cell::Day(value) => number(2, *value),
            Cell::Truth(value) => record(0x0205, &[&at(0)[..], &[u8::from(*value), 0]].concat()),
            Cell::Error(text) => {
                let code = error_code(text);
                record(0x0205, &[&at(0)[..], &[code, 1]].concat())
            }
        }
    };
    let bodies: Vec<Vec<u8>> = sheets
        .iter()
        .map(|sheet| {
            let mut body = bof(if sheet.chart { 0x0020 } else { 0x0010 });
            for at in &sheet.hidden_rows {
                let row = [(*at as u16).to_le_bytes(), [0, 0], [1, 0], [255, 0], [0, 0], [0, 0]].concat();
                body.extend(record(0x0208, &[&row[..], &0x0120_u32.to_le_bytes()].concat()));
            }
            for (row, cells) in sheet.rows.iter().enumerate() {
                cells.iter().enumerate().for_each(|(column, it)| body.extend(cell(row, column, it)));
            }
            [body, eof.clone()].concat()
        })
        .collect();
    let globals = |places: &[u32]| {
        let mut globals = bof(0x0005);
        globals
            .extend([format(164, "00000"), format(165, "yyyy\\-mm\\-dd"), xf(0), xf(164), xf(165)].concat());
        for (sheet, place) in sheets.iter().zip(places) {
            let state = [u8::from(sheet.hidden), if sheet.chart { 2 } else { 0 }];
            let name = [&[sheet.name.encode_utf16().count() as u8, 1][..], &wide(&sheet.name)].concat();
            globals.extend(record(0x0085, &[&place.to_le_bytes()[..], &state, &name].concat()));
        }
        [globals, eof.clone()].concat()
    };
    let mut place = globals(&vec![0; sheets.len()]).len() as u32;
    let places: Vec<u32> = bodies
        .iter()
        .map(|body| {
            place += body.len() as u32;
            place - body.len() as u32
        })
        .collect();
    compound("Workbook", &[globals(&places), bodies.concat()].concat())
}

/// Writes a compound file with one stream.
pub fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    const END: u32 = 0xFFFF_FFFE;
    const FREE: u32 = 0xFFFF_FFFF;
    let mut stream = stream.to_vec();
    // A shorter stream would have to be one of the mini streams.
    stream.resize(stream.len().max(4096).next_multiple_of(512), 0);
    let sectors = stream.len() / 512;
    let tables = (sectors + 1).div_ceil(127).max(1);
    let mut header = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    header.extend([0; 16]);
    for word in [0x003E_u16, 3, 0xFFFE, 9, 6, 0, 0, 0] {
        header.extend(word.to_le_bytes());
    }
    for word in [0, tables as u32, tables as u32, 0, 4096, END, 0, END, 0] {
        header.extend(word.to_le_bytes());
    }
    header.extend((0..109).flat_map(|at| if at < tables as u32 { at } else { FREE }.to_le_bytes()));
    let mut table: Vec<u32> = vec![0xFFFF_FFFD; tables];
    table.push(END);
    table.extend((0..sectors).map(|at| if at + 1 < sectors { (tables + 2 + at) as u32 } else { END }));
    table.resize(tables * 128, FREE);
    let entry = |name: &str, kind: u8, child: u32, start: u32, size: u64| {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = if name.is_empty() { 0 } else { entry.len() as u16 + 2 };
        entry.resize(64, 0);
        entry.extend(length.to_le_bytes());
        entry.extend([kind, 1]);
        [FREE, FREE, child].iter().for_each(|id| entry.extend(id.to_le_bytes()));
        entry.extend([0; 36]);
        entry.extend(start.to_le_bytes());
        entry.extend(size.to_le_bytes());
        entry
    };
    let mut folder = entry("Root Entry", 5, 1, END, 0);
    folder.extend(entry(name, 2, FREE, tables as u32 + 1, stream.len() as u64));
    folder.extend([entry("", 0, FREE, 0, 0), entry("", 0, FREE, 0, 0)].concat());
    [header, table.iter().flat_map(|id| id.to_le_bytes()).collect(), folder, stream].concat()
}

/// Writes a web page in which each visible sheet is a table.
pub fn web_page(sheets: &[SheetSpec]) -> Vec<u8> {
    let cell = |cell: &Cell| {
        let text = match cell {
            Cell::Empty | Cell::Unvalued | Cell::Shared(_) => "&nbsp;".to_owned(),
            Cell::Text(text) => escaped(text),
            Cell::Number(value) | Cell::Day(value) => value.to_string(),
            Cell::Zeros(value) => format!("{value:0>5}"),
            Cell::Truth(value) => value.to_string(),
            Cell::Error(text) => (*text).to_owned(),
        };
        format!("<td class=xl{}>{text}</td>", text.len())
    };
    let table = |sheet: &SheetSpec| {
        let rows = sheet.rows.iter().enumerate().map(|(at, row)| {
            let hidden = if sheet.hidden_rows.contains(&at) { " style='display:none'" } else { "" };
            format!("<tr{hidden}>\n{}\n</tr>\n", row.iter().map(cell).collect::<String>())
        });
        format!("<table border=0>\n{}</table>\n", rows.collect::<String>())
    };
    let shown = sheets.iter().filter(|sheet| !sheet.hidden && !sheet.chart);
    format!(
        "<html><head><style>td {{ color: red }}</style></head><body>\n{}</body></html>",
        shown.map(table).collect::<String>()
    )
    .into_bytes()
}
