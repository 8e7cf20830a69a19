//! The losses of both networks.
//!
//! With σ the sigmoid, −ln σ(x) = softplus(−x) and −ln(1 − σ(x)) = softplus(x). Softplus never takes
//! the logarithm of a rounded sigmoid, so no loss overflows or loses its gradient for large logits.

use burn::tensor::Tensor;
use burn::tensor::activation::{relu, softplus};

use crate::config::{Loss, TrainingConfig};
use crate::ops::mean;

/// What both networks minimise.
#[derive(Debug, Clone, Copy)]
pub struct Objective {
    /// The loss.
    pub loss: Loss,
    /// How much of the target 1 for real pictures is taken away; see
    /// [`TrainingOptions::label_smoothing`](crate::config::TrainingOptions::label_smoothing).
    pub label_smoothing: f64,
    /// γ of the gradient penalty, if there is one.
    pub gradient_penalty: Option<f64>,
    /// The weight of the LeCam regularisation, if there is one.
    pub lecam: Option<f64>,
}

impl From<&TrainingConfig> for Objective {
    fn from(training: &TrainingConfig) -> Self {
        Self {
            loss: training.loss,
            label_smoothing: training.label_smoothing,
            gradient_penalty: training.gradient_penalty,
            lecam: training.lecam,
        }
    }
}

impl Objective {
    /// The discriminator's loss, half of the sum over real pictures and fakes for the losses that
    /// add both.
    ///
    /// # Shapes
    /// Logits `[B]`; returns `[1]`, the mean over the batch.
    pub fn of_discriminator(self, real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
        match self.loss {
            Loss::Bce => {
                let of_real = bce_real(real.clone());
                let of_real = match self.label_smoothing {
                    0.0 => of_real,
                    // BCE(D(x), 1 − s) = BCE(D(x), 1) + s·D(x)
                    smoothing => of_real + mean(real) * smoothing,
                };
                (bce_fake(fake) + of_real) / 2.0
            }
            Loss::Hinge => (mean(relu(fake + 1.0)) + mean(relu(-real + 1.0))) / 2.0,
            Loss::Relativistic => bce_real(real - fake),
        }
    }

    /// The generator's loss. The logits of real pictures are computed only if it depends on them.
    ///
    /// # Shapes
    /// Logits `[B]`; returns `[1]`, the mean over the batch.
    pub fn of_generator(self, fake: Tensor<1>, real: impl FnOnce() -> Tensor<1>) -> Tensor<1> {
        match self.loss {
            Loss::Bce => bce_real(fake),
            Loss::Hinge => mean(-fake),
            Loss::Relativistic => bce_real(fake - real()),
        }
    }

    /// Whether the gradient penalty also counts fakes.
    pub fn penalises_fakes(self) -> bool {
        self.loss == Loss::Relativistic
    }
}

impl Loss {
    /// The logits whose sign says whether the discriminator is right about real pictures and
    /// fakes: for the relativistic loss the differences within pairs.
    pub(crate) fn decisions(self, real: Tensor<1>, fake: Tensor<1>) -> (Tensor<1>, Tensor<1>) {
        match self {
            Self::Bce | Self::Hinge => (real, fake),
            Self::Relativistic => {
                let difference = real - fake;
                (difference.clone(), -difference)
            }
        }
    }
}

/// The LeCam regularisation (Tseng et al. 2021, arXiv 2104.03310, equation 5): the squared
/// distances of real logits from the average fake one, and of fake logits from the average real one.
///
/// # Shapes
/// Logits `[B]`, averages of real and fake ones; returns `[1]`, the mean over the batch.
pub fn lecam(
    weight: f64,
    real: Tensor<1>,
    fake: Tensor<1>,
    [average_real, average_fake]: [f32; 2],
) -> Tensor<1> {
    let of_real = mean((real - average_fake).square());
    let of_fake = mean((fake - average_real).square());
    (of_real + of_fake) * weight
}

/// The standard deviation of the noise that measures gradients: about a level of 8-bit colours.
pub const PENALTY_NOISE: f64 = 0.01;

