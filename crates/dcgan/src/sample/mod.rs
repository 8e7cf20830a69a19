//! Drawing pictures with a trained generator.
//!
//! A [`Sampler`] turns seeds or [latent vectors](crate::latent) into pictures. It reads a run
//! directory, a checkpoint or a generator file:
//!
//! ```no_run
//! use dcgan::sample::Sampler;
//!
//! let mut sampler = Sampler::load("runs/faces".as_ref(), &dcgan::device::cpu())?;
//! for (seed, picture) in (0..8).zip(sampler.pictures(0..8)) {
//!     picture.save(format!("{seed}.png"))?;
//! }
//! # Ok::<(), dcgan::Error>(())
//! ```

mod bn_statistics;
mod probe;

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use image::DynamicImage;
use thiserror::Error;

use self::probe::{Fault, probe};
use crate::checkpoint::{FileError, FileHeader, FileKind, WeightFile};
use crate::config::{LatentDistribution, ModelConfig};
use crate::latent;
use crate::model::{Discriminator, Generator, InferenceGenerator, LayerHook, LayerSize};
use crate::train::RunDirectory;
pub use bn_statistics::estimate_statistics;
use dcgan_render::image_grid::{PictureShape, picture_from_values};
pub use probe::Drawn;

/// Pictures that are drawn at once. It is constant because kernels are chosen by batch size, and
/// different kernels round differently: a picture must not depend on the others.
const BATCH_SIZE: usize = 64;

/// A generator, ready to draw.
pub struct Sampler {
    generator: InferenceGenerator,
    batch_size: usize,
    device: Device,
    truncation: Option<f64>,
}

/// Why the latent vectors of a generator cannot be truncated.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum TruncationError {
    /// A limit outside [`latent::TRUNCATION`].
    #[error("truncation to {0}: it must be between {min} and {max}",
        min = latent::TRUNCATION.start(), max = latent::TRUNCATION.end())]
    OutOfRange(f64),
    /// The generator was trained with uniform latent vectors.
    #[error("latent vectors of this generator are uniform, and only normal ones can be truncated")]
    Uniform,
}

impl Sampler {
    /// Loads the generator of a run directory, a checkpoint or a generator file.
    ///
    /// # Errors
    /// As [`load_generator`].
    pub fn load(path: &Path, device: &Device) -> Result<Self, FileError> {
        Ok(Self::new(load_generator(path, device)?.generator))
    }

    /// A sampler for a generator whose running statistics are those for sampling, as
    /// [`load_generator`] returns it.
    pub fn new(generator: Generator) -> Self {
        Self::in_batches(generator, BATCH_SIZE)
    }

    /// As [`new`](Self::new), but draws one picture at a time. A single picture then takes a small part of the
    /// time, and many take longer. Pictures differ by rounding from those of other samplers: by at most one
    /// of 255 levels.
    pub fn one_by_one(generator: Generator) -> Self {
        Self::in_batches(generator, 1)
    }

    fn in_batches(generator: Generator, batch_size: usize) -> Self {
        let device = generator.network().device();
        Self {
            generator: InferenceGenerator::new(generator, batch_size),
            batch_size,
            device,
            truncation: None,
        }
    }

    /// Truncates the latent vectors of [`pictures`](Self::pictures) to ±`limit`, see
    /// [`latent::truncated`]: a smaller limit gives better and more similar pictures. 0.7 is usual.
    ///
    /// # Errors
    /// If `limit` is outside [`latent::TRUNCATION`], or the generator's latent vectors are not
    /// normal.
    pub fn with_truncation(mut self, limit: f64) -> Result<Self, TruncationError> {
        if !latent::TRUNCATION.contains(&limit) {
            return Err(TruncationError::OutOfRange(limit));
        }
        if self.config().latent_distribution() != LatentDistribution::Normal {
            return Err(TruncationError::Uniform);
        }
        self.truncation = Some(limit);
        Ok(self)
    }

    /// The limit of [`with_truncation`](Self::with_truncation), if there is one.
    pub fn truncation(&self) -> Option<f64> {
        self.truncation
    }

    /// The configuration of the generator.
    pub fn config(&self) -> &ModelConfig {
        self.generator.config()
    }

    /// The device that draws.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The latent vector of a seed, truncated if this sampler truncates.
    ///
    /// # Shapes
    /// Returns `[z_dim]`.
    pub fn latent(&self, seed: u64) -> Vec<f32> {
        match self.truncation {
            Some(limit) => latent::truncated(self.config(), seed, limit),
            None => latent::from_seed(self.config(), seed),
        }
    }

    /// The pictures of these seeds. A picture depends on its seed alone, bit for bit, not on the
    /// others.
    pub fn pictures(&mut self, seeds: impl IntoIterator<Item = u64>) -> Vec<DynamicImage> {
        let vectors: Vec<_> = seeds.into_iter().map(|seed| self.latent(seed)).collect();
        self.draw(&vectors)
    }

    /// The pictures of these latent vectors. A picture depends on its vector alone, bit for bit.
    ///
    /// # Panics
    /// If a vector does not have `z_dim` coordinates.
    pub fn draw(&mut self, vectors: &[Vec<f32>]) -> Vec<DynamicImage> {
        let config = self.config();
        let shape = PictureShape::square(config.image_size, config.channels);
        self.values(vectors)
            .chunks(shape.values())
            .map(|values| picture_from_values(values, shape))
            .collect()
    }

