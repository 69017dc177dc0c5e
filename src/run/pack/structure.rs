//! Whether an archive is built as ours are: parts with plain names and nothing told of them that we do not tell.

use mucalc_read::archive::Part;

/// Returns what is odd about the parts of an archive; `None` if we may have built it.
pub fn oddity(parts: &[Part]) -> Option<String> {
    let mut known = std::collections::BTreeSet::new();
    parts.iter().find_map(|part| {
        let name = String::from_utf8_lossy(&part.name);
        if !known.insert(name.to_lowercase()) {
            return Some(format!("{name} is there twice"));
        }
        // A regular file, or nothing said of what it is; sizes behind it or before it; and no field but that of large sizes.
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

/// The field of sizes of large parts.
const LARGE_SIZES: u16 = 1;

fn is_plain_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    name.bytes().all(is_plain) && !name.split('/').any(|part| part.is_empty() || part.starts_with('.'))
}
