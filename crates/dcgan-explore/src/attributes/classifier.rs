//! A linear head for each attribute on the discriminator's features.

use burn::tensor::Device;
use rayon::prelude::*;

use super::annotations::{Known, LEAST, Split};
use super::held_out::HeldOut;
use super::quantised_features::{BATCH, Standardised, pictures};
use super::vocabulary::{UnknownWord, nearest};
use super::{AttributeError, Condition};
use crate::linear::logistic::{self, Examples, Head};
use dcgan::model::Discriminator;
use dcgan_data::{DataError, Dataset};

/// The most pictures that are learned from, with those held out: more tell a linear head little.
const MOST_PICTURES: usize = 20_000;

/// The most bytes for their features.
const MOST_BYTES: usize = 192 << 20;

/// The weight of the squared weights: between a tenth and ten times as much, one answer in a hundred
/// changes on CelebA.
const DECAY: f64 = 0.003;

/// Tells which attributes a picture has: logistic regression on the discriminator's features
/// (the paper, section 5, has an SVM there), learned from the attributes of a data set.
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
/// println!("right on {:.0}%", 100.0 * classifier.held_out(male).accuracy());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct AttributeClassifier {
    discriminator: Discriminator,
    names: Vec<String>,
    /// For features as they are, not standardised.
    head: Head,
    held_out: Vec<HeldOut>,
    learned_from: usize,
    /// Attributes with too few examples, and how many pictures have them.
    unlearned: Vec<(String, usize)>,
}

impl AttributeClassifier {
    /// Learns all attributes of a data set (its classes count as one each) that hold for some
    /// pictures and fail for some. A fifth of the pictures is held out and judged by.
    ///
    /// Memory does not grow with the data set: at most 20,000 pictures are learned from, and less
    /// where features are many. `progress` is called with the pictures read and their total.
    ///
    /// # Errors
    /// Data without attributes, with too few examples, or of another form than the discriminator
    /// takes; a picture that cannot be read any more.
    pub fn train(
        discriminator: Discriminator,
        dataset: &Dataset,
        progress: &dyn Fn(usize, usize),
    ) -> Result<Self, AttributeError> {
        check_form(&discriminator, dataset)?;
        let known = Known::of(dataset)?;
        let most = MOST_PICTURES.min(MOST_BYTES / discriminator.feature_count());
        let split = Split::of(dataset, &known, most);
        let learned = known.answers_of(&split.learned);
        let (columns, unlearned) = learnable(&known.names, &learned);
        if columns.is_empty() {
            return Err(AttributeError::TooFew {
                least: LEAST,
                pictures: split.learned.len(),
            });
        }
        let total = split.learned.len() + split.held_out.len();
        let looked = |done| progress(done, total);
        let features = Standardised::read(&discriminator, dataset, &split.learned, &looked)?;
        let examples = Examples {
            count: split.learned.len(),
            width: discriminator.feature_count(),
            rows: &|chosen| features.rows(chosen),
            answers: &chosen_answers(&learned, &columns),
        };
        let head = logistic::fit(&examples, DECAY, &device_of(&discriminator));
        let mut classifier = Self {
            head: features.unscaled(head),
            names: columns
                .iter()
                .map(|&column| known.names[column].clone())
                .collect(),
            held_out: vec![HeldOut::default(); columns.len()],
            learned_from: split.learned.len(),
            discriminator,
            unlearned,
        };
        classifier.judge(dataset, (&known, &columns), &split.held_out, &|done| {
            progress(split.learned.len() + done, total);
        })?;
        Ok(classifier)
    }

    fn judge(
        &mut self,
        dataset: &Dataset,
        (known, columns): (&Known, &[usize]),
        held_out: &[usize],
        progress: &dyn Fn(usize),
    ) -> Result<(), DataError> {
        for (place, indices) in held_out.chunks(BATCH).enumerate() {
            let logits = self.logits(&pictures(dataset, indices)?);
            for (logits, answers) in logits.iter().zip(known.answers_of(indices)) {
                let each = self.held_out.iter_mut().zip(logits).zip(columns);
                for ((held_out, &logit), &column) in each {
                    held_out.count(answers[column], logit > 0.0);
                }
            }
            progress(place * BATCH + indices.len());
        }
        Ok(())
    }

