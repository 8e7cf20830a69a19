//! Train a DCGAN (Radford, Metz and Chintala 2016) on any pictures, and draw
//! new ones with it.
//!
//! ```no_run
//! use std::path::Path;
//!
//! // a generator that `dcgan train` has left in its run folder
//! let device = dcgan::device::by_name("cpu")?;
//! let (mut sampler, header) = dcgan::sample::Sampler::load(Path::new("runs/demo"), &device)?;
//! println!("trained for {} steps", header.step);
//! for (seed, picture) in (0..8).zip(sampler.pictures(0..8)) {
//!     picture.save(format!("{seed}.png"))?;
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Modules
//! Each imports only from those above it.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`data`] | pictures in: folders, archives, drawn faces, batches |
//! | [`config`], [`device`], [`random`] | settings, devices, keyed random numbers |
//! | [`ranks`] | processes that train together |
//! | [`ops`] | the operations, on Burn tensors |
//! | [`model`] | generator and discriminator |
//! | [`memory`] | how much of it a training takes |
//! | [`latent`], [`loss`], [`image_grid`] | noise, losses, pictures out |
//! | [`adam`], [`loss_scale`], [`gan`], [`statistics`] | the optimizer, its help in 16 bits, the pair, statistics for sampling |
//! | [`checkpoint`], [`sample`] | files, drawing |
//! | [`features`], [`linear_svm`], [`classification`] | the discriminator as a feature extractor, and how good its features are |
//! | [`pytorch`] | weights that PyTorch saved |
//! | [`attributes`] | what is in pictures: classifier, groups by words, directions, feature maps |
//! | [`neighbours`], [`projection`] | what was learned by heart, a picture's latent vector |
//! | [`visualization`] | what the discriminator's features answer to |
//! | [`figure`], [`picture_file`] | figures, files of pictures |
//! | [`train`] | the algorithm, the loop and the run folder |
//! | [`trace`] | what the host does when |
//! | [`mod@bench`] | how fast it is, and where the time goes |

pub mod adam;
pub mod bench;
mod buffer;
pub mod checkpoint;
pub mod config;
pub mod device;
pub mod doctor;
mod error;
pub mod gan;
pub mod latent;
pub mod loss;
pub mod loss_scale;
pub mod memory;
pub mod model;
pub mod ops;
pub mod pytorch;
pub mod ranks;
pub mod sample;
pub mod statistics;
pub mod train;

pub use error::Error;
