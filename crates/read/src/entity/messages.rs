//! Turns rows of a message export into messages.

use crate::ReadContext;
use crate::diagnostics::Diagnostics;
use crate::error::InputError;
use crate::fast_rows::{ColumnRows, FastColumns};
use crate::header::ColumnHeader;
use crate::layout::Layout;
use crate::month_cache::MonthCache;
use crate::normalize::{self, FastRow, IdCell};
use crate::parallel::{self, BoxedInputError, ReadPlan, ReadSummary, SourceRow};
use crate::row_reader::RowReader;
use crate::row_sink::{AnySink, RowSink};
use crate::source::InputSource;
use crate::value_cache::{ThreadCache, adjacent_columns};
use mucalc_core::domain::channel::{ChannelCertifications, ChannelCode};
use mucalc_core::domain::event::{Message, MessageCodes, NumeratorEvent};
use mucalc_core::domain::finding::FindingCode;
use mucalc_core::domain::input::InputRole;
use mucalc_core::domain::unusable_row::UnusableRow;
use mucalc_core::domain::words::{MessageParty, MessageStatus, MessageTopic, PatientIncluded};

/// Reads messages into a sink.
///
/// # Errors
/// If the input cannot be used. The error is the first one in the order of the input.
pub fn read(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    channels: &ChannelCertifications,
    sink: &impl RowSink,
) -> Result<ReadSummary, InputError> {
    read_any(source, reading, layout, channels, &AnySink::new(sink))
}

/// Reads messages into any sink. Not generic, so that it is compiled once, in this crate.
fn read_any(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    channels: &ChannelCertifications,
    sink: &AnySink<'_>,
) -> Result<ReadSummary, InputError> {
    read_specialized(source, reading, layout, channels, sink)
}

/// Reads messages into a sink, compiled for the type of the sink: for passes in which every row's cost matters.
///
/// # Errors
/// If the input cannot be used. The error is the first one in the order of the input.
pub fn read_specialized<S: RowSink>(
    source: &InputSource,
    reading: &ReadContext<'_>,
    layout: &Layout,
    channels: &ChannelCertifications,
    sink: &S,
) -> Result<ReadSummary, InputError> {
    let unknown_channel = channels.unknown_code();
    let (reading, layout) = (&reading.for_input(InputRole::Messages, source), source.layout_or(layout));
    let plan = ReadPlan { layout, role: InputRole::Messages, raw: false };
    parallel::read(source, reading, &plan, &MessageReader { layout, reading, unknown_channel, sink })
}

struct MessageReader<'a, S> {
    layout: &'a Layout,
    reading: &'a ReadContext<'a>,
    unknown_channel: ChannelCode,
    sink: &'a S,
}

struct MessageColumns {
    id: Option<usize>,
    updated: Option<usize>,
    patient: Option<usize>,
    provider: Option<usize>,
    sent: usize,
    status: Option<usize>,
    sender: Option<usize>,
    recipient: Option<usize>,
    channel: Option<usize>,
    topic: Option<usize>,
    patient_included: Option<usize>,
    /// First and last column with values from closed lists, if these columns are adjacent.
    words: Option<(usize, usize)>,
}

impl MessageColumns {
    /// Returns the columns of ids and of values from closed lists.
    fn value_columns(&self) -> [Option<usize>; 9] {
        [
            self.id,
            self.patient,
            self.provider,
            self.sender,
            self.recipient,
            self.channel,
            self.topic,
            self.status,
            self.patient_included,
        ]
    }
}

