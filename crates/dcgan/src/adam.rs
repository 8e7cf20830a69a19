//! Adam (Kingma and Ba 2014), as defined by PyTorch.

use burn::tensor::{Bool, Gradients, Tensor, TensorData};

use crate::config::{Precision, TrainingConfig};
use crate::loss_scale::LossScale;
use crate::model::{Network, Parameter};
use crate::ops::{AdamStep, adam_step, sum};

/// PyTorch's default ε, added to the denominator.
const EPSILON: f64 = 1e-8;

/// The optimizer of one network.
#[derive(Debug, Clone)]
pub struct Adam {
    settings: AdamStep,
    /// Multiplies the learning rate.
    factor: f64,
    steps: u64,
    /// The first and second moment of each parameter, flat.
    moments: Vec<[Tensor<1>; 2]>,
    /// Scales the loss of a network that computes in `f16`.
    loss_scale: Option<LossScale>,
}

impl Adam {
    /// An optimizer for the parameters of `network`, before its first step. `learning_rate` is that
    /// of this network.
    pub fn new(config: &TrainingConfig, learning_rate: f64, network: &Network) -> Self {
        let zeros = |parameter: &&Parameter| {
            let value = parameter.leaf().clone().inner();
            [value.zeros_like(), value.zeros_like()]
        };
        Self {
            settings: AdamStep {
                learning_rate,
                beta1: config.beta1,
                beta2: config.beta2,
                epsilon: EPSILON,
            },
            factor: 1.0,
            steps: 0,
            moments: network.parameters().iter().map(zeros).collect(),
            loss_scale: match config.precision {
                Precision::F16 => Some(LossScale::new(&network.device())),
                Precision::F32 | Precision::Bf16 => None,
            },
        }
    }

    /// Steps made.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Multiplies the learning rate of the next steps by `factor`.
    pub(crate) fn set_learning_rate_factor(&mut self, factor: f64) {
        self.factor = factor;
    }

    /// The settings of the next step.
    fn current(&self) -> AdamStep {
        AdamStep {
            learning_rate: self.settings.learning_rate * self.factor,
            ..self.settings
        }
    }

    /// The loss of its network, scaled so that its gradients can be passed to [`Adam::step`].
    ///
    /// # Shapes
    /// `[1]` → `[1]`
    pub fn scaled(&self, loss: Tensor<1>) -> Tensor<1> {
        match &self.loss_scale {
            None => loss,
            Some(scale) => scale.scaled(loss),
        }
    }

    /// Updates the parameters of `network`, for which the optimizer was made, with the gradients
    /// of its [scaled](Adam::scaled) loss. Returns the squared length of the gradient, `[1]`.
    ///
    /// With a loss scale, the step is skipped if any gradient is non-finite; the length is then 0.
    pub fn step(&mut self, network: &mut Network, gradients: &mut Gradients) -> Tensor<1> {
        self.steps += 1;
        if self.loss_scale.is_some() {
            return self.step_scaled(network, gradients);
        }
        let settings = self.current();
        let mut squares = Vec::with_capacity(self.moments.len());
        // parameter and moments are moved out and back in, so that they are updated in place
        let moments = std::mem::take(&mut self.moments);
        for (parameter, moments) in network.parameters_mut().into_iter().zip(moments) {
            let Some(gradient) = parameter.leaf().grad_remove(gradients) else {
                self.moments.push(moments); // the loss does not depend on it
                continue;
            };
            let value = parameter.take();
            let moved = adam_step(settings, self.steps, value, gradient, moments);
            parameter.set(Tensor::from_inner(moved.parameter));
            self.moments.push(moved.moments);
            squares.push(moved.squares);
        }
        sum(Tensor::cat(squares, 0))
    }

    /// A step that is made only if all gradients are finite, as decided on the device.
    fn step_scaled(&mut self, network: &mut Network, gradients: &mut Gradients) -> Tensor<1> {
        let settings = self.current();
        let Some(scale) = &mut self.loss_scale else {
            unreachable!("only with a scale");
        };
        let parameters = network.parameters_mut().into_iter();
        let unscaled = parameters.map(|parameter| {
            let gradient = parameter.leaf().grad_remove(gradients)?;
            Some(scale.unscaled(gradient))
        });
        let unscaled: Vec<Option<Tensor<1>>> = unscaled.collect();
        let lengths = unscaled.iter().flatten();
        let squares = lengths.map(|gradient| sum(gradient.clone().square()));
        let squares = sum(Tensor::cat(squares.collect(), 0));
        let good = scale.update(&squares);
        let parameters = network.parameters_mut().into_iter().zip(&mut self.moments);
        for ((parameter, moments), gradient) in parameters.zip(unscaled) {
            let Some(gradient) = gradient else {
                continue; // the loss does not depend on it
            };
            let value = parameter.take();
            let before = (value.clone(), moments.clone());
            let moved = adam_step(settings, self.steps, value, gradient, moments.clone());
            let [first, second] = moved.moments;
            parameter.set(Tensor::from_inner(chosen(&good, moved.parameter, before.0)));
            let [first_before, second_before] = before.1;
            *moments = [
                chosen(&good, first, first_before),
                chosen(&good, second, second_before),
            ];
        }
        chosen(&good, squares.clone(), squares.zeros_like())
    }

