//! Where pictures come from, and how they become batches.
//!
//! A [`DataSource`] is a folder, a zip archive, or the built-in drawn faces.
//! [`Dataset::load`] finds its pictures, decodes each once, brings it to the
//! image size and keeps it; a picture that cannot be decoded is left out and
//! [listed](Dataset::skipped), never guessed at. [`Batches`] then hands out
//! shuffled, augmented batches that depend on the seed and the position alone.
//!
//! ```text
//! source ─► folder | archive | demo ─► decode ─► transform ─► dataset ─► batches
//!                                                              order ───────┘
//! ```

mod archive;
mod batches;
mod dataset;
mod decode;
pub mod demo;
mod error;
mod folder;
mod listing;
mod options;
mod order;
mod pixels;
mod positioned_file;
mod source;
mod transform;

pub use batches::{Batch, Batches};
pub use dataset::Dataset;
pub use error::{DataError, Skipped};
pub use options::{Crop, PictureOptions};
pub use order::{Augmentation, epoch_order};
pub use source::DataSource;