impl<S: RowSink> RowReader for MessageReader<'_, S> {
    type Columns = MessageColumns;
    type Batch = S::Batch;
    type Memory = ThreadCache<(MessageCodes, S::Memo)>;

    fn columns(&self, header: &ColumnHeader) -> MessageColumns {
        let words @ [status, sender, recipient, channel, topic, patient_included] =
            ["status", "sender", "recipient", "channel", "topic", "patient_included"]
                .map(|name| header.position(name));
        MessageColumns {
            id: header.position("message_id"),
            updated: header.position("updated_at").filter(|_| self.reading.ids),
            patient: header.position("patient_id"),
            provider: header.position("provider_id"),
            sent: header.position("sent_at").unwrap_or_default(),
            status,
            sender,
            recipient,
            channel,
            topic,
            patient_included,
            words: adjacent_columns(&words),
        }
    }

    fn asks_for(&self, name: &str) -> bool {
        !matches!(name, "thread_id" | "subject") && (self.reading.ids || name != "updated_at")
    }

    fn memory(&self) -> Self::Memory {
        let nothing = MessageCodes {
            status: MessageStatus::Unknown,
            sender: MessageParty::Unknown,
            recipient: MessageParty::Unknown,
            channel: self.unknown_channel,
            topic: MessageTopic::Unknown,
            patient_included: PatientIncluded::Unknown,
        };
        ThreadCache::new((nothing, self.sink.memo(&nothing)))
    }

    fn noted_ids(&self, at: &MessageColumns) -> Option<usize> {
        at.id.filter(|_| !self.reading.ids)
    }

    fn batch(&self) -> S::Batch {
        self.sink.batch()
    }

    fn merge(&self, batch: S::Batch) {
        self.sink.merge(batch);
    }

    #[inline(always)]
    fn row(
        &self,
        at: &MessageColumns,
        row: &SourceRow<'_>,
        memory: &mut Self::Memory,
        batch: &mut S::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        // Most rows take the fast path. `slow_row` reads a row again if one of its cells needs a closer look.
        let usual =
            normalize::fast_row(row, at.patient, at.provider, at.words, &memory.words, self.reading.id_rules);
        let Some(FastRow { patient, provider, words: (words, memo) }) = usual else {
            return self.slow_row(at, *row, memory, batch, notes);
        };
        let day = match normalize::fast_day(row, at.sent, &mut memory.months) {
            Some(day) => Some(day),
            None if !normalize::begins_like_day(row, at.sent) => {
                return self.slow_row(at, *row, memory, batch, notes);
            }
            None => normalize::day(row, at.sent, self.reading, &mut memory.months, notes)?,
        };
        if self.reading.range.excludes(day) {
            return notes.leave_aside();
        }
        if day.is_none() && normalize::is_moved(row, at.sent, &at.value_columns(), self.reading.id_rules) {
            return notes.lose_moved(row.line.number());
        }
        let act = NumeratorEvent { line: row.line, id: None, version: None, patient, provider, day };
        let message = Message { act, words: *words };
        if self.reading.ids {
            return self.with_id(at, *row, message, *memo, batch, notes);
        }
        normalize::record(row, at.id, self.reading, notes)?;
        self.sink.message(batch, &message, memo);
        Ok(())
    }

    fn fast_rows(
        &self,
        at: &MessageColumns,
        rows: &ColumnRows<'_>,
        memory: &mut Self::Memory,
        batch: &mut S::Batch,
        notes: &mut Diagnostics,
    ) -> Vec<usize> {
        let columns = FastColumns {
            record: at.id,
            patient: at.patient,
            provider: at.provider,
            may_lack_provider: true,
            day: at.sent,
            words: &[at.status, at.sender, at.recipient, at.channel, at.topic, at.patient_included],
        };
        let read = |row: &SourceRow<'_>| {
            let words = normalize::fast_words(|notes| self.words(at, row, notes))?;
            Some((words, self.sink.memo(&words)))
        };
        let ThreadCache { columns: cache, months, .. } = memory;
        let fast = match self.reading.ids {
            true => None,
            false => cache.find(rows, &columns, self.reading.id_rules, months, read),
        };
        let Some(fast) = fast else { return (0..rows.len()).collect() };
        fast.each(&self.reading.range, notes, |row, (words, memo), day| {
            // Most messages cannot qualify. The dictionaries of ids, which are large, are not looked at for these.
            if self.sink.count_out(batch, &memo, day) {
                return;
            }
            let (line, patient, provider) = (rows.line(row), fast.patient(row), fast.provider(row));
            let act = NumeratorEvent { line, id: None, version: None, patient, provider, day: Some(day) };
            self.sink.message(batch, &Message { act, words }, &memo);
        })
    }
}

