//! `dcgan classify`: how good the discriminator's features are.

mod confusion_table;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use dcgan::model::Discriminator;
use dcgan::sample::load_discriminator;
use dcgan::train::TrainError;
use dcgan_data::{DataError, DataSource, Dataset, Format, Split};
use dcgan_explore::classification::{
    ClassificationError, Classifier, Confusion, LabelledPictures, Selection,
};
use dcgan_explore::feature_reader::FeatureReader;
use serde_json::json;

use super::features::RunAndData;
use crate::shared::targets::{Files, Replace, WritesFiles};
use crate::shared::{dataset, early, output, progress};
use crate::words::counted;

/// `dcgan classify`
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Classify {
    #[command(flatten)]
    pub input: RunAndData,

    /// Learn from only this many pictures of each class [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub labels_per_class: Option<u32>,

    /// Pictures of the same classes to measure accuracy on; their test split, if they have one
    /// [default: the test split of DATA, or else the pictures that are not learned from: a fifth of
    /// each class, or all others with --labels-per-class]
    #[arg(long, value_name = "DATA")]
    pub test: Option<PathBuf>,

    /// Seed of the choice of pictures to learn from
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl WritesFiles for Classify {
    fn files(&self) -> Files<'_> {
        let force = Replace { force: false }; // nothing is written
        self.input.files(force).reading(self.test.as_deref())
    }
}

const HELP: &str = "\
The experiment of the paper's section 5.1: a linear support vector machine with squared hinge loss,
one class against the rest, on the discriminator's features of all layers, max-pooled to 4x4. Each
feature is standardised first. C is chosen from nine values by the accuracy on a fifth of the
labelled pictures; then the machine is trained on all of them. The discriminator does not change.

Prints the accuracy, the accuracy of always predicting the most frequent class, and the confusion
matrix. Results are reproducible.

Examples:
  dcgan classify runs/photos --data cifar-10-binary.tar.gz
  dcgan classify runs/photos --data svhn/ --labels-per-class 100
  dcgan classify runs/photos --data flowers/train/ --test flowers/test/
  dcgan classify runs/demo --data demo --attribute Eyeglasses --json | jq .accuracy";

pub fn run(arguments: &Classify) -> Result<()> {
    let input = &arguments.input;
    input.compute.limit_threads()?;
    let source = input.source()?;
    // and perhaps those for the test
    let reading = (dataset::READING, 0.3);
    progress::cover([reading, reading, (LEARNING, 1.0), (CLASSIFYING, 0.5)]);
    let device = input.compute.open_device()?;
    let task = Task {
        arguments,
        discriminator: load_discriminator(&input.run, &device)?,
    };
    early::note_of_discriminator(&input.run);
    let dataset = task.load(&source)?;
    let test = task.load_test_set(&source, &dataset)?;
    let labels = task.labels(&dataset)?;
    let selection = Selection {
        labels_per_class: arguments.labels_per_class.map(|count| count as usize),
        seed: arguments.seed,
    };
    let division = selection.divide(&labels, test.is_some())?;
    let reader = FeatureReader::new(&task.discriminator, &dataset)?;
    let count = division.training.len();
    let classifier = with_bar(LEARNING, count, |progress| {
        Classifier::train(&reader, &labels, &division.training, progress)
    })?;
    let confusion = match &test {
        Some(test) => {
            let labels = task.labels(test)?;
            task.judge(&classifier, test, &labels, &labels.labelled())?
        }
        None => task.judge(&classifier, &dataset, &labels, &division.others)?,
    };
    if arguments.json {
        report_json(&classifier, count, &confusion);
    } else {
        report(&classifier, count, &confusion);
    }
    Ok(())
}

/// The names of the tasks, as progress bars show them.
const LEARNING: &str = "learning from features";
const CLASSIFYING: &str = "classifying";

struct Task<'a> {
    arguments: &'a Classify,
    discriminator: Discriminator,
}

