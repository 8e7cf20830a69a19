//! What speaks against classifying.

use thiserror::Error;

use crate::feature_reader::FeatureError;
use dcgan_data::DataError;

/// Why pictures could not be classified.
#[derive(Debug, Error)]
pub enum ClassificationError {
    /// The data has no classes.
    #[error(
        "the data has no labels of at least two classes: give pictures in a sub-folder for each class, or a data set with labels{attributes}", attributes = named_attributes(.attributes)
    )]
    NoLabels {
        /// The attributes that it has.
        attributes: Vec<String>,
    },
    /// The data has no attribute of this name.
    #[error("the data has no attribute '{name}'{known}", known = known_attributes(.known))]
    UnknownAttribute {
        /// What was asked for.
        name: String,
        /// What there is, the nearest first.
        known: Vec<String>,
    },
    /// A class has not enough pictures.
    #[error(
        "the class '{class}' has {found} labelled {pictures}, and {needed} are needed: take fewer --labels-per-class, or more pictures",
        pictures = if *.found == 1 { "picture" } else { "pictures" }
    )]
    TooFew {
        /// The class.
        class: String,
        /// How many it has.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// A class to judge by was not learned.
    #[error(
        "the pictures to judge by have the class '{class}', and those to learn from have not: they have {known}"
    )]
    UnknownClass {
        /// The class.
        class: String,
        /// The classes that were learned, in words.
        known: String,
    },
    /// The features of all pictures do not fit into memory.
    #[error(
        "{features} features of each of {pictures} pictures do not fit into memory: take some of them by --labels-per-class"
    )]
    Memory {
        /// How many pictures.
        pictures: usize,
        /// How many features each has.
        features: usize,
    },
    /// Features could not be had.
    #[error(transparent)]
    Features(#[from] FeatureError),
}

impl From<DataError> for ClassificationError {
    fn from(error: DataError) -> Self {
        Self::Features(error.into())
    }
}

/// How many names a message shows.
const NAMES_SHOWN: usize = 5;

pub(super) fn some_of(names: &[String]) -> String {
    let shown = names[..names.len().min(NAMES_SHOWN)].join(", ");
    match names.len() > NAMES_SHOWN {
        true => format!("{shown}, …"),
        false => shown,
    }
}

fn named_attributes(names: &[String]) -> String {
    match names.is_empty() {
        true => String::new(),
        false => format!(
            "; or name one of its attributes by --attribute: {}",
            some_of(names)
        ),
    }
}

fn known_attributes(names: &[String]) -> String {
    match names.is_empty() {
        true => ": it has none at all".to_owned(),
        false => format!(": there are {}", some_of(names)),
    }
}
