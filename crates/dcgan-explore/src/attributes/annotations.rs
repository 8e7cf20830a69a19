//! The attributes and classes of a data set, as yes/no answers for each picture.

use super::AttributeError;
use dcgan_data::{Attributes, Dataset, Labels, epoch_order};

/// An attribute is learned if at least this many pictures have it and as many do not.
pub(super) const MIN_EXAMPLES: usize = 10;

/// The attributes of a data set, and its classes as one attribute each.
pub(super) struct Annotations<'a> {
    attributes: Option<Attributes<'a>>,
    labels: Option<Labels<'a>>,
    /// The names of all of them.
    pub names: Vec<String>,
}

impl<'a> Annotations<'a> {
    /// # Errors
    /// If the data set has neither attributes nor classes.
    pub fn new(dataset: &'a Dataset) -> Result<Self, AttributeError> {
        let (attributes, labels) = (dataset.attributes(), dataset.labels());
        let attribute_names = attributes.iter().flat_map(dcgan_data::Attributes::names);
        let class_names = labels.iter().flat_map(dcgan_data::Labels::classes);
        let names: Vec<String> = attribute_names.chain(class_names).cloned().collect();
        if names.is_empty() {
            return Err(AttributeError::NoAttributes);
        }
        Ok(Self {
            attributes,
            labels,
            names,
        })
    }

    /// The answers for a picture, in the order of the names; `None` if it has no class.
    fn answers(&self, index: usize) -> Option<Vec<bool>> {
        let mut answers = Vec::with_capacity(self.names.len());
        if let Some(attributes) = self.attributes {
            for column in 0..attributes.names().len() {
                answers.push(attributes.get(column)?.of(index)?);
            }
        }
        if let Some(labels) = self.labels {
            let class = labels.of(index)?;
            answers.extend((0..labels.classes().len()).map(|other| other == class));
        }
        Some(answers)
    }

    /// The answers for pictures that have a class.
    pub fn answers_for(&self, indices: &[usize]) -> Vec<Vec<bool>> {
        indices
            .iter()
            .map(|&index| self.answers(index).expect("an annotated picture"))
            .collect()
    }

    /// Chooses at most `max` annotated pictures from all over the data set and holds out a fifth of
    /// them: always the same ones.
    pub fn split(&self, dataset: &Dataset, max: usize) -> TrainingSplit {
        let mut training: Vec<usize> = epoch_order(0, 0, dataset.len() as u32)
            .into_iter()
            .map(|index| index as usize)
            .filter(|&index| self.answers(index).is_some())
            .take(max)
            .collect();
        let held_out = training.split_off(training.len() - training.len() / 5);
        TrainingSplit { training, held_out }
    }
}

/// Indices of annotated pictures, in random order.
pub(super) struct TrainingSplit {
    /// To learn from.
    pub training: Vec<usize>,
    /// To measure accuracy on.
    pub held_out: Vec<usize>,
}
