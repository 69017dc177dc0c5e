//! `mucalc init`: from some exports to a configuration with comments, and to a layout where none fits.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, IsTerminal, Write as _};
use std::path::Path;

use crate::domain::inspection::{Inspection, Seen};
use crate::domain::period::Period;
use crate::domain::text::{counted, printable};
use crate::edition;
use crate::layout::fit::Kind;
use crate::layout::vocabulary::list_of;
use crate::layout::{CANONICAL, Layout};
use crate::run::failed::{Cause, Exit, Failed};
use crate::run::inspect::look_at;
use crate::run::output::Output;
use crate::run::settings;
use crate::run::terminal::say;

/// What `mucalc init` is asked for. What is not said is asked on a terminal, or left to be filled in.
#[derive(Clone, Debug, Default)]
pub struct Init {
    /// The exports.
    pub files: Vec<String>,
    /// The layout; the one that fits best without it.
    pub layout: Option<String>,
    /// The encoding of text that is not UTF-8.
    pub encoding: Option<String>,
    /// The reporting period.
    pub period: Option<String>,
    /// The edition.
    pub edition: Option<String>,
    /// The zone of the practice.
    pub timezone: Option<String>,
    /// The configuration to be written.
    pub output: String,
    /// Whether a configuration that is there is replaced.
    pub force: bool,
    /// Whether nothing is asked.
    pub yes: bool,
}

/// Writes a configuration.
///
/// # Errors
/// When an export cannot be read, or the configuration is there already or cannot be written.
pub fn init(mut asked: Init) -> Result<Exit, Failed> {
    let asks = !asked.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !asked.force && Path::new(&asked.output).exists() {
        let message = format!(
            "{} is there already; add --force to replace it, or --output to name another",
            asked.output
        );
        return Err(Failed::usage(Cause::Outputs, message));
    }
    if asked.files.is_empty() {
        let answer = if asks { ask("Exports, separated by blanks", "")? } else { None };
        asked.files = answer.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    }
    if asked.files.is_empty() {
        return Err(Failed::usage(
            Cause::InputNeeded,
            "no exports are named; add their paths, for example mucalc init exports/*",
        ));
    }
    let inspections = recognised(look_at_each(&asked)?);
    let needs_zone =
        inspections.iter().flat_map(|it| &it.columns).any(|seen| seen.zoned.is_some_and(|zoned| zoned > 0));
    if asks {
        let layout = vendor(&inspections).unwrap_or_else(|| CANONICAL.to_owned());
        say(format!(
            "{} looked at; layout {layout}.",
            counted(inspections.len() as u64, "export", "exports")
        ));
        if asked.period.is_none() {
            asked.period =
                ask("Reporting period, such as 2014Q3 or 2014-07-01..2014-09-30 (empty: later)", "")?;
        }
        if asked.timezone.is_none() && needs_zone {
            asked.timezone = ask(
                "Time zone of the practice, since times name zones, such as America/New_York (empty: later)",
                "",
            )?;
        }
        if asked.edition.is_none() {
            asked.edition = ask("Edition of the measure", edition::DEFAULT)?;
        }
    }
    if let Some(period) = &asked.period {
        Period::parse(period).map_err(|error| Failed::usage(Cause::Period, error.to_string()))?;
    }
    asked.timezone.as_deref().map(settings::zone).transpose()?;
    settings::find_edition(asked.edition.as_deref())?;

    let output = Output::check(&asked.output, false, asked.files.iter().map(Path::new))?;
    let folder = Path::new(&asked.output).parent().unwrap_or(Path::new("")).to_owned();
    let own = (asked.layout.is_none() && needs_layout(&inspections))
        .then(|| folder.join("mucalc-layout.toml").to_string_lossy().into_owned());
    let mut written = vec![
        output.write(configuration(&asked, &inspections, needs_zone, own.is_some(), &folder).as_bytes())?,
    ];
    if let Some(path) = &own {
        let layout = Output::check(path, false, asked.files.iter().map(Path::new))?;
        if !asked.force && Path::new(path).exists() {
            return Err(Failed::usage(
                Cause::Outputs,
                format!("{path} is there already; add --force to replace it"),
            ));
        }
        written.push(layout.write(skeleton(&inspections).as_bytes())?);
    }
    for file in written {
        file.commit()?;
    }
    say(format!("{} is written.", asked.output));
    if let Some(path) = own {
        say(format!(
            "No layout fits all of the exports: fill in {path}, then look again with mucalc inspect --layout {path}."
        ));
    } else if asked.period.is_some() && (asked.timezone.is_some() || !needs_zone) && is_whole(&inspections) {
        say("Next: mucalc validate, then mucalc report.");
    } else {
        say("Fill in what is marked NEEDED there, then: mucalc validate, and mucalc report.");
    }
    Ok(Exit::Success)
}

