//! `dcgan classify`: how good the discriminator's features are.

mod confusion_table;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use dcgan::model::Discriminator;
use dcgan::sample::load_discriminator;
use dcgan::train::TrainError;
use dcgan_data::{DataError, DataSource, Dataset, Format, Split};
use dcgan_explore::classification::{Classifier, Confusion, LabelledPictures, Selection};
use dcgan_explore::feature_reader::FeatureReader;
use serde_json::json;

use super::features::{RunAndData, explain, source};
use crate::shared::{dataset, interrupt, output, progress};

/// `dcgan classify`
#[derive(Debug, Args)]
#[command(after_help = CLASSIFY_HELP)]
pub struct Classify {
    #[command(flatten)]
    pub arguments: RunAndData,

    /// Learn from so many pictures of each class alone [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub labels_per_class: Option<u32>,

    /// Pictures to judge by, of the same classes: the test part of them, where they have parts
    /// [default: DATA's test part, or if it has none the
    /// pictures that are not learned from: without --labels-per-class a fifth of each class]
    #[arg(long, value_name = "DATA")]
    pub test: Option<PathBuf>,

    /// Which pictures are learned from
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

const CLASSIFY_HELP: &str = "\
The paper's section 5.1: the discriminator's features of all layers, max-pooled to 4x4, and on top
of them a linear support vector machine with squared hinge loss, one class against the rest. Each
feature is brought to mean 0 and equal variance first. C is chosen among nine by the accuracy on a
fifth of the labelled pictures that is held out; then all of them are learned from. The
discriminator itself learns nothing.

Printed are the accuracy, what always naming the most frequent class would have, and for each
class what its pictures were taken for. The same command gives the same numbers.

Examples:
  dcgan classify runs/photos cifar-10-binary.tar.gz
  dcgan classify runs/photos svhn/ --labels-per-class 100
  dcgan classify runs/photos flowers/train/ --test flowers/test/
  dcgan classify runs/demo demo --attribute Eyeglasses --json | jq .accuracy";

/// What is said of an interrupted command.
const NOTHING: &str = "nothing was classified";

/// Learns, judges, and tells.
pub fn run(arguments: &Classify) -> Result<()> {
    arguments.arguments.compute.limit_threads()?;
    interrupt::catch()?;
    let device = arguments.arguments.compute.open_device()?;
    let discriminator = load_discriminator(&arguments.arguments.run, &device)?;
    let task = Task {
        arguments,
        discriminator,
    };
    let dataset = task.load(&source(&arguments.arguments))?;
    let test = task.test_data(&dataset)?;
    let labelled = task.labels(&dataset)?;
    let selection = Selection {
        labels_per_class: arguments.labels_per_class.map(|count| count as usize),
        seed: arguments.seed,
    };
    let division = selection.divide(&labelled, test.is_some())?;
    let reader = FeatureReader::new(&task.discriminator, &dataset)?;
    let classifier = with_bar(
        "learning from features",
        division.learned.len(),
        |progress| Classifier::learn(&reader, &labelled, &division.learned, progress),
    )?;
    let confusion = match &test {
        Some(test) => {
            let labels = task.labels(test)?;
            task.judge(&classifier, test, &labels, &labels.labelled())?
        }
        None => task.judge(&classifier, &dataset, &labelled, &division.others)?,
    };
    tell(
        arguments.json,
        &classifier,
        division.learned.len(),
        &confusion,
    );
    Ok(())
}

struct Task<'a> {
    arguments: &'a Classify,
    discriminator: Discriminator,
}

impl Task<'_> {
    fn arguments(&self) -> &RunAndData {
        &self.arguments.arguments
    }

    fn load(&self, source: &DataSource) -> Result<Dataset> {
        self.try_load(source)
            .map_err(|error| dataset::explain(error, NOTHING))
    }

    fn try_load(&self, source: &DataSource) -> Result<Dataset, TrainError> {
        let run = &self.arguments().run;
        let model = self.discriminator.config();
        let (dataset, cache) = dataset::load_for_run(run, model, source, &self.arguments().cache)?;
        if !self.arguments.json {
            dataset::report_cache(&cache);
        }
        Ok(dataset)
    }

    fn labels(&self, dataset: &Dataset) -> Result<LabelledPictures> {
        Ok(match &self.arguments().attribute {
            Some(name) => LabelledPictures::of_attribute(dataset, name)?,
            None => LabelledPictures::of_classes(dataset)?,
        })
    }

    /// The pictures to judge by: those that are named, or the test part of the data.
    fn test_data(&self, dataset: &Dataset) -> Result<Option<Dataset>> {
        if let Some(path) = &self.arguments.test {
            return match self.test_part(path, None)? {
                Some(test) => Ok(Some(test)),
                None => self.load(&dataset::source(path, None, None)).map(Some),
            };
        }
        match source(self.arguments()) {
            DataSource::Files {
                path,
                format,
                split: None,
            } => {
                // what has no parts may answer with all of it
                let test = self.test_part(&path, format)?;
                Ok(test.filter(|test| test.fingerprint() != dataset.fingerprint()))
            }
            _ => Ok(None),
        }
    }

    /// The test part of what is at a path, if it has parts and one of them is for tests.
    fn test_part(&self, path: &Path, format: Option<Format>) -> Result<Option<Dataset>> {
        match self.try_load(&dataset::source(path, format, Some(Split::Test))) {
            Ok(test) => Ok(Some(test)),
            Err(TrainError::Data(DataError::NoSplit { .. })) => Ok(None),
            Err(error) => Err(dataset::explain(error, NOTHING)),
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
        with_bar("classifying", judged.len(), |progress| {
            classifier.judge(&reader, labels, judged, progress)
        })
    }
}

fn with_bar<T>(
    doing: &str,
    pictures: usize,
    work: impl FnOnce(
        &dyn Fn(usize) -> bool,
    ) -> Result<T, dcgan_explore::classification::ClassificationError>,
) -> Result<T> {
    let bar = progress::bar(doing, pictures);
    let result = work(&|done| {
        bar.set_position(done as u64);
        !interrupt::requested()
    });
    bar.finish_and_clear();
    result.map_err(|error| explain(error, NOTHING))
}

fn tell(as_json: bool, classifier: &Classifier, learned: usize, confusion: &Confusion) {
    if as_json {
        let report = json!({
            "accuracy": confusion.accuracy(),
            "most_frequent_class": confusion.by_chance(),
            "learned_from": learned,
            "judged": confusion.pictures(),
            "cost": classifier.cost,
            "held_out": classifier.tried,
            "classes": confusion.classes(),
            "confusion": confusion.counts(),
        });
        output::line(&report.to_string());
        return;
    }
    let chosen = classifier
        .tried
        .iter()
        .find(|trial| trial.cost == classifier.cost);
    output::line(&format!(
        "learned from {learned} pictures of {} classes with C = {}, right about {:.1}% of those held out",
        confusion.classes().len(),
        classifier.cost,
        100.0 * chosen.map_or(f64::NAN, |trial| trial.accuracy),
    ));
    output::line(&format!(
        "accuracy {:.2}% of {} pictures; always the most frequent class: {:.2}%",
        100.0 * confusion.accuracy(),
        confusion.pictures(),
        100.0 * confusion.by_chance(),
    ));
    output::text(&confusion_table::text(confusion));
}
