//! Weight files and checkpoints that cannot be used.

use dcgan::checkpoint::{FileError, FileKind};

use crate::shared::quoted::quoted;

pub fn hint(error: &FileError) -> Option<String> {
    let hint = match error {
        FileError::Damaged { .. }
        | FileError::Model { .. }
        | FileError::DrawsNoNumbers { .. }
        | FileError::Senseless { .. } => "use another checkpoint or an intact copy",
        FileError::Foreign { .. } => "dcgan reads only files that it wrote itself",
        FileError::PyTorch { path } => {
            return Some(format!(
                "`dcgan import {} -o {}` converts it",
                quoted(path),
                quoted(&path.with_extension("safetensors"))
            ));
        }
        FileError::Onnx { .. } => "give the run or the weight file that it was exported from",
        FileError::NoReport {
            is_in_use: true, ..
        } => "wait for its first report",
        FileError::NoReport { path, .. } => {
            return Some(format!(
                "`dcgan train --resume {}` continues it",
                quoted(path)
            ));
        }
        FileError::Schema { .. } => "use the version of dcgan that wrote it, or a newer one",
        FileError::NotAFile { .. } => {
            "give a checkpoint, a generator.safetensors or a run directory"
        }
        FileError::Kind {
            found: FileKind::Discriminator,
            ..
        } => "export it with --discriminator",
        FileError::Kind {
            found: FileKind::Generator,
            ..
        } => "omit --discriminator",
        FileError::NoAverage { .. } => "omit --raw",
        FileError::TooLargeForHalf { .. } => "omit --half",
        FileError::NoGenerator { .. } => {
            "give a run directory with at least one report, a checkpoint, or a generator file"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}
