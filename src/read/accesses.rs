//! From a row of a log of the portal to an access.

use crate::domain::event::{Access, Act};
use crate::domain::finding::Code;
use crate::domain::report::Role;
use crate::domain::words::{Action, Party};
use crate::layout::Layout;
use crate::read::erased::read_boxed;
use crate::read::error::InputError;
use crate::read::header::Header;
use crate::read::months::Months;
use crate::read::notes::Notes;
use crate::read::source::Source;
use crate::read::stream::{self, Consumer, FileSummary, How, Row, Stop};
use crate::read::{Reading, door};

/// Reads accesses as quickly as can be: the reader is made for this sort of part alone. `take` puts each row into a part;
/// `collect` gets the parts in any order, from several threads.
///
/// # Errors
/// The first reason, in the order of the input, why it cannot be used.
fn read_quickly<P: Send>(
    source: &Source,
    reading: &Reading<'_>,
    layout: &Layout,
    part: impl Fn() -> P + Sync,
    take: impl Fn(&mut P, &Access<'_>) + Sync,
    collect: impl Fn(P) + Sync,
) -> Result<FileSummary, InputError> {
    let reading = &reading.of_role(Role::Accesses);
    let how = How { layout, role: Role::Accesses, raw: false };
    stream::read(source, reading, &how, &Accesses { layout, reading, part, take }, collect)
}

read_boxed!(Access);

struct Accesses<'a, N, T> {
    layout: &'a Layout,
    reading: &'a Reading<'a>,
    part: N,
    take: T,
}

struct At {
    id: Option<usize>,
    patient: Option<usize>,
    provider: Option<usize>,
    accessed: usize,
    action: Option<usize>,
    actor: Option<usize>,
}

impl<P: Send, N: Fn() -> P + Sync, T: Fn(&mut P, &Access<'_>) + Sync> Consumer for Accesses<'_, N, T> {
    type Columns = At;
    type Part = P;
    type Memory = Months;

    fn columns(&self, header: &Header) -> At {
        At {
            id: header.position("access_id").filter(|_| self.reading.ids),
            patient: header.position("patient_id"),
            provider: header.position("provider_id"),
            accessed: header.position("accessed_at").unwrap_or_default(),
            action: header.position("action"),
            actor: header.position("actor"),
        }
    }

    fn asks_for(&self, name: &str) -> bool {
        self.reading.ids || name != "access_id"
    }

    fn memory(&self) -> Months {
        Months::default()
    }

    fn part(&self) -> P {
        (self.part)()
    }

    fn row(
        &self,
        at: &At,
        row: &Row<'_>,
        months: &mut Months,
        part: &mut P,
        notes: &mut Notes,
    ) -> Result<(), Stop> {
        let Some(patient) = door::id(row, at.patient)? else {
            notes.reject(Code::MissingPatientId, row.line.number(), at.patient);
            return Ok(());
        };
        let (provider, id) = (door::id(row, at.provider)?, door::id(row, at.id)?);
        let words = &self.layout.vocabulary;
        let action = door::word(row, at.action, &words.action, notes)?;
        let actor = door::word(row, at.actor, &words.actor, notes)?;
        let day = door::day(row, at.accessed, self.reading.zone, months, notes)?;
        let access = Access {
            act: Act {
                line: row.line,
                id: id.as_deref(),
                patient: &patient,
                provider: provider.as_deref(),
                day,
            },
            action: action.map_or(Action::Unknown, |code| Action::from_code(code as u8)),
            actor: actor.map_or(Party::Unknown, |code| Party::from_code(code as u8)),
        };
        (self.take)(part, &access);
        Ok(())
    }
}
