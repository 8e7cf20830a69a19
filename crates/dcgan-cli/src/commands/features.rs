//! `dcgan features`: the discriminator's features as an array.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use dcgan::sample::load_discriminator;
use dcgan_data::{DataError, Dataset};
use dcgan_explore::classification::{ClassificationError, LabelledPictures};
use dcgan_explore::feature_reader::{FeatureError, FeatureReader, write_features, write_labels};

use super::{device, pictures, threads};
use crate::cli::{Features, RunAndData};
use crate::{interrupt, output};

/// Writes the features, and the labels beside them.
pub fn run(arguments: &Features) -> Result<()> {
    let out = &arguments.out;
    if out.extension().is_none_or(|ending| ending != "npy") {
        bail!(
            "the features are a NumPy array: name {} .npy",
            out.display()
        );
    }
    let arguments = &arguments.arguments;
    threads::limit(arguments.compute.threads)?;
    interrupt::catch()?;
    let device = device::open(&arguments.compute)?;
    let discriminator = load_discriminator(&arguments.run, &device)?;
    let model = discriminator.config();
    let source = source(arguments);
    let (dataset, cache) =
        pictures::load_for_run((&arguments.run, model), &source, &arguments.cache)
            .map_err(|error| pictures::explain(error, "nothing was written"))?;
    pictures::tell_cache(&cache);
    let labels = labels(&dataset, arguments.attribute.as_deref())?;
    let reader = FeatureReader::new(&discriminator, &dataset)?;
    let bar = pictures::bar("computing features", dataset.len());
    let written = write_features(out, &reader, &|done| {
        bar.set_position(done as u64);
        !interrupt::requested()
    });
    bar.finish_and_clear();
    written.map_err(|error| explain(error.into(), "nothing was written"))?;
    output::line(&format!(
        "{} features of each of {} pictures in {}",
        reader.width(),
        dataset.len(),
        out.display()
    ));
    if let Some(labels) = labels {
        let beside = labels_file(out);
        write_labels(&beside, labels.labels())?;
        tell_labels(&labels, &beside);
    }
    Ok(())
}

/// The pictures that are named.
pub(super) fn source(arguments: &RunAndData) -> dcgan_data::DataSource {
    let split = arguments.split.map(Into::into);
    pictures::source(&arguments.data, arguments.format, split)
}

/// The classes of the data, or those by an attribute; none where the data has none.
fn labels(dataset: &Dataset, attribute: Option<&str>) -> Result<Option<LabelledPictures>> {
    if let Some(name) = attribute {
        return Ok(Some(LabelledPictures::of_attribute(dataset, name)?));
    }
    match LabelledPictures::of_classes(dataset) {
        Ok(labels) => Ok(Some(labels)),
        Err(ClassificationError::NoLabels { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `features.labels.npy` for `features.npy`.
fn labels_file(features: &Path) -> PathBuf {
    features.with_extension("labels.npy")
}

/// How many names of classes a line shows.
const NAMES: usize = 10;

fn tell_labels(labels: &LabelledPictures, path: &Path) {
    let numbered = labels.classes().iter().enumerate();
    let names: Vec<String> = numbered
        .take(NAMES)
        .map(|(number, name)| match number.to_string() == *name {
            true => name.clone(),
            false => format!("{number} {name}"),
        })
        .collect();
    let more = if labels.classes().len() > NAMES {
        ", …"
    } else {
        ""
    };
    output::line(&format!(
        "their labels in {}: {}{more}",
        path.display(),
        names.join(", ")
    ));
}

/// An error of the library in words of a command; `what` was not done.
pub(super) fn explain(error: ClassificationError, what: &str) -> anyhow::Error {
    match error {
        ClassificationError::Features(FeatureError::Data(DataError::Interrupted)) => {
            anyhow!("stopped while computing features: {what}")
        }
        error => error.into(),
    }
}
