//! The algorithm: one step of training, after Goodfellow et al. 2014 with the
//! non-saturating loss, as the DCGAN paper trains.

use burn::tensor::Tensor;

use super::measured::Measured;
use crate::device::on_workers;
use crate::gan::Gan;
use crate::loss::{bce_fake, bce_real};
use crate::model::Weights;
use crate::trace::span;

/// The noise of one step.
///
/// # Shapes
/// Each `[B, z_dim, 1, 1]`.
pub struct StepNoise {
    /// What the fakes of the discriminator's update are made from.
    pub discriminator: Tensor<4>,
    /// What the fakes of the generator's update are made from; none to reuse
    /// those of the discriminator's (`--reuse-noise`).
    pub generator: Option<Tensor<4>>,
}

/// One training step on a batch of real pictures.
///
/// Batch norm uses batch statistics in every pass, and fakes and real pictures
/// pass as separate batches. What it measures stays on the device until it is
/// [read](Measured::read): before that, only the CPU has done all of the step.
///
/// # Shapes
/// `real` `[B, C, H, W]` in [−1, 1].
pub fn training_step(gan: &mut Gan, real: Tensor<4>, noise: StepNoise) -> Measured {
    on_workers(&real.device(), || update_both(gan, real, noise))
}

fn update_both(gan: &mut Gan, real: Tensor<4>, noise: StepNoise) -> Measured {
    // (1) Update D: maximise log D(x) + log(1 − D(G(z)))
    let generator_weights = match noise.generator {
        Some(_) => Weights::Freeze,
        None => Weights::Learn, // the generator's update will need these fakes' gradients
    };
    let fake = span("G forward", || {
        let generator = &mut gan.generator;
        generator.forward_train(noise.discriminator, generator_weights)
    });
    let (loss_d, logits) = span("D forward", || {
        let fake = fake.clone().detach();
        let logits_fake = gan.discriminator.forward_train(fake, Weights::Learn);
        let logits_real = gan.discriminator.forward_train(real, Weights::Learn);
        let loss = (bce_fake(logits_fake.clone()) + bce_real(logits_real.clone())) / 2.0;
        (loss, [logits_real, logits_fake])
    });
    let mut gradients = span("D backward", || {
        let loss = gan.discriminator_adam.scaled(loss_d.clone());
        loss.backward()
    });
    let squares_d = span("D Adam", || {
        let network = gan.discriminator.network_mut();
        gan.discriminator_adam.step(network, &mut gradients)
    });

    // (2) Update G: maximise log D(G(z)), with new noise and the updated D
    let loss_g = span("G and D forward", || {
        let fake = match noise.generator {
            Some(z) => gan.generator.forward_train(z, Weights::Learn),
            None => fake,
        };
        bce_real(gan.discriminator.forward_train(fake, Weights::Freeze))
    });
    let mut gradients = span("G backward", || {
        let loss = gan.generator_adam.scaled(loss_g.clone());
        loss.backward()
    });
    let squares_g = span("G Adam", || {
        let network = gan.generator.network_mut();
        gan.generator_adam.step(network, &mut gradients)
    });
    Measured::of([loss_d, loss_g], [squares_d, squares_g], logits)
}
