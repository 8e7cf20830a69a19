//! The algorithm: one training step, after Goodfellow et al. 2014 with the non-saturating loss,
//! as in the DCGAN paper. [`Objective`](crate::loss::Objective) has the losses that may take its place.

use burn::tensor::Tensor;

use super::measured::{Measured, StepOutput};
use super::view::View;
use crate::device::in_thread_pool;
use crate::gan::Gan;
use crate::loss::{PENALTY_NOISE, gradient_penalty, lecam};
use crate::model::Weights::{Freeze, Learn};
use crate::ops::add_noise;

/// The noise of one step.
///
/// # Shapes
/// Latent vectors `[B, z_dim, 1, 1]`, noise on pictures `[B, C, H, W]`.
pub struct StepNoise {
    /// The latent vectors of the discriminator's update.
    pub discriminator: Tensor<4>,
    /// Those of the generator's update; `None` to reuse the fakes of the discriminator's.
    pub generator: Option<Tensor<4>>,
    /// How the discriminator sees the pictures.
    pub views: Views,
    /// The noise N(0, 1) of the gradient penalty, on real pictures and fakes, if it counts them.
    pub penalty: [Option<Tensor<4>>; 2],
}

impl StepNoise {
    /// Latent vectors alone, for a training that sees pictures as they are.
    pub fn latent(discriminator: Tensor<4>, generator: Option<Tensor<4>>) -> Self {
        Self {
            discriminator,
            generator,
            views: Views::default(),
            penalty: [None, None],
        }
    }
}

/// How the discriminator sees the pictures of a step.
#[derive(Debug, Default)]
pub struct Views {
    /// Real pictures.
    pub real: View,
    /// The fakes of the discriminator's update.
    pub fake: View,
    /// The fakes of the generator's update.
    pub drawn: View,
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

/// An update of the discriminator alone, for trainings with several of them in a step.
///
/// # Shapes
/// As [`training_step`].
pub fn discriminator_step(gan: &mut Gan, real: Tensor<4>, noise: StepNoise) {
    in_thread_pool(&real.device(), || {
        let fake = gan.generator.pictures(noise.discriminator, Freeze);
        let real = noise.views.real.of(real);
        let fake = noise.views.fake.of(fake);
        update_discriminator(gan, &real, &fake, noise.penalty);
    });
}

fn update_both(gan: &mut Gan, real: Tensor<4>, noise: StepNoise) -> Measured {
    let (views, reuse_fakes) = (noise.views, noise.generator.is_none());

    // (1) Update D: maximise log D(x) + log(1 − D(G(z)))
    let fake = gan.generator.pictures(
        noise.discriminator,
        if reuse_fakes { Learn } else { Freeze },
    );
    let real = views.real.of(real);
    let fake_seen = views.fake.of(fake.clone().detach());
    let of_d = update_discriminator(gan, &real, &fake_seen, noise.penalty);

    // (2) Update G: maximise log D(G(z)), with new noise and the updated D
    let (g, d, objective) = (&mut gan.generator, &mut gan.discriminator, gan.objective);
    let fake = match noise.generator {
        Some(z) => g.pictures(z, Learn),
        None => fake,
    };
    let logits = d.logits(views.drawn.of(fake), Freeze);
    let loss_g = objective.of_generator(logits, || d.logits(real, Freeze));
    let squared_gradient_g = g.descend(loss_g.clone());
    gan.update_average();

    let (logits_real, logits_fake) = objective.loss.decisions(of_d.real, of_d.fake);
    Measured::new(StepOutput {
        loss_d: of_d.loss,
        loss_g,
        squared_gradient_d: of_d.squared_gradient,
        squared_gradient_g,
        logits_real,
        logits_fake,
    })
}

/// What an update of the discriminator computed.
struct DiscriminatorUpdate {
    loss: Tensor<1>,
    squared_gradient: Tensor<1>,
    real: Tensor<1>,
    fake: Tensor<1>,
}

fn update_discriminator(
    gan: &mut Gan,
    real: &Tensor<4>,
    fake: &Tensor<4>,
    penalty_noise: [Option<Tensor<4>>; 2],
) -> DiscriminatorUpdate {
    let (d, objective) = (&mut gan.discriminator, gan.objective);
    d.update_spectral_norms();
    let logits_fake = d.logits(fake.clone(), Learn);
    let logits_real = d.logits(real.clone(), Learn);
    let mut loss = objective.of_discriminator(logits_real.clone(), logits_fake.clone());

    let seen = [(real, &logits_real), (fake, &logits_fake)];
    for ((pictures, logits), noise) in seen.into_iter().zip(penalty_noise) {
        if let (Some(gamma), Some(noise)) = (objective.gradient_penalty, noise) {
            let moved = d.logits(add_noise(pictures.clone(), noise, PENALTY_NOISE), Learn);
            loss = loss + gradient_penalty(gamma, logits.clone(), moved);
        }
    }
    if let (Some(weight), Some(feedback)) = (objective.lecam, gan.feedback) {
        let (real, fake) = (logits_real.clone(), logits_fake.clone());
        loss = loss + lecam(weight, real, fake, feedback.logits);
    }
    DiscriminatorUpdate {
        squared_gradient: d.descend(loss.clone()),
        loss,
        real: logits_real,
        fake: logits_fake,
    }
}
