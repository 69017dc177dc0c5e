//! Packs of the fixture practice and their files.

use std::io::{Cursor, Read};

use mucalc::run::pack::{PackSink, PackWriter};
use zip::ZipArchive;

use super::program::Folder;

/// Returns the files of a pack, in order.
pub fn parts(folder: &Folder, name: &str) -> Vec<(String, Vec<u8>)> {
    let bytes = std::fs::read(folder.path().join(name)).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let count = archive.len();
    let part = |at: usize| {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(part).collect()
}

/// Writes a pack with the program's own writer, which a forger may also have.
pub fn as_written(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut archive = PackWriter::new(&mut packed);
    for (name, bytes) in parts {
        archive.part(name, &mut |output| output.write_all(bytes)).unwrap();
    }
    archive.finish().unwrap();
    packed
}

/// Copies the fixture practice to a new folder.
pub fn practice() -> Folder {
    let folder = Folder::new();
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/practice");
    for entry in std::fs::read_dir(fixtures).unwrap() {
        let path = entry.unwrap().path();
        folder.write(&path.file_name().unwrap().to_string_lossy(), std::fs::read(&path).unwrap());
    }
    folder
}

pub fn succeeds(folder: &Folder, words: &[&str]) -> String {
    let output = folder.run(words);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{words:?}: {stderr}{}",
        String::from_utf8_lossy(&output.stdout)
    );
    String::from_utf8(output.stdout).unwrap()
}