/// Looks at each of the files by itself; one that cannot be read is left out, and told, unless none can.
fn look_at_each(asked: &Init) -> Result<Vec<Inspection>, Failed> {
    let (mut seen, mut first) = (Vec::new(), None);
    for file in &asked.files {
        match look_at(std::slice::from_ref(file), asked.layout.as_deref(), asked.encoding.as_deref()) {
            Ok(inspections) => seen.extend(inspections),
            // What a person ended, and what is wrong with the words of the command, holds for all of them.
            Err(error) if error.exit != Exit::Input => return Err(error),
            Err(error) => {
                if asked.files.len() > 1 {
                    say(format!("left out: {error}"));
                }
                first.get_or_insert(error);
            }
        }
    }
    match first {
        Some(error) if seen.is_empty() => Err(error),
        _ => Ok(seen),
    }
}

/// Those that some layout knows, if it knows any: a folder of exports holds other files too.
fn recognised(inspections: Vec<Inspection>) -> Vec<Inspection> {
    let (known, others): (Vec<_>, Vec<_>) = inspections.into_iter().partition(|it| it.layout.is_some());
    if known.is_empty() {
        return others;
    }
    for it in others {
        say(format!("left out: {}: no layout knows its columns; `mucalc inspect` says more", it.path));
    }
    known
}

/// Whether both kinds of exports are there, and no more than one vendor's of each, nor two rosters.
fn is_whole(inspections: &[Inspection]) -> bool {
    let has = |kind| inspections.iter().any(|it| kind_of(it) == kind);
    let rosters = inspections.iter().filter(|it| kind_of(it) == Kind::Roster).count();
    let one_each = Kind::ALL.into_iter().all(|kind| vendors_of(inspections, kind).len() < 2);
    has(Kind::Encounters) && (has(Kind::Messages) || has(Kind::Accesses)) && one_each && rosters < 2
}

/// Asks on the terminal; none where the answer is empty and there is nothing to be supposed.
fn ask(question: &str, supposed: &str) -> Result<Option<String>, Failed> {
    let hint = if supposed.is_empty() { String::new() } else { format!(" [{supposed}]") };
    let mut stderr = std::io::stderr();
    let mut answer = String::new();
    let asked = write!(stderr, "{question}{hint}: ").and_then(|()| stderr.flush());
    asked
        .and_then(|()| std::io::stdin().lock().read_line(&mut answer))
        .map_err(|error| Failed::internal(error.to_string()))?;
    let answer = match answer.trim() {
        "" => supposed,
        answer => answer,
    };
    Ok(Some(answer.to_owned()).filter(|answer| !answer.is_empty()))
}

/// The vendor's layout that the exports have in common.
fn vendor(inspections: &[Inspection]) -> Option<String> {
    vendors(inspections).into_iter().next()
}

/// The layouts of vendors that the exports fit.
fn vendors(inspections: &[Inspection]) -> BTreeSet<String> {
    Kind::ALL.into_iter().flat_map(|kind| vendors_of(inspections, kind)).collect()
}

