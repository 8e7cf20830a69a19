//! How good a generator's pictures are, measured while it trains or afterwards.
//!
//! The measures are those of [`dcgan_evaluate`]. Here are the parts that need a network of this
//! crate or a file: an [`Evaluator`] draws pictures and compares them with a data set, and an
//! [`InceptionFile`] reads the weights of the feature network that FID and KID need.

mod evaluator;
mod feature_cache;
mod inception_file;

pub use evaluator::{Evaluation, Evaluator, MOST_PICTURES};
pub use feature_cache::{cache_features, cached_features};
pub use inception_file::{
    INCEPTION_FILE_NAMES, InceptionFile, InceptionFileError, KNOWN_SHA256, LoadInception,
};