/// γ/2 times the squared length of the gradient of the logits: for noise ε ~ N(0, σ²) on the
/// pictures, E(D(x + ε) − D(x))² / σ² is the squared gradient in the limit of small σ (Lin et al.
/// 2025, arXiv 2501.08316, section 3.2). It needs no second derivatives.
///
/// # Shapes
/// Logits `[B]`, of pictures without and with noise of deviation [`PENALTY_NOISE`]; returns `[1]`,
/// the mean over the batch.
pub fn gradient_penalty(gamma: f64, logits: Tensor<1>, with_noise: Tensor<1>) -> Tensor<1> {
    let change = (with_noise - logits) / PENALTY_NOISE;
    mean(change.square()) * (gamma / 2.0)
}

/// BCE(D(x), 1): small if the discriminator classifies the pictures as real.
///
/// # Shapes
/// `logits` `[B]`; returns `[1]`, the mean over the batch.
pub fn bce_real(logits: Tensor<1>) -> Tensor<1> {
    mean(softplus(-logits, 1.0))
}

/// BCE(D(x), 0): small if the discriminator classifies the pictures as fake.
///
/// # Shapes
/// `logits` `[B]`; returns `[1]`, the mean over the batch.
pub fn bce_fake(logits: Tensor<1>) -> Tensor<1> {
    mean(softplus(logits, 1.0))
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;
    use crate::device;
    use crate::model::to_host;
    use dcgan_support::random::{Purpose, stream};

    const REAL: [f32; 3] = [2.0, 0.5, -1.0];
    const FAKE: [f32; 3] = [-3.0, 0.25, 1.5];

    fn softplus_of(x: f32) -> f32 {
        x.exp().ln_1p()
    }

    fn sigmoid(x: f32) -> f32 {
        1.0 / (1.0 + (-x).exp())
    }

    fn assert_near(what: &str, found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        let near = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-6;
        let all = found.iter().zip(expected).all(near);
        assert!(all, "{what}: {found:?} instead of {expected:?}");
    }

    /// Loss and gradients of the logits: D's of real pictures and fakes, G's of fakes.
    fn computed(loss: Loss) -> [Vec<f32>; 5] {
        let device = device::of_tests();
        let leaf = |values: [f32; 3]| Tensor::<1>::from_floats(values, &device).require_grad();
        let (real, fake) = (leaf(REAL), leaf(FAKE));
        let objective = Objective {
            loss,
            label_smoothing: 0.0,
            gradient_penalty: None,
            lecam: None,
        };
        let of_d = objective.of_discriminator(real.clone(), fake.clone());
        let mut gradients = of_d.backward();
        let grad = |leaf: &Tensor<1>, from: &mut _| to_host(leaf.grad_remove(from).unwrap());
        let d = [grad(&real, &mut gradients), grad(&fake, &mut gradients)];
        let of_g = objective.of_generator(fake.clone(), || real.clone().set_require_grad(false));
        let g = grad(&fake, &mut of_g.backward());
        let [of_real, of_fake] = d;
        [to_host(of_d), of_real, of_fake, to_host(of_g), g]
    }

    fn assert_losses(loss: Loss, expected: [Vec<f32>; 5]) {
        let names = ["loss D", "D's real", "D's fake", "loss G", "G's fake"];
        for ((found, expected), name) in computed(loss).iter().zip(&expected).zip(names) {
            assert_near(&format!("{loss}: {name}"), found, expected);
        }
    }

    fn mean_of(values: [f32; 3]) -> Vec<f32> {
        vec![values.iter().sum::<f32>() / 3.0]
    }

    #[test]
    fn binary_cross_entropy_and_its_gradients_are_those_of_the_definition() {
        let of_real = mean_of(REAL.map(|x| softplus_of(-x)))[0];
        let of_fake = mean_of(FAKE.map(softplus_of))[0];
        assert_losses(
            Loss::Bce,
            [
                vec![(of_real + of_fake) / 2.0],
                REAL.map(|x| -sigmoid(-x) / 6.0).to_vec(),
                FAKE.map(|x| sigmoid(x) / 6.0).to_vec(),
                mean_of(FAKE.map(|x| softplus_of(-x))),
                FAKE.map(|x| -sigmoid(-x) / 3.0).to_vec(),
            ],
        );
    }

    #[test]
    fn the_hinge_loss_ignores_what_is_classified_with_a_margin() {
        // max(0, 1 − real): 0, 0.5, 2; max(0, 1 + fake): 0, 1.25, 2.5
        assert_losses(
            Loss::Hinge,
            [
                vec![(2.5 + 3.75) / 6.0],
                vec![0.0, -1.0 / 6.0, -1.0 / 6.0],
                vec![0.0, 1.0 / 6.0, 1.0 / 6.0],
                vec![1.25 / 3.0],
                vec![-1.0 / 3.0; 3],
            ],
        );
    }

    #[test]
    fn the_relativistic_loss_compares_pairs() {
        let difference = [0, 1, 2].map(|index| REAL[index] - FAKE[index]);
        let pull = difference.map(|x| sigmoid(-x) / 3.0);
        assert_losses(
            Loss::Relativistic,
            [
                mean_of(difference.map(|x| softplus_of(-x))),
                pull.map(|x| -x).to_vec(),
                pull.to_vec(),
                mean_of(difference.map(softplus_of)),
                difference.map(|x| -sigmoid(x) / 3.0).to_vec(),
            ],
        );
    }

    #[test]
    fn the_penalty_is_the_squared_gradient_on_average() {
        const DRAWS: usize = 50_000;
        const PIXELS: usize = 6;
        let device = device::of_tests();
        let values = [0.9, -0.4, 0.1, 0.7, -0.8, 0.3];
        let weights = Tensor::<2>::from_floats([[2.0, -1.0, 0.5, 1.5, -0.3, 0.8]], &device);
        let logits = |pictures: Tensor<2>| -> Tensor<1> {
            let [count, _] = pictures.dims();
            let hidden = (pictures * weights.clone()).sin();
            (hidden.sum_dim(1) * 0.2).tanh().reshape([count])
        };

        let picture = Tensor::<2>::from_floats([values], &device).require_grad();
        let gradients = logits(picture.clone()).backward();
        let gradient = to_host(picture.grad(&gradients).unwrap());
        let squared: f32 = gradient.iter().map(|value| value * value).sum();

        let random = stream(1, Purpose::PenaltyNoise, 0);
        let noise = Distribution::<f32>::sample_iter(StandardNormal, random);
        let noise = noise.take(DRAWS * PIXELS).collect();
        let noise = Tensor::<2>::from_data(TensorData::new(noise, [DRAWS, PIXELS]), &device);
        let pictures = Tensor::<2>::from_floats([values], &device).expand([DRAWS, PIXELS]);
        let moved = pictures.clone() + noise * PENALTY_NOISE;
        let found = to_host(gradient_penalty(3.0, logits(pictures), logits(moved)))[0];
        let expected = 1.5 * squared;
        assert!((found / expected - 1.0).abs() < 0.03, "{found} {expected}");
    }

    #[test]
    fn lecam_pulls_logits_to_the_averages_of_the_other_side() {
        let device = device::of_tests();
        let leaf = |values: [f32; 3]| Tensor::<1>::from_floats(values, &device).require_grad();
        let (real, fake) = (leaf(REAL), leaf(FAKE));
        let loss = lecam(0.5, real.clone(), fake.clone(), [2.0, -1.0]);
        let squares = |values: [f32; 3], to: f32| {
            values.iter().map(|value| (value - to).powi(2)).sum::<f32>() / 3.0
        };
        let expected = 0.5 * (squares(REAL, -1.0) + squares(FAKE, 2.0));
        assert_near("the loss", &to_host(loss.clone()), &[expected]);
        let gradients = loss.backward();
        let of_real = to_host(real.grad(&gradients).unwrap());
        assert_near("real", &of_real, &REAL.map(|value| (value + 1.0) / 3.0));
        let of_fake = to_host(fake.grad(&gradients).unwrap());
        assert_near("fake", &of_fake, &FAKE.map(|value| (value - 2.0) / 3.0));
    }
}
