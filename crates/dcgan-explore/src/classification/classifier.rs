//! A support vector machine on a discriminator's features.

use serde::Serialize;

use super::{ClassificationError, Confusion, LabelledPictures};
use crate::feature_reader::FeatureReader;
use crate::linear::LinearModel;
use crate::linear::svm::{Examples, StoppingRule, Training};
use dcgan_data::DataError;

/// One of this many training pictures of each class is held out to choose C with.
const HELD_OUT_ONE_IN: usize = 5;

/// The costs C that are tried.
pub const COSTS: [f64; 9] = [0.015625, 0.0625, 0.25, 1.0, 4.0, 16.0, 64.0, 256.0, 1024.0];

/// A classifier on a discriminator's features.
///
/// ```
/// use dcgan_explore::classification::{Classifier, LabelledPictures, Selection};
/// use dcgan::config::{ModelOptions, Preset};
/// use dcgan_data::{DataSource, Dataset, PictureOptions};
/// use dcgan_explore::feature_reader::FeatureReader;
/// use dcgan::model::Discriminator;
///
/// let device = dcgan::device::by_name("cpu")?;
/// let model = ModelOptions::new(Preset::Small).with_ndf(4).build()?;
/// let discriminator = Discriminator::new(&model, 0, &device)?;
/// let faces = DataSource::Demo { count: 100, seed: 0 };
/// let faces = Dataset::load(&faces, &PictureOptions::default(), &|_, _| {}, &|| false)?;
///
/// let features = FeatureReader::new(&discriminator, &faces)?;
/// let pictures = LabelledPictures::from_attribute(&faces, "Eyeglasses")?;
/// let division = Selection::default().divide(&pictures, false)?;
/// let classifier = Classifier::train(&features, &pictures, &division.training, &|_| true)?;
/// let confusion = classifier.judge(&features, &pictures, &division.others, &|_| true)?;
/// assert_eq!(confusion.classes(), ["not Eyeglasses", "Eyeglasses"]);
/// assert_eq!(confusion.pictures(), division.others.len() as u64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Classifier {
    svm: LinearModel,
    classes: Vec<String>,
    /// The chosen C.
    pub cost: f64,
    /// The accuracy of each cost on held-out pictures.
    pub trials: Vec<Trial>,
}

/// A cost that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Trial {
    /// C.
    pub cost: f64,
    /// Accuracy on the held-out pictures, 0 to 1.
    pub accuracy: f64,
}

impl Classifier {
    /// Learns from the pictures with indices `training`. C is chosen with a fifth of each class
    /// held out; then all of the pictures are learned from.
    ///
    /// `progress` is called with the number of pictures whose features are computed, and returns
    /// whether to continue.
    ///
    /// # Errors
    /// If a picture cannot be read or the features do not fit in memory, and
    /// [`DataError::Interrupted`] if `progress` returns `false`.
    pub fn train(
        features: &FeatureReader,
        pictures: &LabelledPictures,
        training: &[usize],
        progress: &dyn Fn(usize) -> bool,
    ) -> Result<Self, ClassificationError> {
        let labels: Vec<usize> = pictures.labels_of(training);
        let classes = pictures.classes().to_vec();
        let examples = examples(features, training, progress)?;
        let trials = try_costs(&examples, &labels, classes.len());
        // the smallest of the best costs: the simplest classifier
        let best = trials
            .iter()
            .rev()
            .max_by(|a, b| a.accuracy.total_cmp(&b.accuracy));
        let cost = best.expect("costs were tried").cost;
        let all: Vec<usize> = (0..labels.len()).collect();
        let mut training = Training::new(&examples, &all, &labels, classes.len());
        Ok(Self {
            svm: training.fit(cost, StoppingRule::default()),
            classes,
            cost,
            trials,
        })
    }

    /// The names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The class of a picture with these features.
    ///
    /// # Panics
    /// If there are more or fewer features than the classifier was trained on.
    pub fn classify(&self, features: &[f32]) -> usize {
        self.svm.classify(features)
    }

    /// Classifies pictures whose class is known. Classes are matched by name.
    ///
    /// `progress` is called with the number of pictures done, and returns whether to continue.
    ///
    /// # Errors
    /// If a class was not learned or a picture cannot be read, and [`DataError::Interrupted`] if
    /// `progress` returns `false`.
    pub fn judge(
        &self,
        features: &FeatureReader,
        pictures: &LabelledPictures,
        judged: &[usize],
        progress: &dyn Fn(usize) -> bool,
    ) -> Result<Confusion, ClassificationError> {
        let class_indices = pictures.class_indices_in(&self.classes)?;
        let labels = pictures.labels_of(judged);
        let mut confusion = Confusion::new(self.classes.clone());
        features.for_each_batch(judged, |first, rows| {
            for (row, label) in rows.iter().zip(&labels[first..]) {
                confusion.count(class_indices[*label], self.classify(row));
            }
            continue_if(progress(first + rows.len()))
        })?;
        Ok(confusion)
    }
}

/// Trains with each cost on a part of the examples, and measures the accuracy on the others.
fn try_costs(examples: &Examples, labels: &[usize], classes: usize) -> Vec<Trial> {
    let split = hold_out(labels, classes);
    let labels_of =
        |places: &[usize]| -> Vec<usize> { places.iter().map(|&p| labels[p]).collect() };
    let held_out_labels = labels_of(&split.held_out);
    let mut training = Training::new(examples, &split.kept, &labels_of(&split.kept), classes);
    let mut trials = Vec::new();
    for cost in COSTS {
        training.fit(cost, StoppingRule::default());
        let correct = training.count_correct(&split.held_out, &held_out_labels);
        trials.push(Trial {
            cost,
            accuracy: correct as f64 / split.held_out.len() as f64,
        });
    }
    trials
}

fn continue_if(wanted: bool) -> Result<(), ClassificationError> {
    if wanted {
        Ok(())
    } else {
        Err(DataError::Interrupted.into())
    }
}

/// The features of pictures, all in memory.
fn examples(
    features: &FeatureReader,
    indices: &[usize],
    progress: &dyn Fn(usize) -> bool,
) -> Result<Examples, ClassificationError> {
    let mut values: Vec<f32> = Vec::new();
    let length = indices.len().saturating_mul(features.width());
    values
        .try_reserve_exact(length)
        .map_err(|_| ClassificationError::OutOfMemory {
            pictures: indices.len(),
            features: features.width(),
        })?;
    features.for_each_batch(indices, |first, rows| {
        rows.iter().for_each(|row| values.extend(row));
        continue_if(progress(first + rows.len()))
    })?;
    Ok(Examples::new(values, features.width()))
}

/// Places of labels.
struct HeldOutSplit {
    kept: Vec<usize>,
    held_out: Vec<usize>,
}

/// Holds out every fifth label of each class in order, and at least one.
fn hold_out(labels: &[usize], classes: usize) -> HeldOutSplit {
    let (mut kept, mut held_out) = (Vec::new(), Vec::new());
    let mut seen = vec![0; classes];
    for (place, &label) in labels.iter().enumerate() {
        // starting with the second, so that a class of two has one of each
        if seen[label] % HELD_OUT_ONE_IN == 1 {
            held_out.push(place);
        } else {
            kept.push(place);
        }
        seen[label] += 1;
    }
    HeldOutSplit { kept, held_out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_each_class_is_held_out_and_at_least_one() {
        let labels = [vec![0; 10], vec![1; 2]].concat();
        let split = hold_out(&labels, 2);
        assert_eq!(split.held_out, [1, 6, 11]);
        assert_eq!(split.kept.len(), 9);
    }
}
