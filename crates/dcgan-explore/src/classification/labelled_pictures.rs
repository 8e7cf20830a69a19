//! The classes of a data set's pictures.

use super::ClassificationError;
use dcgan_data::Dataset;

/// The classes of pictures. Each class has at least one picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledPictures {
    classes: Vec<String>,
    labels: Vec<Option<usize>>,
}

impl LabelledPictures {
    /// The data set's own classes.
    ///
    /// # Errors
    /// If the data set does not have at least two classes.
    pub fn from_classes(dataset: &Dataset) -> Result<Self, ClassificationError> {
        let no_labels = || ClassificationError::NoLabels {
            attributes: dataset
                .attributes()
                .map(|attributes| attributes.names().to_vec())
                .unwrap_or_default(),
        };
        let known = dataset.labels().ok_or_else(no_labels)?;
        let labels = (0..dataset.len()).map(|index| known.of(index)).collect();
        let pictures = Self::without_empty_classes(known.classes(), labels);
        if pictures.classes.len() < 2 {
            return Err(no_labels());
        }
        Ok(pictures)
    }

    /// Two classes: the pictures without an attribute, and those with it.
    ///
    /// # Errors
    /// If the data set does not have the attribute, or all pictures have it, or none.
    pub fn from_attribute(dataset: &Dataset, name: &str) -> Result<Self, ClassificationError> {
        let attributes = dataset.attributes();
        let Some(attribute) = attributes.and_then(|attributes| attributes.by_name(name)) else {
            let names = attributes.map_or_else(Vec::new, |all| all.names().to_vec());
            return Err(unknown(name, names));
        };
        let name = attribute.name();
        let classes = [format!("not {name}"), name.to_owned()];
        let labels = (0..dataset.len())
            .map(|index| attribute.of(index).map(usize::from))
            .collect();
        let pictures = Self::without_empty_classes(&classes, labels);
        let empty = classes
            .iter()
            .find(|class| !pictures.classes.contains(class));
        match empty {
            None => Ok(pictures),
            Some(class) => Err(ClassificationError::TooFew {
                class: class.clone(),
                found: 0,
                needed: 2,
            }),
        }
    }

    /// Checks that one of `names` is that of an attribute, as
    /// [`from_attribute`](Self::from_attribute) would find it.
    ///
    /// # Errors
    /// If none is.
    pub fn check_attribute(name: &str, names: &[String]) -> Result<(), ClassificationError> {
        if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            Ok(())
        } else {
            Err(unknown(name, names.to_vec()))
        }
    }

    fn without_empty_classes(names: &[String], labels: Vec<Option<usize>>) -> Self {
        let mut has_pictures = vec![false; names.len()];
        for label in labels.iter().flatten() {
            has_pictures[*label] = true;
        }
        let mut classes = Vec::new();
        let mut new_label = vec![0; names.len()];
        for (label, name) in names.iter().enumerate() {
            if has_pictures[label] {
                new_label[label] = classes.len();
                classes.push(name.clone());
            }
        }
        Self {
            classes,
            labels: labels
                .into_iter()
                .map(|label| label.map(|label| new_label[label]))
                .collect(),
        }
    }

    /// The names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The class of each picture, `None` if it has none.
    pub fn labels(&self) -> &[Option<usize>] {
        &self.labels
    }

    /// The indices of all pictures that have a class.
    pub fn labelled(&self) -> Vec<usize> {
        (0..self.labels.len())
            .filter(|&index| self.labels[index].is_some())
            .collect()
    }

    /// The indices of each class's pictures.
    pub(super) fn by_class(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.classes.len()];
        for (index, label) in self.labels.iter().enumerate() {
            if let Some(label) = label {
                members[*label].push(index);
            }
        }
        members
    }

    /// The classes of labelled pictures.
    pub(super) fn labels_of(&self, indices: &[usize]) -> Vec<usize> {
        indices
            .iter()
            .map(|&index| self.labels[index].expect("a labelled picture"))
            .collect()
    }

    /// The index of each class among `others`.
    pub(super) fn class_indices_in(
        &self,
        others: &[String],
    ) -> Result<Vec<usize>, ClassificationError> {
        let index_of = |class: &String| {
            let found = others.iter().position(|other| other == class);
            found.ok_or_else(|| ClassificationError::UnknownClass {
                class: class.clone(),
                known: others.to_vec(),
            })
        };
        self.classes.iter().map(index_of).collect()
    }
}

/// The error of a name that is none of `names`.
fn unknown(name: &str, mut names: Vec<String>) -> ClassificationError {
    let wanted = name.to_lowercase();
    names.sort_by_cached_key(|other| strsim::levenshtein(&wanted, &other.to_lowercase()));
    ClassificationError::UnknownAttribute {
        name: name.to_owned(),
        similar: names,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_without_pictures_are_dropped() {
        let names = ["a", "b", "c"].map(String::from);
        let pictures =
            LabelledPictures::without_empty_classes(&names, vec![Some(2), None, Some(0)]);
        assert_eq!(pictures.classes(), ["a", "c"]);
        assert_eq!(pictures.labels(), [Some(1), None, Some(0)]);
        assert_eq!(pictures.labelled(), [0, 2]);
        assert_eq!(pictures.by_class(), [vec![2], vec![0]]);
    }
}
