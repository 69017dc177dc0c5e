//! The interface between readers and consumers of encounters, messages, and portal accesses.

use mucalc_core::domain::event::{Encounter, Message, MessageCodes, PortalAccess};
use mucalc_core::domain::period::Day;

/// A consumer of the rows of exports, on several threads. A sink implements the kinds of rows that it receives.
pub trait RowSink: Sync {
    /// The result of one chunk of an input.
    type Batch: Send;
    /// A result that is computed once for each combination of message values, of which there are few.
    type Memo: Copy;

    /// Returns an empty batch.
    fn batch(&self) -> Self::Batch;
    /// Computes the memo of a combination of message values.
    fn memo(&self, words: &MessageCodes) -> Self::Memo;
    /// Adds an encounter to a batch.
    fn encounter(&self, _batch: &mut Self::Batch, _encounter: &Encounter<'_>) {}
    /// Counts a message that cannot qualify, whoever sent it, given the memo of its values and its day. Returns `false` if it is not such a
    /// message, or must be added by [`Self::message`] anyway.
    fn count_out(&self, _batch: &mut Self::Batch, _memo: &Self::Memo, _day: Day) -> bool {
        false
    }
    /// Adds a message to a batch.
    fn message(&self, _batch: &mut Self::Batch, _message: &Message<'_>, _memo: &Self::Memo) {}
    /// Adds a portal access to a batch.
    fn access(&self, _batch: &mut Self::Batch, _access: &PortalAccess<'_>) {}
    /// Takes a finished batch. Batches come from several threads in any order, so the result must not depend on it.
    fn merge(&self, batch: Self::Batch);
}

/// A sink that discards its rows, for inputs of which only the findings matter.
pub struct NoSink;

impl RowSink for NoSink {
    type Batch = ();
    type Memo = ();

    fn batch(&self) {}
    fn memo(&self, _words: &MessageCodes) {}
    fn merge(&self, (): ()) {}
}

/// A sink of any type. Readers are large, so they are compiled only once, for this type, at the cost of a call per row.
pub(crate) struct AnySink<'s>(&'s dyn DynSink);

impl<'s> AnySink<'s> {
    /// Wraps a sink.
    pub fn new(sink: &'s impl RowSink) -> Self {
        Self(sink)
    }
}

impl<'s> RowSink for AnySink<'s> {
    type Batch = Box<dyn DynBatch + Send + 's>;
    type Memo = ();

    fn batch(&self) -> Self::Batch {
        self.0.dyn_batch()
    }

    fn memo(&self, _words: &MessageCodes) {}

    fn encounter(&self, batch: &mut Self::Batch, encounter: &Encounter<'_>) {
        batch.encounter(encounter);
    }

    fn message(&self, batch: &mut Self::Batch, message: &Message<'_>, (): &()) {
        batch.message(message);
    }

    fn access(&self, batch: &mut Self::Batch, access: &PortalAccess<'_>) {
        batch.access(access);
    }

    fn merge(&self, batch: Self::Batch) {
        batch.finish();
    }
}

/// A sink that makes batches of a type that its caller does not know.
trait DynSink: Sync {
    fn dyn_batch(&self) -> Box<dyn DynBatch + Send + '_>;
}

/// A batch that knows its sink.
pub(crate) trait DynBatch {
    fn encounter(&mut self, encounter: &Encounter<'_>);
    fn message(&mut self, message: &Message<'_>);
    fn access(&mut self, access: &PortalAccess<'_>);
    fn finish(self: Box<Self>);
}

struct BatchOf<'s, S: RowSink> {
    sink: &'s S,
    batch: S::Batch,
}

impl<S: RowSink> DynSink for S {
    fn dyn_batch(&self) -> Box<dyn DynBatch + Send + '_> {
        Box::new(BatchOf { sink: self, batch: self.batch() })
    }
}

impl<S: RowSink> DynBatch for BatchOf<'_, S> {
    fn encounter(&mut self, encounter: &Encounter<'_>) {
        self.sink.encounter(&mut self.batch, encounter);
    }

    fn message(&mut self, message: &Message<'_>) {
        self.sink.message(&mut self.batch, message, &self.sink.memo(&message.words));
    }

    fn access(&mut self, access: &PortalAccess<'_>) {
        self.sink.access(&mut self.batch, access);
    }

    fn finish(self: Box<Self>) {
        self.sink.merge(self.batch);
    }
}
