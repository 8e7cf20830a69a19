//! Weights that do not fit a network.

use dcgan::model::ModelError;

pub fn hint(error: &ModelError) -> Option<String> {
    match error {
        ModelError::NotFinite(_) | ModelError::NegativeVariance(_) => {
            Some("take another file".to_owned())
        }
        _ => None,
    }
}
