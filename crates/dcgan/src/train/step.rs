//! The algorithm: one step of training, after Goodfellow et al. 2014 with the
//! non-saturating loss, as the DCGAN paper trains.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::device::on_workers;
use crate::gan::Gan;
use crate::loss::{bce_fake, bce_real};
use crate::model::{Weights, to_host};

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

/// What one step measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepMetrics {
    /// (BCE(D(fake), 0) + BCE(D(real), 1)) / 2, before D's update.
    pub loss_d: f32,
    /// BCE(D(G(z)), 1), before G's update.
    pub loss_g: f32,
    /// Share of the real pictures that D called real.
    pub accuracy_real: f32,
    /// Share of the fakes that D called fake.
    pub accuracy_fake: f32,
    /// What else tells how the two stand; none in metrics of versions that did not measure it.
    #[serde(flatten)]
    pub signals: Option<Signals>,
}

/// How the two networks stand in one step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Signals {
    /// Mean of D's logits of the real pictures: above 0 it calls them real.
    pub logit_real: f32,
    /// Mean of D's logits of the fakes.
    pub logit_fake: f32,
    /// Length of the gradient of `loss_d` over all of D's parameters.
    pub gradient_d: f32,
    /// Length of the gradient of `loss_g` over all of G's parameters.
    pub gradient_g: f32,
}

impl StepMetrics {
    /// Whether everything measured is a number, and nothing infinite.
    pub fn is_finite(&self) -> bool {
        let signals = self.signals.iter().flat_map(|signals| {
            let logits = [signals.logit_real, signals.logit_fake];
            logits
                .into_iter()
                .chain([signals.gradient_d, signals.gradient_g])
        });
        let losses = [self.loss_d, self.loss_g].into_iter();
        losses.chain(signals).all(f32::is_finite)
    }
}

/// One training step on a batch of real pictures.
///
/// Batch norm uses batch statistics in every pass, and fakes and real pictures
/// pass as separate batches.
///
/// # Shapes
/// `real` `[B, C, H, W]` in [−1, 1].
pub fn training_step(gan: &mut Gan, real: Tensor<4>, noise: StepNoise) -> StepMetrics {
    on_workers(|| update_both(gan, real, noise))
}

fn update_both(gan: &mut Gan, real: Tensor<4>, noise: StepNoise) -> StepMetrics {
    // (1) Update D: maximise log D(x) + log(1 − D(G(z)))
    let generator_weights = match noise.generator {
        Some(_) => Weights::Freeze,
        None => Weights::Learn, // the generator's update will need these fakes' gradients
    };
    let fake = gan
        .generator
        .forward_train(noise.discriminator, generator_weights);
    let logits_fake = gan
        .discriminator
        .forward_train(fake.clone().detach(), Weights::Learn);
    let logits_real = gan.discriminator.forward_train(real, Weights::Learn);
    let loss_d = (bce_fake(logits_fake.clone()) + bce_real(logits_real.clone())) / 2.0;
    let mut gradients = loss_d.backward();
    let squares_d = gan
        .discriminator_adam
        .step(gan.discriminator.network_mut(), &mut gradients);

    // (2) Update G: maximise log D(G(z)), with new noise and the updated D
    let fake = match noise.generator {
        Some(z) => gan.generator.forward_train(z, Weights::Learn),
        None => fake,
    };
    let logits = gan.discriminator.forward_train(fake, Weights::Freeze);
    let loss_g = bce_real(logits);
    let mut gradients = loss_g.backward();
    let squares_g = gan
        .generator_adam
        .step(gan.generator.network_mut(), &mut gradients);

    let [logits_real, logits_fake] = [logits_real, logits_fake].map(to_host);
    StepMetrics {
        loss_d: scalar(loss_d),
        loss_g: scalar(loss_g),
        accuracy_real: share(&logits_real, |logit| logit > 0.0),
        accuracy_fake: share(&logits_fake, |logit| logit < 0.0),
        signals: Some(Signals {
            logit_real: mean(&logits_real),
            logit_fake: mean(&logits_fake),
            gradient_d: scalar(squares_d).sqrt(),
            gradient_g: scalar(squares_g).sqrt(),
        }),
    }
}

fn scalar(loss: Tensor<1>) -> f32 {
    to_host(loss)[0]
}

fn share(logits: &[f32], right: impl Fn(f32) -> bool) -> f32 {
    let count = logits.iter().filter(|&&logit| right(logit)).count();
    count as f32 / logits.len() as f32
}

fn mean(logits: &[f32]) -> f32 {
    logits.iter().sum::<f32>() / logits.len() as f32
}
