//! Why pictures could not be classified.

use thiserror::Error;

use dcgan_data::DataError;

/// Why pictures could not be classified.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClassificationError {
    /// The data has no classes.
    #[error("the data has no labels of at least two classes")]
    NoLabels {
        /// The attributes that it has.
        attributes: Vec<String>,
    },
    /// The data has no attribute of this name.
    #[error("the data has no attribute '{name}'{}", known_attributes(.similar))]
    UnknownAttribute {
        /// The name that was asked for.
        name: String,
        /// The data's attributes, the most similar first.
        similar: Vec<String>,
    },
    /// A class has too few pictures.
    #[error(
        "the class '{class}' has {found} labelled {pictures}, and {needed} are needed",
        pictures = if *.found == 1 { "picture" } else { "pictures" }
    )]
    TooFew {
        /// The class.
        class: String,
        /// Its labelled pictures.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// A class of the test set is not a class of the training pictures.
    #[error("the test set has the class '{class}', but the training pictures have {}", some_of(.known))]
    UnknownClass {
        /// The class.
        class: String,
        /// The classes of the training pictures.
        known: Vec<String>,
    },
    /// The features of all pictures do not fit in memory.
    #[error("{features} features of each of {pictures} pictures do not fit in memory")]
    OutOfMemory {
        /// Pictures to learn from.
        pictures: usize,
        /// Features of a picture.
        features: usize,
    },
    /// A picture could not be read, or the work was interrupted.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// How many names a message lists.
const MAX_NAMES: usize = 5;

/// The first names of a list.
fn some_of(names: &[String]) -> String {
    let listed = names[..names.len().min(MAX_NAMES)].join(", ");
    if names.len() > MAX_NAMES {
        format!("{listed}, …")
    } else {
        listed
    }
}

fn known_attributes(names: &[String]) -> String {
    if names.is_empty() {
        ": it has no attributes".to_owned()
    } else {
        format!("; the most similar are {}", some_of(names))
    }
}
