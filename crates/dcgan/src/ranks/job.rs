//! What one rank asks its messenger for.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use burn::backend::flex::FlexTensor;

use super::wait_for_the_end;
use crate::buffer::Buffer;

/// What all ranks do together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// Each gets the sums over all.
    Sum,
    /// Each gets the values of rank 0.
    Broadcast,
    /// Each gets the values of all, one after the other.
    Gather,
}

/// Values on their way.
#[derive(Debug)]
pub(super) enum Values {
    Floats(Vec<f32>),
    Doubles(Vec<f64>),
    Bytes(Vec<u8>),
    /// Floats in memory that is used again.
    Buffer(Buffer),
    /// A gradient where the backward pass has left it, dense: only to be sent.
    Gradient(FlexTensor),
}

impl Values {
    /// Room for what an operation of so many ranks makes of these values.
    pub fn room(&self, operation: Operation, ranks: usize) -> Self {
        let times = match operation {
            Operation::Gather => ranks,
            Operation::Sum | Operation::Broadcast => 1,
        };
        match self {
            Self::Floats(values) => Self::Floats(vec![0.0; times * values.len()]),
            Self::Doubles(values) => Self::Doubles(vec![0.0; times * values.len()]),
            Self::Bytes(values) => Self::Bytes(vec![0; times * values.len()]),
            Self::Buffer(values) => Self::Buffer(Buffer::of(times * values.len())),
            Self::Gradient(values) => {
                Self::Buffer(Buffer::of(times * values.storage::<f32>().len()))
            }
        }
    }

    /// What was to be written into a buffer.
    pub fn buffer(self) -> Buffer {
        match self {
            Self::Buffer(values) => values,
            other => unreachable!("{other:?} in place of a buffer"),
        }
    }

    /// What were floats when they were sent.
    pub fn floats(self) -> Vec<f32> {
        match self {
            Self::Floats(values) => values,
            other => unreachable!("{other:?} in place of floats"),
        }
    }

    /// What were doubles when they were sent.
    pub fn doubles(self) -> Vec<f64> {
        match self {
            Self::Doubles(values) => values,
            other => unreachable!("{other:?} in place of doubles"),
        }
    }

    /// What were bytes when they were sent.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Self::Bytes(values) => values,
            other => unreachable!("{other:?} in place of bytes"),
        }
    }
}

/// Values that are sent, and where the answer goes.
#[derive(Debug)]
pub(super) struct Exchange {
    pub sent: Values,
    pub received: Values,
}

/// An operation that is under way.
#[derive(Debug)]
pub(super) struct Pending(Receiver<Exchange>);

impl Pending {
    /// An operation to be, and where its end is told.
    pub fn new() -> (SyncSender<Exchange>, Self) {
        let (sender, receiver) = sync_channel(1);
        (sender, Self(receiver))
    }

    /// Waits for the end, which comes, or all ranks end.
    pub fn wait(self) -> Exchange {
        // without an answer the messenger has failed, told so, and is ending this process
        self.0.recv().unwrap_or_else(|_| wait_for_the_end())
    }
}
