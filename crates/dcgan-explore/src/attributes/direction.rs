//! Where an attribute lies in the latent space.

use super::annotations::LEAST;
use super::labelled_samples::LabelledSamples;
use super::{AttributeClassifier, AttributeError};
use dcgan::config::LatentDistribution;
use dcgan::latent::{self, Direction, SeedList};
use dcgan::sample::Sampler;

/// How much a long way counts beside a change of the other attributes: the more, the more of what
/// comes with the attribute changes too.
const LENGTH_WEIGHT: f64 = 0.5;

/// Finds the direction in z along which one attribute changes and the others mostly stay, as the
/// vector `[z_dim]` of a [`Direction`].
///
/// Each attribute's logit, in deviations, is fitted by a linear function of z; since the
/// coordinates of z are independent, its gradient is the mean of logit times z. The direction d is
/// the least one that changes this attribute by a given amount: it minimises Σ wⱼ(bⱼ·d)² + λ‖d‖²
/// over the other attributes j, with gradients bⱼ. (The mean difference of z with and without the
/// attribute would be b itself: it takes along what comes with it in the data, as lipstick with
/// women. To keep the others exactly, as a projection does, leaves nothing of an attribute that
/// never comes without another: so the weight of another is wⱼ = (1 − |r|)², where r is its
/// correlation with this one.)
///
/// ```
/// use std::path::Path;
/// use dcgan_explore::attributes::{AttributeClassifier, LabelledSamples, direction};
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
/// let glasses = direction(&samples, &classifier, classifier.find("Eyeglasses")?)?;
/// assert_eq!(glasses.len(), sampler.config().z_dim);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// An attribute that all or nearly all of the pictures have, or none.
pub fn direction(
    samples: &LabelledSamples,
    classifier: &AttributeClassifier,
    attribute: usize,
) -> Result<Vec<f32>, AttributeError> {
    let (held, drawn) = (samples.count(attribute), samples.seeds.len());
    if held.min(drawn - held) < LEAST {
        return Err(AttributeError::OneKind {
            name: classifier.names()[attribute].clone(),
            held,
            drawn,
        });
    }
    let standardised = samples.standardised();
    let deviation = deviation(samples);
    let gradients = gradients(samples, &standardised, deviation);
    let weights: Vec<f64> = (0..gradients.len())
        .map(|other| {
            let products = standardised.iter().map(|row| row[other] * row[attribute]);
            let correlation = products.sum::<f64>() / drawn as f64;
            (1.0 - correlation.abs()).max(0.0).powi(2)
        })
        .collect(); // of the attribute itself: 0
    let vector = solve(&gradients, &weights, &gradients[attribute]);
    let length = dot(&vector, &vector).sqrt();
    Ok(vector
        .iter()
        .map(|value| (value / length * deviation) as f32)
        .collect())
}

/// The deviation of a coordinate of z.
fn deviation(samples: &LabelledSamples) -> f64 {
    match samples.model().latent_distribution() {
        LatentDistribution::Normal => 1.0,
        LatentDistribution::Uniform => 1.0 / 3.0_f64.sqrt(),
    }
}

/// How many deviations each attribute's logit changes for one deviation of each coordinate:
/// `[attributes, z_dim]`.
fn gradients(
    samples: &LabelledSamples,
    standardised: &[Vec<f64>],
    deviation: f64,
) -> Vec<Vec<f64>> {
    let attributes = standardised.first().map_or(0, Vec::len);
    let mut sums = vec![vec![0.0; samples.model().z_dim]; attributes];
    for (place, row) in standardised.iter().enumerate() {
        let z = samples.z(place);
        for (sums, value) in sums.iter_mut().zip(row) {
            for (sum, z) in sums.iter_mut().zip(&z) {
                *sum += value * f64::from(*z) / deviation;
            }
        }
    }
    let count = standardised.len() as f64;
    for sum in sums.iter_mut().flatten() {
        *sum /= count;
    }
    sums
}

