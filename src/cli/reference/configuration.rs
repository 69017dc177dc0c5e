//! Reference page of all keys of `mucalc.toml`, generated from the schema of the options, with the matching flags.

use std::fmt::Write;

use clap::CommandFactory;
use serde_json::{Map, Value};

use super::cell;
use crate::cli::Cli;
use crate::options;

/// Returns the reference page of the configuration as Markdown.
pub fn configuration() -> String {
    let schema = options::schema();
    let flags = flags();
    let mut page = "# mucalc.toml\n\nEvery key is optional. A flag wins over its key, and a path is taken from the folder of the file. \
        The file in the\nworking directory is read unless `--config` names another or `--no-config` none. A key that nobody \
        knows is an error, so\nthat a mistyped one is not lost. Editors that know JSON Schema check the file with \
        [mucalc.schema.json](mucalc.schema.json):\nbegin it with `#:schema`, a blank and the path or address of that.\n\n\
        | key | form | flag | what it says |\n| --- | --- | --- | --- |\n"
        .to_owned();
    for (key, said) in properties(&schema) {
        let is_table = table(&schema, said).is_some();
        // A table is never a flag, even if `sweep` has a flag of the same name.
        let is_flag = flags.contains(key) && !is_table;
        let flag = if is_flag { format!("`--{key}`") } else { "–".to_owned() };
        let form = if is_table { "table".to_owned() } else { form(&schema, said) };
        let _ = writeln!(page, "| `{key}` | {form} | {flag} | {} |", description(said));
    }
    for (key, said) in properties(&schema) {
        let Some(entry) = said["additionalProperties"]["$ref"].as_str() else { continue };
        let name = entry.rsplit('/').next().unwrap_or_default();
        let entry = &schema["$defs"][name];
        if entry["type"] != "object" {
            continue;
        }
        let _ = write!(page, "\n## [{key}.\"WORD\"]\n\n{}\n\n", description(said));
        page.push_str("| key | form | what it says |\n| --- | --- | --- |\n");
        for (key, said) in properties(entry) {
            let needed = entry["required"].as_array().is_some_and(|all| all.iter().any(|one| one == key));
            let form = form(&schema, said);
            let form = if needed { format!("{form}; needed") } else { form };
            let _ = writeln!(page, "| `{key}` | {form} | {} |", description(said));
        }
    }
    for (key, said) in properties(&schema) {
        let Some(table) = table(&schema, said) else { continue };
        let _ = write!(page, "\n## [{key}]\n\n{}\n\n", description(said));
        page.push_str("| key | form | what it says |\n| --- | --- | --- |\n");
        for (key, said) in properties(table) {
            let _ = writeln!(page, "| `{key}` | {} | {} |", form(&schema, said), description(said));
        }
    }
    page.push_str(
        "\n## An example\n\nThe words of ours are in [inputs.md](inputs.md).\n\n```toml\n\
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

/// Returns the schema of the table that a key takes, or `None` if the key takes something else.
fn table<'s>(schema: &'s Value, said: &Value) -> Option<&'s Value> {
    let name = said["$ref"].as_str()?.rsplit('/').next()?;
    Some(&schema["$defs"][name]).filter(|table| table["type"] == "object")
}

/// Returns the long names of the flags of all commands.
fn flags() -> Vec<String> {
    let program = Cli::command();
    let commands = program.get_subcommands();
    commands
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