    /// The loss scale and the steps since it changed, `[2]`; `None` without a loss scale.
    pub fn loss_scale(&self) -> Option<Tensor<1>> {
        self.loss_scale.as_ref().map(LossScale::state)
    }

    /// Restores a saved [loss scale](Adam::loss_scale).
    pub fn restore_loss_scale(&mut self, state: [f32; 2]) {
        let device = self.moments[0][0].device();
        self.loss_scale = Some(LossScale::from_state(state, &device));
    }

    /// The optimizer of a network that computes in `f32`, without a loss scale.
    pub(crate) fn in_f32(self) -> Self {
        Self {
            loss_scale: None,
            ..self
        }
    }

    /// The moments of every parameter, `[first, second]`, flat and in the order of the
    /// parameters.
    pub fn moments(&self) -> &[[Tensor<1>; 2]] {
        &self.moments
    }

    /// Restores saved steps and moments, in the order of [`Adam::moments`].
    pub fn restore(&mut self, steps: u64, moments: Vec<(Vec<f32>, Vec<f32>)>) {
        self.steps = steps;
        for (place, (first, second)) in self.moments.iter_mut().zip(moments) {
            let device = place[0].device();
            let tensor = |values: Vec<f32>| {
                let length = values.len();
                Tensor::from_data(TensorData::new(values, [length]), &device)
            };
            *place = [tensor(first), tensor(second)];
        }
    }
}

/// `moved` if `good` is true, else `before`.
fn chosen(good: &Tensor<1, Bool>, moved: Tensor<1>, before: Tensor<1>) -> Tensor<1> {
    let mask = good.clone().expand(moved.dims());
    before.mask_where(mask, moved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ModelOptions, Preset, TrainingOptions};
    use crate::device;
    use crate::model::{Generator, to_host};

    fn trained(precision: Precision) -> (Generator, Adam) {
        let model = ModelOptions::new(Preset::Small)
            .with_ngf(2)
            .with_z_dim(3)
            .build()
            .unwrap();
        let generator = Generator::new(&model, 0, &device::of_tests()).unwrap();
        let config = TrainingOptions {
            precision,
            ..TrainingOptions::default()
        }
        .build()
        .unwrap();
        let adam = Adam::new(&config, config.learning_rate, generator.network());
        (generator, adam)
    }

    /// A step down the sum of `steepness` times the square of each value.
    fn step(generator: &mut Generator, adam: &mut Adam, steepness: f32) -> f32 {
        let network = generator.network_mut();
        let parameters = network.parameters().into_iter();
        let squares = parameters.map(|one| sum(one.leaf().clone().square() * steepness));
        let loss = sum(Tensor::cat(squares.collect(), 0));
        let mut gradients = adam.scaled(loss).backward();
        to_host(adam.step(network, &mut gradients))[0]
    }

    fn values(generator: &Generator, adam: &Adam) -> Vec<f32> {
        let parameters = generator.network().parameters().into_iter();
        let moments = adam.moments().iter().flatten();
        let mut values: Vec<f32> = parameters.flat_map(|one| one.values()).collect();
        values.extend(moments.flat_map(|moment| to_host(moment.clone())));
        values
    }

    #[test]
    fn a_scaled_loss_leads_to_the_same_step() {
        let [one, other] = [Precision::F32, Precision::F16].map(|precision| {
            let (mut generator, mut adam) = trained(precision);
            let squares = [1.0, 0.5].map(|steepness| step(&mut generator, &mut adam, steepness));
            (values(&generator, &adam), squares)
        });
        let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-6 * a.abs().max(1e-3);
        assert!(one.0.iter().zip(&other.0).all(near));
        assert!(one.1.iter().zip(&other.1).all(near));
    }

    #[test]
    fn a_step_with_non_finite_gradients_is_skipped_and_halves_the_scale() {
        let (mut generator, mut adam) = trained(Precision::F16);
        assert!(step(&mut generator, &mut adam, 1.0) > 0.0);
        let before = values(&generator, &adam);
        for steepness in [f32::MAX, f32::NAN] {
            assert_eq!(step(&mut generator, &mut adam, steepness), 0.0);
            assert_eq!(values(&generator, &adam), before);
        }
        let scale = adam.loss_scale().map(to_host);
        assert_eq!(scale, Some(vec![65_536.0 / 4.0, 0.0]));
        assert!(step(&mut generator, &mut adam, 1.0) > 0.0);
        assert_ne!(values(&generator, &adam), before);
    }
}
