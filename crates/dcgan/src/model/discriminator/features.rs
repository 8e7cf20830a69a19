//! The discriminator as a feature extractor (the paper, section 5.1).

use burn::tensor::{Tensor, TensorData};

use super::super::to_host;
use super::Discriminator;
use crate::device::in_thread_pool;

/// The side of the grid that the maps of every layer are pooled to.
pub const FEATURE_GRID: usize = 4;

/// Features per map.
const CELLS: usize = FEATURE_GRID * FEATURE_GRID;

const BATCH_SIZE: usize = 64;

impl Discriminator {
    /// The features of pictures: the activations of all layers but the last in inference mode, each
    /// map max-pooled to a 4×4 grid, flattened and concatenated. (Where the grid does not divide a
    /// map, cells overlap by a pixel, as in PyTorch's `AdaptiveMaxPool2d`.)
    ///
    /// # Shapes
    /// `[B, channels, image_size, image_size]` → `[B, F]`, where F is
    /// [`feature_count`](Self::feature_count), 16 for each map
    pub fn features(&self, pictures: Tensor<4>) -> Vec<Vec<f32>> {
        let [batch, ..] = pictures.dims();
        let mut features = vec![Vec::with_capacity(self.feature_count()); batch];
        in_thread_pool(&pictures.device(), || {
            let mut x = pictures;
            for block in self.network().hidden_blocks() {
                x = block.forward_inference(x);
                let [_, channels, height, width] = x.dims();
                let maps = to_host(x.clone());
                let maps = maps.chunks_exact(channels * height * width);
                for (maps, features) in maps.zip(&mut features) {
                    for map in maps.chunks_exact(height * width) {
                        features.extend(pooled(map, width));
                    }
                }
            }
        });
        features
    }

    /// The [features](Self::features) of any number of pictures, in the layout that
    /// [`FoldedGenerator`](crate::model::FoldedGenerator) draws.
    ///
    /// # Shapes
    /// `[_, image_size, image_size, channels]`, in [−1, 1] → `[_, F]`
    ///
    /// # Panics
    /// If the length is not a multiple of that of a picture.
    pub fn features_of_values(&self, pictures: &[f32]) -> Vec<Vec<f32>> {
        let batches = self.batches(pictures);
        batches.flat_map(|batch| self.features(batch)).collect()
    }

    /// The [logits](Self::forward) of any number of pictures, in the same layout.
    ///
    /// # Shapes
    /// `[_, image_size, image_size, channels]`, in [−1, 1] → `[_]`
    ///
    /// # Panics
    /// If the length is not a multiple of that of a picture.
    pub fn logits_of_values(&self, pictures: &[f32]) -> Vec<f32> {
        let device = self.network().device();
        let logits = |batch| in_thread_pool(&device, || to_host(self.forward(batch)));
        self.batches(pictures).flat_map(logits).collect()
    }

    /// Batches of any number of pictures.
    ///
    /// # Shapes
    /// `[_, image_size, image_size, channels]` → `[B, channels, image_size, image_size]`
    pub(super) fn batches(&self, pictures: &[f32]) -> impl Iterator<Item = Tensor<4>> {
        let (side, channels) = (self.config().image_size, self.config().channels);
        let picture_len = side * side * channels;
        assert!(
            pictures.len().is_multiple_of(picture_len),
            "length of pictures"
        );
        let device = self.network().device();
        pictures.chunks(BATCH_SIZE * picture_len).map(move |batch| {
            let shape = [batch.len() / picture_len, side, side, channels];
            let data = TensorData::new(batch.to_vec(), shape);
            Tensor::<4>::from_data(data, &device).permute([0, 3, 1, 2])
        })
    }

    /// The activations of all layers but the last in inference mode, with gradients for the
    /// pictures.
    ///
    /// # Shapes
    /// `[B, channels, image_size, image_size]` → `[B, maps, side, side]` for each layer
    pub fn hidden_activations(&self, pictures: Tensor<4>) -> Vec<Tensor<4>> {
        let mut x = pictures;
        let hidden = self.network().hidden_blocks().iter();
        hidden
            .map(|block| {
                x = block.forward_differentiable(x.clone());
                x.clone()
            })
            .collect()
    }

    /// The number of maps of the last layer before the logit, whose features come last.
    pub fn deepest_maps(&self) -> usize {
        let deepest = self.network().hidden_blocks().last();
        deepest.map_or(0, |block| block.weight_shape()[0])
    }

    /// The number of features of a picture.
    pub fn feature_count(&self) -> usize {
        let hidden = self.network().hidden_blocks().iter();
        let maps: usize = hidden.map(|block| block.weight_shape()[0]).sum();
        CELLS * maps
    }
}

/// The largest value in each cell of a grid over a map.
fn pooled(map: &[f32], width: usize) -> [f32; CELLS] {
    let height = map.len() / width;
    let range = |cell: usize, side: usize| {
        cell * side / FEATURE_GRID..((cell + 1) * side).div_ceil(FEATURE_GRID)
    };
    std::array::from_fn(|cell| {
        let rows = range(cell / FEATURE_GRID, height);
        let columns = range(cell % FEATURE_GRID, width);
        let values = rows.flat_map(|y| map[y * width..][columns.clone()].iter().copied());
        values.fold(f32::NEG_INFINITY, f32::max)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pooling_agrees_with_adaptive_max_pooling() {
        // F.adaptive_max_pool2d(torch.arange(49.).view(1, 7, 7), 4): rows 0-1, 1-3, 3-5, 5-6
        let map: Vec<f32> = (0..49).map(|value| value as f32).collect();
        let expected = [1, 3, 5, 6].map(|row| [1, 3, 5, 6].map(|x| (row * 7 + x) as f32));
        assert_eq!(pooled(&map, 7).as_slice(), expected.as_flattened());
        let map: Vec<f32> = (0..16).map(|value| -(value as f32)).collect();
        assert_eq!(pooled(&map, 4).as_slice(), map);
    }
}
