//! How good the discriminator's features are: the paper's section 5.1. A linear support vector
//! machine on top of them learns the classes of some pictures and is judged by others.

mod confusion;
mod error;
mod labelled_pictures;

use rand::seq::SliceRandom;
use serde::Serialize;

pub use confusion::Confusion;
pub use error::ClassificationError;
pub use labelled_pictures::LabelledPictures;

use crate::feature_reader::{FeatureError, FeatureReader};
use crate::linear::svm::{Examples, LinearSvm, Stop, Training};
use dcgan_data::DataError;
use dcgan_support::random::{Purpose, stream};

/// Of the labelled pictures of each class one in so many is held out to choose C by, and where
/// there are no pictures to judge by, one in so many of all is kept for that.
const HELD_OUT: usize = 5;

/// The costs C that are tried.
pub const COSTS: [f64; 9] = [0.015625, 0.0625, 0.25, 1.0, 4.0, 16.0, 64.0, 256.0, 1024.0];

/// The fewest labelled pictures of a class: one to learn from, one to choose C by.
const FEWEST: usize = 2;

/// Which pictures are learned from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Selection {
    /// How many of each class; none for all.
    pub labels_per_class: Option<usize>,
    /// Which ones.
    pub seed: u64,
}

/// Pictures to learn from and, where one data set has to do for both, to judge by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// The pictures that are learned from and whose labels are known.
    pub learned: Vec<usize>,
    /// The other pictures with labels: all of them where labels are few, else a fifth.
    pub others: Vec<usize>,
}

impl Selection {
    /// Divides pictures: the same seed divides them in the same way.
    ///
    /// `all` is whether every picture may be learned from, as there are others to judge by.
    ///
    /// # Errors
    /// A class with too few pictures.
    pub fn divide(
        &self,
        pictures: &LabelledPictures,
        all: bool,
    ) -> Result<Division, ClassificationError> {
        let mut division = Division {
            learned: Vec::new(),
            others: Vec::new(),
        };
        for (class, mut members) in pictures.by_class().into_iter().enumerate() {
            members.shuffle(&mut stream(
                self.seed,
                Purpose::LabelledPictures,
                class as u64,
            ));
            let kept = match all {
                true => 0,
                false => members.len().div_ceil(HELD_OUT),
            };
            let wanted = self.labels_per_class.unwrap_or(members.len() - kept);
            let needed = wanted.max(FEWEST) + usize::from(!all);
            if members.len() < needed {
                return Err(ClassificationError::TooFew {
                    class: pictures.classes()[class].clone(),
                    found: members.len(),
                    needed,
                });
            }
            division.others.extend(members.split_off(wanted));
            division.learned.extend(members);
        }
        division.learned.sort_unstable();
        division.others.sort_unstable();
        Ok(division)
    }
}

