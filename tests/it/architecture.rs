//! Tests that keep `docs/architecture.md` and the code in agreement: its tables are compared with the manifests and with every import.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Returns the cells of a table in `docs/architecture.md`, identified by its first heading.
fn table(first_heading: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let mut lines =
        text.lines().skip_while(|line| !line.starts_with(&format!("| {first_heading} |"))).skip(2);
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let rows: Vec<Vec<String>> =
        std::iter::from_fn(|| lines.next().filter(|line| line.starts_with("| "))).map(cells).collect();
    assert!(rows.len() >= 4, "the table of each {first_heading} was not read");
    rows
}

/// Returns the names in a cell.
fn names(cell: &str) -> BTreeSet<String> {
    let names = cell.split(',').map(|name| name.trim().trim_matches('`').to_owned());
    names.filter(|name| name != "-").collect()
}

/// A package of the workspace: the folder of its manifest, the workspace packages that it uses, and the outside crates that it uses.
struct Package {
    folder: PathBuf,
    of_workspace: BTreeSet<String>,
    of_others: BTreeSet<String>,
}

fn packages() -> Vec<Package> {
    let package = |row: Vec<String>| Package {
        folder: root().join(row[1].trim_matches('`')),
        of_workspace: names(&row[3]),
        of_others: names(&row[4]),
    };
    table("package").into_iter().map(package).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

/// Returns the Rust source files of all packages.
fn all_rust_files() -> Vec<PathBuf> {
    packages().iter().flat_map(|package| rust_files(&package.folder.join("src"))).collect()
}

#[test]
fn every_package_uses_what_the_table_names_and_nothing_else() {
    for Package { folder, of_workspace, of_others } in packages() {
        let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
        let of_systems = manifest.get("target").and_then(toml::Value::as_table).into_iter();
        let of_systems =
            of_systems.flat_map(toml::Table::values).filter_map(|system| system.get("dependencies"));
        let tables = of_systems.chain(manifest.get("dependencies")).filter_map(toml::Value::as_table);
        let inherited = tables.flatten().filter(|(_, of)| of.get("workspace").is_some());
        let (own, others): (BTreeSet<String>, BTreeSet<String>) =
            inherited.map(|(name, _)| name.clone()).partition(|name| name.starts_with("mucalc-"));
        assert_eq!(own, of_workspace, "{}", folder.display());
        assert_eq!(others, of_others, "{}", folder.display());
        let code: String = rust_files(&folder.join("src"))
            .iter()
            .map(|file| code_of(&fs::read_to_string(file).unwrap()))
            .collect();
        for name in own.union(&others) {
            assert!(code.contains(&format!("{}::", name.replace('-', "_"))), "{}: {name}", folder.display());
        }
    }
}

/// Packages can be built in the table's order, because none uses a package that comes later.
#[test]
fn every_package_uses_only_those_above_it_in_the_table() {
    let mut above = BTreeSet::new();
    for row in table("package") {
        assert!(names(&row[3]).is_subset(&above), "{}", row[0]);
        above.extend(names(&row[0]));
    }
}

/// Rooms of one package import only what the table names. The compiler cannot enforce this, because it checks only the borders of packages.
#[test]
fn every_room_imports_what_the_table_names() {
    let rooms: BTreeMap<String, BTreeSet<String>> =
        table("room").into_iter().map(|row| (row[0].trim_matches('`').to_owned(), names(&row[2]))).collect();
    for (room, allowed) in &rooms {
        let folder = root().join("crates").join(room.replacen("::", "/src/", 1));
        for file in rust_files(&folder) {
            let code = code_of(&fs::read_to_string(&file).unwrap());
            let own = room.rsplit_once("::").map_or("", |(_, own)| own);
            for import in code.split("crate::").skip(1) {
                let name: String = import.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                assert!(name == own || allowed.contains(&name), "{} imports {name}", file.display());
            }
        }
    }
}

/// Every file and folder that the developer pages name exists.
#[test]
fn every_path_that_the_pages_for_developers_name_is_there() {
    let mut count = 0;
    for page in ["docs/architecture.md", "docs/contributing.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for named in text.split('`').skip(1).step_by(2) {
            let starts =
                ["crates/", "src/", "tests/", "docs/", "fuzz/", "xtask/", ".ci/", "packaging/", "benches/"];
            if starts.iter().any(|start| named.starts_with(start))
                && !named.contains(['<', '*', ' '])
                && !named.contains("TARGET")
            {
                count += 1;
                assert!(root().join(named).exists(), "{page} names {named}");
            }
        }
    }
    assert!(count > 40, "the paths were not read: {count}");
}

#[test]
fn no_library_asks_the_clock_the_environment_or_the_terminal() {
    let forbidden = [
        "std::env",
        "env::var",
        "Instant::now",
        "SystemTime",
        "Utc::now",
        "Local::now",
        "is_terminal",
        "print!(",
        "println!",
        "eprint!(",
        "eprintln!",
        "io::stdout",
        "io::stderr",
        "OpenOptions",
        "fs::rename",
        "process::exit",
        "fs::write",
        "File::create",
        "std::net",
        "TcpStream",
    ];
    for file in rust_files(&root().join("crates")) {
        let text = fs::read_to_string(&file).unwrap();
        for word in forbidden {
            assert!(!text.contains(word), "{} uses {word}, which belongs to the program", file.display());
        }
    }
}

#[test]
fn nothing_opens_a_socket() {
    for file in all_rust_files() {
        let text = fs::read_to_string(&file).unwrap();
        for word in ["std::net", "TcpStream", "UdpSocket", "UnixStream"] {
            assert!(!text.contains(word), "{} uses {word}", file.display());
        }
    }
}

