//! Samples that match descriptions.

use super::labelled_samples::LabelledSamples;
use super::{AttributeError, Description};

/// How much the distance from the centre counts against certainty.
const DISTANCE_WEIGHT: f64 = 1.0;

/// Certainty is capped at this many standard deviations: pictures beyond are extreme rather than
/// more certain, and a group of extremes adds more of its attribute than other groups subtract.
const MAX_CERTAINTY: f64 = 1.5;

/// Chooses `count` seeds for each description, no seed twice: samples that match with certainty and
/// are otherwise ordinary.
///
/// A sample qualifies if the classifier says that it matches. Qualified samples are ranked by
/// certainty (the logit of the least certain test in standard deviations over all samples, capped
/// at 1.5) minus the distance from the common centre of the groups in the attributes that their
/// description does not mention: what groups do not share would not cancel in vector arithmetic.
///
/// ```
/// use std::path::Path;
/// use dcgan_explore::attributes::{AttributeClassifier, LabelledSamples, exemplars};
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
/// let descriptions = [
///     classifier.describe("man with glasses")?,
///     classifier.describe("man without glasses")?,
///     classifier.describe("woman")?,
/// ];
/// let seeds = exemplars(&samples, &descriptions, 3)?;
/// assert!(seeds.len() == 3 && seeds.iter().all(|group| group.len() == 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If too few samples match a description.
pub fn exemplars(
    samples: &LabelledSamples,
    descriptions: &[Description],
    count: usize,
) -> Result<Vec<Vec<u64>>, AttributeError> {
    let groups = candidates(samples, descriptions, count)?;
    let logits = samples.standardised_logits();
    let centre = centre(&logits, &groups);
    let mut taken: Vec<usize> = Vec::new();
    let mut chosen = Vec::new();
    for group in &groups {
        let mut ranked: Vec<(f64, usize)> = group
            .samples
            .iter()
            .filter(|sample| !taken.contains(sample))
            .map(|&sample| (score(&logits[sample], group.description, &centre), sample))
            .collect();
        ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        ranked.truncate(count);
        if ranked.len() < count {
            return Err(AttributeError::TooFewMatches {
                words: group.description.words.clone(),
                found: ranked.len(),
                drawn: samples.seeds.len(),
                needed: count,
            });
        }
        let best: Vec<usize> = ranked.into_iter().map(|(_, sample)| sample).collect();
        chosen.push(best.iter().map(|&sample| samples.seeds[sample]).collect());
        taken.extend(best);
    }
    Ok(chosen)
}

/// A description and the places of the samples that match it.
struct Candidates<'a> {
    description: &'a Description,
    samples: Vec<usize>,
}

fn candidates<'a>(
    samples: &LabelledSamples,
    descriptions: &'a [Description],
    count: usize,
) -> Result<Vec<Candidates<'a>>, AttributeError> {
    let of_description = |description: &'a Description| {
        let matching: Vec<usize> = (0..samples.logits.len())
            .filter(|&sample| description.matches(&samples.logits[sample]))
            .collect();
        // several descriptions may mean the same
        let same = descriptions
            .iter()
            .filter(|other| other.tests == description.tests);
        let needed = count * same.count();
        if matching.len() < needed {
            return Err(AttributeError::TooFewMatches {
                words: description.words.clone(),
                found: matching.len(),
                drawn: samples.seeds.len(),
                needed,
            });
        }
        Ok(Candidates {
            description,
            samples: matching,
        })
    };
    descriptions.iter().map(of_description).collect()
}

/// For each attribute the mean over the groups whose description does not mention it, each group
/// counted once; `None` if all mention it.
fn centre(logits: &[Vec<f32>], groups: &[Candidates]) -> Vec<Option<f64>> {
    let attributes = logits.first().map_or(0, Vec::len);
    let centre_of = |attribute: usize| {
        let means: Vec<f64> = groups
            .iter()
            .filter(|group| !group.description.mentions(attribute))
            .map(|group| {
                let values = group.samples.iter();
                let values = values.map(|&sample| f64::from(logits[sample][attribute]));
                values.sum::<f64>() / group.samples.len() as f64
            })
            .collect();
        (!means.is_empty()).then(|| means.iter().sum::<f64>() / means.len() as f64)
    };
    (0..attributes).map(centre_of).collect()
}

/// How good an exemplar of a description a sample is, by its standardised logits.
fn score(logits: &[f32], description: &Description, centre: &[Option<f64>]) -> f64 {
    let certainties = description.tests.iter().map(|test| {
        let logit = f64::from(logits[test.attribute]);
        if test.holds { logit } else { -logit }
    });
    let certainty = certainties.fold(MAX_CERTAINTY, f64::min);
    let squares: Vec<f64> = centre
        .iter()
        .enumerate()
        .filter(|(attribute, _)| !description.mentions(*attribute))
        .filter_map(|(attribute, centre)| Some((f64::from(logits[attribute]) - (*centre)?).powi(2)))
        .collect();
    let distance = if squares.is_empty() {
        0.0
    } else {
        (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
    };
    certainty - DISTANCE_WEIGHT * distance
}
