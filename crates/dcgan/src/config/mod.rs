//! The settings of a run: networks ([`ModelConfig`]), training ([`TrainingConfig`]), pictures
//! ([`DataConfig`]), saving ([`SavingConfig`]) and evaluation ([`EvaluationConfig`]). Together they
//! form a [`RunConfig`], which a run directory stores as `config.toml`.
//!
//! A configuration that exists is valid. The `…Options` structs are plain data; their `build`
//! checks them and returns the `…Config`, which is read-only:
//!
//! ```
//! use dcgan::config::{ModelOptions, Preset};
//!
//! let model = ModelOptions::new(Preset::Pytorch).with_image_size(128).with_ngf(32).build()?;
//! assert_eq!(model.image_size, 128);
//! assert!(ModelOptions::new(Preset::Tutorial).with_image_size(128).build().is_err());
//! # Ok::<(), dcgan::config::ConfigError>(())
//! ```

mod augment;
mod change;
mod data;
mod error;
mod evaluation;
mod layers;
mod loss;
mod model;
mod precision;
mod preset;
mod run;
mod saving;
mod training;

pub use augment::Augment;
pub use change::Change;
pub(crate) use change::Changes;
pub use data::{DEMO_FACES, DataConfig, DataOrigin};
pub use error::ConfigError;
pub use evaluation::EvaluationConfig;
pub use layers::{DNorm, Upsample};
pub use loss::Loss;
pub use model::{ModelConfig, ModelOptions};
pub use precision::Precision;
pub use preset::{LatentDistribution, Preset};
pub use run::RunConfig;
pub use saving::{Every, OnWriteError, SavingConfig, SavingOptions};
pub use training::{Length, TrainingConfig, TrainingOptions};
