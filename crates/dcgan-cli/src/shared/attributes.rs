//! What `arithmetic`, `direction` and `forget` share: a classifier for attributes, and drawn
//! pictures that it has labelled.

use std::path::Path;

use anyhow::Result;
use dcgan::config::ModelConfig;
use dcgan::device::Device;
use dcgan::latent::SeedList;
use dcgan::sample::{Sampler, load_discriminator};
use dcgan_data::{DataSource, Dataset};
use dcgan_explore::attributes::{AttributeClassifier, AttributeError, LabelledSamples};

use super::data_arguments::CacheArguments;
use super::{dataset, output, progress};

/// Faces that `demo` draws to learn attributes from: more than a training needs, as a smile is
/// small.
const DEMO_FACES: u32 = 10_000;

/// The classifier for the attributes of a data set, on the features of a run's discriminator.
pub fn learn(
    run: &Path,
    (model, device): (&ModelConfig, &Device),
    data: &Path,
    cache: &CacheArguments,
) -> Result<AttributeClassifier> {
    let discriminator = load_discriminator(run, device)?;
    let source = match dataset::source(data, None, None) {
        DataSource::Demo { seed, .. } => DataSource::Demo {
            count: DEMO_FACES,
            seed,
        },
        files => files,
    };
    let (dataset, cache) = dataset::load_for_run(run, model, &source, cache)
        .map_err(|error| dataset::explain(error, "nothing was learned from them"))?;
    dataset::report_cache(&cache);
    Ok(train(discriminator, &dataset)?)
}

fn train(
    discriminator: dcgan::model::Discriminator,
    dataset: &Dataset,
) -> Result<AttributeClassifier, AttributeError> {
    let bar = progress::bar("learning attributes", dataset.len());
    let trained = AttributeClassifier::train(discriminator, dataset, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    trained
}

/// Says how often the classifier is right about an attribute.
pub fn tell_accuracy(classifier: &AttributeClassifier, attribute: usize) {
    let held_out = classifier.held_out(attribute);
    let percent = |share: f64| format!("{:.0}%", 100.0 * share);
    output::line(&format!(
        "{}: the classifier is right about {} of {} held-out pictures ({} would be by always \
         giving the more frequent answer; balanced {})",
        classifier.names()[attribute],
        percent(held_out.accuracy()),
        held_out.pictures(),
        percent(held_out.more_frequent()),
        percent(held_out.balanced_accuracy()),
    ));
}

/// Draws the pictures of seeds 0 and on, and labels them.
pub fn label(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    count: u64,
) -> Result<LabelledSamples> {
    let seeds = SeedList::from_first(0, count)?;
    let bar = progress::bar("drawing pictures", count as usize);
    let samples = LabelledSamples::draw(sampler, classifier, &seeds, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(samples)
}
