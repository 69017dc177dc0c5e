//! The site of the documentation has every page, once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// Returns every Markdown page in a folder and below it.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
    let pages = files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "md"));
    let below: Vec<PathBuf> = folders.iter().flat_map(|folder| self::pages(folder)).collect();
    pages.chain(below).collect()
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let summary = std::fs::read_to_string(docs().join("SUMMARY.md")).unwrap();
    let listed = summary.split("](").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned());
    let listed: Vec<String> = listed.collect();
    let unique: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(unique.len(), listed.len(), "a page is listed twice");
    let name = |page: PathBuf| page.strip_prefix(docs()).unwrap().display().to_string();
    let all: BTreeSet<String> =
        pages(&docs()).into_iter().map(name).filter(|page| page != "SUMMARY.md").collect();
    assert_eq!(unique, all);
}

/// A picture is made by `xtask/pictures.py`, which records what it was made of.
#[test]
fn every_picture_is_made_by_the_script() {
    let images = docs().join("images");
    let sources = std::fs::read_to_string(images.join("sources.sha256")).unwrap();
    let recorded: BTreeSet<&str> = sources.lines().map(|line| line.split_once("  ").unwrap().1).collect();
    let entries = std::fs::read_dir(&images).unwrap().map(|entry| entry.unwrap().file_name());
    let files: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    let pictures: BTreeSet<&str> =
        files.iter().map(String::as_str).filter(|name| name.ends_with(".png")).collect();
    assert_eq!(pictures, recorded);
}