/// A classifier on top of a discriminator's features.
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
/// let pictures = LabelledPictures::of_attribute(&faces, "Eyeglasses")?;
/// let division = Selection::default().divide(&pictures, false)?;
/// let classifier = Classifier::learn(&features, &pictures, &division.learned, &|_| true)?;
/// let confusion = classifier.judge(&features, &pictures, &division.others, &|_| true)?;
/// assert_eq!(confusion.classes(), ["not Eyeglasses", "Eyeglasses"]);
/// assert_eq!(confusion.pictures(), division.others.len() as u64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Classifier {
    svm: LinearSvm,
    classes: Vec<String>,
    /// The cost that it was learned with.
    pub cost: f64,
    /// Every cost that was tried and what part of the held-out pictures it was right about.
    pub tried: Vec<Trial>,
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
    /// Learns from the pictures `learned`: a fifth of each class is held out to choose C by, then
    /// all are learned from.
    ///
    /// `progress` is told how many of them have their features, and answers whether to go on.
    ///
    /// # Errors
    /// A picture that cannot be read any more, features that memory does not hold, and
    /// [`DataError::Interrupted`].
    pub fn learn(
        features: &FeatureReader,
        pictures: &LabelledPictures,
        learned: &[usize],
        progress: &dyn Fn(usize) -> bool,
    ) -> Result<Self, ClassificationError> {
        let labels: Vec<usize> = pictures.labels_of(learned);
        let classes = pictures.classes().to_vec();
        let examples = examples(features, learned, progress)?;
        let (kept, held_out) = hold_out(&labels, classes.len());
        let of = |places: &[usize]| -> Vec<usize> { places.iter().map(|&p| labels[p]).collect() };
        let mut training = Training::new(&examples, &kept, &of(&kept), classes.len());
        let mut tried = Vec::new();
        for cost in COSTS {
            training.fit(cost, Stop::default());
            let right = training.right(&held_out, &of(&held_out));
            tried.push(Trial {
                cost,
                accuracy: right as f64 / held_out.len() as f64,
            });
        }
        // the smallest of the best: the simplest classifier
        let best = tried
            .iter()
            .rev()
            .max_by(|a, b| a.accuracy.total_cmp(&b.accuracy));
        let cost = best.expect("costs were tried").cost;
        let all: Vec<usize> = (0..labels.len()).collect();
        let mut training = Training::new(&examples, &all, &labels, classes.len());
        Ok(Self {
            svm: training.fit(cost, Stop::default()),
            classes,
            cost,
            tried,
        })
    }

    /// The names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The class of a picture by its features.
    ///
    /// # Panics
    /// If it has another number of features than the pictures that were learned from.
    pub fn classify(&self, features: &[f32]) -> usize {
        self.svm.classify(features)
    }

    /// Classifies pictures whose class is known. Their classes are found by their names.
    ///
    /// `progress` is told how many are done, and answers whether to go on.
    ///
    /// # Errors
    /// A picture of a class that was not learned, one that cannot be read any more, and
    /// [`DataError::Interrupted`].
    pub fn judge(
        &self,
        features: &FeatureReader,
        pictures: &LabelledPictures,
        judged: &[usize],
        progress: &dyn Fn(usize) -> bool,
    ) -> Result<Confusion, ClassificationError> {
        let numbers = pictures.numbers_in(&self.classes)?;
        let labels = pictures.labels_of(judged);
        let mut confusion = Confusion::new(self.classes.clone());
        features.each(judged, |first, rows| {
            for (row, label) in rows.iter().zip(&labels[first..]) {
                confusion.count(numbers[*label], self.classify(row));
            }
            go_on(progress(first + rows.len()))
        })?;
        Ok(confusion)
    }
}

fn go_on(answer: bool) -> Result<(), ClassificationError> {
    match answer {
        true => Ok(()),
        false => Err(FeatureError::from(DataError::Interrupted).into()),
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
        .map_err(|_| ClassificationError::Memory {
            pictures: indices.len(),
            features: features.width(),
        })?;
    features.each(indices, |first, rows| {
        rows.iter().for_each(|row| values.extend(row));
        go_on(progress(first + rows.len()))
    })?;
    Ok(Examples::new(values, features.width()))
}

/// The places of labels that are learned from, and of those held out: a fifth of each class, at
/// least one, every fifth in order.
fn hold_out(labels: &[usize], classes: usize) -> (Vec<usize>, Vec<usize>) {
    let (mut kept, mut held_out) = (Vec::new(), Vec::new());
    let mut seen = vec![0; classes];
    for (place, &label) in labels.iter().enumerate() {
        // the second first, so that a class of two has one of each
        match seen[label] % HELD_OUT {
            1 => held_out.push(place),
            _ => kept.push(place),
        }
        seen[label] += 1;
    }
    (kept, held_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_each_class_is_held_out_and_at_least_one() {
        let labels = [vec![0; 10], vec![1; 2]].concat();
        let (kept, held_out) = hold_out(&labels, 2);
        assert_eq!(held_out, [1, 6, 11]);
        assert_eq!(kept.len(), 9);
    }
}
