//! MPI's collective operations, non-blocking.

#![expect(
    unsafe_code,
    reason = "the `mpi` crate's own requests borrow their buffers, and cannot be kept in a list"
)]

use std::ffi::c_int;

use mpi::ffi;
use mpi::raw::AsRaw;
use mpi::topology::{Communicator, SimpleCommunicator};

use super::exchange::{ElementType, Exchange, Operation};

/// An operation that has started.
///
/// Dropping it before it has completed frees memory that MPI may still write to. That happens
/// only on the way to `MPI_Abort`.
pub(super) struct Collective {
    request: ffi::MPI_Request,
    /// What MPI reads and writes until completion. Nothing else touches it, and the box keeps it
    /// in place when this moves.
    exchange: Box<dyn Exchange>,
    completed: bool,
}

impl Collective {
    /// Starts an operation. All ranks start the operations of a communicator in the same order.
    ///
    /// # Errors
    /// If MPI reports one, with its message.
    ///
    /// # Panics
    /// If the received values do not fit.
    pub fn start(
        communicator: &SimpleCommunicator,
        operation: Operation,
        mut exchange: Box<dyn Exchange>,
    ) -> Result<Self, String> {
        let ranks = communicator.size() as usize;
        let communicator = communicator.as_raw();
        let (element, size) = data_type(exchange.element_type());
        let (sent, sent_count) = exchange.sent();
        let (received, received_count) = exchange.received();
        assert!(
            received_count >= operation.received_per_sent(ranks) * sent_count,
            "the received values do not fit"
        );
        let count = c_int::try_from(sent_count).map_err(|error| error.to_string())?;
        let mut request = null_request();
        // SAFETY: `sent` holds `count` values of that type and `received` as many or, to gather,
        // as many for each rank. Both live, untouched by anyone else, in the value returned until
        // the operation has completed.
        let code = unsafe {
            match operation {
                Operation::Sum => ffi::MPI_Iallreduce(
                    sent,
                    received,
                    count,
                    element,
                    ffi::RSMPI_SUM,
                    communicator,
                    &raw mut request,
                ),
                Operation::Broadcast => {
                    std::ptr::copy_nonoverlapping(
                        sent.cast::<u8>(),
                        received.cast::<u8>(),
                        sent_count * size,
                    );
                    ffi::MPI_Ibcast(received, count, element, 0, communicator, &raw mut request)
                }
                Operation::Gather => ffi::MPI_Iallgather(
                    sent,
                    count,
                    element,
                    received,
                    count,
                    element,
                    communicator,
                    &raw mut request,
                ),
            }
        };
        check(code)?;
        Ok(Self {
            request,
            exchange,
            completed: false,
        })
    }

    /// Lets MPI make progress; returns whether the operation has completed.
    ///
    /// # Errors
    /// If MPI reports one, with its message.
    pub fn test(&mut self) -> Result<bool, String> {
        let mut flag: c_int = 0;
        // SAFETY: the request is one that MPI gave, or the null request after completion.
        let code = unsafe {
            ffi::MPI_Test(
                &raw mut self.request,
                &raw mut flag,
                ffi::RSMPI_STATUS_IGNORE,
            )
        };
        check(code)?;
        self.completed = flag != 0;
        Ok(self.completed)
    }

    /// Hands out what was received.
    ///
    /// # Panics
    /// If the operation has not completed.
    pub fn complete(self) {
        assert!(self.completed, "MPI still writes to the values");
        self.exchange.complete();
    }
}

/// Makes MPI return errors instead of ending the process.
pub(super) fn return_errors(communicator: &SimpleCommunicator) {
    // SAFETY: a live communicator, and a handler that MPI defines.
    unsafe { ffi::MPI_Comm_set_errhandler(communicator.as_raw(), ffi::RSMPI_ERRORS_RETURN) };
}

/// Lets MPI make progress on what other ranks wait for.
pub(super) fn make_progress(communicator: &SimpleCommunicator) {
    let mut flag: c_int = 0;
    // SAFETY: a live communicator; no message is taken.
    unsafe {
        ffi::MPI_Iprobe(
            ffi::RSMPI_ANY_SOURCE,
            ffi::RSMPI_ANY_TAG,
            communicator.as_raw(),
            &raw mut flag,
            ffi::RSMPI_STATUS_IGNORE,
        )
    };
}

/// MPI's name of a type, and the bytes of one value.
fn data_type(element: ElementType) -> (ffi::MPI_Datatype, usize) {
    // SAFETY: constants of MPI's library.
    unsafe {
        match element {
            ElementType::F32 => (ffi::RSMPI_FLOAT, size_of::<f32>()),
            ElementType::F64 => (ffi::RSMPI_DOUBLE, size_of::<f64>()),
            ElementType::U8 => (ffi::RSMPI_UINT8_T, size_of::<u8>()),
        }
    }
}

fn null_request() -> ffi::MPI_Request {
    // SAFETY: a constant of MPI's library.
    unsafe { ffi::RSMPI_REQUEST_NULL }
}

/// Turns a code other than success into MPI's message.
fn check(code: c_int) -> Result<(), String> {
    if code == ffi::MPI_SUCCESS as c_int {
        return Ok(());
    }
    let mut text = [0_u8; ffi::MPI_MAX_ERROR_STRING as usize];
    let mut length: c_int = 0;
    // SAFETY: the text is as long as MPI asks for.
    unsafe { ffi::MPI_Error_string(code, text.as_mut_ptr().cast(), &raw mut length) };
    let length = (length.max(0) as usize).min(text.len());
    Err(String::from_utf8_lossy(&text[..length]).into_owned())
}
