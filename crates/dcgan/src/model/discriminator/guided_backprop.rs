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
        self.guided(pictures, |activations| largest(activations, maps))
    }

    /// As [`guided_backpropagation`](Self::guided_backpropagation), from the unit of the last layer before the
    /// logit that is most active at one place of a picture.
    ///
    /// # Shapes
    /// `picture` `[1, channels, image_size, image_size]`; `at` is x and y of the place, from 0 to 1
    pub fn guided_backpropagation_at(&self, picture: Tensor<4>, at: [f64; 2]) -> GuidedGradient {
        let mut gradients = self.guided(picture, |activations| largest_at(activations, at));
        gradients.swap_remove(0)
    }

    /// As [`guided_backpropagation_at`](Self::guided_backpropagation_at), of a picture as generators draw it.
    ///
    /// # Shapes
    /// `picture` `[image_size, image_size, channels]`, in [−1, 1]
    ///
    /// # Panics
    /// If the length is not that of a picture.
    pub fn guided_backpropagation_at_values(
        &self,
        picture: &[f32],
        at: [f64; 2],
    ) -> GuidedGradient {
        let picture = self.batches(picture).next().expect("a picture");
        self.guided_backpropagation_at(picture, at)
    }

    /// Guided backpropagation from units that `choose` finds among the last layer's activations: their
    /// activations, and a tensor that is 1 at them and 0 elsewhere.
    fn guided(
        &self,
        pictures: Tensor<4>,
        choose: impl FnOnce(&Tensor<4>) -> (Vec<f32>, Tensor<4>) + Send,
    ) -> Vec<GuidedGradient> {
        let [batch, ..] = pictures.dims();
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
            let (activations, mut gradient) = choose(&x);
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

/// The largest activation at a place of one picture, and a tensor that is 1 there and 0 elsewhere.
fn largest_at(activations: &Tensor<4>, [x, y]: [f64; 2]) -> (Vec<f32>, Tensor<4>) {
    let [_, channels, height, width] = activations.dims();
    let cell = |at: f64, cells: usize| ((at * cells as f64) as usize).min(cells - 1);
    let place = cell(y, height) * width + cell(x, width);
    let values = to_host(activations.clone());
    let units = (0..channels).map(|map| map * height * width + place);
    let strongest = units.max_by(|&one, &other| values[one].total_cmp(&values[other]));
    let unit = strongest.expect("a layer has maps");
    let mut ones = vec![0.0; values.len()];
    ones[unit] = 1.0;
    let data = TensorData::new(ones, activations.dims());
    (
        vec![values[unit]],
        Tensor::from_data(data, &activations.device()),
    )
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

    #[test]
    fn the_gradient_at_a_place_is_around_that_place() {
        let device = crate::device::by_name("cpu").unwrap();
        let model = ModelOptions::new(Preset::Small)
            .with_ndf(4)
            .build()
            .unwrap();
        let discriminator = Discriminator::new(&model, 1, &device).unwrap();
        let center = |at: [f64; 2]| {
            let guided = discriminator.guided_backpropagation_at(pictures(1, 64), at);
            let mut weights = [0.0_f64; 3]; // all, times x, times y
            for (place, value) in guided.gradient.iter().enumerate() {
                let (x, y) = (place / 3 % 64, place / 3 / 64);
                let weight = f64::from(value.abs());
                weights[0] += weight;
                weights[1] += weight * x as f64;
                weights[2] += weight * y as f64;
            }
            assert!(weights[0] > 0.0);
            [weights[1] / weights[0], weights[2] / weights[0]]
        };
        let (left, right) = (center([0.0, 0.5]), center([1.0, 0.5]));
        assert!(left[0] < 28.0 && right[0] > 36.0, "{left:?} {right:?}");
        let (top, bottom) = (center([0.5, 0.0]), center([0.5, 0.999]));
        assert!(top[1] < 28.0 && bottom[1] > 36.0, "{top:?} {bottom:?}");
    }
}
