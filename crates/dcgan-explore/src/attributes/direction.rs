//! Where an attribute lies in the latent space.

use super::annotations::MIN_EXAMPLES;
use super::labelled_samples::{LabelledSamples, latent_vectors};
use super::{AttributeClassifier, AttributeError};
use crate::linear::{conjugate_gradient, dot_f64};
use dcgan::config::LatentDistribution;
use dcgan::latent::{LatentDirection, SeedList};
use dcgan::sample::Sampler;

/// λ below: how much the direction's length counts against changes of the other attributes. The
/// larger it is, the more correlated attributes change too.
const LENGTH_WEIGHT: f64 = 0.5;

/// Finds the direction in z along which one attribute changes while the others mostly stay: the
/// vector `[z_dim]` of a [`LatentDirection`].
///
/// Each attribute's standardised logit is fitted by a linear function of z. As the coordinates of z
/// are independent, its gradient is the mean of logit times z. The direction d is the shortest one
/// that changes the attribute by a given amount: it minimises Σ wⱼ(bⱼ·d)² + λ‖d‖² over the other
/// attributes j with gradients bⱼ.
///
/// The difference between the mean z with and without the attribute would be b itself, and change
/// everything that is correlated with the attribute in the data, as lipstick is with women. Keeping
/// the others exactly, by projection, leaves nothing of an attribute that never occurs without
/// another. Therefore wⱼ = (1 − |r|)², where r is the correlation of attribute j with this one.
///
/// ```
/// use std::path::Path;
/// use dcgan_explore::attributes::{AttributeClassifier, LabelledSamples, find_direction};
/// use dcgan_data::{DataSource, Dataset, PictureOptions};
/// use dcgan::latent::SeedList;
/// use dcgan::sample::{Sampler, load_discriminator};
///
/// let run = Path::new("tests/fixtures/faces32"); // yours: runs/…
/// let device = dcgan::device::by_name("cpu")?;
/// let mut sampler = Sampler::load(run, &device)?;
/// let discriminator = load_discriminator(&run.join("discriminator.safetensors"), &device)?;
/// let options = PictureOptions { image_size: 32, ..PictureOptions::default() };
/// let faces = DataSource::Demo { count: 500, seed: 0 };
/// let faces = Dataset::load(&faces, &options, &|_, _| {}, &|| false)?;
/// let classifier = AttributeClassifier::train(discriminator, &faces, &|_, _| {})?;
///
/// let seeds = SeedList::from_first(0, 500)?;
/// let samples = LabelledSamples::draw(&mut sampler, &classifier, &seeds, &|_| {});
/// let glasses = find_direction(&samples, &classifier, classifier.find("Eyeglasses")?)?;
/// assert_eq!(glasses.len(), sampler.config().z_dim);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If nearly all samples have the attribute, or nearly none.
pub fn find_direction(
    samples: &LabelledSamples,
    classifier: &AttributeClassifier,
    attribute: usize,
) -> Result<Vec<f32>, AttributeError> {
    let (with, drawn) = (samples.count(attribute), samples.seeds.len());
    if with.min(drawn - with) < MIN_EXAMPLES {
        return Err(AttributeError::NoContrast {
            name: classifier.names()[attribute].clone(),
            with,
            drawn,
            needed: MIN_EXAMPLES,
        });
    }
    let logits = samples.standardised_logits();
    let deviation = standard_deviation(samples.model().latent_distribution());
    let gradients = gradients(samples, &logits, deviation);
    let weights: Vec<f64> = (0..gradients.len())
        .map(|other| {
            let products = logits
                .iter()
                .map(|row| f64::from(row[other]) * f64::from(row[attribute]));
            let correlation = products.sum::<f64>() / drawn as f64;
            (1.0 - correlation.abs()).max(0.0).powi(2)
        })
        .collect(); // 0 for the attribute itself
    let vector = disentangle(&gradients, &weights, &gradients[attribute]);
    let length = dot_f64(&vector, &vector).sqrt();
    Ok(vector
        .iter()
        .map(|value| (value / length * deviation) as f32)
        .collect())
}

/// The standard deviation of a coordinate of z.
fn standard_deviation(distribution: LatentDistribution) -> f64 {
    match distribution {
        LatentDistribution::Normal => 1.0,
        LatentDistribution::Uniform => 1.0 / 3.0_f64.sqrt(),
    }
}

