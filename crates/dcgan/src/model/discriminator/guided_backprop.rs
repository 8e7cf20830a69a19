//! Guided backpropagation: what in a picture a feature of the discriminator answers to.

use burn::tensor::{Tensor, TensorData};

use super::super::to_host;
use super::Discriminator;
use crate::device::in_thread_pool;
use crate::ops::{self, LEAKY_SLOPE};

/// How strongly a map answers to a picture, and to what in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// The strongest answer of the map.
    pub answer: f32,
    /// What is carried back from there, `[image_size, image_size, channels]`.
    pub gradient: Vec<f32>,
}

impl Discriminator {
    /// Guided backpropagation (Springenberg, Dosovitskiy, Brox and Riedmiller 2014, "Striving for
    /// Simplicity: The All Convolutional Net"), as the paper's Figure 5 has it: from the strongest
    /// answer of one map of the last layer before the logit back to the picture.
    ///
    /// At each leaky ReLU only positive gradients pass, and where its input was negative, they
    /// pass by its slope. So what speaks against the answer is left out, and what speaks for it
    /// stays.
    ///
    /// # Shapes
    /// `pictures` `[B, channels, image_size, image_size]`; for each a map below
    /// [`deepest_maps`](Self::deepest_maps)
    ///
    /// # Panics
    /// If there are not as many maps as pictures, or there is no such map.
    pub fn guided_backpropagation(&self, pictures: Tensor<4>, maps: &[usize]) -> Vec<Cause> {
        let [batch, ..] = pictures.dims();
        assert_eq!(batch, maps.len(), "one map for each picture");
        let (_, hidden) = self.network().blocks().split_last().expect("D has layers");
        in_thread_pool(&pictures.device(), || {
            // the input of each layer, and what its activation gets
            let mut passed = Vec::new();
            let mut x = pictures;
            for block in hidden {
                let input = x.detach().require_grad();
                let sums = block.before_activation(input.clone());
                x = ops::activate(sums.clone(), block.activation_function());
                passed.push((input, sums));
            }
            let (answers, mut gradient) = strongest(&x, maps);
            for (input, sums) in passed.into_iter().rev() {
                let guided = gradient.clamp_min(0.0) * slopes(sums.clone().detach());
                // sums are linear in the input: this carries `guided` through the layer
                let mut gradients = ops::sum(sums * guided).backward();
                gradient = input.grad_remove(&mut gradients).expect("a leaf");
            }
            let values = to_host(gradient.permute([0, 2, 3, 1]));
            let each = values.chunks_exact(values.len() / batch.max(1));
            let causes = answers.into_iter().zip(each);
            causes
                .map(|(answer, gradient)| Cause {
                    answer,
                    gradient: gradient.to_vec(),
                })
                .collect()
        })
    }
}

/// The strongest answer of a map to each picture, and 1 where it is, else 0.
fn strongest(answers: &Tensor<4>, maps: &[usize]) -> (Vec<f32>, Tensor<4>) {
    let [_, channels, height, width] = answers.dims();
    let area = height * width;
    let values = to_host(answers.clone());
    let mut ones = vec![0.0; values.len()];
    let mut found = Vec::with_capacity(maps.len());
    for (picture, &map) in maps.iter().enumerate() {
        assert!(map < channels, "there is no map {map}");
        let start = (picture * channels + map) * area;
        let places = values[start..start + area].iter().copied().enumerate();
        let best = places.max_by(|(_, one), (_, other)| one.total_cmp(other));
        let (place, answer) = best.expect("maps have places");
        ones[start + place] = 1.0;
        found.push(answer);
    }
    let data = TensorData::new(ones, answers.dims());
    (found, Tensor::from_data(data, &answers.device()))
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

    fn answers(discriminator: &Discriminator, pictures: Tensor<4>) -> Vec<Vec<f32>> {
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
    fn the_answers_are_those_of_the_features_and_a_step_along_the_cause_strengthens_them() {
        let device = crate::device::by_name("cpu").unwrap();
        for preset in [Preset::Tutorial, Preset::Small, Preset::Paper] {
            let model = ModelOptions::new(preset).with_ndf(4).build().unwrap();
            let discriminator = Discriminator::new(&model, 1, &device).unwrap();
            let pictures = pictures(3, 64);
            let maps = [0, 5, 2];
            let causes = discriminator.guided_backpropagation(pictures.clone(), &maps);
            let before = answers(&discriminator, pictures.clone());
            let gradients: Vec<f32> = causes
                .iter()
                .flat_map(|cause| cause.gradient.clone())
                .collect();
            let largest = gradients.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
            assert!(largest > 0.0, "{preset}");
            let step = Tensor::<4>::from_data(TensorData::new(gradients, [3, 64, 64, 3]), &device);
            let step = step.permute([0, 3, 1, 2]) * (0.05 / largest);
            let after = answers(&discriminator, pictures + step);
            for (picture, (map, cause)) in maps.iter().zip(&causes).enumerate() {
                let (was, is) = (before[picture][*map], after[picture][*map]);
                assert!(
                    (cause.answer - was).abs() < 1e-4 * was.abs().max(1e-3),
                    "{preset}"
                );
                assert!(is > was, "{preset}: {was} before, {is} after");
            }
        }
    }
}