#[test]
fn every_file_says_on_its_first_line_what_it_is_for() {
    for file in all_rust_files() {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{} has no first line that says its job", file.display());
    }
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut in_dependencies = false;
    // One comment above the group explains the crates that the code does not use.
    let mut said_above = false;
    for line in text.lines() {
        said_above = !line.is_empty() && (said_above || line.starts_with("# Not used by the code: "));
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        } else if in_dependencies && line.contains('=') && !line.starts_with('#') {
            let is_said_there = line.ends_with(".workspace = true");
            assert!(is_said_there || said_above || line.contains(" # "), "no comment on: {line}");
        }
    }
    // The packages inherit all their dependencies from the workspace.
    for Package { folder, .. } in packages() {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let tables = ["dependencies", "dev-dependencies"].into_iter().filter_map(|name| manifest.get(name));
        for (name, of) in tables.filter_map(toml::Value::as_table).flatten() {
            assert!(of.get("workspace").is_some() || folder == root(), "{}: {name}", folder.display());
        }
    }
}

/// Only three files contain `unsafe` code, and each explains why. A file can override the `deny` lint with `allow`, so the test searches
/// for the keyword.
#[test]
fn unsafe_code_stands_in_three_files() {
    let with = |word: &str| -> Vec<String> {
        let files = ["src", "crates", "tests", "benches", "fuzz/src", "fuzz/fuzz_targets"]
            .map(|folder| rust_files(&root().join(folder)));
        let files = files.concat().into_iter().filter(|file| {
            let text = fs::read_to_string(file).unwrap();
            let code = text.lines().filter(|line| !line.trim().starts_with("//"));
            // This file mentions the keyword.
            !file.ends_with("architecture.rs")
                && code
                    .flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
                    .any(|found| found == word)
        });
        let mut names: Vec<String> =
            files.map(|file| file.strip_prefix(root()).unwrap().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    let separators = ["neon", "positions", "search", "simd", "wasm", "x86"];
    let mut files = vec!["crates/core/src/ledger/prefetch.rs".to_owned()];
    files.extend(separators.map(|file| format!("crates/read/src/separators/{file}.rs")));
    files.push("src/memory.rs".to_owned());
    assert_eq!(with("unsafe"), files);
    assert_eq!(with("unsafe_code"), files);
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    assert_eq!(manifest["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("deny"));
    for Package { folder, .. } in packages() {
        let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{}", folder.display());
    }
}

/// Modules never import each other in a circle, because such modules cannot be understood one at a time.
#[test]
fn no_modules_import_one_another_in_a_circle() {
    let count: usize = packages().iter().map(|package| count_of_imports(&package.folder.join("src"))).sum();
    assert!(count > 800, "the imports were not read: {count}");
}

/// Counts the imports among the modules of a package. Panics if the imports form a circle.
fn count_of_imports(src: &Path) -> usize {
    let name = |file: &Path| {
        let path = file.strip_prefix(src).unwrap().with_extension("");
        let parts: Vec<String> =
            path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        let parts =
            if parts.last().is_some_and(|part| part == "mod") { &parts[..parts.len() - 1] } else { &parts };
        parts.join("::")
    };
    let files: BTreeMap<String, String> = rust_files(src)
        .into_iter()
        .map(|file| (name(&file), code_of(&fs::read_to_string(&file).unwrap())))
        .collect();
    let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (module, code) in &files {
        let found = paths_in(code, module).into_iter().filter_map(|path| {
            // Find the longest prefix of the path that is a module; the rest names an item in it.
            let mut parts: Vec<&str> = path.split("::").collect();
            while !parts.is_empty() && !files.contains_key(&parts.join("::")) {
                parts.pop();
            }
            files.get_key_value(&parts.join("::")).map(|(known, _)| known.as_str())
        });
        imports.insert(module, found.filter(|found| found != module).collect());
    }
    let count: usize = imports.values().map(BTreeSet::len).sum();
    // Remove modules that import none of the remaining modules, until nothing changes.
    loop {
        let left: BTreeSet<&str> = imports.keys().copied().collect();
        imports.retain(|_, of| of.iter().any(|import| left.contains(import)));
        if imports.len() == left.len() {
            break;
        }
    }
    // A module that no remaining module imports is not part of a circle, even if it imports one. Remove it as well.
    loop {
        let imported: BTreeSet<&str> = imports.values().flatten().copied().collect();
        let before = imports.len();
        imports.retain(|module, _| imported.contains(module));
        if imports.len() == before {
            break;
        }
    }
    assert!(imports.is_empty(), "in circles: {:?}", imports.keys().collect::<Vec<_>>());
    count
}

/// Returns the lines of a file that are neither comments nor tests.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap().lines();
    code.filter(|line| !line.trim().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Returns the paths of this crate in a module's code, as paths from the crate root.
fn paths_in(code: &str, module: &str) -> Vec<String> {
    let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let mut paths = Vec::new();
    for (begin, base) in [("crate::", ""), ("super::", parent), ("self::", module)] {
        for (at, _) in code.match_indices(begin) {
            if code[..at].ends_with(is_path) {
                continue;
            }
            let rest = &code[at + begin.len()..];
            let path: String = rest.chars().take_while(|c| is_path(*c)).collect();
            let from_root = |path: &str| format!("{base}::{path}").trim_start_matches("::").to_owned();
            // `use crate::read::{open, source::Source};` imports several names.
            match rest[path.len()..].strip_prefix('{') {
                Some(group) if path.is_empty() || path.ends_with("::") => {
                    let group = &group[..group.find("};").unwrap_or(group.len())];
                    let names = group.split(',').map(|name| name.trim().trim_start_matches('{'));
                    paths.extend(names.map(|name| from_root(&format!("{path}{name}"))));
                }
                _ => paths.push(from_root(&path)),
            }
        }
    }
    paths
}
