//! Networks that have hardly been trained: what they draw is noise, and what they see means nothing.

use std::path::Path;

use dcgan::checkpoint::{FileHeader, WeightFile};
use dcgan::train::RunDirectory;

use super::output;
use crate::words::counted;

/// Prints a note at the end of the command if the network at `path` has made few steps. `header` is that
/// of its file.
pub fn note(path: &Path, header: &FileHeader) {
    let usual = usual_steps(path, header);
    // imported networks have made no steps here
    if header.step > 0 && header.step < usual {
        output::note_at_end(format!(
            "{} has made {}, and pictures are usually noise or blurs until about {usual}: results mean little yet",
            path.display(),
            counted(header.step, "training step"),
        ));
    }
}

/// As [`note`], for a command that reads the discriminator alone.
pub fn note_of_discriminator(path: &Path) {
    let file = if path.is_dir() {
        path.join("discriminator.safetensors")
    } else {
        path.to_owned()
    };
    // the command itself says what is wrong with a file
    if let Ok(file) = WeightFile::open(&file) {
        note(path, file.header());
    }
}

/// The steps after which such networks usually draw something.
fn usual_steps(path: &Path, header: &FileHeader) -> u64 {
    let of_run = || RunDirectory::open_shared(path).ok()?.read_config().ok();
    match header.run.clone().or_else(of_run) {
        Some(config) => config.usual_steps(),
        // it was trained at some rate: the highest needs the fewest
        None => header.model.preset.usual_steps(f64::INFINITY),
    }
}
