//! Logistic regression on the discriminator's features.

use burn::tensor::Device;
use rayon::prelude::*;

use super::annotations::{Annotations, MIN_EXAMPLES};
use super::description::{most_similar, normalised};
use super::held_out::HeldOut;
use super::quantised_features::{BATCH_SIZE, QuantisedFeatures, read_pictures};
use super::{AttributeError, Description, UnknownWord};
use crate::feature_reader::check_pictures;
use crate::linear::{LinearModel, logistic};
use dcgan::model::Discriminator;
use dcgan_data::{DataError, Dataset};

/// How many pictures are used at most, including held-out ones: a linear model gains little from
/// more.
const MAX_PICTURES: usize = 20_000;

/// Memory for the features of the training pictures.
const MAX_FEATURE_BYTES: usize = 192 << 20;

/// The weight decay. A factor of ten either way changes one answer in a hundred on CelebA.
const DECAY: f64 = 0.003;

/// Predicts the attributes of a picture by logistic regression on the discriminator's features
/// (section 5 of the paper uses an SVM), learned from the attributes of a data set.
///
/// ```
/// use dcgan_explore::attributes::AttributeClassifier;
/// use dcgan::config::{ModelOptions, Preset};
/// use dcgan_data::{DataSource, Dataset, PictureOptions};
/// use dcgan::model::Discriminator;
///
/// let options = PictureOptions { image_size: 32, ..PictureOptions::default() };
/// let faces = DataSource::Demo { count: 300, seed: 0 };
/// let faces = Dataset::load(&faces, &options, &|_, _| {}, &|| false)?;
/// let device = dcgan::device::by_name("cpu")?;
/// let model = ModelOptions::new(Preset::Pytorch).with_image_size(32).with_ndf(8).build()?;
/// let discriminator = Discriminator::new(&model, 0, &device)?; // better: a trained one
///
/// let classifier = AttributeClassifier::train(discriminator, &faces, &|_, _| {})?;
/// let male = classifier.find("Male")?;
/// let [face] = &classifier.logits(&faces.scaled_picture(7)?)[..] else { panic!("one picture") };
/// println!("a man? {}", face[male] > 0.0);
/// println!("accuracy {:.0}%", 100.0 * classifier.held_out(male).accuracy());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct AttributeClassifier {
    discriminator: Discriminator,
    /// The names of the model's outputs.
    names: Vec<String>,
    /// From features, not standardised, to logits.
    model: LinearModel,
    held_out: Vec<HeldOut>,
    training_pictures: usize,
    /// Attributes with too few examples.
    rare: Vec<RareAttribute>,
}

/// An attribute that nearly all pictures have, or nearly none.
#[derive(Debug, Clone)]
struct RareAttribute {
    name: String,
    /// Pictures with the attribute.
    with: usize,
}

impl AttributeClassifier {
    /// Learns all attributes of a data set, with each of its classes as an attribute, that some
    /// pictures have and some do not. A fifth of the pictures is held out to measure accuracy on.
    ///
    /// At most 20,000 pictures are used, or fewer if they have many features, so memory does not
    /// grow with the data set. `progress` is called with the number of pictures done and the total.
    ///
    /// # Errors
    /// If the data has no attributes, all of them have too few examples, the pictures do not fit
    /// the discriminator, or a picture cannot be read.
    pub fn train(
        discriminator: Discriminator,
        dataset: &Dataset,
        progress: &dyn Fn(usize, usize),
    ) -> Result<Self, AttributeError> {
        check_pictures(&discriminator, dataset)?;
        let annotations = Annotations::new(dataset)?;
        let max = MAX_PICTURES.min(MAX_FEATURE_BYTES / discriminator.feature_count());
        let split = annotations.split(dataset, max);
        let answers = annotations.answers_for(&split.training);
        let (columns, rare) = learnable(&annotations.names, &answers);
        if columns.is_empty() {
            return Err(AttributeError::NothingToLearn {
                pictures: split.training.len(),
                needed: MIN_EXAMPLES,
            });
        }
        let total = split.training.len() + split.held_out.len();
        let features =
            QuantisedFeatures::read(&discriminator, dataset, &split.training, &|done| {
                progress(done, total);
            })?;
        let problem = logistic::Problem {
            examples: split.training.len(),
            features: discriminator.feature_count(),
            rows: &|chosen| features.rows(chosen),
            targets: &targets(&answers, &columns),
        };
        let model = logistic::fit(&problem, DECAY, &device_of(&discriminator));
        let mut classifier = Self {
            model: features.standardiser().undo(model),
            names: columns
                .iter()
                .map(|&column| annotations.names[column].clone())
                .collect(),
            held_out: vec![HeldOut::default(); columns.len()],
            training_pictures: split.training.len(),
            discriminator,
            rare,
        };
        for (place, batch) in split.held_out.chunks(BATCH_SIZE).enumerate() {
            classifier.judge(dataset, batch, &annotations.answers_for(batch), &columns)?;
            let done = place * BATCH_SIZE + batch.len();
            progress(split.training.len() + done, total);
        }
        Ok(classifier)
    }