/// The layouts of vendors that the exports of a kind fit.
fn vendors_of(inspections: &[Inspection], kind: Kind) -> BTreeSet<String> {
    let of_kind = inspections.iter().filter(|it| kind_of(it) == kind);
    let names = of_kind.filter_map(|it| it.layout.as_ref()).map(|fit| fit.name.clone());
    names.filter(|name| name != CANONICAL).collect()
}

fn needs_layout(inspections: &[Inspection]) -> bool {
    inspections.iter().any(|it| it.layout.as_ref().is_none_or(|fit| !fit.missing.is_empty()))
}

/// What an export is for, as far as its columns or its name tell.
fn kind_of(it: &Inspection) -> Kind {
    let by_name = || {
        let name = it.path.to_lowercase();
        if name.contains("access") || name.contains("audit") {
            Kind::Accesses
        } else if ["mess", "mesg", "msg", "mail", "communication"].iter().any(|part| name.contains(part)) {
            Kind::Messages
        } else if name.contains("roster") || name.contains("provider") {
            Kind::Roster
        } else {
            Kind::Encounters
        }
    };
    it.layout
        .as_ref()
        .and_then(|fit| Kind::ALL.into_iter().find(|kind| kind.word() == fit.kind))
        .unwrap_or_else(by_name)
}

fn configuration(
    asked: &Init,
    inspections: &[Inspection],
    needs_zone: bool,
    own: bool,
    folder: &Path,
) -> String {
    let mut text = String::from(
        "# Configuration of mucalc. Every key is the long name of a flag; a flag wins over it.\n# Paths are taken from the folder of this file.\n\n",
    );
    let files = |wanted: Kind| -> Vec<String> {
        let of_kind = inspections.iter().filter(|it| kind_of(it) == wanted);
        of_kind.map(|it| quoted(&relative(&it.path, folder))).collect()
    };
    if let named @ [_, ..] = files(Kind::Accesses).as_slice() {
        let _ = writeln!(text, "accesses = [{}]", named.join(", "));
    }
    for kind in [Kind::Counties, Kind::Adjudications] {
        if let [only, ..] = files(kind).as_slice() {
            let _ = writeln!(text, "{} = {only}", kind.word());
        }
    }
    for kind in [Kind::Encounters, Kind::Messages] {
        match files(kind).as_slice() {
            [] if kind == Kind::Messages && !files(Kind::Accesses).is_empty() => {}
            [] => drop(writeln!(text, "# NEEDED: the {0} export.\n# {0} = [\"...\"]", kind.word())),
            named => drop(writeln!(text, "{} = [{}]", kind.word(), named.join(", "))),
        }
    }
    match files(Kind::Roster).as_slice() {
        [roster] => drop(writeln!(text, "roster = {roster}")),
        [_, _, ..] => drop(writeln!(
            text,
            "# NEEDED: one roster; these look like one: {}.\n# roster = \"...\"",
            files(Kind::Roster).join(", ")
        )),
        [] => text.push_str("# Providers with names, NPIs and groups: columns provider_id, npi, name, group_id.\n# roster = \"roster.csv\"\n"),
    }
    if own {
        text.push_str("layout = \"mucalc-layout.toml\"\n");
    } else if let Some(layout) = &asked.layout {
        let _ = writeln!(text, "layout = {}", quoted(&relative_layout(layout, folder)));
    } else {
        layouts(&mut text, inspections);
    }
    if let Some(it) =
        inspections.iter().find(|it| it.encoding != "UTF-8" && !it.encoding.starts_with("UTF-16"))
    {
        let _ = writeln!(
            text,
            "# {} is not UTF-8; check how names look.\nencoding = {}",
            printable(&it.path),
            quoted(&it.encoding)
        );
    }
    text.push_str("\n# The reporting period, both days included: \"2014Q3\", \"2014-07\", \"2014\" or \"2014-07-01..2014-09-30\".\n");
    match &asked.period {
        Some(period) => drop(writeln!(text, "period = {}", quoted(period))),
        None => text.push_str("# NEEDED:\n# period = \"2014Q3\"\n"),
    }
    let _ = writeln!(
        text,
        "# The edition of the measure; mucalc editions lists them.\nedition = {}",
        quoted(asked.edition.as_deref().unwrap_or(edition::DEFAULT))
    );
    match (&asked.timezone, needs_zone) {
        (Some(zone), _) => drop(writeln!(text, "timezone = {}", quoted(zone))),
        (None, true) => text.push_str(
            "# NEEDED, since times in the exports name a zone:\n# timezone = \"America/New_York\"\n",
        ),
        (None, false) => {}
    }
    text.push_str("\n# How a message is credited: \"strict\" to its provider, or \"group\" to the provider's group.\n# credit = \"strict\"\n");
    if let Some(edition) = edition::find(asked.edition.as_deref().unwrap_or(edition::DEFAULT)) {
        text.push_str("\n[policy]\n");
        for (name, policy) in &edition.policies {
            let choices: Vec<&str> = policy.choices.iter().map(|choice| choice.word()).collect();
            let _ = writeln!(
                text,
                "# {} {}.\n# {name} = \"{}\"",
                policy.asks,
                choices.join(", "),
                policy.default.word()
            );
        }
    }
    words(&mut text, inspections);
    text
}

