//! Train a DCGAN (Radford, Metz and Chintala 2016) on any pictures, and draw new ones with it.
//!
//! A run is a directory: its settings, metrics, pictures, checkpoints and final weights. This crate
//! starts, resumes and samples runs; the program `dcgan` is a thin layer over it. Computation
//! happens on [Burn](burn) tensors: on the CPU with this project's own kernels, on GPUs with
//! Burn's.
//!
//! # Train
//!
//! [`RunConfig`] describes a run, [`Trainer`] runs it:
//!
//! ```
//! use dcgan::{DataConfig, Length, ModelOptions, Preset, RunConfig, Trainer, TrainingOptions};
//!
//! # let directory = tempfile::tempdir()?;
//! # let run = directory.path().join("faces");
//! # let tiny = ModelOptions::new(Preset::Small).with_ngf(2).with_ndf(2).with_z_dim(4).build()?;
//! let training = TrainingOptions {
//!     length: Length::Steps(2),
//!     batch_size: 8,
//!     ..TrainingOptions::default()
//! };
//! let config = RunConfig {
//!     training: training.build()?,
//! #   model: tiny,
//!     ..RunConfig::new(Preset::Small, DataConfig::drawn_faces(16)) // or DataConfig::files("photos")
//! };
//! let device = dcgan::device::cpu(); // or dcgan::device::by_name("cuda:1")?
//! let mut trainer = Trainer::create(config, &run, &device)?;
//! trainer.run_to_end()?;
//! # Ok::<(), dcgan::Error>(())
//! ```
//!
//! [`Trainer::open`] resumes a run, bit for bit as if it had never stopped. [`Trainer::run`] takes
//! two callbacks, to stop and to show progress.
//!
//! # Sample
//!
//! A [`Sampler`] reads the generator of a run directory, a checkpoint or a weight file:
//!
//! ```no_run
//! use dcgan::Sampler;
//!
//! let mut sampler = Sampler::load("runs/faces".as_ref(), &dcgan::device::cpu())?;
//! for (seed, picture) in (0..8).zip(sampler.pictures(0..8)) {
//!     picture.save(format!("{seed}.png"))?;
//! }
//! # Ok::<(), dcgan::Error>(())
//! ```
//!
//! # Interpolate
//!
//! Pictures are functions of [latent vectors](latent), which can be mixed and edited:
//!
//! ```no_run
//! use dcgan::Sampler;
//! use dcgan::latent::Interpolation;
//!
//! let mut sampler = Sampler::load("runs/faces".as_ref(), &dcgan::device::cpu())?;
//! let (from, to) = (sampler.latent(3), sampler.latent(7));
//! let distribution = sampler.config().latent_distribution();
//! let halfway = Interpolation::Spherical.at(distribution, &from, &to, 0.5);
//! sampler.draw(&[halfway])[0].save("halfway.png")?;
//! # Ok::<(), dcgan::Error>(())
//! ```
//!
//! # Read data
//!
//! [`Dataset`] reads directories, archives and common data sets as they are downloaded; the
//! format is detected. [`data`] describes the formats.
//!
//! ```
//! use dcgan::data::PictureOptions;
//! use dcgan::{DataSource, Dataset};
//!
//! let source = DataSource::Demo { count: 4, seed: 0 }; // or DataSource::at("photos.zip".as_ref())
//! let (progress, should_stop) = (|_done, _total| (), || false);
//! let faces = Dataset::load(&source, &PictureOptions::default(), &progress, &should_stop)?;
//! assert_eq!((faces.len(), faces.image_size(), faces.channels()), (4, 64, 3));
//! assert!(faces.scaled_picture(0)?.iter().all(|value| (-1.0..=1.0).contains(value)));
//! # Ok::<(), dcgan::Error>(())
//! ```
//!
//! # Load PyTorch weights
//!
//! [`pytorch::import`] reads `torch.save(netG.state_dict(), "netG.pth")` without running its
//! pickle, and detects the network:
//!
//! ```no_run
//! use dcgan::Sampler;
//! use dcgan::pytorch::{ImportOptions, ImportedNetwork, import};
//!
//! let device = dcgan::device::cpu();
//! let imported = import("netG.pth".as_ref(), &ImportOptions::default(), &device)?;
//! if let ImportedNetwork::Generator(generator) = imported.network {
//!     Sampler::new(generator).pictures([7])[0].save("7.png")?;
//! }
//! # Ok::<(), dcgan::Error>(())
//! ```
//!
//! # Build on the networks
//!
//! [`Gan`] is a [`Generator`] and a [`Discriminator`], each with its optimizer. With the
//! [losses](loss), a training loop of your own is a few lines: `examples/minimal.rs` is a DCGAN in
//! a hundred. All three also work alone.
//!
//! # Modules
//!
//! | for | modules |
//! | --- | --- |
//! | settings | [`config`], [`device`] |
//! | pictures | [`data`] |
//! | networks | [`model`], [`loss`], [`adam`], [`gan`] |
//! | training | [`train`], [`checkpoint`], [`ranks`] (several processes), [`memory`] (an estimate) |
//! | sampling | [`sample`], [`latent`], [`pytorch`] |
//! | tools | [`evaluation`] (how good are the pictures), [`mod@bench`] (speed), [`doctor`] (what went wrong in a run) |
//! | tensors | [`ops`]: the operations that the networks are made of |
//!
//! # Other crates
//!
//! | crate | for |
//! | --- | --- |
//! | `dcgan-data` | data sets, without Burn; re-exported as [`data`] |
//! | `dcgan-evaluate` | FID, KID, sliced Wasserstein distance and other measures |
//! | `dcgan-explore` | attributes, features, classification, projection, neighbours |
//! | `dcgan-export` | ONNX, PyTorch's state dicts, the Hugging Face hub, TensorBoard |
//! | `dcgan-render` | picture files, grids, plots and figures |
//! | `dcgan-faces` | the drawn faces |
//! | `dcgan-kernels` | convolutions, batch norm and Adam on `f32` slices |
//!
//! # Features
//!
//! `parquet` (default) reads Hugging Face's shards. `cuda`, `rocm`, `metal` and `vulkan` add GPUs,
//! and `autotune` tries at the first call which GPU kernel is the fastest. `mpi` trains in several
//! processes.

pub mod adam;
pub mod bench;
mod buffer;
pub mod checkpoint;
pub mod config;
pub mod device;
pub mod doctor;
mod error;
pub mod evaluation;
pub mod gan;
pub mod latent;
pub mod loss;
mod loss_scale;
pub mod memory;
pub mod model;
pub mod ops;
pub mod pytorch;
pub mod ranks;
pub mod sample;
pub mod train;

pub use checkpoint::{Checkpoint, WeightFile};
pub use config::{
    DataConfig, Length, ModelConfig, ModelOptions, Preset, RunConfig, TrainingConfig,
    TrainingOptions,
};
pub use device::Device;
pub use error::Error;
pub use gan::Gan;
pub use model::{Discriminator, Generator};
pub use sample::Sampler;
pub use train::Trainer;

#[doc(no_inline)]
pub use burn;
#[doc(no_inline)]
pub use dcgan_data as data;
pub use dcgan_data::{DataSource, Dataset};

/// The documentation's Rust, compiled with the tests.
#[cfg(doctest)]
mod documentation {
    #[doc = include_str!("../../../README.md")]
    mod readme {}
    #[doc = include_str!("../../../docs/rust.md")]
    mod rust {}
}
