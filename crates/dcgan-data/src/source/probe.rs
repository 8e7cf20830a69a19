//! How a format is recognised.

use super::opened::Source;
use super::place::{Place, PlaceKind};
use crate::error::DataError;
use crate::format::Format;

/// A row of the table of formats: how one of them is recognised.
pub(super) struct Probe {
    pub format: Format,
    pub kind: PlaceKind,
    /// Recognises the format at a place of this kind.
    pub probe: fn(&Place) -> Probed,
}

/// What a probe found, or why it found nothing.
pub(super) type Probed = Result<Found, Mismatch>;

/// What a probe found.
#[derive(Debug)]
pub(super) enum Found {
    /// Pictures that have yet to be prepared.
    Source(Box<dyn Source>),
    /// A pack, whose pictures are prepared already.
    Pack,
}

impl Found {
    pub fn source(source: impl Source + 'static) -> Probed {
        Ok(Self::Source(Box::new(source)))
    }
}

/// Why a probe found nothing.
#[derive(Debug)]
pub(super) enum Mismatch {
    /// The place is not of this format; others may follow.
    OtherFormat(&'static str),
    /// The place is of this format and cannot be used.
    Unusable(DataError),
}

impl From<DataError> for Mismatch {
    fn from(error: DataError) -> Self {
        Self::Unusable(error)
    }
}
