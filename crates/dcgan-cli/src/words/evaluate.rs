//! Figures that cannot be computed.

use dcgan_evaluate::EvaluationError;

pub fn hint(error: &EvaluationError) -> Option<String> {
    let hint = match error {
        EvaluationError::TooFew { .. } => "give more pictures, or a larger -n",
        EvaluationError::TooSmall { .. } => {
            "leave it out of --metrics, or give a larger --image-size"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}
