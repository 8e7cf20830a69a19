//! Drawing pictures with a generator.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use image::DynamicImage;

use crate::checkpoint::{FileError, FileHeader, FileKind, WeightFile};
use crate::image_grid::picture;
use crate::latent;
use crate::model::{Generator, to_host};
use crate::statistics;

/// Pictures that are drawn at once: always so many, since kernels are chosen by the size of a
/// batch, and others round differently.
const BATCH_SIZE: usize = 64;

/// A generator, ready to draw.
pub struct Sampler {
    generator: Generator,
    device: Device,
}

impl Sampler {
    /// The generator of a run folder, a checkpoint or a `generator.safetensors`.
    ///
    /// # Errors
    /// A path that holds no generator, or a damaged one.
    pub fn load(path: &Path, device: &Device) -> Result<(Self, FileHeader), FileError> {
        let file = WeightFile::open(&generator_file(path)?)?;
        let generator = file.generator(device)?;
        let sampler = match file.header().kind {
            // its running statistics are those of the training
            FileKind::Checkpoint => Self::of(&generator, device),
            FileKind::Generator | FileKind::Discriminator => Self {
                generator,
                device: device.clone(),
            },
        };
        Ok((sampler, file.header().clone()))
    }

    /// A generator as it is amid its training: its statistics are estimated first.
    pub fn of(generator: &Generator, device: &Device) -> Self {
        Self {
            generator: statistics::estimate(generator, device),
            device: device.clone(),
        }
    }

    /// The generator with its statistics for sampling.
    pub fn generator(&self) -> &Generator {
        &self.generator
    }

    /// The pictures with these seeds. A picture depends on its seed alone, to the last bit,
    /// not on those that are drawn with it.
    pub fn pictures(&self, seeds: impl IntoIterator<Item = u64>) -> Vec<DynamicImage> {
        let seeds: Vec<u64> = seeds.into_iter().collect();
        let batches = seeds.chunks(BATCH_SIZE);
        batches.flat_map(|batch| self.batch(batch)).collect()
    }

    fn batch(&self, seeds: &[u64]) -> Vec<DynamicImage> {
        let config = self.generator.config();
        let mut z: Vec<f32> = seeds
            .iter()
            .flat_map(|&seed| latent::of_seed(config, seed))
            .collect();
        z.resize(BATCH_SIZE * config.z_dim, 0.0);
        let data = TensorData::new(z, [BATCH_SIZE, config.z_dim, 1, 1]);
        let pictures = self
            .generator
            .forward(Tensor::from_data(data, &self.device));
        let [_, channels, height, width] = pictures.dims();
        to_host(pictures)
            .chunks(channels * height * width)
            .take(seeds.len())
            .map(|values| picture(values, [channels, height, width]))
            .collect()
    }
}

/// A run folder's generator, or the file itself.
///
/// # Errors
/// A folder without a generator.
pub fn generator_file(path: &Path) -> Result<PathBuf, FileError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let file = path.join("generator.safetensors");
    if file.is_file() {
        return Ok(file);
    }
    Err(FileError::NoGenerator {
        path: path.to_owned(),
    })
}
