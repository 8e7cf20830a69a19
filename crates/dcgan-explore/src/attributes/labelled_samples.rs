//! Drawn pictures, labelled by the classifier.

use super::AttributeClassifier;
use dcgan::config::ModelConfig;
use dcgan::latent::{self, SeedList};
use dcgan::sample::Sampler;

/// Pictures that are drawn and looked at together.
const BATCH: usize = 256;

/// What the classifier says of drawn pictures, of which nothing else is kept.
#[derive(Debug, Clone)]
pub struct LabelledSamples {
    model: ModelConfig,
    /// The seeds of the pictures.
    pub seeds: Vec<u64>,
    /// For each picture the logit of each attribute.
    pub logits: Vec<Vec<f32>>,
}

impl LabelledSamples {
    /// Draws the pictures of these seeds and labels them; `progress` is called with the number that
    /// is done.
    ///
    /// # Panics
    /// If generator and discriminator are for pictures of different forms.
    pub fn draw(
        sampler: &mut Sampler,
        classifier: &AttributeClassifier,
        seeds: &SeedList,
        progress: &dyn Fn(usize),
    ) -> Self {
        let model = sampler.config().clone();
        let seeds: Vec<u64> = seeds.iter().collect();
        let mut logits = Vec::with_capacity(seeds.len());
        for batch in seeds.chunks(BATCH) {
            let vectors: Vec<_> = batch
                .iter()
                .map(|&seed| latent::from_seed(&model, seed))
                .collect();
            logits.extend(classifier.logits(&sampler.values(&vectors)));
            progress(logits.len());
        }
        Self {
            model,
            seeds,
            logits,
        }
    }

    /// What the generator was built from.
    pub(super) fn model(&self) -> &ModelConfig {
        &self.model
    }

    /// The latent vector of a picture.
    pub(super) fn z(&self, place: usize) -> Vec<f32> {
        latent::from_seed(&self.model, self.seeds[place])
    }

    /// How many pictures have an attribute.
    pub fn count(&self, attribute: usize) -> usize {
        self.logits
            .iter()
            .filter(|logits| logits[attribute] > 0.0)
            .count()
    }

    /// The logits, each with mean 0 and deviation 1 over the pictures; 0 where it never changes.
    pub(super) fn standardised(&self) -> Vec<Vec<f64>> {
        let count = self.logits.len() as f64;
        let attributes = self.logits.first().map_or(0, Vec::len);
        let moments: Vec<(f64, f64)> = (0..attributes)
            .map(|attribute| {
                let values = || {
                    self.logits
                        .iter()
                        .map(|logits| f64::from(logits[attribute]))
                };
                let mean = values().sum::<f64>() / count;
                let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
                let deviation = variance.sqrt();
                (
                    mean,
                    if deviation > 1e-9 {
                        1.0 / deviation
                    } else {
                        0.0
                    },
                )
            })
            .collect();
        let rows = self.logits.iter();
        rows.map(|logits| {
            let each = logits.iter().zip(&moments);
            each.map(|(&logit, (mean, scale))| (f64::from(logit) - mean) * scale)
                .collect()
        })
        .collect()
    }
}
