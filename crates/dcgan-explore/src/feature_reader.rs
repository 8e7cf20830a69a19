//! The discriminator's features of whole data sets.

use std::io;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use thiserror::Error;

use dcgan::model::Discriminator;
use dcgan_data::{DataError, Dataset};
use dcgan_render::npy;
use dcgan_support::atomic_file;

/// Pictures that are looked at at a time.
const BATCH: usize = 64;

/// The label of a picture without one in a file of labels.
const WITHOUT_LABEL: i64 = -1;

/// Why features could not be had or written.
#[derive(Debug, Error)]
pub enum FeatureError {
    /// Pictures of another form than the discriminator's.
    #[error(
        "the pictures are {found_size}x{found_size} with {found_channels} channels, and this discriminator looks at {size}x{size} with {channels}: it is of another model"
    )]
    OtherModel {
        /// The pictures' side.
        found_size: usize,
        /// The pictures' channels.
        found_channels: usize,
        /// The side that the discriminator needs.
        size: usize,
        /// The channels that the discriminator needs.
        channels: usize,
    },
    /// A picture that cannot be read any more.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A file could not be written.
    #[error("cannot write {path}: {source}", path = .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What gives the [features](Discriminator::features) of a data set's pictures.
pub struct FeatureReader<'a> {
    discriminator: &'a Discriminator,
    dataset: &'a Dataset,
    device: Device,
}

impl<'a> FeatureReader<'a> {
    /// Features of the pictures of `dataset`.
    ///
    /// # Errors
    /// Pictures of another size or number of channels than the discriminator's.
    pub fn new(
        discriminator: &'a Discriminator,
        dataset: &'a Dataset,
    ) -> Result<Self, FeatureError> {
        let model = discriminator.config();
        let found = (dataset.image_size(), dataset.channels());
        if found != (model.image_size, model.channels) {
            return Err(FeatureError::OtherModel {
                found_size: found.0,
                found_channels: found.1,
                size: model.image_size,
                channels: model.channels,
            });
        }
        Ok(Self {
            discriminator,
            dataset,
            device: discriminator.network().parameters()[0].leaf().device(),
        })
    }

    /// How many features a picture has.
    pub fn width(&self) -> usize {
        self.discriminator.feature_count()
    }

    /// The data set.
    pub fn dataset(&self) -> &'a Dataset {
        self.dataset
    }

    /// The values of one picture.
    ///
    /// # Shapes
    /// `[image_size, image_size, channels]`, in [−1, 1]
    ///
    /// # Errors
    /// A picture that cannot be read any more.
    pub fn values(&self, index: usize) -> Result<Vec<f32>, DataError> {
        self.dataset.scaled_picture(index)
    }

    /// Pictures as the discriminator takes them.
    ///
    /// # Shapes
    /// `values` `[_, image_size, image_size, channels]` →
    /// `[B, channels, image_size, image_size]`
    pub fn tensor(&self, values: Vec<f32>) -> Tensor<4> {
        let (side, channels) = (self.dataset.image_size(), self.dataset.channels());
        let count = values.len() / (side * side * channels);
        let data = TensorData::new(values, [count, side, side, channels]);
        Tensor::<4>::from_data(data, &self.device).permute([0, 3, 1, 2])
    }

    /// The features of pictures that need not be of the data set.
    ///
    /// # Shapes
    /// `values` `[_, image_size, image_size, channels]`, in [−1, 1]; a row of
    /// [`width`](Self::width) features for each
    pub fn of_values(&self, values: &[f32]) -> Vec<Vec<f32>> {
        self.discriminator.features_of_values(values)
    }

    /// Gives the features of pictures to `take`, a few pictures at a time: the place of the first
    /// among `indices`, and their rows.
    ///
    /// # Errors
    /// A picture that cannot be read any more, and what `take` says.
    pub fn each<E: From<DataError>>(
        &self,
        indices: &[usize],
        mut take: impl FnMut(usize, Vec<Vec<f32>>) -> Result<(), E>,
    ) -> Result<(), E> {
        for (batch, indices) in indices.chunks(BATCH).enumerate() {
            let mut values = Vec::new();
            for &index in indices {
                values.extend(self.values(index)?);
            }
            take(batch * BATCH, self.of_values(&values))?;
        }
        Ok(())
    }
}

/// Writes the features of all pictures as a NumPy array, whole or not at all, a few pictures at a
/// time. `progress` is told how many are done, and answers whether to go on.
///
/// ```
/// use dcgan::config::{ModelOptions, Preset};
/// use dcgan_data::{DataSource, Dataset, PictureOptions};
/// use dcgan_explore::feature_reader::{FeatureReader, write_features};
/// use dcgan::model::Discriminator;
///
/// let device = dcgan::device::by_name("cpu")?;
/// let model = ModelOptions::new(Preset::Small).with_ndf(4).build()?;
/// let discriminator = Discriminator::new(&model, 0, &device)?;
/// let faces = DataSource::Demo { count: 5, seed: 0 };
/// let faces = Dataset::load(&faces, &PictureOptions::default(), &|_, _| {}, &|| false)?;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("features.npy");
/// let reader = FeatureReader::new(&discriminator, &faces)?;
/// write_features(&path, &reader, &|_| true)?;
/// // 16 numbers for each of 4 + 8 + 16 + 32 maps, of 4 bytes, after the header
/// assert_eq!(path.metadata()?.len(), 128 + 5 * 16 * 60 * 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Shapes
/// `[pictures, width]` of `f32`
///
/// # Errors
/// A picture that cannot be read any more, what the disk has against it, and
/// [`DataError::Interrupted`]; an older file is then still there.
pub fn write_features(
    path: &Path,
    reader: &FeatureReader,
    progress: &(dyn Fn(usize) -> bool + Sync),
) -> Result<(), FeatureError> {
    let indices: Vec<usize> = (0..reader.dataset.len()).collect();
    let shape = [indices.len() as u64, reader.width() as u64];
    // what stopped the writing, if it was not the disk
    let mut stopped = None;
    let written = atomic_file::write(path, |writer| {
        writer.write_all(&npy::header("<f4", &shape))?;
        let done = reader.each(&indices, |first, rows| {
            let bytes: Vec<u8> = rows
                .concat()
                .into_iter()
                .flat_map(f32::to_le_bytes)
                .collect();
            writer
                .write_all(&bytes)
                .map_err(|error| write_error(path, error))?;
            match progress(first + rows.len()) {
                true => Ok(()),
                false => Err(FeatureError::Data(DataError::Interrupted)),
            }
        });
        done.map_err(|error| {
            stopped = Some(error);
            io::ErrorKind::Interrupted.into()
        })
    });
    match stopped {
        Some(error) => Err(error),
        None => written.map_err(|error| write_error(path, error)),
    }
}

/// Writes labels as a NumPy array of 64-bit integers, −1 where there is none.
///
/// # Errors
/// What the disk has against it.
pub fn write_labels(path: &Path, labels: &[Option<usize>]) -> Result<(), FeatureError> {
    let number = |label: &Option<usize>| label.map_or(WITHOUT_LABEL, |label| label as i64);
    let labels: Vec<i64> = labels.iter().map(number).collect();
    npy::write_integers(path, &labels).map_err(|error| write_error(path, error))
}

fn write_error(path: &Path, source: io::Error) -> FeatureError {
    FeatureError::Write {
        path: path.to_owned(),
        source,
    }
}
