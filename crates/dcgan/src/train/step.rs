//! The algorithm: one training step, after Goodfellow et al. 2014 with the non-saturating loss,
//! as in the DCGAN paper. [`Loss`](crate::config::Loss) has the losses that may take its place.

use burn::tensor::Tensor;

use super::measured::{Measured, StepOutput};
use crate::device::in_thread_pool;
use crate::gan::Gan;
use crate::model::Weights::{Freeze, Learn};

/// The noise of one step.
///
/// # Shapes
/// Each `[B, z_dim, 1, 1]`.
pub struct StepNoise {
    /// The noise of the discriminator's update.
    pub discriminator: Tensor<4>,
    /// The noise of the generator's update; `None` to reuse the fakes of the discriminator's.
    pub generator: Option<Tensor<4>>,
}

/// One training step on a batch of real pictures.
///
/// Batch norm uses batch statistics in every pass, and fakes and real pictures are separate
/// batches. What the step measures stays on the device until it is [read](Measured::read); only
/// on the CPU is the step complete before that.
///
/// With several ranks, `real` and the noise are this rank's part of the batch. So are the
/// measurements, except the lengths of the gradients.
///
/// # Shapes
/// `real` `[B, C, H, W]` in [−1, 1].
pub fn training_step(gan: &mut Gan, real: Tensor<4>, noise: StepNoise) -> Measured {
    in_thread_pool(&real.device(), || update_both(gan, real, noise))
}

fn update_both(gan: &mut Gan, real: Tensor<4>, noise: StepNoise) -> Measured {
    let (g, d, loss) = (&mut gan.generator, &mut gan.discriminator, gan.loss);
    let reuse_fakes = noise.generator.is_none();

    // (1) Update D: maximise log D(x) + log(1 − D(G(z)))
    let fake = g.pictures(
        noise.discriminator,
        if reuse_fakes { Learn } else { Freeze },
    );
    let logits_fake = d.logits(fake.clone().detach(), Learn);
    let logits_real = d.logits(real.clone(), Learn);
    let loss_d = loss.of_discriminator(logits_real.clone(), logits_fake.clone());
    let squared_gradient_d = d.descend(loss_d.clone());

    // (2) Update G: maximise log D(G(z)), with new noise and the updated D
    let fake = match noise.generator {
        Some(z) => g.pictures(z, Learn),
        None => fake,
    };
    let loss_g = loss.of_generator(d.logits(fake, Freeze), || d.logits(real, Freeze));
    let squared_gradient_g = g.descend(loss_g.clone());
    gan.update_average();

    let (logits_real, logits_fake) = loss.decisions(logits_real, logits_fake);
    Measured::new(StepOutput {
        loss_d,
        loss_g,
        squared_gradient_d,
        squared_gradient_g,
        logits_real,
        logits_fake,
    })
}
