//! Any ZIP archive: it is refused, or other programs unpack the same files from it, by its directory and from its beginning.

#![no_main]

use std::io::{Cursor, Read, Write};

use libfuzzer_sys::fuzz_target;
use mucalc_read::archive::Archive;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// More than this is not unpacked.
const MAX_BYTES: u64 = 1 << 20;

/// A name and what is in the file.
type Entry = (Vec<u8>, Vec<u8>);

fuzz_target!(|input: (bool, Vec<u8>)| {
    let (is_archive, bytes) = input;
    let bytes = if is_archive { bytes } else { changed(&bytes) };
    let Ok(mut archive) = Archive::open(Cursor::new(&bytes)) else { return };
    let parts = archive.parts().to_vec();
    if parts.iter().any(|part| part.size > MAX_BYTES) {
        return;
    }
    let mut ours = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let mut content = Vec::new();
        match archive.unpack(at).and_then(|mut reader| reader.read_to_end(&mut content)) {
            Ok(_) => ours.push((part.name.clone(), content)),
            Err(_) => return,
        }
    }
    if let Some(theirs) = by_directory(&bytes) {
        assert!(ours == theirs, "the directory lists other files");
    }
    if let Some(mut theirs) = from_beginning(&bytes) {
        ours.sort();
        theirs.sort();
        assert!(ours == theirs, "there are other files from the beginning");
    }
});

/// Returns an archive of two files in which some bytes were replaced. Each change is two bytes for its place, and the new byte.
fn changed(changes: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, method) in [("a.csv", CompressionMethod::Stored), ("b.csv", CompressionMethod::Deflated)] {
        writer.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(b"patient_id,sent_at\nP1,2014-07-01\nP1,2014-07-01\nP1,2014-07-01\n").unwrap();
    }
    let mut bytes = writer.finish().unwrap().into_inner();
    for change in changes.chunks_exact(3) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % bytes.len();
        bytes[at] = change[2];
    }
    bytes
}

fn by_directory(bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut entries = Vec::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).ok()?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content).ok()?;
        entries.push((entry.name_raw().to_vec(), content));
    }
    Some(entries)
}

fn from_beginning(bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut rest = Cursor::new(bytes);
    let mut entries = Vec::new();
    while let Some(mut entry) = zip::read::read_zipfile_from_stream(&mut rest).ok()? {
        let mut content = Vec::new();
        entry.read_to_end(&mut content).ok()?;
        entries.push((entry.name_raw().to_vec(), content));
    }
    Some(entries)
}
