//! A name in a layout file, or a list of names.

use serde::Deserialize;

/// One name, or several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "NameOrNames")]
pub struct OneOrMore(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "`from` is a name or a list of names")]
enum NameOrNames {
    Name(String),
    Names(Vec<String>),
}

impl From<NameOrNames> for OneOrMore {
    fn from(written: NameOrNames) -> Self {
        match written {
            NameOrNames::Name(name) => Self(vec![name]),
            NameOrNames::Names(names) => Self(names),
        }
    }
}
