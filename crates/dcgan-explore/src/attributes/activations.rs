//! The generator's activations, and where in a layer they depend on an attribute.

use super::labelled_samples::latent_vectors;
use super::{AttributeClassifier, Probe};
use dcgan::sample::Sampler;

/// Samples that are drawn at a time.
pub(super) const BATCH_SIZE: usize = 64;

/// One of this many positions of a layer counts as where the attribute is.
const POSITIONS_PER_SELECTED: usize = 8;

/// Samples, and a layer's activations on the way to them.
pub(super) struct Drawn {
    /// `[samples, image_size, image_size, channels]`
    pub pictures: Vec<f32>,
    /// `[samples, height, width, maps]`
    pub activations: Vec<f32>,
}

pub(super) fn draw_with_activations(sampler: &mut Sampler, seeds: &[u64], layer: usize) -> Drawn {
    let vectors = latent_vectors(sampler, seeds);
    let mut kept = Vec::new();
    let pictures = sampler.values_with_hook(&vectors, |number, activations| {
        if number == layer {
            kept.extend_from_slice(activations);
        }
    });
    Drawn {
        pictures,
        activations: kept,
    }
}

/// A layer's activations, apart for samples with and without an attribute.
pub(super) struct SplitActivations {
    /// 1 for each sample with the attribute, 0 for the others.
    pub answers: Vec<f32>,
    pub with: Moments,
    pub without: Moments,
}

impl SplitActivations {
    pub fn observe(
        sampler: &mut Sampler,
        classifier: &AttributeClassifier,
        probe: Probe,
        seeds: &[u64],
        progress: &dyn Fn(usize),
    ) -> Self {
        let len = sampler.hidden_sizes()[probe.layer].values();
        let mut split = Self {
            answers: Vec::new(),
            with: Moments::new(len),
            without: Moments::new(len),
        };
        for batch in seeds.chunks(BATCH_SIZE) {
            let drawn = draw_with_activations(sampler, batch, probe.layer);
            let logits = classifier.logits(&drawn.pictures);
            for (logits, activations) in logits.iter().zip(drawn.activations.chunks_exact(len)) {
                let holds = logits[probe.attribute] > 0.0;
                let moments = if holds {
                    &mut split.with
                } else {
                    &mut split.without
                };
                moments.add(activations);
                split.answers.push(f32::from(u8::from(holds)));
            }
            progress(split.answers.len());
        }
        split
    }

    /// The positions whose activations differ most between samples with and without the attribute:
    /// by the squared difference of means over the variances, summed over the maps.
    pub fn contrasting_positions(&self, maps: usize) -> Vec<usize> {
        let contrast = |activation: usize| {
            let (with, without) = (self.with.mean(activation), self.without.mean(activation));
            let variances = self.with.variance(activation) + self.without.variance(activation);
            (with - without).powi(2) / variances.max(1e-6)
        };
        let positions = self.with.sums.len() / maps;
        let mut ranked: Vec<(f32, usize)> = (0..positions)
            .map(|position| {
                let activations = position * maps..(position + 1) * maps;
                (activations.map(contrast).sum(), position)
            })
            .collect();
        ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        ranked.truncate(positions.div_ceil(POSITIONS_PER_SELECTED));
        ranked.into_iter().map(|(_, position)| position).collect()
    }
}

/// Sums over samples for the mean and the variance of each activation.
pub(super) struct Moments {
    pub samples: usize,
    sums: Vec<Sums>,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    values: f32,
    squares: f32,
}

impl Moments {
    fn new(activations: usize) -> Self {
        Self {
            samples: 0,
            sums: vec![Sums::default(); activations],
        }
    }

    fn add(&mut self, activations: &[f32]) {
        self.samples += 1;
        for (sums, value) in self.sums.iter_mut().zip(activations) {
            sums.values += value;
            sums.squares += value * value;
        }
    }

    fn mean(&self, activation: usize) -> f32 {
        self.sums[activation].values / self.samples as f32
    }

    fn variance(&self, activation: usize) -> f32 {
        let mean_square = self.sums[activation].squares / self.samples as f32;
        (mean_square - self.mean(activation).powi(2)).max(0.0)
    }
}

/// The mean of each map over some positions.
pub(super) fn mean_activations(activations: &[f32], maps: usize, positions: &[usize]) -> Vec<f32> {
    let mut means = vec![0.0; maps];
    for &position in positions {
        let here = &activations[position * maps..][..maps];
        for (mean, value) in means.iter_mut().zip(here) {
            *mean += value / positions.len() as f32;
        }
    }
    means
}
