//! The HTML page of a document: head, sections with charts and tables, and a foot. All commands except the report share it.

pub mod diff;
pub mod explanation;
pub mod outreach;
pub mod progress;
pub mod sweep;
pub mod what_if;

use askama::Template;

use crate::beside::{self, DocumentContext};
use crate::table::{Table, Value};
use crate::{RenderError, words};
use mucalc_core::domain::calendar::numeric_text;
use mucalc_core::domain::edition_ref::EditionRef;
use mucalc_core::domain::finding::Finding;
use mucalc_core::domain::head::DocumentHeader;
use mucalc_core::domain::input::InputSummary;
use mucalc_core::domain::text::{escape_control, printable_lines, sentence};
use mucalc_core::domain::tool::ToolVersion;
use mucalc_core::domain::verdict::Verdict;

/// A page that is being built.
#[derive(Template, Default)]
#[template(path = "document.html")]
pub struct Document {
    over: String,
    heading: String,
    lead: String,
    meta: Vec<(String, String)>,
    cautions: Vec<String>,
    notes: Vec<String>,
    sections: Vec<Section>,
    foot: Vec<String>,
}

/// A section of a page. Empty parts are left out.
#[derive(Default)]
pub struct Section {
    pub id: String,
    pub title: String,
    /// Paragraphs.
    pub text: Vec<String>,
    /// The markup of a legend and of a chart, which this crate has rendered.
    pub key: &'static str,
    pub chart: String,
    pub cards: Vec<Card>,
    pub table: Option<PageTable>,
    /// Items of a list.
    pub items: Vec<String>,
    /// Whether the section is printed on a page of its own.
    pub is_sheet: bool,
}

/// A small part of a section, such as one provider's chart.
#[derive(Default)]
pub struct Card {
    pub anchor: String,
    pub title: String,
    /// The class and the text of the result; empty for a card without a result.
    pub verdict: (String, String),
    /// The markup of a chart, which this crate has rendered.
    pub chart: String,
    pub text: Vec<String>,
}

/// A table of texts.
#[derive(Default)]
pub struct PageTable {
    pub caption: String,
    /// Whether each row begins with a box to check.
    pub has_boxes: bool,
    heads: Vec<PageColumn>,
    rows: Vec<Vec<PageCell>>,
}

struct PageColumn {
    heading: String,
    is_number: bool,
}

struct PageCell {
    heading: String,
    is_number: bool,
    is_day: bool,
    /// The class of a result; empty for other values.
    verdict: &'static str,
    lines: Vec<String>,
}

impl Document {
    /// Starts a page about a reporting period, with the practice and what a reader must know before relying on the numbers.
    pub fn new<'a>(
        name: &str,
        head: &DocumentHeader,
        edition: &EditionRef,
        of: impl Into<DocumentContext<'a>>,
    ) -> Self {
        let practice = head.practice.as_ref().and_then(|practice| practice.name.as_deref());
        let prepared = head.practice.as_ref().and_then(|practice| practice.prepared());
        let period = words::period_line(head, edition);
        let (label, days) = period.split_once(": ").unwrap_or(("Period", &period));
        let mut meta = vec![(label.to_owned(), days.to_owned())];
        meta.extend(prepared.map(|prepared| ("Prepared".to_owned(), escape_control(&prepared))));
        Self {
            over: edition.title.clone(),
            heading: practice
                .map_or_else(|| name.to_owned(), |practice| format!("{}: {name}", escape_control(practice))),
            meta,
            cautions: beside::cautions(of).iter().map(|line| words::without_backticks(line)).collect(),
            notes: edition.notes.clone(),
            ..Self::default()
        }
    }

    /// Starts a page that is not about a reporting period.
    pub fn new_without_period(heading: &str) -> Self {
        Self { heading: heading.to_owned(), ..Self::default() }
    }

    /// Sets the sentences below the heading.
    pub fn lead(mut self, lines: &[String]) -> Self {
        let sentences: Vec<String> =
            lines.iter().map(|line| sentence(&words::without_backticks(line))).collect();
        self.lead = sentences.join(" ");
        self
    }

    /// Adds a fact to the head.
    pub fn fact(mut self, label: &str, text: impl Into<String>) -> Self {
        self.meta.push((label.to_owned(), text.into()));
        self
    }

    /// Adds a section; one without any content is left out.
    pub fn section(mut self, section: Section) -> Self {
        let is_empty = section.text.is_empty()
            && section.chart.is_empty()
            && section.cards.is_empty()
            && section.items.is_empty()
            && section.table.as_ref().is_none_or(|table| table.rows.is_empty());
        if !is_empty {
            self.sections.push(section);
        }
        self
    }

    /// Adds the section on rules, inputs, and findings, with which most pages end.
    pub fn basis(self, rules: String, inputs: &[InputSummary], findings: &[Finding]) -> Self {
        let inputs = inputs.iter().map(|input| format!("Read: {}.", words::input_text(input)));
        let findings = findings.iter().map(|finding| format!("Finding: {}.", words::finding_text(finding)));
        let items = std::iter::once(format!("Rules: {rules}.")).chain(inputs).chain(findings).collect();
        self.section(Section {
            id: "basis".to_owned(),
            title: "Rules and inputs".to_owned(),
            items,
            ..Section::default()
        })
    }

    /// Renders the page.
    ///
    /// # Errors
    /// If the page cannot be rendered, which is a bug.
    pub fn render_page(mut self, tool: &ToolVersion) -> Result<Vec<u8>, RenderError> {
        self.foot.push(format!("{} {}. This page is not legal advice.", tool.name, tool.version));
        // Escapes control characters from outside. The template itself contains none except line feeds, which are kept.
        Ok(printable_lines(&self.render()?).into_bytes())
    }
}

impl PageTable {
    /// Takes the columns and rows of a table.
    pub fn new(caption: impl Into<String>, table: Table<'_>) -> Self {
        let heads: Vec<PageColumn> = table
            .columns
            .iter()
            .map(|column| PageColumn { heading: column.heading.to_string(), is_number: column.is_number })
            .collect();
        let cell = |(head, value): (&PageColumn, &Value)| PageCell {
            heading: head.heading.clone(),
            is_number: head.is_number,
            is_day: matches!(value, Value::Day(_)),
            verdict: match value {
                Value::Result(verdict, _) => Verdict::word(*verdict),
                _ => "",
            },
            lines: match value {
                Value::Day(Some(day)) => vec![numeric_text(*day)],
                value => value.shown().split('\n').map(escape_control).collect(),
            },
        };
        let rows: Vec<Vec<Value>> = table.rows.collect();
        // Charts of characters are for terminals. Pages have their own.
        let is_picture = |at: usize| rows.iter().any(|row| matches!(row.get(at), Some(Value::Picture(_))));
        let kept: Vec<usize> = (0..heads.len()).filter(|at| !is_picture(*at)).collect();
        let row = |row: &Vec<Value>| kept.iter().map(|at| cell((&heads[*at], &row[*at]))).collect();
        let cells = rows.iter().map(row).collect();
        let heads = heads.into_iter().enumerate().filter(|(at, _)| kept.contains(at));
        let heads = heads.map(|(_, head)| head).collect();
        Self { caption: caption.into(), has_boxes: false, heads, rows: cells }
    }

    /// Adds a box to check at the beginning of each row.
    pub fn with_boxes(self) -> Self {
        Self { has_boxes: true, ..self }
    }
}
