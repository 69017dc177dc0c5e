//! The drawing of the floors and the code cannot part: the table in `docs/architecture.md` is read against every
//! `use crate::` line.

use std::collections::BTreeMap;
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

/// Code that the compiler cannot vouch for stands in two files, each of which says why; what is denied can be allowed again, so it is
/// looked for.
#[test]
fn unsafe_code_stands_in_two_files() {
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
    assert_eq!(with("unsafe"), ["src/memory.rs", "src/read/simd.rs"]);
    assert_eq!(with("unsafe_code"), ["src/memory.rs", "src/read/simd.rs"]);
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    assert_eq!(manifest["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("deny"));
    assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true));
}
