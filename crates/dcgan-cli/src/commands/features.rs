//! `dcgan features`: the discriminator's features as an array.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use dcgan::sample::load_discriminator;
use dcgan_data::{AnnotationNames, DataSource, Dataset};
use dcgan_explore::classification::{ClassificationError, LabelledPictures};
use dcgan_explore::feature_file::{write_features, write_labels};
use dcgan_explore::feature_reader::FeatureReader;

use crate::shared::compute::ComputeArguments;
use crate::shared::data_arguments::{CacheArguments, RunDataArguments};
use crate::shared::targets::{Files, Replace, WritesFiles, default_folder};
use crate::shared::{dataset, early, output, progress};
use crate::words::counted;

/// What `features` and `classify` have in common: a discriminator, and pictures for it.
#[derive(Debug, Args)]
pub struct RunAndData {
    /// A run directory, a checkpoint or a discriminator.safetensors
    pub run: PathBuf,

    /// As --data
    #[arg(hide = true, value_name = "DATA", conflicts_with = "data")]
    pub positional_data: Option<PathBuf>,

    #[command(flatten)]
    pub data: RunDataArguments,

    /// Use two classes: pictures without this attribute, and pictures with it
    #[arg(long, value_name = "NAME")]
    pub attribute: Option<String>,

    #[command(flatten)]
    pub cache: CacheArguments,

    #[command(flatten)]
    pub compute: ComputeArguments,
}

impl RunAndData {
    /// The pictures. An attribute that they do not have is refused here, before any work.
    pub fn source(&self) -> Result<DataSource> {
        let source = match &self.positional_data {
            Some(path) => {
                let split = self.data.split.map(Into::into);
                dataset::source(path, self.data.format, split)
            }
            None => self.data.source(&self.run)?.0,
        };
        if let Some(name) = &self.attribute {
            let names = AnnotationNames::read(&source)?.attributes;
            LabelledPictures::check_attribute(name, &names)?;
        }
        Ok(source)
    }

    /// What is read.
    pub fn files(&self, replace: Replace) -> Files<'_> {
        let data = self
            .positional_data
            .as_deref()
            .or(self.data.data.as_deref());
        Files::new(replace, data).with_run(&self.run)
    }
}

/// `dcgan features`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Features {
    #[command(flatten)]
    pub input: RunAndData,

    /// Write the array to this .npy file [default: RUN/features.npy]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    #[command(flatten)]
    pub replace: Replace,
}

impl WritesFiles for Features {
    fn files(&self) -> Files<'_> {
        self.input
            .files(self.replace)
            .writing(self.out())
            .writing(labels_file(&self.out()))
    }
}

impl Features {
    /// Where the features go.
    fn out(&self) -> PathBuf {
        match &self.out {
            Some(out) => out.clone(),
            None => default_folder(&self.input.run).join("features.npy"),
        }
    }
}

const HELP: &str = "\
A picture's features are the activations of all layers of the discriminator but the last, each map
max-pooled to 4x4, flattened and concatenated (the paper's section 5.1). The array is
[pictures, features] of float32, in the order of the data. If the data has classes, or --attribute
makes two, their numbers are written as int64, -1 for pictures without a class: features.labels.npy
for features.npy. Pictures are resized and cropped as in training.

Examples:
  dcgan features runs/photos
  dcgan features runs/photos --data cifar-10-binary.tar.gz --split test -o test.npy
  dcgan features runs/demo --data demo --attribute Smiling -o demo.npy";

/// The name of the task, as its progress bar shows it.
const COMPUTING: &str = "computing features";

/// The file of the labels, next to that of the features.
fn labels_file(features: &Path) -> PathBuf {
    features.with_extension("labels.npy")
}

pub fn run(arguments: &Features) -> Result<()> {
    let out = &arguments.out();
    if out.extension().is_none_or(|extension| extension != "npy") {
        bail!("the features are a .npy file, not {}", out.display());
    }
    let input = &arguments.input;
    input.compute.limit_threads()?;
    let source = input.source()?;
    progress::cover([(dataset::READING, 0.3), (COMPUTING, 1.0)]);
    let device = input.compute.open_device()?;
    let discriminator = load_discriminator(&input.run, &device)?;
    early::note_of_discriminator(&input.run);
    let model = discriminator.config();
    let (dataset, cache) = dataset::load_for_run(&input.run, model, &source, &input.cache)?;
    dataset::report_cache(&cache);
    let labels = labels(&dataset, input.attribute.as_deref())?;
    let reader = FeatureReader::new(&discriminator, &dataset)?;
    let bar = progress::bar(COMPUTING, dataset.len());
    let written = write_features(out, &reader, &|done| {
        bar.set_position(done as u64);
        true
    });
    bar.finish_and_clear();
    written?;
    output::line(&format!(
        "{} of each of {} in {}",
        counted(reader.width(), "feature"),
        counted(dataset.len(), "picture"),
        out.display()
    ));
    if let Some(labels) = labels {
        let path = labels_file(out);
        write_labels(&path, labels.labels())?;
        report_labels(&labels, &path);
    }
    Ok(())
}

/// The classes by an attribute, or those of the data; `None` if the data has none.
fn labels(dataset: &Dataset, attribute: Option<&str>) -> Result<Option<LabelledPictures>> {
    if let Some(name) = attribute {
        return Ok(Some(LabelledPictures::from_attribute(dataset, name)?));
    }
    match LabelledPictures::from_classes(dataset) {
        Ok(labels) => Ok(Some(labels)),
        Err(ClassificationError::NoLabels { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// How many classes a line names.
const MAX_NAMES: usize = 10;

fn report_labels(labels: &LabelledPictures, path: &Path) {
    let classes = labels.classes();
    let mut names: Vec<String> = Vec::new();
    for (number, name) in classes.iter().take(MAX_NAMES).enumerate() {
        if *name == number.to_string() {
            names.push(name.clone());
        } else {
            names.push(format!("{number} {name}"));
        }
    }
    if classes.len() > MAX_NAMES {
        names.push("…".to_owned());
    }
    output::line(&format!(
        "labels in {}: {}",
        path.display(),
        names.join(", ")
    ));
}
