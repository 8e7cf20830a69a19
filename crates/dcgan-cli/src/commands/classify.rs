//! `dcgan classify`: how good the discriminator's features are.

use std::path::Path;

use anyhow::Result;
use dcgan::model::Discriminator;
use dcgan::sample::load_discriminator;
use dcgan::train::TrainError;
use dcgan_data::{DataError, DataSource, Dataset, Format, Split};
use dcgan_explore::classification::{Classifier, Confusion, LabelledPictures, Selection};
use dcgan_explore::feature_reader::FeatureReader;
use serde_json::json;

use super::features::{explain, source};
use super::{confusion_table, device, pictures, threads};
use crate::cli::{Classify, RunAndData};
use crate::{interrupt, output};

/// What is said of an interrupted command.
const NOTHING: &str = "nothing was classified";

/// Learns, judges, and tells.
pub fn run(arguments: &Classify) -> Result<()> {
    threads::limit(arguments.arguments.compute.threads)?;
    interrupt::catch()?;
    let device = device::open(&arguments.arguments.compute)?;
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
            .map_err(|error| pictures::explain(error, NOTHING))
    }

    fn try_load(&self, source: &DataSource) -> Result<Dataset, TrainError> {
        let run = (self.arguments().run.as_path(), self.discriminator.config());
        let (dataset, cache) = pictures::load_for_run(run, source, &self.arguments().cache)?;
        if !self.arguments.json {
            pictures::tell_cache(&cache);
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
                None => self.load(&pictures::source(path, None, None)).map(Some),
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
        match self.try_load(&pictures::source(path, format, Some(Split::Test))) {
            Ok(test) => Ok(Some(test)),
            Err(TrainError::Data(DataError::NoSplit { .. })) => Ok(None),
            Err(error) => Err(pictures::explain(error, NOTHING)),
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
    let bar = pictures::bar(doing, pictures);
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
