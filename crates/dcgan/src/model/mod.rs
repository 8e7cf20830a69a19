//! The two networks, built from one [`ModelConfig`](crate::config::ModelConfig).
//!
//! Both are a [`Network`]: a chain of blocks of a layer, batch norm and an activation.
//! `generator/mod.rs` and `discriminator/mod.rs` list them layer by layer. Parameters have the names
//! that they have in the PyTorch implementations.

mod batch_norm;
mod block;
mod cost;
mod discriminator;
mod folded_layer;
mod generator;
mod init;
mod network;
mod parameter;
mod pass;
mod spectral_norm;

pub use batch_norm::BatchNorm;
pub use cost::Cost;
pub use discriminator::{Discriminator, FEATURE_GRID, GuidedGradient};
pub use folded_layer::{FoldedLayer, FoldedOperation};
pub use generator::{FoldedGenerator, Generator, InferenceGenerator, LayerHook, LayerSize};
pub use init::Lookup;
pub use network::Network;
pub use parameter::Parameter;
pub use parameter::to_host;
pub use pass::{Pass, RunningStatistics, Weights};
pub use spectral_norm::SpectralNorm;

use thiserror::Error;

use crate::config::ConfigError;

/// Why a network could not be built.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The configuration is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A tensor is missing from the file.
    #[error("tensor '{0}' is missing")]
    Missing(String),
    /// A tensor has another shape or type than the network needs.
    #[error("tensor '{name}' is {found}, and the configuration needs {needed}")]
    Mismatch {
        /// The tensor's name.
        name: String,
        /// Its shape or type in the file.
        found: String,
        /// The shape or type that the network needs.
        needed: String,
    },
    /// A tensor cannot be read.
    #[error("tensor '{name}' cannot be read: {reason}")]
    Unreadable {
        /// The tensor's name.
        name: String,
        /// The operating system's message.
        reason: String,
    },
    /// A tensor has non-finite values.
    #[error("tensor '{0}' holds NaN or infinite values")]
    NotFinite(String),
    /// A tensor of variances has negative values.
    #[error("tensor '{0}' holds variances, but some are negative")]
    NegativeVariance(String),
    /// The file has a tensor that the network does not use.
    #[error(
        "tensor '{0}' has no place in the network, which would draw different pictures without it"
    )]
    Superfluous(String),
}

impl ModelError {
    /// Checks that the values of a tensor from a file can be right: all are finite, and variances
    /// (also Adam's second moments) are not negative.
    ///
    /// # Errors
    /// [`ModelError::NotFinite`] or [`ModelError::NegativeVariance`] if they cannot.
    pub(crate) fn check_values(name: &str, values: &[f32]) -> Result<(), Self> {
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Self::NotFinite(name.to_owned()));
        }
        let are_variances = name.ends_with("running_var")
            || (name.starts_with("adam.") && name.contains(".second."));
        if are_variances && values.iter().any(|value| *value < 0.0) {
            return Err(Self::NegativeVariance(name.to_owned()));
        }
        Ok(())
    }
}

/// The number of stride-2 layers between 4×4 pixels and the picture.
fn doublings(image_size: usize) -> usize {
    (image_size / 4).ilog2() as usize
}

/// The width of the layer that is `from_picture` layers away from the picture: doubled from layer
/// to layer, but at most 8 times the base.
fn width(base: usize, from_picture: usize) -> usize {
    base << from_picture.min(3)
}
