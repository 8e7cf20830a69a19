//! What a step measures: it stays on the device until it is read back.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::model::to_host;

/// What one step measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepMetrics {
    /// D's loss before its update: (BCE(D(fake), 0) + BCE(D(real), 1)) / 2, unless the training has
    /// another [`Loss`](crate::config::Loss).
    pub loss_d: f32,
    /// G's loss before its update: BCE(D(G(z)), 1), unless the training has another loss.
    pub loss_g: f32,
    /// Share of the real pictures that D classified as real; with the relativistic loss, of the pairs
    /// that it ordered correctly.
    pub accuracy_real: f32,
    /// Share of the fakes that D classified as fake; with the relativistic loss, as `accuracy_real`.
    pub accuracy_fake: f32,
    /// Logits and gradient lengths; `None` in the metrics of versions that did not measure them.
    #[serde(flatten)]
    pub signals: Option<Signals>,
}

/// D's logits and the lengths of both gradients in one step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Signals {
    /// Mean of D's logits of the real pictures: above 0 means real. With the relativistic loss, of the
    /// differences within pairs.
    pub logit_real: f32,
    /// Mean of D's logits of the fakes; with the relativistic loss, as `logit_real` negated.
    pub logit_fake: f32,
    /// Length of the gradient of `loss_d` over all of D's parameters.
    pub gradient_d: f32,
    /// Length of the gradient of `loss_g` over all of G's parameters. In `f16` a gradient that
    /// overflows has length 0, and its update is skipped.
    pub gradient_g: f32,
}

impl StepMetrics {
    /// Whether all values are finite.
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

/// What the updates of one step computed.
///
/// # Shapes
/// Losses and squared gradient lengths `[1]`, logits `[B]`.
pub(super) struct StepOutput {
    pub loss_d: Tensor<1>,
    pub loss_g: Tensor<1>,
    pub squared_gradient_d: Tensor<1>,
    pub squared_gradient_g: Tensor<1>,
    pub logits_real: Tensor<1>,
    pub logits_fake: Tensor<1>,
}

/// What one step measured, still on the device: reading it waits for the step.
pub struct Measured {
    /// Both losses, the squares of both gradients' lengths, D's logits of the real pictures, and
    /// D's logits of the fakes.
    values: Tensor<1>,
}

impl Measured {
    /// The number of values before the logits.
    const SCALARS: usize = 4;

    /// Joins the tensors of a step into one, so that one readback fetches them all.
    pub(super) fn new(step: StepOutput) -> Self {
        let values = vec![
            step.loss_d.inner(),
            step.loss_g.inner(),
            step.squared_gradient_d,
            step.squared_gradient_g,
            step.logits_real.inner(),
            step.logits_fake.inner(),
        ];
        Self {
            values: Tensor::cat(values, 0),
        }
    }

    /// Waits for the steps and reads what they measured in one readback.
    pub fn read(steps: Vec<Self>) -> Vec<StepMetrics> {
        let values: Vec<_> = steps.into_iter().map(|step| step.values).collect();
        let lengths: Vec<_> = values.iter().map(|values| values.dims()[0]).collect();
        if values.is_empty() {
            return Vec::new();
        }
        let host = to_host(Tensor::cat(values, 0));
        let mut rest = &host[..];
        let mut metrics = Vec::with_capacity(lengths.len());
        for length in lengths {
            let (step, others) = rest.split_at(length);
            metrics.push(StepMetrics::from_values(step));
            rest = others;
        }
        metrics
    }
}

impl StepMetrics {
    /// From the values of a [`Measured`].
    fn from_values(values: &[f32]) -> Self {
        let (scalars, logits) = values.split_at(Measured::SCALARS);
        let [loss_d, loss_g, squares_d, squares_g] = scalars else {
            unreachable!("the number of scalars");
        };
        let (real, fake) = logits.split_at(logits.len() / 2);
        Self {
            loss_d: *loss_d,
            loss_g: *loss_g,
            accuracy_real: share(real, |logit| logit > 0.0),
            accuracy_fake: share(fake, |logit| logit < 0.0),
            signals: Some(Signals {
                logit_real: mean(real),
                logit_fake: mean(fake),
                gradient_d: squares_d.sqrt(),
                gradient_g: squares_g.sqrt(),
            }),
        }
    }
}

fn share(logits: &[f32], right: impl Fn(f32) -> bool) -> f32 {
    let count = logits.iter().filter(|&&logit| right(logit)).count();
    count as f32 / logits.len() as f32
}

fn mean(logits: &[f32]) -> f32 {
    logits.iter().sum::<f32>() / logits.len() as f32
}
