//! MPI's operations of all ranks, without waiting for their end.

#![expect(
    unsafe_code,
    reason = "the `mpi` crate's own requests borrow their buffers, and cannot be kept in a list"
)]

use std::ffi::{c_int, c_void};

use mpi::ffi;
use mpi::raw::AsRaw;
use mpi::topology::SimpleCommunicator;

use super::job::{Exchange, Operation, Values};

/// An operation that is under way, or has ended.
pub(super) struct Collective {
    request: ffi::MPI_Request,
    /// What MPI reads and writes until the end: nobody else has it, and its memory stays where
    /// it is when this is moved.
    values: Exchange,
    ended: bool,
}

impl Collective {
    /// Starts an operation, which all ranks start in the same order on a communicator.
    ///
    /// # Errors
    /// What MPI says.
    pub fn start(
        communicator: &SimpleCommunicator,
        operation: Operation,
        mut values: Exchange,
    ) -> Result<Self, String> {
        let communicator = communicator.as_raw();
        let (count, kind, size) = described(&values.sent);
        let (room, kind_of_room, _) = described(&values.received);
        assert!(
            kind == kind_of_room && room >= count,
            "no room for an answer"
        );
        let count = c_int::try_from(count).map_err(|error| error.to_string())?;
        let (sent, received) = (start_of(&values.sent), room_of(&mut values.received));
        let mut request = null_request();
        // SAFETY: both places hold `count` values of that kind, or as many for each rank, and
        // live, untouched by anyone else, in the value returned until the operation has ended.
        let code = unsafe {
            match operation {
                Operation::Sum => ffi::MPI_Iallreduce(
                    sent,
                    received,
                    count,
                    kind,
                    ffi::RSMPI_SUM,
                    communicator,
                    &raw mut request,
                ),
                Operation::Broadcast => {
                    std::ptr::copy_nonoverlapping(
                        sent.cast::<u8>(),
                        received.cast::<u8>(),
                        count as usize * size,
                    );
                    ffi::MPI_Ibcast(received, count, kind, 0, communicator, &raw mut request)
                }
                Operation::Gather => ffi::MPI_Iallgather(
                    sent,
                    count,
                    kind,
                    received,
                    count,
                    kind,
                    communicator,
                    &raw mut request,
                ),
            }
        };
        told(code)?;
        Ok(Self {
            request,
            values,
            ended: false,
        })
    }

    /// Whether it has ended, after MPI was given the time to go on with it.
    ///
    /// # Errors
    /// What MPI says.
    pub fn has_ended(&mut self) -> Result<bool, String> {
        let mut flag: c_int = 0;
        // SAFETY: the request is one that MPI gave, or the null request after its end.
        let code = unsafe {
            ffi::MPI_Test(
                &raw mut self.request,
                &raw mut flag,
                ffi::RSMPI_STATUS_IGNORE,
            )
        };
        told(code)?;
        self.ended = flag != 0;
        Ok(self.ended)
    }

    /// The values, after the end.
    pub fn into_values(self) -> Exchange {
        assert!(self.ended, "MPI still writes to the values");
        self.values
    }
}

/// From now on MPI tells of errors, and does not end the process by itself.
pub(super) fn returns_errors(communicator: &SimpleCommunicator) {
    // SAFETY: a communicator that lives, and a handler that MPI has.
    unsafe { ffi::MPI_Comm_set_errhandler(communicator.as_raw(), ffi::RSMPI_ERRORS_RETURN) };
}

/// Gives MPI the time to go on with what others wait for.
pub(super) fn look_around(communicator: &SimpleCommunicator) {
    let mut flag: c_int = 0;
    // SAFETY: a communicator that lives; no message is taken.
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

/// How many values, of which kind, and the bytes of one.
fn described(values: &Values) -> (usize, ffi::MPI_Datatype, usize) {
    // SAFETY: constants that MPI's library has.
    unsafe {
        match values {
            Values::Floats(values) => (values.len(), ffi::RSMPI_FLOAT, size_of::<f32>()),
            Values::Doubles(values) => (values.len(), ffi::RSMPI_DOUBLE, size_of::<f64>()),
            Values::Bytes(values) => (values.len(), ffi::RSMPI_UINT8_T, size_of::<u8>()),
            Values::Buffer(values) => (values.len(), ffi::RSMPI_FLOAT, size_of::<f32>()),
            Values::Gradient(values) => {
                let values: &[f32] = values.storage();
                (values.len(), ffi::RSMPI_FLOAT, size_of::<f32>())
            }
        }
    }
}

/// Where values are read.
fn start_of(values: &Values) -> *const c_void {
    match values {
        Values::Floats(values) => values.as_ptr().cast(),
        Values::Doubles(values) => values.as_ptr().cast(),
        Values::Bytes(values) => values.as_ptr().cast(),
        Values::Buffer(values) => values.as_ptr().cast(),
        Values::Gradient(values) => values.storage::<f32>().as_ptr().cast(),
    }
}

/// Where values are written.
fn room_of(values: &mut Values) -> *mut c_void {
    match values {
        Values::Floats(values) => values.as_mut_ptr().cast(),
        Values::Doubles(values) => values.as_mut_ptr().cast(),
        Values::Bytes(values) => values.as_mut_ptr().cast(),
        Values::Buffer(values) => values.as_mut_ptr().cast(),
        Values::Gradient(_) => unreachable!("a gradient is only sent"),
    }
}

fn null_request() -> ffi::MPI_Request {
    // SAFETY: a constant that MPI's library has.
    unsafe { ffi::RSMPI_REQUEST_NULL }
}

/// What MPI says of a code that is not success.
fn told(code: c_int) -> Result<(), String> {
    if code == ffi::MPI_SUCCESS as c_int {
        return Ok(());
    }
    let mut text = [0_u8; ffi::MPI_MAX_ERROR_STRING as usize];
    let mut length: c_int = 0;
    // SAFETY: as much room as MPI asks for.
    unsafe { ffi::MPI_Error_string(code, text.as_mut_ptr().cast(), &raw mut length) };
    let length = (length.max(0) as usize).min(text.len());
    Err(String::from_utf8_lossy(&text[..length]).into_owned())
}
