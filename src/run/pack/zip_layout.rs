//! Checks that an archive has the structure that mucalc writes: files with plain names, and no other metadata than mucalc writes.

use mucalc_read::archive::Part;

/// Returns what is unusual about the files of an archive. `None` if mucalc may have written it.
pub fn layout_violation(parts: &[Part]) -> Option<String> {
    let mut known = std::collections::BTreeSet::new();
    parts.iter().find_map(|part| {
        let name = String::from_utf8_lossy(&part.name);
        if !known.insert(name.to_lowercase()) {
            return Some(format!("{name} is there twice"));
        }
        // A regular file or no file type, sizes after or before the data, and no field but the one for large sizes.
        let is_plain = (part.mode == 0 || part.mode & 0o170_000 == 0o100_000)
            && matches!(part.flags, 0 | 8)
            && part.is_known()
            && part.extras.iter().all(|field| *field == LARGE_SIZES)
            && !part.has_comment;
        if !is_plain {
            return Some("a part is no plain file".to_owned());
        }
        (!is_plain_name(&name)).then(|| "the name of a part is none that mucalc gives".to_owned())
    })
}

/// ZIP field for the sizes of large files.
const LARGE_SIZES: u16 = 1;

fn is_plain_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    name.bytes().all(is_plain) && !name.split('/').any(|part| part.is_empty() || part.starts_with('.'))
}