    /// The pixel values of these latent vectors' pictures.
    ///
    /// # Shapes
    /// `[_, z_dim]` → `[_, image_size, image_size, channels]`, in [−1, 1]
    ///
    /// # Panics
    /// If a vector does not have `z_dim` coordinates.
    pub fn values(&mut self, vectors: &[Vec<f32>]) -> Vec<f32> {
        vectors
            .chunks(self.batch_size)
            .flat_map(|batch| self.draw_batch(batch, None))
            .collect()
    }

    /// As [`values`](Self::values), with a hook: it gets the output of each hidden layer with the
    /// layer's index, and may change it before the next layer.
    ///
    /// # Shapes
    /// The hook gets `[_, height, width, maps]`, see [`hidden_sizes`](Self::hidden_sizes), for one
    /// group of vectors after the other.
    ///
    /// # Panics
    /// If a vector does not have `z_dim` coordinates.
    pub fn values_with_hook(
        &mut self,
        vectors: &[Vec<f32>],
        mut hook: impl FnMut(usize, &mut [f32]) + Send,
    ) -> Vec<f32> {
        vectors
            .chunks(self.batch_size)
            .flat_map(|batch| self.draw_batch(batch, Some(&mut hook)))
            .collect()
    }

    /// Height, width and feature maps of each hidden layer's output.
    pub fn hidden_sizes(&self) -> Vec<LayerSize> {
        self.generator.hidden_sizes()
    }

    /// At most `batch_size` pictures. The rest of the batch is drawn from zeros and dropped.
    fn draw_batch(&mut self, vectors: &[Vec<f32>], hook: Option<LayerHook>) -> Vec<f32> {
        let batch_size = self.batch_size;
        let config = self.generator.config();
        let picture_len = config.image_size * config.image_size * config.channels;
        let mut z = Vec::with_capacity(batch_size * config.z_dim);
        for vector in vectors {
            assert_eq!(vector.len(), config.z_dim, "length of a latent vector");
            z.extend_from_slice(vector);
        }
        z.resize(batch_size * config.z_dim, 0.0);
        let mut values = match hook {
            None => self.generator.draw(&z, None),
            Some(hook) => {
                let mut without_rest = |layer, output: &mut [f32]| {
                    let len = output.len() / batch_size * vectors.len();
                    hook(layer, &mut output[..len]);
                };
                self.generator.draw(&z, Some(&mut without_rest))
            }
        };
        values.truncate(vectors.len() * picture_len);
        values
    }
}

/// A generator that was read from a file.
#[derive(Debug, Clone)]
pub struct LoadedGenerator {
    /// The generator, with the running statistics for sampling.
    pub generator: Generator,
    /// The header of its file.
    pub header: FileHeader,
    /// What it draws, if that is the same from every seed.
    pub collapsed: Option<Drawn>,
}

/// Loads the generator of a run directory, a checkpoint or a generator file, ready for sampling. It
/// has the average of its weights if the training kept one.
///
/// # Errors
/// If there is no generator, its file cannot be read or is corrupt, or it draws no pictures and
/// cannot have been trained: NaN, or always the same with enormous weights.
pub fn load_generator(path: &Path, device: &Device) -> Result<LoadedGenerator, FileError> {
    let file = WeightFile::open(&generator_file(path)?)?;
    let generator = file.generator(device)?;
    ready(&file, generator, device)
}

/// Loads the generator of a checkpoint with the weights of its step instead of their average, ready
/// for sampling.
///
/// # Errors
/// As [`load_generator`]; if the file is no checkpoint, or its training kept no average.
pub fn load_raw_generator(path: &Path, device: &Device) -> Result<LoadedGenerator, FileError> {
    let file = WeightFile::open(path)?;
    file.run()?;
    if !file.has_average() {
        return Err(FileError::NoAverage {
            path: path.to_owned(),
        });
    }
    let generator = file.raw_generator(device)?;
    ready(&file, generator, device)
}

/// The generator of `file` with statistics for sampling, once it has drawn a picture.
fn ready(
    file: &WeightFile,
    mut generator: Generator,
    device: &Device,
) -> Result<LoadedGenerator, FileError> {
    let header = file.header().clone();
    if header.kind == FileKind::Checkpoint {
        // a checkpoint has the running statistics of the training
        generator = estimate_statistics(&generator, device);
    }
    let path = || file.path().to_owned();
    let collapsed = match probe(&generator) {
        None => None,
        Some(Fault::Collapsed(drawn)) => Some(drawn),
        Some(Fault::NotFinite) => return Err(FileError::DrawsNoNumbers { path: path() }),
        Some(Fault::Senseless { drawn, largest }) => {
            return Err(FileError::Senseless {
                path: path(),
                drawn,
                largest,
            });
        }
    };
    Ok(LoadedGenerator {
        generator,
        header,
        collapsed,
    })
}

/// Loads the discriminator of a run directory, a checkpoint or a discriminator file.
///
/// # Errors
/// If there is no discriminator, or its file cannot be read or is corrupt.
pub fn load_discriminator(path: &Path, device: &Device) -> Result<Discriminator, FileError> {
    let file = if path.is_dir() {
        path.join("discriminator.safetensors")
    } else {
        path.to_owned()
    };
    WeightFile::open(&file)?.discriminator(device)
}

/// The file of a run directory's generator; a path that is not a directory is returned as it is.
///
/// # Errors
/// If the directory holds no generator.
pub fn generator_file(path: &Path) -> Result<PathBuf, FileError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let file = path.join("generator.safetensors");
    if file.is_file() {
        return Ok(file);
    }
    let path = path.to_owned();
    match RunDirectory::open_shared(&path) {
        Ok(run) if run.reported_steps().is_empty() => Err(FileError::NoReport {
            is_in_use: run.is_in_use(),
            path,
        }),
        _ => Err(FileError::NoGenerator { path }),
    }
}
