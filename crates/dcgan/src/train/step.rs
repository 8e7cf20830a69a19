//! The algorithm: one step of training, after Goodfellow et al. 2014 with the
//! non-saturating loss, as the DCGAN paper trains.

use burn::tensor::Tensor;

use super::averaging::average;
use super::measured::Measured;
use crate::device::in_thread_pool;
use crate::gan::Gan;
use crate::loss::{bce_fake, bce_real};
use crate::model::Weights;
use dcgan_support::trace::Laps;

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
/// Where several ranks share a batch, `real` and the noise are this rank's part of it, and so is
/// what is measured, but for the gradients' lengths.
///
/// # Shapes
/// `real` `[B, C, H, W]` in [−1, 1].
pub fn training_step(gan: &mut Gan, real: Tensor<4>, noise: StepNoise) -> Measured {
    in_thread_pool(&real.device(), || update_both(gan, real, noise))
}

fn update_both(gan: &mut Gan, real: Tensor<4>, noise: StepNoise) -> Measured {
    // (1) Update D: maximise log D(x) + log(1 − D(G(z)))
    let generator_weights = match noise.generator {
        Some(_) => Weights::Freeze,
        None => Weights::Learn, // the generator's update will need these fakes' gradients
    };
    let mut laps = Laps::start();
    let pass = gan.generator_pass(generator_weights);
    let fake = gan.generator.forward_train(noise.discriminator, &pass);
    laps.end("G forward");
    let pass = gan.discriminator_pass(Weights::Learn);
    let logits_fake = gan
        .discriminator
        .forward_train(fake.clone().detach(), &pass);
    let logits_real = gan.discriminator.forward_train(real, &pass);
    let loss_d = (bce_fake(logits_fake.clone()) + bce_real(logits_real.clone())) / 2.0;
    laps.end("D forward");
    let part = gan.discriminator_adam.scaled(gan.share_of(loss_d.clone()));
    let mut gradients = part.backward();
    laps.end("D backward");
    average(
        gan.discriminator_buckets(),
        gan.discriminator.network(),
        &mut gradients,
    );
    laps.end("D average");
    let squares_d = gan
        .discriminator_adam
        .step(gan.discriminator.network_mut(), &mut gradients);
    laps.end("D Adam");

    // (2) Update G: maximise log D(G(z)), with new noise and the updated D
    let fake = match noise.generator {
        Some(z) => {
            let pass = gan.generator_pass(Weights::Learn);
            gan.generator.forward_train(z, &pass)
        }
        None => fake,
    };
    let pass = gan.discriminator_pass(Weights::Freeze);
    let logits = gan.discriminator.forward_train(fake, &pass);
    let loss_g = bce_real(logits);
    laps.end("G and D forward");
    let part = gan.generator_adam.scaled(gan.share_of(loss_g.clone()));
    let mut gradients = part.backward();
    laps.end("G backward");
    average(
        gan.generator_buckets(),
        gan.generator.network(),
        &mut gradients,
    );
    laps.end("G average");
    let squares_g = gan
        .generator_adam
        .step(gan.generator.network_mut(), &mut gradients);
    laps.end("G Adam");

    let logits = [logits_real, logits_fake];
    Measured::of([loss_d, loss_g], [squares_d, squares_g], logits)
}
