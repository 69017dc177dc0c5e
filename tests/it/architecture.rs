//! The drawing of the floors and the code cannot part: the table in `docs/architecture.md` is read against every
//! `use crate::` line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a module may import, by the table: modules and outside crates. Its own floor's neighbours never, unless they
/// are named.
fn floors() -> BTreeMap<String, (Vec<String>, Vec<String>)> {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let mut floors = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [number, modules, _, imports, crates] = cells[..] else {
            continue;
        };
        if number.parse::<u32>().is_err() {
            continue;
        }
        let names = |cell: &str| -> Vec<String> {
            cell.split(',')
                .map(|name| name.trim().trim_matches('`').to_owned())
                .filter(|n| n != "-")
                .collect()
        };
        for module in names(modules) {
            floors.insert(module, (names(imports), names(crates)));
        }
    }
    floors
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
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

/// The module of the top floor of `src` in which a file lies.
fn module_of(file: &Path) -> String {
    let inside = file.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn every_import_is_allowed_by_the_floors_table() {
    let floors = floors();
    assert!(floors.len() >= 8, "the table was not read: {floors:?}");
    let mut wrong = Vec::new();
    for file in rust_files(&root().join("src")) {
        let module = module_of(&file);
        if ["lib", "main", "memory"].contains(&module.as_str()) {
            continue;
        }
        let (allowed, _) =
            floors.get(&module).unwrap_or_else(|| panic!("`{module}` is not in the floors table"));
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            for import in line.split("crate::").skip(1) {
                let name: String =
                    import.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if name != module && !allowed.contains(&name) {
                    wrong.push(format!("{}:{}: {module} imports {name}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_outside_crate_is_on_the_floors_that_the_table_names() {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let aligned = ["num-traits", "regex-automata"];
    let everywhere = manifest["dependencies"].as_table().unwrap();
    let of_systems = manifest["target"].as_table().unwrap().values();
    let of_systems = of_systems.filter_map(|system| system["dependencies"].as_table());
    let crates: Vec<&String> = of_systems
        .chain([everywhere])
        .flat_map(toml::Table::keys)
        .filter(|name| !aligned.contains(&name.as_str()))
        .collect();
    let mut used = BTreeMap::<String, Vec<String>>::new();
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        // Neither comments nor tests count.
        let code: String = text
            .split("#[cfg(test)]")
            .next()
            .unwrap()
            .lines()
            .filter(|l| !l.trim().starts_with("//"))
            .collect();
        for name in &crates {
            let path = format!("{}::", name.replace('-', "_"));
            let outside = code.match_indices(&path).any(|(at, _)| {
                let before = code[..at].chars().last().unwrap_or(' ');
                let own = code[..at].ends_with("crate::")
                    || code[..at].ends_with("read::")
                    || code[..at].ends_with("report::");
                !before.is_alphanumeric() && before != '_' && !own
            });
            let here = used.entry(module_of(&file)).or_default();
            if outside && !here.contains(*name) {
                here.push((*name).clone());
            }
        }
    }
    for (module, (_, allowed)) in floors() {
        let mut found = used.remove(&module).unwrap_or_default();
        // `csv` is also the name of two files of ours.
        found.retain(|name| name != "csv" || module == "report" || module == "run");
        found.sort();
        assert_eq!(found, allowed, "outside crates of `{module}`");
    }
}

#[test]
fn nobody_below_the_shell_asks_the_clock_the_environment_or_the_terminal() {
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
    for file in rust_files(&root().join("src")) {
        if ["run", "cli", "main", "memory"].contains(&module_of(&file).as_str()) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for word in forbidden {
            assert!(!text.contains(word), "{} uses {word}, which belongs to the shell", file.display());
        }
    }
}

#[test]
fn nothing_opens_a_socket() {
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        for word in ["std::net", "TcpStream", "UdpSocket", "UnixStream"] {
            assert!(!text.contains(word), "{} uses {word}", file.display());
        }
    }
}

#[test]
fn every_file_says_on_its_first_line_what_it_is_for() {
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{} has no first line that says its job", file.display());
    }
}

#[test]
fn every_dependency_says_what_it_is_for() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut in_dependencies = false;
    // Of crates that the code does not use, what they are for is said once, above them all.
    let mut said_above = false;
    for line in text.lines() {
        said_above = !line.is_empty() && (said_above || line.starts_with("# Not used by the code: "));
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        } else if in_dependencies && line.contains('=') && !line.starts_with('#') {
            assert!(said_above || line.contains(" # "), "no comment on: {line}");
        }
    }
}

/// Code that the compiler cannot vouch for stands in three files, each of which says why; what is denied can be allowed again, so it is
/// looked for.
#[test]
fn unsafe_code_stands_in_three_files() {
    let with = |word: &str| -> Vec<String> {
        let files = ["src", "tests", "benches", "fuzz/src", "fuzz/fuzz_targets"]
            .map(|folder| rust_files(&root().join(folder)));
        let files = files.concat().into_iter().filter(|file| {
            let text = fs::read_to_string(file).unwrap();
            let code = text.lines().filter(|line| !line.trim().starts_with("//"));
            // This file speaks of it.
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
    assert_eq!(with("unsafe"), ["src/memory.rs", "src/read/simd.rs", "src/tally/prefetch.rs"]);
    assert_eq!(with("unsafe_code"), ["src/memory.rs", "src/read/simd.rs", "src/tally/prefetch.rs"]);
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    assert_eq!(manifest["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("deny"));
    assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true));
}

/// Modules that import one another cannot be understood one at a time.
#[test]
fn no_modules_import_one_another_in_a_circle() {
    let src = root().join("src");
    let name = |file: &Path| {
        let path = file.strip_prefix(&src).unwrap().with_extension("");
        let parts: Vec<String> =
            path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        let parts =
            if parts.last().is_some_and(|part| part == "mod") { &parts[..parts.len() - 1] } else { &parts };
        parts.join("::")
    };
    let files: BTreeMap<String, String> = rust_files(&src)
        .into_iter()
        .map(|file| (name(&file), code_of(&fs::read_to_string(&file).unwrap())))
        .collect();
    let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (module, code) in &files {
        let found = paths_in(code, module).into_iter().filter_map(|path| {
            // The longest beginning of a path that is a module; what follows is something in it.
            let mut parts: Vec<&str> = path.split("::").collect();
            while !parts.is_empty() && !files.contains_key(&parts.join("::")) {
                parts.pop();
            }
            files.get_key_value(&parts.join("::")).map(|(known, _)| known.as_str())
        });
        imports.insert(module, found.filter(|found| found != module).collect());
    }
    let count: usize = imports.values().map(BTreeSet::len).sum();
    assert!(count > 1000, "the imports were not read: {count}");
    // Takes away modules that import none of those that are left, until none can be.
    loop {
        let left: BTreeSet<&str> = imports.keys().copied().collect();
        imports.retain(|_, of| of.iter().any(|import| left.contains(import)));
        if imports.len() == left.len() {
            break;
        }
    }
    // What imports a circle is in none, so it is taken away likewise.
    loop {
        let imported: BTreeSet<&str> = imports.values().flatten().copied().collect();
        let before = imports.len();
        imports.retain(|module, _| imported.contains(module));
        if imports.len() == before {
            break;
        }
    }
    assert!(imports.is_empty(), "in circles: {:?}", imports.keys().collect::<Vec<_>>());
}

/// The lines of a file that are neither comments nor tests.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap().lines();
    code.filter(|line| !line.trim().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The paths of this crate that stand in a module's code, from the root.
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
            // `use crate::read::{open, source::Source};` names several.
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
