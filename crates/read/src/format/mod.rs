//! Readers of the input formats, which turn bytes into rows.

pub mod answer;
pub(crate) mod biff;
pub(crate) mod bundle;
pub(crate) mod byte_array;
pub(crate) mod deleted;
pub(crate) mod documents;
pub(crate) mod float;
pub(crate) mod ndjson;
pub(crate) mod number_format;
pub(crate) mod old_workbook;
pub(crate) mod open_document;
pub(crate) mod parquet;
pub(crate) mod shape;
pub(crate) mod sheet;
pub(crate) mod sheet_row;
pub(crate) mod text_batch;
pub(crate) mod web_page;
pub(crate) mod workbook;
pub(crate) mod xlsb;
pub(crate) mod xlsx;
pub(crate) mod xml;
