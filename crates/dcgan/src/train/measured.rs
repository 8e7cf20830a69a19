//! What a step measures: on the device until somebody wants to know it.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::model::to_host;

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
    /// Length of the gradient of `loss_g` over all of G's parameters. In `f16` each is 0 where it
    /// overflowed, and the update was not made.
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

/// What one step measured, still on the device: to read it is to wait for the step.
pub struct Measured {
    /// The scalars in the order of [`Measured::SCALARS`], then D's logits of the real pictures
    /// and of the fakes, one batch after the other.
    values: Tensor<1>,
}

impl Measured {
    /// Values before the logits: both losses, then the squares of both gradients' lengths.
    const SCALARS: usize = 4;

    /// Puts together what D's and G's update measured.
    ///
    /// # Shapes
    /// `losses` and `squares` (of the gradients' lengths), D's before G's, each `[1]`;
    /// D's logits of the real pictures and of the fakes each `[B]`.
    pub(super) fn of(
        losses: [Tensor<1>; 2],
        squares: [Tensor<1>; 2],
        logits: [Tensor<1>; 2],
    ) -> Self {
        let all = losses.map(Tensor::inner).into_iter();
        let all = all.chain(squares).chain(logits.map(Tensor::inner));
        let values = Tensor::cat(all.collect(), 0);
        Self { values }
    }

    /// Waits for the steps and reads what they measured, all at once.
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
            metrics.push(StepMetrics::of(step));
            rest = others;
        }
        metrics
    }
}

impl StepMetrics {
    /// From the values of a [`Measured`].
    fn of(values: &[f32]) -> Self {
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