/// The layout of vendors' exports: one, or one for each kind of input.
fn layouts(text: &mut String, inspections: &[Inspection]) {
    let of = |kind| vendors_of(inspections, kind);
    if let Some(kind) = Kind::ALL.into_iter().find(|kind| of(*kind).len() > 1) {
        let names = of(kind).into_iter().collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            text,
            "# NEEDED: the {0} exports fit several layouts ({names}), and all {0} of a run are read by one. Report them one by\n# one, or bring them into one form.\n# layout = \"...\"",
            kind.word()
        );
        return;
    }
    let parts: Vec<(Kind, String)> =
        Kind::ALL.into_iter().flat_map(|kind| of(kind).into_iter().map(move |name| (kind, name))).collect();
    // What is ours is read as ours by a vendor's layout too, unless that has such an export of its own.
    let only = vendor(inspections).and_then(|name| Layout::find(&name));
    let clashes = |kind: Kind| {
        let is_ours = inspections.iter().any(|it| kind_of(it) == kind) && of(kind).is_empty();
        is_ours && only.as_ref().is_some_and(|layout| kind.of(layout).table.is_some())
    };
    let is_one = vendors(inspections).len() < 2 && !Kind::ALL.into_iter().any(clashes);
    match parts.as_slice() {
        [] => {}
        [(_, name), ..] if is_one => drop(writeln!(text, "layout = {}", quoted(name))),
        several => {
            let parts: Vec<String> =
                several.iter().map(|(kind, name)| format!("{}={name}", kind.word())).collect();
            let _ = writeln!(text, "layout = {}", quoted(&parts.join(",")));
        }
    }
}

/// Words of the exports that mean nothing yet, for each list a table to be filled in.
fn words(text: &mut String, inspections: &[Inspection]) {
    let mut tables: BTreeMap<&str, (Vec<&str>, Vec<String>)> = BTreeMap::new();
    let mut channels = Vec::new();
    for it in inspections {
        let kind = kind_of(it);
        for Seen { ours, words, .. } in &it.columns {
            for word in words.iter().filter(|word| word.means.is_none()) {
                let Some(column) = ours.iter().find(|name| table(kind, name).is_some()) else { continue };
                let Some(table) = table(kind, column) else { continue };
                let rows = counted(word.rows, "row", "rows");
                match list_of(kind, column) {
                    None => channels.push(format!("# [channels.{}]    # {rows}\n# certified = true\n# product = \"...\"\n# chpl-id = \"...\"\n# from = \"2014-01-01\"\n", quoted(&word.word))),
                    Some(list) => {
                        let (known, lines) = tables.entry(table).or_default();
                        *known = list.words.to_vec();
                        lines.push(format!("# {} = \"...\"    # {rows}\n", quoted(&word.word)));
                    }
                }
            }
        }
    }
    for (table, (known, lines)) in tables {
        let _ = write!(
            text,
            "\n# Words of the export that are none of ours, so they are read as unknown. Ours are:\n# {}.\n[{table}]\n",
            known.join(", ")
        );
        lines.iter().for_each(|line| text.push_str(line));
    }
    if !channels.is_empty() {
        text.push_str("\n# Channels of the export. One that is the messaging function of certified EHR technology is named here with its days.\n");
        channels.iter().for_each(|channel| text.push_str(channel));
    }
}

