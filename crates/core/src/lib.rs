//! The measure itself, without input or output: its terms ([`domain`]), its rule sets ([`edition`]) and the ledger of patients and
//! providers that encounters and messages make under them ([`tally`]).

pub mod domain;
pub mod edition;
pub mod tally;