impl Task<'_> {
    fn load(&self, source: &DataSource) -> Result<Dataset> {
        Ok(self.try_load(source)?)
    }

    fn try_load(&self, source: &DataSource) -> Result<Dataset, TrainError> {
        let input = &self.arguments.input;
        let model = self.discriminator.config();
        let (dataset, cache) = dataset::load_for_run(&input.run, model, source, &input.cache)?;
        if !self.arguments.json {
            dataset::report_cache(&cache);
        }
        Ok(dataset)
    }

    fn labels(&self, dataset: &Dataset) -> Result<LabelledPictures, ClassificationError> {
        match &self.arguments.input.attribute {
            Some(name) => LabelledPictures::from_attribute(dataset, name),
            None => LabelledPictures::from_classes(dataset),
        }
    }

    /// The pictures of `--test`, or the test split of the data.
    fn load_test_set(&self, source: &DataSource, dataset: &Dataset) -> Result<Option<Dataset>> {
        if let Some(path) = &self.arguments.test {
            return match self.load_test_split(path, None)? {
                Some(test) => Ok(Some(test)),
                None => self.load(&dataset::source(path, None, None)).map(Some),
            };
        }
        match source {
            DataSource::Files {
                path,
                format,
                split: None,
            } => {
                // a source without splits may return all of its pictures
                let test = self.load_test_split(path, *format)?;
                Ok(test.filter(|test| test.fingerprint() != dataset.fingerprint()))
            }
            _ => Ok(None),
        }
    }

    /// The test split of the data at a path; `None` if it has none.
    fn load_test_split(&self, path: &Path, format: Option<Format>) -> Result<Option<Dataset>> {
        match self.try_load(&dataset::source(path, format, Some(Split::Test))) {
            Ok(test) => Ok(Some(test)),
            Err(TrainError::Data(DataError::NoSplit { .. })) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn judge(
        &self,
        classifier: &Classifier,
        dataset: &Dataset,
        labels: &LabelledPictures,
        judged: &[usize],
    ) -> Result<Confusion> {
        let reader = FeatureReader::new(&self.discriminator, dataset)?;
        with_bar(CLASSIFYING, judged.len(), |progress| {
            classifier.judge(&reader, labels, judged, progress)
        })
    }
}

fn with_bar<T>(
    task: &str,
    pictures: usize,
    work: impl FnOnce(&dyn Fn(usize) -> bool) -> Result<T, ClassificationError>,
) -> Result<T> {
    let bar = progress::bar(task, pictures);
    let result = work(&|done| {
        bar.set_position(done as u64);
        true
    });
    bar.finish_and_clear();
    Ok(result?)
}

fn report_json(classifier: &Classifier, training_pictures: usize, confusion: &Confusion) {
    let report = json!({
        "accuracy": confusion.accuracy(),
        "most_frequent_class": confusion.majority_accuracy(),
        "learned_from": training_pictures,
        "judged": confusion.pictures(),
        "cost": classifier.cost,
        "held_out": classifier.trials,
        "classes": confusion.classes(),
        "confusion": confusion.counts(),
    });
    output::json(&report.to_string());
}

fn report(classifier: &Classifier, training_pictures: usize, confusion: &Confusion) {
    let mut trials = classifier.trials.iter();
    let chosen = trials.find(|trial| trial.cost == classifier.cost);
    output::line(&format!(
        "learned from {} of {} classes with C = {}; accuracy {:.1}% on \
         held-out ones",
        counted(training_pictures, "picture"),
        confusion.classes().len(),
        classifier.cost,
        100.0 * chosen.map_or(f64::NAN, |trial| trial.accuracy),
    ));
    output::line(&format!(
        "accuracy {:.2}% of {}; always predicting the most frequent class: {:.2}%",
        100.0 * confusion.accuracy(),
        counted(confusion.pictures(), "picture"),
        100.0 * confusion.majority_accuracy(),
    ));
    output::lines(confusion_table::lines(confusion));
}
