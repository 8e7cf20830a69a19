//! Why something could not be read, in one line.

use std::io;

use dcgan_support::regular_file::NotRegular;

/// A reason of ours within an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Reason(pub String);

impl Reason {
    /// As an error of a reader.
    pub fn into_io(self) -> io::Error {
        io::Error::other(self)
    }
}

/// Why something could not be read, in one line: the operating system's words or ours. Those of other
/// libraries are about their own insides.
pub(crate) fn io_reason(error: &io::Error) -> String {
    let own = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Reason>());
    match own {
        Some(Reason(reason)) => reason.clone(),
        None if error.raw_os_error().is_some() || NotRegular::from_error(error).is_some() => {
            error.to_string()
        }
        None if error.kind() == io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        None => "its content is invalid".to_owned(),
    }
}
