//! The average of the generator's weights.

use burn::tensor::{Tensor, TensorData};

use crate::config::TrainingConfig;
use crate::model::{Generator, Network, Parameter};
use crate::ops::moving_average;

/// The half-life is at most this part of the pictures seen so far, as in StyleGAN2's training: an
/// average over the first weights, which draw noise, would be of no use for long.
const RAMP_UP: f64 = 0.05;

/// The exponential moving average of the generator's weights (Yazıcı et al. 2018,
/// arXiv 1806.04498): the same pictures with less noise of single steps.
///
/// Its half-life is counted in pictures, so that it means the same for each batch size.
#[derive(Debug, Clone)]
pub struct WeightAverage {
    half_life: f64,
    batch_size: f64,
    /// The average of each parameter, flat.
    values: Vec<Tensor<1>>,
}

impl WeightAverage {
    /// The average before the first step, which is `network` itself; `None` if none is asked for.
    pub(super) fn new(training: &TrainingConfig, network: &Network) -> Option<Self> {
        let inner = |parameter: &Parameter| parameter.leaf().clone().inner();
        training.ema.map(|half_life| Self {
            half_life: half_life as f64,
            batch_size: training.batch_size as f64,
            values: network.parameters().into_iter().map(inner).collect(),
        })
    }

    /// Adds the weights after step `step`, from 1.
    pub(super) fn add(&mut self, network: &Network, step: u64) {
        let decay = self.decay(step);
        let before = std::mem::take(&mut self.values); // moved, so that they are changed in place
        let parameters = network.parameters().into_iter();
        self.values = before
            .into_iter()
            .zip(parameters)
            .map(|(average, parameter)| {
                moving_average(decay, average, parameter.leaf().clone().inner())
            })
            .collect();
    }

    /// How much of the average remains after step `step`: half of it after each half-life.
    fn decay(&self, step: u64) -> f64 {
        let seen = (step - 1) as f64 * self.batch_size;
        let half_life = self.half_life.min(RAMP_UP * seen);
        0.5_f64.powf(self.batch_size / half_life)
    }

    /// `generator` with the averaged weights; its running statistics do not fit them.
    pub(super) fn applied_to(&self, generator: &Generator) -> Generator {
        let mut averaged = generator.clone();
        let parameters = averaged.network_mut().parameters_mut().into_iter();
        for (parameter, value) in parameters.zip(&self.values) {
            parameter.set(Tensor::from_inner(value.clone()));
        }
        averaged
    }

    /// The averages, flat and in the order of the parameters.
    pub fn values(&self) -> &[Tensor<1>] {
        &self.values
    }

    /// Restores saved [values](Self::values).
    pub fn restore(&mut self, values: Vec<Vec<f32>>) {
        for (place, values) in self.values.iter_mut().zip(values) {
            let data = TensorData::new(values, place.shape());
            *place = Tensor::from_data(data, &place.device());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ModelOptions, Preset, TrainingOptions};
    use crate::device;
    use crate::model::to_host;

    fn generator() -> Generator {
        let model = ModelOptions::new(Preset::Small)
            .with_ngf(2)
            .with_z_dim(3)
            .build()
            .unwrap();
        Generator::new(&model, 0, &device::of_tests()).unwrap()
    }

    fn average(half_life: u64, network: &Network) -> WeightAverage {
        let training = TrainingOptions {
            batch_size: 50,
            ema: Some(half_life),
            ..TrainingOptions::default()
        };
        WeightAverage::new(&training.build().unwrap(), network).unwrap()
    }

    #[test]
    fn half_of_the_average_remains_after_a_half_life_which_grows_with_the_pictures_seen() {
        let average = average(1000, generator().network());
        assert_eq!(average.decay(1), 0.0, "the initial weights do not count");
        assert!((average.decay(2) - 0.5_f64.powf(20.0)).abs() < 1e-12);
        // 0.05 of 10,000 pictures
        assert!((average.decay(201).powi(10) - 0.5).abs() < 1e-12);
        for step in [401, 1_000_000] {
            assert!((average.decay(step).powi(20) - 0.5).abs() < 1e-12);
        }
    }

    #[test]
    fn the_average_follows_the_weights_and_is_not_changed_with_them() {
        let mut generator = generator();
        let mut average = average(1000, generator.network());
        let first = |network: &Network| network.parameters()[0].values();
        for (step, value) in [(1, 1.0), (100_000, 2.0)] {
            let parameter = &mut generator.network_mut().parameters_mut()[0];
            parameter.set_values(vec![value; parameter.len()]);
            average.add(generator.network(), step);
        }
        let expected = 2.0 - 0.5_f32.powf(0.05);
        let averaged = average.applied_to(&generator);
        let near = |value: &f32| (value - expected).abs() < 1e-6;
        assert!(first(averaged.network()).iter().all(near));
        assert!(first(generator.network()).iter().all(|value| *value == 2.0));
        assert_eq!(
            to_host(average.values()[0].clone()),
            first(averaged.network())
        );
    }
}