impl<S: RowSink> MessageReader<'_, S> {
    /// Reads a row with a cell that needs a closer look, or with a combination of values that is new to this thread.
    #[inline(never)]
    fn slow_row(
        &self,
        at: &MessageColumns,
        row: SourceRow<'_>,
        memory: &mut ThreadCache<(MessageCodes, S::Memo)>,
        batch: &mut S::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let rules = self.reading.id_rules;
        let patient = normalize::id_cell(&row, at.patient, rules)?;
        if normalize::is_furniture(&row, &patient, at.patient, Some(at.sent))? {
            notes.skip_furniture(row.line.number());
            return Ok(());
        }
        let provider = normalize::id_cell(&row, at.provider, rules)?;
        let IdCell::Id(patient) = patient else {
            return self.unusable(at, &row, patient, provider, &mut memory.months, notes);
        };
        let provider = provider.noted(&row, at.provider, notes);
        let (words, memo) = normalize::words(&row, at.words, &mut memory.words, notes, |notes| {
            let words = self.words(at, &row, notes)?;
            Ok((words, self.sink.memo(&words)))
        })?;
        let day = normalize::day(&row, at.sent, self.reading, &mut memory.months, notes)?;
        if self.reading.range.excludes(day) {
            return notes.leave_aside();
        }
        if day.is_none() && normalize::is_moved(&row, at.sent, &at.value_columns(), self.reading.id_rules) {
            return notes.lose_moved(row.line.number());
        }
        let (line, provider) = (row.line, provider.as_deref());
        let message = Message {
            act: NumeratorEvent { line, id: None, version: None, patient: &patient, provider, day },
            words,
        };
        self.with_id(at, row, message, memo, batch, notes)
    }

    /// Records an unusable row, which lacks a patient, with what can still be read of it.
    #[cold]
    fn unusable(
        &self,
        at: &MessageColumns,
        row: &SourceRow<'_>,
        patient: IdCell<'_>,
        provider: IdCell<'_>,
        months: &mut MonthCache,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let (line, rules) = (row.line.number(), self.reading.id_rules);
        let is_damaged = matches!(patient, IdCell::Damaged);
        // A row without ids and without a day is a total or a footer.
        if !is_damaged
            && matches!(provider, IdCell::Empty | IdCell::Absent)
            && normalize::is_absent(row, Some(at.sent), rules)?
            && normalize::is_absent(row, at.id, rules)?
        {
            notes.skip_furniture(line);
            return Ok(());
        }
        patient.noted(row, at.patient, notes);
        let provider = provider.noted(row, at.provider, notes);
        // Other problems of an unusable row are not reported.
        let mut untold = Diagnostics::default();
        let words = self.words(at, row, &mut untold)?;
        let day = normalize::day(row, at.sent, self.reading, months, &mut untold)?;
        if self.reading.range.excludes(day) {
            return notes.leave_aside();
        }
        let provider = provider.map(|provider| Box::from(&*provider));
        let cause = (!is_damaged).then_some((FindingCode::MissingPatientId, at.patient));
        notes.reject_for(cause, line);
        normalize::lose_lines(row, [at.patient, at.provider], notes);
        normalize::lose(
            row,
            at.id,
            at.updated,
            UnusableRow::Message { provider, day, words },
            self.reading,
            notes,
        )
    }

    /// Passes a message to the sink, with its record id if ids are wanted.
    #[inline(never)]
    fn with_id(
        &self,
        at: &MessageColumns,
        row: SourceRow<'_>,
        message: Message<'_>,
        memo: S::Memo,
        batch: &mut S::Batch,
        notes: &mut Diagnostics,
    ) -> Result<(), BoxedInputError> {
        let id = normalize::record(&row, at.id, self.reading, notes)?;
        let version = id.is_some().then(|| normalize::version(&row, at.updated)).transpose()?;
        let act = NumeratorEvent { id: id.as_deref(), version: version.as_ref(), ..message.act };
        self.sink.message(batch, &Message { act, ..message }, &memo);
        Ok(())
    }

    /// Reads the columns with values from closed lists.
    fn words(
        &self,
        at: &MessageColumns,
        row: &SourceRow<'_>,
        notes: &mut Diagnostics,
    ) -> Result<MessageCodes, BoxedInputError> {
        let (words, rules) = (&self.layout.vocabulary, self.reading.id_rules);
        let status = normalize::word(row, at.status, &words.message_status, rules, notes)?;
        let sender = normalize::word(row, at.sender, &words.sender, rules, notes)?;
        let recipient = normalize::word(row, at.recipient, &words.recipient, rules, notes)?;
        let channel = normalize::word(row, at.channel, &words.channel, rules, notes)?;
        let topic = normalize::word(row, at.topic, &words.topic, rules, notes)?;
        let patient_included =
            normalize::word(row, at.patient_included, &words.patient_included, rules, notes)?;
        let party = |code: Option<u16>| {
            code.map_or(MessageParty::Unknown, |code| MessageParty::from_code(code as u8))
        };
        Ok(MessageCodes {
            // A column that no file of the export has is assumed to have its usual value. An empty cell is unknown, and so is a column that
            // only other files have.
            status: match (at.status, status) {
                (None, _) if self.reading.unassumed.message_status => MessageStatus::Unknown,
                (None, _) => MessageStatus::Sent,
                (_, Some(code)) => MessageStatus::from_code(code as u8),
                (_, None) => MessageStatus::Unknown,
            },
            sender: party(sender),
            recipient: party(recipient),
            channel: channel.map_or(self.unknown_channel, ChannelCode),
            topic: topic.map_or(MessageTopic::Unknown, |code| MessageTopic::from_code(code as u8)),
            patient_included: patient_included
                .map_or(PatientIncluded::Unknown, |code| PatientIncluded::from_code(code as u8)),
        })
    }
}
