//! What `arithmetic`, `direction` and `forget` share: learning the attributes of a data set, and
//! labelling samples with them.

use std::path::Path;

use anyhow::Result;
use dcgan::latent::SeedList;
use dcgan::sample::{Sampler, load_discriminator};
use dcgan_data::DataSource;
use dcgan_explore::attributes::{AttributeClassifier, LabelledSamples};

use super::data_arguments::CacheArguments;
use super::{dataset, output, progress};

/// How many of the drawn faces to learn attributes from: more than for training, as a smile covers
/// few pixels.
const DEMO_FACES: u32 = 10_000;

/// Learns the attributes of `data` from the features of the discriminator of `run`, whose generator
/// is `sampler`.
pub fn learn(
    run: &Path,
    sampler: &Sampler,
    data: &Path,
    cache: &CacheArguments,
) -> Result<AttributeClassifier> {
    let discriminator = load_discriminator(run, sampler.device())?;
    let mut source = dataset::source(data, None, None);
    if let DataSource::Demo { count, .. } = &mut source {
        *count = DEMO_FACES;
    }
    let (dataset, cache) = dataset::load_for_run(run, sampler.config(), &source, cache)?;
    dataset::report_cache(&cache);
    let bar = progress::bar("learning attributes", dataset.len());
    let trained = AttributeClassifier::train(discriminator, &dataset, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(trained?)
}

/// Reports how accurate the classifier is for an attribute.
pub fn report_accuracy(classifier: &AttributeClassifier, attribute: usize) {
    let held_out = classifier.held_out(attribute);
    let percent = |share: f64| format!("{:.0}%", 100.0 * share);
    output::line(&format!(
        "{}: the classifier is right on {} of {} held-out pictures (always giving the more \
         frequent answer: {}; balanced accuracy: {})",
        classifier.names()[attribute],
        percent(held_out.accuracy()),
        held_out.pictures(),
        percent(held_out.majority_accuracy()),
        percent(held_out.balanced_accuracy()),
    ));
}

/// Draws and labels the samples with seeds 0 to `count` − 1.
pub fn label_samples(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    count: u64,
) -> Result<LabelledSamples> {
    let seeds = SeedList::from_first(0, count)?;
    let bar = progress::bar("drawing samples", count as usize);
    let samples = LabelledSamples::draw(sampler, classifier, &seeds, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(samples)
}