/// (Σ wⱼ bⱼ bⱼᵀ + λ)⁻¹ `wanted`, by conjugate gradients: the matrix itself, z_dim², is never made.
fn solve(gradients: &[Vec<f64>], weights: &[f64], wanted: &[f64]) -> Vec<f64> {
    let product = |x: &[f64]| {
        let mut product: Vec<f64> = x.iter().map(|x| LENGTH_WEIGHT * x).collect();
        for (gradient, weight) in gradients.iter().zip(weights) {
            add(&mut product, weight * dot(gradient, x), gradient);
        }
        product
    };
    let mut solution = vec![0.0; wanted.len()];
    let mut rest = wanted.to_vec();
    let mut along = rest.clone();
    let start = dot(&rest, &rest);
    let mut square = start;
    // exact after as many steps as there are gradients, but for rounding
    for _ in 0..2 * gradients.len() + 2 {
        if square <= 1e-18 * start {
            break;
        }
        let moved = product(&along);
        let step = square / dot(&along, &moved);
        add(&mut solution, step, &along);
        add(&mut rest, -step, &moved);
        let before = std::mem::replace(&mut square, dot(&rest, &rest));
        let next = along.iter().zip(&rest);
        along = next
            .map(|(along, rest)| rest + square / before * along)
            .collect();
    }
    solution
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(x, y)| x * y).sum()
}

fn add(to: &mut [f64], factor: f64, what: &[f64]) {
    for (to, what) in to.iter_mut().zip(what) {
        *to += factor * what;
    }
}

/// What a direction does to pictures that it was not found from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The share of pictures in which the classifier changed its answer about the attribute, each
    /// moved towards the other answer.
    pub changed: f64,
    /// The share of its answers about all other attributes that stayed.
    pub others_stayed: f64,
}

/// Moves pictures by `strength` along a direction, those with the attribute backwards, and asks the
/// classifier before and after.
///
/// # Panics
/// If there are no seeds, or the direction is for another model.
pub fn effect(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    direction: &Direction,
    (attribute, strength): (usize, f64),
    seeds: &SeedList,
) -> Effect {
    let model = sampler.config().clone();
    let vectors: Vec<_> = seeds
        .iter()
        .map(|seed| latent::from_seed(&model, seed))
        .collect();
    let before = classifier.logits(&sampler.values(&vectors));
    let moved: Vec<_> = vectors
        .iter()
        .zip(&before)
        .map(|(z, logits)| {
            let towards = if logits[attribute] > 0.0 {
                -strength
            } else {
                strength
            };
            direction.moved(z, towards)
        })
        .collect();
    let after = classifier.logits(&sampler.values(&moved));
    let (mut changed, mut stayed) = (0, 0);
    for (before, after) in before.iter().zip(&after) {
        for (place, (before, after)) in before.iter().zip(after).enumerate() {
            let same = (*before > 0.0) == (*after > 0.0);
            changed += usize::from(place == attribute && !same);
            stayed += usize::from(place != attribute && same);
        }
    }
    let others = before.len() * (classifier.names().len() - 1);
    Effect {
        changed: changed as f64 / before.len() as f64,
        others_stayed: if others == 0 {
            1.0
        } else {
            stayed as f64 / others as f64
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_of_one_gradient_leaves_another_one_that_lies_across() {
        let gradients = vec![vec![1.0, 0.8, 0.0], vec![0.0, 1.0, 0.0]];
        let vector = solve(&gradients, &[0.0, 1.0], &gradients[0]);
        let change = |other: &[f64]| dot(&vector, other) / dot(&vector, &vector).sqrt();
        let with_it = solve(&gradients, &[0.0, 0.0], &gradients[0]);
        let taken_along = dot(&with_it, &gradients[1]) / dot(&with_it, &with_it).sqrt();
        assert!(change(&gradients[0]) > 0.95);
        assert!(change(&gradients[1]).abs() < 0.5 * taken_along);
        assert!((with_it[1] / with_it[0] - 0.8).abs() < 1e-9, "{with_it:?}");
    }
}
