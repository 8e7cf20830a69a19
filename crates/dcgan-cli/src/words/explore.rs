//! Exploring a trained model.

use std::io::ErrorKind;

use dcgan::latent::{LatentFileError, LatentFileProblem};
use dcgan_explore::attributes::AttributeError;
use dcgan_explore::classification::ClassificationError;

/// How many attributes a hint lists.
const MAX_NAMES: usize = 5;

pub fn attribute_hint(error: &AttributeError) -> Option<String> {
    let hint = match error {
        AttributeError::NoAttributes => {
            "use data that has them, such as CelebA with its list_attr_celeba.txt, or demo"
        }
        AttributeError::EmptyDescription { .. } => {
            "say what the pictures show, such as \"smiling woman\""
        }
        AttributeError::TooFewMatches { .. } => {
            "draw more samples with --count, or describe something that the generator draws more often"
        }
        AttributeError::NoContrast { .. } => {
            "draw more samples with --count, or take an attribute that the generator draws more often"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

pub fn classification_hint(error: &ClassificationError) -> Option<String> {
    match error {
        ClassificationError::NoLabels { attributes } => {
            let classes = "give pictures in a sub-folder for each class, or a data set with labels";
            if attributes.is_empty() {
                return Some(classes.to_owned());
            }
            let mut names = attributes.clone();
            if names.len() > MAX_NAMES {
                names.truncate(MAX_NAMES);
                names.push("…".to_owned());
            }
            Some(format!(
                "{classes}, or name one of its attributes with --attribute: {}",
                names.join(", ")
            ))
        }
        ClassificationError::TooFew { .. } => {
            Some("take fewer --labels-per-class, or more pictures".to_owned())
        }
        ClassificationError::OutOfMemory { .. } => {
            Some("use some of them with --labels-per-class".to_owned())
        }
        _ => None,
    }
}

pub fn latent_file_hint(error: &LatentFileError) -> Option<String> {
    let hint = match error {
        LatentFileError::Invalid {
            problem: LatentFileProblem::NoDirection,
            ..
        } => "`dcgan direction` writes directions",
        LatentFileError::Invalid { .. } => {
            "give a file written by `dcgan project` or `dcgan direction`"
        }
        LatentFileError::Read { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
            "check its permissions"
        }
        LatentFileError::OtherModel { .. } => "it belongs to another model",
        _ => return None,
    };
    Some(hint.to_owned())
}