    /// Counts correct answers on pictures with known `answers`; `columns` are those that were learned.
    fn judge(
        &mut self,
        dataset: &Dataset,
        indices: &[usize],
        answers: &[Vec<bool>],
        columns: &[usize],
    ) -> Result<(), DataError> {
        let logits = self.logits(&read_pictures(dataset, indices)?);
        for (logits, answers) in logits.iter().zip(answers) {
            for ((held_out, &logit), &column) in self.held_out.iter_mut().zip(logits).zip(columns) {
                held_out.count(answers[column], logit > 0.0);
            }
        }
        Ok(())
    }

    /// The device of the discriminator, without autodiff.
    pub(super) fn device(&self) -> Device {
        device_of(&self.discriminator)
    }

    /// The names of the attributes, in the order of the logits.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many pictures the classifier was trained on.
    pub fn training_pictures(&self) -> usize {
        self.training_pictures
    }

    /// How accurate the classifier is for an attribute on held-out pictures.
    ///
    /// # Panics
    /// If `attribute` is out of range.
    pub fn held_out(&self, attribute: usize) -> HeldOut {
        self.held_out[attribute]
    }

    /// The index of the attribute with this name, ignoring case, with `_` or spaces between its
    /// words.
    ///
    /// # Errors
    /// If there is no such attribute, or it has too few examples.
    pub fn find(&self, name: &str) -> Result<usize, AttributeError> {
        let matches = |other: &str| normalised(other) == normalised(name);
        if let Some(attribute) = self.names.iter().position(|name| matches(name)) {
            return Ok(attribute);
        }
        if let Some(rare) = self.rare.iter().find(|rare| matches(&rare.name)) {
            return Err(AttributeError::TooFewExamples {
                name: rare.name.clone(),
                with: rare.with,
                pictures: self.training_pictures,
                needed: MIN_EXAMPLES,
            });
        }
        Err(unknown(name, &self.names))
    }

    /// Checks that one of `names` is that of an attribute, as [`find`](Self::find) would find it.
    ///
    /// # Errors
    /// If there are no names, or none is similar enough to be the same.
    pub fn check_name(name: &str, names: &[String]) -> Result<(), AttributeError> {
        if names.is_empty() {
            return Err(AttributeError::NoAttributes);
        }
        let is_known = |known: &String| normalised(known) == normalised(name);
        if names.iter().any(is_known) {
            Ok(())
        } else {
            Err(unknown(name, names))
        }
    }

    /// [Parses](Description::parse) a description of pictures in terms of these attributes.
    ///
    /// # Errors
    /// As [`Description::parse`], and if an attribute has too few examples.
    pub fn describe(&self, words: &str) -> Result<Description, AttributeError> {
        let rare = self.rare.iter().map(|rare| &rare.name);
        let all: Vec<String> = self.names.iter().chain(rare).cloned().collect();
        let description = Description::parse(words, &all)?;
        for test in &description.tests {
            self.find(&all[test.attribute])?;
        }
        Ok(description)
    }

    /// The logits of all attributes for each picture: positive if the attribute is more likely
    /// present than absent.
    ///
    /// # Shapes
    /// `pictures` `[_, image_size, image_size, channels]`, in [−1, 1] → `[_, attributes]`
    ///
    /// # Panics
    /// If `pictures` is not a whole number of pictures.
    pub fn logits(&self, pictures: &[f32]) -> Vec<Vec<f32>> {
        self.discriminator
            .features_of_values(pictures)
            .par_iter()
            .map(|features| self.model.scores(features))
            .collect()
    }
}

/// The columns with enough examples of both kinds, and the other attributes.
fn learnable(names: &[String], answers: &[Vec<bool>]) -> (Vec<usize>, Vec<RareAttribute>) {
    let (mut columns, mut rare) = (Vec::new(), Vec::new());
    for (column, name) in names.iter().enumerate() {
        let with = answers.iter().filter(|answers| answers[column]).count();
        if with >= MIN_EXAMPLES && answers.len() - with >= MIN_EXAMPLES {
            columns.push(column);
        } else {
            let name = name.clone();
            rare.push(RareAttribute { name, with });
        }
    }
    (columns, rare)
}

/// The answers in some columns as 0 and 1, `[pictures, columns]`.
fn targets(answers: &[Vec<bool>], columns: &[usize]) -> Vec<f32> {
    answers
        .iter()
        .flat_map(|row| {
            columns
                .iter()
                .map(|&column| f32::from(u8::from(row[column])))
        })
        .collect()
}

fn device_of(discriminator: &Discriminator) -> Device {
    discriminator.network().device().inner()
}

/// The error of a name that is none of `names`.
fn unknown(name: &str, names: &[String]) -> AttributeError {
    UnknownWord {
        word: name.to_owned(),
        similar: most_similar(name, names.iter().map(String::as_str)),
    }
    .into()
}
