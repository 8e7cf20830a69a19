//! Settings of a run: the networks ([`ModelConfig`]), the training ([`TrainingConfig`]), the
//! pictures ([`DataConfig`]) and the saving ([`SavingConfig`]). Together they are a [`RunConfig`],
//! which a run directory holds as `config.toml`.
//!
//! A configuration that exists is valid. `…Options` structs are plain data that anyone can fill in;
//! their `build` checks them and returns the `…Config`, which can only be read:
//!
//! ```
//! use dcgan::config::{ModelOptions, Preset};
//!
//! let model = ModelOptions::new(Preset::Pytorch).with_image_size(128).with_ngf(32).build()?;
//! assert_eq!(model.image_size, 128);
//! assert!(ModelOptions::new(Preset::Tutorial).with_image_size(128).build().is_err());
//! # Ok::<(), dcgan::config::ConfigError>(())
//! ```

mod data;
mod error;
mod model;
mod precision;
mod run;
mod saving;
mod training;

pub use data::{DEMO_FACES, DataConfig, DataOrigin};
pub use error::ConfigError;
pub use model::{LatentDistribution, ModelConfig, ModelOptions, Preset};
pub use precision::Precision;
pub use run::RunConfig;
pub use saving::{Every, OnWriteError, SavingConfig, SavingOptions};
pub use training::{Length, TrainingConfig, TrainingOptions};
