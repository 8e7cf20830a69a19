//! `dcgan features`: the discriminator's features as an array.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use clap::Args;
use dcgan::sample::load_discriminator;
use dcgan_data::{DataError, Dataset, Format};
use dcgan_explore::classification::{ClassificationError, LabelledPictures};
use dcgan_explore::feature_reader::{FeatureError, FeatureReader, write_features, write_labels};

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, FORMATS, Split};
use crate::shared::{dataset, interrupt, output, progress};

/// A run, and pictures for its discriminator to look at.
#[derive(Debug, Args)]
pub struct RunAndData {
    /// A run folder, a checkpoint, or a discriminator.safetensors
    pub run: PathBuf,

    /// Pictures: whatever `train` takes, or the word `demo`
    pub data: PathBuf,

    /// What DATA is [default: found out by looking]
    #[arg(long, value_name = "FORMAT", long_help = FORMATS)]
    pub format: Option<Format>,

    /// Which part of DATA, where it has parts: train, valid, test, all [default: train]
    #[arg(long, value_name = "SPLIT")]
    pub split: Option<Split>,

    /// Take two classes: the pictures that have this attribute, and those that have not
    #[arg(long, value_name = "NAME")]
    pub attribute: Option<String>,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

/// `dcgan features`
#[derive(Debug, Args)]
#[command(after_help = FEATURES_HELP)]
pub struct Features {
    #[command(flatten)]
    pub arguments: RunAndData,

    /// The array to write, a .npy
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
}

const FEATURES_HELP: &str = "\
A picture's features are what all layers of the discriminator but the last answer, each map
max-pooled to 4x4, flattened and joined: the paper's section 5.1. The array is [pictures, features]
of float32, in the order of the data. If the data has classes (or --attribute names some), their
numbers are written beside it as int64, -1 for a picture without one: features.labels.npy beside
features.npy. Pictures are resized and cropped as the run's were.

Examples:
  dcgan features runs/photos photos/ -o features.npy
  dcgan features runs/photos cifar-10-binary.tar.gz --split test -o test.npy
  dcgan features runs/demo demo --attribute Smiling -o demo.npy";

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
    arguments.compute.limit_threads()?;
    interrupt::catch()?;
    let device = arguments.compute.open_device()?;
    let discriminator = load_discriminator(&arguments.run, &device)?;
    let model = discriminator.config();
    let source = source(arguments);
    let (dataset, cache) = dataset::load_for_run(&arguments.run, model, &source, &arguments.cache)
        .map_err(|error| dataset::explain(error, "nothing was written"))?;
    dataset::report_cache(&cache);
    let labels = labels(&dataset, arguments.attribute.as_deref())?;
    let reader = FeatureReader::new(&discriminator, &dataset)?;
    let bar = progress::bar("computing features", dataset.len());
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
    dataset::source(&arguments.data, arguments.format, split)
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
