//! The contents of cells, and which texts are ids: absence markers, spreadsheet guards, damaged ids, and foldings.

/// The texts that exports use for no value.
pub const MARKERS: [&str; 21] = [
    "NULL", "(null)", "<null>", "\\N", "nil", "None", "NaN", "nan", "N/A", "#N/A", "NA", "n/a", "-", "--",
    ".", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!",
];

/// The ways in which an id may differ between two exports.
pub const FOLDINGS: [&str; 6] = ["zeros", "case", "decimal", "prefix", "label", "name"];

/// Those of which none is on purpose, so that two ids nearly match.
const ACCIDENTS: [&str; 4] = ["zeros", "case", "decimal", "prefix"];

/// The content of an id cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdRef {
    Absent,
    /// A spreadsheet has destroyed the id.
    Damaged,
    Usable(String),
}

impl IdRef {
    pub fn usable(self) -> Option<String> {
        match self {
            Self::Usable(id) => Some(id),
            Self::Absent | Self::Damaged => None,
        }
    }
}

/// Returns the text of a cell; `None` if it is empty or an absence marker.
pub fn said(cell: &str) -> Option<&str> {
    let text = cell.trim();
    (!text.is_empty() && !MARKERS.contains(&text)).then_some(text)
}

/// Reads an id cell.
pub fn id(cell: &str) -> IdRef {
    let invisible = |letter: char| {
        letter.is_whitespace()
            || matches!(letter, '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}')
    };
    let text = cell.trim_matches(invisible);
    let unguarded = match text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')) {
        Some(inner) => inner,
        None => text.strip_prefix('\'').unwrap_or(text),
    };
    let Some(text) = said(unguarded.trim_matches(invisible)) else {
        return IdRef::Absent;
    };
    if is_damaged(text) { IdRef::Damaged } else { IdRef::Usable(text.to_owned()) }
}

/// Matches `1.23E+11`, `1,5e3`, and `-inf`, but not `12E4`, which may be an id.
fn is_damaged(text: &str) -> bool {
    let text = text.to_lowercase();
    let unsigned = text.trim_start_matches(['+', '-']);
    if text.len() - unsigned.len() > 1 {
        return false;
    }
    if matches!(unsigned, "inf" | "infinity") {
        return true;
    }
    let Some((mantissa, exponent)) = unsigned.split_once('e') else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (is_number, has_point) = match mantissa.split_once(['.', ',']) {
        Some((whole, part)) => (digits(whole) && digits(part), true),
        None => (digits(mantissa), false),
    };
    let plain = exponent.strip_prefix(['+', '-']);
    is_number && digits(plain.unwrap_or(exponent)) && (has_point || plain.is_some())
}

/// Applies foldings to an id. The ids of the oracle's worlds are no names, so `name` changes none of them.
pub fn folded(id: &str, foldings: &[&str]) -> String {
    let mut id = id.to_owned();
    if foldings.contains(&"prefix")
        && let Some((kind, rest)) = id.split_once('/')
        && kind.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !kind.is_empty()
        && !rest.is_empty()
    {
        id = rest.to_owned();
    }
    if foldings.contains(&"decimal")
        && let Some(whole) = id.strip_suffix(".0")
        && !whole.is_empty()
    {
        id = whole.to_owned();
    }
    if foldings.contains(&"label") {
        let letters = id.bytes().take_while(u8::is_ascii_alphabetic).count();
        let rest = &id[letters..];
        let digits = if rest.starts_with(['-', '_', ':', '#', ' ']) { &rest[1..] } else { rest };
        if letters > 0 && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            id = digits.to_owned();
        }
    }
    if foldings.contains(&"zeros") {
        let rest = id.trim_start_matches('0');
        id = if rest.is_empty() { "0".to_owned() } else { rest.to_owned() };
    }
    if foldings.contains(&"case") {
        id = id.to_lowercase();
    }
    id
}

/// Returns the known id that an id matches: itself or, if it is unknown, the only near match. The flag is true for a near match, which is
/// uncertain. `declared` are the foldings of the world.
pub fn meant<'a>(id: &'a str, known: &[&'a str], declared: &[String]) -> (&'a str, bool) {
    if known.contains(&id) {
        return (id, false);
    }
    let all: Vec<&str> = ACCIDENTS.into_iter().chain(declared.iter().map(String::as_str)).collect();
    let own = folded(id, &all);
    let near: Vec<&&str> = known.iter().filter(|other| folded(other, &all) == own).collect();
    match near[..] {
        [only] => (only, true),
        _ => (id, false),
    }
}
