//! Packs, whose pictures are prepared already.

use crate::pack::is_pack;
use crate::source::place::Place;
use crate::source::probe::{Found, Mismatch, Probed};

/// A file that begins as a pack does, or any file if the format is requested.
pub(super) fn in_file(place: &Place) -> Probed {
    if place.is_requested() || is_pack(place.head()) {
        Ok(Found::Pack)
    } else {
        Err(Mismatch::OtherFormat("it does not begin as a pack does"))
    }
}
