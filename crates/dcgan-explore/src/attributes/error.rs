//! Why attributes could not be learned or found.

use thiserror::Error;

use crate::feature_reader::PictureMismatch;
use dcgan_data::DataError;

/// Why a question about attributes has no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AttributeError {
    /// The data does not say what its pictures show.
    #[error("the data has neither attributes nor classes to learn from")]
    NoAttributes,
    /// The data set does not fit the discriminator.
    #[error(transparent)]
    Mismatch(#[from] PictureMismatch),
    /// No attribute has enough examples.
    #[error(
        "no attribute can be learned: none is present in at least {needed} of {pictures} pictures \
         and absent from at least {needed}"
    )]
    NothingToLearn {
        /// Pictures in the training split.
        pictures: usize,
        /// How many must have an attribute, and how many must not.
        needed: usize,
    },
    /// A word without a meaning.
    #[error(transparent)]
    UnknownWord(#[from] UnknownWord),
    /// An attribute has too few examples.
    #[error(
        "{name} cannot be learned: it is present in {with} of {pictures} pictures, and must be \
         present in at least {needed} and absent from at least {needed}"
    )]
    TooFewExamples {
        /// The attribute.
        name: String,
        /// Pictures with the attribute.
        with: usize,
        /// Pictures in the training split.
        pictures: usize,
        /// How many must have the attribute, and how many must not.
        needed: usize,
    },
    /// A description contradicts itself.
    #[error("'{words}' asks for {name} and for its opposite")]
    Contradiction {
        /// The description.
        words: String,
        /// The attribute.
        name: String,
    },
    /// A description has no word that names an attribute.
    #[error("'{words}' names no attribute")]
    EmptyDescription {
        /// The description.
        words: String,
    },
    /// Too few samples match a description.
    #[error("'{words}': only {found} of {drawn} samples match, but {needed} are needed")]
    TooFewMatches {
        /// The description.
        words: String,
        /// Matching samples that are not taken by another group.
        found: usize,
        /// All samples.
        drawn: usize,
        /// How many must match.
        needed: usize,
    },
    /// Nearly all samples have an attribute, or nearly none.
    #[error(
        "{name}: {with} of {drawn} samples have it, and at least {needed} with it and {needed} \
         without it are needed"
    )]
    NoContrast {
        /// The attribute.
        name: String,
        /// Samples with the attribute.
        with: usize,
        /// All samples.
        drawn: usize,
        /// How many must have the attribute, and how many must not.
        needed: usize,
    },
    /// A picture could not be read.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// A word that means no attribute.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no attribute is called '{word}'; the most similar are {similar}", similar = .similar.join(", "))]
pub struct UnknownWord {
    /// The word as it was written.
    pub word: String,
    /// The most similar known words, the best first.
    pub similar: Vec<String>,
}
