//! Renders findings as JUnit XML: one suite per input, and one case per code. A finding of severity error fails its case.
//!
//! There is no standard, but programs check against several schemas. This is what the common ones share. Times and the host are constants,
//! so that the same inputs give the same bytes.

use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;

use mucalc_core::domain::finding::{FindingCode, Severity};
use mucalc_core::domain::source_location::SourceLocation;
use mucalc_core::domain::text::printable_lines;
use mucalc_core::domain::validation::{FindingGroup, ValidationReport};

/// Renders findings as JUnit XML.
pub fn render(validation: &ValidationReport) -> io::Result<Vec<u8>> {
    let mut suites: Vec<Suite> =
        validation.inputs.iter().map(|input| suite(validation, &input.label())).collect();
    if let Some(error) = &validation.error {
        let place = error.place.as_ref().map_or(String::new(), |place: &SourceLocation| format!("{place}: "));
        let case =
            Case { name: error.code.clone(), failed: Some(("error", format!("{place}{}", error.message))) };
        suites.push(Suite { name: "mucalc".to_owned(), cases: vec![case], said: String::new() });
    }
    let mut bytes = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_vec();
    let mut writer = Writer::new_with_indent(&mut bytes, b' ', 2);
    writer.create_element("testsuites").write_inner_content(|writer| {
        suites.iter().enumerate().try_for_each(|(id, suite)| suite.write(id, writer))
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}

struct Suite {
    name: String,
    cases: Vec<Case>,
    said: String,
}

struct Case {
    name: String,
    /// The element, `failure` or `error`, and its text; `None` if the case passed.
    failed: Option<(&'static str, String)>,
}

fn suite(validation: &ValidationReport, file: &str) -> Suite {
    let mut said = String::new();
    let case = |code: &FindingCode| {
        let is_here = |fault: &&FindingGroup| {
            fault.code == code.slug() && fault.places.iter().any(|place| place.file == file)
        };
        let found = validation.findings.iter().find(is_here);
        if let Some(fault) = found.filter(|fault| fault.severity != Severity::Error) {
            said.push_str(&format!(
                "{} {}: {}\n",
                fault.severity.word(),
                fault.code,
                finding_text(fault, file)
            ));
        }
        let failed = found
            .filter(|fault| fault.severity == Severity::Error)
            .map(|fault| ("failure", finding_text(fault, file)));
        Case { name: code.slug().to_owned(), failed }
    };
    let cases = FindingCode::ALL.iter().map(case).collect();
    Suite { name: file.to_owned(), cases, said }
}

impl Suite {
    fn write(&self, id: usize, writer: &mut Writer<&mut Vec<u8>>) -> io::Result<()> {
        let count = |kind: &str| {
            let of_kind = |case: &&Case| case.failed.as_ref().is_some_and(|(failed, _)| *failed == kind);
            self.cases.iter().filter(of_kind).count().to_string()
        };
        let name = xml(&self.name);
        let attributes = [
            ("id", id.to_string()),
            ("package", "mucalc".to_owned()),
            ("name", name.clone()),
            ("timestamp", "1970-01-01T00:00:00".to_owned()),
            ("hostname", "localhost".to_owned()),
            ("tests", self.cases.len().to_string()),
            ("failures", count("failure")),
            ("errors", count("error")),
            ("time", "0".to_owned()),
        ];
        let attributes = attributes.iter().map(|(name, value)| (*name, value.as_str()));
        writer.create_element("testsuite").with_attributes(attributes).write_inner_content(|writer| {
            writer.create_element("properties").write_empty()?;
            self.cases.iter().try_for_each(|case| case.write(&name, writer))?;
            writer.create_element("system-out").write_text_content(BytesText::new(&xml(&self.said)))?;
            writer.create_element("system-err").write_empty()?;
            Ok(())
        })?;
        Ok(())
    }
}

impl Case {
    fn write(&self, class: &str, writer: &mut Writer<&mut Vec<u8>>) -> io::Result<()> {
        let attributes = [("name", &*self.name), ("classname", class), ("time", "0")];
        let element = writer.create_element("testcase").with_attributes(attributes);
        let Some((kind, why)) = &self.failed else {
            element.write_empty()?;
            return Ok(());
        };
        let why = xml(why);
        element.write_inner_content(|writer| {
            let message = why.lines().next().unwrap_or_default();
            let attributes = [("type", &*self.name), ("message", message)];
            writer
                .create_element(*kind)
                .with_attributes(attributes)
                .write_text_content(BytesText::new(&why))?;
            Ok(())
        })?;
        Ok(())
    }
}

/// Returns the text of a finding in an input, with its first 100 locations there.
fn finding_text(fault: &FindingGroup, file: &str) -> String {
    let places = fault.places.iter().filter(|place| place.file == file).take(100).map(ToString::to_string);
    format!("{}\n{}", super::message(fault), places.collect::<Vec<_>>().join("\n"))
}

/// Escapes what a terminal would interpret, keeps lines, and removes the characters that XML cannot contain even when escaped.
fn xml(text: &str) -> String {
    let is_allowed = |c: &char| !matches!(*c, '\u{FFFE}' | '\u{FFFF}');
    printable_lines(text).chars().filter(is_allowed).collect()
}
