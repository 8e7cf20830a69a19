//! What the discriminator's regularisation learns from the measurements of each step.

use crate::config::{Augment, TrainingConfig};

/// The share of real pictures that the discriminator may call real, less those that it calls fake,
/// before it is taken to overfit (Karras et al. 2020, arXiv 2006.06676, section 3.1).
const OVERFITTING: f32 = 0.6;

/// Pictures in which the probability of augmentation can rise from 0 to 1. Five times faster than
/// in the paper, since trainings here are shorter.
const PICTURES_TO_CERTAINTY: f32 = 100_000.0;

/// How much of the averages of logits remains after a step (Tseng et al. 2021, arXiv 2104.03310).
const DECAY: f32 = 0.99;

/// A state that follows what steps measure. It is part of the checkpoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Feedback {
    /// The probability of each augmentation, if it adapts.
    pub augment_probability: f32,
    /// The moving averages of the discriminator's logits of real pictures and fakes.
    pub logits: [f32; 2],
}

impl Feedback {
    /// The state before the first step; `None` if nothing in the training depends on it.
    pub(super) fn new(training: &TrainingConfig) -> Option<Self> {
        let is_used = training.augment == Augment::Auto || training.lecam.is_some();
        is_used.then_some(Self {
            augment_probability: 0.0,
            logits: [0.0; 2],
        })
    }

    /// Follows a step on `batch_size` pictures in which the discriminator called this share of the
    /// real pictures real, and had these mean logits of real pictures and fakes.
    pub(crate) fn follow(&mut self, batch_size: usize, accuracy_real: f32, logits: [f32; 2]) {
        let sign = 2.0 * accuracy_real - 1.0;
        let change = (sign - OVERFITTING).signum() * batch_size as f32 / PICTURES_TO_CERTAINTY;
        self.augment_probability = (self.augment_probability + change).clamp(0.0, 1.0);
        for (average, logit) in self.logits.iter_mut().zip(logits) {
            *average = DECAY * *average + (1.0 - DECAY) * logit;
        }
    }

    /// The values for a checkpoint.
    pub fn values(&self) -> [f32; 3] {
        [self.augment_probability, self.logits[0], self.logits[1]]
    }

    /// The state with saved [values](Self::values).
    pub fn from_values([augment_probability, real, fake]: [f32; 3]) -> Self {
        Self {
            augment_probability,
            logits: [real, fake],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TrainingOptions;

    #[test]
    fn augmentation_becomes_likelier_while_the_discriminator_is_too_sure_of_real_pictures() {
        let training = TrainingOptions {
            augment: Augment::Auto,
            ..TrainingOptions::default()
        };
        let mut feedback = Feedback::new(&training.build().unwrap()).unwrap();
        assert_eq!(Feedback::new(&TrainingConfig::default()), None);
        for (accuracy, expected) in [(0.9, 0.1), (0.81, 0.2), (0.79, 0.1), (0.5, 0.0), (0.5, 0.0)] {
            feedback.follow(10_000, accuracy, [1.0, -2.0]);
            assert!((feedback.augment_probability - expected).abs() < 1e-6);
        }
        assert!((feedback.logits[0] - (1.0 - DECAY.powi(5))).abs() < 1e-5);
        assert!((feedback.logits[1] + 2.0 * (1.0 - DECAY.powi(5))).abs() < 1e-5);
        assert_eq!(Feedback::from_values(feedback.values()), feedback);
    }
}
