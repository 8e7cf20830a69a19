//! Files that are no Inception.

use dcgan::evaluation::InceptionFileError;
use dcgan_evaluate::inception::InceptionError;

pub fn hint(error: &InceptionFileError) -> Option<String> {
    let hint = match error {
        InceptionFileError::Weights {
            source: InceptionError::ImageNet,
            ..
        } => {
            "give pt_inception-2015-12-05-6726825d.pth, or compare runs with each other only and pass --any-inception"
        }
        InceptionFileError::Weights { .. } | InceptionFileError::Unreadable { .. } => {
            "give pytorch-fid's pt_inception-2015-12-05-6726825d.pth"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}
