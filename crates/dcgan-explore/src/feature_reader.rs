//! The discriminator's features of a data set's pictures.

use burn::tensor::{Device, Tensor, TensorData};
use thiserror::Error;

use dcgan::model::Discriminator;
use dcgan_data::{DataError, Dataset};
use dcgan_render::image_grid::PictureShape;

/// Pictures whose features are computed at a time.
const BATCH_SIZE: usize = 64;

/// The pictures of a data set do not fit a discriminator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the pictures are {}, but the discriminator takes {}",
    words(*.found),
    words(*.expected)
)]
pub struct PictureMismatch {
    /// The data set's pictures.
    pub found: PictureShape,
    /// What the discriminator takes.
    pub expected: PictureShape,
}

/// `64x64 grey` or `64x64 colour`.
fn words(shape: PictureShape) -> String {
    let colour = if shape.channels == 1 {
        "grey"
    } else {
        "colour"
    };
    format!("{}x{} {colour}", shape.width, shape.height)
}

/// Checks that a discriminator takes a data set's pictures.
pub(crate) fn check_pictures(
    discriminator: &Discriminator,
    dataset: &Dataset,
) -> Result<(), PictureMismatch> {
    let model = discriminator.config();
    let found = PictureShape::square(dataset.image_size(), dataset.channels());
    let expected = PictureShape::square(model.image_size, model.channels);
    if found != expected {
        return Err(PictureMismatch { found, expected });
    }
    Ok(())
}

/// Computes the [features](Discriminator::features) of a data set's pictures.
pub struct FeatureReader<'a> {
    discriminator: &'a Discriminator,
    dataset: &'a Dataset,
    device: Device,
}

impl<'a> FeatureReader<'a> {
    /// # Errors
    /// If the pictures do not have the discriminator's size and channels.
    pub fn new(
        discriminator: &'a Discriminator,
        dataset: &'a Dataset,
    ) -> Result<Self, PictureMismatch> {
        check_pictures(discriminator, dataset)?;
        Ok(Self {
            discriminator,
            dataset,
            device: discriminator.network().device(),
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

    /// The values of the pictures with the given indices, one after another.
    ///
    /// # Shapes
    /// `[_, image_size, image_size, channels]`, in [−1, 1]
    ///
    /// # Errors
    /// If a picture cannot be read.
    pub fn values(&self, indices: impl IntoIterator<Item = usize>) -> Result<Vec<f32>, DataError> {
        let mut values = Vec::new();
        for index in indices {
            values.extend(self.dataset.scaled_picture(index)?);
        }
        Ok(values)
    }

    /// Values as the discriminator takes them.
    ///
    /// # Shapes
    /// `[_, image_size, image_size, channels]` → `[_, channels, image_size, image_size]`
    pub fn tensor(&self, values: Vec<f32>) -> Tensor<4> {
        let shape = PictureShape::square(self.dataset.image_size(), self.dataset.channels());
        let count = values.len() / shape.values();
        let data = TensorData::new(values, [count, shape.height, shape.width, shape.channels]);
        Tensor::<4>::from_data(data, &self.device).permute([0, 3, 1, 2])
    }

    /// The features of any pictures of the data set's shape.
    ///
    /// # Shapes
    /// `values` `[_, image_size, image_size, channels]`, in [−1, 1]; returns a row of
    /// [`width`](Self::width) features for each picture.
    pub fn features(&self, values: &[f32]) -> Vec<Vec<f32>> {
        self.discriminator.features_of_values(values)
    }

    /// Computes the features of the pictures with the given indices in batches, and passes each
    /// batch to `take` with the place of its first picture in `indices`.
    ///
    /// # Errors
    /// If a picture cannot be read, or `take` fails.
    pub fn for_each_batch<E: From<DataError>>(
        &self,
        indices: &[usize],
        mut take: impl FnMut(usize, Vec<Vec<f32>>) -> Result<(), E>,
    ) -> Result<(), E> {
        for (batch, indices) in indices.chunks(BATCH_SIZE).enumerate() {
            let values = self.values(indices.iter().copied())?;
            take(batch * BATCH_SIZE, self.features(&values))?;
        }
        Ok(())
    }
}