/// How much each attribute's standardised logit changes per standard deviation of each coordinate:
/// `[attributes, z_dim]`.
fn gradients(samples: &LabelledSamples, logits: &[Vec<f32>], deviation: f64) -> Vec<Vec<f64>> {
    let attributes = logits.first().map_or(0, Vec::len);
    let mut gradients = vec![vec![0.0; samples.model().z_dim]; attributes];
    for (sample, row) in logits.iter().enumerate() {
        let z = samples.z(sample);
        for (gradient, &logit) in gradients.iter_mut().zip(row) {
            for (sum, &z) in gradient.iter_mut().zip(&z) {
                *sum += f64::from(logit) * f64::from(z) / deviation;
            }
        }
    }
    for sum in gradients.iter_mut().flatten() {
        *sum /= logits.len() as f64;
    }
    gradients
}

/// (Σ wⱼ bⱼ bⱼᵀ + λ)⁻¹ `target`, without building the `[z_dim, z_dim]` matrix.
fn disentangle(gradients: &[Vec<f64>], weights: &[f64], target: &[f64]) -> Vec<f64> {
    let multiply = |x: &[f64]| {
        let mut product: Vec<f64> = x.iter().map(|x| LENGTH_WEIGHT * x).collect();
        for (gradient, weight) in gradients.iter().zip(weights) {
            let factor = weight * dot_f64(gradient, x);
            for (sum, value) in product.iter_mut().zip(gradient) {
                *sum += factor * value;
            }
        }
        product
    };
    // without rounding errors, one iteration for each gradient and one more would do
    conjugate_gradient(multiply, target, 2 * gradients.len() + 2)
}

/// What moving along a direction does to samples that it was not found from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The share of samples in which the attribute flipped, 0 to 1.
    pub changed: f64,
    /// The share of all other attributes that did not flip, 0 to 1.
    pub others_unchanged: f64,
}

/// Moves samples along a direction by `strength`, backwards if they have the attribute, and
/// compares the classifier's answers before and after.
///
/// # Panics
/// If there are no seeds, or the direction has another `z_dim` than the generator.
pub fn measure_effect(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    direction: &LatentDirection,
    attribute: usize,
    strength: f64,
    seeds: &SeedList,
) -> Effect {
    let seeds: Vec<u64> = seeds.iter().collect();
    let vectors = latent_vectors(sampler, &seeds);
    let before = classifier.logits(&sampler.values(&vectors));
    let moved: Vec<_> = vectors
        .iter()
        .zip(&before)
        .map(|(z, logits)| {
            let has_attribute = logits[attribute] > 0.0;
            direction.moved(z, if has_attribute { -strength } else { strength })
        })
        .collect();
    let after = classifier.logits(&sampler.values(&moved));
    let (mut changed, mut unchanged) = (0, 0);
    for (before, after) in before.iter().zip(&after) {
        for (other, (before, after)) in before.iter().zip(after).enumerate() {
            let same = (*before > 0.0) == (*after > 0.0);
            changed += usize::from(other == attribute && !same);
            unchanged += usize::from(other != attribute && same);
        }
    }
    let others = before.len() * (classifier.names().len() - 1);
    Effect {
        changed: changed as f64 / before.len() as f64,
        others_unchanged: if others == 0 {
            1.0
        } else {
            unchanged as f64 / others as f64
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_of_one_gradient_leaves_a_correlated_one_mostly_alone() {
        let gradients = vec![vec![1.0, 0.8, 0.0], vec![0.0, 1.0, 0.0]];
        let vector = disentangle(&gradients, &[0.0, 1.0], &gradients[0]);
        let change = |other: &[f64]| dot_f64(&vector, other) / dot_f64(&vector, &vector).sqrt();
        let plain = disentangle(&gradients, &[0.0, 0.0], &gradients[0]);
        let plain_change = dot_f64(&plain, &gradients[1]) / dot_f64(&plain, &plain).sqrt();
        assert!(change(&gradients[0]) > 0.95);
        assert!(change(&gradients[1]).abs() < 0.5 * plain_change);
        assert!((plain[1] / plain[0] - 0.8).abs() < 1e-9, "{plain:?}");
    }
}
