//! Where pictures come from, and how they become batches.
//!
//! A [`DataSource`] is a folder, an archive, one of the usual data sets as it is
//! downloaded, or the built-in drawn faces. [`Dataset::load`] finds its pictures,
//! decodes each once, brings it to the image size and keeps it; a picture that
//! cannot be decoded is left out and [listed](Dataset::skipped), never guessed
//! at. [`Dataset::load_cached`] writes them into one file that is mapped into
//! memory, and takes them from there the next time. [`Batches`] then hands out
//! shuffled, augmented batches that depend on the seed and the position alone.
//!
//! ```text
//! source ─► ingest: decode ─► transform ─┬─► loaded ─┬─► dataset ─► batches
//!                                        └─► pack ───┘      order ─────┘
//! ```

mod annotations;
mod batches;
mod cache;
mod check;
mod dataset;
mod decode;
mod error;
mod facts;
mod fingerprint;
mod hash;
mod ingest;
mod loaded;
mod options;
mod order;
mod pack;
mod pixels;
mod single;
mod source;
mod transform;

pub use annotations::{Attribute, Attributes, Labels};
pub use batches::{Batch, Batches};
pub use cache::CacheUse;
pub use check::{Check, Count, Sizes};
pub use dataset::Dataset;
pub use error::{DataError, Skipped};
pub use facts::{Encoding, Facts};
pub use options::{Crop, PictureOptions};
pub use order::{Augmentation, epoch_order};
pub use pack::{PackedOptions, packed_options};
pub use single::read_picture;
pub use source::{DataSource, Format, Split};

/// With fewer pictures a generator draws copies of them.
pub const FEW_PICTURES: u64 = 1000;