    /// Where it computes, without gradients.
    pub(super) fn device(&self) -> Device {
        device_of(&self.discriminator)
    }

    /// The names of the attributes, in the order of the logits.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many pictures were learned from.
    pub fn learned_from(&self) -> usize {
        self.learned_from
    }

    /// How often the classifier was right about an attribute on pictures that were held out.
    ///
    /// # Panics
    /// If there is no attribute of that number.
    pub fn held_out(&self, attribute: usize) -> HeldOut {
        self.held_out[attribute]
    }

    /// The number of an attribute, whether its letters are capital or not, `_` or a space between
    /// its words.
    ///
    /// # Errors
    /// A name that there is not, with the nearest ones, or one with too few examples.
    pub fn find(&self, name: &str) -> Result<usize, AttributeError> {
        let same =
            |other: &String| super::vocabulary::simple(other) == super::vocabulary::simple(name);
        if let Some(attribute) = self.names.iter().position(same) {
            return Ok(attribute);
        }
        if let Some((name, held)) = self.unlearned.iter().find(|(name, _)| same(name)) {
            return Err(AttributeError::Unlearned {
                name: name.clone(),
                held: *held,
                pictures: self.learned_from,
                least: LEAST,
            });
        }
        let unknown = UnknownWord {
            word: name.to_owned(),
            nearest: nearest(name, self.names.iter().map(String::as_str)),
        };
        Err(unknown.into())
    }

    /// The [conditions](super::conditions) that words put on pictures.
    ///
    /// # Errors
    /// As there, and words for an attribute with too few examples.
    pub fn conditions(&self, words: &str) -> Result<Vec<Condition>, AttributeError> {
        let unlearned = self.unlearned.iter().map(|(name, _)| name);
        let all: Vec<String> = self.names.iter().chain(unlearned).cloned().collect();
        let conditions = super::conditions(words, &all)?;
        for condition in &conditions {
            self.find(&all[condition.attribute])?;
        }
        Ok(conditions)
    }

    /// For each picture the logit of each attribute: above 0 where it is more likely than not.
    ///
    /// # Shapes
    /// `pictures` `[_, image_size, image_size, channels]`, in [−1, 1]; returns `[_, attributes]`
    ///
    /// # Panics
    /// If the values make up no whole number of pictures.
    pub fn logits(&self, pictures: &[f32]) -> Vec<Vec<f32>> {
        let features = self.discriminator.features_of_values(pictures);
        features
            .par_iter()
            .map(|features| self.head.logits(features))
            .collect()
    }
}

/// Attributes with enough examples of both kinds, and the others with their numbers of pictures.
fn learnable(names: &[String], answers: &[Vec<bool>]) -> (Vec<usize>, Vec<(String, usize)>) {
    let held = |column: usize| answers.iter().filter(|answers| answers[column]).count();
    let enough = |column: &usize| {
        let held = held(*column);
        held >= LEAST && answers.len() - held >= LEAST
    };
    let (columns, others): (Vec<usize>, Vec<usize>) = (0..names.len()).partition(enough);
    let others = others.into_iter();
    (
        columns,
        others
            .map(|column| (names[column].clone(), held(column)))
            .collect(),
    )
}

fn chosen_answers(answers: &[Vec<bool>], columns: &[usize]) -> Vec<f32> {
    let rows = answers.iter();
    rows.flat_map(|row| {
        columns
            .iter()
            .map(|&column| f32::from(u8::from(row[column])))
    })
    .collect()
}

fn device_of(discriminator: &Discriminator) -> Device {
    discriminator.network().parameters()[0]
        .leaf()
        .device()
        .inner()
}

fn check_form(discriminator: &Discriminator, dataset: &Dataset) -> Result<(), AttributeError> {
    let model = discriminator.config();
    let form = |side: usize, channels: usize| {
        let colour = if channels == 1 { "grey" } else { "in colour" };
        format!("{side}x{side} pixels {colour}")
    };
    let found = form(dataset.image_size(), dataset.channels());
    let needed = form(model.image_size, model.channels);
    match found == needed {
        true => Ok(()),
        false => Err(AttributeError::OtherPictures { found, needed }),
    }
}
