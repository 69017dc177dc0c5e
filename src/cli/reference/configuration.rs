//! Reference page of all keys of `mucalc.toml`, generated from the schema of the options, with the matching flags.

use std::fmt::Write;

use clap::CommandFactory;
use serde_json::{Map, Value};

use super::cell;
use crate::cli::Cli;

/// Returns the reference page of the configuration as Markdown.
pub fn configuration() -> String {
    let schema = mucalc_options::schema();
    let flags = flags();
    let mut page = "# mucalc.toml\n\nEvery key is optional. A flag overrides its key, and paths are relative to the folder of the file. \
        `mucalc` reads the file in the\nworking directory, unless `--config` names another file or `--no-config` is given. \
        An unknown key is an error, so that a\nmistyped one is not ignored. Editors that support JSON Schema check the file with \
        [mucalc.schema.json](mucalc.schema.json):\nbegin it with `#:schema`, a blank, and the path or address of that file.\n\n\
        | key | form | flag | meaning |\n| --- | --- | --- | --- |\n"
        .to_owned();
    for (key, said) in properties(&schema) {
        let tables = tables(&schema, key, said);
        // A table is never a flag, even if `sweep` has a flag of the same name.
        let is_flag = flags.contains(key) && tables.is_empty();
        let flag = if is_flag { format!("`--{key}`") } else { "–".to_owned() };
        let form = match tables.as_slice() {
            [] => form(&schema, said),
            tables => tables.iter().map(|table| table.form).collect::<Vec<_>>().join(", or "),
        };
        let _ = writeln!(page, "| `{key}` | {form} | {flag} | {} |", description(said));
    }
    for (key, said) in properties(&schema) {
        for table in tables(&schema, key, said) {
            // A key that takes several tables says what each is for.
            let told = if table.is_only { description(said) } else { description(table.keys) };
            let _ = write!(page, "\n## {}\n\n{told}\n\n", table.heading);
            page.push_str("| key | form | what it says |\n| --- | --- | --- |\n");
            for (key, said) in properties(table.keys) {
                let required = table.keys["required"].as_array();
                let is_required = required.is_some_and(|all| all.iter().any(|one| one == key));
                let needed = if is_required { "; needed" } else { "" };
                let form = form(&schema, said);
                let _ = writeln!(page, "| `{key}` | {form}{needed} | {} |", description(said));
            }
        }
    }
    page.push_str(
        "\n## An example\n\nThe canonical values are in [inputs.md](inputs.md).\n\n```toml\n\
         encounters = [\"exports/enc*.csv\"]\nmessages = [\"exports/msg*.csv\"]\nperiod = \"2014Q3\"\n\
         timezone = \"America/Chicago\"\n\n\
         [topics]\n\"Rx refill\" = \"medication-refill\"\n\n\
         [channels.\"MyPortal\"]        # a word of your export; it may be limited to its certified days\n\
         certified = true\nfrom = \"2014-02-01\"\n\n\
         [locations.\"ANNEX\"]          # a place whose records are not in the certified EHR; the policy non-cehrt decides\n\
         certified = false\n\n\
         [policy]\npool = \"count\"\n\n\
         [severity]\nexport-cut-short = \"error\"\n```\n",
    );
    page
}

/// A table that a key takes.
struct KeyTable<'s> {
    /// How the table is written, such as `[ids]`, `[[inputs]]`, or `[channels."WORD"]`.
    heading: String,
    /// What the key takes.
    form: &'static str,
    /// The schema of the keys of the table.
    keys: &'s Value,
    /// Whether the key takes no other table.
    is_only: bool,
}

/// Returns the tables with fixed keys that a key takes: one table, several under names of the export, or a list.
fn tables<'s>(schema: &'s Value, key: &str, said: &'s Value) -> Vec<KeyTable<'s>> {
    let resolve = |said: &'s Value| {
        let name = said["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        name.map(|name| &schema["$defs"][name])
    };
    let alternatives = match resolve(said).and_then(|said| said["anyOf"].as_array()) {
        Some(alternatives) => alternatives.iter().collect(),
        None => vec![said],
    };
    let is_only = alternatives.len() == 1;
    let forms = |one: &'s Value| {
        let forms = [
            (one, format!("[{key}]"), "table"),
            (&one["items"], format!("[[{key}]]"), "list of tables"),
            (&one["additionalProperties"], format!("[{key}.\"WORD\"]"), "table of tables"),
        ];
        forms.into_iter().filter_map(|(said, heading, form)| {
            let keys = resolve(said).filter(|said| said["type"] == "object")?;
            Some(KeyTable { heading, form, keys, is_only })
        })
    };
    alternatives.into_iter().flat_map(forms).collect()
}

/// Returns the long names of the flags of all commands that read a configuration.
fn flags() -> Vec<String> {
    let program = Cli::command();
    let has_config =
        |command: &&clap::Command| command.get_arguments().any(|arg| arg.get_long() == Some("config"));
    program
        .get_subcommands()
        .filter(has_config)
        .flat_map(|command| command.get_arguments())
        .filter_map(|arg| arg.get_long().map(str::to_owned))
        .collect()
}

/// Returns the properties of a schema in alphabetical order.
fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flat_map(Map::iter)
}

fn description(said: &Value) -> String {
    cell(said["description"].as_str().unwrap_or_default())
}

/// Describes the values that a key takes.
fn form(schema: &Value, said: &Value) -> String {
    let alternatives = said["anyOf"].as_array().into_iter().flatten().chain([said]);
    let values: Vec<String> = alternatives
        .filter_map(|one| one["$ref"].as_str()?.rsplit('/').next())
        .flat_map(|name| schema["$defs"][name]["oneOf"].as_array().into_iter().flatten())
        .filter_map(|value| Some(format!("`{}`", value["const"].as_str()?)))
        .collect();
    if !values.is_empty() {
        return values.join(", ");
    }
    let kind = match &said["type"] {
        Value::Array(kinds) => kinds.first().and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind {
        Some("string") => "text",
        Some("boolean") => "`true` or `false`",
        Some("integer") => "number",
        Some("object") => "table",
        _ => "text, or a list of texts",
    }
    .to_owned()
}
