//! Class labels and attributes of a data set.

use super::Dataset;

/// The class labels of a data set's pictures.
///
/// ```no_run
/// # use dcgan_data::{DataSource, Dataset, PictureOptions};
/// # use std::path::Path;
/// let source = DataSource::at(Path::new("flowers/"));
/// let dataset = Dataset::load(&source, &PictureOptions::default(), &|_, _| {}, &|| false)?;
/// if let Some(labels) = dataset.labels() {
///     for (class, count) in labels.classes().iter().zip(labels.counts()) {
///         println!("{class}: {count} pictures");
///     }
/// }
/// # Ok::<(), dcgan_data::DataError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    dataset: &'a Dataset,
    classes: &'a [String],
}

impl<'a> Labels<'a> {
    pub(crate) fn new(dataset: &'a Dataset, classes: &'a [String]) -> Self {
        Self { dataset, classes }
    }

    /// The names of the classes, at least two, by number.
    pub fn classes(&self) -> &'a [String] {
        self.classes
    }

    /// The class of a picture; `None` if it has none or there is no such picture.
    pub fn of(&self, index: usize) -> Option<usize> {
        self.dataset.facts(index)?.label
    }

    /// The number of pictures in each class.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        for class in (0..self.dataset.len()).filter_map(|index| self.of(index)) {
            counts[class] += 1;
        }
        counts
    }
}

/// The attributes of a data set's pictures: named properties that each picture has or has not.
///
/// ```no_run
/// # use dcgan_data::{DataSource, Dataset, PictureOptions};
/// # use std::path::Path;
/// let source = DataSource::at(Path::new("img_align_celeba.zip"));
/// let dataset = Dataset::load(&source, &PictureOptions::default(), &|_, _| {}, &|| false)?;
/// let attributes = dataset.attributes();
/// let smiling = attributes.and_then(|attributes| attributes.by_name("Smiling"));
/// if let Some(smiling) = smiling {
///     println!("{} of {} smile", smiling.count(), dataset.len());
/// }
/// # Ok::<(), dcgan_data::DataError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    dataset: &'a Dataset,
    names: &'a [String],
}

impl<'a> Attributes<'a> {
    pub(crate) fn new(dataset: &'a Dataset, names: &'a [String]) -> Self {
        Self { dataset, names }
    }

    /// The names, in order.
    pub fn names(&self) -> &'a [String] {
        self.names
    }

    /// The attribute called `name`, ignoring case.
    pub fn by_name(&self, name: &str) -> Option<Attribute<'a>> {
        let column = self
            .names
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name))?;
        self.get(column)
    }

    /// The attribute at an index into [`names`](Self::names).
    pub fn get(&self, column: usize) -> Option<Attribute<'a>> {
        let name = self.names.get(column)?;
        let dataset = self.dataset;
        Some(Attribute {
            dataset,
            name,
            column,
        })
    }
}

/// One attribute of every picture.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    dataset: &'a Dataset,
    name: &'a str,
    column: usize,
}

impl<'a> Attribute<'a> {
    /// The name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Whether a picture has it; `None` if there is no such picture.
    pub fn of(&self, index: usize) -> Option<bool> {
        let row = self.dataset.attribute_row(index)?;
        row.get(self.column).map(|&value| value == 1)
    }

    /// The number of pictures that have it.
    pub fn count(&self) -> usize {
        let all = 0..self.dataset.len();
        all.filter(|&index| self.of(index) == Some(true)).count()
    }
}
