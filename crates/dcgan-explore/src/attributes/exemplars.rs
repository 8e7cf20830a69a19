//! Drawn pictures that look as words say.

use super::labelled_samples::LabelledSamples;
use super::{AttributeError, Condition};

/// How much it counts against a picture that it differs in what is not asked for.
const WEIGHT_OF_OTHERS: f64 = 1.0;

/// How many deviations are certain enough: pictures beyond are not surer, but extreme, and a group
/// of extremes adds more of its attribute than the others take away.
const CERTAIN: f64 = 1.5;

/// Chooses `count` seeds for each group of conditions, no seed twice: pictures about which the
/// classifier is certain, and which have little else that is special.
///
/// A picture qualifies if the classifier says that it meets all conditions. Among those the best
/// have the greatest certainty (the logit of the least certain condition, in deviations over all
/// samples, of which 1.5 are enough) less the distance from the middle of all groups in the attributes that their group
/// leaves open: what the groups do not share would not cancel when they are added and taken away.
///
/// `groups` are the words, for errors, and what they mean.
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
/// let group = |words| Ok((words, classifier.conditions(words)?));
/// let groups: Result<Vec<_>, dcgan_explore::attributes::AttributeError> =
///     ["man with glasses", "man without glasses", "woman"].into_iter().map(group).collect();
/// let seeds = exemplars(&samples, &groups?, 3)?;
/// assert!(seeds.len() == 3 && seeds.iter().all(|group| group.len() == 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A group of which too few pictures were drawn.
pub fn exemplars(
    samples: &LabelledSamples,
    groups: &[(&str, Vec<Condition>)],
    count: usize,
) -> Result<Vec<Vec<u64>>, AttributeError> {
    let standardised = samples.standardised();
    let candidates = candidates(samples, groups, count)?;
    let middle = middle(&standardised, groups, &candidates);
    let mut taken: Vec<usize> = Vec::new();
    let mut chosen = Vec::new();
    for ((words, conditions), candidates) in groups.iter().zip(&candidates) {
        let score = |&place: &usize| score(&standardised[place], conditions, &middle);
        let free = candidates
            .iter()
            .copied()
            .filter(|place| !taken.contains(place));
        let mut ranked: Vec<(f64, usize)> = free.map(|place| (score(&place), place)).collect();
        ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
        ranked.truncate(count);
        if ranked.len() < count {
            return Err(AttributeError::NoCandidates {
                words: (*words).to_owned(),
                found: ranked.len(),
                drawn: samples.seeds.len(),
                needed: count,
            });
        }
        taken.extend(ranked.iter().map(|(_, place)| place));
        chosen.push(
            ranked
                .iter()
                .map(|&(_, place)| samples.seeds[place])
                .collect(),
        );
    }
    Ok(chosen)
}

/// For each group the places of the pictures that meet its conditions.
fn candidates(
    samples: &LabelledSamples,
    groups: &[(&str, Vec<Condition>)],
    count: usize,
) -> Result<Vec<Vec<usize>>, AttributeError> {
    let of_group = |(words, conditions): &(&str, Vec<Condition>)| {
        let logits = samples.logits.iter().enumerate();
        let meets = |logits: &[f32]| conditions.iter().all(|it| it.is_met(logits));
        let found = logits.filter(|(_, logits)| meets(logits));
        let found: Vec<usize> = found.map(|(place, _)| place).collect();
        // the same words may stand in several groups
        let same = groups.iter().filter(|(_, other)| other == conditions);
        let needed = count * same.count();
        match found.len() < needed {
            true => Err(AttributeError::NoCandidates {
                words: (*words).to_owned(),
                found: found.len(),
                drawn: samples.seeds.len(),
                needed,
            }),
            false => Ok(found),
        }
    };
    groups.iter().map(of_group).collect()
}

impl Condition {
    /// Whether the classifier says so.
    pub fn is_met(&self, logits: &[f32]) -> bool {
        (logits[self.attribute] > 0.0) == self.holds
    }
}

/// The middle of each attribute over the candidates of the groups that leave it open, each group
/// counted once; none if no group does.
fn middle(
    standardised: &[Vec<f64>],
    groups: &[(&str, Vec<Condition>)],
    candidates: &[Vec<usize>],
) -> Vec<Option<f64>> {
    let attributes = standardised.first().map_or(0, Vec::len);
    let middle = (0..attributes).map(|attribute| {
        let open = groups
            .iter()
            .zip(candidates)
            .filter(|((_, conditions), _)| {
                conditions
                    .iter()
                    .all(|condition| condition.attribute != attribute)
            });
        let means: Vec<f64> = open
            .map(|(_, candidates)| {
                let values = candidates
                    .iter()
                    .map(|&place| standardised[place][attribute]);
                values.sum::<f64>() / candidates.len() as f64
            })
            .collect();
        (!means.is_empty()).then(|| means.iter().sum::<f64>() / means.len() as f64)
    });
    middle.collect()
}

fn score(standardised: &[f64], conditions: &[Condition], middle: &[Option<f64>]) -> f64 {
    let certainty = conditions.iter().map(|condition| {
        let value = standardised[condition.attribute];
        if condition.holds { value } else { -value }
    });
    let open = |attribute: usize| conditions.iter().all(|it| it.attribute != attribute);
    let others: Vec<f64> = middle
        .iter()
        .enumerate()
        .filter(|(attribute, _)| open(*attribute))
        .filter_map(|(attribute, middle)| Some((standardised[attribute] - (*middle)?).powi(2)))
        .collect();
    let distance = match others.len() {
        0 => 0.0,
        count => (others.iter().sum::<f64>() / count as f64).sqrt(),
    };
    certainty.fold(CERTAIN, f64::min) - WEIGHT_OF_OTHERS * distance
}
