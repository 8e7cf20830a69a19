//! Measures of generated pictures, by the definitions that papers and other tools use.
//!
//! | | compares | on |
//! | --- | --- | --- |
//! | [`fid`] | means and covariances | features |
//! | [`kid`] | kernels between features | features |
//! | [`inception_score`] | classes | logits |
//! | [`reach`]: precision, recall, density, coverage | neighbourhoods of features | features |
//! | [`sliced_wasserstein`] | patches of a Laplacian pyramid | pixels |
//! | [`memorisation`] | distances to training pictures | features or pixels |
//!
//! Features come from any network; the figures of papers are on those of [`inception`]. Nothing here
//! reads pictures or draws them. Random choices are keyed by a seed, and the same input has the same
//! figures with any number of threads.
//!
//! ```
//! use dcgan_evaluate::{Features, Statistics, frechet_distance};
//!
//! let real = Features::new(vec![0.0, 1.0, 2.0, 3.0, 5.0, 4.0], 2)?;
//! let moved = Features::new(vec![3.0, 1.0, 5.0, 3.0, 8.0, 4.0], 2)?;
//! let distance = frechet_distance(&Statistics::of(&real)?, &Statistics::of(&moved)?)?;
//! assert!((distance - 9.0).abs() < 1e-9);
//! # Ok::<(), dcgan_evaluate::EvaluationError>(())
//! ```

mod count;
mod error;
mod features;
mod frechet;
pub mod inception;
mod inception_score;
mod kernel_distance;
mod memorisation;
mod neighbourhoods;
mod pictures;
mod pyramid;
mod sliced_wasserstein;
mod spread;
mod statistics;
mod statistics_file;
mod symmetric;

pub use error::{EvaluationError, Side};
pub use features::Features;
pub use frechet::{ENOUGH_FOR_FID, FEWEST_FOR_FID, fid, frechet_distance};
pub use inception_score::{SPLITS, inception_score, inception_score_in};
pub use kernel_distance::{SUBSET_SIZE, SUBSETS, discrepancy, kid};
pub use memorisation::{Memorisation, NEAR_COPY, memorisation};
pub use neighbourhoods::{K_DENSITY, K_PRECISION, Reach, reach};
pub use pictures::Pictures;
pub use sliced_wasserstein::{Level, MOST_PICTURES, SCALE, sliced_wasserstein};
pub use spread::MeanAndDeviation;
pub use statistics::Statistics;
