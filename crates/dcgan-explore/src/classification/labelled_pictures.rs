//! The classes of a data set's pictures.

use super::ClassificationError;
use super::error::some_of;
use dcgan_data::Dataset;

/// Pictures and their classes, each of which has some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledPictures {
    classes: Vec<String>,
    labels: Vec<Option<usize>>,
}

impl LabelledPictures {
    /// The classes that a data set has.
    ///
    /// # Errors
    /// A data set without at least two classes.
    pub fn of_classes(dataset: &Dataset) -> Result<Self, ClassificationError> {
        let no_labels = || ClassificationError::NoLabels {
            attributes: dataset
                .attributes()
                .map(|attributes| attributes.names().to_vec())
                .unwrap_or_default(),
        };
        let known = dataset.labels().ok_or_else(no_labels)?;
        let labels = (0..dataset.len()).map(|index| known.of(index)).collect();
        let pictures = Self::without_empty_classes(known.classes(), labels);
        match pictures.classes.len() {
            0 | 1 => Err(no_labels()),
            _ => Ok(pictures),
        }
    }

    /// Two classes: pictures of which an attribute does not hold, and of which it does.
    ///
    /// # Errors
    /// An attribute that the data set has not, or that holds of all pictures or of none.
    pub fn of_attribute(dataset: &Dataset, name: &str) -> Result<Self, ClassificationError> {
        let attributes = dataset.attributes();
        let Some(attribute) = attributes.and_then(|attributes| attributes.by_name(name)) else {
            let mut known = attributes.map_or_else(Vec::new, |all| all.names().to_vec());
            let small = name.to_lowercase();
            known.sort_by_cached_key(|other| strsim::levenshtein(&small, &other.to_lowercase()));
            let name = name.to_owned();
            return Err(ClassificationError::UnknownAttribute { name, known });
        };
        let classes = [
            format!("not {}", attribute.name()),
            attribute.name().to_owned(),
        ];
        let label = |index| attribute.of(index).map(usize::from);
        let labels = (0..dataset.len()).map(label).collect();
        let pictures = Self::without_empty_classes(&classes, labels);
        match &pictures.classes[..] {
            [_, _] => Ok(pictures),
            _ => {
                let missing = classes
                    .iter()
                    .find(|class| !pictures.classes.contains(class));
                Err(ClassificationError::TooFew {
                    class: missing.cloned().unwrap_or_default(),
                    found: 0,
                    needed: 2,
                })
            }
        }
    }

    fn without_empty_classes(names: &[String], labels: Vec<Option<usize>>) -> Self {
        let mut has_some = vec![false; names.len()];
        for label in labels.iter().flatten() {
            has_some[*label] = true;
        }
        let numbers: Vec<usize> = has_some
            .iter()
            .scan(0, |next, &some| {
                let number = *next;
                *next += usize::from(some);
                Some(number)
            })
            .collect();
        let named = names.iter().zip(&has_some).filter(|(_, some)| **some);
        Self {
            classes: named.map(|(name, _)| name.clone()).collect(),
            labels: labels
                .into_iter()
                .map(|label| label.map(|label| numbers[label]))
                .collect(),
        }
    }

    /// The names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The class of each picture, if it has one.
    pub fn labels(&self) -> &[Option<usize>] {
        &self.labels
    }

    /// The numbers of all pictures that have a class.
    pub fn labelled(&self) -> Vec<usize> {
        let all = 0..self.labels.len();
        all.filter(|&index| self.labels[index].is_some()).collect()
    }

    /// The numbers of each class's pictures.
    pub(super) fn by_class(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.classes.len()];
        for (index, label) in self.labels.iter().enumerate() {
            if let Some(label) = label {
                members[*label].push(index);
            }
        }
        members
    }

    /// The classes of pictures that have one.
    pub(super) fn labels_of(&self, indices: &[usize]) -> Vec<usize> {
        let label = |&index: &usize| self.labels[index].expect("a picture with a label");
        indices.iter().map(label).collect()
    }

    /// The number that each class has among others.
    pub(super) fn numbers_in(&self, others: &[String]) -> Result<Vec<usize>, ClassificationError> {
        let number = |class: &String| {
            let found = others.iter().position(|other| other == class);
            found.ok_or_else(|| ClassificationError::UnknownClass {
                class: class.clone(),
                known: some_of(others),
            })
        };
        self.classes.iter().map(number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_without_pictures_are_left_out() {
        let names = ["a", "b", "c"].map(String::from);
        let pictures =
            LabelledPictures::without_empty_classes(&names, vec![Some(2), None, Some(0)]);
        assert_eq!(pictures.classes(), ["a", "c"]);
        assert_eq!(pictures.labels(), [Some(1), None, Some(0)]);
        assert_eq!(pictures.labelled(), [0, 2]);
        assert_eq!(pictures.by_class(), [vec![2], vec![0]]);
    }
}
