//! The losses of both networks.
//!
//! With σ the sigmoid, −ln σ(x) = softplus(−x) and −ln(1 − σ(x)) = softplus(x). Softplus never takes
//! the logarithm of a rounded sigmoid, so no loss overflows or loses its gradient for large logits.

use burn::tensor::Tensor;
use burn::tensor::activation::{relu, softplus};

use crate::config::Loss;
use crate::ops::mean;

impl Loss {
    /// The discriminator's loss, half of the sum over real pictures and fakes for the losses that
    /// add both.
    ///
    /// # Shapes
    /// Logits `[B]`; returns `[1]`, the mean over the batch.
    pub fn of_discriminator(self, real: Tensor<1>, fake: Tensor<1>) -> Tensor<1> {
        match self {
            Self::Bce => (bce_fake(fake) + bce_real(real)) / 2.0,
            Self::Hinge => (mean(relu(fake + 1.0)) + mean(relu(-real + 1.0))) / 2.0,
            Self::Relativistic => bce_real(real - fake),
        }
    }

    /// The generator's loss. The logits of real pictures are computed only if it depends on them.
    ///
    /// # Shapes
    /// Logits `[B]`; returns `[1]`, the mean over the batch.
    pub fn of_generator(self, fake: Tensor<1>, real: impl FnOnce() -> Tensor<1>) -> Tensor<1> {
        match self {
            Self::Bce => bce_real(fake),
            Self::Hinge => mean(-fake),
            Self::Relativistic => bce_real(fake - real()),
        }
    }

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
    use super::*;
    use crate::device;
    use crate::model::to_host;

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
        let of_d = loss.of_discriminator(real.clone(), fake.clone());
        let mut gradients = of_d.backward();
        let grad = |leaf: &Tensor<1>, from: &mut _| to_host(leaf.grad_remove(from).unwrap());
        let d = [grad(&real, &mut gradients), grad(&fake, &mut gradients)];
        let of_g = loss.of_generator(fake.clone(), || real.clone().set_require_grad(false));
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
}
