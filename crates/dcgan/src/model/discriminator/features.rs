//! The discriminator as a feature extractor (the paper, section 5.1).

use burn::tensor::{Tensor, TensorData};

use super::super::to_host;
use super::Discriminator;
use crate::device::in_thread_pool;

/// Side of the grid that every layer's maps are pooled to.
pub const GRID: usize = 4;

/// Pictures that are looked at together.
const BATCH: usize = 64;

impl Discriminator {
    /// The features of pictures: what all layers but the last one answer in inference mode, each
    /// map max-pooled to a 4×4 grid, flattened and joined. (Where the grid does not divide a map,
    /// cells overlap by a pixel, as in PyTorch's `AdaptiveMaxPool2d`.)
    ///
    /// # Shapes
    /// `[B, channels, image_size, image_size]` → `[B, F]`, where F is 16 for each map: see
    /// [`feature_count`](Self::feature_count)
    pub fn features(&self, pictures: Tensor<4>) -> Vec<Vec<f32>> {
        let [batch, ..] = pictures.dims();
        let mut features = vec![Vec::with_capacity(self.feature_count()); batch];
        let (_, hidden) = self.network().blocks().split_last().expect("D has layers");
        in_thread_pool(&pictures.device(), || {
            let mut x = pictures;
            for block in hidden {
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

    /// The [features](Self::features) of pictures as [`FoldedGenerator`](super::FoldedGenerator)
    /// draws them, as many as there are.
    ///
    /// # Shapes
    /// `[_, image_size, image_size, channels]`, in [−1, 1] → `[_, F]`
    ///
    /// # Panics
    /// If the values make up no whole number of pictures.
    pub fn features_of_values(&self, pictures: &[f32]) -> Vec<Vec<f32>> {
        let (side, channels) = (self.config().image_size, self.config().channels);
        let picture_len = side * side * channels;
        assert!(
            pictures.len().is_multiple_of(picture_len),
            "length of pictures"
        );
        let device = self.network().device();
        let batches = pictures.chunks(BATCH * picture_len).flat_map(|batch| {
            let shape = [batch.len() / picture_len, side, side, channels];
            let data = TensorData::new(batch.to_vec(), shape);
            let batch = Tensor::<4>::from_data(data, &device);
            self.features(batch.permute([0, 3, 1, 2]))
        });
        batches.collect()
    }

    /// What all layers but the last one answer in inference mode, with gradients for the pictures.
    ///
    /// # Shapes
    /// `[B, channels, image_size, image_size]` → `[B, maps, side, side]` for each layer
    pub fn hidden_fixed(&self, pictures: Tensor<4>) -> Vec<Tensor<4>> {
        let (_, hidden) = self.network().blocks().split_last().expect("D has layers");
        let mut x = pictures;
        let answers = hidden.iter().map(|block| {
            x = block.forward_fixed(x.clone());
            x.clone()
        });
        answers.collect()
    }

    /// How many maps the last layer before the logit has: their features are the last ones, 16
    /// for each.
    pub fn deepest_maps(&self) -> usize {
        let (_, hidden) = self.network().blocks().split_last().expect("D has layers");
        hidden.last().map_or(0, |block| block.layer().1[0])
    }

    /// How many features a picture has.
    pub fn feature_count(&self) -> usize {
        let (_, hidden) = self.network().blocks().split_last().expect("D has layers");
        let maps = hidden.iter().map(|block| block.layer().1[0]);
        GRID * GRID * maps.sum::<usize>()
    }
}

/// The largest value in each cell of a grid over a map.
fn pooled(map: &[f32], width: usize) -> [f32; GRID * GRID] {
    let height = map.len() / width;
    let cell = |place: usize, side: usize| place * side / GRID..((place + 1) * side).div_ceil(GRID);
    std::array::from_fn(|place| {
        let rows = cell(place / GRID, height);
        let columns = cell(place % GRID, width);
        let values = rows.flat_map(|y| map[y * width..][columns.clone()].iter().copied());
        values.fold(f32::NEG_INFINITY, f32::max)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_those_of_adaptive_max_pooling() {
        // F.adaptive_max_pool2d(torch.arange(49.).view(1, 7, 7), 4): rows 0-1, 1-3, 3-5, 5-6
        let map: Vec<f32> = (0..49).map(|value| value as f32).collect();
        let expected = [1, 3, 5, 6].map(|row| [1, 3, 5, 6].map(|x| (row * 7 + x) as f32));
        assert_eq!(pooled(&map, 7).as_slice(), expected.as_flattened());
        let map: Vec<f32> = (0..16).map(|value| -(value as f32)).collect();
        assert_eq!(pooled(&map, 4).as_slice(), map);
    }
}
