//! What a data set says of its pictures, as questions with yes or no.

use super::AttributeError;
use dcgan_data::{Attributes, Dataset, Labels, epoch_order};

/// The least number of examples with an attribute, and without it, that it is learned from.
pub(super) const LEAST: usize = 10;

/// Attributes of a data set, and its classes as one attribute each.
pub(super) struct Known<'a> {
    attributes: Option<Attributes<'a>>,
    labels: Option<Labels<'a>>,
    /// The names of all of them.
    pub names: Vec<String>,
}

impl<'a> Known<'a> {
    /// # Errors
    /// A data set with neither.
    pub fn of(dataset: &'a Dataset) -> Result<Self, AttributeError> {
        let (attributes, labels) = (dataset.attributes(), dataset.labels());
        let of_attributes = attributes.iter().flat_map(|attributes| attributes.names());
        let of_labels = labels.iter().flat_map(|labels| labels.classes());
        let names: Vec<String> = of_attributes.chain(of_labels).cloned().collect();
        match names.is_empty() {
            true => Err(AttributeError::NoAttributes),
            false => Ok(Self {
                attributes,
                labels,
                names,
            }),
        }
    }

    /// The answers for a picture, in the order of the names; none if it has no class.
    pub fn answers(&self, index: usize) -> Option<Vec<bool>> {
        let mut answers = Vec::with_capacity(self.names.len());
        if let Some(attributes) = self.attributes {
            let all = (0..attributes.names().len()).map(|column| attributes.get(column)?.of(index));
            answers.extend(all.collect::<Option<Vec<_>>>()?);
        }
        if let Some(labels) = self.labels {
            let class = labels.of(index)?;
            answers.extend((0..labels.classes().len()).map(|other| other == class));
        }
        Some(answers)
    }

    /// The answers for pictures that have a class.
    pub fn answers_of(&self, indices: &[usize]) -> Vec<Vec<bool>> {
        let all = indices.iter().map(|&index| self.answers(index));
        all.map(|answers| answers.expect("pictures with answers were chosen"))
            .collect()
    }
}

/// Pictures with their answers: what is learned from, and what is held out.
pub(super) struct Split {
    /// Numbers of pictures to learn from, in no order.
    pub learned: Vec<usize>,
    /// Numbers of pictures to judge by.
    pub held_out: Vec<usize>,
}

impl Split {
    /// At most `most` pictures from all over the data set, a fifth of them held out: the same
    /// ones every time.
    pub fn of(dataset: &Dataset, known: &Known, most: usize) -> Self {
        let order = epoch_order(0, 0, dataset.len() as u32);
        let order = order.into_iter().map(|index| index as usize);
        let usable = order.filter(|&index| known.answers(index).is_some());
        let mut learned: Vec<usize> = usable.take(most).collect();
        let held_out = learned.split_off(learned.len() - learned.len() / 5);
        Self { learned, held_out }
    }
}