/// The table of the configuration for words of one of our columns.
fn table(kind: Kind, column: &str) -> Option<&'static str> {
    Some(match (kind, column) {
        (Kind::Encounters, "status") => "encounter-statuses",
        (Kind::Encounters, "kind") => "kinds",
        (Kind::Encounters, "seen_by") => "seen-by",
        (Kind::Messages, "status") => "message-statuses",
        (Kind::Messages, "sender") => "senders",
        (Kind::Messages, "recipient") => "recipients",
        (Kind::Messages, "topic") => "topics",
        (Kind::Messages, "patient_included") => "patient-included",
        (Kind::Messages, "channel") => "channels",
        (Kind::Accesses, "action") => "actions",
        (Kind::Accesses, "actor") => "actors",
        _ => return None,
    })
}

/// A layout to be filled in, for exports that none fits.
fn skeleton(inspections: &[Inspection]) -> String {
    let mut text = String::from(
        "# How columns of the exports are read. Name for each of our columns the one of the export; leave out what is not there.\n# A column may also be { constant = \"...\" }, or { from = \"...\", words = { \"their word\" = \"our-word\" } },\n# or { from = \"...\", dates = [\"M/D/YYYY h:mm:ss A\"], zone = \"UTC\" }.\n",
    );
    let built_in = |name: &String| crate::layout::Layout::names().contains(name);
    if let Some(layout) = vendor(inspections).filter(built_in) {
        let _ = writeln!(text, "extends = {}", quoted(&layout));
    }
    let mut begun: Vec<Kind> = Vec::new();
    for it in inspections.iter().filter(|it| it.layout.as_ref().is_none_or(|fit| !fit.missing.is_empty())) {
        let kind = kind_of(it);
        let read: Vec<&str> = it.columns.iter().map(|seen| seen.column.as_str()).collect();
        let all: Vec<&str> = read.into_iter().chain(it.unread.iter().map(String::as_str)).collect();
        let _ = writeln!(text, "\n# {} has: {}.", printable(&it.path), all.join(", "));
        // A layout has one table for a kind, which the first file of the kind began.
        if begun.contains(&kind) {
            let _ = writeln!(
                text,
                "# It was taken for {0}; if it is, the columns above are its as well.",
                kind.word()
            );
            continue;
        }
        begun.push(kind);
        let _ = writeln!(text, "[{}.columns]", kind.word());
        let layout = crate::layout::Layout::canonical();
        for column in kind.of(&layout).columns.all() {
            let needed = kind.of(&layout).columns.required.contains(&column);
            let known = it.columns.iter().find(|seen| seen.ours.iter().any(|ours| ours == column));
            let _ = match known {
                Some(seen) => writeln!(text, "{column} = {}", quoted(&seen.column)),
                None => writeln!(text, "# {column} = \"...\"{}", if needed { "    # NEEDED" } else { "" }),
            };
        }
    }
    text
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The path of a layout file as seen from a folder; a name stays as it is.
fn relative_layout(layout: &str, folder: &Path) -> String {
    if crate::layout::Layout::names().iter().any(|name| name == layout) {
        layout.to_owned()
    } else {
        relative(layout, folder)
    }
}

/// A path as seen from a folder, if it lies there; a pattern sign in it is kept from being one by naming it in full.
fn relative(path: &str, folder: &Path) -> String {
    Path::new(path)
        .strip_prefix(folder)
        .map_or_else(|_| absolute(path, folder), |path| path.to_string_lossy().into_owned())
}

fn absolute(path: &str, folder: &Path) -> String {
    if folder.as_os_str().is_empty() {
        path.to_owned()
    } else {
        std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned())
    }
}
