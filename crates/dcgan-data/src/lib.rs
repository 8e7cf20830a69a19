//! Reads data sets of pictures and turns them into batches.
//!
//! A [`DataSource`] is a folder, an archive, a common data set as it is downloaded, or the
//! built-in drawn faces. [`Dataset::load`] decodes each picture once, resizes it and keeps it in
//! memory; a picture that cannot be decoded is skipped and [listed](Dataset::skipped).
//! [`Dataset::load_cached`] stores the prepared pictures in a file, which is reused the next time. [`Batches`] yields shuffled, augmented batches that depend only on
//! the seed and the position.
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
mod demo;
mod error;
mod facts;
mod findings;
mod fingerprint;
mod format;
mod ingest;
mod io_reason;
mod left_out;
mod loaded;
mod masks;
mod notes;
mod options;
mod order;
mod pack;
mod pixels;
mod single;
mod skipped;
mod source;
mod split;
mod transform;

pub use annotations::{Attribute, Attributes, Labels};
pub use batches::{Batch, BatchOptions, BatchPosition, Batches};
pub use cache::CacheUse;
pub use check::{Advice, Check, Count, Sizes};
pub use dataset::{AnnotationNames, Dataset, Packed};
pub use error::DataError;
pub use facts::{Encoding, Facts};
pub use fingerprint::Fingerprint;
pub use format::Format;
pub use left_out::{LeftOut, LeftOutReason};
pub use masks::{Masks, MasksPlace};
pub use notes::DeepPictures;
pub use options::{Crop, Levels, PackedOptions, PictureOptions};
pub use order::{Augmentation, epoch_order};
pub use pack::{is_pack, packed_options};
pub use single::read_picture;
pub use skipped::Skipped;
pub use source::DataSource;
pub use split::Split;

/// With fewer pictures than this, a generator tends to memorise them.
pub const FEW_PICTURES: u64 = 1000;
