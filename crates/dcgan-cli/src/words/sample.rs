//! Pictures that cannot be drawn as asked.

use dcgan::sample::TruncationError;

pub fn hint(error: &TruncationError) -> Option<String> {
    match error {
        TruncationError::Uniform => Some("omit --truncation".to_owned()),
        _ => None,
    }
}
