//! Guided backpropagation: what in a picture activates a feature of the discriminator.

use burn::tensor::{Tensor, TensorData};

use super::super::to_host;
use super::Discriminator;
use crate::device::in_thread_pool;
use crate::ops::{self, LEAKY_SLOPE};

/// How strongly a picture activates a map, and what in the picture does.
#[derive(Debug, Clone, PartialEq)]
pub struct GuidedGradient {
    /// The largest activation of the map.
    pub activation: f32,
    /// Its guided gradient, `[image_size, image_size, channels]`.
    pub gradient: Vec<f32>,
}

impl Discriminator {
    /// Guided backpropagation (Springenberg, Dosovitskiy, Brox and Riedmiller 2014, "Striving for
    /// Simplicity: The All Convolutional Net"), as in the paper's Figure 5: from the largest
    /// activation of one map of the last layer before the logit back to the picture.
    ///
    /// At each leaky ReLU only positive gradients pass, multiplied by its slope where its input was
    /// negative. So whatever lowers the activation is left out.
    ///
    /// # Shapes
    /// `pictures` `[B, channels, image_size, image_size]`; `maps` `[B]`, each below
    /// [`deepest_maps`](Self::deepest_maps)
    ///
    /// # Panics
    /// If the number of maps differs from that of pictures, or a map does not exist.
    pub fn guided_backpropagation(
        &self,
        pictures: Tensor<4>,
        maps: &[usize],
    ) -> Vec<GuidedGradient> {
        let [batch, ..] = pictures.dims();
        assert_eq!(batch, maps.len(), "one map for each picture");
        in_thread_pool(&pictures.device(), || {
            // the input of each layer, and that of its activation
            let mut passed = Vec::new();
            let mut x = pictures;
            for block in self.network().hidden_blocks() {
                let input = x.detach().require_grad();
                let sums = block.before_activation(input.clone());
                x = ops::activate(sums.clone(), block.activation_function());
                passed.push((input, sums));
            }
            let (activations, mut gradient) = largest(&x, maps);
            for (input, sums) in passed.into_iter().rev() {
                let guided = gradient.clamp_min(0.0) * slopes(sums.clone().detach());
                // sums are affine in the input: this carries `guided` through the layer
                let mut gradients = ops::sum(sums * guided).backward();
                gradient = input.grad_remove(&mut gradients).expect("a leaf");
            }
            let values = to_host(gradient.permute([0, 2, 3, 1]));
            let each = values.chunks_exact(values.len() / batch.max(1));
            activations
                .into_iter()
                .zip(each)
                .map(|(activation, gradient)| GuidedGradient {
                    activation,
                    gradient: gradient.to_vec(),
                })
                .collect()
        })
    }
}

/// The largest activation of a map for each picture, and a tensor that is 1 there and 0 elsewhere.
fn largest(activations: &Tensor<4>, maps: &[usize]) -> (Vec<f32>, Tensor<4>) {
    let [_, channels, height, width] = activations.dims();
    let area = height * width;
    let values = to_host(activations.clone());
    let mut ones = vec![0.0; values.len()];
    let mut found = Vec::with_capacity(maps.len());
    for (picture, &map) in maps.iter().enumerate() {
        assert!(map < channels, "there is no map {map}");
        let start = (picture * channels + map) * area;
        let places = values[start..start + area].iter().copied().enumerate();
        let largest = places.max_by(|(_, one), (_, other)| one.total_cmp(other));
        let (place, activation) = largest.expect("maps have pixels");
        ones[start + place] = 1.0;
        found.push(activation);
    }
    let data = TensorData::new(ones, activations.dims());
    (found, Tensor::from_data(data, &activations.device()))
}

/// The leaky ReLU's slope for each of its inputs.
fn slopes(sums: Tensor<4>) -> Tensor<4> {
    sums.greater_elem(0.0).float() * (1.0 - LEAKY_SLOPE) + LEAKY_SLOPE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ModelOptions, Preset};

    fn pictures(count: usize, side: usize) -> Tensor<4> {
        let device = crate::device::by_name("cpu").unwrap();
        let length = count * 3 * side * side;
        let values: Vec<f32> = (0..length).map(|at| (at as f32 * 0.37).sin()).collect();
        Tensor::from_data(TensorData::new(values, [count, 3, side, side]), &device)
    }

    fn activations(discriminator: &Discriminator, pictures: Tensor<4>) -> Vec<Vec<f32>> {
        let all = discriminator.features(pictures);
        let maps = discriminator.deepest_maps();
        let deepest = |row: &Vec<f32>| {
            let cells = row[row.len() - maps * 16..].chunks_exact(16);
            cells
                .map(|cells| cells.iter().copied().fold(f32::NEG_INFINITY, f32::max))
                .collect()
        };
        all.iter().map(deepest).collect()
    }

    #[test]
    fn activations_agree_with_the_features_and_a_step_along_the_gradient_raises_them() {
        let device = crate::device::by_name("cpu").unwrap();
        for preset in [Preset::Tutorial, Preset::Small, Preset::Paper] {
            let model = ModelOptions::new(preset).with_ndf(4).build().unwrap();
            let discriminator = Discriminator::new(&model, 1, &device).unwrap();
            let pictures = pictures(3, 64);
            let maps = [0, 5, 2];
            let guided = discriminator.guided_backpropagation(pictures.clone(), &maps);
            let before = activations(&discriminator, pictures.clone());
            let gradients: Vec<f32> = guided
                .iter()
                .flat_map(|guided| guided.gradient.clone())
                .collect();
            let largest = gradients.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
            assert!(largest > 0.0, "{preset}");
            let step = Tensor::<4>::from_data(TensorData::new(gradients, [3, 64, 64, 3]), &device);
            let step = step.permute([0, 3, 1, 2]) * (0.05 / largest);
            let after = activations(&discriminator, pictures + step);
            for (picture, (map, guided)) in maps.iter().zip(&guided).enumerate() {
                let (was, is) = (before[picture][*map], after[picture][*map]);
                assert!(
                    (guided.activation - was).abs() < 1e-4 * was.abs().max(1e-3),
                    "{preset}"
                );
                assert!(is > was, "{preset}: {was} before, {is} after");
            }
        }
    }
}
