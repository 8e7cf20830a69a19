//! What `arithmetic`, `direction` and `forget` share: learning the attributes of a data set, and
//! labelling samples with them.

use std::path::Path;

use anyhow::Result;
use clap::Arg;
use dcgan::latent::SeedList;
use dcgan::sample::{Sampler, load_discriminator};
use dcgan_data::{AnnotationNames, DataSource};
use dcgan_explore::attributes::{AttributeClassifier, AttributeError, LabelledSamples};

use super::data_arguments::CacheArguments;
use super::{dataset, output, progress};

/// How many of the drawn faces to learn attributes from: more than for training, as a smile covers
/// few pixels.
const DEMO_FACES: u32 = 10_000;

/// The names of the tasks, as progress bars show them.
const LEARNING: &str = "learning attributes";
const LABELLING: &str = "drawing samples";

/// The tasks of learning the attributes of `data` and labelling this many samples, with about how long
/// they take: see [`progress::cover`].
pub fn tasks(data: &DataSource, samples: u64) -> [(&'static str, f64); 3] {
    let pictures = match data {
        DataSource::Demo { .. } => DEMO_FACES,
        DataSource::Files { .. } => USUAL_PICTURES,
    };
    [
        (dataset::READING, 0.3 * f64::from(pictures)),
        (LEARNING, f64::from(pictures)),
        (LABELLING, samples as f64),
    ]
}

/// About as many pictures as data sets with attributes have.
const USUAL_PICTURES: u32 = 50_000;

/// What `--data` is where attributes are learned.
pub fn describe_data(argument: Arg) -> Arg {
    if argument.get_id() == "data" {
        argument.help(
            "Pictures with attributes, of the kind that RUN was trained on, or `demo` \
             [default: those that RUN was trained on]",
        )
    } else {
        argument
    }
}

/// The names of the attributes and classes of `data`. No picture is decoded for them.
///
/// # Errors
/// If it has none, or cannot be read.
pub fn names(data: &DataSource) -> Result<Vec<String>> {
    let AnnotationNames {
        mut attributes,
        classes,
    } = AnnotationNames::read(data)?;
    attributes.extend(classes);
    if attributes.is_empty() {
        return Err(AttributeError::NoAttributes.into());
    }
    Ok(attributes)
}

/// Checks that `data` has an attribute or class of this name, before any work.
///
/// # Errors
/// If it has not, or cannot be read.
pub fn check_name(name: &str, data: &DataSource) -> Result<()> {
    Ok(AttributeClassifier::check_name(name, &names(data)?)?)
}

/// Learns the attributes of `data` from the features of the discriminator of `run`, whose generator
/// is `sampler`.
pub fn learn(
    run: &Path,
    sampler: &Sampler,
    data: &DataSource,
    cache: &CacheArguments,
) -> Result<AttributeClassifier> {
    let discriminator = load_discriminator(run, sampler.device())?;
    let mut source = data.clone();
    if let DataSource::Demo { count, .. } = &mut source {
        *count = DEMO_FACES;
    }
    let (dataset, cache) = dataset::load_for_run(run, sampler.config(), &source, cache)?;
    dataset::report_cache(&cache);
    let bar = progress::bar(LEARNING, dataset.len());
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

/// Draws and labels samples.
pub fn label_samples(
    sampler: &mut Sampler,
    classifier: &AttributeClassifier,
    seeds: &SeedList,
) -> LabelledSamples {
    let bar = progress::bar(LABELLING, seeds.len() as usize);
    let samples = LabelledSamples::draw(sampler, classifier, seeds, &|done| {
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    samples
}
