//! What a rank hands to the messenger thread: memory to send from and to receive into.

use std::ffi::c_void;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How long a waiting thread leaves the messenger to abort the process.
const ABORT_GRACE: Duration = Duration::from_secs(10);

/// A collective operation: every rank takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// Each rank receives the sums over all ranks.
    Sum,
    /// Each rank receives the values of rank 0.
    Broadcast,
    /// Each rank receives the values of all ranks, in rank order.
    Gather,
}

impl Operation {
    /// How many times as many values are received as sent.
    pub fn received_per_sent(self, ranks: usize) -> usize {
        match self {
            Self::Gather => ranks,
            Self::Sum | Self::Broadcast => 1,
        }
    }
}

/// The types of values that ranks exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementType {
    F32,
    F64,
    U8,
}

/// A value that ranks exchange.
pub(super) trait Element: Copy + Default + Send + 'static {
    const TYPE: ElementType;
}

impl Element for f32 {
    const TYPE: ElementType = ElementType::F32;
}

impl Element for f64 {
    const TYPE: ElementType = ElementType::F64;
}

impl Element for u8 {
    const TYPE: ElementType = ElementType::U8;
}

/// The memory of one operation, whose owner does not move it until the operation has completed.
///
/// Boxed, so that the messenger can keep operations on different types in one list.
pub(super) trait Exchange: Send {
    fn element_type(&self) -> ElementType;
    /// Where values are read, and how many there are.
    fn sent(&self) -> (*const c_void, usize);
    /// Where values are written, and how many fit.
    fn received(&mut self) -> (*mut c_void, usize);
    /// Hands what was received to the thread that waits for it.
    fn complete(self: Box<Self>);
}

struct Buffers<T, S, R> {
    sent: S,
    received: R,
    reply: SyncSender<R>,
    element: std::marker::PhantomData<T>,
}

impl<T, S, R> Exchange for Buffers<T, S, R>
where
    T: Element,
    S: AsRef<[T]> + Send,
    R: AsMut<[T]> + Send,
{
    fn element_type(&self) -> ElementType {
        T::TYPE
    }

    fn sent(&self) -> (*const c_void, usize) {
        let values = self.sent.as_ref();
        (values.as_ptr().cast(), values.len())
    }

    fn received(&mut self) -> (*mut c_void, usize) {
        let values = self.received.as_mut();
        (values.as_mut_ptr().cast(), values.len())
    }

    fn complete(self: Box<Self>) {
        let _ = self.reply.send(self.received); // nobody may be waiting for it any more
    }
}

/// The result of an operation that has started.
#[derive(Debug)]
pub(crate) struct Pending<R>(Receiver<R>);

impl<R> Pending<R> {
    /// Waits for the result.
    ///
    /// If the operation fails, this does not return: the messenger reports the failure and aborts
    /// all ranks, this process included.
    ///
    /// # Panics
    /// If the process still runs long after the messenger thread has ended.
    pub fn wait(self) -> R {
        self.0.recv().unwrap_or_else(|_| {
            thread::sleep(ABORT_GRACE);
            panic!("the messenger thread has ended")
        })
    }
}

/// An operation's memory for the messenger, and its result to be.
pub(super) fn exchange<T, S, R>(sent: S, received: R) -> (Box<dyn Exchange>, Pending<R>)
where
    T: Element,
    S: AsRef<[T]> + Send + 'static,
    R: AsMut<[T]> + Send + 'static,
{
    let (reply, pending) = sync_channel(1);
    let buffers = Buffers {
        sent,
        received,
        reply,
        element: std::marker::PhantomData,
    };
    (Box::new(buffers), Pending(pending))
}
