//! Drawing pictures with a generator.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use image::DynamicImage;

use crate::checkpoint::{FileError, FileHeader, FileKind, WeightFile};
use crate::config::ModelConfig;
use crate::latent;
use crate::model::{Discriminator, Drawer, Generator, Hidden};
use crate::statistics;
use dcgan_render::image_grid::channels_last_picture;

/// Pictures that are drawn at once: always so many, since kernels are chosen by the size of a
/// batch, and others round differently.
const BATCH_SIZE: usize = 64;

/// A generator, ready to draw.
pub struct Sampler {
    generator: Drawer,
    device: Device,
}

impl Sampler {
    /// The generator of a run folder, a checkpoint or a `generator.safetensors`.
    ///
    /// # Errors
    /// A path that holds no generator, or a damaged one.
    pub fn load(path: &Path, device: &Device) -> Result<(Self, FileHeader), FileError> {
        let (generator, header) = load_generator(path, device)?;
        Ok((Self::new(generator), header))
    }

    /// A generator whose running statistics are meant for sampling.
    pub fn new(generator: Generator) -> Self {
        let device = generator.network().device();
        let generator = Drawer::new(generator, BATCH_SIZE);
        Self { generator, device }
    }

    /// What the generator was built from.
    pub fn config(&self) -> &ModelConfig {
        self.generator.config()
    }

    /// Where it draws.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The pictures with these seeds. A picture depends on its seed alone, to the last bit,
    /// not on those that are drawn with it.
    pub fn pictures(&mut self, seeds: impl IntoIterator<Item = u64>) -> Vec<DynamicImage> {
        let config = self.config();
        let vectors: Vec<_> = seeds
            .into_iter()
            .map(|seed| latent::from_seed(config, seed))
            .collect();
        self.draw(&vectors)
    }

    /// The pictures of these latent vectors, each of which depends on its vector alone.
    ///
    /// # Panics
    /// If a vector has not `z_dim` coordinates.
    pub fn draw(&mut self, vectors: &[Vec<f32>]) -> Vec<DynamicImage> {
        let config = self.config();
        let shape = [config.image_size, config.image_size, config.channels];
        self.values(vectors)
            .chunks(shape.iter().product())
            .map(|values| channels_last_picture(values, shape))
            .collect()
    }

    /// The values of these latent vectors' pictures.
    ///
    /// # Shapes
    /// `[_, z_dim]` → `[_, image_size, image_size, channels]`, in [−1, 1]
    ///
    /// # Panics
    /// If a vector has not `z_dim` coordinates.
    pub fn values(&mut self, vectors: &[Vec<f32>]) -> Vec<f32> {
        let batches = vectors.chunks(BATCH_SIZE);
        let values = batches.flat_map(|batch| self.batch(batch, None));
        values.collect()
    }

    /// As [`values`](Self::values); what each of the generator's layers but the last one answers
    /// is shown to `hidden` with the layer's number, and may be changed before it goes on.
    ///
    /// # Shapes
    /// `hidden` gets `[_, height, width, maps]`, see [`hidden_sizes`](Self::hidden_sizes), for some
    /// vectors after the others
    ///
    /// # Panics
    /// If a vector has not `z_dim` coordinates.
    pub fn values_with(
        &mut self,
        vectors: &[Vec<f32>],
        mut hidden: impl FnMut(usize, &mut [f32]) + Send,
    ) -> Vec<f32> {
        let batches = vectors.chunks(BATCH_SIZE);
        let values = batches.flat_map(|batch| self.batch(batch, Some(&mut hidden)));
        values.collect()
    }

    /// The sizes of what each of the generator's layers but the last one answers: height, width
    /// and maps.
    pub fn hidden_sizes(&self) -> Vec<[usize; 3]> {
        self.generator.hidden_sizes()
    }

    fn batch(&mut self, vectors: &[Vec<f32>], hidden: Option<Hidden>) -> Vec<f32> {
        let config = self.generator.config();
        let picture_len = config.image_size * config.image_size * config.channels;
        let mut z = Vec::with_capacity(BATCH_SIZE * config.z_dim);
        for vector in vectors {
            assert_eq!(vector.len(), config.z_dim, "length of a latent vector");
            z.extend_from_slice(vector);
        }
        z.resize(BATCH_SIZE * config.z_dim, 0.0);
        let mut values = match hidden {
            None => self.generator.draw(&z, None),
            Some(hidden) => {
                let mut of_vectors = |layer, answer: &mut [f32]| {
                    let of_vectors = answer.len() / BATCH_SIZE * vectors.len();
                    hidden(layer, &mut answer[..of_vectors]);
                };
                self.generator.draw(&z, Some(&mut of_vectors))
            }
        };
        values.truncate(vectors.len() * picture_len);
        values
    }
}

/// The generator of a run folder, a checkpoint or a `generator.safetensors`, with the running
/// statistics for sampling.
///
/// # Errors
/// A path that holds no generator, or a damaged one.
pub fn load_generator(path: &Path, device: &Device) -> Result<(Generator, FileHeader), FileError> {
    let file = WeightFile::open(&generator_file(path)?)?;
    let generator = file.generator(device)?;
    let generator = match file.header().kind {
        // its running statistics are those of the training
        FileKind::Checkpoint => statistics::estimate(&generator, device),
        FileKind::Generator | FileKind::Discriminator => generator,
    };
    Ok((generator, file.header().clone()))
}

/// The discriminator of a run folder, or of a checkpoint or a `discriminator.safetensors`.
///
/// # Errors
/// A path that holds no discriminator, or a damaged one.
pub fn load_discriminator(path: &Path, device: &Device) -> Result<Discriminator, FileError> {
    let file = match path.is_dir() {
        true => path.join("discriminator.safetensors"),
        false => path.to_owned(),
    };
    WeightFile::open(&file)?.discriminator(device)
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
