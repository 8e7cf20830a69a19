//! Samples of the generator, labelled by the classifier.

use super::AttributeClassifier;
use crate::linear::Standardiser;
use dcgan::config::ModelConfig;
use dcgan::latent::{self, SeedList};
use dcgan::sample::Sampler;

/// Samples that are drawn and labelled at a time.
const BATCH_SIZE: usize = 256;

/// The classifier's answers for samples. The pictures themselves are not kept.
#[derive(Debug, Clone)]
pub struct LabelledSamples {
    model: ModelConfig,
    /// The limit of their latent vectors' coordinates, if there is one.
    truncation: Option<f64>,
    /// The seed of each sample.
    pub seeds: Vec<u64>,
    /// For each sample the logit of each attribute.
    pub logits: Vec<Vec<f32>>,
}

impl LabelledSamples {
    /// Draws and labels the samples with the given seeds. `progress` is called with the number done
    /// so far.
    ///
    /// # Panics
    /// If the generator's pictures do not fit the classifier.
    pub fn draw(
        sampler: &mut Sampler,
        classifier: &AttributeClassifier,
        seeds: &SeedList,
        progress: &dyn Fn(usize),
    ) -> Self {
        let model = sampler.config().clone();
        let seeds: Vec<u64> = seeds.iter().collect();
        let mut logits = Vec::with_capacity(seeds.len());
        for batch in seeds.chunks(BATCH_SIZE) {
            let vectors = latent_vectors(sampler, batch);
            logits.extend(classifier.logits(&sampler.values(&vectors)));
            progress(logits.len());
        }
        Self {
            model,
            truncation: sampler.truncation(),
            seeds,
            logits,
        }
    }

    /// The generator's configuration.
    pub(super) fn model(&self) -> &ModelConfig {
        &self.model
    }

    /// The latent vector of a sample.
    pub(super) fn z(&self, index: usize) -> Vec<f32> {
        let seed = self.seeds[index];
        match self.truncation {
            Some(limit) => latent::truncated(&self.model, seed, limit),
            None => latent::from_seed(&self.model, seed),
        }
    }

    /// How many samples have an attribute.
    pub fn count(&self, attribute: usize) -> usize {
        self.logits
            .iter()
            .filter(|logits| logits[attribute] > 0.0)
            .count()
    }

    /// The logits, each attribute with mean 0 and variance 1 over the samples.
    pub(super) fn standardised_logits(&self) -> Vec<Vec<f32>> {
        let attributes = self.logits.first().map_or(0, Vec::len);
        let standardiser = Standardiser::unit_variance(&self.logits.concat(), attributes);
        let mut standardised = self.logits.clone();
        for row in &mut standardised {
            standardiser.apply(row);
        }
        standardised
    }
}

/// The latent vectors of some seeds.
pub(super) fn latent_vectors(sampler: &Sampler, seeds: &[u64]) -> Vec<Vec<f32>> {
    seeds.iter().map(|&seed| sampler.latent(seed)).collect()
}
