//! Why attributes could not be learned or found.

use thiserror::Error;

use super::vocabulary::UnknownWord;
use dcgan_data::DataError;

/// Why there is no answer to a question about attributes.
#[derive(Debug, Error)]
pub enum AttributeError {
    /// The data says nothing of its pictures.
    #[error(
        "the data has neither attributes nor classes to learn from: give data that has them, such \
         as CelebA with its list_attr_celeba.txt, or demo"
    )]
    NoAttributes,
    /// Pictures of another form than the discriminator takes.
    #[error("the pictures are {found}, and the discriminator takes {needed}")]
    OtherPictures {
        /// What the data set has.
        found: String,
        /// What the discriminator takes.
        needed: String,
    },
    /// There is no attribute that holds for enough pictures, and does not hold for enough.
    #[error(
        "no attribute holds for at least {least} of {pictures} pictures and fails for as many: \
         there is too little to learn from"
    )]
    TooFew {
        /// How many pictures it takes.
        least: usize,
        /// How many there are.
        pictures: usize,
    },
    /// A name or a word that means no attribute.
    #[error(transparent)]
    Unknown(#[from] UnknownWord),
    /// An attribute of which there are too few examples.
    #[error(
        "{name} cannot be learned: it holds for {held} of {pictures} pictures, and at least {least} \
         must have it and as many must not"
    )]
    Unlearned {
        /// Its name.
        name: String,
        /// For how many pictures it holds.
        held: usize,
        /// How many pictures there are.
        pictures: usize,
        /// How many it takes.
        least: usize,
    },
    /// A group that is to have an attribute and not to have it.
    #[error("'{words}' asks for {name} and for its contrary")]
    Contradiction {
        /// The group as it was written.
        words: String,
        /// The attribute.
        name: String,
    },
    /// Words of which none says anything about a picture.
    #[error("'{words}' names no attribute: say what the pictures have, such as \"smiling woman\"")]
    NoCondition {
        /// The group as it was written.
        words: String,
    },
    /// A group that the generator has drawn too few pictures of.
    #[error(
        "'{words}': only {found} of {drawn} drawn pictures look like that, and {needed} are \
         needed: draw more candidates, or ask for something that the generator draws more often"
    )]
    NoCandidates {
        /// The group as it was written.
        words: String,
        /// How many were found.
        found: usize,
        /// How many were drawn.
        drawn: usize,
        /// How many are needed.
        needed: usize,
    },
    /// An attribute that all drawn pictures share, so that nothing tells them apart.
    #[error(
        "{name}: {held} of {drawn} drawn pictures have it: the generator does not draw both kinds"
    )]
    OneKind {
        /// The attribute.
        name: String,
        /// For how many it holds.
        held: usize,
        /// How many were drawn.
        drawn: usize,
    },
    /// A picture that cannot be read any more.
    #[error(transparent)]
    Data(#[from] DataError),
}
